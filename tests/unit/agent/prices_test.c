/* SPDX-License-Identifier: MIT */
/* What models cost: sums in whole pico-dollars, rounded once; and which row holds for whom and when. */
#include "../base/scratch.h"
#include "agent/prices.h"
#include "base/clock.h"

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

#define NOW (INT64_C(1790000000) * WAKE_SECOND) /* 2026-09-21 */

static struct wake_error err;

static int64_t cost_of(
    const struct wake_prices *prices, const char *model, int64_t at, struct wake_tokens tokens)
{
	int64_t cost = -1;

	assert_ok(wake_prices_cost(prices, model, at, &tokens, &cost, &err));
	return cost;
}

static void each_kind_has_its_price(void **state)
{
	wake_auto_prices struct wake_prices *prices = NULL;

	(void)state;
	assert_ok(wake_prices_load(NULL, &prices, &err));
	assert_int_equal(
	    cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ .input = 1000000 }), 4000000);
	assert_int_equal(
	    cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ .output = 1000000 }), 20000000);
	assert_int_equal(
	    cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ .cache_read = 1000000 }), 200000);
	assert_int_equal(
	    cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ .cache_write_5m = 1000000 }),
	    5000000);
	assert_int_equal(
	    cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ .cache_write_1h = 1000000 }),
	    8000000);
	assert_int_equal(
	    cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ .web_searches = 3 }), 30000);
	assert_int_equal(cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ 1, 2, 3, 4, 5, 6 }),
	    60000 + 4 + 40 + 1 + 20 + 40); /* 0.6 is a whole one, rounded up */
	assert_int_equal(cost_of(prices, "claude-opus-5-5", NOW, (struct wake_tokens){ 0 }), 0);
}

static void a_price_is_rounded_once_half_up(void **state)
{
	wake_auto_prices struct wake_prices *prices = NULL;

	(void)state;
	assert_ok(wake_prices_load(NULL, &prices, &err));
	/* 0.1 a token: 0.4, 0.5 and 0.6 micro-dollars. */
	assert_int_equal(cost_of(prices, "claude-haiku-5-5", NOW, (struct wake_tokens){ .input = 4 }), 0);
	assert_int_equal(cost_of(prices, "claude-haiku-5-5", NOW, (struct wake_tokens){ .input = 5 }), 1);
	assert_int_equal(cost_of(prices, "claude-haiku-5-5", NOW, (struct wake_tokens){ .input = 6 }), 1);
	/* Not of each kind: four kinds of 0.4 together are 1.6. */
	assert_int_equal(
	    cost_of(prices, "claude-haiku-5-5", NOW,
	        (struct wake_tokens){ .input = 4, .output = 1, .cache_write_5m = 4, .cache_write_1h = 1 }),
	    2);
	assert_int_equal(
	    cost_of(prices, "claude-fable-5-2", NOW, (struct wake_tokens){ .cache_read = 1 }), 0);
	assert_int_equal(
	    cost_of(prices, "claude-fable-5-2", NOW, (struct wake_tokens){ .cache_read = 3 }), 1);
}

static void ids_come_in_forms(void **state)
{
	static const char *const same[] = { "claude-sonnet-4-5-20250929", "claude-sonnet-4-5@20250929",
		"claude-sonnet-4-5-latest", "claude-sonnet-4-5[1m]", "claude-sonnet-4-5-20250929[1m]" };
	static const char *const none[] = { "", "claude", "claude-sonnet-4-5-2025092",
		"claude-sonnet-4-5-fast", "gpt-9", "claude-sonnet-4-5-20250929-x", "-20250929", "[1m]",
		"20250929" };
	wake_auto_prices struct wake_prices *prices = NULL;
	struct wake_tokens tokens = { .input = 1 };
	int64_t cost = -7;

	(void)state;
	assert_ok(wake_prices_load(NULL, &prices, &err));
	for (size_t i = 0; i < WAKE_COUNT(same); i++)
		assert_int_equal(cost_of(prices, same[i], NOW, (struct wake_tokens){ .input = 10 }), 30);
	for (size_t i = 0; i < WAKE_COUNT(none); i++)
		assert_int_equal(wake_prices_cost(prices, none[i], NOW, &tokens, &cost, &err), WAKE_NOTFOUND);
	assert_int_equal(cost_of(prices, "claude-mythos-5", NOW, (struct wake_tokens){ .input = 1 }), 10);
	assert_int_equal(cost, -7);
}

