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
#include "base/str.h"
#include "store/store_postgres_refusal.h"

#define CONNECT_SECONDS 10
#define ANSWER_MOST (3600 * WAKE_SECOND)
#define REASON_SIZE 300  /* bytes of a server's or libpq's text */
#define REFUSED_SIZE 160 /* the same where a mend follows that names everything */
#define OPTION_MAX 65536 /* bytes */

/* No statement of ours may stop the others: neither one that takes too long, nor a transaction whose process
 * was stopped in the middle. Whoever names one of these with the URL's options or in PGOPTIONS knows better.
 */
static const struct {
	const char *name, *value;
} limits[WAKE_POSTGRES_LIMITS] = {
	{ "statement_timeout", "30s" },
	{ "lock_timeout", "20s" },
	{ "idle_in_transaction_session_timeout", "60s" },
};

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
	{ "23503", WAKE_BUSY, true, "; what it refers to was removed meanwhile, try again" },
	{ "23", WAKE_INVALID, false, "" },
	{ "54000", WAKE_INVALID, false, "" }, /* a value that is too long for its index */
	{ "40001", WAKE_BUSY, true, "; another recorder is writing to it, try again" },
	{ "40P01", WAKE_BUSY, true, "; another recorder is writing to it, try again" },
	{ "55P03", WAKE_BUSY, false, "; another recorder is writing to it, try again" },
	{ "57014", WAKE_UNAVAILABLE, false, "; look at the server's load" },
	{ "25006", WAKE_UNAVAILABLE, false,
	    "; it is read-only now: name the server that takes writes, or see default_transaction_read_only" },
	{ "53100", WAKE_UNAVAILABLE, false, "; free some space on the server" },
	{ "53300", WAKE_UNAVAILABLE, false, "; allow more connections on the server" },
	{ "57P03", WAKE_UNAVAILABLE, false, "; wait until it has started" },
	/* Cut off, by the server or by a pooler before it; whether it was committed is not known. */
	{ "57P0", WAKE_UNAVAILABLE, true, "" },
	{ "08", WAKE_UNAVAILABLE, true, "" },
	{ "40003", WAKE_UNAVAILABLE, true, "" },
	{ "28000", WAKE_UNAVAILABLE, false, "; name a role that the server lets in, or have it let this one in" },
	{ "28P01", WAKE_UNAVAILABLE, false, "; if the password is wrong, correct it in the passfile" },
	{ "3D000", WAKE_UNAVAILABLE, false, "; create the database first" },
	{ "42501", WAKE_UNAVAILABLE, false, "; have the database's owner grant it" },
	{ "42P01", WAKE_UNAVAILABLE, false, "; run 'runwake db migrate'" },
	{ "42703", WAKE_UNAVAILABLE, false, "; run 'runwake db migrate'" },
	{ "", WAKE_UNAVAILABLE, false, "" },
};

/* On one line, and without what libpq puts at its end. */
static const char *one_line(const char *text, char buffer[REASON_SIZE])
{
	const char *source = text ? strstr(text, "\nLOCATION:") : NULL;
	int most = source && source - text < REASON_SIZE ? (int)(source - text) : REASON_SIZE - 1;
	size_t len;

	(void)snprintf(buffer, REASON_SIZE, "%.*s", most, text ? text : "");
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
	struct wake_postgres_refusal refusal;
	bool is_refused = wake_postgres_find_refusal(result, doing, &refusal);
	char buffer[REASON_SIZE];
	size_t at = 0;

	while (*failures[at].state &&
	       (!state || strncmp(state, failures[at].state, strlen(failures[at].state)) != 0))
		at++;
	*ret_may_retry = failures[at].may_retry && !is_refused;
	return wake_fail(err, is_refused ? refusal.code : failures[at].code, "store '%s', %s: %.*s%s", url, doing,
	    is_refused ? REFUSED_SIZE : REASON_SIZE, one_line(message ? message : PQresultErrorMessage(result), buffer),
	    is_refused ? refusal.mend : failures[at].mend);
}

/* While a connection is made, libpq gives the SQLSTATE in its text alone, "FATAL:  53300: sorry, …", and
 * where in the server's source it came from on the next line. */
