/* SPDX-License-Identifier: MIT */
/* What a movement was, taken from the tables alone: made here or brought in, which commit it replaced, on
 * which branch. Whose it is, decide_evidence.c says. */
#include "store/decide.h"

#include <string.h>

#include "event/reflog.h"
#include "event/worktree.h"
#include "git/made.h"

/* Columns of fold_movement.sql, in order. */
enum {
	M_REPOSITORY,
	M_WORKTREE,
	M_ROOT,
	M_OLD,
	M_NEW,
	M_KIND,
	M_NAME,
	M_EMAIL,
	M_TIME,
	M_ZONE,
	M_POSITION,
	M_IMPLIED,
	M_HEAD,
	M_TARGET,
	M_EARLIEST,
	M_LATEST,
	M_VERDICT,
	M_RUN,
	M_EXAMINED,
	M_MISSING,
	M_COMMITTER,
	M_SAME,
	M_LAG,
	M_GRAPH,
	M_REMOTE,
	M_KNOWN,
};

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

static void copy_hash(char to[WAKE_HASH_SIZE], const char *from)
{
	size_t len = from ? strnlen(from, WAKE_HASH_SIZE - 1) : 0;

	if (len)
		memcpy(to, from, len);
	to[len] = '\0';
}

static void copy_id(char to[WAKE_ID_SIZE], const char *from)
{
	size_t len = from ? strnlen(from, WAKE_ID_SIZE - 1) : 0;

	if (len)
		memcpy(to, from, len);
	to[len] = '\0';
}

static int copy_text(const struct wake_rows *rows, size_t column, char **ret_text, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, column);

	return text ? wake_str_copy(text, ret_text, err) : WAKE_OK;
}

static int read_movement(const struct wake_rows *rows, const char *id, struct wake_movement *movement,
    struct wake_made_facts *facts, struct wake_error *err)
{
	const char *verdict = wake_rows_text(rows, M_VERDICT);

	copy_id(movement->id, id);
	copy_id(movement->repository, wake_rows_text(rows, M_REPOSITORY));
	copy_id(movement->worktree, wake_rows_text(rows, M_WORKTREE));
	copy_id(movement->run, wake_rows_text(rows, M_RUN));
	copy_hash(movement->old_hash, wake_rows_text(rows, M_OLD));
	copy_hash(movement->new_hash, wake_rows_text(rows, M_NEW));
	movement->kind = wake_reflog_kind_named(wake_rows_text(rows, M_KIND));
	movement->position = wake_rows_int(rows, M_POSITION);
	movement->line_time = wake_rows_int(rows, M_TIME);
	movement->earliest = wake_rows_time(rows, M_EARLIEST);
	movement->latest = wake_rows_time(rows, M_LATEST);
	movement->was_made = verdict && strcmp(verdict, "made") == 0;
	movement->examined = wake_rows_int(rows, M_EXAMINED) != 0;
	*facts = (struct wake_made_facts){
		.moved = strcmp(movement->old_hash, movement->new_hash) != 0 &&
		         !wake_hash_is_zero(movement->new_hash),
		.flags = movement->kind->flags,
		.has_line = !wake_rows_int(rows, M_IMPLIED),
		.committer_is_line = wake_rows_int(rows, M_COMMITTER) != 0,
		.same_committer = wake_rows_int(rows, M_SAME) != 0,
		.lag = wake_rows_int(rows, M_LAG),
		.graph = wake_graph_named(wake_rows_text(rows, M_GRAPH)),
		.known_earlier = wake_rows_int(rows, M_KNOWN) != 0,
		.known_remote = wake_rows_int(rows, M_REMOTE) != 0,
	};
	movement->judgeable = movement->examined && !wake_rows_int(rows, M_MISSING);
	movement->replaces_old = facts->graph == WAKE_GRAPH_SAME_PARENTS;
	int status = copy_text(rows, M_ROOT, &movement->root, err);
	if (status == WAKE_OK)
		status = copy_text(rows, M_NAME, &movement->name, err);
	if (status == WAKE_OK)
		status = copy_text(rows, M_EMAIL, &movement->email, err);
	if (status == WAKE_OK)
		status = copy_text(rows, M_ZONE, &movement->zone, err);
	if (status == WAKE_OK)
		status = copy_text(rows, M_HEAD, &movement->head, err);
	if (status == WAKE_OK)
		status = copy_text(rows, M_TARGET, &movement->target, err);
	return status;
}

void wake_movement_release(struct wake_movement *movement)
{
	free(movement->root);
	free(movement->name);
	free(movement->email);
	free(movement->zone);
	free(movement->head);
	free(movement->target);
	free(movement->branch);
	*movement = (struct wake_movement){ 0 };
}

static int load_movement(struct wake_fold *fold, const char *id, struct wake_movement *movement,
    struct wake_made_facts *facts, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_MOVEMENT, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status == 0)
		return wake_fail(err, WAKE_NOTFOUND, "no movement %s", id);
	return status == 1 ? read_movement(rows, id, movement, facts, err) : status;
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

int wake_decide_movement(struct wake_fold *fold, const char *id, struct wake_error *err)
{
	WAKE_CLEANUP(wake_movement_release) struct wake_movement movement = { 0 };
	WAKE_CLEANUP(questions_release) struct questions questions = { 0 };
	struct wake_verdict verdict = { .made = false, .reason = "unexamined" };
	struct wake_ownership owner = { 0 };
	struct wake_made_facts facts;
	int status = load_movement(fold, id, &movement, &facts, err);

	if (status == WAKE_NOTFOUND)
		return WAKE_OK; /* its moved event has not arrived yet; that event will touch it again */
	if (status == WAKE_OK)
		status = ask(fold, &movement, &questions, err);
	if (status == WAKE_OK && !facts.known_earlier)
		status = known_earlier(&questions, &movement, &facts.known_earlier, err);
	if (status == WAKE_OK)
		status = wake_decide_branch(fold, &movement, questions.twins, err);
	if (status == WAKE_OK)
		status = wake_decide_owner(fold, &movement, &questions.owner, &owner, err);
	if (status != WAKE_OK)
		return status;
	if (movement.judgeable)
		verdict = wake_made_judge(&facts);
	else if (movement.examined)
		verdict.reason = facts.moved ? "missing" : "no-movement";
	status = save_movement(fold, &movement, verdict, &owner, err);
	if (status == WAKE_OK && (verdict.made || movement.was_made))
		status = wake_decide_rewrite(fold, &movement, verdict.made, err);
	return status;
}
