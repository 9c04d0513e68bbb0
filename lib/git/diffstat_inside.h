/* SPDX-License-Identifier: MIT */
/* The two engines of diffstat.h and what decides between them. Inner to the room. */
#ifndef WAKE_DIFFSTAT_INSIDE_H
#define WAKE_DIFFSTAT_INSIDE_H

#include "git/diffstat.h"
#include "git/treewalk.h"

#define WAKE_DIFF_PATH_MAX ((size_t)16 * 1024) /* bytes of a path as stored */

/* WAKE_UNAVAILABLE: this diff is beyond the walk, git must be asked. from and to: commits, or "". */
int wake_diffstat_by_walk(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err) WAKE_MUST_CHECK;
int wake_diffstat_by_git(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err) WAKE_MUST_CHECK;

/* What `git diff --raw --numstat -z` says of one file; all borrowed. */
struct wake_diff_record {
	const char *path, *old_path; /* bytes; old_path NULL unless renamed or copied */
	char status;
	unsigned old_mode, new_mode;
	char old_id[WAKE_HASH_SIZE]; /* "" where git names none */
	int64_t added, removed;
	bool binary;
};
/* Runs git with the user's diff.* settings pinned to git's defaults. args: what to compare, NULL-terminated. */
int wake_diff_ask(struct wake_repo *repo, const char *const *args, size_t count,
    struct wake_process_result *ret_result, struct wake_error *err) WAKE_MUST_CHECK;
/* Calls take for each file that numstat lists. WAKE_UNAVAILABLE: it cannot be understood. */
int wake_diff_parse(const char *data, size_t len,
    int (*take)(void *context, const struct wake_diff_record *record, struct wake_error *err), void *context,
    struct wake_error *err) WAKE_MUST_CHECK;

/* git knows the empty tree without having it. */
const char *wake_diff_empty_tree(const struct wake_repo *repo);

/* Appends a file; the paths are bytes, and become storable text. old_path may be NULL. */
int wake_diffstat_add(struct wake_diffstat *stat, size_t *room, const char *path, const char *old_path,
    struct wake_diff_file **ret_file, struct wake_error *err) WAKE_MUST_CHECK;

/* Could an attributes file that git would read say which of these files are text? Errs towards yes. */
int wake_attributes_matter(struct wake_repo *repo, const struct wake_changes *changes, const char *from,
    const char *to, bool *ret_matter, struct wake_error *err) WAKE_MUST_CHECK;

/* git's exact renames: which added file (index) came from which deleted one. origins: of changes->count
 * items, filled with the index of the deleted file, or SIZE_MAX. ret_inexact: files are left that could be
 * renamed and edited. */
int wake_renames_find(struct wake_repo *repo, const struct wake_changes *changes, size_t *origins,
    bool *ret_inexact, struct wake_error *err) WAKE_MUST_CHECK;

struct wake_count {
	int64_t added, removed; /* lines */
	bool binary;
};
/* One side of a comparison; data NULL: it is not there. Larger than WAKE_OBJECT_MAX: only the length counts. */
struct wake_side {
	const char *data; /* borrowed */
	size_t len;
};
/* What differs between two texts, as git counts it. same: they are known to be alike. */
int wake_count_sides(const struct wake_side *old_side, const struct wake_side *new_side, bool same,
    struct wake_count *ret_count, struct wake_error *err) WAKE_MUST_CHECK;
bool wake_count_is_binary(const char *data, size_t len);

/* What differs between two blobs, as git counts it. A mode of 0: that side is not there. */
int wake_count_blobs(struct wake_repo *repo, const git_oid *old_id, unsigned old_mode, const git_oid *new_id,
    unsigned new_mode, struct wake_count *ret_count, struct wake_error *err) WAKE_MUST_CHECK;

#endif
