/* SPDX-License-Identifier: MIT */
/* store/migrate with tables of the test's own. */
#include "store/migrate.h"

#include <sys/wait.h>

#include "../base/scratch.h"

#define SUM_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SUM_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SUM_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define END                                                                                                  \
	{                                                                                                    \
		NULL, NULL, NULL, NULL                                                                       \
	}

/* Not "if not exists": run twice, each of them fails. */
#define FIRST                                                                                                \
	{                                                                                                    \
		"20260101_000000_first", "sqlite", "create table a (x);\ncreate table b (y);\n", SUM_A       \
	}
#define OTHERS                                                                                               \
	{                                                                                                    \
		"20260102_000000_others", "postgres", "create extension nonsense", SUM_B                     \
	}
#define SECOND                                                                                               \
	{                                                                                                    \
		"20260103_000000_second", "sqlite", "create table c (z); insert into a (x) values (1);",     \
		    SUM_C                                                                                    \
	}
#define BROKEN                                                                                               \
	{                                                                                                    \
		"20260103_000000_second", "sqlite", "create table c (z); insert into nowhere values (1);",   \
		    SUM_C                                                                                    \
	}
#define THIRD                                                                                                \
	{                                                                                                    \
		"20260104_000000_third", "sqlite", "create table d (z);", SUM_A                              \
	}

static const struct wake_migration one[] = { FIRST, OTHERS, END };
static const struct wake_migration two[] = { FIRST, OTHERS, SECOND, END };
static const struct wake_migration broken[] = { FIRST, BROKEN, THIRD, END };
static const struct wake_migration three[] = { FIRST, SECOND, THIRD, END };

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static struct wake_store *open_store(void *const *state)
{
	wake_auto_free char *url = NULL;
	struct wake_store *store = NULL;
	struct wake_error err;

	assert_true(asprintf(&url, "sqlite:%s/store.db", (const char *)*state) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	return store;
}

static void assert_status(struct wake_store *store, const struct wake_migration *table, size_t applied,
    size_t pending, const char *latest)
{
	struct wake_migration_status status;
	struct wake_error err;

	assert_ok(wake_migrate_status_of(store, table, &status, &err));
	assert_int_equal(status.applied, applied);
	assert_int_equal(status.pending, pending);
	assert_string_equal(status.latest, latest);
}

/* Whether a statement works tells what is in the schema. */
static bool works(struct wake_store *store, const char *text)
{
	struct wake_error err;
	int status;

	assert_ok(wake_store_begin(store, &err));
	status = wake_store_exec_script(store, text, &err);
	wake_store_rollback(store);
	return status == WAKE_OK;
}

static void applies_what_is_pending(void **state)
{
	wake_auto_store struct wake_store *store = open_store(state);
	struct wake_error err;
	size_t applied = 99;

	assert_status(store, two, 0, 2, "");
	assert_false(works(store, "select * from runwake_migrations")); /* asking makes nothing */
	assert_ok(wake_migrate_to(store, one, &applied, &err));
	assert_int_equal(applied, 1);
	assert_status(store, one, 1, 0, "20260101_000000_first");
	assert_status(store, two, 1, 1, "20260101_000000_first");
	assert_true(works(store, "insert into b (y) values (1)"));

	assert_ok(wake_migrate_to(store, two, &applied, &err));
	assert_int_equal(applied, 1);
	assert_status(store, two, 2, 0, "20260103_000000_second");
	assert_ok(wake_migrate_to(store, two, &applied, &err));
	assert_int_equal(applied, 0);
}

static void writes_down_what_it_applied(void **state)
{
	wake_auto_store struct wake_store *store = open_store(state);
	wake_auto_rows struct wake_rows *rows = NULL;
	struct wake_error err;
	size_t applied;

	assert_ok(wake_migrate_to(store, two, &applied, &err));
	assert_ok(wake_store_query(store, WAKE_SQL_MIGRATION_LIST, NULL, 0, &rows, &err));
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_string_equal(wake_rows_text(rows, 0), two[0].name);
	assert_string_equal(wake_rows_text(rows, 1), SUM_A);
	assert_string_equal(wake_rows_text(rows, 2), RUNWAKE_VERSION);
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_string_equal(wake_rows_text(rows, 0), two[2].name);
	assert_int_equal(wake_rows_next(rows, &err), 0);
}

static void stops_at_the_first_failure(void **state)
{
	wake_auto_store struct wake_store *store = open_store(state);
	struct wake_error err;
	size_t applied = 99;

	assert_int_equal(wake_migrate_to(store, broken, &applied, &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, "20260103_000000_second"));
	assert_non_null(strstr(err.text, "nowhere"));
	assert_int_equal(applied, 99);
	assert_status(store, broken, 1, 2, "20260101_000000_first");
	assert_true(works(store, "insert into a (x) values (1)"));
	assert_false(works(store, "select * from c")); /* no half of it */
	assert_false(works(store, "select * from d"));
	assert_ok(wake_migrate_to(store, three, &applied, &err)); /* mended, it goes on from there */
	assert_int_equal(applied, 2);
}

static void refuses_a_newer_schema(void **state)
{
	wake_auto_store struct wake_store *store = open_store(state);
	struct wake_migration_status status;
	struct wake_error err;
	size_t applied;

	assert_ok(wake_migrate_to(store, two, &applied, &err));
	assert_int_equal(wake_migrate_to(store, one, &applied, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "20260103_000000_second"));
	assert_non_null(strstr(err.text, "upgrade"));
	assert_int_equal(wake_migrate_status_of(store, one, &status, &err), WAKE_INVALID);
}

static void verifies_checksums(void **state)
{
	static const struct wake_migration changed[] = {
		{ "20260101_000000_first", "sqlite", "create table a (x, more)", SUM_B },
		SECOND,
		END,
	};
	wake_auto_store struct wake_store *store = open_store(state);
	struct wake_migration_status status;
	struct wake_error err;
	size_t applied;

	assert_ok(wake_migrate_to(store, one, &applied, &err));
	assert_int_equal(wake_migrate_to(store, changed, &applied, &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, "20260101_000000_first"));
	assert_int_equal(wake_migrate_status_of(store, changed, &status, &err), WAKE_CORRUPT);
	assert_false(works(store, "select * from c")); /* nothing was put on top */
}

static void a_migration_may_not_end_its_transaction(void **state)
{
	static const struct wake_migration ending[] = {
		{ "20260101_000000_first", "sqlite", "create table a (x); commit; create table b (x);",
		    SUM_A },
		END,
	};
	wake_auto_store struct wake_store *store = open_store(state);
	struct wake_error err;
	size_t applied;

	assert_int_equal(wake_migrate_to(store, ending, &applied, &err), WAKE_INVALID);
	assert_status(store, ending, 0, 1, "");
}

static void waits_for_no_one_when_nothing_is_pending(void **state)
{
	wake_auto_store struct wake_store *store = open_store(state);
	wake_auto_store struct wake_store *writer = open_store(state);
	struct wake_error err;
	size_t applied = 99;

	assert_ok(wake_migrate_to(store, two, &applied, &err));
	assert_ok(wake_store_begin(writer, &err));
	assert_ok(wake_migrate_to(store, two, &applied, &err));
	assert_int_equal(applied, 0);
	wake_store_rollback(writer);
}

#define CROWD 4
#define ROUNDS 10

/* In a child. Exits with the number that it applied, or 100. */
static int migrate_in_a_crowd(void *const *state, const char *name, int gate)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_free char *url = NULL;
	struct wake_error err;
	size_t applied;
	char byte;

	if (read(gate, &byte, 1) != 0 || asprintf(&url, "sqlite:%s/%s", (const char *)*state, name) < 0)
		return 100;
	if (wake_store_open(url, &store, &err) != WAKE_OK ||
	    wake_migrate_to(store, three, &applied, &err) != WAKE_OK)
		return 100;
	return (int)applied;
}

