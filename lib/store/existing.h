/* SPDX-License-Identifier: MIT */
/* A database in which another system already has its tables: its workflow_runs is upgraded in place, its
 * workflow_processes carried over and dropped, in one transaction with whatever migrations are pending.
 * PostgreSQL alone: a file that another system has its tables in is refused when it is opened. */
#ifndef WAKE_EXISTING_H
#define WAKE_EXISTING_H

#include "base/json.h"
#include "store/store.h"

#define WAKE_EXISTING_LISTED_MAX 100 /* rows that a report names; all are counted */

struct wake_existing {
	bool runs;      /* a workflow_runs that our migrations did not make */
	bool processes; /* a workflow_processes */
};

/* Reads the catalogue alone. */
int wake_existing_find(
    struct wake_store *store, struct wake_existing *ret_existing, struct wake_error *err) WAKE_MUST_CHECK;

/* The report of a migration, done or to be done; owned: json_decref. An object with
 *   migrations  names
 *   workflow_runs  null, or {rows, columns_added, columns_widened, dropped, unchecked_keys, misfits}
 *   workflow_processes  null, or {rows, statuses: [{from, to, rows}], assumed_utc, misfits}
 *   misfit_rows  [{table, run_id, reason}], WAKE_EXISTING_LISTED_MAX at most
 *   sessions, messages, users  about how many rows are there; null: no such table
 * where misfits are [{reason, rows}], a reason being "COLUMN: WHAT". */

/* Waits for nobody but a change of the tables' shape; what it makes to compare with is temporary and rolled back.
 * unchecked_keys is empty. WAKE_INVALID, WAKE_UNAVAILABLE: wake_existing_migrate would fail, and why. */
int wake_existing_plan(struct wake_store *store, json_t **ret_report, struct wake_error *err) WAKE_MUST_CHECK;

/* Migrates, and takes over what there is: all of it or nothing. WAKE_BUSY: somebody is using the tables.
 * WAKE_INVALID: they are none that can be taken over; the text says why. */
int wake_existing_migrate(
    struct wake_store *store, json_t **ret_report, struct wake_error *err) WAKE_MUST_CHECK;

#endif
