/* SPDX-License-Identifier: MIT */
/* All registered repositories. */
#include "watcher/repositories.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "event/registry.h"
#include "watcher/excludes.h"
#include "watcher/repository.h"

#define MASK (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
#define LIST_AFTER INT64_C(100000) /* microseconds */
#define AT_ONCE 3 /* trees that are listed and walked at the same time: they keep a disk and a git busy */

struct one {
	struct wake_repository *repository;
	bool listed; /* while the list is compared */
};

struct wake_repositories {
	struct wake_scene *scene;
	void (*phase_changed)(void *context);
	void *context;
	char *path; /* owned: STATE/repositories */
	int wd;     /* -1: not watched */
	struct one *items;
	size_t count;
	struct wake_timer list;
	unsigned list_failures; /* in a row */
	struct wake_deferred begin;
	struct wake_excludes *excludes;
};

static void one_changed_phase(void *context)
{
	struct wake_repositories *repositories = context;

	wake_loop_defer(repositories->scene->loop, &repositories->begin);
}

static void begin_some(void *context)
{
	struct wake_repositories *repositories = context;
	size_t budget = AT_ONCE;

	for (size_t i = 0; i < repositories->count && budget > 0; i++)
		wake_repository_begin(repositories->items[i].repository, &budget);
	repositories->phase_changed(repositories->context);
}

/* The same directory may be listed under an old id, too. */
static struct one *find(struct wake_repositories *repositories, const char *common_dir)
{
	for (size_t i = 0; i < repositories->count; i++) {
		struct one *one = &repositories->items[i];

		if (strcmp(wake_repository_common_dir(one->repository), common_dir) == 0)
			return one;
	}
	return NULL;
}

static int add(struct wake_repositories *repositories, const char *common_dir, struct wake_error *err)
{
	struct one one = { .listed = true };
	struct one *grown = reallocarray(repositories->items, repositories->count + 1, sizeof(*grown));
	int ret;

	if (!grown)
		return wake_fail_nomem(err);
	repositories->items = grown;
	ret = wake_repository_new(
	    repositories->scene, common_dir, one_changed_phase, repositories, &one.repository, err);
	if (ret == WAKE_OK)
		repositories->items[repositories->count++] = one;
	return ret;
}

static void drop_unlisted(struct wake_repositories *repositories)
{
	size_t kept = 0;

	for (size_t i = 0; i < repositories->count; i++) {
		if (repositories->items[i].listed)
			repositories->items[kept++] = repositories->items[i];
		else
			wake_repository_free(repositories->items[i].repository);
	}
	repositories->count = kept;
}

static int compare(
    struct wake_repositories *repositories, const struct wake_registered_list *list, struct wake_error *err)
{
	size_t known = repositories->count;
	int ret = WAKE_OK;

	for (size_t i = 0; i < known; i++)
		repositories->items[i].listed = false;
	for (size_t i = 0; i < list->count; i++) {
		struct one *one = find(repositories, list->items[i].common_dir);

		if (one && !one->listed) {
			one->listed = true;
			wake_repository_listed(one->repository);
		}
	}
	drop_unlisted(repositories);
	for (size_t i = 0; ret == WAKE_OK && i < list->count; i++) {
		if (!find(repositories, list->items[i].common_dir))
			ret = add(repositories, list->items[i].common_dir, err);
	}
	return ret;
}

static void told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_repositories *repositories = context;

	(void)tag;
	if (event->mask & IN_IGNORED)
		repositories->wd = -1;
	wake_scene_ring_once(repositories->scene, &repositories->list, wake_clock_monotonic() + LIST_AFTER);
}

static int list(struct wake_repositories *repositories, struct wake_error *err)
{
	WAKE_CLEANUP(wake_registered_list_release) struct wake_registered_list listed = { 0 };
	int ret = repositories->wd < 0 ? wake_fs_make_dirs(repositories->path, err) : WAKE_OK;

	if (ret == WAKE_OK && repositories->wd < 0)
		ret = wake_inotify_add(repositories->scene->aside, repositories->path, MASK, told,
		    repositories, 0, &repositories->wd, err);
	if (ret == WAKE_OK)
		ret = wake_registry_list(repositories->scene->paths, &listed, err);
	return ret == WAKE_OK ? compare(repositories, &listed, err) : ret;
}

