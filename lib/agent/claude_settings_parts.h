/* SPDX-License-Identifier: MIT */
/* What the parts of claude_settings share. */
#ifndef WAKE_CLAUDE_SETTINGS_PARTS_H
#define WAKE_CLAUDE_SETTINGS_PARTS_H

#include "agent/claude_settings.h"

/* Settings as text and as values. */
struct wake_claude_document {
	const char *text; /* borrowed */
	size_t len;
	size_t begin;           /* behind a byte order mark */
	struct wake_scan root;  /* at NULL: nothing but white space */
	struct wake_scan hooks; /* the member that counts; at NULL: none */
	size_t hooks_count;     /* members of that name */
	json_t *json;           /* owned: an object */
};
int wake_claude_document_open(const char *text, size_t len, struct wake_claude_document *ret_document,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_claude_document_release(struct wake_claude_document *document);
#define wake_auto_claude_document WAKE_CLEANUP(wake_claude_document_release)

/* Reads edit->text again: WAKE_INVALID unless it says what expected does. */
int wake_claude_edit_check(
    const struct wake_claude_edit *edit, const json_t *expected, struct wake_error *err) WAKE_MUST_CHECK;

/* How the settings are written. (claude_settings_style.c) */
struct wake_claude_style {
	const char *newline; /* NULL: all of it is in one line */
	const char *unit;    /* borrowed: one step of indentation */
	size_t unit_len;
	const char *colon, *comma; /* with the space that follows; a comma at a line's end has none */
};
void wake_claude_style_find(const struct wake_claude_document *document, struct wake_claude_style *ret_style);

/* Adds the piece that puts the members of items into container (both objects, or both lists), behind what is
 * in it. */
int wake_claude_append_items(const struct wake_claude_document *document,
    const struct wake_claude_style *style, struct wake_scan container, const json_t *items,
    struct wake_text_change *change, struct wake_error *err) WAKE_MUST_CHECK;

/* Adds the piece that makes the whole of settings in which there is nothing. */
int wake_claude_append_whole(const struct wake_claude_document *document,
    const struct wake_claude_style *style, const json_t *settings, struct wake_text_change *change,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
