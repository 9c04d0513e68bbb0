/* SPDX-License-Identifier: MIT */
/* runwake log: every movement of HEAD that belongs to a run, in order. */
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "cli/table.h"

static const struct wake_option options[] = {
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

static int add_movement(struct wake_table *table, const json_t *movement, struct wake_error *err)
{
	char from[WAKE_SHORT_HASH + 1], to[WAKE_SHORT_HASH + 1], at[32];
	bool made = strcmp(wake_json_string(movement, "verdict"), "made") == 0;
	const char *texts[] = { wake_reader_local_time(wake_json_string(movement, "moved_at"), at),
		wake_short_hash(wake_json_string(movement, "old_hash"), from),
		wake_short_hash(wake_json_string(movement, "new_hash"), to),
		wake_json_string(movement, "kind"), made ? "made" : "brought in",
		wake_json_string(movement, "branch"), wake_json_string(movement, "evidence"),
		wake_json_string(movement, "subject") };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table, made ? WAKE_STYLE_PLAIN : WAKE_STYLE_FAINT, texts[i], err);
	return ret;
}

static int print_movements(const json_t *movements, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "TIME", false, false }, { "FROM", false, false },
		{ "TO", false, false }, { "MOVEMENT", false, false }, { "VERDICT", false, false },
		{ "BRANCH", false, false }, { "EVIDENCE", false, false }, { "SUBJECT", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	size_t i;
	json_t *movement;
	int ret = WAKE_OK;

	json_array_foreach (movements, i, movement) {
		if (ret == WAKE_OK)
			ret = add_movement(&table, movement, err);
	}
	if (ret == WAKE_OK && table.count == 0)
		wake_print_note("no movement of git belongs to this run");
	return ret == WAKE_OK && table.count > 0 ? wake_table_print(&table, 0, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_store struct wake_store *store = NULL;
	json_t *movements = NULL;
	char id[WAKE_ID_SIZE];
	int ret = document ? wake_reader_open(context, &store, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_reader_run(store, context->options.words[0], id, err);
	if (ret == WAKE_OK)
		ret = wake_query_movements(store, id, &movements, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "movements", movements, err);
	if (ret < 0)
		return ret;
	if (wake_options_has(&context->options, "json"))
		return wake_print_json(document, err);
	return print_movements(json_object_get(document, "movements"), err);
}

static const struct wake_example examples[] = {
	{ "runwake log @latest", "What the newest run did in git" },
	{ 0 },
};

const struct wake_command wake_command_log = {
	.name = "log",
	.group = "Reading",
	.summary = "list a run's movements of HEAD in order",
	.usage = (const char *const[]){ "RUN [--json]", NULL },
	.description = (const char *const[]){
	    "Lists commits, checkouts, resets, merges and all else that moved HEAD while the run was at "
	    "work, with the verdict (did it make the commit, or only bring it in?) and the evidence that "
	    "ties it to the run.", NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 1,
	.words_max = 1,
	.run = run,
};
