/* SPDX-License-Identifier: MIT */
/* The directory that a run works in: a git worktree, or any directory outside of git. */
#ifndef WAKE_WORKSPACE_H
#define WAKE_WORKSPACE_H

#include "base/paths.h"
#include "event/observe.h"
#include "event/worktree.h"

struct wake_workspace {
	struct wake_worktree worktree;	/* zeroed outside of git */
	bool in_git;
	bool registered;		/* the repository is; else identity is zeroed */
	struct wake_identity identity;
	char *root;			/* owned, absolute: where the marker lies */
	char id[WAKE_ID_SIZE];		/* the worktree's id; outside of git derived from the path */
};

/* Of a directory (NULL: the current one) or the worktree around it. WAKE_INVALID in a bare repository. */
int wake_workspace_find(const struct wake_paths *paths, const char *directory,
    struct wake_workspace *ret_workspace, struct wake_error *err) WAKE_MUST_CHECK;
void wake_workspace_release(struct wake_workspace *workspace);

/* Registers the repository if it is not, with all that follows for the workspace. ret_new: it was not. */
int wake_workspace_register(const struct wake_paths *paths, struct wake_workspace *workspace, bool *ret_new,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Brings the record of its worktree up to this moment; nothing outside of registered repositories. */
int wake_workspace_observe(const struct wake_paths *paths, const struct wake_workspace *workspace,
    struct wake_error *err) WAKE_MUST_CHECK;

/* What a run's start and end say of git. */
struct wake_git_facts {
	char *name; /* owned: the origin, else the main repository's path; NULL: unknown */
	char *branch;			/* owned; NULL when detached */
	char *email;			/* owned: user.email; NULL if none */
	char head[WAKE_HASH_SIZE];	/* "" when unborn */
};

/* Outside of git: all empty. */
int wake_git_facts_read(const struct wake_workspace *workspace, struct wake_git_facts *ret_facts,
    struct wake_error *err) WAKE_MUST_CHECK;
/* Only branch and head, without opening the repository where git's files tell them. */
int wake_git_facts_head(const struct wake_workspace *workspace, struct wake_git_facts *ret_facts,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_git_facts_release(struct wake_git_facts *facts);

#define wake_auto_workspace WAKE_CLEANUP(wake_workspace_release)
#define wake_auto_facts WAKE_CLEANUP(wake_git_facts_release)

#endif
