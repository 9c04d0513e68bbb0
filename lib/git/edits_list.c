/* SPDX-License-Identifier: MIT */
/* A state's entries as a list in memory, and sets of paths. */
#include <string.h>

#include "git/edits_inside.h"

static void release_edit(struct wake_edit *edit)
{
	free(edit->path);
	free(edit->old_path);
}

static int make_room(struct wake_edit_list *list, size_t count, struct wake_error *err)
{
	size_t more = list->room ? list->room : 16;
	struct wake_edit *items;

	if (count > WAKE_DIFF_FILES_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d files differ", WAKE_DIFF_FILES_MAX);
	if (count <= list->room)
		return WAKE_OK;
	while (more < count)
		more *= 2;
	items = realloc(list->items, more * sizeof(*items));
	if (!items)
		return wake_fail_nomem(err);
	list->items = items;
	list->room = more;
	return WAKE_OK;
}

int wake_edit_list_add(struct wake_edit_list *list, const char *path, const char *old_path, char status,
    struct wake_edit **ret_edit, struct wake_error *err)
{
	struct wake_edit *edit;
	int ret = make_room(list, list->count + 1, err);

	if (ret < 0)
		return ret;
	edit = &list->items[list->count];
	*edit = (struct wake_edit){ .status = status };
	list->count++; /* from here on it is released with the others */
	ret = wake_str_copy(path, &edit->path, err);
	if (ret == WAKE_OK && old_path)
		ret = wake_str_copy(old_path, &edit->old_path, err);
	if (ret == WAKE_OK)
		*ret_edit = edit;
	return ret;
}

static int compare_edits(const void *left, const void *right)
{
	const struct wake_edit *a = left, *b = right;
	int diff = strcmp(a->path, b->path);

	return diff != 0 ? diff : (a->status == '?') - (b->status == '?');
}

void wake_edit_list_sort(struct wake_edit_list *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare_edits);
}

struct wake_edit *wake_edit_list_find(const struct wake_edit_list *list, const char *path)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(list->items[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count && strcmp(list->items[low].path, path) == 0 ? &list->items[low] : NULL;
}

void wake_edit_list_release(struct wake_edit_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		release_edit(&list->items[i]);
	free(list->items);
	*list = (struct wake_edit_list){ 0 };
}

int wake_path_set_add(struct wake_path_set *set, const char *path, size_t len, struct wake_error *err)
{
	char *copy;

	if (set->count >= WAKE_DIFF_FILES_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d files changed", WAKE_DIFF_FILES_MAX);
	if (set->count == set->room) {
		size_t more = set->room ? set->room * 2 : 16;
		char **items = realloc(set->items, more * sizeof(*items));

		if (!items)
			return wake_fail_nomem(err);
		set->items = items;
		set->room = more;
	}
	copy = strndup(path, len);
	if (!copy)
		return wake_fail_nomem(err);
	set->items[set->count++] = copy;
	set->unsorted = true;
	return WAKE_OK;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void wake_path_set_sort(struct wake_path_set *set)
{
	size_t used = 0;

	if (!set->unsorted)
		return;
	qsort(set->items, set->count, sizeof(*set->items), compare_paths);
	for (size_t i = 0; i < set->count; i++) {
		if (used > 0 && strcmp(set->items[used - 1], set->items[i]) == 0)
			free(set->items[i]);
		else
			set->items[used++] = set->items[i];
	}
	set->count = used;
	set->unsorted = false;
}

size_t wake_path_set_seek(const struct wake_path_set *set, const char *path)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(set->items[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool wake_path_set_has(const struct wake_path_set *set, const char *path)
{
	size_t at = wake_path_set_seek(set, path);

	return at < set->count && strcmp(set->items[at], path) == 0;
}

void wake_path_set_release(struct wake_path_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->items[i]);
	free(set->items);
	*set = (struct wake_path_set){ 0 };
}
