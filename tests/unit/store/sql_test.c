/* SPDX-License-Identifier: MIT */
/* The SQL files: what is in the program is what is in them, and every statement fits the schema. */
#include "../base/scratch.h"
#include "base/fs.h"
#include "base/process.h"
#include "store/migrate.h"
#include "store/store.h"

#include <ctype.h>

#define FILE_MAX (1 << 20)
#define PARAMETERS_MAX 100

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static char *format(const char *fmt, ...) WAKE_PRINTF(1, 2);

static char *format(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&text, fmt, args) >= 0);
	va_end(args);
	return text;
}

/* Runs in the project's root, where every test runs. Returns the exit code. */
static int run(const char *const *argv, struct wake_process_result *result)
{
	const struct wake_process_spec spec = { .argv = argv, .output_max = FILE_MAX };
	struct wake_error err;

	assert_ok(wake_process_run(&spec, result, &err));
	return result->exit_code;
}

#define assert_runs(...)                                                                                     \
	do {                                                                                                 \
		const char *const argv_[] = { __VA_ARGS__, NULL };                                           \
		wake_auto_process struct wake_process_result result_ = { 0 };                                \
		if (run(argv_, &result_) != 0)                                                               \
			fail_msg("%s: %s", argv_[0], wake_str_text(&result_.errors));                        \
	} while (0)

/* ---- the project's own files ------------------------------------------------------------------ */

static char *read_text(const char *path)
{
	struct wake_error err;
	char *data = NULL;
	size_t len;

	assert_ok(wake_fs_read(path, FILE_MAX, WAKE_FS_PLAIN, &data, &len, &err));
	return data;
}

/* A file's text with what its lines "-- include PART" stand for. */
static char *put_together(const char *path)
{
	static const char word[] = "-- include ";
	wake_auto_free char *text = read_text(path);
	wake_auto_str struct wake_str whole = WAKE_STR(FILE_MAX);
	struct wake_error err;
	char *data = NULL;

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		int len = (int)strcspn(line, "\n");

		if (strncmp(line, word, sizeof(word) - 1) == 0) {
			wake_auto_free char *path_of_part =
			    format("lib/store/sql/parts/%.*s.sql", len - (int)sizeof(word) + 1, line + sizeof(word) - 1);
			wake_auto_free char *part = read_text(path_of_part);

			wake_str_append(&whole, part);
		} else {
			wake_str_append_bytes(&whole, line, (size_t)len + 1);
		}
	}
	assert_ok(wake_str_steal(&whole, &data, &err));
	return data;
}

/* The content of lib/store/sql/NAME.DRIVER.sql, else of NAME.sql, else NULL. */
static char *file_of(const char *name, const char *driver)
{
	wake_auto_free char *variant = format("lib/store/sql/%s.%s.sql", name, driver);
	wake_auto_free char *common = format("lib/store/sql/%s.sql", name);
	const char *path = wake_fs_is_file(variant) ? variant : common;

	return wake_fs_is_file(path) ? put_together(path) : NULL;
}

static void assert_same(const char *embedded, const char *name, const char *driver)
{
	wake_auto_free char *file = file_of(name, driver);

	if (!embedded != !file || (file && strcmp(embedded, file) != 0))
		fail_msg("%s for %s is not what its file says", name, driver);
}

static void statements_are_their_files(void **state)
{
	(void)state;
	assert_true(WAKE_SQL_COUNT > 0);
	for (size_t i = 0; i < WAKE_SQL_COUNT; i++) {
		assert_same(wake_sql_texts[i].sqlite, wake_sql_texts[i].name, "sqlite");
		assert_same(wake_sql_texts[i].postgres, wake_sql_texts[i].name, "postgres");
	}
	assert_null(wake_sql_texts[WAKE_SQL_COUNT].name);
	assert_string_equal(wake_sql_texts[WAKE_SQL_MIGRATION_INSERT].name, "migration_insert");
}

static bool is_embedded(const char *file)
{
	for (size_t i = 0; i < WAKE_SQL_COUNT; i++) {
		size_t len = strlen(wake_sql_texts[i].name);

		if (strncmp(file, wake_sql_texts[i].name, len) == 0 && file[len] == '.')
			return true;
	}
	return false;
}

static void no_file_is_left_out(void **state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	(void)state;
	assert_ok(wake_fs_list("lib/store/sql", 10000, &names, &err));
	for (size_t i = 0; i < names.count; i++) {
		if (strcmp(names.items[i], "parts") != 0 && !is_embedded(names.items[i]))
			fail_msg("%s is not in the program", names.items[i]);
	}
}

