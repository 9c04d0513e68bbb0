/* SPDX-License-Identifier: MIT */
/* Which branch a movement was on, and which commit it replaced. */
#include "store/decide.h"

#include <string.h>

#define HEADS "refs/heads/"

/* git writes HEAD's line and the branch's line of one movement with the same hashes, identity and time. */
int wake_decide_ask_twins(struct wake_fold *fold, const struct wake_movement *movement,
    struct wake_rows **ret_twins, struct wake_error *err)
{
	const struct wake_value values[] = {
		WAKE_TEXT(movement->repository),
		WAKE_TEXT(movement->old_hash),
		WAKE_TEXT(movement->new_hash),
		WAKE_INT(movement->line_time),
		WAKE_TEXT(movement->zone),
		WAKE_TEXT(movement->name),
		WAKE_TEXT(movement->email),
	};

	return wake_store_query(fold->store, WAKE_SQL_FOLD_TWINS, values, WAKE_COUNT(values), ret_twins, err);
}

static int take_twin(struct wake_movement *movement, struct wake_rows *rows, struct wake_error *err)
{
	int status = WAKE_OK;

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		const char *branch = wake_rows_text(rows, 0) + strlen(HEADS);
		bool is_head = movement->head && strcmp(movement->head, branch) == 0;

		status = WAKE_OK;
		if (!movement->branch || is_head) {
			free(movement->branch);
			movement->branch = NULL;
			status = wake_str_copy(branch, &movement->branch, err);
		}
		if (is_head)
			break;
	}
	return status;
}

static int target_is_branch(
    struct wake_fold *fold, const struct wake_movement *movement, bool *ret_is, struct wake_error *err)
{
	wake_auto_str struct wake_str ref = WAKE_STR(64 * 1024);
	wake_auto_rows struct wake_rows *rows = NULL;
	int status;

	wake_str_appendf(&ref, HEADS "%s", movement->target);
	status = wake_str_check(&ref, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_TEXT(movement->repository), WAKE_TEXT(ref.data) };

	status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_REF_SEEN, values, WAKE_COUNT(values), &rows, err);
	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_is = status == 1;
	return status == 1 ? WAKE_OK : status;
}

int wake_decide_branch(struct wake_fold *fold, struct wake_movement *movement, struct wake_rows *twins,
    struct wake_error *err)
{
	bool is_branch = false;
	int status = take_twin(movement, twins, err);

	if (status != WAKE_OK || movement->branch)
		return status;
	if (movement->head)
		return wake_str_copy(movement->head, &movement->branch, err);
	if (movement->target)
		status = target_is_branch(fold, movement, &is_branch, err);
	if (status == WAKE_OK && is_branch)
		status = wake_str_copy(movement->target, &movement->branch, err);
	return status;
}

static int add_edge(struct wake_fold *fold, const struct wake_movement *movement, const char *old_hash,
    const char *evidence, struct wake_error *err)
{
	const struct wake_value values[] = {
		WAKE_TEXT(movement->repository),
		WAKE_TEXT(old_hash),
		WAKE_TEXT(movement->new_hash),
		WAKE_TEXT(evidence),
		WAKE_TEXT(movement->kind->name),
		WAKE_TEXT(movement->id),
		WAKE_TIME(movement->earliest),
	};
	const struct wake_value commit[] = { values[0], values[1] };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_REWRITE, values, WAKE_COUNT(values), NULL, err);

	/* The replaced commit's runs lose it from what they count. */
	return status == WAKE_OK ? wake_fold_touch_found(fold, fold->runs, WAKE_SQL_FOLD_RUNS_OF_COMMIT, commit,
	                               WAKE_COUNT(commit), err)
	                         : status;
}

/* A replayed commit whose original git did not tell (no post-rewrite hook ran): the latest earlier commit
 * with the same patch, author and author time. */
static int add_patch_edge(
    struct wake_fold *fold, const struct wake_movement *movement, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(movement->repository), WAKE_TEXT(movement->new_hash) };
	wake_auto_rows struct wake_rows *rows = NULL;
	char old_hash[WAKE_HASH_SIZE];
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_PATCH_ORIGIN, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;
	(void)snprintf(old_hash, sizeof(old_hash), "%s", wake_rows_text(rows, 0));
	return add_edge(fold, movement, old_hash, "patch-id", err);
}

int wake_decide_rewrite(
    struct wake_fold *fold, const struct wake_movement *movement, bool made, struct wake_error *err)
{
	const struct wake_value gone[] = { WAKE_TEXT(movement->repository), WAKE_TEXT(movement->new_hash),
		WAKE_TEXT(movement->id) };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_REWRITE_UNDO, gone, WAKE_COUNT(gone), NULL, err);

	if (status != WAKE_OK || !made)
		return status;
	if (movement->replaces_old)
		return add_edge(fold, movement, movement->old_hash, "movement", err);
	if (movement->kind->flags & WAKE_REFLOG_REPLAY && strcmp(movement->kind->commit, "rebase") == 0)
		return add_patch_edge(fold, movement, err);
	return WAKE_OK;
}
