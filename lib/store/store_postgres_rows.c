/* SPDX-License-Identifier: MIT */
/* The rows of a result of PostgreSQL, in the form that store.h promises. */
#include <stdlib.h>

#include "base/json.h"
#include "store/store_postgres_link.h"

#define CELL_MAX (512u * 1024 * 1024) /* bytes */

struct cell {
	enum wake_postgres_type type;
	struct wake_str text; /* of the current row, where it is not the server's own */
	json_t *json;         /* owned: its value, of JSON that we can read */
};

struct postgres_rows {
	struct wake_rows base;    /* first */
	struct wake_store *store; /* borrowed */
	PGresult *result;         /* NULL: not answered yet */
	int row;
	size_t columns;
	struct cell *cells;
};

int wake_postgres_rows_make(struct wake_store *store, struct wake_rows **ret_rows, struct wake_error *err)
{
	struct postgres_rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		return wake_fail_nomem(err);
	rows->base.driver = store->driver;
	rows->store = store;
	rows->row = -1;
	*ret_rows = &rows->base;
	return WAKE_OK;
}

int wake_postgres_rows_fill(struct wake_rows *base, PGresult *result, struct wake_error *err)
{
	struct postgres_rows *rows = (struct postgres_rows *)base;

	rows->result = result;
	rows->columns = (size_t)PQnfields(result);
	rows->cells = calloc(rows->columns + 1, sizeof(rows->cells[0]));
	if (!rows->cells) {
		rows->columns = 0;
		return wake_fail_nomem(err);
	}
	for (size_t i = 0; i < rows->columns; i++) {
		rows->cells[i].type = wake_postgres_type_of(PQftype(result, (int)i));
		rows->cells[i].text.max = CELL_MAX;
	}
	return WAKE_OK;
}

struct wake_store *wake_postgres_rows_wait_for(const struct wake_rows *base)
{
	const struct postgres_rows *rows = (const struct postgres_rows *)base;

	return rows->result ? NULL : rows->store;
}

int wake_postgres_rows_next(struct wake_rows *base, struct wake_error *err)
{
	struct postgres_rows *rows = (struct postgres_rows *)base;

	if (rows->row + 1 >= PQntuples(rows->result))
		return 0;
	rows->row++;
	for (size_t i = 0; i < rows->columns; i++) {
		struct cell *cell = &rows->cells[i];
		int status;

		if (cell->type == WAKE_POSTGRES_AS_IT_IS || PQgetisnull(rows->result, rows->row, (int)i))
			continue;
		json_decref(cell->json);
		status = wake_postgres_text_append(
		    &cell->text, cell->type, PQgetvalue(rows->result, rows->row, (int)i), &cell->json, err);
		if (status != WAKE_OK)
			return status;
	}
	return 1;
}

void wake_postgres_rows_free(struct wake_rows *base)
{
	struct postgres_rows *rows = (struct postgres_rows *)base;

	for (size_t i = 0; i < rows->columns; i++) {
		wake_str_release(&rows->cells[i].text);
		json_decref(rows->cells[i].json);
	}
	free(rows->cells);
	PQclear(rows->result);
	free(rows);
}

size_t wake_postgres_rows_columns(const struct wake_rows *base)
{
	return ((const struct postgres_rows *)base)->columns;
}

const char *wake_postgres_rows_name(const struct wake_rows *base, size_t column)
{
	return PQfname(((const struct postgres_rows *)base)->result, (int)column);
}

bool wake_postgres_rows_is_null(const struct wake_rows *base, size_t column)
{
	const struct postgres_rows *rows = (const struct postgres_rows *)base;

	return PQgetisnull(rows->result, rows->row, (int)column) != 0;
}

const char *wake_postgres_rows_text(const struct wake_rows *base, size_t column)
{
	const struct postgres_rows *rows = (const struct postgres_rows *)base;

	if (wake_postgres_rows_is_null(base, column))
		return NULL;
	return rows->cells[column].type == WAKE_POSTGRES_AS_IT_IS
	           ? PQgetvalue(rows->result, rows->row, (int)column)
	           : wake_str_text(&rows->cells[column].text);
}

json_t *wake_postgres_rows_parsed(const struct wake_rows *base, size_t column)
{
	return ((const struct postgres_rows *)base)->cells[column].json;
}

int64_t wake_postgres_rows_int(const struct wake_rows *base, size_t column)
{
	const char *text = wake_postgres_rows_text(base, column);

	return text ? strtoll(text, NULL, 10) : 0;
}

int64_t wake_postgres_rows_money(const struct wake_rows *base, size_t column)
{
	const char *text = wake_postgres_rows_text(base, column);

	return text ? wake_postgres_money(text) : 0;
}

int wake_postgres_mark_new(const PGresult *result, const struct wake_value *values, size_t columns,
    size_t rows, bool *ret_new, struct wake_error *err)
{
	wake_auto_json json_t *keys = json_object();

	if (!keys)
		return wake_fail_nomem(err);
	for (int i = 0; i < PQntuples(result); i++) {
		if (json_object_set_new(keys, PQgetvalue(result, i, 0), json_true()) < 0)
			return wake_fail_nomem(err);
	}
	/* A key that comes twice is new once. */
	for (size_t row = 0; row < rows; row++)
		ret_new[row] = json_object_del(keys, values[row * columns].text) == 0;
	return WAKE_OK;
}
