/* SPDX-License-Identifier: MIT */
/* The rows that count, and what tokens cost by them. */
#include "agent/prices.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "agent/prices_file.h"
#include "base/fs.h"

#define PICO 1000000 /* pico-dollars in a micro-dollar */

void wake_prices_free(struct wake_prices *prices)
{
	if (!prices)
		return;
	for (size_t i = 0; i < prices->count; i++)
		free((void *)prices->rows[i].aliases);
	free(prices->rows);
	free(prices->user_path);
	json_decref(prices->installed);
	json_decref(prices->user);
	free(prices);
}

int wake_prices_path(const char *settings, char **ret_path, struct wake_error *err)
{
	const char *slash = strrchr(settings, '/');

	return wake_str_format(
	    ret_path, err, "%.*s" WAKE_PRICES_FILE, (int)(slash ? slash - settings + 1 : 0), settings);
}

static bool is_named(const struct wake_price *row, const char *model, size_t len)
{
	if (strlen(row->model) == len && memcmp(row->model, model, len) == 0)
		return true;
	for (const char *const *alias = row->aliases; *alias; alias++) {
		if (strlen(*alias) == len && memcmp(*alias, model, len) == 0)
			return true;
	}
	return false;
}

/* The user's word counts alone for a model that it names. */
static void drop_what_the_user_names(struct wake_prices *prices, size_t installed)
{
	size_t kept = 0;

	for (size_t i = 0; i < prices->count; i++) {
		const struct wake_price *row = &prices->rows[i];
		bool named = false;

		for (size_t n = installed; i < installed && n < prices->count; n++)
			named = named ||
			        is_named(row, prices->rows[n].model, strlen(prices->rows[n].model)) ||
			        is_named(&prices->rows[n], row->model, strlen(row->model));
		if (named)
			free((void *)prices->rows[i].aliases);
		else
			prices->rows[kept++] = prices->rows[i];
	}
	prices->count = kept;
}

static int compare_rows(const void *left, const void *right)
{
	const struct wake_price *one = left, *other = right;
	int order = strcmp(one->model, other->model);

	return order ? order : (one->from_at > other->from_at) - (one->from_at < other->from_at);
}

static int check_twice(const struct wake_prices *prices, struct wake_error *err)
{
	for (size_t i = 1; i < prices->count; i++) {
		const struct wake_price *row = &prices->rows[i];

		if (compare_rows(row - 1, row) == 0)
			return wake_fail(err, WAKE_INVALID, "%s: two rows of %s hold from %s",
			    row->source ? row->source : "the installed table", row->model, row->from);
	}
	return WAKE_OK;
}

static int read_user(struct wake_prices *prices, const char *path, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_read(path, WAKE_PRICES_FILE_MAX, WAKE_FS_PLAIN, &text, &len, err);

	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret == WAKE_OK)
		ret = wake_str_copy(path, &prices->user_path, err);
	if (ret == WAKE_OK)
		ret = wake_json_parse(text, len, &prices->user, err);
	if (ret == WAKE_INVALID)
		wake_error_prefix(err, "%s", path);
	return ret == WAKE_OK ? wake_prices_add(prices, prices->user, prices->user_path, err) : ret;
}

int wake_prices_load(const char *user_path, struct wake_prices **ret_prices, struct wake_error *err)
{
	wake_auto_prices struct wake_prices *prices = calloc(1, sizeof(*prices));
	size_t installed = 0;
	int ret = prices ? wake_json_parse(
	                       wake_prices_installed, strlen(wake_prices_installed), &prices->installed, err)
	                 : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_prices_add(prices, prices->installed, NULL, err);
	if (ret == WAKE_OK)
		installed = prices->count;
	if (ret == WAKE_OK && user_path)
		ret = read_user(prices, user_path, err);
	if (ret != WAKE_OK)
		return ret;
	drop_what_the_user_names(prices, installed);
	qsort(prices->rows, prices->count, sizeof(*prices->rows), compare_rows);
	ret = check_twice(prices, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_prices = prices;
	prices = NULL; /* the caller's now */
	return WAKE_OK;
}

size_t wake_prices_count(const struct wake_prices *prices)
{
	return prices->count;
}

const struct wake_price *wake_prices_row(const struct wake_prices *prices, size_t n)
{
	return n < prices->count ? &prices->rows[n] : NULL;
}

/* The latest row that holds. */
static const struct wake_price *find_exact(
    const struct wake_prices *prices, const char *model, size_t len, int64_t at)
{
	const struct wake_price *found = NULL;

	for (size_t i = 0; i < prices->count; i++) {
		const struct wake_price *row = &prices->rows[i];

		if (row->from_at <= at && (!found || row->from_at >= found->from_at) &&
		    is_named(row, model, len))
			found = row;
	}
	return found;
}

static size_t without_end(const char *model, size_t len, const char *end)
{
	size_t tail = strlen(end);

	return len > tail && memcmp(model + len - tail, end, tail) == 0 ? len - tail : len;
}

static size_t without_date(const char *model, size_t len)
{
	size_t digits = 0;

	while (digits < len && isdigit((unsigned char)model[len - 1 - digits]))
		digits++;
	if (digits != strlen("YYYYMMDD") || len < digits + 2 || !strchr("-@", model[len - digits - 1]))
		return len;
	return len - digits - 1;
}

const struct wake_price *wake_prices_find(const struct wake_prices *prices, const char *model, int64_t at)
{
	size_t len = strlen(model);
	const struct wake_price *row = find_exact(prices, model, len, at);

	if (!row) {
		len = without_end(model, len, "[1m]");
		row = find_exact(prices, model, len, at);
	}
	if (!row)
		row = find_exact(prices, model, without_end(model, without_date(model, len), "-latest"), at);
	return row;
}

static bool add(int64_t *sum, int64_t count, int64_t price)
{
	int64_t product;

	return count >= 0 && !__builtin_mul_overflow(count, price, &product) &&
	       !__builtin_add_overflow(*sum, product, sum);
}

int wake_prices_cost(const struct wake_prices *prices, const char *model, int64_t at,
    const struct wake_tokens *tokens, int64_t *ret_cost, struct wake_error *err)
{
	const struct wake_price *row = wake_prices_find(prices, model, at);
	int64_t sum = PICO / 2; /* rounds half up */

	if (!row || (tokens->web_searches > 0 && row->web_search < 0))
		return wake_fail(err, WAKE_NOTFOUND,
		    "no price of %.100s is known; prices.json beside the settings may name one", model);
	if (!add(&sum, tokens->input, row->input) || !add(&sum, tokens->output, row->output) ||
	    !add(&sum, tokens->cache_read, row->cache_read) ||
	    !add(&sum, tokens->cache_write_5m, row->cache_write_5m) ||
	    !add(&sum, tokens->cache_write_1h, row->cache_write_1h))
		return wake_fail(err, WAKE_INVALID, "these are no numbers of tokens");
	/* A search is priced in millionths of a dollar, which is a million pico-dollars. */
	if (tokens->web_searches > 0 &&
	    (row->web_search > INT64_MAX / PICO || !add(&sum, tokens->web_searches, row->web_search * PICO)))
		return wake_fail(err, WAKE_INVALID, "this is no number of searches");
	*ret_cost = sum / PICO;
	return WAKE_OK;
}
