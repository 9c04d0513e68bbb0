/* SPDX-License-Identifier: MIT */
/* The shell shim that takes the place of a hook: it runs ours if it is there, then always the hook that was
 * there before, which lies beside it as NAME.runwake-chained. Ours may be gone, may lack its loader, may
 * crash: the old hook gets its arguments and its input all the same. Its second line holds a fingerprint of
 * the rest, so that a shim that somebody has changed is never taken for ours. */
#ifndef WAKE_WIRING_SHIM_H
#define WAKE_WIRING_SHIM_H

#include <stdbool.h>

#include "base/str.h"

#define WAKE_SHIM_MAX (64 * 1024) /* bytes */

/* program: absolute path of our hook. old: path of the hook that it hides now or will hide, NULL if there is
 * none. */
int wake_shim_make(const char *name, const char *program, const char *old, struct wake_str *ret_text,
    struct wake_error *err) WAKE_MUST_CHECK;

bool wake_shim_is_one(const char *text, size_t len); /* of ours, whether changed or not */
bool wake_shim_is_unchanged(const char *text, size_t len);

/* The program that a shim runs; NULL if it cannot be read. owned: free(3). */
char *wake_shim_program(const char *text);

#endif
