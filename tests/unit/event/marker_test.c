/* SPDX-License-Identifier: MIT */
/* event/marker: believed when it is what it should be, and told why not otherwise. */
#include "event/marker.h"

#include <errno.h>
#include <fcntl.h>

#include "../base/scratch.h"
#include "base/fs.h"

#define auto_marker WAKE_CLEANUP(wake_marker_release) struct wake_marker

/* The scratch directory as wake_marker_find names it; free(3). */
static char *real_scratch(void **state)
{
	char *path = realpath(*state, NULL);

	assert_non_null(path);
	return path;
}

static void put(void **state, const char *name, const char *text)
{
	wake_auto_free char *path = scratch_path(state, name);

	scratch_write(path, text);
}

static void make_dir(void **state, const char *name)
{
	wake_auto_free char *path = scratch_path(state, name);

	assert_int_equal(mkdir(path, 0700), 0);
}

static void checks_run_ids(void **state)
{
	static const char *const good[] = { "a", "0198f0c2-7d3a-7bcd-8e12-0123456789ab", "Run_1:2@host+x=.-",
		"9" };
	static const char *const bad[] = { "", "-a", ".a", "a b", "a/b", "a\\b", "a\"b", "a'b", "a\n",
		"\xc3\xa9", "a\x7f", "a;b", "a$b" };
	char text[WAKE_RUN_ID_MAX + 2];
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(good); i++)
		assert_int_equal(wake_run_id_check(good[i], &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		if (wake_run_id_check(bad[i], &err) != WAKE_INVALID)
			fail_msg("taken: '%s'", bad[i]);
	}
	memset(text, 'x', sizeof(text));
	text[WAKE_RUN_ID_MAX] = '\0';
	assert_int_equal(wake_run_id_check(text, &err), WAKE_OK);
	text[WAKE_RUN_ID_MAX] = 'x';
	text[WAKE_RUN_ID_MAX + 1] = '\0';
	assert_int_equal(wake_run_id_check(text, &err), WAKE_INVALID);
}

static void writes_and_reads(void **state)
{
	wake_auto_free char *path = scratch_path(state, WAKE_MARKER_NAME);
	auto_marker marker = { 0 };
	auto_marker again = { 0 };
	struct wake_error err;
	struct stat st;

	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_marker_write(*state, "run:1", "space-1", &err), WAKE_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "run:1");
	assert_string_equal(marker.workspace_id, "space-1");
	assert_string_equal(marker.directory, *state);
	assert_int_equal(wake_marker_write(*state, "run:2", NULL, &err), WAKE_OK);
	assert_int_equal(wake_marker_read(*state, &again, &err), WAKE_OK);
	assert_string_equal(again.run_id, "run:2");
	assert_string_equal(again.workspace_id, "");
	assert_int_equal(wake_marker_write(*state, "no good", NULL, &err), WAKE_INVALID);
	assert_int_equal(wake_marker_write(*state, "good", "no good", &err), WAKE_INVALID);
}

static void makes_one_only_where_none_is(void **state)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct wake_error err;

	assert_int_equal(wake_marker_create(*state, "first", "space", &err), WAKE_OK);
	assert_int_equal(wake_marker_create(*state, "second", "space", &err), WAKE_EXISTS);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "first");
	assert_string_equal(marker.workspace_id, "space");
}

static void takes_what_one_printf_writes(void **state)
{
	auto_marker marker = { 0 };
	struct wake_error err;

	put(state, WAKE_MARKER_NAME, " {\"version\":1, \"run_id\":\"r\", \"ticket\":{\"mine\":[1]}}\n\n");
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "r");
}

static void believes_no_other_content(void **state)
{
	static const char *const bad[] = { "", "garbage", "[]", "{}", "null", "{\"version\":1}",
		"{\"version\":2,\"run_id\":\"r\"}", "{\"version\":\"1\",\"run_id\":\"r\"}",
		"{\"run_id\":\"r\"}", "{\"version\":1,\"run_id\":7}", "{\"version\":1,\"run_id\":\"\"}",
		"{\"version\":1,\"run_id\":\"a b\"}", "{\"version\":1,\"run_id\":\"../x\"}",
		"{\"version\":1,\"run_id\":\"r\",\"workspace_id\":7}",
		"{\"version\":1,\"run_id\":\"r\",\"workspace_id\":\"a b\"}",
		"{\"version\":1,\"run_id\":\"r\"} more", "{\"version\":1,\"run_id\":\"r\",\"run_id\":\"s\"}",
		"{\"version\":1,\"run_id\":\"r\\u0000s\"}" };
	struct wake_error err;

	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		auto_marker marker = { 0 };

		put(state, WAKE_MARKER_NAME, bad[i]);
		if (wake_marker_read(*state, &marker, &err) != WAKE_INVALID)
			fail_msg("believed: %s", bad[i]);
		assert_non_null(strstr(err.text, "remove it"));
		assert_null(marker.directory);
	}
}

