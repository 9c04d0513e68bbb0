/* SPDX-License-Identifier: MIT */
/* Any bytes as an event: what is read is written and read again the same. */
#include "event/event.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_str struct wake_str first = WAKE_STR(WAKE_EVENT_LARGEST),
	                              second = WAKE_STR(WAKE_EVENT_LARGEST);
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_event struct wake_event again = { 0 };
	struct wake_error err;

	(void)wake_event_version((const char *)data, size);
	if (wake_event_parse((const char *)data, size, &event, &err) < 0)
		return 0;
	if (wake_event_format(&event, &first, &err) < 0 ||
	    wake_event_parse(first.data, first.len, &again, &err) < 0 ||
	    wake_event_format(&again, &second, &err) < 0 || strcmp(first.data, second.data) != 0)
		abort();
	return 0;
}
