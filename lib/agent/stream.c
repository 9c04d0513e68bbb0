/* SPDX-License-Identifier: MIT */
/* Lines of a stream, and what its sources share. */
#include "agent/stream_parts.h"

#include <string.h>

#include "event/event.h"

/* A little more than an event takes, so that it sees that there was more, and marks the cut. */
#define TEXT_MAX (WAKE_EVENT_TEXT_MAX + 64)
#define KEPT_MAX ((size_t)256 * 1024) /* bytes of a line's memory that are kept for the next one */

int wake_stream_new(enum wake_stream_source source, struct wake_stream **ret_stream, struct wake_error *err)
{
	struct wake_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return wake_fail_nomem(err);
	stream->source = source;
	stream->line.max = WAKE_STREAM_LINE_MAX;
	stream->answer.max = TEXT_MAX;
	*ret_stream = stream;
	return WAKE_OK;
}

void wake_stream_free(struct wake_stream *stream)
{
	if (!stream)
		return;
	free(stream->facts.model);
	free(stream->facts.session);
	free(stream->facts.result);
	free(stream->facts.error);
	wake_str_release(&stream->line);
	wake_str_release(&stream->answer);
	free(stream);
}

void wake_stream_forget(char **text)
{
	free(*text);
	*text = NULL;
}

static void steal(char **text, struct wake_str *said)
{
	struct wake_error ignored;
	char *taken = NULL;

	if (wake_str_steal(said, &taken, &ignored) < 0)
		return;
	free(*text);
	*text = taken;
}

void wake_stream_set(char **text, struct wake_scan view)
{
	wake_auto_str struct wake_str said = WAKE_STR(TEXT_MAX);

	if (!wake_scan_is_string(view))
		return;
	wake_scan_append(view, TEXT_MAX, &said);
	steal(text, &said);
}

void wake_stream_copy(char **text, const struct wake_str *from)
{
	wake_auto_str struct wake_str copy = WAKE_STR(TEXT_MAX);

	wake_str_append_bytes(&copy, wake_str_text(from), from->len);
	steal(text, &copy);
}

void wake_stream_word(char word[WAKE_STREAM_WORD_SIZE], struct wake_scan view)
{
	wake_auto_str struct wake_str said = WAKE_STR(WAKE_STREAM_WORD_SIZE - 1);

	word[0] = '\0';
	wake_scan_append(view, WAKE_STREAM_WORD_SIZE, &said);
	if (!said.failed)
		memcpy(word, wake_str_text(&said), said.len + 1);
}

bool wake_stream_matters(struct wake_scan line, const char *const *words, bool *ret_has_type)
{
	struct wake_scan type = wake_scan_first(line, "type");

	*ret_has_type = type.at != NULL;
	for (; *ret_has_type && *words; words++) {
		if (wake_scan_equals(type, *words))
			return true;
	}
	return false;
}

void wake_stream_turn(struct wake_stream *stream, bool is_error)
{
	struct wake_stream_facts *facts = &stream->facts;

	wake_stream_forget(&facts->result);
	wake_stream_forget(&facts->error);
	facts->has_result = true;
	facts->is_in_turn = false;
	facts->is_blocked = false;
	facts->is_error = is_error;
	facts->subtype[0] = '\0';
	facts->terminal_reason[0] = '\0';
	stream->has_turned = true;
}

bool wake_stream_count(struct wake_scan view, int64_t max, int64_t *ret_count)
{
	int64_t count = 0;

	if (!wake_scan_count(view, &count) || count > max)
		return false;
	*ret_count = count;
	return true;
}

static bool read_object(struct wake_stream *stream, struct wake_scan view)
{
	switch (stream->source) {
	case WAKE_STREAM_CLAUDE:
		return wake_stream_claude(stream, view);
	case WAKE_STREAM_CODEX:
		return wake_stream_codex(stream, view);
	case WAKE_STREAM_GEMINI:
		return wake_stream_gemini(stream, view);
	}
	return false;
}

/* Told by its first and last byte alone: whether it is whole shows when it is gone through. */
static bool is_object(const char *line, size_t len)
{
	return len >= 2 && line[0] == '{' && line[len - 1] == '}';
}

static void read_line(struct wake_stream *stream, const char *line, size_t len)
{
	while (len > 0 && memchr(" \t\r", line[len - 1], 3))
		len--;
	for (; len > 0 && memchr(" \t\r", *line, 3); len--)
		line++;
	if (len == 0)
		return;
	if (is_object(line, len) && read_object(stream, (struct wake_scan){ line, len }))
		stream->facts.lines++;
	else
		stream->facts.unread++;
}

/* A line that came in pieces. */
static void end_line(struct wake_stream *stream)
{
	if (stream->is_skipping || stream->line.failed)
		stream->facts.unread++;
	else
		read_line(stream, wake_str_text(&stream->line), stream->line.len);
	stream->is_skipping = false;
	if (stream->line.room > KEPT_MAX)
		wake_str_release(&stream->line);
	else
		wake_str_clear(&stream->line);
	stream->line.max = WAKE_STREAM_LINE_MAX;
}

static void keep(struct wake_stream *stream, const char *bytes, size_t len)
{
	if (stream->is_skipping)
		return;
	wake_str_append_bytes(&stream->line, bytes, len);
	if (stream->line.failed) {
		stream->is_skipping = true;
		wake_str_release(&stream->line);
	}
}

void wake_stream_feed(struct wake_stream *stream, const void *bytes, size_t len)
{
	const char *at = bytes, *end = at + len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		if (newline && stream->line.len == 0 && !stream->is_skipping) {
			read_line(stream, at, (size_t)(stop - at)); /* a whole one: no copy */
		} else {
			keep(stream, at, (size_t)(stop - at));
			if (newline)
				end_line(stream);
		}
		at = newline ? newline + 1 : end;
	}
}

void wake_stream_end(struct wake_stream *stream)
{
	if (stream->line.len > 0 || stream->is_skipping)
		end_line(stream);
}

bool wake_stream_has_turned(struct wake_stream *stream)
{
	bool has_turned = stream->has_turned;

	stream->has_turned = false;
	return has_turned;
}

const struct wake_stream_facts *wake_stream_facts(const struct wake_stream *stream)
{
	return &stream->facts;
}
