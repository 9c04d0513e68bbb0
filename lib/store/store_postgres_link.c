/* SPDX-License-Identifier: MIT */
/* The connection to PostgreSQL: opened, waited for and read with poll(2) and a bound, and what its failures
 * mean. */
#include "store/store_postgres_link.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/scope.h"

#define CONNECT_SECONDS 10
#define ANSWER_SECONDS 30
#define REASON_SIZE 300 /* bytes of a server's or libpq's text */

/* Our times are in UTC, and no statement of ours may stop the others: neither one that takes too long, nor a
 * transaction whose process was stopped in the middle. Every statement has its index; but a plan that is made
 * while a table is new and empty reads it from end to end, and is kept until the server has counted again. */
static const char set_up_text[] =
    "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set client_min_messages = warning; "
    "set standard_conforming_strings = on; set statement_timeout = '30s'; set lock_timeout = '20s'; "
    "set idle_in_transaction_session_timeout = '60s'; set enable_seqscan = off; set jit = off";

static void finish(PGconn **conn)
{
	PQfinish(*conn);
}

static void free_options(PQconninfoOption **options)
{
	PQconninfoFree(*options);
}

/* ---- failures --------------------------------------------------------------------------------- */

static const struct {
	const char *state; /* SQLSTATE, or the beginning of it; the first that fits */
	enum wake_code code;
	bool may_retry;
	const char *mend;
} failures[] = {
	{ "22", WAKE_INVALID, false, "" },
	{ "23", WAKE_INVALID, false, "" },
	{ "54000", WAKE_INVALID, false, "" }, /* a value that is too long for its index */
	{ "40001", WAKE_BUSY, true, "; another recorder is writing to it, try again" },
	{ "40P01", WAKE_BUSY, true, "; another recorder is writing to it, try again" },
	{ "55P03", WAKE_BUSY, false, "; another recorder is writing to it, try again" },
	{ "57014", WAKE_UNAVAILABLE, false, "; look at the server's load" },
	{ "25006", WAKE_UNAVAILABLE, false, "; it is read-only now: name the server that takes writes" },
	{ "53100", WAKE_UNAVAILABLE, false, "; free some space on the server" },
	{ "53300", WAKE_UNAVAILABLE, false, "; allow more connections on the server" },
	{ "42501", WAKE_UNAVAILABLE, false, "; have the database's owner grant it" },
	{ "42P01", WAKE_UNAVAILABLE, false, "; run 'runwake db migrate'" },
	{ "42703", WAKE_UNAVAILABLE, false, "; run 'runwake db migrate'" },
	{ "", WAKE_UNAVAILABLE, false, "" },
};

/* On one line, and without what libpq puts at its end. */
static const char *one_line(const char *text, char buffer[REASON_SIZE])
{
	size_t len;

	(void)snprintf(buffer, REASON_SIZE, "%s", text ? text : "");
	for (char *c = buffer; *c; c++) {
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	}
	for (len = strlen(buffer); len > 0 && buffer[len - 1] == ' '; len--)
		buffer[len - 1] = '\0';
	return len > 0 ? buffer : "no reason was given";
}

/* Only the message: a detail would repeat the values. */
int wake_postgres_fail(
    const PGresult *result, const char *url, const char *doing, bool *ret_may_retry, struct wake_error *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	char buffer[REASON_SIZE];
	size_t at = 0;

	while (*failures[at].state &&
	       (!state || strncmp(state, failures[at].state, strlen(failures[at].state)) != 0))
		at++;
	*ret_may_retry = failures[at].may_retry;
	return wake_fail(err, failures[at].code, "store '%s', %s: %s%s", url, doing,
	    one_line(message ? message : PQresultErrorMessage(result), buffer), failures[at].mend);
}

int wake_postgres_fail_link(PGconn *conn, const char *url, const char *doing, struct wake_error *err)
{
	const char *mend = "";
	char buffer[REASON_SIZE];

	if (PQconnectionNeedsPassword(conn))
		mend = "; put the password into a passfile (~/.pgpass, 0600) or name one with PGPASSFILE";
	else if (PQstatus(conn) == CONNECTION_BAD && PQconnectionUsedPassword(conn))
		mend = "; if the password is wrong, correct it in the passfile";
	return wake_fail(err, WAKE_UNAVAILABLE, "store '%s', %s: %s%s", url, doing,
	    one_line(PQerrorMessage(conn), buffer), mend);
}

/* ---- waiting ---------------------------------------------------------------------------------- */

/* 1: ready; 0: the deadline has passed; negative: failed. */
static int wait_for(PGconn *conn, short events, int64_t deadline)
{
	struct pollfd fd = { .fd = PQsocket(conn), .events = events };
	int ready;

	do {
		int64_t left = (deadline - wake_clock_monotonic()) / 1000;

		if (left <= 0)
			return 0;
		ready = poll(&fd, 1, left < INT_MAX ? (int)left + 1 : INT_MAX);
	} while (ready < 0 && errno == EINTR);
	return ready;
}

static int fail_late(const char *url, struct wake_error *err)
{
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "store '%s': the server does not answer in time; look at it and at the way to it", url);
}

