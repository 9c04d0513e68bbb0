/* SPDX-License-Identifier: MIT */
/* agent/status: how runs end, one row for each way that was observed of an agent, and for those that follow. */
#include "agent/status.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define RESULT .has_result = true, .lines = 2
#define OK_RESULT RESULT, .subtype = "success", .terminal_reason = "completed"
#define PERSON(number) .stop = WAKE_STOP_PERSON, .stop_signal = (number)
#define SUPERVISOR(number) .stop = WAKE_STOP_SUPERVISOR, .stop_signal = (number), .stop_pid = 77
#define STREAM(...) &(const struct wake_stream_facts) { __VA_ARGS__ }
#define NOTHING "" /* the agent's own words stand, or nothing is wrong */

static char api_error[] = "API Error: 529";

static const struct {
	const char *name;
	struct wake_ending ending;
	const char *status, *error;
} rows[] = {
	/* Claude Code, -p --output-format stream-json. */
	{ "success", { .stream = STREAM(OK_RESULT) }, "completed", NOTHING },
	{ "tool denied", { .stream = STREAM(OK_RESULT, .denials = 1) }, "completed", NOTHING },
	{ "API error after retries",
	    { .exit_code = 1,
		.stream = STREAM(RESULT, .is_error = true, .subtype = "success", .terminal_reason = "api_error",
		    .error = api_error) },
	    "failed", NOTHING },
	{ "the same without a text",
	    { .exit_code = 1, .stream = STREAM(RESULT, .is_error = true, .subtype = "success") }, "failed",
	    "the agent's last turn failed: success" },
	{ "max turns",
	    { .exit_code = 1,
		.stream = STREAM(RESULT, .is_error = true, .subtype = "error_max_turns", .terminal_reason = "max_turns") },
	    "failed", "the agent's last turn failed: error_max_turns" },
	{ "budget", { .exit_code = 1, .stream = STREAM(RESULT, .is_error = true, .subtype = "error_max_budget_usd") },
	    "failed", "the agent's last turn failed: error_max_budget_usd" },
	{ "max turns, told with exit code 0", { .stream = STREAM(RESULT, .subtype = "error_max_turns") }, "failed",
	    "the agent's last turn failed: error_max_turns" },
	{ "SIGINT by a person",
	    { PERSON(SIGINT), .is_quiet = true,
		.stream = STREAM(RESULT, .is_error = true, .subtype = "error_during_execution",
		    .terminal_reason = "aborted_tools", .error = api_error) },
	    "killed", "interrupted at the terminal (SIGINT)" },
	{ "SIGINT by a supervisor",
	    { SUPERVISOR(SIGINT), .is_quiet = true,
		.stream = STREAM(RESULT, .is_error = true, .subtype = "error_during_execution",
		    .terminal_reason = "aborted_tools") },
	    "killed", "ended by SIGINT, sent by process 77" },
	{ "SIGINT sent past us",
	    { .stream = STREAM(RESULT, .is_error = true, .subtype = "error_during_execution",
		  .terminal_reason = "aborted_streaming") },
	    "killed", "interrupted" },
	{ "SIGINT of a version that names no reason",
	    { SUPERVISOR(SIGINT), .stream = STREAM(RESULT, .is_error = true, .subtype = "error_during_execution") },
	    "killed", "ended by SIGINT, sent by process 77" },
	{ "an error of execution that nobody asked for",
	    { .exit_code = 1, .stream = STREAM(RESULT, .is_error = true, .subtype = "error_during_execution") },
	    "failed", "the agent's last turn failed: error_during_execution" },
	{ "SIGTERM", { .exit_code = 143, SUPERVISOR(SIGTERM), .stream = STREAM(.lines = 3, .is_in_turn = true) }, "killed",
	    "ended by SIGTERM, sent by process 77" },
	{ "SIGHUP of the terminal", { .exit_code = 129, PERSON(SIGHUP), .stream = STREAM(.lines = 3) }, "killed",
	    "interrupted at the terminal (SIGHUP)" },
	{ "SIGTERM sent past us", { .exit_code = 143, .stream = STREAM(.lines = 3) }, "killed",
	    "the agent was ended by SIGTERM" },
	{ "SIGKILL", { .exit_code = -1, .signal = SIGKILL, .stream = STREAM(.lines = 3) }, "killed",
	    "the agent was ended by SIGKILL" },
	{ "SIGKILL after SIGTERM did not do", { .exit_code = -1, .signal = SIGKILL, SUPERVISOR(SIGTERM) }, "killed",
	    "ended by SIGTERM, sent by process 77" },
	{ "host denies and interrupts",
	    { .exit_code = 1,
		.stream = STREAM(RESULT, .is_error = true, .subtype = "error_during_execution",
		    .terminal_reason = "aborted_tools") },
	    "killed", "interrupted" },
	{ "prompt blocked by a hook", { .stream = STREAM(RESULT, .subtype = "success", .is_blocked = true, .error = api_error) },
	    "failed", NOTHING },
	{ "ended by its host after its result", { .exit_code = 143, SUPERVISOR(SIGTERM), .stream = STREAM(OK_RESULT) },
	    "completed", NOTHING },
	{ "killed after its result", { .exit_code = -1, .signal = SIGKILL, .stream = STREAM(OK_RESULT) }, "completed",
	    NOTHING },
	{ "killed in the next turn", { .exit_code = -1, .signal = SIGKILL, .stream = STREAM(OK_RESULT, .is_in_turn = true) },
	    "killed", "the agent was ended by SIGKILL" },
	{ "killed after a failed turn",
	    { .exit_code = 143, SUPERVISOR(SIGTERM), .stream = STREAM(RESULT, .is_error = true, .error = api_error) },
	    "failed", NOTHING },
	{ "a success, and a failing exit code", { .exit_code = 1, .stream = STREAM(OK_RESULT) }, "failed",
	    "the agent exited 1" },
	{ "crash", { .exit_code = -1, .signal = SIGSEGV, .stream = STREAM(.lines = 3) }, "failed",
	    "the agent was ended by SIGSEGV" },
	{ "crash after its result", { .exit_code = -1, .signal = SIGABRT, .stream = STREAM(OK_RESULT) }, "failed",
	    "the agent was ended by SIGABRT" },
	{ "no result", { .stream = STREAM(.lines = 3) }, "failed", "the agent ended without a result" },
	{ "the result was too long to be read", { .stream = STREAM(.lines = 3, .unread = 1) }, "completed", NOTHING },
	{ "no line of its stream: it was another program", { .stream = STREAM(.unread = 0) }, "completed", NOTHING },
	/* Codex, Gemini: no subtypes. */
	{ "success elsewhere", { .stream = STREAM(RESULT) }, "completed", NOTHING },
	{ "failed turn elsewhere", { .exit_code = 1, .stream = STREAM(RESULT, .is_error = true, .error = api_error) },
	    "failed", NOTHING },
	/* Commands without a stream. */
	{ "exit 0", { .exit_code = 0 }, "completed", NOTHING },
	{ "exit 3", { .exit_code = 3 }, "failed", "the agent exited 3" },
	{ "exit 130, as a shell tells it", { .exit_code = 130 }, "killed", "the agent was ended by SIGINT" },
	{ "exit 200 is no signal", { .exit_code = 200 }, "failed", "the agent exited 200" },
	{ "exit 139 is a crash told by a shell", { .exit_code = 139 }, "failed", "the agent exited 139" },
	{ "Ctrl-C, and it ended by it", { .exit_code = -1, .signal = SIGINT, PERSON(SIGINT) }, "killed",
	    "interrupted at the terminal (SIGINT)" },
	{ "Ctrl-C was a key of its own", { .exit_code = 0, PERSON(SIGINT) }, "completed", NOTHING },
	{ "Ctrl-C long ago, and it failed", { .exit_code = 2, PERSON(SIGINT) }, "failed", "the agent exited 2" },
	{ "Ctrl-C on claude -p, which exits 0", { .exit_code = 0, PERSON(SIGINT), .is_quiet = true }, "killed",
	    "interrupted at the terminal (SIGINT)" },
	{ "asked to end, and it ended in order", { .exit_code = 0, SUPERVISOR(SIGTERM) }, "killed",
	    "ended by SIGTERM, sent by process 77" },
	{ "asked by nobody known", { .exit_code = 1, .stop = WAKE_STOP_SUPERVISOR, .stop_signal = SIGHUP }, "killed",
	    "ended by SIGHUP, sent by another process" },
};

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		struct wake_status status;

		wake_status_decide(&rows[i].ending, &status);
		if (strcmp(status.status, rows[i].status) != 0 || strcmp(status.error, rows[i].error) != 0)
			fail_msg("%s: '%s', '%s'; expected '%s', '%s'", rows[i].name, status.status, status.error,
			    rows[i].status, rows[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_row) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
