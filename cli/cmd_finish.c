/* SPDX-License-Identifier: MIT */
/* runwake finish: a run ends, once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "event/active.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_end.h"
#include "event/claim.h"
#include "store/record.h"

#define RESULT_MAX ((size_t)64 * 1024 * 1024) /* bytes read of a result file; far less of it is kept */

static const struct wake_option options[] = {
	{ .name = "status",
	    .value = "STATUS",
	    .help = "how it ended: completed (the default), failed or killed",
	    .words = "completed failed killed" },
	{ .name = "result", .value = "TEXT", .help = "the run's final output or summary" },
	{ .name = "result-file", .value = "FILE", .help = "the same, read from a file" },
	{ .name = "error", .value = "TEXT", .help = "what went wrong" },
	{ .name = "exit-code", .value = "N", .help = "the agent's exit code, 0 to 255" },
	{ 0 },
};

struct finishing {
	struct wake_command_context *context;
	char run_id[WAKE_RUN_ID_MAX + 1];
	char *directory;                /* owned: where it works; NULL: unknown */
	char *result;                   /* owned: read from a file */
	struct wake_redactor *redactor; /* owned */
	struct wake_run_ending ending;
	int64_t waiting; /* messages that no agent of its session has been given; 0: or unknown */
};

static void finishing_release(struct finishing *finishing)
{
	free(finishing->directory);
	free(finishing->result);
	wake_redactor_free(finishing->redactor);
	wake_run_ending_release(&finishing->ending);
}

static int read_result(struct finishing *finishing, struct wake_error *err)
{
	const struct wake_options *given = &finishing->context->options;
	const char *file = wake_options_text(given, "result-file");
	size_t len = 0;
	int ret;

	finishing->ending.end.result = wake_options_text(given, "result");
	if (!file)
		return WAKE_OK;
	if (finishing->ending.end.result)
		return wake_fail(err, WAKE_INVALID, "give --result or --result-file, not both");
	ret = wake_fs_read(file, RESULT_MAX, WAKE_FS_PLAIN, &finishing->result, &len, err);
	if (ret < 0)
		return wake_error_prefix(err, "--result-file");
	for (size_t i = 0; i < len; i++) {
		if (finishing->result[i] == '\0') /* no store holds a NUL in a text */
			finishing->result[i] = ' ';
	}
	finishing->ending.end.result = finishing->result;
	return WAKE_OK;
}

static int read_settings(struct finishing *finishing, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	int ret = wake_config_load(finishing->context->paths.config, &config, err);

	if (ret == WAKE_OK)
		ret = wake_redactor_new(&config, &finishing->redactor, err);
	finishing->ending.end.redactor = finishing->redactor;
	return ret;
}

static int read_options(struct finishing *finishing, struct wake_error *err)
{
	static const char *const states[] = { "completed", "failed", "killed" };
	const struct wake_options *given = &finishing->context->options;
	const char *status = wake_options_text(given, "status");
	struct wake_run_end *end = &finishing->ending.end;
	int ret;

	for (size_t i = 0; i < WAKE_COUNT(states); i++) {
		if (strcmp(status ? status : "completed", states[i]) == 0)
			end->status = states[i];
	}
	if (!end->status)
		return wake_fail(
		    err, WAKE_INVALID, "--status takes completed, failed or killed, not '%s'", status);
	end->error = wake_options_text(given, "error");
	end->has_exit_code = wake_options_has(given, "exit-code");
	ret = wake_options_number(given, "exit-code", 0, 255, 0, &end->exit_code, err);
	if (ret == WAKE_OK)
		ret = read_settings(finishing, err);
	return ret == WAKE_OK ? read_result(finishing, err) : ret;
}

static void set_run(struct finishing *finishing, const char *run_id)
{
	memcpy(finishing->run_id, run_id, strlen(run_id) + 1);
	finishing->ending.end.run_id = finishing->run_id;
}

