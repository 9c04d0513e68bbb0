/* SPDX-License-Identifier: MIT */
/* One file of a worktree, looked at and read while others write to it. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "git/edits_inside.h"
#include "git/sha1.h"

#define CHUNK ((size_t)128 * 1024) /* bytes read at once */
#define BINARY_LOOK ((size_t)8000) /* bytes at a file's start in which git looks for a NUL */
#define TRIES_MAX 8
#define LINK_MAX ((size_t)64 * 1024) /* bytes of a symbolic link's target; Linux has 4096 at the most */

static void hex(const unsigned char digest[WAKE_SHA1_BYTES], char ret_id[WAKE_HASH_SIZE])
{
	for (size_t i = 0; i < WAKE_SHA1_BYTES; i++)
		(void)snprintf(ret_id + 2 * i, 3, "%02x", digest[i]);
}

static void begin_blob(struct wake_sha1 *sha1, uint64_t size)
{
	char head[32];
	int len = snprintf(head, sizeof(head), "blob %llu", (unsigned long long)size);

	wake_sha1_init(sha1);
	wake_sha1_add(sha1, head, (size_t)len + 1);
}

void wake_content_id(const void *data, size_t len, char ret_id[WAKE_HASH_SIZE])
{
	unsigned char digest[WAKE_SHA1_BYTES];
	struct wake_sha1 sha1;

	begin_blob(&sha1, len);
	wake_sha1_add(&sha1, data, len);
	wake_sha1_end(&sha1, digest);
	hex(digest, ret_id);
}

/* Opens the directory of the path's last name. -1 with errno; blocked: how much of the path is there. */
static int open_parent(int root, const char *path, struct wake_file *file, const char **ret_name)
{
	wake_auto_close int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
	const char *name = path;
	int result = -1;

	for (const char *slash = strchr(name, '/'); slash && at >= 0; slash = strchr(name, '/')) {
		wake_auto_free char *part = strndup(name, (size_t)(slash - name));
		int next = part ? openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

		/* With O_PATH and O_DIRECTORY a symbolic link is ENOTDIR, and so is a file. */
		if (next < 0 && (errno == ENOTDIR || errno == ELOOP))
			file->blocked = (size_t)(slash - path);
		(void)close(at);
		at = next;
		name = slash + 1;
		if (at >= 0 && file->repository == 0 && faccessat(at, ".git", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			file->repository = (size_t)(slash - path);
	}
	*ret_name = name;
	result = at;
	at = -1; /* the caller's now */
	return result;
}

static unsigned mode_of(mode_t mode)
{
	if (S_ISLNK(mode))
		return S_IFLNK;
	return S_ISREG(mode) ? (mode & 0100 ? S_IFREG | 0755U : S_IFREG | 0644U) : 0;
}

static enum wake_file_kind kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return WAKE_FILE_REGULAR;
	if (S_ISLNK(mode))
		return WAKE_FILE_LINK;
	return S_ISDIR(mode) ? WAKE_FILE_DIRECTORY : WAKE_FILE_OTHER;
}

/* ret_parent: owned; -1 where the file is gone. */
static int look(int root, const char *path, struct wake_file *file, int *ret_parent, const char **ret_name,
    struct wake_error *err)
{
	wake_auto_close int parent = open_parent(root, path, file, ret_name);
	struct stat status;

	*ret_parent = -1;
	if (parent < 0 || fstatat(parent, *ret_name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG ||
		    errno == EACCES)
			return WAKE_OK; /* what we may not see is not there to git either */
		return wake_fail_errno(err, "look at '%.200s'", path);
	}
	file->kind = kind_of(status.st_mode);
	file->mode = mode_of(status.st_mode);
	file->size = (uint64_t)status.st_size;
	*ret_parent = parent;
	parent = -1; /* the caller's now */
	return WAKE_OK;
}

int wake_file_look(int root, const char *path, struct wake_file *ret_file, struct wake_error *err)
{
	struct wake_file file = { .kind = WAKE_FILE_GONE };
	wake_auto_close int parent = -1;
	const char *name;
	int ret = look(root, path, &file, &parent, &name, err);

	if (ret == WAKE_OK)
		*ret_file = file;
	return ret;
}

/* What is learned while bytes go by. */
struct passing {
	struct wake_sha1 sha1;
	size_t seen;
	char last; /* byte */
};

static void pass(struct passing *passing, const char *bytes, size_t len, struct wake_file *file)
{
	size_t looked = passing->seen < BINARY_LOOK ? BINARY_LOOK - passing->seen : 0;

	wake_sha1_add(&passing->sha1, bytes, len);
	file->binary |= memchr(bytes, '\0', len < looked ? len : looked) != NULL;
	for (const char *at = bytes; (at = memchr(at, '\n', (size_t)(bytes + len - at))); at++)
		file->lines++;
	passing->seen += len;
	passing->last = bytes[len - 1];
}

/* Exactly size bytes, which fstat told of. WAKE_BUSY: there are fewer. */
static int read_size(int fd, size_t size, size_t hold_max, struct wake_file *file, struct wake_error *err)
{
	bool hold = size <= hold_max;
	wake_auto_free char *buffer = malloc((hold ? size : CHUNK) + 1);
	struct passing passing = { .last = '\n' };
	unsigned char digest[WAKE_SHA1_BYTES];

	if (!buffer)
		return wake_fail_nomem(err);
	file->lines = 0;
	file->binary = size > WAKE_OBJECT_MAX;
	begin_blob(&passing.sha1, size);
	while (passing.seen < size) {
		size_t want = size - passing.seen < CHUNK ? size - passing.seen : CHUNK;
		char *to = hold ? buffer + passing.seen : buffer;
		ssize_t got = pread(fd, to, want, (off_t)passing.seen);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "read it");
		if (got == 0)
			return wake_fail(err, WAKE_BUSY, "it shrinks while it is read");
		pass(&passing, to, (size_t)got, file);
	}
	file->lines += passing.last != '\n';
	wake_sha1_end(&passing.sha1, digest);
	hex(digest, file->id);
	file->size = size;
	if (hold) {
		buffer[size] = '\0';
		/* "$Id": ident(gitattributes(5)) would take it for a keyword. */
		file->has_return = memchr(buffer, '\r', size) || memmem(buffer, size, "$Id", 3);
		file->data = buffer;
		buffer = NULL; /* the file's now */
	}
	return WAKE_OK;
}

