/* SPDX-License-Identifier: MIT */
/* store/store_sqlite: settings, values, statements, rows and transactions. */
#include "things.h"

#include <fcntl.h>

#include "base/clock.h"

static void is_set_up_for_safety(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_rows struct wake_rows *rows = query(store, PRAGMAS);
	struct wake_rows *none = NULL;
	struct wake_error err;

	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_int_equal(wake_rows_int(rows, 0), 2); /* full */
	assert_string_equal(wake_rows_text(rows, 1), "wal");
	assert_int_equal(wake_rows_int(rows, 2), 1);
	assert_int_equal(wake_rows_int(rows, 3), 0);
	assert_int_equal(wake_rows_int(rows, 4), 1);
	assert_int_equal(wake_rows_int(rows, 5), 64 << 20);
	assert_int_equal(wake_store_query(store, SQL(QUOTED), NULL, 0, &none, &err), WAKE_CORRUPT);
}

static void says_when_a_store_is_damaged(void **state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	wake_auto_free char *junk = malloc(65536);
	struct wake_error err;
	int fd, status = WAKE_OK;

	{
		wake_auto_store struct wake_store *store = make_store(state);

		assert_ok(wake_store_begin(store, &err));
		for (int i = 0; i < 1000; i++) {
			char id[64];

			snprintf(id, sizeof(id), "a rather long name, number %d", i);
			assert_ok(insert(store, INSERT, id, 1, &err));
		}
		assert_ok(wake_store_commit(store, &err));
	}
	assert_non_null(junk);
	memset(junk, 0xa5, 65536);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(
	    pwrite(fd, junk, 65536, 8192), 65536); /* behind the schema's page and the first root */
	assert_int_equal(close(fd), 0);
	{
		wake_auto_store struct wake_store *store = open_store(state, "store.db");
		wake_auto_rows struct wake_rows *rows = query(store, LIST);

		while ((status = wake_rows_next(rows, &err)) == 1)
			;
	}
	assert_int_equal(status, WAKE_CORRUPT);
	assert_non_null(strstr(err.text, "backup"));
}

/* ---- values ----------------------------------------------------------------------------------- */

#define LONG_TEXT (1 << 20)

static void stores_every_kind(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_free char *text = malloc(LONG_TEXT + 1);
	wake_auto_json json_t *json = NULL;
	struct wake_error err;
	json_t *none = NULL;
	int64_t changed = -1;

	assert_non_null(text);
	memset(text, 'x', LONG_TEXT);
	text[LONG_TEXT] = '\0';
	{
		const struct wake_value values[][7] = {
			{ WAKE_TEXT("a"), WAKE_INT(INT64_MAX), WAKE_BOOL(true),
			    WAKE_TEXT("'; drop table things; --"), WAKE_JSON("{\"a\":[1,null]}"),
			    WAKE_TIME(1795366218123456), WAKE_MONEY(123456789012) },
			{ WAKE_TEXT("b"), WAKE_INT(INT64_MIN), WAKE_BOOL(false), WAKE_TEXT(""),
			    WAKE_JSON("null"), WAKE_TIME(-1), WAKE_MONEY(0) },
			{ WAKE_TEXT("c"), WAKE_NULL_VALUE(), { WAKE_VALUE_BOOL, 5, NULL }, WAKE_TEXT(NULL),
			    WAKE_JSON(NULL), WAKE_TIME(WAKE_TIME_NONE), WAKE_NULL_VALUE() },
			{ WAKE_TEXT("d"), WAKE_INT(0), WAKE_NULL_VALUE(), WAKE_TEXT(text),
			    WAKE_JSON("\"ü€😀\""), WAKE_TEXT("not a time"), WAKE_MONEY(-5) },
		};

		for (size_t i = 0; i < WAKE_COUNT(values); i++) {
			assert_ok(wake_store_run(store, SQL(INSERT), values[i], 7, &changed, &err));
			assert_int_equal(changed, 1);
		}
	}

	rows = query(store, LIST);
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_int_equal(wake_rows_int(rows, 1), INT64_MAX);
	assert_int_equal(wake_rows_int(rows, 2), 1);
	assert_string_equal(wake_rows_text(rows, 3), "'; drop table things; --");
	assert_string_equal(wake_rows_text(rows, 4), "{\"a\":[1,null]}");
	assert_ok(wake_rows_json(rows, 4, &json, &err));
	assert_int_equal(json_array_size(json_object_get(json, "a")), 2);
	assert_int_equal(wake_rows_json(rows, 3, &none, &err), WAKE_INVALID);
	assert_string_equal(wake_rows_text(rows, 5), "2026-11-22T16:50:18.123456Z");
	assert_int_equal(wake_rows_time(rows, 5), 1795366218123456);
	assert_int_equal(wake_rows_money(rows, 6), 123456789012);
	assert_false(wake_rows_is_null(rows, 6));

	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_int_equal(wake_rows_int(rows, 1), INT64_MIN);
	assert_int_equal(wake_rows_int(rows, 2), 0);
	assert_string_equal(wake_rows_text(rows, 3), "");
	assert_false(wake_rows_is_null(rows, 3));
	assert_string_equal(wake_rows_text(rows, 4), "null");
	assert_string_equal(wake_rows_text(rows, 5), "1969-12-31T23:59:59.999999Z");
	assert_int_equal(wake_rows_time(rows, 5), -1);

	assert_int_equal(wake_rows_next(rows, &err), 1);
	for (size_t column = 0; column < wake_rows_columns(rows); column++)
		assert_true(wake_rows_is_null(rows, column) == (column != 0 && column != 2));
	assert_int_equal(wake_rows_int(rows, 2), 1);
	assert_int_equal(wake_rows_int(rows, 1), 0);
	assert_null(wake_rows_text(rows, 3));
	assert_int_equal(wake_rows_time(rows, 5), WAKE_TIME_NONE);
	assert_int_equal(wake_rows_money(rows, 6), 0);

	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_string_equal(wake_rows_text(rows, 3), text);
	assert_string_equal(wake_rows_text(rows, 4), "\"ü€😀\"");
	assert_int_equal(wake_rows_time(rows, 5), WAKE_TIME_NONE);
	assert_int_equal(wake_rows_money(rows, 6), -5);
	assert_int_equal(wake_rows_next(rows, &err), 0);
}

