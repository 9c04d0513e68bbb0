/* SPDX-License-Identifier: MIT */
/* SIGTERM and SIGINT as something to read, for commands that stay until they are told to end. */
#ifndef WAKE_STOP_SIGNALS_H
#define WAKE_STOP_SIGNALS_H

#include "base/error.h"

/* Blocks both; from then on ret_fd can be read once one came, so that nothing is interrupted in its middle.
 * owned: close(2). */
int wake_stop_signals_open(int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;

#endif
