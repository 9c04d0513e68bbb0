/* SPDX-License-Identifier: MIT */
/* The agent's output on its way through us: one bounded buffer, the bytes as they are and at once; who reads slowly
 * makes the agent wait, who has gone is gone for the agent too, at its next write or the one after.
 *
 * The buffer is shared with the stand-in, a process that does nothing until ours ends, and then goes on where it
 * stopped: so an agent whose `runwake run` was killed, or that left something behind which still writes, does not write
 * into a closed pipe. */
#ifndef WAKE_RUN_PUMP_H
#define WAKE_RUN_PUMP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

#define WAKE_PUMP_SIZE ((size_t)64 * 1024) /* bytes: what a pipe holds */

struct wake_pump_buffer {
	/* bytes[sent … have) are still to be written. Both in one word, so that we can be killed anywhere and the
	 * stand-in finds them in step: sent in the lower half, have in the upper. */
	volatile uint64_t span;
	char bytes[WAKE_PUMP_SIZE];
};

struct wake_pump {
	int in;		/* owned; -1: there comes no more */
	int out;	/* owned, if it is not standard output */
	size_t chunk;	/* bytes that a write of ours may have, so that it does not block */
	struct wake_pump_buffer *buffer; /* owned, shared */
	pid_t stand_in;	/* 0: none */
	int lifeline;	/* owned; its end is how the stand-in sees ours */
	int failure;	/* errno of a write that failed for another reason than that nobody reads; 0: none */
};

/* ret_agent: owned: the agent's end, to be closed here once the agent has it. */
int wake_pump_open(struct wake_pump *ret_pump, int *ret_agent, struct wake_error *err) WAKE_MUST_CHECK;

/* What to wait for: fds[0] is the agent, fds[1] the reader. */
void wake_pump_poll(const struct wake_pump *pump, struct pollfd fds[2]);
/* Moves what can be moved. Returns how many bytes came in; they begin at buffer->bytes, until the next call. */
size_t wake_pump_move(struct wake_pump *pump, const struct pollfd fds[2]);

bool wake_pump_is_empty(const struct wake_pump *pump); /* nothing is still to be written */
bool wake_pump_is_done(const struct wake_pump *pump);  /* and nothing comes any more */

/* Ends the stand-in too, if everything has been passed on; else it goes on. */
void wake_pump_close(struct wake_pump *pump);

#endif