static void is_bounded(void **state)
{
	char text[WAKE_MARKER_MAX + 2] = "{\"version\":1,\"run_id\":\"r\"}";
	auto_marker marker = { 0 };
	struct wake_error err;

	memset(text + strlen(text), ' ', WAKE_MARKER_MAX - strlen(text));
	put(state, WAKE_MARKER_NAME, text);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_OK);
	wake_marker_release(&marker);
	text[WAKE_MARKER_MAX] = ' ';
	put(state, WAKE_MARKER_NAME, text);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "longer"));
}

static void believes_no_other_kind_of_file(void **state)
{
	wake_auto_free char *path = scratch_path(state, WAKE_MARKER_NAME);
	wake_auto_free char *target = scratch_path(state, "target");
	auto_marker marker = { 0 };
	struct wake_error err;

	scratch_write(target, "{\"version\":1,\"run_id\":\"r\"}");
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes: it must not wait */
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_INVALID);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_INVALID);
}

static void refuse_a_strangers_file(void **state)
{
	wake_auto_free char *path = scratch_path(state, WAKE_MARKER_NAME);
	auto_marker marker = { 0 };
	struct wake_error err;

	put(state, WAKE_MARKER_NAME, "{\"version\":1,\"run_id\":\"r\"}");
	assert_int_equal(chown(path, 12345, 12345), 0);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "owner"));
	assert_int_equal(chown(*state, 12345, 12345), 0);
	assert_int_equal(wake_marker_read(*state, &marker, &err), WAKE_OK);
}

static void believes_no_stranger(void **state)
{
	if (geteuid() != 0) /* only root can give files away */
		skip();
	refuse_a_strangers_file(state);
}

static void finds_the_nearest(void **state)
{
	wake_auto_free char *deep = scratch_path(state, "a/b/c");
	wake_auto_free char *middle = scratch_path(state, "a");
	wake_auto_free char *top = real_scratch(state);
	wake_auto_free char *real_middle = NULL;
	auto_marker marker = { 0 };
	struct wake_error err;

	make_dir(state, "a");
	make_dir(state, "a/b");
	make_dir(state, "a/b/c");
	assert_int_equal(wake_marker_find(deep, &marker, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_marker_write(*state, "top", NULL, &err), WAKE_OK);
	assert_int_equal(wake_marker_find(deep, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "top");
	assert_string_equal(marker.directory, top);
	wake_marker_release(&marker);
	assert_int_equal(wake_marker_write(middle, "middle", NULL, &err), WAKE_OK);
	assert_int_equal(wake_marker_find(deep, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "middle");
	real_middle = realpath(middle, NULL);
	assert_string_equal(marker.directory, real_middle);
	wake_marker_release(&marker);
	put(state, "a/b/" WAKE_MARKER_NAME, "broken"); /* a nearer one that is broken hides it */
	assert_int_equal(wake_marker_find(deep, &marker, &err), WAKE_INVALID);
	assert_int_equal(wake_marker_find("/nowhere/at/all", &marker, &err), WAKE_NOTFOUND);
}

static void search_past_an_owner(void **state)
{
	wake_auto_free char *theirs = scratch_path(state, "theirs");
	auto_marker marker = { 0 };
	struct wake_error err;

	make_dir(state, "theirs");
	assert_int_equal(chown(theirs, 12345, 12345), 0);
	assert_int_equal(wake_marker_write(*state, "ours", NULL, &err), WAKE_OK);
	assert_int_equal(wake_marker_find(theirs, &marker, &err), WAKE_NOTFOUND);
}

static void stops_where_the_owner_changes(void **state)
{
	if (geteuid() != 0) /* only root can give files away */
		skip();
	search_past_an_owner(state);
}

static void removes_only_its_own(void **state)
{
	wake_auto_free char *path = scratch_path(state, WAKE_MARKER_NAME);
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(wake_marker_remove(*state, NULL, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_marker_remove(*state, "a", &err), WAKE_NOTFOUND);
	assert_int_equal(wake_marker_write(*state, "a", "w", &err), WAKE_OK);
	assert_int_equal(wake_marker_remove(*state, "b", &err), WAKE_NOTFOUND);
	assert_true(wake_fs_is_file(path));
	assert_int_equal(wake_marker_remove(*state, "a", &err), WAKE_OK);
	assert_false(wake_fs_is_file(path));
	put(state, WAKE_MARKER_NAME, "broken");
	assert_int_equal(wake_marker_remove(*state, "a", &err), WAKE_NOTFOUND);
	assert_int_equal(wake_marker_remove(*state, NULL, &err), WAKE_OK);
	assert_int_equal(wake_fs_list(*state, 10, &names, &err), WAKE_OK);
	assert_int_equal(names.count, 0); /* nothing is left beside it either */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_run_ids),
		scratch_test(writes_and_reads),
		scratch_test(makes_one_only_where_none_is),
		scratch_test(takes_what_one_printf_writes),
		scratch_test(believes_no_other_content),
		scratch_test(is_bounded),
		scratch_test(believes_no_other_kind_of_file),
		scratch_test(believes_no_stranger),
		scratch_test(finds_the_nearest),
		scratch_test(stops_where_the_owner_changes),
		scratch_test(removes_only_its_own),
	};

	return cmocka_run_group_tests_name("marker", tests, NULL, NULL);
}
