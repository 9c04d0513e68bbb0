/* SPDX-License-Identifier: MIT */
/* Finding out where git looks for hooks, and whether ours may go there. */
#include "cli/wiring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "hooks/contract.h"

#define CONFIG_MAX (64 * 1024)        /* bytes of git's answer about one setting */
#define LISTED_MAX (64 * 1024 * 1024) /* bytes of names of tracked files */

const char *const wake_wiring_names[WAKE_WIRING_HOOKS] = { "post-checkout", "post-commit", "post-merge",
	"post-applypatch", "post-rewrite", "pre-push" };

static int check_programs(const char *directory, struct wake_error *err)
{
	for (size_t i = 0; i < WAKE_WIRING_HOOKS; i++) {
		wake_auto_free char *program = NULL;
		int ret = wake_fs_join(directory, wake_wiring_names[i], &program, err);

		if (ret < 0)
			return ret;
		if (access(program, X_OK) < 0)
			return wake_fail(err, WAKE_NOTFOUND,
			    "the hook program '%s' is not there: install Runwake again (make install)",
			    program);
	}
	return WAKE_OK;
}

int wake_wiring_programs(const char *runwake, char **ret_directory, struct wake_error *err)
{
	wake_auto_free char *prefix = NULL;
	wake_auto_free char *directory = NULL;
	char *slash = NULL;
	int ret = wake_str_copy(runwake, &prefix, err);

	for (int levels = 0; ret == WAKE_OK && levels < 2; levels++) {
		slash = strrchr(prefix, '/');
		if (slash)
			*slash = '\0';
	}
	if (ret == WAKE_OK)
		ret = wake_str_format(&directory, err, "%s/libexec/runwake/hooks", prefix);
	if (ret == WAKE_OK)
		ret = check_programs(directory, err);
	if (ret == WAKE_OK) {
		*ret_directory = directory;
		directory = NULL; /* the caller's now */
	}
	return ret;
}

int wake_wiring_git(const char *directory, const char *const *args, const char *set,
    struct wake_process_result *ret_result, struct wake_error *err)
{
	const char *argv[16] = { "git", "--no-optional-locks" };
	const char *const sets[] = { "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", set, NULL };
	struct wake_process_spec spec = {
		.argv = argv, .directory = directory, .set = sets, .output_max = LISTED_MAX
	};
	size_t count = 2;

	for (; *args && count < WAKE_COUNT(argv) - 1; args++)
		argv[count++] = *args;
	return wake_process_run(&spec, ret_result, err);
}

static const char *home_of(const struct wake_worktree *worktree)
{
	return worktree->root ? worktree->root : worktree->git_dir;
}

/* core.hooksPath as it counts here: its scope ("local", "worktree", "global", "system") and value; NULL if
 * unset. */
