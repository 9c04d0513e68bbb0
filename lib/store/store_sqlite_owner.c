/* SPDX-License-Identifier: MIT */
/* Whose an SQLite file is. */
#include <sqlite3.h>
#include <stdio.h>

#include "store/store_sqlite.h"

/* Like a pragma, it is asked before there is any schema of ours. */
static const char question[] =
    "select min(name) from sqlite_master where type in ('table', 'view') "
    "and name in ('workflow_runs', 'workflow_processes', 'sessions', 'messages', 'users') "
    "and not exists (select 1 from sqlite_master where name = 'runwake_migrations')";

int wake_store_sqlite_find_owner(struct sqlite3 *db, char ret_table[WAKE_STORE_TABLE_SIZE])
{
	sqlite3_stmt *stmt = NULL;
	int result = sqlite3_prepare_v2(db, question, -1, &stmt, NULL);
	const char *table = NULL;

	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	if (result == SQLITE_ROW)
		table = (const char *)sqlite3_column_text(stmt, 0);
	(void)snprintf(ret_table, WAKE_STORE_TABLE_SIZE, "%s", table ? table : "");
	(void)sqlite3_finalize(stmt);
	return result == SQLITE_ROW ? SQLITE_OK : result;
}
