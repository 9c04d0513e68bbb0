/* SPDX-License-Identifier: MIT */
/* The parts of `runwake db` that have files of their own. */
#ifndef WAKE_DB_H
#define WAKE_DB_H

#include "base/json.h"
#include "cli/command.h"
#include "store/store.h"

/* copy [FROM] TO [--use] [--json] */
int wake_db_copy(struct wake_command_context *context, struct wake_error *err) WAKE_MUST_CHECK;

/* trim [--json] */
int wake_db_trim(struct wake_command_context *context, struct wake_error *err) WAKE_MUST_CHECK;

#endif
