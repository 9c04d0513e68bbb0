/* SPDX-License-Identifier: MIT */
/* post-rewrite COMMAND: which commit became which, "OLD NEW[ …]" a line on standard input (githooks(5)). */
#include <string.h>

#include "hooks/hook.h"

/* An amend has had its post-commit. */
static void aim(const struct wake_hook_call *call, struct wake_witness *ret_witness)
{
	ret_witness->triggered = call->argc > 1 && strcmp(call->argv[1], "rebase") == 0;
}

static size_t word(const char *text, size_t len)
{
	const char *end = memchr(text, ' ', len);

	return end ? (size_t)(end - text) : len;
}

static json_t *pair(const char *line, size_t len)
{
	size_t first = word(line, len);
	const char *second = line + first + 1;

	return first < len ? json_pack("[s%s%]", line, first, second, word(second, len - first - 1))
	                   : json_array();
}

static int add(const struct wake_hook_call *call, struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *base = json_pack("{s:s}", "command", call->argc > 1 ? call->argv[1] : "");
	wake_auto_json json_t *pairs = json_array();
	const char *line = NULL;
	size_t at = 0, len = 0;

	while (wake_hook_input_line(&call->input, &at, &line, &len)) {
		if (json_array_append_new(pairs, pair(line, len)) < 0)
			return wake_fail_nomem(err);
	}
	if (!base || !pairs)
		return wake_fail_nomem(err);
	return wake_hook_add_list(call, WAKE_EVENT_REWRITTEN, base, "pairs", pairs, events, err);
}

int main(int argc, char **argv)
{
	static const struct wake_hook hook = { .reads_input = true, .aim = aim, .add = add };

	return wake_hook_main(&hook, argc, argv);
}
