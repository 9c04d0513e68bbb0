/* SPDX-License-Identifier: MIT */
/* Facts of one commit object. All text is storable (base/text.h): hostile bytes were quoted, lengths bounded;
 * what the commit says to be in another encoding is UTF-8. */
#ifndef WAKE_COMMIT_H
#define WAKE_COMMIT_H

#include "git/repo.h"

#define WAKE_SUBJECT_MAX 1024	/* bytes */
#define WAKE_NAME_MAX 4096	/* bytes of a name or an e-mail address */
#define WAKE_PARENTS_MAX 1024

struct wake_signature {
	char *name;	/* owned */
	char *email;	/* owned */
	int64_t time;	/* seconds since 1970 */
	char zone[8];	/* "+0200" */
};

struct wake_commit {
	char hash[WAKE_HASH_SIZE];
	char tree[WAKE_HASH_SIZE];
	char (*parents)[WAKE_HASH_SIZE];	/* owned */
	size_t parent_count;
	struct wake_signature author, committer;
	char *subject;	/* owned: the first paragraph's lines joined by spaces, as git's %s */
};

/* Grafts and replace refs are not followed. WAKE_NOTFOUND: no such object here, or not a commit. */
int wake_commit_read(struct wake_repo *repo, const char *hash, struct wake_commit *ret_commit,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_commit_release(struct wake_commit *commit);

/* The stable patch-id of a commit against its first parent, or the empty tree: for text that of
 * `git diff-tree --root -p | git patch-id --stable` with git's defaults; where a file is binary, its blobs'
 * ids count. "" for a merge or an empty commit, and for an import (over 20,000 files or 256 MiB).
 * Attributes play no part, so the id of a commit stays the same, and equal diffs have equal ids in one
 * repository. */
int wake_commit_patch_id(struct wake_repo *repo, const struct wake_commit *commit, char ret_id[96],
    struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_commit WAKE_CLEANUP(wake_commit_release)

#endif
