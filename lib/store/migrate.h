/* SPDX-License-Identifier: MIT */
/* Migrations: migrations/DRIVER/YYYYMMDD_HHMMSS_name.sql, embedded at build; forward only, one transaction
 * each, sha256 recorded in runwake_migrations and verified, stop at the first failure, newer schema refused.
 */
#ifndef WAKE_MIGRATE_H
#define WAKE_MIGRATE_H

#include "store/store.h"

struct wake_migration {
	const char *name;   /* file name without .sql */
	const char *driver; /* "sqlite" or "postgres" */
	const char *text;
	const char *sha256; /* 64 hex digits of the file */
};
/* Sorted by driver and name; ends with a row of NULLs. Generated. */
extern const struct wake_migration wake_migrations[];

struct wake_migration_status {
	size_t applied;
	size_t pending;
	char latest[128]; /* name of the newest applied; "" if none */
};
/* WAKE_CORRUPT: an applied migration's checksum differs from the embedded one's. WAKE_INVALID: the
 * store was made by a newer Runwake (upgrade). */
int wake_migrate_status(struct wake_store *store, struct wake_migration_status *ret_status,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Applies what is pending; safe when several do it at once. */
int wake_migrate(struct wake_store *store, size_t *ret_applied, struct wake_error *err) WAKE_MUST_CHECK;

/* The same inside the caller's transaction: all that is pending, or nothing. wake_store_prepare_migration came
 * before it. visit (may be NULL) is told of each that was applied. */
typedef int (*wake_migrate_visit)(
    void *context, const struct wake_migration *migration, struct wake_error *err);
int wake_migrate_inside(struct wake_store *store, wake_migrate_visit visit, void *context,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Calls visit for each migration that is pending, in their order, until it fails. */
int wake_migrate_each_pending(struct wake_store *store, wake_migrate_visit visit, void *context,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The same with a table of one's own, which ends with a row of NULLs. */
int wake_migrate_status_of(struct wake_store *store, const struct wake_migration *table,
    struct wake_migration_status *ret_status, struct wake_error *err) WAKE_MUST_CHECK;
int wake_migrate_to(struct wake_store *store, const struct wake_migration *table, size_t *ret_applied,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
