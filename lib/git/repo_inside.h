/* SPDX-License-Identifier: MIT */
/* What a struct wake_repo is made of, and how its objects are read. Inner to the room: git2.h shows here. */
#ifndef WAKE_REPO_INSIDE_H
#define WAKE_REPO_INSIDE_H

#include <git2.h>

#include "git/repo.h"

/* Bytes; a larger blob is binary to git too (core.bigFileThreshold). */
#define WAKE_OBJECT_MAX ((size_t)512 * 1024 * 1024)

enum wake_library { WAKE_LIBRARY_UNTRIED, WAKE_LIBRARY_OPEN, WAKE_LIBRARY_BEYOND };

struct wake_repo {
	struct wake_worktree worktree;
	bool sha256;
	bool has_root;			/* a worktree whose root is still there */
	enum wake_library state;	/* libgit2 is started only when wanted: that costs 5 to 9 ms */
	git_odb *odb;			/* owned */
	git_repository *library;	/* owned; the objects alone: no settings, refs or index */
	bool settings_read;
	bool attr_tree;			/* attr.tree is set: a tree of its choice has the attributes */
	char *attributes_file;		/* owned; core.attributesFile, NULL: not set */
};

/* Finds out the object format, and whether the repository is beyond libgit2. */
int wake_repo_read_format(struct wake_repo *repo, struct wake_error *err) WAKE_MUST_CHECK;

/* Opens the object database by libgit2. WAKE_UNAVAILABLE: it cannot, git must be asked. */
int wake_repo_open_library(struct wake_repo *repo, struct wake_error *err) WAKE_MUST_CHECK;

/* Reads attr_tree and attributes_file, once in a repo's life. */
int wake_repo_read_settings(struct wake_repo *repo, struct wake_error *err) WAKE_MUST_CHECK;

/* libgit2's last error as ours: WAKE_NOTFOUND, WAKE_NOMEM or WAKE_CORRUPT. */
int wake_fail_git2(struct wake_error *err, int code, const char *what, const char *name);

/* git's failure as ours, with the line that says why: WAKE_NOTFOUND where an object is missing. */
int wake_fail_git(struct wake_error *err, const struct wake_process_result *result, const char *what);

struct wake_object {
	const char *data;	/* borrowed from the two below */
	size_t len;
	git_object_t type;
	git_odb_object *held;	/* owned */
	struct wake_process_result said; /* owned */
};

/* Any object by its full hash, by libgit2 where it can, else by `git cat-file`. WAKE_NOTFOUND. */
int wake_object_read(struct wake_repo *repo, const char *hash, struct wake_object *ret_object,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_object_release(struct wake_object *object);

#define wake_auto_object WAKE_CLEANUP(wake_object_release)

#endif
