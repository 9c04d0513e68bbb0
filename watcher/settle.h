/* SPDX-License-Identifier: MIT */
/* When have edits come to rest? After 300 ms without another one, and at the latest 3 s after the first. Pure:
 * the clock is the caller's (monotonic, microseconds). */
#ifndef WAKE_SETTLE_H
#define WAKE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#define WAKE_SETTLE_QUIET INT64_C(300000)	/* microseconds */
#define WAKE_SETTLE_LATEST INT64_C(3000000)

struct wake_settle {	/* zeroed: nothing is pending */
	int64_t first, last;	/* of the edits that are pending */
	bool pending;
};

void wake_settle_touch(struct wake_settle *settle, int64_t now);
/* When to take it; INT64_MAX: nothing is pending. */
int64_t wake_settle_due(const struct wake_settle *settle);
/* True once it is due, and then nothing is pending. A clock that went back takes at once. */
bool wake_settle_take(struct wake_settle *settle, int64_t now);

#endif
