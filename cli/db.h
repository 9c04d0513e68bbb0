/* SPDX-License-Identifier: MIT */
/* The parts of `runwake db` that have files of their own. */
#ifndef WAKE_DB_H
#define WAKE_DB_H

#include "base/json.h"
#include "cli/command.h"
#include "store/sizes.h"

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

#endif
