/* SPDX-License-Identifier: MIT */
/* Child processes: fork, exec, pipes and a pidfd in the loop. */
#include "watcher/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/scope.h"
#include "base/str.h"

#define QUEUE_MAX ((size_t)64 << 20)  /* bytes that wait for its stdin */
#define QUEUE_KEPT ((size_t)64 << 10) /* bytes of room kept while nothing waits */
#define CHUNK 65536                   /* bytes read at once: a pipe's worth */
#define LAST_READS 32                 /* chunks read of what a dead child has left */
#define ASK_EVERY 100000              /* microseconds; see follow() */

typedef void (*told_bytes)(void *context, const char *bytes, size_t len);

struct wake_child {
	struct wake_loop *loop; /* borrowed */
	void (*ended)(void *context, int code);
	void *context;
	told_bytes tell_output, tell_errors;
	pid_t pid; /* 0: reaped */
	pid_t shown_pid;
	int pidfd, input, output, errors; /* -1: closed */
	struct wake_timer asking;         /* where there is no pidfd */
	struct wake_str queue;            /* for its stdin */
	size_t written;                   /* bytes of the queue */
	bool waits_to_write, closes_input;
	int code;
	bool *freed; /* set when the child is freed while it is told of; NULL: nothing is being told */
};

/* What the new process needs, made before fork(2). Each end is closed by whoever leaves the scope. */
struct start {
	int input[2], output[2], errors[2], report[2]; /* [0] is ours, except report: we read [0] */
	char **environment;                            /* owned: the array alone */
};

struct report { /* from the new process, if it cannot become the program */
	int sys;
	bool in_directory; /* else in exec */
};

/* ---- starting ---- */

static void start_release(struct start *start)
{
	for (int i = 0; i < 2; i++) {
		wake_scope_close(&start->input[i]);
		wake_scope_close(&start->output[i]);
		wake_scope_close(&start->errors[i]);
		wake_scope_close(&start->report[i]);
	}
	free(start->environment);
}

static bool is_passed_on(const char *variable)
{
	static const char *const ours[] = { "RUNWAKE_RUN_ID=", "NOTIFY_SOCKET=", "WATCHDOG_PID=",
		"WATCHDOG_USEC=", "LC_ALL=", "GIT_TERMINAL_PROMPT=", "GIT_OPTIONAL_LOCKS=" };

	for (size_t i = 0; i < WAKE_COUNT(ours); i++) {
		if (strncmp(variable, ours[i], strlen(ours[i])) == 0)
			return false;
	}
	return !wake_process_binds_git(variable);
}

static int make_environment(char ***ret_list, struct wake_error *err)
{
	static const char *const added[] = { "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0" };
	size_t count = 0, used = 0;
	char **list;

	while (environ && environ[count])
		count++;
	list = calloc(count + WAKE_COUNT(added) + 1, sizeof(*list));
	if (!list)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		if (is_passed_on(environ[i]))
			list[used++] = environ[i];
	}
	for (size_t i = 0; i < WAKE_COUNT(added); i++)
		list[used++] = (char *)added[i]; /* execve(2) only reads them */
	*ret_list = list;
	return WAKE_OK;
}

/* Ours is [0] and does not block; the child's is [1] and does, as programs expect. */
static int open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static int open_null(int flags, int *ret_fd)
{
	*ret_fd = open("/dev/null", flags | O_CLOEXEC);
	return *ret_fd < 0 ? -1 : 0;
}

/* Its stdin is a socket: writing to one that nobody reads costs no SIGPIPE (send(2), MSG_NOSIGNAL). */
static int open_input(const struct wake_child_spec *spec, struct start *start)
{
	if (!spec->has_input)
		return open_null(O_RDONLY, &start->input[1]);
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, start->input);
}

static int open_errors(const struct wake_child_spec *spec, struct start *start)
{
	if (spec->errors)
		return open_pipe(start->errors);
	if (!spec->keep_errors)
		return open_null(O_WRONLY, &start->errors[1]);
	start->errors[1] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return start->errors[1] < 0 ? -1 : 0;
}

