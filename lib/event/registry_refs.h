/* SPDX-License-Identifier: MIT */
/* The logs of a repository's branches and remote-tracking refs, and where they stood when it was registered
 * (runwake/refs-NONCE: the id of each log's last line). Inner to registry and observe. */
#ifndef WAKE_REGISTRY_REFS_H
#define WAKE_REGISTRY_REFS_H

#include <stdint.h>

#include "base/error.h"
#include "base/id.h"
#include "base/scope.h"

#define WAKE_REGISTRY_REFS_MAX 100000 /* logs */

struct wake_registry_ref {
	char *name;	/* owned: "refs/heads/x"; no control characters in it */
	uint64_t inode;
	uint64_t size;
	int64_t changed;	/* nanoseconds since 1970 */
	char last_id[WAKE_ID_SIZE];	/* only in a baseline */
};
struct wake_registry_refs {
	struct wake_registry_ref *items; /* sorted by name, bytewise */
	size_t count;
	size_t room;
};

/* One stat(2) a log. */
int wake_registry_refs_list(
    const char *common_dir, struct wake_registry_refs *ret_refs, struct wake_error *err) WAKE_MUST_CHECK;
/* NULL: none of that name. */
const struct wake_registry_ref *wake_registry_refs_find(
    const struct wake_registry_refs *refs, const char *name);
void wake_registry_refs_release(struct wake_registry_refs *refs);
#define wake_auto_refs WAKE_CLEANUP(wake_registry_refs_release)

/* dir: the runwake/ of the common directory, or what will become it. */
int wake_registry_refs_write(
    const char *dir, const char *nonce, const char *common_dir, struct wake_error *err) WAKE_MUST_CHECK;
/* A missing file: an empty list. */
int wake_registry_refs_read(const char *dir, const char *nonce, struct wake_registry_refs *ret_refs,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
