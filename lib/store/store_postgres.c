/* SPDX-License-Identifier: MIT */
/* The PostgreSQL driver: one connection in pipeline mode, its prepared statements and its transaction. What
 * is sent is kept in a queue until its answer is wanted: one way to the server and back for many statements.
 */
#include "store/store_postgres.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_postgres_link.h"

#define SCRIPT_MAX (3600 * WAKE_SECOND)
#define SENT_MAX 256                  /* statements on their way */
#define VALUES_MAX 100                 /* of a statement */
#define CHUNK_BYTES (4 * 1024 * 1024) /* of the rows that go in one statement */
#define CHUNK_ROWS 500
#define TABLE_TRIES 3
#define ARRAY_MAX (512u * 1024 * 1024) /* bytes */

struct sent {
	const char *name;
	bool *prepared;         /* what is to be unset if it fails; NULL: no preparation */
	struct wake_rows *rows; /* what its answer goes to; NULL: nobody reads it */
};

struct postgres_store {
	struct wake_store base; /* first */
	PGconn *conn;           /* NULL: lost */
	char *url;
	struct wake_postgres_terms terms;
	bool in_transaction;
	bool failed;    /* the transaction: it can only be rolled back */
	bool may_retry; /* what made it fail may be over */
	bool prepared[WAKE_SQL_COUNT + 1];
	enum { UNKNOWN, THERE, MISSING } columns[WAKE_SQL_COUNT + 1]; /* what a statement asks for */
	struct sent queue[SENT_MAX];
	size_t sent;
};

static const struct wake_store_driver driver;

/* ---- the queue -------------------------------------------------------------------------------- */

/* What was cut off may be done again at once; a server that only does not answer would hang again. */
static void forget_connection(struct postgres_store *store)
{
	store->may_retry = PQstatus(store->conn) == CONNECTION_BAD;
	PQfinish(store->conn);
	store->conn = NULL;
	store->failed = store->in_transaction;
	store->sent = 0;
	memset(store->prepared, 0, sizeof(store->prepared));
	memset(store->columns, 0, sizeof(store->columns));
}

static int fail_send(struct postgres_store *store, const char *name, struct wake_error *err)
{
	wake_postgres_fail_link(store->conn, store->url, name, err);
	forget_connection(store);
	return err->code;
}

/* A connection that can be used. Outside of a transaction a lost one is made anew. */
static int make_ready(struct postgres_store *store, struct wake_error *err)
{
	if (store->in_transaction && store->failed)
		return wake_fail(err, WAKE_UNAVAILABLE,
		    "store '%s': the transaction was rolled back when one of its statements failed",
		    store->url);
	if (store->in_transaction)
		return WAKE_OK;
	if (store->conn && !wake_postgres_is_alive(store->conn))
		forget_connection(store);
	store->may_retry = false;
	return store->conn ? WAKE_OK : wake_postgres_connect(store->url, &store->conn, &store->terms, err);
}

static void remember_sent(struct postgres_store *store, const char *name, bool *prepared)
{
	store->queue[store->sent++] = (struct sent){ name, prepared, NULL };
}

/* begin, commit, rollback. */
static int send_command(struct postgres_store *store, const char *text, struct wake_error *err)
{
	if (!PQsendQueryParams(store->conn, text, 0, NULL, NULL, NULL, NULL, 0))
		return fail_send(store, text, err);
	remember_sent(store, text, NULL);
	return WAKE_OK;
}

static int send_prepare(struct postgres_store *store, enum wake_sql sql, struct wake_error *err)
{
	const char *name = wake_sql_texts[sql].name, *text = wake_sql_texts[sql].postgres;

	if (store->prepared[sql])
		return WAKE_OK;
	if (!PQsendPrepare(store->conn, name, text, 0, NULL))
		return fail_send(store, name, err);
	store->prepared[sql] = true;
	remember_sent(store, name, &store->prepared[sql]);
	return WAKE_OK;
}

static int send_texts(struct postgres_store *store, enum wake_sql sql, const char *const *texts, size_t count,
    struct wake_error *err)
{
	const char *name = wake_sql_texts[sql].name, *text = wake_sql_texts[sql].postgres;
	int number = (int)count, status = WAKE_OK, sent;

	if (!text)
		return wake_fail(err, WAKE_INVALID, "statement %s is not for PostgreSQL", name);
	if (!store->terms.is_pooled)
		status = send_prepare(store, sql, err);
	if (status != WAKE_OK)
		return status;
	sent = store->terms.is_pooled
	           ? PQsendQueryParams(store->conn, text, number, NULL, texts, NULL, NULL, 0)
	           : PQsendQueryPrepared(store->conn, name, number, texts, NULL, NULL, 0);
	if (!sent)
		return fail_send(store, name, err);
	remember_sent(store, name, NULL);
	return WAKE_OK;
}

