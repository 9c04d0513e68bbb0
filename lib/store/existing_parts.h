/* SPDX-License-Identifier: MIT */
/* Between the files that take an existing system over. Internal to lib/store. */
#ifndef WAKE_EXISTING_PARTS_H
#define WAKE_EXISTING_PARTS_H

#include "store/existing.h"
#include "store/existing_row.h"

/* What the catalogue says. Texts are "" where there is nothing. */
struct wake_existing_catalogue {
	struct wake_existing existing;
	char schema[64], here[64], owner[64], referrer[128], processes_owner[64];
	bool runs_are_plain, runs_are_ours,
	    runs_have_id; /* a plain table; that we may alter; with a run_id */
	bool processes_are_plain, processes_are_ours, processes_have_id;
	bool sessions_have_uuids, users_have_uuids;
	int64_t sessions, messages, users; /* about how many; -1: no such table */
	int64_t runs_oid, processes_oid;
};

int wake_existing_read_catalogue(struct wake_store *store, struct wake_existing_catalogue *ret_catalogue,
    struct wake_error *err) WAKE_MUST_CHECK;

/* WAKE_INVALID, WAKE_UNAVAILABLE: why it cannot be taken over. */
int wake_existing_check(
    const struct wake_existing_catalogue *catalogue, struct wake_error *err) WAKE_MUST_CHECK;

/* What is held at a time of rows or events, in bytes of their texts: as many as are below, and one more. */
#define WAKE_EXISTING_BYTES (4 * 1024 * 1024)

/* Counts over the rows of one table. */
struct wake_existing_tally {
	int64_t rows;
	json_t *misfits;  /* reason → rows; owned */
	json_t *statuses; /* "FROM\nTO" → rows; owned */
	json_t *listed;   /* borrowed; the report's misfit_rows */
	bool assumed_utc;
};

int wake_existing_tally_init(
    struct wake_existing_tally *tally, json_t *listed, struct wake_error *err) WAKE_MUST_CHECK;
void wake_existing_tally_release(struct wake_existing_tally *tally);

/* Reads every row of a table, page by page, into tally, and where stage is set into runwake_import.
 * WAKE_CORRUPT: not every row could be read by its run id. */
int wake_existing_read(struct wake_store *store, const struct wake_existing_catalogue *catalogue,
    enum wake_existing_table table, bool stage, struct wake_existing_tally *tally,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The report's part on a table. owned: json_decref */
int wake_existing_tally_report(
    const struct wake_existing_tally *tally, json_t **ret_part, struct wake_error *err) WAKE_MUST_CHECK;

/* Changes nothing. WAKE_INVALID: what keeps it from being taken over. part: the report's on workflow_runs, whose
 * lists are filled; NULL: not asked for. */
int wake_existing_rehearse(struct wake_store *store, const struct wake_existing_catalogue *catalogue,
    json_t *part, struct wake_error *err) WAKE_MUST_CHECK;

/* Rows (kind, text) into the lists of the report's part on workflow_runs. */
int wake_existing_add_notes(struct wake_rows *rows, json_t *part, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_existing_tally WAKE_CLEANUP(wake_existing_tally_release)

#endif
