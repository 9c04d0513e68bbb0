/* SPDX-License-Identifier: MIT */
/* A session of Claude Code: its lines, its subagents' answers, its openings. */
#include "agent/transcript_claude.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define COST_STATE "cost-state" /* the type of the line that tells what a session had cost */
#define LIMIT_MAX ((size_t)4096) /* bytes of a line that tells of a limit */

static void claude_release(struct wake_claude *claude)
{
	wake_transcript_opening_release(&claude->opening);
	wake_transcript_opening_release(&claude->beside);
	free(claude->title);
	free(claude->name);
}

/* ---- openings --------------------------------------------------------------------------------- */

/* What the agent counted since its last count, if that is all of it: one that was killed and opened again
 * went on from the count before, and what it had taken until then is in no count. */
static void take_totals(struct wake_claude *claude)
{
	struct wake_transcript_opening *opening = &claude->opening;
	const struct wake_transcript_totals *base = &claude->base, *latest = &claude->latest;
	struct wake_transcript_totals own = { latest->input - base->input, latest->output - base->output,
		latest->cache_read - base->cache_read, latest->cache_write - base->cache_write,
		latest->cost - base->cost, base->is_guessed || latest->is_guessed };

	for (size_t i = 0; i < opening->answer_count; i++) {
		const struct wake_tokens *tokens = &opening->answers[i].tokens;

		own.input -= tokens->input;
		own.output -= tokens->output;
		own.cache_read -= tokens->cache_read;
		own.cache_write -= tokens->cache_write_5m + tokens->cache_write_1h;
	}
	opening->has_totals = opening->is_over && !claude->base_unknown && own.cost >= 0 && own.input >= 0 &&
	                      own.output >= 0 && own.cache_read >= 0 && own.cache_write >= 0;
	opening->totals = (struct wake_transcript_totals){ latest->input - base->input,
		latest->output - base->output, latest->cache_read - base->cache_read,
		latest->cache_write - base->cache_write, own.cost, own.is_guessed };
}

/* Hands the opening on, if there is one. until: when the next one begins. */
static int close_opening(struct wake_claude *claude, int64_t until, struct wake_error *err)
{
	struct wake_transcript_opening *opening = &claude->opening;
	const char *title = claude->title ? claude->title : claude->name;
	int ret;

	if (!claude->is_open || claude->is_copying)
		return WAKE_OK;
	ret = wake_transcript_take_beside(opening, &claude->beside, &claude->beside_next, until, err);
	if (ret == WAKE_OK && title)
		ret = wake_str_copy(title, &opening->title, err);
	if (ret != WAKE_OK)
		return ret;
	take_totals(claude);
	claude->reading->openings++;
	claude->failed = claude->reading->each(claude->reading->context, opening, err);
	return claude->failed;
}

/* What goes on is the one after the first so many. */
static void forget_opening(struct wake_claude *claude, unsigned ordinal)
{
	wake_transcript_opening_release(&claude->opening);
	claude->opening.ordinal = ordinal;
	claude->is_open = false;
	claude->is_refusal_bare = false;
}

static void begin_opening(struct wake_claude *claude, const struct wake_claude_line *line)
{
	struct wake_transcript_reading *reading = claude->reading;

	if (claude->has_latest) {
		claude->base = claude->latest;
		claude->base_unknown = false;
		claude->has_latest = false;
	}
	claude->is_open = true;
	claude->opening.ordinal++;
	claude->opening.offset = line->where->offset;
	claude->opening.first = claude->opening.last = line->at;
	reading->last = (struct wake_transcript_place){ .offset = line->where->offset,
		.ordinal = claude->opening.ordinal - 1,
		.base_unknown = claude->base_unknown,
		.base = claude->base };
}

/* Where an opening worked, by its first line that says so. */
static int read_surroundings(
    struct wake_transcript_opening *opening, const struct wake_claude_line *line, struct wake_error *err)
{
	static const char *const names[] = { "cwd", "gitBranch", "version", "entrypoint" };
	char **texts[] = { &opening->directory, &opening->branch, &opening->version, &opening->entrypoint };
	struct wake_scan values[WAKE_COUNT(names)];
	int ret = WAKE_OK;

	if (opening->directory || !wake_scan_pick(line->line, names, WAKE_COUNT(names), values))
		return WAKE_OK;
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(names); i++)
		ret = wake_transcript_set(
		    texts[i], values[i], i == 0 ? (size_t)4096 : WAKE_TRANSCRIPT_NAME_MAX, err);
	return ret;
}

int wake_claude_enter(
    struct wake_claude *claude, const struct wake_claude_line *line, bool opens, struct wake_error *err)
{
	bool is_over = claude->is_open && claude->opening.is_over;
	int ret = WAKE_OK;