static void list_rung(void *context)
{
	struct wake_repositories *repositories = context;
	struct wake_error problem;

	if (list(repositories, &problem) == WAKE_OK) {
		repositories->list_failures = 0;
	} else {
		repositories->list_failures++;
		wake_scene_note(repositories->scene, &problem);
		wake_scene_ring(
		    repositories->scene, &repositories->list, wake_scene_later(repositories->list_failures));
	}
	one_changed_phase(repositories);
}

static void replan(void *context)
{
	struct wake_repositories *repositories = context;

	for (size_t i = 0; i < repositories->count; i++)
		wake_repository_replan(repositories->items[i].repository);
}

int wake_repositories_new(struct wake_scene *scene, void (*phase_changed)(void *context), void *context,
    struct wake_repositories **ret_repositories, struct wake_error *err)
{
	struct wake_repositories *repositories = calloc(1, sizeof(*repositories));
	int ret;

	if (!repositories)
		return wake_fail_nomem(err);
	repositories->scene = scene;
	repositories->phase_changed = phase_changed;
	repositories->context = context;
	repositories->wd = -1;
	repositories->list = (struct wake_timer){ .rung = list_rung, .context = repositories };
	repositories->begin = (struct wake_deferred){ .run = begin_some, .context = repositories };
	ret = wake_fs_join(scene->paths->state, "repositories", &repositories->path, err);
	if (ret == WAKE_OK)
		ret = wake_excludes_new(scene, replan, repositories, &repositories->excludes, err);
	if (ret < 0) {
		wake_repositories_free(repositories);
		return ret;
	}
	list_rung(repositories);
	*ret_repositories = repositories;
	return WAKE_OK;
}

void wake_repositories_free(struct wake_repositories *repositories)
{
	if (!repositories)
		return;
	for (size_t i = 0; i < repositories->count; i++)
		wake_repository_free(repositories->items[i].repository);
	if (repositories->wd >= 0)
		wake_inotify_remove(repositories->scene->aside, repositories->wd);
	wake_loop_timer_clear(repositories->scene->loop, &repositories->list);
	wake_loop_undefer(repositories->scene->loop, &repositories->begin);
	wake_excludes_free(repositories->excludes);
	free(repositories->items);
	free(repositories->path);
	free(repositories);
}

void wake_repositories_reload(struct wake_repositories *repositories)
{
	list_rung(repositories);
	replan(repositories);
	wake_excludes_reload(repositories->excludes);
}

void wake_repositories_look(struct wake_repositories *repositories)
{
	for (size_t i = 0; i < repositories->count; i++)
		wake_repository_look(repositories->items[i].repository);
	wake_scene_ring(repositories->scene, &repositories->list, wake_clock_monotonic() + LIST_AFTER);
}

int wake_repositories_flush(struct wake_repositories *repositories, struct wake_error *err)
{
	struct wake_error problem;
	int ret = WAKE_OK;

	for (size_t i = 0; i < repositories->count; i++) {
		int one = wake_repository_flush(repositories->items[i].repository, &problem);

		if (ret == WAKE_OK && one < 0) {
			*err = problem;
			ret = one;
		}
	}
	return ret;
}

bool wake_repositories_are_ready(const struct wake_repositories *repositories)
{
	for (size_t i = 0; i < repositories->count; i++) {
		if (!wake_repository_is_ready(repositories->items[i].repository))
			return false;
	}
	return true;
}

int64_t wake_repositories_pending_since(const struct wake_repositories *repositories)
{
	int64_t first = 0;

	for (size_t i = 0; i < repositories->count; i++) {
		int64_t since = wake_repository_pending_since(repositories->items[i].repository);

		if (since > 0 && (first == 0 || since < first))
			first = since;
	}
	return first;
}

int wake_repositories_status(
    const struct wake_repositories *repositories, json_t **ret_list, struct wake_error *err)
{
	wake_auto_json json_t *items = json_array();
	int ret = items ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < repositories->count; i++)
		ret = wake_repository_status(repositories->items[i].repository, items, err);
	if (ret < 0)
		return ret;
	*ret_list = items;
	items = NULL; /* the caller's now */
	return WAKE_OK;
}