bool wake_postgres_is_alive(PGconn *conn)
{
	struct pollfd fd = { .fd = PQsocket(conn), .events = POLLIN };

	/* A server that goes says so and closes; nothing else comes unasked. */
	while (poll(&fd, 1, 0) > 0) {
		if (!PQconsumeInput(conn))
			return false;
	}
	return PQstatus(conn) == CONNECTION_OK;
}

int wake_postgres_next(
    PGconn *conn, const char *url, int64_t deadline, PGresult **ret_result, struct wake_error *err)
{
	/* The server stops reading when nobody reads what it answers: so reading goes on while sending does.
	 */
	for (;;) {
		int unsent = PQflush(conn);
		int ready;

		if (unsent < 0)
			return wake_postgres_fail_link(conn, url, "send", err);
		if (!PQisBusy(conn))
			break;
		ready = wait_for(conn, unsent ? POLLIN | POLLOUT : POLLIN, deadline);
		if (ready == 0)
			return fail_late(url, err);
		if (ready < 0 || !PQconsumeInput(conn))
			return wake_postgres_fail_link(conn, url, "read", err);
	}
	*ret_result = PQgetResult(conn);
	return WAKE_OK;
}

/* ---- opening ---------------------------------------------------------------------------------- */

static int check_url(const char *url, struct wake_error *err)
{
	char *problem = NULL;
	WAKE_CLEANUP(free_options) PQconninfoOption *options = PQconninfoParse(url, &problem);

	/* libpq's own text repeats the URL, which may hold a password. */
	PQfreemem(problem);
	if (!options)
		return wake_fail(err, WAKE_INVALID,
		    "the store's URL is no URI of PostgreSQL; write postgresql://USER@HOST/DATABASE, or "
		    "postgresql://?service=NAME");
	for (const PQconninfoOption *option = options; option->keyword; option++) {
		if (option->val && *option->val && strcmp(option->keyword, "password") == 0)
			return wake_fail(err, WAKE_INVALID,
			    "the store's URL holds a password; put it into a passfile (~/.pgpass) and leave "
			    "it out of the URL");
	}
	return WAKE_OK;
}

/* As given with the URL, in the environment or by a service. */
static int64_t connect_seconds(PGconn *conn)
{
	WAKE_CLEANUP(free_options) PQconninfoOption *options = PQconninfo(conn);
	long seconds = 0;

	for (const PQconninfoOption *option = options; option && option->keyword; option++) {
		if (option->val && strcmp(option->keyword, "connect_timeout") == 0)
			seconds = strtol(option->val, NULL, 10);
	}
	return seconds > 0 && seconds < 3600 ? seconds : CONNECT_SECONDS;
}

static int poll_connection(PGconn *conn, const char *url, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + connect_seconds(conn) * WAKE_SECOND;
	PostgresPollingStatusType step = PGRES_POLLING_WRITING;

	if (PQstatus(conn) == CONNECTION_BAD)
		return wake_postgres_fail_link(conn, url, "connect", err);
	while (step != PGRES_POLLING_OK) {
		int ready = wait_for(conn, step == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);

		if (ready == 0)
			return fail_late(url, err);
		step = PQconnectPoll(conn);
		if (ready < 0 || step == PGRES_POLLING_FAILED)
			return wake_postgres_fail_link(conn, url, "connect", err);
	}
	return WAKE_OK;
}

static int set_up(PGconn *conn, const char *url, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + ANSWER_SECONDS * WAKE_SECOND;
	int status = WAKE_OK;
	bool ignored;

	if (PQsetnonblocking(conn, 1) < 0 || !PQsendQuery(conn, set_up_text))
		return wake_postgres_fail_link(conn, url, "set up", err);
	for (;;) {
		wake_auto_result PGresult *result = NULL;

		if (wake_postgres_next(conn, url, deadline, &result, err) < 0)
			return err->code;
		if (!result)
			break;
		if (PQresultStatus(result) != PGRES_COMMAND_OK && status == WAKE_OK)
			status = wake_postgres_fail(result, url, "set up", &ignored, err);
	}
	if (status == WAKE_OK && !PQenterPipelineMode(conn))
		status = wake_postgres_fail_link(conn, url, "set up", err);
	return status;
}

/* Libraries do not print. */
static void drop_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

int wake_postgres_connect(const char *url, PGconn **ret_conn, struct wake_error *err)
{
	/* What stands after the URL cannot be changed by it. */
	static const char *const keywords[] = { "fallback_application_name", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname", "client_encoding",
		NULL };
	const char *const values[] = { "runwake", "30", "10", "3", "30000", url, "UTF8", NULL };
	WAKE_CLEANUP(finish) PGconn *conn = NULL;
	int status = check_url(url, err);

	if (status != WAKE_OK)
		return status;
	conn = PQconnectStartParams(keywords, values, 1);
	if (!conn)
		return wake_fail_nomem(err);
	(void)PQsetNoticeProcessor(conn, drop_notice, NULL);
	status = poll_connection(conn, url, err);
	if (status == WAKE_OK)
		status = set_up(conn, url, err);
	if (status != WAKE_OK)
		return status;
	*ret_conn = conn;
	conn = NULL; /* now the caller's */
	return WAKE_OK;
}
