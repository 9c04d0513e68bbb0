/* SPDX-License-Identifier: MIT */
/* The PostgreSQL driver on a server of this test's own: values, failures, and that it holds what SQLite
 * holds. */
#include "postgres_server.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/record.h"
#include "store/store_postgres_link.h"

#define SEEDS 12

/* ---- the schema ------------------------------------------------------------------------------- */

static void every_statement_fits_the_schema(void **state)
{
	struct wake_migration_status status = { 0 };
	struct wake_store *store;
	size_t applied = 1;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	assert_string_equal(wake_store_driver(store), "postgres");
	assert_ok(wake_store_check_all(store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	assert_int_equal(applied, 0);
	assert_ok(wake_migrate_status(store, &status, &err));
	assert_int_equal(status.pending, 0);
	wake_store_close(store);
	free(name);
}

/* The same names of tables and columns as in SQLite: a reader needs to know one schema. */
static void the_columns_are_those_of_sqlite(void **state)
{
	char *path = scratch_path(state, "columns.db"), *url, *name;
	struct wake_store *store, *file;
	sqlite3_stmt *stmt;
	size_t applied, columns = 0;
	sqlite3 *db;
	PGconn *conn;

	needs_server();
	name = new_database();
	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &file, &err));
	assert_ok(wake_migrate(file, &applied, &err));
	wake_store_close(file);
	store = open_migrated(name);
	wake_store_close(store);
	conn = connect_plainly(name);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
	                     "select m.name, p.name from sqlite_master m join pragma_table_info(m.name) p "
	                     "where m.type = 'table' and m.name not like 'sqlite%'",
	                     -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *const values[] = { (const char *)sqlite3_column_text(stmt, 0),
			(const char *)sqlite3_column_text(stmt, 1) };
		PGresult *result = PQexecParams(conn,
		    "select 1 from information_schema.columns where table_name = $1 and column_name = $2", 2,
		    NULL, values, NULL, NULL, 0);

		if (PQntuples(result) != 1)
			fail_msg("%s has no column %s", values[0], values[1]);
		PQclear(result);
		columns++;
	}
	assert_true(columns > 200);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	PQfinish(conn);
	free(path);
	free(url);
	free(name);
}

static void one_that_is_not_migrated_says_so(void **state)
{
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_database(name);
	assert_int_equal(wake_store_begin(store, &err), WAKE_UNAVAILABLE);
	assert_non_null(strstr(err.text, "runwake db migrate"));
	wake_store_close(store);
	free(name);
}

static void a_newer_or_changed_schema_is_refused(void **state)
{
	struct wake_migration_status status;
	struct wake_store *store;
	size_t applied;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	tell(name, "insert into runwake_migrations values ('29991231_000000_later', 'x', now(), '9.9')");
	assert_int_equal(wake_migrate_status(store, &status, &err), WAKE_INVALID);
	assert_int_equal(wake_migrate(store, &applied, &err), WAKE_INVALID);
	tell(name, "delete from runwake_migrations where name like '2999%'");
	tell(name, "update runwake_migrations set sha256 = 'x' where name like '%core'");
	assert_int_equal(wake_migrate_status(store, &status, &err), WAKE_CORRUPT);
	wake_store_close(store);
	free(name);
}

