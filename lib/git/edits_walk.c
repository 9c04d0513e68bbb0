/* SPDX-License-Identifier: MIT */
/* The engine "walk": each path looked up in HEAD's tree, in what is staged, and on the disk. */
#include <string.h>
#include <sys/stat.h>

#include "git/edits_inside.h"

#define IGNORED_MAX ((size_t)64 * 1024 * 1024) /* bytes of git's answer */
#define MODE_SUBMODULE 0160000U

static void free_entry(git_tree_entry **entry)
{
	git_tree_entry_free(*entry);
}

/* WAKE_NOTFOUND without a text: there is no such entry. */
static int look_up(struct wake_edits_work *work, const char *path, struct wake_head_entry *ret_entry)
{
	WAKE_CLEANUP(free_entry) git_tree_entry *entry = NULL;
	int code = git_tree_entry_bypath(&entry, work->tree, path);

	if (code == GIT_ENOTFOUND)
		return WAKE_NOTFOUND;
	if (code < 0)
		return wake_fail_git2(work->err, code, "look up", path);
	ret_entry->mode = (unsigned)git_tree_entry_filemode(entry);
	(void)git_oid_tostr(ret_entry->id, WAKE_HASH_SIZE, git_tree_entry_id(entry));
	return WAKE_OK;
}

int wake_edits_in_head(struct wake_edits_work *work, const char *path, struct wake_head_entry *ret_entry)
{
	struct wake_head_entry entry = { 0 };
	int ret = work->tree ? look_up(work, path, &entry) : WAKE_NOTFOUND;

	if (ret == WAKE_OK) {
		*ret_entry = entry;
		return WAKE_OK;
	}
	/* Why is it not there? */
	for (const char *slash = strchr(path, '/'); slash && ret == WAKE_NOTFOUND && work->tree;
	     slash = strchr(slash + 1, '/')) {
		wake_auto_free char *above = strndup(path, (size_t)(slash - path));
		struct wake_head_entry on_the_way = { 0 };

		if (!above)
			return wake_fail_nomem(work->err);
		ret = look_up(work, above, &on_the_way);
		if (ret == WAKE_OK && on_the_way.mode != S_IFDIR) {
			entry.above = (size_t)(slash - path);
			break;
		}
		if (ret != WAKE_OK)
			break; /* nothing is below what is not there */
		ret = WAKE_NOTFOUND;
	}
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	*ret_entry = entry;
	return WAKE_OK;
}

/* ---- what is ignored ----------------------------------------------------------------------------------- */
/* "./" keeps a name from being taken for an option or for pathspec magic. */
static int list_paths(const struct wake_path_set *paths, struct wake_str *input, struct wake_error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		wake_str_append(input, "./");
		wake_str_append_bytes(input, paths->items[i], strlen(paths->items[i]) + 1);
	}
	return wake_str_check(input, err);
}

int wake_edits_drop_ignored(struct wake_edits_work *work, struct wake_path_set *paths)
{
	/* --no-index: they are not in it, and it need not be read. */
	static const char *const args[] = { "check-ignore", "-z", "--stdin", "--no-index", NULL };
	wake_auto_str struct wake_str input = WAKE_STR(IGNORED_MAX);
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_path_set struct wake_path_set ignored = { 0 };
	size_t used = 0;
	int ret = paths->count > 0 ? list_paths(paths, &input, work->err) : WAKE_OK;

	if (ret < 0 || paths->count == 0)
		return ret;
	ret = wake_repo_git(work->repo, args, input.data, input.len, IGNORED_MAX, &result, work->err);
	if (ret == WAKE_OK && result.exit_code > 1) /* 1: none is ignored */
		ret = wake_fail_git(work->err, &result, "git check-ignore");
	for (const char *at = wake_str_text(&result.output), *end = at + result.output.len;
	     at < end && ret == WAKE_OK; at += strlen(at) + 1)
		ret = wake_path_set_add(&ignored, at + (strncmp(at, "./", 2) == 0 ? 2 : 0),
		    strlen(at) - (strncmp(at, "./", 2) == 0 ? 2 : 0), work->err);
	if (ret < 0)
		return ret;
	wake_path_set_sort(&ignored);
	for (size_t i = 0; i < paths->count; i++) {
		if (wake_path_set_has(&ignored, paths->items[i]))
			free(paths->items[i]);
		else
			paths->items[used++] = paths->items[i];
	}
	paths->count = used;
	return WAKE_OK;
}

/* ---- one path --------------------------------------------------------------------------------------------
 */
struct finding {
	const char *path; /* borrowed */
	struct wake_head_entry head;
	const struct wake_staged *staged; /* borrowed; NULL: the index has what HEAD has */
	struct wake_file file;
};

static bool is_file(const struct wake_file *file)
{
	return file->kind == WAKE_FILE_REGULAR || file->kind == WAKE_FILE_LINK;
}

static bool is_entry(unsigned mode)
{
	return S_ISREG(mode) || S_ISLNK(mode);
}

/* What has more sides than a file's content. */
static bool is_beyond(const struct finding *finding)
{
	const struct wake_staged *staged = finding->staged;

	if (finding->head.mode == MODE_SUBMODULE || (staged && staged->mode == MODE_SUBMODULE))
		return true;
	if (finding->file.repository > 0)
		return true;
	return (finding->file.kind == WAKE_FILE_DIRECTORY || finding->file.kind == WAKE_FILE_OTHER) &&
	       (is_entry(finding->head.mode) || staged);
}

