/* SPDX-License-Identifier: MIT */
/* agent/remote_decide: the table of rules, by answers that services have given, and clocks that differ. */
#include "agent/remote_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OVER "\"completed_at\":\"2026-01-01T00:00:00\",\"progress\":{\"is_running\":false}"
#define WELL "\"success\":true,\"completion_type\":\"completed_successfully\""

static const struct {
	const char *text;
	enum wake_remote_state state;
	const char *status;
	bool is_contradicted;
} answers[] = {
	{ "{\"status\":\"pending\"}", WAKE_REMOTE_WAITS, NULL, false },
	{ "{\"status\":\"running\"}", WAKE_REMOTE_RUNS, NULL, false },
	{ "{\"status\":\"running\",\"progress\":{\"current_phase\":\"failed\",\"is_running\":true}}", WAKE_REMOTE_RUNS, NULL,
	    false },
	{ "{\"status\":\"running\"," OVER ",\"result\":{" WELL "}}", WAKE_REMOTE_ENDED, "completed", false },
	{ "{\"status\":\"running\"," OVER ",\"result\":{\"success\":false,\"message\":\"no\"}}", WAKE_REMOTE_ENDED, "failed",
	    false },
	{ "{\"status\":\"running\"," OVER "}", WAKE_REMOTE_RUNS, NULL, false },
	{ "{\"status\":\"completed\"}", WAKE_REMOTE_ENDED, "completed", false },
	{ "{\"status\":\"completed\",\"result\":{" WELL "}}", WAKE_REMOTE_ENDED, "completed", false },
	{ "{\"status\":\"completed\",\"result\":{\"success\":true,\"is_error\":true}}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"completed\",\"result\":{\"completion_type\":\"failed\"}}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"completed\",\"result\":{\"completion_type\":\"max_turns_reached\"}}", WAKE_REMOTE_ENDED, "failed",
	    false },
	{ "{\"status\":\"completed\",\"exit_code\":1}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"completed\",\"is_running\":true}", WAKE_REMOTE_ENDED, "completed", true },
	{ "{\"status\":\"failed\"}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"failed\",\"result\":{" WELL "}}", WAKE_REMOTE_ENDED, "completed", false },
	{ "{\"status\":\"failed\",\"error\":\"x\",\"result\":{" WELL "}}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"killed\"}", WAKE_REMOTE_ENDED, "killed", false },
	{ "{\"status\":\"killed\",\"result\":{" WELL "}}", WAKE_REMOTE_ENDED, "completed", false },
	{ "{\"status\":\"timeout\"}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"orphaned\"}", WAKE_REMOTE_ENDED, "failed", false },
	{ "{\"status\":\"\"}", WAKE_REMOTE_UNCLEAR, NULL, false },
	{ "{\"status\":\"COMPLETED\"}", WAKE_REMOTE_UNCLEAR, NULL, false },
};

static void each_answer_has_its_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(answers); i++) {
		wake_auto_remote_facts struct wake_remote_facts facts = { 0 };
		struct wake_remote_verdict verdict;
		struct wake_error err;

		assert_int_equal(wake_remote_facts_read(answers[i].text, strlen(answers[i].text), &facts, &err), WAKE_OK);
		wake_remote_decide(&facts, &verdict);
		if (verdict.state != answers[i].state || verdict.is_contradicted != answers[i].is_contradicted ||
		    (answers[i].status && strcmp(verdict.status, answers[i].status) != 0))
			fail_msg("%s: state %d, %s", answers[i].text, (int)verdict.state, verdict.status ? verdict.status : "-");
	}
}

static void times_are_clamped(void **state)
{
	const int64_t minute = 60 * WAKE_SECOND, from = 1000 * minute, to = 2000 * minute;

	(void)state;
	assert_int_equal(wake_remote_clamp(from + 1, from, to), from + 1);
	assert_int_equal(wake_remote_clamp(from - minute, from, to), from);
	assert_int_equal(wake_remote_clamp(to + minute, from, to), to);
	assert_int_equal(wake_remote_clamp(from - 180 * minute, from, to), to); /* a clock of another zone */
	assert_int_equal(wake_remote_clamp(to + 180 * minute, from, to), to);
	assert_int_equal(wake_remote_clamp(0, from, to), to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_has_its_rule),
		cmocka_unit_test(times_are_clamped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
