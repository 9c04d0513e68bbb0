/* SPDX-License-Identifier: MIT */
/* What `runwake diff` shows, between its files. */
#ifndef WAKE_DIFF_H
#define WAKE_DIFF_H

#include "cli/outlet.h"
#include "cli/reader.h"

struct wake_diff {
	struct wake_command_context *context;
	struct wake_store *store;	/* owned */
	char id[WAKE_ID_SIZE];		/* workflow_runs.id */
	const char *const *words;	/* borrowed: the paths asked for */
	struct wake_outlet outlet;	/* opened by wake_diff_show */
	bool committed, uncommitted, discarded; /* what is to be shown */
	bool stat, name_only;
	int exit;
};

/* The states of uncommitted work that are meant, as words for wake_query_edit_state: the one that was asked for,
 * else what the run left in each of its worktrees. owned: json_decref. (diff_parts.c) */
int wake_diff_states(struct wake_diff *diff, json_t **ret_states, struct wake_error *err) WAKE_MUST_CHECK;
/* Patches, or counted lines, or names. (diff_parts.c) */
int wake_diff_show(struct wake_diff *diff, struct wake_error *err) WAKE_MUST_CHECK;
/* One JSON document. (diff_document.c) */
int wake_diff_document(struct wake_diff *diff, struct wake_error *err) WAKE_MUST_CHECK;

#endif
