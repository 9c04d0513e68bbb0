/* SPDX-License-Identifier: MIT */
/* runwake log: every movement of HEAD that belongs to a run, and what tools its agent used between them. */
#include <string.h>

#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "cli/table.h"
#include "event/event.h"

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

/* Its files, as one text. */
static int join_paths(const json_t *paths, struct wake_str *text, struct wake_error *err)
{
	size_t i;
	json_t *path;

	json_array_foreach (paths, i, path) {
		wake_str_append(text, i > 0 ? " " : "");
		wake_str_append(text, json_is_string(path) ? json_string_value(path) : "");
	}
	return wake_str_check(text, err);
}

static int add_use(struct wake_table *table, const json_t *use, struct wake_error *err)
{
	wake_auto_str struct wake_str paths = WAKE_STR(WAKE_EVENT_MAX);
	char at[32];
	int ret = join_paths(json_object_get(use, "paths"), &paths, err);
	const char *texts[] = { wake_reader_local_time(wake_json_string(use, "used_at"), at), NULL, NULL,
		wake_json_string(use, "tool"), wake_json_string(use, "outcome"), NULL,
		wake_json_string(use, "agent_id") ? "subagent" : NULL, wake_str_text(&paths) };

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table, WAKE_STYLE_FAINT, texts[i], err);
	return ret;
}

/* Both lists are in order of time, which is text that sorts. */
static int add_rows(
    struct wake_table *table, const json_t *movements, const json_t *uses, struct wake_error *err)
{
	size_t at = 0, used = 0;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && (at < json_array_size(movements) || used < json_array_size(uses))) {
		const json_t *movement = json_array_get(movements, at), *use = json_array_get(uses, used);

		if (!use || (movement && strcmp(wake_json_string(movement, "moved_at"),
		                             wake_json_string(use, "used_at")) <= 0)) {
			ret = add_movement(table, movement, err);
			at++;
		} else {
			ret = add_use(table, use, err);
			used++;
		}
	}
	return ret;
}

static int print_log(const json_t *movements, const json_t *uses, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "TIME", false, false }, { "FROM", false, false },
		{ "TO", false, false }, { "MOVEMENT", false, false }, { "VERDICT", false, false },
		{ "BRANCH", false, false }, { "EVIDENCE", false, false }, { "SUBJECT", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	int ret = add_rows(&table, movements, uses, err);

	if (ret == WAKE_OK && json_array_size(movements) == 0)
		wake_print_note("no movement of git belongs to this run");
	return ret == WAKE_OK && table.count > 0 ? wake_table_print(&table, 0, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_store struct wake_store *store = NULL;
	json_t *movements = NULL, *uses = NULL;
	char id[WAKE_ID_SIZE];
	int ret = document ? wake_reader_open(context, &store, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_reader_run(store, context->options.words[0], id, err);
	if (ret == WAKE_OK)
		ret = wake_query_movements(store, id, &movements, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "movements", movements, err);
	if (ret == WAKE_OK)
		ret = wake_query_tool_uses(store, id, &uses, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "tool_uses", uses, err);
	if (ret < 0)
		return ret;
	if (wake_options_has(&context->options, "json"))
		return wake_print_json(document, err);
	return print_log(
	    json_object_get(document, "movements"), json_object_get(document, "tool_uses"), err);
}

static const struct wake_example examples[] = {
	{ "runwake log @latest", "What the newest run did in git" },
	{ 0 },
};

const struct wake_command wake_command_log = {
	.name = "log",
	.group = "Reading",
	.summary = "list a run's movements of HEAD, and the tools its agent used, in order",
	.usage = (const char *const[]){ "RUN [--json]", NULL },
	.description = (const char *const[]){
	    "Lists commits, checkouts, resets, merges and all else that moved HEAD while the run was at "
	    "work, with the verdict (did it make the commit, or only bring it in?) and the evidence that "
	    "ties it to the run. Between them stand the tools that an agent used whose hooks Runwake has: each "
	    "one's name, whether it was used, asked for or denied, and the files it was to write.", NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 1,
	.words_max = 1,
	.run = run,
};
