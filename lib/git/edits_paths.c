/* SPDX-License-Identifier: MIT */
/* Which paths are to be looked at: those that were named, and what a moved HEAD, a changed index or changed
 * rules bring with them. */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "event/event.h"
#include "git/commit.h"
#include "git/edits_inside.h"

#define WALKED_MAX 20000 /* paths; beyond, git over everything is no slower */

static int add(struct wake_edits_work *work, const char *path)
{
	return wake_path_set_add(&work->paths, path, strlen(path), work->err);
}

static int add_for_git(struct wake_edits_work *work, const char *path, size_t len)
{
	return wake_path_set_add(&work->for_git, path, len, work->err);
}

static bool is_below(const char *path, const char *directory, size_t len)
{
	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

/* ---- what the state before holds ------------------------------------------------------------------ */
static int add_edit(struct wake_edits_work *work, const struct wake_edit *edit)
{
	int ret = add(work, edit->path);

	return ret == WAKE_OK && edit->old_path ? add(work, edit->old_path) : ret;
}

static bool takes_part_in_renames(const struct wake_edit *edit)
{
	return edit->status == 'A' || edit->status == 'D' || edit->status == 'R' || edit->status == 'C';
}

/* A rename depends on all files that were added or deleted: with one in it, all of these are looked at. */
static int add_before(struct wake_edits_work *work, bool all)
{
	bool renamed = false;
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->before.count; i++)
		renamed |= work->before.items[i].old_path != NULL;
	for (size_t i = 0; i < work->before.count && ret == WAKE_OK; i++) {
		const struct wake_edit *edit = &work->before.items[i];

		if (all || (renamed && takes_part_in_renames(edit)) ||
		    (work->request->kept && strcmp(edit->kept, "off") == 0))
			ret = add_edit(work, edit);
	}
	return ret;
}

/* ---- a moved HEAD ---------------------------------------------------------------------------------- */
static int tree_of(struct wake_edits_work *work, const char *head, char tree[WAKE_HASH_SIZE])
{
	wake_auto_commit struct wake_commit commit = { 0 };
	int ret;

	tree[0] = '\0';
	if (!*head)
		return WAKE_OK;
	ret = wake_commit_read(work->repo, head, &commit, work->err);
	if (ret == WAKE_OK)
		memcpy(tree, commit.tree, WAKE_HASH_SIZE);
	return ret;
}

static int add_moved(struct wake_edits_work *work)
{
	const char *before = work->request->before_head ? work->request->before_head : "";
	wake_auto_changes struct wake_changes changes = { 0 };
	char old_tree[WAKE_HASH_SIZE], new_tree[WAKE_HASH_SIZE];
	int ret;

	if (strcmp(before, work->head) == 0)
		return WAKE_OK;
	ret = work->has_library ? tree_of(work, before, old_tree) : WAKE_UNAVAILABLE;
	if (ret == WAKE_OK)
		ret = tree_of(work, work->head, new_tree);
	if (ret == WAKE_OK)
		ret = wake_treewalk(work->repo, old_tree, new_tree, &changes, work->err);
	if (ret == WAKE_NOMEM)
		return ret;
	if (ret < 0 || changes.count > WAKE_EDITS_PATHS_MAX) {
		work->whole = true; /* git knows better, or is faster */
		return WAKE_OK;
	}
	for (size_t i = 0; i < changes.count && ret == WAKE_OK; i++)
		ret = add(work, changes.items[i].path);
	return ret == WAKE_OK ? add_before(work, true) : ret;
}

/* ---- a changed index ------------------------------------------------------------------------------- */
static int add_staged(
    struct wake_edits_work *work, const struct wake_edit_facts *from, const struct wake_edit_facts *other)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < from->staged_count && ret == WAKE_OK; i++) {
		const struct wake_staged *staged = &from->staged[i];
		const struct wake_staged *twin = wake_edit_facts_find(other, staged->path);

		if (!twin || twin->status != staged->status || twin->mode != staged->mode)
			ret = add(work, staged->path);
	}
	return ret;
}

static int add_index(struct wake_edits_work *work)
{
	const struct wake_edit_facts *now = &work->facts, *old = &work->old_facts;
	int ret;

	if (strcmp(now->config, old->config) != 0 || strcmp(now->rules_key, old->rules_key) != 0)
		work->whole = true;
	if (*now->index_key && strcmp(now->index_key, old->index_key) == 0)
		return WAKE_OK;
	if (now->index_special ||
	    old->index_special) /* flags may have changed that we do not know one by one */
		work->whole = true;
	ret = add_staged(work, now, old);
	return ret == WAKE_OK ? add_staged(work, old, now) : ret;
}

/* ---- the paths that were named ---------------------------------------------------------------------- */
/* Files whose content says how others are seen. */
static bool rules_others(const char *path)
{
	static const char *const names[] = { ".gitignore", ".gitattributes", ".gitmodules" };
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* "./a//b/" as "a/b". false: it is no path of a file in the worktree. */
static bool normalise(char *path)
{
	char *to = path;
	const char *at = path;

	if (*at == '/')
		return false;
	while (*at) {
		size_t len = strcspn(at, "/");

		if ((len == 2 && memcmp(at, "..", 2) == 0) || (len == 4 && strncasecmp(at, ".git", 4) == 0))
			return false;
		if (len > 0 && !(len == 1 && *at == '.')) {
			if (to != path)
				*to++ = '/';
			memmove(to, at, len);
			to += len;
		}
		at += len;
		at += *at == '/';
	}
	*to = '\0';
	return true;
}

static int add_named(struct wake_edits_work *work)
{
	const json_t *paths = work->request->paths;
	int ret = WAKE_OK;

	for (size_t i = 0; i < json_array_size(paths) && ret == WAKE_OK; i++) {
		const char *text = json_string_value(json_array_get(paths, i));
		wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);

		if (!text)
			return wake_fail(
			    work->err, WAKE_INVALID, "a list of edited paths holds what is no path");
		ret = wake_event_read_path(text, &path, work->err);
		if (ret == WAKE_NOMEM)
			return ret;
		if (ret < 0 || !normalise(path.data)) {
			ret = WAKE_OK;
			continue;
		}
		work->whole |= !*path.data || rules_others(path.data);
		ret = add(work, path.data);
	}
	return ret;
}

