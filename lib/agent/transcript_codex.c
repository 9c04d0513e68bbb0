/* SPDX-License-Identifier: MIT */
/* A rollout of Codex: its lines and its openings.
 *
 * An opening is a process as far as the file tells of one: `codex exec` works on one turn and ends with it,
 * so each of its turns is an opening, whose end is told. What the interactive client does is one opening, as
 * long as no exec comes between: nothing in the file tells when it was left, and when it was resumed. */
#include "agent/transcript_codex.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static void codex_release(struct wake_codex *codex)
{
	char *texts[] = { codex->thread, codex->root, codex->forked_from, codex->directory, codex->branch,
		codex->version, codex->source };

	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		free(texts[i]);
	wake_transcript_opening_release(&codex->opening);
	wake_transcript_opening_release(&codex->beside);
}

bool wake_codex_line_read(const struct wake_transcript_line *where, struct wake_codex_line *ret_line)
{
	static const char *const names[] = { "timestamp", "type", "payload" };
	struct wake_codex_line line = { .where = where };
	struct wake_scan whole, views[WAKE_COUNT(names)];
	struct wake_error ignored;
	char time[64];

	if (!wake_transcript_line_object(where, &whole) ||
	    !wake_scan_pick(whole, names, WAKE_COUNT(names), views) || !wake_scan_is_string(views[1]) ||
	    !wake_scan_is_object(views[2]))
		return false;
	(void)wake_scan_copy(views[0], time, sizeof(time));
	if (wake_time_parse(time, &line.at, &ignored) != WAKE_OK)
		return false;
	line.type = views[1];
	line.payload = views[2];
	line.kind = wake_scan_first(views[2], "type");
	*ret_line = line;
	return true;
}

/* ---- openings ---------------------------------------------------------------------------------- */

/* Hands the opening on, if there is one. until: when the next one begins. */
static int close_opening(struct wake_codex *codex, int64_t until, struct wake_error *err)
{
	struct wake_transcript_opening *opening = &codex->opening;
	int ret;

	if (!codex->is_open || codex->is_copying)
		return WAKE_OK;
	ret = wake_transcript_take_beside(opening, &codex->beside, &codex->beside_next, until, err);
	if (ret != WAKE_OK)
		return ret;
	codex->reading->openings++;
	codex->failed = codex->reading->each(codex->reading->context, opening, err);
	return codex->failed;
}

static int copy_if(const char *text, char **ret_text, struct wake_error *err)
{
	return text && !*ret_text ? wake_str_copy(text, ret_text, err) : WAKE_OK;
}

static int begin_opening(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	struct wake_transcript_opening *opening = &codex->opening;
	const struct wake_codex_usage *sum = &codex->sum;
	int ret = WAKE_OK;

	codex->is_open = true;
	codex->is_opening_of_exec = false;
	opening->ordinal++;
	opening->offset = codex->context_offset >= 0 ? codex->context_offset : line->where->offset;
	opening->first = opening->last = line->at;
	codex->context_offset = -1;
	codex->reading->last = (struct wake_transcript_place){ .offset = opening->offset,
		.ordinal = opening->ordinal - 1,
		.base = { .input = sum->input,
		    .output = sum->output,
		    .cache_read = sum->cache_read,
		    .cache_write = sum->cache_write } };
	/* Those of a process that was killed are no more of use. */
	ret = copy_if(codex->directory, &opening->directory, err);
	if (ret == WAKE_OK)
		ret = copy_if(codex->branch, &opening->branch, err);
	if (ret == WAKE_OK)
		ret = copy_if(codex->version, &opening->version, err);
	if (ret == WAKE_OK)
		ret = copy_if(codex->source, &opening->entrypoint, err);
	return ret == WAKE_OK ? copy_if(codex->forked_from, &opening->forked_from, err) : ret;
}

int wake_codex_enter(
    struct wake_codex *codex, const struct wake_codex_line *line, bool begins, struct wake_error *err)
{
	struct wake_transcript_opening *opening = &codex->opening;
	unsigned ordinal = codex->is_copying ? 0 : opening->ordinal;
	int ret = WAKE_OK;

	if (codex->is_open && begins) {
		ret = close_opening(codex, line->at, err);
		wake_transcript_opening_release(opening);
		opening->ordinal = ordinal;
		codex->is_open = false;
	}
	if (ret == WAKE_OK && !codex->is_open)
		ret = begin_opening(codex, line, err);
	codex->context_offset = -1;
	if (line->at > opening->last)
		opening->last = line->at;
	if (line->at < opening->first)
		opening->first = line->at;
	return ret;
}

/* ---- lines ------------------------------------------------------------------------------------- */

static int take_line(
    struct wake_codex *codex, const struct wake_transcript_line *where, struct wake_error *err)
{
	struct wake_codex_line line;
	struct wake_scan whole, type;

