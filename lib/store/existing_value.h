/* SPDX-License-Identifier: MIT */
/* The values of another system's row, one by one. Internal to lib/store. */
#ifndef WAKE_EXISTING_VALUE_H
#define WAKE_EXISTING_VALUE_H

#include "store/existing_row.h"

/* One row on its way into an event. */
struct wake_existing_taking {
	const struct wake_existing_row *row;
	struct wake_existing_told *told;
	json_t *data, *metadata; /* borrowed; the event's */
};

/* A column's text; NULL: null or no such column. borrowed */
const char *wake_existing_value(const struct wake_existing_taking *taking, const char *column);

/* Adds "COLUMN: REASON" to what is told. */
int wake_existing_tell(struct wake_existing_taking *taking, const char *column, const char *reason,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Keeps text in metadata, under legacy_COLUMN. */
int wake_existing_keep(struct wake_existing_taking *taking, const char *column, const char *text,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Both. */
int wake_existing_set_aside(struct wake_existing_taking *taking, const char *column, const char *text,
    const char *reason, struct wake_error *err) WAKE_MUST_CHECK;

/* Whatever of the row's columns is taken as it is, if it fits. */
int wake_existing_take_columns(struct wake_existing_taking *taking, struct wake_error *err) WAKE_MUST_CHECK;

/* The agent's own session id, by a text that another column had. */
int wake_existing_take_agent_session(
    struct wake_existing_taking *taking, const char *text, struct wake_error *err) WAKE_MUST_CHECK;

/* How many bytes of text are at most max characters, or max bytes of whole characters. */
size_t wake_existing_fitting(const char *text, int64_t max, bool characters);

/* NULL: text is no object that an event takes, or memory is out: then err says WAKE_NOMEM. owned: json_decref
 */
json_t *wake_existing_parse_object(const char *text, struct wake_error *err);

#endif
