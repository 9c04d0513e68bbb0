/* SPDX-License-Identifier: MIT */
/* What a run left uncommitted, state by state, and what it threw away. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/edit_chain.h"

/* ---- the list of a run's states ---------------------------------------------------------------- */

/* In the order of read_edits_of_run.sql. */
static const struct wake_query_column edit_columns[] = {
	{ "id", WAKE_VALUE_TEXT },
	{ "at", WAKE_VALUE_TIME },
	{ "since", WAKE_VALUE_TIME },
	{ "reason", WAKE_VALUE_TEXT },
	{ "head", WAKE_VALUE_TEXT },
	{ "branch", WAKE_VALUE_TEXT },
	{ "files_changed", WAKE_VALUE_INT },
	{ "untracked_files", WAKE_VALUE_INT },
	{ "added_lines", WAKE_VALUE_INT },
	{ "removed_lines", WAKE_VALUE_INT },
	{ "discarded", WAKE_VALUE_JSON },
	{ "kept", WAKE_VALUE_BOOL },
};

/* Rows come latest first. */
static int put_edit(json_t *edits, const struct wake_rows *rows, struct wake_error *err)
{
	json_t *edit = NULL;
	int ret = wake_query_object(rows, edit_columns, WAKE_COUNT(edit_columns), &edit, err);

	if (ret < 0)
		return ret;
	if (json_array_insert_new(edits, 0, edit))
		return wake_fail_nomem(err);
	return wake_json_set_int(
	    edit, "discarded", (int64_t)json_array_size(json_object_get(edit, "discarded")), err);
}

/* What a person reads of an entry; ids and modes are for diff and restore. */
static int append_shown(json_t *files, const json_t *entry, struct wake_error *err)
{
	static const char *const keys[] = { "path", "old_path", "status", "added", "removed", "binary",
		"kept" };
	json_t *shown = json_object();

	if (json_array_append_new(files, shown))
		return wake_fail_nomem(err);
	for (size_t i = 0; i < WAKE_COUNT(keys); i++) {
		json_t *value = json_object_get(entry, keys[i]);

		if (json_object_set_new(shown, keys[i], value ? json_incref(value) : json_null()))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

static int add_files(struct wake_store *store, json_t *edit, struct wake_error *err)
{
	wake_auto_edit_state struct wake_edit_state state = { 0 };
	wake_auto_json json_t *files = json_array();
	int ret = files ? wake_edit_chain_read(store, wake_json_string(edit, "id"), &state, err)
	                : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < json_array_size(state.files); i++)
		ret = append_shown(files, json_array_get(state.files, i), err);
	return ret == WAKE_OK ? wake_json_set(edit, "files", json_incref(files), err) : ret;
}

int wake_query_edits(struct wake_store *store, const char *id, json_t **ret_edits, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_INT(WAKE_QUERY_EDITS_MAX) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *edits = json_array();
	int ret = edits ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_store_query(
		    store, WAKE_SQL_READ_EDITS_OF_RUN, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1)
		ret = put_edit(edits, rows, err);
	if (ret == WAKE_OK && json_array_size(edits) > 0)
		ret = add_files(store, json_array_get(edits, json_array_size(edits) - 1), err);
	if (ret == WAKE_OK)
		*ret_edits = json_incref(edits);
	return ret;
}

/* ---- one state --------------------------------------------------------------------------------- */

/* 1: ret_id is the first row's; 0: no row. */
static int find_state(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, sql, values, count, &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret == 1)
		(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	return ret;
}

static int find_by_time(
    struct wake_store *store, const char *run, int64_t at, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run), WAKE_TIME(at) };

	return find_state(store, WAKE_SQL_READ_EDIT_BY_TIME, values, WAKE_COUNT(values), ret_id, err);
}

