/* SPDX-License-Identifier: MIT */
/* The repository that keeps contents: made, opened, and asked. */
#include "git/kept.h"

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
		return wake_fail(err, WAKE_NOTFOUND,
		    "no contents are kept in '%s'; they stay on the machine where the edits were made", dir);
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
	if (ret == WAKE_OK)
		ret = wake_kept_begin(kept, err);
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
	free(kept->waiting_ids);
	free(kept);
}

int wake_kept_add_blob(struct wake_kept *kept, const void *data, size_t len, char ret_id[WAKE_HASH_SIZE],
    int64_t *ret_written, struct wake_error *err)
{
	git_oid id;
	bool is_new;
	int code = git_odb_hash(&id, data, len, GIT_OBJECT_BLOB), ret = WAKE_OK;

	if (code < 0)
		return wake_kept_fail(err, code, "a file's content");
	is_new = !wake_kept_finds(kept, &id);
	if (is_new)
		ret = wake_kept_put(kept, &id, data, len, err);
	if (ret < 0)
		return ret;
	(void)git_oid_tostr(ret_id, WAKE_HASH_SIZE, &id);
	*ret_written = is_new ? (int64_t)len : 0;
	return WAKE_OK;
}

/* Without a look at the packs once more: where somebody else wrote an object meanwhile, it is written twice.
 */
bool wake_kept_finds(struct wake_kept *kept, const git_oid *id)
{
	return git_odb_exists_ext(kept->repo->odb, id, GIT_ODB_LOOKUP_NO_REFRESH);
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
