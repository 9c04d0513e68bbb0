/* SPDX-License-Identifier: MIT */
/* Entries of edit states (git/edits.h) as people choose and read them. */
#ifndef WAKE_EDIT_TEXT_H
#define WAKE_EDIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/str.h"

/* The entries that lie at or below one of the words (paths from the worktree's root; no words: all). owned:
 * json_decref; the entries are shared. */
int wake_edit_choose(const json_t *files, const char *const *words, json_t **ret_chosen,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The same entries without ids and modes, as --json shows them. owned: json_decref. */
int wake_edit_outline(const json_t *files, json_t **ret_outline, struct wake_error *err) WAKE_MUST_CHECK;

/* What wake_query_run_discarded gives, so chosen and shown: [{"at", "state", "before", "files"}, …]. owned:
 * json_decref. */
int wake_edit_outline_discarded(const json_t *discarded, const char *const *words, json_t **ret_outline,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Are this entry's contents in the kept repository? */
bool wake_edit_is_kept(const json_t *entry);

/* Lines that begin with prefix: "not kept: PATH (why)" for each entry whose contents are not. */
void wake_edit_append_unkept(struct wake_str *out, const char *prefix, const json_t *files);

/* "3 files, +10 -2" */
void wake_edit_append_sum(struct wake_str *out, const json_t *files);

/* " PATH | +10 -2" a line, or the paths alone. */
void wake_edit_append_stat(struct wake_str *out, const json_t *files);
void wake_edit_append_names(struct wake_str *out, const json_t *files);

#endif
