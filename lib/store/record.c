/* SPDX-License-Identifier: MIT */
/* The recorder's round: lock, drain, observe what the hooks left to it, drain that, ask the objects,
 * unlock, look again. */
#include "store/record.h"

#include <string.h>
#include <unistd.h>

#include "event/spool.h"
#include "store/record_parts.h"

static void recording_release(struct wake_recording *recording)
{
	wake_repo_free(recording->repo);
	free(recording->repo_dir);
}

void wake_recording_note(struct wake_recording *recording, const struct wake_error *err)
{
	(void)snprintf(recording->result->problem, sizeof(recording->result->problem), "%.255s", err->text);
}

int wake_recording_repo(struct wake_recording *recording, const char *git_dir, const char *common_dir,
    struct wake_repo **ret_repo, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	int status;

	if (recording->repo && strcmp(recording->repo_dir, git_dir) == 0) {
		*ret_repo = recording->repo;
		return WAKE_OK;
	}
	status = wake_worktree_find(git_dir, &worktree, err);
	if (status == WAKE_NOTFOUND)
		status = wake_worktree_find(common_dir, &worktree, err);
	if (status != WAKE_OK)
		return status;
	wake_repo_free(recording->repo);
	free(recording->repo_dir);
	recording->repo = NULL;
	recording->repo_dir = NULL;
	status = wake_str_copy(git_dir, &recording->repo_dir, err);
	if (status == WAKE_OK)
		status = wake_repo_open(&worktree, &recording->repo, err);
	if (status == WAKE_OK)
		*ret_repo = recording->repo;
	return status;
}

static int apply(void *context, struct wake_events *batch, struct wake_error *err)
{
	const struct wake_recording *recording = context;

	return wake_record_apply(recording->store, batch, err);
}

static int drain(struct wake_recording *recording, struct wake_error *err)
{
	size_t applied = 0;
	int status = wake_spool_drain(recording->paths->spool, apply, recording, &applied, err);

	recording->result->events += applied;
	return status;
}

static int record_locked(
    struct wake_recording *recording, const struct wake_record_options *options, struct wake_error *err)
{
	bool all = options->observe_all, observed = true;
	int status = drain(recording, err);

	/* A movement drained after its repository was observed has branch lines that nobody read yet. */
	while (status == WAKE_OK && observed) {
		status = wake_record_observe(recording, all, &observed, err);
		if (status == WAKE_OK && observed)
			status = drain(recording, err);
		all = false;
	}
	if (status == WAKE_OK)
		status = wake_record_examine(recording, err);
	if (status == WAKE_OK)
		status = wake_record_diff(recording, err);
	return status;
}

/* An event that arrived between the drain and the unlocking had its hook see the lock held and go: so look
 * again. */
static int record_rounds(const struct wake_paths *paths, struct wake_store *store,
    const struct wake_record_options *options, struct wake_recorded *result, struct wake_error *err)
{
	int status;

	do {
		WAKE_CLEANUP(recording_release)
		struct wake_recording recording = { .paths = paths, .store = store, .result = result };
		wake_auto_close int lock = -1;

		status = wake_spool_lock(paths->spool, options->wait, &lock, err);
		if (status == WAKE_OK)
			status = record_locked(&recording, options, err);
	} while (status == WAKE_OK && wake_spool_has_events(paths->spool));
	return status;
}

int wake_record(const struct wake_paths *paths, const struct wake_record_options *options,
    struct wake_recorded *ret_recorded, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_recorded recorded = { 0 };
	int status = wake_store_open_located(paths, &store, err);

	if (status == WAKE_OK)
		status = record_rounds(paths, store, options, &recorded, err);
	if (status == WAKE_OK)
		*ret_recorded = recorded;
	return status;
}

int wake_record_open(const struct wake_paths *paths, struct wake_store **ret_store, struct wake_error *err)
{
	const struct wake_record_options options = { .wait = true };
	wake_auto_store struct wake_store *store = NULL;
	struct wake_recorded recorded = { 0 };
	int status = wake_store_open_located(paths, &store, err);

	if (status == WAKE_OK)
		status = record_rounds(paths, store, &options, &recorded, err);
	if (status == WAKE_OK) {
		*ret_store = store;
		store = NULL; /* now the caller's */
	}
	return status;
}
