/* SPDX-License-Identifier: MIT */
/* Putting back the marker of an active run: `git clean -fdx` takes it away. */
#include <stdlib.h>
#include <string.h>

#include "event/claim.h"
#include "event/marker.h"
#include "watcher/runs_parts.h"

/* In a registered repository the claim must say so too: `finish` takes it away, `start --replace` gives it to
 * another. */
static bool holds_claim(const struct wake_run *run)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_claim claim;
	struct wake_error ignored;
	int ret = wake_worktree_find(run->active.workspace_path, &worktree, &ignored);

	if (ret < 0)
		return ret == WAKE_NOTFOUND;
	return wake_claim_read(&worktree, &claim, &ignored) == WAKE_OK &&
	       strcmp(claim.run_id, run->active.run_id) == 0;
}

static bool is_active(const struct wake_run *run)
{
	wake_auto_active struct wake_active now = { 0 };
	struct wake_error ignored;

	return wake_active_read(run->runs->scene->paths, run->active.run_id, &now, &ignored) == WAKE_OK &&
	       wake_run_is_same(run, &now);
}

void wake_run_restore_rung(void *context)
{
	struct wake_run *run = context;
	struct wake_error problem;
	int ret;

	if (run->dead || !holds_claim(run) || !is_active(run))
		return;
	ret = wake_marker_create(
	    run->active.workspace_path, run->active.run_id, run->active.workspace_id, &problem);
	if (ret < 0 && ret != WAKE_EXISTS && ret != WAKE_NOTFOUND)
		wake_scene_note(run->runs->scene, &problem);
}

void wake_run_restore_later(struct wake_run *run)
{
	struct wake_scene *scene = run->runs->scene;

	if (run->active.workspace_path && !run->dead)
		wake_scene_ring_once(scene, &run->restore, wake_clock_monotonic() + run->runs->pace->restore);
}

static void workspace_told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_run *run = context;

	(void)tag;
	if (event->mask & IN_IGNORED)
		run->workspace_wd = -1;
	else if (strcmp(event->name, WAKE_MARKER_NAME) == 0)
		wake_runs_marker_missed(run->runs, run->active.workspace_path);
}

void wake_run_watch_workspace(struct wake_run *run)
{
	struct wake_error ignored; /* of two runs in one workspace the first one watches for both */

	if (run->workspace_wd < 0 && run->active.workspace_path)
		(void)!wake_inotify_add(run->runs->scene->aside, run->active.workspace_path,
		    IN_DELETE | IN_MOVED_FROM, workspace_told, run, 0, &run->workspace_wd, &ignored);
}

void wake_run_unwatch_workspace(struct wake_run *run)
{
	if (run->workspace_wd >= 0)
		wake_inotify_remove(run->runs->scene->aside, run->workspace_wd);
	run->workspace_wd = -1;
}

void wake_runs_marker_missed(struct wake_runs *runs, const char *directory)
{
	for (size_t i = 0; i < runs->count; i++) {
		const char *workspace = runs->items[i]->active.workspace_path;

		if (workspace && strcmp(workspace, directory) == 0)
			wake_run_restore_later(runs->items[i]);
	}
}
