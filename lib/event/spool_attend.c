/* SPDX-License-Identifier: MIT */
/* Attending the spool: one process promises that it is drained, so that witnesses need start no recorder; and the
 * same for feeding a team's database. */
#include "event/spool_parts.h"

int wake_spool_attend(const char *spool, int *ret_fd, struct wake_error *err)
{
	return wake_spool_hold(spool, WAKE_SPOOL_ATTENDED, "whoever attends the spool", false, ret_fd, err);
}

/* Where the spool is attended the recorder's lock is free most of the time, so it is asked second. */
bool wake_spool_is_drained_now(const char *spool)
{
	return wake_spool_is_held(spool, WAKE_SPOOL_ATTENDED) || wake_spool_is_held(spool, WAKE_SPOOL_LOCK);
}

int wake_spool_lock_feed(const char *spool, int *ret_fd, struct wake_error *err)
{
	return wake_spool_hold(spool, WAKE_SPOOL_FEEDING, "whoever feeds the team's database", false, ret_fd, err);
}

bool wake_spool_is_fed_now(const char *spool)
{
	return wake_spool_is_held(spool, WAKE_SPOOL_FEEDING);
}
