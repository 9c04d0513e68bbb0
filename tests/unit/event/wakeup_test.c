/* SPDX-License-Identifier: MIT */
/* event/wakeup: the recorder starts free of everything that its witness holds. This program is its own
 * recorder: called as `… record` it writes what it finds around itself into the FIFO that WAKE_TEST_REPORT
 * names, and ends when WAKE_TEST_GO is opened for writing and closed. */
#include "event/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../base/scratch.h"
#include "base/json.h"
#include "event/spool.h"

/* ---- the recorder's side ---------------------------------------------------------------------- */

static json_t *describe_descriptors(void)
{
	json_t *list = json_object();
	DIR *stream = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		char target[256] = "";

		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(stream))
			continue;
		if (readlinkat(dirfd(stream), entry->d_name, target, sizeof(target) - 1) > 0)
			(void)json_object_set_new(list, entry->d_name, json_string(target));
	}
	if (stream)
		(void)closedir(stream);
	return list;
}

static int be_recorder(void)
{
	const char *report = getenv("WAKE_TEST_REPORT"), *go = getenv("WAKE_TEST_GO");
	wake_auto_json json_t *descriptors = describe_descriptors();
	wake_auto_json json_t *found = NULL;
	struct sigaction pipe_action;
	char cwd[256] = "", byte;
	sigset_t blocked;
	int fd;

	if (!report || !go || !getcwd(cwd, sizeof(cwd)) || sigaction(SIGPIPE, NULL, &pipe_action) < 0 ||
	    sigprocmask(SIG_SETMASK, NULL, &blocked) < 0)
		return 1;
	found = json_pack("{sO,si,si,ss,sb,sb,sb,sb,sb}", "descriptors", descriptors, "pid", (int)getpid(),
	    "session", (int)getsid(0), "cwd", cwd, "sigpipe_default", pipe_action.sa_handler == SIG_DFL,
	    "sigterm_blocked", sigismember(&blocked, SIGTERM), "has_git",
	    getenv("GIT_DIR") || getenv("GIT_INDEX_FILE"), "has_run", getenv("RUNWAKE_RUN_ID") != NULL,
	    "has_other", getenv("WAKE_TEST_OTHER") != NULL);
	fd = open(report, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || json_dumpfd(found, fd, 0) < 0 || close(fd) < 0)
		return 1;
	fd = open(go, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, &byte, 1) > 0)
		continue;
	return 0;
}

/* ---- the witness's side ----------------------------------------------------------------------- */

static char *own_program(void)
{
	char *path = realpath("/proc/self/exe", NULL);

	assert_non_null(path);
	return path;
}

