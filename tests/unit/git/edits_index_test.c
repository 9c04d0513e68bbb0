/* SPDX-License-Identifier: MIT */
/* git/edits_index: what in an index file is beyond the walk. The files are git's own. */
#include <string.h>

#include "fixture.h"
#include "git/edits_inside.h"

#define START                                                                                                \
	"git init -q r; cd r; mkdir d; seq 3 >a; seq 2 >d/bb; seq 1 >ccc; git add .; git commit -q -m one;"

static bool is_special(void *const *state, const char *script)
{
	wake_auto_free char *path = scratch_path(state, "r/.git/index");
	wake_auto_free char *data = NULL;
	struct wake_error err = { 0 };
	size_t len;

	fixture_do(state, script);
	assert_int_equal(wake_fs_read(path, SAID_MAX, WAKE_FS_PLAIN, &data, &len, &err), WAKE_OK);
	for (size_t cut = 0; cut < len;
	     cut++) /* none of the beginnings is an index, and none is read beyond its end */
		(void)wake_index_is_special(data, cut);
	return wake_index_is_special(data, len);
}

static void test_plain_indexes(void **state)
{
	assert_false(is_special(state, START));
	assert_false(is_special(state, "cd r; git update-index --index-version 4"));
	assert_false(is_special(
	    state, "cd r; git update-index --index-version 3; seq 9 >new; git add new; git rm -q a"));
	assert_false(is_special(state,
	    "cd r; name=$(printf '%0200d' 0); mkdir -p $name/$name; echo x >$name/$name/x; git add ."));
	assert_false(is_special(state, "cd r; git update-index --untracked-cache"));
}

static void test_names_longer_than_the_flags_can_say(void **state)
{
	static const char script[] =
	    "cd r; name=$(printf '%0250d' 0); long=x; for i in $(seq 20); do long=$long/$name; done; "
	    "blob=$(git hash-object -w a); git update-index --add --cacheinfo 100644,$blob,$long";

	fixture_do(state, START);
	assert_false(is_special(state, script));
	assert_false(is_special(state, "cd r; git update-index --index-version 4"));
}

static void test_special_indexes(void **state)
{
	fixture_do(state, START);
	assert_true(is_special(state, "cd r; git update-index --assume-unchanged a"));
	assert_false(is_special(state, "cd r; git update-index --no-assume-unchanged a"));
	assert_true(is_special(state, "cd r; git update-index --skip-worktree d/bb"));
	assert_false(is_special(state, "cd r; git update-index --no-skip-worktree d/bb"));
	assert_true(is_special(state, "cd r; echo n >n; git add -N n"));
	assert_true(is_special(state, "cd r; git update-index --index-version 4"));
	assert_false(is_special(state, "cd r; git add n"));
	assert_true(is_special(state, "cd r; git update-index --split-index"));
	assert_false(is_special(state, "cd r; git update-index --no-split-index"));
	assert_true(is_special(state, "cd r; git sparse-checkout set --cone --sparse-index d"));
}

static void test_a_conflict(void **state)
{
	assert_true(is_special(state, START "git checkout -q -b side; echo side >a; git commit -q -a -m "
	                                    "side; git checkout -q main; echo main >a;"
	                                    "git commit -q -a -m main; git merge -q side >/dev/null || :"));
}

static void test_what_is_no_index(void **state)
{
	static const char zeros[64] = { 0 };
	char text[] = "DIRC\0\0\0\2\377\377\377\377aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	(void)state;
	assert_true(wake_index_is_special("", 0));
	assert_true(wake_index_is_special(zeros, sizeof(zeros)));
	assert_true(wake_index_is_special(text, sizeof(text) - 1));
	text[7] = 5;
	assert_true(wake_index_is_special(text, sizeof(text) - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_plain_indexes),
		fixture_test(test_names_longer_than_the_flags_can_say),
		fixture_test(test_special_indexes),
		fixture_test(test_a_conflict),
		cmocka_unit_test(test_what_is_no_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
