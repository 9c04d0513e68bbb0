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

int wake_query_says(struct wake_store *store, const char *id, json_t **ret_says, struct wake_error *err)
{
	static const struct wake_query_column columns[] = { { "id", WAKE_VALUE_TEXT },
		{ "text", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "delivered_at", WAKE_VALUE_TIME },
		{ "delivered_run_id", WAKE_VALUE_TEXT } };

	return wake_query_array(
	    store, WAKE_SQL_READ_SAYS_OF_RUN, id, columns, WAKE_COUNT(columns), ret_says, err);
}
