/* SPDX-License-Identifier: MIT */
/* Child processes of the watcher: started without a shell, in a clean environment, never waited for by
 * blocking. Their output and their end arrive through the loop. */
#ifndef WAKE_CHILD_H
#define WAKE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "watcher/loop.h"

struct wake_child; /* opaque; owned: wake_child_free, which kills (SIGKILL) and reaps one that still runs */

struct wake_child_spec {
	const char *const *argv;	/* NULL-terminated; argv[0] is looked up in PATH */
	const char *directory;		/* NULL: / */
	bool has_input;			/* a stream to its stdin, to write to; else /dev/null */
	bool has_output;		/* a pipe from its stdout; else /dev/null */
	bool keep_errors;		/* its stderr is ours; else /dev/null */
	/* Bytes of stdout as they come; borrowed. The child may be freed in any of the three. */
	void (*output)(void *context, const char *bytes, size_t len);
	/* Bytes of its stderr as they come, through a pipe; NULL: see keep_errors. */
	void (*errors)(void *context, const char *bytes, size_t len);
	/* It has ended and what it wrote is read (what its own children write after that is not). code: 0–255,
	 * or 128 + signal. */
	void (*ended)(void *context, int code);
	void *context;
};

/* It dies with us (PR_SET_PDEATHSIG, SIGTERM); every signal is as by default in it. What binds git to one
 * repository, or a process to one run or one service, is taken out of its environment, and
 * GIT_TERMINAL_PROMPT=0, GIT_OPTIONAL_LOCKS=0 and LC_ALL=C are added. WAKE_UNAVAILABLE: the program is not
 * there; nothing is told then. Nothing is told before this returns either. */
int wake_child_start(struct wake_loop *loop, const struct wake_child_spec *spec, struct wake_child **ret_child,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_child_free(struct wake_child *child);

/* Queues bytes for its stdin, and writes as it reads. At most 64 MiB wait (WAKE_NOMEM). WAKE_UNAVAILABLE: it
 * reads no more (it will be told as ended soon). */
int wake_child_write(struct wake_child *child, const void *bytes, size_t len, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_child_close_input(struct wake_child *child); /* after what is queued */
pid_t wake_child_pid(const struct wake_child *child);
void wake_child_signal(struct wake_child *child, int signal);

#endif
