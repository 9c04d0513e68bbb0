/* SPDX-License-Identifier: MIT */
/* The PostgreSQL driver: one connection in pipeline mode, its prepared statements and its transaction. */
#include "store/store_postgres.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_postgres_queue.h"

#define SCRIPT_MAX (3600 * WAKE_SECOND)
#define CHUNK_BYTES (4 * 1024 * 1024) /* of the rows that go in one statement */
#define CHUNK_ROWS 500
#define TABLE_TRIES 3
/* Whatever the role's default is: a snapshot from before the lock was had would decide from tables of before it. */
#define BEGIN "begin isolation level read committed"
#define ARRAY_MAX (512u * 1024 * 1024) /* bytes */

static const struct wake_store_driver driver;

/* ---- transactions ----------------------------------------------------------------------------- */

static int send_begin(struct wake_postgres_store *store, struct wake_error *err)
{
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK)
		status = wake_postgres_send_command(store, BEGIN, err);
	if (status == WAKE_OK && store->terms.is_pooled)
		status = wake_postgres_send_texts(
		    store, WAKE_SQL_STORE_LIMITS, store->terms.limits, WAKE_POSTGRES_LIMITS, err);
	return status;
}

static int begin_once(struct wake_postgres_store *store, struct wake_error *err)
{
	wake_auto_result PGresult *locked = NULL;
	int status = send_begin(store, err);

	/* One recorder writes at a time, as with SQLite: two that decided the same run at once would each
	 * take it from tables that the other is about to change. */
	if (status == WAKE_OK)
		status = wake_postgres_send(store, WAKE_SQL_STORE_LOCK, NULL, 0, err);
	store->in_transaction = status == WAKE_OK;
	if (status == WAKE_OK)
		status = wake_postgres_settle(store, &locked, err);
	if (status == WAKE_OK && PQntuples(locked) == 0)
		status = wake_fail(err, WAKE_UNAVAILABLE,
		    "store '%s' has no tables yet; run 'runwake db migrate'", store->url);
	return status;
}

static void rollback(struct wake_store *base)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	struct wake_error ignored;
	bool told = store->conn && store->in_transaction;

	/* What waits may fail, and would take the rollback with it. */
	if (told && store->sent > 0)
		(void)!wake_postgres_settle(store, NULL, &ignored);
	store->in_transaction = store->failed = false;
	if (told && store->conn && wake_postgres_send_command(store, "rollback", &ignored) == WAKE_OK &&
	    wake_postgres_settle(store, NULL, &ignored) != WAKE_OK && store->conn)
		wake_postgres_forget(store);
}

static int begin(struct wake_store *base, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	bool was_connected = store->conn != NULL;
	int status;

	if (store->in_transaction)
		return wake_fail(err, WAKE_INVALID, "store '%s': a transaction is open already", store->url);
	status = begin_once(store, err);
	if (status != WAKE_OK)
		rollback(base);
	if (status == WAKE_UNAVAILABLE && was_connected && !store->conn) {
		status = begin_once(store, err);
		if (status != WAKE_OK)
			rollback(base);
	}
	return status;
}

/* Where the connection is lost while the server commits, nobody knows what became of it: the caller does all
 * of it again, and events that are there already change nothing. */
static int commit(struct wake_store *base, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	wake_auto_result PGresult *result = NULL;
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK && !store->in_transaction)
		return wake_fail(err, WAKE_INVALID, "store '%s': no transaction is open", store->url);
	if (status == WAKE_OK)
		status = wake_postgres_send_command(store, "commit", err);
	if (status == WAKE_OK)
		status = wake_postgres_settle(store, &result, err);
	if (status == WAKE_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		status = wake_fail(
		    err, WAKE_UNAVAILABLE, "store '%s': the transaction was rolled back", store->url);
	if (status != WAKE_OK)
		rollback(base);
	store->in_transaction = store->failed = false;
	return status;
}

static bool may_retry(const struct wake_store *base)
{
	return ((const struct wake_postgres_store *)base)->may_retry;
}

/* ---- statements ------------------------------------------------------------------------------- */

