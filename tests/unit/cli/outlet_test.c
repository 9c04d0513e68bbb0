/* SPDX-License-Identifier: MIT */
/* cli/outlet: nothing but colours reaches a terminal; elsewhere every byte comes through. */
#include "cli/outlet.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#include "../base/scratch.h"

static struct wake_error err;

static void shows(const char *text, size_t len, const char *expected)
{
	wake_auto_str struct wake_str out = WAKE_STR(4096);

	wake_outlet_append_shown(&out, text, len);
	assert_string_equal(wake_str_text(&out), expected);
}

static void lets_colors_through_and_nothing_else(void **state)
{
	(void)state;
	shows("plain\ttext\n", 11, "plain\ttext\n");
	shows("\033[1;31mred\033[m\n", 14, "\033[1;31mred\033[m\n");
	shows("\033[2Jx", 5, "\\x1b[2Jx");
	shows("\033]0;t\a", 6, "\\x1b]0;t\\x07");
	shows("a\033", 2, "a\\x1b");
	shows("\033[", 2, "\\x1b[");
	shows("\033[31", 4, "\\x1b[31");
	shows("\033[31\033[32m", 9, "\\x1b[31\033[32m");
	shows("\r\n", 2, "\\x0d\n");
	shows("\xe2\x80\xae", 3, "\\u202e");
	shows("", 0, "");
}

/* Written in pieces of every size, as a pipe may give them. */
static void does_not_depend_on_pieces(void **state)
{
	static const char text[] = "\033[32m+\xc3\xa4\xe2\x82\xac\033[m\n\033[2J\xff end";
	static const char expected[] = "\033[32m+\xc3\xa4\xe2\x82\xac\033[m\n\\x1b[2J\\xff end";

	(void)state;
	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		int fd = memfd_create("test", MFD_CLOEXEC);
		struct wake_outlet outlet = { .fd = fd, .terminal = true, .rest = WAKE_STR(128 * 1024) };
		char got[sizeof(expected) + 8] = "";

		for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
			size_t len = sizeof(text) - 1 - at < piece ? sizeof(text) - 1 - at : piece;

			assert_int_equal(wake_outlet_write(&outlet, text + at, len, &err), WAKE_OK);
		}
		assert_int_equal(wake_outlet_finish(&outlet, &err), WAKE_OK);
		assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(expected) - 1);
		assert_string_equal(got, expected);
		(void)close(fd);
	}
}

static void long_lines_go_in_pieces(void **state)
{
	static char line[300 * 1024];
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct wake_outlet outlet = { .fd = fd, .terminal = true, .rest = WAKE_STR(128 * 1024) };

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_int_equal(wake_outlet_write(&outlet, line, sizeof(line), &err), WAKE_OK);
	assert_int_equal(wake_outlet_finish(&outlet, &err), WAKE_OK);
	assert_int_equal(lseek(fd, 0, SEEK_END), sizeof(line));
	(void)close(fd);
}

static void bytes_stay_bytes(void **state)
{
	static const char bytes[] = "\033[2J\0\xff\r\n";
	int from = memfd_create("from", MFD_CLOEXEC), to = memfd_create("to", MFD_CLOEXEC);
	struct wake_outlet outlet = { .fd = to };
	char got[sizeof(bytes)];

	(void)state;
	assert_int_equal(write(from, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(lseek(from, 0, SEEK_SET), 0);
	assert_int_equal(wake_outlet_pour(&outlet, from, &err), WAKE_OK);
	assert_int_equal(wake_outlet_finish(&outlet, &err), WAKE_OK);
	assert_int_equal(pread(to, got, sizeof(got), 0), sizeof(bytes));
	assert_memory_equal(got, bytes, sizeof(bytes));
	(void)close(from);
	(void)close(to);
}

/* Whoever read it has seen enough; a full disk is another matter. */
static void a_reader_may_go(void **state)
{
	struct wake_outlet outlet = { .fd = -1 };
	int ends[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	(void)close(ends[0]);
	outlet.fd = ends[1];
	assert_int_equal(wake_outlet_write(&outlet, "x", 1, &err), WAKE_OK);
	assert_true(outlet.closed);
	assert_int_equal(wake_outlet_write(&outlet, "x", 1, &err), WAKE_OK);
	(void)close(ends[1]);
	outlet = (struct wake_outlet){ .fd = open("/dev/full", O_WRONLY | O_CLOEXEC) };
	assert_true(outlet.fd >= 0);
	assert_int_equal(wake_outlet_write(&outlet, "x", 1, &err), WAKE_SYSTEM);
	(void)close(outlet.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_colors_through_and_nothing_else),
		cmocka_unit_test(does_not_depend_on_pieces),
		cmocka_unit_test(long_lines_go_in_pieces),
		cmocka_unit_test(bytes_stay_bytes),
		cmocka_unit_test(a_reader_may_go),
	};

	return cmocka_run_group_tests_name("cli/outlet", tests, NULL, NULL);
}
