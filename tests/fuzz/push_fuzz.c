/* SPDX-License-Identifier: MIT */
/* What git, or whoever runs the hook by hand, gives to pre-push: words and lines of any bytes make events
 * that can be read again, or an error. */
#include "hooks/push.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_event(const struct wake_event *event)
{
	wake_auto_str struct wake_str text = WAKE_STR(16 * 1024 * 1024);
	wake_auto_event struct wake_event again = { 0 };
	struct wake_error err;

	if (wake_event_format(event, &text, &err) != WAKE_OK)
		return;
	if (text.len <= WAKE_EVENT_MAX && wake_event_parse(text.data, text.len, &again, &err) != WAKE_OK)
		__builtin_trap();
}

/* "REMOTE\nURL\n", then the lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_free char *text = malloc(size + 1);
	char *argv[] = { (char *)"pre-push", (char *)"", (char *)"", NULL };
	struct wake_hook_call call = { .name = "pre-push", .argc = 3, .argv = argv };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error err;
	size_t used = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (int i = 1; i <= 2; i++) {
		size_t len = strcspn(text + used, "\n");

		argv[i] = text + used;
		used += len;
		if (used < size)
			text[used++] = '\0';
	}
	call.input =
	    (struct wake_hook_input){ .data = text + used, .len = size - used, .taken = true, .whole = true };
	memcpy(call.identity.repository_id, WAKE_ID_NAMESPACE, WAKE_ID_SIZE);
	memcpy(call.identity.worktree_id, WAKE_ID_NAMESPACE, WAKE_ID_SIZE);
	if (wake_push_add(&call, &events, &err) == WAKE_OK) {
		for (size_t i = 0; i < events.count; i++)
			check_event(&events.items[i]);
	}
	return 0;
}