static void several_migrate_at_once(void **state)
{
	pid_t children[6];
	struct wake_store *store;
	struct wake_migration_status status;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	for (size_t i = 0; i < WAKE_COUNT(children); i++) {
		children[i] = fork();
		if (children[i] == 0) {
			size_t applied;
			struct wake_store *mine = open_database(name);

			if (wake_migrate(mine, &applied, &err) == WAKE_OK)
				_exit(0);
			(void)fprintf(stderr, "# %s\n", err.text);
			_exit(1);
		}
	}
	for (size_t i = 0; i < WAKE_COUNT(children); i++) {
		int how = -1;

		assert_int_equal(waitpid(children[i], &how, 0), children[i]);
		assert_int_equal(how, 0);
	}
	store = open_database(name);
	assert_ok(wake_migrate_status(store, &status, &err));
	assert_int_equal(status.pending, 0);
	wake_store_close(store);
	free(name);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
	static const struct wake_migration table[] = {
		{ "20200101_000000_good", "postgres", "create table good (a int)", "g" },
		{ "20200102_000000_bad", "postgres", "create table half (a int); create tabel x", "b" },
		{ "20200103_000000_ends", "postgres", "create table never (a int); commit", "e" },
		{ NULL, NULL, NULL, NULL },
	};
	struct wake_migration_status status = { 0 };
	struct wake_store *store;
	PGresult *result;
	PGconn *conn;
	size_t applied;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_database(name);
	assert_int_equal(wake_migrate_to(store, table, &applied, &err), WAKE_UNAVAILABLE);
	assert_non_null(strstr(err.text, "20200102_000000_bad"));
	assert_ok(wake_migrate_status_of(store, table, &status, &err));
	assert_int_equal(status.applied, 1);
	conn = connect_plainly(name);
	result = ask(conn, "select to_regclass('good') is not null and to_regclass('half') is null");
	assert_string_equal(PQgetvalue(result, 0, 0), "t");
	PQclear(result);
	PQfinish(conn);
	wake_store_close(store);
	free(name);
}

static size_t count_rows(struct wake_rows *rows)
{
	size_t count = 0;

	while (wake_rows_next(rows, &err) == 1)
		count++;
	return count;
}

static void all_is_asked_before_the_first_answer_is_read(void **state)
{
	const struct wake_value no_id[] = { WAKE_TEXT("no id") };
	struct wake_rows *first, *unread, *last, *failing;
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	assert_true(wake_store_asks_ahead(store));
	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_store_query(store, WAKE_SQL_MIGRATION_LIST, NULL, 0, &first, &err));
	assert_ok(wake_store_query(store, WAKE_SQL_MIGRATION_LIST, NULL, 0, &unread, &err));
	assert_ok(wake_store_query(store, WAKE_SQL_MIGRATION_LIST, NULL, 0, &last, &err));
	wake_rows_free(unread);
	assert_true(count_rows(last) > 0);
	assert_ok(wake_store_query(store, WAKE_SQL_READ_RUN, no_id, 1, &failing, &err));
	assert_true(count_rows(first) > 0); /* answered before */
	assert_int_equal(wake_rows_next(failing, &err), WAKE_INVALID);
	assert_int_equal(wake_rows_next(failing, &err), WAKE_UNAVAILABLE);
	assert_int_equal(wake_store_commit(store, &err), WAKE_UNAVAILABLE);
	assert_int_equal(wake_rows_next(failing, &err), WAKE_UNAVAILABLE);
	wake_rows_free(failing);
	wake_rows_free(first);
	wake_rows_free(last);
	wake_store_close(store);
	free(name);
}

/* ---- the same history in both ----------------------------------------------------------------- */

/* A table's rows as SQLite would print them. */
static void append_table(struct wake_str *out, PGconn *conn, const char *table, const char *columns)
{
	wake_auto_str struct wake_str query = WAKE_STR(4096);
	wake_auto_str struct wake_str cell = WAKE_STR(1024 * 1024);
	wake_auto_free char **lines = NULL;
	PGresult *result;
	int rows;

	wake_str_appendf(out, "# %s\n", table);
	wake_str_appendf(&query, "select %s from %s", columns, table);
	result = ask(conn, query.data);
	rows = PQntuples(result);
	lines = calloc((size_t)rows + 1, sizeof(*lines));
	assert_non_null(lines);
	for (int row = 0; row < rows; row++) {
		wake_auto_str struct wake_str line = WAKE_STR(1024 * 1024);

		for (int column = 0; column < PQnfields(result); column++) {
			const char *text = PQgetvalue(result, row, column);

			if (PQgetisnull(result, row, column)) {
				wake_str_append(&line, "null|");
			} else if (PQftype(result, column) == 1700) {
				wake_str_appendf(&line, "%lld|", (long long)wake_postgres_money(text));
			} else {
				wake_auto_json json_t *json = NULL;

				assert_ok(wake_postgres_text_append(
				    &cell, wake_postgres_type_of(PQftype(result, column)), text, &json, &err));
				wake_str_appendf(&line, "%s|", wake_str_text(&cell));
			}
		}
		assert_ok(wake_str_steal(&line, &lines[row], &err));
	}
	PQclear(result);
	for (int row = 0; row < rows; row++) {
		int first = row;

		for (int other = row + 1; other < rows; other++)
			first = strcmp(lines[other], lines[first]) < 0 ? other : first;
		wake_str_appendf(out, "%s\n", lines[first]);
		free(lines[first]);
		lines[first] = lines[row];
	}
}

