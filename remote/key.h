/* SPDX-License-Identifier: MIT */
/* A service's key, from its file. */
#ifndef WAKE_KEY_H
#define WAKE_KEY_H

#include "base/error.h"

#define WAKE_KEY_MAX 1024 /* bytes */

/* A regular file of ours that nobody else may read (0600 or stricter), which holds one line of visible ASCII.
 * WAKE_INVALID says what it lacks, and never what it holds. The caller wipes ret_key (explicit_bzero(3)). */
int wake_key_read(const char *path, char ret_key[WAKE_KEY_MAX + 1], struct wake_error *err) WAKE_MUST_CHECK;

#endif
