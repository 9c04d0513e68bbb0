/* SPDX-License-Identifier: MIT */
/* Taking an existing system over, in one transaction: its rows are read and kept as events; its table goes
 * out of the way of the pending migrations, gets the shape of the empty one that they make, and takes that
 * one's place; the events go into the ledger and are folded like any others; what was read is compared with
 * what is there; the process table is dropped. */
#include <string.h>

#include "base/process.h"
#include "store/existing_parts.h"
#include "store/fold.h"
#include "store/migrate.h"

#define BATCH 500 /* events */

struct migrating {
	struct wake_store *store; /* borrowed */
	struct wake_existing_catalogue catalogue;
	struct wake_existing_tally runs, processes;
	json_t *report;            /* owned */
	char host[WAKE_HOST_SIZE]; /* this machine's */
	int64_t now;
};

static void migrating_release(struct migrating *migrating)
{
	wake_existing_tally_release(&migrating->runs);
	wake_existing_tally_release(&migrating->processes);
	json_decref(migrating->report);
}

#define auto_migrating WAKE_CLEANUP(migrating_release)

static bool is_there(const struct migrating *migrating)
{
	return migrating->catalogue.existing.runs || migrating->catalogue.existing.processes;
}

static json_t *count_or_null(int64_t count)
{
	return count < 0 ? json_null() : json_integer(count);
}

static int start(struct migrating *migrating, struct wake_store *store, struct wake_error *err)
{
	json_t *listed = json_array();
	int status;

	migrating->store = store;
	migrating->now = wake_clock_now();
	wake_process_host(migrating->host);
	status = wake_existing_read_catalogue(store, &migrating->catalogue, err);
	migrating->report = json_pack("{s[] sn sn so so so so}", "migrations", "workflow_runs",
	    "workflow_processes", "misfit_rows", listed, "sessions",
	    count_or_null(migrating->catalogue.sessions), "messages",
	    count_or_null(migrating->catalogue.messages), "users", count_or_null(migrating->catalogue.users));
	if (status == WAKE_OK && !migrating->report)
		status = wake_fail_nomem(err);
	if (status == WAKE_OK)
		status = wake_existing_check(&migrating->catalogue, err);
	if (status == WAKE_OK)
		status = wake_existing_tally_init(&migrating->runs, listed, err);
	return status == WAKE_OK ? wake_existing_tally_init(&migrating->processes, listed, err) : status;
}

static int read_tables(struct migrating *migrating, bool stage, struct wake_error *err)
{
	const struct wake_existing_catalogue *catalogue = &migrating->catalogue;
	int status = WAKE_OK;

	if (catalogue->existing.runs)
		status = wake_existing_read(
		    migrating->store, catalogue, WAKE_EXISTING_RUNS, stage, &migrating->runs, err);
	if (status == WAKE_OK && catalogue->existing.processes)
		status = wake_existing_read(
		    migrating->store, catalogue, WAKE_EXISTING_PROCESSES, stage, &migrating->processes, err);
	return status;
}

static int add_migration(void *report, const struct wake_migration *migration, struct wake_error *err)
{
	json_t *names = json_object_get(report, "migrations");

	return json_array_append_new(names, json_string(migration->name)) ? wake_fail_nomem(err) : WAKE_OK;
}

static int report_tables(struct migrating *migrating, struct wake_error *err)
{
	json_t *part = NULL;
	int status = WAKE_OK;

	if (migrating->catalogue.existing.runs) {
		status = wake_existing_tally_report(&migrating->runs, &part, err);
		if (status == WAKE_OK)
			status = wake_json_set(migrating->report, "workflow_runs", part, err);
		if (status == WAKE_OK &&
		    json_object_update_new(part, json_pack("{s[] s[] s[] s[]}", "columns_added",
		                                     "columns_widened", "dropped", "unchecked_keys")))
			status = wake_fail_nomem(err);
	}
	if (status == WAKE_OK && migrating->catalogue.existing.processes) {
		status = wake_existing_tally_report(&migrating->processes, &part, err);
		if (status == WAKE_OK)
			status = wake_json_set(migrating->report, "workflow_processes", part, err);
	}
	return status;
}

