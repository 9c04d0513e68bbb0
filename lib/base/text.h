/* SPDX-License-Identifier: MIT */
/* Outside bytes made safe to store and to show. */
#ifndef WAKE_TEXT_H
#define WAKE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL bytes. */
bool wake_text_is_utf8(const char *bytes, size_t len);

/* Appends bytes as text that both stores hold alike: as they are when they are UTF-8 without NUL;
 * otherwise quoted as git quotes paths (core.quotePath: in double quotes, backslash escapes, octal
 * for the rest). Longer than max bytes: cut at a character's start and ended by "…"; max ≥ 16. */
void wake_text_append_stored(struct wake_str *out, const char *bytes, size_t len, size_t max);

/* Appends all bytes as git quotes a path, also where it would not: in double quotes, with escapes. */
void wake_text_append_quoted(struct wake_str *out, const char *bytes, size_t len);

/* Appends text for a terminal: C0, DEL, C1 controls, bidirectional overrides (U+200E, U+200F,
 * U+202A–202E, U+2066–2069), line separators and ill-formed bytes become visible escapes (\x1b,
 * \u202e); TAB and newline too, unless keep_lines. */
void wake_text_append_shown(struct wake_str *out, const char *bytes, size_t len, bool keep_lines);

/* Appends a URL without credentials: "https://user:token@host/x" becomes "https://host/x"; an scp-like
 * "git@host:path" stays; query parameters and fragments of URLs with a scheme are dropped (they carry
 * tokens). Never fails: what is not a URL is appended as it is. */
void wake_text_append_url(struct wake_str *out, const char *url, size_t len);

#endif
