/* SPDX-License-Identifier: MIT */
/* runwake start: a run begins in this workspace.
 *
 * What a kill leaves behind, in the order of the steps: a claim of a run that never began (the next start
 * names it, and
 * --replace takes it over); a run that began but has no marker yet (its movements are found by its workspace,
 * and `finish` finds it by its claim). The start is in the spool before the marker is written, so there never
 * is a marker of a run that nobody announced. The claim comes first of all: of two starts at once one must
 * lose before it says anything. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/fs.h"
#include "base/process.h"
#include "event/active.h"
#include "cli/commands.h"
#include "cli/exclude.h"
#include "cli/holder.h"
#include "cli/print.h"
#include "cli/run_events.h"
#include "cli/watcher_start.h"
#include "event/claim.h"
#include "event/spool.h"
#include "event/wakeup.h"

static const struct wake_option options[] = {
	{ .name = "workflow",
	    .letter = 'w',
	    .value = "NAME",
	    .help = "what kind of work it is (default: unknown)",
	    .words = "architect implement test review fix refactor document pr" },
	{ .name = "task", .letter = 't', .value = "TEXT", .help = "what was asked for" },
	{ .name = "run-id",
	    .value = "ID",
	    .help = "the run's id, if somebody else has given it one (default: a new one)" },
	{ .name = "session",
	    .letter = 's',
	    .value = "NAME",
	    .help = "the session that it belongs to, by name" },
	{ .name = "session-id", .value = "UUID", .help = "the session that it belongs to, by id" },
	{ .name = "agent-type",
	    .value = "NAME",
	    .help = "the kind of agent",
	    .words = "claude-code codex gemini" },
	{ .name = "model", .value = "NAME", .help = "the model that does the work" },
	{ .name = "branch", .value = "NAME", .help = "the branch it works on (default: the current one)" },
	{ .name = "pid",
	    .value = "N",
	    .help = "the agent's process; when it dies without a word, the run has failed" },
	{ .name = "metadata",
	    .repeated = true,
	    .value = "KEY=VALUE",
	    .help = "anything else to be kept with the run" },
	{ .name = "replace",
	    .help = "take the workspace over from the run that holds it; that one ends as killed" },
	{ 0 },
};

/* What the start needs from step to step. */
struct starting {
	struct wake_command_context *context;
	struct wake_workspace workspace;
	struct wake_holder holder;
	struct wake_git_facts facts;
	struct wake_config config;
	struct wake_redactor *redactor; /* owned */
	json_t *metadata;	/* owned */
	char run_id[WAKE_RUN_ID_MAX + 1];
	struct wake_run_start start;
};

