/* SPDX-License-Identifier: MIT */
/* A recorder that stays: it attends the spool and records what comes as it comes. Between, it sleeps without
 * a timer, and holds neither store nor repository open. */
#ifndef WAKE_RECORD_FOLLOW_H
#define WAKE_RECORD_FOLLOW_H

#include <stdint.h>

#include "base/paths.h"

struct wake_recorder;

/* What is to be looked for again without an event, after a round. */
struct wake_follow_more {
	int64_t again_in; /* microseconds; 0: nothing */
	int fd;           /* … or once this can be read. owned; -1: none */
};

struct wake_follow {
	const struct wake_paths *paths;	/* borrowed */
	int stop;			/* once it can be read, do the last round and end; -1: never */
	int64_t idle;	/* microseconds without an event after which it ends by itself; 0: never */
	/* What a person should know: that recording fails (told once; it is tried again for ever), that it
	 * works again, what went wrong in one repository. */
	void (*say)(void *context, const char *text);
	/* After each round that succeeded and was not left to another: what else is to be read. May be NULL. */
	void (*more)(void *context, struct wake_recorder *recorder, struct wake_follow_more *ret_more);
	void *context;
};

/* Until it is stopped, was idle for that long, or the spool is gone. Where somebody else attends the spool
 * already, it goes on without. WAKE_NOMEM. */
int wake_record_follow(const struct wake_follow *follow, struct wake_error *err) WAKE_MUST_CHECK;

#endif
