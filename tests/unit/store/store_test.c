/* SPDX-License-Identifier: MIT */
/* store/store and its SQLite driver, with statements of the test's own in place of the generated ones. */
#include "store/store.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "base/fs.h"
#include "store/store_sqlite.h"

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

/* Stands before the archive's table when the test is linked. */
const struct wake_sql_text wake_sql_texts[WAKE_SQL_COUNT + 1] = {
	[INSERT] = { "insert", "insert " INSERT_TEXT, NULL },
	[INSERT_OR_ROLLBACK] = { "insert_or_rollback", "insert or rollback " INSERT_TEXT, NULL },
	[REVERSED] = { "reversed", "insert into things (words, id) values ($2, $1)\n", NULL },
	[DELETE] = { "delete", "delete from things", NULL },
	[UPDATE] = { "update", "update things set n = $1 where n >= $2", NULL },
	[LIST] = { "list", "select id, n, flag, words, doc, at, money as dollars from things order by id",
	    NULL },
	[COUNT] = { "count", "select count(*) from things", NULL },
	[CHILD] = { "child", "insert into parts (thing) values ($1)", NULL },
	[NUMBERED] = { "numbered", "select ?1", NULL },
	[TWO_IN_ONE] = { "two_in_one", "select 1; select 2", NULL },
	[COMMENTED] = { "commented", "-- $1 is nothing here\nselect $1, $1;\n\n", NULL },
	[NOT_FOR_US] = { "not_for_us", NULL, "select 1" },
	[NO_TABLE] = { "no_table", "select 1 from nowhere", NULL },
	[QUOTED] = { "quoted", "select \"words that are no column\"", NULL },
	[PRAGMAS] = { "pragmas",
	    "select (select synchronous from pragma_synchronous), (select journal_mode from "
	    "pragma_journal_mode), "
	    "(select foreign_keys from pragma_foreign_keys), (select trusted_schema from "
	    "pragma_trusted_schema), "
	    "(select cell_size_check from pragma_cell_size_check), "
	    "(select journal_size_limit from pragma_journal_size_limit)",
	    NULL },
};

_Static_assert((int)STATEMENTS <= (int)WAKE_SQL_COUNT, "the table has a place for each");

#define SQL(place) ((enum wake_sql)(place))

static const char schema[] =
    "create table things (id text primary key, n integer check (n is null or n <> 13),\n"
    "  flag integer, words text, doc text, at text, money integer);\n"
    "create table parts (thing text not null references things (id));\n";

static char *url_of(void *const *state, const char *name)
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

static struct wake_store *open_store(void *const *state, const char *name)
{
	wake_auto_free char *url = url_of(state, name);
	struct wake_store *store = NULL;
	struct wake_error err;

	assert_ok(wake_store_open(url, &store, &err));
	return store;
}

static struct wake_store *make_store(void *const *state)
{
	struct wake_store *store = open_store(state, "store.db");
	struct wake_error err;

	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_store_exec_script(store, schema, &err));
	assert_ok(wake_store_commit(store, &err));
	return store;
}

static int insert(struct wake_store *store, int sql, const char *id, int64_t n, struct wake_error *err)
{
	const struct wake_value row[] = { WAKE_TEXT(id), WAKE_INT(n), WAKE_NULL_VALUE(), WAKE_NULL_VALUE(),
		WAKE_NULL_VALUE(), WAKE_NULL_VALUE(), WAKE_NULL_VALUE() };

	return wake_store_run(store, SQL(sql), row, WAKE_COUNT(row), NULL, err);
}

static struct wake_rows *query(struct wake_store *store, int sql)
{
	struct wake_rows *rows = NULL;
	struct wake_error err;

	assert_ok(wake_store_query(store, SQL(sql), NULL, 0, &rows, &err));
	return rows;
}

static int64_t count_things(struct wake_store *store)
{
	wake_auto_rows struct wake_rows *rows = query(store, COUNT);
	struct wake_error err;

	assert_int_equal(wake_rows_next(rows, &err), 1);
	return wake_rows_int(rows, 0);
}

