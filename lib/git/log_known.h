/* SPDX-License-Identifier: MIT */
/* Did a worktree's HEAD lead to a commit at an earlier time? Inner to the room. */
#ifndef WAKE_LOG_KNOWN_H
#define WAKE_LOG_KNOWN_H

#include "base/json.h"
#include "git/repo.h"

/* Looks at the lines of every worktree's logs/HEAD that precede a movement, also those that are older than
 * the registration and so are no events: in the movement's own log those before its place, in others those
 * before its second (clocks may lie; a place does not). moved: data of a moved event. */
int wake_log_known(struct wake_repo *repo, const json_t *moved, bool *ret_known, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
