/* SPDX-License-Identifier: MIT */
/* The parts of `runwake db` that have files of their own. */
#ifndef WAKE_DB_H
#define WAKE_DB_H

#include "base/json.h"
#include "base/str.h"
#include "cli/command.h"
#include "store/feed.h"
#include "store/optional.h"
#include "store/rights.h"
#include "store/sizes.h"
#include "store/waiting.h"

/* copy [FROM] TO [--use] [--json] */
int wake_db_copy(struct wake_command_context *context, struct wake_error *err) WAKE_MUST_CHECK;

/* trim [--json] */
int wake_db_trim(struct wake_command_context *context, struct wake_error *err) WAKE_MUST_CHECK;

/* What `status` says of sizes. */
struct wake_db_sizes {
	struct wake_sizes tables;
	int64_t kept; /* bytes of kept contents */
};

/* Where the store cannot tell, its tables are left out. */
void wake_db_sizes_read(struct wake_store *store, struct wake_db_sizes *ret_sizes);
/* Adds kept_bytes, rows_estimated and tables. -1: memory is out. */
int wake_db_sizes_add(const struct wake_db_sizes *sizes, json_t *document) WAKE_MUST_CHECK;
int wake_db_sizes_print(const struct wake_db_sizes *sizes, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- a team's ---------------------------------------------------------------------------------- */

/* fold: what machines inserted that may do no more. */
int wake_db_fold(struct wake_command_context *context, struct wake_error *err);

/* feed: tells the team's database what waits for it. */
int wake_db_feed(struct wake_command_context *context, struct wake_error *err);

/* migrate --optional NAME, with or without --dry-run. */
int wake_db_optional(struct wake_command_context *context, const char *name, struct wake_error *err);

/* What a store in a team has besides its own: rights, what waits in it, what waits to be told to another. */
struct wake_team_state {
	struct wake_rights rights;
	struct wake_waiting waiting;
	struct wake_partitions partitions;
	struct wake_feed_state feed; /* owned: release with wake_team_state_release */
	struct wake_feed_counts feed_counts;
};
int wake_team_state_read(
    struct wake_store *store, struct wake_team_state *ret_state, struct wake_error *err) WAKE_MUST_CHECK;
void wake_team_state_release(struct wake_team_state *state);

/* Members for a JSON document; lines for a person. */
int wake_team_state_json(
    const struct wake_team_state *state, json_t *document, struct wake_error *err) WAKE_MUST_CHECK;
void wake_team_state_append(const struct wake_team_state *state, struct wake_str *out);

#endif