/* ---- what each of them brings with it -------------------------------------------------------------------
 */
/* Entries of the state before that lie below a path that is, or was, a directory. They stand together, behind
 * the path with a slash. (Of renames, all paths are looked at anyway.) */
static int add_below(struct wake_edits_work *work, const char *path, bool *ret_any)
{
	const struct wake_edit_list *before = &work->before;
	size_t len = strlen(path), low = 0, high = before->count;
	int ret = WAKE_OK;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *there = before->items[middle].path;
		int diff = strncmp(there, path, len);

		if (diff < 0 || (diff == 0 && (unsigned char)there[len] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < before->count && is_below(before->items[low].path, path, len) && ret == WAKE_OK; low++) {
		*ret_any = true;
		ret = add_edit(work, &before->items[low]);
	}
	return ret;
}

static bool has_staged_below(const struct wake_edit_facts *facts, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < facts->staged_count; i++) {
		if (is_below(facts->staged[i].path, path, len))
			return true;
	}
	return false;
}

/* A name on the way that was, or is, a file: it came or went with the path. */
static int add_above(struct wake_edits_work *work, const char *path, const struct wake_file *file,
    const struct wake_head_entry *entry)
{
	const size_t ends[] = { file->blocked, entry->above, file->repository };
	int ret = WAKE_OK;

	for (size_t i = 0; i < WAKE_COUNT(ends) && ret == WAKE_OK; i++) {
		if (ends[i] > 0)
			ret = wake_path_set_add(&work->paths, path, ends[i], work->err);
	}
	for (const char *slash = strchr(path, '/'); slash && ret == WAKE_OK; slash = strchr(slash + 1, '/')) {
		wake_auto_free char *above = strndup(path, (size_t)(slash - path));

		if (!above)
			return wake_fail_nomem(work->err);
		if (wake_edit_list_find(&work->before, above))
			ret = add(work, above);
	}
	return ret;
}

static int look_around(struct wake_edits_work *work, const char *path)
{
	struct wake_head_entry entry = { 0 };
	struct wake_file file;
	bool any = false;
	int ret = wake_file_look(work->root, path, &file, work->err);

	if (ret == WAKE_OK && work->has_library)
		ret = wake_edits_in_head(work, path, &entry);
	if (ret == WAKE_OK)
		ret = add_above(work, path, &file, &entry);
	if (ret == WAKE_OK && file.repository > 0)
		ret = add_for_git(work, path, file.repository);
	if (ret == WAKE_OK)
		ret = add_below(work, path, &any);
	if (ret < 0)
		return ret;
	/* A directory: git lists what is below it, now and in HEAD. */
	if (any || file.kind == WAKE_FILE_DIRECTORY || S_ISDIR(entry.mode) ||
	    has_staged_below(&work->facts, path) || has_staged_below(&work->old_facts, path))
		ret = add_for_git(work, path, strlen(path));
	return ret;
}

/* The set grows while it is gone through: what is added is looked at like the others. Each path once. */
static int look_around_all(struct wake_edits_work *work)
{
	wake_auto_path_set struct wake_path_set done = { 0 };
	int ret = WAKE_OK;

	wake_path_set_sort(&work->paths);
	while (ret == WAKE_OK && done.count < work->paths.count && !work->whole) {
		struct wake_path_set round = { 0 };

		for (size_t i = 0; i < work->paths.count && ret == WAKE_OK; i++) {
			if (!wake_path_set_has(&done, work->paths.items[i]))
				ret = wake_path_set_add(
				    &round, work->paths.items[i], strlen(work->paths.items[i]), work->err);
		}
		for (size_t i = 0; i < round.count && ret == WAKE_OK; i++) {
			ret = look_around(work, round.items[i]);
			if (ret == WAKE_OK)
				ret = wake_path_set_add(
				    &done, round.items[i], strlen(round.items[i]), work->err);
		}
		wake_path_set_release(&round);
		wake_path_set_sort(&done);
		wake_path_set_sort(&work->paths);
		work->whole |= work->paths.count > WALKED_MAX;
	}
	wake_path_set_sort(&work->for_git);
	return ret;
}

int wake_edits_find_paths(struct wake_edits_work *work, bool known)
{
	int ret;

	work->whole = work->request->whole || !work->request->before || !known;
	if (work->whole)
		return WAKE_OK;
	ret = add_named(work);
	if (ret == WAKE_OK && !work->whole)
		ret = add_before(work, work->keep_anew);
	if (ret == WAKE_OK && !work->whole)
		ret = add_moved(work);
	if (ret == WAKE_OK && !work->whole)
		ret = add_index(work);
	if (ret == WAKE_OK && !work->whole)
		ret = look_around_all(work);
	return ret;
}