static bool is_changed(const struct stat *left, const struct stat *right)
{
	return left->st_size != right->st_size || left->st_mtim.tv_sec != right->st_mtim.tv_sec ||
	       left->st_mtim.tv_nsec != right->st_mtim.tv_nsec;
}

/* Twice at the most if it only changes; a prefix of the size that was told is as good a moment as any. */
static int read_regular(int fd, size_t hold_max, struct wake_file *file, struct wake_error *err)
{
	int ret = WAKE_BUSY;

	for (int i = 0; i < TRIES_MAX; i++) {
		struct stat before, after;

		free(file->data);
		file->data = NULL;
		if (fstat(fd, &before) < 0)
			return wake_fail_errno(err, "look at it");
		ret = read_size(fd, (size_t)before.st_size, hold_max, file, err);
		if (ret < 0 && ret != WAKE_BUSY)
			return ret;
		if (fstat(fd, &after) < 0)
			return wake_fail_errno(err, "look at it");
		file->mode = mode_of(after.st_mode);
		if (ret == WAKE_OK && (i > 0 || !is_changed(&before, &after)))
			return WAKE_OK;
	}
	return ret;
}

static int open_regular(
    int parent, const char *name, size_t hold_max, struct wake_file *file, struct wake_error *err)
{
	wake_auto_close int fd =
	    openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 && (errno == EACCES || errno == EPERM)) {
		file->unreadable = true;
		return WAKE_OK;
	}
	if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != ENXIO)
		return wake_fail_errno(err, "open it");
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		/* It went, or became another thing, since we looked: there will be an event. */
		file->kind = WAKE_FILE_GONE;
		file->mode = 0;
		return WAKE_OK;
	}
	return read_regular(fd, hold_max, file, err);
}

static int read_link(int parent, const char *name, struct wake_file *file, struct wake_error *err)
{
	wake_auto_free char *target = malloc(LINK_MAX + 1);
	ssize_t len;

	if (!target)
		return wake_fail_nomem(err);
	len = readlinkat(parent, name, target, LINK_MAX);
	if (len < 0) {
		file->kind = WAKE_FILE_GONE;
		file->mode = 0;
		return WAKE_OK;
	}
	target[len] = '\0';
	file->size = (size_t)len;
	file->lines = 1;
	wake_content_id(target, (size_t)len, file->id);
	file->data = target;
	target = NULL; /* the file's now */
	return WAKE_OK;
}

int wake_file_read(
    int root, const char *path, size_t hold_max, struct wake_file *ret_file, struct wake_error *err)
{
	wake_auto_file struct wake_file file = { .kind = WAKE_FILE_GONE };
	wake_auto_close int parent = -1;
	const char *name;
	int ret = look(root, path, &file, &parent, &name, err);

	if (ret == WAKE_OK && file.kind == WAKE_FILE_REGULAR)
		ret = open_regular(parent, name, hold_max, &file, err);
	else if (ret == WAKE_OK && file.kind == WAKE_FILE_LINK)
		ret = read_link(parent, name, &file, err);
	if (ret < 0)
		return ret == WAKE_NOMEM ? ret : wake_error_prefix(err, "'%.200s'", path);
	*ret_file = file;
	file.data = NULL; /* the caller's now */
	return WAKE_OK;
}

void wake_file_release(struct wake_file *file)
{
	free(file->data);
	*file = (struct wake_file){ 0 };
}
