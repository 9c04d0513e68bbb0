/* SPDX-License-Identifier: MIT */
/* The recorder's round: lock, drain, observe what the hooks left to it, drain that, ask the objects,
 * unlock, look again. */
#include "store/record.h"

#include <string.h>
#include <unistd.h>

#include "event/spool.h"
#include "store/record_parts.h"
#include "store/trim.h"

void wake_recorder_close_repo(struct wake_recorder *recorder)
{
	wake_repo_free(recorder->repo);
	free(recorder->repo_dir);
	free(recorder->repo_told);
	recorder->repo = NULL;
	recorder->repo_dir = recorder->repo_told = NULL;
}

static void close_store(struct wake_recorder *recorder)
{
	wake_store_close(recorder->store);
	free(recorder->store_file);
	free(recorder->store_url);
	recorder->store = NULL;
	recorder->store_url = NULL;
	recorder->store_file = NULL;
}

int wake_recorder_open(
    const struct wake_paths *paths, struct wake_recorder **ret_recorder, struct wake_error *err)
{
	struct wake_recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder)
		return wake_fail_nomem(err);
	recorder->paths = paths;
	*ret_recorder = recorder;
	return WAKE_OK;
}

struct wake_store *wake_recorder_store(const struct wake_recorder *recorder)
{
	return recorder->store;
}

void wake_recorder_rest(struct wake_recorder *recorder)
{
	wake_recorder_close_repo(recorder);
	wake_recorder_forget_mine(recorder);
	close_store(recorder);
}

void wake_recorder_close(struct wake_recorder *recorder)
{
	if (!recorder)
		return;
	wake_recorder_rest(recorder);
	free(recorder);
}

static void recorder_release(struct wake_recorder **recorder)
{
	wake_recorder_close(*recorder);
}

static bool is_same_file(const char *path, const struct wake_fs_identity *known)
{
	struct wake_fs_identity now = { 0 };
	struct wake_error ignored;

	return wake_fs_identify(path, &now, &ignored) == WAKE_OK && now.inode == known->inode &&
	       now.born == known->born;
}

struct wake_fs_identity wake_recorder_identity(const char *git_dir)
{
	struct wake_fs_identity identity = { 0 };
	struct wake_error ignored;

	(void)!wake_fs_identify(git_dir, &identity, &ignored);
	return identity;
}

/* What a person removed or put in the place of another while we kept it open must not swallow events. */
static void drop_what_was_replaced(struct wake_recorder *recorder)
{
	if (recorder->store_file && !is_same_file(recorder->store_file, &recorder->store_identity))
		close_store(recorder);
	if (recorder->repo && !is_same_file(recorder->repo_dir, &recorder->repo_identity))
		wake_recorder_close_repo(recorder);
}

static int open_store(struct wake_recorder *recorder, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_free char *file = NULL, *url = NULL;
	int status = wake_store_locate(recorder->paths, &url, err);

	/* A person may have named another since. */
	if (status == WAKE_OK && recorder->store && strcmp(url, recorder->store_url) != 0)
		close_store(recorder);
	if (status != WAKE_OK || recorder->store)
		return status;
	status = wake_store_open_located(recorder->paths, &store, err);
	if (status == WAKE_OK)
		status = wake_store_locate_file(recorder->paths, &file, err);
	if (status == WAKE_OK && file)
		status = wake_fs_identify(file, &recorder->store_identity, err);
	if (status == WAKE_OK)
		status = wake_rights_read(store, &recorder->rights, err);
	if (status != WAKE_OK)
		return status;
	recorder->store = store;
	recorder->store_file = file;
	recorder->store_url = url;
	store = NULL;      /* now the recorder's */
	file = url = NULL; /* now the recorder's */
	return WAKE_OK;
}

void wake_recording_note(struct wake_recording *recording, const struct wake_error *err)
{
	(void)snprintf(recording->result->problem, sizeof(recording->result->problem), "%s", err->text);
}

int wake_recording_apply(
    const struct wake_recording *recording, struct wake_events *batch, struct wake_error *err)
{
	int status = wake_record_stamp(recording->recorder->host, batch, err);

	return status == WAKE_OK ? wake_record_apply(recording->store, batch, err) : status;
}

static int apply(void *context, struct wake_events *batch, struct wake_error *err)
{
	return wake_recording_apply(context, batch, err);
}

static int drain(struct wake_recording *recording, struct wake_error *err)
{
	size_t applied = 0;
	int status = wake_spool_drain(recording->paths->spool, apply, recording, &applied, err);

	/* Who told of a repository noted it first. */
	wake_recorder_forget_mine(recording->recorder);
	recording->result->events += applied;
	return status;
}