static int read_setting(
    const struct wake_worktree *worktree, char **ret_scope, char **ret_value, struct wake_error *err)
{
	static const char *const args[] = { "config", "-z", "--show-scope", "--type=path", "--get",
		"core.hooksPath", NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	const char *value;
	int ret = wake_wiring_git(home_of(worktree), args, NULL, &result, err);

	if (ret < 0 || result.exit_code == 1)
		return ret;
	if (result.exit_code != 0)
		return wake_fail(err, WAKE_UNAVAILABLE, "git cannot read the settings of '%s': %s",
		    home_of(worktree), wake_str_text(&result.errors));
	value = memchr(wake_str_text(&result.output), '\0', result.output.len);
	if (!value || result.output.len > CONFIG_MAX ||
	    (size_t)(value - result.output.data) + 1 > result.output.len)
		return wake_fail(err, WAKE_UNAVAILABLE, "git does not say what core.hooksPath is in '%s'",
		    home_of(worktree));
	ret = wake_str_copy(result.output.data, ret_scope, err);
	return ret < 0 ? ret : wake_str_copy(value + 1, ret_value, err);
}

static bool is_within(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Would our files there show up in git status? Then it is the repository's content, not its configuration. */
static int is_content(const char *root, const char *directory, bool *ret_content, struct wake_error *err)
{
	wake_auto_process struct wake_process_result listed = { 0 };
	wake_auto_process struct wake_process_result ignored = { 0 };
	wake_auto_free char *probe = NULL;
	const char *const list[] = { "--literal-pathspecs", "ls-files", "-z", "--", directory, NULL };
	int ret = wake_wiring_git(root, list, NULL, &listed, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(&probe, err, "%s/post-commit" WAKE_HOOK_CHAINED_SUFFIX, directory);
	if (ret < 0)
		return ret;
	if (listed.output.len == 0) {
		const char *const check[] = { "check-ignore", "-q", "--", probe, NULL };

		ret = wake_wiring_git(root, check, NULL, &ignored, err);
	}
	if (ret == WAKE_OK)
		*ret_content = listed.output.len > 0 || ignored.exit_code != 0;
	return ret;
}

/* In whichever tree the directory lies: this repository's, or that of somebody's dotfiles. */
static int judge_tree(struct wake_hooks_place *place, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree around = { 0 };
	bool content = false;
	int ret = wake_worktree_find(place->directory, &around, err);

	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret < 0)
		return ret;
	if (!around.root || is_within(place->directory, around.git_dir) ||
	    is_within(place->directory, around.common_dir))
		return WAKE_OK;
	ret = is_content(around.root, place->directory, &content, err);
	if (ret < 0 || !content)
		return ret;
	place->place = WAKE_PLACE_TRACKED;
	(void)snprintf(place->problem, sizeof(place->problem),
	    "this hooks directory is under version control, and such a one is never written to: call "
	    "Runwake's hooks from "
	    "those in it, or let core.hooksPath name another and install again; until then each reading "
	    "command catches up");
	return WAKE_OK;
}

static void missing(struct wake_hooks_place *place)
{
	place->place = WAKE_PLACE_MISSING;
	(void)snprintf(place->problem, sizeof(place->problem),
	    "core.hooksPath names a directory that is not there, so no hook runs: make it or unset "
	    "core.hooksPath, then "
	    "install again; until then each reading command catches up");
}

static void shared(struct wake_hooks_place *place, const char *scope)
{
	place->place = WAKE_PLACE_SHARED;
	(void)snprintf(place->problem, sizeof(place->problem),
	    "core.hooksPath is set for %s, and other repositories use it too: install with --shared to wire "
	    "it for all "
	    "(they are not recorded), or set another one in this repository; until then each reading command "
	    "catches up",
	    strcmp(scope, "global") == 0 ? "all your repositories" : "the whole machine");
}

static int judge(struct wake_hooks_place *place, const struct wake_worktree *worktree, const char *scope,
    const char *programs, bool share, struct wake_error *err)
{
	wake_auto_free char *common = NULL;
	wake_auto_free char *real = NULL;
	int ret = wake_fs_resolve(worktree->common_dir, &common, err);

	if (ret < 0)
		return ret;
	if (!wake_fs_is_dir(place->directory)) {
		/* git's own default may be made; what somebody else has named may not. */
		if (scope)
			missing(place);
		place->inside = !scope;
		return WAKE_OK;
	}
	ret = wake_fs_resolve(place->directory, &real, err);
	if (ret < 0)
		return ret;
	free(place->directory);
	place->directory = real;
	real = NULL; /* the place's now */
	place->inside = is_within(place->directory, common);
	if (programs && strcmp(place->directory, programs) == 0)
		place->place = WAKE_PLACE_PROGRAMS;
	else if (!share && scope && (strcmp(scope, "global") == 0 || strcmp(scope, "system") == 0))
		shared(place, scope);
	else if (!place->inside)
		return judge_tree(place, err);
	return WAKE_OK;
}

static int find_place(const struct wake_worktree *worktree, const char *programs, bool share,
    struct wake_hooks_place *place, struct wake_error *err)
{
	wake_auto_free char *scope = NULL;
	wake_auto_free char *value = NULL;
	int ret = wake_str_copy(home_of(worktree), &place->worktree, err);

	if (ret == WAKE_OK)
		ret = read_setting(worktree, &scope, &value, err);
	/* A relative one counts from where hooks are run (githooks(5)). */
	if (ret == WAKE_OK && value)
		ret = wake_fs_join(home_of(worktree), value, &place->directory, err);
	else if (ret == WAKE_OK)
		ret = wake_fs_join(worktree->common_dir, "hooks", &place->directory, err);
	return ret < 0 ? ret : judge(place, worktree, scope, programs, share, err);
}

int wake_wiring_place(const struct wake_worktree *worktree, const char *programs, bool share,
    struct wake_hooks_place *ret_place, struct wake_error *err)
{
	struct wake_hooks_place place = { 0 };
	int ret = find_place(worktree, programs, share, &place, err);

	if (ret < 0)
		wake_hooks_place_release(&place);
	else
		*ret_place = place;
	return ret;
}

void wake_hooks_place_release(struct wake_hooks_place *place)
{
	free(place->directory);
	free(place->worktree);
	*place = (struct wake_hooks_place){ 0 };
}

int wake_wiring_places(const char *common_dir, const char *programs, bool share,
    struct wake_hooks_places *ret_places, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	wake_auto_places struct wake_hooks_places places = { 0 };
	int ret = wake_worktree_list(common_dir, &worktrees, err);

	if (ret == WAKE_OK) {
		places.items = calloc(worktrees.count + 1, sizeof(*places.items));
		ret = places.items ? WAKE_OK : wake_fail_nomem(err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < worktrees.count; i++) {
		if (!wake_fs_is_dir(home_of(&worktrees.items[i])))
			continue;
		ret =
		    wake_wiring_place(&worktrees.items[i], programs, share, &places.items[places.count], err);
		places.count += ret == WAKE_OK;
	}
	if (ret == WAKE_OK) {
		*ret_places = places;
		places = (struct wake_hooks_places){ 0 }; /* the caller's now */
	}
	return ret;
}

void wake_hooks_places_release(struct wake_hooks_places *places)
{
	for (size_t i = 0; i < places->count; i++)
		wake_hooks_place_release(&places->items[i]);
	free(places->items);
	*places = (struct wake_hooks_places){ 0 };
}
