/* SPDX-License-Identifier: MIT */
/* What a hook must not spend time on: the other worktrees' logs, branch and remote-tracking logs, and where
 * repositories and worktrees lie now. */
#include <string.h>

#include "base/fs.h"
#include "event/observe.h"
#include "event/spool.h"
#include "store/record_parts.h"

static bool same(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* Is what the store says of a worktree still so? */
static int is_known(struct wake_recording *recording, const struct wake_worktree *worktree,
    const struct wake_identity *identity, const char *origin, bool *ret_known, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(identity->worktree_id) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    recording->store, WAKE_SQL_RECORD_WORKTREE, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_known = status == 1 && same(wake_rows_text(rows, 0), worktree->git_dir) &&
	             same(wake_rows_text(rows, 1), worktree->root) &&
	             same(wake_rows_text(rows, 2), worktree->common_dir) &&
	             same(wake_rows_text(rows, 3), origin);
	return status < 0 ? status : WAKE_OK;
}

static int append_seen(struct wake_recording *recording, const struct wake_worktree *worktree,
    const struct wake_identity *identity, const char *origin, const char *format, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event;
	json_t *data = json_pack(
	    "{ssss}", "repository_id", identity->repository_id, "worktree_id", identity->worktree_id);
	int status = data ? wake_event_set_text(data, "git_dir", worktree->git_dir, WAKE_EVENT_TEXT_MAX, err)
	                  : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status =
		    wake_event_set_text(data, "common_dir", worktree->common_dir, WAKE_EVENT_TEXT_MAX, err);
	if (status == WAKE_OK)
		status = wake_event_set_text(data, "root", worktree->root, WAKE_EVENT_TEXT_MAX, err);
	if (status == WAKE_OK)
		status = wake_event_set_text(data, "origin", origin, WAKE_EVENT_TEXT_MAX, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "object_format", format, err);
	if (status != WAKE_OK) {
		json_decref(data);
		return status;
	}
	status = wake_event_make(WAKE_EVENT_WORKTREE_SEEN, NULL, 0, data, &event, err);
	if (status == WAKE_OK)
		status = wake_events_add(&events, &event, err);
	return status == WAKE_OK ? wake_spool_append(recording->paths->spool, &events, false, err) : status;
}

/* repo NULL: it could not be opened; where things lie is told later then. */
static int observe_worktree(struct wake_recording *recording, const struct wake_worktree *worktree,
    struct wake_repo *repo, const char *origin, struct wake_identity *ret_identity, struct wake_error *err)
{
	const struct wake_witness witness = { .settled = true };
	struct wake_observed observed = { 0 };
	bool known = true;
	int status = wake_registry_identify(recording->paths, worktree, ret_identity, err);

	if (status == WAKE_OK)
		status = wake_observe(recording->paths, worktree, ret_identity, &witness, &observed, err);
	if (status == WAKE_OK && repo)
		status = is_known(recording, worktree, ret_identity, origin, &known, err);
	if (status == WAKE_OK && !known)
		status = append_seen(
		    recording, worktree, ret_identity, origin, wake_repo_object_format(repo), err);
	if (status == WAKE_OK)
		recording->result->movements += observed.movements;
	return status;
}

/* Another repository may lie where this one was; it is observed as what it is. */
static int open_registered(struct wake_recording *recording, const struct wake_registered *item,
    struct wake_repo **ret_repo, struct wake_error *err)
{
	int status = wake_recording_repo(
	    recording, item->repository_id, item->common_dir, item->common_dir, ret_repo, err);

	if (status == WAKE_NOTFOUND)
		status = wake_recording_repo(
		    recording, NULL, item->common_dir, item->common_dir, ret_repo, err);
	return status;
}

static int observe_repository(
    struct wake_recording *recording, const struct wake_registered *item, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	wake_auto_free char *origin = NULL;
	struct wake_repo *repo = NULL;
	struct wake_identity identity;
	struct wake_error problem;
	size_t lines = 0;
	int status = wake_worktree_list(item->common_dir, &worktrees, err);

	if (status != WAKE_OK || worktrees.count == 0)
		return status;
	if (open_registered(recording, item, &repo, &problem) != WAKE_OK ||
	    wake_repo_origin(repo, &origin, &problem) != WAKE_OK) {
		wake_recording_note(recording, &problem);
		repo = NULL;
	}
	for (size_t i = 0; i < worktrees.count; i++) {
		/* One worktree that cannot be read must not hide the others. */
		if (observe_worktree(recording, &worktrees.items[i], repo, origin, &identity, &problem) !=
		    WAKE_OK)
			wake_recording_note(recording, &problem);
		else if (i == 0 && wake_observe_refs(recording->paths, &worktrees.items[0], &identity, &lines,
		                       &problem) != WAKE_OK)
			wake_recording_note(recording, &problem);
	}
	return WAKE_OK;
}

static int read_news(struct wake_recording *recording, json_t *news, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_recording_ask_mine(recording, WAKE_SQL_RECORD_UNOBSERVED, &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = json_object_set_new(news, wake_rows_text(rows, 0), json_true())
		             ? wake_fail_nomem(err)
		             : WAKE_OK;
	return status;
}

/* What was found is in the spool by now: if we are killed here, it is found once more, which is harmless. */
static int forget_news(struct wake_recording *recording, const char *repository, struct wake_error *err)
{
	const struct wake_value value = WAKE_TEXT(repository);

	return wake_store_run(recording->store, WAKE_SQL_RECORD_OBSERVED, &value, 1, NULL, err);
}

int wake_record_observe(struct wake_recording *recording, bool all, bool *ret_any, struct wake_error *err)
{
	const struct wake_registered_list *list = &recording->recorder->mine;
	wake_auto_json json_t *news = json_object();
	struct wake_error problem;
	int status = news ? read_news(recording, news, err) : wake_fail_nomem(err);

	*ret_any = false;
	for (size_t i = 0; status == WAKE_OK && i < list->count; i++) {
		const struct wake_registered *item = &list->items[i];

		if (!all && !json_object_get(news, item->repository_id))
			continue;
		*ret_any = true;
		if (wake_fs_is_dir(item->common_dir) &&
		    observe_repository(recording, item, &problem) != WAKE_OK)
			wake_recording_note(recording, &problem);
		status = forget_news(recording, item->repository_id, err);
	}
	return status;
}
