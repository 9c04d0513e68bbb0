/* SPDX-License-Identifier: MIT */
/* worktree-seen and gap: where repositories and worktrees lie, and what nobody can know any more. */
#include "store/fold.h"

int wake_fold_worktree_seen(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const struct wake_value repository[] = {
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "common_dir")),
		WAKE_TEXT(wake_json_string(data, "origin")),
		WAKE_TEXT(wake_json_string(data, "object_format")),
		WAKE_TEXT(event->id),
		WAKE_TIME(event->at),
	};
	const struct wake_value worktree[] = {
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "git_dir")),
		WAKE_TEXT(wake_json_string(data, "root")),
		WAKE_TEXT(event->id),
		WAKE_TIME(event->at),
	};
	int status = wake_store_run(
	    fold->store, WAKE_SQL_FOLD_REPOSITORY_SEEN, repository, WAKE_COUNT(repository), NULL, err);

	if (status != WAKE_OK)
		return status;
	return wake_store_run(
	    fold->store, WAKE_SQL_FOLD_WORKTREE_SEEN, worktree, WAKE_COUNT(worktree), NULL, err);
}

int wake_fold_gap(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(wake_json_string(event->data, "repository_id")),
		WAKE_TEXT(wake_json_string(event->data, "worktree_id")),
		WAKE_TEXT(wake_json_string(event->data, "reason")),
		WAKE_TEXT(wake_json_string(event->data, "detail")),
		WAKE_TIME(event->at),
	};

	return wake_store_run(fold->store, WAKE_SQL_FOLD_GAP, values, WAKE_COUNT(values), NULL, err);
}