/* The claim still tells the run where `git clean -fdx` took the marker away. */
static int find_by_claim(struct finishing *finishing, struct wake_error *err)
{
	wake_auto_workspace struct wake_workspace workspace = { 0 };
	struct wake_claim claim;
	int ret = wake_workspace_find(&finishing->context->paths, NULL, &workspace, err);

	if (ret == WAKE_OK)
		ret = workspace.in_git ? wake_claim_read(&workspace.worktree, &claim, err) : WAKE_NOTFOUND;
	if (ret == WAKE_OK) {
		set_run(finishing, claim.run_id);
		ret = wake_str_copy(workspace.root, &finishing->directory, err);
	}
	if (ret == WAKE_NOTFOUND)
		return wake_command_fail(finishing->context, WAKE_EXIT_NOT_RUNNING, err,
		    "no run is active here; begin one with `runwake start`, or name the run: "
		    "runwake finish RUN");
	return ret;
}

/* A copied directory carries the marker of the one that it was copied from, whose run must not end by it. */
static int check_own(struct finishing *finishing, const struct wake_marker *marker, struct wake_error *err)
{
	wake_auto_workspace struct wake_workspace workspace = { 0 };
	int ret = wake_workspace_find(&finishing->context->paths, marker->directory, &workspace, err);

	if (ret < 0 || !*marker->workspace_id || strcmp(marker->workspace_id, workspace.id) == 0)
		return ret;
	return wake_command_fail(finishing->context, WAKE_EXIT_NOT_RUNNING, err,
	    "the marker in '%s' names run %s of another workspace, as a copy does; remove it, or name "
	    "the run: runwake finish RUN",
	    marker->directory, marker->run_id);
}

/* The run of this workspace: as the marker says, in this directory or the nearest one above that has one. */
static int find_here(struct finishing *finishing, struct wake_error *err)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	wake_auto_free char *here = NULL;
	int ret = wake_fs_resolve(".", &here, err);

	if (ret == WAKE_OK)
		ret = wake_marker_find(here, &marker, err);
	if (ret == WAKE_NOTFOUND)
		return find_by_claim(finishing, err);
	if (ret == WAKE_OK)
		ret = check_own(finishing, &marker, err);
	if (ret < 0)
		return ret;
	set_run(finishing, marker.run_id);
	return wake_str_copy(marker.directory, &finishing->directory, err);
}

/* A word may be a beginning of a run id, or @latest: then only the store can tell, and it must answer. */
static int find_named(struct finishing *finishing, struct wake_store *store, const struct wake_error *problem,
    const char *word, struct wake_error *err)
{
	wake_auto_run_state struct wake_run_state state = { 0 };
	wake_auto_active struct wake_active active = { 0 };
	char id[WAKE_ID_SIZE];
	int ret;

	if (wake_run_id_check(word, err) == WAKE_OK &&
	    wake_active_read(&finishing->context->paths, word, &active, err) == WAKE_OK) {
		set_run(finishing, word);
		return WAKE_OK;
	}
	if (!store) {
		*err = *problem;
		return wake_reader_failed(finishing->context, err->code);
	}
	ret = wake_reader_run(store, word, id, err);
	if (ret == WAKE_OK)
		ret = wake_query_run_state(store, id, &state, err);
	if (ret == WAKE_OK)
		set_run(finishing, state.run_id);
	return ret;
}

/* Where the run works, if the way it was found has not told yet. */
static int find_directory(
    struct finishing *finishing, const struct wake_run_state *state, struct wake_error *err)
{
	wake_auto_active struct wake_active active = { 0 };
	const char *path = state->root ? state->root : state->workspace_path;
	int ret = wake_active_read(&finishing->context->paths, finishing->run_id, &active, err);

	if (ret == WAKE_CORRUPT)
		wake_print_note("%s", err->text);
	if (active.workspace_path)
		path = active.workspace_path;
	if (finishing->directory || !path)
		return WAKE_OK;
	return wake_str_copy(path, &finishing->directory, err);
}

