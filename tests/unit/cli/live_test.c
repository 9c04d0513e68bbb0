/* SPDX-License-Identifier: MIT */
/* cli/live: what of sessions is read when, and when their entries have served. */
#include "live_scene.h"

#include "cli/run_session.h"

static const char beginning[] = PROMPT("01", "p1", "do it") ANSWER("02", "a1", "x", "10", "20");
static const char more[] = ANSWER("03", "a2", "y", "1", "2") COST("0.5", "99", "99");

static int64_t output_of(const struct scene *scene, const char *run)
{
	return scene_number(scene, "select output_tokens from workflow_runs where run_id = $1", run);
}

static int64_t events_of(const struct scene *scene)
{
	return scene_number(scene, "select count(*) from workflow_events where $1 = $1", "");
}

static void append_to(void *const *state, const char *name, const char *text)
{
	wake_auto_free char *path = scratch_path(state, name);
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void only_what_is_new_is_told(void **state)
{
	WAKE_CLEANUP(scene_release) struct scene scene = { 0 };
	struct wake_live_rest rest;
	int64_t events;

	scene_open(state, &scene);
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(rest.read, 0);
	scene_enter(state, &scene, "one", beginning, 0);
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(rest.read, 1);
	assert_int_equal(rest.ending, -1);
	assert_int_equal(output_of(&scene, "one"), 20);
	events = events_of(&scene);
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(rest.read, 0);
	assert_int_equal(rest.again_in, 0);
	append_to(state, "one.jsonl", more);
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(events_of(&scene), events + 2); /* the answer, and what it came to */
	assert_int_equal(output_of(&scene, "one"), 99);
}

/* Not heard of for a day, and no process is known: it has served. */
static void an_entry_goes_when_it_has_served(void **state)
{
	WAKE_CLEANUP(scene_release) struct scene scene = { 0 };
	struct wake_live_rest rest;

	scene_open(state, &scene);
	scene_enter(state, &scene, "lives", beginning, 0);
	scene_enter(state, &scene, "ends", PROMPT("01", "p3", "x") ANSWER("02", "b1", "x", "10", "20"),
	    wake_clock_now());
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(scene_entries(&scene), 2);
	append_to(state, "ends.jsonl", COST("0.5", "99", "99"));
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(scene_entries(&scene), 1);
	scene_enter(state, &scene, "left", PROMPT("01", "p2", "x") ANSWER("02", "l1", "x", "1", "30"),
	    1); /* it ended long ago, and wrote nothing of that */
	assert_int_equal(scene_read(&scene, &rest), WAKE_OK);
	assert_int_equal(scene_entries(&scene), 1);
	assert_int_equal(output_of(&scene, "left"), 30);
}

static void a_run_leaves_what_no_hook_has(void **state)
{
	WAKE_CLEANUP(scene_release) struct scene scene = { 0 };
	wake_auto_agent_session struct wake_agent_session entry = { 0 };
	wake_auto_free char *projects = scratch_path(state, "projects"),
	                    *place = scratch_path(state, "projects/-p"),
	                    *file = scratch_path(state, "projects/-p/s1.jsonl");
	struct wake_run_session session = {
		.run_id = "r", .session = "s1", .begun_at = 5, .ended_at = 9, .pid = 77
	};

	scene_open(state, &scene);
	assert_int_equal(setenv("CLAUDE_CONFIG_DIR", *state, 1), 0);
	assert_int_equal(wake_run_session_leave(&scene.paths, &session, &err), WAKE_NOTFOUND);
	assert_int_equal(mkdir(projects, 0700), 0);
	assert_int_equal(mkdir(place, 0700), 0);
	scratch_write(file, beginning);
	session.session = "../-p/s1";
	assert_int_equal(wake_run_session_leave(&scene.paths, &session, &err), WAKE_NOTFOUND);
	session.session = "s1";
	assert_int_equal(wake_run_session_leave(&scene.paths, &session, &err), WAKE_OK);
	assert_int_equal(
	    wake_agent_session_read(&scene.paths, WAKE_AGENT_CLAUDE, "s1", &entry, &err), WAKE_OK);
	assert_string_equal(entry.transcript, file);
	assert_true(entry.is_joined && entry.ended_at == 9 && entry.pid == 77);
	/* One that began later knows more. */
	session.begun_at = 4;
	session.run_id = "another";
	assert_int_equal(wake_run_session_leave(&scene.paths, &session, &err), WAKE_OK);
	wake_agent_session_release(&entry);
	assert_int_equal(
	    wake_agent_session_read(&scene.paths, WAKE_AGENT_CLAUDE, "s1", &entry, &err), WAKE_OK);
	assert_string_equal(entry.run_id, "r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_what_is_new_is_told, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    an_entry_goes_when_it_has_served, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_run_leaves_what_no_hook_has, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
