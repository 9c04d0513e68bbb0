/* SPDX-License-Identifier: MIT */
/* What runs amount to, together and by what they have in common. */
#ifndef WAKE_QUERY_STATS_H
#define WAKE_QUERY_STATS_H

#include "store/query.h"

/* Runs that began in [since, until), microseconds UTC, by "day" (UTC; the latest first), "model", "repo",
 * "workflow" or "session" (the costliest first); by anything else: all together. rows: an array of {"key",
 * "name" (of a session), "runs", "completed", "failed", "killed", "input_tokens", "output_tokens",
 * "cache_read_tokens", "cache_write_tokens", "cost" (US dollars; of the runs whose cost is known),
 * "runs_without_cost", "own_added_lines", "own_removed_lines"}; key null: the runs that have none. total:
 * the sums of these numbers over all rows. owned: json_decref. */
int wake_query_stats(struct wake_store *store, const char *by, int64_t since, int64_t until,
    json_t **ret_rows, json_t **ret_total, struct wake_error *err) WAKE_MUST_CHECK;

#endif
