/* SPDX-License-Identifier: MIT */
/* Being with a command while it runs. One loop; another descriptor to wait for is another row of its table. */
#include "cli/run_attend.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"

enum { SIGNALS, AGENT, READER, INPUT, WAITED = INPUT + WAKE_FEED_WAITED };

/* What somebody may want to say to the command. */
static const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH };

int wake_attend_signals(struct wake_attending *attending, struct wake_error *err)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < WAKE_COUNT(passed); i++)
		(void)sigaddset(&set, passed[i]);
	/* Where SIGCHLD is ignored, a child leaves no exit code. */
	attending->ignored_child = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	(void)sigprocmask(SIG_BLOCK, &set, &attending->mask);
	attending->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return attending->signals >= 0 ? WAKE_OK : wake_fail_errno(err, "cannot wait for signals");
}

static bool is_request(int number)
{
	return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

/* The terminal's keys reach every process of its foreground group: a command in our group has had the signal already,
 * and a second one would be another wish (many agents take a second Ctrl-C for "at once"). What a process sends to us
 * reaches us alone, and is passed on; that it may have been sent to the whole group cannot be seen. si_code tells the
 * two apart: SI_KERNEL is the terminal. */
static void pass(struct wake_attending *attending, const struct signalfd_siginfo *info)
{
	int number = (int)info->ssi_signo;
	bool is_key = info->ssi_code == SI_KERNEL;

	if (is_request(number)) {
		attending->stop = is_key ? WAKE_STOP_PERSON : WAKE_STOP_SUPERVISOR;
		attending->stop_signal = number;
		attending->stop_pid = is_key ? 0 : (int64_t)info->ssi_pid;
	}
	if (number == SIGTSTP)
		attending->passes_stops = true;
	if (is_key && !attending->has_own_group)
		return;
	(void)kill(attending->has_own_group ? -attending->pid : attending->pid, number);
}

/* The shell waits for us, not for the command: when that one stops, the job stops. Not where nobody but a debugger may
 * have stopped it, who will let it go on without us. */
static void stop_too(const struct wake_attending *attending)
{
	if (attending->has_own_group && !attending->passes_stops)
		return;
	(void)kill(getpid(), SIGSTOP);
	(void)kill(attending->has_own_group ? -attending->pid : attending->pid, SIGCONT);
}

static void look(struct wake_attending *attending)
{
	int status;

	while (!attending->is_over && waitpid(attending->pid, &status, WNOHANG | WUNTRACED) == attending->pid) {
		if (WIFSTOPPED(status)) {
			stop_too(attending);
			continue;
		}
		attending->status = status;
		attending->is_over = true;
	}
}

static void take_signals(struct wake_attending *attending)
{
	struct signalfd_siginfo info;

	while (read(attending->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			look(attending);
		else if (!attending->is_over)
			pass(attending, &info);
	}
}

/* Passed on first, read then. */
static size_t take_output(struct wake_attending *attending, const struct pollfd *fds)
{
	size_t len = wake_pump_move(attending->pump, fds);

	if (len == 0 || !attending->stream)
		return len;
	wake_stream_feed(attending->stream, attending->pump->buffer->bytes, len);
	if (attending->heard)
		attending->heard(attending->context);
	if (wake_stream_has_turned(attending->stream))
		attending->turned(attending->context);
	return len;
}

/* What the command has printed is passed on after its end too; what something that it left behind may print later is
 * for the stand-in. */
static bool is_done(const struct wake_attending *attending, bool is_quiet)
{
	if (!attending->is_over || !attending->pump)
		return attending->is_over;
	return wake_pump_is_done(attending->pump) || (is_quiet && wake_pump_is_empty(attending->pump));
}

int wake_attend(struct wake_attending *attending, struct wake_error *err)
{
	bool is_quiet = false;

	while (!is_done(attending, is_quiet)) {
		struct pollfd fds[WAITED] = { { .fd = attending->signals, .events = POLLIN }, { .fd = -1 },
			{ .fd = -1 }, { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
		bool may_wait = !attending->is_over || !wake_pump_is_empty(attending->pump);

		if (attending->pump)
			wake_pump_poll(attending->pump, &fds[AGENT]);
		if (attending->feed && !attending->is_over)
			wake_feed_poll(attending->feed, &fds[INPUT]);
		if (poll(fds, WAITED, may_wait ? -1 : 0) < 0 && errno != EINTR)
			return wake_fail_errno(err, "cannot wait for the command");
		is_quiet = !may_wait && fds[AGENT].revents == 0;
		if (attending->pump)
			(void)take_output(attending, &fds[AGENT]);
		if (attending->feed) {
			wake_feed_move(attending->feed, &fds[INPUT]);
			wake_feed_confirm(attending->feed);
		}
		if (fds[SIGNALS].revents)
			take_signals(attending);
	}
	if (attending->stream)
		wake_stream_end(attending->stream);
	return WAKE_OK;
}

/* As env(1) and timeout(1) do: whoever waits for us sees what they would see of the command itself. Its core, if it
 * left one, is the interesting one. */
int wake_attend_end_alike(const struct wake_attending *attending)
{
	static const struct rlimit none = { 0, 0 };
	int number = WIFSIGNALED(attending->status) ? WTERMSIG(attending->status) : 0;
	sigset_t set;

	if (number == 0)
		return WEXITSTATUS(attending->status);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(number, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)kill(getpid(), number);
	return 128 + number;
}

void wake_attending_release(struct wake_attending *attending)
{
	wake_scope_close(&attending->signals);
	attending->signals = -1;
}