static bool is_in_a_statement(const char *text)
{
	for (size_t i = 0; i < WAKE_SQL_COUNT; i++) {
		if (wake_sql_texts[i].sqlite && strstr(wake_sql_texts[i].sqlite, text))
			return true;
	}
	return false;
}

static void no_part_is_left_out(void **state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	(void)state;
	assert_ok(wake_fs_list("lib/store/sql/parts", 10000, &names, &err));
	assert_true(names.count > 0);
	for (size_t i = 0; i < names.count; i++) {
		wake_auto_free char *path = format("lib/store/sql/parts/%s", names.items[i]);
		wake_auto_free char *part = read_text(path);

		if (!is_in_a_statement(part))
			fail_msg("%s is in no statement", path);
	}
}

static void statements_fit_the_schema(void **state)
{
	wake_auto_free char *url = format("sqlite:%s/store.db", (const char *)*state);
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error err;
	size_t applied = 0;

	assert_ok(wake_store_open(url, &store, &err));
	assert_int_equal(
	    wake_store_check_all(store, &err), WAKE_CORRUPT); /* it can fail: no table is there */
	assert_ok(wake_migrate(store, &applied, &err));
	assert_true(applied > 0);
	assert_ok(wake_store_check_all(store, &err));
}

/* What a statement's text says, without its comments. Fails where $1 … $N have a gap or a cast is "::". */
static void check_text(const char *name, const char *text)
{
	bool used[PARAMETERS_MAX + 1] = { false };
	size_t last = 0;

	for (const char *at = text; *at; at++) {
		if (strncmp(at, "--", 2) == 0)
			at += strcspn(at, "\n") - 1;
		else if (strncmp(at, "::", 2) == 0)
			fail_msg("%s: write cast(… as …), which every store knows", name);
		else if (*at == '$' && isdigit((unsigned char)at[1])) {
			size_t number = strtoul(at + 1, NULL, 10);

			assert_in_range(number, 1, PARAMETERS_MAX);
			used[number] = true;
			last = number > last ? number : last;
		}
	}
	for (size_t number = 1; number <= last; number++) {
		if (!used[number])
			fail_msg("%s has $%zu and no $%zu", name, last, number);
	}
}

static void parameters_have_no_gap(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_SQL_COUNT; i++) {
		if (wake_sql_texts[i].sqlite)
			check_text(wake_sql_texts[i].name, wake_sql_texts[i].sqlite);
		if (wake_sql_texts[i].postgres)
			check_text(wake_sql_texts[i].name, wake_sql_texts[i].postgres);
	}
}

static void assert_migration(const struct wake_migration *migration)
{
	wake_auto_free char *path = format("migrations/%s/%s.sql", migration->driver, migration->name);
	const char *const argv[] = { "sha256sum", path, NULL };
	wake_auto_process struct wake_process_result sum = { 0 };
	wake_auto_free char *data = NULL;
	struct wake_error err;
	size_t len;

	assert_ok(wake_fs_read(path, FILE_MAX, WAKE_FS_PLAIN, &data, &len, &err));
	assert_string_equal(migration->text, data);
	assert_int_equal(run(argv, &sum), 0);
	assert_int_equal(strlen(migration->sha256), 64);
	assert_memory_equal(migration->sha256, wake_str_text(&sum.output), 64);
}

static void migrations_are_their_files(void **state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;
	size_t sqlite = 0;

	(void)state;
	for (const struct wake_migration *at = wake_migrations; at->name; at++) {
		assert_migration(at);
		sqlite += strcmp(at->driver, "sqlite") == 0;
		if (at > wake_migrations && strcmp(at[-1].driver, at->driver) == 0)
			assert_true(strcmp(at[-1].name, at->name) < 0);
	}
	assert_ok(wake_fs_list("migrations/sqlite", 10000, &names, &err));
	assert_int_equal(sqlite, names.count);
	assert_true(sqlite > 0);
}

/* ---- the scripts ------------------------------------------------------------------------------ */

