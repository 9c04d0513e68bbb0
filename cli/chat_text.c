/* SPDX-License-Identifier: MIT */
/* A conversation as text. */
#include "cli/chat_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"

#define INDENT 4
#define WIDTH_MIN 20 /* columns that a message is wrapped to at least */
#define LINE_MAX_BYTES ((size_t)8 * 1024 * 1024)

void wake_chat_append_head(struct wake_str *out, const json_t *session)
{
	char at[32], line[160];
	double cost = json_number_value(json_object_get(session, "cost_estimate"));

	wake_field_append(out, "session", WAKE_STYLE_STRONG, wake_json_string(session, "id"));
	wake_field_append(out, "name", WAKE_STYLE_PLAIN, wake_json_string(session, "name"));
	wake_field_append(out, "agent", WAKE_STYLE_PLAIN, wake_json_string(session, "agent_name"));
	wake_field_append(out, "platform", WAKE_STYLE_PLAIN, wake_json_string(session, "platform"));
	(void)snprintf(line, sizeof(line), "%" PRId64 " runs, %" PRId64 " messages, $%.4f, last active %s",
	    wake_json_int(session, "runs", 0), wake_json_int(session, "messages", 0), cost,
	    wake_reader_local_minute(wake_json_string(session, "last_activity_at"), at));
	wake_field_append(out, "in all", WAKE_STYLE_PLAIN, line);
}

static void append_head(struct wake_str *out, const json_t *item, enum wake_style style, const char *what)
{
	char at[32];

	wake_print_append(out, WAKE_STYLE_FAINT, wake_reader_local_time(wake_json_string(item, "at"), at));
	wake_str_append(out, "  ");
	wake_print_append(out, style, what);
}

static void append_word(struct wake_str *out, enum wake_style style, const char *word)
{
	if (!word || !*word)
		return;
	wake_str_append(out, "  ");
	wake_print_append(out, style, word);
}

static void append_run(struct wake_str *out, const json_t *item)
{
	char id[WAKE_ID_SIZE];

	append_word(out, WAKE_STYLE_FAINT, wake_reader_short_run(wake_json_string(item, "run_id"), id));
}

/* ---- messages ---------------------------------------------------------------------------------- */

/* Where a line that is too long is broken: behind the last blank that fits, else where it is full. */
static size_t fitting(const char *line, size_t len, size_t width)
{
	size_t fits = width > 0 ? wake_print_fitting(line, len, width) : len, blank;

	if (fits >= len)
		return len;
	for (blank = fits; blank > 0 && line[blank - 1] != ' '; blank--)
		;
	return blank > 0 ? blank : fits > 0 ? fits : 1;
}

static void append_line(struct wake_str *out, const char *line, size_t len)
{
	for (size_t i = 0; i < INDENT && len > 0; i++)
		wake_str_append_char(out, ' ');
	wake_str_append_bytes(out, line, len);
	wake_str_append_char(out, '\n');
}

/* One line of a message, wrapped; false: lines are used up. */
static bool append_wrapped(struct wake_str *out, const char *line, size_t len, size_t *lines)
{
	size_t screen = wake_print_width();
	size_t width = screen == 0 ? 0 : screen > INDENT + WIDTH_MIN ? screen - INDENT : WIDTH_MIN;
	wake_auto_str struct wake_str shown = WAKE_STR(LINE_MAX_BYTES);
	const char *rest;
	size_t left;

	wake_text_append_shown(&shown, line, len, false);
	rest = wake_str_text(&shown);
	left = shown.len;
	do {
		size_t part = fitting(rest, left, width);

		if (*lines == 0)
			return false;
		--*lines;
		append_line(out, rest, part);
		rest += part;
		left -= part;
	} while (left > 0);
	return true;
}

/* Bytes of so many characters of UTF-8. */
static size_t bytes_of(const char *text, size_t characters)
{
	size_t len = 0;

	while (text[len] && characters > 0) {
		do
			len++;
		while (((unsigned char)text[len] & 0xc0) == 0x80);
		characters--;
	}
	return len;
}

/* Returns whether it was cut. */
static bool append_message_text(struct wake_str *out, const char *text, bool full)
{
	size_t end = full ? strlen(text) : bytes_of(text, WAKE_CHAT_SHOWN_CHARACTERS);
	size_t lines = full ? SIZE_MAX : WAKE_CHAT_SHOWN_LINES, at = 0;
	bool whole = text[end] == '\0';

	while (end > 0 && text[end - 1] == '\n')
		end--;
	do {
		const char *newline = memchr(text + at, '\n', end - at);
		size_t len = newline ? (size_t)(newline - text) - at : end - at;

		if (!append_wrapped(out, text + at, len, &lines)) {
			whole = false;
			break;
		}
		at += len + 1;
	} while (at <= end);
	return !whole;
}

