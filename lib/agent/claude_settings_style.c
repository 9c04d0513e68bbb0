/* SPDX-License-Identifier: MIT */
/* How somebody's settings are written, and writing ours alike. */
#include "agent/claude_settings_parts.h"

#include <string.h>

#define PIECE_MAX ((size_t)1024 * 1024) /* bytes of what we put in at one place */

/* What lies in an object or a list. */
struct inside {
	size_t open;                  /* behind its bracket */
	size_t first, last, last_end; /* where the first begins; the last; its end */
	size_t count;
};

struct writer {
	const struct wake_claude_style *style;
	struct wake_str *out;
	const char *base; /* borrowed: the indentation of where we write */
	size_t base_len;
	struct wake_error *err;
	int ret;
};

static const char *find(const char *text, size_t from, size_t to, char c)
{
	return memchr(text + from, c, to - from);
}

static struct inside look_inside(const struct wake_claude_document *document, struct wake_scan container)
{
	struct inside inside = { .open = (size_t)(container.at - document->text) + 1 };
	struct wake_scan key, value;
	struct wake_scan_walk walk;

	if (!wake_scan_open(container, &walk))
		return inside;
	while (wake_scan_next(&walk, &key, &value)) {
		inside.last = (size_t)((key.at ? key.at : value.at) - document->text);
		inside.last_end = (size_t)(value.at - document->text) + value.len;
		if (inside.count++ == 0)
			inside.first = inside.last;
	}
	return inside;
}

/* White space at the beginning of the line in which place is. */
static size_t line_indentation(const struct wake_claude_document *document, size_t place, const char **ret_at)
{
	size_t from = place, len = 0;

	while (from > document->begin && document->text[from - 1] != '\n')
		from--;
	while (from + len < place && strchr(" \t", document->text[from + len]))
		len++;
	*ret_at = document->text + from;
	return len;
}

/* The first step of indentation in what follows. */
static size_t first_indentation(const char *at, size_t left, const char **ret_at)
{
	const char *end = at + left, *line = at;

	while ((line = memchr(line, '\n', (size_t)(end - line)))) {
		size_t len = 0;

		line++;
		while (line + len < end && (line[len] == ' ' || line[len] == '\t'))
			len++;
		*ret_at = line;
		if (len > 0 && line + len < end && !strchr("\r\n}]", line[len]))
			return len;
	}
	*ret_at = at;
	return 0;
}

/* What the first member has behind its colon is the habit. */
static bool has_space_after_colon(struct wake_scan root)
{
	struct wake_scan key, value;
	struct wake_scan_walk walk;

	if (!wake_scan_open(root, &walk) || !wake_scan_next(&walk, &key, &value))
		return true;
	return value.at[-1] != ':';
}

/* Between the first two members that are in one line; where there are none, as after colons. */
static bool has_space_after_comma(struct wake_scan root, bool otherwise)
{
	struct wake_scan key, value;
	struct wake_scan_walk walk;

	if (!wake_scan_open(root, &walk) || !wake_scan_next(&walk, &key, &value) ||
	    !wake_scan_next(&walk, &key, &value))
		return otherwise;
	return key.at[-1] != ',';
}

void wake_claude_style_find(const struct wake_claude_document *document, struct wake_claude_style *ret_style)
{
	const char *newline = find(document->text, 0, document->len, '\n');
	struct wake_scan root = document->root;
	bool is_spaced = true;
	struct wake_claude_style style = { .newline = "\n", .unit = "  ", .unit_len = 2 };

	if (newline && newline > document->text && newline[-1] == '\r')
		style.newline = "\r\n";
	if (root.at && look_inside(document, root).count > 0) {
		is_spaced = has_space_after_colon(root);
		if (memchr(root.at, '\n', root.len))
			style.unit_len = first_indentation(root.at, root.len, &style.unit);
		else
			style.newline = NULL;
	}
	style.colon = is_spaced ? ": " : ":";
	style.comma = root.at && has_space_after_comma(root, is_spaced) ? ", " : ",";
	*ret_style = style;
}

static void break_line(const struct writer *writer, size_t depth)
{
	if (!writer->style->newline)
		return;
	wake_str_append(writer->out, writer->style->newline);
	wake_str_append_bytes(writer->out, writer->base, writer->base_len);
	while (depth-- > 0)
		wake_str_append_bytes(writer->out, writer->style->unit, writer->style->unit_len);
}

static void write_value(struct writer *writer, const json_t *value, size_t depth);

