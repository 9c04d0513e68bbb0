/* SPDX-License-Identifier: MIT */
/* Hints that files of a worktree may have changed. */
#include "event/edited.h"

static int set_place(json_t *data, const struct wake_edited *edited, struct wake_error *err)
{
	const struct wake_worktree *worktree = edited->worktree;
	int ret = wake_json_set_string(data, "repository_id", edited->identity->repository_id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "worktree_id", edited->identity->worktree_id, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "git_dir", worktree->git_dir, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "common_dir", worktree->common_dir, WAKE_EVENT_PATH_MAX, err);
	return ret == WAKE_OK ? wake_event_set_text(data, "root", worktree->root, WAKE_EVENT_PATH_MAX, err)
	                      : ret;
}

int wake_edited_add(struct wake_events *events, const struct wake_edited *edited, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *data = json_object();
	int64_t at = edited->at ? edited->at : wake_clock_now();
	char since[WAKE_TIME_SIZE];
	int ret = data ? set_place(data, edited, err) : wake_fail_nomem(err);

	wake_time_format(edited->since ? edited->since : at, since);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "since", since, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "reason", edited->reason, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "run_id", edited->run_id, err);
	if (ret == WAKE_OK)
		ret = edited->paths ? wake_json_set(data, "paths", json_incref(edited->paths), err)
		                    : wake_json_set_bool(data, "whole", true, err);
	if (ret < 0)
		return ret;
	ret = wake_event_make(WAKE_EVENT_EDITED, NULL, at, json_incref(data), &event, err);
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}
