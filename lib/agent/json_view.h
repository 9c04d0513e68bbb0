/* SPDX-License-Identifier: MIT */
/* JSON text looked at in place, for lines of which only a few members matter: nothing is built, nothing recurses, and
 * what would keep a strict reader from a whole line is read all the same: \u0000, lone surrogates and ill-formed bytes
 * become U+FFFD, a number of any size stays text until somebody asks for its value. Of members of one name the last
 * counts, as for JSON.parse (ECMA-262). Brackets are counted, not matched: a line may hold what is no JSON beside the
 * members that are read. */
#ifndef WAKE_JSON_VIEW_H
#define WAKE_JSON_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* The text of one value, borrowed; at NULL: there is none. */
struct wake_view {
	const char *at;
	size_t len;
};

/* The object that text holds, without the space around it. It is told by its first and last byte alone: whether it is
 * whole shows when it is gone through. */
bool wake_view_object(const char *text, size_t len, struct wake_view *ret_view) WAKE_MUST_CHECK;

/* Fills views[i] with the member names[i] of an object, {0} where it has none. False: it is no object, or broken. */
bool wake_view_pick(struct wake_view object, const char *const *names, size_t count, struct wake_view *views)
    WAKE_MUST_CHECK;

/* The first member of that name, without a look at what follows it. False: there is none. */
bool wake_view_first(struct wake_view object, const char *name, struct wake_view *ret_value) WAKE_MUST_CHECK;

/* Goes through an object's or an array's values: set up by wake_view_walk, one value each time. ret_key (may be
 * NULL): the string before it; none in an array. */
struct wake_view_walk {
	const char *at, *end;
	bool is_object, broken;
};
void wake_view_walk(struct wake_view view, struct wake_view_walk *ret_walk);
bool wake_view_next(struct wake_view_walk *walk, struct wake_view *ret_key, struct wake_view *ret_value)
    WAKE_MUST_CHECK;

bool wake_view_is(struct wake_view view, const char *text);	/* a string that says this */
bool wake_view_is_true(struct wake_view view);

/* Appends what a string says, well-formed and without NUL, the first max bytes of it (cut at a character's start).
 * False: it is no string. */
bool wake_view_append_text(struct wake_view view, size_t max, struct wake_str *out);

/* A whole number from 0 to max. False: it is another value. */
bool wake_view_count(struct wake_view view, int64_t max, int64_t *ret_count) WAKE_MUST_CHECK;

/* A number from 0 to max millionths, in millionths: taken from its decimal digits and rounded once, half up, so it is
 * never off by more than half a millionth; a double is not used. False: it is another value. */
bool wake_view_millionths(struct wake_view view, int64_t max, int64_t *ret_millionths) WAKE_MUST_CHECK;

#endif