static void assert_mode(void *const *state, const char *name, mode_t mode)
{
	wake_auto_free char *path = scratch_path(state, name);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static void makes_a_private_file(void **state)
{
	wake_auto_free char *url = url_of(state, "a/b/store.db");
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;
	mode_t before = umask(0277);
	int status = wake_store_open(url, &store, &err);

	(void)umask(before);
	assert_int_equal(status, WAKE_OK);
	assert_string_equal(wake_store_driver(store), "sqlite");
	assert_ok(wake_store_begin(store, &err));
	assert_ok(wake_store_exec_script(store, schema, &err));
	assert_ok(wake_store_commit(store, &err));
	assert_mode(state, "a", 0700);
	assert_mode(state, "a/b", 0700);
	assert_mode(state, "a/b/store.db", 0600);
	assert_mode(state, "a/b/store.db-wal", 0600);
	assert_mode(state, "a/b/store.db-shm", 0600);
}

static void takes_a_name_as_it_is(void **state)
{
	static const char *const names[] = { "a?mode=ro.db", "50%25.db", "with space", "file:x", "é\n.db" };
	struct wake_error err;

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *path = scratch_path(state, names[i]);
		wake_auto_store struct wake_store *store = open_store(state, names[i]);

		assert_true(wake_fs_is_file(path));
		assert_ok(wake_store_begin(store, &err));
		assert_ok(wake_store_exec_script(store, schema, &err));
		assert_ok(wake_store_commit(store, &err));
	}
}

static void refuses_other_urls(void **state)
{
	static const char *const urls[] = { "", "store.db", "/tmp/store.db", "sqlite:", "sqlite:store.db",
		"sqlite:./x", "sqlite:/tmp/", "sqlite:/", "SQLITE:/tmp/x", "mysql://u:secret@h/d",
		"postgres://u:secret@h/d", "postgresql://u:secret@h/d" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(urls); i++) {
		struct wake_store *store = NULL;
		struct wake_error err;

		assert_int_equal(wake_store_open(urls[i], &store, &err), WAKE_INVALID);
		assert_null(store);
		assert_null(strstr(err.text, "secret"));
	}
}

static int open_status(void *const *state, const char *name, struct wake_error *err)
{
	wake_auto_free char *url = url_of(state, name);
	struct wake_store *store = NULL;
	int status = wake_store_open(url, &store, err);

	assert_true((status == WAKE_OK) == (store != NULL));
	wake_store_close(store);
	return status;
}

