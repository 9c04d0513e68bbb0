/* SPDX-License-Identifier: MIT */
/* watcher/loop: timers in order, work in pieces, descriptors that change while they are told of, and silence.
 */
#include "watcher/loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "turning.h"

#define TIMERS 200

struct rings {
	struct wake_loop *loop;
	int64_t at[TIMERS + 8];
	size_t count, wanted;
};

struct bell {
	struct rings *rings;
	struct wake_timer timer;
};

static void ring_bell(void *context)
{
	struct bell *bell = context;

	bell->rings->at[bell->rings->count++] = bell->timer.at;
	assert_true(bell->timer.place == 0);
	assert_true(bell->timer.at <= wake_clock_monotonic());
	if (bell->rings->count == bell->rings->wanted)
		wake_loop_stop(bell->rings->loop);
}

static void set_bell(struct bell *bell, struct rings *rings, int64_t at)
{
	struct wake_error err;

	bell->rings = rings;
	bell->timer.rung = ring_bell;
	bell->timer.context = bell;
	assert_int_equal(wake_loop_timer_set(rings->loop, &bell->timer, at, &err), WAKE_OK);
}

/* Set in a scattered order, a third of them moved, a third cleared. */
static void timers_ring_in_order(void **state)
{
	struct rings rings = { .loop = *state };
	static struct bell bells[TIMERS];
	struct wake_error err;
	int64_t now = wake_clock_monotonic();

	memset(bells, 0, sizeof(bells));
	for (size_t i = 0; i < TIMERS; i++)
		set_bell(&bells[i], &rings, now + (int64_t)(i * 7919 % TIMERS) * 100);
	for (size_t i = 0; i < TIMERS; i++) {
		if (i % 3 == 0)
			set_bell(&bells[i], &rings, now + (int64_t)(i * 104729 % TIMERS) * 150);
		else if (i % 3 == 1)
			wake_loop_timer_clear(rings.loop, &bells[i].timer);
		rings.wanted += i % 3 != 1;
	}
	wake_loop_timer_clear(rings.loop, &bells[1].timer); /* one that is not set is fine */
	assert_int_equal(wake_loop_run(rings.loop, &err), WAKE_OK);
	assert_int_equal(rings.count, rings.wanted);
	for (size_t i = 1; i < rings.count; i++)
		assert_true(rings.at[i - 1] <= rings.at[i]);
}

static void set_again(void *context)
{
	struct bell *bell = context;
	struct wake_error err;

	if (++bell->rings->count == 50)
		wake_loop_stop(bell->rings->loop);
	else
		assert_int_equal(wake_loop_timer_set(bell->rings->loop, &bell->timer, 0, &err), WAKE_OK);
}

static void count_ready(void *context, uint32_t events)
{
	assert_true(events & EPOLLIN);
	++*(int *)context;
}

/* One that is always due must leave the descriptors their turn. */
static void a_timer_that_sets_itself_does_not_starve_others(void **state)
{
	struct rings rings = { .loop = *state };
	struct bell bell = { .rings = &rings, .timer = { .rung = set_again, .context = &bell } };
	struct wake_error err;
	int pipes[2], seen = 0;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(wake_loop_watch(rings.loop, pipes[0], EPOLLIN, count_ready, &seen, &err), WAKE_OK);
	assert_int_equal(wake_loop_timer_set(rings.loop, &bell.timer, 0, &err), WAKE_OK);
	assert_int_equal(wake_loop_run(rings.loop, &err), WAKE_OK);
	assert_true(seen >= 49);
	wake_loop_unwatch(rings.loop, pipes[0]);
	close(pipes[0]);
	close(pipes[1]);
}

/* A timer that was moved away must not wake the loop at its old time. */
static void nothing_wakes_up_for_a_timer_that_was_moved(void **state)
{
	struct rings rings = { .loop = *state, .wanted = 1 };
	struct bell late = { 0 }, cleared = { 0 };
	struct wake_error err;
	int64_t now = wake_clock_monotonic();

	set_bell(&late, &rings, now + 1000);
	set_bell(&cleared, &rings, now + 2000);
	for (int i = 0; i < 100; i++)
		set_bell(&late, &rings, now + 30000 + i);
	wake_loop_timer_clear(rings.loop, &cleared.timer);
	assert_int_equal(wake_loop_run(rings.loop, &err), WAKE_OK);
	assert_true(wake_clock_monotonic() >= now + 30099);
	assert_int_equal(wake_loop_wakeups(rings.loop), 1);
}

struct piece {
	struct wake_loop *loop;
	struct wake_deferred deferred, *other;
	int runs, wanted, events_before[4];
	int *events;
};

static void do_piece(void *context)
{
	struct piece *piece = context;

	if (piece->runs < 4 && piece->events)
		piece->events_before[piece->runs] = *piece->events;
	if (piece->other)
		wake_loop_undefer(piece->loop, piece->other);
	if (++piece->runs < piece->wanted)
		wake_loop_defer(piece->loop, &piece->deferred);
	else
		wake_loop_stop(piece->loop);
}