struct dumping {
	struct wake_str *out;
	sqlite3 *db;
	PGconn *conn; /* NULL: dump SQLite */
};

static int append_row(void *out, int count, char **values, char **names)
{
	(void)names;
	for (int i = 0; i < count; i++)
		wake_str_appendf(out, "%s|", values[i] ? values[i] : "null");
	wake_str_append(out, "\n");
	return 0;
}

static int compare_lines(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* As append_table orders them: a key of several columns is in no order of its first. */
static void sort_lines(struct wake_str *out, size_t from)
{
	wake_auto_free char *text = strdup(out->data + from);
	char *lines[1024];
	size_t count = 0;

	assert_non_null(text);
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		assert_true(count < WAKE_COUNT(lines));
		lines[count++] = line;
	}
	qsort(lines, count, sizeof(lines[0]), compare_lines);
	out->len = from;
	for (size_t i = 0; i < count; i++)
		wake_str_appendf(out, "%s\n", lines[i]);
}

/* values: a table and its columns. */
static int dump_table(void *context, int count, char **values, char **names)
{
	wake_auto_str struct wake_str query = WAKE_STR(8192);
	struct dumping *dumping = context;
	size_t from;
	int failed;

	(void)count;
	(void)names;
	if (dumping->conn) {
		append_table(dumping->out, dumping->conn, values[0], values[1]);
		return 0;
	}
	wake_str_appendf(dumping->out, "# %s\n", values[0]);
	wake_str_appendf(&query, "select %s from %s", values[1], values[0]);
	from = dumping->out->len;
	failed = sqlite3_exec(dumping->db, query.data, append_row, dumping->out, NULL);
	if (!failed)
		sort_lines(dumping->out, from);
	return failed;
}

