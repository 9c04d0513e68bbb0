/* SPDX-License-Identifier: MIT */
/* cli/print, cli/table and cli/reader: what a terminal gets. Here standard output is none, or a terminal of
 * the test's. */
#include "cli/print.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "../base/scratch.h"
#include "cli/reader.h"
#include "cli/table.h"

static struct wake_error err;

/* Standard output is a file while the call lasts; ret_text: what it wrote, owned. */
static int capture(void **state, int (*call)(void), char **ret_text)
{
	wake_auto_free char *path = scratch_path(state, "out");
	wake_auto_close int saved = dup(STDOUT_FILENO);
	wake_auto_close int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char *text = calloc(1, 65536);
	int ret;

	assert_true(saved >= 0 && file >= 0 && text);
	(void)fflush(stdout);
	assert_true(dup2(file, STDOUT_FILENO) >= 0);
	ret = call();
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	assert_true(pread(file, text, 65535, 0) >= 0);
	*ret_text = text;
	return ret;
}

static int print_table(void)
{
	static const struct wake_column columns[] = { { "NAME", false, false }, { "N", true, false },
		{ "TEXT", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = 3 };
	const char *const cells[] = { "a", "1", "plain", "日本", "22", "e\xcc\x81x", NULL, "",
		"a\033[31mb\nc\xff" };

	for (size_t i = 0; i < WAKE_COUNT(cells); i++)
		assert_int_equal(wake_table_add(&table, WAKE_STYLE_BAD, cells[i], &err), WAKE_OK);
	return wake_table_print(&table, 2, &err);
}

static void tables_are_aligned_and_harmless(void **state)
{
	wake_auto_free char *text = NULL;

	assert_int_equal(capture(state, print_table, &text), WAKE_OK);
	assert_string_equal(text, "  NAME   N  TEXT\n"
				  "  a      1  plain\n"
				  "  日本  22  e\xcc\x81x\n"
				  "            a\\x1b[31mb\\x0ac\\xff\n");
}

static int print_money(void)
{
	wake_auto_json json_t *json = json_pack(
	    "{s:i,s:f,s:f,s:n}", "schema_version", 1, "cost", 0.123456, "dear", 123456789.000001, "none");

	return wake_print_json(json, &err);
}

static void money_has_no_digits_of_its_own(void **state)
{
	wake_auto_free char *text = NULL;

	assert_int_equal(capture(state, print_money, &text), WAKE_OK);
	assert_string_equal(text,
	    "{\n  \"schema_version\": 1,\n  \"cost\": 0.123456,\n  \"dear\": 123456789.000001,\n"
	    "  \"none\": null\n}\n");
}

static void columns_are_counted_as_a_terminal_does(void **state)
{
	(void)state;
	assert_int_equal(wake_print_columns("abc", 3), 3);
	assert_int_equal(wake_print_columns("äöü", strlen("äöü")), 3);
	assert_int_equal(wake_print_columns("日本語", strlen("日本語")), 6);
	assert_int_equal(wake_print_columns("e\xcc\x81", 3), 1);
	assert_int_equal(wake_print_columns("😀", strlen("😀")), 2);
	assert_int_equal(wake_print_columns("", 0), 0);
	assert_int_equal(wake_print_fitting("日本語", strlen("日本語"), 5), strlen("日本"));
	assert_int_equal(wake_print_fitting("abc", 3, 9), 3);
	assert_int_equal(wake_print_fitting("abc", 3, 0), 0);
	assert_int_equal(wake_print_columns("\xe6", 1), 1); /* cut off: nothing beyond is read */
}

/* A pseudo-terminal in the place of standard output. */
static int on_terminal(void **state, unsigned short width, int (*call)(void), char **ret_text)
{
	wake_auto_close int saved = dup(STDOUT_FILENO);
	wake_auto_close int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	wake_auto_close int slave = -1;
	struct winsize size = { .ws_row = 24, .ws_col = width };
	char *text = calloc(1, 65536);
	ssize_t got;
	int ret;

	(void)state;
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 && text);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0 && ioctl(slave, TIOCSWINSZ, &size) == 0);
	(void)fflush(stdout);
	assert_true(dup2(slave, STDOUT_FILENO) >= 0);
	ret = call();
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	got = read(master, text, 65535);
	assert_true(got > 0);
	*ret_text = text;
	return ret;
}

static int print_long(void)
{
	static const struct wake_column columns[] = { { "RUN", false, false }, { "TASK", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = 2 };

	assert_int_equal(wake_table_add(&table, WAKE_STYLE_GOOD, "run", &err), WAKE_OK);
	assert_int_equal(
	    wake_table_add(&table, WAKE_STYLE_PLAIN, "a rather long task to be cut", &err), WAKE_OK);
	return wake_table_print(&table, 0, &err);
}

static void a_terminal_gets_colours_and_cut_lines(void **state)
{
	wake_auto_free char *coloured = NULL;
	wake_auto_free char *plain = NULL;

	(void)unsetenv("NO_COLOR");
	(void)setenv("TERM", "xterm", 1);
	assert_int_equal(on_terminal(state, 20, print_long, &coloured), WAKE_OK);
	assert_string_equal(
	    coloured, "\033[2mRUN\033[0m  \033[2mTASK\033[0m\r\n\033[32mrun\033[0m  a rather long …\r\n");
	(void)setenv("NO_COLOR", "1", 1);
	assert_int_equal(on_terminal(state, 20, print_long, &plain), WAKE_OK);
	assert_string_equal(plain, "RUN  TASK\r\nrun  a rather long …\r\n");
}

static int print_to_full(void)
{
	wake_auto_close int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_true(full >= 0 && dup2(full, STDOUT_FILENO) >= 0);
	return print_table();
}

static void a_full_disk_is_told(void **state)
{
	wake_auto_free char *text = NULL;

	assert_int_equal(capture(state, print_to_full, &text), WAKE_SYSTEM);
	assert_non_null(strstr(err.text, "standard output"));
}

static void run_ids_and_durations_are_short(void **state)
{
	char id[WAKE_ID_SIZE], text[32];

	(void)state;
	assert_string_equal(
	    wake_reader_short_run("01a20463-492a-78f9-8f50-289b270eb8de", id), "01a20463-492a");
	assert_string_equal(wake_reader_short_run("d40da9e9-2cae-5415-8763-f358a17baa79", id),
	    "d40da9e9-2cae-5415-8763-f358a17baa79");
	assert_string_equal(wake_reader_short_run("job-1", id), "job-1");
	assert_null(wake_reader_short_run(NULL, id));
	assert_string_equal(wake_reader_duration(-1, text), "");
	assert_string_equal(wake_reader_duration(59, text), "59s");
	assert_string_equal(wake_reader_duration(200, text), "3m20s");
	assert_string_equal(wake_reader_duration(3720, text), "1h02m");
	(void)setenv("TZ", "UTC", 1);
	assert_string_equal(
	    wake_reader_local_time("2026-11-22T16:50:18.123456Z", text), "2026-11-22 16:50:18");
	assert_string_equal(wake_reader_local_time("nonsense", text), "");
	assert_string_equal(wake_reader_local_time(NULL, text), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(tables_are_aligned_and_harmless),
		scratch_test(money_has_no_digits_of_its_own),
		cmocka_unit_test(columns_are_counted_as_a_terminal_does),
		scratch_test(a_terminal_gets_colours_and_cut_lines),
		scratch_test(a_full_disk_is_told),
		cmocka_unit_test(run_ids_and_durations_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
