/* SPDX-License-Identifier: MIT */
/* Marker and claim when memory, disk or file system fail at any one call: what is said to be done is done,
 * else the old state stands, and nothing is left lying about. */
#include "event/claim.h"

#include <errno.h>

#include "../unit/base/scratch.h"
#include "base/fs.h"
#include "wrap.h"

#define NTH_MAX 1000 /* a loop that has not ended by then never will */
#define auto_marker WAKE_CLEANUP(wake_marker_release) struct wake_marker

/* The run that directory's marker names; free(3). "" if there is none. */
static char *marked(const char *directory)
{
	auto_marker marker = { 0 };
	struct wake_error err;
	int ret = wake_marker_read(directory, &marker, &err);

	if (ret != WAKE_OK && ret != WAKE_NOTFOUND)
		fail_msg("%s", err.text);
	return strdup(marker.run_id);
}

static size_t count_in(const char *directory)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(wake_fs_list(directory, 100, &names, &err), WAKE_OK);
	return names.count;
}

/* ---- marker ----------------------------------------------------------------------------------- */

static bool write_with(void **state, enum wrap_call call, unsigned long nth)
{
	wake_auto_free char *found = NULL;
	struct wake_error err = { 0 };
	bool fired;
	int ret;

	assert_int_equal(wake_marker_write(*state, "old", NULL, &err), WAKE_OK);
	wrap_fail(call, nth, ENOSPC);
	ret = wake_marker_write(*state, "new", "w", &err);
	fired = wrap_stop();
	found = marked(*state);
	assert_string_equal(found, ret == WAKE_OK ? "new" : "old");
	assert_true(ret == WAKE_OK || (fired && err.text[0]));
	assert_int_equal(count_in(*state), 1);
	return fired;
}

static void writes_a_marker_whole_or_not(void **state)
{
	static const enum wrap_call calls[] = { WRAP_MEMORY, WRAP_WRITE, WRAP_SHORT_WRITE, WRAP_RENAME };

	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		unsigned long nth = 1;

		while (write_with(state, calls[i], nth))
			assert_true(++nth < NTH_MAX);
		assert_true(nth > 1);
	}
}

/* A failing read must neither crash nor give half a marker. */
static void reads_a_marker_whole_or_not(void **state)
{
	struct wake_error err;
	bool fired = true;

	assert_int_equal(wake_marker_write(*state, "run", "w", &err), WAKE_OK);
	for (unsigned long nth = 1; fired; nth++) {
		auto_marker marker = { 0 };
		int ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = wake_marker_find(*state, &marker, &err);
		fired = wrap_stop();
		assert_string_equal(marker.run_id, ret == WAKE_OK ? "run" : "");
		assert_true(ret == WAKE_OK || fired);
		assert_true((ret == WAKE_OK) == (marker.directory != NULL));
	}
}

static bool remove_with(void **state, enum wrap_call call, unsigned long nth)
{
	wake_auto_free char *found = NULL;
	struct wake_error err = { 0 };
	bool fired;
	int ret;

	assert_int_equal(wake_marker_write(*state, "run", NULL, &err), WAKE_OK);
	wrap_fail(call, nth, EIO);
	ret = wake_marker_remove(*state, "run", &err);
	fired = wrap_stop();
	found = marked(*state);
	assert_string_equal(found, ret == WAKE_OK ? "" : "run");
	assert_true(ret == WAKE_OK || fired);
	assert_int_equal(count_in(*state), ret == WAKE_OK ? 0 : 1);
	return fired;
}

static void removes_a_marker_or_leaves_it(void **state)
{
	static const enum wrap_call calls[] = { WRAP_MEMORY, WRAP_RENAME, WRAP_UNLINK };

	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		unsigned long nth = 1;

		while (remove_with(state, calls[i], nth))
			assert_true(++nth < NTH_MAX);
		assert_true(nth > 1);
	}
}

/* ---- claim ------------------------------------------------------------------------------------ */

static bool take_with(void **state, enum wrap_call call, unsigned long nth, bool replace)
{
	wake_auto_free char *git_dir = scratch_path(state, "git");
	wake_auto_free char *ours = scratch_path(state, "git/runwake");
	const struct wake_worktree worktree = { .git_dir = git_dir, .common_dir = git_dir };
	struct wake_claim claim = { 0 };
	struct wake_error err = { 0 };
	bool fired;
	int ret;

	assert_int_equal(wake_fs_make_dirs(ours, &err), WAKE_OK);
	if (replace)
		assert_int_equal(wake_claim_take(&worktree, "old", NULL, true, NULL, &err), WAKE_OK);
	wrap_fail(call, nth, ENOSPC);
	ret = wake_claim_take(&worktree, "new", "w", replace, NULL, &err);
	fired = wrap_stop();
	assert_true(ret == WAKE_OK || (fired && err.text[0]));
	if (ret == WAKE_OK || replace) {
		assert_int_equal(wake_claim_read(&worktree, &claim, &err), WAKE_OK);
		assert_string_equal(claim.run_id, ret == WAKE_OK ? "new" : "old");
		assert_int_equal(wake_claim_release(&worktree, claim.run_id, &err), WAKE_OK);
	}
	assert_int_equal(wake_claim_read(&worktree, &claim, &err), WAKE_NOTFOUND);
	assert_int_equal(count_in(ours), 0);
	return fired;
}

static void takes_a_claim_or_not(void **state)
{
	static const enum wrap_call calls[] = { WRAP_MEMORY, WRAP_WRITE, WRAP_SHORT_WRITE, WRAP_RENAME,
		WRAP_LINK };

	for (size_t i = 0; i < WAKE_COUNT(calls) * 2; i++) {
		for (unsigned long nth = 1; take_with(state, calls[i / 2], nth, i % 2); nth++)
			assert_true(nth < NTH_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(writes_a_marker_whole_or_not),
		scratch_test(reads_a_marker_whole_or_not),
		scratch_test(removes_a_marker_or_leaves_it),
		scratch_test(takes_a_claim_or_not),
	};

	wrap_json();
	return cmocka_run_group_tests_name("marker under faults", tests, NULL, NULL);
}
