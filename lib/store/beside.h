/* SPDX-License-Identifier: MIT */
/* Living beside a system that has tables sessions, messages and users of its own: they are used as they are,
 * and never altered or dropped. Where they do not take what is recorded, events wait. */
#ifndef WAKE_BESIDE_H
#define WAKE_BESIDE_H

#include "store/store.h"

/* problem and mend: borrowed for the call; names in them come from the server. A negative return ends the
 * check and is handed on. */
typedef int (*wake_beside_visit)(
    void *context, const char *problem, const char *mend, struct wake_error *err);

/* Calls visit for each thing about the three tables that keeps the store from being migrated (where it is not
 * yet) or events from being recorded: what is missing, of another type, may not be null or may not be
 * written. Reads the server's catalogue alone: what a CHECK or a trigger refuses, it does not see
 * (wake_beside_try does). */
int wake_beside_check(
    struct wake_store *store, wake_beside_visit visit, void *context, struct wake_error *err) WAKE_MUST_CHECK;

/* The same before a migration. WAKE_INVALID: something was told that it would fail at, or that would have it make
 * tables of the same names elsewhere. */
int wake_beside_check_migration(
    struct wake_store *store, wake_beside_visit visit, void *context, struct wake_error *err) WAKE_MUST_CHECK;

/* Writes a session with a message as a run has them; inside a transaction, for the caller to roll back. What
 * the tables refuse is told in err. */
int wake_beside_try(struct wake_store *store, struct wake_error *err) WAKE_MUST_CHECK;

/* wake_store_exec_script for a migration. One that refers to users makes that table where it is not there: a
 * foreign key takes one type of ids, and where users' ids are numbers, runs can have none to users. */
int wake_beside_exec_script(
    struct wake_store *store, const char *text, struct wake_error *err) WAKE_MUST_CHECK;

#endif
