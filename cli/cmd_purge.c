/* SPDX-License-Identifier: MIT */
/* runwake purge: what was said in a run is forgotten, everywhere that its record goes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "event/spool.h"
#include "store/purge.h"
#include "store/record.h"

static const struct wake_option options[] = {
	{ .name = "yes", .letter = 'y', .help = "do not ask" },
	{ .name = "dry-run", .help = "only say what would go" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

/* The run, and what there is of it. */
struct purging {
	struct wake_command_context *context; /* borrowed */
	struct wake_store *store;             /* owned */
	char id[WAKE_ID_SIZE];
	json_t *run;      /* owned; as it is in the store */
	json_t *given_to; /* owned; [{"run_id"}, …]: that hold words of this one, too */
	struct wake_purge_extent extent;
	size_t quarantined;
	int64_t repositories; /* that contents were removed from */
	bool dry;
};

static void purging_release(struct purging *purging)
{
	json_decref(purging->run);
	json_decref(purging->given_to);
	wake_store_close(purging->store);
}

static const char *run_id_of(const struct purging *purging)
{
	return wake_json_string(purging->run, "run_id");
}

static int read_run(struct purging *purging, struct wake_error *err)
{
	json_t *run = NULL;
	int ret = wake_query_run(purging->store, purging->id, &run, err);

	if (ret != WAKE_OK)
		return ret;
	json_decref(purging->run);
	purging->run = run;
	return WAKE_OK;
}

/* One that still works would go on telling, and be told of an answer that nobody may read. */
static int check_ended(struct purging *purging, struct wake_error *err)
{
	const char *status = wake_json_string(purging->run, "status");

	if (strcmp(status, "running") != 0 && strcmp(status, "pending") != 0)
		return WAKE_OK;
	return wake_command_fail(purging->context, WAKE_EXIT_BUSY, err,
	    "the run %s is %s; end it first (runwake finish %s), then purge it", run_id_of(purging), status,
	    run_id_of(purging));
}

static int look(struct purging *purging, struct wake_error *err)
{
	struct wake_command_context *context = purging->context;
	int ret = wake_reader_open(context, &purging->store, err);

	if (ret == WAKE_OK)
		ret = wake_reader_run(purging->store, context->options.words[0], purging->id, err);
	if (ret == WAKE_OK)
		ret = read_run(purging, err);
	if (ret == WAKE_OK)
		ret = check_ended(purging, err);
	if (ret == WAKE_OK)
		ret = wake_purge_measure(purging->store, purging->id, &purging->extent, err);
	if (ret == WAKE_OK)
		ret = wake_query_given_words(purging->store, purging->id, &purging->given_to, err);
	if (ret == WAKE_OK)
		ret = wake_spool_purge(
		    context->paths.spool, run_id_of(purging), false, &purging->quarantined, err);
	return ret;
}

/* ---- asking ------------------------------------------------------------------------------------ */

static int ask(struct purging *purging, struct wake_error *err)
{
	const struct wake_purge_extent *extent = &purging->extent;
	char answer[16] = "";

	if (wake_options_has(&purging->context->options, "yes"))
		return WAKE_OK;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return wake_fail(err, WAKE_INVALID,
		    "what is purged cannot be had again, and nobody is here to be asked; give --yes, or "
		    "--dry-run to see what would go");
	(void)fprintf(stderr,
	    "Forget what was said in the run %s (%" PRId64 " events, %" PRId64 " bytes of text, %" PRId64
	    " states of edits with contents)? It cannot be had again. [y/N] ",
	    run_id_of(purging), extent->events, extent->bytes, extent->states);
	(void)fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
		return WAKE_OK;
	return wake_command_fail(purging->context, WAKE_EXIT_NO, err, "nothing was purged");
}

/* ---- doing ------------------------------------------------------------------------------------- */

static int tell(struct purging *purging, struct wake_error *err)
{
	const struct wake_record_options how = { .wait = true };
	wake_auto_events struct wake_events events = { 0 };
	struct wake_recorded recorded = { 0 };
	struct wake_event event = { 0 };
	int ret = wake_event_make(
	    WAKE_EVENT_PURGED, NULL, 0, json_pack("{ss}", "run_id", run_id_of(purging)), &event, err);

	if (ret == WAKE_OK)
		ret = wake_events_add(&events, &event, err);
	if (ret == WAKE_OK)
		ret = wake_spool_append(purging->context->paths.spool, &events, true, err);
	if (ret != WAKE_OK)
		return ret;
	return wake_reader_failed(
	    purging->context, wake_record(&purging->context->paths, &how, &recorded, err));
}

/* What another recorder, or a role that may not write, left undone is told. */
static int check_told(struct purging *purging, struct wake_error *err)
{
	int ret = read_run(purging, err);

	if (ret == WAKE_OK && !wake_json_string(purging->run, "purged_at"))
		return wake_command_fail(purging->context, WAKE_EXIT_STORE, err,
		    "the purge is told, and done once somebody records it who may (see runwake doctor)");
	return ret;
}

/* What this machine keeps besides the store. */
static int remove_kept(struct purging *purging, struct wake_error *err)
{
	const struct wake_command_context *context = purging->context;
	wake_auto_close int lock = -1;
	int ret = wake_spool_lock(context->paths.spool, true, &lock, err);

	if (ret == WAKE_OK)
		ret = wake_purge_kept(purging->store, &context->paths, &purging->repositories, err);
	if (ret == WAKE_OK)
		ret = wake_spool_purge(
		    context->paths.spool, run_id_of(purging), true, &purging->quarantined, err);
	wake_reader_let_go(context, &lock);
	return ret;
}

