/* SPDX-License-Identifier: MIT */
/* What a team added to our own tables in its database: columns, constraints, indexes and triggers. They may
 * be of use to it, and stay; but what they refuse to take keeps events waiting. */
#ifndef WAKE_ADDITIONS_H
#define WAKE_ADDITIONS_H

#include <stdbool.h>

#include "store/store.h"

struct wake_addition {
	const char *table;
	bool is_certain; /* events will be refused; else some may be */
	bool is_unique;  /* who may not name a key when inserting has no refusal: what it does not take passes
	                    for known */
	const char *problem, *mend; /* sentences; names in them come from the server */
};

/* addition: borrowed for the call. A negative return ends the check and is handed on. */
typedef int (*wake_additions_visit)(
    void *context, const struct wake_addition *addition, struct wake_error *err);

/* Calls visit for each thing that may refuse what is recorded; reads the server's catalogue alone. Before the
 * first migration, and in a file, there is none. */
int wake_additions_check(struct wake_store *store, wake_additions_visit visit, void *context,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
