/* SPDX-License-Identifier: MIT */
/* Reading chains of edit states, and telling what a further link must hold. */
#include "store/edit_chain.h"

#include <stdlib.h>
#include <string.h>

#include "event/event.h"

#define CHAIN_LIMIT 1000 /* none that we made is as long: a ring of states ends here */

/* Adds entries to a map of lists by path. */
static int add_entries(json_t *map, const json_t *entries, struct wake_error *err)
{
	size_t place;
	json_t *entry;

	json_array_foreach(entries, place, entry)
	{
		const char *path = wake_json_string(entry, "path");
		json_t *list = path ? json_object_get(map, path) : NULL;

		if (!path)
			return wake_fail(err, WAKE_CORRUPT, "an entry of an edit state has no path");
		if (!list) {
			list = json_array();
			if (json_object_set_new(map, path, list))
				return wake_fail_nomem(err);
		}
		if (json_array_append(list, entry))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

static int map_entries(const json_t *entries, json_t **ret_map, struct wake_error *err)
{
	wake_auto_json json_t *map = json_object();
	int status = map ? add_entries(map, entries, err) : wake_fail_nomem(err);

	if (status == WAKE_OK)
		*ret_map = json_incref(map);
	return status;
}

/* ---- sorting ---------------------------------------------------------------------------------- */

struct named {
	char *path; /* owned; bytes */
	json_t *entry;
	size_t place;
};

struct named_list {
	struct named *items;
	size_t count;
};

static void named_list_release(struct named_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
}

static int compare_named(const void *left, const void *right)
{
	const struct named *one = left, *other = right;
	int order = strcmp(one->path, other->path);

	return order ? order : one->place < other->place ? -1 : 1;
}

static int name_entry(struct named_list *list, json_t *entry, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	const char *text = wake_json_string(entry, "path");
	struct named *named = &list->items[list->count];
	int status;

	if (!text)
		return wake_fail(err, WAKE_CORRUPT, "an entry of an edit state has no path");
	status = wake_event_read_path(text, &path, err);
	if (status == WAKE_INVALID) {
		/* Not written by us; it stands where its text does. */
		wake_str_clear(&path);
		wake_str_append(&path, text);
		status = WAKE_OK;
	}
	if (status == WAKE_OK)
		status = wake_str_steal(&path, &named->path, err);
	if (status != WAKE_OK)
		return status;
	named->entry = entry;
	named->place = list->count++;
	return WAKE_OK;
}

int wake_edit_chain_sort(const json_t *entries, json_t **ret_sorted, struct wake_error *err)
{
	WAKE_CLEANUP(named_list_release)
	struct named_list list = { .items = calloc(json_array_size(entries) + 1, sizeof(*list.items)) };
	wake_auto_json json_t *sorted = json_array();
	int status = list.items && sorted ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; status == WAKE_OK && i < json_array_size(entries); i++)
		status = name_entry(&list, json_array_get(entries, i), err);
	if (status != WAKE_OK)
		return status;
	qsort(list.items, list.count, sizeof(*list.items), compare_named);
	for (size_t i = 0; i < list.count; i++) {
		if (json_array_append(sorted, list.items[i].entry))
			return wake_fail_nomem(err);
	}
	*ret_sorted = json_incref(sorted);
	return WAKE_OK;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* The state and all that it builds on, itself first. */
static int list_chain(struct wake_store *store, const char *id, json_t *ids, struct wake_error *err)
{
	char at[WAKE_ID_SIZE], above[WAKE_ID_SIZE] = "";

	(void)snprintf(at, sizeof(at), "%s", id);
	while (*at) {
		const struct wake_value values[] = { WAKE_TEXT(at) };
		wake_auto_rows struct wake_rows *rows = NULL;
		const char *base;
		int status =
		    wake_store_query(store, WAKE_SQL_READ_EDIT_BASE, values, WAKE_COUNT(values), &rows, err);

		if (status == WAKE_OK)
			status = wake_rows_next(rows, err);
		if (status == 0)
			return wake_fail(err, WAKE_CORRUPT,
			    "the edit state %s builds on %s, which is no longer in the store", above, at);
		if (status < 0)
			return status;
		if (json_array_size(ids) == CHAIN_LIMIT)
			return wake_fail(err, WAKE_CORRUPT, "the edit state %s builds on itself", id);
		if (json_array_append_new(ids, json_string(at)))
			return wake_fail_nomem(err);
		memcpy(above, at, sizeof(above));
		base = wake_rows_text(rows, 0);
		(void)snprintf(at, sizeof(at), "%s", base ? base : "");
	}
	return WAKE_OK;
}

static int parse_list(const struct wake_rows *rows, size_t column, json_t **ret_list, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, column);
	wake_auto_json json_t *list = NULL;
	int status = wake_json_parse(text ? text : "", text ? strlen(text) : 0, &list, err);

	if (status == WAKE_INVALID || (status == WAKE_OK && !json_is_array(list)))
		return wake_fail(err, WAKE_CORRUPT, "the store's column %s of an edit state holds no list",
		    wake_rows_name(rows, column));
	if (status == WAKE_OK)
		*ret_list = json_incref(list);
	return status;
}

/* A path in files or gone loses what it had; then files' entries are added. */
static int apply_link(json_t *map, const json_t *files, const json_t *gone, struct wake_error *err)
{
	size_t place;
	json_t *item;

	json_array_foreach(gone, place, item)
	{
		if (json_is_string(item))
			(void)json_object_del(map, json_string_value(item));
	}
	json_array_foreach(files, place, item)
	{
		const char *path = wake_json_string(item, "path");

		if (path)
			(void)json_object_del(map, path);
	}
	return add_entries(map, files, err);
}

static int read_link(struct wake_store *store, const char *id, json_t *map, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *files = NULL;
	wake_auto_json json_t *gone = NULL;
	int status =
	    wake_store_query(store, WAKE_SQL_READ_EDIT_FILES, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status == 0)
		return wake_fail(err, WAKE_CORRUPT, "the edit state %s is no longer in the store", id);
	if (status == 1)
		status = parse_list(rows, 0, &files, err);
	if (status == WAKE_OK)
		status = parse_list(rows, 1, &gone, err);
	return status == WAKE_OK ? apply_link(map, files, gone, err) : status;
}

static int read_files(
    struct wake_store *store, const char *id, json_t **ret_files, size_t *ret_depth, struct wake_error *err)
{
	wake_auto_json json_t *ids = json_array();
	wake_auto_json json_t *map = json_object();
	wake_auto_json json_t *all = json_array();
	int status = ids && map && all ? list_chain(store, id, ids, err) : wake_fail_nomem(err);
	const char *path;
	json_t *entries;

	for (size_t i = json_array_size(ids); status == WAKE_OK && i > 0; i--)
		status = read_link(store, json_string_value(json_array_get(ids, i - 1)), map, err);
	if (status != WAKE_OK)
		return status;
	json_object_foreach(map, path, entries)
	{
		if (json_array_extend(all, entries))
			return wake_fail_nomem(err);
	}
	status = wake_edit_chain_sort(all, ret_files, err);
	if (status == WAKE_OK)
		*ret_depth = json_array_size(ids) - 1;
	return status;
}

static void copy_text(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from ? from : "");
}

