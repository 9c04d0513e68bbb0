/* SPDX-License-Identifier: MIT */
/* What a stream tells of a run, as an event. */
#ifndef WAKE_REPORT_H
#define WAKE_REPORT_H

#include "agent/prices.h"
#include "agent/stream.h"
#include "event/event.h"
#include "event/redact.h"

/* Adds a run-reported event of the source "stream". is_resumed: its sums hold what the session had before the run, so
 * they are left out; the transcript knows both. Nothing where the stream has told nothing. at: 0: now. */
struct wake_report_by {		/* all borrowed */
	const struct wake_redactor *redactor;
	const struct wake_prices *prices; /* for tokens whose cost the stream does not tell; NULL: none */
};
int wake_report_add(struct wake_events *events, const struct wake_report_by *by, const char *run_id,
    const struct wake_stream_facts *facts, bool is_resumed, int64_t at, struct wake_error *err) WAKE_MUST_CHECK;

#endif
