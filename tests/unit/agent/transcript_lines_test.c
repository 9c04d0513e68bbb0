/* SPDX-License-Identifier: MIT */
/* Lines of a file: whole ones, each once, whatever their length and wherever reading begins. */
#include "../base/scratch.h"
#include "agent/transcript_lines.h"

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static struct wake_error err;

static void whole_lines_are_handed_out(void **state)
{
	wake_auto_free char *path = scratch_path(state, "lines");
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line line;

	scratch_write(path, "one\n\nthree\nhal");
	assert_ok(wake_transcript_lines_open(path, 0, &lines, &err));
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
	assert_memory_equal(line.text, "one", 3);
	assert_true(line.len == 3 && line.offset == 0 && line.end == 4);
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
	assert_true(line.len == 0 && line.offset == 4 && line.end == 5);
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
	assert_true(line.len == 5 && line.offset == 5 && line.end == 11);
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 0);
	/* The other half comes. */
	scratch_write(path, "one\n\nthree\nhalf\n");
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
	assert_memory_equal(line.text, "half", 4);
	assert_int_equal(wake_transcript_lines_skipped(lines), 0);
}

static void reading_goes_on_from_a_line(void **state)
{
	wake_auto_free char *path = scratch_path(state, "lines");
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line line;

	scratch_write(path, "one\ntwo\n");
	assert_ok(wake_transcript_lines_open(path, 4, &lines, &err));
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
	assert_memory_equal(line.text, "two", 3);
	assert_true(line.offset == 4 && line.end == 8);
}

static void put_line(FILE *file, char c, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(putc_unlocked(c, file), c);
	assert_int_equal(putc_unlocked('\n', file), '\n');
}

/* Lines around the sizes of the buffer, and one that is too long by one. */
static void any_length_is_read(void **state)
{
	static const size_t lens[] = { 0, 1, 262143, 262144, 1048575, 1048576, 1048577, 5000000,
		WAKE_TRANSCRIPT_LINE_MAX };
	wake_auto_free char *path = scratch_path(state, "lines");
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line line;
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	for (size_t i = 0; i < WAKE_COUNT(lens); i++)
		put_line(file, (char)('a' + i), lens[i]);
	put_line(file, 'x', WAKE_TRANSCRIPT_LINE_MAX + 1);
	put_line(file, 'y', 3 * WAKE_TRANSCRIPT_LINE_MAX);
	put_line(file, 'z', 2);
	assert_int_equal(fclose(file), 0);
	assert_ok(wake_transcript_lines_open(path, 0, &lines, &err));
	for (size_t i = 0; i < WAKE_COUNT(lens); i++) {
		assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
		assert_int_equal(line.len, lens[i]);
		assert_true(line.len == 0 ||
		            (line.text[0] == (char)('a' + i) && line.text[line.len - 1] == line.text[0]));
	}
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 1);
	assert_true(line.len == 2 && line.text[0] == 'z');
	assert_int_equal(wake_transcript_lines_next(lines, &line, &err), 0);
	assert_int_equal(wake_transcript_lines_skipped(lines), 2);
}

static void only_files_are_read(void **state)
{
	wake_auto_free char *fifo = scratch_path(state, "fifo"), *none = scratch_path(state, "none");
	struct wake_transcript_lines *lines = NULL;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(wake_transcript_lines_open(fifo, 0, &lines, &err), WAKE_INVALID);
	assert_int_equal(wake_transcript_lines_open("/dev/zero", 0, &lines, &err), WAKE_INVALID);
	assert_int_equal(wake_transcript_lines_open(*state, 0, &lines, &err), WAKE_INVALID);
	assert_int_equal(wake_transcript_lines_open(none, 0, &lines, &err), WAKE_NOTFOUND);
	assert_null(lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_lines_are_handed_out, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(reading_goes_on_from_a_line, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(any_length_is_read, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(only_files_are_read, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
