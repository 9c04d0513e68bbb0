/* SPDX-License-Identifier: MIT */
/* The exclusive claim of a run on a workspace: the file runwake/claim in the worktree's git directory (for
 * a directory outside of git nothing is claimed), made with link(2), so of two starts at once one wins. */
#ifndef WAKE_CLAIM_H
#define WAKE_CLAIM_H

#include "event/marker.h"
#include "event/worktree.h"

struct wake_claim {
	char run_id[WAKE_RUN_ID_MAX + 1];
	char workspace_id[WAKE_RUN_ID_MAX + 1];
	int64_t at; /* microseconds UTC */
};

/* WAKE_BUSY when another run holds it (ret_holder, may be NULL, is filled); taking one's own again is fine.
 * replace: takes it over. WAKE_NOTFOUND: the repository is not registered. */
int wake_claim_take(const struct wake_worktree *worktree, const char *run_id, const char *workspace_id,
    bool replace, struct wake_claim *ret_holder, struct wake_error *err) WAKE_MUST_CHECK;
/* WAKE_NOTFOUND: nobody. WAKE_CORRUPT: the file is not a claim. */
int wake_claim_read(const struct wake_worktree *worktree, struct wake_claim *ret_claim,
    struct wake_error *err) WAKE_MUST_CHECK;
/* Gives it up if run_id holds it; else changes nothing (WAKE_NOTFOUND). */
int wake_claim_release(const struct wake_worktree *worktree, const char *run_id, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