	if (opens && is_over) {
		ret = close_opening(claude, line->at, err);
		forget_opening(claude, claude->opening.ordinal);
	}
	if (ret != WAKE_OK || (!opens && (is_over || !claude->is_open)))
		return ret;
	if (!claude->is_open)
		begin_opening(claude, line);
	if (line->at > claude->opening.last)
		claude->opening.last = line->at;
	if (line->at < claude->opening.first)
		claude->opening.first = line->at;
	return read_surroundings(&claude->opening, line, err);
}

/* ---- lines ------------------------------------------------------------------------------------ */

static int read_cost_state(struct wake_claude *claude, struct wake_scan line)
{
	static const char *const names[] = { "totalCostUSD", "modelUsage", "hasUnknownModelCost" };
	static const char *const counts[] = { "inputTokens", "outputTokens", "cacheReadInputTokens",
		"cacheCreationInputTokens" };
	struct wake_transcript_totals totals = { 0 };
	int64_t *const sums[] = { &totals.input, &totals.output, &totals.cache_read, &totals.cache_write };
	struct wake_scan values[WAKE_COUNT(names)], numbers[WAKE_COUNT(counts)], key, usage;
	struct wake_scan_walk walk;

	if (!wake_scan_pick(line, names, WAKE_COUNT(names), values) || !wake_scan_is_object(values[1]) ||
	    !wake_scan_millionths(values[0], &totals.cost) || totals.cost >= WAKE_TRANSCRIPT_SUM_MAX ||
	    !wake_scan_open(values[1], &walk))
		return WAKE_INVALID;
	totals.is_guessed = wake_scan_is_true(values[2]);
	while (wake_scan_next(&walk, &key, &usage)) {
		if (!wake_scan_pick(usage, counts, WAKE_COUNT(counts), numbers))
			return WAKE_INVALID;
		for (size_t i = 0; i < WAKE_COUNT(counts); i++) {
			int64_t count = 0;

			if (numbers[i].at &&
			    (!wake_scan_count(numbers[i], &count) || count > WAKE_TRANSCRIPT_SUM_MAX))
				return WAKE_INVALID;
			*sums[i] += count;
			if (*sums[i] > WAKE_TRANSCRIPT_SUM_MAX)
				return WAKE_INVALID;
		}
	}
	if (walk.is_broken)
		return WAKE_INVALID;
	claude->latest = totals;
	claude->has_latest = true;
	claude->opening.is_over = claude->is_open;
	if (claude->is_copying)
		forget_opening(claude, 0);
	return WAKE_OK;
}

/* Limits that the one who started the agent had set. These are told in short lines; what is long is a prompt.
 */
static int read_attachment(struct wake_claude *claude, struct wake_scan line, struct wake_error *err)
{
	struct wake_scan attachment = wake_scan_member(line, "attachment");
	struct wake_scan type = wake_scan_first(attachment, "type");
	int64_t used = 0, most = 0;
	const char *error = NULL;

	if (wake_scan_equals(type, "max_turns_reached"))
		error = "the agent reached its maximum number of turns";
	else if (wake_scan_equals(type, "budget_usd") &&
	         wake_scan_millionths(wake_scan_member(attachment, "used"), &used) &&
	         wake_scan_millionths(wake_scan_member(attachment, "total"), &most) && most <= used)
		error = "the agent reached its budget";
	if (!error || !claude->is_open || claude->opening.is_over)
		return WAKE_OK;
	claude->opening.state = WAKE_TRANSCRIPT_FAILED;
	free(claude->opening.error);
	claude->opening.error = NULL;
	return wake_str_copy(error, &claude->opening.error, err);
}

/* A prompt that a hook kept from the agent: nothing was done, and this line is all that there is of it. */
static int read_system(struct wake_claude *claude, struct wake_scan whole,
    const struct wake_transcript_line *where, struct wake_error *err)
{
	static const char *const names[] = { "timestamp", "content", "promptSubmitEnding" };
	struct wake_claude_line line = { .where = where, .line = whole };
	struct wake_scan values[WAKE_COUNT(names)];
	struct wake_error ignored;
	char time[64];
	int ret;

	if (!wake_scan_pick(whole, names, WAKE_COUNT(names), values))
		return WAKE_INVALID;
	if (!wake_scan_equals(
	        wake_scan_member(wake_scan_member(values[2], "ending"), "kind"), "blocked_by_hook"))
		return WAKE_OK;
	if (wake_time_parse(wake_scan_copy(values[0], time, sizeof(time)), &line.at, &ignored) != WAKE_OK)
		return WAKE_INVALID;
	ret = wake_claude_enter(claude, &line, true, err);
	if (ret != WAKE_OK)
		return ret;
	claude->opening.state = WAKE_TRANSCRIPT_FAILED;
	return wake_transcript_set(&claude->opening.error, values[1], WAKE_TRANSCRIPT_TEXT_MAX, err);
}