static int prepare(const struct wake_child_spec *spec, struct start *start, struct wake_error *err)
{
	int ret = make_environment(&start->environment, err);

	if (ret < 0)
		return ret;
	if (open_input(spec, start) < 0 || open_errors(spec, start) < 0 ||
	    pipe2(start->report, O_CLOEXEC) < 0 ||
	    (spec->has_output ? open_pipe(start->output) : open_null(O_WRONLY, &start->output[1])) < 0)
		return wake_fail_errno(err, "make pipes to '%s'", spec->argv[0]);
	return WAKE_OK;
}

/* In the new process. Whoever started us before the prctl and is gone after it would never be noticed. */
_Noreturn static void become(const struct wake_child_spec *spec, const struct start *start, pid_t parent)
{
	struct report report = { 0 };

	wake_process_reset_signals();
	/* Ours are close-on-exec anyway; whoever started us may have left others open (Linux 5.11). */
	(void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	if (chdir(spec->directory ? spec->directory : "/") < 0) {
		report = (struct report){ .sys = errno, .in_directory = true };
	} else if (dup2(start->input[1], STDIN_FILENO) < 0 || dup2(start->output[1], STDOUT_FILENO) < 0 ||
	           dup2(start->errors[1], STDERR_FILENO) < 0) {
		report.sys = errno;
	} else {
		(void)execvpe(spec->argv[0], (char *const *)spec->argv, start->environment);
		report.sys = errno;
	}
	(void)!write(start->report[1], &report, sizeof(report));
	_exit(127);
}

static int reap(struct wake_child *child, int options)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(child->pid, &status, options);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return 0;
	child->pid = 0;
	child->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 1;
}

/* Until the exec, which closes the pipe, or its failure. */
static int await_exec(
    struct wake_child *child, const struct wake_child_spec *spec, struct start *start, struct wake_error *err)
{
	struct report report;
	ssize_t got;

	wake_scope_close(&start->report[1]);
	start->report[1] = -1;
	do
		got = read(start->report[0], &report, sizeof(report));
	while (got < 0 && errno == EINTR);
	if (got != sizeof(report))
		return WAKE_OK;
	(void)reap(child, 0);
	errno = report.sys;
	if (report.in_directory)
		return wake_fail_errno(err, "enter directory '%s'", spec->directory);
	if (report.sys == ENOENT)
		return wake_fail(err, WAKE_UNAVAILABLE, "the program '%s' is not there", spec->argv[0]);
	(void)wake_fail_errno(err, "start '%s'", spec->argv[0]);
	err->code = WAKE_UNAVAILABLE;
	return WAKE_UNAVAILABLE;
}

static int launch(
    struct wake_child *child, const struct wake_child_spec *spec, struct start *start, struct wake_error *err)
{
	pid_t parent = getpid();
	int ret;

	child->pid = fork();
	if (child->pid == 0)
		become(spec, start, parent);
	if (child->pid < 0) {
		child->pid = 0;
		return wake_fail_errno(err, "start '%s'", spec->argv[0]);
	}
	child->shown_pid = child->pid;
	ret = await_exec(child, spec, start, err);
	if (ret < 0)
		return ret;
	return WAKE_OK;
}

/* ---- what it says ---- */

/* True unless the child was freed by whoever was told. */
static bool tell_bytes(struct wake_child *child, told_bytes tell, const char *bytes, size_t len)
{
	bool freed = false;

	if (!tell)
		return true;
	child->freed = &freed;
	tell(child->context, bytes, len);
	if (!freed)
		child->freed = NULL;
	return !freed;
}

static void close_watched(struct wake_child *child, int *fd)
{
	if (*fd < 0)
		return;
	wake_loop_unwatch(child->loop, *fd);
	(void)close(*fd);
	*fd = -1;
}

enum was { WAS_READ, WAS_EMPTY, WAS_FREED };