static void binds_by_name(void **state)
{
	const struct wake_value values[] = { WAKE_TEXT("the id"), WAKE_TEXT("the words") };
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_rows struct wake_rows *rows = NULL;
	struct wake_error err;

	assert_ok(wake_store_run(store, SQL(REVERSED), values, 2, NULL, &err));
	rows = query(store, LIST);
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_string_equal(wake_rows_text(rows, 0), "the id");
	assert_string_equal(wake_rows_text(rows, 3), "the words");
}

static void borrows_values_for_the_call_only(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_rows struct wake_rows *rows = NULL;
	char words[] = "before";
	const struct wake_value values[] = { WAKE_TEXT(words) };
	struct wake_error err;

	assert_ok(wake_store_query(store, SQL(COMMENTED), values, 1, &rows, &err));
	memset(words, '#', sizeof(words) - 1);
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_string_equal(wake_rows_text(rows, 0), "before");
	assert_string_equal(wake_rows_text(rows, 1), "before");
}

static void wants_the_right_values(void **state)
{
	const struct wake_value values[] = { WAKE_INT(1), WAKE_INT(2), WAKE_INT(3) };
	wake_auto_store struct wake_store *store = make_store(state);
	struct wake_rows *rows = NULL;
	struct wake_error err;

	assert_int_equal(wake_store_run(store, SQL(UPDATE), values, 1, NULL, &err), WAKE_INVALID);
	assert_int_equal(wake_store_run(store, SQL(UPDATE), values, 3, NULL, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "update"));
	assert_int_equal(wake_store_query(store, SQL(NUMBERED), values, 1, &rows, &err), WAKE_INVALID);
	assert_null(rows);
	assert_ok(wake_store_run(store, SQL(UPDATE), values, 2, NULL, &err));
}

static void counts_what_it_changed(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	const struct wake_value values[] = { WAKE_INT(9), WAKE_INT(2) }, one[] = { WAKE_INT(1) };
	struct wake_error err;
	int64_t changed = -1;

	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_ok(insert(store, INSERT, "b", 2, &err));
	assert_ok(insert(store, INSERT, "c", 3, &err));
	assert_ok(wake_store_run(store, SQL(UPDATE), values, 2, &changed, &err));
	assert_int_equal(changed, 2);
	assert_ok(wake_store_run(store, SQL(COMMENTED), one, 1, &changed, &err));
	assert_int_equal(changed, 0);
	assert_ok(wake_store_run(store, SQL(DELETE), NULL, 0, &changed, &err));
	assert_int_equal(changed, 3);
	assert_ok(wake_store_run(store, SQL(DELETE), NULL, 0, &changed, &err));
	assert_int_equal(changed, 0);
}

