/* SPDX-License-Identifier: MIT */
/* Wiring a whole repository, and undoing it. */
#ifndef WAKE_WIRE_H
#define WAKE_WIRE_H

#include <stdbool.h>

#include "base/str.h"
#include "cli/wiring.h"

#define WAKE_WIRE_SAID_MAX ((size_t)16 * 1024 * 1024) /* bytes */

struct wake_wire_options {
	const char *programs; /* where our hooks are: wake_wiring_programs; may be NULL to undo */
	bool dry;             /* only say what would be done */
	bool share;           /* also into a hooks directory that other repositories use */
};

struct wake_wire_report {
	struct wake_str done;     /* lines of what was done */
	struct wake_str problems; /* lines of what could not be, with the mend */
};
#define WAKE_WIRE_REPORT()                                                                                   \
	{                                                                                                    \
		.done = WAKE_STR(WAKE_WIRE_SAID_MAX), .problems = WAKE_STR(WAKE_WIRE_SAID_MAX)               \
	}
void wake_wire_report_release(struct wake_wire_report *report);

/* Registers the repository and puts our hooks where git looks for those of its worktrees. Doing it again
 * changes nothing, or points them to this installation. */
int wake_wire(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_wire_options *options, struct wake_wire_report *report,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Takes our hooks away, brings back those that were there before, and forgets the repository. What was
 * recorded stays. */
int wake_unwire(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_wire_options *options, struct wake_wire_report *report,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Puts, or takes away, our hooks in one directory, which is there. (wire_directory.c) */
int wake_wire_directory(const char *directory, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err) WAKE_MUST_CHECK;
int wake_unwire_directory(const char *directory, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err) WAKE_MUST_CHECK;

/* Waits until no other installation works in this directory; the lock goes with ret_fd. Where locks are not
 * to be had (a network file system), it goes on without one: -1. (wire_directory.c) */
void wake_wire_lock(const char *directory, int *ret_fd);

#define wake_auto_report WAKE_CLEANUP(wake_wire_report_release)

#endif
