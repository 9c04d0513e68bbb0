/* SPDX-License-Identifier: MIT */
/* What goes to the terminal: colours only on one, stored text made harmless. */
#ifndef WAKE_PRINT_H
#define WAKE_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

enum wake_style { WAKE_STYLE_PLAIN, WAKE_STYLE_STRONG, WAKE_STYLE_FAINT, WAKE_STYLE_GOOD, WAKE_STYLE_BAD,
	WAKE_STYLE_WARN };

/* Standard output is a terminal, NO_COLOR is not set and TERM is not "dumb". */
bool wake_print_has_color(void);
/* Columns of the terminal; 0 when standard output is none: then nothing is cut. */
size_t wake_print_width(void);

/* Columns that UTF-8 text takes: wide characters 2, combining ones 0. */
size_t wake_print_columns(const char *text, size_t len);

/* How many bytes of text fit into so many columns. */
size_t wake_print_fitting(const char *text, size_t len, size_t columns);

/* Appends text in a style (escapes only with wake_print_has_color()). The text is stored text: it is made
 * harmless here. */
void wake_print_append(struct wake_str *out, enum wake_style style, const char *text);
/* The same for text that is harmless already. */
void wake_print_append_harmless(struct wake_str *out, enum wake_style style, const char *text, size_t len);

/* One line "runwake: …" on standard error, made harmless. */
void wake_print_note(const char *fmt, ...) WAKE_PRINTF(1, 2);

/* Writes to standard output; a failure (full disk, closed pipe) is WAKE_SYSTEM. */
int wake_print_text(const struct wake_str *text, struct wake_error *err) WAKE_MUST_CHECK;

/* JSON on one line, members as they were set. -1 when memory is out. */
int wake_print_append_json(struct wake_str *out, const json_t *json) WAKE_MUST_CHECK;

/* A JSON document on standard output: members in the order they were set, two spaces of indentation, a
 * newline at the end. */
int wake_print_json(const json_t *json, struct wake_error *err) WAKE_MUST_CHECK;

#endif
