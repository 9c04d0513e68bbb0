/* SPDX-License-Identifier: MIT */
/* What runs amount to. Taken from the runs themselves: a time may begin in the middle of a day, and how
 * many runs have no known cost stands nowhere else. */
#include "store/query_stats.h"

#define DOLLAR 1000000.0 /* micro-dollars */
#define FIRST_NUMBER 2   /* column */

static const struct wake_query_column columns[] = {
	{ "key", WAKE_VALUE_TEXT },
	{ "name", WAKE_VALUE_TEXT },
	{ "runs", WAKE_VALUE_INT },
	{ "completed", WAKE_VALUE_INT },
	{ "failed", WAKE_VALUE_INT },
	{ "killed", WAKE_VALUE_INT },
	{ "input_tokens", WAKE_VALUE_INT },
	{ "output_tokens", WAKE_VALUE_INT },
	{ "cache_read_tokens", WAKE_VALUE_INT },
	{ "cache_write_tokens", WAKE_VALUE_INT },
	{ "cost", WAKE_VALUE_MONEY },
	{ "runs_without_cost", WAKE_VALUE_INT },
	{ "own_added_lines", WAKE_VALUE_INT },
	{ "own_removed_lines", WAKE_VALUE_INT },
};

static int64_t number_in(const struct wake_rows *rows, size_t column)
{
	return columns[column].kind == WAKE_VALUE_MONEY ? wake_rows_money(rows, column)
	                                                : wake_rows_int(rows, column);
}

static json_t *total_of(const int64_t sums[WAKE_COUNT(columns)])
{
	json_t *total = json_object();

	for (size_t i = FIRST_NUMBER; i < WAKE_COUNT(columns); i++) {
		bool is_money = columns[i].kind == WAKE_VALUE_MONEY;

		(void)json_object_set_new(total, columns[i].name,
		    is_money ? json_real((double)sums[i] / DOLLAR) : json_integer(sums[i]));
	}
	return total;
}

int wake_query_stats(struct wake_store *store, const char *by, int64_t since, int64_t until,
    json_t **ret_rows, json_t **ret_total, struct wake_error *err)
{
	/* A null would compare as unknown, and no time lies before the first. */
	const struct wake_value values[] = { WAKE_TIME(since == WAKE_TIME_NONE ? since + 1 : since),
		WAKE_TIME(until), WAKE_TEXT(by) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *array = json_array(), *total = NULL;
	int64_t sums[WAKE_COUNT(columns)] = { 0 };
	int ret = array ? wake_store_query(store, WAKE_SQL_READ_STATS, values, WAKE_COUNT(values), &rows, err)
	                : wake_fail_nomem(err);

	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		json_t *object = NULL;

		ret = wake_query_object(rows, columns, WAKE_COUNT(columns), &object, err);
		if (ret == WAKE_OK && json_array_append_new(array, object) < 0)
			ret = wake_fail_nomem(err);
		for (size_t i = FIRST_NUMBER; i < WAKE_COUNT(columns); i++)
			sums[i] += number_in(rows, i);
	}
	total = total_of(sums);
	if (ret == WAKE_OK && !total)
		ret = wake_fail_nomem(err);
	if (ret < 0)
		return ret;
	*ret_rows = array;
	*ret_total = total;
	array = total = NULL; /* the caller's now */
	return WAKE_OK;
}