/* An assistant or a user line. false: it is none that we know. */
static bool read_line(
    struct wake_scan text, const struct wake_transcript_line *where, struct wake_claude_line *ret_line)
{
	static const char *const names[WAKE_CLAUDE_MEMBERS] = {
		[WAKE_CLAUDE_TIMESTAMP] = "timestamp",
		[WAKE_CLAUDE_MESSAGE] = "message",
		[WAKE_CLAUDE_SIDECHAIN] = "isSidechain",
		[WAKE_CLAUDE_UUID] = "uuid",
		[WAKE_CLAUDE_REQUEST] = "requestId",
		[WAKE_CLAUDE_COST] = "costUSD",
		[WAKE_CLAUDE_API_ERROR] = "isApiErrorMessage",
		[WAKE_CLAUDE_META] = "isMeta",
		[WAKE_CLAUDE_COMPACT_SUMMARY] = "isCompactSummary",
		[WAKE_CLAUDE_TRANSCRIPT_ONLY] = "isVisibleInTranscriptOnly",
		[WAKE_CLAUDE_TOOL_RESULT] = "toolUseResult",
		[WAKE_CLAUDE_DECISION] = "permissionDecision",
		[WAKE_CLAUDE_DENIAL] = "toolDenialKind",
		[WAKE_CLAUDE_PROMPT_SOURCE] = "promptSource",
		[WAKE_CLAUDE_TURN_ORIGIN] = "turnOrigin",
		[WAKE_CLAUDE_ORIGIN] = "origin",
		[WAKE_CLAUDE_PROMPT] = "promptId",
	};
	struct wake_claude_line line = { .where = where, .line = text };
	struct wake_error ignored;
	char time[64];

	if (!wake_scan_pick(text, names, WAKE_CLAUDE_MEMBERS, line.members) ||
	    !wake_scan_is_object(line.members[WAKE_CLAUDE_MESSAGE]))
		return false;
	line.message = line.members[WAKE_CLAUDE_MESSAGE];
	line.is_sidechain = wake_scan_is_true(line.members[WAKE_CLAUDE_SIDECHAIN]);
	(void)wake_scan_copy(line.members[WAKE_CLAUDE_TIMESTAMP], time, sizeof(time));
	if (wake_time_parse(time, &line.at, &ignored) != WAKE_OK)
		return false;
	*ret_line = line;
	return true;
}

/* WAKE_INVALID: not as we know such lines. */
static int take_line(
    struct wake_claude *claude, const struct wake_transcript_line *where, struct wake_error *err)
{
	struct wake_claude_line line;
	struct wake_scan whole, type;

	if (!wake_transcript_line_object(where, &whole))
		return WAKE_INVALID;
	type = wake_scan_first(whole, "type");
	if (wake_scan_equals(type, "assistant"))
		return read_line(whole, where, &line) ? wake_claude_assistant(claude, &line, err)
		                                      : WAKE_INVALID;
	if (wake_scan_equals(type, "user"))
		return read_line(whole, where, &line) ? wake_claude_user(claude, &line, err) : WAKE_INVALID;
	if (wake_scan_equals(type, COST_STATE))
		return read_cost_state(claude, whole);
	if (wake_scan_equals(type, "system"))
		return read_system(claude, whole, where, err);
	if (wake_scan_equals(type, "attachment"))
		return whole.len <= LIMIT_MAX ? read_attachment(claude, whole, err) : WAKE_OK;
	if (wake_scan_equals(type, "custom-title"))
		return wake_transcript_set(
		    &claude->title, wake_scan_member(whole, "customTitle"), WAKE_TRANSCRIPT_NAME_MAX, err);
	if (wake_scan_equals(type, "agent-name"))
		return wake_transcript_set(
		    &claude->name, wake_scan_member(whole, "agentName"), WAKE_TRANSCRIPT_NAME_MAX, err);
	return type.at ? WAKE_OK : WAKE_INVALID;
}

/* Within an opening that goes on only the agent's count can make another one of what follows: the rest of the
 * lines need not be looked at to count openings. */
static bool counts(const struct wake_claude *claude, const struct wake_transcript_line *line)
{
	return !claude->reading->counts_only || !claude->is_open || claude->opening.is_over ||
	       memmem(line->text, line->len, COST_STATE, strlen(COST_STATE));
}

static int read_lines(struct wake_claude *claude, struct wake_error *err)
{
	struct wake_transcript_reading *reading = claude->reading;
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line line;
	int ret = wake_transcript_lines_open(reading->path, reading->from.offset, &lines, err);

	while (ret == WAKE_OK && (ret = wake_transcript_lines_next(lines, &line, err)) == 1) {
		reading->lines++;
		reading->end = line.end;
		ret = counts(claude, &line) && !wake_transcript_line_is_blank(&line)
		          ? take_line(claude, &line, err)
		          : WAKE_OK;
		/* A line may be no line of ours; what a callback says is no word on lines. */
		if (ret == WAKE_INVALID && claude->failed == 0) {
			reading->unreadable++;
			ret = WAKE_OK;
		}
	}
	if (lines)
		reading->too_long += wake_transcript_lines_skipped(lines);
	return ret;
}

