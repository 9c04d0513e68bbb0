/* SPDX-License-Identifier: MIT */
/* runwake run: a command, and the run that it is.
 *
 * The order: the command's process is made and held, the run's start is told with its pid, the command is let go. We
 * are with it until it ends, and tell the end. Killed anywhere, we leave what `start --pid` leaves: a run whose process
 * is known, so the watcher ends it when that process ends, and hooks go on recording meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/invocation.h"
#include "agent/report.h"
#include "base/process.h"
#include "cli/commands.h"
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

static const struct wake_option options[] = {
	WAKE_RUN_BEGIN_OPTIONS,
	{ .name = "agent",
	    .value = "WHICH",
	    .help = "the agent that a wrapper starts: its output is read (default: told from the command's name)",
	    .words = "claude codex gemini none" },
	{ 0 },
};

struct running {
	struct wake_command_context *context;
	struct wake_run_begin begin;
	struct wake_invocation invocation;
	struct wake_child child;
	struct wake_pump pump;
	struct wake_stream *stream; /* owned; NULL: none is read */
	struct wake_prices *prices; /* owned; NULL: none are needed */
	struct wake_attending attending;
	int agent_end; /* owned: the command's end of its output; -1: none */
};

static void running_release(struct running *running)
{
	wake_child_release(&running->child);
	wake_pump_close(&running->pump);
	wake_stream_free(running->stream);
	wake_prices_free(running->prices);
	wake_attending_release(&running->attending);
	wake_run_begin_release(&running->begin);
	wake_scope_close(&running->agent_end);
}

static int read_command(struct running *running, struct wake_error *err)
{
	const struct wake_options *given = &running->context->options;
	const char *word = wake_options_text(given, "agent");
	int named = word ? wake_agent_named(word) : -1;

	if (word && named < 0)
		return wake_fail(
		    err, WAKE_INVALID, "--agent takes claude, codex, gemini or none, not '%s'", word);
	if (given->loose_count > 0)
		return wake_fail(err, WAKE_INVALID,
		    "'--' is missing before the command, which has options of its own: runwake run -- %s …",
		    given->words[0]);
	wake_invocation_read(given->words, named, isatty(STDOUT_FILENO), &running->invocation);
	return WAKE_OK;
}

/* What the options left open. */
static void complete_start(struct running *running)
{
	struct wake_run_start *start = &running->begin.start;

	if (!start->agent_type)
		start->agent_type = wake_agent_type(running->invocation.agent);
	if (!wake_options_has(&running->context->options, "task") && running->invocation.prompt)
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

/* A command at a terminal shares it with the shell, and so stays in the job that the shell made of us; elsewhere it has
 * a group of its own, so that what ends ours does not end it. */
static int hold_command(struct running *running, struct wake_error *err)
{
	struct wake_attending *attending = &running->attending;
	struct wake_child_spec spec = {
		.argv = running->context->options.words,
		.run_id = running->begin.run_id,
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
	running->agent_end = -1;
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

	return wake_active_read(&running->context->paths, running->begin.run_id, &active, &ignored) == WAKE_NOTFOUND;
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

/* The command's exit code counts, whatever becomes of this: a failure is told, and the watcher ends the run later. */
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
	const char *command = context->options.words[0];
	struct wake_run_end end = { .redactor = running->begin.redactor,
		.run_id = running->begin.run_id,
		.status = "failed",
		.reported = true };
	int why = 0, ret = wake_child_let_go(&running->child, &why, err);

	if (ret == WAKE_OK && why == 0)
		return WAKE_OK;
	if (why == ENOENT)
		ret = wake_command_fail(context, WAKE_EXIT_NO_COMMAND, err, "there is no command '%s'", command);
	else if (why)
		ret = wake_command_fail(context, WAKE_EXIT_NOT_EXECUTABLE, err, "cannot execute '%s': %s", command,
		    strerror(why));
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
	struct wake_run_end end = { .redactor = running->begin.redactor,
		.run_id = running->begin.run_id,
		.reported = true };
	struct wake_status status;
	int ret;

	attending->pump = running->stream ? &running->pump : NULL;
	attending->stream = running->stream;
	attending->turned = report;
	attending->context = running;
	ret = wake_attend(attending, err);
	if (ret < 0)
		return ret;
	end.at = wake_clock_now();
	if (running->pump.failure)
		wake_print_note("cannot write to standard output: %s", strerror(running->pump.failure));
	wake_pump_close(&running->pump);
	decide(running, &end, &status);
	tell_end(running, &end);
	return wake_attend_end_alike(attending);
}

static int prepare(struct running *running, struct wake_error *err)
{
	int ret = read_command(running, err);

	if (ret == WAKE_OK)
		ret = wake_run_begin_prepare(&running->begin, err);
	if (ret < 0)
		return ret;
	complete_start(running);
	ret = wake_attend_signals(&running->attending, err);
	if (ret == WAKE_OK)
		ret = open_stream(running, err);
	if (ret == WAKE_OK)
		ret = hold_command(running, err);
	return ret == WAKE_OK ? wake_run_begin(&running->begin, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(running_release)
	struct running running = { .context = context,
		.begin = { .context = context },
		.child = { .gate = -1, .verdict = -1 },
		.attending = { .signals = -1 },
		.agent_end = -1 };
	int ret = prepare(&running, err);

	if (ret == WAKE_OK)
		ret = let_go(&running, err);
	return ret == WAKE_OK ? attend(&running, err) : ret;
}

static const struct wake_example examples[] = {
	{ "runwake run -- claude", "Wraps a conversation at the terminal" },
	{ "runwake run -w fix -- claude --output-format stream-json --verbose -p 'Repair the login'",
	    "Wraps one without, and reads what it prints: tokens, cost, result" },
	{ "runwake run --agent codex -- ./agent.sh", "Wraps a script that starts an agent" },
	{ 0 },
};

static const struct wake_exit_row exits[] = {
	{ WAKE_EXIT_OK, "the command succeeded; any code below 125 is the command's own" },
	{ WAKE_EXIT_OWN, "Runwake failed before the command began: its own options, the workspace, another run" },
	{ WAKE_EXIT_NOT_EXECUTABLE, "the command cannot be executed" },
	{ WAKE_EXIT_NO_COMMAND, "the command is not there" },
	{ 0, NULL },
};

const struct wake_command wake_command_run = {
	.name = "run",
	.group = "Runs",
	.summary = "run a command as a run of this workspace",
	.usage = (const char *const[]){ "[OPTION...] -- COMMAND [WORD...]", NULL },
	.description = (const char *const[]){
	    "Begins a run as runwake start does, runs COMMAND with RUNWAKE_RUN_ID in its environment, and ends the "
	    "run when the command ends: completed, failed or killed, as its exit code, its signal and what it "
	    "printed tell together.",
	    "Terminal, input, output, signals and exit code pass through. A command that a signal ended ends "
	    "runwake by the same signal. If runwake itself is killed, the command goes on, and the watcher ends "
	    "the run when it has ended.",
	    "The output of claude --output-format stream-json (or json), codex exec --json and gemini "
	    "--output-format stream-json is read as it passes, unchanged and at once: model, session, turns, "
	    "tokens, cost, result and error are recorded. A line of more than 8 MiB passes unread. Any other "
	    "output is not touched. Once claude has ended, the transcript of its session is read as well, for what people said "
	    "in it and for what a resumed session took in this run.",
	    "Of the command's words only a prompt is recorded, as the task where --task gives none.", NULL },
	.options = options,
	.examples = examples,
	.own_exits = exits,
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = run,
};
