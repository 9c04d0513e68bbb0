/* SPDX-License-Identifier: MIT */
/* What all hooks share: the way through, and the rule that nothing of ours ever hinders git.
 *
 * git writes the reflog before it runs a hook, so a hook is a trigger: it observes its worktree, adds what
 * only it was told, and wakes the recorder. It opens no store, starts no git and waits for no lock longer
 * than the spool does. Whatever fails, the hook exits 0, or as the hook chained behind it does. */
#ifndef WAKE_HOOK_H
#define WAKE_HOOK_H

#include <stdbool.h>

#include "base/paths.h"
#include "event/observe.h"
#include "hooks/input.h"

/* One run of a hook. */
struct wake_hook_call {
	const char *name; /* as git knows it: "post-commit" */
	int argc;
	char **argv;  /* argv[1]… are git's arguments */
	char *run_id; /* owned; RUNWAKE_RUN_ID, NULL if it is not set or no run id */
	struct wake_hook_input input;
	struct wake_paths paths;
	struct wake_worktree worktree;
	struct wake_identity identity;
};

/* What sets one hook apart. */
struct wake_hook {
	bool reads_input;
	bool durable; /* its events are told by nothing else: on disk before git goes on */
	/* Did a movement of HEAD start this hook? Sets triggered and triggered_new. */
	void (*aim)(const struct wake_hook_call *call, struct wake_witness *witness);
	/* Adds what only this hook was told; may be NULL. */
	int (*add)(const struct wake_hook_call *call, struct wake_events *events, struct wake_error *err);
};

/* Returns what main returns. */
int wake_hook_main(const struct wake_hook *hook, int argc, char **argv);

/* Adds events of this type with the repository's and the worktree's ids, the members of base, and under key
 * the items of list, at most WAKE_EVENT_LIST_MAX an event; none for an empty list. (events.c) */
int wake_hook_add_list(const struct wake_hook_call *call, enum wake_event_type type, json_t *base,
    const char *key, const json_t *list, struct wake_events *events, struct wake_error *err) WAKE_MUST_CHECK;

#endif
