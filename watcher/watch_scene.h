/* SPDX-License-Identifier: MIT */
/* What everything that is watched shares. Inner to watch, watched, repository and runs. */
#ifndef WAKE_WATCH_SCENE_H
#define WAKE_WATCH_SCENE_H

#include "base/clock.h"
#include "base/paths.h"
#include "watcher/inotify.h"
#include "watcher/loop.h"

struct wake_runs;
struct wake_returns;

struct wake_scene {	/* all borrowed */
	struct wake_loop *loop;
	struct wake_inotify *trees;	/* the worktrees' directories */
	/* Git directories and everything else: an instance of its own, so that a flood of edits never costs a
	 * movement, and that nothing here is in the way of a tree that wants the same directory. */
	struct wake_inotify *aside;
	const struct wake_paths *paths;
	struct wake_runs *runs;
	struct wake_returns *returns;
	char last_error[WAKE_ERROR_TEXT_SIZE];	/* "" : none yet */
	int64_t last_error_at;			/* microseconds UTC */
};

/* Remembers what failed last, for the status. */
void wake_scene_note(struct wake_scene *scene, const struct wake_error *problem);

/* Has a timer ring at a monotonic time; what keeps it from that is noted. */
void wake_scene_ring(struct wake_scene *scene, struct wake_timer *timer, int64_t at);
/* The same, unless it is set already. */
void wake_scene_ring_once(struct wake_scene *scene, struct wake_timer *timer, int64_t at);

/* When to try again after so many failures in a row: after 1 s, doubling, 64 s at the most. */
int64_t wake_scene_later(unsigned failures);

#endif
