/* SPDX-License-Identifier: MIT */
/* Back-off with jitter. */
#include "agent/remote_pace.h"

#include "base/clock.h"

#define FIRST (2 * WAKE_SECOND)
#define CALM_MOST (60 * WAKE_SECOND)
#define TROUBLE_MOST (600 * WAKE_SECOND)
#define RETRY_AFTER_MOST 3600 /* seconds: no service may silence us for a week */
#define REFUSALS_LEAST 3      /* one that comes alone may be a restart */

static int64_t grown(int64_t interval, int64_t most)
{
	if (interval < FIRST)
		return FIRST;
	return interval * 2 < most ? interval * 2 : most;
}

bool wake_remote_pace_next(struct wake_remote_pace *pace, enum wake_remote_answer answer, int64_t retry_after,
    int64_t patience, uint32_t random, int64_t now, int64_t *ret_next)
{
	bool is_refusal = answer == WAKE_REMOTE_REFUSAL;
	int64_t wait;

	pace->interval =
	    answer == WAKE_REMOTE_NEWS
	        ? FIRST
	        : grown(pace->interval, answer == WAKE_REMOTE_TROUBLE ? TROUBLE_MOST : CALM_MOST);
	if (!is_refusal)
		pace->refusals = 0;
	else if (pace->refusals++ == 0)
		pace->refused_since = now;
	wait = pace->interval / 4 * 3 + (int64_t)(random % 1000) * (pace->interval / 2000);
	if (retry_after > RETRY_AFTER_MOST)
		retry_after = RETRY_AFTER_MOST;
	if (wait < retry_after * WAKE_SECOND)
		wait = retry_after * WAKE_SECOND;
	*ret_next = now + wait;
	return !is_refusal || pace->refusals < REFUSALS_LEAST || now - pace->refused_since < patience;
}
