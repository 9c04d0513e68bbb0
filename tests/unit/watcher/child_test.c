/* SPDX-License-Identifier: MIT */
/* watcher/child: what a child gets, what it says, how it ends, and that it may be freed at any moment. */
#include "watcher/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/str.h"
#include "turning.h"

struct seen {
	struct wake_child *child;
	struct wake_str output, errors;
	int code, ends;
	bool frees_on_output, frees_on_end;
};

static void saw_output(void *context, const char *bytes, size_t len)
{
	struct seen *seen = context;

	wake_str_append_bytes(&seen->output, bytes, len);
	if (seen->frees_on_output) {
		wake_child_free(seen->child);
		seen->child = NULL;
	}
}

static void saw_errors(void *context, const char *bytes, size_t len)
{
	wake_str_append_bytes(&((struct seen *)context)->errors, bytes, len);
}

static void saw_end(void *context, int code)
{
	struct seen *seen = context;

	seen->code = code;
	seen->ends++;
	if (seen->frees_on_end) {
		wake_child_free(seen->child);
		seen->child = NULL;
	}
}

static bool has_ended(void *context)
{
	return ((struct seen *)context)->ends > 0;
}

static bool has_output(void *context)
{
	return ((struct seen *)context)->output.len > 0;
}

static struct wake_child_spec spec_of(struct seen *seen, const char *const *argv)
{
	return (struct wake_child_spec){ .argv = argv,
		.has_output = true,
		.output = saw_output,
		.errors = saw_errors,
		.ended = saw_end,
		.context = seen };
}

static void seen_release(struct seen *seen)
{
	wake_child_free(seen->child);
	wake_str_release(&seen->output);
	wake_str_release(&seen->errors);
}

#define SEEN                                                                                                 \
	{                                                                                                    \
		.output = WAKE_STR(64 << 20), .errors = WAKE_STR(4096), .code = -1                           \
	}
#define auto_seen WAKE_CLEANUP(seen_release) struct seen

/* Runs a shell script to its end. */
static void run_script(struct wake_loop *loop, struct seen *seen, const char *script)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	struct wake_child_spec spec = spec_of(seen, argv);
	struct wake_error err;

	assert_int_equal(wake_child_start(loop, &spec, &seen->child, &err), WAKE_OK);
	assert_true(wake_child_pid(seen->child) > 0);
	assert_true(turn_until(loop, has_ended, seen));
	assert_int_equal(seen->ends, 1);
}

static void tells_output_errors_and_the_exit_code(void **state)
{
	auto_seen seen = SEEN;

	run_script(*state, &seen, "echo out; echo err >&2; pwd; exit 7");
	assert_int_equal(seen.code, 7);
	assert_string_equal(wake_str_text(&seen.output), "out\n/\n");
	assert_string_equal(wake_str_text(&seen.errors), "err\n");
	wake_child_signal(seen.child, SIGKILL); /* to one that has ended goes nowhere */
}

static void tells_the_signal_that_ended_it(void **state)
{
	auto_seen seen = SEEN;

	run_script(*state, &seen, "kill -9 $$");
	assert_int_equal(seen.code, 128 + SIGKILL);
}

/* More than a pipe holds is told whole, though the child is gone before the last of it is read. */
static void reads_a_long_output_to_its_end(void **state)
{
	auto_seen seen = SEEN;

	run_script(*state, &seen, "i=0; while [ $i -lt 30000 ]; do echo 0123456789; i=$((i + 1)); done");
	assert_int_equal(seen.code, 0);
	assert_int_equal(seen.output.len, 30000 * 11);
}

/* What the child leaves behind must not hold its end back: it keeps the pipe open until it is killed. */
static void does_not_wait_for_what_the_child_has_started(void **state)
{
	auto_seen seen = SEEN;
	long left;

	run_script(*state, &seen, "tail -f /dev/null & echo $!");
	assert_int_equal(seen.code, 0);
	left = strtol(wake_str_text(&seen.output), NULL, 10);
	assert_true(left > 1);
	assert_int_equal(kill((pid_t)left, SIGKILL), 0);
}

