/* SPDX-License-Identifier: MIT */
/* What models cost: a table of list prices that is installed with Runwake, and above it the user's own. */
#ifndef WAKE_PRICES_H
#define WAKE_PRICES_H

#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"

/* What one answer, or all of a run, took of a model; each number counts for itself. */
struct wake_tokens {
	int64_t input, output, cache_read, cache_write_5m, cache_write_1h;
	int64_t web_searches;
};

struct wake_prices;

/* user_path: the user's own file, NULL or missing: none. owned: wake_prices_free. */
int wake_prices_load(const char *user_path, struct wake_prices **ret_prices, struct wake_error *err) WAKE_MUST_CHECK;
void wake_prices_free(struct wake_prices *prices);

/* The price, in micro-dollars, of tokens of a model at a time (microseconds UTC). WAKE_NOTFOUND: no price is known:
 * never taken for nothing. */
int wake_prices_cost(const struct wake_prices *prices, const char *model, int64_t at, const struct wake_tokens *tokens,
    int64_t *ret_cost, struct wake_error *err) WAKE_MUST_CHECK;

static inline void wake_scope_prices(struct wake_prices **prices)
{
	wake_prices_free(*prices);
}
#define wake_auto_prices WAKE_CLEANUP(wake_scope_prices)

#endif