static int run(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	wake_auto_result PGresult *result = NULL;
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK)
		status = wake_postgres_send(store, sql, values, count, err);
	/* A statement takes two places in the queue with its preparation, and one is left for a commit. */
	if (status != WAKE_OK || (store->in_transaction && !ret_changed && store->sent < WAKE_POSTGRES_SENT_MAX - 4))
		return status;
	status = wake_postgres_settle(store, &result, err);
	if (status == WAKE_OK && ret_changed)
		*ret_changed = strtoll(PQcmdTuples(result), NULL, 10);
	return status;
}

static int ask(struct wake_postgres_store *store, enum wake_sql sql, const struct wake_value *values, size_t count,
    struct wake_rows *rows, struct wake_error *err)
{
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK)
		status = wake_postgres_send(store, sql, values, count, err);
	if (status != WAKE_OK)
		return status;
	store->queue[store->sent - 1].rows = rows;
	if (store->in_transaction && store->sent < WAKE_POSTGRES_SENT_MAX - 4)
		return WAKE_OK;
	return wake_postgres_settle(store, NULL, err);
}

/* Nobody reads them any more, whether their answer has come or not. */
static void rows_free(struct wake_rows *rows)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)wake_postgres_rows_wait_for(rows);

	for (size_t i = 0; store && i < store->sent; i++) {
		if (store->queue[i].rows == rows)
			store->queue[i].rows = NULL;
	}
	wake_postgres_rows_free(rows);
}

/* The rows are not waited for before the first of them is wanted: what is asked until then goes the same way. */
static int query(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    struct wake_rows **ret_rows, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	bool may_ask_again = store->conn && !store->in_transaction;
	struct wake_rows *rows = NULL;
	int status = wake_postgres_rows_make(base, &rows, err);

	if (status != WAKE_OK)
		return status;
	status = ask(store, sql, values, count, rows, err);
	/* A connection that died while nobody used it may look well until it is used. */
	if (status == WAKE_UNAVAILABLE && may_ask_again && !store->conn)
		status = ask(store, sql, values, count, rows, err);
	if (status == WAKE_OK)
		*ret_rows = rows;
	else
		rows_free(rows);
	return status;
}

static int rows_next(struct wake_rows *rows, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)wake_postgres_rows_wait_for(rows);
	int status = store ? wake_postgres_ready(store, err) : WAKE_OK;

	if (status == WAKE_OK && store)
		status = wake_postgres_settle(store, NULL, err);
	if (status == WAKE_OK && wake_postgres_rows_wait_for(rows))
		status = wake_fail(err, WAKE_UNAVAILABLE,
		    "store '%s': rows are read after their transaction's end", store->url);
	return status == WAKE_OK ? wake_postgres_rows_next(rows, err) : status;
}

static int ask_for_column(
    struct wake_postgres_store *store, const struct wake_sql_column *column, bool *ret_there, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(column->table), WAKE_TEXT(column->name),
		WAKE_TEXT(column->type) };
	wake_auto_result PGresult *result = NULL;
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK)
		status = wake_postgres_send(store, WAKE_SQL_STORE_COLUMN, values, WAKE_COUNT(values), err);
	if (status == WAKE_OK)
		status = wake_postgres_settle(store, &result, err);
	if (status == WAKE_OK)
		*ret_there = PQntuples(result) > 0;
	return status;
}

/* Asked once a connection. */
static int has(struct wake_store *base, enum wake_sql sql, bool *ret_has, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	const struct wake_sql_column *column = &wake_sql_texts[sql].only_where;
	bool there = false;
	int status = WAKE_OK;

	if (column->table && store->columns[sql] == WAKE_POSTGRES_UNKNOWN) {
		status = ask_for_column(store, column, &there, err);
		store->columns[sql] = there ? WAKE_POSTGRES_THERE : WAKE_POSTGRES_MISSING;
	}
	if (status != WAKE_OK) {
		store->columns[sql] = WAKE_POSTGRES_UNKNOWN;
		return status;
	}
	*ret_has = !column->table || store->columns[sql] == WAKE_POSTGRES_THERE;
	return WAKE_OK;
}

/* How many of the rows go in one statement. */
static size_t chunk_of(const struct wake_value *values, size_t columns, size_t rows)
{
	size_t bytes = 0, row = 0;

	while (row < rows && row < CHUNK_ROWS && (row == 0 || bytes < CHUNK_BYTES)) {
		for (size_t i = 0; i < columns; i++)
			bytes += values[row * columns + i].text ? strlen(values[row * columns + i].text) : 32;
		row++;
	}
	return row;
}

