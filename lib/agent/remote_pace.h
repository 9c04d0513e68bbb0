/* SPDX-License-Identifier: MIT */
/* When a service is asked about a run again. Times are microseconds of a monotonic clock. */
#ifndef WAKE_REMOTE_PACE_H
#define WAKE_REMOTE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define WAKE_REMOTE_PATIENCE                                                                                 \
	900 /* seconds for which refusals are borne, where the settings say nothing else */

enum wake_remote_answer {
	WAKE_REMOTE_NEWS,    /* something has changed: 2 s, and then less and less often */
	WAKE_REMOTE_NO_NEWS, /* … once a minute at last */
	WAKE_REMOTE_TROUBLE, /* no connection, 5xx, 429, an answer that is none: for days, every ten minutes
	                        at last */
	WAKE_REMOTE_REFUSAL, /* 401, 403, 404 and their like: until patience is over */
};

struct wake_remote_pace {
	int64_t interval;      /* 0: never asked */
	int64_t refused_since; /* 0: the latest answer was none */
	unsigned refusals;
};

/* retry_after: seconds that the service asks for; 0: none. random: any number, for the jitter of a quarter
 * either way. False: a refusal, and patience (microseconds) is over. */
bool wake_remote_pace_next(struct wake_remote_pace *pace, enum wake_remote_answer answer, int64_t retry_after,
    int64_t patience, uint32_t random, int64_t now, int64_t *ret_next);

#endif
