/* SPDX-License-Identifier: MIT */
/* User lines: what a person said or did is told there, among results of tools and what the client says to
 * itself. */
#include "agent/transcript_claude.h"

#include <stdlib.h>
#include <string.h>

#define ID_MAX 200
#define INTERRUPTED "[Request interrupted by user"

/* Beginnings of texts that the client writes for itself, or that a person gave to the client and not to
 * the agent. */
static const char *const not_prompts[] = { "<command-name>", "<local-command-", "<bash-", "<system-reminder>",
	"<task-notification>", "<user-memory-input>", "Caveat: The messages below were generated",
	"This session is being continued from a previous conversation" };

void wake_claude_keep_tool(struct wake_claude *claude, struct wake_scan use)
{
	static const char *const names[] = { "id", "name" };
	struct wake_claude_tool *tool = &claude->tools[claude->tool_next++ % WAKE_CLAUDE_TOOLS];
	struct wake_scan values[WAKE_COUNT(names)];

	if (!wake_scan_pick(use, names, WAKE_COUNT(names), values))
		return;
	wake_scan_copy(values[0], tool->use, sizeof(tool->use));
	wake_scan_copy(values[1], tool->name, sizeof(tool->name));
}

static const char *tool_named(const struct wake_claude *claude, const char *use)
{
	for (size_t i = 0; i < WAKE_CLAUDE_TOOLS; i++) {
		if (*use && strcmp(claude->tools[i].use, use) == 0 && *claude->tools[i].name)
			return claude->tools[i].name;
	}
	return "tool";
}

/* Takes text over. */
static int add(struct wake_claude *claude, const struct wake_claude_line *line, const char *kind,
    const char *key, struct wake_str *text, struct wake_error *err)
{
	struct wake_transcript_opening *opening = &claude->opening;
	size_t before = opening->said_count;
	char message[WAKE_ID_SIZE];
	int ret;

	wake_agent_message_id(WAKE_AGENT_CLAUDE, kind, key, message);
	ret = wake_transcript_add_said(opening, message, kind, line->at, text, err);
	if (ret == WAKE_OK && opening->said_count > before)
		opening->said[before].is_told = line->where->offset < claude->reading->told;
	return ret;
}

/* ---- results of tools -------------------------------------------------------------------------- */

/* What a person answered to the agent's questions. */
static void append_answers(struct wake_scan answers, struct wake_str *text)
{
	struct wake_scan_walk walk;
	struct wake_scan question, answer;

	if (!wake_scan_is_object(answers) || !wake_scan_open(answers, &walk))
		return;
	while (text->len < WAKE_TRANSCRIPT_TEXT_MAX && wake_scan_next(&walk, &question, &answer)) {
		if (text->len > 0)
			wake_str_append_char(text, '\n');
		wake_scan_append(question, WAKE_TRANSCRIPT_TEXT_MAX / 4, text);
		wake_str_append(text, ": ");
		wake_scan_append(answer, WAKE_TRANSCRIPT_TEXT_MAX / 4, text);
	}
}

/* What a person decided about a tool use; NULL: nobody did. */
static const char *decision_of(struct wake_scan decision, struct wake_scan denial, bool *ret_bare)
{
	struct wake_scan what = wake_scan_member(decision, "decision"),
	                 source = wake_scan_member(decision, "source");

	*ret_bare = false;
	if (wake_scan_equals(what, "accept") &&
	    (wake_scan_equals(source, "user_temporary") || wake_scan_equals(source, "user_permanent")))
		return "granted";
	if (wake_scan_equals(what, "reject") && wake_scan_equals(source, "user_reject"))
		return "refused";
	*ret_bare = !decision.at && wake_scan_equals(denial, "user-rejected");
	return *ret_bare ? "refused" : NULL;
}

