/* SPDX-License-Identifier: MIT */
/* One registered repository, watched. */
#include "watcher/repository.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "watcher/repository_parts.h"

/* A copy is being written file by file: who looks too early finds no nonce, and takes it for a new one. */
#define REOPEN_AFTER WAKE_SECOND

static void close_all(struct wake_repository *repository)
{
	struct wake_scene *scene = repository->scene;

	repository->open = false;
	wake_loop_timer_clear(scene->loop, &repository->relist);
	wake_loop_timer_clear(scene->loop, &repository->observe_refs);
	wake_loop_timer_clear(scene->loop, &repository->reopen);
	wake_returns_forget(scene->returns, &repository->back);
	wake_repository_close_worktrees(repository);
	wake_repository_refs_close(&repository->refs);
	wake_repository_forget_moved(repository);
	if (repository->worktrees_wd >= 0)
		wake_inotify_remove(scene->aside, repository->worktrees_wd);
	if (repository->info_wd >= 0)
		wake_inotify_remove(scene->aside, repository->info_wd);
	repository->worktrees_wd = repository->info_wd = -1;
}

static void failed(struct wake_repository *repository, const struct wake_error *problem)
{
	memcpy(repository->problem, problem->text, sizeof(repository->problem));
	close_all(repository);
	if (problem->code == WAKE_NOTFOUND && !wake_fs_is_dir(repository->runwake_dir)) {
		wake_returns_wait(repository->scene->returns, &repository->back);
		return;
	}
	wake_scene_note(repository->scene, problem);
	repository->open_failures++;
	wake_scene_ring(repository->scene, &repository->reopen, wake_scene_later(repository->open_failures));
}

static void open_now(struct wake_repository *repository)
{
	struct wake_error problem;
	int ret = wake_repository_list(repository, &problem);

	if (ret < 0) {
		failed(repository, &problem);
		return;
	}
	repository->open = true;
	repository->open_failures = 0;
	repository->problem[0] = '\0';
	wake_repository_watch_dirs(repository);
	if (wake_repository_refs_open(&repository->refs, &problem) < 0) {
		memcpy(repository->problem, problem.text, sizeof(repository->problem));
		wake_scene_note(repository->scene, &problem);
	}
	(void)!wake_repository_observe_refs(repository, &problem); /* what fails is tried again */
}

void wake_repository_reopen(struct wake_repository *repository)
{
	close_all(repository);
	open_now(repository);
	repository->phase_changed(repository->context);
}

static void reopen_rung(void *context)
{
	struct wake_repository *repository = context;

	if (!repository->open)
		wake_repository_reopen(repository);
}

static void is_back(void *context)
{
	struct wake_repository *repository = context;

	wake_scene_ring(repository->scene, &repository->reopen, wake_clock_monotonic() + REOPEN_AFTER);
}

int wake_repository_new(struct wake_scene *scene, const char *common_dir,
    void (*phase_changed)(void *context), void *context, struct wake_repository **ret_repository,
    struct wake_error *err)
{
	struct wake_repository *repository = calloc(1, sizeof(*repository));
	int ret;

	if (!repository)
		return wake_fail_nomem(err);
	repository->scene = scene;
	repository->phase_changed = phase_changed;
	repository->context = context;
	repository->worktrees_wd = repository->info_wd = -1;
	repository->relist = (struct wake_timer){ .rung = wake_repository_list_rung, .context = repository };
	repository->observe_refs =
	    (struct wake_timer){ .rung = wake_repository_observe_refs_rung, .context = repository };
	repository->reopen = (struct wake_timer){ .rung = reopen_rung, .context = repository };
	ret = wake_str_copy(common_dir, &repository->common_dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(common_dir, "runwake", &repository->runwake_dir, err);
	repository->back =
	    (struct wake_return){ .path = repository->runwake_dir, .there = is_back, .context = repository };
	repository->refs = (struct wake_repository_refs){ .scene = scene,
		.common_dir = repository->common_dir,
		.moved = wake_repository_ref_moved,
		.context = repository };
	if (ret < 0) {
		wake_repository_free(repository);
		return ret;
	}
	open_now(repository);
	*ret_repository = repository;
	return WAKE_OK;
}

void wake_repository_free(struct wake_repository *repository)
{
	if (!repository)
		return;
	close_all(repository);
	free(repository->common_dir);
	free(repository->runwake_dir);
	free(repository);
}

const char *wake_repository_common_dir(const struct wake_repository *repository)
{
	return repository->common_dir;
}

void wake_repository_listed(struct wake_repository *repository)
{
	if (repository->open)
		wake_repository_list_soon(repository);
	else
		open_now(repository);
}

void wake_repository_replan(struct wake_repository *repository)
{
	for (size_t i = 0; i < repository->count; i++)
		wake_watched_replan(repository->items[i]);
}

void wake_repository_look(struct wake_repository *repository)
{
	if (!repository->open)
		return;
	for (size_t i = 0; i < repository->count; i++)
		wake_watched_look(repository->items[i]);
	wake_repository_list_soon(repository);
	wake_repository_ref_moved(repository, NULL);
}

int wake_repository_flush(struct wake_repository *repository, struct wake_error *err)
{
	struct wake_error problem;
	int ret = wake_repository_observe_refs(repository, err);

	for (size_t i = 0; i < repository->count; i++) {
		int one = wake_watched_flush(repository->items[i], &problem);

		if (ret == WAKE_OK && one < 0) {
			*err = problem;
			ret = one;
		}
	}
	return ret;
}

void wake_repository_begin(struct wake_repository *repository, size_t *budget)
{
	for (size_t i = 0; i<repository->count && * budget> 0; i++) {
		struct wake_watched *watched = repository->items[i];

		if (!wake_watched_has_begun(watched))
			wake_watched_begin(watched);
		if (!wake_watched_is_ready(watched))
			--*budget;
	}
}

bool wake_repository_is_ready(const struct wake_repository *repository)
{
	for (size_t i = 0; i < repository->count; i++) {
		if (!wake_watched_is_ready(repository->items[i]))
			return false;
	}
	return true;
}

int64_t wake_repository_pending_since(const struct wake_repository *repository)
{
	int64_t first = 0;

	for (size_t i = 0; i < repository->count; i++) {
		int64_t since = wake_watched_pending_since(repository->items[i]);

		if (since > 0 && (first == 0 || since < first))
			first = since;
	}
	return first;
}

static int append(json_t *list, json_t *item, struct wake_error *err)
{
	return json_array_append_new(list, item) == 0 ? WAKE_OK : wake_fail_nomem(err);
}

int wake_repository_status(const struct wake_repository *repository, json_t *list, struct wake_error *err)
{
	json_t *item = NULL;
	int ret = WAKE_OK;

	if (!repository->open || repository->problem[0]) {
		ret = wake_watched_status_of(repository->common_dir, repository->open ? "degraded" : "gone",
		    repository->problem, &item, err);
		if (ret == WAKE_OK)
			ret = append(list, item, err);
	}
	for (size_t i = 0; ret == WAKE_OK && i < repository->count; i++) {
		ret = wake_watched_status(repository->items[i], &item, err);
		if (ret == WAKE_OK)
			ret = append(list, item, err);
	}
	return ret;
}
