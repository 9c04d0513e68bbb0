/* SPDX-License-Identifier: MIT */
/* What a movement was, taken from the tables alone: made here or brought in, which commit it replaced, on
 * which branch. Whose it is, decide_owner.c says. */
#include "store/decide.h"

#include <string.h>

#include "event/reflog.h"
#include "event/worktree.h"
#include "git/made.h"

/* So many movements are decided at once where a store is asked ahead: their questions and what is written of those
 * before fill its queue once. */
#define TOGETHER 32

static int64_t second_of(int64_t at)
{
	return at - at % WAKE_SECOND;
}

/* A line that makes a commit beats one that only leads to it, when both are of the same second. */
static bool makes_commits(const struct wake_reflog_kind *kind)
{
	return kind->flags & (WAKE_REFLOG_COMMIT | WAKE_REFLOG_REPLAY) ||
	       (!kind->flags && strcmp(kind->commit, "plumbing") != 0 && strcmp(kind->name, "other") != 0);
}

/* Did a movement of the same second precede this one? */
static bool precedes(const struct wake_rows *other, const struct wake_movement *movement)
{
	bool other_makes = makes_commits(wake_reflog_kind_named(wake_rows_text(other, 1)));
	const char *worktree = wake_rows_text(other, 2);

	if (makes_commits(movement->kind))
		return false;
	if (other_makes)
		return true;
	if (worktree && strcmp(worktree, movement->worktree) == 0)
		return wake_rows_int(other, 3) < movement->position;
	return strcmp(wake_rows_text(other, 0), movement->id) < 0;
}

/* What a decision asks the tables, all of it before it reads the first answer. */
struct questions {
	struct wake_rows *before, *beside; /* movements that led to the same commit */
	struct wake_rows *twins;           /* lines of branches' logs */
	struct wake_owner_rows owner;
};

static void questions_release(struct questions *questions)
{
	wake_rows_free(questions->before);
	wake_rows_free(questions->beside);
	wake_rows_free(questions->twins);
	wake_rows_free(questions->owner.evidence);
	wake_rows_free(questions->owner.runs);
}

static int ask_known(struct wake_fold *fold, const struct wake_movement *movement,
    struct questions *questions, struct wake_error *err)
{
	const struct wake_value values[] = {
		WAKE_TEXT(movement->repository),
		WAKE_TEXT(movement->new_hash),
		WAKE_TEXT(movement->id),
		WAKE_TIME(second_of(movement->earliest)),
		WAKE_TIME(second_of(movement->earliest) + WAKE_SECOND),
	};
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_KNOWN_BEFORE, values, 4, &questions->before, err);

	if (status == WAKE_OK)
		status = wake_store_query(fold->store, WAKE_SQL_FOLD_KNOWN_BESIDE, values, WAKE_COUNT(values),
		    &questions->beside, err);
	return status;
}

static int ask(struct wake_fold *fold, const struct wake_movement *movement, struct questions *questions,
    struct wake_error *err)
{
	int status = ask_known(fold, movement, questions, err);

	if (status == WAKE_OK)
		status = wake_decide_ask_twins(fold, movement, &questions->twins, err);
	if (status == WAKE_OK)
		status = wake_decide_ask_owner(fold, movement, &questions->owner, err);
	return status;
}

/* Rule 1 of git/made.h: did another movement lead to this commit before? */
static int known_earlier(struct questions *questions, const struct wake_movement *movement, bool *ret_known,
    struct wake_error *err)
{
	int status = wake_rows_next(questions->before, err);

	if (status != 0) {
		*ret_known = status == 1;
		return status == 1 ? WAKE_OK : status;
	}
	*ret_known = false;
	while ((status = wake_rows_next(questions->beside, err)) == 1) {
		*ret_known = precedes(questions->beside, movement);
		status = WAKE_OK;
		if (*ret_known)
			break;
	}
	return status;
}

