/* SPDX-License-Identifier: MIT */
/* Passing an agent its input when memory or a write fails at any one call: the host's bytes pass all the
 * same, and a message is delivered if and only if the agent has it, once. */
#include "cli/run_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/base/scratch.h"
#include "base/fs.h"
#include "wrap.h"

#define RUN "r1"
#define NTH_MAX 1000 /* a loop that has not ended by then never will */
#define HOST "{\"a\":1}\n{\"b\":2}\n"

static size_t delivered_count;

static bool deliver(void *context, json_t *messages)
{
	(void)context;
	delivered_count += json_array_size(messages);
	return true;
}

static void say(const struct wake_paths *paths, int64_t at)
{
	char message[WAKE_ID_SIZE];
	struct wake_error err;
	int turn = -1;

	wake_id_v7(message);
	assert_int_equal(wake_inbox_enter(paths, RUN, &turn, &err), WAKE_OK);
	assert_int_equal(wake_inbox_put(paths, RUN, 1796000000000000 + at, message, "say it", &err), WAKE_OK);
	(void)close(turn);
}

/* All that can be done without waiting, and what the agent reads of it. */
static void move(struct wake_feed *feed, int agent, struct wake_str *got)
{
	struct pollfd fds[WAKE_FEED_WAITED];
	char bytes[4096];
	ssize_t len;

	for (int i = 0; i < 20; i++) {
		wake_feed_poll(feed, fds);
		(void)poll(fds, WAKE_FEED_WAITED, 0);
		wake_feed_move(feed, fds);
		while ((len = read(agent, bytes, sizeof(bytes))) > 0)
			wake_str_append_bytes(got, bytes, (size_t)len);
		wake_feed_confirm(feed);
	}
}

static size_t count(const char *text, const char *word)
{
	size_t found = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		found++;
	return found;
}

/* Did the fault come? */
static bool feed_with(void **state, enum wrap_call call, unsigned long nth, int error)
{
	wake_auto_free char *dir = scratch_path(state, "state");
	const struct wake_paths paths = { .state = dir };
	wake_auto_str struct wake_str got = WAKE_STR(1000000);
	struct wake_feed *feed = NULL;
	struct wake_error err;
	int host[2], kept = dup(STDIN_FILENO), agent = -1;
	bool fired;

	delivered_count = 0;
	assert_int_equal(pipe2(host, O_CLOEXEC), 0);
	assert_int_equal(dup2(host[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(host[0]);
	assert_int_equal(wake_feed_open(&feed, &agent, &err), WAKE_OK);
	(void)dup2(kept, STDIN_FILENO);
	assert_int_equal(fcntl(agent, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(wake_inbox_open(&paths, RUN, &feed->inbox, &err), WAKE_OK);
	feed->deliver = deliver;
	say(&paths, 1);
	say(&paths, 2);
	assert_int_equal(write(host[1], HOST, strlen(HOST)), (ssize_t)strlen(HOST));
	/* The fault is for the feed, not for what reads it. */
	for (int i = 0; i < 1000; i++)
		wake_str_append(&got, "room for all that is read");
	wake_str_clear(&got);
	wrap_fail(call, nth, error);
	move(feed, agent, &got);
	fired = wrap_stop();
	say(&paths, 3); /* what failed before is tried again */
	move(feed, agent, &got);
	(void)close(host[1]);
	move(feed, agent, &got);
	assert_int_equal(feed->out, -1);
	assert_int_equal(count(wake_str_text(&got), "{\"a\":1}\n"), 1);
	assert_int_equal(count(wake_str_text(&got), "{\"b\":2}\n"), 1);
	assert_int_equal(count(wake_str_text(&got), "\"say it\""), 3);
	assert_int_equal(delivered_count, 3);
	wake_feed_close(feed);
	(void)dup2(kept, STDIN_FILENO);
	(void)close(kept);
	(void)close(agent);
	return fired;
}

static void everything_passes_once(void **state)
{
	static const struct {
		enum wrap_call call;
		int error;
	} faults[] = { { WRAP_MEMORY, ENOMEM }, { WRAP_WRITE, EINTR }, { WRAP_WRITE, EAGAIN },
		{ WRAP_SHORT_WRITE, 0 } };

	for (size_t i = 0; i < WAKE_COUNT(faults); i++) {
		unsigned long nth = 1;

		while (feed_with(state, faults[i].call, nth, faults[i].error)) {
			nth++;
			assert_true(nth < NTH_MAX);
		}
		assert_true(nth > 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(everything_passes_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