/* What is left here of a run that has ended is in the way of nothing but this command. */
static int refuse_ended(struct finishing *finishing, struct wake_error *err)
{
	wake_run_ending_clear(&finishing->ending);
	return wake_command_fail(finishing->context, WAKE_EXIT_NOT_RUNNING, err,
	    "run %s is not running: it has ended already", finishing->run_id);
}

/* The end is safe in the spool; a store that does not answer now gets it later. */
static void record(const struct wake_command_context *context)
{
	const struct wake_record_options how = { .wait = true };
	struct wake_recorded recorded = { 0 };
	struct wake_error problem;

	if (wake_record(&context->paths, &how, &recorded, &problem) < 0)
		wake_print_note("%s; the run's end is kept and will be recorded later", problem.text);
}

static int end(struct finishing *finishing, struct wake_store *store, struct wake_error *err)
{
	wake_auto_run_state struct wake_run_state state = { 0 };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error ignored;
	char id[WAKE_ID_SIZE];
	int ret = WAKE_OK;

	wake_id_for_run(finishing->run_id, id);
	if (store)
		ret = wake_query_run_state(store, id, &state, err);
	if (store && ret == WAKE_OK) /* an addition: the end does not depend on it */
		(void)!wake_query_unread_count(store, id, &finishing->waiting, &ignored);
	if (ret == WAKE_OK || ret == WAKE_NOTFOUND) /* a marker may name a run that nobody announced */
		ret = find_directory(finishing, &state, err);
	if (ret < 0)
		return ret;
	finishing->ending.directory = finishing->directory;
	wake_run_ending_open(&finishing->ending);
	if (state.end_rank == 2) /* a presumed end is outranked by ours */
		return refuse_ended(finishing, err);
	wake_run_ending_look(&finishing->ending);
	ret = wake_run_ending_tell(&finishing->ending, &events, err);
	if (ret == WAKE_OK)
		wake_run_ending_clear(&finishing->ending);
	return ret;
}

static int finish(struct finishing *finishing, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_error problem = { 0 };
	const char *word = finishing->context->options.words[0];
	char unwritten[WAKE_ERROR_TEXT_SIZE];
	int ret = WAKE_OK;

	/* Without a store a marker still tells enough; record() says once that it does not answer. */
	(void)!wake_record_open(&finishing->context->paths, &store, unwritten, &problem);
	ret = word ? find_named(finishing, store, &problem, word, err) : find_here(finishing, err);
	return ret == WAKE_OK ? end(finishing, store, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(finishing_release)
	struct finishing finishing = { .context = context, .ending = { .paths = &context->paths } };
	int ret;

	finishing.ending.end.at = wake_clock_now();
	finishing.ending.end.reported = true;
	ret = read_options(&finishing, err);
	if (ret == WAKE_OK)
		ret = finish(&finishing, err);
	if (ret == WAKE_OK)
		record(context);
	if (ret == WAKE_OK && finishing.waiting > 0)
		wake_print_note("%" PRId64 " message%s for it: runwake resume %s", finishing.waiting,
		    finishing.waiting == 1 ? " waits" : "s wait", finishing.run_id);
	return ret;
}

static const struct wake_example examples[] = {
	{ "runwake finish --status completed --result 'Login repaired'", "Ends the run of this workspace" },
	{ "runwake finish job-17 --status failed --error 'out of memory'",
	    "Ends a run by its id, from anywhere" },
	{ 0 },
};

const struct wake_command wake_command_finish = {
	.name = "finish",
	.group = "Runs",
	.summary = "end a run",
	.usage = (const char *const[]){ "[RUN] [OPTION...]", NULL },
	.description =
	    (const char *const[]){
	        "Ends RUN, or the run of the workspace around the current directory: records its final "
	        "commit and its diff, and removes its marker. RUN is a run id, an unambiguous beginning of "
	        "one, or @latest.",
	        "A run ends once: the first reported end stands, and a second one exits 3. If "
	        "messages of runwake say wait for its agent's session, it says so on standard error.",
	        NULL },
	.options = options,
	.examples = examples,
	.exits = "13456",
	.words_max = 1,
	.run = run,
};
