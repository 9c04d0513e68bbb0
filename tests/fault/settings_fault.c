/* SPDX-License-Identifier: MIT */
/* Wiring an agent's settings, and unwiring them, when any one call fails: the file is the old one or the new
 * one, whole, nothing is left beside it, and what was there comes back to the byte whenever it is asked for.
 */
#include "../unit/base/scratch.h"
#include "base/fs.h"
#include "cli/wire_claude.h"
#include "wrap.h"

#define NTH_MAX 20000 /* a loop that has not ended by then never will */
#define PROGRAM "/opt/libexec/runwake/hooks/claude-code"

static const char before[] = "{\n\t\"env\": { \"A\": 1.50 },\n\t\"hooks\": {\n\t\t\"Stop\": [ ]\n\t}\n}\n";
static struct wake_error err;

struct scene {
	char *directory, *file, *state; /* owned */
	struct wake_paths paths;
};

static void scene_release(struct scene *scene)
{
	free(scene->directory);
	free(scene->file);
	free(scene->state);
}

static void scene_make(void *const *state, struct scene *scene)
{
	scene->directory = scratch_path(state, "claude");
	scene->file = scratch_path(state, "claude/settings.json");
	scene->state = scratch_path(state, "state");
	scene->paths.state = scene->state;
	assert_int_equal(setenv("CLAUDE_CONFIG_DIR", scene->directory, 1), 0);
	assert_int_equal(mkdir(scene->directory, 0700), 0);
	scratch_write(scene->file, before);
}

static int change(const struct scene *scene, bool undo, struct wake_error *ret_err)
{
	wake_auto_report struct wake_wire_report report = WAKE_WIRE_REPORT();
	const struct wake_wire_claude wire = {
		.paths = &scene->paths, .program = PROGRAM, .report = &report
	};

	return undo ? wake_unwire_claude(&wire, ret_err) : wake_wire_claude(&wire, ret_err);
}

static char *content(const struct scene *scene)
{
	char *text = NULL;
	size_t len = 0;

	if (wake_fs_read(scene->file, 1024 * 1024, WAKE_FS_PLAIN, &text, &len, &err) < 0)
		fail_msg("%s", err.text);
	return text;
}

static void check_alone(const struct scene *scene)
{
	wake_auto_names struct wake_fs_names names = { 0 };

	assert_int_equal(wake_fs_list(scene->directory, 100, &names, &err), WAKE_OK);
	assert_int_equal(names.count, 1);
}

/* After a failure each way leads on: the same again, or back. */
static void check_either_way(const struct scene *scene, const char *after, bool undo)
{
	wake_auto_free char *text = content(scene);
	wake_auto_free char *back = NULL;

	if (strcmp(text, before) != 0 && strcmp(text, after) != 0)
		fail_msg("neither the old nor the new: %s", text);
	check_alone(scene);
	if (!undo) {
		wake_auto_free char *again = NULL;

		assert_int_equal(change(scene, false, &err), WAKE_OK);
		again = content(scene);
		assert_string_equal(again, after);
	}
	assert_int_equal(change(scene, true, &err), WAKE_OK);
	back = content(scene);
	assert_string_equal(back, before);
}

static void fail_each(const struct scene *scene, const char *after, bool undo, enum wrap_call call)
{
	bool fired = true;

	for (unsigned long nth = 1; fired; nth++) {
		struct wake_error failure = { 0 };
		int ret;

		assert_true(nth < NTH_MAX);
		if (undo)
			assert_int_equal(change(scene, false, &err), WAKE_OK);
		wrap_fail(call, nth, ENOSPC);
		ret = change(scene, undo, &failure);
		fired = wrap_stop();
		if (ret < 0 && !fired)
			fail_msg("%s %lu: %s", wrap_name(call), nth, failure.text);
		check_either_way(scene, after, undo);
	}
}

static void settings_are_the_old_or_the_new(void **state)
{
	static const enum wrap_call calls[] = { WRAP_WRITE, WRAP_SHORT_WRITE, WRAP_SYNC, WRAP_RENAME,
		WRAP_UNLINK };
	WAKE_CLEANUP(scene_release) struct scene scene = { 0 };
	wake_auto_free char *after = NULL;

	scene_make(state, &scene);
	assert_int_equal(change(&scene, false, &err), WAKE_OK);
	after = content(&scene);
	assert_string_not_equal(after, before);
	assert_int_equal(change(&scene, true, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		fail_each(&scene, after, false, calls[i]);
		fail_each(&scene, after, true, calls[i]);
	}
}

/* In the text alone: what is remembered has escapes in its strings, and jansson (2.14) ends the program where
 * it finds no memory while it reads such a string. That is before anything is written. */
static void a_change_is_whole_or_none(void **state)
{
	bool fired = true;

	(void)state;
	for (unsigned long nth = 1; fired; nth++) {
		wake_auto_claude_edit struct wake_claude_edit edit = { 0 }, back = { 0 };
		struct wake_error failure = { 0 };
		int ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = wake_claude_settings_wire(before, strlen(before), PROGRAM, &edit, &failure);
		if (ret == WAKE_OK)
			ret = wake_claude_settings_unwire(
			    edit.text.data, edit.text.len, &edit.made, &back, &failure);
		fired = wrap_stop();
		if (ret < 0 && (ret != WAKE_NOMEM || !fired))
			fail_msg("call %lu: %s", nth, failure.text);
		if (ret == WAKE_OK)
			assert_null(strstr(back.text.data, PROGRAM));
		if (ret == WAKE_OK)
			assert_non_null(strstr(edit.text.data, PROGRAM));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    settings_are_the_old_or_the_new, scratch_make, scratch_remove),
		cmocka_unit_test(a_change_is_whole_or_none),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
