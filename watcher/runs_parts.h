/* SPDX-License-Identifier: MIT */
/* Inner to runs*.c. */
#ifndef WAKE_RUNS_PARTS_H
#define WAKE_RUNS_PARTS_H

#include "event/active.h"
#include "watcher/runs.h"

struct wake_run {	/* one active run */
	struct wake_runs *runs;
	struct wake_active active;
	int pidfd;		/* -1: no process is known, or it cannot be watched */
	bool checked;		/* at each heartbeat, for there is no pidfd */
	bool dead;
	int64_t died_at;	/* microseconds UTC, as far as that is known */
	char why[WAKE_ERROR_TEXT_SIZE];
	struct wake_timer end;	/* when it is dead: after the grace, and again where that fails */
	unsigned end_failures;	/* in a row */
	struct wake_timer restore;
	int workspace_wd;	/* -1: not watched */
	bool listed;		/* while the list is compared */
};

struct wake_runs_dir {	/* STATE/runs/NAME, whether its run is active or not */
	char *name;	/* owned */
	int wd;		/* -1: gone */
};

struct wake_runs {
	struct wake_scene *scene;
	const struct wake_runs_pace *pace;
	char *path;		/* owned: STATE/runs */
	int wd;
	struct wake_run **items; /* owned; each stays where it is */
	size_t count;
	struct wake_runs_dir *dirs;
	size_t dir_count;
	struct wake_timer look;	/* something has changed there */
	unsigned look_failures;	/* in a row */
	struct wake_timer beat;	/* only while a run is active */
};

/* runs_process.c: watches the run's process, or finds it gone; a run without one lives on. */
void wake_run_watch(struct wake_run *run);
void wake_run_unwatch(struct wake_run *run);
void wake_run_check(struct wake_run *run); /* where there is no pidfd */

/* runs_marker.c */
void wake_run_restore_later(struct wake_run *run);
/* Watches its workspace for the marker's loss, if that is not done yet: it may lie outside of any worktree. */
void wake_run_watch_workspace(struct wake_run *run);
void wake_run_unwatch_workspace(struct wake_run *run);
void wake_run_restore_rung(void *run);

/* runs_heartbeat.c: one event for all of them, or several where they are many. */
int wake_runs_beat(const struct wake_runs *runs, struct wake_error *err) WAKE_MUST_CHECK;

/* Same run, same start, same process: an id may be used again. */
bool wake_run_is_same(const struct wake_run *run, const struct wake_active *active);

#endif
