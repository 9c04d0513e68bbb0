/* SPDX-License-Identifier: MIT */
/* A connection to PostgreSQL that is never waited for without a bound. Private to the driver. */
#ifndef WAKE_STORE_POSTGRES_LINK_H
#define WAKE_STORE_POSTGRES_LINK_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "store/store_postgres.h"

static inline void wake_scope_result(PGresult **result)
{
	PQclear(*result);
}
#define wake_auto_result WAKE_CLEANUP(wake_scope_result)

#define WAKE_POSTGRES_LIMITS 3

/* What holds for a connection. */
struct wake_postgres_terms {
	int64_t answer_time; /* microseconds that a statement's answer may take: a third more than its time-out */
	/* statement_timeout, lock_timeout, idle_in_transaction_session_timeout. static; NULL: the URL's options or
	 * PGOPTIONS say what it is */
	const char *limits[WAKE_POSTGRES_LIMITS];
	bool is_pooled; /* each transaction may get another server: nothing that is set or prepared stays */
};

/* Connects and sets the connection up, in pipeline mode, within libpq's connect_timeout or 10 s. owned: PQfinish.
 * WAKE_INVALID: the URL is not one, or holds a password; WAKE_UNAVAILABLE: no answer, refused. */
int wake_postgres_connect(const char *url, PGconn **ret_conn, struct wake_postgres_terms *ret_terms,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Microseconds, from a timeout as the server shows it ("30s"); no limit, or what cannot be read: an hour. */
int64_t wake_postgres_answer_time(const char *timeout);

/* Is the connection still there, as far as what has arrived tells? */
bool wake_postgres_is_alive(PGconn *conn);

/* The next result, or NULL at the end of a command. Sends and reads until it is there or the deadline
 * (monotonic) has passed. WAKE_UNAVAILABLE: the connection is of no use any more. owned: PQclear. */
int wake_postgres_next(PGconn *conn, const char *url, int64_t deadline, PGresult **ret_result,
    struct wake_error *err) WAKE_MUST_CHECK;

/* What a failed result says: its class of SQLSTATE decides the code. ret_may_retry: the same transaction,
 * begun again, may succeed. */
int wake_postgres_fail(
    const PGresult *result, const char *url, const char *doing, bool *ret_may_retry, struct wake_error *err);

/* The connection was lost or cannot be used; says why as far as libpq knows. */
int wake_postgres_fail_link(PGconn *conn, const char *url, const char *doing, struct wake_error *err);

/* ---- rows: the driver's functions of struct wake_store_driver ----------------------------------- */

/* Rows whose answer is still to come; fill gives it to them, once, and takes ownership of it, also on failure. */
int wake_postgres_rows_make(
    struct wake_store *store, struct wake_rows **ret_rows, struct wake_error *err) WAKE_MUST_CHECK;
int wake_postgres_rows_fill(struct wake_rows *base, PGresult *result, struct wake_error *err) WAKE_MUST_CHECK;
/* The store that has yet to give the answer; NULL: it is there. borrowed */
struct wake_store *wake_postgres_rows_wait_for(const struct wake_rows *base);

int wake_postgres_rows_next(struct wake_rows *base, struct wake_error *err) WAKE_MUST_CHECK;
void wake_postgres_rows_free(struct wake_rows *base);
size_t wake_postgres_rows_columns(const struct wake_rows *base);
const char *wake_postgres_rows_name(const struct wake_rows *base, size_t column);
bool wake_postgres_rows_is_null(const struct wake_rows *base, size_t column);
int64_t wake_postgres_rows_int(const struct wake_rows *base, size_t column);
const char *wake_postgres_rows_text(const struct wake_rows *base, size_t column);
json_t *wake_postgres_rows_parsed(const struct wake_rows *base, size_t column);
int64_t wake_postgres_rows_money(const struct wake_rows *base, size_t column);

/* ret_new[i]: the key of row i, its first value, stands in the result's first column, in whatever order. */
int wake_postgres_mark_new(const PGresult *result, const struct wake_value *values, size_t columns,
    size_t rows, bool *ret_new, struct wake_error *err) WAKE_MUST_CHECK;

#endif
