/* SPDX-License-Identifier: MIT */
/* Contents that are kept of uncommitted edits: blobs and trees in a bare repository of ours, STATE/kept/
 * REPOSITORY_ID.git (0700), one for each recorded repository, always SHA-1, without alternates: it must outlive
 * the repository that it keeps from. A state has two trees with the changed paths alone: the old side (HEAD's)
 * and the new one. Nothing here is ever written into the user's repository. */
#ifndef WAKE_KEPT_H
#define WAKE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/paths.h"
#include "event/worktree.h"

struct wake_kept; /* opaque; owned: wake_kept_close */

/* make: else WAKE_NOTFOUND where nothing was kept yet. */
int wake_kept_open(const struct wake_paths *paths, const char *repository_id, bool make, struct wake_kept **ret_kept,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_kept_close(struct wake_kept *kept);

static inline void wake_scope_kept(struct wake_kept **kept)
{
	wake_kept_close(*kept);
}
#define wake_auto_kept WAKE_CLEANUP(wake_scope_kept)

/* ret_written: bytes of the content; 0 if it was there already. A pack takes fewer on the disk (it compresses, and
 * adds some 60 bytes for an object with its entry in the index), a loose object whole blocks. */
int wake_kept_add_blob(struct wake_kept *kept, const void *data, size_t len, char ret_id[WAKE_HASH_SIZE],
    int64_t *ret_written, struct wake_error *err) WAKE_MUST_CHECK;

/* What was added since lies safely on the disk when this returns, so that an event which names it may be
 * committed. Before, it may be in memory alone (some 16 MiB at most): found through this kept, by nobody
 * else. On failure it still is, and may be synced again. Few objects become loose ones, many a pack. */
int wake_kept_sync(struct wake_kept *kept, struct wake_error *err) WAKE_MUST_CHECK;

/* Both trees of a state, or one of them, may have gone with the repository's directory. "" is always there. */
bool wake_kept_has(struct wake_kept *kept, const char *id);

/* Bytes, relative, without an empty, ".", ".." or ".git" component (in any case of letters). */
bool wake_kept_takes_path(const char *path);

struct wake_kept_entry {
	const char *path;	/* such a path; WAKE_INVALID otherwise */
	const char *id;		/* a blob's; "" or NULL: the path goes */
	unsigned mode;		/* 0100644, 0100755, 0120000 */
};
/* A tree that differs from base ("" = the empty tree) in these entries; only the trees on their way are
 * written. ret_tree: "" if nothing is left in it. Of two entries of one path the last one counts; one that is
 * to go and is not there is fine. WAKE_NOTFOUND: a blob is not there any more. */
int wake_kept_make_tree(struct wake_kept *kept, const char *base, const struct wake_kept_entry *entries, size_t count,
    char ret_tree[WAKE_HASH_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* The patch between two trees, as git prints it ("" = the empty tree), to fd; syncs first. color: with git's colours.
 * paths: NULL-terminated, bytes; NULL: all. */
int wake_kept_patch(struct wake_kept *kept, const char *old_tree, const char *new_tree, const char *const *paths,
    bool color, int fd, struct wake_error *err) WAKE_MUST_CHECK;

/* Removes every object that none of these trees (ids, a line each; not there: passed over) needs: they are gone from
 * the disk then. A process that reads one meanwhile reads on. To be called by the recorder alone, and while it has
 * the repository not open: an open one remembers what it has seen. On failure more is there than is needed, never
 * less. WAKE_NOTFOUND: nothing was kept yet. */
int wake_kept_trim(const struct wake_paths *paths, const char *repository_id, const char *trees,
    struct wake_error *err) WAKE_MUST_CHECK;
/* Was one stopped while it removed objects? Then some may be there that nothing leads to any more; another finishes
 * it. */
bool wake_kept_is_half_trimmed(const struct wake_kept *kept);

/* Bytes of all files below STATE/kept; 0 where nothing was kept yet. */
int wake_kept_bytes(const struct wake_paths *paths, int64_t *ret_bytes, struct wake_error *err) WAKE_MUST_CHECK;

struct wake_restored {
	size_t files;
	int64_t bytes;
};
/* Writes a tree's files into dir, which must not exist or be empty (WAKE_EXISTS). Nothing is written through a
 * symbolic link, or outside of dir. On failure what was written stays. WAKE_NOTFOUND: contents are not there any
 * more. */
int wake_kept_restore(struct wake_kept *kept, const char *tree, const char *dir, struct wake_restored *ret_restored,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
