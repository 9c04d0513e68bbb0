/* SPDX-License-Identifier: MIT */
/* The SQLite driver: one connection, its prepared statements and its transaction. The only file that knows
 * sqlite3.h. */
#include "store/store_sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_driver.h"

#define BUSY_MS 5000
#define auto_store WAKE_CLEANUP(scope_store)

struct statement {
	sqlite3_stmt *stmt; /* NULL until its first use */
	bool reading;       /* a wake_rows stands on it */
};

struct sqlite_store {
	struct wake_store base; /* first */
	sqlite3 *db;
	char *path;
	bool in_transaction;
	struct statement statements[WAKE_SQL_COUNT + 1]; /* one more: no array is empty */
};

struct sqlite_rows {
	struct wake_rows base; /* first */
	struct sqlite_store *store;
	struct statement *statement;
	enum wake_sql sql;
	bool ended;
};

static const struct wake_store_driver driver;

/* ---- failures --------------------------------------------------------------------------------- */

static const struct {
	int result; /* primary result code */
	enum wake_code code;
	const char *mend;
} failures[] = {
	{ SQLITE_BUSY, WAKE_BUSY, "; another process is writing to it, try again" },
	{ SQLITE_LOCKED, WAKE_BUSY, "; another process is writing to it, try again" },
	{ SQLITE_PROTOCOL, WAKE_BUSY, "; another process is opening it, try again" },
	{ SQLITE_FULL, WAKE_UNAVAILABLE, "; free some space" },
	{ SQLITE_IOERR, WAKE_UNAVAILABLE, "; look at the disk and its free space" },
	{ SQLITE_READONLY, WAKE_UNAVAILABLE, "; make the file and its directory writable for you" },
	{ SQLITE_CANTOPEN, WAKE_UNAVAILABLE, "; make the file and its directory writable for you" },
	{ SQLITE_PERM, WAKE_UNAVAILABLE, "; make the file and its directory writable for you" },
	{ SQLITE_ABORT, WAKE_UNAVAILABLE, "" },
	{ SQLITE_CORRUPT, WAKE_CORRUPT, "; put a backup in its place, or move it aside and start a new one" },
	{ SQLITE_NOTADB, WAKE_CORRUPT, "; name another file with RUNWAKE_STORE, or move this one aside" },
	{ SQLITE_CONSTRAINT, WAKE_INVALID, "" },
	{ SQLITE_MISMATCH, WAKE_INVALID, "" },
	{ SQLITE_TOOBIG, WAKE_INVALID, "" },
	{ SQLITE_NOMEM, WAKE_NOMEM, "" },
	/* What is left is a statement that does not fit the tables. */
	{ SQLITE_ERROR, WAKE_CORRUPT, "; run 'runwake db migrate'" },
};

/* To be called before the connection is used again: the text is its last one. */
static int fail_sqlite(struct sqlite_store *store, int result, struct wake_error *err, const char *doing)
{
	size_t at = 0;
	int sys = store->db ? sqlite3_system_errno(store->db) : 0;
	const char *text = sqlite3_errstr(result);

	if ((result & 0xff) == SQLITE_NOMEM || result == SQLITE_IOERR_NOMEM)
		return wake_fail_nomem(err);
	while (at < WAKE_COUNT(failures) - 1 && failures[at].result != (result & 0xff))
		at++;
	/* The connection's text says more, where it is about this failure. */
	if (store->db && (sqlite3_errcode(store->db) & 0xff) == (result & 0xff))
		text = sqlite3_errmsg(store->db);
	wake_fail(
	    err, failures[at].code, "store '%s', %s: %s%s", store->path, doing, text, failures[at].mend);
	if (failures[at].code == WAKE_UNAVAILABLE)
		err->sys = sys;
	return err->code;
}

/* After a failure that made SQLite roll back, it would go on in autocommit mode, one statement after the
 * other. */
static int check_transaction(struct sqlite_store *store, struct wake_error *err)
{
	if (!store->in_transaction || !sqlite3_get_autocommit(store->db))
		return WAKE_OK;
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "store '%s': the transaction was rolled back when one of its statements failed", store->path);
}

