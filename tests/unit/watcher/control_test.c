/* SPDX-License-Identifier: MIT */
/* watcher/control: two processes and a socket: answers, long ones too; silence, noise and crowds do no harm.
 */
#include "watcher/control.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "base/fs.h"

#define ASK_WAIT (20 * WAKE_SECOND)
#define LONG_ANSWER 500000 /* bytes; more than a socket's buffers hold */

/* The server in a process of its own. */
struct server {
	struct wake_loop *loop;
	struct wake_control *control;
	size_t filling;
	int asked;
};

static int give_status(void *context, json_t **ret_document, struct wake_error *err)
{
	struct server *server = context;
	wake_auto_free char *filling = calloc(1, server->filling + 1);

	if (!filling)
		return wake_fail_nomem(err);
	memset(filling, 'f', server->filling);
	if (++server->asked == 3)
		return wake_fail(err, WAKE_SYSTEM, "the third time fails");
	*ret_document = json_pack("{s:i, s:s}", "asked", server->asked, "filling", filling);
	return WAKE_OK;
}

static void stop(void *context)
{
	struct server *server = context;

	wake_control_free(server->control); /* may be freed in it */
	server->control = NULL;
	wake_loop_stop(server->loop);
}

static pid_t start_server(const char *dir, size_t filling)
{
	struct server server = { .filling = filling };
	struct wake_control_owner owner = { .status = give_status, .stop = stop, .context = &server };
	struct wake_error err;
	int pipes[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(pipes[1]);
		assert_int_equal(read(pipes[0], &byte, 1), 1);
		close(pipes[0]);
		return pid;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
	if (wake_loop_new(&server.loop, &err) < 0 ||
	    wake_control_new(server.loop, dir, &owner, &server.control, &err) < 0 ||
	    write(pipes[1], "x", 1) != 1 || wake_loop_run(server.loop, &err) < 0)
		_exit(99);
	wake_loop_free(server.loop);
	_exit(0);
}

static void end_server(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static json_t *ask(const char *dir, const char *word)
{
	wake_auto_free char *answer = NULL;
	struct wake_error err;
	json_t *document = NULL;
	int ret = wake_control_ask(dir, word, ASK_WAIT, &answer, &err);

	if (ret < 0)
		print_message("# %s\n", err.text);
	assert_int_equal(ret, WAKE_OK);
	assert_int_equal(answer[strlen(answer) - 1], '\n');
	assert_int_equal(wake_json_parse(answer, strlen(answer), &document, &err), WAKE_OK);
	return document;
}

static void expect_asked(const char *dir, int times)
{
	wake_auto_json json_t *document = ask(dir, "status");

	assert_int_equal(wake_json_int(document, "asked", 0), times);
}

static void stop_server(const char *dir, pid_t pid)
{
	wake_auto_json json_t *document = ask(dir, "stop");

	assert_true(wake_json_true(document, "stopping"));
	assert_int_equal(wake_json_int(document, "pid", 0), pid);
	end_server(pid);
}

static void answers_and_stops(void **state)
{
	wake_auto_free char *path = scratch_path(state, "socket"), *answer = NULL;
	struct wake_error err;
	struct stat st;
	pid_t pid = start_server(*state, 10);

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	expect_asked(*state, 1);
	expect_asked(*state, 2);
	{
		wake_auto_json json_t *failed = ask(*state, "status"), *unknown = ask(*state, "reload");

		assert_string_equal(wake_json_string(failed, "error"), "the third time fails");
		assert_non_null(wake_json_string(unknown, "error"));
	}
	expect_asked(*state, 4); /* a failure ends nothing */
	stop_server(*state, pid);
	assert_int_equal(stat(path, &st), -1); /* taken away */
	assert_int_equal(wake_control_ask(*state, "status", ASK_WAIT, &answer, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_control_ask("/no/such/dir", "status", ASK_WAIT, &answer, &err), WAKE_NOTFOUND);
}

static void gives_a_long_answer_whole(void **state)
{
	pid_t pid = start_server(*state, LONG_ANSWER);
	wake_auto_json json_t *document = ask(*state, "status");

	assert_int_equal(strlen(wake_json_string(document, "filling")), LONG_ANSWER);
	stop_server(*state, pid);
}

/* kill -9 leaves the socket; the next one takes its place. */
static void takes_a_dead_ones_place(void **state)
{
	wake_auto_free char *answer = NULL;
	struct wake_error err;
	pid_t pid = start_server(*state, 10);
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(wake_control_ask(*state, "status", ASK_WAIT, &answer, &err), WAKE_NOTFOUND);
	pid = start_server(*state, 10);
	expect_asked(*state, 1);
	stop_server(*state, pid);
}

/* An address has room for 108 bytes. */
static void a_long_path_is_reached(void **state)
{
	wake_auto_str struct wake_str name = WAKE_STR(4096);
	wake_auto_free char *dir = NULL;
	struct wake_error err;
	pid_t pid;

	for (int i = 0; i < 8; i++)
		wake_str_append(&name, "a-directory-whose-name-is-fifty-bytes-long-or-more/");
	dir = scratch_path(state, wake_str_text(&name));
	assert_int_equal(wake_fs_make_dirs(dir, &err), WAKE_OK);
	pid = start_server(dir, 10);
	expect_asked(dir, 1);
	stop_server(dir, pid);
}

static int connect_raw(const char *dir)
{
	wake_auto_close int directory = -1;
	struct sockaddr_un address;
	struct wake_error err;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(wake_control_address(dir, &directory, &address, &err), WAKE_OK);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The server closed it: the end of the stream, or a reset where it left something unread. */
static void expect_dropped(int fd)
{
	char byte;
	ssize_t got = read(fd, &byte, 1);

	assert_true(got == 0 || (got < 0 && errno == ECONNRESET));
	close(fd);
}

static void drops_the_noisy_and_the_silent(void **state)
{
	static const char noise[WAKE_CONTROL_LINE] = { 1 };
	pid_t pid = start_server(*state, 10);
	int64_t began = wake_clock_monotonic();
	int noisy = connect_raw(*state), silent = connect_raw(*state), halfway = connect_raw(*state);

	assert_int_equal(write(noisy, noise, sizeof(noise)), sizeof(noise));
	expect_dropped(noisy);
	assert_true(wake_clock_monotonic() - began < WAKE_CONTROL_WAIT);
	assert_int_equal(write(halfway, "sta", 3), 3);
	expect_asked(*state, 1); /* nobody waits for them */
	expect_dropped(silent);
	expect_dropped(halfway);
	assert_true(wake_clock_monotonic() - began >= WAKE_CONTROL_WAIT - 1000);
	stop_server(*state, pid);
}

static void a_crowd_is_turned_away(void **state)
{
	pid_t pid = start_server(*state, 10);
	int crowd[WAKE_CONTROL_CLIENTS];
	wake_auto_free char *answer = NULL;
	struct wake_error err;
	int64_t until = wake_clock_monotonic() + ASK_WAIT;
	int ret;

	for (int i = 0; i < WAKE_CONTROL_CLIENTS; i++)
		crowd[i] = connect_raw(*state);
	expect_dropped(connect_raw(*state));
	assert_int_equal(wake_control_ask(*state, "status", ASK_WAIT, &answer, &err), WAKE_BUSY);
	close(crowd[3]);
	close(crowd[7]); /* a client that leaves makes room, once that is seen */
	do
		ret = wake_control_ask(*state, "status", ASK_WAIT, &answer, &err);
	while (ret == WAKE_BUSY && wake_clock_monotonic() < until);
	assert_int_equal(ret, WAKE_OK);
	for (int i = 0; i < WAKE_CONTROL_CLIENTS; i++) {
		if (i != 3 && i != 7)
			close(crowd[i]);
	}
	expect_asked(*state, 2);
	stop_server(*state, pid);
}

/* One that takes no answer is let go after its time, and the others do not wait for it. */
static void one_that_does_not_read_holds_nobody_up(void **state)
{
	pid_t pid = start_server(*state, LONG_ANSWER);
	int deaf = connect_raw(*state);

	assert_int_equal(write(deaf, "status\n", 7), 7);
	expect_asked(*state, 2);
	close(deaf);
	stop_server(*state, pid);
}

/* The directory keeps others out already; here it is open, as after a chmod by mistake. */
static void refuses_another_user(void **state)
{
	const char *dir = *state;
	wake_auto_free char *path = scratch_path(state, "socket");
	pid_t pid, asker;
	int status;

	if (geteuid() != 0)
		skip(); /* only root can become another user */
	pid = start_server(dir, 10);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chmod(path, 0666), 0);
	asker = fork();
	if (asker == 0) {
		char *answer = NULL;
		struct wake_error err;

		if (setuid(65534) < 0)
			_exit(98);
		_exit(wake_control_ask(dir, "stop", ASK_WAIT, &answer, &err) == WAKE_OK ? 97 : 0);
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	assert_int_equal(status, 0);
	expect_asked(dir, 1); /* not stopped */
	stop_server(dir, pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(answers_and_stops),
		scratch_test(gives_a_long_answer_whole),
		scratch_test(takes_a_dead_ones_place),
		scratch_test(a_long_path_is_reached),
		scratch_test(drops_the_noisy_and_the_silent),
		scratch_test(a_crowd_is_turned_away),
		scratch_test(one_that_does_not_read_holds_nobody_up),
		scratch_test(refuses_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
