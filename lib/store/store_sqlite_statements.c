/* SPDX-License-Identifier: MIT */
/* What is asked of a SQLite store: each statement is prepared once, gets its values by name, and is run or
 * read row by row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_sqlite_parts.h"

struct sqlite_rows {
	struct wake_rows base; /* first */
	struct wake_sqlite_store *store;
	struct wake_sqlite_statement *statement;
	enum wake_sql sql;
	bool ended;
};

/* ---- statements ------------------------------------------------------------------------------- */

static int fail_statement(
    struct wake_sqlite_store *store, enum wake_sql sql, int result, struct wake_error *err)
{
	char doing[128];

	snprintf(doing, sizeof(doing), "statement %s", wake_sql_texts[sql].name);
	return wake_sqlite_fail(store, result, err, doing);
}

static int prepare(
    struct wake_sqlite_store *store, enum wake_sql sql, sqlite3_stmt **ret_stmt, struct wake_error *err)
{
	const char *text = wake_sql_texts[sql].sqlite;
	sqlite3_stmt *stmt = NULL;
	const char *rest;
	int result;

	if (!text)
		return wake_fail(
		    err, WAKE_INVALID, "statement %s is not for SQLite", wake_sql_texts[sql].name);
	result = sqlite3_prepare_v3(store->db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &rest);
	if (result != SQLITE_OK)
		return fail_statement(store, sql, result, err);
	if (!stmt || rest[strspn(rest, " \t\n")] != '\0') {
		sqlite3_finalize(stmt);
		return wake_fail(err, WAKE_INVALID,
		    "statement %s: a file holds one statement, and nothing after it",
		    wake_sql_texts[sql].name);
	}
	*ret_stmt = stmt;
	return WAKE_OK;
}

/* The statement of that name, ready for its values. */
static int take_statement(struct wake_sqlite_store *store, enum wake_sql sql,
    struct wake_sqlite_statement **ret_statement, struct wake_error *err)
{
	struct wake_sqlite_statement *statement = &store->statements[sql];
	int status = wake_sqlite_check_transaction(store, err);

	if (status == WAKE_OK && statement->reading)
		status = wake_fail(
		    err, WAKE_INVALID, "statement %s is still being read", wake_sql_texts[sql].name);
	if (status == WAKE_OK && !statement->stmt)
		status = prepare(store, sql, &statement->stmt, err);
	if (status == WAKE_OK)
		*ret_statement = statement;
	return status;
}

/* A failed step has told its result already; reset would only tell it again. */
static void put_back(struct wake_sqlite_statement *statement)
{
	(void)sqlite3_reset(statement->stmt);
	(void)sqlite3_clear_bindings(statement->stmt);
	statement->reading = false;
}

static int bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	return text ? sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(stmt, at);
}

static int bind_value(sqlite3_stmt *stmt, int at, const struct wake_value *value)
{
	char time[WAKE_TIME_SIZE];

	switch (value->kind) {
	case WAKE_VALUE_INT:
	case WAKE_VALUE_MONEY:
		return sqlite3_bind_int64(stmt, at, value->number);
	case WAKE_VALUE_BOOL:
		return sqlite3_bind_int64(stmt, at, value->number != 0);
	case WAKE_VALUE_TEXT:
	case WAKE_VALUE_JSON:
		return bind_text(stmt, at, value->text);
	case WAKE_VALUE_TIME:
		if (value->number == WAKE_TIME_NONE)
			return sqlite3_bind_null(stmt, at);
		wake_time_format(value->number, time);
		return bind_text(stmt, at, time);
	case WAKE_VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, at);
}

/* By name: SQLite numbers $2 as 1 where it comes first in the text. */
static int bind_values(struct wake_sqlite_store *store, enum wake_sql sql, sqlite3_stmt *stmt,
    const struct wake_value *values, size_t count, struct wake_error *err)
{
	if (sqlite3_bind_parameter_count(stmt) != (int)count)
		return wake_fail(err, WAKE_INVALID, "statement %s takes %d values, not %zu",
		    wake_sql_texts[sql].name, sqlite3_bind_parameter_count(stmt), count);
	for (size_t i = 0; i < count; i++) {
		char name[24];
		int at, result;

		snprintf(name, sizeof(name), "$%zu", i + 1);
		at = sqlite3_bind_parameter_index(stmt, name);
		if (at == 0)
			return wake_fail(err, WAKE_INVALID, "statement %s has no parameter %s",
			    wake_sql_texts[sql].name, name);
		result = bind_value(stmt, at, &values[i]);
		if (result != SQLITE_OK)
			return fail_statement(store, sql, result, err);
	}
	return WAKE_OK;
}