static void write_key(struct writer *writer, const char *key)
{
	wake_auto_json json_t *name = json_string(key);

	if (!name)
		writer->ret = wake_fail_nomem(writer->err);
	else if (writer->ret == WAKE_OK)
		writer->ret = wake_json_append(writer->out, name, writer->err);
	wake_str_append(writer->out, writer->style->colon);
}

/* What lies between the brackets, each on a line of its own; comma: also before the first. */
static void write_items(struct writer *writer, const json_t *items, size_t depth, bool comma)
{
	const char *separator = writer->style->newline ? "," : writer->style->comma;
	const char *key;
	json_t *value;
	size_t at;

	json_array_foreach(items, at, value)
	{
		wake_str_append(writer->out, comma ? separator : "");
		break_line(writer, depth);
		write_value(writer, value, depth);
		comma = true;
	}
	json_object_foreach((json_t *)items, key, value)
	{
		wake_str_append(writer->out, comma ? separator : "");
		break_line(writer, depth);
		write_key(writer, key);
		write_value(writer, value, depth);
		comma = true;
	}
}

static void write_value(struct writer *writer, const json_t *value, size_t depth)
{
	bool is_list = json_is_array(value), has_items = json_array_size(value) + json_object_size(value) > 0;

	if (!is_list && !json_is_object(value)) {
		if (writer->ret == WAKE_OK)
			writer->ret = wake_json_append(writer->out, value, writer->err);
		return;
	}
	wake_str_append_char(writer->out, is_list ? '[' : '{');
	write_items(writer, value, depth + 1, false);
	if (has_items)
		break_line(writer, depth);
	wake_str_append_char(writer->out, is_list ? ']' : '}');
}

static int finish(
    const struct writer *writer, size_t at, struct wake_text_change *change, struct wake_error *err)
{
	int ret = writer->ret == WAKE_OK ? wake_str_check(writer->out, err) : writer->ret;

	return ret < 0
	           ? ret
	           : wake_text_change_add(change, at, 0, wake_str_text(writer->out), writer->out->len, err);
}

/* Into "{}" or "[ ]": on lines of our own, one step further in than the line that it stands in. */
static void write_first(
    struct writer *writer, const struct wake_claude_document *document, size_t open, const json_t *items)
{
	size_t close = open;

	writer->base_len = line_indentation(document, open - 1, &writer->base);
	write_items(writer, items, 1, false);
	while (strchr(" \t\r\n", document->text[close]))
		close++;
	if (!find(document->text, open, close, '\n'))
		break_line(writer, 0);
}

/* Behind the last, as that one is written: on lines of its own, or following "}, {", or in the same line. */
static void write_next(struct writer *writer, const struct wake_claude_document *document,
    const struct inside *inside, const json_t *items)
{
	const struct wake_claude_style *style = writer->style;
	struct wake_claude_style in_line = *style;
	json_t *value;
	size_t at;

	writer->base_len = line_indentation(document, inside->last, &writer->base);
	if (style->newline && find(document->text, inside->open, inside->first, '\n')) {
		write_items(writer, items, 0, true);
		return;
	}
	if (json_is_array(items) && find(document->text, inside->last, inside->last_end, '\n')) {
		json_array_foreach(items, at, value)
		{
			wake_str_append(writer->out, ", ");
			write_value(writer, value, 0);
		}
		return;
	}
	in_line.newline = NULL;
	writer->style = &in_line;
	write_items(writer, items, 0, true);
	writer->style = style;
}

int wake_claude_append_items(const struct wake_claude_document *document,
    const struct wake_claude_style *style, struct wake_scan container, const json_t *items,
    struct wake_text_change *change, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(PIECE_MAX);
	struct inside inside = look_inside(document, container);
	struct writer writer = { .style = style, .out = &out, .err = err };

	if (inside.count > 0)
		write_next(&writer, document, &inside, items);
	else
		write_first(&writer, document, inside.open, items);
	return finish(&writer, inside.count > 0 ? inside.last_end : inside.open, change, err);
}

int wake_claude_append_whole(const struct wake_claude_document *document,
    const struct wake_claude_style *style, const json_t *settings, struct wake_text_change *change,
    struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(PIECE_MAX);
	struct writer writer = { .style = style, .out = &out, .base = "", .err = err };

	write_value(&writer, settings, 0);
	if (!find(document->text, 0, document->len, '\n'))
		wake_str_append(&out, style->newline);
	return finish(&writer, document->begin, change, err);
}
