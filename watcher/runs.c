/* SPDX-License-Identifier: MIT */
/* The active runs: STATE/runs, as it changes. */
#include "watcher/runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "watcher/runs_parts.h"

#define MASK (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define LOOK_AFTER INT64_C(10000) /* microseconds: a directory, then the file in it */

const struct wake_runs_pace wake_runs_usual_pace = {
	.heartbeat = 60 * WAKE_SECOND, .grace = WAKE_SECOND, .restore = INT64_C(300000)
};

bool wake_run_is_same(const struct wake_run *run, const struct wake_active *active)
{
	return run->active.started_at == active->started_at && run->active.pid == active->pid &&
	       run->active.pid_start == active->pid_start &&
	       strcmp(run->active.boot_id, active->boot_id) == 0;
}

static void run_free(struct wake_run *run)
{
	struct wake_loop *loop = run->runs->scene->loop;

	wake_run_unwatch(run);
	wake_run_unwatch_workspace(run);
	wake_loop_timer_clear(loop, &run->end);
	wake_loop_timer_clear(loop, &run->restore);
	wake_active_release(&run->active);
	free(run);
}

/* active: moved from. */
static int add_run(struct wake_runs *runs, struct wake_active *active, struct wake_error *err)
{
	struct wake_run **grown = reallocarray(runs->items, runs->count + 1, sizeof(*runs->items));
	struct wake_run *run = calloc(1, sizeof(*run));

	if (grown)
		runs->items = grown;
	if (!grown || !run) {
		free(run);
		return wake_fail_nomem(err);
	}
	*run = (struct wake_run){
		.runs = runs, .active = *active, .pidfd = -1, .workspace_wd = -1, .listed = true
	};
	*active = (struct wake_active){ 0 }; /* the run's now */
	run->restore = (struct wake_timer){ .rung = wake_run_restore_rung, .context = run };
	runs->items[runs->count++] = run;
	wake_run_watch(run);
	wake_run_restore_later(run); /* it may have gone while nobody watched */
	return WAKE_OK;
}

static struct wake_run *find_run(struct wake_runs *runs, const struct wake_active *active)
{
	for (size_t i = 0; i < runs->count; i++) {
		struct wake_run *run = runs->items[i];

		if (strcmp(run->active.run_id, active->run_id) == 0 && wake_run_is_same(run, active))
			return run;
	}
	return NULL;
}

static void drop_unlisted(struct wake_runs *runs)
{
	size_t kept = 0;

	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i]->listed)
			runs->items[kept++] = runs->items[i];
		else
			run_free(runs->items[i]);
	}
	runs->count = kept;
}

static int compare(struct wake_runs *runs, struct wake_active_list *list, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < runs->count; i++)
		runs->items[i]->listed = false;
	for (size_t i = 0; i < list->count; i++) {
		struct wake_run *run = find_run(runs, &list->items[i]);

		if (run)
			run->listed = true;
	}
	drop_unlisted(runs);
	for (size_t i = 0; ret == WAKE_OK && i < list->count; i++) {
		if (!find_run(runs, &list->items[i]))
			ret = add_run(runs, &list->items[i], err);
	}
	for (size_t i = 0; i < runs->count; i++)
		wake_run_watch_workspace(runs->items[i]);
	return ret;
}

static void set_heart(struct wake_runs *runs)
{
	struct wake_scene *scene = runs->scene;

	if (runs->count == 0)
		wake_loop_timer_clear(scene->loop, &runs->beat);
	else
		wake_scene_ring_once(scene, &runs->beat, wake_clock_monotonic() + runs->pace->heartbeat);
}

static void told(void *context, uint32_t tag, const struct inotify_event *event);

/* The file may come later than its directory, and go without it. */
static int watch_dir(struct wake_runs *runs, const char *name, struct wake_error *err)
{
	struct wake_runs_dir dir = { .wd = -1 };
	struct wake_runs_dir *grown;
	wake_auto_free char *path = NULL;
	int ret;

	for (size_t i = 0; i < runs->dir_count; i++) {
		if (strcmp(runs->dirs[i].name, name) == 0)
			return WAKE_OK;
	}
	ret = wake_fs_join(runs->path, name, &path, err);
	if (ret == WAKE_OK)
		ret = wake_inotify_add(runs->scene->aside, path, MASK, told, runs, 1, &dir.wd, err);
	if (ret < 0) /* a file, or gone again; other failures are the caller's to tell */
		return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
	grown = reallocarray(runs->dirs, runs->dir_count + 1, sizeof(*grown));
	if (grown)
		runs->dirs = grown;
	ret = grown ? wake_str_copy(name, &dir.name, err) : wake_fail_nomem(err);
	if (ret < 0) {
		wake_inotify_remove(runs->scene->aside, dir.wd);
		return ret;
	}
	runs->dirs[runs->dir_count++] = dir;
	return WAKE_OK;
}

