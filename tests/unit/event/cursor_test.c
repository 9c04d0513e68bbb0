/* SPDX-License-Identifier: MIT */
/* event/cursor: kept, never moved back by a slower witness, and never believed when damaged. */
#include "event/cursor.h"

#include "fake_repo.h"

#define LAST "018bcfe5-6800-8f6d-bb9f-a99e1489447c"

static struct wake_paths paths_in(void *const *state)
{
	return (struct wake_paths){ .state = scratch_path(state, "state"), .spool = scratch_path(state, "state/spool") };
}

static struct wake_cursor sample(uint64_t end, int64_t at)
{
	struct wake_cursor cursor = { .at = at, .mark = { .inode = UINT64_MAX, .end = end, .line = 7, .ordinal = 3,
					  .peak = -5, .peak_from = 2 } };

	memcpy(cursor.boot_id, LAST, sizeof(LAST));
	memcpy(cursor.last_id, LAST, sizeof(LAST));
	memcpy(cursor.implied, HASH_A, sizeof(HASH_A));
	return cursor;
}

static void save(const struct wake_paths *paths, const struct wake_cursor *cursor, const struct wake_cursor *before)
{
	struct wake_error err = { 0 };

	if (wake_cursor_save(paths, "c", cursor, before, &err) < 0)
		fail_msg("%s", err.text);
}

static struct wake_cursor load(const struct wake_paths *paths)
{
	struct wake_cursor cursor = { 0 };
	struct wake_error err = { 0 };

	if (wake_cursor_load(paths, "c", &cursor, &err) < 0)
		fail_msg("%s", err.text);
	return cursor;
}

static void keeps_everything(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	struct wake_cursor cursor = sample(UINT64_MAX, INT64_MAX), loaded;

	save(&paths, &cursor, NULL);
	loaded = load(&paths);
	assert_memory_equal(&loaded.mark, &cursor.mark, sizeof(cursor.mark));
	assert_true(loaded.at == cursor.at);
	assert_string_equal(loaded.last_id, LAST);
	assert_string_equal(loaded.boot_id, LAST);
	assert_string_equal(loaded.implied, HASH_A);
	cursor.last_id[0] = cursor.implied[0] = cursor.boot_id[0] = '\0';
	save(&paths, &cursor, &loaded);
	loaded = load(&paths);
	assert_string_equal(loaded.last_id, "");
	assert_string_equal(loaded.boot_id, "");
	assert_string_equal(loaded.implied, "");
}

static void never_moves_back_behind_another_witness(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	struct wake_cursor before = sample(100, 1000), faster = sample(300, 1001), slower = sample(200, 1002);

	save(&paths, &before, NULL);
	save(&paths, &faster, &before);
	save(&paths, &slower, &before); /* it had loaded the same, and read less */
	assert_true(load(&paths).mark.end == 300);
	save(&paths, &slower, NULL);
	assert_true(load(&paths).mark.end == 300);
}

/* The number of an inode comes back: a smaller offset in it is then right. */
static void moves_back_where_the_file_is_another(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	struct wake_cursor old = sample(300, 1000), shorter = sample(100, 1001), other = sample(50, 1002),
			   rebooted = sample(20, 1003);

	save(&paths, &old, NULL);
	save(&paths, &shorter, &old);
	assert_true(load(&paths).mark.end == 100);
	other.mark.inode = 5;
	save(&paths, &other, NULL);
	assert_true(load(&paths).mark.end == 50);
	rebooted.mark.inode = 5;
	rebooted.boot_id[0] = '\0';
	save(&paths, &rebooted, NULL);
	assert_true(load(&paths).mark.end == 20);
}

static void believes_nothing_that_is_damaged(void **state)
{
	wake_auto_paths struct wake_paths paths = paths_in(state);
	wake_auto_free char *path = NULL;
	wake_auto_free char *good = NULL;
	struct wake_cursor cursor = sample(100, 1000);
	struct wake_error err;
	size_t len = 0;

	assert_int_equal(wake_cursor_load(&paths, "c", &cursor, &err), WAKE_NOTFOUND);
	save(&paths, &cursor, NULL);
	assert_int_equal(wake_cursor_path(&paths, "c", &path, &err), WAKE_OK);
	assert_int_equal(wake_fs_read(path, 4096, WAKE_FS_PLAIN, &good, &len, &err), WAKE_OK);
	for (size_t cut = 0; cut < len; cut++) { /* also as a crash may leave it */
		assert_int_equal(truncate(path, (off_t)cut), 0);
		assert_int_equal(wake_cursor_load(&paths, "c", &cursor, &err), WAKE_NOTFOUND);
		scratch_write(path, good);
		assert_int_equal(wake_cursor_load(&paths, "c", &cursor, &err), WAKE_OK);
	}
	repo_append(*state, "state/spool/cursors/c", "more\n");
	assert_int_equal(wake_cursor_load(&paths, "c", &cursor, &err), WAKE_NOTFOUND);
	for (size_t i = 0; i < 200; i++)
		repo_append(*state, "state/spool/cursors/c", "and more\n");
	assert_int_equal(wake_cursor_load(&paths, "c", &cursor, &err), WAKE_NOTFOUND);
	wake_cursor_remove(&paths, "c");
	assert_false(wake_fs_is_file(path));
}

static void parses_no_mark_that_cannot_be(void **state)
{
	static const char *const bad[] = { "", "1 2 3", "1 2 3 4 5", "-1 2 1 0 0 1", "1 2 3 0 0 1", "1 2 1 0 0 3", "x 2 1 0 0 1",
		"1 2 1 0 99999999999999999999 1", "99999999999999999999 2 1 0 0 1" };
	struct wake_reflog_mark mark = { 0 };
	const char *text = "1 9 2 3 -4 5 rest";

	(void)state;
	assert_true(wake_cursor_parse_mark(&text, &mark));
	assert_string_equal(text, "rest");
	assert_true(mark.inode == 1 && mark.end == 9 && mark.line == 2 && mark.ordinal == 3 && mark.peak == -4 &&
	    mark.peak_from == 5);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		text = bad[i];
		assert_false(wake_cursor_parse_mark(&text, &mark));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(keeps_everything),
		scratch_test(never_moves_back_behind_another_witness),
		scratch_test(moves_back_where_the_file_is_another),
		scratch_test(believes_nothing_that_is_damaged),
		cmocka_unit_test(parses_no_mark_that_cannot_be),
	};

	return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}
