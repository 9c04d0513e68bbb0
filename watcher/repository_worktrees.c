/* SPDX-License-Identifier: MIT */
/* The worktrees of a repository, as they come and go. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "watcher/repository_parts.h"

#define LIST_AFTER INT64_C(100000) /* microseconds: git writes several files for a new worktree */
#define TRIES_MAX 8                /* doubling: half a minute until it is taken for a broken one */
#define NAMES_MAX 100000
#define DIR_MASK (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE)

enum { TAG_WORKTREES, TAG_INFO };

void wake_repository_list_soon(struct wake_repository *repository)
{
	repository->relist_tries = 0;
	wake_scene_ring(repository->scene, &repository->relist, wake_clock_monotonic() + LIST_AFTER);
}

static void dir_told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_repository *repository = context;

	if (tag == TAG_WORKTREES) {
		if (event->mask & IN_IGNORED)
			repository->worktrees_wd = -1;
		wake_repository_list_soon(repository);
	} else if (event->mask & IN_IGNORED) {
		repository->info_wd = -1;
	} else if (strcmp(event->name, "exclude") == 0) {
		wake_repository_replan(repository);
	}
}

static void watch_dir(struct wake_repository *repository, const char *name, uint32_t tag, int *wd)
{
	wake_auto_free char *path = NULL;
	struct wake_error problem;
	int ret = *wd >= 0 ? WAKE_OK : wake_fs_join(repository->common_dir, name, &path, &problem);

	if (ret == WAKE_OK && *wd < 0)
		ret = wake_inotify_add(
		    repository->scene->aside, path, DIR_MASK, dir_told, repository, tag, wd, &problem);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		wake_scene_note(repository->scene, &problem);
}

void wake_repository_watch_dirs(struct wake_repository *repository)
{
	watch_dir(repository, "worktrees", TAG_WORKTREES, &repository->worktrees_wd);
	watch_dir(repository, "info", TAG_INFO, &repository->info_wd);
}

static void git_changed(void *context, const char *name)
{
	struct wake_repository *repository = context;

	if (!*name || strcmp(name, "runwake") == 0 || strcmp(name, "gitdir") == 0) {
		wake_repository_list_soon(repository);
	} else if (strcmp(name, "worktrees") == 0) {
		wake_repository_watch_dirs(repository);
		wake_repository_list_soon(repository);
	} else if (strcmp(name, "info") == 0) {
		wake_repository_watch_dirs(repository);
		wake_repository_replan(repository);
	} else if (strcmp(name, "config") == 0 || strcmp(name, "config.worktree") == 0) {
		wake_repository_list_soon(repository); /* core.worktree, core.bare */
		wake_repository_replan(repository);
	} else if (strcmp(name, "packed-refs") == 0 || strcmp(name, "refs") == 0) {
		wake_repository_ref_moved(repository, NULL);
	}
}

static void phase_changed(void *context)
{
	struct wake_repository *repository = context;

	repository->phase_changed(repository->context);
}

static void close_one(struct wake_watched *watched)
{
	struct wake_error ignored;

	/* What its last edits were, the recorder may still find out. */
	if (wake_watched_pending_since(watched) > 0)
		(void)!wake_watched_flush(watched, &ignored);
	wake_watched_free(watched);
}

static bool is_same_text(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : one == other;
}

static bool is_same(const struct wake_watched *watched, const struct wake_worktree *worktree,
    const struct wake_identity *identity)
{
	const struct wake_worktree *own = wake_watched_worktree(watched);

	return !wake_watched_is_blind(watched) && is_same_text(own->git_dir, worktree->git_dir) &&
	       is_same_text(own->root, worktree->root) &&
	       strcmp(wake_watched_identity(watched)->worktree_id, identity->worktree_id) == 0 &&
	       strcmp(wake_watched_identity(watched)->repository_id, identity->repository_id) == 0;
}

/* Takes it out of the old items; NULL: it was not among them. */
static struct wake_watched *take(struct wake_repository *repository, const struct wake_worktree *worktree,
    const struct wake_identity *identity)
{
	for (size_t i = 0; i < repository->count; i++) {
		struct wake_watched *watched = repository->items[i];

		if (watched && is_same(watched, worktree, identity)) {
			repository->items[i] = NULL;
			return watched;
		}
	}
	return NULL;
}

