/* SPDX-License-Identifier: MIT */
/* watcher/tree_verdicts: what is remembered of files. */
#include "watcher/tree_verdicts.h"

#include "../base/scratch.h"

static void remembers(void **state)
{
	struct wake_verdicts verdicts = { 0 };

	(void)state;
	assert_int_equal(wake_verdicts_of(&verdicts, "a"), WAKE_VERDICT_UNKNOWN);
	wake_verdicts_set(&verdicts, "a", WAKE_VERDICT_UNKNOWN);
	assert_null(verdicts.places);
	wake_verdicts_set(&verdicts, "a", WAKE_VERDICT_ASKED);
	wake_verdicts_set(&verdicts, "b", WAKE_VERDICT_IGNORED);
	assert_int_equal(wake_verdicts_of(&verdicts, "a"), WAKE_VERDICT_ASKED);
	wake_verdicts_set(&verdicts, "a", WAKE_VERDICT_SHOWN);
	assert_int_equal(wake_verdicts_of(&verdicts, "a"), WAKE_VERDICT_SHOWN);
	assert_int_equal(wake_verdicts_of(&verdicts, "b"), WAKE_VERDICT_IGNORED);
	wake_verdicts_set(&verdicts, "b", WAKE_VERDICT_UNKNOWN);
	assert_int_equal(wake_verdicts_of(&verdicts, "b"), WAKE_VERDICT_UNKNOWN);
	wake_verdicts_clear(&verdicts);
	assert_int_equal(wake_verdicts_of(&verdicts, "a"), WAKE_VERDICT_UNKNOWN);
}

/* Forgetting is fine; a verdict of another path would not be. */
static void never_mixes_up(void **state)
{
	struct wake_verdicts verdicts = { 0 };
	unsigned known = 0;
	char path[32];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(path, sizeof(path), "dir/file-%u", i);
		wake_verdicts_set(&verdicts, path, i % 3 == 0 ? WAKE_VERDICT_IGNORED : WAKE_VERDICT_SHOWN);
	}
	for (unsigned i = 0; i < 20000; i++) {
		enum wake_verdict verdict;

		(void)snprintf(path, sizeof(path), "dir/file-%u", i);
		verdict = wake_verdicts_of(&verdicts, path);
		if (verdict == WAKE_VERDICT_UNKNOWN)
			continue;
		known++;
		assert_int_equal(verdict, i % 3 == 0 ? WAKE_VERDICT_IGNORED : WAKE_VERDICT_SHOWN);
	}
	assert_true(known > 3000); /* of 4,096 places */
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(path, sizeof(path), "other/file-%u", i);
		assert_int_equal(wake_verdicts_of(&verdicts, path), WAKE_VERDICT_UNKNOWN);
	}
	wake_verdicts_clear(&verdicts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers),
		cmocka_unit_test(never_mixes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
