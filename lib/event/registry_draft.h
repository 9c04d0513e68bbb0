/* SPDX-License-Identifier: MIT */
/* Drafts: COMMON_DIR/runwake.UUID, what a registration was making, or an unregistration was removing, when
 * it was killed. The UUID is a version 7, so its name says how old it is. Inner to registry. */
#ifndef WAKE_REGISTRY_DRAFT_H
#define WAKE_REGISTRY_DRAFT_H

#include "base/error.h"

#define WAKE_REGISTRY_DRAFT_AGE 60 /* seconds after which nobody can still be at work on one */

/* A name for a new one. owned: free(3). */
int wake_registry_draft_name(const char *common_dir, char **ret_path, struct wake_error *err) WAKE_MUST_CHECK;

/* Removes those that were left behind; what cannot be removed stays for the next time. */
void wake_registry_draft_sweep(const char *common_dir);

#endif
