/* SPDX-License-Identifier: MIT */
/* Statements on their way to PostgreSQL, in pipeline mode, and their answers. */
#include "store/store_postgres_queue.h"

#include <string.h>

#include "base/clock.h"

/* What was cut off may be done again at once; a server that only does not answer would hang again. */
void wake_postgres_forget(struct wake_postgres_store *store)
{
	store->may_retry = PQstatus(store->conn) == CONNECTION_BAD;
	PQfinish(store->conn);
	store->conn = NULL;
	store->failed = store->in_transaction;
	store->sent = 0;
	memset(store->prepared, 0, sizeof(store->prepared));
	memset(store->columns, 0, sizeof(store->columns));
}

int wake_postgres_fail_send(struct wake_postgres_store *store, const char *name, struct wake_error *err)
{
	wake_postgres_fail_link(store->conn, store->url, name, err);
	wake_postgres_forget(store);
	return err->code;
}

/* A connection that can be used. Outside of a transaction a lost one is made anew. */
int wake_postgres_ready(struct wake_postgres_store *store, struct wake_error *err)
{
	if (store->in_transaction && store->failed)
		return wake_fail(err, WAKE_UNAVAILABLE,
		    "store '%s': the transaction was rolled back when one of its statements failed",
		    store->url);
	if (store->in_transaction)
		return WAKE_OK;
	if (store->conn && !wake_postgres_is_alive(store->conn))
		wake_postgres_forget(store);
	store->may_retry = false;
	return store->conn ? WAKE_OK : wake_postgres_connect(store->url, &store->conn, &store->terms, err);
}

static void remember_sent(struct wake_postgres_store *store, const char *name, bool *prepared)
{
	store->queue[store->sent++] = (struct wake_postgres_sent){ name, prepared, NULL };
}

/* begin, commit, rollback. */
int wake_postgres_send_command(struct wake_postgres_store *store, const char *text, struct wake_error *err)
{
	if (!PQsendQueryParams(store->conn, text, 0, NULL, NULL, NULL, NULL, 0))
		return wake_postgres_fail_send(store, text, err);
	remember_sent(store, text, NULL);
	return WAKE_OK;
}

int wake_postgres_send_prepare(struct wake_postgres_store *store, enum wake_sql sql, struct wake_error *err)
{
	const char *name = wake_sql_texts[sql].name, *text = wake_sql_texts[sql].postgres;

	if (store->prepared[sql])
		return WAKE_OK;
	if (!PQsendPrepare(store->conn, name, text, 0, NULL))
		return wake_postgres_fail_send(store, name, err);
	store->prepared[sql] = true;
	remember_sent(store, name, &store->prepared[sql]);
	return WAKE_OK;
}

int wake_postgres_send_texts(struct wake_postgres_store *store, enum wake_sql sql, const char *const *texts,
    size_t count, struct wake_error *err)
{
	const char *name = wake_sql_texts[sql].name, *text = wake_sql_texts[sql].postgres;
	int number = (int)count, status = WAKE_OK, sent;

	if (!text)
		return wake_fail(err, WAKE_INVALID, "statement %s is not for PostgreSQL", name);
	if (!store->terms.is_pooled)
		status = wake_postgres_send_prepare(store, sql, err);
	if (status != WAKE_OK)
		return status;
	sent = store->terms.is_pooled
	           ? PQsendQueryParams(store->conn, text, number, NULL, texts, NULL, NULL, 0)
	           : PQsendQueryPrepared(store->conn, name, number, texts, NULL, NULL, 0);
	if (!sent)
		return wake_postgres_fail_send(store, name, err);
	remember_sent(store, name, NULL);
	return WAKE_OK;
}

int wake_postgres_send(struct wake_postgres_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, struct wake_error *err)
{
	char numbers[WAKE_POSTGRES_VALUES_MAX][WAKE_POSTGRES_NUMBER_SIZE];
	const char *texts[WAKE_POSTGRES_VALUES_MAX];

	if (count > WAKE_POSTGRES_VALUES_MAX)
		return wake_fail(err, WAKE_INVALID, "statement %s takes %d values at most, not %zu",
		    wake_sql_texts[sql].name, WAKE_POSTGRES_VALUES_MAX, count);
	for (size_t i = 0; i < count; i++)
		texts[i] = wake_postgres_value_text(&values[i], numbers[i]);
	return wake_postgres_send_texts(store, sql, texts, count, err);
}

/* One command's answer: its result, then the end of it. The first failure of a round is kept; what comes
 * after it was not executed. */
static int take_answer(struct wake_postgres_store *store, const struct wake_postgres_sent *sent, int64_t deadline,
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
    struct wake_postgres_store *store, PGresult **ret_last, int *failure, struct wake_error *err)
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
int wake_postgres_settle(struct wake_postgres_store *store, PGresult **ret_last, struct wake_error *err)
{
	wake_auto_result PGresult *last = NULL;
	int failure = WAKE_OK, status;

	if (!PQpipelineSync(store->conn))
		return wake_postgres_fail_send(store, "send", err);
	status = take_answers(store, &last, &failure, err);
	store->sent = 0;
	if (status != WAKE_OK) {
		wake_postgres_forget(store);
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
