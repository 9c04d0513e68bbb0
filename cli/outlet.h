/* SPDX-License-Identifier: MIT */
/* Where patches go: standard output, or the pager of git's user where that is a terminal. To a terminal
 * nothing goes that could command it, but colours: patches hold what anybody wrote. Elsewhere every byte goes
 * as it is, so that a patch can be applied. */
#ifndef WAKE_OUTLET_H
#define WAKE_OUTLET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

struct wake_outlet {
	int fd;		/* owned if there is a pager */
	pid_t pager;	/* 0: none */
	bool terminal;	/* the other end is one */
	bool closed;	/* nobody reads any more: what comes is dropped, and that is no failure */
	struct wake_str rest; /* of a line that is not at its end yet */
};

int wake_outlet_open(struct wake_outlet *outlet, struct wake_error *err) WAKE_MUST_CHECK;
int wake_outlet_write(struct wake_outlet *outlet, const char *bytes, size_t len, struct wake_error *err)
    WAKE_MUST_CHECK;
/* Everything that fd (borrowed) gives, to its end. */
int wake_outlet_pour(struct wake_outlet *outlet, int fd, struct wake_error *err) WAKE_MUST_CHECK;
/* What is left, and waits until the pager has been left. */
int wake_outlet_finish(struct wake_outlet *outlet, struct wake_error *err) WAKE_MUST_CHECK;
void wake_outlet_release(struct wake_outlet *outlet);

/* Appends text for a terminal: colours stay, all else is made visible. */
void wake_outlet_append_shown(struct wake_str *out, const char *text, size_t len);

#define wake_auto_outlet WAKE_CLEANUP(wake_outlet_release)

#endif
