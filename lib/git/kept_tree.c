/* SPDX-License-Identifier: MIT */
/* A kept tree made from another by a few entries. */
#include <string.h>
#include <sys/stat.h>

#include "git/kept_inside.h"

#define DEPTH_MAX 2048 /* directories within each other; git's own limit */

/* The entries that lie in one directory: sorted, and alike in their first `skip` bytes. */
struct part {
	const struct wake_kept_entry *const *entries; /* borrowed */
	size_t count, skip;
	int depth;
};

static void free_tree(git_tree **tree)
{
	git_tree_free(*tree);
}

static void free_builder(git_treebuilder **builder)
{
	git_treebuilder_free(*builder);
}

static int fail(struct wake_error *err, int code, const char *path)
{
	int ret = wake_fail_git2(err, code, "keep the tree of", path);

	return ret;
}

/* A slash comes before every other byte, so that what lies in a directory stands beside it. */
static int compare_entries(const void *left, const void *right)
{
	const struct wake_kept_entry *const *l = left, *const *r = right;
	const unsigned char *a = (const unsigned char *)(*l)->path, *b = (const unsigned char *)(*r)->path;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return *l < *r ? -1 : *l > *r; /* in the order given */
	if (!*a || !*b)
		return *a ? 1 : -1;
	return (*a == '/' ? 0 : *a) - (*b == '/' ? 0 : *b);
}

static bool is_gone(const struct wake_kept_entry *entry)
{
	return !entry->id || !*entry->id;
}

static int update_tree(struct wake_kept *kept, const git_oid *base, const struct part *part, git_oid *ret_id,
    bool *ret_empty, struct wake_error *err);

static int set_file(struct wake_kept *kept, git_treebuilder *builder, const char *name,
    const struct wake_kept_entry *entry, struct wake_error *err)
{
	git_oid id;
	int code;

	if (is_gone(entry)) {
		if (git_treebuilder_get(builder, name))
			(void)git_treebuilder_remove(builder, name);
		return WAKE_OK;
	}
	if (entry->mode != (S_IFREG | 0644) && entry->mode != (S_IFREG | 0755) && entry->mode != S_IFLNK)
		return wake_fail(err, WAKE_INVALID, "'%.200s' has no mode of a kept file", entry->path);
	code = git_oid_fromstr(&id, entry->id);
	if (code == 0)
		code = git_treebuilder_insert(NULL, builder, name, &id, (git_filemode_t)entry->mode);
	if (code < 0 && !wake_kept_has(kept, entry->id))
		return wake_fail(
		    err, WAKE_NOTFOUND, "the contents of '%.200s' are not kept any more", entry->path);
	return code < 0 ? fail(err, code, entry->path) : WAKE_OK;
}

static int set_directory(struct wake_kept *kept, git_treebuilder *builder, const char *name,
    const struct part *part, struct wake_error *err)
{
	const git_tree_entry *present = git_treebuilder_get(builder, name);
	bool is_tree = present && git_tree_entry_filemode(present) == GIT_FILEMODE_TREE, empty;
	git_oid base = { 0 }, id;
	int code, ret;

	if (is_tree)
		base = *git_tree_entry_id(present);
	ret = update_tree(kept, is_tree ? &base : NULL, part, &id, &empty, err);
	if (ret < 0)
		return ret;
	if (empty && is_tree)
		(void)git_treebuilder_remove(builder, name);
	if (empty)
		return WAKE_OK;
	code = git_treebuilder_insert(NULL, builder, name, &id, GIT_FILEMODE_TREE);
	return code < 0 ? fail(err, code, part->entries[0]->path) : WAKE_OK;
}

