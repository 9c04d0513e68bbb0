/* SPDX-License-Identifier: MIT */
/* One row of another system's workflow_runs or workflow_processes, as a run-imported event. What does not fit
 * loses nothing: it is kept whole in the event's metadata, under legacy_COLUMN, and told. */
#ifndef WAKE_EXISTING_ROW_H
#define WAKE_EXISTING_ROW_H

#include <stdbool.h>

#include "event/event.h"

enum wake_existing_table { WAKE_EXISTING_RUNS, WAKE_EXISTING_PROCESSES };

struct wake_existing_row {
	enum wake_existing_table table;
	const json_t *values;  /* borrowed; column → its text; null and missing are the same */
	bool session_is_known; /* session_id is a row of sessions */
	bool user_is_known;
	int64_t now; /* microseconds UTC */
};

/* What became of a row. */
struct wake_existing_told {
	char *payload;       /* owned; the event's data as JSON */
	json_t *misfits;     /* owned; texts "COLUMN: REASON", each once */
	bool assumed_utc;    /* a time without zone was taken as UTC */
	char old_status[64]; /* as it stood there, cut */
	const char *status;  /* static; as it is now */
};

void wake_existing_told_release(struct wake_existing_told *told);

/* ret_event: release with wake_event_release; its id is a function of the row alone. */
int wake_existing_row_event(const struct wake_existing_row *row, struct wake_event *ret_event,
    struct wake_existing_told *ret_told, struct wake_error *err) WAKE_MUST_CHECK;

/* As the database writes a timestamp, with or without zone, in text or in JSON. False: no time that a run can
 * have. */
bool wake_existing_time(const char *text, int64_t *ret_at, bool *ret_has_zone);

#define wake_auto_existing_told WAKE_CLEANUP(wake_existing_told_release)

#endif
