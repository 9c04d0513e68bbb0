/* SPDX-License-Identifier: MIT */
/* The diff of a worktree, step by step. */
#include "git/edits.h"

#include <fcntl.h>
#include <string.h>

#include "base/fs.h"
#include "git/commit.h"
#include "git/edits_inside.h"

static void work_release(struct wake_edits_work *work)
{
	if (work->root >= 0)
		(void)close(work->root);
	git_tree_free(work->tree);
	wake_edit_facts_release(&work->facts);
	wake_edit_facts_release(&work->old_facts);
	wake_edit_list_release(&work->before);
	wake_edit_list_release(&work->files);
	wake_path_set_release(&work->paths);
	wake_path_set_release(&work->for_git);
	wake_edits_attributes_release(work);
}

/* ---- what there is to work with
 * ------------------------------------------------------------------------------ */
static int open_root(struct wake_edits_work *work)
{
	const char *root = work->repo->worktree.root;

	work->root = root ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (work->root < 0 && root && errno != ENOENT && errno != ENOTDIR)
		return wake_fail_errno(work->err, "open worktree '%s'", root);
	if (work->root < 0)
		return wake_fail(
		    work->err, WAKE_NOTFOUND, "the worktree of '%s' is gone", work->repo->worktree.git_dir);
	work->repo->has_root = true; /* it may have been away when the repository was opened */
	return WAKE_OK;
}

/* Without libgit2, or without HEAD's tree in order, git does all. */
static int open_tree(struct wake_edits_work *work)
{
	wake_auto_commit struct wake_commit commit = { 0 };
	git_oid id;
	int ret = wake_repo_open_library(work->repo, work->err);

	if (ret == WAKE_OK && *work->head) {
		ret = wake_commit_read(work->repo, work->head, &commit, work->err);
		if (ret == WAKE_OK && (git_oid_fromstr(&id, commit.tree) < 0 ||
		                          git_tree_lookup(&work->tree, work->repo->library, &id) < 0))
			ret = WAKE_UNAVAILABLE;
	}
	if (ret == WAKE_NOMEM)
		return ret;
	work->has_library = ret == WAKE_OK;
	return WAKE_OK;
}

static int read_before(struct wake_edits_work *work)
{
	const struct wake_edits_request *request = work->request;
	const char *old_tree = request->before_old ? request->before_old : "";
	const char *new_tree = request->before_new ? request->before_new : "";

	if (!request->before)
		return WAKE_OK;
	work->keep_anew = request->kept && (!wake_kept_has(request->kept, old_tree) ||
	                                       !wake_kept_has(request->kept, new_tree));
	return wake_edit_list_read(request->before, &work->before, work->err);
}

/* The cache tells what changed since the state that it was written with. If that was another one (it was not
 * recorded after all, or the cache is lost), nothing is known of what changed. */
static int match_state(struct wake_edits_work *work, bool *known)
{
	const char *head = work->request->before_head ? work->request->before_head : "";
	char name[WAKE_HASH_SIZE] = "";
	int ret = wake_edit_list_name(&work->before, head, name, work->err);

	*known = *known && strcmp(name, work->old_facts.state) == 0;
	return ret;
}

static int begin(struct wake_edits_work *work, char **ret_branch, bool *ret_known)
{
	int ret = open_root(work);

	if (ret == WAKE_OK)
		ret = wake_repo_head(work->repo, ret_branch, work->head, work->err);
	if (ret == WAKE_OK)
		ret = wake_edit_facts_read(work->repo, work->request->index_cache, work->head, &work->facts,
		    &work->old_facts, ret_known, work->err);
	if (ret == WAKE_OK)
		ret = open_tree(work);
	if (ret == WAKE_OK)
		ret = read_before(work);
	return ret < 0 ? ret : match_state(work, ret_known);
}

/* ---- files
 * ------------------------------------------------------------------------------------------------------- */
/* What is below a directory that is left to git is listed anew, named or not. */
static bool is_looked_at(const struct wake_edits_work *work, const char *path)
{
	return wake_path_set_has(&work->paths, path);
}

