/* SPDX-License-Identifier: MIT */
/* The end of a run. */
#include "cli/run_end.h"

#include "cli/print.h"
#include "event/active.h"
#include "event/claim.h"
#include "event/marker.h"
#include "event/spool.h"

void wake_run_ending_release(struct wake_run_ending *ending)
{
	wake_workspace_release(&ending->workspace);
	wake_git_facts_release(&ending->facts);
}

void wake_run_ending_open(struct wake_run_ending *ending)
{
	struct wake_error problem;

	if (!ending->directory)
		return;
	if (wake_workspace_find(ending->paths, ending->directory, &ending->workspace, &problem) < 0)
		wake_print_note("%s", problem.text);
	else
		ending->has_workspace = true;
}

void wake_run_ending_look(struct wake_run_ending *ending)
{
	struct wake_error problem;

	if (!ending->has_workspace)
		return;
	if (wake_workspace_observe(ending->paths, &ending->workspace, &problem) < 0)
		wake_print_note("%s; `runwake verify --repair` brings it in later", problem.text);
	if (wake_git_facts_head(&ending->workspace, &ending->facts, &problem) < 0)
		wake_print_note("%s; the run's final commit stays unknown", problem.text);
}

int wake_run_ending_tell(struct wake_run_ending *ending, struct wake_events *events, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (ending->has_workspace && !ending->is_over)
		ret = wake_run_event_edited(
		    events, "finish", ending->end.run_id, ending->end.at, &ending->workspace, err);
	if (ret == WAKE_OK)
		ret = wake_run_event_end(events, &ending->end, &ending->facts, err);
	return ret == WAKE_OK ? wake_spool_append(ending->paths->spool, events, true, err) : ret;
}

void wake_run_ending_clear(const struct wake_run_ending *ending)
{
	const char *run_id = ending->end.run_id;
	struct wake_error problem;
	int ret;

	if (wake_active_remove(ending->paths, run_id, &problem) < 0)
		wake_print_note("%s", problem.text);
	if (ending->directory) {
		ret = wake_marker_remove(ending->directory, run_id, &problem);
		if (ret < 0 && ret != WAKE_NOTFOUND)
			wake_print_note("%s", problem.text);
	}
	if (ending->has_workspace && ending->workspace.in_git) {
		ret = wake_claim_release(&ending->workspace.worktree, run_id, &problem);
		if (ret < 0 && ret != WAKE_NOTFOUND)
			wake_print_note("%s", problem.text);
	}
}
