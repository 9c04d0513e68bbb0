/* SPDX-License-Identifier: MIT */
/* A change of somebody else's text: what is put into it and cut out of it. All other bytes stay as they are.
 */
#ifndef WAKE_TEXT_CHANGE_H
#define WAKE_TEXT_CHANGE_H

#include <stddef.h>

#include "base/str.h"

struct wake_text_piece {
	size_t at, cut; /* byte of the text before the change; how many go there */
	char *text;     /* owned: what comes instead; a NUL follows it */
	size_t len;
};

struct wake_text_change {
	struct wake_text_piece *pieces; /* owned; in the order of their places */
	size_t count;
};

/* Adds a piece; pieces must not overlap (assert(3)). Two at one place come in the order they were added in.
 */
int wake_text_change_add(struct wake_text_change *change, size_t at, size_t cut, const char *text, size_t len,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Appends the changed text to out. WAKE_INVALID: the text is too short for the change. */
int wake_text_change_apply(const struct wake_text_change *change, const char *text, size_t len,
    struct wake_str *out, struct wake_error *err) WAKE_MUST_CHECK;

/* Appends the text as it was before a change that cuts nothing. WAKE_INVALID: this is not what the change
 * left. */
int wake_text_change_undo(const struct wake_text_change *change, const char *text, size_t len,
    struct wake_str *out, struct wake_error *err) WAKE_MUST_CHECK;

void wake_text_change_release(struct wake_text_change *change);

#define wake_auto_text_change WAKE_CLEANUP(wake_text_change_release)

#endif
