/* SPDX-License-Identifier: MIT */
/* What runs amount to: by day, model, repository or workflow, from the totals that each day has. */
#include "store/query.h"

#include "base/clock.h"

/* In the order of read_totals.sql. */
static const struct wake_query_column total_columns[] = {
	{ "name", WAKE_VALUE_TEXT },
	{ "runs", WAKE_VALUE_INT },
	{ "completed", WAKE_VALUE_INT },
	{ "failed", WAKE_VALUE_INT },
	{ "killed", WAKE_VALUE_INT },
	{ "input_tokens", WAKE_VALUE_INT },
	{ "output_tokens", WAKE_VALUE_INT },
	{ "cost_estimate", WAKE_VALUE_MONEY },
	{ "own_added_lines", WAKE_VALUE_INT },
	{ "own_removed_lines", WAKE_VALUE_INT },
};

static const char *const dimensions[] = {
	[WAKE_TOTALS_BY_DAY] = "day",
	[WAKE_TOTALS_BY_MODEL] = "model",
	[WAKE_TOTALS_BY_REPO] = "repo",
	[WAKE_TOTALS_BY_WORKFLOW] = "workflow",
};

static void format_day(int64_t at, char ret_day[WAKE_TIME_SIZE])
{
	wake_time_format(at, ret_day);
	ret_day[sizeof("YYYY-MM-DD") - 1] = '\0';
}

int wake_query_totals(struct wake_store *store, enum wake_totals_by by, int64_t since, int64_t until,
    json_t **ret_totals, struct wake_error *err)
{
	char first[WAKE_TIME_SIZE], last[WAKE_TIME_SIZE];
	const struct wake_value values[] = { WAKE_TEXT(dimensions[by]), WAKE_TEXT(first), WAKE_TEXT(last) };

	/* WAKE_TIME_NONE is the earliest time there is. */
	format_day(since, first);
	format_day(until == WAKE_TIME_NONE ? INT64_MAX : until, last);
	return wake_query_rows(store, WAKE_SQL_READ_TOTALS, values, WAKE_COUNT(values), total_columns,
	    WAKE_COUNT(total_columns), ret_totals, err);
}
