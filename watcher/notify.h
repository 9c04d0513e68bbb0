/* SPDX-License-Identifier: MIT */
/* Telling the service manager how we are (sd_notify(3), the protocol alone): datagrams to NOTIFY_SOCKET, a path or
 * an abstract name ("@…"). Without that variable nothing is told, and nothing fails. */
#ifndef WAKE_NOTIFY_H
#define WAKE_NOTIFY_H

#include "watcher/loop.h"

struct wake_notify; /* opaque; owned: wake_notify_free */

/* Reads the variables and takes them out of our environment, so that no child speaks for us. Where WATCHDOG_USEC
 * is set (and WATCHDOG_PID is ours or not set), a sign of life is sent at half of that time. */
int wake_notify_new(struct wake_loop *loop, struct wake_notify **ret_notify, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_notify_free(struct wake_notify *notify);

/* status: one line for people. */
void wake_notify_ready(struct wake_notify *notify, const char *status);
void wake_notify_status(struct wake_notify *notify, const char *status);
void wake_notify_reloading(struct wake_notify *notify); /* followed by ready */
void wake_notify_stopping(struct wake_notify *notify);

#endif
