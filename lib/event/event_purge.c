/* SPDX-License-Identifier: MIT */
/* What a purge takes from an event. A pure function of it, so that every ledger comes to the same. */
#include "event/event_types.h"

#include <string.h>

bool wake_event_has_words(enum wake_event_type type)
{
	const struct wake_event_member *member = wake_event_shapes[type].members;

	while (member->name && !member->is_words)
		member++;
	return member->name != NULL;
}

/* Of a text its length; of anything else what it takes as JSON. */
static int count_bytes(const json_t *value, size_t *ret_bytes, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_LARGEST);
	int status = WAKE_OK;

	if (json_is_string(value)) {
		*ret_bytes = json_string_length(value);
		return WAKE_OK;
	}
	if (json_object_size(value) > 0)
		status = wake_json_append(&text, value, err);
	*ret_bytes = text.len;
	return status;
}

static int blank_member(json_t *data, const struct wake_event_member *member, struct wake_error *err)
{
	if (member->kind == WAKE_MEMBER_OBJECT)
		return wake_json_set(data, member->name, json_object(), err);
	if (member->required)
		return wake_json_set(data, member->name, json_string(""), err);
	(void)json_object_del(data, member->name);
	return WAKE_OK;
}

int wake_event_blank(enum wake_event_type type, json_t *data, size_t *ret_bytes, struct wake_error *err)
{
	size_t total = 0;
	int status = WAKE_OK;

	for (const struct wake_event_member *member = wake_event_shapes[type].members;
	     status == WAKE_OK && member->name; member++) {
		const json_t *value = member->is_words ? json_object_get(data, member->name) : NULL;
		size_t bytes = 0;

		if (!value)
			continue;
		status = count_bytes(value, &bytes, err);
		total += bytes;
		if (status == WAKE_OK)
			status = blank_member(data, member, err);
	}
	if (status == WAKE_OK)
		*ret_bytes = total;
	return status;
}
