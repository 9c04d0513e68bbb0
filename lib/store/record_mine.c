/* SPDX-License-Identifier: MIT */
/* Which of the store's repositories are this state directory's: those that it registered, by their ids. A
 * name of a machine says less: a container has another one each time, and two machines may hold what looks
 * the same under the same path. */
#include <string.h>

#include "store/record_parts.h"

void wake_recorder_forget_mine(struct wake_recorder *recorder)
{
	wake_registered_list_release(&recorder->mine);
	free(recorder->mine_ids);
	recorder->mine_ids = NULL;
}

static int write_ids(struct wake_recorder *recorder, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(16 * 1024 * 1024);
	wake_auto_json json_t *ids = json_array();

	for (size_t i = 0; ids && i < recorder->mine.count; i++) {
		if (json_array_append_new(ids, json_string(recorder->mine.items[i].repository_id)) < 0)
			return wake_fail_nomem(err);
	}
	if (!ids)
		return wake_fail_nomem(err);
	if (wake_json_append(&text, ids, err) < 0)
		return err->code;
	return wake_str_steal(&text, &recorder->mine_ids, err);
}

int wake_recording_mine(struct wake_recording *recording, struct wake_error *err)
{
	struct wake_recorder *recorder = recording->recorder;
	int status = WAKE_OK;

	if (recorder->mine_ids)
		return WAKE_OK;
	wake_recorder_forget_mine(recorder);
	status = wake_registry_list(recording->paths, &recorder->mine, err);
	return status == WAKE_OK ? write_ids(recorder, err) : status;
}

int wake_recording_ask_mine(
    struct wake_recording *recording, enum wake_sql sql, struct wake_rows **ret_rows, struct wake_error *err)
{
	int status = wake_recording_mine(recording, err);

	if (status != WAKE_OK)
		return status;
	return wake_store_query(
	    recording->store, sql, &WAKE_JSON(recording->recorder->mine_ids), 1, ret_rows, err);
}

int wake_recording_list_mine(
    struct wake_recording *recording, enum wake_sql sql, json_t *ids, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_recording_ask_mine(recording, sql, &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = json_array_append_new(ids, json_string(wake_rows_text(rows, 0))) < 0
		             ? wake_fail_nomem(err)
		             : WAKE_OK;
	return status;
}

static const char *find_registered(const struct wake_recorder *recorder, const char *repository_id)
{
	for (size_t i = 0; i < recorder->mine.count; i++) {
		if (strcmp(recorder->mine.items[i].repository_id, repository_id) == 0)
			return recorder->mine.items[i].common_dir;
	}
	return NULL;
}

/* Does it lead out of where it begins? Who told of it may have been anybody. */
static bool leads_out(const char *path)
{
	for (const char *at = strstr(path, "/.."); at; at = strstr(at + 1, "/..")) {
		if (at[3] == '/' || !at[3])
			return true;
	}
	return false;
}

/* git_dir as it lies now: what is inside of the common directory has moved with it. */
static int place_inside(const char *git_dir, const char *common_dir, const char *common_now, char **ret_dir,
    struct wake_error *err)
{
	size_t len = strlen(common_dir);
	bool inside = strncmp(git_dir, common_dir, len) == 0 && (git_dir[len] == '/' || !git_dir[len]) &&
	              !leads_out(git_dir + len);

	return wake_str_format(ret_dir, err, "%s%s", common_now, inside ? git_dir + len : "");
}

int wake_recording_place(struct wake_recording *recording, const char *repository_id, const char *git_dir,
    const char *common_dir, char **ret_git_dir, const char **ret_common_dir, struct wake_error *err)
{
	const char *now;
	struct wake_error ignored;
	int status = wake_recording_mine(recording, err);

	if (status != WAKE_OK)
		return status;
	now = find_registered(recording->recorder, repository_id);
	if (!now)
		return wake_fail(err, WAKE_NOTFOUND, "repository %s is not registered here", repository_id);
	status = wake_registry_confirm(now, repository_id, err);
	/* It may have come back to where it was when this was told, and nobody has noted that yet. */
	if (status == WAKE_NOTFOUND &&
	    wake_registry_confirm(common_dir, repository_id, &ignored) == WAKE_OK) {
		now = common_dir;
		status = WAKE_OK;
	}
	if (status == WAKE_OK)
		status = place_inside(git_dir, common_dir, now, ret_git_dir, err);
	if (status == WAKE_OK)
		*ret_common_dir = now;
	return status;
}

static int open_repo(struct wake_recorder *recorder, const char *git_dir, const char *common_dir,
    struct wake_repo **ret_repo, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	int status;

	if (recorder->repo && strcmp(recorder->repo_dir, git_dir) == 0) {
		*ret_repo = recorder->repo;
		return WAKE_OK;
	}
	status = wake_worktree_find(git_dir, &worktree, err);
	if (status == WAKE_NOTFOUND)
		status = wake_worktree_find(common_dir, &worktree, err);
	if (status != WAKE_OK)
		return status;
	wake_recorder_close_repo(recorder);
	recorder->repo_identity = wake_recorder_identity(git_dir);
	status = wake_str_copy(git_dir, &recorder->repo_dir, err);
	if (status == WAKE_OK)
		status = wake_repo_open(&worktree, &recorder->repo, err);
	if (status == WAKE_OK)
		*ret_repo = recorder->repo;
	return status;
}

/* The one opened last, told in the same words: then it needs no looking for. */
static bool is_open(const struct wake_recorder *recorder, const char *repository_id, const char *git_dir)
{
	return recorder->repo && recorder->repo_told && strcmp(recorder->repo_told, git_dir) == 0 &&
	       strcmp(recorder->repo_id, repository_id) == 0;
}

static int find_repo(struct wake_recording *recording, const char *repository_id, const char *git_dir,
    const char *common_dir, struct wake_repo **ret_repo, struct wake_error *err)
{
	struct wake_recorder *recorder = recording->recorder;
	wake_auto_free char *git_dir_now = NULL;
	const char *common_now;
	int status = wake_recording_place(
	    recording, repository_id, git_dir, common_dir, &git_dir_now, &common_now, err);

	if (status == WAKE_OK)
		status = open_repo(recorder, git_dir_now, common_now, ret_repo, err);
	if (status != WAKE_OK)
		return status;
	free(recorder->repo_told);
	recorder->repo_told = NULL;
	(void)snprintf(recorder->repo_id, sizeof(recorder->repo_id), "%s", repository_id);
	return wake_str_copy(git_dir, &recorder->repo_told, err);
}

int wake_recording_repo(struct wake_recording *recording, const char *repository_id, const char *git_dir,
    const char *common_dir, struct wake_repo **ret_repo, struct wake_error *err)
{
	if (!repository_id)
		return open_repo(recording->recorder, git_dir, common_dir, ret_repo, err);
	if (!is_open(recording->recorder, repository_id, git_dir))
		return find_repo(recording, repository_id, git_dir, common_dir, ret_repo, err);
	*ret_repo = recording->recorder->repo;
	return WAKE_OK;
}
