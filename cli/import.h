/* SPDX-License-Identifier: MIT */
/* Importing what an agent keeps of its sessions: which there are, how far each was read, whose its runs
 * are. */
#ifndef WAKE_IMPORT_H
#define WAKE_IMPORT_H

#include "agent/transcript.h"
#include "cli/command.h"
#include "cli/workspace.h"
#include "event/agent_session.h"
#include "store/query_agent.h"
#include "store/record.h"

/* ---- whose sessions they are ------------------------------------------------------------------------ */

struct wake_import_sessions;

struct wake_import_source {
	const char *word;  /* runwake import WORD */
	const char *agent; /* workflow_runs.agent_type */
	const char *kept;  /* what it keeps, as a person calls it */
	/* Where it keeps them; named: what a person says where, NULL: nothing. owned: free(3). */
	int (*locate)(const char *named, char **ret_directory, struct wake_error *err);
	int (*find)(const char *directory, struct wake_import_sessions *ret_sessions, struct wake_error *err);
	int (*read)(struct wake_transcript_reading *reading, struct wake_error *err);
};

extern const struct wake_import_source wake_import_claude, wake_import_codex;

/* ---- import_files.c: the sessions of a directory ------------------------------------------------- */

struct wake_import_session {
	char *path;    /* owned, absolute */
	char *name;    /* owned: the agent's id of the session */
	char **beside; /* owned: its subagents' files */
	size_t beside_count;
	int64_t bytes, beside_bytes;
	int64_t inode, born, written; /* of its file; written: microseconds UTC */
	int64_t begun; /* the first time that its file tells; INT64_MAX: none near its beginning */
	const struct wake_agent_session
	    *entry;   /* borrowed: what is known of it while it lives; NULL: nothing */
	bool is_gone; /* of one with an entry: its agent has ended, and nothing more is written */
};

struct wake_import_sessions {
	struct wake_import_session *items; /* owned */
	size_t count, room;
	uint64_t packed; /* files that are compressed, and so are not read */
};

/* projects: a directory with one directory for each place that the agent was started in. Sessions by when
 * they began, then by when their files were made: a fork comes behind what it is a fork of. WAKE_NOTFOUND:
 * there is no such directory. owned: wake_import_sessions_release. */
int wake_import_find(
    const char *projects, struct wake_import_sessions *ret_sessions, struct wake_error *err) WAKE_MUST_CHECK;
void wake_import_sessions_release(struct wake_import_sessions *sessions);
void wake_import_session_release(struct wake_import_session *session);

/* Where Claude Code keeps its sessions: projects in $CLAUDE_CONFIG_DIR, else in ~/.claude. WAKE_INVALID: HOME
 * is not set. owned: free(3). */
int wake_import_projects(char **ret_projects, struct wake_error *err) WAKE_MUST_CHECK;
/* The session of that name in there; of several, which one that was opened elsewhere leaves, the one written
 * to last. WAKE_NOTFOUND. owned: free(3). */
int wake_import_locate(const char *name, char **ret_path, struct wake_error *err) WAKE_MUST_CHECK;

/* One session as its files are now; begun is left unknown. WAKE_NOTFOUND: there is no such file, or its name
 * is none of a session. owned: wake_import_session_release. */
int wake_import_look(const char *path, const char *name, struct wake_import_session *ret_session,
    struct wake_error *err) WAKE_MUST_CHECK;
#define wake_auto_import_session WAKE_CLEANUP(wake_import_session_release)

/* ---- import_files.c, for others that find sessions */

/* Adds the session of a file; what is no session's file, or went meanwhile, is passed over. */
int wake_import_add(struct wake_import_sessions *sessions, const char *path, const char *name,
    struct wake_error *err) WAKE_MUST_CHECK;
/* The text behind a key near the beginning of a file; "" if there is none. */
void wake_import_read_head(const char *path, const char *quoted_key, char *buffer, size_t size);
/* Makes a session one that the other's is beside: the other is taken out of the list. */
int wake_import_join(struct wake_import_sessions *sessions, size_t main, size_t other,
    struct wake_error *err) WAKE_MUST_CHECK;
/* In the order of wake_import_find. */
void wake_import_sort(struct wake_import_sessions *sessions);
#define wake_auto_import_sessions WAKE_CLEANUP(wake_import_sessions_release)

/* ---- import_cursor.c: how far a session was read ------------------------------------------------- */