static const struct {
	const char *file;
	const char *text;
} awkward[] = {
	{ "quotes.sql", "select 'it''s \"quoted\"', \\ \\n \\\\\" %d %% %s\n" },
	{ "utf8.sql", "select 'ü€😀\xff\xfe'\t-- \x01\x7f\r\n" },
	{ "trigraph.sql", "?"
	                  "?/ ?"
	                  "?= /* */ // ??"
	                  "' \\\n\\" }, /* and no newline at the end */
	{ "both.sql", "for others" },
	{ "both.sqlite.sql", "for sqlite" },
	{ "only_1.postgres.sql", "for postgres" },
	{ "empty.sql", "" },
	{ "column.sql", "-- Only where: sessions.agent_name\nselect 1\n" },
	{ "type.postgres.sql", "-- Of one type.\n-- Only where: users.id uuid\nselect 1\n" },
};

static const char printer[] =
    "#include <stdio.h>\n"
    "#include \"sql_table.h\"\n"
    "int main(void)\n"
    "{\n"
    "	for (int i = 0; wake_sql_texts[i].name; i++)\n"
    "		printf(\"%s<%s><%s>\\n\", wake_sql_texts[i].name,\n"
    "		    wake_sql_texts[i].sqlite ? wake_sql_texts[i].sqlite : \"(null)\",\n"
    "		    wake_sql_texts[i].postgres ? wake_sql_texts[i].postgres : \"(null)\");\n"
    "	for (int i = 0; wake_sql_texts[i].name; i++)\n"
    "		if (wake_sql_texts[i].only_where.table)\n"
    "			printf(\"%s asks for %s %s %s\\n\", wake_sql_texts[i].name, wake_sql_texts[i].only_where.table,\n"
    "			    wake_sql_texts[i].only_where.name,\n"
    "			    wake_sql_texts[i].only_where.type ? wake_sql_texts[i].only_where.type : \"(any)\");\n"
    "	return WAKE_SQL_COUNT;\n"
    "}\n";

/* Embeds the directory's *.sql, and runs a program that prints the table. Returns WAKE_SQL_COUNT. */
static int embed_and_print(void *const *state, struct wake_process_result *result)
{
	wake_auto_free char *main_c = scratch_path(state, "main.c"),
	                    *table = scratch_path(state, "sql_table.c");
	wake_auto_free char *program = scratch_path(state, "program");
	wake_auto_free char *embed = format("sh lib/store/embed_sql.sh \"$0\" $(find \"$0\" -name '*.sql')");
	const char *const argv[] = { program, NULL };

	scratch_write(main_c, printer);
	assert_runs("sh", "-c", embed, *state);
	assert_runs(
	    "cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", program, main_c, table);
	return run(argv, result);
}

static void any_text_comes_through(void **state)
{
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free char *long_file = scratch_path(state, "long.sql");
	wake_auto_free char *words = malloc(9000), *expected = NULL;

	assert_non_null(words);
	memset(words, '%', 8999); /* longer than a literal may be */
	words[8999] = '\0';
	scratch_write(long_file, words);
	for (size_t i = 0; i < WAKE_COUNT(awkward); i++) {
		wake_auto_free char *path = scratch_path(state, awkward[i].file);

		scratch_write(path, awkward[i].text);
	}
	assert_int_equal(embed_and_print(state, &result), 9);
	expected =
	    format("both<for sqlite><for others>\ncolumn<%s><%s>\nempty<><>\nlong<%s><%s>\n"
	           "only_1<(null)><for postgres>\nquotes<%s><%s>\ntrigraph<%s><%s>\ntype<(null)><%s>\n"
	           "utf8<%s><%s>\ncolumn asks for sessions agent_name (any)\ntype asks for users id uuid\n",
	        awkward[7].text, awkward[7].text, words, words, awkward[0].text, awkward[0].text,
	        awkward[2].text, awkward[2].text, awkward[8].text, awkward[1].text, awkward[1].text);
	assert_string_equal(wake_str_text(&result.output), expected);
}

static void no_file_makes_an_empty_table(void **state)
{
	wake_auto_process struct wake_process_result result = { 0 };

	assert_int_equal(embed_and_print(state, &result), 0);
	assert_int_equal(result.output.len, 0);
}

static bool is_same_file(const struct stat *one, const struct stat *two)
{
	return one->st_ino == two->st_ino && one->st_mtim.tv_sec == two->st_mtim.tv_sec &&
	       one->st_mtim.tv_nsec == two->st_mtim.tv_nsec;
}

static void embed(void *const *state, struct stat *ret_header, struct stat *ret_source)
{
	wake_auto_free char *sql = scratch_path(state, "a.sql"), *header = scratch_path(state, "sql_table.h");
	wake_auto_free char *source = scratch_path(state, "sql_table.c");

	assert_runs("sh", "lib/store/embed_sql.sh", *state, sql);
	assert_int_equal(stat(header, ret_header), 0);
	assert_int_equal(stat(source, ret_source), 0);
}

