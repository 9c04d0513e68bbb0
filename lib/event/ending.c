/* SPDX-License-Identifier: MIT */
/* Ending runs whose process is gone. */
#include "event/ending.h"

#include <stdlib.h>
#include <string.h>

#include "event/claim.h"
#include "event/edited.h"
#include "event/observe.h"
#include "event/spool.h"

struct ending {
	const struct wake_paths *paths;
	const struct wake_active *active;
	int64_t at;
	const char *error;
	struct wake_worktree worktree;
	bool in_git;
	struct wake_identity identity;
	bool registered;
	char *branch;              /* owned; NULL: detached, or not known */
	char head[WAKE_HASH_SIZE]; /* "": unborn, or not known */
	struct wake_events events;
};

static void ending_release(struct ending *ending)
{
	wake_worktree_release(&ending->worktree);
	free(ending->branch);
	wake_events_release(&ending->events);
}

/* Whatever cannot be found out stays unknown; but where memory is out, all is tried again later. */
static int find_worktree(struct ending *ending, struct wake_error *err)
{
	struct wake_error problem;
	int ret;

	if (!ending->active->workspace_path)
		return WAKE_OK;
	ret = wake_worktree_find(ending->active->workspace_path, &ending->worktree, &problem);
	ending->in_git = ret == WAKE_OK;
	if (ret == WAKE_OK && wake_registry_has(&ending->worktree)) {
		ret = wake_registry_identify(ending->paths, &ending->worktree, &ending->identity, &problem);
		ending->registered = ret == WAKE_OK;
	}
	return ret == WAKE_NOMEM ? wake_fail_nomem(err) : WAKE_OK;
}

static int look(struct ending *ending, struct wake_error *err)
{
	const struct wake_witness witness = { .settled = true };
	struct wake_observed observed;
	struct wake_error problem;
	int ret = find_worktree(ending, err);

	if (ret == WAKE_OK && ending->registered)
		ret = wake_observe(
		    ending->paths, &ending->worktree, &ending->identity, &witness, &observed, &problem);
	if (ret != WAKE_NOMEM && ending->in_git)
		ret = wake_worktree_head(&ending->worktree, &ending->branch, ending->head, &problem);
	return ret == WAKE_NOMEM ? wake_fail_nomem(err) : WAKE_OK;
}

/* Does the claim say that the workspace is this run's? */
static bool is_claimed(const struct ending *ending)
{
	struct wake_claim claim;
	struct wake_error ignored;

	return wake_claim_read(&ending->worktree, &claim, &ignored) == WAKE_OK &&
	       strcmp(claim.run_id, ending->active->run_id) == 0;
}

/* Whose edits these are is for the marker to say; the claim says it where the marker was cleaned away. */
static int add_edited(struct ending *ending, struct wake_error *err)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct wake_edited edited = { .worktree = &ending->worktree,
		.identity = &ending->identity,
		.reason = "died",
		.at = ending->at };
	struct wake_error ignored;

	if (!ending->registered || !ending->worktree.root)
		return WAKE_OK;
	if (wake_marker_find(ending->worktree.root, &marker, &ignored) == WAKE_OK)
		edited.run_id = marker.run_id;
	else if (is_claimed(ending))
		edited.run_id = ending->active->run_id;
	return wake_edited_add(&ending->events, &edited, err);
}

static int add_end(struct ending *ending, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *data = json_object();
	int ret =
	    data ? wake_json_set_string(data, "run_id", ending->active->run_id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "status", "failed", err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "reported", false, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "error", ending->error, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK && wake_hash_is_valid(ending->head))
		ret = wake_json_set_string(data, "head", ending->head, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "branch", ending->branch, WAKE_EVENT_NAME_MAX, err);
	if (ret < 0)
		return ret;
	ret = wake_event_make(WAKE_EVENT_RUN_ENDED, NULL, ending->at, json_incref(data), &event, err);
	return ret == WAKE_OK ? wake_events_add(&ending->events, &event, err) : ret;
}

static int clear(const struct ending *ending, struct wake_error *err)
{
	const char *run_id = ending->active->run_id;
	int ret = ending->in_git ? wake_claim_release(&ending->worktree, run_id, err) : WAKE_OK;

	if (ret != WAKE_NOMEM && ending->active->workspace_path)
		ret = wake_marker_remove(ending->active->workspace_path, run_id, err);
	if (ret == WAKE_NOMEM)
		return ret;
	/* A claim or a marker that will not go is in the way of nothing: the next start takes both over. */
	return wake_active_remove(ending->paths, run_id, err);
}

int wake_ending_presume(const struct wake_paths *paths, const struct wake_active *active, int64_t at,
    const char *error, struct wake_error *err)
{
	WAKE_CLEANUP(ending_release)
	struct ending ending = {
		.paths = paths,
		.active = active,
		.error = error,
		.at = at > active->started_at ? at : active->started_at + 1,
	};
	int ret = look(&ending, err);

	if (ret == WAKE_OK)
		ret = add_edited(&ending, err);
	if (ret == WAKE_OK)
		ret = add_end(&ending, err);
	if (ret == WAKE_OK)
		ret = wake_spool_append(paths->spool, &ending.events, true, err);
	return ret == WAKE_OK ? clear(&ending, err) : ret;
}
