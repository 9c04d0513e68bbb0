/* SPDX-License-Identifier: MIT */
/* What the store knows of an agent's sessions: asked before they are recorded from what the agent keeps of
 * them. */
#ifndef WAKE_QUERY_AGENT_H
#define WAKE_QUERY_AGENT_H

#include "event/marker.h"
#include "store/store.h"

struct wake_agent_run {
	char run_id[WAKE_RUN_ID_MAX + 1];
	int64_t started, completed; /* microseconds UTC; WAKE_TIME_NONE: not (yet) */
	bool is_announced;          /* somebody told that it began */
	bool is_ended;              /* and that it ended: it is not only presumed to */
};

struct wake_agent_runs {
	struct wake_agent_run *items; /* owned */
	size_t count;
};

/* The runs of an agent's own session, by when they began. owned: wake_agent_runs_release. */
int wake_query_agent_runs(struct wake_store *store, const char *session, struct wake_agent_runs *ret_runs,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_agent_runs_release(struct wake_agent_runs *runs);
#define wake_auto_agent_runs WAKE_CLEANUP(wake_agent_runs_release)

/* The agent's session that told of a model's answer. NULL: nobody did. owned: free(3). */
int wake_query_session_of_answer(struct wake_store *store, const char *response, char **ret_session,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
