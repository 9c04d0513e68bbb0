/* SPDX-License-Identifier: MIT */
/* Events that wait in a team's ledger to be folded: machines inserted them that may do no more (the role
 * runwake_machine). Whoever inserts may insert anything: an event is read as strictly as one of the spool,
 * and what is none is set aside in its place, with the reason, in the way of no other. A store in a file has
 * none. */
#ifndef WAKE_WAITING_H
#define WAKE_WAITING_H

#include "store/store.h"

#define WAKE_WAITING_BATCH 500                /* events a transaction */
#define WAKE_WAITING_BYTES (64 * 1024 * 1024) /* of a payload, and of a batch's payloads */

/* Folds a batch of them. ret_folded: how many; ret_more: may any be left? WAKE_BUSY: another writer is at
 * work. Where a batch is refused, a smaller one is tried, down to the one event that is at fault. */
int wake_waiting_fold(
    struct wake_store *store, size_t *ret_folded, bool *ret_more, struct wake_error *err) WAKE_MUST_CHECK;

/* What a newer program wrote and was set aside waits again, where this one is as new by now. all: so does whatever
 * else was set aside, since an event may have a type or a member that only a newer program knows. */
int wake_waiting_again(struct wake_store *store, bool all, struct wake_error *err) WAKE_MUST_CHECK;

struct wake_waiting {
	int64_t events; /* that wait */
	int64_t set_aside;
	char reason[256]; /* why the latest one was set aside; "" if none was */
};
int wake_waiting_count(
    struct wake_store *store, struct wake_waiting *ret_waiting, struct wake_error *err) WAKE_MUST_CHECK;

#endif
