/* SPDX-License-Identifier: MIT */
/* The events of a run's life that the command line tells. */
#ifndef WAKE_RUN_EVENTS_H
#define WAKE_RUN_EVENTS_H

#include "cli/workspace.h"
#include "event/event.h"
#include "event/redact.h"

struct wake_run_start {	/* all borrowed; NULL: not known */
	const struct wake_redactor *redactor; /* for task and metadata; never NULL */
	const char *run_id, *workflow, *task, *session_name, *session_id, *agent_type, *ai_model;
	const char *branch;		/* outranks the one that git tells */
	const char *replaces;
	const char *parent_run_id;	/* the run whose agent's session it goes on with */
	const char *user_id;
	const char *host;		/* what the record calls this machine; NULL: its host name */
	const json_t *metadata;		/* an object */
	int64_t pid;			/* 0: no process is known */
	uint64_t pid_start;		/* clock ticks since boot */
	int64_t at;
};

/* Adds a run-started event. */
int wake_run_event_start(struct wake_events *events, const struct wake_run_start *start,
    const struct wake_workspace *workspace, const struct wake_git_facts *facts, struct wake_error *err)
    WAKE_MUST_CHECK;

struct wake_run_end {	/* all borrowed */
	const struct wake_redactor *redactor; /* for result and error; NULL: they are our own words */
	const char *run_id, *status;
	const char *result, *error;	/* NULL: none */
	bool reported;			/* else presumed */
	bool has_exit_code;
	int64_t exit_code;
	int64_t exit_signal;		/* 0: none ended it */
	int64_t at;
};

/* Adds a run-ended event. */
int wake_run_event_end(struct wake_events *events, const struct wake_run_end *end,
    const struct wake_git_facts *facts, struct wake_error *err) WAKE_MUST_CHECK;

/* Adds a hint that any file of the workspace may differ now (reason "start" or "finish"), so that what is not
 * committed then is recorded also where no watcher runs. Nothing outside of registered repositories. */
int wake_run_event_edited(struct wake_events *events, const char *reason, const char *run_id, int64_t at,
    const struct wake_workspace *workspace, struct wake_error *err) WAKE_MUST_CHECK;

/* Adds a delivered event: the run's agent has these messages (ids, a list; borrowed). */
int wake_run_event_delivered(struct wake_events *events, const char *run_id, json_t *messages, bool as_prompt,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Adds what is known of a run whose agent has not reported anything yet: its own session. */
int wake_run_event_session(struct wake_events *events, const char *run_id, const char *agent_session,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Adds what a person said to a run; text: redacted. */
struct wake_run_say {	/* all borrowed */
	const char *run_id, *message, *text;
	int64_t at;
};
int wake_run_event_say(struct wake_events *events, const struct wake_run_say *say, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
