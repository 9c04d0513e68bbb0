/* SPDX-License-Identifier: MIT */
/* runwake stats: what runs amount to. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/table.h"
#include "store/query_stats.h"

#define SESSION_SHOWN 13 /* characters of a session's id */

static const struct wake_option options[] = {
	{ .name = "by",
	    .value = "WHAT",
	    .help = "a row for each day, model, repo, workflow or session",
	    .words = "day model repo workflow session" },
	{ .name = "since",
	    .value = "TIME",
	    .help = "only runs that began since then: a time, a date, or an age such as 2h or 7d" },
	{ .name = "until", .value = "TIME", .help = "only runs that began before then" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

static const struct {
	const char *word, *title;
} divisions[] = { { "day", "DAY" }, { "model", "MODEL" }, { "repo", "REPOSITORY" },
	{ "workflow", "WORKFLOW" }, { "session", "SESSION" } };

struct asking {
	const char *word; /* NULL: all together */
	const char *title;
	int64_t since, until;
};

static int read_time(
    const struct wake_options *given, const char *name, int64_t *ret_at, struct wake_error *err)
{
	const char *text = wake_options_text(given, name);

	if (!text || wake_time_parse_since(text, wake_clock_now(), ret_at, err) == WAKE_OK)
		return WAKE_OK;
	return wake_error_prefix(err, "--%s", name);
}

static int read_options(const struct wake_options *given, struct asking *asking, struct wake_error *err)
{
	const char *word = wake_options_text(given, "by");
	int ret = read_time(given, "since", &asking->since, err);

	if (ret == WAKE_OK)
		ret = read_time(given, "until", &asking->until, err);
	if (ret != WAKE_OK || !word)
		return ret;
	for (size_t i = 0; i < WAKE_COUNT(divisions); i++) {
		if (strcmp(divisions[i].word, word) == 0) {
			asking->word = word;
			asking->title = divisions[i].title;
			return WAKE_OK;
		}
	}
	return wake_fail(
	    err, WAKE_INVALID, "--by takes day, model, repo, workflow or session, not '%s'", word);
}

static bool is_by_session(const struct asking *asking)
{
	return asking->word && strcmp(asking->word, "session") == 0;
}

/* The same numbers, under the name of what they are of. */
static json_t *row_of(const json_t *row, const struct asking *asking)
{
	json_t *named = json_object(), *value;
	const char *key;

	if (asking->word)
		(void)json_object_set(named, asking->word, json_object_get(row, "key"));
	if (is_by_session(asking))
		(void)json_object_set(named, "session_name", json_object_get(row, "name"));
	json_object_foreach((json_t *)row, key, value)
	{
		if (strcmp(key, "key") != 0 && strcmp(key, "name") != 0)
			(void)json_object_set(named, key, value);
	}
	return named;
}

static int print_document(
    const json_t *rows, const json_t *total, const struct asking *asking, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	json_t *list = json_array();
	const json_t *row;
	size_t place;
	int ret = wake_json_set(document, "total", json_incref((json_t *)total), err);

	if (ret == WAKE_OK)
		ret = wake_json_set(
		    document, "by", asking->word ? json_string(asking->word) : json_null(), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(document, "rows", list, err);
	json_array_foreach((json_t *)rows, place, row)
	{
		if (ret == WAKE_OK && json_array_append_new(list, row_of(row, asking)) < 0)
			ret = wake_fail_nomem(err);
	}
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

/* "1.2 M": what a person compares, not what a person adds up. */
static const char *short_count(int64_t count, char buffer[32])
{
	static const char *const units[] = { "", " k", " M", " G", " T" };
	double number = (double)count;
	size_t unit = 0;

	for (; number >= 999.5 && unit + 1 < WAKE_COUNT(units); unit++)
		number /= 1000;
	(void)snprintf(buffer, 32, unit > 0 && number < 99.95 ? "%.1f%s" : "%.0f%s", number, units[unit]);
	return buffer;
}

/* With a "+" where the cost of some runs is not known. */
static const char *cost_of(const json_t *row, char buffer[48])
{
	bool some = wake_json_int(row, "runs_without_cost", 0) > 0;

	if (wake_json_int(row, "runs_without_cost", 0) == wake_json_int(row, "runs", 0))
		return some ? "unknown" : "";
	(void)snprintf(
	    buffer, 48, "%.2f%s", json_number_value(json_object_get(row, "cost")), some ? "+" : "");
	return buffer;
}

static const char *key_of(const json_t *row, const struct asking *asking, char buffer[SESSION_SHOWN + 1])
{
	const char *key = wake_json_string(row, "key"), *name = wake_json_string(row, "name");

	if (!is_by_session(asking) || !key)
		return key ? key : "(none)";
	if (name)
		return name;
	(void)snprintf(buffer, SESSION_SHOWN + 1, "%s", key);
	return buffer;
}

static int add_row(struct wake_table *table, const json_t *row, const char *key, enum wake_style style,
    struct wake_error *err)
{
	char runs[24], completed[24], failed[24], killed[24], in[32], out[32], cache[32], cost[48], lines[64];
	const char *texts[] = { key, runs, completed, failed, killed,
		short_count(wake_json_int(row, "input_tokens", 0), in),
		short_count(wake_json_int(row, "output_tokens", 0), out),
		short_count(
		    wake_json_int(row, "cache_read_tokens", 0) + wake_json_int(row, "cache_write_tokens", 0),
		    cache),
		cost_of(row, cost), lines };
	int ret = WAKE_OK;

	(void)snprintf(runs, sizeof(runs), "%" PRId64, wake_json_int(row, "runs", 0));
	(void)snprintf(completed, sizeof(completed), "%" PRId64, wake_json_int(row, "completed", 0));
	(void)snprintf(failed, sizeof(failed), "%" PRId64, wake_json_int(row, "failed", 0));
	(void)snprintf(killed, sizeof(killed), "%" PRId64, wake_json_int(row, "killed", 0));
	(void)snprintf(lines, sizeof(lines), "+%" PRId64 " -%" PRId64,
	    wake_json_int(row, "own_added_lines", 0), wake_json_int(row, "own_removed_lines", 0));
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table, style, texts[i], err);
	return ret;
}

static int print_rows(
    const json_t *rows, const json_t *total, const struct asking *asking, struct wake_error *err)
{
	const struct wake_column columns[] = { { asking->title ? asking->title : "", false, true },
		{ "RUNS", true, false }, { "COMPLETED", true, false }, { "FAILED", true, false },
		{ "KILLED", true, false }, { "INPUT", true, false }, { "OUTPUT", true, false },
		{ "CACHE", true, false }, { "USD", true, false }, { "LINES", true, false } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	char buffer[SESSION_SHOWN + 1];
	const json_t *row;
	size_t place;
	int ret = WAKE_OK;

	json_array_foreach((json_t *)rows, place, row)
	{
		if (ret == WAKE_OK)
			ret = add_row(&table, row, key_of(row, asking, buffer), WAKE_STYLE_PLAIN, err);
	}
	if (ret == WAKE_OK)
		ret = add_row(&table, total, "all", WAKE_STYLE_STRONG, err);
	return ret == WAKE_OK ? wake_table_print(&table, 0, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	struct asking asking = { .since = WAKE_TIME_NONE, .until = INT64_MAX };
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_json json_t *rows = NULL, *total = NULL;
	int ret = read_options(&context->options, &asking, err);

	if (ret == WAKE_OK)
		ret = wake_reader_open(context, &store, err);
	if (ret == WAKE_OK)
		ret = wake_query_stats(
		    store, asking.word ? asking.word : "all", asking.since, asking.until, &rows, &total, err);
	if (ret < 0)
		return ret;
	if (wake_options_has(&context->options, "json"))
		return print_document(asking.word ? rows : NULL, total, &asking, err);
	if (wake_json_int(total, "runs", 0) == 0) {
		wake_print_note("no run matches");
		return WAKE_EXIT_OK;
	}
	return print_rows(asking.word ? rows : NULL, total, &asking, err);
}

static const struct wake_example examples[] = {
	{ "runwake stats --by day --since 4w", "What the last four weeks came to" },
	{ "runwake stats --by model --json", "What each model took, for a program" },
	{ 0 },
};

const struct wake_command wake_command_stats = {
	.name = "stats",
	.group = "Reading",
	.summary = "tell what runs amount to: status, tokens, cost, lines",
	.usage = (const char *const[]){ "[--by WHAT] [--since TIME] [--until TIME] [--json]", NULL },
	.description = (const char *const[]){ "Sums over the runs that began in the time given. CACHE is "
	                                      "what was read from and written to a prompt cache. A cost "
	                                      "that is not known is not counted as nothing: USD then ends "
	                                      "with a +, and --json says of how many runs it is not "
	                                      "known. LINES are those of the runs' own live commits.",
	    "A run counts for the model that did the work last; days are those of UTC.", NULL },
	.options = options,
	.examples = examples,
	.exits = "16",
	.run = run,
};