/* Orphans come to us instead of PID 1, so that a started recorder cannot hide. */
static int prepare(void **state)
{
	wake_auto_free char *report = NULL, *go = NULL;

	if (scratch_make(state) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return -1;
	report = scratch_path(state, "report");
	go = scratch_path(state, "go");
	if (mkfifo(report, 0600) < 0 || mkfifo(go, 0600) < 0 || setenv("WAKE_TEST_REPORT", report, 1) < 0 ||
	    setenv("WAKE_TEST_GO", go, 1) < 0 || setenv("WAKE_TEST_OTHER", "1", 1) < 0 ||
	    setenv("GIT_DIR", "/somewhere/.git", 1) < 0 || setenv("GIT_INDEX_FILE", "index.lock", 1) < 0 ||
	    setenv("RUNWAKE_RUN_ID", "not-yours", 1) < 0)
		return -1;
	(void)alarm(60); /* a recorder that never comes must not hang the test */
	return 0;
}

static json_t *read_report(void **state)
{
	wake_auto_free char *path = scratch_path(state, "report");
	wake_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	json_error_t error;
	json_t *report = json_loadfd(fd, 0, &error);

	if (!report)
		fail_msg("no report: %s", error.text);
	return report;
}

static void let_go(void **state)
{
	wake_auto_free char *path = scratch_path(state, "go");
	int fd = open(path, O_WRONLY | O_CLOEXEC), status = -1;

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
}

static void starts_a_free_recorder(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *program = own_program();
	wake_auto_json json_t *report = NULL;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	json_t *descriptors;
	sigset_t term, old;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, &old), 0);
	wake_wakeup_recorder(spool, program);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
	(void)signal(SIGPIPE, before);
	report = read_report(state);
	descriptors = json_object_get(report, "descriptors");
	assert_int_equal(json_object_size(descriptors), 3);
	assert_string_equal(wake_json_string(descriptors, "0"), "/dev/null");
	assert_string_equal(wake_json_string(descriptors, "1"), "/dev/null");
	assert_string_equal(wake_json_string(descriptors, "2"), "/dev/null");
	assert_string_equal(wake_json_string(report, "cwd"), "/");
	assert_int_not_equal(wake_json_int(report, "session", 0), getsid(0));
	/* Not a session's leader either: it can never get a terminal. */
	assert_int_not_equal(wake_json_int(report, "session", 0), wake_json_int(report, "pid", 0));
	assert_true(wake_json_true(report, "sigpipe_default"));
	assert_false(wake_json_true(report, "sigterm_blocked"));
	assert_false(wake_json_true(report, "has_git"));
	assert_false(wake_json_true(report, "has_run"));
	assert_true(wake_json_true(report, "has_other"));
	let_go(state);
}

static void holds_no_pipe_open(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *program = own_program();
	wake_auto_json json_t *report = NULL;
	int ends[2];
	char byte;

	assert_int_equal(pipe(ends), 0); /* without O_CLOEXEC, as a shell's are */
	wake_wakeup_recorder(spool, program);
	assert_int_equal(close(ends[1]), 0);
	report = read_report(state);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* its end, while the recorder is alive */
	assert_int_equal(close(ends[0]), 0);
	let_go(state);
}

static void starts_none_where_one_is_at_work(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *program = own_program();
	wake_auto_close int lock = -1;
	struct wake_error err;

	assert_int_equal(wake_spool_lock(spool, false, &lock, &err), WAKE_OK);
	wake_wakeup_recorder(spool, program);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void starts_none_where_the_spool_is_attended(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *program = own_program();
	wake_auto_close int attended = -1;
	struct wake_error err;

	assert_int_equal(wake_spool_attend(spool, &attended, &err), WAKE_OK);
	wake_wakeup_recorder(spool, program);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void starts_none_where_one_has_just_failed(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	wake_auto_free char *program = own_program();

	assert_int_equal(mkdir(spool, 0700), 0);
	wake_spool_note_failure(spool, "the store is away");
	wake_wakeup_recorder(spool, program);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void says_nothing_where_there_is_no_program(void **state)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	int status = -1;

	wake_wakeup_recorder(spool, "/nowhere/runwake");
	assert_true(wait(&status) > 0); /* the orphan; the one in the middle was reaped already */
	assert_int_equal(WEXITSTATUS(status), 127);
	assert_int_equal(wait(&status), -1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(starts_a_free_recorder, prepare, scratch_remove),
		cmocka_unit_test_setup_teardown(holds_no_pipe_open, prepare, scratch_remove),
		cmocka_unit_test_setup_teardown(starts_none_where_one_is_at_work, prepare, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    starts_none_where_the_spool_is_attended, prepare, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    starts_none_where_one_has_just_failed, prepare, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    says_nothing_where_there_is_no_program, prepare, scratch_remove),
	};

	if (argc == 3 && strcmp(argv[1], "record") == 0 && strcmp(argv[2], "--no-wait") == 0)
		return be_recorder();
	if (argc > 1)
		return 99; /* started as what it does not know: it must not start itself again */
	return cmocka_run_group_tests_name("wakeup", tests, NULL, NULL);
}
