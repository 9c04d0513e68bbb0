/* SPDX-License-Identifier: MIT */
/* Rows of the store as JSON objects. */
#include "store/query.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define DOLLAR 1000000.0 /* micro-dollars */

static int parse_column(
    const struct wake_rows *rows, size_t column, json_t **ret_value, struct wake_error *err)
{
	int ret = wake_rows_json(rows, column, ret_value, err);

	if (ret == WAKE_INVALID)
		return wake_fail(
		    err, WAKE_CORRUPT, "the store's column %s holds no JSON", wake_rows_name(rows, column));
	return ret;
}

/* Looked through by ourselves: jansson takes a call for each character. */
static json_t *text_value(const char *text)
{
	size_t len = strlen(text);

	return wake_text_is_utf8(text, len) ? json_stringn_nocheck(text, len) : NULL;
}

/* As the store has it, if that is how times are shown. */
static json_t *time_value(const struct wake_rows *rows, size_t column)
{
	const char *text = wake_rows_text(rows, column);
	char time[WAKE_TIME_SIZE];

	if (wake_time_is_shown_so(text))
		return json_stringn_nocheck(text, WAKE_TIME_SIZE - 1);
	wake_time_format(wake_rows_time(rows, column), time);
	return json_string(time);
}

static int column_value(const struct wake_rows *rows, size_t column, enum wake_value_kind kind,
    json_t **ret_value, struct wake_error *err)
{
	if (wake_rows_is_null(rows, column))
		kind = WAKE_VALUE_NULL;
	switch (kind) {
	case WAKE_VALUE_NULL:
		*ret_value = json_null();
		break;
	case WAKE_VALUE_INT:
		*ret_value = json_integer(wake_rows_int(rows, column));
		break;
	case WAKE_VALUE_BOOL:
		*ret_value = json_boolean(wake_rows_int(rows, column));
		break;
	case WAKE_VALUE_TEXT:
		*ret_value = text_value(wake_rows_text(rows, column));
		break;
	case WAKE_VALUE_JSON:
		return parse_column(rows, column, ret_value, err);
	case WAKE_VALUE_TIME:
		*ret_value = time_value(rows, column);
		break;
	case WAKE_VALUE_MONEY:
		*ret_value = json_real((double)wake_rows_money(rows, column) / DOLLAR);
		break;
	}
	return *ret_value ? WAKE_OK : wake_fail_nomem(err);
}

int wake_query_object(const struct wake_rows *rows, const struct wake_query_column *columns, size_t count,
    json_t **ret_object, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	int ret = object ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < count; i++) {
		json_t *value = NULL;

		ret = column_value(rows, i, columns[i].kind, &value, err);
		/* The name is one of ours: nothing in it is to be looked for. */
		if (ret == WAKE_OK && json_object_set_new_nocheck(object, columns[i].name, value) < 0)
			ret = wake_fail_nomem(err);
	}
	if (ret < 0)
		return ret;
	*ret_object = object;
	object = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_query_rows(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t value_count, const struct wake_query_column *columns, size_t count, json_t **ret_array,
    struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *array = json_array();
	int ret = array ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_store_query(store, sql, values, value_count, &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		json_t *object = NULL;

		ret = wake_query_object(rows, columns, count, &object, err);
		if (ret == WAKE_OK && json_array_append_new(array, object) < 0)
			ret = wake_fail_nomem(err);
	}
	if (ret < 0)
		return ret;
	*ret_array = array;
	array = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_query_array(struct wake_store *store, enum wake_sql sql, const char *value,
    const struct wake_query_column *columns, size_t count, json_t **ret_array, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(value) };

	return wake_query_rows(store, sql, values, value ? 1 : 0, columns, count, ret_array, err);
}
