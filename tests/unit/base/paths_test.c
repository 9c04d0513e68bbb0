/* SPDX-License-Identifier: MIT */
/* base/paths: the XDG variables, HOME, and the password file behind them. */
#include "base/paths.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void set(const char *name, const char *value)
{
	if (value)
		assert_int_equal(setenv(name, value, 1), 0);
	else
		assert_int_equal(unsetenv(name), 0);
}

static void assert_paths(
    const char *state_home, const char *config_home, const char *home, const char *state, const char *config)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	struct wake_error err;

	set("XDG_STATE_HOME", state_home);
	set("XDG_CONFIG_HOME", config_home);
	set("HOME", home);
	assert_int_equal(wake_paths_find(&paths, &err), WAKE_OK);
	assert_string_equal(paths.state, state);
	assert_memory_equal(paths.spool, state, strlen(state));
	assert_string_equal(paths.spool + strlen(state), "/spool");
	assert_string_equal(paths.config, config);
}

static void finds_by_variable_and_by_home(void **state)
{
	(void)state;
	assert_paths("/s", "/c", "/h", "/s/runwake", "/c/runwake/config");
	assert_paths("/s/", "/c/", NULL, "/s/runwake", "/c/runwake/config");
	assert_paths(NULL, NULL, "/h", "/h/.local/state/runwake", "/h/.config/runwake/config");
	assert_paths("/s", NULL, "/h", "/s/runwake", "/h/.config/runwake/config");
	assert_paths("", "", "/h", "/h/.local/state/runwake", "/h/.config/runwake/config");
	assert_paths("rel/s", "./c", "/h/", "/h/.local/state/runwake", "/h/.config/runwake/config");
}

static void makes_nothing(void **state)
{
	(void)state;
	assert_paths("/nonexistent-runwake", "/nonexistent-runwake", NULL, "/nonexistent-runwake/runwake",
	    "/nonexistent-runwake/runwake/config");
	assert_int_equal(access("/nonexistent-runwake", F_OK), -1);
}

/* Our line in the password file; NULL for a container's nameless user. free(3). */
static char *home_of_record(void)
{
	FILE *stream = fopen("/etc/passwd", "re");
	const struct passwd *entry = NULL;
	char *home = NULL;

	while (stream && (entry = fgetpwent(stream))) {
		if (entry->pw_uid == geteuid()) {
			home = strdup(entry->pw_dir);
			break;
		}
	}
	if (stream)
		(void)fclose(stream);
	return home;
}

static void falls_back_to_the_password_file(void **state)
{
	static const char *const unusable[] = { NULL, "", "relative" };
	wake_auto_free char *home = home_of_record();

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(unusable); i++) {
		wake_auto_paths struct wake_paths paths = { 0 };
		wake_auto_free char *expected = NULL;
		struct wake_error err;

		set("XDG_STATE_HOME", NULL);
		set("XDG_CONFIG_HOME", NULL);
		set("HOME", unusable[i]);
		if (!home) {
			assert_int_equal(wake_paths_find(&paths, &err), WAKE_INVALID);
			assert_null(paths.state);
			continue;
		}
		assert_true(asprintf(&expected, "%s/.local/state/runwake", home) > 0);
		assert_int_equal(wake_paths_find(&paths, &err), WAKE_OK);
		assert_string_equal(paths.state, expected);
	}
}

static void releases_twice(void **state)
{
	struct wake_paths paths = { 0 };

	(void)state;
	wake_paths_release(&paths);
	paths.state = strdup("x");
	wake_paths_release(&paths);
	wake_paths_release(&paths);
	assert_null(paths.state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_variable_and_by_home),
		cmocka_unit_test(makes_nothing),
		cmocka_unit_test(falls_back_to_the_password_file),
		cmocka_unit_test(releases_twice),
	};

	return cmocka_run_group_tests_name("base/paths", tests, NULL, NULL);
}
