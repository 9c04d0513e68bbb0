/* SPDX-License-Identifier: MIT */
/* A store's whole record into another one, whichever drivers they have. The ledger is replayed through
 * wake_record_apply, so that a store that holds other events takes both; what no event with a payload tells is
 * copied as rows, which never replace what is there. Each step is a transaction of its own in the store written
 * to and may be repeated: a copy that was stopped anywhere is done again, and what is there already is only
 * looked up. */
#ifndef WAKE_COPY_H
#define WAKE_COPY_H

#include "base/sha256.h"
#include "store/store.h"

/* what: what is being done, in a few words; total -1: not known. borrowed for the call. */
typedef void (*wake_copy_tell)(void *context, const char *what, int64_t done, int64_t total);

struct wake_copy {
	struct wake_store *from, *to;	/* borrowed; both up to date */
	wake_copy_tell tell;		/* NULL: nobody is told */
	void *context;
	/* What was done so far, over all calls of wake_copy_run. */
	int64_t events;		/* replayed */
	int64_t set_aside;	/* events that could not be replayed: in the ledger as they are, and not folded */
};

/* When it returns WAKE_OK, all that was in from before is in to. Memory is bounded by some MiB, or by the
 * largest event. WAKE_UNAVAILABLE, WAKE_BUSY: run it again, it goes on. */
int wake_copy_run(struct wake_copy *copy, struct wake_error *err) WAKE_MUST_CHECK;

/* One table compared: row by row in the order of their keys. The sums are SHA-256 over the text of from's rows,
 * and over the text of the rows of to that have the same keys: equal if and only if to holds every row of from. */
struct wake_copy_compared {
	const char *table;	/* static */
	int64_t rows;		/* in from */
	int64_t missing;	/* of them, not in to */
	int64_t different;	/* of them, in to with other values */
	int64_t others;		/* rows that only to has */
	char from_sum[WAKE_SHA256_SIZE], to_sum[WAKE_SHA256_SIZE];
	char example[256];	/* the key of the first one missing or different; "" if none */
	bool is_decided;	/* its keys are decided: where to holds other events, some may be missing */
};

#define WAKE_COPY_TABLES_MAX 64

struct wake_copy_comparison {
	struct wake_copy_compared tables[WAKE_COPY_TABLES_MAX];
	size_t count;
	/* to's ledger holds from's events alone. Then equal means: every table has the same rows in both. Else:
	 * every row of from has its counterpart in to; values may differ where to knows more. */
	bool alone;
	bool equal;
};

int wake_copy_compare(struct wake_copy *copy, struct wake_copy_comparison *ret_comparison,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
