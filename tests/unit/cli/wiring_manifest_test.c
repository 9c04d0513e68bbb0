/* SPDX-License-Identifier: MIT */
/* cli/wiring_manifest: directories are found again, whatever their bytes. */
#include "cli/wiring_manifest.h"

#include "../base/scratch.h"
#include "base/fs.h"

static struct wake_error err;

static void make_home(void **state)
{
	wake_auto_free char *home = scratch_path(state, "runwake");

	assert_int_equal(mkdir(home, 0755), 0);
}

static void comes_back(void **state)
{
	static const char *const directories[] = { "/a", "/with space", "/new\nline", "/%41", "/\xff\x01",
		"/é" };
	wake_auto_manifest struct wake_manifest manifest = { 0 };
	wake_auto_manifest struct wake_manifest again = { 0 };

	make_home(state);
	for (size_t i = 0; i < WAKE_COUNT(directories); i++)
		assert_int_equal(wake_manifest_add(&manifest, directories[i], i == 1, &err), WAKE_OK);
	assert_int_equal(wake_manifest_add(&manifest, "/a", false, &err), WAKE_OK);
	assert_int_equal(wake_manifest_write(*state, &manifest, &err), WAKE_OK);
	assert_int_equal(wake_manifest_read(*state, &again, &err), WAKE_OK);
	assert_int_equal(again.count, WAKE_COUNT(directories));
	for (size_t i = 0; i < again.count; i++) {
		assert_string_equal(again.rows[i].directory, directories[i]);
		assert_int_equal(again.rows[i].made, i == 1);
	}
	assert_true(wake_manifest_has(&again, "/new\nline"));
	assert_false(wake_manifest_has(&again, "/A"));
}

/* What lies inside goes where the repository goes. */
static void moves_along(void **state)
{
	wake_auto_free char *hooks = scratch_path(state, "hooks");
	wake_auto_free char *path = scratch_path(state, "runwake/installed");
	wake_auto_manifest struct wake_manifest manifest = { 0 };
	wake_auto_free char *text = NULL;
	size_t len;

	make_home(state);
	assert_int_equal(wake_manifest_add(&manifest, hooks, true, &err), WAKE_OK);
	assert_int_equal(wake_manifest_write(*state, &manifest, &err), WAKE_OK);
	assert_int_equal(wake_fs_read(path, 65536, WAKE_FS_PLAIN, &text, &len, &err), WAKE_OK);
	assert_string_equal(text, "runwake-installed 1\nmade hooks\n");
}

static void refuses_damage(void **state)
{
	static const char *const texts[] = { "directory %\n", "directory %4\n", "directory %zz\n",
		"directory %00\n", "made \n" };
	wake_auto_free char *path = scratch_path(state, "runwake/installed");
	wake_auto_manifest struct wake_manifest manifest = { 0 };

	make_home(state);
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		scratch_write(path, texts[i]);
		assert_int_equal(wake_manifest_read(*state, &manifest, &err), WAKE_CORRUPT);
	}
	scratch_write(path, "runwake-installed 9\nunheard-of fact\ndirectory /a");
	assert_int_equal(wake_manifest_read(*state, &manifest, &err), WAKE_OK);
	assert_int_equal(manifest.count, 1);
}

static void may_be_missing(void **state)
{
	wake_auto_manifest struct wake_manifest manifest = { 0 };

	assert_int_equal(wake_manifest_read(*state, &manifest, &err), WAKE_OK);
	assert_int_equal(manifest.count, 0);
	assert_int_equal(wake_manifest_remove(*state, &err), WAKE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(comes_back),
		scratch_test(moves_along),
		scratch_test(refuses_damage),
		scratch_test(may_be_missing),
	};

	return cmocka_run_group_tests_name("cli/wiring_manifest", tests, NULL, NULL);
}