/* One read; closes *fd at the end of the stream. */
static enum was take(struct wake_child *child, int *fd, told_bytes tell)
{
	char bytes[CHUNK];
	ssize_t got = *fd < 0 ? 0 : read(*fd, bytes, sizeof(bytes));

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return WAS_EMPTY;
	if (got <= 0) {
		close_watched(child, fd);
		return WAS_EMPTY;
	}
	return tell_bytes(child, tell, bytes, (size_t)got) ? WAS_READ : WAS_FREED;
}

/* What a dead child has left in a pipe; somebody else may hold the other end, so its end is not waited for.
 */
static bool take_rest(struct wake_child *child, int *fd, told_bytes tell)
{
	enum was was = WAS_READ;

	for (int reads = 0; was == WAS_READ && reads < LAST_READS; reads++)
		was = take(child, fd, tell);
	if (was == WAS_FREED)
		return false;
	close_watched(child, fd);
	return true;
}

static void output_ready(void *context, uint32_t events)
{
	struct wake_child *child = context;

	(void)events;
	(void)take(child, &child->output, child->tell_output);
}

static void errors_ready(void *context, uint32_t events)
{
	struct wake_child *child = context;

	(void)events;
	(void)take(child, &child->errors, child->tell_errors);
}

static void close_input(struct wake_child *child)
{
	close_watched(child, &child->input);
	child->waits_to_write = false;
	wake_str_release(&child->queue);
	child->written = 0;
}

static void has_ended(struct wake_child *child)
{
	close_watched(child, &child->pidfd);
	close_input(child);
	if (!take_rest(child, &child->errors, child->tell_errors) ||
	    !take_rest(child, &child->output, child->tell_output))
		return;
	if (child->ended)
		child->ended(child->context, child->code);
}

static void pidfd_ready(void *context, uint32_t events)
{
	(void)events;
	if (reap(context, WNOHANG))
		has_ended(context);
}

static int follow(struct wake_child *child, struct wake_error *err);

/* A failure to set a timer that was set before does not happen: its place is there. */
static void ask(void *context)
{
	struct wake_child *child = context;
	struct wake_error ignored;

	if (reap(child, WNOHANG))
		has_ended(child);
	else
		(void)!follow(child, &ignored);
}

/* Its pid cannot be used again before we wait for it. A kernel without pidfds (before Linux 5.3) is asked ten
 * times a second while a child runs. */
static int follow(struct wake_child *child, struct wake_error *err)
{
	if (child->asking.rung == NULL)
		child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0); /* close-on-exec by itself */
	if (child->pidfd >= 0)
		return wake_loop_watch(child->loop, child->pidfd, EPOLLIN, pidfd_ready, child, err);
	child->asking.rung = ask;
	child->asking.context = child;
	return wake_loop_timer_set(child->loop, &child->asking, wake_clock_monotonic() + ASK_EVERY, err);
}

/* ---- what it is told ---- */

static void input_ready(void *context, uint32_t events);

/* Follows whether anything waits to be written. */
static int watch_input(struct wake_child *child, struct wake_error *err)
{
	bool waits = child->written < child->queue.len;

	if (waits && !child->waits_to_write) {
		int ret = wake_loop_watch(child->loop, child->input, EPOLLOUT, input_ready, child, err);

		if (ret < 0)
			return ret;
	}
	if (!waits && child->waits_to_write)
		wake_loop_unwatch(child->loop, child->input);
	child->waits_to_write = waits;
	return WAKE_OK;
}

static void forget_written(struct wake_child *child)
{
	struct wake_str *queue = &child->queue;

	if (child->written == queue->len) {
		child->written = 0;
		if (queue->room > QUEUE_KEPT)
			wake_str_release(queue);
		else
			wake_str_clear(queue);
	} else if (child->written > queue->len / 2) {
		queue->len -= child->written;
		memmove(queue->data, queue->data + child->written, queue->len + 1);
		child->written = 0;
	}
}

