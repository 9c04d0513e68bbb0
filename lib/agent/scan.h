/* SPDX-License-Identifier: MIT */
/* A walk over JSON text in memory that builds nothing: agents write lines of megabytes of which a few
 * numbers are wanted. It takes what RFC 8259 takes, in any spacing and any order, and forgives what its
 * writers get wrong: NUL and lone surrogates in strings become U+FFFD, numbers that do not fit are no
 * numbers, members may come twice (the last counts). Nesting has no limit and costs no memory. */
#ifndef WAKE_SCAN_H
#define WAKE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* One JSON value where it lies. borrowed from the text; at NULL: there is none. */
struct wake_scan {
	const char *at;
	size_t len;
};

/* Skips white space and then one value; false where there is none, or where it is cut off or broken in its
 * own strings and brackets. *text and *len move behind it. */
bool wake_scan_take(const char **text, size_t *len, struct wake_scan *ret_value);

#define WAKE_SCAN_PICK_MAX 32 /* names that are looked for at once */

/* The members of an object, in one pass: ret_values[i] is that of names[i], with at NULL where there is
 * none. False where value is no object, or is broken; then ret_values are not to be used. */
bool wake_scan_pick(
    struct wake_scan value, const char *const *names, size_t count, struct wake_scan *ret_values);

/* One member; at NULL: none, or no object. */
struct wake_scan wake_scan_member(struct wake_scan value, const char *name);

/* The same of the first member of that name, without looking further. */
struct wake_scan wake_scan_first(struct wake_scan value, const char *name);

/* A walk over a list's items or an object's members. */
struct wake_scan_walk {
	const char *at;
	size_t left;
	bool is_object, is_first, is_broken;
};

bool wake_scan_open(
    struct wake_scan value, struct wake_scan_walk *ret_walk); /* false: neither list nor object */
/* false: no more, or is_broken. ret_key: of an object's member, a string. */
bool wake_scan_next(struct wake_scan_walk *walk, struct wake_scan *ret_key, struct wake_scan *ret_value);

bool wake_scan_is_string(struct wake_scan value);
bool wake_scan_is_list(struct wake_scan value);
bool wake_scan_is_object(struct wake_scan value);
bool wake_scan_is_true(struct wake_scan value);

/* A string that says text, which is plain ASCII; one that writes it with escapes is another. */
bool wake_scan_equals(struct wake_scan value, const char *text);

/* Appends what a string says, at most max bytes of it, cut between characters, as UTF-8 without NUL: what
 * is neither becomes U+FFFD. Appends nothing where value is no string. */
void wake_scan_append(struct wake_scan value, size_t max, struct wake_str *out);

/* The same into a buffer of size bytes, with a NUL behind it; "" where value is no string. Returns buffer. */
const char *wake_scan_copy(struct wake_scan value, char *buffer, size_t size);

/* A whole number that is not negative and fits; false: anything else. */
bool wake_scan_count(struct wake_scan value, int64_t *ret_count);

/* A number that is not negative, times a million, rounded half up; false: anything else, or too large. */
bool wake_scan_millionths(struct wake_scan value, int64_t *ret_millionths);

#endif
