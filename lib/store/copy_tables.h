/* SPDX-License-Identifier: MIT */
/* The tables that a copy takes from one store to another, and a walk over the rows of one. For each stand two
 * statements: copy_TABLE reads its rows from a key on, copy_insert_TABLE writes a row with the same columns. */
#ifndef WAKE_COPY_TABLES_H
#define WAKE_COPY_TABLES_H

#include <stdbool.h>

#include "base/str.h"
#include "store/store.h"

#define WAKE_COPY_KEY_MAX 4
#define WAKE_COPY_COLUMNS_MAX 80

struct wake_copy_table {
	const char *name;
	enum wake_sql read;
	enum wake_sql insert;	/* WAKE_SQL_COUNT: rows are not copied as they are */
	size_t keys;		/* how many of the first columns are the key */
	const char *first[WAKE_COPY_KEY_MAX]; /* no key is before this one */
	size_t page;		/* rows read at once: few where they are large */
	/* Its rows are not told by events alone (who a run belongs to; what the recorder looked at and found
	 * nothing): they are copied as they are, always, and before any event. */
	bool is_told_elsewhere;
	/* Its keys are decided: a store that holds more than the other may lack some. */
	bool is_decided;
	const char *money;	/* name of the column with money; NULL: none */
	const char *optional;	/* name of a column that retention empties; NULL: none */
};

/* In an order in which a row comes after those that it refers to. Ends with a row whose name is NULL. */
extern const struct wake_copy_table wake_copy_tables[];

/* Events without payload, for the ledger as it is; not in the table above, which has the whole ledger. */
extern const struct wake_copy_table wake_copy_bare_events;

/* Rows in the order of their keys, a page at a time. */
struct wake_walk {
	struct wake_store *store;		/* borrowed */
	const struct wake_copy_table *table;	/* borrowed */
	struct wake_rows *rows;			/* owned; NULL: between two pages */
	struct wake_str key[WAKE_COPY_KEY_MAX];	/* owned; of the row that we stand on, or where to begin */
	size_t taken;				/* rows of this page */
	size_t money, optional;			/* columns; SIZE_MAX: none */
	bool begun, ended;
	char amount[24];			/* the money of the row, as micro-dollars */
};

void wake_walk_init(struct wake_walk *walk, struct wake_store *store, const struct wake_copy_table *table);
void wake_walk_release(struct wake_walk *walk);
#define wake_auto_walk WAKE_CLEANUP(wake_walk_release)

/* 1: on the next row; 0: no more. */
int wake_walk_next(struct wake_walk *walk, struct wake_error *err) WAKE_MUST_CHECK;

/* Gives back what the store holds for this walk, such as a read lock; the row is gone, its key stays. */
void wake_walk_rest(struct wake_walk *walk);

/* The same, and the row that we stood on comes again. */
void wake_walk_again(struct wake_walk *walk);

/* Less than, equal to or greater than 0, as strcmp(3). An ended walk comes after every row. */
int wake_walk_compare(const struct wake_walk *one, const struct wake_walk *other);

size_t wake_walk_columns(const struct wake_walk *walk);
/* The same text in every store; money in micro-dollars. borrowed until the next row; null: NULL. */
const char *wake_walk_text(struct wake_walk *walk, size_t column);

/* Do both stand on rows that say the same? What retention emptied in one of them does not count. */
bool wake_walk_is_same(struct wake_walk *one, struct wake_walk *other);

#endif
