/* SPDX-License-Identifier: MIT */
/* Imported runs: their rows are made of all that imports told of them, many at once, since an existing
 * system's table is taken over in one transaction. What a real start or end told stands (fold_imported.sql).
 */
#include "store/fold.h"

#include <string.h>

#include "store/import_merge.h"

#define CHUNK_BYTES (4u * 1024 * 1024) /* of the rows that go in one statement */
#define CHUNK_LARGEST (768u * 1024 * 1024)

/* Columns of fold_imports_of.sql, in order. */
enum { I_RUN, I_EVENT, I_DATA, I_CREATED, I_ANNOUNCED, I_METADATA };

/* The imports of one run, as far as they are read. */
struct group {
	char run[WAKE_ID_SIZE];
	json_t *metadata; /* owned; the row's, where a real start told of it */
	int64_t created;  /* the row's; WAKE_TIME_NONE: there is none yet */
	struct wake_import imports[WAKE_IMPORTS_MAX];
	size_t count;
};

/* Everything that a call decides. */
struct batch {
	json_t *rows;     /* merged objects; owned */
	json_t *sessions; /* sets of ids; owned */
	json_t *users;
};

static void group_clear(struct group *group)
{
	for (size_t i = 0; i < group->count; i++)
		json_decref(group->imports[i].data);
	json_decref(group->metadata);
	*group = (struct group){ .created = WAKE_TIME_NONE };
}

static void batch_release(struct batch *batch)
{
	json_decref(batch->rows);
	json_decref(batch->sessions);
	json_decref(batch->users);
}

#define auto_group WAKE_CLEANUP(group_clear)
#define auto_batch WAKE_CLEANUP(batch_release)

static int read_import(struct group *group, const struct wake_rows *rows, struct wake_error *err)
{
	struct wake_import *import = &group->imports[group->count];
	const char *data = wake_rows_text(rows, I_DATA), *metadata;
	int status;

	if (group->count == WAKE_IMPORTS_MAX)
		return WAKE_OK;
	(void)snprintf(group->run, sizeof(group->run), "%s", wake_rows_text(rows, I_RUN));
	status = wake_json_parse(data, strlen(data), &import->data, err);
	if (status != WAKE_OK)
		return status;
	(void)snprintf(import->event, sizeof(import->event), "%s", wake_rows_text(rows, I_EVENT));
	group->created = wake_rows_time(rows, I_CREATED);
	group->count++;
	if (!wake_rows_int(rows, I_ANNOUNCED) || group->metadata)
		return WAKE_OK;
	metadata = wake_rows_text(rows, I_METADATA);
	return metadata ? wake_json_parse(metadata, strlen(metadata), &group->metadata, err) : WAKE_OK;
}

/* A real start tells its metadata without those of imports, which are laid over it. */
static int lay_over(const struct group *group, json_t *merged, struct wake_error *err)
{
	json_t *metadata = json_object_get(merged, "metadata");

	if (group->metadata && json_object_update_missing(metadata, group->metadata))
		return wake_fail_nomem(err);
	return WAKE_OK;
}

static int touch_id(json_t *set, const json_t *merged, const char *key, struct wake_error *err)
{
	const char *id = wake_json_string(merged, key);

	return id ? wake_fold_touch(set, id, err) : WAKE_OK;
}

static int end_group(struct wake_fold *fold, struct group *group, struct batch *batch, struct wake_error *err)
{
	wake_auto_json json_t *merged = NULL;
	int64_t created = 0;
	int status;

	if (group->count == 0)
		return WAKE_OK;
	status = wake_import_merge(group->imports, group->count, &merged, err);
	if (status == WAKE_OK)
		status = lay_over(group, merged, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(merged, "id", group->run, err);
	if (status == WAKE_OK)
		status = wake_time_parse(wake_json_string(merged, "created_at"), &created, err);
	if (status == WAKE_OK)
		status = wake_fold_touch_day(fold, created, err);
	if (status == WAKE_OK && group->created != WAKE_TIME_NONE)
		status = wake_fold_touch_day(fold, group->created, err);
	if (status == WAKE_OK)
		status = touch_id(batch->sessions, merged, "session_id", err);
	if (status == WAKE_OK)
		status = touch_id(batch->users, merged, "user_id", err);
	if (status == WAKE_OK && json_array_append(batch->rows, merged))
		status = wake_fail_nomem(err);
	group_clear(group);
	return status;
}

static int read_batch(struct wake_fold *fold, const char *runs, struct batch *batch, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_JSON(runs) };
	wake_auto_rows struct wake_rows *rows = NULL;
	auto_group struct group group = { .created = WAKE_TIME_NONE };
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_IMPORTS_OF, values, WAKE_COUNT(values), &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		status = WAKE_OK;
		if (strcmp(group.run, wake_rows_text(rows, I_RUN)) != 0)
			status = end_group(fold, &group, batch, err);
		if (status == WAKE_OK)
			status = read_import(&group, rows, err);
	}
	return status == WAKE_OK ? end_group(fold, &group, batch, err) : status;
}

