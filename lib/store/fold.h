/* SPDX-License-Identifier: MIT */
/* Folding: events become rows. Inside one transaction each new event is first folded (what it says is written
 * down), then everything that it touched is decided (verdict, run, branch, sums) from the tables alone. So
 * the tables are a pure function of the set of events, whatever their order: a decision is never added to,
 * always taken again. */
#ifndef WAKE_FOLD_H
#define WAKE_FOLD_H

#include "event/event.h"
#include "store/store.h"

#define WAKE_FOLD_ASKED_MAX 64

struct wake_fold {
	struct wake_store *store;	/* borrowed */
	/* What was asked while events were folded and movements decided, and the sets that the answers go to: read
	 * before what they name is decided, together, where a store answers many questions at once. owned; borrowed */
	struct wake_fold_asked {
		struct wake_rows *rows;
		json_t *set;
	} asked[WAKE_FOLD_ASKED_MAX];
	size_t asked_count;
	json_t *movements;	/* sets of ids whose decision is to be taken again; owned */
	json_t *edits;
	json_t *runs;
	json_t *workspaces;
	json_t *sessions;
	json_t *conversations; /* sessions that stay as they are */
	json_t *days;
	json_t *imports; /* runs whose imports are to be merged again */
	json_t *ensured; /* runs that have a row since this fold looked: the earliest time that it has been told of */
};

int wake_fold_init(struct wake_fold *fold, struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;
void wake_fold_release(struct wake_fold *fold);

#define wake_auto_fold WAKE_CLEANUP(wake_fold_release)

/* Folds an event that is new to the ledger. */
int wake_fold_event(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Decides what the folded events touched: imported runs, movements and edit states first, then workspaces' claims,
 * runs, sessions, conversations, days. */
int wake_fold_decide(struct wake_fold *fold, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- between the files fold_*.c and decide_*.c ------------------------------------------------- */

int wake_fold_touch(json_t *set, const char *id, struct wake_error *err) WAKE_MUST_CHECK;

/* Touches what a query's first column names, in the set given: at once, or before what it holds is decided. */
int wake_fold_touch_found(struct wake_fold *fold, json_t *set, enum wake_sql sql,
    const struct wake_value *values, size_t count, struct wake_error *err) WAKE_MUST_CHECK;

/* Puts what was asked for by now into its sets. */
int wake_fold_read_asked(struct wake_fold *fold, struct wake_error *err) WAKE_MUST_CHECK;

int wake_fold_worktree_seen(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_moved(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_ref_moved(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_evidence(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_examined(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_rewritten(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_push_intended(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_run_started(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_run_ended(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_run_diffed(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_gap(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err) WAKE_MUST_CHECK;
int wake_fold_edited(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_edits_diffed(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_run_imported(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_heartbeat(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_run_reported(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_usage(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_said(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_tool_used(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_fold_delivered(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;

int wake_fold_purged(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err) WAKE_MUST_CHECK;

/* The other runs that tell of the same answers of a model: which of them an answer counts for may be another
 * now. */
int wake_fold_touch_sharing(struct wake_fold *fold, const char *run, struct wake_error *err) WAKE_MUST_CHECK;

/* Hints (ids of edited events) that were followed, or need not be. */
int wake_fold_edited_done(struct wake_store *store, const json_t *ids, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Makes a placeholder row for a run that nobody announced (yet): workflow 'unknown', task ''. ret_id:
 * workflow_runs.id. */
int wake_fold_ensure_run(struct wake_fold *fold, const char *run_id, int64_t at, char ret_id[WAKE_ID_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* The session that a start names: by id; else the most recently updated one of the name it gives; else a new
 * one of its run. It is there afterwards, also where the start does not stand. */
int wake_fold_session(struct wake_fold *fold, const struct wake_event *started, char ret_session[WAKE_ID_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* Whatever the run's lifetime or workspace may have changed for: its own movements and edit states, those
 * that name it, and those of its worktree (may be NULL) since it began. */
int wake_fold_touch_lifetime(struct wake_fold *fold, const char *run, const char *worktree, int64_t since,
    struct wake_error *err) WAKE_MUST_CHECK;

int wake_fold_touch_day(struct wake_fold *fold, int64_t at, struct wake_error *err) WAKE_MUST_CHECK;

/* Writes the rows of all touched runs with imports, and touches whatever more than imports is known of. */
int wake_decide_imports(struct wake_fold *fold, struct wake_error *err) WAKE_MUST_CHECK;
/* What a run's imports come to (see import_merge.h). WAKE_NOTFOUND: it has none. owned: json_decref */
int wake_decide_import_of(struct wake_fold *fold, const char *run, json_t **ret_merged, struct wake_error *err)
    WAKE_MUST_CHECK;
/* All that are in a set. */
int wake_decide_movements(struct wake_fold *fold, json_t *movements, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_edit(struct wake_fold *fold, const char *edit, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_claim(struct wake_fold *fold, const char *workspace, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_run(struct wake_fold *fold, const char *run, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_session(struct wake_fold *fold, const char *session, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_conversation(
    struct wake_fold *fold, const char *session, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_day(struct wake_fold *fold, const char *day, struct wake_error *err) WAKE_MUST_CHECK;

#endif