static void forget_dir(struct wake_runs *runs, int wd)
{
	for (size_t i = 0; i < runs->dir_count; i++) {
		if (runs->dirs[i].wd != wd)
			continue;
		free(runs->dirs[i].name);
		runs->dirs[i] = runs->dirs[--runs->dir_count];
		return;
	}
}

static int watch_dirs(struct wake_runs *runs, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret;

	if (runs->wd < 0) {
		ret = wake_fs_make_dirs(runs->path, err);
		if (ret == WAKE_OK)
			ret = wake_inotify_add(
			    runs->scene->aside, runs->path, MASK, told, runs, 0, &runs->wd, err);
		if (ret < 0)
			return ret;
	}
	ret = wake_fs_list(runs->path, WAKE_ACTIVE_LIST_MAX, &names, err);
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++)
		ret = watch_dir(runs, names.items[i], err);
	return ret;
}

/* First the watches, then the files: what comes between is seen twice. */
static int look(struct wake_runs *runs, struct wake_error *err)
{
	wake_auto_active_list struct wake_active_list list = { 0 };
	struct wake_error problem;
	int watching = watch_dirs(runs, &problem);
	int ret = wake_active_list(runs->scene->paths, &list, err);

	if (ret == WAKE_OK)
		ret = compare(runs, &list, err);
	set_heart(runs);
	if (ret == WAKE_OK && watching < 0) {
		*err = problem;
		return watching;
	}
	return ret;
}

static void look_rung(void *context)
{
	struct wake_runs *runs = context;
	struct wake_error problem;

	if (look(runs, &problem) == WAKE_OK) {
		runs->look_failures = 0;
		return;
	}
	runs->look_failures++;
	wake_scene_note(runs->scene, &problem);
	wake_scene_ring(runs->scene, &runs->look, wake_scene_later(runs->look_failures));
}

static void told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_runs *runs = context;

	if (event->mask & IN_IGNORED && tag == 0)
		runs->wd = -1;
	else if (event->mask & IN_IGNORED)
		forget_dir(runs, event->wd);
	wake_scene_ring_once(runs->scene, &runs->look, wake_clock_monotonic() + LOOK_AFTER);
}

static void beat_rung(void *context)
{
	struct wake_runs *runs = context;
	struct wake_error problem;

	for (size_t i = 0; i < runs->count; i++)
		wake_run_check(runs->items[i]);
	if (wake_runs_beat(runs, &problem) < 0)
		wake_scene_note(runs->scene, &problem);
	set_heart(runs);
}

int wake_runs_new(struct wake_scene *scene, const struct wake_runs_pace *pace, struct wake_runs **ret_runs,
    struct wake_error *err)
{
	struct wake_runs *runs = calloc(1, sizeof(*runs));
	int ret;

	if (!runs)
		return wake_fail_nomem(err);
	runs->scene = scene;
	runs->pace = pace;
	runs->wd = -1;
	runs->look = (struct wake_timer){ .rung = look_rung, .context = runs };
	runs->beat = (struct wake_timer){ .rung = beat_rung, .context = runs };
	ret = wake_fs_join(scene->paths->state, "runs", &runs->path, err);
	if (ret < 0) {
		wake_runs_free(runs);
		return ret;
	}
	look_rung(runs);
	*ret_runs = runs;
	return WAKE_OK;
}

void wake_runs_free(struct wake_runs *runs)
{
	if (!runs)
		return;
	for (size_t i = 0; i < runs->count; i++)
		run_free(runs->items[i]);
	for (size_t i = 0; i < runs->dir_count; i++) {
		wake_inotify_remove(runs->scene->aside, runs->dirs[i].wd);
		free(runs->dirs[i].name);
	}
	if (runs->wd >= 0)
		wake_inotify_remove(runs->scene->aside, runs->wd);
	wake_loop_timer_clear(runs->scene->loop, &runs->look);
	wake_loop_timer_clear(runs->scene->loop, &runs->beat);
	free(runs->items);
	free(runs->dirs);
	free(runs->path);
	free(runs);
}

void wake_runs_look(struct wake_runs *runs)
{
	wake_scene_ring_once(runs->scene, &runs->look, wake_clock_monotonic());
}

size_t wake_runs_count(const struct wake_runs *runs)
{
	return runs->count;
}

bool wake_runs_are_active_in(const struct wake_runs *runs, const char *root)
{
	for (size_t i = 0; i < runs->count; i++) {
		const char *workspace = runs->items[i]->active.workspace_path;
		size_t len = workspace ? strlen(workspace) : 0;

		if (len > 0 && !runs->items[i]->dead && strncmp(root, workspace, len) == 0 &&
		    (root[len] == '\0' || root[len] == '/'))
			return true;
	}
	return false;
}
