/* SPDX-License-Identifier: MIT */
/* Keeping the recorder: attends the spool, and has `runwake record --follow` as a child whenever something waits
 * there. The child ends by itself when nothing has come for half a minute; one that fails is started again, after
 * a second at first, a minute at the most. A repository that crashes it does not crash the watch. */
#ifndef WAKE_KEEPER_H
#define WAKE_KEEPER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/paths.h"
#include "watcher/log.h"
#include "watcher/loop.h"

struct wake_keeper; /* opaque; owned: wake_keeper_free, which kills the child */

struct wake_keeper_spec {
	const struct wake_paths *paths; /* borrowed */
	const char *program;		/* borrowed; runwake, absolute */
	struct wake_log *log;		/* borrowed */
	/* The spool's directory was removed, a second ago. True: make it again; false: we are ending. */
	bool (*lost)(void *context);
	/* See wake_keeper_drain. */
	void (*drained)(void *context);
	void *context;
};

int wake_keeper_new(struct wake_loop *loop, const struct wake_keeper_spec *spec, struct wake_keeper **ret_keeper,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_keeper_free(struct wake_keeper *keeper);

/* A clean stop: the child records what is there and ends, or, where none runs and something waits, a last one
 * does. drained is called when that is done, or after twenty seconds; perhaps from within. */
void wake_keeper_drain(struct wake_keeper *keeper);

/* Sets "recorder" and "spool_lag_us" (age of the oldest file that waits in the spool; 0: none does). */
int wake_keeper_status(const struct wake_keeper *keeper, json_t *document, struct wake_error *err) WAKE_MUST_CHECK;

/* Resident memory in bytes, from /proc/PID/statm; 0: not known. */
int64_t wake_keeper_memory_of(pid_t pid);

#endif
