/* SPDX-License-Identifier: MIT */
/* What each response took. */
#include "agent/transcript_codex.h"

#include <string.h>

/* false: there is none, or it holds numbers that are none. */
static bool read_usage(struct wake_scan usage, int64_t most, struct wake_codex_usage *ret_usage)
{
	static const char *const names[] = { "input_tokens", "output_tokens", "cached_input_tokens",
		"cache_write_input_tokens" };
	struct wake_scan views[WAKE_COUNT(names)];
	int64_t counts[WAKE_COUNT(names)] = { 0 };

	if (!wake_scan_is_object(usage) || !wake_scan_pick(usage, names, WAKE_COUNT(names), views) ||
	    !views[0].at)
		return false;
	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		if (views[i].at && (!wake_scan_count(views[i], &counts[i]) || counts[i] > most))
			return false;
	}
	if (counts[2] + counts[3] > counts[0])
		return false;
	*ret_usage = (struct wake_codex_usage){ .input = counts[0] - counts[2] - counts[3],
		.output = counts[1],
		.cache_read = counts[2],
		.cache_write = counts[3] };
	return true;
}

static bool is_nothing(const struct wake_codex_usage *usage)
{
	return usage->input == 0 && usage->output == 0 && usage->cache_read == 0 && usage->cache_write == 0;
}

static bool is_same(const struct wake_codex_usage *one, const struct wake_codex_usage *other)
{
	return one->input == other->input && one->output == other->output &&
	       one->cache_read == other->cache_read && one->cache_write == other->cache_write;
}

/* Is it a copy of another thread's? Asked of a copying fork's answers until one is not. */
static int ask(struct wake_codex *codex, const char *response, struct wake_error *err)
{
	struct wake_transcript_reading *reading = codex->reading;
	bool is_elsewhere = false;
	int ret = WAKE_OK;

	if (!codex->copies || (codex->is_asked && !codex->is_copying))
		return WAKE_OK;
	codex->is_asked = true;
	if (reading->is_elsewhere)
		ret = reading->is_elsewhere(reading->context, response, &is_elsewhere, err);
	codex->failed = ret;
	if (ret != WAKE_OK)
		return ret;
	codex->is_copying = is_elsewhere;
	if (!is_elsewhere)
		return WAKE_OK;
	wake_transcript_opening_release(&codex->opening);
	codex->is_open = false;
	codex->reading->last = codex->reading->from;
	return WAKE_OK;
}

static int add(struct wake_codex *codex, struct wake_transcript_opening *into,
    const struct wake_codex_line *line, const char *response, const struct wake_codex_usage *usage,
    struct wake_error *err)
{
	struct wake_transcript_answer answer = { .at = line->at,
		.cost = -1,
		.tokens = { .input = usage->input,
		    .output = usage->output,
		    .cache_read = usage->cache_read,
		    .cache_write_5m = usage->cache_write } };
	bool is_own = into == &codex->opening;
	int ret = WAKE_OK;

	if (is_nothing(usage))
		return WAKE_OK;
	memcpy(answer.response, response, WAKE_ID_SIZE);
	answer.is_told = line->where->offset < codex->told;
	if (is_own)
		ret = ask(codex, response, err);
	if (ret != WAKE_OK || (is_own && codex->is_copying))
		return ret;
	if (is_own)
		ret = wake_codex_enter(codex, line, false, err);
	if (ret != WAKE_OK)
		return ret;
	if (is_own && into->state == WAKE_TRANSCRIPT_PROMPTED)
		into->state = WAKE_TRANSCRIPT_WORKING;
	return wake_transcript_add_answer(into, &answer, *codex->model ? codex->model : "unknown", NULL, err);
}

int wake_codex_take_record(struct wake_codex *codex, struct wake_transcript_opening *into,
    const struct wake_codex_line *line, struct wake_error *err)
{
	static const char *const names[] = { "response_id", "turn_id", "usage", "thread_token_usage" };
	struct wake_scan views[WAKE_COUNT(names)];
	char id[WAKE_CODEX_ID_MAX + 1], turn[WAKE_CODEX_ID_MAX + 1], response[WAKE_ID_SIZE];
	struct wake_codex_usage usage;
	int ret;

	if (!wake_scan_pick(line->payload, names, WAKE_COUNT(names), views) ||
	    !read_usage(views[2], WAKE_TRANSCRIPT_TOKENS_MAX, &usage))
		return WAKE_INVALID;
	wake_scan_copy(views[0], id, sizeof(id));
	wake_scan_copy(views[1], turn, sizeof(turn));
	if (!*id)
		return WAKE_INVALID;
	wake_agent_response_id(id, turn, response);
	ret = add(codex, into, line, response, &usage, err);
	(void)read_usage(views[3], WAKE_TRANSCRIPT_SUM_MAX, &codex->sum);
	return ret;
}

/* What a response that tells no id of its own is known by. */
static void name_count(const struct wake_codex *codex, const struct wake_codex_usage *sum,
    const struct wake_codex_usage *last, char ret_response[WAKE_ID_SIZE])
{
	char text[512];

	(void)snprintf(text, sizeof(text), "codex %s %s %lld %lld %lld %lld, %lld %lld %lld %lld",
	    codex->root ? codex->root : "", codex->turn, (long long)sum->input, (long long)sum->output,
	    (long long)sum->cache_read, (long long)sum->cache_write, (long long)last->input,
	    (long long)last->output, (long long)last->cache_read, (long long)last->cache_write);
	wake_agent_response_id(text, "token_count", ret_response);
}

int wake_codex_take_count(struct wake_codex *codex, struct wake_transcript_opening *into,
    const struct wake_codex_line *line, struct wake_error *err)
{
	static const char *const names[] = { "total_token_usage", "last_token_usage" };
	struct wake_scan info = wake_scan_member(line->payload, "info"), views[WAKE_COUNT(names)];
	struct wake_codex_usage sum, last;
	char response[WAKE_ID_SIZE];
	int ret;

	if (!wake_scan_is_object(info))
		return WAKE_OK; /* only limits */
	if (!wake_scan_pick(info, names, WAKE_COUNT(names), views) ||
	    !read_usage(views[0], WAKE_TRANSCRIPT_SUM_MAX, &sum) ||
	    !read_usage(views[1], WAKE_TRANSCRIPT_TOKENS_MAX, &last))
		return WAKE_INVALID;
	if (codex->has_records || is_same(&sum, &codex->sum))
		return WAKE_OK;
	name_count(codex, &sum, &last, response);
	ret = add(codex, into, line, response, &last, err);
	codex->sum = sum; /* an opening that begins here begins before it */
	return ret;
}
