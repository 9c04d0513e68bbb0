/* SPDX-License-Identifier: MIT */
/* Heartbeats: these runs are still active, as far as this machine can tell. */
#include "event/event.h"
#include "event/spool.h"
#include "watcher/runs_parts.h"

static int add_beat(struct wake_events *events, json_t *ids, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *data = json_object();
	int ret = data ? wake_json_set(data, "run_ids", json_incref(ids), err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_event_make(WAKE_EVENT_HEARTBEAT, NULL, 0, json_incref(data), &event, err);
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

/* *at: where to go on. */
static int add_next(
    const struct wake_runs *runs, size_t *at, struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *ids = json_array();

	if (!ids)
		return wake_fail_nomem(err);
	for (; *at < runs->count && json_array_size(ids) < WAKE_EVENT_LIST_MAX; (*at)++) {
		const struct wake_run *run = runs->items[*at];

		if (!run->dead && json_array_append_new(ids, json_string(run->active.run_id)) < 0)
			return wake_fail_nomem(err);
	}
	return json_array_size(ids) > 0 ? add_beat(events, ids, err) : WAKE_OK;
}

int wake_runs_beat(const struct wake_runs *runs, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	size_t at = 0;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && at < runs->count)
		ret = add_next(runs, &at, &events, err);
	if (ret < 0 || events.count == 0)
		return ret;
	return wake_spool_append(runs->scene->paths->spool, &events, false, err);
}
