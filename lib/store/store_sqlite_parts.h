/* SPDX-License-Identifier: MIT */
/* The SQLite driver's connection, which its two halves share: store_sqlite.c opens it and has its transactions,
 * store_sqlite_statements.c has what is asked of it. Private to the driver. */
#ifndef WAKE_STORE_SQLITE_PARTS_H
#define WAKE_STORE_SQLITE_PARTS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "store/store_driver.h"

struct wake_sqlite_statement {
	sqlite3_stmt *stmt; /* NULL until its first use */
	bool reading;       /* a wake_rows stands on it */
};

struct wake_sqlite_store {
	struct wake_store base; /* first */
	sqlite3 *db;
	char *path;
	bool in_transaction;
	struct wake_sqlite_statement statements[WAKE_SQL_COUNT + 1]; /* one more: no array is empty */
};

/* To be called before the connection is used again: the text is its last one. */
int wake_sqlite_fail(struct wake_sqlite_store *store, int result, struct wake_error *err, const char *doing);

/* After a failure that made SQLite roll back, it would go on in autocommit mode, one statement after the
 * other. */
int wake_sqlite_check_transaction(struct wake_sqlite_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- functions of struct wake_store_driver ------------------------------------------------------ */

int wake_sqlite_run(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err) WAKE_MUST_CHECK;
int wake_sqlite_check_all(struct wake_store *base, struct wake_error *err) WAKE_MUST_CHECK;
int wake_sqlite_query(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    struct wake_rows **ret_rows, struct wake_error *err) WAKE_MUST_CHECK;

int wake_sqlite_rows_next(struct wake_rows *base, struct wake_error *err) WAKE_MUST_CHECK;
void wake_sqlite_rows_free(struct wake_rows *base);
size_t wake_sqlite_rows_columns(const struct wake_rows *base);
const char *wake_sqlite_rows_name(const struct wake_rows *base, size_t column);
bool wake_sqlite_rows_is_null(const struct wake_rows *base, size_t column);
int64_t wake_sqlite_rows_int(const struct wake_rows *base, size_t column);
const char *wake_sqlite_rows_text(const struct wake_rows *base, size_t column);

#endif