static void starting_release(struct starting *starting)
{
	wake_workspace_release(&starting->workspace);
	wake_git_facts_release(&starting->facts);
	wake_config_release(&starting->config);
	wake_redactor_free(starting->redactor);
	json_decref(starting->metadata);
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static int check_lengths(const struct wake_options *given, struct wake_error *err)
{
	static const struct {
		const char *name;
		size_t max;
	} limits[] = { { "workflow", 100 }, { "session", 255 }, { "agent-type", 100 }, { "model", 100 },
		{ "branch", 255 } };

	for (size_t i = 0; i < WAKE_COUNT(limits); i++) {
		const char *text = wake_options_text(given, limits[i].name);

		if (text && (!*text || count_characters(text) > limits[i].max))
			return wake_fail(err, WAKE_INVALID, "--%s takes 1 to %zu characters, not %zu",
			    limits[i].name, limits[i].max, count_characters(text));
	}
	return WAKE_OK;
}

/* The key may say that the value is a secret, and goes with it so far. */
static int add_metadata(struct starting *starting, const char *key, const char *value, struct wake_error *err)
{
	wake_auto_str struct wake_str pair = WAKE_STR(WAKE_EVENT_TEXT_MAX), kept = WAKE_STR(4 * WAKE_EVENT_TEXT_MAX);
	int ret;

	wake_str_appendf(&pair, "%s=%s", key, value);
	ret = wake_str_check(&pair, err);
	if (ret == WAKE_OK)
		ret = wake_redact_append(starting->redactor, pair.data, pair.len, &kept, err);
	return ret == WAKE_OK ? wake_event_set_text(starting->metadata, key, kept.data + strlen(key) + 1,
	                            WAKE_EVENT_TEXT_MAX, err)
	                      : ret;
}

static int read_metadata(struct starting *starting, struct wake_error *err)
{
	const struct wake_options *given = &starting->context->options;
	const char *text;
	int ret;

	starting->metadata = json_object();
	for (size_t i = 0; (text = wake_options_nth(given, "metadata", i)) != NULL; i++) {
		const char *equals = strchr(text, '=');
		wake_auto_free char *key = equals ? strndup(text, (size_t)(equals - text)) : NULL;

		if (!equals || equals == text)
			return wake_fail(err, WAKE_INVALID, "--metadata takes KEY=VALUE, not '%s'", text);
		if (!key)
			return wake_fail_nomem(err);
		if (!json_is_object(starting->metadata) || json_object_get(starting->metadata, key))
			return wake_fail(err, WAKE_INVALID, "--metadata gives '%s' twice", key);
		ret = add_metadata(starting, key, equals + 1, err);
		if (ret < 0)
			return wake_error_prefix(err, "--metadata");
	}
	starting->start.metadata = starting->metadata;
	return WAKE_OK;
}

static int read_process(struct starting *starting, struct wake_error *err)
{
	struct wake_run_start *start = &starting->start;
	int ret = wake_options_number(
	    &starting->context->options, "pid", 1, WAKE_ACTIVE_PID_MAX, 0, &start->pid, err);

	if (ret == WAKE_OK && start->pid > 0)
		ret = wake_process_start_time((pid_t)start->pid, &start->pid_start, err);
	return ret;
}

static int read_settings(struct starting *starting, struct wake_error *err)
{
	const char *user, *host;
	int ret = wake_config_load(starting->context->paths.config, &starting->config, err);

	if (ret < 0)
		return ret;
	user = wake_config_text(&starting->config, WAKE_SETTING_USER);
	if (*user && !wake_id_is_uuid(user))
		return wake_fail(err, WAKE_INVALID, "the setting runwake.user in '%s' is no UUID",
		    starting->context->paths.config);
	starting->start.user_id = *user ? user : NULL;
	host = wake_config_text(&starting->config, WAKE_SETTING_HOST);
	starting->start.host = *host ? host : NULL;
	ret = wake_redactor_new(&starting->config, &starting->redactor, err);
	starting->start.redactor = starting->redactor;
	return ret;
}

static int read_run_id(struct starting *starting, struct wake_error *err)
{
	const char *given = wake_options_text(&starting->context->options, "run-id");
	int ret;

	if (given) {
		ret = wake_run_id_check(given, err);
		if (ret < 0)
			return wake_error_prefix(err, "--run-id");
		memcpy(starting->run_id, given, strlen(given) + 1);
	} else {
		wake_id_v7(starting->run_id);
	}
	starting->start.run_id = starting->run_id;
	return WAKE_OK;
}

static int read_options(struct starting *starting, struct wake_error *err)
{
	const struct wake_options *given = &starting->context->options;
	struct wake_run_start *start = &starting->start;
	int ret = check_lengths(given, err);

	start->workflow = wake_options_text(given, "workflow");
	if (!start->workflow)
		start->workflow = "unknown";
	start->task = wake_options_text(given, "task");
	if (!start->task)
		start->task = "";
	start->session_name = wake_options_text(given, "session");
	start->session_id = wake_options_text(given, "session-id");
	start->agent_type = wake_options_text(given, "agent-type");
	start->ai_model = wake_options_text(given, "model");
	start->branch = wake_options_text(given, "branch");
	if (ret == WAKE_OK && start->session_id && !wake_id_is_uuid(start->session_id))
		ret = wake_fail(err, WAKE_INVALID,
		    "--session-id takes a UUID, not '%s'; a name goes to --session", start->session_id);
	if (ret == WAKE_OK)
		ret = read_run_id(starting, err);
	if (ret == WAKE_OK)
		ret = read_settings(starting, err);
	if (ret == WAKE_OK)
		ret = read_metadata(starting, err);
	return ret == WAKE_OK ? read_process(starting, err) : ret;
}

/* A run id that somebody chose may have been used before. */
static int check_unused(struct starting *starting, struct wake_error *err)
{
	struct wake_command_context *context = starting->context;
	wake_auto_active struct wake_active active = { 0 };
	struct wake_holder same = { 0 };
	int ret;

	if (!wake_options_has(&context->options, "run-id"))
		return WAKE_OK;
	ret = wake_active_read(&context->paths, starting->run_id, &active, err);
	if (ret == WAKE_OK)
		return wake_command_fail(context, WAKE_EXIT_BUSY, err,
		    "run %s is running already, in '%s'; finish it, or choose another id", starting->run_id,
		    active.workspace_path ? active.workspace_path : active.workspace_id);
	if (ret != WAKE_NOTFOUND)
		return ret;
	memcpy(same.run_id, starting->run_id, sizeof(same.run_id));
	ret = wake_holder_ask_store(context, &same, err);
	if (ret == WAKE_OK && (same.is_started || same.is_over))
		return wake_command_fail(context, same.is_over ? WAKE_EXIT_USAGE : WAKE_EXIT_BUSY, err,
		    "run %s was started already%s; choose another id", starting->run_id,
		    same.is_over ? " and has ended" : "");
	return ret;
}

/* What would keep the marker from being written is found before anything is told. */
static int check_root(const char *root, struct wake_error *err)
{
	wake_auto_free char *marker = NULL;
	struct stat st;
	int ret = wake_fs_join(root, WAKE_MARKER_NAME, &marker, err);

	if (ret < 0)
		return ret;
	if (access(root, W_OK | X_OK) < 0)
		return wake_fail_errno(
		    err, "the workspace '%s' must be writable, for the marker lies in it", root);
	if (lstat(marker, &st) == 0 && S_ISDIR(st.st_mode))
		return wake_fail(err, WAKE_INVALID,
		    "'%s' is a directory, where the marker should be; move it away", marker);
	return WAKE_OK;
}

static int prepare_workspace(struct starting *starting, struct wake_error *err)
{
	struct wake_command_context *context = starting->context;
	struct wake_workspace *workspace = &starting->workspace;
	bool fresh = false;
	int ret = wake_workspace_find(&context->paths, NULL, workspace, err);

	if (ret == WAKE_OK)
		ret = check_root(workspace->root, err);
	if (ret == WAKE_OK)
		ret = wake_workspace_register(&context->paths, workspace, &fresh, err);
	if (ret == WAKE_OK && fresh)
		wake_print_note("this repository is recorded from now on, but has no hooks of ours yet: "
				"`runwake install` adds them");
	/* Before the marker is there: a `git add -A` may run at any time. */
	if (ret == WAKE_OK && workspace->in_git)
		ret = wake_exclude_add(workspace->worktree.common_dir, err);
	if (ret == WAKE_OK)
		ret = wake_workspace_observe(&context->paths, workspace, err);
	return ret;
}

/* Who is here, and may we be? */
static int check_holder(struct starting *starting, struct wake_error *err)
{
	struct wake_command_context *context = starting->context;
	struct wake_holder *holder = &starting->holder;
	bool replace = wake_options_has(&context->options, "replace");
	int ret = wake_holder_find(context, &starting->workspace, holder, err);

	if (ret == WAKE_CORRUPT && replace) {
		wake_print_note("%s", err->text);
		*holder = (struct wake_holder){ .claims = true };
		return WAKE_OK;
	}
	if (ret == WAKE_CORRUPT)
		context->failure = WAKE_EXIT_BUSY;
	/* An orchestrator may have written the marker itself, before it announces the run. */
	if (ret == WAKE_OK && strcmp(holder->run_id, starting->run_id) == 0)
		*holder = (struct wake_holder){ 0 };
	if (ret < 0 || !*holder->run_id || holder->is_over || replace)
		return ret;
	return wake_command_fail(context, WAKE_EXIT_BUSY, err,
	    "run %s holds the workspace '%s'; end it with `runwake finish`, or use --replace", holder->run_id,
	    starting->workspace.root);
}

static int take_claim(struct starting *starting, struct wake_error *err)
{
	const struct wake_worktree *worktree = &starting->workspace.worktree;
	const struct wake_holder *holder = &starting->holder;
	bool replace = holder->claims && !holder->is_over;
	struct wake_error ignored;

	if (!starting->workspace.in_git)
		return WAKE_OK;
	/* A claim left over by a run that has ended is given up, not replaced: of two starts at once one must
	 * lose. */
	if (holder->claims && holder->is_over)
		(void)!wake_claim_release(worktree, holder->run_id, &ignored);
	if (*holder->copied)
		(void)!wake_claim_release(worktree, holder->copied, &ignored);
	return wake_claim_take(worktree, starting->run_id, starting->workspace.id, replace, NULL, err);
}

/* Only a run that we know of can be ended: of one that was killed before it said anything there is nothing to
 * say. */
static bool is_replacing(const struct starting *starting)
{
	const struct wake_holder *holder = &starting->holder;

	return *holder->run_id && !holder->is_over && holder->is_known;
}

/* Both events in one write: the old run cannot be left running beside the new one. */
static int tell(struct starting *starting, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_free char *why = NULL;
	int ret = wake_str_format(&why, err, "replaced by run %s", starting->run_id);

	/* After the observation: what was seen there is not this run's. */
	starting->start.at = wake_clock_now();
	if (ret == WAKE_OK && is_replacing(starting)) {
		const struct wake_run_end end = { .run_id = starting->holder.run_id,
			.status = "killed",
			.error = why,
			.at = starting->start.at - 1 };

		starting->start.replaces = starting->holder.run_id;
		ret = wake_run_event_end(&events, &end, &starting->facts, err);
	}
	if (ret == WAKE_OK)
		ret = wake_run_event_start(
		    &events, &starting->start, &starting->workspace, &starting->facts, err);
	if (ret == WAKE_OK)
		ret = wake_run_event_edited(
		    &events, "start", starting->run_id, starting->start.at, &starting->workspace, err);
	return ret == WAKE_OK ? wake_spool_append(starting->context->paths.spool, &events, true, err) : ret;
}

/* What holds the workspace as long as the run lives. */
static int settle(struct starting *starting, struct wake_error *err)
{
	const struct wake_paths *paths = &starting->context->paths;
	const struct wake_workspace *workspace = &starting->workspace;
	struct wake_active active = { .workspace_path = workspace->root,
		.started_at = starting->start.at,
		.pid = (pid_t)starting->start.pid,
		.pid_start = starting->start.pid_start,
		.pid_namespace = wake_process_pid_namespace() };
	int ret;

	wake_process_boot_id(active.boot_id);
	wake_process_host(active.host);
	memcpy(active.run_id, starting->run_id, sizeof(active.run_id));
	memcpy(active.workspace_id, workspace->id, sizeof(workspace->id));
	ret = wake_active_add(paths, &active, err);
	if (ret == WAKE_OK && *starting->holder.run_id)
		ret = wake_active_remove(paths, starting->holder.run_id, err);
	return ret == WAKE_OK ? wake_marker_write(workspace->root, starting->run_id, workspace->id, err)
	                      : ret;
}

/* Before anything was told, a failure gives the workspace back as it was. */
static void give_back(const struct starting *starting)
{
	const struct wake_workspace *workspace = &starting->workspace;
	struct wake_error ignored;

	if (!workspace->in_git)
		return;
	if (starting->holder.claims && *starting->holder.run_id)
		(void)!wake_claim_take(
		    &workspace->worktree, starting->holder.run_id, workspace->id, true, NULL, &ignored);
	else
		(void)!wake_claim_release(&workspace->worktree, starting->run_id, &ignored);
}

/* The start is told but cannot be completed: the run has failed, and nobody is given its id. */
static void take_back(const struct starting *starting, const char *why)
{
	const struct wake_paths *paths = &starting->context->paths;
	const struct wake_run_end end = { .run_id = starting->run_id,
		.status = "failed",
		.error = why,
		.reported = true,
		.at = wake_clock_now() };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error problem;

	if (wake_run_event_end(&events, &end, &starting->facts, &problem) < 0 ||
	    wake_spool_append(paths->spool, &events, true, &problem) < 0)
		wake_print_note("%s", problem.text);
	(void)!wake_active_remove(paths, starting->run_id, &problem);
	if (starting->workspace.in_git)
		(void)!wake_claim_release(&starting->workspace.worktree, starting->run_id, &problem);
}

static int begin(struct starting *starting, struct wake_error *err)
{
	int ret = wake_git_facts_read(&starting->workspace, &starting->facts, err);

	if (ret == WAKE_OK)
		ret = take_claim(starting, err);
	if (ret < 0)
		return ret;
	ret = tell(starting, err);
	if (ret < 0) {
		give_back(starting);
		return ret;
	}
	ret = settle(starting, err);
	if (ret < 0)
		take_back(starting, err->text);
	else if (wake_config_bool(&starting->config, WAKE_SETTING_WATCHER))
		wake_watcher_start(&starting->context->paths, starting->context->program);
	wake_wakeup_recorder(starting->context->paths.spool, starting->context->program);
	return ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(starting_release) struct starting starting = { .context = context };
	wake_auto_str struct wake_str out = WAKE_STR(WAKE_RUN_ID_MAX + 2);
	int ret = read_options(&starting, err);

	if (ret == WAKE_OK)
		ret = check_unused(&starting, err);
	if (ret == WAKE_OK)
		ret = prepare_workspace(&starting, err);
	if (ret == WAKE_OK)
		ret = check_holder(&starting, err);
	if (ret == WAKE_OK)
		ret = begin(&starting, err);
	if (ret < 0)
		return ret;
	wake_str_appendf(&out, "%s\n", starting.run_id);
	return wake_print_text(&out, err);
}

static const struct wake_example examples[] = {
	{ "runwake start --workflow fix --task 'Repair the login'", "Begins a run here and prints its id" },
	{ "runwake start --run-id job-17 --session login --pid $$",
	    "Begins a run whose id and process an orchestrator knows" },
	{ 0 },
};

const struct wake_command wake_command_start = {
	.name = "start",
	.group = "Runs",
	.summary = "begin a run in this workspace",
	.usage = (const char *const[]){ "[OPTION...]", NULL },
	.description = (const char *const[]){
	    "Begins a run in the worktree around the current directory, or, outside of git, in the "
	    "current directory itself, and prints the run's id alone on standard output. Commits made "
	    "there from now on belong to the run, until runwake finish.",
	    "The run holds its workspace alone: a second start exits 5 unless --replace is given. The "
	    "marker .runwake in the workspace's root names the run; it is kept out of commits by "
	    "info/exclude.",
	    "A repository that is not recorded yet is registered; runwake install adds the hooks.",
	    "Starts the watcher, runwake-watcher, where none runs and the setting runwake.watcher allows it.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "1456",
	.run = run,
};