/* Columns of read_edit.sql, in order. */
enum {
	C_ID,
	C_REPOSITORY,
	C_WORKTREE,
	C_RUN,
	C_HEAD,
	C_OLD,
	C_NEW,
	C_BRANCH,
	C_ROOT,
	C_REASON,
	C_SINCE,
	C_AT,
	C_ADDED,
	C_REMOVED,
	C_FILES,
	C_UNTRACKED
};

static int read_columns(const struct wake_rows *rows, struct wake_edit_state *state, struct wake_error *err)
{
	const char *branch = wake_rows_text(rows, C_BRANCH);
	int status = branch ? wake_str_copy(branch, &state->branch, err) : WAKE_OK;

	copy_text(state->id, sizeof(state->id), wake_rows_text(rows, C_ID));
	copy_text(state->repository_id, sizeof(state->repository_id), wake_rows_text(rows, C_REPOSITORY));
	copy_text(state->worktree_id, sizeof(state->worktree_id), wake_rows_text(rows, C_WORKTREE));
	copy_text(state->run, sizeof(state->run), wake_rows_text(rows, C_RUN));
	copy_text(state->head, sizeof(state->head), wake_rows_text(rows, C_HEAD));
	copy_text(state->kept_old, sizeof(state->kept_old), wake_rows_text(rows, C_OLD));
	copy_text(state->kept_new, sizeof(state->kept_new), wake_rows_text(rows, C_NEW));
	state->since = wake_rows_time(rows, C_SINCE);
	state->at = wake_rows_time(rows, C_AT);
	state->added = wake_rows_int(rows, C_ADDED);
	state->removed = wake_rows_int(rows, C_REMOVED);
	state->files_changed = wake_rows_int(rows, C_FILES);
	state->untracked = wake_rows_int(rows, C_UNTRACKED);
	if (status == WAKE_OK)
		status = wake_str_copy(wake_rows_text(rows, C_ROOT), &state->root, err);
	if (status == WAKE_OK)
		status = wake_str_copy(wake_rows_text(rows, C_REASON), &state->reason, err);
	return status;
}

