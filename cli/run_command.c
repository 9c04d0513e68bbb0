/* SPDX-License-Identifier: MIT */
/* A command, and the run that it is: runwake run, runwake resume.
 *
 * The order: the command's process is made and held, the run's start is told with its pid, the command is let
 * go. We are with it until it ends, and tell the end. Killed anywhere, we leave what `start --pid` leaves: a
 * run whose process is known, so the watcher ends it when that process ends, and hooks go on recording
 * meanwhile. */
#include "cli/run_command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/report.h"
#include "base/process.h"
#include "cli/print.h"
#include "cli/run_attend.h"
#include "cli/run_begin.h"
#include "cli/run_child.h"
#include "cli/run_end.h"
#include "cli/run_rollout.h"
#include "cli/run_session.h"
#include "event/active.h"
#include "event/spool.h"
#include "event/wakeup.h"

struct running {
	struct wake_command_context *context;
	const struct wake_run_plan *plan;
	struct wake_run_begin begin;
	struct wake_invocation invocation;
	struct wake_child child;
	struct wake_pump pump;
	struct wake_stream *stream; /* owned; NULL: none is read */
	struct wake_prices *prices; /* owned; NULL: none are needed */
	struct wake_attending attending;
	struct wake_feed *feed; /* owned; NULL: its input is none of ours */
	int agent_end;          /* owned: the command's end of its output; -1: none */
	int agent_input;        /* owned: … of its input */
	bool has_taken;         /* the command took its prompt, and that was told */
};

static void running_release(struct running *running)
{
	wake_child_release(&running->child);
	wake_feed_close(running->feed);
	wake_pump_close(&running->pump);
	wake_stream_free(running->stream);
	wake_prices_free(running->prices);
	wake_attending_release(&running->attending);
	wake_run_begin_release(&running->begin);
	wake_scope_close(&running->agent_end);
	wake_scope_close(&running->agent_input);
}

/* What the options left open. */
static void complete_start(struct running *running)
{
	struct wake_run_start *start = &running->begin.start;

	if (!start->agent_type)
		start->agent_type = wake_agent_type(running->invocation.agent);
	if (running->plan->options && !wake_options_has(running->plan->options, "task") &&
	    running->invocation.prompt)
		start->task = running->invocation.prompt;
}

static bool has_terminal(void)
{
	wake_auto_close int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd >= 0;
}

/* A price list that cannot be read leaves the cost unknown; it is in nobody's way. */
static void load_prices(struct running *running)
{
	wake_auto_free char *path = NULL;
	struct wake_error problem;

	if (wake_prices_path(running->context->paths.config, &path, &problem) < 0 ||
	    wake_prices_load(path, &running->prices, &problem) < 0)
		wake_print_note("%s; the run's cost stays unknown", problem.text);
}

static int open_stream(struct running *running, struct wake_error *err)
{
	int ret;

	if (!running->invocation.has_stream)
		return WAKE_OK;
	if (running->invocation.source != WAKE_STREAM_CLAUDE)
		load_prices(running);
	ret = wake_stream_new(running->invocation.source, &running->stream, err);
	if (ret == WAKE_OK)
		ret = wake_pump_open(&running->pump, &running->agent_end, err);
	return ret;
}

/* After the stand-in was made, which must not hold the agent's input open. */
static int open_feed(struct running *running, struct wake_error *err)
{
	if (!running->invocation.takes_stream || running->plan->input >= 0)
		return WAKE_OK;
	return wake_feed_open(&running->feed, &running->agent_input, err);
}

/* A command at a terminal shares it with the shell, and so stays in the job that the shell made of us;
 * elsewhere it has a group of its own, so that what ends ours does not end it. */
static int hold_command(struct running *running, struct wake_error *err)
{
	struct wake_attending *attending = &running->attending;
	struct wake_child_spec spec = {
		.argv = running->plan->argv,
		.run_id = running->begin.run_id,
		.in = running->feed ? running->agent_input : running->plan->input,
		.out = running->agent_end,
		.has_own_group = !has_terminal(),
		.mask = &attending->mask,
		.ignores_pipe = running->context->ignores_pipe,
		.ignores_child = attending->ignored_child,
	};
	struct wake_run_start *start = &running->begin.start;
	int ret = wake_child_hold(&spec, &running->child, err);

	if (ret < 0)
		return ret;
	wake_scope_close(&running->agent_end);
	wake_scope_close(&running->agent_input);
	running->agent_end = running->agent_input = -1;
	attending->pid = running->child.pid;
	attending->has_own_group = spec.has_own_group;
	start->pid = running->child.pid;
	return wake_process_start_time(running->child.pid, &start->pid_start, err);
}

/* A turn has ended: so that the record does not wait for the last one. */
static void report(void *context)
{
	struct running *running = context;
	const struct wake_report_by by = { running->begin.redactor, running->prices };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error problem;
	int ret = wake_report_add(&events, &by, running->begin.run_id, wake_stream_facts(running->stream),
	    running->invocation.is_resumed, 0, &problem);

	/* What is not told now is told at the end. */
	if (ret == WAKE_OK)
		(void)!wake_spool_append(running->context->paths.spool, &events, false, &problem);
	wake_wakeup_recorder(running->context->paths.spool, running->context->program);
}

