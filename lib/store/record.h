/* SPDX-License-Identifier: MIT */
/* The recorder: the only writer of the store. It drains the spool, observes what the hooks left to it (other
 * worktrees, branch and remote-tracking logs), asks the objects, folds, and decides. */
#ifndef WAKE_RECORD_H
#define WAKE_RECORD_H

#include <stdbool.h>

#include "base/paths.h"
#include "event/event.h"
#include "store/migrate.h"
#include "store/store.h"

/* Which store this state directory works with: RUNWAKE_STORE, else the setting runwake.store, else the one in
 * STATE/store, else sqlite:STATE/runwake.db. STATE/store remembers the first one opened, or the one that
 * wake_store_use named since; another is WAKE_INVALID with the mend, and so is a URI that holds a password.
 * owned: free(3). */
int wake_store_locate(const struct wake_paths *paths, char **ret_url, struct wake_error *err) WAKE_MUST_CHECK;

/* That store's file; NULL where it is no file. owned: free(3). */
int wake_store_locate_file(const struct wake_paths *paths, char **ret_path, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Opens that store, migrates it (SQLite, by itself; with PostgreSQL, WAKE_UNAVAILABLE where migrations wait), and
 * has STATE/store remember it. owned: wake_store_close. */
int wake_store_open_located(const struct wake_paths *paths, struct wake_store **ret_store,
    struct wake_error *err) WAKE_MUST_CHECK;

/* From now on this state directory works with that store, if it opens. What waits in the spool goes there; what
 * the old one holds stays there. ret_state: what of its schema is pending. WAKE_INVALID: RUNWAKE_STORE or the
 * setting names another. */
int wake_store_use(const struct wake_paths *paths, const char *url, struct wake_migration_status *ret_state,
    struct wake_error *err) WAKE_MUST_CHECK;

/* May it be that? WAKE_INVALID as above, and for a URL that is refused. */
int wake_store_check_use(const struct wake_paths *paths, const char *url, struct wake_error *err) WAKE_MUST_CHECK;

/* The same without a look at the store, for a caller that holds the recorder's lock and has the store open. */
int wake_store_rebind(const struct wake_paths *paths, const char *url, struct wake_error *err) WAKE_MUST_CHECK;

struct wake_record_options {
	/* Another recorder is at work: wait for it, then look again (record, readers); else leave it to that
	 * one (a hook's wake-up). */
	bool wait;
	bool observe_all;	/* observe every registered repository, not only those that events name */
	/* Where the role in use may only read, or the tables refuse what is to be recorded, read: what waits in
	 * the spool is told and left there. Without it that is WAKE_UNAVAILABLE or WAKE_REFUSED. */
	bool to_read;
};

struct wake_recorded {
	size_t events;		/* applied, new to the ledger or not */
	size_t movements;	/* observed by the recorder itself */
	bool left_to_another;	/* not waiting, and another recorder is at work: nothing was done here */
	/* What waits could not be recorded: the role may not, or the tables refuse it. See problem. */
	bool unwritten;
	int64_t feed_in;	/* microseconds until the team's database is to be looked after again; 0: nothing
				 * waits for it; 1: it was to be told at once, and that is begun */
	char problem[WAKE_ERROR_TEXT_SIZE]; /* the last thing that went wrong without stopping it; "" if none */
};

/* A recorder that keeps what is costly to open (the store, the repository of the last movements) from one
 * round to the next. Not to be shared between threads, nor across fork(2). */
struct wake_recorder;

/* Opens nothing yet. paths: borrowed for the recorder's life. owned: wake_recorder_close. */
int wake_recorder_open(const struct wake_paths *paths, struct wake_recorder **ret_recorder,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_recorder_close(struct wake_recorder *recorder);

/* When it returns WAKE_OK, everything that was in the spool before is in the store (unless it is left to
 * another recorder). Opens and migrates the store (SQLite) by itself, and anew where its file is not the one
 * that was opened. */
int wake_recorder_round(struct wake_recorder *recorder, const struct wake_record_options *options,
    struct wake_recorded *ret_recorded, struct wake_error *err) WAKE_MUST_CHECK;

/* The store of the last round; NULL: none is open. borrowed: until the next round, or wake_recorder_rest. */
struct wake_store *wake_recorder_store(const struct wake_recorder *recorder);

/* Gives back everything that is kept between rounds; the next one opens it anew. */
void wake_recorder_rest(struct wake_recorder *recorder);

/* One round. WAKE_BUSY: it was left to another recorder. */
int wake_record(const struct wake_paths *paths, const struct wake_record_options *options,
    struct wake_recorded *ret_recorded, struct wake_error *err) WAKE_MUST_CHECK;

/* Folds a batch in one transaction: the heart of wake_record, without spool and git; for tests and copies
 * of a ledger. Events that the ledger has already change nothing. */
int wake_record_apply(struct wake_store *store, struct wake_events *batch, struct wake_error *err)
    WAKE_MUST_CHECK;

/* For readers: open the located store, migrate it, and record first (wait). What could not be recorded (unwritten)
 * keeps nobody from reading; problem then says what waits and why (else it is ""). owned: wake_store_close. */
int wake_record_open(const struct wake_paths *paths, struct wake_store **ret_store, char problem[WAKE_ERROR_TEXT_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
