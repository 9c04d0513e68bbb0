/* SPDX-License-Identifier: MIT */
/* Contents that are too old: what is still needed goes into one pack, then all else is removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "git/kept_inside.h"

#define TREES_MAX ((size_t)64 * 1024 * 1024) /* bytes of ids */
#define HALF "half-trimmed" /* in the repository, while objects are removed: a tree may go before what is in it */
#define DEPTH_MAX 8                          /* directories below STATE/kept; ours are four deep */

/* Those that are there: git stops at one that is not. */
static int list_present(
    struct wake_kept *kept, const char *trees, struct wake_str *present, struct wake_error *err)
{
	while (*trees) {
		size_t len = strcspn(trees, "\n");
		char id[WAKE_HASH_SIZE];

		if (len < sizeof(id)) {
			(void)snprintf(id, sizeof(id), "%.*s", (int)len, trees);
			if (*id && wake_kept_has(kept, id))
				wake_str_appendf(present, "%s\n", id);
		}
		trees += len + (trees[len] == '\n');
	}
	return wake_str_check(present, err);
}

static bool is_hex(const char *name, size_t len)
{
	return strlen(name) == len && strspn(name, "0123456789abcdef") == len;
}

/* Packs before indexes: an index alone is known as a leftover. */
static int remove_packs(
    const char *dir, int packs, const char *needed, const char *suffix, struct wake_error *err)
{
	wake_auto_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;

	if (!stream)
		return wake_fail_errno(err, "open '%s'", dir);
	while ((entry = readdir(stream))) {
		const char *name = entry->d_name;
		size_t len = strlen(name), end = strlen(suffix);

		if (strncmp(name, "pack-", 5) != 0 || len < end || strcmp(name + len - end, suffix) != 0 ||
		    (*needed && strncmp(name + 5, needed, strlen(needed)) == 0))
			continue;
		if (unlinkat(packs, name, 0) < 0 && errno != ENOENT)
			return wake_fail_errno(err, "remove '%s/%s'", dir, name);
	}
	return WAKE_OK;
}

static int remove_loose_in(const char *objects, const char *fan, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	wake_auto_closedir DIR *stream = NULL;
	const struct dirent *entry;
	int ret = wake_fs_join(objects, fan, &dir, err);

	if (ret < 0)
		return ret;
	stream = opendir(dir);
	if (!stream)
		return wake_fail_errno(err, "open '%s'", dir);
	while ((entry = readdir(stream))) {
		if (is_hex(entry->d_name, GIT_OID_HEXSZ - 2) &&
		    unlinkat(dirfd(stream), entry->d_name, 0) < 0 && errno != ENOENT)
			return wake_fail_errno(err, "remove '%s/%s'", dir, entry->d_name);
	}
	return WAKE_OK;
}

static int remove_loose(const char *objects, struct wake_error *err)
{
	wake_auto_closedir DIR *stream = opendir(objects);
	const struct dirent *entry;
	int ret = stream ? WAKE_OK : wake_fail_errno(err, "open '%s'", objects);

	while (ret == WAKE_OK && (entry = readdir(stream))) {
		if (is_hex(entry->d_name, 2))
			ret = remove_loose_in(objects, entry->d_name, err);
	}
	return ret;
}

static int trim_locked(struct wake_kept *kept, const char *objects, const char *dir, int packs, const char *half,
    const struct wake_str *trees, struct wake_error *err)
{
	/* An object that is missing in a tree is missing already. */
	static const char *const how[] = { "--revs", "--missing=allow-any", NULL };
	char needed[WAKE_HASH_SIZE] = "";
	int ret = trees->len > 0 ? wake_kept_pack_objects(kept, dir, how, trees, needed, err) : WAKE_OK;

	if (ret == WAKE_OK && *needed)
		ret = wake_kept_flush_pack(packs, needed, err);
	if (ret == WAKE_OK)
		ret = wake_fs_replace(half, "", 0, 0600, 0, err);
	if (ret == WAKE_OK)
		ret = remove_packs(dir, packs, needed, ".pack", err);
	if (ret == WAKE_OK)
		ret = remove_packs(dir, packs, needed, ".idx", err);
	if (ret == WAKE_OK)
		ret = remove_loose(objects, err);
	if (ret == WAKE_OK && unlink(half) < 0)
		return wake_fail_errno(err, "remove '%s'", half);
	return ret;
}

bool wake_kept_is_half_trimmed(const struct wake_kept *kept)
{
	wake_auto_free char *half = NULL;
	struct wake_error ignored;

	return wake_fs_join(kept->repo->worktree.git_dir, HALF, &half, &ignored) == WAKE_OK && wake_fs_is_file(half);
}

int wake_kept_trim(
    const struct wake_paths *paths, const char *repository_id, const char *trees, struct wake_error *err)
{
	wake_auto_str struct wake_str present = WAKE_STR(TREES_MAX);
	wake_auto_free char *objects = NULL, *dir = NULL, *half = NULL;
	wake_auto_kept struct wake_kept *kept = NULL;
	wake_auto_close int packs = -1;
	int ret = wake_kept_open(paths, repository_id, false, &kept, err);

	if (ret == WAKE_OK)
		ret = list_present(kept, trees, &present, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(kept->repo->worktree.git_dir, "objects", &objects, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(objects, "pack", &dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(kept->repo->worktree.git_dir, HALF, &half, err);
	if (ret == WAKE_OK)
		ret = wake_kept_lock_packs(dir, &packs, err);
	return ret == WAKE_OK ? trim_locked(kept, objects, dir, packs, half, &present, err) : ret;
}

/* ---- how large --------------------------------------------------------------------------------- */

/* What goes while we look is not counted. Takes ownership of fd. */
static int64_t bytes_below(int fd, int depth)
{
	wake_auto_closedir DIR *stream = fdopendir(fd);
	const struct dirent *entry;
	int64_t bytes = 0;

	if (!stream) {
		(void)close(fd);
		return 0;
	}
	while ((entry = readdir(stream))) {
		struct stat status;
		int inner;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(status.st_mode))
			bytes += status.st_size;
		if (!S_ISDIR(status.st_mode) || depth >= DEPTH_MAX)
			continue;
		inner = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner >= 0)
			bytes += bytes_below(inner, depth + 1);
	}
	return bytes;
}

int wake_kept_bytes(const struct wake_paths *paths, int64_t *ret_bytes, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	int fd, ret = wake_fs_join(paths->state, "kept", &dir, err);

	if (ret < 0)
		return ret;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return wake_fail_errno(err, "open '%s'", dir);
	*ret_bytes = fd < 0 ? 0 : bytes_below(fd, 0);
	return WAKE_OK;
}