static int insert_chunk(struct wake_postgres_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t columns, size_t rows, bool *ret_new, struct wake_error *err)
{
	struct wake_str arrays[WAKE_POSTGRES_VALUES_MAX];
	const char *texts[WAKE_POSTGRES_VALUES_MAX] = { NULL };
	wake_auto_result PGresult *result = NULL;
	int status = WAKE_OK;

	for (size_t i = 0; i < columns; i++) {
		arrays[i] = (struct wake_str)WAKE_STR(ARRAY_MAX);
		wake_postgres_array_append(&arrays[i], values + i, columns, rows);
		texts[i] = arrays[i].data;
		if (status == WAKE_OK)
			status = wake_str_check(&arrays[i], err);
	}
	if (status == WAKE_OK)
		status = wake_postgres_send_texts(store, sql, texts, columns, err);
	for (size_t i = 0; i < columns; i++)
		wake_str_release(&arrays[i]);
	if (status == WAKE_OK)
		status = wake_postgres_settle(store, &result, err);
	return status == WAKE_OK ? wake_postgres_mark_new(result, values, columns, rows, ret_new, err) : status;
}

static int insert(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t columns,
    size_t rows, bool *ret_new, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK && (columns == 0 || columns > WAKE_POSTGRES_VALUES_MAX))
		return wake_fail(err, WAKE_INVALID, "statement %s takes %d values at most, not %zu",
		    wake_sql_texts[sql].name, WAKE_POSTGRES_VALUES_MAX, columns);
	for (size_t done = 0, count; status == WAKE_OK && done < rows; done += count) {
		count = chunk_of(values + done * columns, columns, rows - done);
		status =
		    insert_chunk(store, sql, values + done * columns, columns, count, ret_new + done, err);
	}
	return status;
}

static int check_all(struct wake_store *base, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	int status = wake_postgres_ready(store, err);

	for (size_t sql = 0; status == WAKE_OK && wake_sql_texts[sql].name; sql++) {
		bool fits = false;

		/* What speaks of an existing system's tables fits no schema of ours. */
		if (wake_sql_texts[sql].postgres && strncmp(wake_sql_texts[sql].name, "existing_", 9) != 0)
			status = has(base, (enum wake_sql)sql, &fits, err);
		if (status == WAKE_OK && fits)
			status = wake_postgres_send_prepare(store, (enum wake_sql)sql, err);
		if (status == WAKE_OK && store->sent > 0)
			status = wake_postgres_settle(store, NULL, err);
	}
	return status;
}

/* ---- scripts ---------------------------------------------------------------------------------- */

static int take_results(struct wake_postgres_store *store, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + SCRIPT_MAX;
	int failure = WAKE_OK;

	for (;;) {
		wake_auto_result PGresult *result = NULL;
		ExecStatusType is;

		if (wake_postgres_next(store->conn, store->url, deadline, &result, err) < 0) {
			wake_postgres_forget(store);
			return err->code;
		}
		if (!result)
			return failure;
		is = PQresultStatus(result);
		if (is != PGRES_COMMAND_OK && is != PGRES_TUPLES_OK && is != PGRES_EMPTY_QUERY &&
		    failure == WAKE_OK)
			failure =
			    wake_postgres_fail(result, store->url, "run a script", &store->may_retry, err);
	}
}

static int send_script(struct wake_postgres_store *store, const char *text, struct wake_error *err)
{
	if (!PQsendQuery(store->conn, text))
		return wake_postgres_fail_send(store, "run a script", err);
	return take_results(store, err);
}