static int send_statement(struct postgres_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, struct wake_error *err)
{
	char numbers[VALUES_MAX][WAKE_POSTGRES_NUMBER_SIZE];
	const char *texts[VALUES_MAX];

	if (count > VALUES_MAX)
		return wake_fail(err, WAKE_INVALID, "statement %s takes %d values at most, not %zu",
		    wake_sql_texts[sql].name, VALUES_MAX, count);
	for (size_t i = 0; i < count; i++)
		texts[i] = wake_postgres_value_text(&values[i], numbers[i]);
	return send_texts(store, sql, texts, count, err);
}

/* One command's answer: its result, then the end of it. The first failure of a round is kept; what comes
 * after it was not executed. */
static int take_answer(struct postgres_store *store, const struct sent *sent, int64_t deadline,
    PGresult **ret_result, int *failure, struct wake_error *err)
{
	wake_auto_result PGresult *result = NULL, *end = NULL;
	ExecStatusType is;
	int status = wake_postgres_next(store->conn, store->url, deadline, &result, err);

	if (status == WAKE_OK)
		status = wake_postgres_next(store->conn, store->url, deadline, &end, err);
	if (status == WAKE_OK && (!result || end))
		status = wake_fail(
		    err, WAKE_UNAVAILABLE, "store '%s': the server's answers are out of step", store->url);
	if (status != WAKE_OK)
		return status;
	is = PQresultStatus(result);
	if (is != PGRES_COMMAND_OK && is != PGRES_TUPLES_OK) {
		if (sent->prepared)
			*sent->prepared = false;
		if (*failure == WAKE_OK)
			*failure = wake_postgres_fail(result, store->url, sent->name, &store->may_retry, err);
		return WAKE_OK;
	}
	*ret_result = result;
	result = NULL; /* now the caller's */
	return WAKE_OK;
}

static int take_answers(
    struct postgres_store *store, PGresult **ret_last, int *failure, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + store->terms.answer_time;
	wake_auto_result PGresult *sync = NULL;
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < store->sent; i++) {
		PQclear(*ret_last);
		*ret_last = NULL;
		status = take_answer(store, &store->queue[i], deadline, ret_last, failure, err);
		if (status == WAKE_OK && store->queue[i].rows && *ret_last) {
			status = wake_postgres_rows_fill(store->queue[i].rows, *ret_last, err);
			*ret_last = NULL; /* now the rows' */
		}
	}
	if (status == WAKE_OK)
		status = wake_postgres_next(store->conn, store->url, deadline, &sync, err);
	if (status == WAKE_OK && PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
		status = wake_fail(
		    err, WAKE_UNAVAILABLE, "store '%s': the server's answers are out of step", store->url);
	return status;
}

/* Everything that was sent is answered. ret_last (may be NULL): the result of the last command. owned:
 * PQclear */
static int settle(struct postgres_store *store, PGresult **ret_last, struct wake_error *err)
{
	wake_auto_result PGresult *last = NULL;
	int failure = WAKE_OK, status;

	if (!PQpipelineSync(store->conn))
		return fail_send(store, "send", err);
	status = take_answers(store, &last, &failure, err);
	store->sent = 0;
	if (status != WAKE_OK) {
		forget_connection(store);
		return status;
	}
	if (failure != WAKE_OK) {
		/* Perhaps for a column that was dropped since. */
		memset(store->columns, 0, sizeof(store->columns));
		store->failed = store->in_transaction;
		return failure;
	}
	if (ret_last) {
		*ret_last = last;
		last = NULL; /* now the caller's */
	}
	return WAKE_OK;
}

/* ---- transactions ----------------------------------------------------------------------------- */

static int begin_once(struct postgres_store *store, struct wake_error *err)
{
	wake_auto_result PGresult *locked = NULL;
	int status = make_ready(store, err);

	if (status == WAKE_OK)
		status = send_command(store, "begin", err);
	if (status == WAKE_OK && store->terms.is_pooled)
		status =
		    send_texts(store, WAKE_SQL_STORE_LIMITS, store->terms.limits, WAKE_POSTGRES_LIMITS, err);
	/* One recorder writes at a time, as with SQLite: two that decided the same run at once would each
	 * take it from tables that the other is about to change. */
	if (status == WAKE_OK)
		status = send_statement(store, WAKE_SQL_STORE_LOCK, NULL, 0, err);
	store->in_transaction = status == WAKE_OK;
	if (status == WAKE_OK)
		status = settle(store, &locked, err);
	if (status == WAKE_OK && PQntuples(locked) == 0)
		status = wake_fail(err, WAKE_UNAVAILABLE,
		    "store '%s' has no tables yet; run 'runwake db migrate'", store->url);
	return status;
}

