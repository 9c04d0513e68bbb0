/* SPDX-License-Identifier: MIT */
/* Objects: by libgit2's object database where it can be opened, else by `git cat-file`. */
#include "git/repo_inside.h"

#include <string.h>

#include "base/fs.h"

/* libgit2 counts its users, and its start costs 5 to 9 ms (its TLS library reads every certificate of the
 * system). So the first user counts twice, and the next repository finds it running. */
static int start_library(struct wake_error *err)
{
	int users = git_libgit2_init();

	if (users < 0)
		return wake_fail(err, WAKE_UNAVAILABLE, "libgit2 cannot be started");
	if (users > 1)
		return WAKE_OK;
	(void)git_libgit2_init();
	/* As git: a packed object's zlib checksum is verified, its SHA-1 is not computed anew at each
	 * reading. */
	(void)git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	return WAKE_OK;
}

int wake_fail_git2(struct wake_error *err, int code, const char *what, const char *name)
{
	const git_error *last = git_error_last();
	const char *text = last && last->message ? last->message : "no reason given";

	if (code == GIT_ENOTFOUND)
		return wake_fail(err, WAKE_NOTFOUND, "%s %s: %s", what, name, text);
	if (last && last->klass == GIT_ERROR_NOMEMORY)
		return wake_fail_nomem(err);
	return wake_fail(err, WAKE_CORRUPT, "%s %s: %s", what, name, text);
}

/* The object database alone, with its alternates. Opening the repository would read settings (and libgit2 1.5
 * leaks 20 KB for each of them that is no extension), refuse another owner's, and stop at extensions that do
 * not matter. */
static int open_library(struct wake_repo *repo, struct wake_error *err)
{
	wake_auto_free char *objects = NULL;
	int code, ret = wake_fs_join(repo->worktree.common_dir, "objects", &objects, err);

	if (ret < 0)
		return ret;
	code = git_odb_open(&repo->odb, objects);
	if (code == 0)
		code = git_repository_wrap_odb(&repo->library, repo->odb);
	if (code == 0)
		return WAKE_OK;
	git_odb_free(repo->odb);
	repo->odb = NULL;
	if (wake_fail_git2(err, code, "open", objects) != WAKE_NOMEM)
		err->code = WAKE_UNAVAILABLE;
	return err->code;
}

int wake_repo_open_library(struct wake_repo *repo, struct wake_error *err)
{
	int ret;

	if (repo->state == WAKE_LIBRARY_OPEN)
		return WAKE_OK;
	if (repo->state == WAKE_LIBRARY_BEYOND)
		return wake_fail(err, WAKE_UNAVAILABLE, "'%s' is beyond libgit2", repo->worktree.common_dir);
	ret = start_library(err);
	if (ret < 0)
		return ret;
	ret = open_library(repo, err);
	if (ret == WAKE_OK)
		repo->state = WAKE_LIBRARY_OPEN;
	else
		(void)git_libgit2_shutdown();
	if (ret == WAKE_UNAVAILABLE)
		repo->state = WAKE_LIBRARY_BEYOND;
	return ret;
}

bool wake_repo_is_beyond_libgit2(const struct wake_repo *repo)
{
	struct wake_error ignored;

	/* Whether libgit2 was tried before is not a part of what the caller sees. */
	return wake_repo_open_library((struct wake_repo *)repo, &ignored) < 0;
}

static int read_by_library(
    struct wake_repo *repo, const char *hash, struct wake_object *object, struct wake_error *err)
{
	git_oid id;
	int code = git_oid_fromstr(&id, hash);

	if (code == 0)
		code = git_odb_read(&object->held, repo->odb, &id);
	if (code < 0)
		return wake_fail_git2(err, code, "read object", hash);
	object->data = git_odb_object_data(object->held);
	object->len = git_odb_object_size(object->held);
	object->type = git_odb_object_type(object->held);
	return WAKE_OK;
}

/* "HASH TYPE SIZE\n" and the object, or "HASH missing\n". */
static int read_by_git(
    struct wake_repo *repo, const char *hash, struct wake_object *object, struct wake_error *err)
{
	static const char *const args[] = { "cat-file", "--batch", NULL };
	struct wake_process_result *said = &object->said;
	char line[WAKE_HASH_SIZE + 1], type[16];
	const char *end;
	size_t size;
	int head, ret;

	(void)snprintf(line, sizeof(line), "%s\n", hash);
	ret = wake_repo_git(repo, args, line, strlen(line), WAKE_OBJECT_MAX, said, err);
	if (ret < 0)
		return ret;
	end = memchr(wake_str_text(&said->output), '\n', said->output.len);
	if (said->exit_code != 0 || !end)
		return wake_fail_git(err, said, "read an object");
	if (sscanf(said->output.data, "%*64s %15s %zu", type, &size) != 2)
		return wake_fail(err, WAKE_NOTFOUND, "object %s is not here", hash);
	head = (int)(end + 1 - said->output.data);
	if (said->output.len - (size_t)head < size)
		return wake_fail(err, WAKE_CORRUPT, "git says only a part of object %s", hash);
	object->data = end + 1;
	object->len = size;
	object->type = git_object_string2type(type);
	return WAKE_OK;
}

int wake_object_read(
    struct wake_repo *repo, const char *hash, struct wake_object *ret_object, struct wake_error *err)
{
	wake_auto_object struct wake_object object = { 0 };
	int ret;

	if (!wake_hash_is_valid(hash) || (strlen(hash) == 64) != repo->sha256)
		return wake_fail(err, WAKE_NOTFOUND, "'%.64s' is no object's name here", hash);
	ret = wake_repo_open_library(repo, err);
	if (ret == WAKE_OK)
		ret = read_by_library(repo, hash, &object, err);
	else if (ret == WAKE_UNAVAILABLE)
		ret = read_by_git(repo, hash, &object, err);
	if (ret < 0)
		return ret;
	*ret_object = object;
	object = (struct wake_object){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_object_release(struct wake_object *object)
{
	git_odb_object_free(object->held);
	wake_process_result_release(&object->said);
	*object = (struct wake_object){ 0 };
}
