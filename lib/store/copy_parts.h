/* SPDX-License-Identifier: MIT */
/* Between the files of the copy. Internal to lib/store. */
#ifndef WAKE_COPY_PARTS_H
#define WAKE_COPY_PARTS_H

#include "event/event.h"
#include "store/copy.h"
#include "store/copy_tables.h"

/* Rows that wait to be written, as they are, with one statement each and one transaction for all. */
struct wake_copy_batch {
	const struct wake_copy_table *table; /* borrowed */
	struct wake_str text;	/* owned: every value with its NUL, one after the other */
	size_t *places;		/* owned: where each begins; SIZE_MAX: null */
	size_t columns, rows, room;
	size_t money;		/* column; SIZE_MAX: none */
};

void wake_copy_batch_init(struct wake_copy_batch *batch, const struct wake_copy_table *table);
void wake_copy_batch_release(struct wake_copy_batch *batch);
#define wake_auto_copy_batch WAKE_CLEANUP(wake_copy_batch_release)

/* texts: copied; NULL is null. */
int wake_copy_batch_add(struct wake_copy_batch *batch, const char *const *texts, size_t columns,
    struct wake_error *err) WAKE_MUST_CHECK;
bool wake_copy_batch_is_full(const struct wake_copy_batch *batch);

/* Writes and empties it. A row that the store refuses is left out: the comparison tells. */
int wake_copy_batch_write(struct wake_copy *copy, struct wake_copy_batch *batch, struct wake_error *err)
    WAKE_MUST_CHECK;

/* The rows of a table that to lacks, or has with other values: whether these stay is the statement's to say. */
int wake_copy_rows(struct wake_copy *copy, const struct wake_copy_table *table, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Every event that has a payload and that to's ledger lacks, replayed. */
int wake_copy_events(struct wake_copy *copy, struct wake_error *err) WAKE_MUST_CHECK;

/* Runs lose the sessions and users that they lost in from. */
int wake_copy_owners(struct wake_copy *copy, struct wake_error *err) WAKE_MUST_CHECK;

void wake_copy_say(const struct wake_copy *copy, const char *what, int64_t done, int64_t total);

#endif
