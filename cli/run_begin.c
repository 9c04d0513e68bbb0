/* SPDX-License-Identifier: MIT */
/* The beginning of a run. */
#include "cli/run_begin.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/process.h"
#include "cli/exclude.h"
#include "cli/print.h"
#include "cli/watcher_start.h"
#include "event/active.h"
#include "event/claim.h"
#include "event/spool.h"
#include "event/wakeup.h"

void wake_run_begin_release(struct wake_run_begin *begin)
{
	wake_workspace_release(&begin->workspace);
	wake_git_facts_release(&begin->facts);
	wake_config_release(&begin->config);
	wake_redactor_free(begin->redactor);
	json_decref(begin->metadata);
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

/* NULL: not given, or no options are taken. */
static const char *given_text(const struct wake_run_begin *begin, const char *name)
{
	return begin->options ? wake_options_text(begin->options, name) : NULL;
}

static bool is_given(const struct wake_run_begin *begin, const char *name)
{
	return begin->options && wake_options_has(begin->options, name);
}

static int check_lengths(const struct wake_run_begin *begin, struct wake_error *err)
{
	static const struct {
		const char *name;
		size_t max;
	} limits[] = { { "workflow", 100 }, { "session", 255 }, { "agent-type", 100 }, { "model", 100 },
		{ "branch", 255 } };

	for (size_t i = 0; i < WAKE_COUNT(limits); i++) {
		const char *text = given_text(begin, limits[i].name);

		if (text && (!*text || count_characters(text) > limits[i].max))
			return wake_fail(err, WAKE_INVALID, "--%s takes 1 to %zu characters, not %zu",
			    limits[i].name, limits[i].max, count_characters(text));
	}
	return WAKE_OK;
}

/* The key may say that the value is a secret, and goes with it so far. */
static int add_metadata(struct wake_run_begin *begin, const char *key, const char *value, struct wake_error *err)
{
	wake_auto_str struct wake_str pair = WAKE_STR(WAKE_EVENT_TEXT_MAX), kept = WAKE_STR(4 * WAKE_EVENT_TEXT_MAX);
	int ret;

	wake_str_appendf(&pair, "%s=%s", key, value);
	ret = wake_str_check(&pair, err);
	if (ret == WAKE_OK)
		ret = wake_redact_append(begin->redactor, pair.data, pair.len, &kept, err);
	return ret == WAKE_OK ? wake_event_set_text(begin->metadata, key, kept.data + strlen(key) + 1,
	                            WAKE_EVENT_TEXT_MAX, err)
	                      : ret;
}

static int read_metadata(struct wake_run_begin *begin, struct wake_error *err)
{
	const struct wake_options *given = begin->options;
	const char *text;
	int ret;

	begin->metadata = json_object();
	for (size_t i = 0; given && (text = wake_options_nth(given, "metadata", i)) != NULL; i++) {
		const char *equals = strchr(text, '=');
		wake_auto_free char *key = equals ? strndup(text, (size_t)(equals - text)) : NULL;

		if (!equals || equals == text)
			return wake_fail(err, WAKE_INVALID, "--metadata takes KEY=VALUE, not '%s'", text);
		if (!key)
			return wake_fail_nomem(err);
		if (!json_is_object(begin->metadata) || json_object_get(begin->metadata, key))
			return wake_fail(err, WAKE_INVALID, "--metadata gives '%s' twice", key);
		ret = add_metadata(begin, key, equals + 1, err);
		if (ret < 0)
			return wake_error_prefix(err, "--metadata");
	}
	begin->start.metadata = begin->metadata;
	return WAKE_OK;
}

static int read_settings(struct wake_run_begin *begin, struct wake_error *err)
{
	const char *user, *host;
	int ret = wake_config_load(begin->context->paths.config, &begin->config, err);

	if (ret < 0)
		return ret;
	user = wake_config_text(&begin->config, WAKE_SETTING_USER);
	if (*user && !wake_id_is_uuid(user))
		return wake_fail(err, WAKE_INVALID, "the setting runwake.user in '%s' is no UUID",
		    begin->context->paths.config);
	begin->start.user_id = *user ? user : NULL;
	host = wake_config_text(&begin->config, WAKE_SETTING_HOST);
	begin->start.host = *host ? host : NULL;
	ret = wake_redactor_new(&begin->config, &begin->redactor, err);
	begin->start.redactor = begin->redactor;
	return ret;
}

static int read_run_id(struct wake_run_begin *begin, struct wake_error *err)
{
	const char *given = given_text(begin, "run-id");
	int ret;

	if (given) {
		ret = wake_run_id_check(given, err);
		if (ret < 0)
			return wake_error_prefix(err, "--run-id");
		memcpy(begin->run_id, given, strlen(given) + 1);
	} else {
		wake_id_v7(begin->run_id);
	}
	begin->start.run_id = begin->run_id;
	return WAKE_OK;
}

static int read_options(struct wake_run_begin *begin, struct wake_error *err)
{
	struct wake_run_start *start = &begin->start;
	int ret = check_lengths(begin, err);

	start->workflow = given_text(begin, "workflow");
	if (!start->workflow)
		start->workflow = "unknown";
	start->task = given_text(begin, "task");
	if (!start->task)
		start->task = "";
	start->session_name = given_text(begin, "session");
	start->session_id = given_text(begin, "session-id");
	start->agent_type = given_text(begin, "agent-type");
	start->ai_model = given_text(begin, "model");
	start->branch = given_text(begin, "branch");
	if (ret == WAKE_OK && start->session_id && !wake_id_is_uuid(start->session_id))
		ret = wake_fail(err, WAKE_INVALID,
		    "--session-id takes a UUID, not '%s'; a name goes to --session", start->session_id);
	if (ret == WAKE_OK)
		ret = read_run_id(begin, err);
	if (ret == WAKE_OK)
		ret = read_settings(begin, err);
	if (ret == WAKE_OK)
		ret = read_metadata(begin, err);
	return ret;
}

/* A run id that somebody chose may have been used before. */
static int check_unused(struct wake_run_begin *begin, struct wake_error *err)
{
	struct wake_command_context *context = begin->context;
	wake_auto_active struct wake_active active = { 0 };
	struct wake_holder same = { 0 };
	int ret;

	if (!is_given(begin, "run-id"))
		return WAKE_OK;
	ret = wake_active_read(&context->paths, begin->run_id, &active, err);
	if (ret == WAKE_OK)
		return wake_command_fail(context, WAKE_EXIT_BUSY, err,
		    "run %s is running already, in '%s'; finish it, or choose another id", begin->run_id,
		    active.workspace_path ? active.workspace_path : active.workspace_id);
	if (ret != WAKE_NOTFOUND)
		return ret;
	memcpy(same.run_id, begin->run_id, sizeof(same.run_id));
	ret = wake_holder_ask_store(context, &same, err);
	if (ret == WAKE_OK && (same.is_started || same.is_over))
		return wake_command_fail(context, same.is_over ? WAKE_EXIT_USAGE : WAKE_EXIT_BUSY, err,
		    "run %s was started already%s; choose another id", begin->run_id,
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

static int prepare_workspace(struct wake_run_begin *begin, struct wake_error *err)
{
	struct wake_command_context *context = begin->context;
	struct wake_workspace *workspace = &begin->workspace;
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
static int check_holder(struct wake_run_begin *begin, struct wake_error *err)
{
	struct wake_command_context *context = begin->context;
	struct wake_holder *holder = &begin->holder;
	bool replace = is_given(begin, "replace");
	int ret = wake_holder_find(context, &begin->workspace, holder, err);

	if (ret == WAKE_CORRUPT && replace) {
		wake_print_note("%s", err->text);
		*holder = (struct wake_holder){ .claims = true };
		return WAKE_OK;
	}
	if (ret == WAKE_CORRUPT)
		context->failure = WAKE_EXIT_BUSY;
	/* An orchestrator may have written the marker itself, before it announces the run. */
	if (ret == WAKE_OK && strcmp(holder->run_id, begin->run_id) == 0)
		*holder = (struct wake_holder){ 0 };
	if (ret < 0 || !*holder->run_id || holder->is_over || replace)
		return ret;
	return wake_command_fail(context, WAKE_EXIT_BUSY, err,
	    "run %s holds the workspace '%s'; end it with `runwake finish`, or use --replace", holder->run_id,
	    begin->workspace.root);
}

int wake_run_begin_prepare(struct wake_run_begin *begin, struct wake_error *err)
{
	int ret = read_options(begin, err);

	if (ret == WAKE_OK)
		ret = check_unused(begin, err);
	if (ret == WAKE_OK)
		ret = prepare_workspace(begin, err);
	return ret == WAKE_OK ? check_holder(begin, err) : ret;
}

static int take_claim(struct wake_run_begin *begin, struct wake_error *err)
{
	const struct wake_worktree *worktree = &begin->workspace.worktree;
	const struct wake_holder *holder = &begin->holder;
	bool replace = holder->claims && !holder->is_over;
	struct wake_error ignored;

	if (!begin->workspace.in_git)
		return WAKE_OK;
	/* A claim left over by a run that has ended is given up, not replaced: of two starts at once one must
	 * lose. */
	if (holder->claims && holder->is_over)
		(void)!wake_claim_release(worktree, holder->run_id, &ignored);
	if (*holder->copied)
		(void)!wake_claim_release(worktree, holder->copied, &ignored);
	return wake_claim_take(worktree, begin->run_id, begin->workspace.id, replace, NULL, err);
}

/* Only a run that we know of can be ended: of one that was killed before it said anything there is nothing to
 * say. */
static bool is_replacing(const struct wake_run_begin *begin)
{
	const struct wake_holder *holder = &begin->holder;

	return *holder->run_id && !holder->is_over && holder->is_known;
}

/* Both events in one write: the old run cannot be left running beside the new one. */
static int tell(struct wake_run_begin *begin, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_free char *why = NULL;
	int ret = wake_str_format(&why, err, "replaced by run %s", begin->run_id);

	/* After the observation: what was seen there is not this run's. */
	begin->start.at = wake_clock_now();
	if (ret == WAKE_OK && is_replacing(begin)) {
		const struct wake_run_end end = { .run_id = begin->holder.run_id,
			.status = "killed",
			.error = why,
			.at = begin->start.at - 1 };

		begin->start.replaces = begin->holder.run_id;
		ret = wake_run_event_end(&events, &end, &begin->facts, err);
	}
	if (ret == WAKE_OK)
		ret = wake_run_event_start(
		    &events, &begin->start, &begin->workspace, &begin->facts, err);
	if (ret == WAKE_OK)
		ret = wake_run_event_edited(
		    &events, "start", begin->run_id, begin->start.at, &begin->workspace, err);
	return ret == WAKE_OK ? wake_spool_append(begin->context->paths.spool, &events, true, err) : ret;
}

/* What holds the workspace as long as the run lives. */
static int settle(struct wake_run_begin *begin, struct wake_error *err)
{
	const struct wake_paths *paths = &begin->context->paths;
	const struct wake_workspace *workspace = &begin->workspace;
	struct wake_active active = { .workspace_path = workspace->root,
		.started_at = begin->start.at,
		.pid = (pid_t)begin->start.pid,
		.pid_start = begin->start.pid_start,
		.pid_namespace = wake_process_pid_namespace() };
	int ret;

	wake_process_boot_id(active.boot_id);
	wake_process_host(active.host);
	memcpy(active.run_id, begin->run_id, sizeof(active.run_id));
	memcpy(active.workspace_id, workspace->id, sizeof(workspace->id));
	ret = wake_active_add(paths, &active, err);
	if (ret == WAKE_OK && *begin->holder.run_id)
		ret = wake_active_remove(paths, begin->holder.run_id, err);
	return ret == WAKE_OK ? wake_marker_write(workspace->root, begin->run_id, workspace->id, err)
	                      : ret;
}

/* Before anything was told, a failure gives the workspace back as it was. */
static void give_back(const struct wake_run_begin *begin)
{
	const struct wake_workspace *workspace = &begin->workspace;
	struct wake_error ignored;

	if (!workspace->in_git)
		return;
	if (begin->holder.claims && *begin->holder.run_id)
		(void)!wake_claim_take(
		    &workspace->worktree, begin->holder.run_id, workspace->id, true, NULL, &ignored);
	else
		(void)!wake_claim_release(&workspace->worktree, begin->run_id, &ignored);
}

/* The start is told but cannot be completed: the run has failed, and nobody is given its id. */
static void take_back(const struct wake_run_begin *begin, const char *why)
{
	const struct wake_paths *paths = &begin->context->paths;
	const struct wake_run_end end = { .run_id = begin->run_id,
		.status = "failed",
		.error = why,
		.reported = true,
		.at = wake_clock_now() };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error problem;

	if (wake_run_event_end(&events, &end, &begin->facts, &problem) < 0 ||
	    wake_spool_append(paths->spool, &events, true, &problem) < 0)
		wake_print_note("%s", problem.text);
	(void)!wake_active_remove(paths, begin->run_id, &problem);
	if (begin->workspace.in_git)
		(void)!wake_claim_release(&begin->workspace.worktree, begin->run_id, &problem);
}

int wake_run_begin(struct wake_run_begin *begin, struct wake_error *err)
{
	int ret = wake_git_facts_read(&begin->workspace, &begin->facts, err);

	if (ret == WAKE_OK)
		ret = take_claim(begin, err);
	if (ret < 0)
		return ret;
	ret = tell(begin, err);
	if (ret < 0) {
		give_back(begin);
		return ret;
	}
	ret = settle(begin, err);
	if (ret < 0)
		take_back(begin, err->text);
	else if (wake_config_bool(&begin->config, WAKE_SETTING_WATCHER))
		wake_watcher_start(&begin->context->paths, begin->context->program);
	wake_wakeup_recorder(begin->context->paths.spool, begin->context->program);
	return ret;
}
