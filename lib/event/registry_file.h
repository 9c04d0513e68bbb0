/* SPDX-License-Identifier: MIT */
/* Files of ours inside a git directory: with the permissions that git's own files there have (the
 * directory's mode, so a shared repository stays shared), and, where root makes them, with its owner. Inner
 * to registry and observe. */
#ifndef WAKE_REGISTRY_FILE_H
#define WAKE_REGISTRY_FILE_H

#include "base/error.h"
#include "base/fs.h"

/* "DIR/runwake"; owned: free(3). */
int wake_registry_dir(const char *git_dir, char **ret_dir, struct wake_error *err) WAKE_MUST_CHECK;

/* The directory path, beside its parent's other files; one that is there already is fine. */
int wake_registry_make_dir(const char *path, struct wake_error *err) WAKE_MUST_CHECK;

int wake_registry_file_replace(const char *path, const void *data, size_t len, struct wake_error *err)
    WAKE_MUST_CHECK;
/* The same in place, for a file that is there already (WAKE_NOTFOUND): nothing is made beside it. A reader may see
 * it torn. */
int wake_registry_file_rewrite(const char *path, const void *data, size_t len, struct wake_error *err)
    WAKE_MUST_CHECK;
/* WAKE_EXISTS; synced, since the id of everything hangs on it. */
int wake_registry_file_create(const char *path, const void *data, size_t len, struct wake_error *err)
    WAKE_MUST_CHECK;

/* An empty logs/HEAD where none is: git appends to one that exists, whatever core.logAllRefUpdates says. */
int wake_registry_make_log(const char *git_dir, struct wake_error *err) WAKE_MUST_CHECK;

/* Removes a directory and everything in it; follows no symbolic links. Missing: fine. */
int wake_registry_remove_dir(const char *path, struct wake_error *err) WAKE_MUST_CHECK;

#endif
