/* SPDX-License-Identifier: MIT */
/* What runs amount to, together and by what they have in common. */
#ifndef WAKE_QUERY_STATS_H
#define WAKE_QUERY_STATS_H

#include "store/query.h"

enum wake_stats_by {
	WAKE_STATS_ALL,      /* one row */
	WAKE_STATS_BY_DAY,   /* the day, UTC, that a run began; the latest first */
	WAKE_STATS_BY_MODEL, /* all others: the costliest first */
	WAKE_STATS_BY_REPO,
	WAKE_STATS_BY_WORKFLOW,
	WAKE_STATS_BY_SESSION,
};

/* Runs that began in [since, until), microseconds UTC. An array of {"key", "name" (of a session), "runs",
 * "completed", "failed", "killed", "input_tokens", "output_tokens", "cache_read_tokens",
 * "cache_write_tokens", "cost" (US dollars; of the runs whose cost is known), "runs_without_cost",
 * "own_added_lines", "own_removed_lines"}; key null: the runs that have none. owned: json_decref. */
int wake_query_stats(struct wake_store *store, enum wake_stats_by by, int64_t since, int64_t until,
    json_t **ret_rows, struct wake_error *err) WAKE_MUST_CHECK;

#endif