/* All entries of one name: the file of that name first, then what lies in the directory of that name. */
static int set_name(struct wake_kept *kept, git_treebuilder *builder, const struct part *part,
    const char *name, size_t len, struct wake_error *err)
{
	struct part below = { part->entries, part->count, part->skip + len + 1, part->depth + 1 };
	int ret = WAKE_OK;

	while (below.count > 0 && ret == WAKE_OK && !below.entries[0]->path[part->skip + len]) {
		ret = set_file(kept, builder, name, below.entries[0], err);
		below.entries++;
		below.count--;
	}
	if (ret == WAKE_OK && below.count > 0)
		ret = set_directory(kept, builder, name, &below, err);
	return ret;
}

static int set_all(
    struct wake_kept *kept, git_treebuilder *builder, const struct part *part, struct wake_error *err)
{
	size_t at = 0;
	int ret = WAKE_OK;

	while (at < part->count && ret == WAKE_OK) {
		const char *first = part->entries[at]->path + part->skip;
		size_t len = strcspn(first, "/"), end = at + 1;
		wake_auto_free char *name = strndup(first, len);

		if (!name)
			return wake_fail_nomem(err);
		while (end < part->count) {
			const char *next = part->entries[end]->path + part->skip;

			if (strncmp(next, first, len) != 0 || (next[len] && next[len] != '/'))
				break;
			end++;
		}
		const struct part same = { part->entries + at, end - at, part->skip, part->depth };

		ret = set_name(kept, builder, &same, name, len, err);
		at = end;
	}
	return ret;
}

static int write_tree(
    struct wake_kept *kept, git_treebuilder *builder, git_oid *ret_id, struct wake_error *err)
{
	int code = git_treebuilder_write(ret_id, builder);

	return code < 0 ? wake_kept_fail(err, code, "a tree") : wake_kept_note(kept, ret_id, err);
}

/* base NULL: the empty tree. */
static int update_tree(struct wake_kept *kept, const git_oid *base, const struct part *part, git_oid *ret_id,
    bool *ret_empty, struct wake_error *err)
{
	WAKE_CLEANUP(free_tree) git_tree *tree = NULL;
	WAKE_CLEANUP(free_builder) git_treebuilder *builder = NULL;
	int code = 0, ret;

	if (part->depth > DEPTH_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "more than %d directories within each other are not kept", DEPTH_MAX);
	if (base)
		code = git_tree_lookup(&tree, kept->repo->library, base);
	if (code == 0)
		code = git_treebuilder_new(&builder, kept->repo->library, tree);
	if (code < 0)
		return fail(err, code, part->count > 0 ? part->entries[0]->path : "nothing");
	ret = set_all(kept, builder, part, err);
	if (ret < 0)
		return ret;
	*ret_empty = git_treebuilder_entrycount(builder) == 0;
	return *ret_empty ? WAKE_OK : write_tree(kept, builder, ret_id, err);
}

int wake_kept_make_tree(struct wake_kept *kept, const char *base, const struct wake_kept_entry *entries,
    size_t count, char ret_tree[WAKE_HASH_SIZE], struct wake_error *err)
{
	wake_auto_free const struct wake_kept_entry **sorted = calloc(count + 1, sizeof(*sorted));
	struct part part = { sorted, count, 0, 0 };
	git_oid base_id = { 0 }, id = { 0 };
	bool empty = false;
	int ret;

	if (!sorted)
		return wake_fail_nomem(err);
	if (*base && git_oid_fromstr(&base_id, base) < 0)
		return wake_fail(err, WAKE_INVALID, "'%.64s' is no kept tree's name", base);
	for (size_t i = 0; i < count; i++) {
		if (!wake_kept_takes_path(entries[i].path))
			return wake_fail(
			    err, WAKE_INVALID, "'%.200s' is no path that is kept", entries[i].path);
		sorted[i] = &entries[i];
	}
	qsort(sorted, count, sizeof(*sorted), compare_entries);
	ret = update_tree(kept, *base ? &base_id : NULL, &part, &id, &empty, err);
	if (ret < 0)
		return ret;
	ret_tree[0] = '\0';
	if (!empty)
		(void)git_oid_tostr(ret_tree, WAKE_HASH_SIZE, &id);
	return WAKE_OK;
}
