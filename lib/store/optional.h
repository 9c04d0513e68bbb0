/* SPDX-License-Identifier: MIT */
/* What a team's database may have besides its schema: migrations/postgres/optional/NAME.sql, embedded at
 * build. Each may be applied again at any time, and is not counted among the migrations. */
#ifndef WAKE_OPTIONAL_H
#define WAKE_OPTIONAL_H

#include "store/store.h"

struct wake_optional {
	const char *name; /* file name without .sql */
	const char *text;
};
/* Ends with a row of NULLs. Generated. */
extern const struct wake_optional wake_optionals[];

/* WAKE_INVALID: there is none of that name. borrowed. */
int wake_optional_find(
    const char *name, const struct wake_optional **ret_optional, struct wake_error *err) WAKE_MUST_CHECK;

/* In one transaction, with no recorder at work. WAKE_INVALID: the store is a file. */
int wake_optional_apply(
    struct wake_store *store, const struct wake_optional *optional, struct wake_error *err) WAKE_MUST_CHECK;

/* The ledger's partitions by month. */
struct wake_partitions {
	int64_t until; /* there are none from then on; WAKE_TIME_NONE: the ledger has none at all */
	bool overdue;  /* events lie after that, or soon will: more months are to be made */
};
int wake_partitions_read(
    struct wake_store *store, struct wake_partitions *ret_partitions, struct wake_error *err) WAKE_MUST_CHECK;

#endif