/* ---- statements and rows ---------------------------------------------------------------------- */

static void reads_rows(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	struct wake_rows *rows, *again = NULL;
	struct wake_error err;

	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_ok(insert(store, INSERT, "b", 2, &err));
	rows = query(store, LIST);
	assert_int_equal(wake_rows_columns(rows), 7);
	assert_string_equal(wake_rows_name(rows, 0), "id");
	assert_string_equal(wake_rows_name(rows, 6), "dollars");
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_int_equal(wake_store_query(store, SQL(LIST), NULL, 0, &again, &err), WAKE_INVALID);
	assert_null(again);
	assert_int_equal(count_things(store), 2); /* another statement meanwhile */
	assert_ok(insert(store, INSERT, "c", 3, &err));
	wake_rows_free(rows); /* before its end */

	rows = query(store, LIST);
	for (int i = 0; i < 3; i++)
		assert_int_equal(wake_rows_next(rows, &err), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(wake_rows_next(rows, &err), 0);
	wake_rows_free(rows);
	wake_rows_free(NULL);
}

static void tells_what_a_constraint_says(void **state)
{
	const struct wake_value stranger[] = { WAKE_TEXT("nobody") };
	wake_auto_store struct wake_store *store = make_store(state);
	struct wake_error err;

	assert_ok(wake_store_begin(store, &err));
	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_int_equal(insert(store, INSERT, "a", 2, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "insert"));
	assert_non_null(strstr(err.text, "things.id"));
	assert_int_equal(insert(store, INSERT, "b", 13, &err), WAKE_INVALID);
	assert_int_equal(wake_store_run(store, SQL(CHILD), stranger, 1, NULL, &err), WAKE_INVALID);
	assert_ok(insert(store, INSERT, "c", 3, &err)); /* the transaction goes on */
	assert_ok(wake_store_commit(store, &err));
	assert_int_equal(count_things(store), 2);
}

static void refuses_statements_that_do_not_fit(void **state)
{
	static const struct {
		int sql;
		int status;
	} cases[] = { { TWO_IN_ONE, WAKE_INVALID }, { NOT_FOR_US, WAKE_INVALID },
		{ NO_TABLE, WAKE_CORRUPT } };
	wake_auto_store struct wake_store *store = make_store(state);

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		struct wake_rows *rows = NULL;
		struct wake_error err;

		assert_int_equal(
		    wake_store_query(store, SQL(cases[i].sql), NULL, 0, &rows, &err), cases[i].status);
		assert_null(rows);
		assert_non_null(strstr(err.text, wake_sql_texts[cases[i].sql].name));
	}
}

static void checks_all_statements(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	struct wake_error err;

	assert_int_equal(wake_store_check_all(store, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "two_in_one")); /* the first that does not fit */
}

/* ---- transactions ----------------------------------------------------------------------------- */

static void commits_and_rolls_back(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_store struct wake_store *other = open_store(state, "store.db");
	struct wake_error err;

	assert_ok(wake_store_begin(store, &err));
	assert_int_equal(wake_store_begin(store, &err), WAKE_INVALID);
	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_int_equal(count_things(store), 1);
	assert_int_equal(count_things(other), 0); /* readers do not wait */
	assert_ok(wake_store_commit(store, &err));
	assert_int_equal(count_things(other), 1);

	assert_ok(wake_store_begin(store, &err));
	assert_ok(insert(store, INSERT, "b", 1, &err));
	wake_store_rollback(store);
	wake_store_rollback(store); /* none open: nothing happens */
	assert_int_equal(count_things(store), 1);

	assert_ok(wake_store_begin(store, &err));
	assert_ok(insert(store, INSERT, "c", 1, &err));
	wake_store_close(store); /* in the middle */
	store = NULL;
	assert_int_equal(count_things(other), 1);
	assert_ok(wake_store_begin(other, &err));
	assert_ok(wake_store_commit(other, &err));
}