static void cleans_the_environment(void **state)
{
	auto_seen seen = SEEN;

	assert_int_equal(setenv("GIT_DIR", "/nowhere", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_KEY_0", "core.bare", 1), 0);
	assert_int_equal(setenv("RUNWAKE_RUN_ID", "a-run", 1), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", "/nowhere", 1), 0);
	assert_int_equal(setenv("LC_ALL", "de_DE.UTF-8", 1), 0);
	assert_int_equal(setenv("KEPT_FOR_THE_TEST", "kept", 1), 0);
	run_script(*state, &seen,
	    "echo ${GIT_DIR-none} ${GIT_CONFIG_KEY_0-none} ${RUNWAKE_RUN_ID-none} ${NOTIFY_SOCKET-none} "
	    "$LC_ALL $GIT_TERMINAL_PROMPT $GIT_OPTIONAL_LOCKS $KEPT_FOR_THE_TEST");
	unsetenv("GIT_DIR");
	unsetenv("GIT_CONFIG_KEY_0");
	unsetenv("RUNWAKE_RUN_ID");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("LC_ALL");
	unsetenv("KEPT_FOR_THE_TEST");
	assert_string_equal(wake_str_text(&seen.output), "none none none none C 0 0 kept\n");
}

/* Masks and ignored signals are inherited by exec; the child must not be deaf. */
static void gives_signals_back(void **state)
{
	auto_seen seen = SEEN;
	sigset_t blocked, before;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
	assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	run_script(*state, &seen, "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n\\t'");
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_string_equal(wake_str_text(&seen.output), "SigBlk:0000000000000000SigIgn:0000000000000000");
}

static void passes_no_descriptor_on(void **state)
{
	auto_seen seen = SEEN, other = SEEN;
	const char *argv[] = { "cat", NULL };
	struct wake_child_spec spec = spec_of(&other, argv);
	struct wake_error err;

	int stray = fcntl(STDIN_FILENO, F_DUPFD, 200); /* of whoever started us, and not close-on-exec */

	assert_true(stray >= 0);
	spec.has_input = true; /* one that runs meanwhile, whose pipes are ours */
	assert_int_equal(wake_child_start(*state, &spec, &other.child, &err), WAKE_OK);
	/* By the shell's own means: the pipes of a pipeline would be seen, too. */
	run_script(*state, &seen,
	    "fd=0; while [ $fd -lt 300 ]; do [ ! -e /proc/$$/fd/$fd ] || printf '%s ' $fd; fd=$((fd+1)); done");
	(void)close(stray);
	assert_string_equal(wake_str_text(&seen.output), "0 1 2 ");
}

static void one_that_is_not_there_is_said_at_once(void **state)
{
	auto_seen seen = SEEN;
	const char *argv[] = { "no-such-program-at-all", NULL };
	struct wake_child_spec spec = spec_of(&seen, argv);
	struct wake_error err;

	assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_UNAVAILABLE);
	assert_non_null(strstr(err.text, "no-such-program-at-all"));
	argv[0] = "true";
	spec.directory = "/no/such/directory";
	assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_NOTFOUND);
	assert_non_null(strstr(err.text, "/no/such/directory"));
	argv[0] = "/etc/passwd"; /* not to be executed */
	spec.directory = NULL;
	assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_UNAVAILABLE);
	assert_null(seen.child);
	assert_int_equal(seen.ends, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to be reaped */
	assert_int_equal(errno, ECHILD);
}

/* Far more than a socket's buffer: nobody waits for anybody. */
static void writes_as_the_child_reads(void **state)
{
	auto_seen seen = SEEN;
	const char *argv[] = { "cat", NULL };
	struct wake_child_spec spec = spec_of(&seen, argv);
	struct wake_error err;
	char block[1000];

	memset(block, 'x', sizeof(block));
	spec.has_input = true;
	assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_OK);
	for (int i = 0; i < 5000; i++) {
		block[0] = (char)('a' + i % 26);
		assert_int_equal(wake_child_write(seen.child, block, sizeof(block), &err), WAKE_OK);
	}
	wake_child_close_input(seen.child);
	assert_int_equal(wake_child_write(seen.child, "x", 1, &err), WAKE_UNAVAILABLE);
	assert_true(turn_until(*state, has_ended, &seen));
	assert_int_equal(seen.code, 0);
	assert_int_equal(seen.output.len, 5000 * sizeof(block));
	for (int i = 0; i < 5000; i++)
		assert_int_equal(seen.output.data[(size_t)i * sizeof(block)], 'a' + i % 26);
}

