/* SPDX-License-Identifier: MIT */
/* push-intended: pre-push ran. Whether the push arrived, a remote-tracking log tells later. */
#include "store/fold.h"

#include <string.h>

#define HEADS "refs/heads/"

/* Where git notes what it pushed: "refs/remotes/REMOTE/BRANCH" with the default refspec. */
static int append_tracking_ref(
    struct wake_str *out, const char *remote, const char *remote_ref, struct wake_error *err)
{
	const char *branch =
	    strncmp(remote_ref, HEADS, strlen(HEADS)) == 0 ? remote_ref + strlen(HEADS) : remote_ref;

	wake_str_appendf(out, "refs/remotes/%s/%s", remote ? remote : "", branch);
	return wake_str_check(out, err);
}

static int fold_pushed_ref(struct wake_fold *fold, const struct wake_event *event, size_t place,
    const json_t *ref, const struct wake_value *run, struct wake_error *err)
{
	const json_t *data = event->data;
	wake_auto_str struct wake_str name = WAKE_STR(128), tracking = WAKE_STR(64 * 1024);
	const char *remote_ref = wake_json_string(ref, "remote_ref");
	char id[WAKE_ID_SIZE];
	int status = append_tracking_ref(
	    &tracking, wake_json_string(data, "remote"), remote_ref ? remote_ref : "", err);

	wake_str_appendf(&name, "push %s %zu", event->id, place);
	if (status == WAKE_OK)
		status = wake_str_check(&name, err);
	if (status != WAKE_OK)
		return status;
	wake_id_v5(name.data, name.len, id);

	const struct wake_value values[] = {
		WAKE_TEXT(id),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_TEXT(wake_json_string(data, "remote")),
		WAKE_TEXT(wake_json_string(data, "url")),
		WAKE_TEXT(wake_json_string(ref, "local_ref")),
		WAKE_TEXT(remote_ref),
		WAKE_TEXT(tracking.data),
		WAKE_TEXT(wake_json_string(ref, "remote")),
		WAKE_TEXT(wake_json_string(ref, "local")),
		WAKE_TIME(event->at),
		*run,
		WAKE_TEXT(wake_json_string(data, "evidence")),
	};
	const struct wake_value pair[] = { values[1], values[9] };

	status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_PUSH_INTENDED, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		status =
		    wake_store_run(fold->store, WAKE_SQL_FOLD_PUSH_MATCH, pair, WAKE_COUNT(pair), NULL, err);
	return status;
}

int wake_fold_push_intended(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const char *run_id = wake_json_string(event->data, "run_id");
	struct wake_value run_value = WAKE_NULL_VALUE();
	char run[WAKE_ID_SIZE];
	size_t place;
	json_t *ref;
	int status;

	if (run_id) {
		status = wake_fold_ensure_run(fold, run_id, event->at, run, err);
		if (status == WAKE_OK)
			status = wake_fold_touch(fold->runs, run, err);
		if (status != WAKE_OK)
			return status;
		run_value = WAKE_TEXT(run);
	}
	json_array_foreach(json_object_get(event->data, "refs"), place, ref)
	{
		status = fold_pushed_ref(fold, event, place, ref, &run_value, err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}
