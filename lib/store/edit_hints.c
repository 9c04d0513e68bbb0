/* SPDX-License-Identifier: MIT */
/* Hints of one worktree, taken together: the union of their paths, the earliest since, the strongest reason.
 */
#include "store/edit_hints.h"

#include <stdlib.h>
#include <string.h>

#define HINTS_MAX 100000 /* that one state covers; more are left for the next recording */
#define PATHS_MAX 100000 /* beyond so many, looking at everything costs no more */

/* Columns of record_edit_hints.sql, in order. */
enum { H_EVENT, H_REPOSITORY, H_GIT_DIR, H_COMMON_DIR, H_ROOT, H_SINCE, H_WHOLE, H_PATHS, H_REASON, H_RUN, H_HOST };

/* Weakest first: an end says more than that something moved. */
static const char *const reasons[] = { "head", "settled", "scan", "start", "finish", "died" };

static size_t strength(const char *reason)
{
	for (size_t i = WAKE_COUNT(reasons); i > 1; i--) {
		if (reason && strcmp(reasons[i - 1], reason) == 0)
			return i - 1;
	}
	return 0;
}

static int replace_text(char **text, const char *by, struct wake_error *err)
{
	char *copy = NULL;
	int status = by ? wake_str_copy(by, &copy, err) : WAKE_OK;

	if (status == WAKE_OK && by) {
		free(*text);
		*text = copy;
	}
	return status;
}

/* Adds paths to a set of them; a list that is damaged may have named any path. */
static int add_paths(struct wake_edit_hints *hints, json_t *set, const char *text, struct wake_error *err)
{
	wake_auto_json json_t *list = NULL;
	int status = wake_json_parse(text ? text : "", text ? strlen(text) : 0, &list, err);
	size_t place;
	json_t *path;

	if (status == WAKE_INVALID) {
		hints->whole = true;
		return WAKE_OK;
	}
	if (status != WAKE_OK)
		return status;
	json_array_foreach(list, place, path)
	{
		if (json_is_string(path) && json_object_set_new(set, json_string_value(path), json_true()))
			return wake_fail_nomem(err);
	}
	if (json_object_size(set) > PATHS_MAX)
		hints->whole = true;
	return WAKE_OK;
}

static int add_hint(
    struct wake_edit_hints *hints, json_t *set, const struct wake_rows *rows, struct wake_error *err)
{
	int64_t since = wake_rows_time(rows, H_SINCE);
	size_t reason = strength(wake_rows_text(rows, H_REASON));
	int status = WAKE_OK;

	if (json_array_append_new(hints->ids, json_string(wake_rows_text(rows, H_EVENT))))
		return wake_fail_nomem(err);
	(void)snprintf(
	    hints->repository_id, sizeof(hints->repository_id), "%s", wake_rows_text(rows, H_REPOSITORY));
	hints->since = since < hints->since ? since : hints->since;
	hints->reason = !hints->reason || reason > strength(hints->reason) ? reasons[reason] : hints->reason;
	hints->whole |= wake_rows_int(rows, H_WHOLE) != 0;
	if (!hints->whole)
		status = add_paths(hints, set, wake_rows_text(rows, H_PATHS), err);
	if (status == WAKE_OK)
		status = replace_text(&hints->git_dir, wake_rows_text(rows, H_GIT_DIR), err);
	if (status == WAKE_OK)
		status = replace_text(&hints->common_dir, wake_rows_text(rows, H_COMMON_DIR), err);
	if (status == WAKE_OK)
		status = replace_text(&hints->root, wake_rows_text(rows, H_ROOT), err);
	if (status == WAKE_OK)
		status = replace_text(&hints->run_id, wake_rows_text(rows, H_RUN), err);
	if (status == WAKE_OK)
		status = replace_text(&hints->host, wake_rows_text(rows, H_HOST), err);
	return status;
}

static int list_paths(struct wake_edit_hints *hints, json_t *set, struct wake_error *err)
{
	const char *path;
	json_t *value;

	json_object_foreach(set, path, value)
	{
		if (json_array_append_new(hints->paths, json_string(path)))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

int wake_edit_hints_read(
    struct wake_store *store, const char *worktree, struct wake_edit_hints *ret_hints, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(worktree), WAKE_INT(HINTS_MAX) };
	wake_auto_edit_hints struct wake_edit_hints hints = {
		.ids = json_array(), .paths = json_array(), .since = INT64_MAX
	};
	wake_auto_json json_t *set = json_object();
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = hints.ids && hints.paths && set ? WAKE_OK : wake_fail_nomem(err);

	(void)snprintf(hints.worktree_id, sizeof(hints.worktree_id), "%s", worktree);
	if (status == WAKE_OK)
		status = wake_store_query(
		    store, WAKE_SQL_RECORD_EDIT_HINTS, values, WAKE_COUNT(values), &rows, err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = add_hint(&hints, set, rows, err);
	if (status == WAKE_OK && json_array_size(hints.ids) == 0)
		return wake_fail(err, WAKE_NOTFOUND, "nothing was told of worktree %s", worktree);
	if (status == WAKE_OK)
		status = list_paths(&hints, set, err);
	if (status != WAKE_OK)
		return status;
	*ret_hints = hints;
	hints = (struct wake_edit_hints){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_edit_hints_release(struct wake_edit_hints *hints)
{
	json_decref(hints->ids);
	json_decref(hints->paths);
	free(hints->git_dir);
	free(hints->common_dir);
	free(hints->root);
	free(hints->run_id);
	free(hints->host);
	*hints = (struct wake_edit_hints){ 0 };
}