static void an_ended_transaction_takes_nothing_more(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	struct wake_rows *rows = NULL;
	struct wake_error err;

	assert_ok(wake_store_begin(store, &err));
	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_int_equal(insert(store, INSERT_OR_ROLLBACK, "a", 1, &err), WAKE_INVALID);
	assert_int_equal(insert(store, INSERT, "b", 1, &err), WAKE_UNAVAILABLE);
	assert_int_equal(wake_store_query(store, SQL(COUNT), NULL, 0, &rows, &err), WAKE_UNAVAILABLE);
	assert_int_equal(wake_store_exec_script(store, "select 1", &err), WAKE_UNAVAILABLE);
	assert_int_equal(wake_store_commit(store, &err), WAKE_UNAVAILABLE);
	assert_int_equal(count_things(store), 0);
	assert_ok(wake_store_begin(store, &err));
	assert_ok(insert(store, INSERT, "b", 1, &err));
	assert_ok(wake_store_commit(store, &err));
	assert_int_equal(count_things(store), 1);
}

static void runs_scripts_inside_a_transaction(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	struct wake_error err;

	assert_int_equal(wake_store_exec_script(store, "create table x (a)", &err), WAKE_INVALID);
	assert_ok(wake_store_begin(store, &err));
	assert_int_equal(wake_store_exec_script(store, "insert into things (id) values ('a'); commit;", &err),
	    WAKE_INVALID);
	wake_store_rollback(store);
	assert_ok(wake_store_begin(store, &err));
	assert_int_equal(wake_store_exec_script(store, "create table y (a); create table things (b);", &err),
	    WAKE_CORRUPT);
	wake_store_rollback(store);
	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_store_exec_script(store, "create table y (a); -- not there yet\n", &err));
	assert_ok(wake_store_commit(store, &err));
}

static void a_writer_waits_and_then_gives_up(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_store struct wake_store *other = open_store(state, "store.db");
	struct wake_error err;
	int64_t before;

	assert_ok(wake_store_begin(store, &err));
	before = wake_clock_monotonic();
	assert_int_equal(wake_store_begin(other, &err), WAKE_BUSY);
	assert_in_range(wake_clock_monotonic() - before, 4 * WAKE_SECOND, 60 * WAKE_SECOND);
	assert_ok(wake_store_commit(store, &err));
	assert_ok(wake_store_begin(other, &err));
	wake_store_rollback(other);
}

static void tells_its_size(void **state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	wake_auto_store struct wake_store *store = make_store(state);
	int64_t bytes = 0, unused = -1, later = 0;
	struct wake_error err;
	struct stat st;

	assert_ok(wake_store_sizes(store, &bytes, &unused, &err));
	assert_int_equal(unused, 0);
	assert_ok(wake_store_begin(store, &err));
	for (int i = 0; i < 2000; i++) {
		char id[64];

		snprintf(id, sizeof(id), "a name that is to fill some pages, and is number %d", i);
		assert_ok(insert(store, INSERT, id, 1, &err));
	}
	assert_ok(wake_store_commit(store, &err));
	assert_ok(wake_store_sizes(store, &later, &unused, &err));
	assert_true(later > bytes + 2000 * 50);
	assert_ok(wake_store_run(store, SQL(DELETE), NULL, 0, NULL, &err));
	assert_ok(wake_store_sizes(store, &bytes, &unused, &err));
	assert_int_equal(bytes, later);
	assert_true(unused > 2000 * 50 && unused < bytes);
	wake_store_close(store);
	store = NULL;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(is_set_up_for_safety),
		scratch_test(says_when_a_store_is_damaged),
		scratch_test(stores_every_kind),
		scratch_test(binds_by_name),
		scratch_test(borrows_values_for_the_call_only),
		scratch_test(wants_the_right_values),
		scratch_test(counts_what_it_changed),
		scratch_test(reads_rows),
		scratch_test(tells_what_a_constraint_says),
		scratch_test(refuses_statements_that_do_not_fit),
		scratch_test(checks_all_statements),
		scratch_test(commits_and_rolls_back),
		scratch_test(an_ended_transaction_takes_nothing_more),
		scratch_test(runs_scripts_inside_a_transaction),
		scratch_test(a_writer_waits_and_then_gives_up),
		scratch_test(tells_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
