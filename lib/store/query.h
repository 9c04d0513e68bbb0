/* SPDX-License-Identifier: MIT */
/* Reading the store for people: runs, commits, movements, as the JSON objects that --json prints. Text output
 * is made of the same objects, so the two cannot say different things.
 *
 * Members are those of the statement read (lib/store/sql/read_*.sql) in its order; times are RFC 3339 UTC
 * with microseconds, money is a number of US dollars, booleans and JSON columns are themselves. */
#ifndef WAKE_QUERY_H
#define WAKE_QUERY_H

#include "base/id.h"
#include "base/json.h"
#include "event/worktree.h"
#include "store/store.h"

struct wake_run_filter {
	const char *branch, *status, *workflow; /* NULL: any */
	const char *session;	/* name or id */
	const char *file;	/* path in the repository, as stored */
	int64_t since;		/* microseconds; WAKE_TIME_NONE: any */
	int64_t limit;		/* 0: all */
};

/* object: borrowed. A negative return ends the query and is handed on. */
typedef int (*wake_query_each)(void *context, json_t *object, struct wake_error *err);

/* Newest first, each by the index that fits the filter's narrowest part. */
int wake_query_runs(struct wake_store *store, const struct wake_run_filter *filter, wake_query_each each,
    void *context, struct wake_error *err) WAKE_MUST_CHECK;

/* id: workflow_runs.id. WAKE_NOTFOUND. owned: json_decref. */
int wake_query_run(struct wake_store *store, const char *id, json_t **ret_run, struct wake_error *err)
    WAKE_MUST_CHECK;

/* How many runs are purged (store/purge.h). */
int wake_query_purged(struct wake_store *store, int64_t *ret_count, struct wake_error *err) WAKE_MUST_CHECK;

struct wake_found_run {
	char id[WAKE_ID_SIZE];
	bool exact; /* by its whole run_id, its id or as @latest; else by the beginning of its run_id */
};

/* A run by run_id, by an unambiguous beginning of it, by workflow_runs.id, or "@latest". WAKE_NOTFOUND;
 * WAKE_INVALID names the candidates. */
int wake_query_find_run(struct wake_store *store, const char *word, struct wake_found_run *ret_found,
    struct wake_error *err) WAKE_MUST_CHECK;