static int take_tool_result(struct wake_claude *claude, const struct wake_claude_line *line,
    struct wake_scan block, struct wake_error *err)
{
	struct wake_scan result = line->members[WAKE_CLAUDE_TOOL_RESULT], answers;
	wake_auto_str struct wake_str text = WAKE_STR(2 * WAKE_TRANSCRIPT_TEXT_MAX);
	char use[ID_MAX + 1];
	const char *kind;
	int ret = WAKE_OK;

	wake_scan_copy(wake_scan_member(block, "tool_use_id"), use, sizeof(use));
	answers = wake_scan_member(result, "answers");
	if (wake_scan_is_object(answers) && wake_scan_is_list(wake_scan_member(result, "questions"))) {
		append_answers(answers, &text);
		if (wake_str_check(&text, err) != WAKE_OK)
			return err->code;
		return text.len > 0 ? add(claude, line, "answer", use, &text, err) : WAKE_OK;
	}
	kind = decision_of(
	    line->members[WAKE_CLAUDE_DECISION], line->members[WAKE_CLAUDE_DENIAL], &claude->is_refusal_bare);
	if (kind) {
		claude->refusal_at = line->where->offset;
		wake_str_append(&text, tool_named(claude, use));
		ret = add(claude, line, kind, use, &text, err);
	}
	return ret;
}

/* ---- prompts ----------------------------------------------------------------------------------- */

static void append_between(const char *text, const char *open, const char *close, struct wake_str *out)
{
	const char *from = strstr(text, open), *to = from ? strstr(from, close) : NULL;

	if (to)
		wake_str_append_bytes(out, from + strlen(open), (size_t)(to - from) - strlen(open));
}

/* A command that is a prompt of the user's own is written as three elements; what was typed is made of
 * them. */
static int undress_command(struct wake_str *text, struct wake_error *err)
{
	wake_auto_str struct wake_str typed = WAKE_STR(WAKE_TRANSCRIPT_TEXT_MAX);

	if (strncmp(wake_str_text(text), "<command-message>", strlen("<command-message>")) != 0)
		return WAKE_OK;
	append_between(text->data, "<command-name>", "</command-name>", &typed);
	if (strstr(text->data, "<command-args>")) {
		wake_str_append_char(&typed, ' ');
		append_between(text->data, "<command-args>", "</command-args>", &typed);
	}
	if (wake_str_check(&typed, err) != WAKE_OK)
		return err->code;
	wake_str_clear(text);
	wake_str_append_bytes(text, wake_str_text(&typed), typed.len);
	return wake_str_check(text, err);
}

/* The texts of a message; ret_result: the result of a tool, where it is one. */
static void read_texts(struct wake_scan content, struct wake_str *text, struct wake_scan *ret_result)
{
	struct wake_scan_walk walk;
	struct wake_scan key, block;

	*ret_result = (struct wake_scan){ NULL, 0 };
	wake_scan_append(content, WAKE_TRANSCRIPT_TEXT_MAX, text);
	if (!wake_scan_is_list(content) || !wake_scan_open(content, &walk))
		return;
	while (wake_scan_next(&walk, &key, &block)) {
		struct wake_scan type = wake_scan_first(block, "type");
		size_t room = WAKE_TRANSCRIPT_TEXT_MAX -
		              (text->len < WAKE_TRANSCRIPT_TEXT_MAX ? text->len : WAKE_TRANSCRIPT_TEXT_MAX);

		if (wake_scan_equals(type, "tool_result"))
			*ret_result = block;
		else if (wake_scan_equals(type, "image"))
			wake_str_append(text, room > 16 ? "[image]" : "");
		else if (wake_scan_equals(type, "text"))
			wake_scan_append(wake_scan_member(block, "text"), room, text);
	}
}

static bool is_prompt_text(const char *text)
{
	for (size_t i = 0; i < WAKE_COUNT(not_prompts); i++) {
		if (strncmp(text, not_prompts[i], strlen(not_prompts[i])) == 0)
			return false;
	}
	return text[strspn(text, " \t\r\n")] != '\0';
}

