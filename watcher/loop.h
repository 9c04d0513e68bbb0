/* SPDX-License-Identifier: MIT */
/* One epoll loop: descriptors, timers, children and signals, in one thread. Nothing here polls: without
 * anything to do it sleeps for ever. */
#ifndef WAKE_LOOP_H
#define WAKE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct wake_loop; /* opaque; owned: wake_loop_free */

int wake_loop_new(struct wake_loop **ret_loop, struct wake_error *err) WAKE_MUST_CHECK;
void wake_loop_free(struct wake_loop *loop);

/* Called with the EPOLL… bits that are set. It may watch and unwatch anything, itself too. */
typedef void (*wake_loop_ready)(void *context, uint32_t events);

/* fd: borrowed; unwatch before closing it. events: EPOLLIN, EPOLLOUT; level-triggered. */
int wake_loop_watch(struct wake_loop *loop, int fd, uint32_t events, wake_loop_ready ready, void *context,
    struct wake_error *err) WAKE_MUST_CHECK;
int wake_loop_change(struct wake_loop *loop, int fd, uint32_t events, struct wake_error *err) WAKE_MUST_CHECK;
void wake_loop_unwatch(struct wake_loop *loop, int fd); /* one that is not watched is fine */

/* A timer lies in its owner's structure (zeroed: not set) and rings once. Setting it again moves it; it must
 * be cleared before its memory goes. */
typedef void (*wake_timer_rung)(void *context);
struct wake_timer {
	wake_timer_rung rung;
	void *context;
	int64_t at;	/* monotonic, microseconds (base/clock.h); the loop's */
	size_t place;	/* the loop's: 1 + index in its heap; 0: not set */
};
int wake_loop_timer_set(struct wake_loop *loop, struct wake_timer *timer, int64_t at, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_loop_timer_clear(struct wake_loop *loop, struct wake_timer *timer);

/* Work in pieces: called once, after what is ready now. Setting it again before is one call. A piece that has
 * more to do defers itself again, so that events are read between. */
struct wake_deferred {
	wake_timer_rung run;
	void *context;
	struct wake_deferred *next;	/* the loop's */
	bool waiting;			/* the loop's */
};
void wake_loop_defer(struct wake_loop *loop, struct wake_deferred *deferred);
void wake_loop_undefer(struct wake_loop *loop, struct wake_deferred *deferred);

/* Until wake_loop_stop is called from within. */
int wake_loop_run(struct wake_loop *loop, struct wake_error *err) WAKE_MUST_CHECK;
void wake_loop_stop(struct wake_loop *loop);

uint64_t wake_loop_wakeups(const struct wake_loop *loop); /* how often epoll_wait returned */

#endif
