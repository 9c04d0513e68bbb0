/* SPDX-License-Identifier: MIT */
/* A row of another system's table: any texts under any columns become an event that can be read again, or are refused. */
#include "store/existing_row.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct wake_existing_row *row)
{
	wake_auto_existing_told struct wake_existing_told told = { 0 };
	wake_auto_event struct wake_event event = { 0 }, again = { 0 };
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_LARGEST);
	struct wake_error err;

	if (wake_existing_row_event(row, &event, &told, &err) != WAKE_OK)
		return;
	if (wake_event_format(&event, &text, &err) != WAKE_OK ||
	    wake_event_parse(text.data, text.len, &again, &err) != WAKE_OK)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_json json_t *values = NULL;
	struct wake_error err;

	if (size < 1 || wake_json_parse((const char *)data + 1, size - 1, &values, &err) != WAKE_OK ||
	    !json_is_object(values))
		return 0;
	check(&(struct wake_existing_row){ data[0] & 1 ? WAKE_EXISTING_PROCESSES : WAKE_EXISTING_RUNS, values,
	    (data[0] & 2) != 0, (data[0] & 4) != 0, 0 });
	return 0;
}
