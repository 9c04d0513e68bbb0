/* SPDX-License-Identifier: MIT */
/* Which contents are kept, and the two trees of a state. */
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "git/edits_inside.h"
#include "git/kept_inside.h"

/* Each name on the path against one pattern; a pattern with a slash against the whole path. names: the path
 * with NULs for slashes, of len bytes. */
static bool matches(const char *pattern, const char *path, const char *names, size_t len)
{
	if (strchr(pattern, '/'))
		return fnmatch(pattern, path, FNM_CASEFOLD | FNM_PATHNAME) == 0;
	for (size_t at = 0; at < len; at += strlen(names + at) + 1) {
		if (fnmatch(pattern, names + at, FNM_CASEFOLD) == 0)
			return true;
	}
	return false;
}

static int is_never_kept(const char *setting, const char *path, bool *ret_never, struct wake_error *err)
{
	wake_auto_free char *patterns = NULL;
	wake_auto_free char *names = NULL;
	size_t len = strlen(path);
	char *rest = NULL;
	int ret = wake_str_copy(setting ? setting : "", &patterns, err);

	if (ret == WAKE_OK)
		ret = wake_str_copy(path, &names, err);
	if (ret < 0)
		return ret;
	for (char *at = names; (at = strchr(at, '/')); at++)
		*at = '\0';
	for (char *at = strtok_r(patterns, " \t\n", &rest); at; at = strtok_r(NULL, " \t\n", &rest))
		*ret_never |= matches(at, path, names, len);
	return WAKE_OK;
}

static bool is_odd(unsigned mode)
{
	return mode && !S_ISREG(mode) && !S_ISLNK(mode);
}

int wake_edits_refuse(const struct wake_edits_request *request, const struct wake_edit *edit,
    const char **ret_word, struct wake_error *err)
{
	bool never = false;
	int ret = WAKE_OK;

	if (!request->kept) {
		*ret_word = "off";
		return WAKE_OK;
	}
	if (is_odd(edit->old_mode) || is_odd(edit->new_mode) || !wake_kept_takes_path(edit->path) ||
	    (edit->old_path && !wake_kept_takes_path(edit->old_path))) {
		*ret_word = "kind";
		return WAKE_OK;
	}
	ret = is_never_kept(request->keep_never, edit->path, &never, err);
	if (ret == WAKE_OK && edit->old_path)
		ret = is_never_kept(request->keep_never, edit->old_path, &never, err);
	if (ret == WAKE_OK)
		*ret_word = never ? "name" : NULL;
	return ret;
}

/* Bytes that would be written. */
static int64_t cost(struct wake_kept *kept, const char *id, const struct wake_side *side)
{
	git_oid oid;

	if (!side->data || (git_oid_fromstr(&oid, id) == 0 && wake_kept_finds(kept, &oid)))
		return 0;
	return (int64_t)side->len;
}

static int keep_side(struct wake_edits_work *work, const struct wake_side *side)
{
	char id[WAKE_HASH_SIZE];
	int64_t written = 0;
	int ret = side->data ? wake_kept_add_blob(
	                           work->request->kept, side->data, side->len, id, &written, work->err)
	                     : WAKE_OK;

	work->kept_bytes += ret == WAKE_OK ? written : 0;
	return ret;
}

int wake_edits_keep(struct wake_edits_work *work, struct wake_edit *edit, const struct wake_side *old_side,
    const struct wake_side *new_side)
{
	const struct wake_edits_request *request = work->request;
	size_t file_max = request->keep_file_max > 0 ? (size_t)request->keep_file_max : 0;
	int64_t bytes;
	int ret = wake_edits_refuse(request, edit, &edit->kept, work->err);

	if (ret < 0 || edit->kept)
		return ret;
	edit->kept = "kind"; /* unreadable, or an object that is not here */
	if (edit->old_mode && !old_side->data)
		return WAKE_OK;
	if (edit->new_mode && !*edit->new_id)
		return WAKE_OK;
	edit->kept = "size";
	if ((edit->new_mode && (!new_side->data || new_side->len > file_max)) || old_side->len > file_max)
		return WAKE_OK;
	edit->kept = "run";
	bytes = cost(request->kept, edit->old_id, old_side) + cost(request->kept, edit->new_id, new_side);
	if (work->kept_bytes + bytes > request->keep_max && bytes > 0)
		return WAKE_OK;
	ret = keep_side(work, old_side);
	if (ret == WAKE_OK)
		ret = keep_side(work, new_side);
	edit->kept = "yes";
	return ret;
}

/* ---- the trees --------------------------------------------------------------------------------------------
 */
struct changes {
	struct wake_kept_entry *entries; /* owned; the paths and ids are borrowed */
	size_t count;
};

static void set(struct changes *changes, const char *path, const char *id, unsigned mode)
{
	changes->entries[changes->count++] = (struct wake_kept_entry){ .path = path, .id = id, .mode = mode };
}

static void clear(struct changes *changes, const char *path)
{
	if (path && wake_kept_takes_path(path))
		set(changes, path, NULL, 0);
}

/* First what the state before had of the paths that were looked at goes, then what is there now comes. */
static void list_changes(
    const struct wake_edits_work *work, bool anew, struct changes *old_side, struct changes *new_side)
{
	for (size_t i = 0; i < work->before.count && !anew; i++) {
		const struct wake_edit *edit = &work->before.items[i];

		if (!wake_path_set_has(&work->paths, edit->path))
			continue;
		clear(old_side, edit->path);
		clear(old_side, edit->old_path);
		clear(new_side, edit->path);
	}
	for (size_t i = 0; i < work->files.count; i++) {
		const struct wake_edit *edit = &work->files.items[i];

		if (strcmp(edit->kept, "yes") != 0)
			continue;
		if (!edit->fresh && !anew && !wake_path_set_has(&work->paths, edit->path))
			continue;
		if (edit->old_mode)
			set(old_side, edit->old_path ? edit->old_path : edit->path, edit->old_id,
			    edit->old_mode);
		if (edit->new_mode)
			set(new_side, edit->path, edit->new_id, edit->new_mode);
	}
}

static void release_changes(struct changes *changes)
{
	free(changes->entries);
}

int wake_edits_keep_trees(
    struct wake_edits_work *work, char ret_old[WAKE_HASH_SIZE], char ret_new[WAKE_HASH_SIZE])
{
	const struct wake_edits_request *request = work->request;
	bool anew = work->whole || work->keep_anew;
	size_t most = 2 * work->before.count + work->files.count + 1;
	WAKE_CLEANUP(release_changes)
	struct changes old_side = { calloc(most, sizeof(struct wake_kept_entry)), 0 };
	WAKE_CLEANUP(release_changes)
	struct changes new_side = { calloc(most, sizeof(struct wake_kept_entry)), 0 };
	int ret;

	ret_old[0] = ret_new[0] = '\0';
	if (!request->kept)
		return WAKE_OK;
	if (!old_side.entries || !new_side.entries)
		return wake_fail_nomem(work->err);
	list_changes(work, anew, &old_side, &new_side);
	ret = wake_kept_make_tree(request->kept, anew || !request->before_old ? "" : request->before_old,
	    old_side.entries, old_side.count, ret_old, work->err);
	if (ret == WAKE_OK)
		ret = wake_kept_make_tree(request->kept,
		    anew || !request->before_new ? "" : request->before_new, new_side.entries, new_side.count,
		    ret_new, work->err);
	return ret < 0 ? ret : wake_kept_sync(request->kept, work->err);
}
