/* SPDX-License-Identifier: MIT */
/* Observing: the one routine behind every trigger. git writes a worktree's logs/HEAD before it runs any
 * hook, and also where no hook runs; so whoever is triggered reads that log from the cursor and appends one
 * `moved` event per new line, with `evidence` of the run that is at work.
 *
 * A cursor (SPOOL/cursors/WORKTREE_ID) holds offset, inode, the last line's id, the boot id and the time of
 * the observation; it moves after the append, in place. Lost, torn, of another boot or another file: the
 * log is read again from the baseline, and ids make that harmless. */
#ifndef WAKE_OBSERVE_H
#define WAKE_OBSERVE_H

#include "event/event.h"
#include "event/reflog.h"
#include "event/registry.h"

/* Who observes, and why. */
struct wake_witness {
	const char *env_run_id;	/* RUNWAKE_RUN_ID in a hook's environment; NULL: none, or no hook */
	bool triggered;		/* a hook that a movement has just started: evidence for the last line is
				 * exact. Not where git has written no line (post-merge after --squash, a
				 * checkout of files) */
	const char *triggered_new;	/* the hash it led to, if git told (post-checkout); NULL: unknown */
	bool settled;		/* may compare HEAD with the last line (recorder, verify, watcher; no hook) */
};

struct wake_observed {
	size_t movements;	/* appended now */
	char last_id[WAKE_ID_SIZE];	/* of the log's last line; "" if it is empty */
	char marker_problem[256];	/* why the marker was not believed; "" if it was, or there is none */
};

/* Reads this worktree's log, appends, moves the cursor. A line that is only half written waits for the next
 * observation. Evidence: `env` for the last line only, if triggered (and its new is triggered_new);
 * `marker` for every new line, and for the last line if triggered, even when another witness observed it
 * first. Where a line's old is not the previous line's new, between the cursor's line and lines appended
 * to the same unreplaced file, an implied movement is added; if settled, also where HEAD is not where the
 * last line put it.
 *
 * git waits for a triggered witness. So where more than WAKE_OBSERVE_TRIGGERED_MAX lines are new (the
 * first commit after a reboot), it tells of the last one alone and leaves the cursor, and so the others,
 * to the next witness that is not. */
#define WAKE_OBSERVE_TRIGGERED_MAX 200
int wake_observe(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, const struct wake_witness *witness,
    struct wake_observed *ret_observed, struct wake_error *err) WAKE_MUST_CHECK;

/* The other worktrees' logs are the caller's to loop over. This reads the repository's logs/refs/heads/ and
 * logs/refs/remotes/, to any depth (at most 100,000 logs; unchanged ones cost one stat(2)) and appends
 * `ref-moved`. Cursor: SPOOL/cursors/REPOSITORY_ID.refs. Lines older than the registration are left alone. */
int wake_observe_refs(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, size_t *ret_lines, struct wake_error *err) WAKE_MUST_CHECK;

/* The next observation of the repository's branches reads their logs from the registration on: what the store
 * has of them is known by its ids. For a store that came back from a backup. */
int wake_observe_refs_again(
    const struct wake_paths *paths, const char *repository_id, struct wake_error *err) WAKE_MUST_CHECK;

/* The id of an evidence event: the same movement, kind and run give the same one. */
int wake_observe_evidence_id(const char *movement, const char *kind, const char *run_id,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* Every movement since the baseline as events, whatever the cursor says; appends nothing. For verify. */
int wake_observe_all(const struct wake_worktree *worktree, const struct wake_identity *identity,
    struct wake_events *ret_moved, struct wake_error *err) WAKE_MUST_CHECK;

#endif
