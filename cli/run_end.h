/* SPDX-License-Identifier: MIT */
/* The end of a run, for the commands that end one.
 *
 * The time of the end is taken first of all, so that what is committed while this works falls outside of the run. The
 * end is in the spool before anything is cleared: a kill between leaves things that the next start finds to be left
 * over. The active entry goes first, for as long as it is there the watcher takes the run for an active one, and would
 * restore its marker. */
#ifndef WAKE_RUN_END_H
#define WAKE_RUN_END_H

#include "base/paths.h"
#include "cli/run_events.h"

struct wake_run_ending {
	const struct wake_paths *paths;	/* borrowed */
	const char *directory; /* borrowed: where its marker lies; NULL: unknown */
	struct wake_workspace workspace;
	bool has_workspace;
	bool is_over; /* it ended before: what lies in the workspace now is not its doing */
	struct wake_git_facts facts;
	struct wake_run_end end; /* run_id and at first of all */
};

/* A workspace that is gone, or cannot be read, does not keep its run from ending; a note says so. */
void wake_run_ending_open(struct wake_run_ending *ending);
/* Brings the record of its worktree up to this moment, and takes its final commit; what fails is noted. */
void wake_run_ending_look(struct wake_run_ending *ending);
/* Adds the end to events, which may hold what else is to be told, and puts all of them into the spool. */
int wake_run_ending_tell(struct wake_run_ending *ending, struct wake_events *events, struct wake_error *err)
    WAKE_MUST_CHECK;
/* Removes active entry, marker and claim, as far as they are this run's; what fails is noted. */
void wake_run_ending_clear(const struct wake_run_ending *ending);
void wake_run_ending_release(struct wake_run_ending *ending);

#endif
