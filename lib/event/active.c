/* SPDX-License-Identifier: MIT */
/* STATE/runs/RUN_ID/run.json. */
#include "event/active.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"
#include "event/inbox.h"

#define ACTIVE_MAX ((size_t)64 * 1024) /* bytes of the file */
#define ACTIVE_VERSION 1
#define LEADER "session" /* beside run.json: the session that was at work in the run first */
#define NAMES_MAX 1000000 /* in the directory of runs */

/* ret_dir and ret_file: owned. A run id holds no slash and does not begin with a dot. */
static int locate(const struct wake_paths *paths, const char *run_id, char **ret_dir, char **ret_file,
    struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	int ret = wake_run_id_check(run_id, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(&dir, err, "%s/runs/%s", paths->state, run_id);
	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, "run.json", ret_file, err);
	if (ret < 0)
		return ret;
	*ret_dir = dir;
	dir = NULL; /* the caller's now */
	return WAKE_OK;
}

static int format(const struct wake_active *active, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	char started[WAKE_TIME_SIZE];
	const char *path = active->workspace_path;
	int ret = wake_json_set_int(object, "version", ACTIVE_VERSION, err);

	wake_time_format(active->started_at, started);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "run_id", active->run_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "workspace_id", active->workspace_id, err);
	if (ret == WAKE_OK && path && wake_text_is_utf8(path, strlen(path)))
		ret = wake_json_set_string(object, "workspace_path", path, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "started_at", started, err);
	if (ret == WAKE_OK)
		ret = wake_active_format_process(object, active, err);
	if (ret == WAKE_OK)
		ret = wake_json_append(out, object, err);
	wake_str_append_char(out, '\n');
	return ret == WAKE_OK ? wake_str_check(out, err) : ret;
}

int wake_active_add(const struct wake_paths *paths, const struct wake_active *active, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(ACTIVE_MAX);
	wake_auto_free char *dir = NULL;
	wake_auto_free char *file = NULL;
	int ret = locate(paths, active->run_id, &dir, &file, err);

	if (ret == WAKE_OK)
		ret = format(active, &text, err);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(dir, err);
	return ret == WAKE_OK ? wake_fs_create(file, text.data, text.len, 0600, WAKE_FS_PLAIN, err) : ret;
}

static int parse(const char *text, size_t len, struct wake_active *active, struct wake_error *err)
{
	wake_auto_json json_t *object = NULL;
	const char *workspace, *path, *started;
	int ret = wake_json_parse(text, len, &object, err);

	if (ret < 0)
		return ret;
	workspace = wake_json_string(object, "workspace_id");
	path = wake_json_string(object, "workspace_path");
	started = wake_json_string(object, "started_at");
	if (!workspace || strlen(workspace) > WAKE_RUN_ID_MAX || !started)
		return wake_fail(err, WAKE_INVALID, "it is not a run's file");
	memcpy(active->workspace_id, workspace, strlen(workspace) + 1);
	ret = wake_time_parse(started, &active->started_at, err);
	if (ret == WAKE_OK)
		ret = wake_active_parse_process(object, active, err);
	return ret == WAKE_OK && path ? wake_str_copy(path, &active->workspace_path, err) : ret;
}

int wake_active_read(const struct wake_paths *paths, const char *run_id, struct wake_active *ret_active,
    struct wake_error *err)
{
	wake_auto_active struct wake_active active = { 0 };
	wake_auto_free char *dir = NULL;
	wake_auto_free char *file = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = locate(paths, run_id, &dir, &file, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(file, ACTIVE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret < 0)
		return ret;
	ret = parse(text, len, &active, err);
	if (ret == WAKE_INVALID) {
		(void)wake_error_prefix(err, "'%s'", file);
		return err->code = WAKE_CORRUPT;
	}
	if (ret < 0)
		return ret;
	memcpy(active.run_id, run_id, strlen(run_id) + 1);
	*ret_active = active;
	active = (struct wake_active){ 0 }; /* the caller's now */
	return WAKE_OK;
}

/* Made with link(2), so one wins. */
int wake_active_lead(const struct wake_paths *paths, const char *run_id, const char *who, bool *ret_leads,
    struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *file = NULL;
	wake_auto_free char *leader = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = locate(paths, run_id, &dir, &file, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, LEADER, &leader, err);
	if (ret == WAKE_OK)
		ret = wake_fs_create(leader, who, strlen(who), 0600, WAKE_FS_PLAIN, err);
	if (ret == WAKE_EXISTS)
		ret = wake_fs_read(leader, ACTIVE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret == WAKE_OK)
		*ret_leads = !text || strcmp(text, who) == 0;
	return ret;
}

int wake_active_remove(const struct wake_paths *paths, const char *run_id, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_free char *file = NULL;
	wake_auto_free char *leader = NULL;
	int ret = locate(paths, run_id, &dir, &file, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, LEADER, &leader, err);
	if (ret < 0)
		return ret;
	if (unlink(file) < 0 && errno != ENOENT && errno != ENOTDIR)
		return wake_fail_errno(err, "remove '%s'", file);
	(void)unlink(leader);
	wake_inbox_discard(dir);
	(void)rmdir(dir); /* stays if something else lies in it */
	return WAKE_OK;
}

void wake_active_release(struct wake_active *active)
{
	free(active->workspace_path);
	*active = (struct wake_active){ 0 };
}

/* A run that ends while we read is none of the list, and nothing that was skipped. */
static int add_entry(const struct wake_paths *paths, const char *name, struct wake_active_list *list,
    struct wake_error *err)
{
	struct wake_active active = { 0 };
	int ret =
	    list->count < WAKE_ACTIVE_LIST_MAX ? wake_active_read(paths, name, &active, err) : WAKE_INVALID;

	if (ret == WAKE_OK)
		list->items[list->count++] = active;
	else
		list->skipped += ret != WAKE_NOMEM && ret != WAKE_NOTFOUND;
	return ret == WAKE_NOMEM ? ret : WAKE_OK;
}

int wake_active_list(
    const struct wake_paths *paths, struct wake_active_list *ret_list, struct wake_error *err)
{
	wake_auto_active_list struct wake_active_list list = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(paths->state, "runs", &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_list(path, NAMES_MAX, &names, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	list.items = calloc(names.count + 1, sizeof(*list.items));
	ret = list.items ? WAKE_OK : wake_fail_nomem(err);
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++)
		ret = add_entry(paths, names.items[i], &list, err);
	if (ret < 0)
		return ret;
	*ret_list = list;
	list = (struct wake_active_list){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_active_list_release(struct wake_active_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		wake_active_release(&list->items[i]);
	free(list->items);
	*list = (struct wake_active_list){ 0 };
}
