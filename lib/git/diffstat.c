/* SPDX-License-Identifier: MIT */
/* A diff's files and sums, by one engine or the other. */
#include "git/diffstat.h"

#include <string.h>

#include "base/text.h"
#include "git/diffstat_inside.h"

static int copy_path(const char *path, char **ret_text, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(5 * WAKE_DIFF_PATH_MAX);

	wake_text_append_stored(&text, path, strlen(path), WAKE_DIFF_PATH_MAX);
	return wake_str_steal(&text, ret_text, err);
}

int wake_diffstat_add(struct wake_diffstat *stat, size_t *room, const char *path, const char *old_path,
    struct wake_diff_file **ret_file, struct wake_error *err)
{
	struct wake_diff_file *file;
	int ret;

	if (stat->count >= WAKE_DIFF_FILES_MAX)
		return wake_fail(err, WAKE_INVALID, "more than %d files differ", WAKE_DIFF_FILES_MAX);
	if (stat->count == *room) {
		size_t more = *room ? *room * 2 : 16;
		struct wake_diff_file *files = realloc(stat->files, more * sizeof(*files));

		if (!files)
			return wake_fail_nomem(err);
		stat->files = files;
		*room = more;
	}
	file = &stat->files[stat->count];
	*file = (struct wake_diff_file){ 0 };
	stat->count++; /* from here on it is released with the others */
	ret = copy_path(path, &file->path, err);
	if (ret == WAKE_OK && old_path)
		ret = copy_path(old_path, &file->old_path, err);
	if (ret == WAKE_OK)
		*ret_file = file;
	return ret;
}

int wake_diffstat_commits(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err)
{
	struct wake_diffstat stat = { 0 };
	int ret;

	if ((!wake_hash_is_zero(from) && !wake_hash_is_valid(from)) ||
	    (!wake_hash_is_zero(to) && !wake_hash_is_valid(to)))
		return wake_fail(
		    err, WAKE_INVALID, "a full hash is needed, not '%.64s' and '%.64s'", from, to);
	from = wake_hash_is_zero(from) ? "" : from;
	to = wake_hash_is_zero(to) ? "" : to;
	ret = wake_diffstat_by_walk(repo, from, to, &stat, err);
	/* Whatever stopped the walk may be nothing to git; and if it is, git says it better. */
	if (ret < 0 && ret != WAKE_NOMEM)
		ret = wake_diffstat_by_git(repo, from, to, &stat, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < stat.count; i++) {
		stat.added += stat.files[i].added;
		stat.removed += stat.files[i].removed;
	}
	*ret_stat = stat;
	return WAKE_OK;
}

static int add_json(const struct wake_diff_file *file, json_t *files, struct wake_error *err)
{
	const char status[2] = { file->status, '\0' };
	json_t *object = json_object();
	int ret;

	if (!object || json_array_append_new(files, object) < 0)
		return wake_fail_nomem(err);
	ret = wake_json_set_string(object, "path", file->path, err);
	if (ret == WAKE_OK)
		ret = file->old_path ? wake_json_set_string(object, "old_path", file->old_path, err)
		                     : wake_json_set(object, "old_path", json_null(), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "added", file->added, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "removed", file->removed, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(object, "binary", file->binary, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "status", status, err);
	return ret;
}

int wake_diffstat_json(const struct wake_diffstat *stat, json_t **ret_files, struct wake_error *err)
{
	wake_auto_json json_t *files = json_array();
	int ret = WAKE_OK;

	if (!files)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < stat->count && ret == WAKE_OK; i++)
		ret = add_json(&stat->files[i], files, err);
	if (ret < 0)
		return ret;
	*ret_files = files;
	files = NULL; /* the caller's now */
	return WAKE_OK;
}

void wake_diffstat_release(struct wake_diffstat *stat)
{
	for (size_t i = 0; i < stat->count; i++) {
		free(stat->files[i].path);
		free(stat->files[i].old_path);
	}
	free(stat->files);
	*stat = (struct wake_diffstat){ 0 };
}
