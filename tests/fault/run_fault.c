/* SPDX-License-Identifier: MIT */
/* Passing an agent's output on when memory or a write fails at any one call: the bytes pass all the same, whatever is
 * not read of them. */
#include "cli/run_attend.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "../unit/base/scratch.h"
#include "base/fs.h"
#include "wrap.h"

#define NTH_MAX 1000 /* a loop that has not ended by then never will */
#define PRINTED_MAX 1000000

/* Long lines and short ones, and a result that is read. */
static void print(int out)
{
	static char block[150000];

	memset(block, 'x', sizeof(block));
	(void)dprintf(out, "{\"type\":\"system\",\"subtype\":\"init\",\"model\":\"m\",\"session_id\":\"s\"}\n{\"y\":\"");
	for (size_t done = 0; done < sizeof(block);) {
		ssize_t wrote = write(out, block + done, sizeof(block) - done);

		if (wrote < 0)
			_exit(1);
		done += (size_t)wrote;
	}
	(void)dprintf(out, "\"}\n{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"ok\"}\n");
}

static void ignore(void *context)
{
	(void)context;
}

/* What attending a child that prints this leaves in the file that is our standard output. Did the fault come? */
static bool attend_with(const char *file, enum wrap_call call, unsigned long nth, int error)
{
	int kept = dup(STDOUT_FILENO), out = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), agent = -1;
	struct wake_attending attending = { .signals = -1, .turned = ignore };
	struct wake_pump pump = { .in = -1, .lifeline = -1 };
	wake_auto_stream struct wake_stream *stream = NULL;
	struct wake_error err;
	bool fired;

	assert_true(kept >= 0 && out >= 0);
	assert_true(fflush(stdout) == 0 && dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
	assert_int_equal(wake_attend_signals(&attending, &err), WAKE_OK);
	assert_int_equal(wake_pump_open(&pump, &agent, &err), WAKE_OK);
	assert_int_equal(wake_stream_new(WAKE_STREAM_CLAUDE, &stream, &err), WAKE_OK);
	attending.pid = fork();
	if (attending.pid == 0) {
		print(agent);
		_exit(7);
	}
	(void)close(agent);
	attending.pump = &pump;
	attending.stream = stream;
	wrap_fail(call, nth, error);
	assert_int_equal(wake_attend(&attending, &err), WAKE_OK);
	fired = wrap_stop();
	assert_int_equal(WEXITSTATUS(attending.status), 7);
	assert_int_equal(pump.failure, 0);
	wake_pump_close(&pump);
	(void)sigprocmask(SIG_SETMASK, &attending.mask, NULL);
	wake_attending_release(&attending);
	assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(kept);
	(void)close(out);
	/* A line that found no memory is counted, never half read. */
	assert_int_equal(wake_stream_facts(stream)->lines + wake_stream_facts(stream)->unread, 3);
	return fired;
}

static void bytes_pass_whatever_fails(void **state)
{
	static const struct {
		enum wrap_call call;
		int error;
	} faults[] = { { WRAP_MEMORY, ENOMEM }, { WRAP_WRITE, EINTR }, { WRAP_WRITE, EAGAIN }, { WRAP_SHORT_WRITE, 0 } };
	wake_auto_free char *expected_file = scratch_path(state, "expected"), *file = scratch_path(state, "passed");
	wake_auto_free char *expected = NULL;
	size_t expected_len = 0;
	struct wake_error err;
	int out = open(expected_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	print(out);
	(void)close(out);
	assert_int_equal(wake_fs_read(expected_file, PRINTED_MAX, WAKE_FS_PLAIN, &expected, &expected_len, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(faults); i++) {
		unsigned long nth = 1;
		bool fired = true;

		for (; fired; nth++) {
			wake_auto_free char *passed = NULL;
			size_t len = 0;

			assert_true(nth < NTH_MAX);
			fired = attend_with(file, faults[i].call, nth, faults[i].error);
			assert_int_equal(wake_fs_read(file, PRINTED_MAX, WAKE_FS_PLAIN, &passed, &len, &err), WAKE_OK);
			assert_int_equal(len, expected_len);
			assert_memory_equal(passed, expected, len);
		}
		assert_true(nth > 2);
	}
}

/* A full disk: the agent's next write fails, as it would without us. */
static void a_write_that_cannot_be_is_told(void **state)
{
	wake_auto_free char *file = scratch_path(state, "full");
	int kept = dup(STDOUT_FILENO), out = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600), agent = -1;
	struct wake_pump pump = { .in = -1, .lifeline = -1 };
	struct pollfd fds[2];
	struct wake_error err;

	assert_true(fflush(stdout) == 0 && dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
	assert_int_equal(wake_pump_open(&pump, &agent, &err), WAKE_OK);
	assert_int_equal(write(agent, "some", 4), 4);
	wake_pump_poll(&pump, fds);
	assert_int_equal(poll(fds, 2, -1) > 0, 1);
	wrap_fail(WRAP_WRITE, 1, ENOSPC);
	(void)wake_pump_move(&pump, fds);
	assert_true(wrap_stop());
	assert_int_equal(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(pump.failure, ENOSPC);
	assert_true(wake_pump_is_done(&pump));
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(write(agent, "more", 4), -1);
	assert_int_equal(errno, EPIPE);
	wake_pump_close(&pump);
	(void)close(agent);
	(void)close(kept);
	(void)close(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(bytes_pass_whatever_fails),
		scratch_test(a_write_that_cannot_be_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
