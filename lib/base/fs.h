/* SPDX-License-Identifier: MIT */
/* Files and directories: bounded reads, atomic replacement, private permissions.
 * Paths are bytes, any length, NUL-terminated. */
#ifndef WAKE_FS_H
#define WAKE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/str.h"

/* "dir/name"; name may hold slashes; an absolute name is returned as it is. owned: free(3). */
int wake_fs_join(const char *dir, const char *name, char **ret_path, struct wake_error *err)
    WAKE_MUST_CHECK;

/* mkdir -p; every directory made gets mode 0700. An existing one is left as it is. */
int wake_fs_make_dirs(const char *path, struct wake_error *err) WAKE_MUST_CHECK;

bool wake_fs_is_dir(const char *path);	/* follows symbolic links */
bool wake_fs_is_file(const char *path);	/* follows symbolic links */

enum wake_fs_flags {
	WAKE_FS_PLAIN = 0,
	WAKE_FS_NOFOLLOW = 1,	/* the last component must not be a symbolic link: WAKE_INVALID */
	WAKE_FS_OWN = 2,	/* must be owned by us: WAKE_INVALID */
	WAKE_FS_SYNC = 4,	/* fdatasync the file before, and its directory after, the rename */
};

/* Reads a whole regular file of at most max bytes (more: WAKE_INVALID). A NUL follows the data.
 * A device, FIFO or directory is WAKE_INVALID and never blocks. owned: free(3). */
int wake_fs_read(const char *path, size_t max, unsigned flags, char **ret_data, size_t *ret_len,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Writes a file beside path (same directory, named ".runwake-" and 16 hex digits; a kill -9 leaves it
 * behind) and renames it over path. mode is exact, whatever the umask. On failure the
 * old content stands and nothing is left beside it; only where it is the directory's sync that fails, the
 * new content stands already, and the text says so. */
int wake_fs_replace(const char *path, const void *data, size_t len, mode_t mode, unsigned flags,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The same, but WAKE_EXISTS when path is there already (link(2), so two makers cannot both win). */
int wake_fs_create(const char *path, const void *data, size_t len, mode_t mode, unsigned flags,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Writes all of it, resuming after EINTR and short writes. */
int wake_fs_write_all(int fd, const void *data, size_t len, struct wake_error *err) WAKE_MUST_CHECK;

/* realpath(3). owned: free(3). */
int wake_fs_resolve(const char *path, char **ret_path, struct wake_error *err) WAKE_MUST_CHECK;

/* The identity of a file or directory: inode number and birth time in nanoseconds since 1970 (0
 * where the file system has none). A copy or a re-created one differs. */
struct wake_fs_identity {
	uint64_t inode;
	int64_t born;
};

int wake_fs_identify(const char *path, struct wake_fs_identity *ret_identity,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The names in a directory without "." and "..", sorted bytewise, at most max of them (more:
 * WAKE_INVALID). owned: release with wake_fs_names_release. */
struct wake_fs_names {
	char **items;
	size_t count;
};

int wake_fs_list(const char *dir, size_t max, struct wake_fs_names *ret_names,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_fs_names_release(struct wake_fs_names *names);

#define wake_auto_names WAKE_CLEANUP(wake_fs_names_release)

#endif