static void rollback(struct wake_store *base)
{
	struct postgres_store *store = (struct postgres_store *)base;
	struct wake_error ignored;
	bool told = store->conn && store->in_transaction;

	/* What waits may fail, and would take the rollback with it. */
	if (told && store->sent > 0)
		(void)!settle(store, NULL, &ignored);
	store->in_transaction = store->failed = false;
	if (told && store->conn && send_command(store, "rollback", &ignored) == WAKE_OK &&
	    settle(store, NULL, &ignored) != WAKE_OK && store->conn)
		forget_connection(store);
}

static int begin(struct wake_store *base, struct wake_error *err)
{
	struct postgres_store *store = (struct postgres_store *)base;
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
	struct postgres_store *store = (struct postgres_store *)base;
	wake_auto_result PGresult *result = NULL;
	int status = make_ready(store, err);

	if (status == WAKE_OK && !store->in_transaction)
		return wake_fail(err, WAKE_INVALID, "store '%s': no transaction is open", store->url);
	if (status == WAKE_OK)
		status = send_command(store, "commit", err);
	if (status == WAKE_OK)
		status = settle(store, &result, err);
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
	return ((const struct postgres_store *)base)->may_retry;
}

/* ---- statements ------------------------------------------------------------------------------- */

static int run(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err)
{
	struct postgres_store *store = (struct postgres_store *)base;
	wake_auto_result PGresult *result = NULL;
	int status = make_ready(store, err);

	if (status == WAKE_OK)
		status = send_statement(store, sql, values, count, err);
	/* A statement takes two places in the queue with its preparation, and one is left for a commit. */
	if (status != WAKE_OK || (store->in_transaction && !ret_changed && store->sent < SENT_MAX - 4))
		return status;
	status = settle(store, &result, err);
	if (status == WAKE_OK && ret_changed)
		*ret_changed = strtoll(PQcmdTuples(result), NULL, 10);
	return status;
}

static int ask(struct postgres_store *store, enum wake_sql sql, const struct wake_value *values, size_t count,
    struct wake_rows *rows, struct wake_error *err)
{
	int status = make_ready(store, err);

	if (status == WAKE_OK)
		status = send_statement(store, sql, values, count, err);
	if (status != WAKE_OK)
		return status;
	store->queue[store->sent - 1].rows = rows;
	if (store->in_transaction && store->sent < SENT_MAX - 4)
		return WAKE_OK;
	return settle(store, NULL, err);
}

/* Nobody reads them any more, whether their answer has come or not. */
static void rows_free(struct wake_rows *rows)
{
	struct postgres_store *store = (struct postgres_store *)wake_postgres_rows_wait_for(rows);

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
	struct postgres_store *store = (struct postgres_store *)base;
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
	struct postgres_store *store = (struct postgres_store *)wake_postgres_rows_wait_for(rows);
	int status = store ? make_ready(store, err) : WAKE_OK;

	if (status == WAKE_OK && store)
		status = settle(store, NULL, err);
	if (status == WAKE_OK && wake_postgres_rows_wait_for(rows))
		status = wake_fail(err, WAKE_UNAVAILABLE,
		    "store '%s': rows are read after their transaction's end", store->url);
	return status == WAKE_OK ? wake_postgres_rows_next(rows, err) : status;
}

static int ask_for_column(
    struct postgres_store *store, const struct wake_sql_column *column, bool *ret_there, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(column->table), WAKE_TEXT(column->name),
		WAKE_TEXT(column->type) };
	wake_auto_result PGresult *result = NULL;
	int status = make_ready(store, err);

	if (status == WAKE_OK)
		status = send_statement(store, WAKE_SQL_STORE_COLUMN, values, WAKE_COUNT(values), err);
	if (status == WAKE_OK)
		status = settle(store, &result, err);
	if (status == WAKE_OK)
		*ret_there = PQntuples(result) > 0;
	return status;
}

