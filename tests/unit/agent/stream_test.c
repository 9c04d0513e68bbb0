/* SPDX-License-Identifier: MIT */
/* agent/stream: lines, however they are cut, and what is left out. The sources are in stream_SOURCE_test.c. */
#include "stream_lines.h"

#define RESULT "{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"ok\",\"num_turns\":1}\n"

static void the_cuts_do_not_matter(void **state)
{
	static const char text[] = "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s\",\"model\":\"m\"}\r\n\n" RESULT;

	(void)state;
	for (size_t piece = 1; piece < sizeof(text); piece++) {
		wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);

		for (size_t at = 0; at < sizeof(text) - 1; at += piece)
			wake_stream_feed(stream, text + at, at + piece < sizeof(text) ? piece : sizeof(text) - 1 - at);
		assert_string_equal(wake_stream_facts(stream)->model, "m");
		assert_string_equal(wake_stream_facts(stream)->result, "ok");
		assert_int_equal(wake_stream_facts(stream)->lines, 2);
		assert_int_equal(wake_stream_facts(stream)->unread, 0);
	}
}

static void a_turn_is_told_once(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);

	(void)state;
	assert_false(wake_stream_has_turned(stream));
	lines_feed(stream, RESULT);
	assert_true(wake_stream_has_turned(stream));
	assert_false(wake_stream_has_turned(stream));
}

static void a_last_line_may_lack_its_newline(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);

	(void)state;
	wake_stream_feed(stream, RESULT, strlen(RESULT) - 1);
	assert_false(wake_stream_facts(stream)->has_result);
	wake_stream_end(stream);
	assert_true(wake_stream_facts(stream)->has_result);
	wake_stream_end(stream);
	assert_int_equal(wake_stream_facts(stream)->turns, 1);
}

static void what_is_no_object_is_counted(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);

	(void)state;
	lines_feed(stream, "npm warn deprecated\n[1]\n{\"no\":\"type\"}\n{\"type\":\"result\"\n\x01\xff\n" RESULT);
	assert_int_equal(wake_stream_facts(stream)->unread, 5);
	assert_int_equal(wake_stream_facts(stream)->lines, 1);
}

static void too_long_a_line_is_counted(void **state)
{
	wake_auto_stream struct wake_stream *stream = lines_new(WAKE_STREAM_CLAUDE);
	size_t piece = 1000000;
	char *letters = malloc(piece);

	(void)state;
	assert_non_null(letters);
	memset(letters, 'x', piece);
	lines_feed(stream, "{\"type\":\"user\",\"x\":\"");
	for (size_t len = 0; len < 3 * WAKE_STREAM_LINE_MAX; len += piece)
		wake_stream_feed(stream, letters, piece);
	lines_feed(stream, "\"}\n" RESULT);
	assert_int_equal(wake_stream_facts(stream)->unread, 1);
	assert_int_equal(wake_stream_facts(stream)->lines, 1);
	/* One that is within the maximum is read, wherever its members stand. */
	lines_feed(stream, "{\"x\":\"");
	for (size_t len = 0; len + piece < WAKE_STREAM_LINE_MAX; len += piece)
		wake_stream_feed(stream, letters, piece);
	lines_feed(stream, "\",\"type\":\"result\",\"result\":\"late\"}\n");
	assert_string_equal(wake_stream_facts(stream)->result, "late");
	assert_int_equal(wake_stream_facts(stream)->unread, 1);
	/* One that never ends. */
	for (size_t len = 0; len < 2 * WAKE_STREAM_LINE_MAX; len += piece)
		wake_stream_feed(stream, letters, piece);
	wake_stream_end(stream);
	assert_int_equal(wake_stream_facts(stream)->unread, 2);
	free(letters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cuts_do_not_matter),
		cmocka_unit_test(a_turn_is_told_once),
		cmocka_unit_test(a_last_line_may_lack_its_newline),
		cmocka_unit_test(what_is_no_object_is_counted),
		cmocka_unit_test(too_long_a_line_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