static int exec_text(struct sqlite_store *store, const char *text, const char *doing, struct wake_error *err)
{
	int result = sqlite3_exec(store->db, text, NULL, NULL, NULL);

	return result == SQLITE_OK ? WAKE_OK : fail_sqlite(store, result, err, doing);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static void rollback(struct wake_store *base)
{
	struct sqlite_store *store = (struct sqlite_store *)base;

	if (store->db && !sqlite3_get_autocommit(store->db))
		(void)sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
	store->in_transaction = false;
}

static void close_store(struct wake_store *base)
{
	struct sqlite_store *store = (struct sqlite_store *)base;

	for (size_t i = 0; i < WAKE_COUNT(store->statements); i++)
		sqlite3_finalize(store->statements[i].stmt);
	rollback(base);
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

static void scope_store(struct sqlite_store **store)
{
	if (*store)
		close_store(&(*store)->base);
}

static int set_up(struct sqlite_store *store, struct wake_error *err)
{
	/* A schema that somebody else edited must not make us run what it says; text is in single quotes
	 * only. */
	static const struct {
		int option;
		int value;
	} options[] = {
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	};
	int result = sqlite3_extended_result_codes(store->db, 1);

	for (size_t i = 0; result == SQLITE_OK && i < WAKE_COUNT(options); i++)
		result = sqlite3_db_config(store->db, options[i].option, options[i].value, (int *)NULL);
	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(store->db, BUSY_MS);
	if (result != SQLITE_OK)
		return fail_sqlite(store, result, err, "set up");
	/* The log keeps the size of its largest hour unless it is told a limit: 64 MiB. */
	return exec_text(store,
	    "pragma synchronous = full; pragma cell_size_check = on; pragma journal_size_limit = 67108864; "
	    "pragma cache_size = -16384",
	    "set up", err);
}

/* Runs a text whose first row has one value, and leaves the statement on that row. */
static int step_first(struct sqlite_store *store, const char *text, sqlite3_stmt **ret_stmt)
{
	sqlite3_stmt *stmt = NULL;
	int result = sqlite3_prepare_v2(store->db, text, -1, &stmt, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(stmt);
	*ret_stmt = stmt;
	return result == SQLITE_DONE ? SQLITE_ERROR : result;
}

/* Two that turn a new file to a write-ahead log at once would wait for each other: SQLite then answers BUSY
 * without asking the busy handler, so the waiting is done here. */
static int use_write_ahead_log(struct sqlite_store *store, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + BUSY_MS * (WAKE_SECOND / 1000);

	for (;;) {
		sqlite3_stmt *stmt;
		int result = step_first(store, "pragma journal_mode = wal", &stmt);
		int status = WAKE_OK;

		if (result != SQLITE_ROW)
			status = fail_sqlite(store, result, err, "open");
		else if (sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") != 0)
			status = wake_fail(err, WAKE_UNAVAILABLE,
			    "store '%s': no write-ahead log is possible there; name a file on a local disk",
			    store->path);
		sqlite3_finalize(stmt);
		if (status != WAKE_BUSY || wake_clock_monotonic() > deadline)
			return status;
		sqlite3_sleep(5);
	}
}

/* ---- transactions ----------------------------------------------------------------------------- */

static int begin(struct wake_store *base, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	int status;

	if (store->in_transaction)
		return wake_fail(err, WAKE_INVALID, "store '%s': a transaction is open already", store->path);
	/* Not deferred: one that reads first and writes later gets BUSY at once when another wrote in
	 * between. */
	status = exec_text(store, "begin immediate", "begin", err);
	store->in_transaction = status == WAKE_OK;
	return status;
}

static int commit(struct wake_store *base, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	int status = check_transaction(store, err);

	if (status == WAKE_OK)
		status = exec_text(store, "commit", "commit", err);
	if (status != WAKE_OK)
		rollback(base);
	store->in_transaction = false;
	return status;
}

static int exec_script(struct wake_store *base, const char *text, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	int status;

	if (!store->in_transaction)
		return wake_fail(
		    err, WAKE_INVALID, "store '%s': a script runs inside a transaction only", store->path);
	status = check_transaction(store, err);
	if (status == WAKE_OK)
		status = exec_text(store, text, "run a script", err);
	if (status == WAKE_OK && sqlite3_get_autocommit(store->db))
		status = wake_fail(
		    err, WAKE_INVALID, "store '%s': a script must not end its transaction", store->path);
	return status;
}

/* ---- statements ------------------------------------------------------------------------------- */

static int fail_statement(struct sqlite_store *store, enum wake_sql sql, int result, struct wake_error *err)
{
	char doing[128];

	snprintf(doing, sizeof(doing), "statement %s", wake_sql_texts[sql].name);
	return fail_sqlite(store, result, err, doing);
}

static int prepare(
    struct sqlite_store *store, enum wake_sql sql, sqlite3_stmt **ret_stmt, struct wake_error *err)
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
static int take_statement(
    struct sqlite_store *store, enum wake_sql sql, struct statement **ret_statement, struct wake_error *err)
{
	struct statement *statement = &store->statements[sql];
	int status = check_transaction(store, err);

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
static void put_back(struct statement *statement)
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
static int bind_values(struct sqlite_store *store, enum wake_sql sql, sqlite3_stmt *stmt,
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

static int run(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	struct statement *statement;
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

static int check_all(struct wake_store *base, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	for (size_t sql = 0; wake_sql_texts[sql].name; sql++) {
		struct statement *statement;
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

static int query(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    struct wake_rows **ret_rows, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	struct statement *statement;
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
	*rows = (struct sqlite_rows){ { &driver }, store, statement, sql, false };
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

static int rows_next(struct wake_rows *base, struct wake_error *err)
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

static void rows_free(struct wake_rows *base)
{
	put_back(((struct sqlite_rows *)base)->statement);
	free(base);
}

static sqlite3_stmt *stmt_of(const struct wake_rows *base)
{
	return ((const struct sqlite_rows *)base)->statement->stmt;
}

static size_t rows_columns(const struct wake_rows *base)
{
	return (size_t)sqlite3_column_count(stmt_of(base));
}

static const char *rows_name(const struct wake_rows *base, size_t column)
{
	return sqlite3_column_name(stmt_of(base), (int)column);
}

static bool rows_is_null(const struct wake_rows *base, size_t column)
{
	return sqlite3_column_type(stmt_of(base), (int)column) == SQLITE_NULL;
}

static int64_t rows_int(const struct wake_rows *base, size_t column)
{
	return sqlite3_column_int64(stmt_of(base), (int)column);
}

static const char *rows_text(const struct wake_rows *base, size_t column)
{
	return (const char *)sqlite3_column_text(stmt_of(base), (int)column);
}

/* ---- the whole database ----------------------------------------------------------------------- */

static int read_number(
    struct sqlite_store *store, const char *text, int64_t *ret_number, struct wake_error *err)
{
	sqlite3_stmt *stmt;
	int result = step_first(store, text, &stmt);
	int status = WAKE_OK;

	if (result == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(stmt, 0);
	else
		status = fail_sqlite(store, result, err, "measure");
	sqlite3_finalize(stmt);
	return status;
}

static int sizes(struct wake_store *base, int64_t *ret_bytes, int64_t *ret_free, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	int64_t page_size, pages, unused;
	int status = read_number(store, "pragma page_size", &page_size, err);

	if (status == WAKE_OK)
		status = read_number(store, "pragma page_count", &pages, err);
	if (status == WAKE_OK)
		status = read_number(store, "pragma freelist_count", &unused, err);
	if (status != WAKE_OK)
		return status;
	*ret_bytes = pages * page_size;
	*ret_free = unused * page_size;
	return WAKE_OK;
}

static int copy_pages(struct sqlite_store *store, struct sqlite_store *copy, struct wake_error *err)
{
	sqlite3_backup *backup;
	int result =
	    sqlite3_open_v2(copy->path, &copy->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (result != SQLITE_OK)
		return fail_sqlite(copy, result, err, "open");
	(void)sqlite3_extended_result_codes(copy->db, 1);
	/* A copy that fails is thrown away: it needs no journal, and must leave none. */
	if (exec_text(copy, "pragma journal_mode = off", "copy", err) != WAKE_OK)
		return err->code;
	backup = sqlite3_backup_init(copy->db, "main", store->db, "main");
	if (!backup)
		return fail_sqlite(copy, sqlite3_errcode(copy->db), err, "copy");
	result = sqlite3_backup_step(backup, -1);
	(void)sqlite3_backup_finish(backup); /* says OK after a step that said BUSY */
	return result == SQLITE_DONE ? WAKE_OK : fail_sqlite(copy, result, err, "copy");
}

int wake_store_sqlite_copy(struct wake_store *base, const char *path, struct wake_error *err)
{
	struct sqlite_store *store = (struct sqlite_store *)base;
	auto_store struct sqlite_store *copy = NULL;
	int status;

	if (store->in_transaction)
		return wake_fail(
		    err, WAKE_INVALID, "store '%s': no backup inside a transaction", store->path);
	copy = calloc(1, sizeof(*copy));
	if (!copy || !(copy->path = strdup(path)))
		return wake_fail_nomem(err);
	status = wake_store_make_file(path, err);
	return status == WAKE_OK ? copy_pages(store, copy, err) : status;
}

/* ---- the driver ------------------------------------------------------------------------------- */

static const struct wake_store_driver driver = {
	.name = "sqlite",
	.close = close_store,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.run = run,
	.query = query,
	.exec_script = exec_script,
	.check_all = check_all,
	.sizes = sizes,
	.backup = wake_store_file_backup,
	.rows_next = rows_next,
	.rows_free = rows_free,
	.rows_columns = rows_columns,
	.rows_name = rows_name,
	.rows_is_null = rows_is_null,
	.rows_int = rows_int,
	.rows_text = rows_text,
	.rows_money = rows_int,
};

int wake_store_sqlite_open(const char *path, struct wake_store **ret_store, struct wake_error *err)
{
	auto_store struct sqlite_store *store = calloc(1, sizeof(*store));
	int result, status;

	if (store)
		store->base.driver = &driver;
	if (!store || !(store->path = strdup(path)))
		return wake_fail_nomem(err);
	result = sqlite3_open_v2(
	    path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	status = result == SQLITE_OK ? set_up(store, err) : fail_sqlite(store, result, err, "open");
	if (status == WAKE_OK)
		status = wake_store_sqlite_refuse_other(store->db, path, err);
	if (status == WAKE_OK)
		status = use_write_ahead_log(store, err);
	if (status != WAKE_OK)
		return status;
	*ret_store = &store->base;
	store = NULL; /* now the caller's */
	return WAKE_OK;
}
