/* SPDX-License-Identifier: MIT */
/* The runs that are active here: their processes are watched, their markers restored, their hearts told to
 * beat. */
#ifndef WAKE_RUNS_H
#define WAKE_RUNS_H

#include "watcher/watch_scene.h"

struct wake_runs; /* opaque; owned: wake_runs_free */

struct wake_runs_pace {	/* microseconds */
	int64_t heartbeat;
	int64_t grace;	/* after a process is gone: its end may be on its way */
	int64_t restore; /* after a marker is gone: so may be its run's end */
};
extern const struct wake_runs_pace wake_runs_usual_pace;

/* Watches STATE/runs (made if it is missing), and begins with those that are active. scene, pace: borrowed. */
int wake_runs_new(struct wake_scene *scene, const struct wake_runs_pace *pace, struct wake_runs **ret_runs,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_runs_free(struct wake_runs *runs);

void wake_runs_look(struct wake_runs *runs);	/* events were lost: reads all of them again */
size_t wake_runs_count(const struct wake_runs *runs);
/* Does any work in this worktree, or in a workspace around it? */
bool wake_runs_are_active_in(const struct wake_runs *runs, const char *root);

/* The marker in this directory may be gone: it is put back if it is, if a run works there, and if that run still
 * holds the place after a while. */
void wake_runs_marker_missed(struct wake_runs *runs, const char *directory);

#endif