static bool append_message(struct wake_str *out, const json_t *item, bool full)
{
	const char *role = wake_json_string(item, "role"), *text = wake_json_string(item, "text");
	const char *kind = wake_json_string(item, "kind");
	bool is_agent = role && strcmp(role, "assistant") == 0, cut = false;

	append_head(out, item, is_agent ? WAKE_STYLE_GOOD : WAKE_STYLE_STRONG, role ? role : "message");
	append_word(out, WAKE_STYLE_FAINT, wake_json_string(item, "message_type"));
	append_word(out, WAKE_STYLE_FAINT, kind);
	wake_str_append_char(out, '\n');
	if (text && *text)
		cut = append_message_text(out, text, full);
	if (cut) {
		wake_str_append(out, "    ");
		wake_print_append(out, WAKE_STYLE_FAINT, "(cut here; --full shows all)");
		wake_str_append_char(out, '\n');
	}
	return cut;
}

/* ---- runs, commits, pushes --------------------------------------------------------------------- */

static void append_began(struct wake_str *out, const json_t *item)
{
	append_head(out, item, WAKE_STYLE_PLAIN, "run began");
	append_run(out, item);
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "workflow_name"));
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "agent_type"));
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "git_branch"));
	if (wake_json_string(item, "parent_run_id"))
		append_word(out, WAKE_STYLE_FAINT, "goes on from");
	append_word(out, WAKE_STYLE_FAINT, wake_json_string(item, "parent_run_id"));
	wake_str_append_char(out, '\n');
}

static void append_ended(struct wake_str *out, const json_t *item)
{
	const char *status = wake_json_string(item, "status");
	const json_t *cost = json_object_get(item, "cost_estimate");
	int64_t input = wake_json_int(item, "input_tokens", 0),
	        output = wake_json_int(item, "output_tokens", 0);
	char took[32], line[128];

	append_head(out, item, WAKE_STYLE_PLAIN, "run ended");
	append_run(out, item);
	append_word(out, wake_run_style(status), status);
	append_word(
	    out, WAKE_STYLE_PLAIN, wake_reader_duration(wake_json_int(item, "duration_seconds", -1), took));
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "ai_model"));
	(void)snprintf(line, sizeof(line), "%" PRId64 " in, %" PRId64 " out", input, output);
	append_word(out, WAKE_STYLE_PLAIN, input + output > 0 ? line : NULL);
	(void)snprintf(line, sizeof(line), "$%.4f", json_number_value(cost));
	append_word(out, WAKE_STYLE_PLAIN, json_is_number(cost) ? line : NULL);
	wake_str_append_char(out, '\n');
}

static void append_commit(struct wake_str *out, const json_t *item)
{
	char hash[WAKE_SHORT_HASH + 1], line[96];
	int64_t files = wake_json_int(item, "files_changed", 0);

	append_head(out, item, WAKE_STYLE_PLAIN, "commit");
	append_word(out, WAKE_STYLE_STRONG, wake_short_hash(wake_json_string(item, "commit_hash"), hash));
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "subject"));
	(void)snprintf(line, sizeof(line), "+%" PRId64 " -%" PRId64 " in %" PRId64 " file%s",
	    wake_json_int(item, "added_lines", 0), wake_json_int(item, "removed_lines", 0), files,
	    files == 1 ? "" : "s");
	append_word(out, WAKE_STYLE_FAINT, line);
	append_run(out, item);
	if (wake_json_string(item, "superseded_by"))
		append_word(out, WAKE_STYLE_WARN, "replaced since");
	wake_str_append_char(out, '\n');
}

static void append_push(struct wake_str *out, const json_t *item)
{
	char hash[WAKE_SHORT_HASH + 1];

	append_head(out, item, WAKE_STYLE_PLAIN, "push");
	append_word(out, WAKE_STYLE_STRONG, wake_short_hash(wake_json_string(item, "new_hash"), hash));
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "remote"));
	append_word(out, WAKE_STYLE_PLAIN, wake_json_string(item, "remote_ref"));
	append_word(
	    out, WAKE_STYLE_FAINT, wake_json_string(item, "confirmed_at") ? "confirmed" : "not confirmed");
	append_run(out, item);
	wake_str_append_char(out, '\n');
}

bool wake_chat_append_item(struct wake_str *out, const json_t *item, bool full)
{
	const char *type = wake_json_string(item, "type");
	bool cut = false;

	if (strcmp(type, "message") == 0)
		cut = append_message(out, item, full);
	else if (strcmp(type, "run-started") == 0)
		append_began(out, item);
	else if (strcmp(type, "run-ended") == 0)
		append_ended(out, item);
	else if (strcmp(type, "commit") == 0)
		append_commit(out, item);
	else
		append_push(out, item);
	return cut;
}
