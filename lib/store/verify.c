/* SPDX-License-Identifier: MIT */
/* Comparing git's logs with the store. */
#include "store/verify.h"

#include "base/config.h"
#include "base/fs.h"
#include "event/observe.h"
#include "event/spool.h"
#include "store/query.h"
#include "store/record.h"
#include "store/record_parts.h"

struct draining {
	struct wake_store *store;  /* borrowed */
	struct wake_config config; /* owned */
};

static void draining_release(struct draining *draining)
{
	wake_config_release(&draining->config);
}

static int apply_batch(void *context, struct wake_events *batch, struct wake_error *err)
{
	const struct draining *draining = context;
	int ret = wake_record_stamp(wake_config_text(&draining->config, WAKE_SETTING_HOST), batch, err);

	return ret == WAKE_OK ? wake_record_apply(draining->store, batch, err) : ret;
}

/* Under the recorder's lock, which closing the descriptor gives back. */
static int drain(const struct wake_paths *paths, struct wake_store *store, struct wake_error *err)
{
	WAKE_CLEANUP(draining_release) struct draining draining = { .store = store };
	wake_auto_close int lock = -1;
	size_t applied = 0;
	int ret = wake_config_load(paths->config, &draining.config, err);

	if (ret == WAKE_OK)
		ret = wake_spool_lock(paths->spool, true, &lock, err);
	return ret == WAKE_OK ? wake_spool_drain(paths->spool, apply_batch, &draining, &applied, err) : ret;
}

int wake_verify_open(const struct wake_paths *paths, struct wake_store **ret_store, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int ret = wake_store_open_located(paths, &store, err);

	if (ret == WAKE_OK)
		ret = drain(paths, store, err);
	if (ret < 0)
		return ret;
	*ret_store = store;
	store = NULL; /* the caller's now */
	return WAKE_OK;
}

/* 1: the store has this movement. */
static int is_recorded(struct wake_store *store, const char *movement, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(movement) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, WAKE_SQL_READ_MOVEMENT, values, WAKE_COUNT(values), &rows, err);

	return ret == WAKE_OK ? wake_rows_next(rows, err) : ret;
}

static int verify_worktree(const struct wake_paths *paths, struct wake_store *store,
    const struct wake_worktree *worktree, wake_verify_each each, void *context, struct wake_error *err)
{
	wake_auto_events struct wake_events moved = { 0 };
	struct wake_identity identity;
	int ret = wake_registry_identify(paths, worktree, &identity, err);

	if (ret == WAKE_OK)
		ret = wake_observe_all(worktree, &identity, &moved, err);
	for (size_t i = 0; ret == WAKE_OK && i < moved.count; i++) {
		ret = is_recorded(store, moved.items[i].id, err);
		if (ret >= 0)
			ret = each(context, &moved.items[i], ret == 1, err);
	}
	return ret;
}

int wake_verify_repository(const struct wake_paths *paths, struct wake_store *store, const char *common_dir,
    wake_verify_each each, void *context, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	int ret = wake_worktree_list(common_dir, &worktrees, err);

	for (size_t i = 0; ret == WAKE_OK && i < worktrees.count; i++) {
		ret = verify_worktree(paths, store, &worktrees.items[i], each, context, err);
		if (ret == WAKE_NOTFOUND && i > 0)
			ret = WAKE_OK; /* removed since it was listed */
	}
	return ret;
}

static const struct wake_query_column gap_columns[] = {
	{ "id", WAKE_VALUE_TEXT },
	{ "repository_id", WAKE_VALUE_TEXT },
	{ "worktree_id", WAKE_VALUE_TEXT },
	{ "root", WAKE_VALUE_TEXT },
	{ "reason", WAKE_VALUE_TEXT },
	{ "detail", WAKE_VALUE_TEXT },
	{ "at", WAKE_VALUE_TIME },
};

int wake_verify_unknowable(
    struct wake_store *store, const char *repository_id, json_t **ret_gaps, struct wake_error *err)
{
	return wake_query_array(
	    store, WAKE_SQL_READ_GAPS, repository_id, gap_columns, WAKE_COUNT(gap_columns), ret_gaps, err);
}

static int append_damaged(
    const struct wake_worktree *worktree, const char *repository_id, json_t *gaps, struct wake_error *err)
{
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *path = NULL, *detail = NULL;
	wake_auto_json json_t *gap = json_object();
	int ret = gap ? wake_fs_join(worktree->git_dir, "logs/HEAD", &path, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_reflog_read(path, &log, err);
	if (ret < 0 || wake_reflog_bad(log) == 0)
		return ret;
	ret = wake_str_format(
	    &detail, err, "%zu lines of '%s' are no reflog lines", wake_reflog_bad(log), path);
	if (ret == WAKE_OK)
		ret = wake_json_set(gap, "id", json_null(), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(gap, "repository_id", repository_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(gap, "worktree_id", json_null(), err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(gap, "root", worktree->root, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(gap, "reason", "damaged-lines", err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(gap, "detail", detail, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(gap, "at", json_null(), err);
	if (ret == WAKE_OK && json_array_append(gaps, gap) < 0)
		ret = wake_fail_nomem(err);
	return ret;
}

int wake_verify_damaged(
    const char *common_dir, const char *repository_id, json_t *gaps, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	int ret = wake_worktree_list(common_dir, &worktrees, err);

	for (size_t i = 0; ret == WAKE_OK && i < worktrees.count; i++)
		ret = append_damaged(&worktrees.items[i], repository_id, gaps, err);
	return ret;
}
