/* SPDX-License-Identifier: MIT */
/* The repository that keeps contents: made, opened, written to, and brought to the disk. */
#include "git/kept.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/id.h"
#include "git/kept_inside.h"

/* A bare repository is no more than this. libgit2's own way of making one would read the user's settings and
 * templates. HEAD comes last: with it the directory is a repository, also to a second maker. */
static const char settings[] =
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[gc]\n\tauto = 0\n";
static const char head[] = "ref: refs/heads/none\n";

static int make_file(const char *dir, const char *name, const char *text, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(dir, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_create(path, text, strlen(text), 0600, WAKE_FS_SYNC, err);
	return ret == WAKE_EXISTS ? WAKE_OK : ret;
}

static int make_directory(const char *dir, const char *name, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(dir, name, &path, err);

	return ret < 0 ? ret : wake_fs_make_dirs(path, err);
}

static int make_repository(const char *dir, struct wake_error *err)
{
	int ret = make_directory(dir, "objects/pack", err);

	if (ret == WAKE_OK)
		ret = make_directory(dir, "refs", err);
	if (ret == WAKE_OK)
		ret = make_file(dir, "config", settings, err);
	return ret < 0 ? ret : make_file(dir, "HEAD", head, err);
}

static int find_repository(const char *dir, bool make, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(dir, "HEAD", &path, err);

	if (ret < 0 || wake_fs_is_file(path))
		return ret;
	if (!make)
		return wake_fail(err, WAKE_NOTFOUND, "no contents are kept in '%s'", dir);
	return make_repository(dir, err);
}

int wake_kept_open(const struct wake_paths *paths, const char *repository_id, bool make,
    struct wake_kept **ret_kept, struct wake_error *err)
{
	wake_auto_kept struct wake_kept *kept = NULL;
	wake_auto_free char *dir = NULL;
	struct wake_worktree place;
	int ret;

	if (!wake_id_is_uuid(repository_id))
		return wake_fail(err, WAKE_INVALID, "'%.64s' is no repository's id", repository_id);
	ret = wake_str_format(&dir, err, "%s/kept/%s.git", paths->state, repository_id);
	if (ret == WAKE_OK)
		ret = find_repository(dir, make, err);
	if (ret < 0)
		return ret;
	kept = calloc(1, sizeof(*kept));
	if (!kept)
		return wake_fail_nomem(err);
	place = (struct wake_worktree){ .git_dir = dir, .common_dir = dir };
	ret = wake_repo_open(&place, &kept->repo, err);
	if (ret == WAKE_OK)
		ret = wake_repo_open_library(kept->repo, err);
	if (ret < 0)
		return ret;
	*ret_kept = kept;
	kept = NULL; /* the caller's now */
	return WAKE_OK;
}

void wake_kept_close(struct wake_kept *kept)
{
	if (!kept)
		return;
	wake_repo_free(kept->repo);
	free(kept->written);
	free(kept);
}

int wake_kept_note(struct wake_kept *kept, const git_oid *id, struct wake_error *err)
{
	if (kept->written_count == kept->written_room) {
		size_t more = kept->written_room ? kept->written_room * 2 : 64;
		git_oid *written = realloc(kept->written, more * sizeof(*written));

		if (!written)
			return wake_fail_nomem(err);
		kept->written = written;
		kept->written_room = more;
	}
	kept->written[kept->written_count++] = *id;
	return WAKE_OK;
}

int wake_kept_add_blob(struct wake_kept *kept, const void *data, size_t len, char ret_id[WAKE_HASH_SIZE],
    int64_t *ret_written, struct wake_error *err)
{
	git_odb *odb = kept->repo->odb;
	git_oid id;
	int64_t written = 0;
	int code = git_odb_hash(&id, data, len, GIT_OBJECT_BLOB), ret = WAKE_OK;

	/* Without a look at the packs once more: nobody else's packs come in here. */
	if (code == 0 && !git_odb_exists_ext(odb, &id, GIT_ODB_LOOKUP_NO_REFRESH)) {
		code = git_odb_write(&id, odb, data, len, GIT_OBJECT_BLOB);
		written = (int64_t)len;
		if (code == 0)
			ret = wake_kept_note(kept, &id, err);
	}
	if (code < 0) {
		(void)wake_fail_git2(err, code, "keep", "a file's content");
		return err->code == WAKE_NOMEM ? WAKE_NOMEM : (int)(err->code = WAKE_SYSTEM);
	}
	if (ret < 0)
		return ret;
	(void)git_oid_tostr(ret_id, WAKE_HASH_SIZE, &id);
	*ret_written = written;
	return WAKE_OK;
}

bool wake_kept_has(struct wake_kept *kept, const char *id)
{
	git_oid oid;

	return !*id || (git_oid_fromstr(&oid, id) == 0 && git_odb_exists(kept->repo->odb, &oid));
}

bool wake_kept_takes_path(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') || (len == 2 && memcmp(path, "..", 2) == 0) ||
		    (len == 4 && strncasecmp(path, ".git", 4) == 0))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

/* Both calls are about one file of many: the first only sets the writing off. */
static int flush_object(int objects, const git_oid *id, bool wait, struct wake_error *err)
{
	wake_auto_close int fd = -1;
	char path[GIT_OID_HEXSZ + 2];

	git_oid_pathfmt(path, id);
	path[GIT_OID_HEXSZ + 1] = '\0';
	fd = openat(objects, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return wake_fail_errno(err, "open kept object '%s'", path);
	if (wait ? fdatasync(fd) < 0
	         : sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) < 0 && errno != ENOSYS)
		return wake_fail_errno(err, "write out kept object '%s'", path);
	return WAKE_OK;
}

/* Every object is set on its way first, so that the disk has them all to order; then each is waited for: 5 ms
 * for the twelve objects of eight edited files three directories down (ext4 on a virtual disk). syncfs(2)
 * would wait for everybody else's files as well, such as those of a checkout under way. */
int wake_kept_sync(struct wake_kept *kept, struct wake_error *err)
{
	wake_auto_close int objects = -1;
	wake_auto_free char *path = NULL;
	int ret = WAKE_OK;

	if (kept->written_count == 0)
		return WAKE_OK;
	ret = wake_fs_join(kept->repo->worktree.git_dir, "objects", &path, err);
	if (ret < 0)
		return ret;
	objects = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (objects < 0)
		return wake_fail_errno(err, "open '%s'", path);
	for (size_t i = 0; i < kept->written_count && ret == WAKE_OK; i++)
		ret = flush_object(objects, &kept->written[i], false, err);
	for (size_t i = 0; i < kept->written_count && ret == WAKE_OK; i++)
		ret = flush_object(objects, &kept->written[i], true, err);
	if (ret == WAKE_OK)
		kept->written_count = 0;
	return ret;
}
