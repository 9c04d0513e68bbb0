/* SPDX-License-Identifier: MIT */
/* The presumed end of a run: its process is gone, and nobody has reported anything. A reported end outranks
 * it, also one that comes later. */
#ifndef WAKE_ENDING_H
#define WAKE_ENDING_H

#include "event/active.h"

/* Observes the worktree where the run worked, tells its end (failed, with this error) with a hint of the edits it has
 * left, and then clears its claim, its marker and its active entry, in this order and as far as they name it.
 * The entry goes last: killed anywhere between, doing it again does the rest, and an end that is told twice is
 * one. A workspace that is gone or cannot be read keeps no run from ending. at: when it ended, as far as that
 * is known; not before the run's start. active, error: borrowed. */
int wake_ending_presume(const struct wake_paths *paths, const struct wake_active *active, int64_t at,
    const char *error, struct wake_error *err) WAKE_MUST_CHECK;

#endif
