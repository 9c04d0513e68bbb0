/* SPDX-License-Identifier: MIT */
/* runwake db migrate. */
#ifndef WAKE_DB_MIGRATE_H
#define WAKE_DB_MIGRATE_H

#include "cli/command.h"
#include "store/store.h"

/* Migrates the store, or with --dry-run says what that would do; prints what became of another system's
 * tables. */
int wake_db_migrate(
    struct wake_command_context *context, struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* Tells what somebody added to the store's tables that will keep events waiting, if anything. */
int wake_db_note_additions(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

#endif
