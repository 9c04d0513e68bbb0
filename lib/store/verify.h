/* SPDX-License-Identifier: MIT */
/* Verifying: is every movement that git's own logs tell of in the store? The logs are read again from the
 * baseline, without cursors, and nothing is written: what is missing is told, and recorded only by a record
 * that observes. */
#ifndef WAKE_VERIFY_H
#define WAKE_VERIFY_H

#include "base/paths.h"
#include "event/event.h"
#include "event/worktree.h"
#include "store/store.h"

/* Opens the store, migrates it, and applies what is in the spool, but observes nothing: a reader that brought
 * the logs up to date first would have nothing left to find. owned: wake_store_close. */
int wake_verify_open(const struct wake_paths *paths, struct wake_store **ret_store, struct wake_error *err)
    WAKE_MUST_CHECK;

/* moved: borrowed. A negative return ends the verification and is handed on. */
typedef int (*wake_verify_each)(void *context, const struct wake_event *moved, bool recorded,
    struct wake_error *err);

/* Every movement in every worktree of a registered repository, worktree by worktree. A worktree that
 * disappears meanwhile is passed over. WAKE_NOTFOUND: the repository is gone. */
int wake_verify_repository(const struct wake_paths *paths, struct wake_store *store, const char *common_dir,
    wake_verify_each each, void *context, struct wake_error *err) WAKE_MUST_CHECK;

/* What nobody can know any more of a repository:
 * [{"id","repository_id","worktree_id","root","reason","detail","at"}, …]. owned: json_decref. */
int wake_verify_unknowable(struct wake_store *store, const char *repository_id, json_t **ret_gaps,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Appends to gaps, as such objects (id and at are null), each log/HEAD that holds lines which are no reflog lines:
 * what they told, nobody can know. It is looked at anew each time; nothing is stored. */
int wake_verify_damaged(const char *common_dir, const char *repository_id, json_t *gaps, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
