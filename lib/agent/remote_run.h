/* SPDX-License-Identifier: MIT */
/* What a service that runs agents elsewhere says of a run (GET run/ID/status), in either of two shapes:
 * nested, with progress, metrics and result as objects, or flat. The text is anybody's: whatever in it is not
 * as it should be counts as not told. */
#ifndef WAKE_REMOTE_RUN_H
#define WAKE_REMOTE_RUN_H

#include <stdbool.h>

#include "base/paths.h"
#include "event/event.h"
#include "event/marker.h"
#include "event/redact.h"

/* The outcomes of questions that may be left open. */
enum wake_remote_word { WAKE_REMOTE_UNTOLD, WAKE_REMOTE_NO, WAKE_REMOTE_YES };

struct wake_remote_facts {
	char run_id[WAKE_RUN_ID_MAX + 2]; /* "": not told; longer ones are no run's */
	char status[32], completion[48];  /* the service's words; "": not told */
	char phase[100];
	char model[100], workflow[100];
	char *session, *result, *error; /* owned; NULL: not told. session: the agent's own id */
	bool has_turns, has_tokens, has_cost, has_exit_code;
	int64_t turns, input, output, cache_read, cache_write;
	int64_t cost; /* micro-dollars */
	int64_t exit_code;
	int64_t started, completed; /* microseconds UTC, by its clock; 0: not told */
	enum wake_remote_word success, is_running;
};

/* WAKE_INVALID: it is no JSON object that tells a status. owned: wake_remote_facts_release. */
int wake_remote_facts_read(const char *text, size_t len, struct wake_remote_facts *ret_facts,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_remote_facts_release(struct wake_remote_facts *facts);

enum wake_remote_state {
	WAKE_REMOTE_UNCLEAR, /* a word that we do not know */
	WAKE_REMOTE_WAITS,
	WAKE_REMOTE_RUNS,
	WAKE_REMOTE_ENDED,
};

struct wake_remote_verdict {
	enum wake_remote_state state;
	const char *status;   /* of one that has ended: completed, failed, killed; static */
	const char *error;    /* our words, where the service has none; static; NULL: none */
	bool is_contradicted; /* it also says that the agent is still at work */
};

/* A pure function: a table of rules, the first that holds decides. No single member tells it: services have
 * called successes failed, errors of the agent a success, and finished runs running. */
void wake_remote_decide(const struct wake_remote_facts *facts, struct wake_remote_verdict *ret_verdict);

/* Which of the runs that the service lists (GET runs) is the one that was asked for without an answer: the
 * only one of that workflow and session name, begun at or after `since` by its clock, less five minutes;
 * is_session_ours: nobody else can have given that name, so the time does not matter. WAKE_NOTFOUND;
 * WAKE_BUSY: several. */
int wake_remote_find_asked(const char *text, size_t len, const char *workflow, const char *session,
    bool is_session_ours, int64_t since, char ret_run_id[WAKE_RUN_ID_MAX + 1],
    struct wake_error *err) WAKE_MUST_CHECK;

/* A service's time, clamped to [earliest, latest]; one that is not told, or outside by more than clocks
 * differ, is `latest`. */
int64_t wake_remote_clamp(int64_t told, int64_t earliest, int64_t latest);

/* ---- as events (remote_tell.c) ---- */

/* What is known of a run's beginning; borrowed, NULL: not known. */
struct wake_remote_begun {
	const char *run_id, *workflow, *task; /* task: redacted */
	const char *session_name, *branch, *repository;
	const char *url, *remote;   /* the service, and what the settings call it */
	const char *host;           /* what the record calls this machine; NULL: its host name */
	int64_t max_turns, timeout; /* 0: not told */
	bool is_persistent;
	int64_t at;
};
int wake_remote_tell_start(const struct wake_remote_begun *begun, struct wake_events *events,
    struct wake_error *err) WAKE_MUST_CHECK;

/* A run-reported event's data. ret_digest: the same for the same data. owned: json_decref. */
int wake_remote_report(const struct wake_remote_facts *facts, const struct wake_redactor *redactor,
    const char *run_id, json_t **ret_data, char ret_digest[WAKE_ID_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;
/* Takes data over, also on failure. */
int wake_remote_tell_report(
    json_t *data, int64_t at, struct wake_events *events, struct wake_error *err) WAKE_MUST_CHECK;

/* is_reported: the service said so; else presumed, and verdict->error says why. */
int wake_remote_tell_end(const struct wake_remote_facts *facts, const struct wake_remote_verdict *verdict,
    const struct wake_redactor *redactor, const char *run_id, bool is_reported, int64_t at,
    struct wake_events *events, struct wake_error *err) WAKE_MUST_CHECK;

/* Records the start of a run whose entry (event/remote_entry.h) has its run_id and started_at: told durably,
 * then the entry's phase becomes tracked. Doing it again says the same again. */
struct wake_remote_entry;
int wake_remote_begin(const struct wake_paths *paths, const char *host, struct wake_remote_entry *entry,
    struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_remote_facts WAKE_CLEANUP(wake_remote_facts_release)

#endif
