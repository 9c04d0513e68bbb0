/* SPDX-License-Identifier: MIT */
/* A repository's branches and remote-tracking refs: pushes that were confirmed, fetches, and branches that
 * moved below a worktree's HEAD. */
#include <stdlib.h>
#include <string.h>

#include "event/observe.h"
#include "watcher/repository_parts.h"

#define HEADS "refs/heads/"
#define OBSERVE_AFTER INT64_C(100000) /* microseconds: a fetch moves many */
#define COST_TIMES                                                                                           \
	20 /* every log is looked at: in a repository of very many it takes a share of 5 % at most */

static void remember(struct wake_repository *repository, const char *branch)
{
	for (size_t i = 0; i < repository->moved_count; i++) {
		if (strcmp(repository->moved[i], branch) == 0)
			return;
	}
	if (repository->moved_count < WAKE_REPOSITORY_MOVED_MAX) {
		repository->moved[repository->moved_count] = strdup(branch);
		if (repository->moved[repository->moved_count]) {
			repository->moved_count++;
			return;
		}
	}
	repository->any_moved = true;
}

void wake_repository_ref_moved(void *context, const char *ref)
{
	struct wake_repository *repository = context;
	int64_t pause = COST_TIMES * repository->refs_cost;

	if (!ref)
		repository->any_moved = true;
	else if (strncmp(ref, HEADS, strlen(HEADS)) == 0)
		remember(repository, ref + strlen(HEADS));
	wake_scene_ring_once(repository->scene, &repository->observe_refs,
	    wake_clock_monotonic() + (pause > OBSERVE_AFTER ? pause : OBSERVE_AFTER));
}

void wake_repository_forget_moved(struct wake_repository *repository)
{
	for (size_t i = 0; i < repository->moved_count; i++)
		free(repository->moved[i]);
	repository->moved_count = 0;
	repository->any_moved = false;
}

static void tell_worktrees(struct wake_repository *repository)
{
	for (size_t i = 0; i < repository->count; i++) {
		if (repository->any_moved)
			wake_watched_branch_moved(repository->items[i], NULL);
		for (size_t j = 0; !repository->any_moved && j < repository->moved_count; j++)
			wake_watched_branch_moved(repository->items[i], repository->moved[j]);
	}
	wake_repository_forget_moved(repository);
}

int wake_repository_observe_refs(struct wake_repository *repository, struct wake_error *err)
{
	struct wake_scene *scene = repository->scene;
	int64_t began = wake_clock_monotonic();
	size_t lines;
	int ret;

	if (!repository->open || repository->count == 0)
		return WAKE_OK;
	wake_loop_timer_clear(scene->loop, &repository->observe_refs);
	ret = wake_observe_refs(scene->paths, wake_watched_worktree(repository->items[0]),
	    wake_watched_identity(repository->items[0]), &lines, err);
	repository->refs_cost = wake_clock_monotonic() - began;
	if (ret == WAKE_OK) {
		repository->refs_failures = 0;
		return ret;
	}
	repository->refs_failures++;
	wake_scene_note(scene, err);
	wake_scene_ring(scene, &repository->observe_refs, wake_scene_later(repository->refs_failures));
	return ret;
}

void wake_repository_observe_refs_rung(void *context)
{
	struct wake_repository *repository = context;
	struct wake_error noted;

	(void)!wake_repository_observe_refs(repository, &noted);
	tell_worktrees(repository);
}
