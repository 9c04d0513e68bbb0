/* SPDX-License-Identifier: MIT */
/* Brings a store's schema up to what this program was built with. */
#include "store/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/beside.h"

/* What the store says about a table of migrations. */
struct ledger {
	const struct wake_migration *table;
	bool *applied; /* by place in the table; owned */
	struct wake_migration_status status;
};

static void ledger_release(struct ledger *ledger)
{
	free(ledger->applied);
}

#define auto_ledger WAKE_CLEANUP(ledger_release)

static bool is_for(const struct wake_migration *migration, const struct wake_store *store)
{
	return strcmp(migration->driver, wake_store_driver(store)) == 0;
}

static int check_row(
    struct wake_store *store, struct ledger *ledger, const struct wake_rows *rows, struct wake_error *err)
{
	const struct wake_migration *table = ledger->table;
	const char *name = wake_rows_text(rows, 0), *sha256 = wake_rows_text(rows, 1);
	const char *version = wake_rows_text(rows, 2);
	size_t at = 0;

	if (!name || !sha256 || !version)
		return wake_fail(err, WAKE_CORRUPT, "the store's table of migrations has an empty field");
	while (table[at].name && (strcmp(table[at].name, name) != 0 || !is_for(&table[at], store)))
		at++;
	if (!table[at].name)
		return wake_fail(err, WAKE_INVALID,
		    "the store was made by a newer Runwake (%s, migration %s); upgrade this one (%s)",
		    version, name, RUNWAKE_VERSION);
	if (strcmp(table[at].sha256, sha256) != 0)
		return wake_fail(err, WAKE_CORRUPT,
		    "migration %s is not the one that Runwake %s applied to the store (checksum %.12s, not "
		    "%.12s); "
		    "install an unchanged release",
		    name, version, table[at].sha256, sha256);
	ledger->applied[at] = true;
	ledger->status.applied++;
	snprintf(ledger->status.latest, sizeof(ledger->status.latest), "%s", name);
	return WAKE_OK;
}

static int table_is_there(struct wake_store *store, bool *ret_there, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_MIGRATION_FOUND, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status < 0)
		return status;
	*ret_there = status == 1;
	return WAKE_OK;
}

static int read_rows(struct wake_store *store, struct ledger *ledger, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_MIGRATION_LIST, NULL, 0, &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = check_row(store, ledger, rows, err);
	return status;
}

/* Reads and verifies. ledger starts zeroed but for its table. */
static int read_ledger(struct wake_store *store, struct ledger *ledger, struct wake_error *err)
{
	bool there = false;
	size_t total = 0, ours = 0;
	int status;

	for (; ledger->table[total].name; total++)
		ours += is_for(&ledger->table[total], store);
	ledger->applied = calloc(total + 1, sizeof(*ledger->applied));
	if (!ledger->applied)
		return wake_fail_nomem(err);
	status = table_is_there(store, &there, err);
	if (status == WAKE_OK && there)
		status = read_rows(store, ledger, err);
	ledger->status.pending = ours - ledger->status.applied;
	return status;
}

static int run_migration(
    struct wake_store *store, const struct wake_migration *migration, struct wake_error *err)
{
	const struct wake_value row[] = { WAKE_TEXT(migration->name), WAKE_TEXT(migration->sha256),
		WAKE_TIME(wake_clock_now()), WAKE_TEXT(RUNWAKE_VERSION) };
	int status = wake_beside_exec_script(store, migration->text, err);

	if (status == WAKE_OK)
		status = wake_store_run(store, WAKE_SQL_MIGRATION_INSERT, row, WAKE_COUNT(row), NULL, err);
	return status == WAKE_OK ? WAKE_OK : wake_error_prefix(err, "migration %s", migration->name);
}

/* Inside a transaction: looks again, since another process may have been faster. */
static int run_if_pending(struct wake_store *store, const struct wake_migration *table, size_t at,
    bool *ret_ran, struct wake_error *err)
{
	auto_ledger struct ledger ledger = { .table = table };
	int status = wake_store_run(store, WAKE_SQL_MIGRATION_TABLE, NULL, 0, NULL, err);

	if (status == WAKE_OK)
		status = read_ledger(store, &ledger, err);
	if (status == WAKE_OK && !ledger.applied[at])
		status = run_migration(store, &table[at], err);
	if (status == WAKE_OK)
		*ret_ran = !ledger.applied[at];
	return status;
}

static int apply(struct wake_store *store, const struct wake_migration *table, size_t at, size_t *count,
    struct wake_error *err)
{
	bool ran = false;
	int status = wake_store_begin(store, err);

	if (status != WAKE_OK)
		return status;
	status = run_if_pending(store, table, at, &ran, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	else
		wake_store_rollback(store);
	if (status == WAKE_OK && ran)
		++*count;
	return status;
}

int wake_migrate_to(
    struct wake_store *store, const struct wake_migration *table, size_t *ret_applied, struct wake_error *err)
{
	auto_ledger struct ledger ledger = { .table = table };
	size_t count = 0;
	int status = read_ledger(store, &ledger, err);

	if (status == WAKE_OK && ledger.status.pending > 0)
		status = wake_store_prepare_migration(store, err);
	for (size_t at = 0; status == WAKE_OK && table[at].name; at++) {
		if (is_for(&table[at], store) && !ledger.applied[at])
			status = apply(store, table, at, &count, err);
	}
	if (status == WAKE_OK)
		*ret_applied = count;
	return status;
}

int wake_migrate_inside(
    struct wake_store *store, wake_migrate_visit visit, void *context, struct wake_error *err)
{
	const struct wake_migration *table = wake_migrations;
	int status = WAKE_OK;

	for (size_t at = 0; status == WAKE_OK && table[at].name; at++) {
		bool ran = false;

		if (is_for(&table[at], store))
			status = run_if_pending(store, table, at, &ran, err);
		if (status == WAKE_OK && ran && visit)
			status = visit(context, &table[at], err);
	}
	return status;
}

int wake_migrate_status_of(struct wake_store *store, const struct wake_migration *table,
    struct wake_migration_status *ret_status, struct wake_error *err)
{
	auto_ledger struct ledger ledger = { .table = table };
	int status = read_ledger(store, &ledger, err);

	if (status == WAKE_OK)
		*ret_status = ledger.status;
	return status;
}

int wake_migrate_each_pending(
    struct wake_store *store, wake_migrate_visit visit, void *context, struct wake_error *err)
{
	auto_ledger struct ledger ledger = { .table = wake_migrations };
	int status = read_ledger(store, &ledger, err);

	for (size_t at = 0; status == WAKE_OK && wake_migrations[at].name; at++) {
		if (is_for(&wake_migrations[at], store) && !ledger.applied[at])
			status = visit(context, &wake_migrations[at], err);
	}
	return status;
}

int wake_migrate(struct wake_store *store, size_t *ret_applied, struct wake_error *err)
{
	return wake_migrate_to(store, wake_migrations, ret_applied, err);
}

int wake_migrate_status(
    struct wake_store *store, struct wake_migration_status *ret_status, struct wake_error *err)
{
	return wake_migrate_status_of(store, wake_migrations, ret_status, err);
}
