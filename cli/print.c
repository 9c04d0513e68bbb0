/* SPDX-License-Identifier: MIT */
/* What goes to the terminal. */
#include "cli/print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"

#define INDENT 2 /* spaces a level of JSON */
/* 15 digits hold every sum of micro-dollars below a billion dollars, and none that was not there. */
#define JSON_FLAGS (JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY)

bool wake_print_has_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (!no_color || !*no_color) && (!term || strcmp(term, "dumb") != 0);
}

size_t wake_print_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

/* Ranges of Unicode 15's East_Asian_Width W and F, and emoji; joined where nothing assigned lies between. */
static bool is_wide(unsigned long c)
{
	static const struct {
		unsigned long first, last;
	} ranges[] = { { 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2329, 0x232a }, { 0x23e9, 0x23ec },
		{ 0x25fd, 0x25fe }, { 0x2614, 0x2615 }, { 0x2648, 0x2653 }, { 0x26a1, 0x26a1 },
		{ 0x2705, 0x2705 }, { 0x270a, 0x270b }, { 0x2728, 0x2728 }, { 0x274c, 0x274c },
		{ 0x2753, 0x2755 }, { 0x2757, 0x2757 }, { 0x2795, 0x2797 }, { 0x2e80, 0x303e },
		{ 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf },
		{ 0xa960, 0xa97f }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
		{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
		{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } };

	for (size_t i = 0; i < WAKE_COUNT(ranges); i++) {
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	}
	return false;
}

static bool is_combining(unsigned long c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x20d0 && c <= 0x20ff) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0x200b || c == 0x200d;
}

/* One character of well-formed UTF-8; returns its bytes. */
static size_t decode(const char *text, size_t len, unsigned long *ret_c)
{
	unsigned char lead = (unsigned char)text[0];
	size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	unsigned long c = size == 1 ? lead : lead & (0x7fu >> size);

	if (size > len)
		size = len;
	for (size_t i = 1; i < size; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	*ret_c = c;
	return size;
}

static size_t columns_of(unsigned long c)
{
	return is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
}

size_t wake_print_columns(const char *text, size_t len)
{
	size_t columns = 0;

	for (size_t at = 0; at < len;) {
		unsigned long c;

		at += decode(text + at, len - at, &c);
		columns += columns_of(c);
	}
	return columns;
}

size_t wake_print_fitting(const char *text, size_t len, size_t columns)
{
	size_t at = 0;

	while (at < len) {
		unsigned long c;
		size_t size = decode(text + at, len - at, &c);

		if (columns_of(c) > columns)
			break;
		columns -= columns_of(c);
		at += size;
	}
	return at;
}

static const char *escape_of(enum wake_style style)
{
	static const char *const escapes[] = { [WAKE_STYLE_PLAIN] = "", [WAKE_STYLE_STRONG] = "\033[1m",
		[WAKE_STYLE_FAINT] = "\033[2m", [WAKE_STYLE_GOOD] = "\033[32m", [WAKE_STYLE_BAD] = "\033[31m",
		[WAKE_STYLE_WARN] = "\033[33m" };

	return escapes[style];
}

void wake_print_append_harmless(struct wake_str *out, enum wake_style style, const char *text, size_t len)
{
	bool styled = style != WAKE_STYLE_PLAIN && len > 0 && wake_print_has_color();

	if (styled)
		wake_str_append(out, escape_of(style));
	wake_str_append_bytes(out, text, len);
	if (styled)
		wake_str_append(out, "\033[0m");
}

void wake_print_append(struct wake_str *out, enum wake_style style, const char *text)
{
	wake_auto_str struct wake_str shown = WAKE_STR(out->max);

	wake_text_append_shown(&shown, text, strlen(text), false);
	if (shown.failed)
		out->failed = true;
	else
		wake_print_append_harmless(out, style, wake_str_text(&shown), shown.len);
}

void wake_print_note(const char *fmt, ...)
{
	wake_auto_str struct wake_str plain = WAKE_STR(64 * 1024);
	wake_auto_str struct wake_str line = WAKE_STR(256 * 1024);
	struct wake_error ignored;
	va_list args;

	va_start(args, fmt);
	wake_str_vappendf(&plain, fmt, args);
	va_end(args);
	wake_str_append(&line, "runwake: ");
	wake_text_append_shown(&line, wake_str_text(&plain), plain.len, false);
	wake_str_append_char(&line, '\n');
	if (!line.failed) /* one write, so that lines of several processes do not mix */
		(void)!wake_fs_write_all(STDERR_FILENO, line.data, line.len, &ignored);
}

int wake_print_text(const struct wake_str *text, struct wake_error *err)
{
	int ret = wake_str_check(text, err);

	if (ret < 0 || text->len == 0)
		return ret;
	ret = wake_fs_write_all(STDOUT_FILENO, text->data, text->len, err);
	return ret < 0 ? wake_error_prefix(err, "standard output") : WAKE_OK;
}

static int write_chunk(const char *chunk, size_t size, void *context)
{
	struct wake_str *out = context;

	wake_str_append_bytes(out, chunk, size);
	return out->failed ? -1 : 0;
}

int wake_print_append_json(struct wake_str *out, const json_t *json)
{
	return json_dump_callback(json, write_chunk, out, JSON_COMPACT | JSON_FLAGS);
}

int wake_print_json(const json_t *json, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR((size_t)1 << 30);

	if (json_dump_callback(json, write_chunk, &out, JSON_INDENT(INDENT) | JSON_FLAGS) < 0)
		return wake_fail_nomem(err);
	wake_str_append_char(&out, '\n');
	return wake_print_text(&out, err);
}