static int find_by_name(struct wake_store *store, const char *run, const char *name,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	char end[WAKE_ID_SIZE + 1];
	const struct wake_value values[] = { WAKE_TEXT(run), WAKE_TEXT(name), WAKE_TEXT(end) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret;

	(void)snprintf(end, sizeof(end), "%s~", name); /* beyond every byte of an id */
	ret = wake_store_query(store, WAKE_SQL_READ_EDIT_NAMED, values, WAKE_COUNT(values), &rows, err);
	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret != 1)
		return ret;
	(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	ret = wake_rows_next(rows, err);
	if (ret == 1)
		return wake_fail(
		    err, WAKE_INVALID, "'%s' could be several states of the run; give more of the id", name);
	return ret == 0 ? 1 : ret;
}

static bool is_beginning_of_id(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < WAKE_ID_SIZE && strspn(text, "0123456789abcdef-") == len;
}

static int find_meant(struct wake_store *store, const char *run, const char *which, char ret_id[WAKE_ID_SIZE],
    struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };
	struct wake_error ignored;
	int64_t at = INT64_MAX;
	int ret;

	if (!which) {
		ret =
		    find_state(store, WAKE_SQL_READ_EDIT_WITH_FILES, values, WAKE_COUNT(values), ret_id, err);
		return ret == 0 ? find_by_time(store, run, at, ret_id, err) : ret;
	}
	if (strcmp(which, "@latest") == 0 || wake_time_parse(which, &at, &ignored) == WAKE_OK)
		return find_by_time(store, run, at, ret_id, err);
	if (is_beginning_of_id(which))
		return find_by_name(store, run, which, ret_id, err);
	return wake_fail(err, WAKE_INVALID,
	    "'%.64s' is no edit state: give its id, @latest, or a time such as 2026-11-22T16:50:18Z", which);
}

int wake_query_edit_state(struct wake_store *store, const char *run, const char *which,
    struct wake_edit_state *ret_state, struct wake_error *err)
{
	char id[WAKE_ID_SIZE];
	int ret = find_meant(store, run, which, id, err);

	if (ret == 0 && which && strcmp(which, "@latest") != 0)
		return wake_fail(err, WAKE_NOTFOUND,
		    "the run has no edit state '%.64s'; runwake show --json lists them", which);
	if (ret == 0)
		return wake_fail(err, WAKE_NOTFOUND, "no uncommitted edits of the run are recorded");
	return ret == 1 ? wake_edit_chain_read(store, id, ret_state, err) : ret;
}

int wake_query_edits_left(struct wake_store *store, const char *run, json_t **ret_ids, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *ids = json_array();
	int ret = ids ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret =
		    wake_store_query(store, WAKE_SQL_READ_EDITS_LEFT, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		ret = json_array_append_new(ids, json_string(wake_rows_text(rows, 0))) ? wake_fail_nomem(err)
		                                                                       : WAKE_OK;
	}
	if (ret == WAKE_OK)
		*ret_ids = json_incref(ids);
	return ret;
}

/* ---- what was thrown away ---------------------------------------------------------------------- */

/* Columns of read_discarded_of_run.sql, in order. */
enum { D_ID, D_AT, D_WORKTREE, D_REPOSITORY, D_FILES, D_DISCARDED };

static int parse_list(const struct wake_rows *rows, size_t column, json_t **ret_list, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, column);
	int ret = wake_json_parse(text, strlen(text), ret_list, err);

	if (ret == WAKE_INVALID)
		return wake_fail(
		    err, WAKE_CORRUPT, "the store's column %s holds no JSON", wake_rows_name(rows, column));
	return ret;
}

/* {"at", "state", "worktree", "repository_id", "files": []} of a state; what it needs besides is looked up
 * when it is known that something of it stays lost. */
static int make_loss(const struct wake_rows *rows, json_t **ret_loss, struct wake_error *err)
{
	char at[WAKE_TIME_SIZE];

	wake_time_format(wake_rows_time(rows, D_AT), at);
	*ret_loss = json_pack("{ss ss ss ss s[]}", "at", at, "state", wake_rows_text(rows, D_ID), "worktree",
	    wake_rows_text(rows, D_WORKTREE), "repository_id", wake_rows_text(rows, D_REPOSITORY), "files");
	return *ret_loss ? WAKE_OK : wake_fail_nomem(err);
}

/* A path of one worktree; another worktree's is another file. owned: free(3). */
static int make_key(const char *worktree, const json_t *entry, char **ret_key, struct wake_error *err)
{
	const char *path = wake_json_string(entry, "path");

	if (!path)
		return wake_fail(err, WAKE_CORRUPT, "an entry of an edit state has no path");
	return wake_str_format(ret_key, err, "%s %s", worktree, path);
}

/* Notes a discarded entry under its path: lost is {path: {"loss": …, "entries": […]}}. */
static int add_lost(json_t *lost, json_t *loss, json_t *entry, struct wake_error *err)
{
	wake_auto_free char *key = NULL;
	json_t *known;
	int ret = make_key(wake_json_string(loss, "worktree"), entry, &key, err);

	if (ret < 0)
		return ret;
	known = json_object_get(lost, key);
	if (!known || json_object_get(known, "loss") != loss) {
		known = json_pack("{sO s[]}", "loss", loss, "entries");
		if (json_object_set_new(lost, key, known))
			return wake_fail_nomem(err);
	}
	return json_array_append(json_object_get(known, "entries"), entry) ? wake_fail_nomem(err) : WAKE_OK;
}