static int write_queued(struct wake_child *child, struct wake_error *err)
{
	while (child->written < child->queue.len) {
		ssize_t put = send(child->input, child->queue.data + child->written,
		    child->queue.len - child->written, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			break;
		if (put < 0) {
			close_input(child);
			return wake_fail(
			    err, WAKE_UNAVAILABLE, "process %ld reads no more", (long)child->shown_pid);
		}
		child->written += (size_t)put;
	}
	forget_written(child);
	if (child->closes_input && child->queue.len == 0) {
		close_input(child);
		return WAKE_OK;
	}
	return watch_input(child, err);
}

/* A failure closes the input, which whoever writes next learns. */
static void input_ready(void *context, uint32_t events)
{
	struct wake_error ignored;

	(void)events;
	if (write_queued(context, &ignored) < 0)
		close_input(context);
}

int wake_child_write(struct wake_child *child, const void *bytes, size_t len, struct wake_error *err)
{
	if (child->input < 0 || child->closes_input)
		return wake_fail(err, WAKE_UNAVAILABLE, "process %ld reads no more", (long)child->shown_pid);
	if (len > QUEUE_MAX - child->queue.len)
		return wake_fail(
		    err, WAKE_NOMEM, "process %ld does not keep up with reading", (long)child->shown_pid);
	wake_str_append_bytes(&child->queue, bytes, len);
	if (child->queue.failed) {
		child->queue.failed = false; /* what was queued before still holds */
		return wake_fail_nomem(err);
	}
	return child->waits_to_write ? WAKE_OK : write_queued(child, err);
}

void wake_child_close_input(struct wake_child *child)
{
	child->closes_input = true;
	if (child->queue.len == 0)
		close_input(child);
}

/* ---- lifecycle ---- */

static int adopt(int *fd, int *ends, struct wake_child *child, wake_loop_ready ready, struct wake_error *err)
{
	if (ends[0] < 0)
		return WAKE_OK;
	*fd = ends[0];
	ends[0] = -1;
	return wake_loop_watch(child->loop, *fd, EPOLLIN, ready, child, err);
}

static int start(struct wake_child *child, const struct wake_child_spec *spec, struct wake_error *err)
{
	WAKE_CLEANUP(start_release)
	struct start start = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }, NULL };
	int ret = prepare(spec, &start, err);

	if (ret == WAKE_OK)
		ret = launch(child, spec, &start, err);
	if (ret < 0)
		return ret;
	child->input = start.input[0];
	start.input[0] = -1;
	ret = adopt(&child->output, start.output, child, output_ready, err);
	if (ret == WAKE_OK)
		ret = adopt(&child->errors, start.errors, child, errors_ready, err);
	if (ret == WAKE_OK)
		ret = follow(child, err);
	return ret;
}

int wake_child_start(struct wake_loop *loop, const struct wake_child_spec *spec,
    struct wake_child **ret_child, struct wake_error *err)
{
	struct wake_child *child = calloc(1, sizeof(*child));
	int ret;

	if (!child)
		return wake_fail_nomem(err);
	*child = (struct wake_child){ .loop = loop,
		.ended = spec->ended,
		.context = spec->context,
		.tell_output = spec->output,
		.tell_errors = spec->errors,
		.pidfd = -1,
		.input = -1,
		.output = -1,
		.errors = -1,
		.queue = WAKE_STR(QUEUE_MAX) };
	ret = start(child, spec, err);
	if (ret < 0) {
		wake_child_free(child);
		return ret;
	}
	*ret_child = child;
	return WAKE_OK;
}

void wake_child_free(struct wake_child *child)
{
	if (!child)
		return;
	if (child->freed)
		*child->freed = true;
	close_input(child);
	close_watched(child, &child->output);
	close_watched(child, &child->errors);
	close_watched(child, &child->pidfd);
	wake_loop_timer_clear(child->loop, &child->asking);
	if (child->pid > 0) {
		(void)kill(child->pid, SIGKILL);
		(void)reap(child, 0);
	}
	free(child);
}

pid_t wake_child_pid(const struct wake_child *child)
{
	return child->shown_pid;
}

void wake_child_signal(struct wake_child *child, int signal)
{
	if (child->pid > 0)
		(void)kill(child->pid, signal);
}
