/* SPDX-License-Identifier: MIT */
/* What `gemini --output-format stream-json` prints (@google/gemini-cli-core: JsonStreamEvent). Its input_tokens
 * count what the cache gave, its output_tokens leave out what the model thought, which its total_tokens hold and which
 * is paid as output. */
#include "agent/stream_parts.h"

enum { TYPE, SESSION, MODEL, ROLE, CONTENT, DELTA, STATUS, ERROR, STATS, SEVERITY, MESSAGE, MEMBERS };

static const char *const names[MEMBERS] = { "type", "session_id", "model", "role", "content", "delta", "status",
	"error", "stats", "severity", "message" };

static void read_stats(struct wake_stream_facts *facts, struct wake_scan stats)
{
	static const char *const kinds[] = { "input_tokens", "output_tokens", "cached", "total_tokens" };
	struct wake_scan views[WAKE_COUNT(kinds)];
	int64_t counts[WAKE_COUNT(kinds)] = { 0 };

	if (!wake_scan_pick(stats, kinds, WAKE_COUNT(kinds), views) || !views[0].at)
		return;
	for (size_t i = 0; i < WAKE_COUNT(kinds); i++) {
		if (views[i].at && !wake_stream_count(views[i], WAKE_STREAM_TOKENS_MAX, &counts[i]))
			return;
	}
	if (counts[2] > counts[0])
		return;
	facts->has_tokens = true;
	facts->input = counts[0] - counts[2];
	facts->output = counts[3] - counts[0] > counts[1] ? counts[3] - counts[0] : counts[1];
	facts->cache_read = counts[2];
	facts->cache_write = 0;
}

/* An answer comes in pieces; whatever comes between two of them ends it. */
static void read_message(struct wake_stream *stream, const struct wake_scan *views)
{
	size_t max = stream->answer.max;

	if (!wake_scan_equals(views[ROLE], "assistant")) {
		stream->is_answering = false;
		stream->facts.is_in_turn = true;
		return;
	}
	if (!stream->is_answering || !wake_scan_is_true(views[DELTA]))
		wake_str_clear(&stream->answer);
	stream->is_answering = true;
	wake_scan_append(views[CONTENT], max - stream->answer.len, &stream->answer);
}

static void read_error(struct wake_stream_facts *facts, struct wake_scan error)
{
	static const char *const kinds[] = { "message" };
	struct wake_scan message;

	if (wake_scan_pick(error, kinds, 1, &message))
		wake_stream_set(&facts->error, message);
	else
		wake_stream_set(&facts->error, error);
}

static void read_result(struct wake_stream *stream, const struct wake_scan *views)
{
	struct wake_stream_facts *facts = &stream->facts;

	wake_stream_turn(stream, !wake_scan_equals(views[STATUS], "success"));
	if (facts->is_error)
		read_error(facts, views[ERROR]);
	else if (stream->answer.len > 0)
		wake_stream_copy(&facts->result, &stream->answer);
	read_stats(facts, views[STATS]);
	facts->has_turns = true;
	if (facts->turns < WAKE_STREAM_TURNS_MAX)
		facts->turns++;
}

bool wake_stream_gemini(struct wake_stream *stream, struct wake_scan line)
{
	static const char *const types[] = { "init", "message", "error", "result", NULL };
	struct wake_stream_facts *facts = &stream->facts;
	struct wake_scan views[MEMBERS];
	bool has_type;

	if (!wake_stream_matters(line, types, &has_type)) {
		stream->is_answering = stream->is_answering && !has_type;
		return has_type;
	}
	if (!wake_scan_pick(line, names, MEMBERS, views))
		return false;
	if (wake_scan_equals(views[TYPE], "message")) {
		read_message(stream, views);
		return true;
	}
	stream->is_answering = false;
	if (wake_scan_equals(views[TYPE], "init")) {
		wake_stream_set(&facts->session, views[SESSION]);
		wake_stream_set(&facts->model, views[MODEL]);
		facts->is_in_turn = true;
	} else if (wake_scan_equals(views[TYPE], "error") && wake_scan_equals(views[SEVERITY], "error")) {
		wake_stream_set(&facts->error, views[MESSAGE]); /* a result tells whether it ended the turn */
	} else if (wake_scan_equals(views[TYPE], "result")) {
		read_result(stream, views);
	}
	return true;
}
