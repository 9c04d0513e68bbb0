/* SPDX-License-Identifier: MIT */
/* Objects on their way to the disk: collected in memory, then written one by one, or many of them as a pack.
 */
#include <fcntl.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>

#include "base/fs.h"
#include "git/kept_inside.h"

#define WAITING_MAX ((size_t)16 * 1024 * 1024) /* bytes; one file's content more at most */
#define WAITING_COUNT_MAX 65536

/* A pack costs the start of a git, a loose object some 2 ms and a block of the disk: on a busy machine both
 * took 100 ms for 8 files; 64 took 110 ms and 144 kB as a pack, 200 ms and 500 kB one by one; 256 a quarter
 * of the time. What is kept of most edits is fewer, and stays loose, so that packs are few too. */
#define LOOSE_MAX 64

int wake_kept_fail(struct wake_error *err, int code, const char *what)
{
	(void)wake_fail_git2(err, code, "keep", what);
	return err->code == WAKE_NOMEM ? WAKE_NOMEM : (int)(err->code = WAKE_SYSTEM);
}

int wake_kept_begin(struct wake_kept *kept, struct wake_error *err)
{
	static const int first = 1000; /* the library's own places count from 1 */
	git_odb_backend *waiting = NULL;
	int code = git_mempack_new(&waiting);

	if (code < 0)
		return wake_kept_fail(err, code, "anything");
	code = git_odb_add_backend(kept->repo->odb, waiting, first);
	if (code < 0) {
		waiting->free(waiting);
		return wake_kept_fail(err, code, "anything");
	}
	kept->waiting = waiting; /* the object database owns it now */
	return WAKE_OK;
}

static int note(struct wake_kept *kept, const git_oid *id, size_t len, struct wake_error *err)
{
	if (kept->waiting_count == kept->waiting_room) {
		size_t more = kept->waiting_room ? kept->waiting_room * 2 : 64;
		git_oid *ids = realloc(kept->waiting_ids, more * sizeof(*ids));

		if (!ids)
			return wake_fail_nomem(err);
		kept->waiting_ids = ids;
		kept->waiting_room = more;
	}
	kept->waiting_ids[kept->waiting_count++] = *id;
	kept->waiting_bytes += len;
	if (kept->waiting_bytes < WAITING_MAX && kept->waiting_count < WAITING_COUNT_MAX)
		return WAKE_OK;
	return wake_kept_sync(kept, err);
}

int wake_kept_put(
    struct wake_kept *kept, const git_oid *id, const void *data, size_t len, struct wake_error *err)
{
	int code = kept->waiting->write(kept->waiting, id, data, len, GIT_OBJECT_BLOB);

	return code < 0 ? wake_kept_fail(err, code, "a file's content") : note(kept, id, len, err);
}

int wake_kept_note(struct wake_kept *kept, const git_oid *id, struct wake_error *err)
{
	size_t len;
	git_object_t type;

	/* One that was on the disk already is not collected. */
	if (kept->waiting->read_header(&len, &type, kept->waiting, id) < 0)
		return WAKE_OK;
	return note(kept, id, len, err);
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

static void free_backend(git_odb_backend **backend)
{
	if (*backend)
		(*backend)->free(*backend);
}

static void free_object(git_odb_object **object)
{
	git_odb_object_free(*object);
}

static int write_object(
    struct wake_kept *kept, git_odb_backend *loose, const git_oid *id, struct wake_error *err)
{
	WAKE_CLEANUP(free_object) git_odb_object *object = NULL;
	int code = git_odb_read(&object, kept->repo->odb, id);

	if (code == 0)
		code = loose->write(loose, id, git_odb_object_data(object), git_odb_object_size(object),
		    git_odb_object_type(object));
	return code < 0 ? wake_kept_fail(err, code, "an object") : WAKE_OK;
}

/* Every object is set on its way first, so that the disk has them all to order; then each is waited for: 5 ms
 * for the twelve objects of eight edited files three directories down (ext4 on a virtual disk). syncfs(2)
 * would wait for everybody else's files as well, such as those of a checkout under way. */
static int write_loose(struct wake_kept *kept, struct wake_error *err)
{
	WAKE_CLEANUP(free_backend) git_odb_backend *loose = NULL;
	wake_auto_close int objects = -1;
	wake_auto_free char *path = NULL;
	int code, ret = wake_fs_join(kept->repo->worktree.git_dir, "objects", &path, err);

	if (ret < 0)
		return ret;
	objects = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (objects < 0)
		return wake_fail_errno(err, "open '%s'", path);
	code = git_odb_backend_loose(&loose, path, -1, false, 0700, 0444);
	if (code < 0)
		return wake_kept_fail(err, code, "an object");
	for (size_t i = 0; i < kept->waiting_count && ret == WAKE_OK; i++)
		ret = write_object(kept, loose, &kept->waiting_ids[i], err);
	for (size_t i = 0; i < kept->waiting_count && ret == WAKE_OK; i++)
		ret = flush_object(objects, &kept->waiting_ids[i], false, err);
	for (size_t i = 0; i < kept->waiting_count && ret == WAKE_OK; i++)
		ret = flush_object(objects, &kept->waiting_ids[i], true, err);
	return ret;
}

int wake_kept_sync(struct wake_kept *kept, struct wake_error *err)
{
	int ret;

	if (kept->waiting_count == 0)
		return WAKE_OK;
	ret = kept->waiting_count > LOOSE_MAX ? wake_kept_write_pack(kept, err) : write_loose(kept, err);
	if (ret == WAKE_NOTFOUND) /* to the callers that is the worktree, not a part of our own repository */
		ret = err->code = WAKE_SYSTEM;
	if (ret < 0)
		return ret;
	(void)git_mempack_reset(kept->waiting);
	kept->waiting_count = 0;
	kept->waiting_bytes = 0;
	return WAKE_OK;
}
