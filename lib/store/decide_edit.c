/* SPDX-License-Identifier: MIT */
/* Whose an edit state is, and what its run has left uncommitted by it. Taken from the tables alone. */
#include <string.h>

#include "store/decide.h"

/* Columns of fold_edit.sql, in order. */
enum { S_WORKTREE, S_ROOT, S_SINCE, S_AT, S_MARKER, S_RUN };

static int save_edit(struct wake_fold *fold, const char *id, const char *before,
    const struct wake_ownership *owner, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TEXT(*owner->run ? owner->run : NULL),
		WAKE_TEXT(owner->evidence) };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_EDIT_DECIDED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK && *before)
		status = wake_fold_touch(fold->runs, before, err);
	if (status == WAKE_OK && *owner->run)
		status = wake_fold_touch(fold->runs, owner->run, err);
	return status;
}

int wake_decide_edit(struct wake_fold *fold, const char *id, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_rows struct wake_rows *rows = NULL;
	struct wake_ownership owner = { 0 };
	char before[WAKE_ID_SIZE];
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_EDIT, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;

	const char *run = wake_rows_text(rows, S_RUN);
	const struct wake_happening happening = {
		.worktree = wake_rows_text(rows, S_WORKTREE),
		.root = wake_rows_text(rows, S_ROOT),
		.earliest = wake_rows_time(rows, S_SINCE),
		.latest = wake_rows_time(rows, S_AT),
	};

	(void)snprintf(before, sizeof(before), "%s", run ? run : "");
	status = wake_decide_edit_owner(fold, &happening, wake_rows_text(rows, S_MARKER), &owner, err);
	return status == WAKE_OK ? save_edit(fold, id, before, &owner, err) : status;
}
