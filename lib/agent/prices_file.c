/* SPDX-License-Identifier: MIT */
/* Reading and checking a file of prices. */
#include "agent/prices_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define ALIASES_MAX 100
#define MODEL_MAX 100      /* bytes of a model's id: a VARCHAR(100) of the store */
#define DOLLARS_MAX 1000.0 /* per million tokens, and for a search */
#define MILLION 1e6

/* Where in which file something is wrong. */
struct place {
	const char *source; /* NULL: the installed table */
	size_t row;
	struct wake_error *err;
};

static int fail(const struct place *place, const char *member, const char *what)
{
	return wake_fail(place->err, WAKE_INVALID, "%s: row %zu of prices: '%.100s': %s",
	    place->source ? place->source : "the installed table", place->row + 1, member, what);
}

/* Exact: a number with six digits behind the point, times a million, is nearest to one integer alone. */
static int read_price(
    const json_t *row, const char *member, bool required, const struct place *place, int64_t *ret_price)
{
	const json_t *value = json_object_get(row, member);
	double scaled = json_number_value(value) * MILLION, rest;
	int64_t whole;

	if (!value && !required)
		return WAKE_OK;
	if (!value)
		return fail(place, member, "this price is missing");
	if (!json_is_number(value) || scaled < 0 || scaled > DOLLARS_MAX * MILLION)
		return fail(place, member, "a price is a number of dollars from 0 to 1000");
	whole = (int64_t)(scaled + 0.5);
	rest = scaled - (double)whole;
	if (rest > 1e-3 || rest < -1e-3)
		return fail(place, member, "a price has at most six digits behind the point");
	*ret_price = whole;
	return WAKE_OK;
}

static bool is_model(const char *text)
{
	return text && *text && strlen(text) <= MODEL_MAX;
}

static int read_aliases(const json_t *row, const struct place *place, struct wake_price *price)
{
	const json_t *list = json_object_get(row, "aliases");
	size_t count = json_array_size(list);
	const char **aliases;

	if (list && (!json_is_array(list) || count > ALIASES_MAX))
		return fail(place, "aliases", "aliases are a list of at most 100 model ids");
	for (size_t i = 0; i < count; i++) {
		if (!is_model(json_string_value(json_array_get(list, i))))
			return fail(place, "aliases", "an alias is a model id of 1 to 100 bytes");
	}
	aliases = calloc(count + 1, sizeof(*aliases));
	if (!aliases)
		return wake_fail_nomem(place->err);
	for (size_t i = 0; i < count; i++)
		aliases[i] = json_string_value(json_array_get(list, i));
	price->aliases = aliases;
	return WAKE_OK;
}

static int read_names(const json_t *row, const struct place *place, struct wake_price *price)
{
	char midnight[WAKE_TIME_SIZE];
	struct wake_error ignored;

	price->model = wake_json_string(row, "model");
	price->from = wake_json_string(row, "from");
	if (!is_model(price->model))
		return fail(place, "model", "a row names its model, 1 to 100 bytes");
	if (!price->from || strlen(price->from) != strlen("YYYY-MM-DD"))
		return fail(place, "from", "a row says from which day it holds, like 2026-11-22");
	(void)snprintf(midnight, sizeof(midnight), "%sT00:00:00Z", price->from);
	if (wake_time_parse(midnight, &price->from_at, &ignored) < 0)
		return fail(place, "from", "a row says from which day it holds, like 2026-11-22");
	return WAKE_OK;
}

static int check_members(const json_t *row, const struct place *place)
{
	static const char *const known[] = { "model", "aliases", "from", "input", "output", "cache_write_5m",
		"cache_write_1h", "cache_read", "web_search", "source" };
	const char *key;
	json_t *value;

	if (!json_is_object(row))
		return fail(place, "", "a row is an object");
	json_object_foreach((json_t *)row, key, value)
	{
		size_t i = 0;

		while (i < WAKE_COUNT(known) && strcmp(known[i], key) != 0)
			i++;
		if (i == WAKE_COUNT(known))
			return fail(place, key, "no such member is known");
	}
	return WAKE_OK;
}

static int read_row(const json_t *row, const struct place *place, struct wake_price *price)
{
	int ret = check_members(row, place);

	*price = (struct wake_price){ .web_search = -1, .source = place->source };
	if (ret == WAKE_OK)
		ret = read_names(row, place, price);
	if (ret == WAKE_OK)
		ret = read_price(row, "input", true, place, &price->input);
	if (ret == WAKE_OK)
		ret = read_price(row, "output", true, place, &price->output);
	if (ret == WAKE_OK)
		ret = read_price(row, "cache_write_5m", true, place, &price->cache_write_5m);
	if (ret == WAKE_OK)
		ret = read_price(row, "cache_write_1h", true, place, &price->cache_write_1h);
	if (ret == WAKE_OK)
		ret = read_price(row, "cache_read", true, place, &price->cache_read);
	if (ret == WAKE_OK)
		ret = read_price(row, "web_search", false, place, &price->web_search);
	return ret == WAKE_OK ? read_aliases(row, place, price) : ret;
}

static int make_room(struct wake_prices *prices, size_t more, struct wake_error *err)
{
	struct wake_price *rows;

	if (prices->count + more <= prices->room)
		return WAKE_OK;
	rows = reallocarray(prices->rows, prices->count + more, sizeof(*rows));
	if (!rows)
		return wake_fail_nomem(err);
	prices->rows = rows;
	prices->room = prices->count + more;
	return WAKE_OK;
}

int wake_prices_add(
    struct wake_prices *prices, const json_t *document, const char *source, struct wake_error *err)
{
	const json_t *rows = json_object_get(document, "prices");
	const char *name = source ? source : "the installed table";
	struct place place = { source, 0, err };
	int ret;

	if (wake_json_int(document, "schema_version", 0) != 1)
		return wake_fail(err, WAKE_INVALID, "%s: \"schema_version\" is 1 in a file of prices", name);
	if (!json_is_array(rows) || json_array_size(rows) > WAKE_PRICES_ROWS_MAX)
		return wake_fail(err, WAKE_INVALID, "%s: \"prices\" is a list of at most %d rows", name,
		    WAKE_PRICES_ROWS_MAX);
	ret = make_room(prices, json_array_size(rows), err);
	for (; ret == WAKE_OK && place.row < json_array_size(rows); place.row++) {
		ret = read_row(json_array_get(rows, place.row), &place, &prices->rows[prices->count]);
		if (ret == WAKE_OK)
			prices->count++;
	}
	return ret;
}
