/* SPDX-License-Identifier: MIT */
/* cli/agent_settings: the file that is meant is found, and what somebody else wrote meanwhile is not lost. */
#include "cli/agent_settings.h"

#include "../base/scratch.h"
#include "base/fs.h"

static struct wake_error err;

static void the_place_is_the_agents(void **state)
{
	wake_auto_free char *named = NULL, *home = NULL, *none = NULL;

	(void)state;
	assert_int_equal(setenv("HOME", "/home/ann", 1), 0);
	assert_int_equal(setenv("CLAUDE_CONFIG_DIR", "/conf", 1), 0);
	assert_int_equal(wake_agent_settings_find(&named, &err), WAKE_OK);
	assert_string_equal(named, "/conf/settings.json");
	assert_int_equal(setenv("CLAUDE_CONFIG_DIR", "", 1), 0);
	assert_int_equal(wake_agent_settings_find(&home, &err), WAKE_OK);
	assert_string_equal(home, "/home/ann/.claude/settings.json");
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(wake_agent_settings_find(&none, &err), WAKE_INVALID);
}

/* The path is the same before and after the file is made, whatever links lead there. */
static void a_missing_file_has_its_path_already(void **state)
{
	wake_auto_free char *real = scratch_path(state, "real"), *link = scratch_path(state, "link"),
	                    *through = scratch_path(state, "link/a/b/settings.json"),
	                    *file = scratch_path(state, "real/a/b/settings.json"),
	                    *directory = scratch_path(state, "real/a/b");
	wake_auto_agent_settings struct wake_agent_settings missing = { 0 }, made = { 0 };

	assert_int_equal(mkdir(real, 0700), 0);
	assert_int_equal(symlink("real", link), 0);
	assert_int_equal(wake_agent_settings_read(through, &missing, &err), WAKE_OK);
	assert_false(missing.is_there);
	assert_string_equal(missing.path, file);
	assert_string_equal(missing.text, "");
	assert_int_equal(wake_fs_make_dirs(directory, &err), WAKE_OK);
	assert_int_equal(wake_agent_settings_replace(&missing, "{}", 2, 0600, &err), WAKE_OK);
	assert_int_equal(wake_agent_settings_read(through, &made, &err), WAKE_OK);
	assert_true(made.is_there);
	assert_string_equal(made.path, file);
	assert_int_equal(made.st.st_mode & 07777, 0600);
}

static void what_came_meanwhile_stays(void **state)
{
	wake_auto_free char *path = scratch_path(state, "settings.json"), *text = NULL;
	wake_auto_agent_settings struct wake_agent_settings before = { 0 }, there = { 0 };
	size_t len;

	assert_int_equal(wake_agent_settings_read(path, &before, &err), WAKE_OK);
	scratch_write(path, "{\"a\":1}");
	assert_int_equal(wake_agent_settings_replace(&before, "{}", 2, 0600, &err), WAKE_BUSY);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(wake_agent_settings_read(path, &there, &err), WAKE_OK);
	assert_int_equal(wake_agent_settings_check(&there, &err), WAKE_OK);
	scratch_write(path, "{\"a\":2}");
	assert_int_equal(wake_agent_settings_replace(&there, "{}", 2, 0600, &err), WAKE_BUSY);
	assert_int_equal(wake_agent_settings_remove(&there, &err), WAKE_BUSY);
	assert_int_equal(wake_fs_read(path, 100, WAKE_FS_PLAIN, &text, &len, &err), WAKE_OK);
	assert_string_equal(text, "{\"a\":2}");
	scratch_write(path, "{\"a\":1}");
	assert_int_equal(wake_agent_settings_replace(&there, "{}", 2, 0600, &err), WAKE_OK);
	assert_int_equal(stat(path, &there.st), 0);
	assert_int_equal(there.st.st_mode & 07777, 0604);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(wake_agent_settings_replace(&there, "{}", 2, 0600, &err), WAKE_BUSY);
}

static void what_is_no_file_is_refused(void **state)
{
	wake_auto_free char *fifo = scratch_path(state, "fifo"), *link = scratch_path(state, "link"),
	                    *below = scratch_path(state, "plain/settings.json"),
	                    *plain = scratch_path(state, "plain");
	struct wake_agent_settings settings = { 0 };

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(wake_agent_settings_read(fifo, &settings, &err), WAKE_INVALID);
	assert_int_equal(symlink("nowhere", link), 0);
	assert_int_equal(wake_agent_settings_read(link, &settings, &err), WAKE_INVALID);
	scratch_write(plain, "");
	assert_true(wake_agent_settings_read(below, &settings, &err) < 0);
	assert_int_equal(wake_agent_settings_read(*state, &settings, &err), WAKE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_place_is_the_agents),
		scratch_test(a_missing_file_has_its_path_already),
		scratch_test(what_came_meanwhile_stays),
		scratch_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