int wake_edit_chain_read(
    struct wake_store *store, const char *id, struct wake_edit_state *ret_state, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_edit_state struct wake_edit_state state = { 0 };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_READ_EDIT, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status == 0)
		return wake_fail(err, WAKE_NOTFOUND, "there is no edit state %s", id);
	if (status == 1)
		status = read_columns(rows, &state, err);
	if (status == WAKE_OK)
		status = read_files(store, id, &state.files, &state.depth, err);
	if (status != WAKE_OK)
		return status;
	*ret_state = state;
	state = (struct wake_edit_state){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_edit_state_release(struct wake_edit_state *state)
{
	free(state->branch);
	free(state->root);
	free(state->reason);
	json_decref(state->files);
	*state = (struct wake_edit_state){ 0 };
}

/* ---- comparing -------------------------------------------------------------------------------- */

/* Appends to files what map `now` has and map `before` has not, or has otherwise. */
static int list_changed(const json_t *before, json_t *now, json_t *files, struct wake_error *err)
{
	const char *path;
	json_t *entries;

	json_object_foreach(now, path, entries)
	{
		const json_t *old = json_object_get(before, path);

		if ((!old || !json_equal(old, entries)) && json_array_extend(files, entries))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

static int list_gone(json_t *before, const json_t *now, json_t *gone, struct wake_error *err)
{
	const char *path;
	json_t *entries;

	json_object_foreach(before, path, entries)
	{
		if (!json_object_get(now, path) && json_array_append_new(gone, json_string(path)))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

int wake_edit_chain_compare(
    const json_t *before, const json_t *now, json_t **ret_files, json_t **ret_gone, struct wake_error *err)
{
	wake_auto_json json_t *old_map = NULL;
	wake_auto_json json_t *new_map = NULL;
	wake_auto_json json_t *files = json_array();
	wake_auto_json json_t *gone = json_array();
	int status = files && gone ? map_entries(before, &old_map, err) : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = map_entries(now, &new_map, err);
	if (status == WAKE_OK)
		status = list_changed(old_map, new_map, files, err);
	if (status == WAKE_OK)
		status = list_gone(old_map, new_map, gone, err);
	if (status != WAKE_OK)
		return status;
	*ret_files = json_incref(files);
	*ret_gone = json_incref(gone);
	return WAKE_OK;
}
