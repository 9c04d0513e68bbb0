/* SPDX-License-Identifier: MIT */
/* The SQLite driver: its connection, its transaction and the file as a whole. */
#include "store/store_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_sqlite_parts.h"

#define BUSY_MS 5000
#define auto_store WAKE_CLEANUP(scope_store)

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

int wake_sqlite_fail(struct wake_sqlite_store *store, int result, struct wake_error *err, const char *doing)
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

int wake_sqlite_check_transaction(struct wake_sqlite_store *store, struct wake_error *err)
{
	if (!store->in_transaction || !sqlite3_get_autocommit(store->db))
		return WAKE_OK;
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "store '%s': the transaction was rolled back when one of its statements failed", store->path);
}

static int exec_text(
    struct wake_sqlite_store *store, const char *text, const char *doing, struct wake_error *err)
{
	int result = sqlite3_exec(store->db, text, NULL, NULL, NULL);

	return result == SQLITE_OK ? WAKE_OK : wake_sqlite_fail(store, result, err, doing);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static void rollback(struct wake_store *base)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;

	if (store->db && !sqlite3_get_autocommit(store->db))
		(void)sqlite3_exec(store->db, "rollback", NULL, NULL, NULL);
	store->in_transaction = false;
}

static void close_store(struct wake_store *base)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;

	for (size_t i = 0; i < WAKE_COUNT(store->statements); i++)
		sqlite3_finalize(store->statements[i].stmt);
	rollback(base);
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

static void scope_store(struct wake_sqlite_store **store)
{
	if (*store)
		close_store(&(*store)->base);
}

static int set_up(struct wake_sqlite_store *store, struct wake_error *err)
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
		return wake_sqlite_fail(store, result, err, "set up");
	/* The log keeps the size of its largest hour unless it is told a limit: 64 MiB. */
	return exec_text(store,
	    "pragma synchronous = full; pragma cell_size_check = on; pragma journal_size_limit = 67108864; "
	    "pragma cache_size = -16384",
	    "set up", err);
}

/* Runs a text whose first row has one value, and leaves the statement on that row. */
static int step_first(struct wake_sqlite_store *store, const char *text, sqlite3_stmt **ret_stmt)
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
static int use_write_ahead_log(struct wake_sqlite_store *store, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + BUSY_MS * (WAKE_SECOND / 1000);

	for (;;) {
		sqlite3_stmt *stmt;
		int result = step_first(store, "pragma journal_mode = wal", &stmt);
		int status = WAKE_OK;

		if (result != SQLITE_ROW)
			status = wake_sqlite_fail(store, result, err, "open");
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
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
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
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
	int status = wake_sqlite_check_transaction(store, err);

	if (status == WAKE_OK)
		status = exec_text(store, "commit", "commit", err);
	if (status != WAKE_OK)
		rollback(base);
	store->in_transaction = false;
	return status;
}

static int exec_script(struct wake_store *base, const char *text, struct wake_error *err)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
	int status;

	if (!store->in_transaction)
		return wake_fail(
		    err, WAKE_INVALID, "store '%s': a script runs inside a transaction only", store->path);
	status = wake_sqlite_check_transaction(store, err);
	if (status == WAKE_OK)
		status = exec_text(store, text, "run a script", err);
	if (status == WAKE_OK && sqlite3_get_autocommit(store->db))
		status = wake_fail(
		    err, WAKE_INVALID, "store '%s': a script must not end its transaction", store->path);
	return status;
}

/* ---- the whole database ----------------------------------------------------------------------- */

static int read_number(
    struct wake_sqlite_store *store, const char *text, int64_t *ret_number, struct wake_error *err)
{
	sqlite3_stmt *stmt;
	int result = step_first(store, text, &stmt);
	int status = WAKE_OK;

	if (result == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(stmt, 0);
	else
		status = wake_sqlite_fail(store, result, err, "measure");
	sqlite3_finalize(stmt);
	return status;
}

static int sizes(struct wake_store *base, int64_t *ret_bytes, int64_t *ret_free, struct wake_error *err)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
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

static int copy_pages(struct wake_sqlite_store *store, struct wake_sqlite_store *copy, struct wake_error *err)
{
	sqlite3_backup *backup;
	int result =
	    sqlite3_open_v2(copy->path, &copy->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (result != SQLITE_OK)
		return wake_sqlite_fail(copy, result, err, "open");
	(void)sqlite3_extended_result_codes(copy->db, 1);
	/* A copy that fails is thrown away: it needs no journal, and must leave none. */
	if (exec_text(copy, "pragma journal_mode = off", "copy", err) != WAKE_OK)
		return err->code;
	backup = sqlite3_backup_init(copy->db, "main", store->db, "main");
	if (!backup)
		return wake_sqlite_fail(copy, sqlite3_errcode(copy->db), err, "copy");
	result = sqlite3_backup_step(backup, -1);
	(void)sqlite3_backup_finish(backup); /* says OK after a step that said BUSY */
	return result == SQLITE_DONE ? WAKE_OK : wake_sqlite_fail(copy, result, err, "copy");
}

int wake_store_sqlite_copy(struct wake_store *base, const char *path, struct wake_error *err)
{
	struct wake_sqlite_store *store = (struct wake_sqlite_store *)base;
	auto_store struct wake_sqlite_store *copy = NULL;
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
	.run = wake_sqlite_run,
	.query = wake_sqlite_query,
	.exec_script = exec_script,
	.check_all = wake_sqlite_check_all,
	.sizes = sizes,
	.backup = wake_store_file_backup,
	.rows_next = wake_sqlite_rows_next,
	.rows_free = wake_sqlite_rows_free,
	.rows_columns = wake_sqlite_rows_columns,
	.rows_name = wake_sqlite_rows_name,
	.rows_is_null = wake_sqlite_rows_is_null,
	.rows_int = wake_sqlite_rows_int,
	.rows_text = wake_sqlite_rows_text,
	.rows_money = wake_sqlite_rows_int,
};

int wake_store_sqlite_open(const char *path, struct wake_store **ret_store, struct wake_error *err)
{
	auto_store struct wake_sqlite_store *store = calloc(1, sizeof(*store));
	int result, status;

	if (store)
		store->base.driver = &driver;
	if (!store || !(store->path = strdup(path)))
		return wake_fail_nomem(err);
	result = sqlite3_open_v2(
	    path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	status = result == SQLITE_OK ? set_up(store, err) : wake_sqlite_fail(store, result, err, "open");
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
