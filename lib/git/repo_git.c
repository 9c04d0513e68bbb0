/* SPDX-License-Identifier: MIT */
/* git as a process: always with the same guards, never in the user's way. */
#include "git/repo.h"

#include <string.h>

#include "base/fs.h"
#include "git/repo_inside.h"

#define ARGS_MAX 8192 /* the caller's; their bytes are the kernel's to bound (execve(2)) */
#define SETTINGS_MAX ((size_t)256 * 1024)

/* Nothing that a hostile configuration names may run, nothing is fetched, nothing is written or asked.
 * Objects count as they are, without replacements. A repository of another owner is fine, since we name it
 * outright. */
static const char *const guards[] = { "git", "--no-optional-locks", "--no-pager", "-c",
	"protocol.allow=never", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null" };
static const char *const environment[] = { "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "GIT_NO_REPLACE_OBJECTS=1",
	"GIT_NO_LAZY_FETCH=1", NULL };

int wake_repo_git(struct wake_repo *repo, const char *const *args, const char *input, size_t input_len,
    size_t output_max, struct wake_process_result *ret_result, struct wake_error *err)
{
	const struct wake_worktree *worktree = &repo->worktree;
	wake_auto_free const char **argv = NULL;
	wake_auto_free char *git_dir = NULL;
	wake_auto_free char *work_tree = NULL;
	size_t count = WAKE_COUNT(guards), given = 0;
	int ret = wake_str_format(&git_dir, err, "--git-dir=%s", worktree->git_dir);

	if (ret == WAKE_OK && repo->has_root)
		ret = wake_str_format(&work_tree, err, "--work-tree=%s", worktree->root);
	if (ret < 0)
		return ret;
	while (args[given])
		given++;
	if (given > ARGS_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d arguments for git", ARGS_MAX);
	argv = calloc(count + 2 + given + 1, sizeof(*argv));
	if (!argv)
		return wake_fail_nomem(err);
	memcpy(argv, guards, sizeof(guards));
	argv[count++] = git_dir;
	argv[count++] = repo->has_root ? work_tree : "--bare";
	memcpy(argv + count, args, given * sizeof(*args));

	const struct wake_process_spec spec = { .argv = argv,
		.directory = repo->has_root ? worktree->root : worktree->git_dir,
		.set = environment,
		.input = input,
		.input_len = input_len,
		.output_max = output_max };

	return wake_process_run(&spec, ret_result, err);
}

int wake_fail_git(struct wake_error *err, const struct wake_process_result *result, const char *what)
{
	/* LC_ALL=C: these are git's own words. The last is what a partial clone says when it may not fetch.
	 */
	static const char *const missing[] = { "bad object", "unable to read", "not a valid object",
		"unknown revision", "could not fetch" };
	const char *text = wake_str_text(&result->errors), *fatal = strstr(text, "fatal: ");
	const char *line = fatal ? fatal : text;
	int len = (int)strcspn(line, "\n");

	for (size_t i = 0; i < WAKE_COUNT(missing); i++) {
		if (strcasestr(text, missing[i]))
			return wake_fail(err, WAKE_NOTFOUND, "%s: %.*s", what, len, line);
	}
	return wake_fail(
	    err, WAKE_UNAVAILABLE, "%s: git exits with %d: %.*s", what, result->exit_code, len, line);
}

/* One "key\nvalue\0" of `git config -z`. */
static int take_setting(struct wake_repo *repo, const char *entry, struct wake_error *err)
{
	static const char attributes[] = "core.attributesfile\n", tree[] = "attr.tree\n";

	if (strncmp(entry, tree, sizeof(tree) - 1) == 0)
		repo->attr_tree = true;
	if (strncmp(entry, attributes, sizeof(attributes) - 1) != 0)
		return WAKE_OK;
	free(repo->attributes_file);
	repo->attributes_file = NULL;
	return wake_str_copy(entry + sizeof(attributes) - 1, &repo->attributes_file, err);
}

int wake_repo_read_settings(struct wake_repo *repo, struct wake_error *err)
{
	static const char *const args[] = { "config", "-z", "--type=path", "--get-regexp",
		"^(core\\.attributesfile|attr\\.tree)$", NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	size_t at = 0;
	int ret;

	if (repo->settings_read)
		return WAKE_OK;
	ret = wake_repo_git(repo, args, NULL, 0, SETTINGS_MAX, &result, err);
	if (ret == WAKE_OK && result.exit_code > 1) /* 1: none is set */
		ret = wake_fail_git(err, &result, "read git's settings");
	while (ret == WAKE_OK && at < result.output.len) {
		ret = take_setting(repo, result.output.data + at, err);
		at += strlen(result.output.data + at) + 1;
	}
	repo->settings_read = ret == WAKE_OK;
	return ret;
}
