/* SPDX-License-Identifier: MIT */
/* A command, and the run that it is: begun, wrapped, ended. */
#ifndef WAKE_RUN_COMMAND_H
#define WAKE_RUN_COMMAND_H

#include "agent/invocation.h"
#include "cli/run_begin.h"

struct wake_run_plan {           /* all borrowed */
	const char *const *argv; /* NULL-terminated */
	int named;               /* which agent it is (invocation.h); -1: told from the command's name */
	int input;               /* its standard input; -1: ours */
	const struct wake_options *options; /* of WAKE_RUN_BEGIN_OPTIONS; NULL: nothing was given */
	/* What people said that makes its prompt (ids, a list): told as delivered once it has it. NULL:
	 * nothing. */
	json_t *messages;
	const char *agent_session; /* the agent's own session that it goes on with; told with them */
	/* The workspace is found, nothing is told yet: what is known of the start besides. NULL: nothing. */
	int (*prepared)(void *context, struct wake_run_start *start, struct wake_error *err);
	/* What is to be told with the delivery. NULL: nothing. */
	int (*told)(void *context, const char *run_id, struct wake_events *events, struct wake_error *err);
	void *context;
};

/* Returns the command's exit code, or ends as it ended. */
int wake_run_command(struct wake_command_context *context, const struct wake_run_plan *plan,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