static int take_over(struct wake_edits_work *work)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->before.count && ret == WAKE_OK; i++) {
		const struct wake_edit *from = &work->before.items[i];
		struct wake_edit *to;

		if (is_looked_at(work, from->path))
			continue;
		ret = wake_edit_list_add(
		    &work->files, from->path, from->old_path, from->status, &to, work->err);
		if (ret < 0)
			return ret;
		const struct wake_edit copy = *to;

		*to = *from;
		to->path = copy.path;
		to->old_path = copy.old_path;
		if (!work->request->kept)
			to->kept = "off";
	}
	return ret;
}

static bool fits_arguments(const struct wake_path_set *paths)
{
	size_t bytes = 0;

	for (size_t i = 0; i < paths->count; i++)
		bytes += strlen(paths->items[i]) + 1;
	return paths->count <= WAKE_EDITS_PATHS_MAX && bytes <= WAKE_EDITS_PATH_BYTES_MAX;
}

static int copy_paths(struct wake_edits_work *work)
{
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->paths.count && ret == WAKE_OK; i++)
		ret = wake_path_set_add(
		    &work->for_git, work->paths.items[i], strlen(work->paths.items[i]), work->err);
	wake_path_set_sort(&work->for_git);
	return ret;
}

/* Sets work->whole where there are too many paths for git to be named. */
static int look_at_paths(struct wake_edits_work *work)
{
	const struct wake_edit_facts *facts = &work->facts;
	int ret = take_over(work);

	if (ret == WAKE_OK && work->has_library && facts->plain && !facts->index_special) {
		ret = wake_edits_by_walk(work);
		if (ret == WAKE_OK)
			ret = wake_edits_fill(work);
	} else if (ret == WAKE_OK)
		ret = copy_paths(work);
	if (ret < 0)
		return ret;
	work->whole = !fits_arguments(&work->for_git);
	return work->whole || work->for_git.count == 0 ? WAKE_OK
	                                               : wake_edits_by_git(work, &work->for_git, true);
}

static bool takes_part(const struct wake_edit *edit)
{
	return edit->status == 'A' || edit->status == 'D' || edit->status == 'R' || edit->status == 'C';
}

/* Files added to the index beside deleted ones may be renamed ones: git pairs them, if it sees all of them at
 * once. Adds their paths to a set. */
static int list_renames(struct wake_edits_work *work, struct wake_path_set *paths)
{
	bool added = false, deleted = false;
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->files.count; i++) {
		const struct wake_edit *edit = &work->files.items[i];

		added |= edit->status == 'A' || edit->old_path;
		deleted |= edit->status == 'D' || edit->old_path;
	}
	for (size_t i = 0; added && deleted && i < work->files.count && ret == WAKE_OK; i++) {
		const struct wake_edit *edit = &work->files.items[i];

		if (!takes_part(edit))
			continue;
		ret = wake_path_set_add(paths, edit->path, strlen(edit->path), work->err);
		if (ret == WAKE_OK && edit->old_path)
			ret = wake_path_set_add(paths, edit->old_path, strlen(edit->old_path), work->err);
	}
	wake_path_set_sort(paths);
	return ret;
}

/* Takes those out of the list, since git will tell of them anew. Of what is dropped, the kept trees must
 * know. */
static int drop_renames(struct wake_edits_work *work)
{
	size_t used = 0;
	int ret = WAKE_OK;

	for (size_t i = 0; i < work->files.count; i++) {
		struct wake_edit *edit = &work->files.items[i];

		if (!takes_part(edit)) {
			work->files.items[used++] = *edit;
			continue;
		}
		if (ret == WAKE_OK)
			ret = wake_path_set_add(&work->paths, edit->path, strlen(edit->path), work->err);
		free(edit->path);
		free(edit->old_path);
	}
	work->files.count = used;
	wake_path_set_sort(&work->paths);
	return ret;
}

static int pair_renames(struct wake_edits_work *work)
{
	wake_auto_path_set struct wake_path_set paths = { 0 };
	int ret = list_renames(work, &paths);

	if (ret < 0 || paths.count == 0)
		return ret;
	work->whole = !fits_arguments(&paths);
	if (work->whole)
		return WAKE_OK;
	ret = drop_renames(work);
	return ret < 0 ? ret : wake_edits_by_git(work, &paths, false);
}

static int look_at_all(struct wake_edits_work *work)
{
	wake_edit_list_release(&work->files);
	work->asked_walk = false;
	return wake_edits_by_git(work, NULL, true);
}

