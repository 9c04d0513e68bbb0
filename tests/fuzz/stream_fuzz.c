/* SPDX-License-Identifier: MIT */
/* What agents print: any bytes, however they are cut, come to the same facts, and those make an event. */
#include "agent/report.h"
#include "agent/status.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct wake_stream *read_in_pieces(enum wake_stream_source source, const uint8_t *data, size_t size, size_t piece)
{
	struct wake_stream *stream = NULL;
	struct wake_error err;

	if (wake_stream_new(source, &stream, &err) < 0)
		__builtin_trap();
	for (size_t at = 0; at < size; at += piece)
		wake_stream_feed(stream, data + at, size - at < piece ? size - at : piece);
	wake_stream_end(stream);
	return stream;
}

static bool same_text(const char *one, const char *other)
{
	return (!one && !other) || (one && other && strcmp(one, other) == 0);
}

static void check_same(const struct wake_stream_facts *one, const struct wake_stream_facts *other)
{
	if (!same_text(one->model, other->model) || !same_text(one->session, other->session) ||
	    !same_text(one->result, other->result) || !same_text(one->error, other->error) ||
	    one->turns != other->turns || one->input != other->input || one->cost != other->cost ||
	    one->lines != other->lines || one->unread != other->unread || one->has_result != other->has_result)
		__builtin_trap();
}

static void check_event(const struct wake_stream_facts *facts)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_MAX);
	static struct wake_redactor *redactor; /* for all inputs */
	const struct wake_config config = { 0 };
	struct wake_report_by by = { 0 };
	struct wake_error err;

	if (!redactor && wake_redactor_new(&config, &redactor, &err) < 0)
		__builtin_trap();
	by.redactor = redactor;
	if (wake_report_add(&events, &by, "run", facts, false, 1, &err) < 0)
		__builtin_trap();
	if (events.count && wake_event_format(&events.items[0], &text, &err) < 0)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size ? 1 + data[0] % 64 : 1;

	for (int source = WAKE_STREAM_CLAUDE; source <= WAKE_STREAM_GEMINI; source++) {
		wake_auto_stream struct wake_stream *whole =
		    read_in_pieces((enum wake_stream_source)source, data, size, size ? size : 1);
		wake_auto_stream struct wake_stream *pieces =
		    read_in_pieces((enum wake_stream_source)source, data, size, piece);
		struct wake_ending ending = { .exit_code = (int)piece, .stream = wake_stream_facts(whole) };
		struct wake_status status;

		check_same(wake_stream_facts(whole), wake_stream_facts(pieces));
		check_event(wake_stream_facts(whole));
		wake_status_decide(&ending, &status);
	}
	return 0;
}
