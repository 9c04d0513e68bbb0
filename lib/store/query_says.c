/* SPDX-License-Identifier: MIT */
/* What people said to runs, and whether it was seen. */
#include "store/query.h"

int wake_query_unread(
    struct wake_store *store, const char *id, int64_t limit, json_t **ret_says, struct wake_error *err)
{
	static const struct wake_query_column columns[] = { { "id", WAKE_VALUE_TEXT },
		{ "text", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME } };
	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_INT(limit) };

	return wake_query_rows(store, WAKE_SQL_READ_UNREAD, values, WAKE_COUNT(values), columns,
	    WAKE_COUNT(columns), ret_says, err);
}

int wake_query_given_words(
    struct wake_store *store, const char *id, json_t **ret_runs, struct wake_error *err)
{
	static const struct wake_query_column columns[] = { { "run_id", WAKE_VALUE_TEXT } };

	return wake_query_array(
	    store, WAKE_SQL_READ_RUNS_GIVEN_WORDS, id, columns, WAKE_COUNT(columns), ret_runs, err);
}

int wake_query_unread_count(
    struct wake_store *store, const char *id, int64_t *ret_count, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, WAKE_SQL_READ_UNREAD_COUNT, &WAKE_TEXT(id), 1, &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	*ret_count = ret == 1 ? wake_rows_int(rows, 0) : 0;
	return ret < 0 ? ret : WAKE_OK;
}

int wake_query_says(struct wake_store *store, const char *id, json_t **ret_says, struct wake_error *err)
{
	static const struct wake_query_column columns[] = { { "id", WAKE_VALUE_TEXT },
		{ "text", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "delivered_at", WAKE_VALUE_TIME },
		{ "delivered_run_id", WAKE_VALUE_TEXT } };

	return wake_query_array(
	    store, WAKE_SQL_READ_SAYS_OF_RUN, id, columns, WAKE_COUNT(columns), ret_says, err);
}