static int drop_found(json_t *lost, const char *worktree, const json_t *files, struct wake_error *err)
{
	int ret = WAKE_OK;
	size_t place;
	json_t *entry;

	json_array_foreach(files, place, entry)
	{
		wake_auto_free char *key = NULL;

		ret = make_key(worktree, entry, &key, err);
		if (ret < 0)
			break;
		(void)json_object_del(lost, key);
	}
	return ret;
}

static int follow_state(json_t *lost, json_t *losses, const struct wake_rows *rows, struct wake_error *err)
{
	wake_auto_json json_t *files = NULL;
	wake_auto_json json_t *discarded = NULL;
	wake_auto_json json_t *loss = NULL;
	int ret = parse_list(rows, D_FILES, &files, err);
	size_t place;
	json_t *entry;

	if (ret == WAKE_OK)
		ret = parse_list(rows, D_DISCARDED, &discarded, err);
	if (ret == WAKE_OK)
		ret = drop_found(lost, wake_rows_text(rows, D_WORKTREE), files, err);
	if (ret < 0 || json_array_size(discarded) == 0)
		return ret;
	ret = make_loss(rows, &loss, err);
	if (ret == WAKE_OK && json_array_append(losses, loss))
		ret = wake_fail_nomem(err);
	json_array_foreach(discarded, place, entry)
	{
		if (ret == WAKE_OK)
			ret = add_lost(lost, loss, entry, err);
	}
	return ret;
}

/* The state before names the trees in which the lost contents are. */
static int add_before(struct wake_store *store, json_t *loss, struct wake_error *err)
{
	const char *at = wake_json_string(loss, "at"), *id = NULL, *old_tree = NULL, *new_tree = NULL;
	const struct wake_value values[] = { WAKE_TEXT(wake_json_string(loss, "worktree")), WAKE_TEXT(at),
		WAKE_TEXT(wake_json_string(loss, "state")) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, WAKE_SQL_READ_EDIT_BEFORE, values, WAKE_COUNT(values), &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret < 0)
		return ret;
	if (ret == 1) {
		id = wake_rows_text(rows, 0);
		old_tree = wake_rows_text(rows, 1);
		new_tree = wake_rows_text(rows, 2);
	}
	ret = wake_json_set(loss, "before", id ? json_string(id) : json_null(), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(loss, "kept_old", old_tree ? old_tree : "", err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(loss, "kept_new", new_tree ? new_tree : "", err);
	(void)json_object_del(loss, "worktree");
	return ret;
}

static int finish_loss(struct wake_store *store, json_t *loss, json_t *discarded, struct wake_error *err)
{
	json_t *sorted = NULL;
	int ret;

	if (json_array_size(json_object_get(loss, "files")) == 0)
		return WAKE_OK; /* all of it came back, or was lost again later */
	ret = wake_edit_chain_sort(json_object_get(loss, "files"), &sorted, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(loss, "files", sorted, err);
	if (ret == WAKE_OK)
		ret = add_before(store, loss, err);
	if (ret == WAKE_OK && json_array_append(discarded, loss))
		ret = wake_fail_nomem(err);
	return ret;
}

static int list_losses(struct wake_store *store, json_t *lost, const json_t *losses, json_t **ret_discarded,
    struct wake_error *err)
{
	wake_auto_json json_t *discarded = json_array();
	const char *path;
	json_t *known, *loss;
	size_t place;
	int ret = discarded ? WAKE_OK : wake_fail_nomem(err);

	json_object_foreach(lost, path, known)
	{
		json_t *files = json_object_get(json_object_get(known, "loss"), "files");

		if (json_array_extend(files, json_object_get(known, "entries")))
			return wake_fail_nomem(err);
	}
	json_array_foreach(losses, place, loss)
	{
		if (ret == WAKE_OK)
			ret = finish_loss(store, loss, discarded, err);
	}
	if (ret == WAKE_OK)
		*ret_discarded = json_incref(discarded);
	return ret;
}

int wake_query_run_discarded(
    struct wake_store *store, const char *run, json_t **ret_discarded, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *lost = json_object();
	wake_auto_json json_t *losses = json_array();
	int ret = lost && losses ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_store_query(
		    store, WAKE_SQL_READ_DISCARDED_OF_RUN, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1)
		ret = follow_state(lost, losses, rows, err);
	return ret == WAKE_OK ? list_losses(store, lost, losses, ret_discarded, err) : ret;
}