/* Every row of the tables that the SQLite store has; what was recorded when differs. free(3). */
static char *dump(void *const *state, const char *file, const char *database, const char *leave_out)
{
	wake_auto_str struct wake_str out = WAKE_STR(16 * 1024 * 1024), query = WAKE_STR(4096);
	char *path = scratch_path(state, file), *text;
	struct dumping dumping = { .out = &out, .conn = database ? connect_plainly(database) : NULL };

	assert_int_equal(sqlite3_open_v2(path, &dumping.db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	wake_str_appendf(&query,
	    "select m.name, group_concat('\"' || p.name || '\"') from sqlite_master m "
	    "join pragma_table_info(m.name) p where m.type = 'table' and m.name not like 'sqlite%%' "
	    "and m.name <> 'runwake_migrations' and p.name not in ('recorded_at', 'folded_at') "
	    "and m.name || '.' || p.name not in (%s) group by m.name order by m.name",
	    leave_out);
	assert_int_equal(sqlite3_exec(dumping.db, query.data, dump_table, &dumping, NULL), SQLITE_OK);
	sqlite3_close(dumping.db);
	PQfinish(dumping.conn);
	free(path);
	assert_ok(wake_str_steal(&out, &text, &err));
	return text;
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void apply_range(
    struct wake_store *store, const struct wake_events *history, const size_t *order, size_t count)
{
	struct wake_event items[WAKE_EVENT_LIST_MAX];
	struct wake_events batch = { .items = items, .count = count, .room = count };

	/* What is purged is blanked in the batch. */
	for (size_t i = 0; i < count; i++) {
		items[i] = history->items[order[i]];
		items[i].data = json_deep_copy(items[i].data);
	}
	assert_ok(wake_record_apply(store, &batch, &err));
	for (size_t i = 0; i < count; i++)
		json_decref(items[i].data);
}

/* In the order that the seed gives, in batches of few, some of them twice. */
static void fold_shuffled(struct wake_store *store, const struct wake_events *history, uint32_t seed)
{
	size_t order[256], total = history->count, done = 0;

	assert_true(total <= WAKE_COUNT(order));
	for (size_t i = 0; i < total; i++)
		order[i] = i;
	for (size_t i = total; i > 1; i--) {
		size_t j = next_random(&seed) % i, kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
	while (done < total) {
		size_t count = 1 + next_random(&seed) % 30;

		count = count > total - done ? total - done : count;
		apply_range(store, history, order + done, count);
		if (next_random(&seed) % 3 == 0)
			apply_range(store, history, order, done + count);
		done += count;
	}
}

static void expect_same(const char *expected, const char *got, uint32_t seed)
{
	size_t at = 0, line = 0;

	while (expected[at] && expected[at] == got[at]) {
		at++;
		if (expected[at - 1] == '\n')
			line = at;
	}
	if (expected[at] != got[at])
		fail_msg("with seed %u, SQLite has\n%.*s\nand PostgreSQL\n%.*s", seed,
		    (int)strcspn(expected + line, "\n"), expected + line, (int)strcspn(got + line, "\n"),
		    got + line);
}

/* The totals as a reader gets them, along each dimension. free(3). */
static char *totals_of(struct wake_store *store)
{
	wake_auto_str struct wake_str out = WAKE_STR(1024 * 1024);
	char *text = NULL;

	for (int by = WAKE_TOTALS_BY_DAY; by <= WAKE_TOTALS_BY_WORKFLOW; by++) {
		wake_auto_json json_t *totals = NULL;

		assert_ok(wake_query_totals(store, by, WAKE_TIME_NONE, WAKE_TIME_NONE, &totals, &err));
		assert_true(json_array_size(totals) > 0);
		assert_ok(wake_json_append(&out, totals, &err));
	}
	assert_ok(wake_str_steal(&out, &text, &err));
	return text;
}

/* A system that is there before Runwake: its tables, what is in them, and what SQLite's have beyond them. */
struct existing {
	const char *tables; /* a file; NULL: none */
	const char *rows;
	const char *leave_out; /* columns, as 'TABLE.COLUMN' */
};

static char *fold_into_file(void *const *state, const struct wake_events *history, const struct existing *existing,
    char **ret_totals)
{
	char *path = scratch_path(state, "same.db"), *url;
	struct wake_store *file;
	size_t applied;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &file, &err));
	assert_ok(wake_migrate(file, &applied, &err));
	assert_ok(wake_store_begin(file, &err));
	assert_ok(wake_store_exec_script(file, existing->rows, &err));
	assert_ok(wake_store_commit(file, &err));
	fold_shuffled(file, history, 7);
	*ret_totals = totals_of(file);
	wake_store_close(file);
	free(path);
	free(url);
	return dump(state, "same.db", NULL, existing->leave_out);
}

static void compare_with_file(
    void *const *state, const struct wake_events *history, const struct existing *existing, uint32_t seeds)
{
	wake_auto_free char *totals = NULL;
	char *expected = fold_into_file(state, history, existing, &totals);

	for (uint32_t seed = 1; seed <= seeds; seed++) {
		wake_auto_free char *got_totals = NULL;
		char *name = new_database(), *got;
		struct wake_store *store;

		if (existing->tables) {
			tell_file(name, existing->tables);
			tell(name, "delete from messages; delete from sessions; delete from users");
			tell(name, existing->rows);
		}
		store = open_migrated(name);
		fold_shuffled(store, history, seed);
		got_totals = totals_of(store);
		assert_string_equal(got_totals, totals);
		wake_store_close(store);
		got = dump(state, "same.db", name, existing->leave_out);
		expect_same(expected, got, seed);
		free(got);
		free(name);
	}
	free(expected);
}

static void a_history_comes_to_the_same_as_in_sqlite(void **state)
{
	static const struct existing nothing = { NULL, "", "''" };
	wake_auto_events struct wake_events history = { 0 };

	needs_server();
	make_history(&history);
	make_sessions(&history);
	compare_with_file(state, &history, &nothing, SEEDS);
}

/* Beside tables that another system made: with conversations and a user of its own, some of which the runs join. How
 * far they moved such a conversation on is left out: it is never moved back, whatever turns out later. */
static void a_history_comes_to_the_same_beside_other_tables(void **state)
{
	static const struct existing existing = { "tests/beside/upgraded.sql",
		"insert into users (id, email) values ('aaaaaaaa-0000-4000-8000-000000000001', 'a@x');"
		"insert into sessions (id, name, platform, metadata, created_at, updated_at) values "
		"('bbbbbbbb-0000-4000-8000-000000000001', 'one', 'chat', '{}', '2027-01-01T00:00:00.000000Z', "
		"'2027-01-01T00:00:00.000000Z'), "
		"('bbbbbbbb-0000-4000-8000-000000000002', 'two', 'chat', '{\"a\":1}', "
		"'2027-01-01T00:00:00.000000Z', '2099-01-01T00:00:00.000000Z');"
		"insert into messages (id, session_id, role, text_content, created_at, updated_at) values "
		"('cccccccc-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000001', 'user', 'before', "
		"'2027-01-01T00:00:00.000000Z', '2027-01-01T00:00:00.000000Z')",
		"'sessions.agent_name', 'sessions.message_count', 'sessions.updated_at', "
		"'sessions.run_finished_at', 'messages.raw_payload', 'messages.context', "
		"'users.user_data', 'users.created_at', 'users.updated_at'" };
	wake_auto_events struct wake_events history = { 0 };

	needs_server();
	make_history(&history);
	make_sessions(&history);
	compare_with_file(state, &history, &existing, SEEDS);
}

/* Two machines, one team's store, the same events in different orders at the same time. */
static void two_recorders_at_once_come_to_the_same(void **state)
{
	wake_auto_events struct wake_events history = { 0 };
	static const struct existing nothing = { NULL, "", "''" };
	wake_auto_free char *totals = NULL;
	char *expected, *got, *name;
	struct wake_store *store;
	pid_t children[4];

	needs_server();
	make_history(&history);
	expected = fold_into_file(state, &history, &nothing, &totals);
	name = new_database();
	wake_store_close(open_migrated(name));
	for (uint32_t i = 0; i < WAKE_COUNT(children); i++) {
		children[i] = fork();
		if (children[i] == 0) {
			store = open_database(name);
			fold_shuffled(store, &history, 100 + i);
			wake_store_close(store);
			_exit(0);
		}
	}
	for (size_t i = 0; i < WAKE_COUNT(children); i++) {
		int how = -1;

		assert_int_equal(waitpid(children[i], &how, 0), children[i]);
		assert_int_equal(how, 0);
	}
	got = dump(state, "same.db", name, nothing.leave_out);
	expect_same(expected, got, 100);
	free(got);
	free(expected);
	free(name);
}

/* ---- failures --------------------------------------------------------------------------------- */

static void begin_run(struct wake_store *store, const char *run_id, int status)
{
	char id[WAKE_ID_SIZE];
	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TEXT(run_id), WAKE_TIME(T0 * WAKE_SECOND) };
	int64_t changed = 0;

	wake_id_for_run(run_id, id);
	assert_int_equal(
	    wake_store_run(store, WAKE_SQL_FOLD_RUN_PLACEHOLDER, values, WAKE_COUNT(values), &changed, &err),
	    status);
}

static long count_runs(const char *database)
{
	PGconn *conn = connect_plainly(database);
	PGresult *result = ask(conn, "select count(*) from workflow_runs");
	long count = atol(PQgetvalue(result, 0, 0));

	PQclear(result);
	PQfinish(conn);
	return count;
}

/* The failure of one that was sent along is told later, and the whole transaction is gone. */
static void a_late_failure_undoes_the_transaction(void **state)
{
	const struct wake_value bad[] = { WAKE_TEXT("no uuid") };
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	assert_ok(wake_store_begin(store, &err));
	begin_run(store, "one", WAKE_OK);
	assert_ok(wake_store_run(store, WAKE_SQL_FOLD_UNOBSERVED, bad, 1, NULL, &err));
	assert_int_equal(wake_store_commit(store, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "fold_unobserved"));
	assert_int_equal(count_runs(name), 0);
	assert_ok(wake_store_begin(store, &err));
	begin_run(store, "", WAKE_INVALID); /* breaks a check */
	begin_run(store, "two", WAKE_UNAVAILABLE);
	assert_int_equal(wake_store_commit(store, &err), WAKE_UNAVAILABLE);
	assert_ok(wake_store_begin(store, &err));
	begin_run(store, "three", WAKE_OK);
	assert_ok(wake_store_commit(store, &err));
	assert_int_equal(count_runs(name), 1);
	wake_store_close(store);
	free(name);
}

static const char cut_all[] = "select pg_terminate_backend(pid) from pg_stat_activity "
                              "where application_name = 'runwake' and pid <> pg_backend_pid()";

static void a_lost_connection_is_made_anew(void **state)
{
	struct wake_migration_status status;
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	assert_ok(wake_store_begin(store, &err));
	begin_run(store, "one", WAKE_OK);
	tell(name, cut_all);
	begin_run(store, "two", WAKE_UNAVAILABLE);
	assert_int_equal(wake_store_commit(store, &err), WAKE_UNAVAILABLE);
	assert_int_equal(count_runs(name), 0);
	assert_ok(wake_store_begin(store, &err));
	begin_run(store, "one", WAKE_OK);
	assert_ok(wake_store_commit(store, &err));
	tell(name, cut_all); /* while nobody uses it */
	assert_ok(wake_store_begin(store, &err));
	begin_run(store, "two", WAKE_OK);
	assert_ok(wake_store_commit(store, &err));
	tell(name, cut_all);
	assert_ok(wake_migrate_status(store, &status, &err));
	assert_int_equal(count_runs(name), 2);
	wake_store_close(store);
	free(name);
}

static void a_read_only_database_keeps_events_waiting(void **state)
{
	struct wake_store *store;
	char *name, *text;

	(void)state;
	needs_server();
	name = new_database();
	wake_store_close(open_migrated(name));
	assert_true(asprintf(&text, "alter database %s set default_transaction_read_only = on", name) > 0);
	tell("postgres", text);
	store = open_database(name);
	assert_int_equal(wake_store_begin(store, &err), WAKE_UNAVAILABLE);
	assert_non_null(strstr(err.text, "read-only"));
	wake_store_close(store);
	free(text);
	free(name);
}

static void refused_urls_show_no_password(void **state)
{
	static const char *const urls[] = { "postgresql://ann:hush@db/x", "postgresql://db/x?password=hush",
		"postgresql://db/x?pass%77ord=hush", "postgresql://ann:hush@db:notaport:1/x?=" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(urls); i++) {
		struct wake_store *store = NULL;

		assert_int_equal(wake_store_open(urls[i], &store, &err), WAKE_INVALID);
		assert_null(strstr(err.text, "hush"));
	}
}

/* ---- values ----------------------------------------------------------------------------------- */

static void values_come_back_as_from_sqlite(void **state)
{
	static const struct {
		enum wake_postgres_type type;
		const char *from, *to;
	} cases[] = {
		{ WAKE_POSTGRES_BOOLEAN, "t", "1" },
		{ WAKE_POSTGRES_BOOLEAN, "f", "0" },
		{ WAKE_POSTGRES_TIME, "2026-11-22 16:50:18.5+00", "2026-11-22T16:50:18.500000Z" },
		{ WAKE_POSTGRES_TIME, "2026-11-22 16:50:18+00", "2026-11-22T16:50:18.000000Z" },
		{ WAKE_POSTGRES_TIME, "2026-11-22 16:50:18.123456+00", "2026-11-22T16:50:18.123456Z" },
		{ WAKE_POSTGRES_TIME, "10000-01-01 00:00:00+00", "9999-12-31T23:59:59.999999Z" },
		{ WAKE_POSTGRES_TIME, "infinity", "9999-12-31T23:59:59.999999Z" },
		{ WAKE_POSTGRES_TIME, "-infinity", "0001-01-01T00:00:00.000000Z" },
		{ WAKE_POSTGRES_TIME, "0044-03-15 12:00:00+00 BC", "0001-01-01T00:00:00.000000Z" },
		{ WAKE_POSTGRES_JSON, "{\"b\": 1, \"a\": [true, null]}", "{\"a\":[true,null],\"b\":1}" },
		{ WAKE_POSTGRES_JSON, "{\"a\": 123456789012345678901234567890}",
		    "{\"a\": 123456789012345678901234567890}" },
		{ WAKE_POSTGRES_AS_IT_IS, "as it is", "as it is" },
	};
	wake_auto_str struct wake_str out = WAKE_STR(1024);

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_json json_t *json = NULL;

		assert_ok(wake_postgres_text_append(&out, cases[i].type, cases[i].from, &json, &err));
		assert_string_equal(wake_str_text(&out), cases[i].to);
		/* The value is given along where it can be read. */
		if (cases[i].type == WAKE_POSTGRES_JSON)
			assert_int_equal(json != NULL, strstr(cases[i].from, "123456789012345678901234567890") == NULL);
		else
			assert_null(json);
	}
}

