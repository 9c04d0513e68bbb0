/* SPDX-License-Identifier: MIT */
/* The uncommitted edits of a worktree: what differs between HEAD and the files, and which files are untracked.
 *
 * The numbers are those of `git diff --numstat HEAD` with git's defaults, plus one entry for each untracked file
 * that git does not ignore, with all its lines as added (0 and binary where git would call it binary; a symbolic
 * link has one line; a nested repository is no file). A state is an array of objects, sorted by path bytewise; two of
 * them have the same path where a file was taken out of the index and is still there (D, then "?"):
 *
 *   {"path", "old_path"(or null), "status", "added", "removed", "binary",
 *    "old_id", "new_id", "old_mode", "new_mode", "kept"}
 *
 * status: A M D R C T as git's, "?" untracked, "U" unmerged. path: as wake_event_add_path writes it. old_id and
 * new_id: SHA-1 blob ids of both sides in git/kept.h's repository ("" = not there); new_id is the content's id also
 * where it is not kept; both are "" for a submodule, new_id also for a file that cannot be read. Modes: numbers as
 * stat(2) has them (0100644 is 33188), 0 = not there. kept: "yes", or why the contents are not kept:
 * "size" (runwake.keepfilemax), "name" (runwake.keepnever), "run" (runwake.keeprunmax), "off" (runwake.keep),
 * "kind" (a submodule, a file that cannot be read, an object that is not here, a path with a .git in it). */
#ifndef WAKE_EDITS_H
#define WAKE_EDITS_H

#include "base/json.h"
#include "git/kept.h"
#include "git/repo.h"

struct wake_edits_request {
	const char *index_cache;	/* a file of ours that keeps what index and settings told, one for each
					 * worktree, and which state was found with it; NULL, lost, or of another
					 * state than before: then the diff is a whole one */
	const json_t *before;		/* the state recorded last (borrowed); NULL: none, which means whole */
	const char *before_head;	/* HEAD's commit in it; "" if unborn */
	const char *before_old, *before_new; /* its kept trees; "" or NULL: none */
	const json_t *paths;		/* array of texts: paths that may have changed; borrowed */
	bool whole;			/* any path may have */
	struct wake_kept *kept;		/* where contents go; NULL: they are not kept */
	int64_t keep_file_max, keep_max; /* bytes: of one file, of all that is kept now */
	const char *keep_never;		/* the setting's patterns */
};

struct wake_edits {
	json_t *files;		/* owned: the state as said above */
	json_t *discarded;	/* owned: entries of `before` whose contents are neither there any more nor what HEAD
				 * holds now: thrown away */
	char head[WAKE_HASH_SIZE];	/* "" if unborn */
	char *branch;			/* owned; NULL when detached */
	char kept_old[WAKE_HASH_SIZE], kept_new[WAKE_HASH_SIZE]; /* "" if nothing is kept */
	int64_t kept_bytes;		/* written now */
	int64_t added, removed;		/* sums over files */
	size_t untracked;
	bool changed;			/* differs from before: other files, numbers, contents or head, or other
					 * contents are kept; always if there was none before */
	const char *engine;		/* static: "walk" or "git" */
};

/* Reads only the paths that may have changed and, where HEAD or the index have, what they say has changed. Never
 * writes index, refs or objects of the repository. WAKE_NOTFOUND: the worktree is gone. */
int wake_edits_diff(struct wake_repo *repo, const struct wake_edits_request *request, struct wake_edits *ret_edits,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_edits_release(struct wake_edits *edits);

#define wake_auto_edits WAKE_CLEANUP(wake_edits_release)

#endif
