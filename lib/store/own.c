/* SPDX-License-Identifier: MIT */
/* Looking up what is ours. */
#include "store/own.h"

#include <stddef.h>
#include <string.h>

static const char ledger[] = "workflow_events";

/* Of a partition (workflow_events_202611) and of its indexes (workflow_events_202611_pkey), the name in the
 * whole ledger. A partition's own name is not made of more words than one. */
static bool is_of_ledger(const char *table)
{
	size_t len = strlen(ledger);

	return strncmp(table, ledger, len) == 0 && table[len] == '_' && !strchr(table + len + 1, '_');
}

static bool is_same(const char *own_table, const char *own_name, const char *table, const char *name)
{
	size_t len;

	if (!is_of_ledger(table))
		return strcmp(own_table, table) == 0 && strcmp(own_name, name) == 0;
	len = strlen(table);
	if (strcmp(own_table, ledger) != 0)
		return false;
	if (strcmp(own_name, name) == 0)
		return true;
	return strncmp(name, table, len) == 0 && strncmp(own_name, ledger, strlen(ledger)) == 0 &&
	       strcmp(name + len, own_name + strlen(ledger)) == 0;
}

static const struct wake_own *find(const char *table, const char *name, bool is_rule)
{
	const struct wake_own *own = wake_owns;

	while (own->table &&
	       ((own->kind == WAKE_OWN_RULE) != is_rule || !is_same(own->table, own->name, table, name)))
		own++;
	return own->table ? own : NULL;
}

bool wake_own_has_table(const char *table)
{
	const struct wake_own *own = wake_owns;

	while (own->table && strcmp(own->table, is_of_ledger(table) ? ledger : table) != 0)
		own++;
	return own->table != NULL;
}

bool wake_own_has_column(const char *table, const char *name)
{
	return find(table, name, false) != NULL;
}

bool wake_own_is_not_null(const char *table, const char *column)
{
	const struct wake_own *own = find(table, column, false);

	return own && own->kind == WAKE_OWN_NOT_NULL;
}

bool wake_own_has_rule(const char *table, const char *name)
{
	return find(table, name, true) != NULL;
}