static void numbers_have_bounds(void **state)
{
	wake_auto_prices struct wake_prices *prices = NULL;
	struct wake_tokens negative = { .input = -1 }, much = { .output = INT64_MAX / 1000 },
	                   searches = { .web_searches = INT64_MAX };
	int64_t cost;

	(void)state;
	assert_ok(wake_prices_load(NULL, &prices, &err));
	assert_int_equal(
	    wake_prices_cost(prices, "claude-opus-5-5", NOW, &negative, &cost, &err), WAKE_INVALID);
	assert_int_equal(wake_prices_cost(prices, "claude-opus-5-5", NOW, &much, &cost, &err), WAKE_INVALID);
	assert_int_equal(
	    wake_prices_cost(prices, "claude-opus-5-5", NOW, &searches, &cost, &err), WAKE_INVALID);
}

static void the_users_rows_stand_alone_and_by_day(void **state)
{
	wake_auto_free char *path = scratch_path(state, "prices.json");
	wake_auto_prices struct wake_prices *prices = NULL;
	struct wake_tokens one = { .input = 1000000 }, search = { .web_searches = 1 };
	int64_t cost;

	scratch_write(path, "{\"schema_version\":1,\"prices\":["
	                    "{\"model\":\"claude-opus-5-5\",\"from\":\"2026-06-01\",\"input\":1,\"output\":1,"
	                    "\"cache_write_5m\":1,"
	                    "\"cache_write_1h\":1,\"cache_read\":1},"
	                    "{\"model\":\"claude-opus-5-5\",\"from\":\"2026-09-01\",\"input\":2.000001,"
	                    "\"output\":1,\"cache_write_5m\":1,"
	                    "\"cache_write_1h\":1,\"cache_read\":1},"
	                    "{\"model\":\"mine\",\"aliases\":[\"claude-haiku-5-5\"],\"from\":\"2020-01-01\","
	                    "\"input\":7,\"output\":0,"
	                    "\"cache_write_5m\":0,\"cache_write_1h\":0,\"cache_read\":0}]}");
	assert_ok(wake_prices_load(path, &prices, &err));
	assert_int_equal(cost_of(prices, "claude-opus-5-5", NOW, one), 2000001);
	assert_int_equal(cost_of(prices, "claude-opus-5-5", NOW - 60 * 86400 * WAKE_SECOND, one), 1000000);
	assert_int_equal(
	    wake_prices_cost(prices, "claude-opus-5-5", NOW - 600 * 86400 * WAKE_SECOND, &one, &cost, &err),
	    WAKE_NOTFOUND);
	assert_int_equal(
	    wake_prices_cost(prices, "claude-opus-5-5", NOW, &search, &cost, &err), WAKE_NOTFOUND);
	assert_int_equal(cost_of(prices, "claude-haiku-5-5", NOW, one), 7000000);
	assert_int_equal(cost_of(prices, "mine", NOW, one), 7000000);
	assert_int_equal(cost_of(prices, "claude-opus-5", NOW, one), 5000000);
	assert_string_equal(wake_prices_find(prices, "mine", NOW)->source, path);
	assert_null(wake_prices_find(prices, "claude-opus-5", NOW)->source);
}

static void rows_are_in_order(void **state)
{
	wake_auto_prices struct wake_prices *prices = NULL;

	(void)state;
	assert_ok(wake_prices_load("/nowhere/prices.json", &prices, &err));
	assert_true(wake_prices_count(prices) > 10);
	assert_null(wake_prices_row(prices, wake_prices_count(prices)));
	for (size_t i = 1; i < wake_prices_count(prices); i++)
		assert_true(
		    strcmp(wake_prices_row(prices, i - 1)->model, wake_prices_row(prices, i)->model) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_price),
		cmocka_unit_test(a_price_is_rounded_once_half_up),
		cmocka_unit_test(ids_come_in_forms),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test_setup_teardown(
		    the_users_rows_stand_alone_and_by_day, scratch_make, scratch_remove),
		cmocka_unit_test(rows_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
