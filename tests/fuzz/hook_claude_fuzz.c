/* SPDX-License-Identifier: MIT */
/* What a client says to its hook: any bytes are read as a payload or refused; what is read is within its
 * bounds, and storable. */
#include <stdint.h>
#include <string.h>

#include "agent/hook_claude.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t max)
{
	if (text && (strlen(text) > max || !wake_text_is_utf8(text, strlen(text))))
		__builtin_trap();
}

/* What is borrowed lies within the input. */
static void check_within(struct wake_scan value, const uint8_t *data, size_t size)
{
	wake_auto_str struct wake_str text = WAKE_STR(size + 4);
	const char *begin = (const char *)data;

	if (!value.at)
		return;
	if (value.at < begin || value.len > size || value.at + value.len > begin + size)
		__builtin_trap();
	wake_scan_append(value, size, &text);
	check_text(wake_str_text(&text), size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_claude_hook struct wake_claude_hook hook = { 0 };
	struct wake_error err;
	int ret = wake_claude_hook_read((const char *)data, size, &hook, &err);

	if (ret < 0)
		return ret == WAKE_INVALID ? 0 : (__builtin_trap(), 0);
	if (hook.event != WAKE_CLAUDE_HOOK_OTHER && !*hook.session)
		__builtin_trap();
	check_text(hook.session, WAKE_AGENT_SESSION_MAX);
	check_text(hook.prompt_id, WAKE_CLAUDE_HOOK_ID_SIZE - 1);
	check_text(hook.tool, WAKE_CLAUDE_HOOK_ID_SIZE - 1);
	check_text(hook.use, WAKE_CLAUDE_HOOK_ID_SIZE - 1);
	check_text(hook.model, WAKE_CLAUDE_HOOK_ID_SIZE - 1);
	check_text(hook.transcript, WAKE_CLAUDE_HOOK_PATH_MAX);
	check_text(hook.directory, WAKE_CLAUDE_HOOK_PATH_MAX);
	check_text(hook.file, WAKE_CLAUDE_HOOK_PATH_MAX);
	check_within(hook.prompt, data, size);
	check_within(hook.answer, data, size);
	check_within(hook.error_details, data, size);
	check_within(hook.input, data, size);
	return 0;
}
