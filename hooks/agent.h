/* SPDX-License-Identifier: MIT */
/* The hook of an agent's client: what it is told on standard input becomes events, and nothing is ever
 * answered.
 *
 * The same rule as for git's hooks: nothing of ours hinders the one who runs us. Whatever fails, the exit
 * code is 0; standard output stays empty, since the client gives what stands there to the model. No store, no
 * git, no wait longer than the spool's and the session's locks. */
#ifndef WAKE_AGENT_HOOK_H
#define WAKE_AGENT_HOOK_H

#include "agent/hook_claude.h"
#include "event/agent_session.h"
#include "event/observe.h"
#include "event/redact.h"

/* Returns what main returns. */
int wake_agent_hook_main(int argc, char **argv);

/* ---- between the files agent*.c -------------------------------------------------------------------------
 */

#define WAKE_AGENT_HEARTBEAT (60 * WAKE_SECOND) /* at most one so often, of a session */

/* One call of the hook. */
struct wake_agent_call {
	struct wake_claude_hook payload;
	struct wake_paths paths;
	struct wake_worktree worktree; /* registered; not of a bare repository */
	struct wake_identity identity;
	struct wake_config config;
	struct wake_redactor *redactor; /* owned; NULL until a text is told */
	int64_t now;                    /* the event's time, microseconds UTC */
	struct wake_agent_session session;
	bool is_new;   /* its entry begins with this call */
	bool is_begun; /* a run of its own begins, or goes on with another process */
	bool is_late;  /* the session has ended: what comes now is the run's, but changes nothing of where it
	                  stands */
	struct wake_events events;
	bool is_durable, wakes;
};

/* agent_run.c: which run the session is; begins one where it must. The caller holds the session's lock where
 * wake_agent_changes says so. */
int wake_agent_resolve(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;
/* Will the entry, as it was read (has: there is one), be written again? */
bool wake_agent_changes(const struct wake_agent_call *call, bool has);
/* Is it time for a heartbeat? */
bool wake_agent_beats(const struct wake_agent_call *call);
/* What holds a run that has just begun, once its start is told: the active entry, and its tools' environment.
 */
int wake_agent_settle(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;

/* agent_process.c: the client's process into session; nothing where it cannot be told. */
void wake_agent_find_process(struct wake_agent_session *session);

/* agent_environment.c: adds what the client's tools are to have in their environment to the file that it
 * names for that; once. WAKE_INVALID: what it names is no file of ours. */
int wake_agent_export(const char *file, const char *run_id, struct wake_error *err) WAKE_MUST_CHECK;

/* agent_events.c: add to call->events. */
int wake_agent_tell_start(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;
int wake_agent_tell_end(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;
int wake_agent_tell_prompt(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;
int wake_agent_tell_report(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;
int wake_agent_tell_heartbeat(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;

/* agent_tools.c */
int wake_agent_tell_tool(struct wake_agent_call *call, struct wake_error *err) WAKE_MUST_CHECK;

#endif
