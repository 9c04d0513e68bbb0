/* SPDX-License-Identifier: MIT */
/* One watcher a state directory: DIR/lock, DIR being STATE/watcher. The lock is an open file description's
 * (fcntl(2), F_OFD_SETLK), so it ends with its holder, however that ends; the file holds "PID START" (start
 * time in clock ticks since boot), which proves nothing by itself. */
#ifndef WAKE_LOCK_H
#define WAKE_LOCK_H

#include <stdbool.h>

#include "base/error.h"

/* Makes DIR (0700) where it is missing. WAKE_BUSY: another watcher runs. ret_fd: close it to unlock. */
int wake_lock_take(const char *dir, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;
/* Writes down who holds it now (a process that took it may have become another one by fork). */
int wake_lock_sign(int fd, struct wake_error *err) WAKE_MUST_CHECK;
/* Is the lock that we hold still the one that others would find? Not so when DIR was removed. */
bool wake_lock_is_ours(const char *dir, int fd);

/* Takes it from whoever holds it: asks that watcher to stop, and waits until it has (half a minute); one that
 * does not answer gets a SIGTERM, after it has proved to be one. WAKE_BUSY: it stays. */
int wake_lock_take_over(const char *dir, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;

/* SIGTERM to whoever holds it, if it has the file open, is the one that the file names and is not we. False: nobody
 * was signalled. */
bool wake_lock_signal_holder(const char *dir);

#endif