/* A directory may be watched once only: an old one that lies in the same place must be closed first. */
static void close_other(struct wake_repository *repository, const struct wake_worktree *worktree)
{
	for (size_t i = 0; i < repository->count; i++) {
		struct wake_watched *watched = repository->items[i];

		if (watched && is_same_text(wake_watched_worktree(watched)->git_dir, worktree->git_dir)) {
			repository->items[i] = NULL;
			close_one(watched);
		}
	}
}

/* worktree: moved from. ret_watched: NULL if it is not whole yet. */
static int find_or_open(struct wake_repository *repository, struct wake_worktree *worktree,
    struct wake_watched **ret_watched, struct wake_error *err)
{
	const struct wake_watched_owner owner = {
		.git_changed = git_changed, .phase_changed = phase_changed, .context = repository
	};
	struct wake_identity identity;
	int ret;

	*ret_watched = NULL;
	if (!worktree->root && strcmp(worktree->git_dir, worktree->common_dir) != 0)
		return WAKE_OK;
	ret = wake_registry_identify(repository->scene->paths, worktree, &identity, err);
	if (ret < 0)
		return ret;
	*ret_watched = take(repository, worktree, &identity);
	if (*ret_watched)
		return WAKE_OK;
	close_other(repository, worktree);
	return wake_watched_new(repository->scene, worktree, &identity, &owner, ret_watched, err);
}

/* The directories under worktrees/, of which some may be in the making. */
static size_t count_linked(const struct wake_repository *repository)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (wake_fs_join(repository->common_dir, "worktrees", &path, &ignored) < 0 ||
	    wake_fs_list(path, NAMES_MAX, &names, &ignored) < 0)
		return 0;
	return names.count;
}

static void list_again_later(struct wake_repository *repository)
{
	if (repository->relist_tries >= TRIES_MAX)
		return;
	wake_scene_ring_once(repository->scene, &repository->relist,
	    wake_clock_monotonic() + (LIST_AFTER << repository->relist_tries));
	repository->relist_tries++;
}

/* What fails with one worktree is noted, and the others go on; only the main one tells of the repository. */
static int replace_items(
    struct wake_repository *repository, struct wake_worktrees *list, struct wake_error *err)
{
	struct wake_watched **items = calloc(list->count, sizeof(*items));
	size_t count = 0;
	int ret = items ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < list->count; i++) {
		ret = find_or_open(repository, &list->items[i], &items[count], err);
		if (ret == WAKE_OK && items[count])
			count++;
		if (ret < 0 && count > 0) {
			if (ret != WAKE_NOTFOUND) /* removed while we looked */
				wake_scene_note(repository->scene, err);
			ret = WAKE_OK;
		}
	}
	if (ret < 0) { /* not even the main one, which comes first */
		free(items);
		return ret;
	}
	wake_repository_close_worktrees(repository);
	repository->items = items;
	repository->count = count;
	if (count < count_linked(repository) + 1)
		list_again_later(repository);
	return WAKE_OK;
}

int wake_repository_list(struct wake_repository *repository, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees list = { 0 };
	int ret = wake_worktree_list(repository->common_dir, &list, err);

	if (ret == WAKE_OK && !wake_registry_has(&list.items[0]))
		ret = wake_fail(
		    err, WAKE_NOTFOUND, "'%s' is not there, or registered no more", repository->common_dir);
	return ret == WAKE_OK ? replace_items(repository, &list, err) : ret;
}

void wake_repository_list_rung(void *context)
{
	struct wake_repository *repository = context;
	struct wake_error problem;
	int ret;

	if (repository->count == 0 || wake_watched_is_blind(repository->items[0])) {
		wake_repository_reopen(repository);
		return;
	}
	ret = wake_repository_list(repository, &problem);
	if (ret == WAKE_NOTFOUND) {
		wake_repository_reopen(repository);
		return;
	}
	if (ret < 0) {
		wake_scene_note(repository->scene, &problem);
		list_again_later(repository);
	}
	wake_repository_watch_dirs(repository);
	repository->phase_changed(repository->context);
}

void wake_repository_close_worktrees(struct wake_repository *repository)
{
	for (size_t i = 0; i < repository->count; i++) {
		if (repository->items[i])
			close_one(repository->items[i]);
	}
	free(repository->items);
	repository->items = NULL;
	repository->count = 0;
}