/* A set's ids as a list. */
static int append_ids(struct wake_str *out, const json_t *set, struct wake_error *err)
{
	wake_auto_json json_t *list = json_array();
	const char *id;
	json_t *value;

	if (!list)
		return wake_fail_nomem(err);
	json_object_foreach((json_t *)set, id, value)
	{
		if (json_array_append_new(list, json_string(id)))
			return wake_fail_nomem(err);
	}
	return wake_json_append(out, list, err);
}

/* Those of a set that a query finds. */
static int find(
    struct wake_fold *fold, enum wake_sql sql, const json_t *set, json_t *ret_found, struct wake_error *err)
{
	wake_auto_str struct wake_str ids = WAKE_STR(CHUNK_LARGEST);
	int status;

	if (json_object_size(set) == 0)
		return WAKE_OK;
	status = append_ids(&ids, set, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_JSON(ids.data) };

	status = wake_fold_touch_found(fold, ret_found, sql, values, WAKE_COUNT(values), err);
	return status == WAKE_OK ? wake_fold_read_asked(fold, err) : status;
}

/* A copy of the ledger tells of users that another store does not have. */
static int drop_unknown_users(struct wake_fold *fold, struct batch *batch, struct wake_error *err)
{
	wake_auto_json json_t *known = json_object();
	size_t at;
	json_t *row;
	bool by_uuid = false;
	int status = known ? wake_store_has(fold->store, WAKE_SQL_FOLD_USERS_KNOWN, &by_uuid, err)
	                   : wake_fail_nomem(err);

	if (status == WAKE_OK && by_uuid)
		status = find(fold, WAKE_SQL_FOLD_USERS_KNOWN, batch->users, known, err);

	json_array_foreach(batch->rows, at, row)
	{
		const char *user = wake_json_string(row, "user_id");

		if (status == WAKE_OK && user && !json_object_get(known, user))
			(void)json_object_del(row, "user_id");
	}
	return status;
}

/* Sessions of the surrounding system are left as they are; others are made as a start would. */
static int make_sessions(struct wake_fold *fold, struct batch *batch, struct wake_error *err)
{
	wake_auto_json json_t *foreign = json_object();
	const char *id;
	json_t *row, *value;
	size_t at;
	int status = foreign ? find(fold, WAKE_SQL_FOLD_SESSIONS_FOREIGN, batch->sessions, foreign, err)
	                     : wake_fail_nomem(err);

	json_object_foreach(foreign, id, value)
	{
		(void)json_object_del(batch->sessions, id);
		if (status == WAKE_OK)
			status = wake_fold_touch(fold->conversations, id, err);
	}
	json_array_foreach(batch->rows, at, row)
	{
		const char *session = wake_json_string(row, "session_id");
		int64_t created = 0;

		if (status != WAKE_OK || !session || json_object_get(foreign, session))
			continue;
		status = wake_time_parse(wake_json_string(row, "created_at"), &created, err);

		const struct wake_value values[] = { WAKE_TEXT(session),
			WAKE_TEXT(wake_json_string(row, "session_name")), WAKE_TIME(created) };

		if (status == WAKE_OK)
			status = wake_store_run(
			    fold->store, WAKE_SQL_FOLD_SESSION, values, WAKE_COUNT(values), NULL, err);
	}
	return status;
}

static int touch_sessions(struct wake_fold *fold, const struct batch *batch, struct wake_error *err)
{
	const char *id;
	json_t *value;
	int status = WAKE_OK;

	json_object_foreach(batch->sessions, id, value)
	{
		if (status == WAKE_OK)
			status = wake_fold_touch(fold->sessions, id, err);
	}
	return status;
}

