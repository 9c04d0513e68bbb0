/* SPDX-License-Identifier: MIT */
/* How a run ended: of what is known of its process, its stream, and the signals that whoever watched it has seen.
 * None of them can tell it alone: an agent exits 0 after SIGINT, and calls an error of its API a success. */
#ifndef WAKE_STATUS_H
#define WAKE_STATUS_H

#include "agent/stream.h"

/* Whose wish it was that the agent ends. */
enum wake_stop {
	WAKE_STOP_NONE,		/* nobody's that we know of */
	WAKE_STOP_PERSON,	/* a key at the terminal */
	WAKE_STOP_SUPERVISOR,	/* another process, or ourselves for it */
};

struct wake_ending {
	int exit_code;		/* -1: it ended by a signal, or that is not known */
	int signal;		/* that ended it; 0: none */
	enum wake_stop stop;
	int stop_signal;	/* the signal of that wish */
	int64_t stop_pid;	/* the process that sent it; 0: not known */
	bool is_quiet;		/* the agent exits 0 when it was interrupted (`claude -p`) */
	const struct wake_stream_facts *stream; /* borrowed; NULL: it had none */
};

struct wake_status {
	const char *status;	/* completed, failed, killed */
	char error[256];	/* "": none */
};

/* A pure function. The text's words are our own: where a failed run's stream has an error, that is the run's, and
 * error is "". */
void wake_status_decide(const struct wake_ending *ending, struct wake_status *ret_status);

#endif
