/* SPDX-License-Identifier: MIT */
/* A record moves from store to store and stays the same: every table, whatever was killed, trimmed or there
 * before. */
#include "postgres_server.h"

#include <sqlite3.h>

#include "store/copy.h"
#include "store/copy_tables.h"
#include "store/record.h"
#include "store/trim.h"

#define FAR_FUTURE INT64_C(4000000000000000)

/* ---- stores ------------------------------------------------------------------------------------- */

static int print_row(void *out, int count, char **values, char **names)
{
	(void)names;
	for (int i = 0; i < count; i++)
		wake_str_appendf(out, "%s|", values[i] ? values[i] : "");
	return 0;
}

/* What a query says of a file, or what a change does to it. free(3) */
static char *in_file(void *const *state, const char *name, const char *text)
{
	wake_auto_str struct wake_str out = WAKE_STR(1024 * 1024);
	char *path = scratch_path(state, name), *said;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	if (sqlite3_exec(db, text, print_row, &out, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
	free(path);
	assert_ok(wake_str_steal(&out, &said, &err));
	return said;
}

static void expect_in_file(void *const *state, const char *name, const char *text, const char *expected)
{
	char *said = in_file(state, name, text);

	assert_string_equal(said, expected);
	free(said);
}

static void change_file(void *const *state, const char *name, const char *text)
{
	free(in_file(state, name, text));
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Batches of random size, in a random order; of a whole history, or of as much of it as chance takes. */
static void fold_random(struct wake_store *store, struct wake_events *history, uint32_t seed, bool all)
{
	for (size_t i = history->count; i > 1; i--) {
		size_t j = next_random(&seed) % i;
		struct wake_event kept = history->items[i - 1];

		history->items[i - 1] = history->items[j];
		history->items[j] = kept;
	}
	for (size_t done = 0, count; done < history->count; done += count) {
		struct wake_events batch;

		count = 1 + next_random(&seed) % 9;
		count = count > history->count - done ? history->count - done : count;
		batch = (struct wake_events){ history->items + done, count, count };
		if (all || next_random(&seed) % 4 > 0)
			assert_ok(wake_record_apply(store, &batch, &err));
	}
}

static void fold_history(struct wake_store *store, uint32_t seed, bool all)
{
	wake_auto_events struct wake_events history = { 0 };

	make_history(&history);
	fold_random(store, &history, seed, all);
}

/* ---- copying ------------------------------------------------------------------------------------ */

static void expect_equal(struct wake_copy *copy, bool alone)
{
	struct wake_copy_comparison comparison;

	assert_ok(wake_copy_compare(copy, &comparison, &err));
	for (size_t i = 0; i < comparison.count; i++) {
		const struct wake_copy_compared *table = &comparison.tables[i];
		bool same = table->missing == 0 && table->different == 0 && table->others == 0;

		if (alone && !same)
			fail_msg("%s: of %lld rows %lld are missing, %lld different (%s), %lld others",
			    table->table, (long long)table->rows, (long long)table->missing,
			    (long long)table->different, table->example, (long long)table->others);
		assert_int_equal(strcmp(table->from_sum, table->to_sum) == 0,
		    table->missing == 0 && table->different == 0);
	}
	assert_int_equal(comparison.alone, alone);
	assert_true(comparison.equal);
}

static void copy_all(struct wake_store *from, struct wake_store *to)
{
	struct wake_copy copy = { .from = from, .to = to };

	assert_ok(wake_copy_run(&copy, &err));
	assert_int_equal(copy.set_aside, 0);
	expect_equal(&copy, true);
}

struct killing {
	unsigned left;
};

static void kill_when_due(void *context, const char *what, int64_t done, int64_t total)
{
	struct killing *killing = context;

	(void)what;
	(void)done;
	(void)total;
	if (killing->left-- == 0)
		(void)kill(getpid(), SIGKILL);
}

/* A process that copies is killed after so many steps. Was it? */
static bool copy_and_kill(struct wake_store *(*open_from)(void *), struct wake_store *(*open_to)(void *),
    void *context, unsigned steps)
{
	pid_t child = fork();
	int how = -1;

	if (child == 0) {
		struct killing killing = { steps };
		struct wake_copy copy = { .from = open_from(context),
			.to = open_to(context),
			.tell = kill_when_due,
			.context = &killing };

		_exit(wake_copy_run(&copy, &err) == WAKE_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how) || how == 0);
	return WIFSIGNALED(how);
}

struct places {
	void *const *state;
	const char *file, *database;
};

static struct wake_store *open_places_file(void *context)
{
	const struct places *places = context;

	return open_file(places->state, places->file);
}

static struct wake_store *open_places_database(void *context)
{
	const struct places *places = context;

	return open_database(places->database);
}

/* ---- tests -------------------------------------------------------------------------------------- */

/* Left out of a copy, by name: when this store took the event in is not the event's; what not every surrounding system's
 * table has, or is written by that system alone. */
static bool is_left_out(const char *table, const char *column)
{
	static const char *const left_out[][2] = { { "workflow_events", "recorded_at" },
		{ "workflow_events", "folded_at" }, { "workflow_events", "set_aside" }, { "sessions", "user_id" },
		{ "sessions", "agent_name" }, { "sessions", "message_count" }, { "messages", "user_id" },
		{ "messages", "raw_payload" } };

	for (size_t i = 0; i < WAKE_COUNT(left_out); i++) {
		if (strcmp(left_out[i][0], table) == 0 && strcmp(left_out[i][1], column) == 0)
			return true;
	}
	return false;
}

static const struct wake_copy_table *find_table(const char *name)
{
	for (const struct wake_copy_table *table = wake_copy_tables; table->name; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	fail_msg("no copy takes the table %s along: see lib/store/copy_tables.c", name);
	return NULL;
}

static struct wake_rows *read_table(struct wake_store *store, const struct wake_copy_table *table)
{
	struct wake_value values[WAKE_COPY_KEY_MAX + 1];
	struct wake_rows *rows;

	for (size_t i = 0; i < table->keys; i++)
		values[i] = WAKE_TEXT(table->first[i]);
	values[table->keys] = WAKE_INT(1);
	assert_ok(wake_store_query(store, table->read, values, table->keys + 1, &rows, &err));
	return rows;
}

static void expect_column(const struct wake_rows *rows, const char *table, const char *column)
{
	for (size_t i = 0; i < wake_rows_columns(rows); i++) {
		if (strcmp(wake_rows_name(rows, i), column) == 0)
			return;
	}
	if (!is_left_out(table, column))
		fail_msg("copy_%s.sql leaves out the column %s", table, column);
}

static size_t parameters_of(const char *text)
{
	size_t last = 0;

	for (const char *at = strchr(text, '\n'); (at = strchr(at, '$')); at++) {
		size_t number = strtoul(at + 1, NULL, 10);

		last = number > last ? number : last;
	}
	return last;
}

/* A migration that adds a column or a table is not forgotten. */
static void every_column_of_every_table_is_taken_along(void **state)
{
	struct wake_store *store = open_file(state, "all.db");
	char *path = scratch_path(state, "all.db");
	size_t columns = 0, tables = 0;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
	        "select m.name, p.name from sqlite_master m join pragma_table_info(m.name) p where "
	        "m.type = 'table' and m.name not like 'sqlite%' and m.name not in ('runwake_migrations', "
	        "'workflow_feeds', 'workflow_unfed')", /* a machine's own */
	        -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		wake_auto_rows struct wake_rows *rows = read_table(store, find_table(name));

		expect_column(rows, name, (const char *)sqlite3_column_text(stmt, 1));
		columns++;
	}
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	for (const struct wake_copy_table *table = wake_copy_tables; table->name; table++, tables++) {
		wake_auto_rows struct wake_rows *rows = read_table(store, table);

		if (table->insert != WAKE_SQL_COUNT)
			assert_int_equal(
			    parameters_of(wake_sql_texts[table->insert].sqlite), wake_rows_columns(rows));
	}
	assert_true(columns > 200);
	assert_in_range(tables, 20, WAKE_COPY_TABLES_MAX);
	wake_store_close(store);
	free(path);
}

/* The same statements read the same columns there; store_postgres_test proves that the columns are SQLite's.
 */
static void every_table_is_taken_along_from_a_server(void **state)
{
	struct wake_store *file = open_file(state, "all.db"), *server;
	char *name;

	needs_server();
	name = new_database();
	server = open_migrated(name);
	for (const struct wake_copy_table *table = wake_copy_tables; table->name; table++) {
		wake_auto_rows struct wake_rows *one = read_table(file, table),
		                                *other = read_table(server, table);

		assert_int_equal(wake_rows_columns(one), wake_rows_columns(other));
		for (size_t i = 0; i < wake_rows_columns(one); i++)
			assert_string_equal(wake_rows_name(one, i), wake_rows_name(other, i));
	}
	wake_store_close(file);
	wake_store_close(server);
	free(name);
}

static void there_and_back_again_is_the_same(void **state)
{
	needs_server();
	for (uint32_t seed = 1; seed <= 8; seed++) {
		char *name = new_database(), file[32], back[32];
		struct wake_store *from, *server = open_migrated(name), *to;
		struct wake_copy again;

		(void)snprintf(file, sizeof(file), "f%u.db", seed);
		(void)snprintf(back, sizeof(back), "b%u.db", seed);
		from = open_file(state, file);
		to = open_file(state, back);
		fold_history(from, seed, seed == 1);
		copy_all(from, server);
		copy_all(server, to);
		again = (struct wake_copy){ .from = from, .to = to };
		expect_equal(&again, true);
		/* And what is copied is only looked up. */
		assert_ok(wake_copy_run(&again, &err));
		assert_int_equal(again.events, 0);
		wake_store_close(from);
		wake_store_close(server);
		wake_store_close(to);
		free(name);
	}
}

static void killed_anywhere_it_goes_on(void **state)
{
	unsigned killed = 0;

	needs_server();
	for (unsigned round = 0; round < 6; round++) {
		char *name = new_database();
		char file[32];
		struct places places = { state, file, name };
		struct wake_store *from, *to = open_migrated(name);
		uint32_t seed = round + 1;

		(void)snprintf(file, sizeof(file), "source%u.db", round);
		from = open_file(state, file);

		fold_history(from, 3, true);
		if (round >= 3)
			change_file(state, file,
			    "update workflow_events set payload = null where substr(id, -1) in ('0', '3', "
			    "'6', '9', 'c')");
		wake_store_close(from);
		wake_store_close(to);
		for (unsigned i = 0; i < 4; i++)
			killed += copy_and_kill(open_places_file, open_places_database, &places,
			    next_random(&seed) % (60 * (i + 1)));
		from = open_file(state, file);
		to = open_database(name);
		copy_all(from, to);
		wake_store_close(from);
		wake_store_close(to);
		free(name);
	}
	assert_true(killed >= 6);
}

/* What retention took the payload of cannot be replayed; its rows are copied as they are. */
static void a_trimmed_store_is_copied_whole(void **state)
{
	needs_server();
	for (uint32_t seed = 1; seed <= 6; seed++) {
		char *name = new_database(), file[32], back[32], id[WAKE_ID_SIZE] = "";
		struct wake_store *from, *server = open_migrated(name), *to;
		int64_t blanked = 0, before = (T0 + (int64_t)seed * 4) * WAKE_SECOND;
		struct wake_copy direct;

		(void)snprintf(file, sizeof(file), "t%u.db", seed);
		(void)snprintf(back, sizeof(back), "u%u.db", seed);
		from = open_file(state, file);
		to = open_file(state, back);
		fold_history(from, seed, seed == 1);
		assert_ok(
		    wake_trim_payloads(from, seed == 6 ? FAR_FUTURE : before, SIZE_MAX, id, &blanked, &err));
		assert_true(blanked > 0);
		copy_all(from, server);
		copy_all(server, to);
		direct = (struct wake_copy){ .from = from, .to = to };
		expect_equal(&direct, true);
		wake_store_close(from);
		wake_store_close(server);
		wake_store_close(to);
		free(name);
	}
}

/* A payload that is gone on one side only is no difference: the copy was made before, or after. */
static void trimmed_on_one_side(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	struct wake_copy copy = { .from = from, .to = to };
	char id[WAKE_ID_SIZE] = "";
	int64_t blanked = 0;

	fold_history(from, 1, true);
	copy_all(from, to);
	assert_ok(wake_trim_payloads(from, (T0 + 5) * WAKE_SECOND, SIZE_MAX, id, &blanked, &err));
	assert_true(blanked > 10);
	expect_equal(&copy, true);
	copy_all(from, to);
	copy = (struct wake_copy){ .from = to, .to = from };
	expect_equal(&copy, true);
	copy_all(to, from);
	expect_in_file(state, "to.db", "select count(*) from workflow_events where payload is null", "0|");
	wake_store_close(from);
	wake_store_close(to);
}

/* What two stores saw of one history becomes the whole of it, though each holds only a part. */
static void what_is_there_already_is_merged(void **state)
{
	wake_auto_events struct wake_events history = { 0 };
	struct wake_store *whole = open_file(state, "whole.db"), *one = open_file(state, "one.db");
	struct wake_store *other = open_file(state, "other.db");
	struct wake_copy copy = { .from = one, .to = other }, check = { .from = whole, .to = other };

	make_history(&history);
	for (size_t i = 0; i < history.count; i++) {
		struct wake_events single = { &history.items[i], 1, 1 };

		assert_ok(wake_record_apply(i % 3 ? one : other, &single, &err));
		assert_ok(wake_record_apply(whole, &single, &err));
	}
	assert_ok(wake_copy_run(&copy, &err));
	expect_equal(&copy, false);
	expect_equal(&check, true);
	wake_store_close(whole);
	wake_store_close(one);
	wake_store_close(other);
}

/* People and conversations of the surrounding system are not told by events. */
static void whom_runs_belong_to_comes_along(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	wake_auto_events struct wake_events talk = { 0 };

	change_file(state, "from.db",
	    "insert into users (id, email) values ('aaaaaaaa-0000-4000-8000-000000000001', 'a@x'), "
	    "('aaaaaaaa-0000-4000-8000-000000000002', 'nobody@x');"
	    "insert into sessions (id, name, platform, created_at, updated_at) values "
	    "('bbbbbbbb-0000-4000-8000-000000000001', 'one', 'chat', '2026-01-01T00:00:00.000000Z', "
	    "'2030-01-01T00:00:00.000000Z')");
	fold_history(from, 1, true);
	make_sessions(&talk); /* by a@x */
	assert_ok(wake_record_apply(from, &talk, &err));
	copy_all(from, to);
	expect_in_file(state, "to.db", "select email from users", "a@x|");
	expect_in_file(state, "to.db",
	    "select distinct session_id from workflow_runs where session_name = 'one'",
	    "bbbbbbbb-0000-4000-8000-000000000001|");
	wake_store_close(from);
	wake_store_close(to);
}

/* A hint that the recorder followed and found nothing is told by no event; nor what it has observed. */
static void what_was_looked_at_needs_no_second_look(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	char id[WAKE_ID_SIZE];
	struct wake_value hint;

	fold_history(from, 1, true);
	copy_all(from, to);
	expect_in_file(state, "to.db", "select count(*) from workflow_edit_hints where not done", "1|");
	hint = WAKE_TEXT(id_of("ea5", id));
	assert_ok(wake_store_run(from, WAKE_SQL_FOLD_EDITED_DONE, &hint, 1, NULL, &err));
	change_file(state, "from.db", "delete from workflow_unobserved");
	copy_all(from, to);
	expect_in_file(state, "to.db", "select count(*) from workflow_edit_hints where not done", "0|");
	expect_in_file(state, "to.db", "select count(*) from workflow_unobserved", "0|");
	wake_store_close(from);
	wake_store_close(to);
}

static void a_difference_is_found_and_named(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	struct wake_copy copy = { .from = from, .to = to };
	struct wake_copy_comparison comparison;
	unsigned found = 0;

	fold_history(from, 1, true);
	copy_all(from, to);
	change_file(state, "to.db",
	    "update workflow_runs set cost_estimate = 1 where run_id = 'run-a'; delete from workflow_commits "
	    "where "
	    "hash like '1%'; insert into workflow_gaps values ('cccccccc-0000-4000-8000-000000000001', null, "
	    "null, "
	    "'x', null, 'y')");
	assert_ok(wake_copy_compare(&copy, &comparison, &err));
	assert_false(comparison.equal);
	assert_true(comparison.alone);
	for (size_t i = 0; i < comparison.count; i++) {
		const struct wake_copy_compared *table = &comparison.tables[i];

		if (strcmp(table->table, "workflow_runs") == 0)
			assert_int_equal(table->different, 1);
		if (strcmp(table->table, "workflow_commits") == 0) {
			assert_int_equal(table->missing, 1);
			assert_non_null(strstr(table->example, hash('1')));
		}
		if (strcmp(table->table, "workflow_gaps") == 0)
			assert_int_equal(table->others, 1);
		found += table->missing || table->different || table->others;
		assert_int_equal(
		    strcmp(table->from_sum, table->to_sum) != 0, table->missing || table->different);
	}
	assert_int_equal(found, 3);
	wake_store_close(from);
	wake_store_close(to);
}

/* More events than a page and than a batch has, and more bytes than a batch takes. */
static void pages_and_batches_have_ends(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	wake_auto_events struct wake_events history = { 0 };
	char *text = malloc(200001);

	assert_non_null(text);
	memset(text, 'x', 200000);
	text[200000] = '\0';
	for (int i = 0; i < 1201; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "gap %d", i);
		add(&history, WAKE_EVENT_GAP, name, (T0 + i) * WAKE_SECOND,
		    json_pack("{ss ss ss}", "repository_id", REPO, "reason", "log-lost", "detail",
		        i % 20 == 0 ? text : "d"));
	}
	assert_ok(wake_record_apply(from, &history, &err));
	copy_all(from, to);
	expect_in_file(state, "to.db", "select count(*) from workflow_gaps", "1201|");
	wake_store_close(from);
	wake_store_close(to);
	free(text);
}

/* An event that this program cannot read is in the ledger as it is; it stops nothing. */
static void what_cannot_be_replayed_is_set_aside(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	struct wake_copy copy = { .from = from, .to = to };

	fold_history(from, 1, true);
	change_file(state, "from.db",
	    "update workflow_events set payload = '{\"odd\":1}' where type = 'evidence'; "
	    "update workflow_events set version = 99 where type = 'gap'; "
	    "update workflow_events set payload = 'no json' where type = 'heartbeat'");
	assert_ok(wake_copy_run(&copy, &err));
	assert_true(copy.set_aside > 3);
	expect_in_file(state, "to.db", "select payload from workflow_events where type = 'evidence' limit 1",
	    "{\"odd\":1}|");
	assert_ok(wake_copy_run(&copy, &err));
	expect_in_file(state, "to.db", "select count(*) from workflow_evidence", "7|");
	wake_store_close(from);
	wake_store_close(to);
}

/* Nor has it any effect in the copy where it had none: a machine's event that was set aside, for whatever reason. */
static void what_was_set_aside_stays_so(void **state)
{
	struct wake_store *from = open_file(state, "from.db"), *to = open_file(state, "to.db");
	struct wake_copy copy = { .from = from, .to = to };
	struct wake_copy_comparison comparison;
	char *gaps;

	fold_history(from, 1, true);
	change_file(state, "from.db",
	    "insert into workflow_events (id, type, version, at, host, payload, recorded_at, set_aside) values "
	    "('ffffffff-ffff-8fff-8fff-ffffffffffff', 'gap', 1, '9999-01-01T00:00:00.000000Z', 'h', "
	    "'{\"reason\":\"none\",\"repository_id\":\"11111111-1111-8111-8111-111111111111\"}', "
	    "'2027-01-15T08:00:00.000000Z', 'its time'), "
	    "('00000000-0000-8000-8000-000000000000', 'gap', 1, '2027-01-15T08:00:00.000000Z', 'h', null, "
	    "'2027-01-15T08:00:00.000000Z', 'it says nothing')");
	gaps = in_file(state, "from.db", "select count(*) from workflow_gaps");
	assert_ok(wake_copy_run(&copy, &err));
	expect_in_file(state, "to.db", "select count(*) from workflow_gaps", gaps);
	expect_in_file(state, "to.db", "select set_aside from workflow_events where folded_at is null order by id",
	    "it says nothing|its time|");
	assert_ok(wake_copy_compare(&copy, &comparison, &err));
	assert_true(comparison.alone && comparison.equal);
	wake_store_close(from);
	wake_store_close(to);
	free(gaps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(every_column_of_every_table_is_taken_along),
		scratch_test(every_table_is_taken_along_from_a_server),
		scratch_test(there_and_back_again_is_the_same),
		scratch_test(killed_anywhere_it_goes_on),
		scratch_test(a_trimmed_store_is_copied_whole),
		scratch_test(trimmed_on_one_side),
		scratch_test(what_is_there_already_is_merged),
		scratch_test(whom_runs_belong_to_comes_along),
		scratch_test(what_was_looked_at_needs_no_second_look),
		scratch_test(a_difference_is_found_and_named),
		scratch_test(pages_and_batches_have_ends),
		scratch_test(what_cannot_be_replayed_is_set_aside),
		scratch_test(what_was_set_aside_stays_so),
	};

	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
