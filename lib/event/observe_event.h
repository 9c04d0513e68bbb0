/* SPDX-License-Identifier: MIT */
/* The events that an observation makes. Inner to observe. */
#ifndef WAKE_OBSERVE_EVENT_H
#define WAKE_OBSERVE_EVENT_H

#include "event/event.h"
#include "event/marker.h"
#include "event/reflog.h"
#include "event/registry.h"

/* What all events of one observation share; all borrowed. */
struct wake_observe_scene {
	const struct wake_worktree *worktree;
	const struct wake_identity *identity;
	int64_t at;		/* when the witness saw it */
	int64_t since;		/* the previous observation; 0: none */
	const char *rebased;	/* the branch that a rebase under way will move; NULL: none */
	const char *branch;	/* HEAD's; NULL: detached, or not asked */
};

/* A line of logs/HEAD. is_last: of the log, so that HEAD's branch is this movement's. */
int wake_observe_add_moved(struct wake_events *events, const struct wake_observe_scene *scene,
    const struct wake_reflog_line *line, bool is_last, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
    WAKE_MUST_CHECK;

/* A movement from previous->new_hash to new_hash that left no line: found where the next line starts from
 * there, or where HEAD stands. Both find the same id. position: the log's end behind previous. */
int wake_observe_add_implied(struct wake_events *events, const struct wake_observe_scene *scene,
    const struct wake_reflog_line *previous, const char *new_hash, uint64_t position,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* A line of the log of ref; only the scene's worktree, identity and at count. */
int wake_observe_add_ref_moved(struct wake_events *events, const struct wake_observe_scene *scene,
    const char *ref, const struct wake_reflog_line *line, struct wake_error *err) WAKE_MUST_CHECK;

/* The log is not the one that was observed before, and does not go on from there: what lay between, nobody can know
 * any more. last_id, last_new: of the last line observed; to: where the log begins now, or HEAD stands. The
 * id is that of the loss: told twice, it is one. */
int wake_observe_add_gap(struct wake_events *events, const struct wake_observe_scene *scene, const char *last_id,
    const char *last_new, const char *to, bool is_empty, struct wake_error *err) WAKE_MUST_CHECK;

/* marker NULL: evidence "env" for run_id. */
int wake_observe_add_evidence(struct wake_events *events, const struct wake_observe_scene *scene,
    const char *movement, const char *run_id, const struct wake_marker *marker, bool exact,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
