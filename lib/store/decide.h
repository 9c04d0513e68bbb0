/* SPDX-License-Identifier: MIT */
/* Between the files that decide what a movement was, and whose it or an edit state is. Internal to
 * lib/store. */
#ifndef WAKE_DECIDE_H
#define WAKE_DECIDE_H

#include "event/reflog.h"
#include "git/made.h"
#include "store/fold.h"

struct wake_movement {
	char id[WAKE_ID_SIZE], repository[WAKE_ID_SIZE], worktree[WAKE_ID_SIZE];
	char run[WAKE_ID_SIZE];		/* as decided before; "" if none */
	char old_hash[WAKE_HASH_SIZE], new_hash[WAKE_HASH_SIZE];
	const struct wake_reflog_kind *kind;
	int64_t position, line_time;
	int64_t earliest, latest;	/* it happened between these, microseconds UTC */
	char *root, *name, *email, *zone;	/* owned */
	char *head, *target;		/* owned: HEAD's branch when seen; a checkout's target */
	char *branch;			/* owned: decided here */
	bool was_made;			/* as decided before */
	bool examined, judgeable;	/* the objects were asked; the commit was there */
	bool replaces_old;		/* same parents: an amend of some sort, if it was made here */
};

void wake_movement_release(struct wake_movement *movement);

/* The row of a movement (none where its event has not arrived), and what it says; movement is zeroed before, and
 * owned: wake_movement_release. */
int wake_decide_ask_movement(
    struct wake_fold *fold, const char *id, struct wake_rows **ret_rows, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_read_movement(const struct wake_rows *rows, const char *id, struct wake_movement *movement,
    struct wake_made_facts *facts, struct wake_error *err) WAKE_MUST_CHECK;

/* Something that happened in a worktree between two times. Borrowed from what tells of it. */
struct wake_happening {
	const char *worktree, *root;	/* root: NULL in a bare repository */
	int64_t earliest, latest;	/* microseconds UTC */
};

/* Whose a movement or an edit state is. evidence: static; the kind that won, or "ambiguous" (several runs were
 * at work there), "mismatch" (a marker of another workspace's run), NULL (nothing said anything). */
struct wake_ownership {
	char run[WAKE_ID_SIZE];	/* "" if none */
	const char *evidence;
};

/* What the tables say of whose a movement is; owned: wake_rows_free, each. */
struct wake_owner_rows {
	struct wake_rows *evidence, *runs;
};

/* ask_… asks the tables, and the decision reads their answers: where a store is far away, all is asked first. */
int wake_decide_ask_owner(struct wake_fold *fold, const struct wake_movement *movement,
    struct wake_owner_rows *ret_rows, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_owner(struct wake_fold *fold, const struct wake_movement *movement,
    const struct wake_owner_rows *rows, struct wake_ownership *ret_owner, struct wake_error *err) WAKE_MUST_CHECK;

/* marker: the workflow_runs.id that the marker named; NULL: it named none. It counts only where that run was
 * announced; else, and where it does not fit, the run that held the worktree does. */
int wake_decide_edit_owner(struct wake_fold *fold, const struct wake_happening *happening, const char *marker,
    struct wake_ownership *ret_owner, struct wake_error *err) WAKE_MUST_CHECK;

/* The branch: that of the twin line in a branch's log; else HEAD's when seen; else a checkout's target if
 * it is a branch. */
int wake_decide_ask_twins(struct wake_fold *fold, const struct wake_movement *movement,
    struct wake_rows **ret_twins, struct wake_error *err) WAKE_MUST_CHECK;
int wake_decide_branch(struct wake_fold *fold, struct wake_movement *movement, struct wake_rows *twins,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Edges old → new that a movement tells by itself (an amend) or that only the patch-id tells. */
int wake_decide_rewrite(struct wake_fold *fold, const struct wake_movement *movement, bool made,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
