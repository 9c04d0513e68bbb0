/* SPDX-License-Identifier: MIT */
/* Between the files that read Codex's rollouts. Inner to the module.
 *
 * Went by what codex 0.163.0 (npm @openai/codex) writes for `exec`, `exec resume`, `exec fork`, a refused
 * request, SIGINT, SIGTERM and a compaction, run against a server of our own, and for older versions by the
 * public sources of openai/codex (codex-rs: protocol/src/protocol.rs, rollout/src/policy.rs, at several
 * commits of 2025 and 2026):
 *
 * - A line is {timestamp, ordinal?, type, payload}. A session's file begins with its session_meta; a resumed
 *   session is written on to in the same file, and nothing marks where.
 * - A turn: event_msg task_started … task_complete or turn_aborted; older versions keep neither of the first
 * two. A turn_context names the model, once a turn and once more after a compaction.
 * - What a person says: event_msg user_message, or (history_mode "paginated") item_completed with a
 * UserMessage.
 * - Usage: token_usage_record, one for each response, with its id. Before there were such: event_msg
 * token_count, with the thread's sum and the last response's part; it is written again where nothing was
 * added (rate limits, a compaction), which is seen by the sum.
 * - input_tokens counts what the cache gave and took; output_tokens counts the reasoning (total = input +
 * output).
 * - A fork has the other's id in its session_meta. With history_base it copies nothing; older ones copy every
 * line behind their own session_meta, the others' session_meta lines too: the last of these names the thread
 * that all are copies of. Copied lines get new times, so answers are known by that thread, the turn and the
 * sums. */
#ifndef WAKE_TRANSCRIPT_CODEX_H
#define WAKE_TRANSCRIPT_CODEX_H

#include "agent/transcript.h"
#include "agent/transcript_lines.h"

#define WAKE_CODEX_ID_MAX 128 /* bytes of an id of theirs */

/* input without what a cache gave or took. */
struct wake_codex_usage {
	int64_t input, output, cache_read, cache_write;
};

/* A rollout being read. */
struct wake_codex {
	struct wake_transcript_reading *reading; /* borrowed */
	struct wake_transcript_opening opening;  /* the one that goes on */
	bool is_open;                            /* it has begun */
	struct wake_transcript_opening beside;   /* answers of threads that the agent started, by time */
	size_t beside_next;
	int64_t told; /* up to here a reading before this one has told the file */
	int failed;   /* what a callback came back with; 0: nothing has */

	/* Of the session_meta lines. All texts owned. */
	char *thread, *root; /* root: the thread that a copying fork's lines are of */
	char *forked_from, *directory, *branch, *version, *source;
	bool is_exec;     /* `codex exec` began the session: a process a turn */
	bool copies;      /* it is a fork that begins with copies */
	bool has_records; /* only token_usage_record counts: a token_count may tell what the other took */

	bool is_asked, is_copying;     /* as of a fork of Claude Code's */
	bool is_turn, is_turn_of_exec; /* a turn was told to have begun, and not yet to have ended */
	bool is_opening_of_exec;
	int64_t context_offset;      /* of a turn_context that came before its turn's first word; -1: none */
	struct wake_codex_usage sum; /* the thread's, as last told */
	char model[WAKE_TRANSCRIPT_MODEL_MAX + 1], turn[WAKE_CODEX_ID_MAX + 1];
};

/* A line of a rollout. */
struct wake_codex_line {
	const struct wake_transcript_line *where;
	int64_t at;
	struct wake_scan type, payload, kind; /* kind: the payload's own type */
};

/* false: no line that we know. */
bool wake_codex_line_read(const struct wake_transcript_line *where, struct wake_codex_line *ret_line);

/* WAKE_INVALID in all that follow: not as we know such lines. */

/* Whatever of the current opening the line belongs to. begins: it begins another, if one is there. */
int wake_codex_enter(struct wake_codex *codex, const struct wake_codex_line *line, bool begins,
    struct wake_error *err) WAKE_MUST_CHECK;

/* ---- transcript_codex_meta.c: what stands above the lines */

int wake_codex_take_meta(
    struct wake_codex *codex, struct wake_scan payload, struct wake_error *err) WAKE_MUST_CHECK;
/* Of the file's first lines, wherever it is read from. */
int wake_codex_read_head(struct wake_codex *codex, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- transcript_codex_usage.c */

int wake_codex_take_record(struct wake_codex *codex, struct wake_transcript_opening *into,
    const struct wake_codex_line *line, struct wake_error *err) WAKE_MUST_CHECK;
int wake_codex_take_count(struct wake_codex *codex, struct wake_transcript_opening *into,
    const struct wake_codex_line *line, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- transcript_codex_turn.c: event_msg lines and turn_context */

int wake_codex_take_context(
    struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err) WAKE_MUST_CHECK;
int wake_codex_take_event(
    struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err) WAKE_MUST_CHECK;

#endif