static void give_report(struct migrating *migrating, json_t **ret_report)
{
	*ret_report = migrating->report;
	migrating->report = NULL; /* now the caller's */
}

/* ---- what would be done ----------------------------------------------------------------------- */

int wake_existing_plan(struct wake_store *store, json_t **ret_report, struct wake_error *err)
{
	auto_migrating struct migrating migrating = { 0 };
	int status = start(&migrating, store, err);

	if (status == WAKE_OK)
		status = wake_migrate_each_pending(store, add_migration, migrating.report, err);
	if (status == WAKE_OK)
		status = read_tables(&migrating, false, err);
	if (status == WAKE_OK)
		status = report_tables(&migrating, err);
	if (status == WAKE_OK && is_there(&migrating))
		status = wake_existing_rehearse(store, &migrating.catalogue,
		    json_object_get(migrating.report, "workflow_runs"), err);
	if (status == WAKE_OK)
		give_report(&migrating, ret_report);
	return status;
}

/* ---- doing it --------------------------------------------------------------------------------- */

static int run_script(struct wake_store *store, enum wake_sql sql, struct wake_error *err)
{
	return wake_store_exec_script(store, wake_sql_texts[sql].postgres, err);
}

static int keep_others_away(struct wake_store *store, struct wake_error *err)
{
	int status = run_script(store, WAKE_SQL_EXISTING_BEGIN, err);

	if (status == WAKE_BUSY)
		return wake_fail(err, WAKE_BUSY,
		    "somebody is using workflow_runs or workflow_processes: stop the old system, and migrate "
		    "again; nothing "
		    "was changed");
	return status;
}

/* What wake_record_apply would do with a batch, for events that the database has already: they need not
 * travel twice. place, until: after which and up to which. */
static int fold_batch(
    struct migrating *migrating, struct wake_fold *fold, int64_t place, int64_t until, struct wake_error *err)
{
	const struct wake_value ledger[] = { WAKE_TEXT(migrating->host), WAKE_TIME(migrating->now),
		WAKE_INT(place), WAKE_INT(until) };
	struct wake_store *store = migrating->store;
	int status = wake_store_run(store, WAKE_SQL_EXISTING_LEDGER, ledger, WAKE_COUNT(ledger), NULL, err);

	if (status == WAKE_OK)
		status = wake_store_run(store, WAKE_SQL_EXISTING_IMPORTS, ledger + 2, 2, NULL, err);
	if (status == WAKE_OK)
		status =
		    wake_fold_touch_found(fold, fold->imports, WAKE_SQL_EXISTING_STAGED, ledger + 2, 2, err);
	if (status == WAKE_OK)
		status = wake_fold_read_asked(fold, err);
	return status == WAKE_OK ? wake_decide_imports(fold, err) : status;
}

/* ret_until: place, where nothing is left. */
static int find_batch(struct wake_store *store, int64_t place, int64_t *ret_until, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_INT(place), WAKE_INT(place + BATCH), WAKE_INT(WAKE_EXISTING_BYTES) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_EXISTING_STAGED_UNTIL, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status < 0)
		return status;
	*ret_until = wake_rows_is_null(rows, 0) ? place : wake_rows_int(rows, 0);
	return WAKE_OK;
}

static int fold_staged(struct migrating *migrating, struct wake_fold *fold, struct wake_error *err)
{
	int64_t place = 0, until = 0;
	int status = find_batch(migrating->store, place, &until, err);

	while (status == WAKE_OK && until > place) {
		status = fold_batch(migrating, fold, place, until, err);
		place = until;
		if (status == WAKE_OK)
			status = find_batch(migrating->store, place, &until, err);
	}
	return status;
}

static int fold_all(struct migrating *migrating, struct wake_error *err)
{
	wake_auto_fold struct wake_fold fold = { 0 };
	bool runs = migrating->catalogue.existing.runs;
	int status = wake_fold_init(&fold, migrating->store, err);

	if (status == WAKE_OK)
		status = fold_staged(migrating, &fold, err);
	/* Indexes are made of whole rows, and the rest is decided by them. */
	if (status == WAKE_OK && runs)
		status = run_script(migrating->store, WAKE_SQL_EXISTING_FINISH, err);
	return status == WAKE_OK ? wake_fold_decide(&fold, err) : status;
}

