/* SPDX-License-Identifier: MIT */
/* Assistant lines: one for each block of an answer, all with the same id and the same usage. */
#include "agent/transcript_claude.h"

#include <stdlib.h>
#include <string.h>

#define SYNTHETIC "<synthetic>" /* what the client says itself, in the place of a model */
#define ID_MAX 200              /* bytes of an id of theirs */

/* A count that may be missing; false: it is there and is none. */
static bool read_count(struct wake_scan value, int64_t *ret_count)
{
	*ret_count = 0;
	if (!value.at || (value.len == 4 && memcmp(value.at, "null", 4) == 0))
		return true;
	return wake_scan_count(value, ret_count) && *ret_count <= WAKE_TRANSCRIPT_TOKENS_MAX;
}

/* Cache writes by how long they last. What the parts leave of the whole was for five minutes: older
 * clients told no parts. */
static bool read_cache_writes(struct wake_scan whole, struct wake_scan parts, struct wake_tokens *tokens)
{
	int64_t all, hour, minutes;

	if (!read_count(whole, &all) ||
	    !read_count(wake_scan_member(parts, "ephemeral_5m_input_tokens"), &minutes) ||
	    !read_count(wake_scan_member(parts, "ephemeral_1h_input_tokens"), &hour))
		return false;
	if (!whole.at)
		all = minutes + hour;
	tokens->cache_write_1h = hour < all ? hour : all;
	tokens->cache_write_5m = all - tokens->cache_write_1h;
	return true;
}

static bool read_usage(struct wake_scan usage, struct wake_transcript_answer *answer)
{
	static const char *const names[] = { "input_tokens", "output_tokens", "cache_read_input_tokens",
		"cache_creation_input_tokens", "cache_creation", "server_tool_use", "speed" };
	struct wake_scan values[WAKE_COUNT(names)];
	struct wake_tokens *tokens = &answer->tokens;

	if (!wake_scan_pick(usage, names, WAKE_COUNT(names), values))
		return false;
	answer->is_fast = wake_scan_equals(values[6], "fast");
	return read_count(values[0], &tokens->input) && read_count(values[1], &tokens->output) &&
	       read_count(values[2], &tokens->cache_read) &&
	       read_cache_writes(values[3], values[4], tokens) &&
	       read_count(wake_scan_member(values[5], "web_search_requests"), &tokens->web_searches);
}

static bool is_nothing(const struct wake_tokens *tokens)
{
	return tokens->input == 0 && tokens->output == 0 && tokens->cache_read == 0 &&
	       tokens->cache_write_5m == 0 && tokens->cache_write_1h == 0 && tokens->web_searches == 0;
}

int wake_claude_read_answer(const struct wake_claude_line *line, struct wake_transcript_answer *ret_answer,
    char *model, bool *ret_has, struct wake_error *err)
{
	static const char *const names[] = { "id", "model", "usage" };
	struct wake_scan message[WAKE_COUNT(names)];
	struct wake_transcript_answer answer = { .at = line->at, .cost = -1 };
	char id[ID_MAX + 1], request[ID_MAX + 1];

	*ret_has = false;
	if (!wake_scan_pick(line->message, names, WAKE_COUNT(names), message))
		return WAKE_INVALID;
	wake_scan_copy(message[1], model, WAKE_TRANSCRIPT_MODEL_MAX + 1);
	if (!wake_scan_is_object(message[2]))
		return WAKE_OK;
	if (!*wake_scan_copy(message[0], id, sizeof(id)))
		wake_scan_copy(line->members[WAKE_CLAUDE_UUID], id, sizeof(id));
	wake_scan_copy(line->members[WAKE_CLAUDE_REQUEST], request, sizeof(request));
	if (!*id || !read_usage(message[2], &answer))
		return wake_fail(err, WAKE_INVALID, "an answer without an id or with numbers that are none");
	if (!*model || strcmp(model, SYNTHETIC) == 0) {
		(void)snprintf(model, WAKE_TRANSCRIPT_MODEL_MAX + 1, SYNTHETIC);
		answer.cost = 0; /* no model gave it */
	}
	if (wake_scan_millionths(line->members[WAKE_CLAUDE_COST], &answer.cost) &&
	    answer.cost > WAKE_TRANSCRIPT_COST_MAX)
		return wake_fail(err, WAKE_INVALID, "an answer that cost more than any does");
	wake_agent_response_id(id, request, answer.response);
	*ret_answer = answer;
	*ret_has = !is_nothing(&answer.tokens) || answer.cost > 0;
	return WAKE_OK;
}

