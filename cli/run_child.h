/* SPDX-License-Identifier: MIT */
/* The command that `runwake run` wraps: made, held until its run is told, and let go. */
#ifndef WAKE_RUN_CHILD_H
#define WAKE_RUN_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct wake_child_spec {		/* all borrowed */
	const char *const *argv;	/* NULL-terminated; argv[0] is looked up in PATH */
	const char *run_id;		/* becomes RUNWAKE_RUN_ID in its environment */
	int in;				/* its standard input; -1: ours */
	int out;			/* its standard output; -1: ours */
	bool has_own_group;		/* a process group of its own; else it stays in ours */
	const sigset_t *mask;		/* its signal mask */
	bool ignores_pipe, ignores_child; /* SIGPIPE, SIGCHLD: ignored; else their default action */
};

struct wake_child {
	pid_t pid;
	int gate;	/* owned; -1: it is not held any more */
	int verdict;	/* owned: tells why it could not be executed */
};

/* A process of its own, with the pid that the command will have, which waits for the gate. It ends by itself where we
 * end first. */
int wake_child_hold(
    const struct wake_child_spec *spec, struct wake_child *ret_child, struct wake_error *err) WAKE_MUST_CHECK;

/* Lets it go. ret_errno: 0, or why the command could not be executed; then it is gone. */
int wake_child_let_go(struct wake_child *child, int *ret_errno, struct wake_error *err) WAKE_MUST_CHECK;

/* Ends one that is still held, and closes what is open. */
void wake_child_release(struct wake_child *child);

#endif
