/* SPDX-License-Identifier: MIT */
/* What the files remote_*.c share. */
#ifndef WAKE_REMOTE_PARTS_H
#define WAKE_REMOTE_PARTS_H

#include "agent/scan.h"

/* Microseconds UTC; 0: no time, or none that is ours to believe. */
int64_t wake_remote_time(struct wake_scan value);

#endif
