/* SPDX-License-Identifier: MIT */
/* runwake prices: what models cost, and who says so. */
#include <inttypes.h>
#include <string.h>

#include "agent/prices.h"
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/table.h"

static const struct wake_option options[] = {
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

/* Does a row speak of the model that a person means? As for an answer of it; a row of any day. */
static bool is_meant(const struct wake_prices *prices, const struct wake_price *row, const char *model)
{
	const struct wake_price *found = model ? wake_prices_find(prices, model, INT64_MAX) : row;

	return found && strcmp(found->model, row->model) == 0;
}

static json_t *dollars(int64_t price)
{
	return price < 0 ? json_null() : json_real((double)price / 1e6);
}

static json_t *object_of(const struct wake_price *row)
{
	json_t *aliases = json_array();

	for (const char *const *alias = row->aliases; *alias; alias++)
		(void)json_array_append_new(aliases, json_string(*alias));
	return json_pack("{ss so ss so so so so so so ss}", "model", row->model, "aliases", aliases, "from",
	    row->from, "input", dollars(row->input), "output", dollars(row->output), "cache_write_5m",
	    dollars(row->cache_write_5m), "cache_write_1h", dollars(row->cache_write_1h), "cache_read",
	    dollars(row->cache_read), "web_search", dollars(row->web_search), "source",
	    row->source ? row->source : "installed");
}

static int print_document(const struct wake_prices *prices, const char *model, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	json_t *list = json_array();
	int ret = wake_json_set(document, "prices", list, err);

	for (size_t i = 0; ret == WAKE_OK && i < wake_prices_count(prices); i++) {
		const struct wake_price *row = wake_prices_row(prices, i);

		if (is_meant(prices, row, model) && json_array_append_new(list, object_of(row)) < 0)
			ret = wake_fail_nomem(err);
	}
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

/* As many digits as it has, and two at least. */
static const char *show_price(int64_t price, char buffer[32])
{
	size_t len;

	if (price < 0)
		return "";
	(void)snprintf(buffer, 32, "%" PRId64 ".%06" PRId64, price / 1000000, price % 1000000);
	for (len = strlen(buffer); buffer[len - 1] == '0' && buffer[len - 3] != '.'; len--)
		buffer[len - 1] = '\0';
	return buffer;
}

static int add_row(struct wake_table *table, const struct wake_price *row, struct wake_error *err)
{
	char shown[6][32];
	const char *texts[] = { row->model, row->from, show_price(row->input, shown[0]),
		show_price(row->output, shown[1]), show_price(row->cache_write_5m, shown[2]),
		show_price(row->cache_write_1h, shown[3]), show_price(row->cache_read, shown[4]),
		show_price(row->web_search, shown[5]), row->source ? row->source : "installed" };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table, i == 0 ? WAKE_STYLE_STRONG : WAKE_STYLE_PLAIN, texts[i], err);
	return ret;
}

static int print_table(const struct wake_prices *prices, const char *model, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "MODEL", false, true }, { "FROM", false, false },
		{ "INPUT", true, false }, { "OUTPUT", true, false }, { "WRITE 5M", true, false },
		{ "WRITE 1H", true, false }, { "READ", true, false }, { "SEARCH", true, false },
		{ "SOURCE", false, true } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < wake_prices_count(prices); i++) {
		if (is_meant(prices, wake_prices_row(prices, i), model))
			ret = add_row(&table, wake_prices_row(prices, i), err);
	}
	return ret == WAKE_OK ? wake_table_print(&table, 0, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const char *model = context->options.word_count > 0 ? context->options.words[0] : NULL;
	wake_auto_prices struct wake_prices *prices = NULL;
	wake_auto_free char *path = NULL;
	int ret = wake_prices_path(context->paths.config, &path, err);

	if (ret == WAKE_OK)
		ret = wake_prices_load(path, &prices, err);
	if (ret < 0)
		return ret;
	if (model && !wake_prices_find(prices, model, INT64_MAX))
		return wake_command_fail(context, WAKE_EXIT_NO, err,
		    "no price of %s is known: what it does counts as unknown, never as nothing; name one in "
		    "'%s'",
		    model, path);
	return wake_options_has(&context->options, "json") ? print_document(prices, model, err)
	                                                   : print_table(prices, model, err);
}

static const struct wake_example examples[] = {
	{ "runwake prices", "Every price that is known" },
	{ "runwake prices claude-sonnet-4-5-20250929", "What one model costs" },
	{ 0 },
};

const struct wake_command wake_command_prices = {
	.name = "prices",
	.group = "Reading",
	.summary = "show what models cost, and who says so",
	.usage = (const char *const[]){ "[MODEL] [--json]", NULL },
	.description =
	    (const char *const[]){
	        "US dollars per million tokens: input, output, what is written to a prompt cache for five "
	        "minutes and for an hour, "
	        "and what is read from it; SEARCH is one web search. A row holds from its day on.",
	        "A table is installed. prices.json beside the settings file, in the form that --json prints, "
	        "adds models and takes the place of the installed rows of those that it names. The row of a "
	        "model's fast mode is "
	        "named by the model with -fast behind it. A model without a price has an unknown cost.",
	        NULL },
	.options = options,
	.examples = examples,
	.exits = "1",
	.words_max = 1,
	.run = run,
};
