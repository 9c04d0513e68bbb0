/* SPDX-License-Identifier: MIT */
/* runwake restore: writes out what a run had uncommitted. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/edit_text.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "event/event.h"
#include "git/kept.h"

#define TEXT_MAX ((size_t)64 * 1024 * 1024) /* bytes: a line for each file */

static const struct wake_option options[] = {
	{ .name = "to", .value = "DIR", .help = "where to; it must not be there yet, or be empty" },
	{ .name = "at", .value = "STATE|TIME", .help = "that state, or the latest one until then" },
	{ .name = "discarded", .help = "what was thrown away, instead of a state" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

struct restoring {
	struct wake_command_context *context;
	struct wake_store *store;        /* owned */
	char id[WAKE_ID_SIZE];           /* workflow_runs.id */
	const char *const *words;        /* borrowed: the paths asked for */
	const char *directory;           /* borrowed */
	struct wake_edit_state state;    /* "" and zeros with --discarded; owned */
	json_t *kept, *unkept, *deleted; /* owned: entries that can be written, cannot, and were deletions */
	struct wake_restored restored;
};

static void restoring_release(struct restoring *restoring)
{
	wake_edit_state_release(&restoring->state);
	json_decref(restoring->kept);
	json_decref(restoring->unkept);
	json_decref(restoring->deleted);
	wake_store_close(restoring->store);
}

/* ---- what is to be written -------------------------------------------------------------------- */

static bool has_new_side(const json_t *entry)
{
	const char *id = wake_json_string(entry, "new_id"), *status = wake_json_string(entry, "status");

	return id && *id && status && strcmp(status, "D") != 0;
}

static int sort_entries(struct restoring *restoring, const json_t *files, struct wake_error *err)
{
	wake_auto_json json_t *chosen = NULL;
	size_t i;
	json_t *entry;
	int ret = wake_edit_choose(files, restoring->words, &chosen, err);

	json_array_foreach(chosen, i, entry)
	{
		const char *status = wake_json_string(entry, "status");
		json_t *list = status && strcmp(status, "D") == 0                ? restoring->deleted
		               : wake_edit_is_kept(entry) && has_new_side(entry) ? restoring->kept
		                                                                 : restoring->unkept;

		if (ret == WAKE_OK && json_array_append(list, entry) < 0)
			ret = wake_fail_nomem(err);
	}
	return ret;
}

/* A run works in one repository; should it have worked in several, the paths of one must not be taken for
 * those of another. */
static int take_repository(struct restoring *restoring, const json_t *lost, struct wake_error *err)
{
	const char *repository_id = wake_json_string(lost, "repository_id");
	char *known = restoring->state.repository_id;

	if (!repository_id || !wake_id_is_uuid(repository_id))
		return wake_fail(err, WAKE_CORRUPT, "an edit state names no repository");
	if (*known && strcmp(known, repository_id) != 0)
		return wake_fail(err, WAKE_INVALID,
		    "the run threw away work in several repositories; runwake diff --discarded shows all of "
		    "it, "
		    "and --at restores a state of one");
	memcpy(known, repository_id, WAKE_ID_SIZE);
	return WAKE_OK;
}

static int find_discarded(struct restoring *restoring, struct wake_error *err)
{
	wake_auto_json json_t *discarded = NULL;
	size_t i;
	json_t *lost;
	int ret = wake_query_run_discarded(restoring->store, restoring->id, &discarded, err);

	if (ret == WAKE_OK && json_array_size(discarded) == 0)
		return wake_fail(err, WAKE_NOTFOUND, "run %s threw nothing away, as far as was seen",
		    restoring->context->options.words[0]);
	json_array_foreach(discarded, i, lost)
	{
		if (ret == WAKE_OK)
			ret = take_repository(restoring, lost, err);
		if (ret == WAKE_OK)
			ret = sort_entries(restoring, json_object_get(lost, "files"), err);
	}
	return ret;
}

/* A run that worked in several worktrees left a state in each. */
static int tell_others(const struct restoring *restoring, struct wake_error *err)
{
	wake_auto_json json_t *left = NULL;
	size_t i;
	json_t *id;
	int ret = wake_query_edits_left(restoring->store, restoring->id, &left, err);

	json_array_foreach(left, i, id)
	{
		if (strcmp(json_string_value(id), restoring->state.id) != 0)
			wake_print_note(
			    "another worktree's work is not in it: --at %s", json_string_value(id));
	}
	return ret;
}

static int find_state(struct restoring *restoring, struct wake_error *err)
{
	const char *at = wake_options_text(&restoring->context->options, "at");
	int ret = wake_query_edit_state(restoring->store, restoring->id, at, &restoring->state, err);

	if (ret == WAKE_OK)
		ret = sort_entries(restoring, restoring->state.files, err);
	return ret == WAKE_OK && !at ? tell_others(restoring, err) : ret;
}

/* ---- writing it ------------------------------------------------------------------------------- */

/* One tree of what was chosen. paths: the entries' bytes, one after the other, each with its NUL. */
static int fill_entries(
    const json_t *files, struct wake_kept_entry *entries, struct wake_str *paths, struct wake_error *err)
{
	size_t from = 0, i;
	json_t *file;
	int ret = WAKE_OK;

	json_array_foreach(files, i, file)
	{
		const char *text = wake_json_string(file, "path");

		if (ret == WAKE_OK)
			ret = wake_event_read_path(text ? text : "", paths, err);
		wake_str_append_char(paths, '\0');
		entries[i].id = wake_json_string(file, "new_id");
		entries[i].mode = (unsigned)wake_json_int(file, "new_mode", 0);
	}
	if (ret == WAKE_OK)
		ret = wake_str_check(paths, err);
	for (i = 0; ret == WAKE_OK && i < json_array_size(files); i++) {
		entries[i].path = paths->data + from;
		from += strlen(entries[i].path) + 1;
	}
	return ret;
}

static int make_tree(
    const json_t *files, struct wake_kept *kept, char ret_tree[WAKE_HASH_SIZE], struct wake_error *err)
{
	wake_auto_str struct wake_str paths = WAKE_STR((size_t)1 << 30);
	wake_auto_free struct wake_kept_entry *entries = calloc(json_array_size(files) + 1, sizeof(*entries));
	int ret = entries ? fill_entries(files, entries, &paths, err) : wake_fail_nomem(err);

	return ret == WAKE_OK ? wake_kept_make_tree(kept, "", entries, json_array_size(files), ret_tree, err)
	                      : ret;
}

static int write_out(struct restoring *restoring, struct wake_error *err)
{
	wake_auto_kept struct wake_kept *kept = NULL;
	char tree[WAKE_HASH_SIZE];
	int ret =
	    wake_kept_open(&restoring->context->paths, restoring->state.repository_id, false, &kept, err);

	if (ret == WAKE_OK)
		ret = make_tree(restoring->kept, kept, tree, err);
	if (ret == WAKE_OK)
		ret = wake_kept_restore(kept, tree, restoring->directory, &restoring->restored, err);
	return ret;
}

/* ---- telling it ------------------------------------------------------------------------------- */

static int print_text(const struct restoring *restoring, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(TEXT_MAX);
	char at[WAKE_TIME_SIZE], local[32];
	size_t i;
	json_t *entry;

	wake_str_appendf(&out, "%zu file%s, %" PRId64 " bytes: ", restoring->restored.files,
	    restoring->restored.files == 1 ? "" : "s", restoring->restored.bytes);
	wake_print_append(&out, WAKE_STYLE_STRONG, restoring->directory);
	if (*restoring->state.id) {
		wake_time_format(restoring->state.at, at);
		wake_str_appendf(&out, ", as of %s", wake_reader_local_time(at, local));
	}
	wake_str_append_char(&out, '\n');
	wake_edit_append_unkept(&out, "", restoring->unkept);
	json_array_foreach(restoring->deleted, i, entry)
	{
		const char *path = wake_json_string(entry, "path");

		wake_str_append(&out, "was deleted: ");
		wake_print_append(&out, WAKE_STYLE_PLAIN, path ? path : "");
		wake_str_append_char(&out, '\n');
	}
	return wake_print_text(&out, err);
}

static int add_outline(json_t *document, const char *key, const json_t *files, struct wake_error *err)
{
	json_t *outline = NULL;
	int ret = wake_edit_outline(files, &outline, err);

	return ret == WAKE_OK ? wake_json_set(document, key, outline, err) : ret;
}

static int print_document(const struct restoring *restoring, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_str struct wake_str directory = WAKE_STR((size_t)256 * 1024);
	const struct wake_edit_state *state = &restoring->state;
	char at[WAKE_TIME_SIZE];
	int ret = document ? WAKE_OK : wake_fail_nomem(err);

	wake_text_append_stored(
	    &directory, restoring->directory, strlen(restoring->directory), (size_t)64 * 1024);
	wake_time_format(state->at, at);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(document, "to", wake_str_text(&directory), err);
	if (ret == WAKE_OK && *state->id)
		ret = wake_json_set_string(document, "state", state->id, err);
	if (ret == WAKE_OK && *state->id)
		ret = wake_json_set_string(document, "at", at, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "bytes", restoring->restored.bytes, err);
	if (ret == WAKE_OK)
		ret = add_outline(document, "files", restoring->kept, err);
	if (ret == WAKE_OK)
		ret = add_outline(document, "not_kept", restoring->unkept, err);
	if (ret == WAKE_OK)
		ret = add_outline(document, "deleted", restoring->deleted, err);
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

static int find(struct restoring *restoring, struct wake_error *err)
{
	struct wake_command_context *context = restoring->context;
	bool discarded = wake_options_has(&context->options, "discarded");
	int ret;

	restoring->directory = wake_options_text(&context->options, "to");
	if (!restoring->directory || !*restoring->directory)
		return wake_command_fail(
		    context, WAKE_EXIT_USAGE, err, "--to DIR says where to write; it is needed");
	if (discarded && wake_options_has(&context->options, "at"))
		return wake_command_fail(
		    context, WAKE_EXIT_USAGE, err, "--at and --discarded go not together");
	restoring->kept = json_array();
	restoring->unkept = json_array();
	restoring->deleted = json_array();
	if (!restoring->kept || !restoring->unkept || !restoring->deleted)
		return wake_fail_nomem(err);
	ret = wake_reader_open(context, &restoring->store, err);
	if (ret == WAKE_OK)
		ret = wake_reader_run(restoring->store, context->options.words[0], restoring->id, err);
	if (ret < 0)
		return ret;
	return discarded ? find_discarded(restoring, err) : find_state(restoring, err);
}

/* Nothing that could be written is an answer: no directory is made for it. */
static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(restoring_release)
	struct restoring restoring = { .context = context, .words = context->options.words + 1 };
	bool any;
	int ret = find(&restoring, err);

	if (ret < 0)
		return ret;
	any = json_array_size(restoring.kept) > 0;
	if (any)
		ret = write_out(&restoring, err);
	if (ret == WAKE_OK)
		ret = wake_options_has(&context->options, "json") ? print_document(&restoring, err)
		                                                  : print_text(&restoring, err);
	if (ret < 0)
		return ret;
	return any ? WAKE_EXIT_OK : WAKE_EXIT_NO;
}

static const struct wake_example examples[] = {
	{ "runwake restore @latest --to /tmp/rescued",
	    "What the newest run had uncommitted when it last had" },
	{ "runwake restore job-17 --discarded --to /tmp/lost src", "What job-17 threw away below src" },
	{ 0 },
};

const struct wake_command wake_command_restore = {
	.name = "restore",
	.group = "Reading",
	.summary = "write out what a run had uncommitted, also after it was thrown away",
	.usage = (const char *const[]){ "RUN [--at STATE|TIME] --to DIR [--json] [PATH...]",
	    "RUN --discarded --to DIR [--json] [PATH...]", NULL },
	.description =
	    (const char *const[]){
	        "Writes the changed and untracked files of one state, as they were, into DIR, and nothing "
	        "else: "
	        "unchanged files are in git. Without --at it is the latest state that has any. DIR must be "
	        "new or empty (else exit code 5), so that nothing is written over. The worktree and the "
	        "repository may be gone.",
	        "Files whose contents were not kept are listed with the reason (see the settings in man "
	        "runwake), and so are those that the state had deleted. Where nothing can be written, no "
	        "directory is made, and the exit code is 1.",
	        "STATE is the id of a state, as runwake show --json lists them; TIME is RFC 3339. PATH is a "
	        "file or "
	        "directory, relative to the worktree's root.",
	        NULL },
	.options = options,
	.examples = examples,
	.exits = "1456",
	.words_min = 1,
	.words_max = SIZE_MAX,
	.run = run,
};