int wake_sqlite_run(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
	struct wake_sqlite_statement *statement;
	int result = SQLITE_ROW;
	int status = take_statement(store, sql, &statement, err);

	if (status != WAKE_OK)
		return status;
	status = bind_values(store, sql, statement->stmt, values, count, err);
	while (status == WAKE_OK && result == SQLITE_ROW)
		result = sqlite3_step(statement->stmt);
	if (status == WAKE_OK && result != SQLITE_DONE)
		status = fail_statement(store, sql, result, err);
	/* A statement that writes nothing leaves the count of the one before it. */
	if (status == WAKE_OK && ret_changed)
		*ret_changed = sqlite3_stmt_readonly(statement->stmt) ? 0 : sqlite3_changes(store->db);
	put_back(statement);
	return status;
}

int wake_sqlite_check_all(struct wake_store *base, struct wake_error *err)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
	for (size_t sql = 0; wake_sql_texts[sql].name; sql++) {
		struct wake_sqlite_statement *statement;
		int status = WAKE_OK;

		/* Not every SQLite library has what sizes are read from; nothing depends on them. */
		if (wake_sql_texts[sql].sqlite && sql != WAKE_SQL_SIZE_TABLES)
			status = take_statement(store, (enum wake_sql)sql, &statement, err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}

/* ---- rows ------------------------------------------------------------------------------------- */

int wake_sqlite_query(struct wake_store *base, enum wake_sql sql, const struct wake_value *values,
    size_t count, struct wake_rows **ret_rows, struct wake_error *err)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
	struct wake_sqlite_statement *statement;
	struct sqlite_rows *rows;
	int status = take_statement(store, sql, &statement, err);

	if (status != WAKE_OK)
		return status;
	rows = malloc(sizeof(*rows));
	status = rows ? bind_values(store, sql, statement->stmt, values, count, err) : wake_fail_nomem(err);
	if (status != WAKE_OK) {
		put_back(statement);
		free(rows);
		return status;
	}
	statement->reading = true;
	*rows = (struct sqlite_rows){ { store->base.driver }, store, statement, sql, false };
	*ret_rows = &rows->base;
	return WAKE_OK;
}

/* A text may have to be copied to get its NUL. Doing it here means that wake_rows_text cannot fail. */
static int fetch_texts(struct sqlite_rows *rows, struct wake_error *err)
{
	sqlite3_stmt *stmt = rows->statement->stmt;

	for (int column = 0; column < sqlite3_data_count(stmt); column++) {
		if (sqlite3_column_type(stmt, column) == SQLITE_TEXT && !sqlite3_column_text(stmt, column))
			return wake_fail_nomem(err);
	}
	return 1;
}

int wake_sqlite_rows_next(struct wake_rows *base, struct wake_error *err)
{
	struct sqlite_rows *rows = (struct sqlite_rows *)base;
	int result, status = 0;

	/* One step more after the last would start the statement again. */
	if (rows->ended)
		return 0;
	result = sqlite3_step(rows->statement->stmt);
	if (result == SQLITE_ROW)
		status = fetch_texts(rows, err);
	else if (result != SQLITE_DONE)
		status = fail_statement(rows->store, rows->sql, result, err);
	rows->ended = status != 1;
	if (rows->ended)
		(void)sqlite3_reset(rows->statement->stmt);
	return status;
}

void wake_sqlite_rows_free(struct wake_rows *base)
{
	put_back(((struct sqlite_rows *)base)->statement);
	free(base);
}

static sqlite3_stmt *stmt_of(const struct wake_rows *base)
{
	return ((const struct sqlite_rows *)base)->statement->stmt;
}

size_t wake_sqlite_rows_columns(const struct wake_rows *base)
{
	return (size_t)sqlite3_column_count(stmt_of(base));
}

const char *wake_sqlite_rows_name(const struct wake_rows *base, size_t column)
{
	return sqlite3_column_name(stmt_of(base), (int)column);
}

bool wake_sqlite_rows_is_null(const struct wake_rows *base, size_t column)
{
	return sqlite3_column_type(stmt_of(base), (int)column) == SQLITE_NULL;
}

int64_t wake_sqlite_rows_int(const struct wake_rows *base, size_t column)
{
	return sqlite3_column_int64(stmt_of(base), (int)column);
}

const char *wake_sqlite_rows_text(const struct wake_rows *base, size_t column)
{
	return (const char *)sqlite3_column_text(stmt_of(base), (int)column);
}
