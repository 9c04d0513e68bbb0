/* SPDX-License-Identifier: MIT */
/* watcher/options: one option at most. */
#include "watcher/options.h"

#include "../base/scratch.h"

static int mode_of(const char *first, const char *second, enum wake_watcher_mode *ret_mode)
{
	const char *args[] = { first, second, NULL };
	struct wake_error err = { 0 };
	int ret = wake_watcher_mode_of(args, ret_mode, &err);

	assert_true(ret == WAKE_OK || strstr(err.text, "--help"));
	return ret;
}

static void knows_its_words(void **state)
{
	static const struct {
		const char *word;
		enum wake_watcher_mode mode;
	} rows[] = { { NULL, WAKE_WATCHER_FOREGROUND }, { "--detach", WAKE_WATCHER_DETACH },
		{ "--stop", WAKE_WATCHER_STOP }, { "--status", WAKE_WATCHER_STATUS },
		{ "-h", WAKE_WATCHER_HELP }, { "--help", WAKE_WATCHER_HELP }, { "-V", WAKE_WATCHER_VERSION },
		{ "--version", WAKE_WATCHER_VERSION } };
	enum wake_watcher_mode mode;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		mode = (enum wake_watcher_mode) - 1;
		assert_int_equal(mode_of(rows[i].word, NULL, &mode), WAKE_OK);
		assert_int_equal(mode, rows[i].mode);
		if (rows[i].word && strlen(rows[i].word) > 2)
			assert_non_null(strstr(wake_watcher_help, rows[i].word));
	}
}

static void refuses_everything_else(void **state)
{
	static const char *const words[] = { "", "-", "--", "--detac", "--detach=1", "start", "-x" };
	enum wake_watcher_mode mode = WAKE_WATCHER_HELP;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(words); i++)
		assert_int_equal(mode_of(words[i], NULL, &mode), WAKE_INVALID);
	assert_int_equal(mode_of("--stop", "--detach", &mode), WAKE_INVALID);
	assert_int_equal(mode, WAKE_WATCHER_HELP); /* untouched */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_words),
		cmocka_unit_test(refuses_everything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