struct wake_import_cursor {
	struct wake_transcript_place place; /* where its last opening begins: that one is read again */
	int64_t end;                        /* behind the last whole line */
	bool is_over;                     /* everything that it tells was told, the end of its last run too */
	bool is_current;                  /* set by reading: nothing has been written since */
	char run_id[WAKE_RUN_ID_MAX + 1]; /* whose its last opening was told to be; "": it had none */
	int64_t read_at;                  /* microseconds UTC */
	int64_t took;                     /* … that the reading took */
	int64_t *beside_end;              /* owned: of each of its subagents' files; NULL: nothing */
};
void wake_import_cursor_release(struct wake_import_cursor *cursor);
#define wake_auto_import_cursor WAKE_CLEANUP(wake_import_cursor_release)

/* STATE/transcripts/ID, by the path of the session's file. One of another store, of another file in the
 * same place, or of one that is no longer what it was up to there does not count: {0}. */
int wake_import_cursor_read(const struct wake_paths *paths, const char *store,
    const struct wake_import_session *session, struct wake_import_cursor *ret_cursor,
    struct wake_error *err) WAKE_MUST_CHECK; /* owned: wake_import_cursor_release */
int wake_import_cursor_write(const struct wake_paths *paths, const char *store,
    const struct wake_import_session *session, const struct wake_import_cursor *cursor,
    struct wake_error *err) WAKE_MUST_CHECK;
/* Removes those whose session's file is gone. */
void wake_import_cursor_prune(const struct wake_paths *paths);

/* ---- import_answers.c: which session told of an answer -------------------------------------------- */

struct wake_import_answers {
	struct wake_import_answer *items; /* owned */
	size_t count, room;               /* room: a power of two */
};

/* The first one that is told counts. */
int wake_import_answers_add(struct wake_import_answers *answers, const char *response, uint32_t session,
    struct wake_error *err) WAKE_MUST_CHECK;
/* false: nobody told of it. */
bool wake_import_answers_find(
    const struct wake_import_answers *answers, const char *response, uint32_t *ret_session);
void wake_import_answers_release(struct wake_import_answers *answers);

/* ---- import_places.c: the directories that agents were started in ---------------------------------- */

struct wake_import_place {
	char *directory; /* owned, as all here */
	char *root;      /* of the worktree around it; the directory itself where it is gone */
	char *git_repo;  /* NULL: not known */
	char workspace_id[WAKE_ID_SIZE], repository_id[WAKE_ID_SIZE],
	    worktree_id[WAKE_ID_SIZE]; /* "": not registered */
	bool is_live;                  /* an agent is at work there now */
};

struct wake_import_places {
	struct wake_import_place *items; /* owned */
	size_t count, room;
	char **live; /* owned: where agents of ours are at work now */
	size_t live_count;
};

/* borrowed until the next call. Looks at a directory once; a directory that is gone, or that cannot be
 * looked into, is only a path. */
int wake_import_place_of(struct wake_import_places *places, const struct wake_paths *paths,
    const char *directory, const struct wake_import_place **ret_place,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_import_places_release(struct wake_import_places *places);

/* ---- import_run.c: the import itself ------------------------------------------------------------- */

struct wake_import_counts {
	uint64_t sessions, unchanged, failed;
	uint64_t runs, known; /* new ones; those that were recorded before and are told again, or added to */
	uint64_t answers, said, left_out; /* left_out: texts beyond what one run may hold */
	uint64_t lines, unreadable, too_long, bytes;
};

struct wake_import;

struct wake_import_spec {
	const struct wake_paths *paths; /* borrowed, as all here */
	struct wake_store *store;       /* only read; NULL: the recorder's */
	struct wake_recorder *recorder; /* NULL: it has one of its own */
	bool leaves_to_others;          /* does not wait for another recorder: WAKE_BUSY */
	bool dry;                       /* tells nothing */
	const struct wake_import_source *source; /* NULL: wake_import_claude */
};

/* owned: wake_import_free. */
int wake_import_new(const struct wake_import_spec *spec, struct wake_import **ret_import,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_import_free(struct wake_import *import);

/* Every session in turn. progress may be NULL. A file that cannot be read is noted and counted. */
int wake_import_sessions(struct wake_import *import, const struct wake_import_sessions *sessions,
    void (*progress)(const struct wake_import_counts *counts, uint64_t bytes),
    struct wake_import_counts *ret_counts, struct wake_error *err) WAKE_MUST_CHECK;

/* One of them, into the store. WAKE_BUSY: it is told, and left to another recorder to record; it is told
 * again by the next reading. */
int wake_import_one(struct wake_import *import, const struct wake_import_sessions *sessions, uint32_t at,
    struct wake_error *err) WAKE_MUST_CHECK;

static inline void wake_scope_import(struct wake_import **import)
{
	wake_import_free(*import);
}
#define wake_auto_import WAKE_CLEANUP(wake_scope_import)

#endif
