/* SPDX-License-Identifier: MIT */
/* What Codex kept of a run that was wrapped: its stream names no model, and of a resumed thread it tells the
 * sums of all that went before. */
#ifndef WAKE_RUN_ROLLOUT_H
#define WAKE_RUN_ROLLOUT_H

#include "agent/transcript.h"

struct wake_run_rollout {
	const char *run_id, *thread; /* borrowed, as all here; thread: as the stream told it */
	int64_t begun;               /* of the run, microseconds UTC */
	const struct wake_prices *prices;
	const struct wake_redactor *redactor;
};

/* Adds what the rollout of the thread tells of the run: its answers with their costs, and a report with the
 * model. ret_told: there was one, with answers in it. WAKE_NOTFOUND: there is no rollout. */
int wake_run_rollout_tell(const struct wake_run_rollout *rollout, struct wake_events *events, bool *ret_told,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
