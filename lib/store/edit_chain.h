/* SPDX-License-Identifier: MIT */
/* States of uncommitted edits as chains: each holds what changed since the one it builds on. Internal to
 * lib/store. A path that has several entries (deleted in the index and untracked) changes as a whole. */
#ifndef WAKE_EDIT_CHAIN_H
#define WAKE_EDIT_CHAIN_H

#include "store/query.h"

#define WAKE_EDIT_CHAIN_MAX 50 /* states that one may build on: reading one reads them all */

/* A state whole. WAKE_NOTFOUND; WAKE_CORRUPT: what it builds on is gone, or holds no state. */
int wake_edit_chain_read(struct wake_store *store, const char *id, struct wake_edit_state *ret_state,
    struct wake_error *err) WAKE_MUST_CHECK;

/* What turns the entries `before` into `now`. ret_files: entries that are new or changed; ret_gone: paths
 * (texts) that left. owned: json_decref. */
int wake_edit_chain_compare(const json_t *before, const json_t *now, json_t **ret_files, json_t **ret_gone,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The entries sorted by path, bytewise. owned: json_decref. */
int wake_edit_chain_sort(const json_t *entries, json_t **ret_sorted, struct wake_error *err) WAKE_MUST_CHECK;

#endif
