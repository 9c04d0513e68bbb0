/* SPDX-License-Identifier: MIT */
/* Any bytes as an event: what is read is written and read again the same. The same bytes as a path in an
 * event's list: it comes back; and as the text of one: what it stands for comes back. */
#include "event/event.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void carry_path(const char *path)
{
	wake_auto_json json_t *list = json_array();
	wake_auto_str struct wake_str back = WAKE_STR(WAKE_EVENT_PATH_MAX);
	struct wake_error err;

	if (!list)
		abort();
	if (wake_event_add_path(list, path, &err) < 0)
		return;
	if (wake_event_read_path(json_string_value(json_array_get(list, 0)), &back, &err) < 0 ||
	    strcmp(wake_str_text(&back), path) != 0)
		abort();
}

static void read_path(const char *text)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	struct wake_error err;

	if (wake_event_read_path(text, &path, &err) == WAKE_OK)
		carry_path(wake_str_text(&path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_free char *text = strndup((const char *)data, size);
	wake_auto_str struct wake_str first = WAKE_STR(WAKE_EVENT_LARGEST),
	                              second = WAKE_STR(WAKE_EVENT_LARGEST);
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_event struct wake_event again = { 0 };
	struct wake_error err;

	if (!text)
		abort();
	carry_path(text);
	read_path(text);
	(void)wake_event_version((const char *)data, size);
	if (wake_event_parse((const char *)data, size, &event, &err) < 0)
		return 0;
	if (wake_event_format(&event, &first, &err) < 0 ||
	    wake_event_parse(first.data, first.len, &again, &err) < 0 ||
	    wake_event_format(&again, &second, &err) < 0 || strcmp(first.data, second.data) != 0)
		abort();
	return 0;
}
