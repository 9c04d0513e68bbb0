/* SPDX-License-Identifier: MIT */
/* The few settings of a repository that say where its worktree is, and where it came from (git-config(1), "Syntax";
 * includes are not followed: git itself writes these into the repository's own file). */
#ifndef WAKE_WORKTREE_CONFIG_H
#define WAKE_WORKTREE_CONFIG_H

#include <stdbool.h>

#include "base/error.h"

struct wake_worktree_config {
	bool bare;	/* core.bare */
	char *worktree;	/* core.worktree, as written; owned; NULL: not set */
	char *origin;	/* the first remote.origin.url, as written, maybe with a password; owned; NULL: not set */
};

/* Reads config and, over it, config.worktree. A missing file sets nothing. */
int wake_worktree_config_read(const char *git_dir, struct wake_worktree_config *ret_config,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_worktree_config_release(struct wake_worktree_config *config);

#endif
