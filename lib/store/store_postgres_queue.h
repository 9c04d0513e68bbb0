/* SPDX-License-Identifier: MIT */
/* The connection of a store, and the statements that are on their way: what is sent is kept in a queue until its answer
 * is wanted, so many statements take one way to the server and back. Private to the driver. */
#ifndef WAKE_STORE_POSTGRES_QUEUE_H
#define WAKE_STORE_POSTGRES_QUEUE_H

#include "store/store_postgres_link.h"

#define WAKE_POSTGRES_SENT_MAX 256   /* statements on their way */
#define WAKE_POSTGRES_VALUES_MAX 100 /* of a statement */

struct wake_postgres_sent {
	const char *name;
	bool *prepared;         /* what is to be unset if it fails; NULL: no preparation */
	struct wake_rows *rows; /* what its answer goes to; NULL: nobody reads it */
};

struct wake_postgres_store {
	struct wake_store base; /* first */
	PGconn *conn;           /* NULL: lost */
	char *url;
	struct wake_postgres_terms terms;
	bool in_transaction;
	bool failed;    /* the transaction: it can only be rolled back */
	bool may_retry; /* what made it fail may be over */
	bool prepared[WAKE_SQL_COUNT + 1];
	/* Is the column there that a statement asks for? */
	enum { WAKE_POSTGRES_UNKNOWN, WAKE_POSTGRES_THERE, WAKE_POSTGRES_MISSING } columns[WAKE_SQL_COUNT + 1];
	struct wake_postgres_sent queue[WAKE_POSTGRES_SENT_MAX];
	size_t sent;
};

/* Gives the connection up: what was on its way is lost, and a transaction with it. */
void wake_postgres_forget(struct wake_postgres_store *store);

/* The same because something could not be sent; says why. name: of what. */
int wake_postgres_fail_send(struct wake_postgres_store *store, const char *name, struct wake_error *err);

/* A connection that can be used. Outside of a transaction a lost one is made anew. */
int wake_postgres_ready(struct wake_postgres_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Each puts something into the queue. command: begin, commit, rollback. */
int wake_postgres_send_command(
    struct wake_postgres_store *store, const char *text, struct wake_error *err) WAKE_MUST_CHECK;
int wake_postgres_send_prepare(
    struct wake_postgres_store *store, enum wake_sql sql, struct wake_error *err) WAKE_MUST_CHECK;
int wake_postgres_send_texts(struct wake_postgres_store *store, enum wake_sql sql, const char *const *texts,
    size_t count, struct wake_error *err) WAKE_MUST_CHECK;
int wake_postgres_send(struct wake_postgres_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, struct wake_error *err) WAKE_MUST_CHECK;

/* Everything that was sent is answered. ret_last (may be NULL): the result of the last command. owned: PQclear */
int wake_postgres_settle(
    struct wake_postgres_store *store, PGresult **ret_last, struct wake_error *err) WAKE_MUST_CHECK;

#endif
