/* SPDX-License-Identifier: MIT */
/* What git ignores in one worktree. The rules are git's own: `git check-ignore --no-index` is asked, a
 * process that is started when there is something to ask and ended when there has been nothing for 30 seconds.
 * What is tracked is never ignored: `git ls-files` is read once for that, and of each path and each directory
 * on the way to it 32 bits of a keyed hash are kept (a path may so be taken for tracked that is not, with one
 * chance in 20,000 beside 200,000 tracked files, and costs a hint too many). Where git does not answer, nothing
 * is taken for ignored. */
#ifndef WAKE_IGNORE_H
#define WAKE_IGNORE_H

#include "watcher/loop.h"

struct wake_ignore; /* opaque; owned: wake_ignore_free */

struct wake_ignore_owner {
	/* What is tracked has been listed, or could not be. changed: it is not what it was before. */
	void (*listed)(void *context, bool changed);
	/* While listing again: a directory (borrowed) that has come to hold something tracked. */
	void (*found)(void *context, const char *directory);
	/* The answer to wake_ignore_ask; never from within that call. path: borrowed. */
	void (*answered)(void *context, uint64_t token, const char *path, bool ignored);
	void *context;
};

/* Nothing starts yet. root, git_dir: absolute. No callback may free it. */
int wake_ignore_new(struct wake_loop *loop, const char *root, const char *git_dir,
    const struct wake_ignore_owner *owner, struct wake_ignore **ret_ignore, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_ignore_free(struct wake_ignore *ignore);

/* Lists what is tracked. While that goes on already: once more after it. */
void wake_ignore_list(struct wake_ignore *ignore);
/* The rules may have changed: what waits for an answer is asked of a new process. */
void wake_ignore_restart(struct wake_ignore *ignore);

/* Is the path, or something below it, tracked? */
bool wake_ignore_is_tracked(const struct wake_ignore *ignore, const char *path);

/* path: relative to the root, with no repository of its own and no symbolic link on the way. Answers come in
 * the order of the questions. */
int wake_ignore_ask(struct wake_ignore *ignore, const char *path, uint64_t token, struct wake_error *err)
    WAKE_MUST_CHECK;
size_t wake_ignore_waiting(const struct wake_ignore *ignore); /* questions without an answer */

/* Why git does not answer; "" if it does. borrowed. */
const char *wake_ignore_problem(const struct wake_ignore *ignore);

#endif
