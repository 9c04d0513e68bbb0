/* SPDX-License-Identifier: MIT */
/* Whose an SQLite file is. */
#include <sqlite3.h>

#include "store/store_sqlite.h"

/* Like a pragma, it is asked before there is any schema of ours. */
static const char question[] =
    "select min(name) from sqlite_master where type in ('table', 'view') "
    "and name in ('workflow_runs', 'workflow_processes', 'sessions', 'messages', 'users') "
    "and not exists (select 1 from sqlite_master where name = 'runwake_migrations')";

int wake_store_sqlite_refuse_other(struct sqlite3 *db, const char *path, struct wake_error *err)
{
	sqlite3_stmt *stmt = NULL;
	const char *table = NULL;
	int status = WAKE_OK;

	if (sqlite3_prepare_v2(db, question, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		table = (const char *)sqlite3_column_text(stmt, 0);
	if (table)
		status = wake_fail(err, WAKE_INVALID,
		    "the file '%s' holds another system's tables (%s), and a file cannot be shared; name one of "
		    "its own: RUNWAKE_STORE=sqlite:/PATH",
		    path, table);
	(void)sqlite3_finalize(stmt);
	return status;
}
