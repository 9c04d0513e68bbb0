/* SPDX-License-Identifier: MIT */
/* What a run committed, as git itself shows it. */
#ifndef WAKE_COMMITTED_H
#define WAKE_COMMITTED_H

#include "cli/outlet.h"
#include "cli/reader.h"

struct wake_committed {
	char from[WAKE_HASH_SIZE], to[WAKE_HASH_SIZE]; /* "": the empty tree */
	char *directory;	/* owned: where git is to run */
};

/* Between a run's first and last commit, or, while it runs, HEAD; commit: that one of its commits alone (NULL:
 * all). id: workflow_runs.id. WAKE_NOTFOUND: its repository is gone, or it made no such commit. owned:
 * wake_committed_release. */
int wake_committed_find(const struct wake_paths *paths, struct wake_store *store, const char *id,
    const char *commit, struct wake_committed *ret_committed, struct wake_error *err) WAKE_MUST_CHECK;
void wake_committed_release(struct wake_committed *committed);

/* Runs `git diff` with these options and pathspecs (NULL-terminated). ret_good: did git succeed? It has said
 * on standard error what hinders it. */
int wake_committed_show(const struct wake_committed *committed, const char *const *options,
    const char *const *words, struct wake_outlet *outlet, bool *ret_good, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_committed WAKE_CLEANUP(wake_committed_release)

#endif
