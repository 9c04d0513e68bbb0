/* SPDX-License-Identifier: MIT */
/* The agent's output on its way. */
#include "cli/run_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"

/* Standard output may be shared, so its mode is left alone. A pipe opened anew has a mode of its own. A file never
 * makes anybody wait. Elsewhere poll(2) promises room for PIPE_BUF bytes. */
static void open_reader(struct wake_pump *pump)
{
	struct stat st;
	int fd;

	pump->out = STDOUT_FILENO;
	pump->chunk = PIPE_BUF;
	if (fstat(STDOUT_FILENO, &st) < 0)
		return;
	if (S_ISREG(st.st_mode))
		pump->chunk = WAKE_PUMP_SIZE;
	if (!S_ISFIFO(st.st_mode))
		return;
	fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	pump->out = fd;
	pump->chunk = WAKE_PUMP_SIZE;
}

static size_t sent_of(const struct wake_pump *pump)
{
	return (size_t)(pump->buffer->span & UINT32_MAX);
}

static size_t have_of(const struct wake_pump *pump)
{
	return (size_t)(pump->buffer->span >> 32);
}

static void set_span(struct wake_pump *pump, size_t sent, size_t have)
{
	pump->buffer->span = (uint64_t)have << 32 | sent;
}

void wake_pump_poll(const struct wake_pump *pump, struct pollfd fds[2])
{
	bool is_empty = wake_pump_is_empty(pump);

	fds[0] = (struct pollfd){ .fd = is_empty ? pump->in : -1, .events = POLLIN };
	/* With nothing to write it still tells that the reader has gone. */
	fds[1] = (struct pollfd){ .fd = wake_pump_is_done(pump) ? -1 : pump->out,
		.events = is_empty ? 0 : POLLOUT };
}

bool wake_pump_is_empty(const struct wake_pump *pump)
{
	return sent_of(pump) == have_of(pump);
}

bool wake_pump_is_done(const struct wake_pump *pump)
{
	return pump->in < 0 && wake_pump_is_empty(pump);
}

static void end_input(struct wake_pump *pump)
{
	(void)close(pump->in);
	pump->in = -1;
}

/* The stand-in holds the pipe open as well: without it, the agent's next write meets a closed pipe, as it would without
 * us. */
static void dismiss(struct wake_pump *pump)
{
	if (pump->stand_in <= 0)
		return;
	(void)!write(pump->lifeline, "", 1);
	(void)close(pump->lifeline);
	pump->lifeline = -1;
	while (waitpid(pump->stand_in, NULL, 0) < 0 && errno == EINTR)
		continue;
	pump->stand_in = 0;
}

static void give_up(struct wake_pump *pump)
{
	set_span(pump, 0, 0);
	if (pump->in < 0)
		return;
	end_input(pump);
	dismiss(pump);
}

static void send(struct wake_pump *pump)
{
	size_t sent = sent_of(pump), have = have_of(pump), len = have - sent;
	ssize_t wrote = write(pump->out, pump->buffer->bytes + sent, len < pump->chunk ? len : pump->chunk);

	if (wrote >= 0) {
		set_span(pump, sent + (size_t)wrote, have);
		return;
	}
	if (errno == EAGAIN || errno == EINTR)
		return;
	if (errno != EPIPE)
		pump->failure = errno;
	give_up(pump);
}

static size_t receive(struct wake_pump *pump)
{
	ssize_t got = read(pump->in, pump->buffer->bytes, WAKE_PUMP_SIZE);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		end_input(pump);
		return 0;
	}
	set_span(pump, 0, (size_t)got);
	if (pump->chunk == WAKE_PUMP_SIZE)
		send(pump); /* it cannot block, and mostly there is room */
	return (size_t)got;
}

size_t wake_pump_move(struct wake_pump *pump, const struct pollfd fds[2])
{
	if (fds[1].fd >= 0 && (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))) {
		give_up(pump);
		return 0;
	}
	if (!wake_pump_is_empty(pump)) {
		if (fds[1].revents & POLLOUT)
			send(pump);
		return 0;
	}
	return pump->in >= 0 && fds[0].revents ? receive(pump) : 0;
}

/* In the stand-in: a byte says that it is not needed, the end that it is. */
static void stand_in(struct wake_pump *pump, int lifeline)
{
	char byte;
	ssize_t got;
	sigset_t all;
	struct pollfd fds[2];

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid(); /* what ends our group does not end it */
	(void)close(STDIN_FILENO);
	(void)close(STDERR_FILENO);
	do
		got = read(lifeline, &byte, 1);
	while (got < 0 && errno == EINTR);
	pump->stand_in = 0;
	while (got == 0 && !wake_pump_is_done(pump)) {
		wake_pump_poll(pump, fds);
		if (poll(fds, 2, -1) > 0)
			(void)wake_pump_move(pump, fds);
	}
	_exit(0);
}

static int fail(struct wake_pump *pump, int agent, struct wake_error *err)
{
	int saved = errno;

	wake_scope_close(&agent);
	wake_pump_close(pump);
	errno = saved;
	return wake_fail_errno(err, "cannot read what the command prints");
}

int wake_pump_open(struct wake_pump *ret_pump, int *ret_agent, struct wake_error *err)
{
	struct wake_pump pump = { .in = -1, .out = STDOUT_FILENO, .lifeline = -1 };
	int agent[2] = { -1, -1 }, lifeline[2] = { -1, -1 };

	pump.buffer = mmap(NULL, sizeof(*pump.buffer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pump.buffer == MAP_FAILED) {
		pump.buffer = NULL;
		return wake_fail_errno(err, "cannot read what the command prints");
	}
	open_reader(&pump);
	if (pipe2(agent, O_CLOEXEC) < 0)
		return fail(&pump, -1, err);
	pump.in = agent[0];
	if (pipe2(lifeline, O_CLOEXEC) < 0)
		return fail(&pump, agent[1], err);
	pump.lifeline = lifeline[1];
	pump.stand_in = fork();
	if (pump.stand_in == 0) {
		(void)close(agent[1]);
		(void)close(lifeline[1]);
		stand_in(&pump, lifeline[0]);
	}
	(void)close(lifeline[0]);
	if (pump.stand_in < 0)
		return fail(&pump, agent[1], err);
	*ret_pump = pump;
	*ret_agent = agent[1];
	return WAKE_OK;
}

void wake_pump_close(struct wake_pump *pump)
{
	if (!pump->buffer)
		return;
	if (wake_pump_is_done(pump))
		dismiss(pump);
	wake_scope_close(&pump->lifeline);
	wake_scope_close(&pump->in);
	if (pump->out != STDOUT_FILENO)
		wake_scope_close(&pump->out);
	(void)munmap(pump->buffer, sizeof(*pump->buffer));
	*pump = (struct wake_pump){ .in = -1, .lifeline = -1 };
}
