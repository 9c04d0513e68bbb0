/* SPDX-License-Identifier: MIT */
/* Claude Code's stream (sdk.d.ts of @anthropic-ai/claude-agent-sdk: SDKMessage). Two kinds of line matter: system/init,
 * at the start of every turn, and result, at the end of every turn. A result's modelUsage and total_cost_usd are sums
 * over the whole session, subagents and compaction included, so the last ones are right; usage is the main loop's of
 * one turn, and what assistant lines carry is not final: neither is read. */
#include "agent/stream_parts.h"

#include <string.h>

enum { TYPE, SUBTYPE, SESSION, MODEL, IS_ERROR, TURNS, COST, MODEL_USAGE, RESULT, ERRORS, REASON, DENIALS, MEMBERS };

static const char *const names[MEMBERS] = { "type", "subtype", "session_id", "model", "is_error", "num_turns",
	"total_cost_usd", "modelUsage", "result", "errors", "terminal_reason", "permission_denials" };

#define BLOCKED "UserPromptSubmit operation blocked by hook"

static void add_usage(struct wake_scan usage, struct wake_stream_facts *sum, bool *ret_is_whole)
{
	static const char *const kinds[] = { "inputTokens", "outputTokens", "cacheReadInputTokens",
		"cacheCreationInputTokens" };
	int64_t *const sums[] = { &sum->input, &sum->output, &sum->cache_read, &sum->cache_write };
	struct wake_scan views[WAKE_COUNT(kinds)];

	if (!wake_scan_pick(usage, kinds, WAKE_COUNT(kinds), views)) {
		*ret_is_whole = false;
		return;
	}
	for (size_t i = 0; i < WAKE_COUNT(kinds); i++) {
		int64_t count = 0;

		if (views[i].at && !wake_stream_count(views[i], WAKE_STREAM_TOKENS_MAX - *sums[i], &count))
			*ret_is_whole = false;
		*sums[i] += count;
	}
}

/* All or nothing: a sum without what could not be read would be wrong without a sign of it. */
static void read_usage(struct wake_stream *stream, struct wake_scan usage)
{
	struct wake_stream_facts sum = { 0 }, *facts = &stream->facts;
	struct wake_scan_walk walk;
	struct wake_scan name, model;
	bool is_whole = wake_scan_open(usage, &walk) && walk.is_object;

	while (is_whole && wake_scan_next(&walk, &name, &model))
		add_usage(model, &sum, &is_whole);
	if (!is_whole || walk.is_broken)
		return;
	facts->has_tokens = true;
	facts->input = sum.input;
	facts->output = sum.output;
	facts->cache_read = sum.cache_read;
	facts->cache_write = sum.cache_write;
}

static int64_t count_values(struct wake_scan list)
{
	struct wake_scan_walk walk;
	struct wake_scan key, value;
	int64_t count = 0;

	if (wake_scan_open(list, &walk)) {
		while (wake_scan_next(&walk, &key, &value))
			count++;
	}
	return count;
}

static void read_errors(struct wake_stream_facts *facts, struct wake_scan errors)
{
	wake_auto_str struct wake_str text = WAKE_STR(64 * 1024);
	struct wake_scan_walk walk;
	struct wake_scan key, error;

	if (!wake_scan_open(errors, &walk))
		return;
	while (text.len < 32 * 1024 && wake_scan_next(&walk, &key, &error)) {
		if (text.len > 0)
			wake_str_append(&text, "; ");
		wake_scan_append(error, 16 * 1024, &text);
	}
	if (text.len > 0)
		wake_stream_copy(&facts->error, &text);
}

static void read_result(struct wake_stream *stream, const struct wake_scan *views)
{
	struct wake_stream_facts *facts = &stream->facts;
	int64_t turns = 0, cost = 0;

	wake_stream_turn(stream, wake_scan_is_true(views[IS_ERROR]));
	wake_stream_word(facts->subtype, views[SUBTYPE]);
	wake_stream_word(facts->terminal_reason, views[REASON]);
	/* An error of the API comes as a success whose result is the error's text. */
	wake_stream_set(facts->is_error ? &facts->error : &facts->result, views[RESULT]);
	read_errors(facts, views[ERRORS]);
	facts->is_blocked = !views[REASON].at && facts->result &&
	    strncmp(facts->result, BLOCKED, strlen(BLOCKED)) == 0;
	if (facts->is_blocked) {
		wake_stream_forget(&facts->error);
		facts->error = facts->result;
		facts->result = NULL;
	}
	/* Each result counts the turns since the one before. */
	if (wake_stream_count(views[TURNS], WAKE_STREAM_TURNS_MAX - facts->turns, &turns)) {
		facts->has_turns = true;
		facts->turns += turns;
	}
	facts->denials += count_values(views[DENIALS]);
	read_usage(stream, views[MODEL_USAGE]);
	if (wake_scan_millionths(views[COST], &cost) && cost <= WAKE_STREAM_COST_MAX) {
		facts->has_cost = true;
		facts->cost = cost;
	}
}

bool wake_stream_claude(struct wake_stream *stream, struct wake_scan line)
{
	static const char *const types[] = { "system", "result", NULL };
	struct wake_scan views[MEMBERS];
	bool has_type;

	if (!wake_stream_matters(line, types, &has_type))
		return has_type;
	if (!wake_scan_pick(line, names, MEMBERS, views))
		return false;
	if (wake_scan_equals(views[TYPE], "result")) {
		wake_stream_set(&stream->facts.session, views[SESSION]);
		read_result(stream, views);
	} else if (wake_scan_equals(views[TYPE], "system") && wake_scan_equals(views[SUBTYPE], "init")) {
		wake_stream_set(&stream->facts.session, views[SESSION]);
		wake_stream_set(&stream->facts.model, views[MODEL]);
		stream->facts.is_in_turn = true;
	}
	return true;
}
