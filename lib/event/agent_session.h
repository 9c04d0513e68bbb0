/* SPDX-License-Identifier: MIT */
/* What is known here of an agent's own session while it lives: STATE/sessions/ID.json. ID is made of agent
 * and session (the same id that lib/agent/run_name.h gives the conversation), so no session's name is a path.
 *
 * The agent's hook writes it, in place and in one write(2) of WAKE_AGENT_SESSION_SIZE bytes: on ext4 a file
 * that replaces another is written out at once, which is most of what a hook costs. A sum tells a torn one,
 * which is as good as none. The entry stays when the session has ended, with ended_at, until its transcript
 * was read to the end; a session that is resumed writes it anew. */
#ifndef WAKE_AGENT_SESSION_H
#define WAKE_AGENT_SESSION_H

#include "event/active.h"

#define WAKE_AGENT_NAME_SIZE 32
#define WAKE_AGENT_SESSION_SIZE 4096     /* bytes of an entry's file */
#define WAKE_AGENT_SESSION_LIST_MAX 1000 /* entries that a list holds */

/* Where a session's last turn stands. */
enum wake_agent_turn { WAKE_TURN_NONE, WAKE_TURN_PROMPTED, WAKE_TURN_ANSWERED, WAKE_TURN_FAILED };

struct wake_agent_session {
	char agent[WAKE_AGENT_NAME_SIZE]; /* run_name.h: WAKE_AGENT_CLAUDE … */
	char *session;                    /* owned, as all texts here: the agent's own id of it */
	char run_id[WAKE_RUN_ID_MAX + 1]; /* the run that its current opening is, or that it joined */
	unsigned ordinal;                 /* of that opening, from 1; 0: it joined a run that another began */
	bool is_joined;
	bool is_nested;               /* another session was at work in that run first, and this is a tool's of it */
	char *transcript,
	    *directory; /* its file; where the agent works. NULL: not known, or too long to keep */
	int64_t begun_at, ended_at; /* of the opening, microseconds UTC; ended_at 0: it lives */
	int64_t heartbeat_at;       /* of the last heartbeat that it told; 0: none */
	enum wake_agent_turn turn;
	/* The agent's process, as in struct wake_active; pid 0: not known. */
	pid_t pid;
	uint64_t pid_start;
	uint64_t pid_namespace;
	char boot_id[WAKE_BOOT_ID_SIZE];
	char host[WAKE_HOST_SIZE];
};

/* WAKE_NOTFOUND: none, or none that can be believed. ret_session: owned, wake_agent_session_release. */
int wake_agent_session_read(const struct wake_paths *paths, const char *agent, const char *session,
    struct wake_agent_session *ret_session, struct wake_error *err) WAKE_MUST_CHECK;

/* Makes the directory where it is missing. Whoever writes what it has read before holds the lock meanwhile.
 */
int wake_agent_session_write(const struct wake_paths *paths, const struct wake_agent_session *session,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Keeps other writers of this entry out until ret_fd is closed. Waits WAKE_SPOOL_LOCK_WAIT at most:
 * WAKE_BUSY. An entry that is not there yet is made, empty: it still reads as none. */
int wake_agent_session_lock(const struct wake_paths *paths, const char *agent, const char *session,
    int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;

/* One that is not there is fine. */
int wake_agent_session_remove(const struct wake_paths *paths, const char *agent, const char *session,
    struct wake_error *err) WAKE_MUST_CHECK;

struct wake_agent_session_list {
	struct wake_agent_session *items; /* owned */
	size_t count;
	size_t skipped; /* files that are no entries, or are beyond WAKE_AGENT_SESSION_LIST_MAX */
};

/* Every entry, in no order. No directory: an empty list. owned: wake_agent_session_list_release. */
int wake_agent_session_list(const struct wake_paths *paths, struct wake_agent_session_list *ret_list,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Its process, as that of a run. */
struct wake_active wake_agent_session_process(const struct wake_agent_session *session);

/* Not ended, and its process, where one is known, not seen to be gone: one of another machine or container
 * that shares the state directory cannot be looked for, and counts as alive. */
bool wake_agent_session_is_live(const struct wake_agent_session *session);

/* Both leave it zeroed. */
void wake_agent_session_release(struct wake_agent_session *session);
void wake_agent_session_list_release(struct wake_agent_session_list *list);

#define wake_auto_agent_session WAKE_CLEANUP(wake_agent_session_release)
#define wake_auto_agent_session_list WAKE_CLEANUP(wake_agent_session_list_release)

#endif
