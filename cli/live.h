/* SPDX-License-Identifier: MIT */
/* Sessions of agents that are at work now, or were until a moment ago: those that STATE/sessions has an entry
 * of (event/agent_session.h). Whenever one's transcript has grown it is read on and told, as an import does
 * it. Whoever records looks for them after its round; where none has grown that costs a look at its files.
 *
 * A session's last opening is read again each time, from its beginning. So one that took long to read is
 * left alone for ten times as long; one that has ended is not, nor where somebody asks. */
#ifndef WAKE_LIVE_H
#define WAKE_LIVE_H

#include "cli/import.h"

struct wake_live_spec {
	const struct wake_paths *paths; /* borrowed, as all here */
	/* One of both: to ask (what is told goes through a recorder of its own, which waits for others), or
	 * the recorder of the round before, which leaves to another what another is at. */
	struct wake_store *store;
	struct wake_recorder *recorder;
	bool insists; /* reads all that has grown, however long that takes */
};

/* What is left to come. */
struct wake_live_rest {
	int64_t
	    again_in; /* microseconds until it is to be looked again; 0: when somebody tells of anything */
	/* Of an agent that has ended its session and is about to write down what it had cost: can be read
	 * once it is gone, and then it is to be looked again. owned; -1: none. */
	int ending;
	size_t read; /* sessions that were read */
};

/* Removes the entries of sessions that were told to their end. One session that cannot be read keeps no other
 * from being read, and ret_rest->again_in from nothing: its reading begins anew with the next look. */
int wake_live_read(const struct wake_live_spec *spec, struct wake_live_rest *ret_rest,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Until the agent that rest->ending is of is gone; a few seconds at most. Closes it. Nothing is held
 * meanwhile. */
void wake_live_wait(struct wake_live_rest *rest);

#endif
