/* SPDX-License-Identifier: MIT */
/* Between the files of the recorder. Internal to lib/store. */
#ifndef WAKE_RECORD_PARTS_H
#define WAKE_RECORD_PARTS_H

#include "base/fs.h"
#include "base/process.h"
#include "event/registry.h"
#include "git/repo.h"
#include "store/record.h"
#include "store/rights.h"

/* What stays from one recording to the next. */
struct wake_recorder {
	const struct wake_paths *paths;		/* borrowed */
	struct wake_store *store;		/* owned; NULL: not open now */
	char *store_url;			/* owned; of store */
	char *store_file;			/* owned; NULL: the store is no file */
	struct wake_fs_identity store_identity; /* of store_file when it was opened */
	struct wake_rights rights;		/* on store */
	/* The repository opened last: movements come in runs of one repository. owned */
	struct wake_repo *repo;
	char *repo_dir;
	char repo_id[WAKE_ID_SIZE], *repo_told; /* whose it is, and its git directory as it was told */
	struct wake_fs_identity repo_identity; /* of its git directory when it was opened */
	struct wake_registered_list mine;      /* owned: see wake_recording_mine */
	char host[WAKE_HOST_SIZE]; /* this machine's name by the settings; "": they name none */
	char *mine_ids;			       /* owned: their ids, a JSON list; NULL: not read yet */
};

/* One recording under the recorder's lock. */
struct wake_recording {
	const struct wake_paths *paths;	/* borrowed */
	struct wake_store *store;	/* borrowed */
	struct wake_recorded *result;	/* borrowed */
	struct wake_recorder *recorder;	/* borrowed */
};

/* Keeps the text of what went wrong in one repository without stopping the others. */
void wake_recording_note(struct wake_recording *recording, const struct wake_error *err);

/* What was seen here was seen by this machine, whatever it called itself then. host "": it keeps that name. */
int wake_record_stamp(const char *host, struct wake_events *batch, struct wake_error *err) WAKE_MUST_CHECK;

/* wake_record_apply, of what this machine saw. */
int wake_recording_apply(const struct wake_recording *recording, struct wake_events *batch, struct wake_error *err)
    WAKE_MUST_CHECK;

void wake_recorder_close_repo(struct wake_recorder *recorder);

/* Of a git directory, as it is now; {0}, which no directory has, where there is none. */
struct wake_fs_identity wake_recorder_identity(const char *git_dir);

/* ---- the repositories that this state directory registered: what is to be done in others is left to those who have
 * them ---- */

/* Has them read, once a round. */
int wake_recording_mine(struct wake_recording *recording, struct wake_error *err) WAKE_MUST_CHECK;
void wake_recorder_forget_mine(struct wake_recorder *recorder);

/* A statement whose only parameter is the JSON list of their ids. ret_rows: owned, wake_rows_free. */
int wake_recording_ask_mine(struct wake_recording *recording, enum wake_sql sql, struct wake_rows **ret_rows,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The first column of such a statement's rows, added to a list. */
int wake_recording_list_mine(struct wake_recording *recording, enum wake_sql sql, json_t *ids,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Where a repository of ours lies now, whatever the places were when they were told. WAKE_NOTFOUND: it is none of
 * ours, or away, or another has taken its place. ret_git_dir: owned, free(3). ret_common_dir: borrowed, from
 * common_dir or for the round. */
int wake_recording_place(struct wake_recording *recording, const char *repository_id, const char *git_dir,
    const char *common_dir, char **ret_git_dir, const char **ret_common_dir, struct wake_error *err) WAKE_MUST_CHECK;

/* The repository of a git directory (common_dir where a linked worktree's own is gone), found as above;
 * repository_id NULL: whichever lies there. borrowed until the next call. */
int wake_recording_repo(struct wake_recording *recording, const char *repository_id, const char *git_dir,
    const char *common_dir, struct wake_repo **ret_repo, struct wake_error *err) WAKE_MUST_CHECK;

/* The settings that speak of recording: whom the store is fed to, and what this machine is called. */
int wake_record_configure(struct wake_recording *recording, struct wake_error *err) WAKE_MUST_CHECK;

/* After everything of this machine's: folds what others left to be folded, as far as a round goes, and says when the
 * team's database should be told what waits for it. */
int wake_record_share(struct wake_recording *recording, struct wake_error *err) WAKE_MUST_CHECK;

/* Where the role may not record: what there is to be said about that. */
int wake_record_refrain(struct wake_recording *recording, bool to_read, struct wake_error *err) WAKE_MUST_CHECK;

/* Starts what tells the team's database, if nobody does so now. */
void wake_record_wake_feed(const struct wake_paths *paths);

/* Observes the registered repositories that have news (or all): every worktree's log, branch and
 * remote-tracking logs, and where the worktrees lie. What it finds goes through the spool like any
 * witness's. ret_any: was there one? */
int wake_record_observe(struct wake_recording *recording, bool all, bool *ret_any, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Asks the objects about movements that were not examined yet. */
int wake_record_examine(struct wake_recording *recording, struct wake_error *err) WAKE_MUST_CHECK;

/* Takes the numstat of runs whose first-to-last diff is not up to date. */
int wake_record_diff(struct wake_recording *recording, struct wake_error *err) WAKE_MUST_CHECK;

/* Looks at the worktrees that hints name, and records the edit states that differ from the ones before. */
int wake_record_edits(struct wake_recording *recording, struct wake_error *err) WAKE_MUST_CHECK;

#endif