static void a_child_that_does_not_read_costs_no_signal(void **state)
{
	auto_seen seen = SEEN;
	const char *argv[] = { "sh", "-c", "exec <&-; echo closed; exec tail -f /dev/null", NULL };
	struct wake_child_spec spec = spec_of(&seen, argv);
	struct wake_error err;
	int ret = WAKE_OK;

	spec.has_input = true;
	assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_OK);
	assert_true(turn_until(*state, has_output, &seen));
	for (int i = 0; i < 3 && ret == WAKE_OK; i++)
		ret = wake_child_write(seen.child, "question", 8, &err);
	assert_int_equal(ret, WAKE_UNAVAILABLE);
	wake_child_signal(seen.child, SIGTERM);
	assert_true(turn_until(*state, has_ended, &seen));
	assert_int_equal(seen.code, 128 + SIGTERM);
}

static void may_be_freed_while_it_is_told_of(void **state)
{
	auto_seen seen = SEEN, other = SEEN;
	const char *argv[] = { "sh", "-c", "echo now; exec tail -f /dev/null", NULL };
	struct wake_child_spec spec = spec_of(&seen, argv);
	struct wake_error err;
	pid_t pid;

	seen.frees_on_output = true;
	assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_OK);
	pid = wake_child_pid(seen.child);
	assert_true(turn_until(*state, has_output, &seen));
	assert_null(seen.child);
	assert_int_equal(kill(pid, 0), -1); /* killed and reaped */
	assert_int_equal(seen.ends, 0);
	other.frees_on_end = true;
	run_script(*state, &other, "echo bye");
	assert_null(other.child);
	assert_string_equal(wake_str_text(&other.output), "bye\n");
}

/* The last words of a dead child may be told from its end; freed there, the end is not told. */
static void may_be_freed_by_its_last_words(void **state)
{
	for (int i = 0; i < 20; i++) {
		auto_seen seen = SEEN;
		const char *argv[] = { "sh", "-c", "echo a; echo b >&2", NULL };
		struct wake_child_spec spec = spec_of(&seen, argv);
		struct wake_error err;

		seen.frees_on_output = true;
		assert_int_equal(wake_child_start(*state, &spec, &seen.child, &err), WAKE_OK);
		assert_int_equal(
		    waitid(P_PID, (id_t)wake_child_pid(seen.child), &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
		assert_true(turn_until(*state, has_output, &seen));
		assert_null(seen.child);
		assert_int_equal(seen.ends, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(tells_output_errors_and_the_exit_code),
		loop_test(tells_the_signal_that_ended_it),
		loop_test(reads_a_long_output_to_its_end),
		loop_test(does_not_wait_for_what_the_child_has_started),
		loop_test(cleans_the_environment),
		loop_test(gives_signals_back),
		loop_test(passes_no_descriptor_on),
		loop_test(one_that_is_not_there_is_said_at_once),
		loop_test(writes_as_the_child_reads),
		loop_test(a_child_that_does_not_read_costs_no_signal),
		loop_test(may_be_freed_while_it_is_told_of),
		loop_test(may_be_freed_by_its_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
