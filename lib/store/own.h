/* SPDX-License-Identifier: MIT */
/* What the tables in a team's database have of ours: columns, constraints and indexes, as PostgreSQL names
 * them. Whatever else is there was added by somebody else, and what it refuses is no event's fault. */
#ifndef WAKE_OWN_H
#define WAKE_OWN_H

#include <stdbool.h>

enum wake_own_kind {
	WAKE_OWN_COLUMN,   /* takes null */
	WAKE_OWN_NOT_NULL, /* a column, too */
	WAKE_OWN_RULE,     /* a constraint or an index */
};

struct wake_own {
	const char *table, *name;
	enum wake_own_kind kind;
};
/* By table; ends with a row of NULLs. Generated from the migrations. */
extern const struct wake_own wake_owns[];

/* table: as the server names it, which for the ledger may be one of its partitions. */
bool wake_own_has_table(const char *table);
bool wake_own_has_column(const char *table, const char *name);
bool wake_own_is_not_null(const char *table, const char *column);
bool wake_own_has_rule(const char *table, const char *name);

#endif
