/* SPDX-License-Identifier: MIT */
/* The epoll loop. A descriptor's events carry the generation of its watch, so that an event that was fetched
 * for a descriptor that has been unwatched (and perhaps closed and opened anew) since is told to nobody. */
#include "watcher/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scope.h"

#define EVENTS_MAX 32 /* fetched at once */
#define FIRST_ROOM 16 /* descriptors, timers */

struct watch {
	wake_loop_ready ready; /* NULL: not watched */
	void *context;
	uint32_t generation;
};

struct wake_loop {
	int epoll;
	int clock;             /* the timerfd */
	struct watch *watches; /* owned; by descriptor */
	size_t watch_room;
	uint32_t generation;
	struct wake_timer **heap; /* owned array of borrowed timers; the earliest first */
	size_t timers, timer_room;
	int64_t armed;                 /* what the timerfd is set to; INT64_MAX: not set */
	struct wake_deferred *waiting; /* for the next round */
	struct wake_deferred *running; /* of this round */
	uint64_t wakeups;
	bool stopping;
};

int wake_loop_new(struct wake_loop **ret_loop, struct wake_error *err)
{
	struct wake_loop *loop = calloc(1, sizeof(*loop));
	struct epoll_event event = { .events = EPOLLIN };

	if (!loop)
		return wake_fail_nomem(err);
	loop->armed = INT64_MAX;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	/* The timerfd alone has the generation 0. */
	if (loop->epoll < 0 || loop->clock < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->clock, &event) < 0) {
		int ret = wake_fail_errno(err, "set up the event loop");

		wake_loop_free(loop);
		return ret;
	}
	*ret_loop = loop;
	return WAKE_OK;
}

void wake_loop_free(struct wake_loop *loop)
{
	if (!loop)
		return;
	wake_scope_close(&loop->epoll);
	wake_scope_close(&loop->clock);
	free(loop->watches);
	free(loop->heap);
	free(loop);
}

/* ---- descriptors ---- */

static int grow_watches(struct wake_loop *loop, size_t needed, struct wake_error *err)
{
	size_t room = loop->watch_room ? loop->watch_room : FIRST_ROOM;
	struct watch *watches;

	while (room < needed)
		room *= 2;
	if (room == loop->watch_room)
		return WAKE_OK;
	watches = reallocarray(loop->watches, room, sizeof(*watches));
	if (!watches)
		return wake_fail_nomem(err);
	memset(watches + loop->watch_room, 0, (room - loop->watch_room) * sizeof(*watches));
	loop->watches = watches;
	loop->watch_room = room;
	return WAKE_OK;
}

static int control(struct wake_loop *loop, int operation, int fd, uint32_t events, uint32_t generation,
    struct wake_error *err)
{
	struct epoll_event event = { .events = events,
		.data.u64 = (uint64_t)generation << 32 | (uint32_t)fd };

	if (epoll_ctl(loop->epoll, operation, fd, &event) < 0)
		return wake_fail_errno(err, "watch descriptor %d", fd);
	return WAKE_OK;
}

static struct watch *find_watch(struct wake_loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->watch_room || !loop->watches[fd].ready)
		return NULL;
	return &loop->watches[fd];
}

int wake_loop_watch(struct wake_loop *loop, int fd, uint32_t events, wake_loop_ready ready, void *context,
    struct wake_error *err)
{
	uint32_t generation = loop->generation + 1 ? loop->generation + 1 : 1;
	int ret;

	if (fd < 0)
		return wake_fail(err, WAKE_INVALID, "descriptor %d cannot be watched", fd);
	ret = grow_watches(loop, (size_t)fd + 1, err);
	if (ret == WAKE_OK)
		ret = control(loop, EPOLL_CTL_ADD, fd, events, generation, err);
	if (ret < 0)
		return ret;
	loop->generation = generation;
	loop->watches[fd] = (struct watch){ .ready = ready, .context = context, .generation = generation };
	return WAKE_OK;
}

int wake_loop_change(struct wake_loop *loop, int fd, uint32_t events, struct wake_error *err)
{
	const struct watch *watch = find_watch(loop, fd);

	if (!watch)
		return wake_fail(err, WAKE_NOTFOUND, "descriptor %d is not watched", fd);
	return control(loop, EPOLL_CTL_MOD, fd, events, watch->generation, err);
}

void wake_loop_unwatch(struct wake_loop *loop, int fd)
{
	struct watch *watch = find_watch(loop, fd);

	if (!watch)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
	watch->ready = NULL;
}

static void tell(struct wake_loop *loop, const struct epoll_event *event)
{
	const struct watch *watch = find_watch(loop, (int)(uint32_t)event->data.u64);

	if (watch && watch->generation == event->data.u64 >> 32)
		watch->ready(watch->context, event->events);
}

/* ---- timers: a binary heap, each timer knowing its place ---- */

static void put(struct wake_loop *loop, size_t index, struct wake_timer *timer)
{
	loop->heap[index] = timer;
	timer->place = index + 1;
}

static void sift_up(struct wake_loop *loop, size_t index)
{
	struct wake_timer *timer = loop->heap[index];

	while (index > 0 && loop->heap[(index - 1) / 2]->at > timer->at) {
		put(loop, index, loop->heap[(index - 1) / 2]);
		index = (index - 1) / 2;
	}
	put(loop, index, timer);
}