static int save_movement(struct wake_fold *fold, const struct wake_movement *movement,
    struct wake_verdict verdict, const struct wake_ownership *owner, struct wake_error *err)
{
	const struct wake_value values[] = {
		WAKE_TEXT(movement->id),
		WAKE_BOOL(movement->examined),
		WAKE_TEXT(movement->branch),
		WAKE_TEXT(verdict.made ? "made" : "brought"),
		WAKE_TEXT(verdict.reason),
		WAKE_TEXT(verdict.made ? movement->kind->commit : NULL),
		WAKE_TEXT(*owner->run ? owner->run : NULL),
		WAKE_TEXT(owner->evidence),
	};
	int status = wake_store_run(
	    fold->store, WAKE_SQL_FOLD_MOVEMENT_DECIDED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK && *movement->run)
		status = wake_fold_touch(fold->runs, movement->run, err);
	if (status == WAKE_OK && *owner->run)
		status = wake_fold_touch(fold->runs, owner->run, err);
	return status;
}

/* From the question to the verdict. */
struct decision {
	const char *id; /* borrowed */
	struct wake_rows *row;
	bool is_there;
	struct wake_movement movement;
	struct wake_made_facts facts;
	struct questions questions;
};

struct decisions {
	struct decision items[TOGETHER];
	size_t count;
};

static void decisions_release(struct decisions *decisions)
{
	for (size_t i = 0; i < decisions->count; i++) {
		wake_rows_free(decisions->items[i].row);
		wake_movement_release(&decisions->items[i].movement);
		questions_release(&decisions->items[i].questions);
	}
}

static int read_row(struct decision *decision, struct wake_error *err)
{
	int status = wake_rows_next(decision->row, err);

	/* Without one, its moved event has not arrived yet: that event will touch it again. */
	decision->is_there = status == 1;
	if (status == 1)
		status = wake_decide_read_movement(
		    decision->row, decision->id, &decision->movement, &decision->facts, err);
	wake_rows_free(decision->row);
	decision->row = NULL;
	return status;
}

static int take_decision(struct wake_fold *fold, struct decision *decision, struct wake_error *err)
{
	struct wake_verdict verdict = { .made = false, .reason = "unexamined" };
	struct wake_movement *movement = &decision->movement;
	struct wake_ownership owner = { 0 };
	int status = WAKE_OK;

	if (!decision->facts.known_earlier)
		status = known_earlier(&decision->questions, movement, &decision->facts.known_earlier, err);
	if (status == WAKE_OK)
		status = wake_decide_branch(fold, movement, decision->questions.twins, err);
	if (status == WAKE_OK)
		status = wake_decide_owner(fold, movement, &decision->questions.owner, &owner, err);
	if (status != WAKE_OK)
		return status;
	if (movement->judgeable)
		verdict = wake_made_judge(&decision->facts);
	else if (movement->examined)
		verdict.reason = decision->facts.moved ? "missing" : "no-movement";
	status = save_movement(fold, movement, verdict, &owner, err);
	if (status == WAKE_OK && (verdict.made || movement->was_made))
		status = wake_decide_rewrite(fold, movement, verdict.made, err);
	return status;
}

/* What one asks, no decision on another changes: so all are asked before the first is taken. */
static int decide_together(struct wake_fold *fold, struct decisions *decisions, struct wake_error *err)
{
	struct decision *first = decisions->items, *end = first + decisions->count;
	int status = WAKE_OK;

	for (struct decision *one = first; status == WAKE_OK && one < end; one++)
		status = wake_decide_ask_movement(fold, one->id, &one->row, err);
	for (struct decision *one = first; status == WAKE_OK && one < end; one++)
		status = read_row(one, err);
	for (struct decision *one = first; status == WAKE_OK && one < end; one++) {
		if (one->is_there)
			status = ask(fold, &one->movement, &one->questions, err);
	}
	for (struct decision *one = first; status == WAKE_OK && one < end; one++) {
		if (one->is_there)
			status = take_decision(fold, one, err);
	}
	return status;
}

int wake_decide_movements(struct wake_fold *fold, json_t *ids, struct wake_error *err)
{
	size_t most = wake_store_asks_ahead(fold->store) ? TOGETHER : 1;
	void *at = json_object_iter(ids);
	int status = WAKE_OK;

	while (status == WAKE_OK && at) {
		WAKE_CLEANUP(decisions_release) struct decisions decisions = { .count = 0 };

		for (; at && decisions.count < most; at = json_object_iter_next(ids, at))
			decisions.items[decisions.count++] = (struct decision){ .id = json_object_iter_key(at) };
		status = decide_together(fold, &decisions, err);
	}
	return status;
}
