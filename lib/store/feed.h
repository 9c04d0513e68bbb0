/* SPDX-License-Identifier: MIT */
/* Feeding a team's database from a store in a file: for a machine whose role there may insert events and
 * nothing else. The store in the file is the machine's whole record; the database gets the ledger's events,
 * which somebody else folds (store/waiting.h). What is not known to be there is listed in the store
 * (workflow_unfed) by the transaction that adds the event to the ledger, and taken off when the database has
 * committed it: so nothing is lost, and what is told twice changes nothing. Hints of edits stay: only the
 * machine that has the files can follow them. */
#ifndef WAKE_FEED_H
#define WAKE_FEED_H

#include "event/event.h"
#include "store/store.h"

/* Makes the store one that is fed to url from now on, with all that it holds; url "": to none. Nothing is
 * done where it is so already. WAKE_INVALID: the store is itself a database, or url is no postgresql:// URI.
 */
int wake_feed_set(struct wake_store *store, const char *url, struct wake_error *err) WAKE_MUST_CHECK;

/* Has the database told all that the store holds once more, as after it was restored from a backup. */
int wake_feed_all_again(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Inside the transaction that adds events to the ledger: lists those that are new, if the store is fed. */
int wake_feed_want(struct wake_store *store, const struct wake_events *batch, const bool *is_new,
    struct wake_error *err) WAKE_MUST_CHECK;

struct wake_feed_state {
	char *url;         /* owned; NULL: the store is not fed */
	int64_t failures;  /* one after another */
	int64_t next_at;   /* not to be tried before; WAKE_TIME_NONE: at once */
	bool waits;        /* does anything? */
	char problem[WAKE_ERROR_TEXT_SIZE]; /* why the last try failed; "" if it did not */
};
int wake_feed_read(
    struct wake_store *store, struct wake_feed_state *ret_state, struct wake_error *err) WAKE_MUST_CHECK;
void wake_feed_state_release(struct wake_feed_state *state);

struct wake_feed_counts {
	int64_t waiting, refused;
	char refusal[256]; /* of the latest; "" if none was refused */
};
int wake_feed_count(
    struct wake_store *store, struct wake_feed_counts *ret_counts, struct wake_error *err) WAKE_MUST_CHECK;

/* Tells the database everything that waits, in batches of 500 at most, as host. A failure is noted in the
 * store with the time before which another try is not worth it. WAKE_UNAVAILABLE: the database does not
 * answer, or refuses the role. */
int wake_feed(
    struct wake_store *store, const char *host, size_t *ret_fed, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_feed_state WAKE_CLEANUP(wake_feed_state_release)

#endif
