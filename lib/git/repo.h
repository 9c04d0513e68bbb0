/* SPDX-License-Identifier: MIT */
/* A repository opened for reading: by libgit2 where it can be, else by git itself (sha256, reftable,
 * unknown extensions …). Never writes index, refs or objects; never fetches. Opening costs next to nothing:
 * libgit2 is started, and git's settings are read, when they are first wanted, and stay for the repo's
 * life; so keep one for all work on a repository.
 *
 * git as a process always runs as `git --no-optional-locks -c protocol.allow=never -c core.fsmonitor=false
 * -c core.hooksPath=/dev/null …` with GIT_TERMINAL_PROMPT=0, LC_ALL=C, without replacements and without its
 * local environment variables. */
#ifndef WAKE_REPO_H
#define WAKE_REPO_H

#include <stdbool.h>

#include "base/process.h"
#include "event/worktree.h"

struct wake_repo; /* opaque; owned: wake_repo_free. Not to be shared between threads. */

/* WAKE_NOTFOUND: the directory is gone. Copies the places out of worktree. */
int wake_repo_open(const struct wake_worktree *worktree, struct wake_repo **ret_repo,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_repo_free(struct wake_repo *repo);

static inline void wake_scope_repo(struct wake_repo **repo)
{
	wake_repo_free(*repo);
}
#define wake_auto_repo WAKE_CLEANUP(wake_scope_repo)

const struct wake_worktree *wake_repo_worktree(const struct wake_repo *repo); /* borrowed */
bool wake_repo_is_beyond_libgit2(const struct wake_repo *repo);
const char *wake_repo_object_format(const struct wake_repo *repo); /* "sha1" or "sha256" */

/* What `git remote get-url origin` says, without credentials; NULL if there is none. owned: free(3). */
int wake_repo_origin(struct wake_repo *repo, char **ret_url, struct wake_error *err) WAKE_MUST_CHECK;

/* What goes into workflow_runs.git_repo: the origin, else the local path of the main repository (its main
 * worktree's root, or the bare directory), also when opened from a linked worktree. owned: free(3). */
int wake_repo_name(struct wake_repo *repo, char **ret_name, struct wake_error *err) WAKE_MUST_CHECK;

/* Branch (NULL when detached; owned) and HEAD's commit ("" when unborn). */
int wake_repo_head(struct wake_repo *repo, char **ret_branch, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* A user's words for a commit ("HEAD~2", a short hash) → its full hash. WAKE_NOTFOUND; WAKE_INVALID if
 * ambiguous or an option. */
int wake_repo_resolve(struct wake_repo *repo, const char *revision, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* user.email as git would use it here; NULL if none. owned: free(3). */
int wake_repo_user_email(struct wake_repo *repo, char **ret_email, struct wake_error *err) WAKE_MUST_CHECK;

/* Runs git here, as said above, to its end. args: after the fixed options, NULL-terminated. */
int wake_repo_git(struct wake_repo *repo, const char *const *args, const char *input, size_t input_len,
    size_t output_max, struct wake_process_result *ret_result, struct wake_error *err) WAKE_MUST_CHECK;

#endif
