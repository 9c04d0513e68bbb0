/* SPDX-License-Identifier: MIT */
/* What HEAD says now, and where a rebase will put it. */
#include "event/worktree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"

#define REF_FILE_MAX (64 * 1024)		/* bytes of HEAD or a loose ref */
#define PACKED_MAX (64 * 1024 * 1024)		/* bytes of packed-refs */
#define LINK_TARGET_MAX 4096
#define SYMREF_DEPTH 5				/* as git follows them */
#define HEADS "refs/heads/"

bool wake_hash_is_valid(const char *hash)
{
	size_t len = strspn(hash, "0123456789abcdef");

	return hash[len] == '\0' && (len == 40 || len == 64);
}

bool wake_hash_is_zero(const char *hash)
{
	return hash[strspn(hash, "0")] == '\0';
}

/* The first line of a file, without its end. */
static int read_line(const char *dir, const char *name, char **ret_line, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_join(dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, REF_FILE_MAX, WAKE_FS_PLAIN, &text, &len, err);
	if (ret == WAKE_INVALID && wake_fs_is_dir(path)) /* what deleted branches x/y leave of x */
		return wake_fail(err, WAKE_NOTFOUND, "'%s' is a directory", path);
	if (ret < 0)
		return ret;
	text[strcspn(text, "\r\n")] = '\0';
	*ret_line = text;
	text = NULL; /* the caller's now */
	return WAKE_OK;
}

/* A ref name as it may stand in a file name: never out of the git directory. */
static bool is_safe_ref(const char *ref)
{
	return strncmp(ref, "refs/", 5) == 0 && !strstr(ref, "..") && !strstr(ref, "//");
}

/* The old form of a symbolic ref: a symbolic link "refs/heads/x". */
static int read_link(const char *git_dir, const char *name, char **ret_target, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	char target[LINK_TARGET_MAX];
	ssize_t len;
	int ret = wake_fs_join(git_dir, name, &path, err);

	*ret_target = NULL;
	if (ret < 0)
		return ret;
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return WAKE_OK;
	target[len] = '\0';
	return is_safe_ref(target) ? wake_str_copy(target, ret_target, err) : WAKE_OK;
}

/* A ref's content: either the ref it points to, or a hash; the other is NULL or "". */
static int read_ref(const char *dir, const char *name, char **ret_target, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err)
{
	wake_auto_free char *line = NULL;
	int ret = read_link(dir, name, ret_target, err);

	ret_hash[0] = '\0';
	if (ret < 0 || *ret_target)
		return ret;
	ret = read_line(dir, name, &line, err);
	if (ret < 0)
		return ret;
	if (strncmp(line, "ref:", 4) == 0) {
		const char *target = line + 4 + strspn(line + 4, " \t");

		if (!is_safe_ref(target))
			return wake_fail(err, WAKE_INVALID, "'%s/%s' points to no ref", dir, name);
		return wake_str_copy(target, ret_target, err);
	}
	line[strcspn(line, " \t")] = '\0';
	if (!wake_hash_is_valid(line))
		return wake_fail(err, WAKE_INVALID, "'%s/%s' holds neither a ref nor a hash", dir, name);
	memcpy(ret_hash, line, strlen(line) + 1);
	return WAKE_OK;
}

/* Lines "HASH SP REF"; ret_hash "" if the ref is not among them. */
static int find_packed(const char *common_dir, const char *ref, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0, ref_len = strlen(ref);
	int ret = wake_fs_join(common_dir, "packed-refs", &path, err);

	ret_hash[0] = '\0';
	if (ret == WAKE_OK)
		ret = wake_fs_read(path, PACKED_MAX, WAKE_FS_PLAIN, &text, &len, err);
	if (ret < 0)
		return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
	for (const char *at = text; at && at < text + len;) {
		size_t hash_len = strspn(at, "0123456789abcdef");
		const char *end = strchr(at, '\n');
		size_t line_len = end ? (size_t)(end - at) : strlen(at);

		if ((hash_len == 40 || hash_len == 64) && line_len == hash_len + 1 + ref_len &&
		    memcmp(at + hash_len + 1, ref, ref_len) == 0) {
			memcpy(ret_hash, at, hash_len);
			ret_hash[hash_len] = '\0';
			return WAKE_OK;
		}
		at = end ? end + 1 : NULL;
	}
	return WAKE_OK;
}

/* These refs are each worktree's own (git-worktree(1), "Refs"). */
static bool is_per_worktree(const char *ref)
{
	return strncmp(ref, "refs/bisect/", 12) == 0 || strncmp(ref, "refs/worktree/", 14) == 0 ||
	       strncmp(ref, "refs/rewritten/", 15) == 0;
}

/* One ref, loose or packed; nothing at all: unborn. git packs before it removes the loose one, and writes a
 * loose one over a packed one at any time: so loose, packed, loose. */
static int look_up(const struct wake_worktree *worktree, const char *ref, char **ret_target,
    char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	const char *dir = is_per_worktree(ref) ? worktree->git_dir : worktree->common_dir;
	int ret = read_ref(dir, ref, ret_target, ret_hash, err);

	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = find_packed(worktree->common_dir, ref, ret_hash, err);
	if (ret < 0 || ret_hash[0])
		return ret;
	ret = read_ref(dir, ref, ret_target, ret_hash, err);
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

static int resolve(const struct wake_worktree *worktree, const char *ref, char ret_hash[WAKE_HASH_SIZE],
    struct wake_error *err)
{
	wake_auto_free char *current = NULL;
	int ret = wake_str_copy(ref, &current, err);

	for (int depth = 0; ret == WAKE_OK && depth < SYMREF_DEPTH; depth++) {
		char *target = NULL;

		ret = look_up(worktree, current, &target, ret_hash, err);
		if (ret < 0 || !target)
			return ret;
		free(current);
		current = target;
	}
	return ret < 0 ? ret : wake_fail(err, WAKE_INVALID, "'%s' points to refs in a circle", ref);
}

static const char *short_name(const char *ref)
{
	return strncmp(ref, HEADS, strlen(HEADS)) == 0 ? ref + strlen(HEADS) : ref;
}

int wake_worktree_head(const struct wake_worktree *worktree, char **ret_branch,
    char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	wake_auto_free char *target = NULL;
	wake_auto_free char *branch = NULL;
	char hash[WAKE_HASH_SIZE] = "";
	int ret = read_ref(worktree->git_dir, "HEAD", &target, hash, err);

	if (ret < 0)
		return ret;
	if (target && strcmp(target, HEADS ".invalid") == 0)
		return wake_fail(err, WAKE_UNAVAILABLE,
		    "'%s' keeps its refs as reftables, which only git reads", worktree->common_dir);
	if (target && ret_branch)
		ret = wake_str_copy(short_name(target), &branch, err);
	if (ret == WAKE_OK && target && ret_hash)
		ret = resolve(worktree, target, hash, err);
	if (ret < 0)
		return ret;
	if (ret_hash)
		memcpy(ret_hash, hash, sizeof(hash));
	if (ret_branch) {
		*ret_branch = branch;
		branch = NULL; /* the caller's now */
	}
	return WAKE_OK;
}

char *wake_worktree_rebased_branch(const struct wake_worktree *worktree)
{
	static const char *const names[] = { "rebase-merge/head-name", "rebase-apply/head-name" };

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_free char *line = NULL;
		struct wake_error ignored;

		if (read_line(worktree->git_dir, names[i], &line, &ignored) == WAKE_OK &&
		    strncmp(line, HEADS, strlen(HEADS)) == 0)
			return strdup(line + strlen(HEADS));
	}
	return NULL;
}
