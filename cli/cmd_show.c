/* SPDX-License-Identifier: MIT */
/* runwake show: a run with its commits, or a commit with the runs that made it. */
#include <string.h>

#include "cli/commands.h"
#include "cli/edit_states.h"
#include "cli/edit_text.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "cli/table.h"
#include "event/marker.h"

#define TEXT_MAX ((size_t)64 * 1024 * 1024) /* bytes of text output besides the tables */

static const struct wake_option options[] = {
	{ .name = "all", .letter = 'a', .help = "also list the commits that amend or rebase replaced" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

/* Joins an array that was read into the document; owns it also on failure. */
typedef int (*read_array)(
    struct wake_store *store, const char *id, json_t **ret_array, struct wake_error *err);

static int read_into(struct wake_store *store, const char *id, read_array read, const char *key,
    json_t *document, struct wake_error *err)
{
	json_t *array = NULL;
	int ret = read(store, id, &array, err);

	return ret == WAKE_OK ? wake_json_set(document, key, array, err) : ret;
}

/* What it left uncommitted, in each worktree that it worked in. */
static int read_uncommitted(
    struct wake_store *store, const char *id, json_t *document, struct wake_error *err)
{
	wake_auto_json json_t *left = NULL;
	json_t *outline = NULL;
	int ret = wake_query_edits_left(store, id, &left, err);

	if (ret == WAKE_OK)
		ret = wake_edit_outline_states(store, id, left, NULL, &outline, err);
	return ret == WAKE_OK ? wake_json_set(document, "uncommitted", outline, err) : ret;
}

/* The files that were thrown away and never seen again, without what diff and restore find them by. */
static int read_discarded(
    struct wake_store *store, const char *id, json_t *document, struct wake_error *err)
{
	wake_auto_json json_t *discarded = NULL;
	json_t *outline = NULL;
	int ret = wake_query_run_discarded(store, id, &discarded, err);

	if (ret == WAKE_OK)
		ret = wake_edit_outline_discarded(discarded, NULL, &outline, err);
	return ret == WAKE_OK ? wake_json_set(document, "discarded", outline, err) : ret;
}

static int read_run(struct wake_store *store, const char *id, json_t *document, struct wake_error *err)
{
	json_t *run = NULL;
	int ret = wake_query_run(store, id, &run, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(document, "run", run, err);
	if (ret == WAKE_OK)
		ret = read_into(store, id, wake_query_commits, "commits", document, err);
	if (ret == WAKE_OK)
		ret = read_into(store, id, wake_query_says, "interventions", document, err);
	if (ret == WAKE_OK)
		ret = read_into(store, id, wake_query_pushes, "pushes", document, err);
	if (ret == WAKE_OK)
		ret = read_into(store, id, wake_query_edits, "edits", document, err);
	if (ret == WAKE_OK)
		ret = read_uncommitted(store, id, document, err);
	if (ret == WAKE_OK)
		ret = read_discarded(store, id, document, err);
	return ret;
}

/* Files of the members of an array of states, or those among them whose contents are kept. */
static size_t count_files(const json_t *states, bool kept)
{
	size_t count = 0, i, at;
	json_t *state, *entry;

	json_array_foreach (states, i, state) {
		json_array_foreach (json_object_get(state, "files"), at, entry)
			count += !kept || wake_edit_is_kept(entry);
	}
	return count;
}

/* What became of the contents: what diff and restore can show. */
static void append_kept(struct wake_str *out, const json_t *document)
{
	const json_t *uncommitted = json_object_get(document, "uncommitted");
	const json_t *discarded = json_object_get(document, "discarded");
	size_t all = count_files(uncommitted, false), kept = count_files(uncommitted, true);
	size_t lost = count_files(discarded, false);
	char line[128];

	if (wake_json_string(json_object_get(document, "run"), "purged_at")) {
		wake_field_append(out, "kept", WAKE_STYLE_PLAIN,
		    all + lost > 0 ? "nothing but what other states of edits need" : NULL);
		return;
	}
	if (all > 0) {
		(void)snprintf(line, sizeof(line), "contents of %zu of %zu files", kept, all);
		wake_field_append(out, "kept", kept < all ? WAKE_STYLE_WARN : WAKE_STYLE_PLAIN, line);
	}
	if (lost > 0) {
		(void)snprintf(line, sizeof(line), "%zu file%s that nobody committed, contents of %zu kept", lost,
		    lost == 1 ? "" : "s", count_files(discarded, true));
		wake_field_append(out, "thrown away", WAKE_STYLE_WARN, line);
	}
}

/* What people said to it, and whether its agent, or one that went on with its session, has it. */
static void append_says(struct wake_str *out, const json_t *document)
{
	const json_t *says = json_object_get(document, "interventions");
	size_t all = json_array_size(says), waiting = 0, i;
	json_t *say;
	char line[WAKE_RUN_ID_MAX + 128];

	json_array_foreach (says, i, say)
		waiting += wake_json_string(say, "delivered_at") == NULL;
	if (waiting > 0)
		(void)snprintf(line, sizeof(line), "%zu message%s, %zu wait%s: runwake resume %s", all,
		    all == 1 ? "" : "s", waiting, waiting == 1 ? "s" : "",
		    wake_json_string(json_object_get(document, "run"), "run_id"));
	else
		(void)snprintf(line, sizeof(line), "%zu message%s, delivered", all, all == 1 ? "" : "s");
	if (all > 0)
		wake_field_append(out, "said", waiting > 0 ? WAKE_STYLE_WARN : WAKE_STYLE_PLAIN, line);
}

static size_t count_replaced(const json_t *commits)
{
	size_t count = 0, i;
	json_t *commit;

	json_array_foreach (commits, i, commit)
		count += wake_json_string(commit, "superseded_by") != NULL;
	return count;
}

static int print_run(const json_t *document, bool all, struct wake_error *err)
{
	const json_t *commits = json_object_get(document, "commits");
	const json_t *pushes = json_object_get(document, "pushes");
	wake_auto_str struct wake_str head = WAKE_STR(TEXT_MAX);
	wake_auto_str struct wake_str rest = WAKE_STR(TEXT_MAX);
	size_t replaced = count_replaced(commits);
	int ret;

	wake_run_append(&head, json_object_get(document, "run"));
	append_kept(&head, document);
	append_says(&head, document);
	wake_str_append(&head, json_array_size(commits) > 0 ? "\n" : "");
	ret = wake_print_text(&head, err);
	if (ret == WAKE_OK)
		ret = wake_commits_print(commits, all, err);
	if (replaced > 0 && !all)
		wake_str_appendf(&rest, "(%zu more that others replaced: --all)\n", replaced);
	wake_str_append(&rest, json_array_size(pushes) > 0 ? "\n" : "");
	if (ret == WAKE_OK)
		ret = wake_print_text(&rest, err);
	return ret == WAKE_OK ? wake_pushes_print(pushes, err) : ret;
}

static void append_commit(struct wake_str *out, const json_t *commit)
{
	wake_field_append(out, "commit", WAKE_STYLE_STRONG, wake_json_string(commit, "commit_hash"));
	wake_field_append(out, "subject", WAKE_STYLE_PLAIN, wake_json_string(commit, "subject"));
	wake_field_append(out, "author", WAKE_STYLE_PLAIN, wake_json_string(commit, "author"));
	wake_field_append(out, "kind", WAKE_STYLE_PLAIN, wake_json_string(commit, "kind"));
	wake_field_append(out, "branch", WAKE_STYLE_PLAIN, wake_json_string(commit, "branch"));
	wake_field_append(out, "evidence", WAKE_STYLE_PLAIN, wake_json_string(commit, "evidence"));
	wake_field_append(out, "replaced by", WAKE_STYLE_WARN, wake_json_string(commit, "superseded_by"));
}

/* What the commit replaced and what replaced it; nothing where it stands alone. */
static int print_lineage(const json_t *lineage, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "LINEAGE", false, false }, { "COMMIT", false, false },
		{ "KIND", false, false }, { "RUN", false, false }, { "SUBJECT", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	wake_auto_str struct wake_str line = WAKE_STR(16);
	size_t i;
	json_t *entry;
	int ret;

	if (json_array_size(lineage) < 2)
		return WAKE_OK;
	wake_str_append_char(&line, '\n');
	ret = wake_print_text(&line, err);
	json_array_foreach (lineage, i, entry) {
		char hash[WAKE_SHORT_HASH + 1], run[WAKE_ID_SIZE];
		const char *texts[] = { wake_json_string(entry, "relation"),
			wake_short_hash(wake_json_string(entry, "commit_hash"), hash),
			wake_json_string(entry, "kind"),
			wake_reader_short_run(wake_json_string(entry, "run_id"), run),
			wake_json_string(entry, "subject") };

		for (size_t at = 0; ret == WAKE_OK && at < WAKE_COUNT(texts); at++)
			ret = wake_table_add(&table, WAKE_STYLE_PLAIN, texts[at], err);
	}
	return ret == WAKE_OK ? wake_table_print(&table, 0, err) : ret;
}

static int print_commit(const json_t *document, struct wake_error *err)
{
	const json_t *runs = json_object_get(document, "runs");
	wake_auto_str struct wake_str out = WAKE_STR(TEXT_MAX);
	size_t i;
	json_t *one;
	int ret;

	append_commit(&out, json_object_get(document, "commit"));
	if (json_array_size(runs) == 0)
		wake_str_append(&out, "\nNo run made this commit.\n");
	json_array_foreach (runs, i, one) {
		wake_str_append_char(&out, '\n');
		wake_run_append(&out, one);
	}
	ret = wake_print_text(&out, err);
	return ret == WAKE_OK ? print_lineage(json_object_get(document, "lineage"), err) : ret;
}

/* What a word means: ids of a run, or the hash of a commit. */
struct meant {
	struct wake_found_run run; /* id "" : none */
	char hash[WAKE_HASH_SIZE]; /* "" : none */
};

static int find_meant(struct wake_store *store, const char *word, struct meant *meant, struct wake_error *err)
{
	struct wake_error other;
	int run = wake_query_find_run(store, word, &meant->run, err);
	int commit;

	if (run < 0 && run != WAKE_NOTFOUND && run != WAKE_INVALID)
		return run;
	if (run == WAKE_OK && meant->run.exact)
		return WAKE_OK;
	commit = wake_query_find_commit(store, word, meant->hash, &other);
	if (run == WAKE_OK && commit == WAKE_OK)
		return wake_fail(err, WAKE_INVALID,
		    "'%s' begins both a run's id and a commit's hash; type more of it", word);
	if (run == WAKE_OK || commit == WAKE_OK)
		return WAKE_OK;
	if (run == WAKE_INVALID) /* several runs */
		return run;
	if (commit != WAKE_NOTFOUND) {
		*err = other;
		return commit;
	}
	if (wake_reader_resolve(word, meant->hash, &other) == WAKE_OK)
		return WAKE_OK;
	return wake_fail(err, WAKE_NOTFOUND, "there is neither a run nor a recorded commit '%s'", word);
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const char *word = context->options.words[0];
	bool json = wake_options_has(&context->options, "json");
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_json json_t *found = NULL;
	wake_auto_store struct wake_store *store = NULL;
	struct meant meant = { 0 };
	int ret = document ? wake_reader_open(context, &store, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = find_meant(store, word, &meant, err);
	if (ret == WAKE_OK && *meant.run.id)
		ret = read_run(store, meant.run.id, document, err);
	else if (ret == WAKE_OK)
		ret = wake_query_commit(store, meant.hash, &found, err);
	if (ret == WAKE_OK && found && json_object_update(document, found) < 0)
		ret = wake_fail_nomem(err);
	if (ret < 0)
		return ret;
	if (json)
		return wake_print_json(document, err);
	return found ? print_commit(document, err)
	             : print_run(document, wake_options_has(&context->options, "all"), err);
}

static const struct wake_example examples[] = {
	{ "runwake show @latest", "The newest run, its commits and pushes" },
	{ "runwake show 1f3a9c2", "Which run made this commit" },
	{ "runwake show HEAD --json", "The same of the current commit, for a program" },
	{ 0 },
};

const struct wake_command wake_command_show = {
	.name = "show",
	.group = "Reading",
	.summary = "show a run and its commits, or which run made a commit",
	.usage = (const char *const[]){ "RUN [--all] [--json]", "COMMIT [--json]", NULL },
	.description = (const char *const[]){
	    "RUN is a run id, an unambiguous beginning of one, or @latest. COMMIT is a hash, at least "
	    "four digits of one, or a word that git knows in the current repository.",
	    "Of a run, the commits are listed that it made and that still stand; --all lists also those "
	    "that an amend or a rebase replaced. With --json all are listed, each with superseded_by, "
	    "the commit that directly replaced it, or null.",
	    "Of uncommitted work it says how much there was when it was last looked at, of how many of these "
	    "files the contents are kept, and how many files were thrown away; runwake diff shows them, "
	    "runwake restore writes them out. With --json, edits are all states of it, oldest first; "
	    "uncommitted are those that stand, one a worktree, with their files, and discarded is what was "
	    "thrown away.",
	    "Of what people said to the run with runwake say it tells how much there is, and how much no agent has "
	    "seen; with --json, interventions are all of it, with delivered_at and delivered_run_id, or null.",
	    "A commit is found also when it was rewritten since: its lineage is followed both ways, and "
	    "the run is named that made it, or that made what it replaced.", NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 1,
	.words_max = 1,
	.run = run,
};
