/* SPDX-License-Identifier: MIT */
/* What models cost: a table of list prices that is installed with Runwake, and above it the user's own.
 *
 *   {"schema_version":1,"prices":[{"model":"…","aliases":["…"],"from":"YYYY-MM-DD","input":4,"output":20,
 *     "cache_write_5m":5,"cache_write_1h":8,"cache_read":0.2,"web_search":0.01}, …]}
 *
 * US dollars per million tokens, web_search for one search; at most six digits behind the point. A row
 * holds from its day (UTC) on until the next one of its model. aliases and web_search may be missing (a
 * search then has no price); source is ignored. A model that the user's file names has the user's rows
 * alone. A model is known by its id, by an alias, or by one of these with "[1m]", "-latest" or a date
 * ("-20250929", "@20250929") behind it.
 *
 * A dollar per million tokens is a million pico-dollars a token, so the price of an answer is a sum of
 * whole pico-dollars; it is rounded once, half up, to micro-dollars. */
#ifndef WAKE_PRICES_H
#define WAKE_PRICES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

#define WAKE_PRICES_FILE "prices.json"             /* beside the settings file */
#define WAKE_PRICES_FILE_MAX ((size_t)1024 * 1024) /* bytes of a user's file */
#define WAKE_PRICES_ROWS_MAX 10000

/* What one answer, or all of a run, took of a model; each number counts for itself. */
struct wake_tokens {
	int64_t input, output, cache_read, cache_write_5m, cache_write_1h;
	int64_t web_searches;
};

struct wake_prices;

/* The user's own file: beside the settings file. owned: free(3). */
int wake_prices_path(const char *settings, char **ret_path, struct wake_error *err) WAKE_MUST_CHECK;

/* user_path: the user's own file, NULL or missing: none. WAKE_INVALID names the row and the member at
 * fault. owned: wake_prices_free. */
int wake_prices_load(
    const char *user_path, struct wake_prices **ret_prices, struct wake_error *err) WAKE_MUST_CHECK;
void wake_prices_free(struct wake_prices *prices);

/* The price, in micro-dollars, of tokens of a model at a time (microseconds UTC). WAKE_NOTFOUND: no price
 * is known: never taken for nothing. WAKE_INVALID: a number that is negative, or more than can be counted. */
int wake_prices_cost(const struct wake_prices *prices, const char *model, int64_t at,
    const struct wake_tokens *tokens, int64_t *ret_cost, struct wake_error *err) WAKE_MUST_CHECK;

/* A row; everything is borrowed from the prices. Prices are pico-dollars a token, which is millionths of a
 * dollar per million tokens; web_search: micro-dollars a search. */
struct wake_price {
	const char *model;
	const char *const *aliases; /* NULL ends them */
	const char *from;           /* "2026-11-22" */
	int64_t from_at;            /* its midnight UTC, microseconds */
	int64_t input, output, cache_read, cache_write_5m, cache_write_1h;
	int64_t web_search; /* -1: not known */
	const char *source; /* the file it stands in; NULL: the installed table */
};

/* The rows that count, by model and day. */
size_t wake_prices_count(const struct wake_prices *prices);
const struct wake_price *wake_prices_row(const struct wake_prices *prices, size_t n);

/* The row that holds for a model at a time; NULL: none. */
const struct wake_price *wake_prices_find(const struct wake_prices *prices, const char *model, int64_t at);

static inline void wake_scope_prices(struct wake_prices **prices)
{
	wake_prices_free(*prices);
}
#define wake_auto_prices WAKE_CLEANUP(wake_scope_prices)

#endif