/* One path may have been found twice: by itself, and below a directory. */
static void drop_doubles(struct wake_edit_list *list)
{
	size_t used = 0;

	wake_edit_list_sort(list);
	for (size_t i = 0; i < list->count; i++) {
		const struct wake_edit *last = used > 0 ? &list->items[used - 1] : NULL;
		struct wake_edit *edit = &list->items[i];

		if (last && strcmp(last->path, edit->path) == 0 &&
		    (last->status == '?') == (edit->status == '?')) {
			free(edit->path);
			free(edit->old_path);
		} else
			list->items[used++] = *edit;
	}
	list->count = used;
}

static int find_files(struct wake_edits_work *work, bool known)
{
	int ret = wake_edits_find_paths(work, known);

	if (ret == WAKE_OK && !work->whole)
		ret = look_at_paths(work);
	if (ret == WAKE_OK && !work->whole)
		ret = pair_renames(work);
	if (ret == WAKE_OK && work->whole)
		ret = look_at_all(work);
	if (ret == WAKE_OK)
		ret = wake_edits_fill(work);
	if (ret < 0)
		return ret;
	drop_doubles(&work->files);
	return wake_edits_ask_attributes(work);
}

/* ---- what is told
 * ------------------------------------------------------------------------------------------------- */
static bool is_changed(const struct wake_edits_work *work, const struct wake_edits *edits)
{
	const struct wake_edits_request *request = work->request;
	const char *old_tree = request->before_old ? request->before_old : "";
	const char *new_tree = request->before_new ? request->before_new : "";

	if (!request->before || work->before.count != work->files.count ||
	    strcmp(request->before_head ? request->before_head : "", work->head) != 0)
		return true;
	for (size_t i = 0; i < work->files.count; i++) {
		if (!wake_edit_is_same(&work->before.items[i], &work->files.items[i]))
			return true;
	}
	return request->kept &&
	       (strcmp(old_tree, edits->kept_old) != 0 || strcmp(new_tree, edits->kept_new) != 0);
}

static int tell_files(struct wake_edits_work *work, struct wake_edits *edits)
{
	int ret = WAKE_OK;

	edits->files = json_array();
	edits->discarded = json_array();
	if (!edits->files || !edits->discarded)
		return wake_fail_nomem(work->err);
	for (size_t i = 0; i < work->files.count && ret == WAKE_OK; i++) {
		const struct wake_edit *edit = &work->files.items[i];

		edits->added += edit->added;
		edits->removed += edit->removed;
		edits->untracked += edit->status == '?';
		ret = wake_edit_write(edit, edits->files, work->err);
	}
	return ret < 0 ? ret : wake_edits_find_discarded(work, edits->discarded);
}

static int tell(struct wake_edits_work *work, struct wake_edits *edits)
{
	int ret = wake_edits_keep_trees(work, edits->kept_old, edits->kept_new);

	if (ret == WAKE_OK)
		ret = tell_files(work, edits);
	if (ret < 0)
		return ret;
	memcpy(edits->head, work->head, WAKE_HASH_SIZE);
	edits->kept_bytes = work->kept_bytes;
	edits->engine = work->asked_git ? "git" : "walk";
	edits->changed = is_changed(work, edits);
	return WAKE_OK;
}

int wake_edits_diff(struct wake_repo *repo, const struct wake_edits_request *request,
    struct wake_edits *ret_edits, struct wake_error *err)
{
	WAKE_CLEANUP(work_release)
	struct wake_edits_work work = { .repo = repo, .request = request, .err = err, .root = -1 };
	wake_auto_edits struct wake_edits edits = { 0 };
	bool known = false;
	int ret = begin(&work, &edits.branch, &known);

	if (ret == WAKE_OK)
		ret = find_files(&work, known);
	if (ret == WAKE_OK)
		ret = tell(&work, &edits);
	if (ret == WAKE_OK)
		ret = wake_edit_list_name(&work.files, work.head, work.facts.state, err);
	if (ret < 0)
		return ret;
	wake_edit_facts_write(&work.facts, request->index_cache);
	*ret_edits = edits;
	edits = (struct wake_edits){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_edits_release(struct wake_edits *edits)
{
	json_decref(edits->files);
	json_decref(edits->discarded);
	free(edits->branch);
	*edits = (struct wake_edits){ 0 };
}
