/* SPDX-License-Identifier: MIT */
/* The engine "walk". */
#include "git/diffstat_inside.h"

#include <string.h>
#include <sys/stat.h>

#include "git/commit.h"

static int tree_of(
    struct wake_repo *repo, const char *hash, char tree[WAKE_HASH_SIZE], struct wake_error *err)
{
	wake_auto_commit struct wake_commit commit = { 0 };
	int ret;

	if (!*hash) {
		tree[0] = '\0';
		return WAKE_OK;
	}
	ret = wake_commit_read(repo, hash, &commit, err);
	if (ret == WAKE_OK)
		memcpy(tree, commit.tree, WAKE_HASH_SIZE);
	return ret;
}

static char status_of(const struct wake_change *from, const struct wake_change *change)
{
	if (from != change)
		return 'R';
	if (change->old_mode == 0)
		return 'A';
	if (change->new_mode == 0)
		return 'D';
	return (change->old_mode & S_IFMT) == (change->new_mode & S_IFMT) ? 'M' : 'T';
}

/* from: the change that holds the old side; change itself, unless it was renamed. */
static int add_file(struct wake_repo *repo, const struct wake_change *from, const struct wake_change *change,
    struct wake_diffstat *stat, size_t *room, struct wake_error *err)
{
	struct wake_diff_file *file;
	struct wake_count count;
	int ret = wake_count_blobs(
	    repo, &from->old_id, from->old_mode, &change->new_id, change->new_mode, &count, err);

	if (ret == WAKE_OK)
		ret = wake_diffstat_add(
		    stat, room, change->path, from != change ? from->path : NULL, &file, err);
	if (ret < 0)
		return ret;
	file->added = count.added;
	file->removed = count.removed;
	file->binary = count.binary;
	file->status = status_of(from, change);
	return WAKE_OK;
}

static int add_files(struct wake_repo *repo, const struct wake_changes *changes, const size_t *origins,
    const bool *moved_away, struct wake_diffstat *stat, struct wake_error *err)
{
	size_t room = 0;
	int ret = WAKE_OK;

	for (size_t i = 0; i < changes->count && ret == WAKE_OK; i++) {
		const struct wake_change *change = &changes->items[i];

		if (!moved_away[i])
			ret = add_file(repo, origins[i] == SIZE_MAX ? change : &changes->items[origins[i]],
			    change, stat, &room, err);
	}
	return ret;
}

static int count_changes(struct wake_repo *repo, const struct wake_changes *changes,
    struct wake_diffstat *stat, struct wake_error *err)
{
	wake_auto_free size_t *origins = calloc(changes->count + 1, sizeof(*origins));
	wake_auto_free bool *moved_away = calloc(changes->count + 1, sizeof(*moved_away));
	bool inexact;
	int ret;

	if (!origins || !moved_away)
		return wake_fail_nomem(err);
	ret = wake_renames_find(repo, changes, origins, &inexact, err);
	if (ret < 0)
		return ret;
	if (inexact)
		return wake_fail(err, WAKE_UNAVAILABLE, "files may be renamed and edited");
	for (size_t i = 0; i < changes->count; i++) {
		if (origins[i] != SIZE_MAX)
			moved_away[origins[i]] = true;
	}
	return add_files(repo, changes, origins, moved_away, stat, err);
}

int wake_diffstat_by_walk(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err)
{
	wake_auto_changes struct wake_changes changes = { 0 };
	wake_auto_diffstat struct wake_diffstat stat = { .engine = "walk" };
	char old_tree[WAKE_HASH_SIZE], new_tree[WAKE_HASH_SIZE];
	bool matter = false;
	int ret = wake_repo_open_library(repo, err);

	if (ret == WAKE_OK)
		ret = tree_of(repo, from, old_tree, err);
	if (ret == WAKE_OK)
		ret = tree_of(repo, to, new_tree, err);
	if (ret == WAKE_OK)
		ret = wake_treewalk(repo, old_tree, new_tree, &changes, err);
	if (ret == WAKE_OK && changes.count > 0)
		ret = wake_attributes_matter(repo, &changes, from, to, &matter, err);
	if (ret < 0)
		return ret;
	/* git may leave submodules out, by their own settings in several places. */
	if (matter || changes.has_submodule)
		return wake_fail(err, WAKE_UNAVAILABLE, "attributes or submodules are at play");
	ret = count_changes(repo, &changes, &stat, err);
	if (ret < 0)
		return ret;
	*ret_stat = stat;
	stat = (struct wake_diffstat){ 0 }; /* the caller's now */
	return WAKE_OK;
}
