/* SPDX-License-Identifier: MIT */
/* The spool: where events wait, durably, for the recorder. Any number of writers, no daemon.
 *
 *   SPOOL/in/current   lines appended by writers under a short flock
 *   SPOOL/in/ID        a file of its own, where the lock was not had or the write failed
 *   SPOOL/tmp/         such files before their rename
 *   SPOOL/work/        renamed here by the recorder while it applies them
 *   SPOOL/quarantine/  what could not be read or applied: ID.line (the reason, a newline, the line),
 *                      ID.file (an entry that was no file of ours), newer-vN (lines of event version N,
 *                      which come back as soon as the program reads that version)
 *   SPOOL/cursors/     see event/observe.h
 *   SPOOL/lock         the recorder's lock, held while it works (OFD, so it dies with its holder)
 *   SPOOL/attended     the same kind of lock, held for as long as somebody sees to it that the spool is
 *                      drained whenever anything comes
 *   SPOOL/feeding      and again, held by whoever tells the team's database what it was not told (store/feed.h)
 *
 * A line is 8 hex digits of CRC-32 (IEEE 802.3, of the JSON), a space, the JSON, a newline. */
#ifndef WAKE_SPOOL_H
#define WAKE_SPOOL_H

#include <stdbool.h>

#include "base/clock.h"
#include "event/event.h"

#define WAKE_SPOOL_LOCK_WAIT 20000 /* microseconds: a writer never waits longer for a lock */

/* Appends events in one write; all of them are in the spool, or WAKE_SYSTEM. Makes the directories
 * (0700) when they are missing. durable: fdatasync before it returns (starts, ends, pushes). */
int wake_spool_append(const char *spool, const struct wake_events *events, bool durable,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Is a recorder at work, or does somebody attend the spool? Two F_OFD_GETLK at most, no waiting; false when
 * unsure. */
bool wake_spool_is_drained_now(const char *spool);

/* Why the latest recording failed, kept in SPOOL/failure until one does not (text NULL). Only a help: where it cannot
 * be written, nothing is told. */
void wake_spool_note_failure(const char *spool, const char *text);
/* NULL: the latest did not fail. Comes from a file: escape it before a terminal. owned: free(3). */
int wake_spool_read_failure(const char *spool, char **ret_text, struct wake_error *err) WAKE_MUST_CHECK;
/* Did it fail within the last WAKE_SPOOL_PAUSE? Then the next witness starts no other recorder: in an outage each
 * commit of a rebase would start one, to fail again. */
#define WAKE_SPOOL_PAUSE WAKE_SECOND /* microseconds */
bool wake_spool_failed_lately(const char *spool);

/* The recorder's lock. wait: until the present holder is done; else WAKE_BUSY. */
int wake_spool_lock(const char *spool, bool wait, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;

/* Attends the spool until ret_fd is closed: whoever spools meanwhile starts no recorder, so the holder must
 * drain, or have drained, what comes; and look once more after closing, as after unlocking. WAKE_BUSY:
 * somebody else does. */
int wake_spool_attend(const char *spool, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;

/* The same for telling a team's database: WAKE_BUSY: somebody else does. */
int wake_spool_lock_feed(const char *spool, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;
bool wake_spool_is_fed_now(const char *spool);

/* Applies everything that is in the spool. The caller holds the lock. apply gets batches of at most
 * WAKE_SPOOL_BATCH events, which it may change and must not release; when it returns WAKE_OK they are
 * committed. WAKE_INVALID makes it halve the batch until the refused ones stand alone, and put those into
 * quarantine with the error's text. With any other code the file is kept and that error returned: at once
 * after WAKE_UNAVAILABLE, WAKE_BUSY, WAKE_CORRUPT and WAKE_REFUSED, else at the end, as for what fails with
 * one file (a read error, a quarantine on a full disk): that file stays, the others are applied. */
#define WAKE_SPOOL_BATCH 500
typedef int (*wake_spool_apply)(void *context, struct wake_events *batch, struct wake_error *err);

int wake_spool_drain(const char *spool, wake_spool_apply apply, void *context, size_t *ret_applied,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Is there anything to drain? Called after unlocking: an event may have arrived between. A file that a
 * writer holds right now does not count: that writer probes the recorder's lock when it is done. */
bool wake_spool_has_events(const char *spool);

/* Is anything in work/ that a drain took and left: a writer still holds it, or it cannot be read? */
bool wake_spool_has_leftovers(const char *spool);

struct wake_spool_status {
	uint64_t waiting_files;
	uint64_t waiting_bytes;
	uint64_t quarantined;		/* lines set aside */
	char quarantine_reason[256];	/* of the latest one; "" if none */
};
int wake_spool_status(const char *spool, struct wake_spool_status *ret_status, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Lines (and files that were none of ours) in quarantine that name the run: counts them, and removes them if asked
 * to. The caller that removes holds the recorder's lock. */
int wake_spool_purge(const char *spool, const char *run_id, bool remove, size_t *ret_count, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
