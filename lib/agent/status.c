/* SPDX-License-Identifier: MIT */
/* How a run ended. The rules stand in one table; the first that holds decides. */
#include "agent/status.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Signals that ask a process to end, or make it; the others are crashes. */
static bool is_request(int number)
{
	return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT || number == SIGKILL;
}

/* The signal that ended it, also where a shell or the agent itself told it as 128 + signal. */
static int ended_by(const struct wake_ending *ending)
{
	int number = ending->exit_code - 128;

	if (ending->signal)
		return ending->signal;
	return ending->exit_code > 128 && is_request(number) ? number : 0;
}

static bool is_read(const struct wake_ending *ending)
{
	return ending->stream && ending->stream->has_result;
}

/* The last turn ended well, and no other had begun. */
static bool has_succeeded(const struct wake_ending *ending)
{
	const struct wake_stream_facts *stream = ending->stream;

	return is_read(ending) && !stream->is_in_turn && !stream->is_error && !stream->is_blocked &&
	    (stream->subtype[0] == '\0' || strcmp(stream->subtype, "success") == 0);
}

static bool is_stopped_turn(const struct wake_ending *ending)
{
	const struct wake_stream_facts *stream = ending->stream;

	return is_read(ending) && (strncmp(stream->terminal_reason, "aborted_", 8) == 0 ||
	    (ending->stop != WAKE_STOP_NONE && strcmp(stream->subtype, "error_during_execution") == 0));
}

static bool has_failed_turn(const struct wake_ending *ending)
{
	return is_read(ending) && !ending->stream->is_in_turn && !has_succeeded(ending);
}

/* It worked to the end of its answer: what ended the process after that did not end the work. */
static bool was_done(const struct wake_ending *ending)
{
	return has_succeeded(ending) && (ended_by(ending) == 0 ? ending->exit_code == 0 : is_request(ended_by(ending)));
}

/* At a terminal Ctrl-C is also how one talks to a program: one that goes on, and ends in order later, was not ended by
 * it. */
static bool was_asked(const struct wake_ending *ending)
{
	if (ending->stop == WAKE_STOP_PERSON)
		return ended_by(ending) != 0 || ending->is_quiet || (ending->stream && ending->stream->lines > 0);
	return ending->stop == WAKE_STOP_SUPERVISOR;
}

static bool was_killed(const struct wake_ending *ending)
{
	return is_request(ended_by(ending));
}

static bool has_crashed(const struct wake_ending *ending)
{
	return ended_by(ending) != 0;
}

/* A stream of its kind that never came to a result, although nothing of it was left out. */
static bool lacks_result(const struct wake_ending *ending)
{
	const struct wake_stream_facts *stream = ending->stream;

	return ending->exit_code == 0 && stream && stream->lines > 0 && stream->unread == 0 &&
	    (!stream->has_result || stream->is_in_turn);
}

static bool has_exit_code(const struct wake_ending *ending)
{
	return ending->exit_code != 0;
}

static bool always(const struct wake_ending *ending)
{
	(void)ending;
	return true;
}

static void tell_stop(const struct wake_ending *ending, struct wake_status *ret)
{
	const char *name = sigabbrev_np(ending->stop_signal);

	name = name ? name : "?";
	if (ending->stop == WAKE_STOP_PERSON)
		(void)snprintf(ret->error, sizeof(ret->error), "interrupted at the terminal (SIG%s)", name);
	else if (ending->stop == WAKE_STOP_SUPERVISOR && ending->stop_pid > 0)
		(void)snprintf(ret->error, sizeof(ret->error), "ended by SIG%s, sent by process %lld", name,
		    (long long)ending->stop_pid);
	else if (ending->stop == WAKE_STOP_SUPERVISOR)
		(void)snprintf(ret->error, sizeof(ret->error), "ended by SIG%s, sent by another process", name);
	else
		(void)snprintf(ret->error, sizeof(ret->error), "interrupted");
}

static void tell_signal(const struct wake_ending *ending, struct wake_status *ret)
{
	const char *name = sigabbrev_np(ended_by(ending));

	if (ending->stop != WAKE_STOP_NONE && is_request(ended_by(ending)) && ended_by(ending) != SIGKILL)
		tell_stop(ending, ret);
	else
		(void)snprintf(ret->error, sizeof(ret->error), "the agent was ended by SIG%s", name ? name : "?");
}

/* What the agent itself said of it is better; see wake_status_decide. */
static void tell_turn(const struct wake_ending *ending, struct wake_status *ret)
{
	const struct wake_stream_facts *stream = ending->stream;

	(void)snprintf(ret->error, sizeof(ret->error), "the agent's last turn failed%s%s",
	    stream->subtype[0] ? ": " : "", stream->subtype);
}

static void tell_no_result(const struct wake_ending *ending, struct wake_status *ret)
{
	(void)ending;
	(void)snprintf(ret->error, sizeof(ret->error), "the agent ended without a result");
}

static void tell_code(const struct wake_ending *ending, struct wake_status *ret)
{
	(void)snprintf(ret->error, sizeof(ret->error), "the agent exited %d", ending->exit_code);
}

static const struct {
	bool (*holds)(const struct wake_ending *ending);
	const char *status;
	void (*tell)(const struct wake_ending *ending, struct wake_status *ret);
} rules[] = {
	{ was_done, "completed", NULL },
	{ is_stopped_turn, "killed", tell_stop },
	{ has_failed_turn, "failed", tell_turn },
	{ was_asked, "killed", tell_stop },
	{ was_killed, "killed", tell_signal },
	{ has_crashed, "failed", tell_signal },
	{ lacks_result, "failed", tell_no_result },
	{ has_exit_code, "failed", tell_code },
	{ always, "completed", NULL },
};

void wake_status_decide(const struct wake_ending *ending, struct wake_status *ret_status)
{
	const struct wake_stream_facts *stream = ending->stream;
	size_t i = 0;

	*ret_status = (struct wake_status){ .status = "completed" };
	while (!rules[i].holds(ending))
		i++;
	ret_status->status = rules[i].status;
	if (rules[i].tell)
		rules[i].tell(ending, ret_status);
	/* A diagnostic of a stopped turn says nothing of who stopped it. */
	if (strcmp(ret_status->status, "failed") == 0 && stream && stream->error && !ending->signal)
		ret_status->error[0] = '\0';
}
