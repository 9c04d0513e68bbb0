/* SPDX-License-Identifier: MIT */
/* Wiring: our hooks in the directories from which git takes a repository's hooks.
 *
 * Each worktree may have a directory of its own (core.hooksPath, relative or in config.worktree). Ours go
 * where git looks, unless that would dirty a tree, reach other repositories, or make a directory that git's
 * owner did not. Where they cannot go, the reflog still tells everything to the next reading command. */
#ifndef WAKE_WIRING_H
#define WAKE_WIRING_H

#include <stdbool.h>

#include "base/paths.h"
#include "base/process.h"
#include "event/worktree.h"

#define WAKE_WIRING_HOOKS 6
extern const char *const wake_wiring_names[WAKE_WIRING_HOOKS];

/* PREFIX/bin/runwake → PREFIX/libexec/runwake/hooks, with all hooks in it (else WAKE_NOTFOUND with the mend).
 * owned: free(3). */
int wake_wiring_programs(const char *runwake, char **ret_directory, struct wake_error *err) WAKE_MUST_CHECK;

/* git -C DIRECTORY ARGS…, with a "NAME=value" more in the environment (NULL: none); hooks stay as configured.
 */
int wake_wiring_git(const char *directory, const char *const *args, const char *set,
    struct wake_process_result *ret_result, struct wake_error *err) WAKE_MUST_CHECK;

enum wake_place {
	WAKE_PLACE_GOOD,     /* ours can be there */
	WAKE_PLACE_PROGRAMS, /* core.hooksPath names our own programs: nothing to do */
	WAKE_PLACE_MISSING,  /* core.hooksPath names a directory that this worktree has not */
	WAKE_PLACE_TRACKED,  /* what is written there shows up in git status */
	WAKE_PLACE_SHARED,   /* core.hooksPath of the person or machine: other repositories use it too */
};

/* Where git looks for the hooks of one worktree. */
struct wake_hooks_place {
	enum wake_place place;
	char *directory;   /* owned; absolute, symbolic links resolved where it exists */
	char *worktree;    /* owned: the worktree's root, or the bare repository */
	bool inside;       /* of the common git directory: no other repository can use it */
	char problem[512]; /* why ours cannot be there, with the mend; "" where they can */
};

/* share: a shared directory is good, too. programs: from wake_wiring_programs. */
int wake_wiring_place(const struct wake_worktree *worktree, const char *programs, bool share,
    struct wake_hooks_place *ret_place, struct wake_error *err) WAKE_MUST_CHECK;
void wake_hooks_place_release(struct wake_hooks_place *place);

/* The places of all worktrees whose directory is there; two with the same directory are two entries. */
struct wake_hooks_places {
	struct wake_hooks_place *items;
	size_t count;
};
int wake_wiring_places(const char *common_dir, const char *programs, bool share,
    struct wake_hooks_places *ret_places, struct wake_error *err) WAKE_MUST_CHECK;
void wake_hooks_places_release(struct wake_hooks_places *places);

#define wake_auto_place WAKE_CLEANUP(wake_hooks_place_release)
#define wake_auto_places WAKE_CLEANUP(wake_hooks_places_release)

#endif
