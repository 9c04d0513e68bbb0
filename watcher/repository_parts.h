/* SPDX-License-Identifier: MIT */
/* Inner to repository*.c. */
#ifndef WAKE_REPOSITORY_PARTS_H
#define WAKE_REPOSITORY_PARTS_H

#include "event/registry.h"
#include "watcher/repository.h"
#include "watcher/repository_refs.h"
#include "watcher/returns.h"
#include "watcher/watched.h"

#define WAKE_REPOSITORY_MOVED_MAX 64 /* branches remembered by name; more: any may have moved */

struct wake_repository {
	struct wake_scene *scene;
	void (*phase_changed)(void *context);
	void *context;
	char *common_dir;	/* owned */
	char *runwake_dir;	/* owned: what registers it */
	bool open;

	/* repository_worktrees.c */
	struct wake_watched **items; /* owned; the main one first */
	size_t count;
	struct wake_timer relist;
	unsigned relist_tries;	/* for worktrees that are not whole yet */
	int worktrees_wd, info_wd; /* -1: not watched */

	struct wake_repository_refs refs;
	struct wake_timer observe_refs;
	int64_t refs_cost;	/* microseconds that the last one took */
	unsigned refs_failures;	/* in a row */
	char *moved[WAKE_REPOSITORY_MOVED_MAX]; /* owned: branches that have moved */
	size_t moved_count;
	bool any_moved;

	struct wake_return back;
	struct wake_timer reopen;
	unsigned open_failures;	/* in a row */
	char problem[WAKE_ERROR_TEXT_SIZE];
};

/* Brings the worktrees up to what git lists: WAKE_NOTFOUND: the repository is gone, or not registered. */
int wake_repository_list(struct wake_repository *repository, struct wake_error *err) WAKE_MUST_CHECK;
void wake_repository_list_soon(struct wake_repository *repository);
void wake_repository_list_rung(void *repository);
void wake_repository_watch_dirs(struct wake_repository *repository);
void wake_repository_close_worktrees(struct wake_repository *repository);

/* Its directory or its registration is gone, or is another: closes all, and waits for it or begins anew. */
void wake_repository_reopen(struct wake_repository *repository);

/* repository_observe.c */
void wake_repository_ref_moved(void *repository, const char *ref);
void wake_repository_observe_refs_rung(void *repository);
int wake_repository_observe_refs(struct wake_repository *repository, struct wake_error *err) WAKE_MUST_CHECK;
void wake_repository_forget_moved(struct wake_repository *repository);

#endif
