/* SPDX-License-Identifier: MIT */
/* What store.c asks of the SQLite driver, and the driver of store.c. Private to this room. */
#ifndef WAKE_STORE_SQLITE_H
#define WAKE_STORE_SQLITE_H

#include <stdint.h>

#include "base/str.h"
#include "store/store.h"

struct sqlite3;

/* The file must be there and be a regular one. */
int wake_store_sqlite_open(
    const char *path, struct wake_store **ret_store, struct wake_error *err) WAKE_MUST_CHECK;

/* Copies the database into a new file. On failure what is there of it is the caller's to remove. */
int wake_store_sqlite_copy(
    struct wake_store *store, const char *path, struct wake_error *err) WAKE_MUST_CHECK;

/* WAKE_INVALID: the file holds another system's tables, and none of ours. What else may be wrong with it is not told
 * here. Writes nothing. */
int wake_store_sqlite_refuse_other(struct sqlite3 *db, const char *path, struct wake_error *err) WAKE_MUST_CHECK;

/* wake_store_backup for a store that is a file. */
int wake_store_file_backup(
    struct wake_store *store, const char *path, struct wake_error *err) WAKE_MUST_CHECK;

/* Makes sure that path is a regular file on a local file system; makes it (0600) and its directory (0700). */
int wake_store_place_file(const char *path, struct wake_error *err) WAKE_MUST_CHECK;

/* An empty file, 0600 whatever the umask; one that is there already is left as it is. */
int wake_store_make_file(const char *path, struct wake_error *err) WAKE_MUST_CHECK;

/* The name of the network file system with this magic number (statfs(2), f_type); NULL: it is none, or FUSE.
 */
const char *wake_store_network_name(uint32_t magic);

/* Whether the kernel's name of a FUSE file system ("fuseblk", "fuse.sshfs") is one that keeps its files here.
 */
bool wake_store_fuse_is_local(const char *type);

/* Appends the kernel's name of the file system of that device, from a text such as /proc/self/mountinfo;
 * nothing if it is not there. */
int wake_store_mount_type(const char *mountinfo, unsigned device_major, unsigned device_minor,
    struct wake_str *type, struct wake_error *err) WAKE_MUST_CHECK;

#endif
