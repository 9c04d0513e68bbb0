/* SPDX-License-Identifier: MIT */
/* The agent's own session that `runwake resume` goes on with: whose it is, whether it is free, and what its
 * agent has not seen. */
#ifndef WAKE_RESUME_SESSION_H
#define WAKE_RESUME_SESSION_H

#include "agent/invocation.h"
#include "cli/command.h"
#include "store/query.h"

struct wake_resume {
	struct wake_command_context *context; /* borrowed */
	enum wake_agent agent;
	char id[WAKE_ID_SIZE]; /* workflow_runs.id */
	json_t *run;           /* owned: as wake_query_run gives it */
	json_t *unread;        /* owned: as wake_query_unread gives it */
	char *directory;       /* owned: where the agent works; NULL: not known */
	int lock;              /* owned: nobody else goes on with the session; -1: not taken */
};

/* The run that a word means, and what is to be known of it. WAKE_INVALID: its session cannot be gone on with.
 */
int wake_resume_find(struct wake_resume *resume, const char *word, struct wake_error *err) WAKE_MUST_CHECK;
/* Takes the session, for as long as resume lives. WAKE_BUSY (exit code 5): somebody else has it, or it lives.
 */
int wake_resume_take(struct wake_resume *resume, struct wake_error *err) WAKE_MUST_CHECK;
/* Whose run it is, for those who want it meanwhile. */
void wake_resume_name(const struct wake_resume *resume, const char *run_id);
/* What no agent has seen, read anew. */
int wake_resume_read(struct wake_resume *resume, struct wake_error *err) WAKE_MUST_CHECK;
void wake_resume_release(struct wake_resume *resume);

#endif