/* What is too old is in nobody's way: a failure waits for the next time. */
static void trim(struct wake_recording *recording)
{
	struct wake_trimmed trimmed;
	struct wake_error problem;

	if (wake_trim(recording->store, recording->paths, false, &trimmed, &problem) < 0)
		wake_recording_note(recording, &problem);
}

static int record_locked(
    struct wake_recording *recording, const struct wake_record_options *options, struct wake_error *err)
{
	bool all = options->observe_all, observed = true;
	int status = wake_record_configure(recording, err);

	if (status == WAKE_OK)
		status = drain(recording, err);

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
	if (status == WAKE_OK)
		status = wake_record_edits(recording, err);
	if (status == WAKE_OK)
		trim(recording);
	return status == WAKE_OK ? wake_record_share(recording, err) : status;
}

/* The lock comes first: while a server takes its time to answer, the hooks see that somebody is at work. Only
 * the lock's own WAKE_BUSY is another recorder: a store that is locked says the same. */
static int record_once(struct wake_recorder *recorder, const struct wake_record_options *options,
    struct wake_recorded *recorded, struct wake_error *err)
{
	struct wake_recording recording = {
		.paths = recorder->paths, .result = recorded, .recorder = recorder
	};
	wake_auto_close int lock = -1;
	int status = wake_spool_lock(recorder->paths->spool, options->wait, &lock, err);

	recorded->left_to_another = status == WAKE_BUSY;
	if (status == WAKE_BUSY)
		return WAKE_OK;
	if (status == WAKE_OK)
		status = open_store(recorder, err);
	recording.store = recorder->store;
	if (status == WAKE_OK && recorder->rights.role != WAKE_ROLE_FULL)
		return wake_record_refrain(&recording, options->to_read, err);
	if (status == WAKE_OK)
		status = record_locked(&recording, options, err);
	if (status != WAKE_REFUSED || !options->to_read)
		return status;
	/* What is there may be read, whatever the tables refuse. */
	recorded->unwritten = true;
	wake_recording_note(&recording, err);
	return WAKE_OK;
}

static const char *failure_of(int status, const struct wake_recorded *recorded, const struct wake_error *err)
{
	if (status != WAKE_OK)
		return err->text;
	return recorded->unwritten ? recorded->problem : NULL;
}

int wake_recorder_round(struct wake_recorder *recorder, const struct wake_record_options *options,
    struct wake_recorded *ret_recorded, struct wake_error *err)
{
	struct wake_recorded recorded = { 0 };
	int status = WAKE_OK;

	drop_what_was_replaced(recorder);
	/* An event that arrived between the drain and the unlocking had its hook see the lock held and go: so
	 * look again. Another recorder looks again for itself. */
	while (status == WAKE_OK) {
		status = record_once(recorder, options, &recorded, err);
		if (recorded.left_to_another || recorded.unwritten || !wake_spool_has_events(recorder->paths->spool))
			break;
	}
	if (!recorded.left_to_another)
		wake_spool_note_failure(recorder->paths->spool, failure_of(status, &recorded, err));
	if (status == WAKE_OK && recorded.feed_in == 1)
		wake_record_wake_feed(recorder->paths);
	if (status == WAKE_OK)
		*ret_recorded = recorded;
	return status;
}

int wake_record(const struct wake_paths *paths, const struct wake_record_options *options,
    struct wake_recorded *ret_recorded, struct wake_error *err)
{
	WAKE_CLEANUP(recorder_release) struct wake_recorder *recorder = NULL;
	struct wake_recorded recorded = { 0 };
	int status = wake_recorder_open(paths, &recorder, err);

	if (status == WAKE_OK)
		status = wake_recorder_round(recorder, options, &recorded, err);
	if (status != WAKE_OK)
		return status;
	if (recorded.left_to_another)
		return wake_fail(err, WAKE_BUSY, "another recorder is at work on '%s'", paths->spool);
	*ret_recorded = recorded;
	return WAKE_OK;
}

int wake_record_open(const struct wake_paths *paths, struct wake_store **ret_store, char problem[WAKE_ERROR_TEXT_SIZE],
    struct wake_error *err)
{
	WAKE_CLEANUP(recorder_release) struct wake_recorder *recorder = NULL;
	const struct wake_record_options options = { .wait = true, .to_read = true };
	struct wake_recorded recorded = { 0 };
	int status = wake_recorder_open(paths, &recorder, err);

	if (status == WAKE_OK)
		status = wake_recorder_round(recorder, &options, &recorded, err);
	if (status == WAKE_OK) {
		*ret_store = recorder->store;
		recorder->store = NULL; /* now the caller's */
		(void)snprintf(problem, sizeof(recorded.problem), "%s", recorded.unwritten ? recorded.problem : "");
	}
	return status;
}