static void refuses_what_is_no_file(void **state)
{
	wake_auto_free char *target = scratch_path(state, "target.db"),
	                    *name = scratch_path(state, "link.db");
	wake_auto_free char *dir = scratch_path(state, "dir"), *fifo = scratch_path(state, "fifo");
	wake_auto_free char *file = scratch_path(state, "file");
	struct wake_error err;

	assert_int_equal(symlink(target, name), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	scratch_write(file, "");
	assert_int_equal(open_status(state, "link.db", &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_false(wake_fs_is_file(target));
	assert_int_equal(open_status(state, "dir", &err), WAKE_INVALID);
	assert_int_equal(open_status(state, "fifo", &err), WAKE_INVALID);
	assert_int_equal(open_status(state, "file/store.db", &err), WAKE_UNAVAILABLE);
}

static void leaves_another_file_as_it_is(void **state)
{
	static const char words[] =
	    "These are words and no database, and they are longer than a header is: a header has "
	    "a hundred bytes, and this text has some more than that.\n";
	wake_auto_free char *path = scratch_path(state, "words"), *data = NULL;
	struct wake_error err;
	size_t len;

	scratch_write(path, words);
	assert_int_equal(open_status(state, "words", &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, path));
	assert_ok(wake_fs_read(path, 4096, WAKE_FS_PLAIN, &data, &len, &err));
	assert_string_equal(data, words);
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

/* ---- where it may lie ------------------------------------------------------------------------- */

static void knows_network_file_systems(void **state)
{
	static const uint32_t remote[] = { 0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x00c36400 };
	static const uint32_t local[] = { 0xef53, 0x01021994, 0x9123683e, 0x58465342, 0x794c7630,
		0x65735546 };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(remote); i++)
		assert_non_null(wake_store_network_name(remote[i]));
	for (size_t i = 0; i < WAKE_COUNT(local); i++)
		assert_null(wake_store_network_name(local[i]));
	assert_true(wake_store_fuse_is_local("fuseblk"));
	assert_true(wake_store_fuse_is_local("fuse.fuse-overlayfs"));
	assert_false(wake_store_fuse_is_local("fuse.sshfs"));
	assert_false(wake_store_fuse_is_local("fuse"));
	assert_false(wake_store_fuse_is_local(""));
}

static void reads_the_mounts(void **state)
{
	static const char mounts[] =
	    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	    "not a line\n"
	    "90 22 0:77 / /mnt/a\\040-\\040b rw master:2 propagate_from:3 - fuse.sshfs you@host:/ rw\n"
	    "91 22 0:78 / /mnt/last rw - nfs4 host:/x";
	static const struct {
		unsigned device_minor;
		const char *type;
	} cases[] = { { 77, "fuse.sshfs" }, { 78, "nfs4" }, { 7, "" }, { 79, "" } };
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str type = WAKE_STR(64);

		assert_ok(wake_store_mount_type(mounts, 0, cases[i].device_minor, &type, &err));
		assert_string_equal(wake_str_text(&type), cases[i].type);
	}
}

static void finds_a_mount_of_this_machine(void **state)
{
	wake_auto_str struct wake_str type = WAKE_STR(64);
	wake_auto_free char *mounts = NULL;
	struct wake_error err;
	struct stat st;
	size_t len;

	(void)state;
	assert_int_equal(stat("/proc", &st), 0);
	assert_ok(wake_fs_read("/proc/self/mountinfo", 4 << 20, WAKE_FS_PLAIN, &mounts, &len, &err));
	assert_ok(wake_store_mount_type(mounts, major(st.st_dev), minor(st.st_dev), &type, &err));
	assert_string_equal(wake_str_text(&type), "proc");
}

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

/* ---- values ----------------------------------------------------------------------------------- */

#define LONG_TEXT (1 << 20)

static void stores_every_kind(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_free char *text = malloc(LONG_TEXT + 1);
	struct wake_error err;
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

/* ---- several at once -------------------------------------------------------------------------- */

static int wait_for(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
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

#define CROWD 8
#define EACH 25
#define ROUNDS 20

static int create_things(struct wake_store *store, struct wake_error *err)
{
	return wake_store_exec_script(store,
	    "create table if not exists things (id text primary key, n, flag, words, doc, at, money)", err);
}

static int write_things(struct wake_store *store, int number, struct wake_error *err)
{
	int status = WAKE_OK;

	for (int i = 0; status == WAKE_OK && i < EACH; i++) {
		char id[32];

		snprintf(id, sizeof(id), "%d of %d", i, number);
		status = wake_store_begin(store, err);
		if (status == WAKE_OK && i == 0)
			status = create_things(store, err);
		if (status == WAKE_OK)
			status = insert(store, INSERT, id, i, err);
		if (status == WAKE_OK)
			status = wake_store_commit(store, err);
	}
	return status;
}

/* In a child: opens after the fork, as it must be. */
static int join_crowd(const char *url, int gate, int number, bool writes)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;
	char byte;
	int status = read(gate, &byte, 1) == 0 ? WAKE_OK : WAKE_SYSTEM;

	if (status == WAKE_OK)
		status = wake_store_open(url, &store, &err);
	if (status == WAKE_OK && writes)
		status = write_things(store, number, &err);
	return status == WAKE_OK ? 0 : 1;
}

/* All start in the same moment: when the gate's writing end is closed. */
static void run_crowd(const char *url, bool writes)
{
	pid_t children[CROWD];
	int gate[2];

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < CROWD; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)close(gate[1]);
			_exit(join_crowd(url, gate[0], i, writes));
		}
		assert_true(children[i] > 0);
	}
	assert_int_equal(close(gate[1]), 0);
	assert_int_equal(close(gate[0]), 0);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(wait_for(children[i]), 0);
}

static void many_write_a_new_store(void **state)
{
	wake_auto_free char *url = url_of(state, "new/store.db");
	wake_auto_store struct wake_store *store = NULL;

	run_crowd(url, true);
	store = open_store(state, "new/store.db");
	assert_int_equal(count_things(store), CROWD * EACH);
}

/* Two in a hundred of these meet while the file is turned to a write-ahead log. */
static void many_open_a_new_store(void **state)
{
	for (int i = 0; i < ROUNDS; i++) {
		wake_auto_free char *url = NULL;
		char name[32];

		snprintf(name, sizeof(name), "%d/store.db", i);
		url = url_of(state, name);
		run_crowd(url, false);
	}
}

