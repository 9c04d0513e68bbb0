/* SPDX-License-Identifier: MIT */
/* Finding a worktree's places on disk as git does, without git. */
#include "event/worktree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "event/worktree_config.h"

#define POINTER_MAX (64 * 1024) /* bytes of a .git, commondir or gitdir file */
#define WORKTREES_MAX 100000

void wake_worktree_release(struct wake_worktree *worktree)
{
	free(worktree->root);
	free(worktree->git_dir);
	free(worktree->common_dir);
	*worktree = (struct wake_worktree){ 0 };
}

void wake_worktrees_release(struct wake_worktrees *worktrees)
{
	for (size_t i = 0; i < worktrees->count; i++)
		wake_worktree_release(&worktrees->items[i]);
	free(worktrees->items);
	*worktrees = (struct wake_worktrees){ 0 };
}

/* A file that holds one path, after prefix; its line end is taken off. */
static int read_pointer(const char *dir, const char *name, const char *prefix, char **ret_text,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0, skip = strlen(prefix);
	int ret = wake_fs_join(dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, POINTER_MAX, WAKE_FS_PLAIN, &text, &len, err);
	if (ret < 0)
		return ret;
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = '\0';
	if (strncmp(text, prefix, skip) != 0 || len == skip || strlen(text) != len)
		return wake_fail(err, WAKE_INVALID, "'%s' does not hold a path as git writes it", path);
	return wake_str_copy(text + skip, ret_text, err);
}

