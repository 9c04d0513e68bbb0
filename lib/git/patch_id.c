/* SPDX-License-Identifier: MIT */
/* A commit's patch as text, by our walk or by git, for its patch-id. Attributes play no part: what is binary
 * is told by the bytes, so the id of a commit stays the same for ever. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "git/commit.h"
#include "git/patch_hash.h"
#include "git/treewalk.h"

#define CHANGES_MAX 20000 /* a larger commit is an import: nobody looks for its likeness */
#define PATCH_MAX ((size_t)256 * 1024 * 1024) /* bytes, of blobs or of git's output */
#define BINARY_LOOK 8000                      /* bytes at a file's start in which git looks for a NUL */
#define NAME_ROOM ((size_t)5 * 1024 * 1024)   /* bytes of a quoted path, all its bytes escaped */

struct side {
	const git_oid *id;
	unsigned mode;
	git_odb_object *held; /* owned */
	char submodule[96];   /* what git shows for one */
	const char *data;
	size_t len;
};

struct patch {
	struct wake_repo *repo;
	struct wake_patch_hash hash;
	size_t bytes; /* of blobs so far */
};

static void side_release(struct side *side)
{
	git_odb_object_free(side->held);
}

static int read_side(struct patch *patch, struct side *side, struct wake_error *err)
{
	char name[WAKE_HASH_SIZE];
	int code;

	side->data = "";
	if (side->mode == 0)
		return WAKE_OK;
	(void)git_oid_tostr(name, sizeof(name), side->id);
	if (!S_ISREG(side->mode) && !S_ISLNK(side->mode)) {
		(void)snprintf(side->submodule, sizeof(side->submodule), "Subproject commit %s\n", name);
		side->data = side->submodule;
		side->len = strlen(side->submodule);
		return WAKE_OK;
	}
	code = git_odb_read(&side->held, patch->repo->odb, side->id);
	if (code < 0)
		return wake_fail_git2(err, code, "read blob", name);
	side->len = git_odb_object_size(side->held);
	if (side->len > 0)
		side->data = git_odb_object_data(side->held);
	patch->bytes += side->len;
	return WAKE_OK;
}

/* git quotes a path that has such bytes, in headers that people read. */
static bool needs_quotes(const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			return true;
	}
	return false;
}

static void append_name(struct wake_str *out, const char *prefix, const char *path)
{
	static const char from[] = "\a\b\t\n\v\f\r\"\\", to[] = "abtnvfr\"\\";

	if (!needs_quotes(path)) {
		wake_str_append(out, prefix);
		wake_str_append(out, path);
		return;
	}
	wake_str_append_char(out, '"');
	wake_str_append(out, prefix);
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;
		const char *special = strchr(from, c);

		if (special) {
			wake_str_append_char(out, '\\');
			wake_str_append_char(out, to[special - from]);
		} else if (c < ' ' || c >= 0x7f) {
			wake_str_append_char(out, '\\');
			wake_str_append_char(out, (char)('0' + (c >> 6)));
			wake_str_append_char(out, (char)('0' + (c >> 3 & 7)));
			wake_str_append_char(out, (char)('0' + (c & 7)));
		} else {
			wake_str_append_char(out, (char)c);
		}
	}
	wake_str_append_char(out, '"');
}

static int add_line(struct patch *patch, struct wake_str *line, struct wake_error *err)
{
	int ret = wake_str_check(line, err);

	if (ret == WAKE_OK)
		wake_patch_hash_add(&patch->hash, wake_str_text(line), line->len);
	wake_str_clear(line);
	return ret;
}

