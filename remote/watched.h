/* SPDX-License-Identifier: MIT */
/* An entry while it is followed, and what an answer of its service makes of it. */
#ifndef WAKE_REMOTE_WATCHED_H
#define WAKE_REMOTE_WATCHED_H

#include "agent/remote_pace.h"
#include "remote/service.h"

struct wake_remote_watched {
	struct wake_remote_entry entry; /* owned */
	struct wake_remote_pace pace;
	struct wake_exchange exchange; /* while in_flight */
	bool in_flight;
	bool is_gone;         /* its entry was removed, or it has ended: to be freed */
	bool has_told;        /* its latest report, since this process began */
	bool is_alive;        /* it said that it runs, and no heartbeat tells so yet */
	int64_t next;         /* monotonic: when it is asked again */
	int64_t beat;         /* monotonic: its latest heartbeat */
	int64_t contradicted; /* monotonic: since when its end is contradicted; 0: it is not */
};

/* Which request is due for it, appended to path. False: none now (its next is set). */
bool wake_remote_watched_path(struct wake_remote_watched *watched, struct wake_str *path);

/* Whatever the answer says is told, durably, and the entry written or removed; sets next. A failure here is
 * of this machine: it is tried again. */
int wake_remote_watched_take(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const struct wake_exchange_answer *answer, const struct wake_str *body,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The request could not even be made (its key's file, for example): a refusal for `why`. */
int wake_remote_watched_refuse(const struct wake_remote_place *place, struct wake_remote_watched *watched,
    const char *why, struct wake_error *err) WAKE_MUST_CHECK;

#endif
