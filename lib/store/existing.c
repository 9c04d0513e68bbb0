/* SPDX-License-Identifier: MIT */
/* Is there an existing system in the database, and can it be taken over? */
#include "store/existing.h"

#include <stdio.h>
#include <string.h>

#include "store/existing_parts.h"
#include "store/migrate.h"

/* Columns of existing_found.sql, in order. */
enum {
	F_KIND,
	F_SCHEMA,
	F_HERE,
	F_OWNER,
	F_OURS,
	F_RUN_ID,
	F_REFERRER,
	F_P_KIND,
	F_P_OWNER,
	F_P_OURS,
	F_P_RUN_ID,
	F_SESSION_TYPE,
	F_SESSIONS,
	F_USER_TYPE,
	F_USERS,
	F_MESSAGES,
	F_OID,
	F_P_OID
};

static void copy_text(const struct wake_rows *rows, size_t column, char *ret_text, size_t size)
{
	const char *text = wake_rows_text(rows, column);

	(void)snprintf(ret_text, size, "%s", text ? text : "");
}

static bool text_is(const struct wake_rows *rows, size_t column, const char *expected)
{
	const char *text = wake_rows_text(rows, column);

	return text && strcmp(text, expected) == 0;
}

static int64_t count_of(const struct wake_rows *rows, size_t column)
{
	return wake_rows_is_null(rows, column) ? -1 : wake_rows_int(rows, column);
}

static void read_row(const struct wake_rows *rows, bool migrated, struct wake_existing_catalogue *catalogue)
{
	catalogue->existing.runs = !wake_rows_is_null(rows, F_KIND) && !migrated;
	catalogue->existing.processes = !wake_rows_is_null(rows, F_P_KIND);
	copy_text(rows, F_SCHEMA, catalogue->schema, sizeof(catalogue->schema));
	copy_text(rows, F_HERE, catalogue->here, sizeof(catalogue->here));
	copy_text(rows, F_OWNER, catalogue->owner, sizeof(catalogue->owner));
	copy_text(rows, F_REFERRER, catalogue->referrer, sizeof(catalogue->referrer));
	copy_text(rows, F_P_OWNER, catalogue->processes_owner, sizeof(catalogue->processes_owner));
	catalogue->runs_are_plain = text_is(rows, F_KIND, "r");
	catalogue->runs_are_ours = wake_rows_int(rows, F_OURS) != 0;
	catalogue->runs_have_id = !wake_rows_is_null(rows, F_RUN_ID);
	catalogue->processes_are_plain = text_is(rows, F_P_KIND, "r");
	catalogue->processes_are_ours = wake_rows_int(rows, F_P_OURS) != 0;
	catalogue->processes_have_id = !wake_rows_is_null(rows, F_P_RUN_ID);
	catalogue->sessions_have_uuids = text_is(rows, F_SESSION_TYPE, "uuid");
	catalogue->users_have_uuids = text_is(rows, F_USER_TYPE, "uuid");
	catalogue->sessions = count_of(rows, F_SESSIONS);
	catalogue->messages = count_of(rows, F_MESSAGES);
	catalogue->users = count_of(rows, F_USERS);
	catalogue->runs_oid = count_of(rows, F_OID);
	catalogue->processes_oid = count_of(rows, F_P_OID);
}

int wake_existing_read_catalogue(
    struct wake_store *store, struct wake_existing_catalogue *ret_catalogue, struct wake_error *err)
{
	struct wake_migration_status migrations = { 0 };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_migrate_status(store, &migrations, err);

	*ret_catalogue = (struct wake_existing_catalogue){ .sessions = -1, .messages = -1, .users = -1 };
	if (status != WAKE_OK || strcmp(wake_store_driver(store), "postgres") != 0)
		return status;
	status = wake_store_query(store, WAKE_SQL_EXISTING_FOUND, NULL, 0, &rows, err);
	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;
	read_row(rows, migrations.applied > 0, ret_catalogue);
	return WAKE_OK;
}

static int check_runs(const struct wake_existing_catalogue *catalogue, struct wake_error *err)
{
	if (!catalogue->runs_are_plain || !catalogue->runs_have_id)
		return wake_fail(err, WAKE_INVALID,
		    "the existing workflow_runs is %s and cannot be upgraded; rename it, and migrate again",
		    catalogue->runs_are_plain ? "a table without a run_id" : "no plain table");
	if (!catalogue->runs_are_ours)
		return wake_fail(err, WAKE_UNAVAILABLE,
		    "the existing workflow_runs belongs to %s, who alone may alter it: run 'runwake db "
		    "migrate' as %s",
		    catalogue->owner, catalogue->owner);
	if (strcmp(catalogue->schema, catalogue->here) != 0)
		return wake_fail(err, WAKE_INVALID,
		    "the existing workflow_runs is in the schema %s, and new tables would be made in %s: set "
		    "the role's "
		    "search_path so that %s comes first",
		    catalogue->schema, catalogue->here, catalogue->schema);
	if (*catalogue->referrer)
		return wake_fail(err, WAKE_INVALID,
		    "a foreign key of %s refers to workflow_runs by another column than run_id, and ids "
		    "change when the "
		    "table is upgraded: let it refer to run_id, or drop it, and migrate again",
		    catalogue->referrer);
	return WAKE_OK;
}

int wake_existing_check(const struct wake_existing_catalogue *catalogue, struct wake_error *err)
{
	int status = catalogue->existing.runs ? check_runs(catalogue, err) : WAKE_OK;

	if (status != WAKE_OK || !catalogue->existing.processes)
		return status;
	if (!catalogue->processes_are_plain || !catalogue->processes_have_id)
		return wake_fail(err, WAKE_INVALID,
		    "the existing workflow_processes is %s and cannot be carried over; rename it, and "
		    "migrate again",
		    catalogue->processes_are_plain ? "a table without a run_id" : "no plain table");
	if (!catalogue->processes_are_ours)
		return wake_fail(err, WAKE_UNAVAILABLE,
		    "the existing workflow_processes belongs to %s, who alone may drop it: run 'runwake db "
		    "migrate' as %s",
		    catalogue->processes_owner, catalogue->processes_owner);
	return WAKE_OK;
}

int wake_existing_find(struct wake_store *store, struct wake_existing *ret_existing, struct wake_error *err)
{
	struct wake_existing_catalogue catalogue;
	int status = wake_existing_read_catalogue(store, &catalogue, err);

	if (status == WAKE_OK)
		*ret_existing = catalogue.existing;
	return status;
}