static int add_header(struct patch *patch, const char *path, const struct side *old_side,
    const struct side *new_side, struct wake_error *err)
{
	wake_auto_str struct wake_str line = WAKE_STR(NAME_ROOM);
	char old_id[WAKE_HASH_SIZE], new_id[WAKE_HASH_SIZE];
	int ret;

	wake_str_append(&line, "diff --git ");
	append_name(&line, "a/", path);
	wake_str_append_char(&line, ' ');
	append_name(&line, "b/", path);
	ret = add_line(patch, &line, err);
	if (ret < 0)
		return ret;
	if (old_side->mode == 0) {
		wake_str_appendf(&line, "new file mode %06o", new_side->mode);
	} else if (new_side->mode == 0) {
		wake_str_appendf(&line, "deleted file mode %06o", old_side->mode);
	} else if (old_side->mode != new_side->mode) {
		wake_str_appendf(&line, "old mode %06o\n", old_side->mode);
		wake_str_appendf(&line, "new mode %06o", new_side->mode);
	}
	ret = add_line(patch, &line, err);
	if (ret < 0)
		return ret;
	(void)git_oid_tostr(old_id, sizeof(old_id), old_side->id);
	(void)git_oid_tostr(new_id, sizeof(new_id), new_side->id);
	wake_str_appendf(&line, "index %s..%s", old_id, new_id);
	return add_line(patch, &line, err);
}

static int add_names(struct patch *patch, const char *path, const struct side *old_side,
    const struct side *new_side, struct wake_error *err)
{
	wake_auto_str struct wake_str line = WAKE_STR(NAME_ROOM);
	int ret;

	wake_str_append(&line, "--- ");
	if (old_side->mode == 0)
		wake_str_append(&line, "/dev/null");
	else
		append_name(&line, "a/", path);
	ret = add_line(patch, &line, err);
	if (ret < 0)
		return ret;
	wake_str_append(&line, "+++ ");
	if (new_side->mode == 0)
		wake_str_append(&line, "/dev/null");
	else
		append_name(&line, "b/", path);
	return add_line(patch, &line, err);
}

static int take_line(
    const git_diff_delta *delta, const git_diff_hunk *hunk, const git_diff_line *line, void *payload)
{
	struct patch *patch = payload;

	(void)delta;
	(void)hunk;
	if (line->origin != GIT_DIFF_LINE_CONTEXT && line->origin != GIT_DIFF_LINE_ADDITION &&
	    line->origin != GIT_DIFF_LINE_DELETION)
		return 0;
	wake_patch_hash_add_content(&patch->hash, line->origin, line->content, line->content_len);
	return 0;
}

static bool is_binary(const struct side *side)
{
	return memchr(side->data, '\0', side->len < BINARY_LOOK ? side->len : BINARY_LOOK);
}

static int add_content(struct patch *patch, const char *path, const struct side *old_side,
    const struct side *new_side, struct wake_error *err)
{
	git_diff_options options;
	int code, ret;

	if (git_oid_equal(old_side->id, new_side->id) || (old_side->len == 0 && new_side->len == 0))
		return WAKE_OK;
	if (is_binary(old_side) || is_binary(new_side)) {
		wake_patch_hash_add(&patch->hash, "Binary files ", strlen("Binary files "));
		return WAKE_OK;
	}
	ret = add_names(patch, path, old_side, new_side, err);
	if (ret < 0)
		return ret;
	(void)git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
	options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
	code = git_diff_buffers(old_side->data, old_side->len, NULL, new_side->data, new_side->len, NULL,
	    &options, NULL, NULL, NULL, take_line, patch);
	return code < 0 ? wake_fail_git2(err, code, "compare", path) : WAKE_OK;
}

static int add_sides(struct patch *patch, const char *path, const git_oid *old_id, unsigned old_mode,
    const git_oid *new_id, unsigned new_mode, struct wake_error *err)
{
	WAKE_CLEANUP(side_release) struct side old_side = { .id = old_id, .mode = old_mode };
	WAKE_CLEANUP(side_release) struct side new_side = { .id = new_id, .mode = new_mode };
	int ret = read_side(patch, &old_side, err);

	if (ret == WAKE_OK)
		ret = read_side(patch, &new_side, err);
	if (ret == WAKE_OK)
		ret = add_header(patch, path, &old_side, &new_side, err);
	return ret < 0 ? ret : add_content(patch, path, &old_side, &new_side, err);
}