/* Where opening drops the locks that this process has on the file, the last of another process takes itself
 * for the last of all when it closes, and removes the log. */
static void opening_again_keeps_the_locks(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_free char *wal = scratch_path(state, "store.db-wal"), *url = url_of(state, "store.db");
	pid_t child;

	wake_store_close(open_store(state, "store.db"));
	child = fork();
	if (child == 0) {
		char *const argv[] = { (char *)"sqlite-store-test", (char *)"--open-and-close", url, NULL };

		execv("/proc/self/exe", argv);
		_exit(1);
	}
	assert_true(child > 0);
	assert_int_equal(wait_for(child), 0);
	assert_true(wake_fs_is_file(wal));
	assert_int_equal(count_things(store), 0);
}

/* ---- the whole database ----------------------------------------------------------------------- */

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

static size_t count_names(void *const *state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_ok(wake_fs_list(*state, 100, &names, &err));
	return names.count;
}

static void backs_up_while_others_write(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_store struct wake_store *writer = open_store(state, "store.db");
	wake_auto_store struct wake_store *copy = NULL;
	wake_auto_free char *path = scratch_path(state, "copy.db");
	struct wake_error err;
	size_t names;

	assert_ok(insert(store, INSERT, "a", 1, &err));
	assert_ok(wake_store_begin(writer, &err));
	assert_ok(insert(writer, INSERT, "b", 1, &err));
	names = count_names(state);
	assert_ok(wake_store_backup(store, path, &err));
	assert_int_equal(count_names(state), names + 1);
	assert_mode(state, "copy.db", 0600);
	assert_ok(wake_store_commit(writer, &err));
	copy = open_store(state, "copy.db");
	assert_int_equal(count_things(copy), 1);
	assert_int_equal(count_things(store), 2);
}

static void a_backup_replaces_nothing(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_free char *there = scratch_path(state, "there"),
	                    *nowhere = scratch_path(state, "no/copy.db");
	wake_auto_free char *own = scratch_path(state, "store.db"),
	                    *dangling = scratch_path(state, "dangling");
	wake_auto_free char *data = NULL, *inside = scratch_path(state, "inside.db");
	struct wake_error err;
	size_t names, len;

	scratch_write(there, "mine");
	assert_int_equal(symlink("elsewhere", dangling), 0);
	names = count_names(state);
	assert_int_equal(wake_store_backup(store, there, &err), WAKE_EXISTS);
	assert_int_equal(wake_store_backup(store, own, &err), WAKE_EXISTS);
	assert_int_equal(wake_store_backup(store, dangling, &err), WAKE_EXISTS);
	assert_int_equal(wake_store_backup(store, nowhere, &err), WAKE_NOTFOUND);
	assert_ok(wake_store_begin(store, &err));
	assert_int_equal(wake_store_backup(store, inside, &err), WAKE_INVALID);
	wake_store_rollback(store);
	assert_int_equal(count_names(state), names);
	assert_ok(wake_fs_read(there, 100, WAKE_FS_PLAIN, &data, &len, &err));
	assert_string_equal(data, "mine");
}

/* The other process of opening_again_keeps_the_locks: a fork would share what SQLite knows of this one's
 * locks. */
static int open_and_close(const char *url)
{
	struct wake_store *store = NULL;
	struct wake_error err;
	int status = wake_store_open(url, &store, &err);

	wake_store_close(store);
	return status == WAKE_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		scratch_test(makes_a_private_file),
		scratch_test(takes_a_name_as_it_is),
		cmocka_unit_test(refuses_other_urls),
		scratch_test(refuses_what_is_no_file),
		scratch_test(leaves_another_file_as_it_is),
		scratch_test(says_when_a_store_is_damaged),
		cmocka_unit_test(knows_network_file_systems),
		cmocka_unit_test(reads_the_mounts),
		cmocka_unit_test(finds_a_mount_of_this_machine),
		scratch_test(is_set_up_for_safety),
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
		scratch_test(many_write_a_new_store),
		scratch_test(many_open_a_new_store),
		scratch_test(opening_again_keeps_the_locks),
		scratch_test(tells_its_size),
		scratch_test(backs_up_while_others_write),
		scratch_test(a_backup_replaces_nothing),
	};

	if (argc == 3 && strcmp(argv[1], "--open-and-close") == 0)
		return open_and_close(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
