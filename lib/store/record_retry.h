/* SPDX-License-Identifier: MIT */
/* Trying a transaction again that failed for what was going on beside it. Internal to lib/store. */
#ifndef WAKE_RECORD_RETRY_H
#define WAKE_RECORD_RETRY_H

#include "store/store.h"

/* Is it worth another try after so many? status: how the last one ended. */
bool wake_record_may_retry(const struct wake_store *store, int status, int number);

/* A few milliseconds, longer each time. */
void wake_record_pause(int number);

#endif