/* What text names, seen from dir; where it does not exist (any more), as it is written. */
static int resolve_from(const char *dir, const char *text, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *joined = NULL;
	int ret = wake_fs_join(dir, text, &joined, err);

	if (ret == WAKE_OK)
		ret = wake_fs_resolve(joined, ret_path, err);
	if (ret == WAKE_NOTFOUND && joined) {
		*ret_path = joined;
		joined = NULL; /* the caller's now */
		ret = WAKE_OK;
	}
	return ret;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_dir_at(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* gitrepository-layout(5): HEAD, and either objects and refs or the way to where they are. */
static bool is_git_dir(const char *path)
{
	wake_auto_close int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (dir < 0 || fstatat(dir, "HEAD", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return false;
	if (is_dir_at(dir, "refs") && is_dir_at(dir, "objects"))
		return true;
	return fstatat(dir, "commondir", &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int find_common_dir(const char *git_dir, char **ret_common, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	int ret = read_pointer(git_dir, "commondir", "", &text, err);

	if (ret == WAKE_NOTFOUND)
		return wake_str_copy(git_dir, ret_common, err);
	return ret == WAKE_OK ? resolve_from(git_dir, text, ret_common, err) : ret;
}

/* The root of a linked worktree, from its gitdir file; NULL where that is missing or damaged. */
static int linked_root(const char *git_dir, char **ret_root, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	wake_auto_free char *dot_git = NULL;
	wake_auto_free char *parent = NULL;
	int ret = read_pointer(git_dir, "gitdir", "", &text, err);

	if (ret == WAKE_NOTFOUND || ret == WAKE_INVALID) {
		*ret_root = NULL;
		return WAKE_OK;
	}
	if (ret == WAKE_OK)
		ret = wake_fs_join(git_dir, text, &dot_git, err);
	if (ret < 0)
		return ret;
	parent = parent_of(dot_git);
	return parent ? resolve_from("/", parent, ret_root, err) : wake_fail_nomem(err);
}

/* The root of the main worktree: what the settings say, else fallback. fallback NULL: the directory around
 * ".git"; a git directory of another name does not know its worktree, only the worktree points to it. */
static int main_root(const char *git_dir, const char *fallback, char **ret_root, struct wake_error *err)
{
	WAKE_CLEANUP(wake_worktree_config_release) struct wake_worktree_config config = { 0 };
	int ret = wake_worktree_config_read(git_dir, &config, err);

	if (ret < 0)
		return ret;
	*ret_root = NULL;
	if (config.worktree)
		return resolve_from(git_dir, config.worktree, ret_root, err);
	if (config.bare)
		return WAKE_OK;
	if (fallback)
		return wake_str_copy(fallback, ret_root, err);
	if (strcmp(base_of(git_dir), ".git") != 0)
		return WAKE_OK;
	*ret_root = parent_of(git_dir);
	return *ret_root ? WAKE_OK : wake_fail_nomem(err);
}

static int own_root(const char *git_dir, const char *common_dir, char **ret_root, struct wake_error *err)
{
	return strcmp(git_dir, common_dir) == 0 ? main_root(git_dir, NULL, ret_root, err)
						: linked_root(git_dir, ret_root, err);
}

/* Fills worktree from its git directory. root NULL: what the git directory itself says. */
static int describe(const char *git_dir, const char *root, struct wake_worktree *ret_worktree,
    struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	int ret = wake_fs_resolve(git_dir, &worktree.git_dir, err);

	if (ret == WAKE_OK)
		ret = find_common_dir(worktree.git_dir, &worktree.common_dir, err);
	if (ret == WAKE_OK)
		ret = root ? wake_str_copy(root, &worktree.root, err)
			   : own_root(worktree.git_dir, worktree.common_dir, &worktree.root, err);
	if (ret < 0)
		return ret;
	*ret_worktree = worktree;
	worktree = (struct wake_worktree){ 0 }; /* the caller's now */
	return WAKE_OK;
}

/* A .git file points to a git directory elsewhere (linked worktrees, submodules). */
static int follow_git_file(const char *dir, struct wake_worktree *ret_worktree, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	wake_auto_free char *git_dir = NULL;
	int ret = read_pointer(dir, ".git", "gitdir: ", &text, err);

	if (ret == WAKE_OK)
		ret = resolve_from(dir, text, &git_dir, err);
	if (ret < 0)
		return ret;
	if (!is_git_dir(git_dir))
		return wake_fail(err, WAKE_INVALID,
		    "'%s/.git' points to '%s', which is no git directory; `git worktree repair` may help",
		    dir, git_dir);
	return describe(git_dir, dir, ret_worktree, err);
}

/* Is dir a worktree's root, or a git directory? WAKE_NOTFOUND: neither. */
static int probe(const char *dir, struct wake_worktree *ret_worktree, struct wake_error *err)
{
	wake_auto_free char *dot_git = NULL;
	struct stat st;
	int ret = wake_fs_join(dir, ".git", &dot_git, err);

	if (ret < 0)
		return ret;
	if (stat(dot_git, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return follow_git_file(dir, ret_worktree, err);
		if (S_ISDIR(st.st_mode) && is_git_dir(dot_git))
			return describe(dot_git, dir, ret_worktree, err);
	}
	if (is_git_dir(dir))
		return describe(dir, NULL, ret_worktree, err);
	return wake_fail(err, WAKE_NOTFOUND, "'%s' is no worktree", dir);
}

/* Cuts the last component off; false at the root. */
static bool ascend(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || path[1] == '\0')
		return false;
	slash[slash == path] = '\0';
	return true;
}

int wake_worktree_find(const char *start, struct wake_worktree *ret_worktree, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	struct stat st;
	dev_t device = 0;
	int ret = wake_fs_resolve(start ? start : ".", &path, err);

	if (ret < 0)
		return ret;
	if (stat(path, &st) == 0)
		device = st.st_dev;
	do {
		/* Like git, do not look beyond a mount point. */
		if (stat(path, &st) < 0 || st.st_dev != device)
			break;
		ret = probe(path, ret_worktree, err);
		if (ret != WAKE_NOTFOUND)
			return ret;
	} while (ascend(path));
	return wake_fail(err, WAKE_NOTFOUND, "'%s' is not in a git repository", start ? start : ".");
}

static bool is_dot_git_of(const char *git_dir, const char *root)
{
	size_t len = strlen(root);

	return strncmp(git_dir, root, len) == 0 && strcmp(git_dir + len, "/.git") == 0;
}

/* The root where GIT_DIR is given (git-config(1), core.worktree): GIT_WORK_TREE, or what the git directory
 * says, or the current directory, into which git goes before it runs a hook. */
static int hook_root(const struct wake_worktree *worktree, char **ret_root, struct wake_error *err)
{
	const char *given = getenv("GIT_WORK_TREE");
	wake_auto_free char *here = NULL;
	size_t len = strlen(worktree->git_dir);
	bool inside;
	int ret;

	if (given && given[0])
		return wake_fs_resolve(given, ret_root, err);
	if (strcmp(worktree->git_dir, worktree->common_dir) != 0)
		return linked_root(worktree->git_dir, ret_root, err);
	ret = wake_fs_resolve(".", &here, err);
	if (ret < 0)
		return ret;
	if (is_dot_git_of(worktree->git_dir, here)) { /* the usual case needs no look into the settings */
		*ret_root = here;
		here = NULL; /* the caller's now */
		return WAKE_OK;
	}
	inside = strncmp(here, worktree->git_dir, len) == 0 && (here[len] == '/' || here[len] == '\0');
	return main_root(worktree->git_dir, inside ? NULL : here, ret_root, err);
}

int wake_worktree_of_hook(struct wake_worktree *ret_worktree, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	const char *git_dir = getenv("GIT_DIR");
	const char *common = getenv("GIT_COMMON_DIR");
	int ret;

	if (!git_dir || !git_dir[0])
		return wake_worktree_find(NULL, ret_worktree, err);
	ret = wake_fs_resolve(git_dir, &worktree.git_dir, err);
	if (ret == WAKE_OK && !is_git_dir(worktree.git_dir))
		ret = wake_fail(err, WAKE_NOTFOUND, "GIT_DIR '%s' is no git directory", git_dir);
	if (ret == WAKE_OK)
		ret = common && common[0] ? wake_fs_resolve(common, &worktree.common_dir, err)
					  : find_common_dir(worktree.git_dir, &worktree.common_dir, err);
	if (ret == WAKE_OK)
		ret = hook_root(&worktree, &worktree.root, err);
	if (ret < 0)
		return ret;
	*ret_worktree = worktree;
	worktree = (struct wake_worktree){ 0 }; /* the caller's now */
	return WAKE_OK;
}

static int add_linked(struct wake_worktrees *list, const char *common_dir, const char *path,
    struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	int ret;

	if (!is_git_dir(path))
		return WAKE_OK;
	ret = wake_fs_resolve(path, &worktree.git_dir, err);
	if (ret == WAKE_NOTFOUND) /* removed while we looked */
		return WAKE_OK;
	if (ret == WAKE_OK)
		ret = wake_str_copy(common_dir, &worktree.common_dir, err);
	if (ret == WAKE_OK)
		ret = linked_root(worktree.git_dir, &worktree.root, err);
	if (ret < 0)
		return ret;
	list->items[list->count++] = worktree;
	worktree = (struct wake_worktree){ 0 }; /* the list's now */
	return WAKE_OK;
}

/* list has room for all of names. */
static int list_linked(struct wake_worktrees *list, const char *common_dir, const char *dir,
    const struct wake_fs_names *names, struct wake_error *err)
{
	for (size_t i = 0; i < names->count; i++) {
		wake_auto_free char *path = NULL;
		int ret = wake_fs_join(dir, names->items[i], &path, err);

		if (ret == WAKE_OK)
			ret = add_linked(list, common_dir, path, err);
		if (ret < 0)
			return ret;
	}
	return WAKE_OK;
}

int wake_worktree_list(const char *common_dir, struct wake_worktrees *ret_worktrees, struct wake_error *err)
{
	wake_auto_worktrees struct wake_worktrees list = { 0 };
	wake_auto_worktree struct wake_worktree first = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL;
	int ret = describe(common_dir, NULL, &first, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(first.common_dir, "worktrees", &dir, err);
	if (ret < 0)
		return ret;
	ret = wake_fs_list(dir, WORKTREES_MAX, &names, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	list.items = calloc(names.count + 1, sizeof(*list.items));
	if (!list.items)
		return wake_fail_nomem(err);
	list.items[list.count++] = first;
	first = (struct wake_worktree){ 0 }; /* the list's now */
	ret = list_linked(&list, list.items[0].common_dir, dir, &names, err);
	if (ret < 0)
		return ret;
	*ret_worktrees = list;
	list = (struct wake_worktrees){ 0 }; /* the caller's now */
	return WAKE_OK;
}
