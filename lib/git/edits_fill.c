/* SPDX-License-Identifier: MIT */
/* What an entry says beside its path: read from both sides, each of them once. */
#include <string.h>
#include <sys/stat.h>

#include "git/edits_inside.h"

static bool is_content(unsigned mode)
{
	return S_ISREG(mode) || S_ISLNK(mode);
}

int wake_edits_read_old(
    struct wake_edits_work *work, const struct wake_edit *edit, struct wake_object *ret_object)
{
	wake_auto_object struct wake_object object = { 0 };
	int ret = wake_object_read(work->repo, edit->blob, &object, work->err);

	if (ret < 0)
		return ret;
	if (object.type != GIT_OBJECT_BLOB)
		return wake_fail(work->err, WAKE_CORRUPT, "HEAD's '%.200s' is no blob", edit->path);
	*ret_object = object;
	object = (struct wake_object){ 0 }; /* the caller's now */
	return WAKE_OK;
}

/* In a SHA-256 repository the content itself has to be hashed. */
static void name_old(struct wake_edits_work *work, struct wake_edit *edit, const struct wake_object *object)
{
	if (!work->repo->sha256)
		memcpy(edit->old_id, edit->blob, WAKE_HASH_SIZE);
	else if (object->data)
		wake_content_id(object->data, object->len, edit->old_id);
}

/* Bytes of the new side that have to be held: all, where it is compared; else as much as may be kept. */
static size_t hold_max(const struct wake_edits_work *work, const struct wake_edit *edit)
{
	if (!edit->counted && edit->old_mode != 0)
		return WAKE_OBJECT_MAX;
	return work->request->kept && work->request->keep_file_max > 0 ? (size_t)work->request->keep_file_max
	                                                               : 0;
}

/* The file as it is now. What has gone since it was found is deleted, or nothing at all. */
static void take_new(struct wake_edit *edit, const struct wake_file *file)
{
	if (file->kind != WAKE_FILE_REGULAR && file->kind != WAKE_FILE_LINK) {
		edit->new_mode = 0;
		edit->status = edit->old_mode ? 'D' : '\0';
		return;
	}
	if (!edit->counted || edit->status == '?')
		edit->new_mode = file->mode;
	memcpy(edit->new_id, file->id, WAKE_HASH_SIZE);
	edit->lines = file->lines;
}

static int count(struct wake_edits_work *work, struct wake_edit *edit, const struct wake_file *file,
    const struct wake_side *old_side, const struct wake_side *new_side)
{
	bool same = edit->old_mode && edit->new_mode && strcmp(edit->old_id, edit->new_id) == 0;
	struct wake_count counted = { 0 };
	int ret = WAKE_OK;

	if (file->unreadable)
		counted.binary = true;
	else if (!edit->old_mode) {
		counted.binary = file->binary;
		counted.added = file->binary ? 0 : file->lines;
	} else
		ret = wake_count_sides(old_side, new_side, same, &counted, work->err);
	if (ret < 0)
		return ret;
	edit->added = counted.added;
	edit->removed = counted.removed;
	edit->binary = counted.binary;
	if (edit->status == 'M' && (edit->old_mode & S_IFMT) != (edit->new_mode & S_IFMT))
		edit->status = 'T';
	if (edit->status == 'M' && same && edit->old_mode == edit->new_mode)
		edit->status = '\0'; /* no difference */
	return WAKE_OK;
}

/* The old side is read where it is compared, hashed or kept. */
static int read_sides(
    struct wake_edits_work *work, struct wake_edit *edit, struct wake_file *file, struct wake_object *object)
{
	const char *refusal = NULL;
	bool wanted;
	int ret = wake_edits_refuse(work->request, edit, &refusal, work->err);

	if (ret < 0)
		return ret;
	if (is_content(edit->new_mode) || edit->status == '?') {
		ret = wake_file_read(work->root, edit->path, hold_max(work, edit), file, work->err);
		if (ret < 0)
			return ret;
		take_new(edit, file);
	}
	if (!edit->status || !is_content(edit->old_mode) || !*edit->blob)
		return WAKE_OK;
	name_old(work, edit, object);
	wanted =
	    !refusal || work->repo->sha256 || (!edit->counted && strcmp(edit->old_id, edit->new_id) != 0);
	if (wanted)
		ret = wake_edits_read_old(work, edit, object);
	if (ret == WAKE_NOTFOUND && edit->counted)
		ret = WAKE_OK; /* git did without it; it cannot be kept */
	name_old(work, edit, object);
	return ret;
}

static int fill(struct wake_edits_work *work, struct wake_edit *edit)
{
	static const char big[] = "";
	wake_auto_file struct wake_file file = { 0 };
	wake_auto_object struct wake_object object = { 0 };
	struct wake_side old_side = { 0 }, new_side = { 0 };
	int ret = read_sides(work, edit, &file, &object);

	if (ret < 0 || !edit->status)
		return ret;
	if (edit->converted && edit->status == 'M' && file.has_return &&
	    strcmp(edit->old_id, edit->new_id) != 0) {
		edit->status = '\0';
		return wake_path_set_add(&work->for_git, edit->path, strlen(edit->path), work->err);
	}
	if (object.type == GIT_OBJECT_BLOB)
		old_side = (struct wake_side){ object.len > 0 ? object.data : big, object.len };
	if (edit->new_mode && (file.data || file.size > WAKE_OBJECT_MAX))
		new_side = (struct wake_side){ file.data ? file.data : big, file.size };
	if (!edit->counted)
		ret = count(work, edit, &file, &old_side, &new_side);
	edit->counted = true;
	if (ret < 0 || !edit->status)
		return ret;
	if (!file.data)
		new_side.data = NULL;
	return wake_edits_keep(work, edit, &old_side, &new_side);
}

/* Out of the list with those that are none. */
static void drop(struct wake_edit_list *list)
{
	size_t used = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].status)
			list->items[used++] = list->items[i];
		else {
			free(list->items[i].path);
			free(list->items[i].old_path);
		}
	}
	list->count = used;
}

int wake_edits_fill(struct wake_edits_work *work)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->files.count && ret == WAKE_OK; i++) {
		struct wake_edit *edit = &work->files.items[i];

		if (!edit->fresh || edit->kept)
			continue;
		ret = fill(work, edit);
		if (ret == WAKE_NOTFOUND &&
		    !edit->counted) { /* an object is missing here: git says so, or knows */
			edit->status = '\0';
			ret = wake_path_set_add(&work->for_git, edit->path, strlen(edit->path), work->err);
		}
	}
	drop(&work->files);
	wake_path_set_sort(&work->for_git);
	return ret;
}