static bool tell_delivered(struct running *running, json_t *messages, bool as_prompt)
{
	const char *spool = running->context->paths.spool, *session = running->plan->agent_session;
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error problem;
	int ret = wake_run_event_delivered(&events, running->begin.run_id, messages, as_prompt, &problem);

	if (ret == WAKE_OK && as_prompt && session)
		ret = wake_run_event_session(&events, running->begin.run_id, session, &problem);
	if (ret == WAKE_OK && as_prompt && running->plan->told)
		ret = running->plan->told(running->plan->context, running->begin.run_id, &events, &problem);
	if (ret == WAKE_OK)
		ret = wake_spool_append(spool, &events, true, &problem);
	if (ret < 0)
		wake_print_note("%s; that the agent has what was said is not recorded", problem.text);
	wake_wakeup_recorder(spool, running->context->program);
	return ret == WAKE_OK;
}

static bool deliver(void *context, json_t *messages)
{
	return tell_delivered(context, messages, false);
}

/* What the command was given as its prompt it has once its stream tells that it works; one that prints none,
 * once it has ended well. */
static void take_prompt(struct running *running)
{
	if (running->has_taken || !running->plan->messages)
		return;
	running->has_taken = true;
	(void)tell_delivered(running, running->plan->messages, true);
}

static void hear(void *context)
{
	struct running *running = context;
	const struct wake_stream_facts *facts = wake_stream_facts(running->stream);

	/* A session that is not there is told by a result that says so, before any turn has begun. */
	if (facts->model || (facts->lines > 0 && !facts->is_error))
		take_prompt(running);
}

/* Live messages are an addition: without an inbox the command runs all the same, and what is said waits. */
static void open_inbox(struct running *running)
{
	struct wake_feed *feed = running->feed;
	struct wake_error problem;

	if (!feed)
		return;
	feed->deliver = deliver;
	feed->context = running;
	feed->has_mail = true;
	if (wake_inbox_open(&running->context->paths, running->begin.run_id, &feed->inbox, &problem) < 0)
		wake_print_note("%s; what is said to the run waits until it has ended", problem.text);
}

static void decide(const struct running *running, struct wake_run_end *end, struct wake_status *status)
{
	const struct wake_attending *attending = &running->attending;
	struct wake_ending ending = {
		.exit_code = WIFEXITED(attending->status) ? WEXITSTATUS(attending->status) : -1,
		.signal = WIFSIGNALED(attending->status) ? WTERMSIG(attending->status) : 0,
		.stop = attending->stop,
		.stop_signal = attending->stop_signal,
		.stop_pid = attending->stop_pid,
		.is_quiet = running->invocation.is_quiet,
		.stream = running->stream ? wake_stream_facts(running->stream) : NULL,
	};

	wake_status_decide(&ending, status);
	end->status = status->status;
	end->error = *status->error ? status->error : NULL;
	end->has_exit_code = ending.exit_code >= 0;
	end->exit_code = ending.exit_code;
	end->exit_signal = ending.signal;
}

/* Whoever ended the run meanwhile (`finish`, another run with --replace) has removed its entry. */
static bool is_over(const struct running *running)
{
	wake_auto_active struct wake_active active = { 0 };
	struct wake_error ignored;

	return wake_active_read(&running->context->paths, running->begin.run_id, &active, &ignored) ==
	       WAKE_NOTFOUND;
}

/* What the agent kept of the run and its stream does not tell. true: also what it took. */
static bool tell_kept(struct running *running, struct wake_events *events)
{
	const struct wake_stream_facts *facts = running->stream ? wake_stream_facts(running->stream) : NULL;
	const struct wake_run_rollout rollout = { .run_id = running->begin.run_id,
		.thread = facts ? facts->session : NULL,
		.begun = running->begin.start.at,
		.prices = running->prices,
		.redactor = running->begin.redactor };
	struct wake_error problem;
	bool told = false;
	int ret;

	if (!rollout.thread || !running->prices || running->invocation.source != WAKE_STREAM_CODEX)
		return false;
	ret = wake_run_rollout_tell(&rollout, events, &told, &problem);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		wake_print_note("%s; the run's model and cost stay unknown", problem.text);
	return told;
}

/* Its transcript tells what the stream does not: what people said, and of a resumed session what this run took. */
static void leave_session(const struct running *running, int64_t ended_at)
{
	const struct wake_run_begin *begin = &running->begin;
	const char *name = running->stream ? wake_stream_facts(running->stream)->session : NULL;
	const struct wake_run_session session = { .run_id = begin->run_id,
		.session = name,
		.directory = begin->workspace.root,
		.begun_at = begin->start.at,
		.ended_at = ended_at,
		.pid = (pid_t)begin->start.pid,
		.pid_start = begin->start.pid_start };
	struct wake_error problem;
	int ret;

	if (!name || running->invocation.source != WAKE_STREAM_CLAUDE)
		return;
	ret = wake_run_session_leave(&running->context->paths, &session, &problem);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		wake_print_note("%s; `runwake import claude` reads the session later", problem.text);
}