/* A file that became a symbolic link, or the like, is shown as one deleted and one added. */
static int add_change(struct patch *patch, const struct wake_change *change, struct wake_error *err)
{
	static const git_oid none = { { 0 } };
	bool retyped = change->old_mode && change->new_mode &&
	               (change->old_mode & S_IFMT) != (change->new_mode & S_IFMT);
	int ret;

	if (!retyped)
		return add_sides(patch, change->path, &change->old_id, change->old_mode, &change->new_id,
		    change->new_mode, err);
	ret = add_sides(patch, change->path, &change->old_id, change->old_mode, &none, 0, err);
	return ret < 0 ? ret
	               : add_sides(patch, change->path, &none, 0, &change->new_id, change->new_mode, err);
}

static int by_walk(struct wake_repo *repo, const char *old_tree, const char *new_tree,
    char id[WAKE_PATCH_ID_SIZE], struct wake_error *err)
{
	wake_auto_changes struct wake_changes changes = { 0 };
	struct patch patch = { .repo = repo };
	int ret = wake_treewalk(repo, old_tree, new_tree, &changes, err);

	wake_patch_hash_init(&patch.hash);
	id[0] = '\0';
	if (ret < 0 || changes.count > CHANGES_MAX)
		return ret;
	for (size_t i = 0; i < changes.count && ret == WAKE_OK; i++) {
		if (patch.bytes > PATCH_MAX)
			return WAKE_OK;
		ret = add_change(&patch, &changes.items[i], err);
	}
	if (ret == WAKE_OK)
		wake_patch_hash_end(&patch.hash, id);
	return ret;
}

static int by_git(
    struct wake_repo *repo, const char *commit, char id[WAKE_PATCH_ID_SIZE], struct wake_error *err)
{
	const char *args[] = { "-c", "diff.indentHeuristic=true", "-c", "diff.algorithm=default", "-c",
		"core.quotePath=true", "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false", "-c",
		"diff.suppressBlankEmpty=false", "-c", "diff.context=3", "-c", "diff.interHunkContext=0",
		"diff-tree", "--root", "--no-commit-id", "-r", "-p", "--full-index", "--no-renames",
		"--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short",
		"--ignore-submodules=none", commit, "--", NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_patch_hash hash;
	const char *at, *end;
	int ret = wake_repo_git(repo, args, NULL, 0, PATCH_MAX, &result, err);

	wake_patch_hash_init(&hash);
	id[0] = '\0';
	if (ret == WAKE_INVALID)
		return WAKE_OK; /* too long */
	if (ret < 0)
		return ret;
	if (result.exit_code != 0)
		return wake_fail_git(err, &result, "git diff-tree");
	at = wake_str_text(&result.output);
	end = at + result.output.len;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		wake_patch_hash_add(&hash, at, (size_t)((newline ? newline : end) - at));
		at = newline ? newline + 1 : end;
	}
	wake_patch_hash_end(&hash, id);
	return WAKE_OK;
}

int wake_commit_patch_id(
    struct wake_repo *repo, const struct wake_commit *commit, char ret_id[96], struct wake_error *err)
{
	wake_auto_commit struct wake_commit parent = { 0 };
	char id[WAKE_PATCH_ID_SIZE] = "";
	int ret = WAKE_OK;

	if (commit->parent_count == 1)
		ret = wake_commit_read(repo, commit->parents[0], &parent, err);
	if (ret == WAKE_OK && commit->parent_count <= 1) {
		ret = wake_repo_open_library(repo, err);
		if (ret == WAKE_OK)
			ret = by_walk(repo, parent.tree, commit->tree, id, err);
		else if (ret == WAKE_UNAVAILABLE)
			ret = by_git(repo, commit->hash, id, err);
	}
	if (ret == WAKE_OK)
		(void)snprintf(ret_id, 96, "%s", id);
	return ret;
}
