/* SPDX-License-Identifier: MIT */
/* Between the files of the recorder. Internal to lib/store. */
#ifndef WAKE_RECORD_PARTS_H
#define WAKE_RECORD_PARTS_H

#include "base/fs.h"
#include "event/registry.h"
#include "git/repo.h"
#include "store/record.h"

/* What stays from one recording to the next. */
struct wake_recorder {
	const struct wake_paths *paths;		/* borrowed */
	struct wake_store *store;		/* owned; NULL: not open now */
	char *store_url;			/* owned; of store */
	char *store_file;			/* owned; NULL: the store is no file */
	struct wake_fs_identity store_identity; /* of store_file when it was opened */
	/* The repository opened last: movements come in runs of one repository. owned */
	struct wake_repo *repo;
	char *repo_dir;
	struct wake_fs_identity repo_identity; /* of its git directory when it was opened */
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

/* The repository of a git directory (common_dir where a linked worktree's own is gone). borrowed until the
 * next call. */
int wake_recording_repo(struct wake_recording *recording, const char *git_dir, const char *common_dir,
    struct wake_repo **ret_repo, struct wake_error *err) WAKE_MUST_CHECK;

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
