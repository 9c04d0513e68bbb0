/* SPDX-License-Identifier: MIT */
/* Which repositories are recorded, and who a worktree is.
 *
 * A repository is registered when COMMON_DIR/runwake/ exists (a template directory may carry it into
 * future clones). Each worktree's git directory holds runwake/nonce-INODE-BIRTH with a UUID: the
 * worktree's id, bound to that very directory, so a re-added worktree or a copied repository is never
 * taken for the old one. repository_id is the nonce of the common directory. No nonce at all = a new
 * worktree, whose whole log counts. Only nonces of other inodes = a copy or a move across file systems: a new
 * nonce that inherits the place up to which the original was recorded, so that nothing is recorded again.
 *
 * The baseline is a place, never a time: the ids of the last 16 lines of logs/HEAD when the
 * repository was registered (runwake/baseline-NONCE; runwake/refs-NONCE for branches' logs). Older lines
 * are left alone. For the sake of copies, who observes outside of a hook keeps the place that was observed
 * last beside it (runwake/seen-NONCE). */
#ifndef WAKE_REGISTRY_H
#define WAKE_REGISTRY_H

#include "base/id.h"
#include "base/paths.h"
#include "event/worktree.h"

struct wake_identity {
	char repository_id[WAKE_ID_SIZE];
	char worktree_id[WAKE_ID_SIZE];
};

bool wake_registry_has(const struct wake_worktree *worktree); /* registered? one stat(2) */

/* Registers the repository with all its worktrees: nonces, baselines, an empty logs/HEAD where none is
 * (git then appends even with core.logAllRefUpdates=false), and STATE/repositories/ID.json. Doing it again
 * changes nothing that was there. Files in the git directory get git's own permissions. */
int wake_registry_add(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Forgets it: removes runwake/, with everything in it, from the common directory and its worktrees, and
 * STATE/repositories/ID.json with the cursors. What was recorded stays. */
int wake_registry_remove(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Reads the nonces; mints what is missing (two at once agree on one, by link(2)); inherits as said above
 * (paths: where the cursor lies). WAKE_NOTFOUND if the repository is not registered. Costs two opens when
 * all is there. */
int wake_registry_identify(const struct wake_paths *paths, const struct wake_worktree *worktree,
    struct wake_identity *ret_identity, struct wake_error *err) WAKE_MUST_CHECK;

/* Is git_dir still the directory that id was read in? WAKE_NOTFOUND: it is gone, or another has taken its place, as
 * `git worktree remove` and `add` leave one at once. Asked after reading in it and before telling of that, it
 * keeps what one worktree did from being told of another. */
int wake_registry_confirm(const char *git_dir, const char *id, struct wake_error *err) WAKE_MUST_CHECK;

/* Notes the repository in STATE/repositories/ if it is not there, or is there with another path (a clone
 * made from our template, a repository that was moved). */
int wake_registry_note(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, struct wake_error *err) WAKE_MUST_CHECK;

/* Takes the note away: of a repository whose directory is gone for good. */
void wake_registry_unnote(const struct wake_paths *paths, const char *repository_id);

struct wake_registered {
	char repository_id[WAKE_ID_SIZE];
	char *common_dir; /* owned */
};
struct wake_registered_list {
	struct wake_registered *items;
	size_t count;
};
/* All of STATE/repositories/, also those whose directory is gone. */
int wake_registry_list(const struct wake_paths *paths, struct wake_registered_list *ret_list,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_registered_list_release(struct wake_registered_list *list);

#endif
