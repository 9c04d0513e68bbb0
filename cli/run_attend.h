/* SPDX-License-Identifier: MIT */
/* Being with a command while it runs: its signals and its output pass, and how it ends is seen. */
#ifndef WAKE_RUN_ATTEND_H
#define WAKE_RUN_ATTEND_H

#include <signal.h>

#include "agent/status.h"
#include "cli/run_feed.h"
#include "cli/run_pump.h"

struct wake_attending {
	/* From wake_attend_signals. */
	int signals;		/* owned; -1: none yet */
	sigset_t mask;		/* as it was before */
	bool ignored_child;	/* SIGCHLD was ignored before */

	pid_t pid;
	bool has_own_group;	/* else it gets the terminal's signals itself */
	struct wake_pump *pump;	/* borrowed; NULL: its output is none of ours */
	struct wake_stream *stream; /* borrowed; NULL: its output is not read */
	struct wake_feed *feed;	/* borrowed; NULL: its input is none of ours */
	/* It has printed something. As quick as the next one. */
	void (*heard)(void *context);
	/* A turn has ended. It may take some milliseconds, not more: the agent's output waits. */
	void (*turned)(void *context);
	void *context;

	/* How it ended. */
	int status;		/* of waitpid(2) */
	enum wake_stop stop;
	int stop_signal;
	int64_t stop_pid;

	bool is_over;
	bool passes_stops;	/* we were told to stop: when it stops, we do */
};

/* From here on signals wait until the command can have them. */
int wake_attend_signals(struct wake_attending *attending, struct wake_error *err) WAKE_MUST_CHECK;

/* Until it has ended, and what it printed has been passed on. */
int wake_attend(struct wake_attending *attending, struct wake_error *err) WAKE_MUST_CHECK;

/* Ends this process as the command has ended: by the same signal, or returns the exit code to end with. */
int wake_attend_end_alike(const struct wake_attending *attending);

void wake_attending_release(struct wake_attending *attending);

#endif
