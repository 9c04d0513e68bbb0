/* SPDX-License-Identifier: MIT */
/* Was a commit reachable from a remote-tracking ref at some time? Inner to the room. */
#ifndef WAKE_REMOTE_KNOWN_H
#define WAKE_REMOTE_KNOWN_H

#include "git/repo.h"

/* Looks at the lines of COMMON_DIR/logs/refs/remotes/ with a time up to `before` (seconds since 1970), but
 * not at those that a push of ours wrote. At most 10,000 of the newest hashes count. */
int wake_remote_known(struct wake_repo *repo, const char *hash, int64_t before, bool *ret_known,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
