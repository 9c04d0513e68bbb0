/* SPDX-License-Identifier: MIT */
/* Renames without an edit, as gitdiffcore(7) pairs them: each added file, in order of paths, takes a deleted
 * file of the same content that is not taken yet; one of the same base name before the others. */
#include "git/diffstat_inside.h"

#include <string.h>
#include <sys/stat.h>

#define ALTERNATIVES_MAX 100 /* git looks at no more deleted files of one content */

struct sources {
	const struct wake_change *items; /* borrowed: all changes */
	size_t *by_id;                   /* owned; deleted files by id, then by path */
	size_t count;
	bool *taken; /* owned; by index of the change */
};

static int compare_sources(const void *left, const void *right, void *context)
{
	const struct wake_change *items = context;
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	int diff = git_oid_cmp(&items[a].old_id, &items[b].old_id);

	return diff != 0 ? diff : a < b ? -1 : a > b;
}

static size_t first_with_id(const struct sources *sources, const git_oid *id)
{
	size_t low = 0, high = sources->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (git_oid_cmp(&sources->items[sources->by_id[middle]].old_id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool same_base_name(const char *left, const char *right)
{
	const char *a = strrchr(left, '/'), *b = strrchr(right, '/');

	return strcmp(a ? a + 1 : left, b ? b + 1 : right) == 0;
}

static size_t choose(const struct sources *sources, const struct wake_change *added)
{
	size_t chosen = SIZE_MAX;
	int seen = 0;

	for (size_t i = first_with_id(sources, &added->new_id); i < sources->count; i++) {
		size_t index = sources->by_id[i];
		const struct wake_change *deleted = &sources->items[index];

		if (!git_oid_equal(&deleted->old_id, &added->new_id) || seen == ALTERNATIVES_MAX)
			break;
		if (sources->taken[index])
			continue;
		if (deleted->old_mode != added->new_mode &&
		    (!S_ISREG(deleted->old_mode) || !S_ISREG(added->new_mode)))
			continue;
		seen++;
		if (same_base_name(deleted->path, added->path))
			return index;
		if (chosen == SIZE_MAX)
			chosen = index;
	}
	return chosen;
}

static int list_sources(const struct wake_changes *changes, struct sources *sources, struct wake_error *err)
{
	sources->items = changes->items;
	sources->by_id = calloc(changes->count + 1, sizeof(*sources->by_id));
	sources->taken = calloc(changes->count + 1, sizeof(*sources->taken));
	if (!sources->by_id || !sources->taken)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->items[i].new_mode == 0)
			sources->by_id[sources->count++] = i;
	}
	qsort_r(sources->by_id, sources->count, sizeof(*sources->by_id), compare_sources, changes->items);
	return WAKE_OK;
}

static void sources_release(struct sources *sources)
{
	free(sources->by_id);
	free(sources->taken);
}

static int compare_sizes(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return a < b ? -1 : a > b;
}

/* Sizes, sorted, of the regular files that no exact rename explains: the deleted ones, or the added ones. */
static int list_sizes(struct wake_repo *repo, const struct wake_changes *changes, const bool *taken,
    const size_t *origins, bool deleted, size_t *sizes, size_t *ret_count, struct wake_error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < changes->count; i++) {
		const struct wake_change *change = &changes->items[i];
		const git_oid *id = deleted ? &change->old_id : &change->new_id;
		git_object_t type;
		int code;

		if (deleted ? change->new_mode != 0 || taken[i] || !S_ISREG(change->old_mode)
		            : change->old_mode != 0 || origins[i] != SIZE_MAX || !S_ISREG(change->new_mode))
			continue;
		code = git_odb_read_header(&sizes[count], &type, repo->odb, id);
		if (code < 0)
			return wake_fail_git2(err, code, "read the size of", change->path);
		count++;
	}
	qsort(sizes, count, sizeof(*sizes), compare_sizes);
	*ret_count = count;
	return WAKE_OK;
}

/* git finds a rename with an edit only where the smaller file has at least half the size of the larger one.
 */
static bool sizes_meet(const size_t *deleted, size_t deleted_count, const size_t *added, size_t added_count)
{
	size_t j = 0;

	for (size_t i = 0; i < deleted_count; i++) {
		while (j < added_count && added[j] < deleted[i] / 2 + deleted[i] % 2)
			j++;
		if (j < added_count && added[j] / 2 + added[j] % 2 <= deleted[i])
			return true;
	}
	return false;
}

static int look_for_inexact(struct wake_repo *repo, const struct wake_changes *changes, const bool *taken,
    const size_t *origins, bool *ret_inexact, struct wake_error *err)
{
	wake_auto_free size_t *deleted = calloc(changes->count + 1, sizeof(*deleted));
	wake_auto_free size_t *added = calloc(changes->count + 1, sizeof(*added));
	size_t deleted_count, added_count = 0;
	int ret;

	if (!deleted || !added)
		return wake_fail_nomem(err);
	ret = list_sizes(repo, changes, taken, origins, true, deleted, &deleted_count, err);
	if (ret == WAKE_OK && deleted_count > 0)
		ret = list_sizes(repo, changes, taken, origins, false, added, &added_count, err);
	if (ret == WAKE_OK)
		*ret_inexact = sizes_meet(deleted, deleted_count, added, added_count);
	return ret;
}

int wake_renames_find(struct wake_repo *repo, const struct wake_changes *changes, size_t *origins,
    bool *ret_inexact, struct wake_error *err)
{
	WAKE_CLEANUP(sources_release) struct sources sources = { 0 };
	int ret = list_sources(changes, &sources, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < changes->count; i++) {
		origins[i] = SIZE_MAX;
		if (changes->items[i].old_mode != 0 || sources.count == 0)
			continue;
		origins[i] = choose(&sources, &changes->items[i]);
		if (origins[i] != SIZE_MAX)
			sources.taken[origins[i]] = true;
	}
	if (sources.count == 0) {
		*ret_inexact = false;
		return WAKE_OK;
	}
	return look_for_inexact(repo, changes, sources.taken, origins, ret_inexact, err);
}
