/* SPDX-License-Identifier: MIT */
/* Everything that is watched. */
#include "watcher/watch.h"

#include <stdlib.h>

#include "base/json.h"
#include "event/event.h"
#include "watcher/repositories.h"
#include "watcher/returns.h"
#include "watcher/runs.h"
#include "watcher/watch_scene.h"

struct wake_watch {
	struct wake_scene scene;
	struct wake_repositories *repositories;
	struct wake_overflow lost;
	struct wake_deferred tell_ready;
	void (*ready)(void *context); /* NULL: nobody asks, or told */
	void *context;
};

static void check_ready(void *context)
{
	struct wake_watch *watch = context;
	void (*ready)(void *) = watch->ready;

	if (!ready || !wake_watch_is_ready(watch))
		return;
	watch->ready = NULL;
	ready(watch->context);
}

static void changed_phase(void *context)
{
	struct wake_watch *watch = context;

	wake_loop_defer(watch->scene.loop, &watch->tell_ready);
}

/* Events of git directories, repositories or runs were lost. Nothing else is: logs, lists and files tell it.
 */
static void lost(void *context)
{
	struct wake_watch *watch = context;

	wake_repositories_look(watch->repositories);
	wake_runs_look(watch->scene.runs);
	wake_returns_look(watch->scene.returns);
}

static int open_all(struct wake_watch *watch, struct wake_error *err)
{
	struct wake_scene *scene = &watch->scene;
	int ret = wake_inotify_new(scene->loop, &scene->aside, err);

	if (ret == WAKE_OK)
		ret = wake_returns_new(scene->loop, scene->aside, &scene->returns, err);
	if (ret == WAKE_OK)
		ret = wake_runs_new(scene, &wake_runs_usual_pace, &scene->runs, err);
	if (ret == WAKE_OK)
		ret = wake_repositories_new(scene, changed_phase, watch, &watch->repositories, err);
	if (ret == WAKE_OK)
		wake_inotify_on_overflow(scene->aside, &watch->lost);
	return ret;
}

int wake_watch_new(struct wake_loop *loop, struct wake_inotify *inotify, const struct wake_paths *paths,
    struct wake_watch **ret_watch, struct wake_error *err)
{
	struct wake_watch *watch = calloc(1, sizeof(*watch));
	int ret;

	if (!watch)
		return wake_fail_nomem(err);
	watch->scene.loop = loop;
	watch->scene.trees = inotify;
	watch->scene.paths = paths;
	watch->lost = (struct wake_overflow){ .lost = lost, .context = watch };
	watch->tell_ready = (struct wake_deferred){ .run = check_ready, .context = watch };
	ret = open_all(watch, err);
	if (ret < 0) {
		wake_watch_free(watch);
		return ret;
	}
	*ret_watch = watch;
	return WAKE_OK;
}

void wake_watch_free(struct wake_watch *watch)
{
	if (!watch)
		return;
	if (watch->scene.aside)
		wake_inotify_off_overflow(watch->scene.aside, &watch->lost);
	wake_repositories_free(watch->repositories);
	wake_runs_free(watch->scene.runs);
	wake_returns_free(watch->scene.returns);
	wake_inotify_free(watch->scene.aside);
	wake_loop_undefer(watch->scene.loop, &watch->tell_ready);
	free(watch);
}

void wake_watch_reload(struct wake_watch *watch)
{
	wake_runs_look(watch->scene.runs);
	wake_returns_look(watch->scene.returns);
	wake_repositories_reload(watch->repositories);
}

int wake_watch_flush(struct wake_watch *watch, struct wake_error *err)
{
	return wake_repositories_flush(watch->repositories, err);
}

bool wake_watch_is_ready(const struct wake_watch *watch)
{
	return wake_repositories_are_ready(watch->repositories);
}

void wake_watch_on_ready(struct wake_watch *watch, void (*ready)(void *context), void *context)
{
	watch->ready = ready;
	watch->context = context;
	wake_loop_defer(watch->scene.loop, &watch->tell_ready);
}

static int set_error(const struct wake_scene *scene, json_t *document, struct wake_error *err)
{
	char at[WAKE_TIME_SIZE];
	int ret;

	if (!scene->last_error[0])
		return WAKE_OK;
	wake_time_format(scene->last_error_at, at);
	ret = wake_event_set_text(document, "last_error", scene->last_error, WAKE_ERROR_TEXT_SIZE, err);
	return ret == WAKE_OK ? wake_json_set_string(document, "last_error_at", at, err) : ret;
}

int wake_watch_status(const struct wake_watch *watch, json_t *document, struct wake_error *err)
{
	int64_t since = wake_repositories_pending_since(watch->repositories);
	int64_t lag = since > 0 ? wake_clock_now() - since : 0;
	json_t *worktrees = NULL;
	int ret = wake_repositories_status(watch->repositories, &worktrees, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(document, "worktrees", worktrees, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "runs", (int64_t)wake_runs_count(watch->scene.runs), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "edit_lag_us", lag > 0 ? lag : 0, err);
	return ret == WAKE_OK ? set_error(&watch->scene, document, err) : ret;
}
