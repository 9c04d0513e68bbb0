/* SPDX-License-Identifier: MIT */
/* event/worktree_config: where a repository came from. What says where its worktree is, worktree_test.c has.
 */
#include "event/worktree_config.h"

#include "fake_repo.h"

static void its_origin_is_read_as_git_does(void **state)
{
	static const struct {
		const char *text, *origin;
	} files[] = {
		{ "[remote \"origin\"]\n\turl = https://h/r\n\tfetch = +refs/*\n", "https://h/r" },
		{ "[Remote \"origin\"] URL=\"a b\" # comment\n", "a b" },
		{ "[remote \"origin\"]\nurl = one\nurl = two\n", "one" },
		{ "[remote \"Origin\"]\nurl = no\n[remote]\nurl = no\n[remote \"origin2\"]\nurl = no\n",
		    NULL },
		{ "[remote \"origin\"]\npushurl = no\n[core]\nurl = no\n", NULL },
		{ "[remote \"origin\"]\nurl\n", NULL },
		{ "", NULL },
	};
	const char *dir = *state;
	struct wake_error err;

	for (size_t i = 0; i < WAKE_COUNT(files); i++) {
		WAKE_CLEANUP(wake_worktree_config_release) struct wake_worktree_config config = { 0 };

		repo_write(dir, "config", files[i].text);
		assert_int_equal(wake_worktree_config_read(dir, &config, &err), WAKE_OK);
		if (files[i].origin)
			assert_string_equal(config.origin, files[i].origin);
		else
			assert_null(config.origin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(its_origin_is_read_as_git_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
