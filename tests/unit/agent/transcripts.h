/* SPDX-License-Identifier: MIT */
/* Made-up lines of a transcript, and reading them into words. For one file a program. */
#ifndef WAKE_TEST_TRANSCRIPTS_H
#define WAKE_TEST_TRANSCRIPTS_H

#include "../base/scratch.h"
#include "agent/transcript.h"

#define AT(minute) "\"timestamp\":\"2026-01-01T00:" minute ":00.000Z\""
#define PROMPT(minute, id, text)                                                                             \
	"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"" text "\"},\"promptId\":\"" id     \
	"\",\"uuid\":\"u" id "\"," AT(minute) "}\n"
#define USER(minute, members) "{\"type\":\"user\"," members ",\"uuid\":\"u" minute "\"," AT(minute) "}\n"
#define ANSWER(minute, id, text, in, out)                                                                    \
	"{\"type\":\"assistant\",\"message\":{\"id\":\"" id                                                  \
	"\",\"model\":\"claude-opus-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"" text                  \
	"\"}],\"usage\":{\"input_tokens\":" in ",\"output_tokens\":" out "}},\"requestId\":\"r" id           \
	"\"," AT(minute) "}\n"
#define ASSISTANT(minute, message, members)                                                                  \
	"{\"type\":\"assistant\",\"message\":{" message "}" members "," AT(minute) "}\n"
#define COST(dollars, in, out)                                                                               \
	"{\"type\":\"cost-state\",\"totalCostUSD\":" dollars ",\"modelUsage\":{\"m\":{\"inputTokens\":" in   \
	",\"outputTokens\":" out "}}}\n"

static struct wake_error err;

/* What was read, in words: "1 ANSWERED over …\n". */
struct told {
	struct wake_str words;
	const char *elsewhere; /* an answer's message id that another session has told of */
	const char *elsewhere_too;
	int fail; /* what each comes back with; 0: goes on */
};

static inline int told_each(
    void *context, const struct wake_transcript_opening *opening, struct wake_error *ret_err)
{
	static const char *const states[] = { "nothing", "prompted", "working", "answered", "interrupted",
		"failed" };
	struct told *told = context;
	int64_t in = 0, out = 0;

	for (size_t i = 0; i < opening->answer_count; i++) {
		in += opening->answers[i].tokens.input;
		out += opening->answers[i].tokens.output;
	}
	wake_str_appendf(&told->words, "%u %s%s %zu:%d/%d", opening->ordinal, states[opening->state],
	    opening->is_over ? " over" : "", opening->answer_count, (int)in, (int)out);
	if (opening->has_totals)
		wake_str_appendf(&told->words, " total %d/%d %d", (int)opening->totals.input,
		    (int)opening->totals.output, (int)opening->totals.cost);
	if (opening->result)
		wake_str_appendf(&told->words, " '%s'", opening->result);
	if (opening->error)
		wake_str_appendf(&told->words, " !%s", opening->error);
	for (size_t i = 0; i < opening->said_count; i++)
		wake_str_appendf(&told->words, " %s:%s", opening->said[i].kind, opening->said[i].text);
	wake_str_append(&told->words, "\n");
	return told->fail ? wake_fail(ret_err, told->fail, "told to fail") : WAKE_OK;
}

static inline int told_elsewhere(
    void *context, const char *response, bool *ret_is, struct wake_error *ret_err)
{
	const struct told *told = context;
	const char *ids[] = { told->elsewhere, told->elsewhere_too };

	(void)ret_err;
	*ret_is = false;
	for (size_t i = 0; i < 2; i++) {
		char id[WAKE_ID_SIZE], request[64];

		if (!ids[i])
			continue;
		(void)snprintf(request, sizeof(request), "r%s", ids[i]);
		wake_agent_response_id(ids[i], request, id);
		*ret_is = *ret_is || strcmp(id, response) == 0;
	}
	return WAKE_OK;
}

/* Reads a session's text. reading: what is left in it. owned: free(3). */
static inline char *read_text(
    void *const *state, const char *text, struct told *told, struct wake_transcript_reading *reading)
{
	wake_auto_free char *path = scratch_path(state, "session.jsonl");
	char *words = NULL;

	scratch_write(path, text);
	told->words = (struct wake_str)WAKE_STR(1024 * 1024);
	reading->path = path;
	reading->each = told_each;
	reading->is_elsewhere = told_elsewhere;
	reading->context = told;
	if (wake_transcript_claude_read(reading, &err) != (told->fail ? told->fail : WAKE_OK))
		fail_msg("%s", err.text);
	assert_int_equal(wake_str_steal(&told->words, &words, &err), WAKE_OK);
	reading->path = NULL;
	return words;
}

static inline void assert_reads(void *const *state, const char *text, const char *expected)
{
	struct wake_transcript_reading reading = { 0 };
	struct told told = { 0 };
	wake_auto_free char *words = read_text(state, text, &told, &reading);

	assert_string_equal(words, expected);
}

#endif
