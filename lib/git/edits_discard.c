/* SPDX-License-Identifier: MIT */
/* Work that was thrown away: what the state before had and nobody has now. */
#include <string.h>
#include <sys/stat.h>

#include "git/commit.h"
#include "git/edits_inside.h"

#define NAME_MAX_BYTES ((size_t)1024 * 1024) /* of "COMMIT:PATH" */

/* The content of HEAD at that path is this one? */
static int is_in_head(struct wake_edits_work *work, const struct wake_edit *edit, bool *ret_is)
{
	wake_auto_str struct wake_str name = WAKE_STR(NAME_MAX_BYTES);
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_head_entry entry = { 0 };
	const char *args[] = { "cat-file", "blob", NULL, NULL };
	char id[WAKE_HASH_SIZE] = "";
	int ret;

	*ret_is = false;
	if (!*work->head)
		return WAKE_OK;
	if (work->has_library) {
		ret = wake_edits_in_head(work, edit->path, &entry);
		*ret_is = ret == WAKE_OK && strcmp(entry.id, edit->new_id) == 0;
		return ret;
	}
	wake_str_appendf(&name, "%s:%s", work->head, edit->path);
	ret = wake_str_check(&name, work->err);
	args[2] = name.data;
	if (ret == WAKE_OK)
		ret = wake_repo_git(work->repo, args, NULL, 0, WAKE_OBJECT_MAX, &result, work->err);
	if (ret < 0 || result.exit_code != 0)
		return ret;
	if (work->repo->sha256 || result.output.len > 0)
		wake_content_id(wake_str_text(&result.output), result.output.len, id);
	*ret_is = strcmp(id, edit->new_id) == 0;
	return WAKE_OK;
}

/* A file there with that very content, or one that is only not looked at any more, since it is ignored now.
 */
static int is_on_disk(struct wake_edits_work *work, const struct wake_edit *edit, bool *ret_is)
{
	wake_auto_file struct wake_file file = { 0 };
	int ret = wake_file_read(work->root, edit->path, 0, &file, work->err);

	if (ret < 0)
		return ret;
	*ret_is = *file.id && strcmp(file.id, edit->new_id) == 0;
	return WAKE_OK;
}

/* The same content under another name: moved, or committed as a rename. */
static bool is_elsewhere(
    const struct wake_edits_work *work, const struct wake_changes *moved, const struct wake_edit *edit)
{
	char id[WAKE_HASH_SIZE];

	for (size_t i = 0; i < work->files.count; i++) {
		if (strcmp(work->files.items[i].new_id, edit->new_id) == 0)
			return true;
	}
	for (size_t i = 0; i < moved->count; i++) {
		if (moved->items[i].new_mode &&
		    strcmp(git_oid_tostr(id, sizeof(id), &moved->items[i].new_id), edit->new_id) == 0)
			return true;
	}
	return false;
}

/* What HEAD moved over; nothing where that cannot be told. */
static int list_moved(struct wake_edits_work *work, struct wake_changes *ret_moved)
{
	const char *before = work->request->before_head;
	wake_auto_commit struct wake_commit from = { 0 }, to = { 0 };
	int ret;

	if (!work->has_library || !*work->head || (before && strcmp(before, work->head) == 0))
		return WAKE_OK;
	ret = wake_commit_read(work->repo, work->head, &to, work->err);
	if (ret == WAKE_OK && before && *before)
		ret = wake_commit_read(work->repo, before, &from, work->err);
	if (ret == WAKE_OK)
		ret = wake_treewalk(work->repo, from.tree, to.tree, ret_moved, work->err);
	return ret == WAKE_NOMEM ? ret : WAKE_OK;
}

/* A file with the same path that still holds somebody's work. */
static bool is_listed(const struct wake_edits_work *work, const char *path)
{
	const struct wake_edit *edit = wake_edit_list_find(&work->files, path);
	const struct wake_edit *end = work->files.items + work->files.count;

	for (; edit && edit < end && strcmp(edit->path, path) == 0; edit++) {
		if (edit->new_mode != 0)
			return true;
	}
	return false;
}

static int judge(struct wake_edits_work *work, const struct wake_changes *moved, const struct wake_edit *edit,
    bool *ret_discarded)
{
	bool held = true;
	int ret = WAKE_OK;

	*ret_discarded = false;
	if (!*edit->new_id || is_listed(work, edit->path) || is_elsewhere(work, moved, edit))
		return WAKE_OK;
	ret = is_on_disk(work, edit, &held);
	if (ret == WAKE_OK && !held)
		ret = is_in_head(work, edit, &held);
	if (ret == WAKE_OK)
		*ret_discarded = !held;
	return ret;
}

int wake_edits_find_discarded(struct wake_edits_work *work, json_t *discarded)
{
	wake_auto_changes struct wake_changes moved = { 0 };
	int ret = work->before.count > 0 ? list_moved(work, &moved) : WAKE_OK;

	for (size_t i = 0; i < work->before.count && ret == WAKE_OK; i++) {
		bool is_discarded = false;

		ret = judge(work, &moved, &work->before.items[i], &is_discarded);
		if (ret == WAKE_OK && is_discarded)
			ret = wake_edit_write(&work->before.items[i], discarded, work->err);
	}
	return ret;
}
