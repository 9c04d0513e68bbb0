/* SPDX-License-Identifier: MIT */
/* Could attributes make git see a text as binary, or the other way? Matching patterns is git's business: here
 * it is enough that no attributes file which git may read has a word that could say so. */
#include <string.h>

#include "base/fs.h"
#include "git/commit.h"
#include "git/diffstat_inside.h"

#define ATTRIBUTES_MAX ((size_t)1024 * 1024) /* bytes; a larger file is taken to say something */

static const char attributes_name[] = ".gitattributes";

/* "diff", "-diff", "diff=driver", "binary", and macros that set one of them. */
static bool says_something(const char *data, size_t len)
{
	return len > ATTRIBUTES_MAX || memmem(data, len, "diff", 4) || memmem(data, len, "binary", 6);
}

static int look_at_file(const char *path, bool *matter, struct wake_error *err)
{
	wake_auto_free char *data = NULL;
	size_t len;
	int ret = wake_fs_read(path, ATTRIBUTES_MAX, WAKE_FS_PLAIN, &data, &len, err);

	if (ret == WAKE_NOMEM)
		return ret;
	if (ret == WAKE_OK)
		*matter = says_something(data, len);
	else
		*matter = ret != WAKE_NOTFOUND; /* unreadable for us, perhaps not for git */
	return WAKE_OK;
}

static int look_at_named(const char *directory, const char *name, bool *matter, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(directory, name, &path, err);

	return ret < 0 ? ret : look_at_file(path, matter, err);
}

/* core.attributesFile, else $XDG_CONFIG_HOME/git/attributes, else ~/.config/git/attributes. */
static int look_at_own(const struct wake_repo *repo, bool *matter, struct wake_error *err)
{
	const char *config_home = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (repo->attributes_file)
		return look_at_file(repo->attributes_file, matter, err);
	if (config_home && *config_home)
		return look_at_named(config_home, "git/attributes", matter, err);
	return home ? look_at_named(home, ".config/git/attributes", matter, err) : WAKE_OK;
}

static int look_outside_of_trees(struct wake_repo *repo, bool *matter, struct wake_error *err)
{
	static const char *const system_files[] = { "/etc/gitattributes", "/usr/local/etc/gitattributes" };
	int ret = wake_repo_read_settings(repo, err);

	if (ret < 0)
		return ret;
	*matter = repo->attr_tree || getenv("GIT_ATTR_SOURCE");
	for (size_t i = 0; i < WAKE_COUNT(system_files) && ret == WAKE_OK && !*matter; i++)
		ret = look_at_file(system_files[i], matter, err);
	if (ret == WAKE_OK && !*matter)
		ret = look_at_own(repo, matter, err);
	if (ret == WAKE_OK && !*matter)
		ret = look_at_named(repo->worktree.common_dir, "info/attributes", matter, err);
	return ret;
}

static int look_at_blob(struct wake_repo *repo, const git_oid *id, bool *matter, struct wake_error *err)
{
	wake_auto_object struct wake_object object = { 0 };
	char hash[WAKE_HASH_SIZE];
	int ret = wake_object_read(repo, git_oid_tostr(hash, sizeof(hash), id), &object, err);

	if (ret == WAKE_OK)
		*matter = says_something(object.data, object.len);
	return ret;
}

static void free_tree(git_tree **tree)
{
	git_tree_free(*tree);
}

static void free_entry(git_tree_entry **entry)
{
	git_tree_entry_free(*entry);
}

static int look_in_tree(
    struct wake_repo *repo, const git_tree *tree, const char *directory, bool *matter, struct wake_error *err)
{
	WAKE_CLEANUP(free_entry) git_tree_entry *entry = NULL;
	wake_auto_free char *path = NULL;
	int code, ret = wake_str_format(&path, err, "%s%s", directory, attributes_name);

	if (ret < 0)
		return ret;
	code = git_tree_entry_bypath(&entry, tree, path);
	if (code == GIT_ENOTFOUND)
		return WAKE_OK;
	if (code < 0)
		return wake_fail_git2(err, code, "look up", path);
	return look_at_blob(repo, git_tree_entry_id(entry), matter, err);
}

/* Where a worktree lacks a .gitattributes file, git reads the index's; newer gits read HEAD's in a bare
 * repository. HEAD's tree stands for both here; it was read already if it is a side of this diff. */
static int look_in_head(struct wake_repo *repo, const struct wake_changes *changes, const char *from,
    const char *to, bool *matter, struct wake_error *err)
{
	WAKE_CLEANUP(free_tree) git_tree *tree = NULL;
	wake_auto_commit struct wake_commit commit = { 0 };
	wake_auto_free char *branch = NULL;
	char head[WAKE_HASH_SIZE];
	git_oid id;
	int code, ret = wake_repo_head(repo, &branch, head, err);

	if (ret < 0 || !*head || strcmp(head, from) == 0 || strcmp(head, to) == 0)
		return ret;
	ret = wake_commit_read(repo, head, &commit, err);
	if (ret < 0)
		return ret;
	code = git_oid_fromstr(&id, commit.tree);
	if (code == 0)
		code = git_tree_lookup(&tree, repo->library, &id);
	if (code < 0)
		return wake_fail_git2(err, code, "read tree", commit.tree);
	for (size_t i = 0; i < changes->directory_count && ret == WAKE_OK && !*matter; i++)
		ret = look_in_tree(repo, tree, changes->directories[i], matter, err);
	return ret;
}

static int look_in_worktree(
    const struct wake_repo *repo, const char *directory, bool *matter, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_str_format(&path, err, "%s/%s%s", repo->worktree.root, directory, attributes_name);

	return ret < 0 ? ret : look_at_file(path, matter, err);
}

int wake_attributes_matter(struct wake_repo *repo, const struct wake_changes *changes, const char *from,
    const char *to, bool *ret_matter, struct wake_error *err)
{
	bool matter = false;
	int ret = look_outside_of_trees(repo, &matter, err);

	for (size_t i = 0; i < changes->attribute_count && ret == WAKE_OK && !matter; i++)
		ret = look_at_blob(repo, &changes->attributes[i], &matter, err);
	for (size_t i = 0; repo->has_root && i < changes->directory_count && ret == WAKE_OK && !matter; i++)
		ret = look_in_worktree(repo, changes->directories[i], &matter, err);
	if (ret == WAKE_OK && !matter)
		ret = look_in_head(repo, changes, from, to, &matter, err);
	if (ret == WAKE_OK)
		*ret_matter = matter;
	return ret;
}
