/* SPDX-License-Identifier: MIT */
/* Which store a state directory works with. */
#include "../base/scratch.h"

#include "base/fs.h"
#include "store/record.h"

static struct wake_error err;

static void find(void *const *state, struct wake_paths *paths)
{
	char *dir = scratch_path(state, "state"), *config = scratch_path(state, "config");

	assert_int_equal(setenv("XDG_STATE_HOME", dir, 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", config, 1), 0);
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_int_equal(wake_paths_find(paths, &err), WAKE_OK);
	free(dir);
	free(config);
}

static void the_default_lies_in_the_state_directory(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *url = NULL, *expected = NULL;

	find(state, &paths);
	assert_int_equal(wake_store_locate(&paths, &url, &err), WAKE_OK);
	assert_true(asprintf(&expected, "sqlite:%s/runwake.db", paths.state) > 0);
	assert_string_equal(url, expected);
}

static void the_environment_outranks_the_settings(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *url = NULL, *text = NULL, *dir = NULL;

	find(state, &paths);
	dir = scratch_path(state, "config/runwake");
	assert_int_equal(wake_fs_make_dirs(dir, &err), WAKE_OK);
	scratch_write(paths.config, "[runwake]\n\tstore = sqlite:/from/settings.db\n");
	assert_int_equal(setenv("RUNWAKE_STORE", "sqlite:/from/environment.db", 1), 0);
	assert_int_equal(wake_store_locate(&paths, &url, &err), WAKE_OK);
	assert_string_equal(url, "sqlite:/from/environment.db");
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_int_equal(wake_store_locate(&paths, &text, &err), WAKE_OK); /* asking binds nothing */
	assert_string_equal(text, "sqlite:/from/settings.db");
}

static void a_state_directory_keeps_its_store(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_store struct wake_store *store = NULL, *none = NULL;
	wake_auto_free char *url = NULL;

	find(state, &paths);
	/* What cannot be opened binds nothing. */
	assert_int_equal(setenv("RUNWAKE_STORE", "mysql://mistyped", 1), 0);
	assert_int_equal(wake_store_open_located(&paths, &none, &err), WAKE_INVALID);
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_int_equal(wake_store_open_located(&paths, &store, &err), WAKE_OK);
	assert_int_equal(setenv("RUNWAKE_STORE", "sqlite:/another.db", 1), 0);
	assert_int_equal(wake_store_locate(&paths, &url, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "belongs to the store 'sqlite:"));
	assert_non_null(strstr(err.text, "sqlite:/another.db"));
}

static void a_password_in_the_url_is_refused(void **state)
{
	static const char *const urls[] = { "postgresql://u:secret@h/d", "postgres://u:@h/d",
		"postgresql://h/d?password=secret" };
	wake_auto_paths struct wake_paths paths = { 0 };

	find(state, &paths);
	for (size_t i = 0; i < WAKE_COUNT(urls); i++) {
		wake_auto_free char *url = NULL;

		assert_int_equal(setenv("RUNWAKE_STORE", urls[i], 1), 0);
		assert_int_equal(wake_store_locate(&paths, &url, &err), WAKE_INVALID);
		assert_non_null(strstr(err.text, "passfile"));
		assert_null(strstr(err.text, "secret"));
	}
	assert_false(wake_fs_is_dir(paths.state)); /* a refusal binds nothing */
}

static void a_line_break_in_the_url_is_refused(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *url = NULL;

	find(state, &paths);
	assert_int_equal(setenv("RUNWAKE_STORE", "sqlite:/a\nb", 1), 0);
	assert_int_equal(wake_store_locate(&paths, &url, &err), WAKE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_default_lies_in_the_state_directory),
		scratch_test(the_environment_outranks_the_settings),
		scratch_test(a_state_directory_keeps_its_store),
		scratch_test(a_password_in_the_url_is_refused),
		scratch_test(a_line_break_in_the_url_is_refused),
	};

	return cmocka_run_group_tests_name("locate", tests, NULL, NULL);
}