/* NULL: the client or another agent said it, not the one who asks. */
static const char *prompt_kind(struct wake_scan source, struct wake_scan turn, struct wake_scan origin)
{
	struct wake_scan kind = wake_scan_member(origin, "kind");

	if (kind.at && !wake_scan_equals(kind, "human"))
		return NULL;
	if (wake_scan_is_string(turn) && !wake_scan_equals(turn, "human") && !wake_scan_equals(turn, "sdk"))
		return NULL;
	return wake_scan_equals(source, "queued") ? "queued" : "prompt";
}

/* An interrupt while a tool was at work is told twice: by the tool's refusal before it as well. */
static int take_interrupt(struct wake_claude *claude, const struct wake_claude_line *line,
    struct wake_str *text, struct wake_error *err)
{
	struct wake_transcript_opening *opening = &claude->opening;
	char key[ID_MAX + 1];
	int ret = wake_claude_enter(claude, line, false, err);

	if (ret != WAKE_OK || !claude->is_open || opening->is_over)
		return ret;
	if (claude->is_refusal_bare && opening->said_count > 0)
		free(opening->said[--opening->said_count].text);
	claude->is_refusal_bare = false;
	opening->state = WAKE_TRANSCRIPT_INTERRUPTED;
	wake_scan_copy(line->members[WAKE_CLAUDE_UUID], key, sizeof(key));
	return *key ? add(claude, line, "interrupt", key, text, err) : WAKE_OK;
}

static int take_prompt(struct wake_claude *claude, const struct wake_claude_line *line, struct wake_str *text,
    struct wake_error *err)
{
	const struct wake_scan *members = line->members;
	char key[ID_MAX + 1];
	const char *kind;
	int ret;

	ret = wake_claude_enter(claude, line, true, err);
	if (ret != WAKE_OK)
		return ret;
	claude->opening.state = WAKE_TRANSCRIPT_PROMPTED;
	kind = prompt_kind(members[WAKE_CLAUDE_PROMPT_SOURCE], members[WAKE_CLAUDE_TURN_ORIGIN],
	    members[WAKE_CLAUDE_ORIGIN]);
	if (!kind)
		return WAKE_OK;
	/* What waited in line may share the id of the prompt that it waited behind. */
	if (strcmp(kind, "queued") == 0 || !*wake_scan_copy(members[WAKE_CLAUDE_PROMPT], key, sizeof(key)))
		wake_scan_copy(members[WAKE_CLAUDE_UUID], key, sizeof(key));
	ret = undress_command(text, err);
	return ret == WAKE_OK && *key ? add(claude, line, kind, key, text, err) : ret;
}

int wake_claude_user(struct wake_claude *claude, const struct wake_claude_line *line, struct wake_error *err)
{
	const struct wake_scan *members = line->members;
	struct wake_scan result;
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_TRANSCRIPT_TEXT_MAX + 64);
	bool is_bare = claude->is_refusal_bare;
	int ret;

	if (line->is_sidechain || wake_scan_is_true(members[WAKE_CLAUDE_META]) ||
	    wake_scan_is_true(members[WAKE_CLAUDE_COMPACT_SUMMARY]) ||
	    wake_scan_is_true(members[WAKE_CLAUDE_TRANSCRIPT_ONLY]))
		return WAKE_OK;
	read_texts(wake_scan_member(line->message, "content"), &text, &result);
	if (wake_str_check(&text, err) != WAKE_OK)
		return err->code;
	if (strncmp(wake_str_text(&text), INTERRUPTED, strlen(INTERRUPTED)) == 0)
		return take_interrupt(claude, line, &text, err);
	claude->is_refusal_bare = false;
	if (!result.at)
		return is_prompt_text(wake_str_text(&text)) ? take_prompt(claude, line, &text, err) : WAKE_OK;
	claude->is_refusal_bare = is_bare;
	ret = wake_claude_enter(claude, line, false, err);
	if (ret != WAKE_OK || !claude->is_open || claude->opening.is_over)
		return ret;
	claude->opening.state = WAKE_TRANSCRIPT_WORKING;
	return take_tool_result(claude, line, result, err);
}
