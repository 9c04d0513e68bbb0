/* SPDX-License-Identifier: MIT */
/* What a diff adds and removes, file by file: the numbers of `git diff --numstat` with git's defaults
 * (renames on, diff.* settings of the user pinned to the defaults), between two commits' trees.
 *
 * Engine "walk": our own walk over both trees skips subtrees with equal ids; changed blobs are compared with
 * libgit2's xdiff. Exact renames come from equal blob ids. Engine "git": where an inexact rename is possible,
 * or attributes, submodules or a repository feature are beyond the walk, git is asked. Replacements
 * (git-replace(1)) count for neither. */
#ifndef WAKE_DIFFSTAT_H
#define WAKE_DIFFSTAT_H

#include <stdint.h>

#include "base/json.h"
#include "git/repo.h"

#define WAKE_DIFF_FILES_MAX 1000000

struct wake_diff_file {
	char *path;		/* owned; storable text: bytes that are not UTF-8 as git quotes them */
	char *old_path;		/* owned; NULL unless renamed or copied */
	int64_t added;		/* lines; 0 if binary */
	int64_t removed;
	bool binary;
	char status;		/* A added, M modified, D deleted, R renamed, C copied, T type changed */
};

struct wake_diffstat {
	struct wake_diff_file *files;	/* owned, in git's order (by new path, bytewise) */
	size_t count;
	int64_t added, removed;		/* sums */
	const char *engine;		/* static: "walk" or "git" */
};

/* from and to: full commit hashes; "" or all zeros = the empty tree. WAKE_NOTFOUND: an object is missing. */
int wake_diffstat_commits(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err) WAKE_MUST_CHECK;

/* [{"path","old_path"(or null),"added","removed","binary","status"}, …]. owned: json_decref. */
int wake_diffstat_json(const struct wake_diffstat *stat, json_t **ret_files, struct wake_error *err)
    WAKE_MUST_CHECK;

void wake_diffstat_release(struct wake_diffstat *stat);

#define wake_auto_diffstat WAKE_CLEANUP(wake_diffstat_release)

#endif
