/* SPDX-License-Identifier: MIT */
/* From an entry of the to-do to a run in the record. */
#include "agent/remote_run.h"
#include "event/remote_entry.h"
#include "event/spool.h"

int wake_remote_begin(
    const struct wake_paths *paths, const char *host, struct wake_remote_entry *entry, struct wake_error *err)
{
	const struct wake_remote_begun begun = { .run_id = wake_remote_entry_text(entry, "run_id"),
		.workflow = wake_remote_entry_text(entry, "workflow"),
		.task = wake_remote_entry_text(entry, "task"),
		.session_name = wake_remote_entry_text(entry, "session_name"),
		.branch = wake_remote_entry_text(entry, "branch"),
		.repository = wake_remote_entry_text(entry, "repo"),
		.url = wake_remote_entry_text(entry, "url"),
		.remote = wake_remote_entry_text(entry, "remote"),
		.host = host,
		.max_turns = wake_json_int(entry->json, "max_turns", 0),
		.timeout = wake_json_int(entry->json, "timeout", 0),
		.is_persistent = wake_json_true(entry->json, "persistent"),
		.at = wake_remote_entry_time(entry, "started_at") };
	wake_auto_events struct wake_events events = { 0 };
	int ret = wake_remote_tell_start(&begun, &events, err);

	if (ret == WAKE_OK)
		ret = wake_spool_append(paths->spool, &events, true, err);
	if (ret < 0)
		return ret;
	entry->phase = WAKE_REMOTE_TRACKED;
	return wake_remote_entry_write(paths, entry, err);
}
