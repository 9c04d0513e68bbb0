/* SPDX-License-Identifier: MIT */
/* The engine "git": tracked files by `git diff`, the others by `git ls-files`. */
#include <string.h>
#include <sys/stat.h>

#include "git/edits_inside.h"

#define LIST_MAX ((size_t)512 * 1024 * 1024) /* bytes of git's answer */
#define HASHES_MAX ((size_t)64 * 1024 * 1024)

/* ---- tracked files
 * ----------------------------------------------------------------------------------------- */
static int take_record(void *context, const struct wake_diff_record *record, struct wake_error *err)
{
	struct wake_edits_work *work = context;
	struct wake_edit *edit;
	int ret =
	    wake_edit_list_add(&work->files, record->path, record->old_path, record->status, &edit, err);

	if (ret < 0)
		return ret;
	edit->fresh = edit->counted = true;
	edit->old_mode = record->old_mode;
	edit->new_mode = record->new_mode;
	edit->added = record->added;
	edit->removed = record->removed;
	edit->binary = record->binary;
	memcpy(edit->blob, record->old_id, WAKE_HASH_SIZE);
	return WAKE_OK;
}

/* A binary file that was only touched is listed as if it had changed, since git does not refresh its index
 * here. */
static bool may_be_the_same(const struct wake_edit *edit)
{
	return edit->binary && edit->status == 'M' && edit->old_mode == edit->new_mode &&
	       S_ISREG(edit->new_mode);
}

static void append_quoted(struct wake_str *input, const char *path)
{
	wake_str_append_char(input, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			wake_str_append_char(input, '\\');
		if (*path == '\n')
			wake_str_append(input, "\\n");
		else
			wake_str_append_char(input, *path);
	}
	wake_str_append(input, "\"\n");
}

/* What the worktree's files would be in the repository, by git with its filters: one hash a line. */
static int ask_hashes(struct wake_edits_work *work, size_t first, struct wake_process_result *result)
{
	static const char *const args[] = { "hash-object", "--stdin-paths", NULL };
	wake_auto_str struct wake_str input = WAKE_STR(HASHES_MAX);
	int ret;

	for (size_t i = first; i < work->files.count; i++) {
		if (may_be_the_same(&work->files.items[i]))
			append_quoted(&input, work->files.items[i].path);
	}
	ret = wake_str_check(&input, work->err);
	if (ret < 0 || input.len == 0)
		return ret;
	return wake_repo_git(work->repo, args, input.data, input.len, HASHES_MAX, result, work->err);
}

static int drop_touched(struct wake_edits_work *work, size_t first)
{
	wake_auto_process struct wake_process_result result = { 0 };
	const char *at;
	size_t used = first;
	int ret = ask_hashes(work, first, &result);

	if (ret < 0 || result.output.len == 0 || result.exit_code != 0)
		return ret; /* a file that cannot be read differs */
	at = wake_str_text(&result.output);
	for (size_t i = first; i < work->files.count; i++) {
		struct wake_edit *edit = &work->files.items[i];
		size_t len = strcspn(at, "\n");
		bool asked = may_be_the_same(edit);

		if (asked && len == strlen(edit->blob) && strncmp(at, edit->blob, len) == 0) {
			free(edit->path);
			free(edit->old_path);
		} else
			work->files.items[used++] = *edit;
		at += asked ? len + (at[len] == '\n') : 0;
	}
	work->files.count = used;
	return WAKE_OK;
}

static int diff_tracked(struct wake_edits_work *work, const char *const *paths, size_t count)
{
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free const char **args = calloc(count + 3, sizeof(*args));
	size_t first = work->files.count;
	int ret;

	if (!args)
		return wake_fail_nomem(work->err);
	args[0] = *work->head ? work->head : wake_diff_empty_tree(work->repo);
	args[1] = "--";
	if (count > 0)
		memcpy(args + 2, paths, count * sizeof(*paths));
	ret = wake_diff_ask(work->repo, args, count + 2, &result, work->err);
	if (ret == WAKE_OK)
		ret = wake_diff_parse(
		    wake_str_text(&result.output), result.output.len, take_record, work, work->err);
	return ret < 0 ? ret : drop_touched(work, first);
}

/* ---- the others
 * ------------------------------------------------------------------------------------------------ */
static int take_others(struct wake_edits_work *work, const struct wake_str *said)
{
	int ret = WAKE_OK;

	for (const char *at = wake_str_text(said), *end = at + said->len; at < end && ret == WAKE_OK;
	     at += strlen(at) + 1) {
		size_t len = strlen(at);
		struct wake_edit *edit;

		if (len == 0 || at[len - 1] == '/') /* a repository of its own */
			continue;
		ret = wake_edit_list_add(&work->files, at, NULL, '?', &edit, work->err);
		if (ret == WAKE_OK)
			edit->fresh = true;
	}
	return ret;
}

static int list_others(struct wake_edits_work *work, const char *const *paths, size_t count)
{
	static const char *const fixed[] = { "--literal-pathspecs", "ls-files", "-z", "--others",
		"--exclude-standard", "--" };
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free const char **args = calloc(WAKE_COUNT(fixed) + count + 1, sizeof(*args));
	int ret;

	if (!args)
		return wake_fail_nomem(work->err);
	memcpy(args, fixed, sizeof(fixed));
	if (count > 0)
		memcpy(args + WAKE_COUNT(fixed), paths, count * sizeof(*paths));
	ret = wake_repo_git(work->repo, args, NULL, 0, LIST_MAX, &result, work->err);
	if (ret == WAKE_OK && result.exit_code != 0)
		ret = wake_fail_git(work->err, &result, "git ls-files");
	return ret < 0 ? ret : take_others(work, &result.output);
}

/* Those that can be untracked: what is on the disk and not known to be in the index. */
static int choose_others(struct wake_edits_work *work, const struct wake_path_set *paths, size_t first,
    const char **chosen, size_t *ret_count)
{
	size_t count = 0;

	for (size_t i = 0; i < paths->count; i++) {
		struct wake_head_entry entry = { 0 };
		struct wake_file file;
		bool deleted = false;
		int ret = wake_file_look(work->root, paths->items[i], &file, work->err);

		if (ret == WAKE_OK && work->has_library)
			ret = wake_edits_in_head(work, paths->items[i], &entry);
		if (ret < 0)
			return ret;
		for (size_t j = first; j < work->files.count; j++)
			deleted |= work->files.items[j].new_mode == 0 &&
			           strcmp(work->files.items[j].path, paths->items[i]) == 0;
		if (file.kind != WAKE_FILE_GONE && (entry.mode == 0 || S_ISDIR(entry.mode) || deleted))
			chosen[count++] = paths->items[i];
	}
	*ret_count = count;
	return WAKE_OK;
}

int wake_edits_by_git(struct wake_edits_work *work, const struct wake_path_set *paths, bool untracked)
{
	wake_auto_free const char **chosen = NULL;
	size_t first = work->files.count, count = 0;
	int ret;

	work->asked_git = true;
	if (!paths) {
		ret = diff_tracked(work, NULL, 0);
		return ret == WAKE_OK && untracked ? list_others(work, NULL, 0) : ret;
	}
	chosen = calloc(paths->count + 1, sizeof(*chosen));
	if (!chosen)
		return wake_fail_nomem(work->err);
	ret = diff_tracked(work, (const char *const *)paths->items, paths->count);
	if (ret == WAKE_OK && untracked)
		ret = choose_others(work, paths, first, chosen, &count);
	return ret == WAKE_OK && count > 0 ? list_others(work, chosen, count) : ret;
}
