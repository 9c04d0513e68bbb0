/* SPDX-License-Identifier: MIT */
/* A movement as the tables hold it: what was seen, what was decided before, and the facts that its verdict is taken
 * from. */
#include <string.h>

#include "store/decide.h"

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

int wake_decide_ask_movement(
    struct wake_fold *fold, const char *id, struct wake_rows **ret_rows, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };

	return wake_store_query(fold->store, WAKE_SQL_FOLD_MOVEMENT, values, WAKE_COUNT(values), ret_rows, err);
}

int wake_decide_read_movement(const struct wake_rows *rows, const char *id, struct wake_movement *movement,
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