/* What was read, what is there. */
static int compare_counts(struct migrating *migrating, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int64_t runs, processes, missing, total;
	int status = wake_store_query(migrating->store, WAKE_SQL_EXISTING_COUNT, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status < 0)
		return status;
	runs = wake_rows_int(rows, 0);
	processes = wake_rows_int(rows, 1);
	missing = wake_rows_int(rows, 2);
	total = wake_rows_int(rows, 3);
	if (runs == migrating->runs.rows && processes == migrating->processes.rows && missing == 0 &&
	    total >= runs)
		return WAKE_OK;
	return wake_fail(err, WAKE_CORRUPT,
	    "of %lld runs and %lld processes, %lld would have no row in workflow_runs; nothing was changed, "
	    "please report it",
	    (long long)migrating->runs.rows, (long long)migrating->processes.rows, (long long)missing);
}

static int read_notes(struct migrating *migrating, struct wake_error *err)
{
	json_t *part = json_object_get(migrating->report, "workflow_runs");
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(migrating->store, WAKE_SQL_EXISTING_NOTES, NULL, 0, &rows, err);

	return status == WAKE_OK ? wake_existing_add_notes(rows, part, err) : status;
}

static int take_over(struct migrating *migrating, struct wake_error *err)
{
	struct wake_store *store = migrating->store;
	bool runs = migrating->catalogue.existing.runs;
	int status = read_tables(migrating, true, err);

	if (status == WAKE_OK)
		status = report_tables(migrating, err);
	if (status == WAKE_OK && runs)
		status = run_script(store, WAKE_SQL_EXISTING_SET_ASIDE, err);
	if (status == WAKE_OK)
		status = wake_migrate_inside(store, add_migration, migrating->report, err);
	if (status == WAKE_OK && runs)
		status = run_script(store, WAKE_SQL_EXISTING_SHAPE, err);
	if (status == WAKE_OK)
		status = fold_all(migrating, err);
	if (status == WAKE_OK)
		status = compare_counts(migrating, err);
	if (status == WAKE_OK && runs)
		status = read_notes(migrating, err);
	if (status == WAKE_OK && migrating->catalogue.existing.processes)
		status = run_script(store, WAKE_SQL_EXISTING_DROP_PROCESSES, err);
	return status;
}

/* Another may have been faster: then nothing of it is left to be done. */
static int take_over_if_there(struct migrating *migrating, struct wake_error *err)
{
	struct wake_existing_catalogue now;
	int status = keep_others_away(migrating->store, err);

	if (status == WAKE_OK)
		status = wake_existing_read_catalogue(migrating->store, &now, err);
	if (status != WAKE_OK)
		return status;
	migrating->catalogue.existing = now.existing;
	return take_over(migrating, err);
}

static int migrate_plainly(struct migrating *migrating, struct wake_error *err)
{
	size_t applied = 0;
	int status = wake_migrate_each_pending(migrating->store, add_migration, migrating->report, err);

	return status == WAKE_OK ? wake_migrate(migrating->store, &applied, err) : status;
}

int wake_existing_migrate(struct wake_store *store, json_t **ret_report, struct wake_error *err)
{
	auto_migrating struct migrating migrating = { 0 };
	int status = start(&migrating, store, err);

	if (status != WAKE_OK)
		return status;
	if (!is_there(&migrating)) {
		status = migrate_plainly(&migrating, err);
	} else {
		status = wake_existing_rehearse(store, &migrating.catalogue, NULL, err);
		if (status == WAKE_OK)
			status = wake_store_prepare_migration(store, err);
		if (status == WAKE_OK)
			status = wake_store_begin(store, err);
		if (status == WAKE_OK)
			status = take_over_if_there(&migrating, err);
		if (status == WAKE_OK)
			status = wake_store_commit(store, err);
		if (status != WAKE_OK)
			wake_store_rollback(store);
	}
	if (status == WAKE_OK)
		give_report(&migrating, ret_report);
	return status;
}