/* Is it a copy of another session's? Asked of the first answer; and while they are copies, of each. */
static int ask(struct wake_claude *claude, const char *response, struct wake_error *err)
{
	struct wake_transcript_reading *reading = claude->reading;
	bool is_elsewhere = false;
	int ret = WAKE_OK;

	if (claude->is_asked && !claude->is_copying)
		return WAKE_OK;
	claude->is_asked = true;
	if (reading->is_elsewhere)
		ret = reading->is_elsewhere(reading->context, response, &is_elsewhere, err);
	claude->failed = ret;
	if (ret != WAKE_OK)
		return ret;
	claude->is_copying = is_elsewhere;
	if (!is_elsewhere)
		return WAKE_OK;
	/* The one that it is a copy of goes on elsewhere. What that had cost may be told behind it. */
	wake_transcript_opening_release(&claude->opening);
	claude->is_open = false;
	claude->base_unknown = true;
	claude->has_latest = false;
	claude->reading->last = claude->reading->from;
	return WAKE_OK;
}

/* The last text of an answer, and what the agent is about to do. */
static int read_content(struct wake_claude *claude, struct wake_scan content, char **text,
    bool *ret_uses_tool, struct wake_error *err)
{
	struct wake_scan_walk walk;
	struct wake_scan key, block;
	int ret = WAKE_OK;

	*ret_uses_tool = false;
	if (wake_scan_is_string(content))
		return wake_transcript_set(text, content, WAKE_TRANSCRIPT_TEXT_MAX, err);
	if (!wake_scan_is_list(content) || !wake_scan_open(content, &walk))
		return WAKE_OK;
	while (ret == WAKE_OK && wake_scan_next(&walk, &key, &block)) {
		struct wake_scan type = wake_scan_first(block, "type");

		if (wake_scan_equals(type, "text")) {
			ret = wake_transcript_set(
			    text, wake_scan_member(block, "text"), WAKE_TRANSCRIPT_TEXT_MAX, err);
		} else if (wake_scan_equals(type, "tool_use")) {
			wake_claude_keep_tool(claude, block);
			*ret_uses_tool = true;
		}
	}
	return ret;
}

static void move(char **to, char **from)
{
	if (!*from)
		return;
	free(*to);
	*to = *from;
	*from = NULL;
}

/* What the conversation has come to. */
static int take_content(struct wake_claude *claude, const struct wake_claude_line *line, const char *model,
    struct wake_error *err)
{
	struct wake_transcript_opening *opening = &claude->opening;
	bool is_error = wake_scan_is_true(line->members[WAKE_CLAUDE_API_ERROR]), uses_tool = false;
	wake_auto_free char *text = NULL;
	int ret = read_content(claude, wake_scan_member(line->message, "content"), &text, &uses_tool, err);

	if (ret != WAKE_OK)
		return ret;
	if (is_error) {
		opening->state = WAKE_TRANSCRIPT_FAILED;
		move(&opening->error, &text);
		return WAKE_OK;
	}
	if (strcmp(model, SYNTHETIC) == 0)
		return WAKE_OK; /* "No response requested." and its like */
	if (uses_tool)
		opening->state = WAKE_TRANSCRIPT_WORKING;
	else if (text)
		opening->state = WAKE_TRANSCRIPT_ANSWERED;
	else if (opening->state != WAKE_TRANSCRIPT_ANSWERED)
		opening->state = WAKE_TRANSCRIPT_WORKING; /* it thinks */
	move(&opening->result, &text);
	return *model && (!opening->model || strcmp(opening->model, model) != 0)
	           ? (free(opening->model), opening->model = NULL, wake_str_copy(model, &opening->model, err))
	           : WAKE_OK;
}

int wake_claude_assistant(
    struct wake_claude *claude, const struct wake_claude_line *line, struct wake_error *err)
{
	struct wake_transcript_answer answer;
	char model[WAKE_TRANSCRIPT_MODEL_MAX + 1] = "";
	bool has = false, is_new = false;
	int ret = wake_claude_read_answer(line, &answer, model, &has, err);

	if (ret == WAKE_OK && has)
		ret = ask(claude, answer.response, err);
	if (ret == WAKE_OK && (!has || !claude->is_copying))
		ret = wake_claude_enter(claude, line, true, err);
	if (ret != WAKE_OK || (has && claude->is_copying))
		return ret;
	answer.is_told = line->where->offset < claude->reading->told;
	if (has)
		ret = wake_transcript_add_answer(&claude->opening, &answer, model, &is_new, err);
	if (ret != WAKE_OK || line->is_sidechain)
		return ret;
	if (is_new && strcmp(model, SYNTHETIC) != 0)
		claude->opening.turns++;
	return take_content(claude, line, model, err);
}
