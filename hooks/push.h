/* SPDX-License-Identifier: MIT */
/* What git tells pre-push, as events. */
#ifndef WAKE_PUSH_H
#define WAKE_PUSH_H

#include "hooks/hook.h"

/* Adds push-intended: argv is REMOTE URL, a line of input "LOCAL_REF LOCAL REMOTE_REF REMOTE". Nothing to
 * push, no event. */
int wake_push_add(
    const struct wake_hook_call *call, struct wake_events *events, struct wake_error *err) WAKE_MUST_CHECK;

#endif
