/* SPDX-License-Identifier: MIT */
/* Edit states of a run as --json shows them. */
#ifndef WAKE_EDIT_STATES_H
#define WAKE_EDIT_STATES_H

#include "store/query.h"

/* Each of these states of a run (an array of words for wake_query_edit_state), with the files that the words
 * name (NULL: all): [{"state", "at", "since", "reason", "root", "head", "branch", "files_changed",
 * "untracked_files", "added_lines", "removed_lines", "files"}, …]. The sums are those of the whole state. owned:
 * json_decref. */
int wake_edit_outline_states(struct wake_store *store, const char *run, const json_t *states,
    const char *const *words, json_t **ret_outline, struct wake_error *err) WAKE_MUST_CHECK;

#endif
