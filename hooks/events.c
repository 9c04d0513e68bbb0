/* SPDX-License-Identifier: MIT */
/* What a hook was told, as events: long lists are split over several, never cut. */
#include "hooks/hook.h"

static json_t *slice(const json_t *list, size_t from, size_t most)
{
	json_t *part = json_array();
	size_t count = json_array_size(list);

	for (size_t i = from; part && i < count && i - from < most; i++) {
		if (json_array_append(part, json_array_get(list, i)) < 0) {
			json_decref(part);
			return NULL;
		}
	}
	return part;
}

static int add_event(
    enum wake_event_type type, json_t *data, struct wake_events *events, struct wake_error *err)
{
	struct wake_event event = { 0 };
	int ret = wake_event_make(type, NULL, 0, data, &event, err);

	return ret < 0 ? ret : wake_events_add(events, &event, err);
}

int wake_hook_add_list(const struct wake_hook_call *call, enum wake_event_type type, json_t *base,
    const char *key, const json_t *list, struct wake_events *events, struct wake_error *err)
{
	int ret = wake_json_set_string(base, "repository_id", call->identity.repository_id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(base, "worktree_id", call->identity.worktree_id, err);
	for (size_t at = 0; ret == WAKE_OK && at < json_array_size(list); at += WAKE_EVENT_LIST_MAX) {
		json_t *data = json_copy(base);

		ret = data ? wake_json_set(data, key, slice(list, at, WAKE_EVENT_LIST_MAX), err)
		           : wake_fail_nomem(err);
		if (ret < 0)
			json_decref(data);
		else
			ret = add_event(type, data, events, err);
	}
	return ret;
}