static const char *mend_of(const char *text)
{
	for (size_t i = 0; *failures[i].state; i++) {
		const char *found = strstr(text, failures[i].state);

		if (found && strlen(failures[i].state) == 5 && found - text > 2 &&
		    strncmp(found - 2, "  ", 2) == 0 && found[5] == ':')
			return failures[i].mend;
	}
	return "";
}

int wake_postgres_fail_link(PGconn *conn, const char *url, const char *doing, struct wake_error *err)
{
	const char *text = PQerrorMessage(conn), *mend = mend_of(text);
	char buffer[REASON_SIZE];

	if (PQconnectionNeedsPassword(conn))
		mend = "; put the password into a passfile (~/.pgpass, 0600) or name one with PGPASSFILE";
	return wake_fail(
	    err, WAKE_UNAVAILABLE, "store '%s', %s: %s%s", url, doing, one_line(text, buffer), mend);
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
static void append_option(PGconn *conn, const char *name, struct wake_str *out)
{
	WAKE_CLEANUP(free_options) PQconninfoOption *options = PQconninfo(conn);

	for (const PQconninfoOption *option = options; option && option->keyword; option++) {
		if (option->val && strcmp(option->keyword, name) == 0)
			wake_str_append(out, option->val);
	}
}

static int64_t connect_seconds(PGconn *conn)
{
	wake_auto_str struct wake_str text = WAKE_STR(OPTION_MAX);
	long seconds;

	append_option(conn, "connect_timeout", &text);
	seconds = strtol(wake_str_text(&text), NULL, 10);
	return seconds > 0 && seconds < 3600 ? seconds : CONNECT_SECONDS;
}

/* Of several hosts, one that hangs must not keep us from the next. Only libpq can leave it, and only when it waits by
 * itself; connect_timeout is for each host then. */
static bool has_several_hosts(PGconn *conn)
{
	wake_auto_str struct wake_str hosts = WAKE_STR(OPTION_MAX);

	append_option(conn, "host", &hosts);
	append_option(conn, "hostaddr", &hosts);
	return strchr(wake_str_text(&hosts), ',') != NULL;
}

static PGconn *begin_connection(const char *url)
{
	/* What stands after the URL cannot be changed by it. */
	static const char *const keywords[] = { "fallback_application_name", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "tcp_user_timeout", "dbname", "client_encoding",
		"connect_timeout", NULL };
	char seconds[WAKE_POSTGRES_NUMBER_SIZE] = "";
	const char *const values[] = { "runwake", "30", "10", "3", "30000", url, "UTF8", seconds, NULL };
	PGconn *conn = PQconnectStartParams(keywords, values, 1);

	if (conn && PQstatus(conn) != CONNECTION_BAD && has_several_hosts(conn)) {
		(void)snprintf(seconds, sizeof(seconds), "%lld", (long long)connect_seconds(conn));
		PQfinish(conn);
		conn = PQconnectdbParams(keywords, values, 1);
	}
	return conn;
}

static int poll_connection(PGconn *conn, const char *url, int64_t deadline, struct wake_error *err)
{
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

/* As the server shows it: a number and its unit, "30s" or "1500ms"; 0: no limit. */
int64_t wake_postgres_answer_time(const char *timeout)
{
	static const struct {
		const char *name;
		int64_t length;
	} units[] = { { "ms", WAKE_SECOND / 1000 }, { "s", WAKE_SECOND }, { "min", 60 * WAKE_SECOND },
		{ "h", 3600 * WAKE_SECOND }, { "", WAKE_SECOND / 1000 } };
	char *unit;
	int64_t number = strtol(timeout, &unit, 10);

	for (size_t i = 0; number > 0 && i < WAKE_COUNT(units); i++) {
		if (strcmp(unit, units[i].name) == 0 && number < ANSWER_MOST / units[i].length)
			return number * units[i].length * 4 / 3;
	}
	return ANSWER_MOST;
}

static int choose_limits(PGconn *conn, struct wake_postgres_terms *terms, struct wake_error *err)
{
	wake_auto_str struct wake_str options = WAKE_STR(OPTION_MAX);

	append_option(conn, "options", &options);
	for (size_t i = 0; i < WAKE_POSTGRES_LIMITS; i++)
		terms->limits[i] = strstr(wake_str_text(&options), limits[i].name) ? NULL : limits[i].value;
	return wake_str_check(&options, err);
}

static int send_set_up(
    PGconn *conn, const char *url, const struct wake_postgres_terms *terms, struct wake_error *err)
{
	const char *text = wake_sql_texts[WAKE_SQL_STORE_SET_UP].postgres;
	char process[WAKE_POSTGRES_NUMBER_SIZE];
	const char *values[1 + WAKE_POSTGRES_LIMITS] = { process };

	(void)snprintf(process, sizeof(process), "%d", PQbackendPID(conn));
	memcpy(values + 1, terms->limits, sizeof(terms->limits));
	if (PQsetnonblocking(conn, 1) < 0 ||
	    !PQsendQueryParams(conn, text, WAKE_COUNT(values), NULL, values, NULL, NULL, 0))
		return wake_postgres_fail_link(conn, url, "set up", err);
	return WAKE_OK;
}

/* What we write is UTF-8. Another encoding lacks characters of it; SQL_ASCII takes any bytes, and counts and
 * cuts bytes where characters are meant. UNAVAILABLE: no event is to blame. */
static int check_encoding(PGconn *conn, const char *url, struct wake_error *err)
{
	const char *encoding = PQparameterStatus(conn, "server_encoding");

	if (!encoding || strcmp(encoding, "UTF8") == 0)
		return WAKE_OK;
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "store '%s': the database's encoding is %.40s, and the record needs UTF8: make another one "
	    "(create database NAME encoding 'UTF8' template template0) and name that; pg_dump "
	    "--encoding=UTF8 takes along what is in this one",
	    url, encoding);
}

static int set_up(PGconn *conn, const char *url, int64_t deadline, struct wake_postgres_terms *terms,
    struct wake_error *err)
{
	wake_auto_result PGresult *result = NULL, *end = NULL;
	int status = choose_limits(conn, terms, err);
	bool ignored;

	if (status == WAKE_OK)
		status = send_set_up(conn, url, terms, err);
	if (status == WAKE_OK)
		status = wake_postgres_next(conn, url, deadline, &result, err);
	if (status == WAKE_OK && (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1))
		status = wake_postgres_fail(result, url, "set up", &ignored, err);
	if (status == WAKE_OK)
		status = wake_postgres_next(conn, url, deadline, &end, err);
	if (status != WAKE_OK)
		return status;
	if (end || !PQenterPipelineMode(conn))
		return wake_postgres_fail_link(conn, url, "set up", err);
	terms->is_pooled = *PQgetvalue(result, 0, 0) != 't';
	terms->answer_time =
	    wake_postgres_answer_time(terms->limits[0] ? terms->limits[0] : PQgetvalue(result, 0, 1));
	return WAKE_OK;
}

/* Libraries do not print. */
static void drop_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

int wake_postgres_connect(
    const char *url, PGconn **ret_conn, struct wake_postgres_terms *ret_terms, struct wake_error *err)
{
	WAKE_CLEANUP(finish) PGconn *conn = NULL;
	struct wake_postgres_terms terms = { 0 };
	int64_t deadline;
	int status = check_url(url, err);

	if (status != WAKE_OK)
		return status;
	conn = begin_connection(url);
	if (!conn)
		return wake_fail_nomem(err);
	(void)PQsetNoticeProcessor(conn, drop_notice, NULL);
	(void)PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
	deadline = wake_clock_monotonic() + connect_seconds(conn) * WAKE_SECOND;
	status = poll_connection(conn, url, deadline, err);
	if (status == WAKE_OK)
		status = check_encoding(conn, url, err);
	if (status == WAKE_OK)
		status = set_up(conn, url, deadline, &terms, err);
	if (status != WAKE_OK)
		return status;
	(void)PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
	*ret_terms = terms;
	*ret_conn = conn;
	conn = NULL; /* now the caller's */
	return WAKE_OK;
}
