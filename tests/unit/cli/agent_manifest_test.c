/* SPDX-License-Identifier: MIT */
/* cli/agent_manifest: what is remembered comes back, and what is not as we write it is not there. */
#include "cli/agent_manifest.h"

#include "../base/scratch.h"
#include "base/fs.h"

#define FILE_ODD "/home/\xff/\n.claude/settings.json"

static struct wake_error err;

static struct wake_paths paths_of(void *const *state)
{
	wake_auto_free char *directory = NULL;
	struct wake_paths paths = { .state = *state };

	assert_int_equal(wake_agent_manifest_directory(&paths, &directory, &err), WAKE_OK);
	return paths;
}

static void comes_back(void **state)
{
	struct wake_paths paths = paths_of(state);
	wake_auto_agent_manifest struct wake_agent_manifest manifest = {
		.made = { .hooks = true }, .made_file = true, .made_directories = 2
	};
	wake_auto_agent_manifest struct wake_agent_manifest again = { 0 };

	manifest.made.events[3] = true;
	wake_agent_manifest_sum("after", 5, manifest.left);
	wake_agent_manifest_sum("", 0, manifest.original);
	assert_int_equal(wake_text_change_add(&manifest.change, 7, 0, "\n\t\"é\"\\", 7, &err), WAKE_OK);
	assert_int_equal(wake_agent_manifest_write(&paths, FILE_ODD, &manifest, &err), WAKE_OK);
	assert_int_equal(wake_agent_manifest_read(&paths, FILE_ODD, &again, &err), WAKE_OK);
	assert_true(again.is_there && again.made_file && again.made.hooks && again.made.events[3]);
	assert_false(again.made.events[2]);
	assert_int_equal(again.made_directories, 2);
	assert_string_equal(again.left, manifest.left);
	assert_string_equal(again.original, manifest.original);
	assert_int_equal(again.change.count, 1);
	assert_int_equal(again.change.pieces[0].at, 7);
	assert_int_equal(again.change.pieces[0].len, 7);
	assert_string_equal(again.change.pieces[0].text, manifest.change.pieces[0].text);
}

static void is_one_a_file(void **state)
{
	struct wake_paths paths = paths_of(state);
	wake_auto_agent_manifest struct wake_agent_manifest manifest = { .made_file = true };
	wake_auto_agent_manifest struct wake_agent_manifest other = { 0 };

	assert_int_equal(wake_agent_manifest_write(&paths, "/a", &manifest, &err), WAKE_OK);
	assert_int_equal(wake_agent_manifest_read(&paths, "/b", &other, &err), WAKE_OK);
	assert_false(other.is_there);
	assert_int_equal(wake_agent_manifest_remove(&paths, "/a", &err), WAKE_OK);
	assert_int_equal(wake_agent_manifest_remove(&paths, "/a", &err), WAKE_OK);
	assert_int_equal(wake_agent_manifest_read(&paths, "/a", &other, &err), WAKE_OK);
	assert_false(other.is_there);
}

/* Whatever somebody wrote into its place. */
static void damaged_ones_are_not_there(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"version\":2,\"left\":\"\",\"original\":\"\"}",
		"{\"version\":1,\"left\":\"ab\",\"original\":\"\"}", "{\"version\":1,\"left\":\"\"}",
		"{\"version\":1,\"left\":\"\",\"original\":\"\",\"pieces\":[{\"at\":-1,\"text\":\"\"}]}",
		"{\"version\":1,\"left\":\"\",\"original\":\"\",\"pieces\":[{\"at\":1}]}" };
	struct wake_paths paths = paths_of(state);
	wake_auto_agent_manifest struct wake_agent_manifest manifest = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *directory = scratch_path(state, "agents");
	wake_auto_free char *path = NULL;

	assert_int_equal(wake_agent_manifest_write(&paths, "/a", &manifest, &err), WAKE_OK);
	assert_int_equal(wake_fs_list(directory, 10, &names, &err), WAKE_OK);
	assert_int_equal(wake_fs_join(directory, names.items[0], &path, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		wake_auto_agent_manifest struct wake_agent_manifest read = { 0 };

		scratch_write(path, texts[i]);
		assert_int_equal(wake_agent_manifest_read(&paths, "/a", &read, &err), WAKE_OK);
		if (read.is_there)
			fail_msg("taken: %s", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(comes_back),
		scratch_test(is_one_a_file),
		scratch_test(damaged_ones_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
