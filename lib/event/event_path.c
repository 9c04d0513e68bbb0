/* SPDX-License-Identifier: MIT */
/* Paths as texts of an event's list, so that every byte comes back. */
#include <string.h>

#include "base/text.h"
#include "event/event.h"

#define QUOTED_MAX (4 * WAKE_EVENT_PATH_MAX + 3) /* four characters for each byte, and the quotes */

int wake_event_add_path(json_t *list, const char *path, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(QUOTED_MAX);
	size_t len = strnlen(path, WAKE_EVENT_PATH_MAX + 1);
	int ret = WAKE_OK;

	if (len > 0 && len <= WAKE_EVENT_PATH_MAX) {
		if (path[0] != '"' && wake_text_is_utf8(path, len))
			wake_str_append_bytes(&text, path, len);
		else
			wake_text_append_quoted(&text, path, len);
		ret = wake_str_check(&text, err);
	}
	if (ret < 0)
		return ret;
	if (text.len == 0 || text.len > WAKE_EVENT_PATH_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "a path that is empty or too long for an event: '%.64s'", path);
	return json_array_append_new(list, json_stringn(text.data, text.len)) ? wake_fail_nomem(err)
	                                                                      : WAKE_OK;
}

/* The byte that an escape stands for, and how many characters follow the backslash; 0: it is no escape. */
static size_t read_escape(const char *at, char *ret_byte)
{
	static const char from[] = "abtnvfr\"\\";
	static const char to[] = "\a\b\t\n\v\f\r\"\\";
	const char *found = *at ? strchr(from, *at) : NULL;

	if (found) {
		*ret_byte = to[found - from];
		return 1;
	}
	for (size_t i = 0; i < 3; i++) {
		if (at[i] < '0' || at[i] > (i ? '7' : '3'))
			return 0;
	}
	*ret_byte = (char)((at[0] - '0') << 6 | (at[1] - '0') << 3 | (at[2] - '0'));
	return *ret_byte ? 3 : 0;
}

/* Appends what stands between the quotes; false: they are not closed, or hold no quoted path. */
static bool append_unquoted(struct wake_str *out, const char *at)
{
	for (; *at && *at != '"'; at++) {
		char byte = *at;
		size_t width = 0;

		if (byte == '\\') {
			width = read_escape(at + 1, &byte);
			if (width == 0)
				return false;
		}
		wake_str_append_char(out, byte);
		at += width;
	}
	return at[0] == '"' && at[1] == '\0';
}

int wake_event_read_path(const char *text, struct wake_str *out, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	bool is_path = *text && strnlen(text, WAKE_EVENT_PATH_MAX + 1) <= WAKE_EVENT_PATH_MAX;
	int ret;

	if (is_path && text[0] != '"')
		wake_str_append(&path, text);
	else if (is_path)
		is_path = append_unquoted(&path, text + 1);
	ret = wake_str_check(&path, err);
	if (ret < 0)
		return ret;
	if (!is_path || path.len == 0)
		return wake_fail(err, WAKE_INVALID, "'%.128s' is no path as events have them", text);
	wake_str_append_bytes(out, path.data, path.len);
	return wake_str_check(out, err);
}
