/* SPDX-License-Identifier: MIT */
/* A worktree's places on disk, found as git finds them (gitrepository-layout(5)), without git. */
#ifndef WAKE_WORKTREE_H
#define WAKE_WORKTREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/scope.h"

#define WAKE_HASH_SIZE 65 /* 64 hex digits (SHA-256) and a NUL; SHA-1 has 40 */

struct wake_worktree {
	char *root;		/* owned, absolute; NULL in a bare repository */
	char *git_dir;		/* owned, absolute: this worktree's own git directory */
	char *common_dir;	/* owned, absolute: the repository's; equal to git_dir in the main worktree */
};

/* From a directory upwards (a .git directory or file, or a bare repository); start NULL: the
 * current one. A directory inside the git directory itself is found too. WAKE_NOTFOUND outside of any
 * repository. */
int wake_worktree_find(const char *start, struct wake_worktree *ret_worktree, struct wake_error *err)
    WAKE_MUST_CHECK;

/* As git tells a hook: GIT_DIR if set (with GIT_WORK_TREE), else the current directory. */
int wake_worktree_of_hook(struct wake_worktree *ret_worktree, struct wake_error *err) WAKE_MUST_CHECK;

/* Every worktree of a repository: the main one (or the bare repository itself) first, then those under
 * COMMON_DIR/worktrees by name. A linked one whose root is gone is listed (root as recorded in its gitdir
 * file); its log lives on. */
struct wake_worktrees {
	struct wake_worktree *items;
	size_t count;
};
int wake_worktree_list(const char *common_dir, struct wake_worktrees *ret_worktrees,
    struct wake_error *err) WAKE_MUST_CHECK;

/* What HEAD says now. ret_branch: full ref name without refs/heads/, owned; NULL when detached.
 * ret_hash: "" when unborn. Reads HEAD, the loose ref, then packed-refs (at most 64 MiB); either may be
 * NULL, and without ret_hash only HEAD is read. A reftable repository is WAKE_UNAVAILABLE: git must be
 * asked. */
int wake_worktree_head(const struct wake_worktree *worktree, char **ret_branch,
    char ret_hash[WAKE_HASH_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* The branch that a rebase under way will move (rebase-merge/head-name, rebase-apply/head-name), without
 * refs/heads/; NULL when none is under way. owned: free(3). */
char *wake_worktree_rebased_branch(const struct wake_worktree *worktree);

bool wake_hash_is_valid(const char *hash);	/* 40 or 64 lower-case hex digits */
bool wake_hash_is_zero(const char *hash);	/* all of them 0, or "" */

void wake_worktree_release(struct wake_worktree *worktree);
void wake_worktrees_release(struct wake_worktrees *worktrees);

#define wake_auto_worktree WAKE_CLEANUP(wake_worktree_release)
#define wake_auto_worktrees WAKE_CLEANUP(wake_worktrees_release)

#endif