/* Asked once a connection. */
static int has(struct wake_store *base, enum wake_sql sql, bool *ret_has, struct wake_error *err)
{
	struct postgres_store *store = (struct postgres_store *)base;
	const struct wake_sql_column *column = &wake_sql_texts[sql].only_where;
	bool there = false;
	int status = WAKE_OK;

	if (column->table && store->columns[sql] == UNKNOWN) {
		status = ask_for_column(store, column, &there, err);
		store->columns[sql] = there ? THERE : MISSING;
	}
	if (status != WAKE_OK) {
		store->columns[sql] = UNKNOWN;
		return status;
	}
	*ret_has = !column->table || store->columns[sql] == THERE;
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

static int insert_chunk(struct postgres_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t columns, size_t rows, bool *ret_new, struct wake_error *err)
{
	struct wake_str arrays[VALUES_MAX];
	const char *texts[VALUES_MAX] = { NULL };
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
		status = send_texts(store, sql, texts, columns, err);
	for (size_t i = 0; i < columns; i++)
		wake_str_release(&arrays[i]);
	if (status == WAKE_OK)
		status = settle(store, &result, err);
	return status == WAKE_OK ? wake_postgres_mark_new(result, values, columns, rows, ret_new, err) : status;
}

static int insert(struct wake_store *base, enum wake_sql sql, const struct wake_value *values, size_t columns,
    size_t rows, bool *ret_new, struct wake_error *err)
{
	struct postgres_store *store = (struct postgres_store *)base;
	int status = make_ready(store, err);

	if (status == WAKE_OK && (columns == 0 || columns > VALUES_MAX))
		return wake_fail(err, WAKE_INVALID, "statement %s takes %d values at most, not %zu",
		    wake_sql_texts[sql].name, VALUES_MAX, columns);
	for (size_t done = 0, count; status == WAKE_OK && done < rows; done += count) {
		count = chunk_of(values + done * columns, columns, rows - done);
		status =
		    insert_chunk(store, sql, values + done * columns, columns, count, ret_new + done, err);
	}
	return status;
}

static int check_all(struct wake_store *base, struct wake_error *err)
{
	struct postgres_store *store = (struct postgres_store *)base;
	int status = make_ready(store, err);

	for (size_t sql = 0; status == WAKE_OK && wake_sql_texts[sql].name; sql++) {
		bool fits = false;

		/* What speaks of an existing system's tables fits no schema of ours. */
		if (wake_sql_texts[sql].postgres && strncmp(wake_sql_texts[sql].name, "existing_", 9) != 0)
			status = has(base, (enum wake_sql)sql, &fits, err);
		if (status == WAKE_OK && fits)
			status = send_prepare(store, (enum wake_sql)sql, err);
		if (status == WAKE_OK && store->sent > 0)
			status = settle(store, NULL, err);
	}
	return status;
}

/* ---- scripts ---------------------------------------------------------------------------------- */

static int take_results(struct postgres_store *store, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + SCRIPT_MAX;
	int failure = WAKE_OK;

	for (;;) {
		wake_auto_result PGresult *result = NULL;
		ExecStatusType is;

		if (wake_postgres_next(store->conn, store->url, deadline, &result, err) < 0) {
			forget_connection(store);
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

static int send_script(struct postgres_store *store, const char *text, struct wake_error *err)
{
	if (!PQsendQuery(store->conn, text))
		return fail_send(store, "run a script", err);
	return take_results(store, err);
}

static int exec_script(struct wake_store *base, const char *text, struct wake_error *err)
{
	struct postgres_store *store = (struct postgres_store *)base;
	int status = make_ready(store, err);

	if (status == WAKE_OK && !store->in_transaction)
		return wake_fail(
		    err, WAKE_INVALID, "store '%s': a script runs inside a transaction only", store->url);
	if (status == WAKE_OK && store->sent > 0)
		status = settle(store, NULL, err);
	if (status != WAKE_OK)
		return status;
	if (!PQexitPipelineMode(store->conn))
		return fail_send(store, "run a script", err);
	/* An index over a large table takes its time. */
	status = send_script(store, "set local statement_timeout = 0", err);
	if (status == WAKE_OK)
		status = send_script(store, text, err);
	store->failed = status != WAKE_OK;
	if (status == WAKE_OK && PQtransactionStatus(store->conn) != PQTRANS_INTRANS)
		status = wake_fail(
		    err, WAKE_INVALID, "store '%s': a script must not end its transaction", store->url);
	if (store->conn && !PQenterPipelineMode(store->conn))
		return fail_send(store, "run a script", err);
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
	    ((struct postgres_store *)base)->url, path);
}

static void close_store(struct wake_store *base)
{
	struct postgres_store *store = (struct postgres_store *)base;

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
};

int wake_store_postgres_open(const char *url, struct wake_store **ret_store, struct wake_error *err)
{
	wake_auto_store struct wake_store *base = calloc(1, sizeof(struct postgres_store));
	struct postgres_store *store = (struct postgres_store *)base;
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
