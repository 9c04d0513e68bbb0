/* SPDX-License-Identifier: MIT */
/* Hostile settings of Claude Code: whatever is in them, wiring adds and undoes to the byte, says what was
 * there with ours, and unwiring leaves none of ours and all of theirs. */
#include "agent/claude_settings.h"

#include <string.h>

#define PROGRAM "/opt/libexec/runwake/hooks/claude-code"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Ours in the text itself, put there by the fuzzer: then renewing cuts, and is not to be undone. */
static bool is_virgin(const char *text, size_t len)
{
	wake_auto_claude_wired struct wake_claude_wired wired = { 0 };
	struct wake_error err;

	return wake_claude_settings_look(text, len, &wired, &err) == WAKE_OK && !wired.program &&
	       !memmem(text, len, "claude-code", strlen("claude-code"));
}

static json_t *values_of(const char *text, size_t len)
{
	json_t *json = NULL;
	struct wake_error err;
	size_t mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	if (wake_json_parse_theirs(text + mark, len - mark, &json, &err) < 0)
		return json_object(); /* nothing but white space */
	return json;
}

static void check_there_and_back(const char *text, size_t len, struct wake_claude_edit *wired)
{
	wake_auto_str struct wake_str before = WAKE_STR(WAKE_CLAUDE_SETTINGS_MAX);
	wake_auto_claude_edit struct wake_claude_edit unwired = { 0 };
	wake_auto_json json_t *was = values_of(text, len);
	wake_auto_json json_t *is = NULL;
	struct wake_error err;

	check(wake_text_change_undo(&wired->change, wired->text.data, wired->text.len, &before, &err) ==
	      WAKE_OK);
	check(before.len == len && memcmp(wake_str_text(&before), text, len) == 0);
	check(wake_claude_settings_unwire(wired->text.data, wired->text.len, &wired->made, &unwired, &err) ==
	      WAKE_OK);
	is = values_of(wake_str_text(&unwired.text), unwired.text.len);
	check(json_equal(was, is));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	wake_auto_claude_wired struct wake_claude_wired seen = { 0 }, after = { 0 };
	wake_auto_claude_edit struct wake_claude_edit wired = { 0 }, again = { 0 }, unwired = { 0 };
	struct wake_error err;
	bool is_settings = wake_claude_settings_look(text, size, &seen, &err) == WAKE_OK;
	int ret = wake_claude_settings_wire(text, size, PROGRAM, &wired, &err);

	check(is_settings || ret == WAKE_INVALID);
	if (is_settings) {
		check(wake_claude_settings_unwire(text, size, NULL, &unwired, &err) == WAKE_OK);
		wake_claude_wired_release(&seen);
		check(wake_claude_settings_look(
		          wake_str_text(&unwired.text), unwired.text.len, &seen, &err) == WAKE_OK &&
		      !seen.program);
	}
	if (ret < 0)
		return 0;
	check(wake_claude_settings_look(wired.text.data, wired.text.len, &after, &err) == WAKE_OK);
	check(after.count == WAKE_CLAUDE_EVENTS && !after.is_mixed);
	check(wake_claude_settings_wire(wired.text.data, wired.text.len, PROGRAM, &again, &err) == WAKE_OK);
	check(again.change.count == 0);
	if (is_virgin(text, size))
		check_there_and_back(text, size, &wired);
	return 0;
}