	if (!wake_transcript_line_object(where, &whole))
		return WAKE_INVALID;
	type = wake_scan_first(whole, "type");
	/* Most of a file: what went to the model and came from it, as the model has it. */
	if (wake_scan_equals(type, "response_item") || wake_scan_equals(type, "compacted") ||
	    wake_scan_equals(type, "world_state"))
		return WAKE_OK;
	if (!wake_codex_line_read(where, &line))
		return type.at || wake_scan_first(whole, "id").at ? WAKE_OK : WAKE_INVALID;
	if (wake_scan_equals(line.type, "event_msg"))
		return wake_codex_take_event(codex, &line, err);
	if (wake_scan_equals(line.type, "token_usage_record"))
		return wake_codex_take_record(codex, &codex->opening, &line, err);
	return wake_scan_equals(line.type, "turn_context") ? wake_codex_take_context(codex, &line, err)
	                                                   : WAKE_OK;
}

/* Of a thread that the agent started only what it took counts. */
static int take_beside_line(
    struct wake_codex *codex, const struct wake_transcript_line *where, struct wake_error *err)
{
	struct wake_codex_line line;
	struct wake_scan whole, type;

	if (!wake_transcript_line_object(where, &whole))
		return WAKE_INVALID;
	type = wake_scan_first(whole, "type");
	if (!wake_scan_equals(type, "token_usage_record") && !wake_scan_equals(type, "event_msg") &&
	    !wake_scan_equals(type, "turn_context") && !wake_scan_equals(type, "session_meta"))
		return WAKE_OK;
	if (!wake_codex_line_read(where, &line))
		return WAKE_INVALID;
	if (wake_scan_equals(line.type, "session_meta"))
		return wake_codex_take_meta(codex, line.payload, err);
	if (wake_scan_equals(line.type, "turn_context"))
		return wake_codex_take_context(codex, &line, err);
	if (wake_scan_equals(line.type, "token_usage_record"))
		return wake_codex_take_record(codex, &codex->beside, &line, err);
	return wake_scan_equals(line.kind, "token_count")
	           ? wake_codex_take_count(codex, &codex->beside, &line, err)
	           : WAKE_OK;
}

static int read_lines(struct wake_codex *codex, const char *path, int64_t offset,
    int (*take)(struct wake_codex *, const struct wake_transcript_line *, struct wake_error *), int64_t *end,
    struct wake_error *err)
{
	struct wake_transcript_reading *reading = codex->reading;
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line line;
	int ret = wake_transcript_lines_open(path, offset, &lines, err);

	while (ret == WAKE_OK && (ret = wake_transcript_lines_next(lines, &line, err)) == 1) {
		reading->lines++;
		*end = line.end;
		ret = !wake_transcript_line_is_blank(&line) ? take(codex, &line, err) : WAKE_OK;
		/* A line may be no line of ours; what a callback says is no word on lines. */
		if (ret == WAKE_INVALID && codex->failed == 0) {
			reading->unreadable++;
			ret = WAKE_OK;
		}
	}
	if (lines)
		reading->too_long += wake_transcript_lines_skipped(lines);
	return ret;
}

/* The answers of the threads beside, which are sessions of their own to be read. */
static int read_beside(struct wake_codex *codex, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < codex->reading->beside_count; i++) {
		WAKE_CLEANUP(codex_release)
		struct wake_codex other = { .reading = codex->reading,
			.context_offset = -1,
			.told = codex->reading->beside_told ? codex->reading->beside_told[i] : 0 };
		int64_t end = 0;

		other.beside = codex->beside;
		codex->beside = (struct wake_transcript_opening){ 0 };
		ret = read_lines(&other, codex->reading->beside[i], 0, take_beside_line, &end, err);
		codex->beside = other.beside;
		other.beside = (struct wake_transcript_opening){ 0 };
		ret = ret == WAKE_NOTFOUND ? WAKE_OK : ret; /* it went meanwhile */
		if (codex->reading->beside_end)
			codex->reading->beside_end[i] = end;
	}
	wake_transcript_sort_answers(&codex->beside);
	return ret;
}

int wake_transcript_codex_read(struct wake_transcript_reading *reading, struct wake_error *err)
{
	const struct wake_transcript_totals *base = &reading->from.base;
	WAKE_CLEANUP(codex_release)
	struct wake_codex codex = { .reading = reading,
		.context_offset = -1,
		.told = reading->told,
		.is_asked = reading->from.ordinal > 0,
		.sum = { base->input, base->output, base->cache_read, base->cache_write } };
	int ret;

	codex.opening.ordinal = reading->from.ordinal;
	reading->last = reading->from;
	reading->end = reading->from.offset;
	ret = wake_codex_read_head(&codex, err);
	if (ret == WAKE_OK)
		ret = read_beside(&codex, err);
	if (ret == WAKE_OK)
		ret = read_lines(&codex, reading->path, reading->from.offset, take_line, &reading->end, err);
	return ret == WAKE_OK ? close_opening(&codex, INT64_MAX, err) : ret;
}
