/* SPDX-License-Identifier: MIT */
/* Hands each call of store.h to the driver of the store that it is about. */
#include <string.h>

#include "base/clock.h"
#include "store/store_driver.h"

void wake_store_close(struct wake_store *store)
{
	if (store)
		store->driver->close(store);
}

const char *wake_store_driver(const struct wake_store *store)
{
	return store->driver->name;
}

int wake_store_begin(struct wake_store *store, struct wake_error *err)
{
	return store->driver->begin(store, err);
}

int wake_store_begin_rehearsal(struct wake_store *store, struct wake_error *err)
{
	return store->driver->begin_rehearsal ? store->driver->begin_rehearsal(store, err)
	                                      : store->driver->begin(store, err);
}

int wake_store_commit(struct wake_store *store, struct wake_error *err)
{
	return store->driver->commit(store, err);
}

void wake_store_rollback(struct wake_store *store)
{
	store->driver->rollback(store);
}

bool wake_store_may_retry(const struct wake_store *store)
{
	return store->driver->may_retry && store->driver->may_retry(store);
}

int wake_store_run(struct wake_store *store, enum wake_sql sql, const struct wake_value *values, size_t count,
    int64_t *ret_changed, struct wake_error *err)
{
	return store->driver->run(store, sql, values, count, ret_changed, err);
}

int wake_store_has(struct wake_store *store, enum wake_sql sql, bool *ret_has, struct wake_error *err)
{
	if (store->driver->has)
		return store->driver->has(store, sql, ret_has, err);
	*ret_has = true;
	return WAKE_OK;
}

int wake_store_insert(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t columns, size_t rows, bool *ret_new, struct wake_error *err)
{
	int status = WAKE_OK;

	if (store->driver->insert)
		return store->driver->insert(store, sql, values, columns, rows, ret_new, err);
	for (size_t row = 0; status == WAKE_OK && row < rows; row++) {
		int64_t changed = 0;

		status = wake_store_run(store, sql, values + row * columns, columns, &changed, err);
		ret_new[row] = changed > 0;
	}
	return status;
}

bool wake_store_asks_ahead(const struct wake_store *store)
{
	return store->driver->asks_ahead;
}

int wake_store_query(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, struct wake_rows **ret_rows, struct wake_error *err)
{
	return store->driver->query(store, sql, values, count, ret_rows, err);
}

int wake_store_exec_script(struct wake_store *store, const char *text, struct wake_error *err)
{
	return store->driver->exec_script(store, text, err);
}

int wake_store_prepare_migration(struct wake_store *store, struct wake_error *err)
{
	return store->driver->prepare_migration ? store->driver->prepare_migration(store, err) : WAKE_OK;
}

int wake_store_check_all(struct wake_store *store, struct wake_error *err)
{
	return store->driver->check_all(store, err);
}

int wake_store_sizes(struct wake_store *store, int64_t *ret_bytes, int64_t *ret_free, struct wake_error *err)
{
	return store->driver->sizes(store, ret_bytes, ret_free, err);
}

int wake_store_backup(struct wake_store *store, const char *path, struct wake_error *err)
{
	return store->driver->backup(store, path, err);
}

/* ---- rows ------------------------------------------------------------------------------------- */

int wake_rows_next(struct wake_rows *rows, struct wake_error *err)
{
	return rows->driver->rows_next(rows, err);
}

void wake_rows_free(struct wake_rows *rows)
{
	if (rows)
		rows->driver->rows_free(rows);
}

size_t wake_rows_columns(const struct wake_rows *rows)
{
	return rows->driver->rows_columns(rows);
}

const char *wake_rows_name(const struct wake_rows *rows, size_t column)
{
	return rows->driver->rows_name(rows, column);
}

bool wake_rows_is_null(const struct wake_rows *rows, size_t column)
{
	return rows->driver->rows_is_null(rows, column);
}

int64_t wake_rows_int(const struct wake_rows *rows, size_t column)
{
	return rows->driver->rows_int(rows, column);
}

const char *wake_rows_text(const struct wake_rows *rows, size_t column)
{
	return rows->driver->rows_text(rows, column);
}

int64_t wake_rows_time(const struct wake_rows *rows, size_t column)
{
	const char *text = wake_rows_text(rows, column);
	struct wake_error ignored;
	int64_t at;

	return text && wake_time_parse(text, &at, &ignored) == WAKE_OK ? at : WAKE_TIME_NONE;
}

int64_t wake_rows_money(const struct wake_rows *rows, size_t column)
{
	return rows->driver->rows_money(rows, column);
}

int wake_rows_json(const struct wake_rows *rows, size_t column, json_t **ret_json, struct wake_error *err)
{
	json_t *parsed = rows->driver->rows_parsed ? rows->driver->rows_parsed(rows, column) : NULL;
	const char *text;

	if (parsed) {
		*ret_json = json_incref(parsed);
		return WAKE_OK;
	}
	text = wake_rows_text(rows, column);
	return wake_json_parse(text, strlen(text), ret_json, err);
}
