/* SPDX-License-Identifier: MIT */
/* Who holds a workspace: the run that its claim names, else the one that its marker names. */
#ifndef WAKE_HOLDER_H
#define WAKE_HOLDER_H

#include "cli/command.h"
#include "cli/workspace.h"
#include "event/marker.h"

struct wake_holder {
	char run_id[WAKE_RUN_ID_MAX + 1];	/* "" : nobody */
	bool claims;				/* by a claim; else by a marker alone */
	char copied[WAKE_RUN_ID_MAX + 1]; /* whose claim came with a copy of its directory; "" : none did */
	bool is_over;                     /* the store says that it has ended, so what is here is left over */
	bool is_known;				/* the store has it, or does not answer */
	bool is_started;			/* the store has its start */
};

/* A marker that is not believed counts as none, with a note; those of another workspace, which a copy
 * carries, too. WAKE_CORRUPT: the claim cannot be read. */
int wake_holder_find(struct wake_command_context *context, const struct wake_workspace *workspace,
    struct wake_holder *ret_holder, struct wake_error *err) WAKE_MUST_CHECK;

/* Fills is_over, is_known and is_started of a run_id; a store that does not answer leaves the run alive. */
int wake_holder_ask_store(
    struct wake_command_context *context, struct wake_holder *holder, struct wake_error *err) WAKE_MUST_CHECK;

#endif