/* Returns how many they applied together. */
static int migrate_at_once(void *const *state, const char *name)
{
	pid_t children[CROWD];
	int gate[2], sum = 0;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < CROWD; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)close(gate[1]);
			_exit(migrate_in_a_crowd(state, name, gate[0]));
		}
		assert_true(children[i] > 0);
	}
	assert_int_equal(close(gate[1]), 0); /* now all start */
	assert_int_equal(close(gate[0]), 0);
	for (int i = 0; i < CROWD; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	return sum;
}

static void several_at_once_apply_each_once(void **state)
{
	for (int i = 0; i < ROUNDS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "store%d.db", i);
		assert_int_equal(migrate_at_once(state, name), 3);
	}
}

static void the_real_ones_apply(void **state)
{
	wake_auto_store struct wake_store *store = open_store(state);
	struct wake_migration_status status;
	struct wake_error err;
	size_t applied = 0;

	assert_ok(wake_migrate_status(store, &status, &err));
	assert_true(status.pending > 0);
	assert_ok(wake_migrate(store, &applied, &err));
	assert_int_equal(applied, status.pending);
	assert_true(works(store, "select run_id from workflow_runs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(applies_what_is_pending),
		scratch_test(writes_down_what_it_applied),
		scratch_test(stops_at_the_first_failure),
		scratch_test(refuses_a_newer_schema),
		scratch_test(verifies_checksums),
		scratch_test(a_migration_may_not_end_its_transaction),
		scratch_test(waits_for_no_one_when_nothing_is_pending),
		scratch_test(several_at_once_apply_each_once),
		scratch_test(the_real_ones_apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
