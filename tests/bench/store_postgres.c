/* SPDX-License-Identifier: MIT */
/* PostgreSQL by its two users, as bench/store.c measures SQLite; and what a batch in the ledger costs beside
 * one commit an event and beside COPY.
 *
 *	store_postgres ledger URL PART	the ledger alone; PART: which of the places for ids of its own, from 1
 *	store_postgres all URL [RUNS]	folding, and the lists of so many runs */
#include <libpq-fe.h>

#include "store/migrate.h"
#include "store_measure.h"

#define LEDGER_EVENTS 20000
#define SINGLE_EVENTS 500
#define LEDGER_ROUNDS 3
#define BATCH 500
#define COLUMNS 8

static char payload[1001];

static double better(double one, double other)
{
	return one > other ? one : other;
}

static PGconn *open_plainly(const char *url)
{
	PGconn *conn = PQconnectdb(url);

	if (PQstatus(conn) == CONNECTION_OK)
		return conn;
	(void)fprintf(stderr, "store_postgres: %s\n", PQerrorMessage(conn));
	exit(1);
}

static void must_postgres(PGconn *conn, PGresult *result, ExecStatusType expected)
{
	if (PQresultStatus(result) != expected) {
		(void)fprintf(stderr, "store_postgres: %s\n", PQerrorMessage(conn));
		exit(1);
	}
	PQclear(result);
}

static void tell(PGconn *conn, const char *text)
{
	must_postgres(conn, PQexec(conn, text), PGRES_COMMAND_OK);
}

/* The same runs as in bench/store.c. */
static void fill(PGconn *conn, const char *runs)
{
	const char *const values[] = { runs };

	must_postgres(conn,
	    PQexecParams(conn,
	        "insert into workflow_runs (id, run_id, workflow_name, task_input, session_name, git_branch, "
	        "status, created_at, started_at, git_diff_stats) select cast(lpad(to_hex(n), 8, '0') || "
	        "'-0000-7000-8000-' || lpad(to_hex(n), 12, '0') as uuid), 'run ' || n, 'workflow' || (n % "
	        "7), "
	        "'task ' || n, 'session ' || (n % 5000), 'branch-' || (n % 400), case when n > $1 - 20 then "
	        "'running' when n % 33 = 0 then 'failed' else 'completed' end, to_timestamp(1700000000 + n * "
	        "60), "
	        "to_timestamp(1700000000 + n * 60), '{\"files\":[]}' from generate_series(1, cast($1 as "
	        "int)) n",
	        1, NULL, values, NULL, NULL, 0),
	    PGRES_COMMAND_OK);
	tell(conn,
	    "insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits) "
	    "select id, 'src/file' || (cast(substr(run_id, 5) as int) % 9000) || '.c', 3, 1, 1 from "
	    "workflow_runs");
	tell(conn, "vacuum analyze");
}

/* Rows of the ledger, each of about a kilobyte. */
static void make_row(struct wake_value row[COLUMNS], char id[WAKE_ID_SIZE], int number)
{
	wake_id_v8(1700000000000 + number, &number, sizeof(number), id);
	row[0] = WAKE_TEXT(id);
	row[1] = WAKE_TEXT("moved");
	row[2] = WAKE_INT(1);
	row[3] = WAKE_TIME(INT64_C(1700000000000000) + number);
	row[4] = WAKE_TEXT("host");
	row[5] = WAKE_NULL_VALUE();
	row[6] = WAKE_JSON(payload);
	row[7] = WAKE_TIME(INT64_C(1700000000000000) + number);
}

static double measure_ledger(struct wake_store *store, int first, int count, int size)
{
	static struct wake_value rows[BATCH][COLUMNS];
	static char ids[BATCH][WAKE_ID_SIZE];
	static bool is_new[BATCH];
	int64_t from = wake_clock_monotonic();

	for (int i = 0; i < count; i += size) {
		for (int j = 0; j < size; j++)
			make_row(rows[j], ids[j], first + i + j);
		must(wake_store_begin(store, &err));
		must(wake_store_insert(
		    store, WAKE_SQL_FOLD_EVENT, rows[0], COLUMNS, (size_t)size, is_new, &err));
		must(wake_store_commit(store, &err));
	}
	return (double)count * 1e6 / (double)(wake_clock_monotonic() - from);
}

