/* SPDX-License-Identifier: MIT */
/* A file of prices: what is wrong with it is named. */
#include "../base/scratch.h"
#include "agent/prices_file.h"

#define ROW(members) "{\"schema_version\":1,\"prices\":[{" members "}]}"
#define PRICES "\"input\":1,\"output\":1,\"cache_write_5m\":1,\"cache_write_1h\":1,\"cache_read\":1"
#define NAMES "\"model\":\"m\",\"from\":\"2026-01-01\","

static struct wake_error err;

static void assert_refused(const char *path, const char *text, const char *why)
{
	wake_auto_prices struct wake_prices *prices = NULL;

	scratch_write(path, text);
	assert_int_equal(wake_prices_load(path, &prices, &err), WAKE_INVALID);
	if (!strstr(err.text, why) || !strstr(err.text, path))
		fail_msg("'%s' does not say '%s' of '%s'", err.text, why, text);
}

static void what_is_wrong_is_named(void **state)
{
	static const char *const cases[][2] = {
		{ "", "no JSON" },
		{ "{\"prices\":[]}", "\"schema_version\" is 1" },
		{ "{\"schema_version\":1}", "\"prices\" is a list" },
		{ "{\"schema_version\":1,\"prices\":[3]}", "row 1 of prices: '': a row is an object" },
		{ ROW(""), "'model'" },
		{ ROW("\"model\":\"\""), "'model'" },
		{ ROW("\"model\":\"m\""), "'from': a row says from which day" },
		{ ROW("\"model\":\"m\",\"from\":\"2026-13-01\""), "'from'" },
		{ ROW("\"model\":\"m\",\"from\":\"2026-01-01T00\""), "'from'" },
		{ ROW(NAMES "\"output\":1"), "'input': this price is missing" },
		{ ROW(NAMES "\"input\":-1"), "'input': a price is a number of dollars from 0 to 1000" },
		{ ROW(NAMES "\"input\":1000.1"), "'input': a price is a number" },
		{ ROW(NAMES "\"input\":\"1\""), "'input': a price is a number" },
		{ ROW(NAMES "\"input\":0.0000001"), "six digits behind the point" },
		{ ROW(NAMES PRICES ",\"web_search\":true"), "'web_search'" },
		{ ROW(NAMES PRICES ",\"output_price\":1"), "'output_price': no such member is known" },
		{ ROW(NAMES PRICES ",\"aliases\":\"x\""), "'aliases'" },
		{ ROW(NAMES PRICES ",\"aliases\":[1]"), "'aliases'" },
		{ "{\"schema_version\":1,\"prices\":[{" NAMES PRICES "},{" NAMES PRICES "}]}",
		    "two rows of m hold from 2026-01-01" },
	};
	wake_auto_free char *path = scratch_path(state, "prices.json");

	for (size_t i = 0; i < WAKE_COUNT(cases); i++)
		assert_refused(path, cases[i][0], cases[i][1]);
}

static void a_right_one_is_read(void **state)
{
	wake_auto_free char *path = scratch_path(state, "prices.json");
	wake_auto_prices struct wake_prices *prices = NULL;
	const struct wake_price *row;

	scratch_write(path, ROW(NAMES PRICES ",\"aliases\":[\"n\"],\"web_search\":0.02,\"source\":\"me\""));
	assert_int_equal(wake_prices_load(path, &prices, &err), WAKE_OK);
	row = wake_prices_find(prices, "n", INT64_MAX);
	assert_non_null(row);
	assert_string_equal(row->model, "m");
	assert_int_equal(row->web_search, 20000);
	assert_int_equal(row->input, 1000000);
}

static void the_file_is_beside_the_settings(void **state)
{
	char *path = NULL;

	(void)state;
	assert_int_equal(wake_prices_path("/home/a/.config/runwake/config", &path, &err), WAKE_OK);
	assert_string_equal(path, "/home/a/.config/runwake/prices.json");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_wrong_is_named, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_right_one_is_read, scratch_make, scratch_remove),
		cmocka_unit_test(the_file_is_beside_the_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
