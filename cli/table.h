/* SPDX-License-Identifier: MIT */
/* A table for the terminal: aligned columns, some of which shrink when the terminal is narrow. */
#ifndef WAKE_TABLE_H
#define WAKE_TABLE_H

#include "base/scope.h"
#include "cli/print.h"

#define WAKE_TABLE_COLUMNS_MAX 12

struct wake_column {
	const char *title;
	bool right;	/* numbers stand to the right */
	bool shrinks;	/* is cut when the terminal is too narrow */
};

struct wake_cell; /* one entry of a table */
struct wake_table {
	const struct wake_column *columns;	/* borrowed */
	size_t column_count;
	struct wake_cell *cells;		/* owned; row by row */
	size_t count, room;
};

/* Text is copied, as one line; NULL is an empty cell. */
int wake_table_add(struct wake_table *table, enum wake_style style, const char *text, struct wake_error *err)
    WAKE_MUST_CHECK;
/* Prints the titles and the rows, indented by so many spaces. */
int wake_table_print(const struct wake_table *table, size_t indent, struct wake_error *err) WAKE_MUST_CHECK;
void wake_table_release(struct wake_table *table);

#define wake_auto_table WAKE_CLEANUP(wake_table_release)

#endif
