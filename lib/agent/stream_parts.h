/* SPDX-License-Identifier: MIT */
/* What the sources of stream.h share. */
#ifndef WAKE_STREAM_PARTS_H
#define WAKE_STREAM_PARTS_H

#include "agent/scan.h"
#include "agent/stream.h"

/* The largest numbers that a run-reported event takes (event/event_types.c). */
#define WAKE_STREAM_TOKENS_MAX INT64_C(1000000000000)
#define WAKE_STREAM_TURNS_MAX INT64_C(1000000000)
#define WAKE_STREAM_COST_MAX INT64_C(999999999999)

struct wake_stream {
	enum wake_stream_source source;
	struct wake_stream_facts facts;
	struct wake_str line;	/* the beginning of a line whose end has not come yet */
	bool is_skipping;	/* within a line that is too long */
	bool has_turned;
	struct wake_str answer;	/* codex, gemini: what the agent said last */
	bool is_answering;	/* gemini: the next piece goes on with it */
};

/* One line, a whole object. False: it is none of this source's. */
bool wake_stream_claude(struct wake_stream *stream, struct wake_scan line) WAKE_MUST_CHECK;
bool wake_stream_codex(struct wake_stream *stream, struct wake_scan line) WAKE_MUST_CHECK;
bool wake_stream_gemini(struct wake_stream *stream, struct wake_scan line) WAKE_MUST_CHECK;

/* Does the line's type stand in words, a list that ends with NULL? False also where it has none: then *ret_has_type is
 * false. */
bool wake_stream_matters(struct wake_scan line, const char *const *words, bool *ret_has_type) WAKE_MUST_CHECK;

/* Replaces *text by what a string says, as far as an event takes it; another value, or no memory, leaves it. */
void wake_stream_set(char **text, struct wake_scan view);
void wake_stream_copy(char **text, const struct wake_str *from);
void wake_stream_forget(char **text);
/* A word of the agent's; what does not fit is no word that we know, and left out. */
void wake_stream_word(char word[WAKE_STREAM_WORD_SIZE], struct wake_scan view);

/* A whole number from 0 to max; false: another value. */
bool wake_stream_count(struct wake_scan view, int64_t max, int64_t *ret_count) WAKE_MUST_CHECK;

/* A turn has ended: forgets what the last one's end told. */
void wake_stream_turn(struct wake_stream *stream, bool is_error);

#endif
