/* SPDX-License-Identifier: MIT */
/* The nonce of a git directory: who it is. Inner to registry. */
#ifndef WAKE_REGISTRY_NONCE_H
#define WAKE_REGISTRY_NONCE_H

#include "base/id.h"
#include "base/paths.h"
#include "event/registry_file.h"

/* "nonce-INODE-BIRTH" of the directory; owned: free(3). */
int wake_registry_nonce_name(const char *git_dir, char **ret_name, struct wake_error *err) WAKE_MUST_CHECK;

/* WAKE_NOTFOUND: it has none. */
int wake_registry_nonce_read(
    const char *git_dir, char ret_id[WAKE_ID_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* Writes id, with its newline, into dir (the git directory's runwake/, or what will become it).
 * WAKE_EXISTS. */
int wake_registry_nonce_write(const char *git_dir, const char *dir, const char *id, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Reads it, or mints one: for a new directory, or for a copy, which inherits what its original had
 * recorded. is_common: also the branches' logs are inherited. */
int wake_registry_nonce_identify(const struct wake_paths *paths, const char *git_dir, bool is_common,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

#endif