static void work_in_pieces_lets_events_in_between(void **state)
{
	int pipes[2], seen = 0;
	struct piece piece = { .loop = *state, .wanted = 4, .events = &seen };
	struct wake_error err;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(wake_loop_watch(piece.loop, pipes[0], EPOLLIN, count_ready, &seen, &err), WAKE_OK);
	piece.deferred = (struct wake_deferred){ .run = do_piece, .context = &piece };
	wake_loop_defer(piece.loop, &piece.deferred);
	wake_loop_defer(piece.loop, &piece.deferred); /* counts once */
	assert_int_equal(wake_loop_run(piece.loop, &err), WAKE_OK);
	assert_int_equal(piece.runs, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(piece.events_before[i], i + 1);
	wake_loop_unwatch(piece.loop, pipes[0]);
	close(pipes[0]);
	close(pipes[1]);
}

static void deferred_work_can_be_called_off_by_other_work_of_the_round(void **state)
{
	struct piece first = { .loop = *state, .wanted = 1 }, second = first, third = first;
	struct wake_error err;

	first.deferred = (struct wake_deferred){ .run = do_piece, .context = &first };
	second.deferred = (struct wake_deferred){ .run = do_piece, .context = &second };
	third.deferred = (struct wake_deferred){ .run = do_piece, .context = &third };
	first.other = &second.deferred;
	wake_loop_defer(first.loop, &first.deferred);
	wake_loop_defer(first.loop, &second.deferred);
	wake_loop_defer(first.loop, &third.deferred);
	assert_int_equal(wake_loop_run(first.loop, &err), WAKE_OK);
	assert_int_equal(first.runs, 1);
	assert_int_equal(second.runs, 0);
	assert_int_equal(third.runs, 1);
	assert_false(second.deferred.waiting);
}

struct pair {
	struct wake_loop *loop;
	int ends[2][2], told[2];
};

/* Both pipes are readable; whichever is told first closes the other one and opens it anew under its number.
 */
static void replace_other(void *context, uint32_t events)
{
	struct pair *pair = context;
	struct wake_error err;
	int fresh[2];
	int other = pair->ends[1][0];

	(void)events;
	pair->told[0]++;
	wake_loop_unwatch(pair->loop, pair->ends[0][0]);
	wake_loop_unwatch(pair->loop, other);
	assert_int_equal(pipe2(fresh, O_CLOEXEC), 0);
	assert_int_equal(dup3(fresh[0], other, O_CLOEXEC), other);
	assert_int_equal(
	    wake_loop_watch(pair->loop, other, EPOLLIN, count_ready, &pair->told[1], &err), WAKE_OK);
	close(fresh[0]);
	close(fresh[1]);
	wake_loop_stop(pair->loop);
}

static void an_event_of_a_replaced_descriptor_is_told_to_nobody(void **state)
{
	struct pair pair = { .loop = *state };
	struct wake_error err;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe2(pair.ends[i], O_CLOEXEC), 0);
		assert_int_equal(write(pair.ends[i][1], "x", 1), 1);
	}
	/* epoll tells in the order in which they became ready, which is that of being watched. */
	assert_int_equal(
	    wake_loop_watch(pair.loop, pair.ends[0][0], EPOLLIN, replace_other, &pair, &err), WAKE_OK);
	assert_int_equal(
	    wake_loop_watch(pair.loop, pair.ends[1][0], EPOLLIN, count_ready, &pair.told[1], &err), WAKE_OK);
	assert_int_equal(wake_loop_run(pair.loop, &err), WAKE_OK);
	assert_int_equal(pair.told[0], 1);
	assert_int_equal(pair.told[1], 0);
	wake_loop_unwatch(pair.loop, pair.ends[1][0]);
	for (int i = 0; i < 2; i++) {
		close(pair.ends[i][0]);
		close(pair.ends[i][1]);
	}
}

static void refuses_what_cannot_be_watched(void **state)
{
	struct wake_loop *loop = *state;
	struct wake_error err;
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), seen = 0;

	assert_true(file >= 0);
	assert_int_equal(wake_loop_watch(loop, -1, EPOLLIN, count_ready, &seen, &err), WAKE_INVALID);
	assert_int_equal(wake_loop_watch(loop, file, EPOLLIN, count_ready, &seen, &err), WAKE_SYSTEM);
	assert_int_equal(wake_loop_change(loop, file, EPOLLIN, &err), WAKE_NOTFOUND);
	wake_loop_unwatch(loop, file);
	wake_loop_unwatch(loop, 100000);
	close(file);
}

static void counts_writable(void *context, uint32_t events)
{
	struct piece *piece = context;

	assert_true(events & EPOLLOUT);
	piece->runs++;
	wake_loop_stop(piece->loop);
}

static void a_change_of_events_takes_effect(void **state)
{
	struct piece piece = { .loop = *state };
	struct wake_error err;
	int pipes[2];

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(wake_loop_watch(piece.loop, pipes[1], 0, counts_writable, &piece, &err), WAKE_OK);
	assert_int_equal(wake_loop_change(piece.loop, pipes[1], EPOLLOUT, &err), WAKE_OK);
	assert_int_equal(wake_loop_run(piece.loop, &err), WAKE_OK);
	assert_int_equal(piece.runs, 1);
	wake_loop_unwatch(piece.loop, pipes[1]);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(timers_ring_in_order),
		loop_test(a_timer_that_sets_itself_does_not_starve_others),
		loop_test(nothing_wakes_up_for_a_timer_that_was_moved),
		loop_test(work_in_pieces_lets_events_in_between),
		loop_test(deferred_work_can_be_called_off_by_other_work_of_the_round),
		loop_test(an_event_of_a_replaced_descriptor_is_told_to_nobody),
		loop_test(refuses_what_cannot_be_watched),
		loop_test(a_change_of_events_takes_effect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
