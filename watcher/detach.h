/* SPDX-License-Identifier: MIT */
/* Going to the background: two forks and a session of its own, / as directory, 0 to 2 on /dev/null, every other
 * descriptor closed. The one that was called waits until the new process says that it stands. */
#ifndef WAKE_DETACH_H
#define WAKE_DETACH_H

#include "base/error.h"

enum wake_detached {
	WAKE_DETACH_CALLER,	/* what the new process said is known: the caller's work is done */
	WAKE_DETACH_NEW,	/* we are the new process: say it with wake_detach_report */
};

/* For the caller an error is the new process's own; WAKE_BUSY from it counts as done. It waits five seconds at
 * most (WAKE_UNAVAILABLE). ret_report: the new process's, owned by it. */
int wake_detach(enum wake_detached *ret_who, int *ret_report, struct wake_error *err) WAKE_MUST_CHECK;
/* Closes report. failure: NULL if all is well. */
void wake_detach_report(int report, const struct wake_error *failure);

#endif