static int add_tracked(struct wake_edits_work *work, const struct finding *finding, bool in_index)
{
	bool there = in_index && is_file(&finding->file), was = is_entry(finding->head.mode);
	enum wake_attributes attributes = WAKE_ATTRIBUTES_NONE;
	struct wake_edit *edit;
	char status = was ? 'M' : 'A';
	int ret;

	if (!there && !was)
		return WAKE_OK;
	ret = wake_edits_attributes(work, finding->path, &attributes);
	if (ret == WAKE_OK && attributes == WAKE_ATTRIBUTES_ALL)
		return wake_path_set_add(&work->for_git, finding->path, strlen(finding->path), work->err);
	if (!there)
		status = 'D';
	if (ret == WAKE_OK)
		ret = wake_edit_list_add(&work->files, finding->path, NULL, status, &edit, work->err);
	if (ret < 0)
		return ret;
	edit->fresh = true;
	edit->converted = attributes == WAKE_ATTRIBUTES_LINES;
	edit->old_mode = was ? finding->head.mode : 0;
	edit->new_mode = there ? finding->file.mode : 0;
	if (was)
		memcpy(edit->blob, finding->head.id, WAKE_HASH_SIZE);
	return WAKE_OK;
}

/* others: files that are in neither HEAD nor index. */
static int judge(struct wake_edits_work *work, const char *path, struct wake_path_set *others)
{
	struct finding finding = { .path = path, .staged = wake_edit_facts_find(&work->facts, path) };
	bool in_index, tracked;
	int ret = wake_file_look(work->root, path, &finding.file, work->err);

	if (ret == WAKE_OK)
		ret = wake_edits_in_head(work, path, &finding.head);
	if (ret < 0)
		return ret;
	if (is_beyond(&finding))
		return wake_path_set_add(&work->for_git, path, strlen(path), work->err);
	tracked = is_entry(finding.head.mode) || finding.staged;
	in_index = finding.staged ? finding.staged->status != 'D' : tracked;
	if (tracked)
		ret = add_tracked(work, &finding, in_index);
	if (ret == WAKE_OK && !in_index && is_file(&finding.file))
		ret = wake_path_set_add(others, path, strlen(path), work->err);
	return ret;
}

static int add_untracked(struct wake_edits_work *work, const struct wake_path_set *others)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < others->count && ret == WAKE_OK; i++) {
		struct wake_edit *edit;

		ret = wake_edit_list_add(&work->files, others->items[i], NULL, '?', &edit, work->err);
		if (ret == WAKE_OK)
			edit->fresh = true;
	}
	return ret;
}

/* Untracked files that were so before are so still: changed rules would have made this diff a whole one. */
static int sort_out(struct wake_edits_work *work, const struct wake_path_set *others)
{
	wake_auto_path_set struct wake_path_set known = { 0 }, asked = { 0 };
	int ret = WAKE_OK;

	for (size_t i = 0; i < others->count && ret == WAKE_OK; i++) {
		const struct wake_edit *before = wake_edit_list_find(&work->before, others->items[i]);
		bool was =
		    before && (before->status == '?' ||
		                  (before + 1 < work->before.items + work->before.count &&
		                      before[1].status == '?' && strcmp(before[1].path, before->path) == 0));

		ret = wake_path_set_add(
		    was ? &known : &asked, others->items[i], strlen(others->items[i]), work->err);
	}
	if (ret == WAKE_OK)
		ret = wake_edits_drop_ignored(work, &asked);
	if (ret == WAKE_OK)
		ret = add_untracked(work, &known);
	return ret < 0 ? ret : add_untracked(work, &asked);
}

/* Is the path, or a directory above it, left to git anyway? */
static bool is_for_git(const struct wake_path_set *for_git, const char *path)
{
	if (for_git->count == 0)
		return false;
	for (size_t i = 0; i < for_git->count; i++) {
		size_t len = strlen(for_git->items[i]);

		if (strncmp(path, for_git->items[i], len) == 0 && (path[len] == '/' || !path[len]))
			return true;
	}
	return false;
}

int wake_edits_by_walk(struct wake_edits_work *work)
{
	wake_auto_path_set struct wake_path_set others = { 0 };
	const struct wake_path_set given = work->for_git; /* borrowed: those that were left to git before */
	wake_auto_free char **items = NULL;
	struct wake_path_set early = { .count = given.count };
	int ret = WAKE_OK;

	/* What the walk adds may move the set's items. */
	items = calloc(given.count + 1, sizeof(*items));
	if (!items)
		return wake_fail_nomem(work->err);
	if (given.count > 0)
		memcpy(items, given.items, given.count * sizeof(*items));
	early.items = items;
	for (size_t i = 0; i < work->paths.count && ret == WAKE_OK; i++) {
		if (is_for_git(&early, work->paths.items[i]))
			continue;
		work->asked_walk = true;
		ret = judge(work, work->paths.items[i], &others);
	}
	wake_path_set_sort(&others);
	if (ret == WAKE_OK)
		ret = sort_out(work, &others);
	wake_path_set_sort(&work->for_git);
	return ret;
}
