/* SPDX-License-Identifier: MIT */
/* A service's list of runs: looked through for one whose id never reached us. */
#include <string.h>

#include "agent/remote_parts.h"
#include "agent/remote_run.h"

#define ITEMS_MAX 1000
#define NAME_ROOM 1024
#define CLOCKS_DIFFER (5 * 60 * WAKE_SECOND)

enum { RUN_ID, WORKFLOW, SESSION, STARTED, MEMBERS };
static const char *const members[MEMBERS] = { "run_id", "workflow_name", "session_name", "started_at" };

struct wanted {
	const char *workflow, *session;
	bool is_session_ours;
	int64_t since;
};

static bool says(struct wake_scan value, const char *text)
{
	char buffer[NAME_ROOM];

	return value.at && strcmp(wake_scan_copy(value, buffer, sizeof(buffer)), text) == 0;
}

/* ret_run_id: one byte longer than an id may be, so that a longer one is none. */
static bool is_wanted(
    struct wake_scan item, const struct wanted *wanted, char ret_run_id[WAKE_RUN_ID_MAX + 2])
{
	struct wake_scan views[MEMBERS];
	struct wake_error ignored;

	if (!wake_scan_pick(item, members, MEMBERS, views) || !views[RUN_ID].at ||
	    !says(views[WORKFLOW], wanted->workflow) || !says(views[SESSION], wanted->session))
		return false;
	if (!wanted->is_session_ours && wake_remote_time(views[STARTED]) < wanted->since - CLOCKS_DIFFER)
		return false;
	return wake_run_id_check(wake_scan_copy(views[RUN_ID], ret_run_id, WAKE_RUN_ID_MAX + 2), &ignored) ==
	       WAKE_OK;
}

int wake_remote_find_asked(const char *text, size_t len, const char *workflow, const char *session,
    bool is_session_ours, int64_t since, char ret_run_id[WAKE_RUN_ID_MAX + 1], struct wake_error *err)
{
	const struct wanted wanted = { workflow, session, is_session_ours, since };
	char found[WAKE_RUN_ID_MAX + 2], run_id[WAKE_RUN_ID_MAX + 2] = "";
	struct wake_scan whole, key, item;
	struct wake_scan_walk walk;
	size_t count = 0;

	if (!wake_scan_take(&text, &len, &whole) || !wake_scan_open(wake_scan_member(whole, "runs"), &walk))
		return wake_fail(err, WAKE_INVALID, "the answer is no list of runs");
	for (size_t i = 0; i < ITEMS_MAX && wake_scan_next(&walk, &key, &item); i++) {
		if (!is_wanted(item, &wanted, found) || strcmp(found, run_id) == 0)
			continue;
		count++;
		memcpy(run_id, found, sizeof(run_id));
	}
	if (count > 1)
		return wake_fail(
		    err, WAKE_BUSY, "several runs of the service may be the one that was asked for");
	if (count == 0)
		return wake_fail(
		    err, WAKE_NOTFOUND, "the service lists no run that could be the one that was asked for");
	memcpy(ret_run_id, run_id, WAKE_RUN_ID_MAX + 1);
	return WAKE_OK;
}
