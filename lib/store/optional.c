/* SPDX-License-Identifier: MIT */
/* Optional parts of a team's database. */
#include "store/optional.h"

#include <string.h>

#include "base/clock.h"

#define MONTH (INT64_C(31) * 24 * 3600 * WAKE_SECOND)

static bool is_database(const struct wake_store *store)
{
	return strcmp(wake_store_driver(store), "postgres") == 0;
}

int wake_optional_find(const char *name, const struct wake_optional **ret_optional, struct wake_error *err)
{
	for (const struct wake_optional *at = wake_optionals; at->name; at++) {
		if (strcmp(at->name, name) == 0) {
			*ret_optional = at;
			return WAKE_OK;
		}
	}
	return wake_fail(
	    err, WAKE_INVALID, "there is nothing optional called '%.64s'; it is roles or partitions", name);
}

int wake_optional_apply(
    struct wake_store *store, const struct wake_optional *optional, struct wake_error *err)
{
	int status;

	if (!is_database(store))
		return wake_fail(err, WAKE_INVALID,
		    "the store is a file: %s are for a team's PostgreSQL database", optional->name);
	status = wake_store_begin(store, err);
	if (status != WAKE_OK)
		return status;
	status = wake_store_exec_script(store, optional->text, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status == WAKE_OK ? WAKE_OK : wake_error_prefix(err, "%s", optional->name);
}

int wake_partitions_read(
    struct wake_store *store, struct wake_partitions *ret_partitions, struct wake_error *err)
{
	struct wake_partitions partitions = { .until = WAKE_TIME_NONE };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = WAKE_OK;

	if (is_database(store))
		status = wake_store_query(store, WAKE_SQL_STORE_PARTITIONS, NULL, 0, &rows, err);
	if (status == WAKE_OK && rows)
		status = wake_rows_next(rows, err);
	if (status == 1) {
		partitions.until = wake_rows_time(rows, 0);
		partitions.overdue = partitions.until != WAKE_TIME_NONE &&
		                     (wake_rows_int(rows, 1) || partitions.until < wake_clock_now() + MONTH);
	}
	if (status >= 0)
		*ret_partitions = partitions;
	return status < 0 ? status : WAKE_OK;
}
