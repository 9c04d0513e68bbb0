/* SPDX-License-Identifier: MIT */
/* What an agent prints while it works, one JSON object a line, read as it passes.
 *
 *   claude   `claude -p --output-format stream-json` (and the one object of `json`): the SDK's SDKMessage union
 *   codex    `codex exec --json`: ThreadEvent of @openai/codex-sdk
 *   gemini   `gemini --output-format stream-json`: JsonStreamEvent of @google/gemini-cli-core
 *
 * Nothing that comes in can make it fail: a line that is longer than WAKE_STREAM_LINE_MAX, is no JSON object, or finds
 * no memory is counted and left out, types and members that are not known are passed over. Of most lines nothing
 * matters but their type: what follows it is not looked at. */
#ifndef WAKE_STREAM_H
#define WAKE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

#define WAKE_STREAM_LINE_MAX ((size_t)8 * 1024 * 1024) /* bytes of a line that is read; others only pass */
#define WAKE_STREAM_WORD_SIZE 64		       /* of a fixed word of the agent's, with its NUL */

enum wake_stream_source { WAKE_STREAM_CLAUDE, WAKE_STREAM_CODEX, WAKE_STREAM_GEMINI };

struct wake_stream_facts {
	char *model, *session;	/* owned, as all texts here; NULL: not told */
	char *result;		/* the last turn's answer; NULL: none */
	char *error;		/* what went wrong in the last turn; NULL: nothing */
	bool has_turns, has_tokens, has_cost;
	int64_t turns;
	/* Of all that the stream tells of, each kind apart: input without what a cache gave or took. */
	int64_t input, output, cache_read, cache_write;
	int64_t cost;		/* micro-dollars */
	int64_t denials;	/* tool calls that were not permitted */
	/* A turn has ended, and the stream has told how; the rest is of the last one. */
	bool has_result;
	bool is_in_turn;	/* another turn has begun since */
	bool is_error;
	bool is_blocked;	/* a hook kept the prompt from the model: nothing was done */
	char subtype[WAKE_STREAM_WORD_SIZE], terminal_reason[WAKE_STREAM_WORD_SIZE]; /* claude's; "": none */
	uint64_t lines;		/* that were read and were of this source */
	uint64_t unread;	/* that were too long, no object, or found no memory */
};

struct wake_stream; /* opaque */

/* owned: wake_stream_free. */
int wake_stream_new(enum wake_stream_source source, struct wake_stream **ret_stream, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_stream_free(struct wake_stream *stream);

/* The next bytes, cut anywhere. */
void wake_stream_feed(struct wake_stream *stream, const void *bytes, size_t len);
/* The agent prints no more: a last line may lack its newline. */
void wake_stream_end(struct wake_stream *stream);

/* Has a turn ended since this was last asked? */
bool wake_stream_has_turned(struct wake_stream *stream);

/* borrowed: until the stream is fed again. */
const struct wake_stream_facts *wake_stream_facts(const struct wake_stream *stream);

static inline void wake_scope_stream(struct wake_stream **stream)
{
	wake_stream_free(*stream);
}
#define wake_auto_stream WAKE_CLEANUP(wake_scope_stream)

#endif