static void money_is_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t micro;
	} cases[] = { { "0.000001", 1 }, { "12.500000", 12500000 }, { "-3.25", -3250000 }, { "7", 7000000 },
		{ "999999.999999", 999999999999 } };
	char buffer[WAKE_POSTGRES_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		const struct wake_value value = WAKE_MONEY(cases[i].micro);

		assert_int_equal(wake_postgres_money(cases[i].text), cases[i].micro);
		assert_int_equal(
		    wake_postgres_money(wake_postgres_value_text(&value, buffer)), cases[i].micro);
	}
	assert_true(wake_postgres_money("99999999999999999999999999") > 0);
}

static void an_answer_may_take_longer_than_its_timeout(void **state)
{
	(void)state;
	assert_int_equal(wake_postgres_answer_time("30s"), 40 * WAKE_SECOND);
	assert_int_equal(wake_postgres_answer_time("1500ms"), 2 * WAKE_SECOND);
	assert_int_equal(wake_postgres_answer_time("3000"), 4 * WAKE_SECOND);
	assert_int_equal(wake_postgres_answer_time("3min"), 240 * WAKE_SECOND);
	assert_int_equal(wake_postgres_answer_time("0"), 3600 * WAKE_SECOND);
	assert_int_equal(wake_postgres_answer_time("20d"), 3600 * WAKE_SECOND);
	assert_int_equal(wake_postgres_answer_time("9999999999999999999h"), 3600 * WAKE_SECOND);
}