static void sift_down(struct wake_loop *loop, size_t index)
{
	struct wake_timer *timer = loop->heap[index];

	for (size_t child; (child = 2 * index + 1) < loop->timers; index = child) {
		if (child + 1 < loop->timers && loop->heap[child + 1]->at < loop->heap[child]->at)
			child++;
		if (loop->heap[child]->at >= timer->at)
			break;
		put(loop, index, loop->heap[child]);
	}
	put(loop, index, timer);
}

int wake_loop_timer_set(struct wake_loop *loop, struct wake_timer *timer, int64_t at, struct wake_error *err)
{
	if (timer->place == 0 && loop->timers == loop->timer_room) {
		size_t room = loop->timer_room ? loop->timer_room * 2 : FIRST_ROOM;
		struct wake_timer **heap = reallocarray(loop->heap, room, sizeof(*heap));

		if (!heap)
			return wake_fail_nomem(err);
		loop->heap = heap;
		loop->timer_room = room;
	}
	timer->at = at;
	if (timer->place == 0)
		put(loop, loop->timers++, timer);
	sift_up(loop, timer->place - 1);
	sift_down(loop, timer->place - 1);
	return WAKE_OK;
}

void wake_loop_timer_clear(struct wake_loop *loop, struct wake_timer *timer)
{
	size_t index = timer->place - 1;
	struct wake_timer *last;

	if (timer->place == 0)
		return;
	timer->place = 0;
	last = loop->heap[--loop->timers];
	if (last == timer)
		return;
	put(loop, index, last);
	sift_up(loop, index);
	sift_down(loop, last->place - 1);
}

/* Before sleeping only, so that a timer that is moved a thousand times in one burst costs one call. */
static int arm(struct wake_loop *loop, struct wake_error *err)
{
	int64_t at = loop->timers > 0 ? loop->heap[0]->at : INT64_MAX;
	struct itimerspec spec = { 0 };

	if (at == loop->armed)
		return WAKE_OK;
	if (at != INT64_MAX) {
		int64_t positive = at > 0 ? at : 1; /* 0 would disarm it */

		spec.it_value.tv_sec = positive / WAKE_SECOND;
		spec.it_value.tv_nsec = positive % WAKE_SECOND * 1000;
	}
	if (timerfd_settime(loop->clock, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
		return wake_fail_errno(err, "set a timer");
	loop->armed = at;
	return WAKE_OK;
}

/* At most as many as there were: one that sets itself for now must not keep the descriptors waiting. */
static void ring(struct wake_loop *loop)
{
	int64_t now = loop->timers > 0 ? wake_clock_monotonic() : 0;

	for (size_t left = loop->timers; left > 0 && loop->timers > 0 && !loop->stopping; left--) {
		struct wake_timer *timer = loop->heap[0];

		if (timer->at > now)
			return;
		wake_loop_timer_clear(loop, timer);
		timer->rung(timer->context);
	}
}

/* ---- deferred work ---- */

void wake_loop_defer(struct wake_loop *loop, struct wake_deferred *deferred)
{
	struct wake_deferred **end = &loop->waiting;

	if (deferred->waiting)
		return;
	while (*end)
		end = &(*end)->next;
	deferred->next = NULL;
	deferred->waiting = true;
	*end = deferred;
}

static void take_out(struct wake_deferred **list, struct wake_deferred *deferred)
{
	while (*list && *list != deferred)
		list = &(*list)->next;
	if (*list)
		*list = deferred->next;
}

void wake_loop_undefer(struct wake_loop *loop, struct wake_deferred *deferred)
{
	if (!deferred->waiting)
		return;
	take_out(&loop->waiting, deferred);
	take_out(&loop->running, deferred);
	deferred->waiting = false;
}

static void run_deferred(struct wake_loop *loop)
{
	struct wake_deferred *deferred;

	loop->running = loop->waiting;
	loop->waiting = NULL;
	while ((deferred = loop->running)) {
		loop->running = deferred->next;
		deferred->waiting = false;
		deferred->run(deferred->context);
	}
}

/* ---- the loop ---- */

static int wait_for_events(struct wake_loop *loop, struct epoll_event *events, struct wake_error *err)
{
	int count = epoll_wait(loop->epoll, events, EVENTS_MAX, loop->waiting ? 0 : -1);

	if (count < 0 && errno != EINTR)
		return wake_fail_errno(err, "wait for events");
	loop->wakeups++;
	return count < 0 ? 0 : count;
}

int wake_loop_run(struct wake_loop *loop, struct wake_error *err)
{
	struct epoll_event events[EVENTS_MAX];

	loop->stopping = false;
	while (!loop->stopping) {
		int count, ret = arm(loop, err);

		if (ret < 0)
			return ret;
		count = wait_for_events(loop, events, err);
		if (count < 0)
			return count;
		for (int i = 0; i < count; i++) {
			if (events[i].data.u64 == 0)
				loop->armed =
				    INT64_MIN; /* it has expired: to be set again, which also reads it */
			else
				tell(loop, &events[i]);
		}
		ring(loop);
		run_deferred(loop);
	}
	return WAKE_OK;
}

void wake_loop_stop(struct wake_loop *loop)
{
	loop->stopping = true;
}

uint64_t wake_loop_wakeups(const struct wake_loop *loop)
{
	return loop->wakeups;
}
