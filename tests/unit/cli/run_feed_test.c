/* SPDX-License-Identifier: MIT */
/* The agent's input passes as it is, and messages stand between its whole lines alone. */
#include "cli/run_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/scratch.h"
#include "base/fs.h"

#define RUN "r1"

struct bench {
	struct wake_feed *feed;
	struct wake_paths paths;
	int host, agent, kept; /* the far ends; what standard input was */
	struct wake_str got;   /* what the agent has read */
	json_t *delivered;     /* ids, in order */
	bool cannot_tell;
	int64_t said;
};

static struct wake_error err;

static bool deliver(void *context, json_t *messages)
{
	struct bench *bench = context;

	if (!bench->cannot_tell)
		assert_int_equal(json_array_extend(bench->delivered, messages), 0);
	return !bench->cannot_tell;
}

static void open_bench(void **state, struct bench *bench)
{
	int host[2];

	*bench = (struct bench){ .got = WAKE_STR((size_t)64 * 1024 * 1024), .delivered = json_array() };
	(void)signal(SIGPIPE, SIG_IGN);
	bench->paths.state = scratch_path(state, "state");
	assert_int_equal(pipe2(host, O_CLOEXEC), 0);
	assert_int_equal(fcntl(host[1], F_SETFL, O_NONBLOCK), 0);
	bench->kept = dup(STDIN_FILENO);
	assert_int_equal(dup2(host[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(host[0]);
	bench->host = host[1];
	assert_int_equal(wake_feed_open(&bench->feed, &bench->agent, &err), WAKE_OK);
	assert_int_equal(fcntl(bench->agent, F_SETFL, O_NONBLOCK), 0);
	/* The feed has a description of its own: the end of the other one is not to be waited for. */
	(void)dup2(bench->kept, STDIN_FILENO);
	bench->feed->deliver = deliver;
	bench->feed->context = bench;
	bench->feed->has_mail = true;
	assert_int_equal(wake_inbox_open(&bench->paths, RUN, &bench->feed->inbox, &err), WAKE_OK);
}

static void close_bench(struct bench *bench)
{
	wake_feed_close(bench->feed);
	(void)dup2(bench->kept, STDIN_FILENO);
	(void)close(bench->kept);
	wake_scope_close(&bench->host);
	wake_scope_close(&bench->agent);
	wake_str_release(&bench->got);
	json_decref(bench->delivered);
	free(bench->paths.state);
}

/* Whatever can be done without waiting. */
static void turn(struct bench *bench)
{
	struct pollfd fds[WAKE_FEED_WAITED];

	for (int i = 0; i < 40; i++) {
		wake_feed_poll(bench->feed, fds);
		(void)poll(fds, WAKE_FEED_WAITED, 0);
		wake_feed_move(bench->feed, fds);
		wake_feed_confirm(bench->feed);
	}
}

/* Returns false at the end of its input. */
static bool agent_reads(struct bench *bench, size_t most)
{
	char bytes[4096];
	ssize_t got = 1;

	while (
	    most > 0 && (got = read(bench->agent, bytes, most < sizeof(bytes) ? most : sizeof(bytes))) > 0) {
		wake_str_append_bytes(&bench->got, bytes, (size_t)got);
		most -= (size_t)got;
	}
	return got != 0;
}

static void say(struct bench *bench, const char *text, char ret_message[WAKE_ID_SIZE])
{
	int turn = -1;

	wake_id_v7(ret_message);
	assert_int_equal(wake_inbox_enter(&bench->paths, RUN, &turn, &err), WAKE_OK);
	assert_int_equal(
	    wake_inbox_put(&bench->paths, RUN, 1796000000000000 + bench->said++, ret_message, text, &err),
	    WAKE_OK);
	(void)close(turn);
}

static void host_writes(struct bench *bench, const char *bytes, size_t len)
{
	assert_int_equal(write(bench->host, bytes, len), (ssize_t)len);
}

/* The lines that the agent has, without those that are messages; their ids are checked against delivered. */
static void check_lines(struct bench *bench, const char *host, size_t host_len, size_t messages)
{
	wake_auto_str struct wake_str rest = WAKE_STR((size_t)64 * 1024 * 1024);
	const char *at = wake_str_text(&bench->got), *end = at + bench->got.len;
	size_t found = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline ? (size_t)(newline - at) + 1 : (size_t)(end - at);
		wake_auto_json json_t *line = json_loadb(at, len, 0, NULL);
		const char *id = wake_json_string(line, "uuid");

		if (!id)
			wake_str_append_bytes(&rest, at, len);
		else
			assert_string_equal(id, json_string_value(json_array_get(bench->delivered, found++)));
		at += len;
	}
	assert_int_equal(found, messages);
	assert_int_equal(json_array_size(bench->delivered), messages);
	assert_int_equal(rest.len, host_len);
	assert_memory_equal(wake_str_text(&rest), host, host_len);
}

static char *make_lines(size_t len)
{
	char *lines = malloc(len);
	uint32_t seed = 7;

	assert_non_null(lines);
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		lines[i] = seed >> 24 == 10 ? '\n' : (char)(1 + (seed >> 16) % 255);
		lines[i] = (char)(lines[i] == '{' ? '(' : lines[i]);
	}
	lines[len - 1] = '\n';
	return lines;
}

/* In pieces of all sizes, with messages meanwhile, and the end as it is. */
static void all_of_it_passes(void **state)
{
	struct bench bench;
	size_t len = 700000, sent = 0, messages = 0;
	char *lines = make_lines(len), id[WAKE_ID_SIZE];

	open_bench(state, &bench);
	for (size_t piece = 1; sent < len; piece = piece * 3 % 5003) {
		size_t most = len - sent < piece ? len - sent : piece;

		host_writes(&bench, lines + sent, most);
		sent += most;
		if (messages < 50 && sent % 7 == 0) {
			say(&bench, "with a \"quote\",\na line and \x01", id);
			messages++;
		}
		turn(&bench);
		assert_true(agent_reads(&bench, SIZE_MAX));
	}
	assert_true(messages > 10);
	turn(&bench);
	wake_scope_close(&bench.host);
	bench.host = -1;
	turn(&bench);
	assert_false(agent_reads(&bench, SIZE_MAX));
	check_lines(&bench, lines, len, messages);
	close_bench(&bench);
	free(lines);
}

static void a_cut_line_is_left_whole(void **state)
{
	static const char line[] = "{\"type\":\"user\"}\n";
	struct bench bench;
	char id[WAKE_ID_SIZE];

	open_bench(state, &bench);
	host_writes(&bench, line, 1);
	turn(&bench);
	say(&bench, "wait for it", id);
	for (size_t i = 1; i < strlen(line); i++) {
		turn(&bench);
		assert_true(agent_reads(&bench, SIZE_MAX));
		assert_int_equal(bench.got.len, i);
		host_writes(&bench, line + i, 1);
	}
	turn(&bench);
	assert_true(agent_reads(&bench, SIZE_MAX));
	turn(&bench);
	assert_memory_equal(bench.got.data, line, strlen(line));
	assert_non_null(strstr(bench.got.data + strlen(line), id));
	check_lines(&bench, line, strlen(line), 1);
	close_bench(&bench);
}

/* The host's last line may lack its newline: there is no place for a message then. */
static void the_end_of_the_input_is_the_end(void **state)
{
	struct bench bench;
	char id[WAKE_ID_SIZE];
	int turn_fd;

	open_bench(state, &bench);
	host_writes(&bench, "half", 4);
	turn(&bench);
	say(&bench, "too late", id);
	wake_scope_close(&bench.host);
	bench.host = -1;
	turn(&bench);
	assert_false(agent_reads(&bench, SIZE_MAX));
	check_lines(&bench, "half", 4, 0);
	/* Nobody takes anything any more. */
	assert_int_equal(wake_inbox_enter(&bench.paths, RUN, &turn_fd, &err), WAKE_NOTFOUND);
	close_bench(&bench);
}

/* It blocks nobody but the host, and nothing counts as delivered that it has not read. */
static void an_agent_that_does_not_read(void **state)
{
	struct bench bench;
	char id[WAKE_ID_SIZE], *lines = make_lines(4096);
	size_t sent = 0;

	open_bench(state, &bench);
	say(&bench, "are you there?", id);
	turn(&bench);
	assert_int_equal(json_array_size(bench.delivered), 0);
	for (int full = 0; full < 3;) {
		ssize_t wrote = write(bench.host, lines, 4096);

		turn(&bench);
		full = wrote < 0 ? full + 1 : 0;
		sent += wrote > 0 ? (size_t)wrote : 0;
		assert_true(sent < 1000000);
	}
	assert_true(sent >= WAKE_FEED_SIZE);
	assert_int_equal(json_array_size(bench.delivered), 0);
	assert_true(agent_reads(&bench, 40));
	turn(&bench);
	assert_int_equal(json_array_size(bench.delivered), 0);
	assert_true(agent_reads(&bench, 4000));
	bench.cannot_tell = true; /* asked again when it can be told */
	turn(&bench);
	bench.cannot_tell = false;
	turn(&bench);
	assert_int_equal(json_array_size(bench.delivered), 1);
	close_bench(&bench);
	free(lines);
}

/* The host has ended; the agent reads the rest of it later, or never. */
static void what_is_read_after_the_end_is_delivered(void **state)
{
	for (int reads = 0; reads < 2; reads++) {
		struct bench bench;
		char id[WAKE_ID_SIZE];

		open_bench(state, &bench);
		say(&bench, "the last word", id);
		turn(&bench);
		wake_scope_close(&bench.host);
		bench.host = -1;
		turn(&bench);
		assert_int_equal(bench.feed->out, -1);
		assert_int_equal(json_array_size(bench.delivered), 0);
		if (reads)
			assert_false(agent_reads(&bench, SIZE_MAX));
		wake_feed_confirm(bench.feed);
		assert_int_equal(json_array_size(bench.delivered), reads);
		close_bench(&bench);
	}
}

static void an_agent_that_has_closed_its_input(void **state)
{
	struct bench bench;
	char id[WAKE_ID_SIZE];

	open_bench(state, &bench);
	wake_scope_close(&bench.agent);
	bench.agent = -1;
	turn(&bench);
	assert_int_equal(bench.feed->out, -1);
	wake_id_v7(id);
	assert_int_equal(write(bench.host, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(json_array_size(bench.delivered), 0);
	close_bench(&bench);
}

/* Its directory could not be made, or something in it not removed. */
static void without_an_inbox_the_bytes_pass(void **state)
{
	struct bench bench;

	open_bench(state, &bench);
	wake_inbox_close(&bench.feed->inbox);
	bench.feed->has_mail = true;
	host_writes(&bench, "one\n", 4);
	turn(&bench);
	assert_true(agent_reads(&bench, SIZE_MAX));
	check_lines(&bench, "one\n", 4, 0);
	close_bench(&bench);
}

static void many_keep_their_order(void **state)
{
	struct bench bench;
	char id[WAKE_ID_SIZE];

	open_bench(state, &bench);
	for (int i = 0; i < 3 * WAKE_FEED_LENT_MAX / 2; i++)
		say(&bench, "again", id);
	for (int i = 0; i < 20; i++) {
		turn(&bench);
		assert_true(agent_reads(&bench, SIZE_MAX));
	}
	turn(&bench);
	check_lines(&bench, "", 0, 3 * WAKE_FEED_LENT_MAX / 2);
	assert_string_equal(
	    json_string_value(json_array_get(bench.delivered, 3 * WAKE_FEED_LENT_MAX / 2 - 1)), id);
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(all_of_it_passes),
		scratch_test(a_cut_line_is_left_whole),
		scratch_test(the_end_of_the_input_is_the_end),
		scratch_test(an_agent_that_does_not_read),
		scratch_test(what_is_read_after_the_end_is_delivered),
		scratch_test(an_agent_that_has_closed_its_input),
		scratch_test(without_an_inbox_the_bytes_pass),
		scratch_test(many_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
