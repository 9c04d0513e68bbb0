/* SPDX-License-Identifier: MIT */
/* A table of statements of the tests' own, which stands before the generated one when a test is linked, and a
 * store with what they speak of. For one file a program. */
#ifndef WAKE_TEST_THINGS_H
#define WAKE_TEST_THINGS_H

#include "store/store.h"

#include "../base/scratch.h"

/* Places in the table below. The driver knows a statement by its place only. */
enum {
	INSERT,
	INSERT_OR_ROLLBACK,
	REVERSED,
	DELETE,
	UPDATE,
	LIST,
	COUNT,
	CHILD,
	NUMBERED,
	TWO_IN_ONE,
	COMMENTED,
	NOT_FOR_US,
	NO_TABLE,
	QUOTED,
	PRAGMAS,
	STATEMENTS
};

#define INSERT_TEXT "into things (id, n, flag, words, doc, at, money) values ($1, $2, $3, $4, $5, $6, $7)"

#define NO_COLUMN { NULL, NULL, NULL }

/* Stands before the archive's table when the test is linked. */
const struct wake_sql_text wake_sql_texts[WAKE_SQL_COUNT + 1] = {
	[INSERT] = { "insert", "insert " INSERT_TEXT, NULL, NO_COLUMN },
	[INSERT_OR_ROLLBACK] = { "insert_or_rollback", "insert or rollback " INSERT_TEXT, NULL, NO_COLUMN },
	[REVERSED] = { "reversed", "insert into things (words, id) values ($2, $1)\n", NULL, NO_COLUMN },
	[DELETE] = { "delete", "delete from things", NULL, NO_COLUMN },
	[UPDATE] = { "update", "update things set n = $1 where n >= $2", NULL, NO_COLUMN },
	[LIST] = { "list", "select id, n, flag, words, doc, at, money as dollars from things order by id",
	    NULL, NO_COLUMN },
	[COUNT] = { "count", "select count(*) from things", NULL, NO_COLUMN },
	[CHILD] = { "child", "insert into parts (thing) values ($1)", NULL, NO_COLUMN },
	[NUMBERED] = { "numbered", "select ?1", NULL, NO_COLUMN },
	[TWO_IN_ONE] = { "two_in_one", "select 1; select 2", NULL, NO_COLUMN },
	[COMMENTED] = { "commented", "-- $1 is nothing here\nselect $1, $1;\n\n", NULL, NO_COLUMN },
	[NOT_FOR_US] = { "not_for_us", NULL, "select 1", NO_COLUMN },
	[NO_TABLE] = { "no_table", "select 1 from nowhere", NULL, NO_COLUMN },
	[QUOTED] = { "quoted", "select \"words that are no column\"", NULL, NO_COLUMN },
	[PRAGMAS] = { "pragmas",
	    "select (select synchronous from pragma_synchronous), (select journal_mode from "
	    "pragma_journal_mode), "
	    "(select foreign_keys from pragma_foreign_keys), (select trusted_schema from "
	    "pragma_trusted_schema), "
	    "(select cell_size_check from pragma_cell_size_check), "
	    "(select journal_size_limit from pragma_journal_size_limit)",
	    NULL, NO_COLUMN },
};

_Static_assert((int)STATEMENTS <= (int)WAKE_SQL_COUNT, "the table has a place for each");

#define SQL(place) ((enum wake_sql)(place))

static const char schema[] =
    "create table things (id text primary key, n integer check (n is null or n <> 13),\n"
    "  flag integer, words text, doc text, at text, money integer);\n"
    "create table parts (thing text not null references things (id));\n";

static inline char *url_of(void *const *state, const char *name)
{
	char *url;

	assert_true(asprintf(&url, "sqlite:%s/%s", (const char *)*state, name) > 0);
	return url;
}

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static inline struct wake_store *open_store(void *const *state, const char *name)
{
	wake_auto_free char *url = url_of(state, name);
	struct wake_store *store = NULL;
	struct wake_error err;

	assert_ok(wake_store_open(url, &store, &err));
	return store;
}

static inline struct wake_store *make_store(void *const *state)
{
	struct wake_store *store = open_store(state, "store.db");
	struct wake_error err;

	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_store_exec_script(store, schema, &err));
	assert_ok(wake_store_commit(store, &err));
	return store;
}

static inline int insert(struct wake_store *store, int sql, const char *id, int64_t n, struct wake_error *err)
{
	const struct wake_value row[] = { WAKE_TEXT(id), WAKE_INT(n), WAKE_NULL_VALUE(), WAKE_NULL_VALUE(),
		WAKE_NULL_VALUE(), WAKE_NULL_VALUE(), WAKE_NULL_VALUE() };

	return wake_store_run(store, SQL(sql), row, WAKE_COUNT(row), NULL, err);
}

static inline struct wake_rows *query(struct wake_store *store, int sql)
{
	struct wake_rows *rows = NULL;
	struct wake_error err;

	assert_ok(wake_store_query(store, SQL(sql), NULL, 0, &rows, &err));
	return rows;
}

static inline int64_t count_things(struct wake_store *store)
{
	wake_auto_rows struct wake_rows *rows = query(store, COUNT);
	struct wake_error err;

	assert_int_equal(wake_rows_next(rows, &err), 1);
	return wake_rows_int(rows, 0);
}

static inline void assert_mode(void *const *state, const char *name, mode_t mode)
{
	wake_auto_free char *path = scratch_path(state, name);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

#endif