/* ---- subagents -------------------------------------------------------------------------------- */

static int take_beside_line(struct wake_claude *claude, const struct wake_transcript_line *where, int64_t told,
    struct wake_error *err)
{
	struct wake_transcript_answer answer;
	char model[WAKE_TRANSCRIPT_MODEL_MAX + 1];
	struct wake_claude_line line;
	struct wake_scan whole;
	bool has = false;
	int ret;

	if (!wake_transcript_line_object(where, &whole))
		return WAKE_INVALID;
	if (!wake_scan_equals(wake_scan_first(whole, "type"), "assistant"))
		return WAKE_OK;
	if (!read_line(whole, where, &line))
		return WAKE_INVALID;
	ret = wake_claude_read_answer(&line, &answer, model, &has, err);
	answer.is_told = where->offset < told;
	return ret == WAKE_OK && has ? wake_transcript_add_answer(&claude->beside, &answer, model, NULL, err)
	                             : ret;
}

static int read_beside(struct wake_claude *claude, size_t at, struct wake_error *err)
{
	struct wake_transcript_reading *reading = claude->reading;
	wake_auto_transcript_lines struct wake_transcript_lines *lines = NULL;
	struct wake_transcript_line line;
	int64_t told = reading->beside_told ? reading->beside_told[at] : 0, end = 0;
	int ret = wake_transcript_lines_open(reading->beside[at], 0, &lines, err);

	while (ret == WAKE_OK && (ret = wake_transcript_lines_next(lines, &line, err)) == 1) {
		reading->lines++;
		end = line.end;
		ret = !wake_transcript_line_is_blank(&line) ? take_beside_line(claude, &line, told, err) : WAKE_OK;
		if (ret == WAKE_INVALID) {
			reading->unreadable++;
			ret = WAKE_OK;
		}
	}
	if (lines)
		reading->too_long += wake_transcript_lines_skipped(lines);
	if (reading->beside_end)
		reading->beside_end[at] = end;
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret; /* it went meanwhile */
}

static int read_all_beside(struct wake_claude *claude, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < claude->reading->beside_count; i++)
		ret = read_beside(claude, i, err);
	if (ret == WAKE_OK)
		wake_transcript_sort_answers(&claude->beside);
	return ret;
}

/* A refusal that an interrupt may still follow, which would take it back: it counts as not read yet. */
static void hold_back(struct wake_claude *claude)
{
	struct wake_transcript_opening *opening = &claude->opening;

	if (!claude->reading->may_go_on || !claude->is_refusal_bare || opening->said_count == 0)
		return;
	free(opening->said[--opening->said_count].text);
	if (claude->reading->end > claude->refusal_at)
		claude->reading->end = claude->refusal_at;
}

int wake_transcript_claude_read(struct wake_transcript_reading *reading, struct wake_error *err)
{
	WAKE_CLEANUP(claude_release)
	struct wake_claude claude = { .reading = reading,
		.base = reading->from.base,
		.base_unknown = reading->from.base_unknown,
		.is_asked = reading->from.ordinal > 0 };
	int ret;

	claude.opening.ordinal = reading->from.ordinal;
	reading->last = reading->from;
	reading->end = reading->from.offset;
	ret = read_all_beside(&claude, err);
	if (ret == WAKE_OK)
		ret = read_lines(&claude, err);
	if (ret == WAKE_OK)
		hold_back(&claude);
	return ret == WAKE_OK ? close_opening(&claude, INT64_MAX, err) : ret;
}

/* ---- counting --------------------------------------------------------------------------------- */

struct counting {
	unsigned ordinal;
	bool is_over;
};

static int count_opening(void *context, const struct wake_transcript_opening *opening, struct wake_error *err)
{
	struct counting *counting = context;

	(void)err;
	*counting = (struct counting){ opening->ordinal, opening->is_over };
	return WAKE_OK;
}

int wake_transcript_claude_openings(
    const char *path, unsigned *ret_count, bool *ret_next_is_new, struct wake_error *err)
{
	struct counting counting = { 0, true };
	struct wake_transcript_reading reading = {
		.path = path, .counts_only = true, .each = count_opening, .context = &counting
	};
	int ret = wake_transcript_claude_read(&reading, err);

	if (ret != WAKE_OK && ret != WAKE_NOTFOUND)
		return ret;
	*ret_count = counting.ordinal;
	*ret_next_is_new = counting.is_over;
	return WAKE_OK;
}