/* The plainest way: a prepared INSERT of one row, a commit each. */
static void prepare_single(PGconn *conn)
{
	must_postgres(conn,
	    PQprepare(conn, "one",
	        "insert into workflow_events (id, type, version, at, host, payload, recorded_at) values ($1, "
	        "'moved', "
	        "1, now(), 'host', $2, now()) on conflict do nothing",
	        0, NULL),
	    PGRES_COMMAND_OK);
}

static double measure_single(PGconn *conn, int first, int count)
{
	int64_t from = wake_clock_monotonic();

	for (int i = 0; i < count; i++) {
		char id[WAKE_ID_SIZE];
		struct wake_value row[COLUMNS];
		const char *values[] = { id, payload };

		make_row(row, id, first + i);
		must_postgres(conn, PQexecPrepared(conn, "one", 2, values, NULL, NULL, 0), PGRES_COMMAND_OK);
	}
	return (double)count * 1e6 / (double)(wake_clock_monotonic() - from);
}

static double measure_copy(PGconn *conn, int first, int count)
{
	wake_auto_str struct wake_str line = WAKE_STR(4096);
	int64_t from = wake_clock_monotonic();

	must_postgres(conn,
	    PQexec(
	        conn, "copy workflow_events (id, type, version, at, host, payload, recorded_at) from stdin"),
	    PGRES_COPY_IN);
	for (int i = 0; i < count; i++) {
		char id[WAKE_ID_SIZE];
		struct wake_value row[COLUMNS];

		make_row(row, id, first + i);
		wake_str_clear(&line);
		wake_str_appendf(&line,
		    "%s\tmoved\t1\t2026-01-01 00:00:00Z\thost\t%s\t2026-01-01 00:00:00Z\n", id, payload);
		if (PQputCopyData(conn, line.data, (int)line.len) != 1)
			exit(1);
	}
	if (PQputCopyEnd(conn, NULL) != 1)
		exit(1);
	must_postgres(conn, PQgetResult(conn), PGRES_COMMAND_OK);
	PQclear(PQgetResult(conn));
	return (double)count * 1e6 / (double)(wake_clock_monotonic() - from);
}

/* In turn, so that what disturbs one disturbs all; the best of each. */
static void measure_all_ledgers(const char *url, struct wake_store *store, int first)
{
	double single = 0, batched = 0, copied = 0;
	PGconn *conn = open_plainly(url);

	prepare_single(conn);
	for (int round = 0; round < LEDGER_ROUNDS; round++) {
		single = better(single, measure_single(conn, first, SINGLE_EVENTS));
		batched = better(batched, measure_ledger(store, first + 1000000, LEDGER_EVENTS, BATCH));
		copied = better(copied, measure_copy(conn, first + 2000000, LEDGER_EVENTS));
		first += LEDGER_EVENTS;
	}
	printf("events of 1 KB into the ledger a second: %.0f with a commit each, %.0f in batches of %d "
	       "(%.0f times), %.0f by one COPY\n",
	    single, batched, BATCH, batched / single, copied);
	PQfinish(conn);
}

static void measure_the_rest(const char *url, struct wake_store *store, const char *runs)
{
	double single = measure_fold(store, 1, SINGLE_EVENTS, 1);
	double batched = measure_fold(store, 1000, EVENTS, BATCH);
	PGconn *conn = open_plainly(url);

	printf("movements folded a second: %.0f one by one, %.0f in batches of %d (%.1f times)\n", single,
	    batched, BATCH, batched / single);
	fill(conn, runs);
	printf("%s runs\n", runs);
	measure_lists(store);
	PQfinish(conn);
}

int main(int argc, char **argv)
{
	wake_auto_store struct wake_store *store = NULL;
	size_t applied;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: store_postgres ledger URL PART | all URL [RUNS]\n");
		return 2;
	}
	(void)snprintf(payload, sizeof(payload), "{\"text\":\"%0*d\"}", (int)sizeof(payload) - 12, 1);
	must(wake_store_open(argv[2], &store, &err));
	must(wake_migrate(store, &applied, &err));
	if (strcmp(argv[1], "ledger") == 0)
		measure_all_ledgers(argv[2], store, 10000000 * (argc > 3 ? atoi(argv[3]) : 1));
	else
		measure_the_rest(argv[2], store, argc > 3 ? argv[3] : "500000");
	return 0;
}