static int exec_script(struct wake_store *base, const char *text, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	int status = wake_postgres_ready(store, err);

	if (status == WAKE_OK && !store->in_transaction)
		return wake_fail(
		    err, WAKE_INVALID, "store '%s': a script runs inside a transaction only", store->url);
	if (status == WAKE_OK && store->sent > 0)
		status = wake_postgres_settle(store, NULL, err);
	if (status != WAKE_OK)
		return status;
	if (!PQexitPipelineMode(store->conn))
		return wake_postgres_fail_send(store, "run a script", err);
	/* An index over a large table takes its time. */
	status = send_script(store, "set local statement_timeout = 0", err);
	if (status == WAKE_OK)
		status = send_script(store, text, err);
	store->failed = status != WAKE_OK;
	if (status == WAKE_OK && PQtransactionStatus(store->conn) != PQTRANS_INTRANS)
		status = wake_fail(
		    err, WAKE_INVALID, "store '%s': a script must not end its transaction", store->url);
	if (store->conn && !PQenterPipelineMode(store->conn))
		return wake_postgres_fail_send(store, "run a script", err);
	return status;
}

static int begin_rehearsal(struct wake_store *base, struct wake_error *err)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	int status;

	if (store->in_transaction)
		return wake_fail(err, WAKE_INVALID, "store '%s': a transaction is open already", store->url);
	status = send_begin(store, err);
	store->in_transaction = status == WAKE_OK;
	if (status == WAKE_OK)
		status = wake_postgres_settle(store, NULL, err);
	if (status != WAKE_OK)
		rollback(base);
	return status;
}

/* The row that begin locks. Those that make the table at once meet in the server's catalogue, where the loser
 * fails in one of several ways: then it looks again, and finds it made. */
static int prepare_migration(struct wake_store *base, struct wake_error *err)
{
	int status = WAKE_UNAVAILABLE;

	for (int try = 0; status != WAKE_OK && try < TABLE_TRIES; try++)
		status = run(base, WAKE_SQL_MIGRATION_TABLE, NULL, 0, NULL, err);
	return status == WAKE_OK ? run(base, WAKE_SQL_MIGRATION_LOCK, NULL, 0, NULL, err) : status;
}

/* ---- the driver ------------------------------------------------------------------------------- */

static int sizes(struct wake_store *base, int64_t *ret_bytes, int64_t *ret_free, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = query(base, WAKE_SQL_STORE_SIZE, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = rows_next(rows, err);
	if (status < 0)
		return status;
	*ret_bytes = wake_postgres_rows_int(rows, 0);
	*ret_free = 0;
	return WAKE_OK;
}

static int backup(struct wake_store *base, const char *path, struct wake_error *err)
{
	return wake_fail(err, WAKE_INVALID,
	    "the store '%s' is a database, not a file: copy it with pg_dump --format=custom --file='%s'",
	    ((struct wake_postgres_store *)base)->url, path);
}

static void close_store(struct wake_store *base)
{
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;

	rollback(base);
	PQfinish(store->conn);
	free(store->url);
	free(store);
}

static const struct wake_store_driver driver = {
	.name = "postgres",
	.asks_ahead = true,
	.close = close_store,
	.begin = begin,
	.begin_rehearsal = begin_rehearsal,
	.commit = commit,
	.rollback = rollback,
	.may_retry = may_retry,
	.run = run,
	.has = has,
	.insert = insert,
	.query = query,
	.exec_script = exec_script,
	.prepare_migration = prepare_migration,
	.check_all = check_all,
	.sizes = sizes,
	.backup = backup,
	.rows_next = rows_next,
	.rows_free = rows_free,
	.rows_columns = wake_postgres_rows_columns,
	.rows_name = wake_postgres_rows_name,
	.rows_is_null = wake_postgres_rows_is_null,
	.rows_int = wake_postgres_rows_int,
	.rows_text = wake_postgres_rows_text,
	.rows_money = wake_postgres_rows_money,
	.rows_parsed = wake_postgres_rows_parsed,
};

int wake_store_postgres_open(const char *url, struct wake_store **ret_store, struct wake_error *err)
{
	wake_auto_store struct wake_store *base = calloc(1, sizeof(struct wake_postgres_store));
	struct wake_postgres_store *store = (struct wake_postgres_store *)base;
	int status;

	if (!base)
		return wake_fail_nomem(err);
	base->driver = &driver;
	status = wake_str_copy(url, &store->url, err);
	if (status == WAKE_OK)
		status = wake_postgres_connect(url, &store->conn, &store->terms, err);
	if (status != WAKE_OK)
		return status;
	*ret_store = base;
	base = NULL; /* now the caller's */
	return WAKE_OK;
}
