/* SPDX-License-Identifier: MIT */
/* Everything that witnesses told of one worktree and nobody followed yet, taken together. Internal to
 * lib/store. */
#ifndef WAKE_EDIT_HINTS_H
#define WAKE_EDIT_HINTS_H

#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

struct wake_edit_hints {
	json_t *ids;		/* owned: of the edited events, a list */
	json_t *paths;		/* owned: a list; of no meaning where whole */
	bool whole;
	int64_t since;		/* the earliest of all */
	const char *reason;	/* static: the strongest */
	char repository_id[WAKE_ID_SIZE], worktree_id[WAKE_ID_SIZE];
	char *git_dir, *common_dir, *root; /* owned: as the latest said */
	char *host;		/* owned: the machine that told the latest */
	char *run_id;		/* owned: whom the latest that named a run named; NULL: none did */
};

/* WAKE_NOTFOUND: there are none. */
int wake_edit_hints_read(struct wake_store *store, const char *worktree, struct wake_edit_hints *ret_hints,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_edit_hints_release(struct wake_edit_hints *hints);

#define wake_auto_edit_hints WAKE_CLEANUP(wake_edit_hints_release)

#endif
