/* SPDX-License-Identifier: MIT */
/* Made-up lines of a rollout, and reading them into words. For one file a program. */
#ifndef WAKE_TEST_ROLLOUTS_H
#define WAKE_TEST_ROLLOUTS_H

#include "../base/scratch.h"
#include "agent/transcript.h"

#define LINE(second, type, payload)                                                                          \
	"{\"timestamp\":\"2026-01-01T00:00:" second ".000Z\",\"ordinal\":1,\"type\":\"" type                 \
	"\",\"payload\":{" payload "}}\n"
#define EVENT(second, type, members) LINE(second, "event_msg", "\"type\":\"" type "\"" members)
#define META(second, id, members)                                                                            \
	LINE(second, "session_meta",                                                                         \
	    "\"id\":\"" id                                                                                   \
	    "\",\"cwd\":\"/w\",\"cli_version\":\"0.163.0\",\"git\":{\"branch\":\"main\"}" members)
#define EXEC ",\"source\":\"exec\""
#define CLI ",\"source\":\"cli\""
#define CONTEXT(second, turn, model)                                                                         \
	LINE(second, "turn_context", "\"turn_id\":\"" turn "\",\"cwd\":\"/w\",\"model\":\"" model "\"")
#define STARTED(second, turn, trigger)                                                                       \
	EVENT(second, "task_started",                                                                        \
	    ",\"turn_id\":\"" turn "\",\"turn_attribution\":{\"turn_trigger\":\"" trigger "\"}")
#define COMPLETE(second, text) EVENT(second, "task_complete", ",\"last_agent_message\":\"" text "\"")
#define ABORTED(second, reason) EVENT(second, "turn_aborted", ",\"reason\":\"" reason "\"")
#define SAID(second, text) EVENT(second, "user_message", ",\"message\":\"" text "\"")
#define ITEM(second, id, text)                                                                               \
	EVENT(second, "item_completed",                                                                      \
	    ",\"item\":{\"type\":\"UserMessage\",\"id\":\"" id                                               \
	    "\",\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}")
#define USAGE(in, cached, written, out)                                                                      \
	"{\"input_tokens\":" in ",\"cached_input_tokens\":" cached ",\"cache_write_input_tokens\":" written  \
	",\"output_tokens\":" out ",\"reasoning_output_tokens\":1}"
#define RECORD(second, id, last, sum)                                                                        \
	LINE(second, "token_usage_record",                                                                   \
	    "\"response_id\":\"" id "\",\"turn_id\":\"t1\",\"usage\":" last ",\"thread_token_usage\":" sum)
#define COUNT(second, last, sum)                                                                             \
	EVENT(second, "token_count",                                                                         \
	    ",\"info\":{\"total_token_usage\":" sum ",\"last_token_usage\":" last "}")

static struct wake_error err;

/* What was read, in words. */
struct told {
	struct wake_str words;
	const char *elsewhere[4]; /* answers that another session has told of */
	char last[WAKE_ID_SIZE];  /* the last answer's id */
};

static inline int told_each(
    void *context, const struct wake_transcript_opening *opening, struct wake_error *ret_err)
{
	static const char *const states[] = { "nothing", "prompted", "working", "answered", "interrupted",
		"failed" };
	struct told *told = context;

	(void)ret_err;
	wake_str_appendf(&told->words, "%u %s%s turns:%d %s", opening->ordinal, states[opening->state],
	    opening->is_over ? " over" : "", (int)opening->turns, opening->model ? opening->model : "-");
	for (size_t i = 0; i < opening->answer_count; i++) {
		const struct wake_tokens *tokens = &opening->answers[i].tokens;

		wake_str_appendf(&told->words, " %d/%d/%d/%d", (int)tokens->input, (int)tokens->cache_read,
		    (int)tokens->cache_write_5m, (int)tokens->output);
		memcpy(told->last, opening->answers[i].response, WAKE_ID_SIZE);
	}
	if (opening->result)
		wake_str_appendf(&told->words, " '%s'", opening->result);
	if (opening->error)
		wake_str_appendf(&told->words, " !%s", opening->error);
	for (size_t i = 0; i < opening->said_count; i++)
		wake_str_appendf(&told->words, " %s:%s", opening->said[i].kind, opening->said[i].text);
	wake_str_append(&told->words, "\n");
	return WAKE_OK;
}

static inline int told_elsewhere(
    void *context, const char *response, bool *ret_is, struct wake_error *ret_err)
{
	const struct told *told = context;

	(void)ret_err;
	*ret_is = false;
	for (size_t i = 0; i < WAKE_COUNT(told->elsewhere); i++)
		*ret_is = *ret_is || (told->elsewhere[i] && strcmp(told->elsewhere[i], response) == 0);
	return WAKE_OK;
}

/* Reads a rollout's text. reading: what is left in it. owned: free(3). */
static inline char *read_text(
    void *const *state, const char *text, struct told *told, struct wake_transcript_reading *reading)
{
	wake_auto_free char *path = scratch_path(state, "rollout.jsonl");
	char *words = NULL;

	scratch_write(path, text);
	told->words = (struct wake_str)WAKE_STR(1024 * 1024);
	reading->path = path;
	reading->each = told_each;
	reading->is_elsewhere = told_elsewhere;
	reading->context = told;
	if (wake_transcript_codex_read(reading, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	assert_int_equal(wake_str_steal(&told->words, &words, &err), WAKE_OK);
	reading->path = NULL;
	return words;
}

/* The same however it is read: whole, and on from where its last opening begins. */
static inline void assert_reads(void *const *state, const char *text, const char *expected)
{
	struct wake_transcript_reading reading = { 0 };
	struct told told = { 0 };
	wake_auto_free char *words = read_text(state, text, &told, &reading), *again = NULL;
	const char *last = expected;

	assert_string_equal(words, expected);
	for (const char *at = expected; *at; at++) {
		if (*at == '\n' && at[1])
			last = at + 1;
	}
	reading = (struct wake_transcript_reading){ .from = reading.last };
	again = read_text(state, text, &told, &reading);
	assert_string_equal(again, last);
}

#endif
