/* SPDX-License-Identifier: MIT */
/* A store: a small interface over the drivers, SQLite and PostgreSQL. Statements are named by
 * enum wake_sql, generated from the files in lib/store/sql; parameters are data, never text of a statement.
 */
#ifndef WAKE_STORE_H
#define WAKE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/scope.h"
#include "sql_table.h"

enum wake_value_kind {
	WAKE_VALUE_NULL,
	WAKE_VALUE_INT,
	WAKE_VALUE_BOOL,
	WAKE_VALUE_TEXT,  /* UTF-8; also UUIDs and hashes */
	WAKE_VALUE_JSON,  /* text of a JSON value */
	WAKE_VALUE_TIME,  /* microseconds UTC */
	WAKE_VALUE_MONEY, /* micro-dollars */
};

struct wake_value {
	enum wake_value_kind kind;
	int64_t number;   /* INT, BOOL, TIME, MONEY */
	const char *text; /* TEXT, JSON: borrowed for the call; NULL is stored as null */
};

#define WAKE_NULL_VALUE() ((struct wake_value){ WAKE_VALUE_NULL, 0, NULL })
#define WAKE_INT(n) ((struct wake_value){ WAKE_VALUE_INT, (n), NULL })
#define WAKE_BOOL(b) ((struct wake_value){ WAKE_VALUE_BOOL, (b) ? 1 : 0, NULL })
#define WAKE_TEXT(t) ((struct wake_value){ WAKE_VALUE_TEXT, 0, (t) })
#define WAKE_JSON(t) ((struct wake_value){ WAKE_VALUE_JSON, 0, (t) })
#define WAKE_TIME(us) ((struct wake_value){ WAKE_VALUE_TIME, (us), NULL })
#define WAKE_MONEY(m) ((struct wake_value){ WAKE_VALUE_MONEY, (m), NULL })
#define WAKE_TIME_NONE INT64_MIN /* WAKE_TIME(WAKE_TIME_NONE) is stored as null */

struct wake_store;

/* url: "sqlite:/absolute/path" (made with 0600 if missing; its directory 0700), or a postgresql:// URI as libpq
 * reads it (service, passfile and sslmode are libpq's; no password in it). Opens and sets the connection up;
 * migrates nothing. WAKE_INVALID: a URL we do not take, a path that is no regular file, or a network file
 * system; WAKE_UNAVAILABLE: cannot be opened now (full, read-only, refused, no answer); WAKE_BUSY: locked for
 * longer than 5 s; WAKE_CORRUPT: not a database, or a broken one. Open after exec only: a connection does not
 * survive fork(2). */
int wake_store_open(const char *url, struct wake_store **ret_store, struct wake_error *err) WAKE_MUST_CHECK;
void wake_store_close(struct wake_store *store);
const char *wake_store_driver(const struct wake_store *store); /* static: "sqlite", "postgres" */

/* One transaction at a time. begin takes the write lock at once (waits up to 5 s, for a team's store up to 20 s:
 * then WAKE_BUSY). After
 * commit, failed or not, no transaction is open. One that failed left nothing behind, or, where the disk
 * failed while it was made durable, may be found whole later: never a part of it. Some failures (disk full,
 * memory out) end a transaction early: then every later run, query and commit in it fails too, so that no
 * half of it can be written by mistake. */
