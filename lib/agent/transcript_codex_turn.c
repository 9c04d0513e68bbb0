/* SPDX-License-Identifier: MIT */
/* Turns: where they begin and end, what was asked and what came of it. */
#include "agent/transcript_codex.h"

#include <stdlib.h>
#include <string.h>

static struct wake_scan member(const struct wake_codex_line *line, const char *name)
{
	return wake_scan_member(line->payload, name);
}

int wake_codex_take_context(
    struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	static const char *const names[] = { "model", "cwd", "turn_id" };
	struct wake_scan views[WAKE_COUNT(names)];

	if (!wake_scan_pick(line->payload, names, WAKE_COUNT(names), views))
		return WAKE_INVALID;
	if (wake_scan_is_string(views[0]))
		wake_scan_copy(views[0], codex->model, sizeof(codex->model));
	wake_scan_copy(views[2], codex->turn, sizeof(codex->turn));
	if (!codex->is_turn && codex->context_offset < 0)
		codex->context_offset = line->where->offset;
	/* An opening is where it began: a later turn may be in another directory. */
	if (!codex->is_open || codex->opening.directory)
		return WAKE_OK;
	return wake_transcript_set(&codex->opening.directory, views[1], 4096, err);
}

/* ---- turns -------------------------------------------------------------------------------------- */

static int begin_turn(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	struct wake_scan trigger = wake_scan_member(member(line, "turn_attribution"), "turn_trigger");
	bool was_turn = codex->is_turn, is_of_exec;
	int ret;

	is_of_exec = wake_scan_is_string(trigger) ? wake_scan_equals(trigger, "exec") : codex->is_exec;
	codex->is_turn = true;
	codex->is_turn_of_exec = is_of_exec;
	codex->context_offset = was_turn ? -1 : codex->context_offset;
	wake_scan_copy(member(line, "turn_id"), codex->turn, sizeof(codex->turn));
	ret = wake_codex_enter(codex, line, is_of_exec || codex->is_opening_of_exec, err);
	codex->is_opening_of_exec = is_of_exec;
	return ret;
}

static void take_model(struct wake_codex *codex, struct wake_error *err, int *ret)
{
	struct wake_transcript_opening *opening = &codex->opening;

	if (*ret != WAKE_OK || !*codex->model ||
	    (opening->model && strcmp(opening->model, codex->model) == 0))
		return;
	free(opening->model);
	opening->model = NULL;
	*ret = wake_str_copy(codex->model, &opening->model, err);
}

static int end_turn(
    struct wake_codex *codex, const struct wake_codex_line *line, bool is_aborted, struct wake_error *err)
{
	static const char *const names[] = { "last_agent_message", "error", "reason" };
	struct wake_transcript_opening *opening = &codex->opening;
	struct wake_scan views[WAKE_COUNT(names)];
	int ret = wake_codex_enter(codex, line, false, err);

	if (ret == WAKE_OK && !wake_scan_pick(line->payload, names, WAKE_COUNT(names), views))
		ret = WAKE_INVALID;
	if (ret != WAKE_OK)
		return ret;
	opening->turns++;
	opening->is_over = codex->is_turn && codex->is_turn_of_exec;
	codex->is_turn = false;
	if (is_aborted) {
		opening->state = WAKE_TRANSCRIPT_INTERRUPTED;
		return ret;
	}
	ret = wake_transcript_set(&opening->result, views[0], WAKE_TRANSCRIPT_TEXT_MAX, err);
	if (ret == WAKE_OK && wake_scan_is_object(views[1]))
		ret = wake_transcript_set(
		    &opening->error, wake_scan_member(views[1], "message"), WAKE_TRANSCRIPT_TEXT_MAX, err);
	/* An error is told before the end as well, and one that it got over is none. */
	if (wake_scan_is_object(views[1]) ||
	    (opening->state == WAKE_TRANSCRIPT_FAILED && !wake_scan_is_string(views[0])))
		opening->state = WAKE_TRANSCRIPT_FAILED;
	else
		opening->state = WAKE_TRANSCRIPT_ANSWERED;
	take_model(codex, err, &ret);
	return ret;
}

/* ---- what was said ------------------------------------------------------------------------------- */

/* key NULL: what it is known by is the line's place. Takes text over. */
static int say(struct wake_codex *codex, const struct wake_codex_line *line, const char *kind,
    const char *key, struct wake_str *text, struct wake_error *err)
{
	char place[2 * WAKE_CODEX_ID_MAX + 64], message[WAKE_ID_SIZE];
	size_t before = codex->opening.said_count;
	int ret;

	(void)snprintf(place, sizeof(place), "%s %lld %s", codex->thread ? codex->thread : "",
	    (long long)line->where->offset, key ? key : "");
	wake_agent_message_id(WAKE_AGENT_TYPE_CODEX, kind, key && *key ? key : place, message);
	ret = wake_transcript_add_said(&codex->opening, message, kind, line->at, text, err);
	if (ret == WAKE_OK && codex->opening.said_count > before)
		codex->opening.said[before].is_told = line->where->offset < codex->told;
	return ret;
}

static bool has_text(const struct wake_str *text)
{
	const char *at = wake_str_text(text);

	return at[strspn(at, " \t\r\n")] != '\0';
}

static int take_prompt(struct wake_codex *codex, const struct wake_codex_line *line, const char *key,
    struct wake_str *text, struct wake_error *err)
{
	bool is_alone = !codex->is_turn && codex->is_exec; /* a process that told no turn */
	bool is_queued = codex->is_open && codex->opening.state == WAKE_TRANSCRIPT_WORKING && codex->is_turn;
	int ret = wake_str_check(text, err);