/* The command's exit code counts, whatever becomes of this: a failure is told, and the watcher ends the run
 * later. */
static void tell_end(struct running *running, const struct wake_run_end *end)
{
	const struct wake_paths *paths = &running->context->paths;
	WAKE_CLEANUP(wake_run_ending_release)
	struct wake_run_ending ending = { .paths = paths,
		.directory = running->begin.workspace.root,
		.is_over = is_over(running),
		.end = *end };
	const struct wake_report_by by = { running->begin.redactor, running->prices };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error problem;
	bool is_told;
	int ret = WAKE_OK;

	wake_run_ending_open(&ending);
	wake_run_ending_look(&ending);
	is_told = tell_kept(running, &events);
	if (running->stream)
		ret = wake_report_add(&events, &by, end->run_id, wake_stream_facts(running->stream),
		    running->invocation.is_resumed || is_told, end->at, &problem);
	if (ret == WAKE_OK)
		ret = wake_run_ending_tell(&ending, &events, &problem);
	if (ret == WAKE_OK)
		wake_run_ending_clear(&ending);
	else
		wake_print_note("%s; the run's end is not recorded", problem.text);
	leave_session(running, end->at);
	wake_wakeup_recorder(paths->spool, running->context->program);
}

/* The run has begun, the command has not. */
static int let_go(struct running *running, struct wake_error *err)
{
	struct wake_command_context *context = running->context;
	const char *command = running->plan->argv[0];
	struct wake_run_end end = { .redactor = running->begin.redactor,
		.run_id = running->begin.run_id,
		.status = "failed",
		.reported = true };
	int why = 0, ret = wake_child_let_go(&running->child, &why, err);

	if (ret == WAKE_OK && why == 0) {
		if (!running->stream) /* it tells nothing by itself */
			take_prompt(running);
		open_inbox(running);
		return WAKE_OK;
	}
	if (why == ENOENT)
		ret = wake_command_fail(
		    context, WAKE_EXIT_NO_COMMAND, err, "there is no command '%s'", command);
	else if (why)
		ret = wake_command_fail(context, WAKE_EXIT_NOT_EXECUTABLE, err, "cannot execute '%s': %s",
		    command, strerror(why));
	end.at = wake_clock_now();
	end.error = err->text;
	end.has_exit_code = context->failure > WAKE_EXIT_OWN;
	end.exit_code = context->failure;
	tell_end(running, &end);
	return ret;
}

static int attend(struct running *running, struct wake_error *err)
{
	struct wake_attending *attending = &running->attending;
	struct wake_run_end end = {
		.redactor = running->begin.redactor, .run_id = running->begin.run_id, .reported = true
	};
	struct wake_status status;
	int ret;

	attending->pump = running->stream ? &running->pump : NULL;
	attending->stream = running->stream;
	attending->feed = running->feed;
	attending->heard = hear;
	attending->turned = report;
	attending->context = running;
	ret = wake_attend(attending, err);
	if (ret < 0)
		return ret;
	end.at = wake_clock_now();
	if (running->pump.failure)
		wake_print_note("cannot write to standard output: %s", strerror(running->pump.failure));
	if (WIFEXITED(attending->status) && WEXITSTATUS(attending->status) == 0)
		take_prompt(running);
	wake_feed_close(running->feed);
	running->feed = NULL;
	wake_pump_close(&running->pump);
	decide(running, &end, &status);
	tell_end(running, &end);
	return wake_attend_end_alike(attending);
}

static int prepare(struct running *running, struct wake_error *err)
{
	const struct wake_run_plan *plan = running->plan;
	int ret = wake_run_begin_prepare(&running->begin, err);

	if (ret < 0)
		return ret;
	wake_invocation_read(plan->argv, plan->named, isatty(STDOUT_FILENO), &running->invocation);
	complete_start(running);
	if (plan->prepared) {
		ret = plan->prepared(plan->context, &running->begin.start, err);
		if (ret < 0)
			return ret;
	}
	ret = wake_attend_signals(&running->attending, err);
	if (ret == WAKE_OK)
		ret = open_stream(running, err);
	if (ret == WAKE_OK)
		ret = open_feed(running, err);
	if (ret == WAKE_OK)
		ret = hold_command(running, err);
	return ret == WAKE_OK ? wake_run_begin(&running->begin, err) : ret;
}

int wake_run_command(
    struct wake_command_context *context, const struct wake_run_plan *plan, struct wake_error *err)
{
	WAKE_CLEANUP(running_release)
	struct running running = { .context = context,
		.plan = plan,
		.begin = { .context = context, .options = plan->options },
		.child = { .gate = -1, .verdict = -1 },
		.attending = { .signals = -1 },
		.agent_end = -1,
		.agent_input = -1 };
	int ret = prepare(&running, err);

	if (ret == WAKE_OK)
		ret = let_go(&running, err);
	return ret == WAKE_OK ? attend(&running, err) : ret;
}
