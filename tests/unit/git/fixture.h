/* SPDX-License-Identifier: MIT */
/* Repositories made by git itself, in a directory of the test's own, with nothing of the user's around. */
#ifndef WAKE_TEST_GIT_FIXTURE_H
#define WAKE_TEST_GIT_FIXTURE_H

#include "../base/scratch.h"
#include "base/fs.h"
#include "base/process.h"
#include "git/repo.h"

#define SAID_MAX ((size_t)1024 * 1024)

/* As scratch_make; HOME and git's settings point into the directory from here on. */
static inline int fixture_make(void **state)
{
	static const char settings[] = "[user]\nname = Ann Example\nemail = ann@example.org\n[init]\ndefaultBranch = main\n"
				       "[protocol \"file\"]\nallow = always\n[advice]\ndetachedHead = false\n[gc]\nauto = 0\n";
	int ret = scratch_make(state);
	wake_auto_free char *config = NULL;

	if (ret < 0)
		return ret;
	config = scratch_path(state, ".gitconfig");
	scratch_write(config, settings);
	(void)setenv("HOME", *state, 1);
	(void)setenv("XDG_CONFIG_HOME", *state, 1);
	(void)setenv("GIT_CONFIG_GLOBAL", config, 1);
	(void)setenv("GIT_CONFIG_SYSTEM", "/dev/null", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	return 0;
}

/* What a shell script says in the directory, without its last newline; it must succeed. free(3). */
static inline char *fixture_say(void *const *state, const char *script)
{
	const char *const argv[] = { "sh", "-euc", script, NULL };
	const struct wake_process_spec spec = { .argv = argv, .directory = *state, .output_max = SAID_MAX };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err = { 0 };
	char *said = NULL;

	if (wake_process_run(&spec, &result, &err) < 0)
		fail_msg("%s", err.text);
	if (result.exit_code != 0)
		fail_msg("'%s' exits with %d: %s", script, result.exit_code, wake_str_text(&result.errors));
	if (result.output.len > 0 && result.output.data[result.output.len - 1] == '\n')
		result.output.data[--result.output.len] = '\0';
	assert_int_equal(wake_str_steal(&result.output, &said, &err), WAKE_OK);
	return said;
}

static inline void fixture_do(void *const *state, const char *script)
{
	free(fixture_say(state, script));
}

/* Compares what a script says. */
static inline void fixture_expect(void *const *state, const char *actual, const char *script)
{
	wake_auto_free char *said = fixture_say(state, script);

	assert_string_equal(actual, said);
}

static inline struct wake_repo *fixture_open(void *const *state, const char *name)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *path = scratch_path(state, name);
	struct wake_repo *repo = NULL;
	struct wake_error err = { 0 };

	if (wake_worktree_find(path, &worktree, &err) < 0 || wake_repo_open(&worktree, &repo, &err) < 0)
		fail_msg("%s", err.text);
	return repo;
}

static inline void fixture_free(struct wake_repo **repo)
{
	wake_repo_free(*repo);
}

#define auto_repo WAKE_CLEANUP(fixture_free) struct wake_repo
#define fixture_test(fn) cmocka_unit_test_setup_teardown(fn, fixture_make, scratch_remove)

#endif
