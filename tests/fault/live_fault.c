/* SPDX-License-Identifier: MIT */
/* Reading a session when memory, a write or a rename fails at any one call: what was not told is told by the
 * next reading, nothing is told twice, and the entry stays until all of it is in the store. */
#include "../unit/cli/live_scene.h"
#include "wrap.h"

#define NTH_MAX 20000 /* a loop that has not ended by then never will */

static const char whole[] = PROMPT("01", "p1", "do it") ANSWER("02", "a1", "x", "10", "20")
    ANSWER("03", "a2", "y", "1", "2") COST("0.5", "99", "99");

/* Every call at first, then some of the many. */
static unsigned long next(unsigned long nth)
{
	return nth < 60 ? nth + 1 : nth + 1 + nth / 16;
}

static void read_with_faults(void *const *state, struct scene *scene, enum wrap_call call, int error)
{
	bool fired = true;

	for (unsigned long nth = 1; fired; nth = next(nth)) {
		struct wake_live_rest rest;
		char name[64], prompt[80];
		wake_auto_str struct wake_str text = WAKE_STR(65536);
		int ret;

		assert_true(nth < NTH_MAX);
		/* Answers of its own, or it were a copy of the session before. */
		(void)snprintf(name, sizeof(name), "session-%s-%lu", wrap_name(call), nth);
		for (char *at = name; *at; at++)
			*at = *at == ' ' ? '-' : *at;
		(void)snprintf(prompt, sizeof(prompt), "\"%s-", name);
		for (const char *at = whole; *at; at++) {
			if (strncmp(at, "\"a1\"", 4) == 0 || strncmp(at, "\"a2\"", 4) == 0 ||
			    strncmp(at, "\"p1\"", 4) == 0)
				wake_str_append(&text, prompt);
			else
				wake_str_append_char(&text, *at);
		}
		scene_enter(state, scene, name, wake_str_text(&text), 1);

		wrap_fail(call, nth, error);
		ret = scene_read(scene, &rest);
		fired = wrap_stop();
		assert_true(ret == WAKE_OK || fired);
		if (ret != WAKE_OK)
			assert_int_equal(scene_entries(scene), 1);
		if (scene_read(scene, &rest) != WAKE_OK)
			fail_msg("%s, call %lu: %s", wrap_name(call), nth, err.text);
		assert_int_equal(scene_entries(scene), 0);
		assert_int_equal(scene_number(scene,
		                     "select count(*) from workflow_usage u join workflow_runs r on r.id = "
		                     "u.workflow_run_id "
		                     "where r.run_id = $1",
		                     name),
		    2);
		assert_int_equal(scene_number(scene,
		                     "select count(*) from workflow_said s join workflow_runs r on r.id = "
		                     "s.workflow_run_id where r.run_id = $1",
		                     name),
		    1);
		assert_int_equal(
		    scene_number(scene,
		        "select output_tokens + cost_estimate from workflow_runs where run_id = $1", name),
		    99 + 500000);
	}
}

static void what_fails_is_told_by_the_next_reading(void **state)
{
	WAKE_CLEANUP(scene_release) struct scene scene = { 0 };

	scene_open(state, &scene);
	read_with_faults(state, &scene, WRAP_MEMORY, 0);
	read_with_faults(state, &scene, WRAP_WRITE, ENOSPC);
	read_with_faults(state, &scene, WRAP_RENAME, EIO);
	read_with_faults(state, &scene, WRAP_UNLINK, EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_fails_is_told_by_the_next_reading, scratch_make, scratch_remove),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