static void arrays_are_escaped(void **state)
{
	const struct wake_value values[] = { WAKE_TEXT("a\"b"), WAKE_INT(1), WAKE_TEXT("c\\d,{}"),
		WAKE_INT(2), WAKE_TEXT(NULL), WAKE_INT(-3), WAKE_TEXT(""), WAKE_NULL_VALUE() };
	wake_auto_str struct wake_str out = WAKE_STR(1024);

	(void)state;
	wake_postgres_array_append(&out, values, 2, 4);
	assert_string_equal(wake_str_text(&out), "{\"a\\\"b\",\"c\\\\d,{}\",null,\"\"}");
	wake_str_clear(&out);
	wake_postgres_array_append(&out, values + 1, 2, 4);
	assert_string_equal(wake_str_text(&out), "{\"1\",\"2\",\"-3\",null}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_back_as_from_sqlite),
		cmocka_unit_test(money_is_exact),
		cmocka_unit_test(an_answer_may_take_longer_than_its_timeout),
		cmocka_unit_test(arrays_are_escaped),
		cmocka_unit_test(refused_urls_show_no_password),
		cmocka_unit_test(one_that_is_not_migrated_says_so),
		cmocka_unit_test(every_statement_fits_the_schema),
		cmocka_unit_test_setup_teardown(
		    the_columns_are_those_of_sqlite, scratch_make, scratch_remove),
		cmocka_unit_test(a_newer_or_changed_schema_is_refused),
		cmocka_unit_test(several_migrate_at_once),
		cmocka_unit_test(a_migration_that_fails_leaves_nothing),
		cmocka_unit_test(all_is_asked_before_the_first_answer_is_read),
		cmocka_unit_test_setup_teardown(
		    a_history_comes_to_the_same_as_in_sqlite, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_history_comes_to_the_same_beside_other_tables, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    two_recorders_at_once_come_to_the_same, scratch_make, scratch_remove),
		cmocka_unit_test(a_late_failure_undoes_the_transaction),
		cmocka_unit_test(a_lost_connection_is_made_anew),
		cmocka_unit_test(a_read_only_database_keeps_events_waiting),
	};

	return cmocka_run_group_tests_name("store_postgres", tests, start_cluster, stop_cluster);
}
