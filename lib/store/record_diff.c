/* SPDX-License-Identifier: MIT */
/* The numstat between a run's first commit and its last one (or, while it runs, its latest). */
#include <string.h>

#include "git/diffstat.h"
#include "store/record_parts.h"

#define FAILURES_MAX 256 /* in a row: repositories that are gone must not make every recording longer */

struct stale_run {
	const char *repository;		     /* borrowed */
	char *run_id, *git_dir, *common_dir; /* owned */
	char from[WAKE_HASH_SIZE], to[WAKE_HASH_SIZE];
};

static void stale_run_release(struct stale_run *run)
{
	free(run->run_id);
	free(run->git_dir);
	free(run->common_dir);
	*run = (struct stale_run){ 0 };
}

/* 1: one more run whose diff is not up to date; 0: none. */
static int next_stale(struct wake_recording *recording, const char *repository, const char *before,
    char ret_id[WAKE_ID_SIZE], struct stale_run *ret_run, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository), WAKE_TEXT(before) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    recording->store, WAKE_SQL_RECORD_STALE_RUN, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;
	(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	ret_run->repository = repository;
	(void)snprintf(ret_run->from, WAKE_HASH_SIZE, "%s", wake_rows_text(rows, 4));
	(void)snprintf(ret_run->to, WAKE_HASH_SIZE, "%s", wake_rows_text(rows, 5));
	status = wake_str_copy(wake_rows_text(rows, 1), &ret_run->run_id, err);
	if (status == WAKE_OK)
		status = wake_str_copy(wake_rows_text(rows, 2), &ret_run->git_dir, err);
	if (status == WAKE_OK)
		status = wake_str_copy(wake_rows_text(rows, 3), &ret_run->common_dir, err);
	return status == WAKE_OK ? 1 : status;
}

static int diff_data(
    struct wake_recording *recording, const struct stale_run *run, json_t **ret_data, struct wake_error *err)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 };
	wake_auto_json json_t *data = json_pack("{ss}", "run_id", run->run_id);
	struct wake_repo *repo;
	json_t *files = NULL;
	int status = data ? wake_recording_repo(
	                        recording, run->repository, run->git_dir, run->common_dir, &repo, err)
	                  : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = wake_diffstat_commits(repo, run->from, run->to, &stat, err);
	if (status == WAKE_OK)
		status = wake_diffstat_json(&stat, &files, err);
	if (status == WAKE_OK)
		status = wake_json_set(data, "files", files, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "engine", stat.engine, err);
	if (status == WAKE_OK && *run->from)
		status = wake_json_set_string(data, "from", run->from, err);
	if (status == WAKE_OK && *run->to)
		status = wake_json_set_string(data, "to", run->to, err);
	if (status == WAKE_OK)
		*ret_data = json_incref(data);
	return status;
}

static int diff_run(struct wake_recording *recording, const struct stale_run *run, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };
	json_t *data = NULL;
	int status = diff_data(recording, run, &data, err);

	if (status == WAKE_OK)
		status = wake_event_make(WAKE_EVENT_RUN_DIFFED, NULL, 0, data, &event, err);
	if (status == WAKE_OK)
		status = wake_events_add(&events, &event, err);
	return status == WAKE_OK ? wake_recording_apply(recording, &events, err) : status;
}

static int diff_repository(struct wake_recording *recording, const char *repository, struct wake_error *err)
{
	char before[WAKE_ID_SIZE] = WAKE_ID_BEYOND, id[WAKE_ID_SIZE];

	for (size_t failures = 0; failures < FAILURES_MAX; failures++) {
		WAKE_CLEANUP(stale_run_release) struct stale_run run = { 0 };
		struct wake_error problem;
		int status = next_stale(recording, repository, before, id, &run, err);

		if (status != 1)
			return status;
		memcpy(before, id, sizeof(before));
		/* A commit that is gone (pruned), or a repository that is away, leaves the last diff standing. */
		if (diff_run(recording, &run, &problem) == WAKE_OK)
			failures = 0;
		else
			wake_recording_note(recording, &problem);
	}
	return WAKE_OK;
}

int wake_record_diff(struct wake_recording *recording, struct wake_error *err)
{
	wake_auto_json json_t *repositories = json_array();
	int status = repositories
	                 ? wake_recording_list_mine(recording, WAKE_SQL_RECORD_TO_DIFF, repositories, err)
	                 : wake_fail_nomem(err);

	for (size_t i = 0; status == WAKE_OK && i < json_array_size(repositories); i++)
		status = diff_repository(recording, json_string_value(json_array_get(repositories, i)), err);
	return status;
}
