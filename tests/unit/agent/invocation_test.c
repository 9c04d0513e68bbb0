/* SPDX-License-Identifier: MIT */
/* agent/invocation: what command lines tell, and what they do not. */
#include "agent/invocation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ARGS(...) (const char *const[]) { __VA_ARGS__, NULL }
#define CLAUDE WAKE_AGENT_CLAUDE
#define CODEX WAKE_AGENT_CODEX
#define GEMINI WAKE_AGENT_GEMINI
#define JSON "--output-format", "stream-json"

static const struct {
	const char *const *argv;
	enum wake_agent agent;
	bool has_stream, is_resumed;
	const char *prompt;
} rows[] = {
	{ ARGS("claude"), CLAUDE, false, false, NULL },
	{ ARGS("/opt/x/claude", "-p", "Fix it", JSON), CLAUDE, true, false, "Fix it" },
	{ ARGS("claude", "--print", "Fix it", "--output-format=stream-json"), CLAUDE, true, false, "Fix it" },
	{ ARGS("claude", "-p", "Fix it", "--output-format", "json"), CLAUDE, true, false, "Fix it" },
	{ ARGS("claude", "-p", "Fix it", "--output-format", "text"), CLAUDE, false, false, "Fix it" },
	{ ARGS("claude", "--model", "opus", "-p", "Fix it"), CLAUDE, false, false, "Fix it" },
	/* Two words side by side: which of them is the prompt depends on the option before them. */
	{ ARGS("claude", "--allowedTools", "Bash", "Write", "-p", "Fix it"), CLAUDE, false, false, NULL },
	{ ARGS("claude", "Fix it", "-p", "opus"), CLAUDE, false, false, NULL },
	{ ARGS("claude", "-p", "--model", "opus"), CLAUDE, false, false, NULL },
	{ ARGS("claude", "-p", "one", "--print", "two"), CLAUDE, false, false, NULL },
	{ ARGS("claude", "-p", JSON, "--input-format", "stream-json"), CLAUDE, true, false, NULL },
	{ ARGS("claude", "-p", "x", JSON, "--resume", "id"), CLAUDE, true, true, "x" },
	{ ARGS("claude", "-p", "x", JSON, "--resume=id"), CLAUDE, true, true, "x" },
	{ ARGS("claude", "-c", "-p", "x", JSON), CLAUDE, true, true, "x" },
	{ ARGS("claude", "-pc", JSON), CLAUDE, true, true, NULL },
	{ ARGS("claude", "-rabc", "-p", "x"), CLAUDE, false, true, "x" },
	{ ARGS("claude", JSON, "--fork-session", "-p", "x"), CLAUDE, true, true, "x" },
	{ ARGS("codex"), CODEX, false, false, NULL },
	{ ARGS("codex", "exec", "--json", "Fix it"), CODEX, true, false, "Fix it" },
	{ ARGS("codex", "exec", "Fix it"), CODEX, false, false, "Fix it" },
	{ ARGS("codex", "exec", "Fix it", "--json"), CODEX, true, false, NULL },
	{ ARGS("codex", "exec", "--json", "-m", "gpt"), CODEX, true, false, NULL },
	{ ARGS("codex", "exec", "--json", "resume", "--last", "go on"), CODEX, true, true, NULL },
	{ ARGS("gemini", "-p", "Fix it", "-o", "stream-json"), GEMINI, true, false, "Fix it" },
	{ ARGS("gemini", "--prompt=Fix it", JSON, "-r", "latest"), GEMINI, true, true, "Fix it" },
	{ ARGS("gemini"), GEMINI, false, false, NULL },
	{ ARGS("npx", "claude", "-p", "x", JSON), WAKE_AGENT_NONE, false, false, NULL },
	{ ARGS("claude-wrapper", "-p", "x"), WAKE_AGENT_NONE, false, false, NULL },
	{ ARGS("none"), WAKE_AGENT_NONE, false, false, NULL },
};

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		struct wake_invocation told;

		wake_invocation_read(rows[i].argv, -1, true, &told);
		if (told.agent != rows[i].agent || told.has_stream != rows[i].has_stream ||
		    told.is_resumed != rows[i].is_resumed ||
		    strcmp(told.prompt ? told.prompt : "(none)", rows[i].prompt ? rows[i].prompt : "(none)") != 0)
			fail_msg("row %zu: agent %d, stream %d, resumed %d, prompt '%s'", i, (int)told.agent, told.has_stream,
			    told.is_resumed, told.prompt ? told.prompt : "(none)");
	}
}

static void a_wrapper_is_named(void **state)
{
	struct wake_invocation told;

	(void)state;
	wake_invocation_read(ARGS("./agent.sh", "go"), wake_agent_named("claude"), false, &told);
	assert_int_equal(told.agent, CLAUDE);
	assert_true(told.has_stream);
	assert_int_equal(told.source, WAKE_STREAM_CLAUDE);
	/* At a terminal it is somebody's to look at, unless its words say otherwise. */
	wake_invocation_read(ARGS("./agent.sh", "go"), wake_agent_named("codex"), true, &told);
	assert_false(told.has_stream);
	wake_invocation_read(ARGS("./agent.sh", JSON), wake_agent_named("gemini"), true, &told);
	assert_true(told.has_stream);
	wake_invocation_read(ARGS("claude", JSON), wake_agent_named("none"), false, &told);
	assert_false(told.has_stream);
	assert_null(wake_agent_type(told.agent));
	assert_int_equal(wake_agent_named("cursor"), -1);
	assert_string_equal(wake_agent_type(WAKE_AGENT_CLAUDE), "claude-code");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_row), cmocka_unit_test(a_wrapper_is_named) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
