/* SPDX-License-Identifier: MIT */
/* Settings of Claude Code for tests: shapes that people write, and documents at random. */
#ifndef WAKE_TEST_SETTINGS_TEXTS_H
#define WAKE_TEST_SETTINGS_TEXTS_H

#include "../base/scratch.h"
#include "agent/claude_settings.h"

#define OURS "/opt/one/libexec/runwake/hooks/claude-code"
#define OTHER "/opt/two/libexec/runwake/hooks/claude-code"
#define HANDLER(program) "{\"type\":\"command\",\"command\":\"" program "\",\"args\":[],\"timeout\":10}"
#define THEIRS "{\"hooks\":[{\"type\":\"command\",\"command\":\"their hook\"}]}"

static struct wake_error err;

static inline json_t *settings_parse(const char *text, size_t len)
{
	size_t mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	json_t *json = NULL;

	if (strspn(text + mark, " \t\r\n") == len - mark)
		return json_object();
	assert_int_equal(wake_json_parse_theirs(text + mark, len - mark, &json, &err), WAKE_OK);
	return json;
}

/* What settings with ours must say: known here from the values alone. */
static inline json_t *settings_union(const char *text, size_t len, const char *program)
{
	json_t *json = settings_parse(text, len), *hooks;

	if (!json_object_get(json, "hooks"))
		json_object_set_new(json, "hooks", json_object());
	hooks = json_object_get(json, "hooks");
	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		if (!json_object_get(hooks, wake_claude_events[i]))
			json_object_set_new(hooks, wake_claude_events[i], json_array());
		json_array_append_new(json_object_get(hooks, wake_claude_events[i]),
		    wake_claude_hook_entry(wake_claude_events[i], program));
	}
	return json;
}

static inline void settings_wire(
    const char *text, size_t len, const char *program, struct wake_claude_edit *edit)
{
	if (wake_claude_settings_wire(text, len, program, edit, &err) < 0)
		fail_msg("%s: %.*s", err.text, (int)len, text);
}

static inline void settings_unwire(
    const char *text, size_t len, const struct wake_claude_made *made, struct wake_claude_edit *edit)
{
	if (wake_claude_settings_unwire(text, len, made, edit, &err) < 0)
		fail_msg("%s: %.*s", err.text, (int)len, text);
}

#endif