static int clean_file(struct purging *purging, struct wake_error *err)
{
	wake_auto_free char *file = NULL;
	int ret = wake_store_locate_file(&purging->context->paths, &file, err);

	if (ret != WAKE_OK || !file)
		return ret;
	wake_store_close(purging->store);
	purging->store = NULL;
	return wake_reader_failed(purging->context, wake_purge_file(file, err));
}

/* Each step may be done again: a purge that was stopped anywhere is completed by another one. */
static int purge(struct purging *purging, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (!wake_json_string(purging->run, "purged_at") || purging->extent.events > 0)
		ret = tell(purging, err);
	if (ret == WAKE_OK)
		ret = check_told(purging, err);
	if (ret == WAKE_OK)
		ret = remove_kept(purging, err);
	return ret == WAKE_OK ? clean_file(purging, err) : ret;
}

/* ---- telling ----------------------------------------------------------------------------------- */

static const char not_ours[] = "not Runwake's, and not touched: the agent's own transcript (such as "
                               "~/.claude), commits' texts in git, backups of the "
                               "store, and a server's write-ahead log and its rows until VACUUM";

static int print_document(const struct purging *purging, struct wake_error *err)
{
	const struct wake_purge_extent *extent = &purging->extent;
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_json json_t *more = json_pack("{ss sO sb sI sI sI sI sI sI ss sO}", "run_id",
	    run_id_of(purging), "purged_at", json_object_get(purging->run, "purged_at"), "dry_run",
	    purging->dry, "events", (json_int_t)extent->events, "text_bytes", (json_int_t)extent->bytes,
	    "edit_states", (json_int_t)extent->states, "kept_bytes", (json_int_t)extent->kept_bytes,
	    "kept_repositories", (json_int_t)purging->repositories, "quarantined",
	    (json_int_t)purging->quarantined, "untouched", not_ours, "given_to", purging->given_to);

	if (!document || !more || json_object_update(document, more))
		return wake_fail_nomem(err);
	return wake_print_json(document, err);
}

/* A resumed run's prompt is its own, and holds what was said to this one. */
static void print_given(const struct purging *purging, struct wake_str *out)
{
	size_t i;
	json_t *run;

	json_array_foreach(purging->given_to, i, run)
	{
		wake_str_appendf(out, "its words were given to run %s; purge that too (runwake purge %s)\n",
		    wake_json_string(run, "run_id"), wake_json_string(run, "run_id"));
	}
}

static int print_result(const struct purging *purging, struct wake_error *err)
{
	const struct wake_purge_extent *extent = &purging->extent;
	wake_auto_str struct wake_str out = WAKE_STR((size_t)1024 * 1024);
	const char *verb = purging->dry ? "would be" : "were";

	if (wake_options_has(&purging->context->options, "json"))
		return print_document(purging, err);
	wake_str_appendf(&out, "%s: the texts of %" PRId64 " event%s (%" PRId64 " bytes) %s forgotten\n",
	    run_id_of(purging), extent->events, extent->events == 1 ? "" : "s", extent->bytes, verb);
	if (extent->states > 0)
		wake_str_appendf(&out,
		    "contents of %" PRId64 " state%s of edits that nothing else needs %s removed\n",
		    extent->states, extent->states == 1 ? "" : "s", verb);
	if (purging->quarantined > 0)
		wake_str_appendf(&out, "%zu line%s set aside %s removed\n", purging->quarantined,
		    purging->quarantined == 1 ? "" : "s", verb);
	print_given(purging, &out);
	wake_str_appendf(&out, "%s\n", not_ours);
	return wake_print_text(&out, err);
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(purging_release) struct purging purging = { .context = context };
	int ret;

	purging.dry = wake_options_has(&context->options, "dry-run");
	ret = look(&purging, err);
	if (ret == WAKE_OK && !purging.dry) {
		ret = ask(&purging, err);
		if (ret == WAKE_OK)
			ret = purge(&purging, err);
	}
	return ret == WAKE_OK ? print_result(&purging, err) : ret;
}

static const struct wake_example examples[] = {
	{ "runwake purge job-17 --dry-run", "How much of this run's words there is" },
	{ "runwake purge job-17 --yes", "Forgets them, without asking" },
	{ 0 },
};

const struct wake_command wake_command_purge = {
	.name = "purge",
	.group = "Correcting",
	.summary = "forget what was said in a run",
	.usage = (const char *const[]){ "RUN [--yes] [--json]", "RUN --dry-run [--json]", NULL },
	.description = (const char
	        *const[]){ "Removes a run's texts: its task, result and error, its metadata, what "
	                   "was said in it with the messages made of "
	                   "that, and the contents that were kept of its uncommitted edits. What "
	                   "stays are ids, times, figures, paths, the "
	                   "session's name, and the commits' subjects, which are git's own.",
	    "The purge is an event: it reaches every store that this record is fed or copied to, and "
	    "whatever tells these "
	    "texts again later (a transcript, a hook, a late event) brings nothing back. Contents that "
	    "another machine keeps go "
	    "when its recorder next cleans up, within a day. A SQLite store's file is written anew, so "
	    "that nothing is left in "
	    "its free pages; that takes as much room on the disk again as the store has.",
	    "What Runwake does not own stays: the agent's own transcript (such as ~/.claude), backups, "
	    "and on a server the "
	    "old rows until VACUUM and the archives of its write-ahead log.",
	    "What people said to a run with runwake say may have been given to another one, by runwake "
	    "resume: that run's prompt holds "
	    "the words as well, and purging the one leaves them in the other. Then the other is named, to "
	    "be purged too.",
	    "A run that has not ended is refused with exit code 5. A purge that was stopped is completed "
	    "by another one.",
	    NULL },
	.options = options,
	.examples = examples,
	.exits = "1456",
	.words_min = 1,
	.words_max = 1,
	.run = run,
};