int wake_store_begin(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;
int wake_store_commit(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;
void wake_store_rollback(struct wake_store *store);

/* One that is rolled back in any case: it keeps no recorder waiting, and needs no table to be there. */
int wake_store_begin_rehearsal(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Did the last transaction fail for what was going on beside it (a deadlock, a serialization failure, a connection
 * that was cut off)? Then the same one, begun again, may succeed now. */
bool wake_store_may_retry(const struct wake_store *store);

/* Runs a statement that gives no rows. values[0] is $1, and count is the number of parameters that the
 * statement has. ret_changed (may be NULL): rows inserted, updated or deleted. WAKE_INVALID: a value breaks a
 * constraint; WAKE_REFUSED: one that is not ours, so no value is to blame. Where
 * ret_changed is NULL and a transaction is open, a driver may send it along with what comes later: its failure is then
 * told by a later call, by wake_store_commit at the latest, and names it. */
int wake_store_run(struct wake_store *store, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err) WAKE_MUST_CHECK;

/* Is there something for a statement to do in this store? Not so for one that fills a column, or reads one of some
 * type, which a table of the surrounding system does not have ("Only where" in its file). */
int wake_store_has(struct wake_store *store, enum wake_sql sql, bool *ret_has, struct wake_error *err)
    WAKE_MUST_CHECK;

/* The rows of a batch, columns values each, by a statement that leaves alone what is there already; the first
 * value of a row is its key. ret_new[i]: row i was not there before, and is now. Inside a transaction. */
int wake_store_insert(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t columns, size_t rows, bool *ret_new, struct wake_error *err) WAKE_MUST_CHECK;

/* A result being read; one per statement at a time (see wake_store_asks_ahead). owned: wake_rows_free, before
 * the store is closed. The statement may run as late as the first wake_rows_next, which then tells its failure:
 * of several queries, ask all before reading the first, and a store that is far away is asked once. */
struct wake_rows;

/* May several results of one statement be open at a time, inside a transaction? Then asking early pays. */
bool wake_store_asks_ahead(const struct wake_store *store);

int wake_store_query(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, struct wake_rows **ret_rows, struct wake_error *err) WAKE_MUST_CHECK;
/* 1: a row; 0: no more; negative: failed. */
int wake_rows_next(struct wake_rows *rows, struct wake_error *err) WAKE_MUST_CHECK;
void wake_rows_free(struct wake_rows *rows);

size_t wake_rows_columns(const struct wake_rows *rows);
const char *wake_rows_name(const struct wake_rows *rows, size_t column); /* as in the statement */
bool wake_rows_is_null(const struct wake_rows *rows, size_t column);
int64_t wake_rows_int(const struct wake_rows *rows, size_t column);      /* null: 0; BOOL: 0 or 1 */
/* borrowed until next; null: NULL. The same in every store: times RFC 3339 in UTC, JSON compact with its keys
 * sorted (as wake_json_append writes it), booleans "0" and "1"; only money is read by wake_rows_money alone. */
const char *wake_rows_text(const struct wake_rows *rows, size_t column);
int64_t wake_rows_time(const struct wake_rows *rows, size_t column);     /* null or no time: WAKE_TIME_NONE */
int64_t wake_rows_money(const struct wake_rows *rows, size_t column);    /* null: 0 */
/* The value of a column that is not null and whose text is JSON (else WAKE_INVALID). owned: json_decref */
int wake_rows_json(const struct wake_rows *rows, size_t column, json_t **ret_json, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Several statements in one text. For migrations only, inside a transaction that the text may not end. */
int wake_store_exec_script(
    struct wake_store *store, const char *text, struct wake_error *err) WAKE_MUST_CHECK;

/* Outside a transaction, before one that migrates: makes what wake_store_begin needs in an empty store. */
int wake_store_prepare_migration(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Prepares every statement that the driver has and that wake_store_has: proves that they fit the schema. The text
 * names the first that does not. */
int wake_store_check_all(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Bytes in the database, and those of them that are free for reuse (0 where the server keeps that to itself).
 * The write-ahead log is not counted. */
int wake_store_sizes(
    struct wake_store *store, int64_t *ret_bytes, int64_t *ret_free, struct wake_error *err) WAKE_MUST_CHECK;

/* Copies the whole store, as it is at one moment, into a new file (0600) while others go on writing.
 * WAKE_EXISTS: there is something at path. A copy that fails or is killed leaves nothing there. WAKE_INVALID: the
 * store is no file. */
int wake_store_backup(struct wake_store *store, const char *path, struct wake_error *err) WAKE_MUST_CHECK;

static inline void wake_scope_rows(struct wake_rows **rows)
{
	wake_rows_free(*rows);
}
#define wake_auto_rows WAKE_CLEANUP(wake_scope_rows)

static inline void wake_scope_store(struct wake_store **store)
{
	wake_store_close(*store);
}
#define wake_auto_store WAKE_CLEANUP(wake_scope_store)

#endif