static int write_chunk(struct wake_fold *fold, struct wake_str *chunk, struct wake_error *err)
{
	int status;

	if (chunk->len == 0)
		return WAKE_OK;
	wake_str_append_char(chunk, ']');
	status = wake_str_check(chunk, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_JSON(chunk->data) };

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_IMPORTED, values, WAKE_COUNT(values), NULL, err);
	wake_str_clear(chunk);
	return status;
}

static int write_rows(struct wake_fold *fold, const struct batch *batch, struct wake_error *err)
{
	wake_auto_str struct wake_str chunk = WAKE_STR(CHUNK_LARGEST);
	int status = WAKE_OK;
	size_t at;
	json_t *row;

	json_array_foreach(batch->rows, at, row)
	{
		if (status != WAKE_OK)
			break;
		wake_str_append_char(&chunk, chunk.len == 0 ? '[' : ',');
		status = wake_json_append(&chunk, row, err);
		if (status == WAKE_OK && chunk.len > CHUNK_BYTES)
			status = write_chunk(fold, &chunk, err);
	}
	return status == WAKE_OK ? write_chunk(fold, &chunk, err) : status;
}

/* Runs of which more is known are decided as any other; the rows of the rest are whole already. */
static int touch_more(struct wake_fold *fold, const char *runs, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_JSON(runs) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    fold->store, WAKE_SQL_FOLD_IMPORTED_MORE, values, WAKE_COUNT(values), &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		char run[WAKE_ID_SIZE], worktree[WAKE_ID_SIZE];
		const char *in = wake_rows_text(rows, 1), *workspace = wake_rows_text(rows, 3);
		int64_t started = wake_rows_time(rows, 2);

		status = workspace ? wake_fold_touch(fold->workspaces, workspace, err) : WAKE_OK;
		(void)snprintf(worktree, sizeof(worktree), "%s", in ? in : "");
		(void)snprintf(run, sizeof(run), "%s", wake_rows_text(rows, 0));
		if (status == WAKE_OK)
			status =
			    wake_fold_touch_lifetime(fold, run, *worktree ? worktree : NULL, started, err);
		if (status == WAKE_OK)
			status = wake_fold_touch_sharing(fold, run, err);
	}
	return status == WAKE_OK ? wake_fold_read_asked(fold, err) : status;
}

static int decide_batch(struct wake_fold *fold, struct wake_error *err)
{
	auto_batch struct batch batch = { json_array(), json_object(), json_object() };
	wake_auto_str struct wake_str runs = WAKE_STR(CHUNK_LARGEST);
	int status;

	if (!batch.rows || !batch.sessions || !batch.users)
		return wake_fail_nomem(err);
	status = append_ids(&runs, fold->imports, err);
	if (status == WAKE_OK)
		status = read_batch(fold, runs.data, &batch, err);
	if (status == WAKE_OK)
		status = drop_unknown_users(fold, &batch, err);
	if (status == WAKE_OK)
		status = make_sessions(fold, &batch, err);
	if (status == WAKE_OK)
		status = write_rows(fold, &batch, err);
	if (status == WAKE_OK)
		status = touch_sessions(fold, &batch, err);
	if (status == WAKE_OK)
		status = touch_more(fold, runs.data, err);
	(void)json_object_clear(fold->imports);
	return status;
}

int wake_decide_imports(struct wake_fold *fold, struct wake_error *err)
{
	return json_object_size(fold->imports) > 0 ? decide_batch(fold, err) : WAKE_OK;
}

int wake_decide_import_of(
    struct wake_fold *fold, const char *run, json_t **ret_merged, struct wake_error *err)
{
	wake_auto_json json_t *list = json_pack("[s]", run);
	wake_auto_str struct wake_str runs = WAKE_STR(128);
	auto_group struct group group = { .created = WAKE_TIME_NONE };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = list ? wake_json_append(&runs, list, err) : wake_fail_nomem(err);

	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_JSON(runs.data) };

	status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_IMPORTS_OF, values, WAKE_COUNT(values), &rows, err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = read_import(&group, rows, err);
	if (status == WAKE_OK && group.count == 0)
		return wake_fail(err, WAKE_NOTFOUND, "nothing was imported of run %s", run);
	return status == WAKE_OK ? wake_import_merge(group.imports, group.count, ret_merged, err) : status;
}
