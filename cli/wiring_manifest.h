/* SPDX-License-Identifier: MIT */
/* The manifest COMMON_DIR/runwake/installed: in which directories we have put hooks, and what each is; so
 * that all is found again whatever core.hooksPath says by then. One line a fact; paths with %XX for odd bytes,
 * relative to COMMON_DIR where they lie in it, so that a repository may be moved:
 *
 *	runwake-installed 1
 *	directory hooks
 *	made hooks			the directory was not there before
 *	hook post-commit link		or: shim, shim chained
 */
#ifndef WAKE_WIRING_MANIFEST_H
#define WAKE_WIRING_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/wiring_slot.h"

struct wake_manifest_row {
	char *directory; /* owned; absolute */
	bool made;
};

struct wake_manifest {
	struct wake_manifest_row *rows;
	size_t count;
};

/* A missing one is empty. WAKE_CORRUPT: not as we write it. */
int wake_manifest_read(
    const char *common_dir, struct wake_manifest *ret_manifest, struct wake_error *err) WAKE_MUST_CHECK;
/* Adds a directory unless it stands there; made counts once it was true. */
int wake_manifest_add(
    struct wake_manifest *manifest, const char *directory, bool made, struct wake_error *err) WAKE_MUST_CHECK;
bool wake_manifest_has(const struct wake_manifest *manifest, const char *directory);
/* With what lies in the directories now; rewritten only if that is another text. */
int wake_manifest_write(
    const char *common_dir, const struct wake_manifest *manifest, struct wake_error *err) WAKE_MUST_CHECK;
int wake_manifest_remove(const char *common_dir, struct wake_error *err) WAKE_MUST_CHECK;
void wake_manifest_release(struct wake_manifest *manifest);

#define wake_auto_manifest WAKE_CLEANUP(wake_manifest_release)

#endif