	if (ret != WAKE_OK || !has_text(text))
		return ret;
	ret = wake_codex_enter(codex, line, is_alone, err);
	if (ret != WAKE_OK)
		return ret;
	if (is_alone)
		codex->is_opening_of_exec = true;
	codex->opening.state = WAKE_TRANSCRIPT_PROMPTED;
	take_model(codex, err, &ret);
	return ret == WAKE_OK ? say(codex, line, is_queued ? "queued" : "prompt", key, text, err) : ret;
}

/* user_message. Older versions wrote what the client adds as kinds of its own. */
static int take_message(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	static const char *const names[] = { "message", "kind" };
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_TRANSCRIPT_TEXT_MAX + 64);
	struct wake_scan views[WAKE_COUNT(names)];

	if (!wake_scan_pick(line->payload, names, WAKE_COUNT(names), views))
		return WAKE_INVALID;
	if (wake_scan_is_string(views[1]) && !wake_scan_equals(views[1], "plain"))
		return WAKE_OK;
	wake_scan_append(views[0], WAKE_TRANSCRIPT_TEXT_MAX, &text);
	return take_prompt(codex, line, NULL, &text, err);
}

static void read_content(struct wake_scan content, struct wake_str *text)
{
	struct wake_scan_walk walk;
	struct wake_scan key, block;

	if (!wake_scan_is_list(content) || !wake_scan_open(content, &walk))
		return;
	while (text->len < WAKE_TRANSCRIPT_TEXT_MAX && wake_scan_next(&walk, &key, &block)) {
		struct wake_scan type = wake_scan_first(block, "type");

		if (wake_scan_equals(type, "text") || wake_scan_equals(type, "Text"))
			wake_scan_append(
			    wake_scan_member(block, "text"), WAKE_TRANSCRIPT_TEXT_MAX - text->len, text);
		else if (wake_scan_equals(type, "image") || wake_scan_equals(type, "local_image"))
			wake_str_append(text, "[image]");
	}
}

static int set_result(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_scan text,
    struct wake_error *err)
{
	int ret = wake_codex_enter(codex, line, false, err);

	if (ret != WAKE_OK || !wake_scan_is_string(text) || codex->opening.is_over)
		return ret;
	if (!codex->is_turn)
		codex->opening.state = WAKE_TRANSCRIPT_ANSWERED; /* as far as such a version tells */
	take_model(codex, err, &ret);
	return ret == WAKE_OK
	           ? wake_transcript_set(&codex->opening.result, text, WAKE_TRANSCRIPT_TEXT_MAX, err)
	           : ret;
}

static int take_item(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	static const char *const names[] = { "type", "id", "content" };
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_TRANSCRIPT_TEXT_MAX + 64);
	struct wake_scan views[WAKE_COUNT(names)];
	char key[WAKE_CODEX_ID_MAX + 1];

	if (!wake_scan_pick(member(line, "item"), names, WAKE_COUNT(names), views))
		return WAKE_INVALID;
	if (!wake_scan_equals(views[0], "UserMessage"))
		return WAKE_OK;
	read_content(views[2], &text);
	wake_scan_copy(views[1], key, sizeof(key));
	return take_prompt(codex, line, key, &text, err);
}

static int take_abort(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(64);
	bool is_interrupt = wake_scan_equals(member(line, "reason"), "interrupted");
	int ret;

	if (!codex->is_open || codex->opening.is_over)
		return WAKE_OK;
	ret = end_turn(codex, line, true, err);
	if (ret != WAKE_OK || !is_interrupt)
		return ret;
	wake_str_append(&text, "interrupted");
	return say(codex, line, "interrupt", NULL, &text, err);
}

static int take_error(struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	int ret = wake_codex_enter(codex, line, false, err);

	if (ret != WAKE_OK || codex->opening.is_over)
		return ret;
	codex->opening.state = WAKE_TRANSCRIPT_FAILED;
	return wake_transcript_set(
	    &codex->opening.error, member(line, "message"), WAKE_TRANSCRIPT_TEXT_MAX, err);
}

int wake_codex_take_event(
    struct wake_codex *codex, const struct wake_codex_line *line, struct wake_error *err)
{
	struct wake_scan kind = line->kind;

	if (wake_scan_equals(kind, "token_count"))
		return wake_codex_take_count(codex, &codex->opening, line, err);
	if (wake_scan_equals(kind, "item_completed"))
		return take_item(codex, line, err);
	if (wake_scan_equals(kind, "user_message"))
		return take_message(codex, line, err);
	if (wake_scan_equals(kind, "agent_message"))
		return set_result(codex, line, member(line, "message"), err);
	if (wake_scan_equals(kind, "task_started") || wake_scan_equals(kind, "turn_started"))
		return begin_turn(codex, line, err);
	if (wake_scan_equals(kind, "task_complete") || wake_scan_equals(kind, "turn_complete"))
		return codex->is_open && !codex->opening.is_over ? end_turn(codex, line, false, err)
		                                                 : WAKE_OK;
	if (wake_scan_equals(kind, "turn_aborted"))
		return take_abort(codex, line, err);
	if (wake_scan_equals(kind, "error"))
		return codex->is_open ? take_error(codex, line, err) : WAKE_OK;
	return WAKE_OK;
}
