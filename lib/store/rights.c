/* SPDX-License-Identifier: MIT */
/* The role in use: read off the rights that it has, table by table. */
#include "store/rights.h"

#include <stdio.h>
#include <string.h>

/* Columns of store_rights.sql, in order. */
enum { R_TABLE, R_SELECT, R_INSERT, R_UPDATE, R_DELETE, R_ROLE, R_COUNT };

static const char *const verbs[R_COUNT] = { NULL, "select", "insert", "update", "delete", NULL };

/* What folding needs, as bits of the columns above; recording inserts events besides. Users are only looked
 * up, and locking a row of runwake_migrations takes the right to change one of its columns. */
#define BIT(column) (1u << (column))
static const struct {
	const char *table;
	unsigned needs;
} needed[] = {
	{ "workflow_events", BIT(R_SELECT) | BIT(R_UPDATE) }, { "workflow_feeds", 0 },
	{ "workflow_unfed", 0 }, { "runwake_migrations", BIT(R_SELECT) | BIT(R_UPDATE) },
	{ "users", BIT(R_SELECT) }, { "sessions", BIT(R_SELECT) | BIT(R_INSERT) | BIT(R_UPDATE) },
	{ "", BIT(R_SELECT) | BIT(R_INSERT) | BIT(R_UPDATE) | BIT(R_DELETE) }, /* every other one */
};

static unsigned needs_of(const char *table)
{
	size_t at = 0;

	while (*needed[at].table && strcmp(needed[at].table, table) != 0)
		at++;
	return needed[at].needs;
}

struct found {
	struct wake_rights *rights;
	size_t tables;
	bool reads, folds, inserts;
	bool cut; /* more is lacking than is told */
};

static void add_lack(struct found *found, const char *verb, const char *table)
{
	char *lacks = found->rights->lacks;
	size_t len = strlen(lacks), size = sizeof(found->rights->lacks);
	bool fits = len + strlen(verb) + strlen(table) + 16 < size;

	if (fits)
		(void)snprintf(lacks + len, size - len, "%s%s on %s", len ? ", " : "", verb, table);
	else if (!found->cut)
		(void)snprintf(lacks + len, size - len, ", …");
	found->cut |= !fits;
}

static bool is_surrounding(const char *table)
{
	return strcmp(table, "users") == 0 || strcmp(table, "sessions") == 0 || strcmp(table, "messages") == 0;
}

static void take_table(struct found *found, const struct wake_rows *rows)
{
	const char *table = wake_rows_text(rows, R_TABLE);
	unsigned needs = needs_of(table);
	bool is_ledger = strcmp(table, "workflow_events") == 0;

	found->tables++;
	for (size_t column = R_SELECT; column <= R_DELETE; column++) {
		bool has = wake_rows_int(rows, column) != 0;

		if (is_ledger && column == R_INSERT)
			found->inserts = has;
		else if (!(needs & BIT(column)) || has)
			continue;
		else if (column != R_SELECT)
			found->folds = false;
		else if (strcmp(table, "users") == 0)
			found->folds = false; /* no reader looks at them */
		else
			found->reads = found->folds = false;
		if (!has)
			add_lack(found, verbs[column], table);
		found->rights->lacks_own |= !has && !is_surrounding(table);
	}
	(void)snprintf(found->rights->name, sizeof(found->rights->name), "%s", wake_rows_text(rows, R_ROLE));
}

static enum wake_role role_of(const struct found *found)
{
	if (found->folds)
		return found->inserts ? WAKE_ROLE_FULL : WAKE_ROLE_FOLDER;
	if (found->reads)
		return WAKE_ROLE_READER;
	return found->inserts ? WAKE_ROLE_MACHINE : WAKE_ROLE_NONE;
}

int wake_rights_read(struct wake_store *store, struct wake_rights *ret_rights, struct wake_error *err)
{
	struct wake_rights rights = { .role = WAKE_ROLE_FULL };
	struct found found = { .rights = &rights, .reads = true, .folds = true };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = WAKE_OK;

	if (strcmp(wake_store_driver(store), "postgres") == 0) {
		status = wake_store_query(store, WAKE_SQL_STORE_RIGHTS, NULL, 0, &rows, err);
		while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
			take_table(&found, rows);
			status = WAKE_OK;
		}
		/* Before the first migration there is nothing to lack a right on. */
		if (found.tables > 0)
			rights.role = role_of(&found);
	}
	if (status == WAKE_OK)
		*ret_rights = rights;
	return status;
}

int wake_rights_have_roles(struct wake_store *store, bool *ret_have, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = WAKE_OK;

	*ret_have = false;
	if (strcmp(wake_store_driver(store), "postgres") != 0)
		return WAKE_OK;
	status = wake_store_query(store, WAKE_SQL_STORE_ROLES, NULL, 0, &rows, err);
	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_have = status == 1;
	return status == 1 ? WAKE_OK : status;
}

const char *wake_role_name(enum wake_role role)
{
	static const char *const names[] = {
		[WAKE_ROLE_NONE] = "none",
		[WAKE_ROLE_READER] = "reader",
		[WAKE_ROLE_MACHINE] = "machine",
		[WAKE_ROLE_FOLDER] = "folder",
		[WAKE_ROLE_FULL] = "full",
	};

	return (unsigned)role < WAKE_COUNT(names) ? names[role] : "none";
}
