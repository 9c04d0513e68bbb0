/* SPDX-License-Identifier: MIT */
/* What `codex exec --json` prints (index.d.ts of @openai/codex-sdk: ThreadEvent). A turn's usage is the thread's sum so
 * far, and its input_tokens count what the cache gave too. It names no model, and so has no price. */
#include "agent/stream_parts.h"

enum { TYPE, THREAD, USAGE, ERROR, MESSAGE, ITEM, MEMBERS };

static const char *const names[MEMBERS] = { "type", "thread_id", "usage", "error", "message", "item" };

static void read_usage(struct wake_stream_facts *facts, struct wake_scan usage)
{
	static const char *const kinds[] = { "input_tokens", "output_tokens", "cached_input_tokens",
		"cache_write_input_tokens" };
	struct wake_scan views[WAKE_COUNT(kinds)];
	int64_t counts[WAKE_COUNT(kinds)] = { 0 };

	if (!wake_scan_pick(usage, kinds, WAKE_COUNT(kinds), views) || !views[0].at)
		return;
	for (size_t i = 0; i < WAKE_COUNT(kinds); i++) {
		if (views[i].at && !wake_stream_count(views[i], WAKE_STREAM_TOKENS_MAX, &counts[i]))
			return;
	}
	if (counts[2] + counts[3] > counts[0])
		return;
	facts->has_tokens = true;
	facts->input = counts[0] - counts[2] - counts[3];
	facts->output = counts[1];
	facts->cache_read = counts[2];
	facts->cache_write = counts[3];
}

static void read_item(struct wake_stream *stream, struct wake_scan item)
{
	static const char *const kinds[] = { "type", "text" };
	struct wake_scan views[WAKE_COUNT(kinds)];

	if (!wake_scan_pick(item, kinds, WAKE_COUNT(kinds), views) || !wake_scan_equals(views[0], "agent_message"))
		return;
	wake_str_clear(&stream->answer);
	wake_scan_append(views[1], stream->answer.max, &stream->answer);
}

static void read_error(struct wake_stream_facts *facts, struct wake_scan error)
{
	static const char *const kinds[] = { "message" };
	struct wake_scan message;

	if (wake_scan_pick(error, kinds, 1, &message))
		wake_stream_set(&facts->error, message);
}

static void end_turn(struct wake_stream *stream, const struct wake_scan *views, bool is_error)
{
	struct wake_stream_facts *facts = &stream->facts;

	wake_stream_turn(stream, is_error);
	if (is_error)
		read_error(facts, views[ERROR]);
	else if (stream->answer.len > 0)
		wake_stream_copy(&facts->result, &stream->answer);
	wake_str_clear(&stream->answer);
	read_usage(facts, views[USAGE]);
	facts->has_turns = true;
	if (facts->turns < WAKE_STREAM_TURNS_MAX)
		facts->turns++;
}

bool wake_stream_codex(struct wake_stream *stream, struct wake_scan line)
{
	static const char *const types[] = { "thread.started", "turn.started", "item.completed", "turn.completed",
		"turn.failed", "error", NULL };
	struct wake_scan views[MEMBERS];
	bool has_type;

	if (!wake_stream_matters(line, types, &has_type))
		return has_type;
	if (!wake_scan_pick(line, names, MEMBERS, views))
		return false;
	if (wake_scan_equals(views[TYPE], "thread.started"))
		wake_stream_set(&stream->facts.session, views[THREAD]);
	else if (wake_scan_equals(views[TYPE], "turn.started"))
		stream->facts.is_in_turn = true;
	else if (wake_scan_equals(views[TYPE], "item.completed"))
		read_item(stream, views[ITEM]);
	else if (wake_scan_equals(views[TYPE], "turn.completed"))
		end_turn(stream, views, false);
	else if (wake_scan_equals(views[TYPE], "turn.failed"))
		end_turn(stream, views, true);
	else if (wake_scan_equals(views[TYPE], "error")) /* it may try again: only a turn's end tells */
		wake_stream_set(&stream->facts.error, views[MESSAGE]);
	return true;
}
