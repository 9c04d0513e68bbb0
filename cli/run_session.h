/* SPDX-License-Identifier: MIT */
/* What the agent of a run has written of its session, for the recorder to read once the run is over: where no
 * hook has told of the session, the run leaves an entry for it itself. */
#ifndef WAKE_RUN_SESSION_H
#define WAKE_RUN_SESSION_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/paths.h"

struct wake_run_session { /* all borrowed */
	const char *run_id;
	const char *session; /* Claude Code's own id of it */
	const char *directory;
	int64_t begun_at, ended_at; /* of the run, microseconds UTC */
	pid_t pid;                  /* of the command, which is gone */
	uint64_t pid_start;
};

/* WAKE_NOTFOUND: the agent has kept nothing of it. */
int wake_run_session_leave(const struct wake_paths *paths, const struct wake_run_session *session,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