static void what_did_not_change_is_not_written(void **state)
{
	wake_auto_free char *sql = scratch_path(state, "a.sql");
	struct stat header[3], source[3];

	scratch_write(sql, "select 1\n");
	embed(state, &header[0], &source[0]);
	embed(state, &header[1], &source[1]);
	assert_true(is_same_file(&header[0], &header[1]));
	assert_true(is_same_file(&source[0], &source[1]));
	scratch_write(sql, "select 2\n");
	embed(state, &header[2], &source[2]);
	assert_true(is_same_file(&header[0], &header[2])); /* the names are the same */
	assert_false(is_same_file(&source[0], &source[2]));
}

static void refuses_what_names_no_column(void **state)
{
	static const char *const columns[] = { "x", ".x", "x.", "a.b.c", "a.b c d", "a.b C", "a.b, c.d",
		"a.b\n-- Only where: c.d e f", "a.\"b\"" };
	wake_auto_free char *file = scratch_path(state, "a.sql");
	const char *const argv[] = { "sh", "lib/store/embed_sql.sh", *state, file, NULL };

	for (size_t i = 0; i < WAKE_COUNT(columns); i++) {
		wake_auto_free char *text = format("-- Only where: %s\nselect 1\n", columns[i]);
		wake_auto_process struct wake_process_result result = { 0 };

		scratch_write(file, text);
		if (run(argv, &result) == 0)
			fail_msg("'%s' was taken", columns[i]);
	}
}

static void refuses_other_names(void **state)
{
	static const char *const scripts[][3] = {
		{ "lib/store/embed_sql.sh", ".", "Upper.sql" },
		{ "lib/store/embed_sql.sh", ".", "a.mysql.sql" },
		{ "lib/store/embed_sql.sh", ".", "a-b.sql" },
		{ "lib/store/embed_sql.sh", ".", "1.sql" },
		{ "lib/store/embed_sql.sh", ".", "missing.sql" },
		{ "lib/store/embed_migrations.sh", "out.c", "sqlite/20260101_000000_x.txt" },
		{ "lib/store/embed_migrations.sh", "out.c", "a/sqlite/2026_x.sql" },
		{ "lib/store/embed_migrations.sh", "out.c", "a/mysql/20260101_000000_x.sql" },
		{ "lib/store/embed_migrations.sh", "out.c", "a/sqlite/20260101_000000_missing.sql" },
	};

	for (size_t i = 0; i < WAKE_COUNT(scripts); i++) {
		wake_auto_free char *out = scratch_path(state, scripts[i][1]);
		wake_auto_free char *file = scratch_path(state, scripts[i][2]);
		const char *const argv[] = { "sh", scripts[i][0], out, file, NULL };
		wake_auto_process struct wake_process_result result = { 0 };
		wake_auto_names struct wake_fs_names names = { 0 };
		struct wake_error err;

		if (run(argv, &result) == 0)
			fail_msg("%s was taken", scripts[i][2]);
		assert_non_null(strstr(wake_str_text(&result.errors), scripts[i][2]));
		assert_ok(wake_fs_list(*state, 10, &names, &err));
		assert_int_equal(names.count, 0);
	}
}

static void refuses_a_part_that_is_not_there(void **state)
{
	wake_auto_free char *file = scratch_path(state, "a.sql");
	const char *const argv[] = { "sh", "lib/store/embed_sql.sh", *state, file, NULL };
	wake_auto_process struct wake_process_result result = { 0 };

	scratch_write(file, "select 1\n-- include nowhere\n");
	assert_int_not_equal(run(argv, &result), 0);
	assert_non_null(strstr(wake_str_text(&result.errors), "nowhere"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_are_their_files),
		cmocka_unit_test(no_file_is_left_out),
		cmocka_unit_test(no_part_is_left_out),
		scratch_test(statements_fit_the_schema),
		cmocka_unit_test(parameters_have_no_gap),
		cmocka_unit_test(migrations_are_their_files),
		scratch_test(any_text_comes_through),
		scratch_test(no_file_makes_an_empty_table),
		scratch_test(what_did_not_change_is_not_written),
		scratch_test(refuses_what_names_no_column),
		scratch_test(refuses_other_names),
		scratch_test(refuses_a_part_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