/* What the object of a run leaves out, for those who end it or look into its repository. */
struct wake_run_state {
	char *run_id;		/* owned, as all texts here; NULL where the store has null */
	char *status;
	int64_t end_rank;	/* 0: not ended, 1: ended presumably, 2: its end was reported */
	bool announced;		/* false: a placeholder for a run id that nobody started (yet) */
	char *workspace_id, *workspace_path, *initial, *final, *root, *git_dir, *common_dir;
};
int wake_query_run_state(struct wake_store *store, const char *id, struct wake_run_state *ret_state,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_run_state_release(struct wake_run_state *state);
#define wake_auto_run_state WAKE_CLEANUP(wake_run_state_release)

/* Arrays, all in the order of time. id: workflow_runs.id. owned: json_decref. */
int wake_query_commits(struct wake_store *store, const char *id, json_t **ret_commits, struct wake_error *err)
    WAKE_MUST_CHECK; /* made by the run; each distinct (repository, hash) once */
int wake_query_pushes(struct wake_store *store, const char *id, json_t **ret_pushes, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_query_movements(
    struct wake_store *store, const char *id, json_t **ret_movements, struct wake_error *err) WAKE_MUST_CHECK;
int wake_query_tool_uses(
    struct wake_store *store, const char *id, json_t **ret_uses, struct wake_error *err) WAKE_MUST_CHECK;

/* The states of a run's uncommitted edits, oldest first, at most WAKE_QUERY_EDITS_MAX: the latest ones of a
 * run that has more. Each {"id", "at", "since", "reason", "head", "branch", "files_changed",
 * "untracked_files", "added_lines", "removed_lines", "discarded" (how many files it threw away), "kept"
 * (are contents kept?)}; the last one has "files" too: the whole state, each {"path", "old_path", "status",
 * "added", "removed", "binary", "kept"} as in git/edits.h. The other states' files: wake_query_edit_state. */
#define WAKE_QUERY_EDITS_MAX 1000
int wake_query_edits(struct wake_store *store, const char *id, json_t **ret_edits, struct wake_error *err)
    WAKE_MUST_CHECK;

/* One state whole, with what the kept contents are found by. */
struct wake_edit_state {
	char id[WAKE_ID_SIZE], repository_id[WAKE_ID_SIZE], worktree_id[WAKE_ID_SIZE];
	char run[WAKE_ID_SIZE];		/* workflow_runs.id of whose it is; "" if nobody's */
	char head[WAKE_HASH_SIZE];	/* "" if unborn */
	char kept_old[WAKE_HASH_SIZE], kept_new[WAKE_HASH_SIZE]; /* trees in git/kept.h's; "": nothing kept */
	char *branch;			/* owned; NULL when detached */
	char *root;			/* owned: where the worktree lay */
	char *reason;			/* owned */
	int64_t since, at;		/* microseconds UTC */
	int64_t added, removed, files_changed, untracked;
	size_t depth;			/* states that it builds on */
	json_t *files;			/* owned: the whole state as git/edits.h says it, sorted by path */
};

/* A state of a run (workflow_runs.id). which: a state's id or the beginning of it; "@latest"; a time (RFC
 * 3339): the run's latest state that is not later; NULL: the latest one that has files, else the latest.
 * WAKE_NOTFOUND: no such state; WAKE_INVALID: which is none of these, or could be several; WAKE_CORRUPT: a
 * state that it builds on is gone. */
int wake_query_edit_state(struct wake_store *store, const char *run, const char *which,
    struct wake_edit_state *ret_state, struct wake_error *err) WAKE_MUST_CHECK;
void wake_edit_state_release(struct wake_edit_state *state);
#define wake_auto_edit_state WAKE_CLEANUP(wake_edit_state_release)

/* Ids of what a run has left uncommitted: its latest state in each worktree that it worked in (nested
 * repositories and worktrees inside of its workspace have states of their own), where that state has files;
 * oldest first. The run's uncommitted_* are the sums over these. A list of texts. */
int wake_query_edits_left(struct wake_store *store, const char *run, json_t **ret_ids, struct wake_error *err)
    WAKE_MUST_CHECK;

/* What a run's states tell as thrown away and never saw again (what was gone when it began, it did not throw
 * away), oldest first: [{"at" (when it was gone),
 * "state" (id of the state that saw it gone), "before" (id of the last state that had it), "repository_id",
 * "kept_old", "kept_new" (the trees of before: its paths are to be looked at there; "": nothing kept),
 * "files" (the entries as git/edits.h says them, sorted by path)}, …]. Each path of a worktree is in it
 * once, as it was when it went last. */
int wake_query_run_discarded(struct wake_store *store, const char *run, json_t **ret_discarded,
    struct wake_error *err) WAKE_MUST_CHECK;

/* What people said to a run with `runwake say`, in order: [{"id", "text", "at", "delivered_at", "delivered_run_id" (the
 * run_id of the run whose agent has it)}, …]; both null: nobody has it yet. id: workflow_runs.id. owned:
 * json_decref. */
int wake_query_says(struct wake_store *store, const char *id, json_t **ret_says, struct wake_error *err)
    WAKE_MUST_CHECK;
/* The other runs whose agents were given what people said to a run, and that are not purged: [{"run_id"}, …]. */
int wake_query_given_words(struct wake_store *store, const char *id, json_t **ret_runs, struct wake_error *err)
    WAKE_MUST_CHECK;
/* What no agent has seen of what was said to a run, or to another one of the same agent's session, in order, at most
 * limit: [{"id", "text", "at"}, …]. */
int wake_query_unread(struct wake_store *store, const char *id, int64_t limit, json_t **ret_says,
    struct wake_error *err) WAKE_MUST_CHECK;
/* How much of that an agent can be given: 0 where its session is not known. */
int wake_query_unread_count(struct wake_store *store, const char *id, int64_t *ret_count, struct wake_error *err)
    WAKE_MUST_CHECK;

#define WAKE_QUERY_ABBREVIATION 4 /* hex digits that a hash may not be cut below */

/* A commit by its hash or the beginning of it. WAKE_NOTFOUND: unknown, or no hash; WAKE_INVALID: several. */
int wake_query_find_commit(struct wake_store *store, const char *word, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* {"commit":{…}, "runs":[…], "lineage":[…]} of a full hash.
 * runs: who made it; then who made what it replaced; only if that is nobody, who made what replaced it.
 * lineage: the commit itself ("self"), what it replaced ("predecessor") and what replaced it ("successor"),
 * nearest first, each with the run that made it, or null. WAKE_NOTFOUND. */
int wake_query_commit(struct wake_store *store, const char *hash, json_t **ret_document,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The movements that a person means by a movement's id or by a commit: those that made it, else all to it.
 * [{"id","new_hash","verdict","workflow_run_id","run_id"}, …]; WAKE_NOTFOUND if there is none. */
int wake_query_meant(struct wake_store *store, const char *word, json_t **ret_movements,
    struct wake_error *err) WAKE_MUST_CHECK;

enum wake_totals_by { WAKE_TOTALS_BY_DAY, WAKE_TOTALS_BY_MODEL, WAKE_TOTALS_BY_REPO, WAKE_TOTALS_BY_WORKFLOW };

/* What the runs that began on the days from that of since to that of until amount to (UTC, both included;
 * microseconds, WAKE_TIME_NONE: no bound): [{"name" (the day, or the model's, repository's or workflow's name; "":
 * the runs have none), "runs", "completed", "failed", "killed", "input_tokens", "output_tokens",
 * "cost_estimate" (what is known of it), "own_added_lines", "own_removed_lines"}, …] in the order of names.
 * owned: json_decref. */
int wake_query_totals(struct wake_store *store, enum wake_totals_by by, int64_t since, int64_t until,
    json_t **ret_totals, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- between the files query*.c ---------------------------------------------------------------- */

struct wake_query_column {
	const char *name;	/* as in the statement */
	enum wake_value_kind kind;
};

/* The current row as an object; columns: one for each of the statement's, in its order. WAKE_CORRUPT: the row
 * holds no JSON where it should. */
int wake_query_object(const struct wake_rows *rows, const struct wake_query_column *columns, size_t count,
    json_t **ret_object, struct wake_error *err) WAKE_MUST_CHECK;

/* A row of read_commits_of_run.sql, or one that begins with the same columns, as a commit. */
int wake_query_commit_object(const struct wake_rows *rows, json_t **ret_commit, struct wake_error *err)
    WAKE_MUST_CHECK;

/* All rows of a statement, as an array of such objects. */
int wake_query_rows(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t value_count, const struct wake_query_column *columns, size_t count, json_t **ret_array,
    struct wake_error *err) WAKE_MUST_CHECK;

/* All rows of a statement with one parameter, as an array of such objects; value NULL: a statement without
 * parameters. */
int wake_query_array(struct wake_store *store, enum wake_sql sql, const char *value,
    const struct wake_query_column *columns, size_t count, json_t **ret_array, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
