/* SPDX-License-Identifier: MIT */
/* The table of event types: for each its name and the members that its data may have. Inner to the module. */
#ifndef WAKE_EVENT_TYPES_H
#define WAKE_EVENT_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"

enum wake_member_kind {
	WAKE_MEMBER_ID,		/* UUID, lower case */
	WAKE_MEMBER_HASH,	/* 40 or 64 lower-case hex digits */
	WAKE_MEMBER_RUN_ID,	/* what wake_run_id_check takes */
	WAKE_MEMBER_WORD,	/* one of words */
	WAKE_MEMBER_TEXT,	/* at most max bytes */
	WAKE_MEMBER_CHARS,	/* at most max characters: a VARCHAR(max) of the store */
	WAKE_MEMBER_TIME,	/* RFC 3339 */
	WAKE_MEMBER_NUMBER,	/* any integer */
	WAKE_MEMBER_COUNT,	/* an integer that is not negative, and not above max where max is not 0 */
	WAKE_MEMBER_BOOL,
	WAKE_MEMBER_IDS,	/* a list of at most max UUIDs */
	WAKE_MEMBER_RUN_IDS,	/* a list of at most max run ids */
	WAKE_MEMBER_PATHS,	/* a list of at most max texts of at most WAKE_EVENT_PATH_MAX bytes each */
	WAKE_MEMBER_PAIRS,	/* a list of at most max [hash, hash] */
	WAKE_MEMBER_ITEMS,	/* a list of at most max objects, each of members */
	WAKE_MEMBER_OBJECTS,	/* a list of at most max objects of any shape */
	WAKE_MEMBER_OBJECT,	/* an object of any shape, of at most max bytes */
};

struct wake_event_member {
	const char *name;	/* NULL ends a table */
	enum wake_member_kind kind;
	bool required;
	bool is_words;		/* what a person or an agent said: a purge takes it */
	size_t max;
	const char *const *words;			/* NULL ends them */
	const struct wake_event_member *members;	/* of a list's items */
};

struct wake_event_shape {
	const char *name;
	const struct wake_event_member *members;
};

extern const struct wake_event_shape wake_event_shapes[WAKE_EVENT_TYPE_COUNT];

/* Is data what the table allows for type? WAKE_INVALID names the member. (event_check.c) */
int wake_event_check(enum wake_event_type type, const json_t *data, struct wake_error *err) WAKE_MUST_CHECK;

/* A UUID as we write them: in lower case. text may be NULL. */
bool wake_event_is_id(const char *text);

/* Bytes that len bytes of text take within JSON's quotes, with all escapes. */
size_t wake_event_escaped_size(const char *text, size_t len);

#endif
