/* SPDX-License-Identifier: MIT */
/* runwake db status: how large the tables and the kept contents are. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/db.h"
#include "cli/table.h"

void wake_db_sizes_read(struct wake_store *store, struct wake_db_sizes *ret_sizes)
{
	struct wake_error ignored;

	if (wake_store_table_sizes(store, &ret_sizes->tables, &ignored) < 0)
		ret_sizes->tables.count = 0;
}

static json_t *table_json(const struct wake_table_size *table)
{
	json_t *object = json_pack("{s:s,s:I,s:I}", "table", table->name, "bytes", (json_int_t)table->bytes,
	    "bytes_of_rows", (json_int_t)table->own_bytes);

	if (object && json_object_set_new(object, "rows",
	                  table->rows < 0 ? json_null() : json_integer((json_int_t)table->rows)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int wake_db_sizes_add(const struct wake_db_sizes *sizes, json_t *document)
{
	wake_auto_json json_t *tables = json_array();

	for (size_t i = 0; tables && i < sizes->tables.count; i++) {
		if (json_array_append_new(tables, table_json(&sizes->tables.tables[i])) < 0)
			return -1;
	}
	if (json_object_set_new(document, "kept_bytes", json_integer((json_int_t)sizes->kept)) < 0 ||
	    json_object_set_new(document, "rows_estimated", json_boolean(sizes->tables.estimated)) < 0)
		return -1;
	return json_object_set(document, "tables", tables);
}

static int add_row(struct wake_table *lines, const struct wake_table_size *table, struct wake_error *err)
{
	char rows[32] = "?", bytes[32], own[32];
	int ret = wake_table_add(lines, WAKE_STYLE_PLAIN, table->name, err);

	if (table->rows >= 0)
		(void)snprintf(rows, sizeof(rows), "%" PRId64, table->rows);
	(void)snprintf(bytes, sizeof(bytes), "%" PRId64, table->bytes);
	(void)snprintf(own, sizeof(own), "%" PRId64, table->own_bytes);
	if (ret == WAKE_OK)
		ret = wake_table_add(lines, WAKE_STYLE_PLAIN, rows, err);
	if (ret == WAKE_OK)
		ret = wake_table_add(lines, WAKE_STYLE_PLAIN, bytes, err);
	return ret == WAKE_OK ? wake_table_add(lines, WAKE_STYLE_PLAIN, own, err) : ret;
}

int wake_db_sizes_print(const struct wake_db_sizes *sizes, struct wake_error *err)
{
	const struct wake_column columns[] = { { .title = "TABLE" },
		{ .title = sizes->tables.estimated ? "ROWS, ABOUT" : "ROWS", .right = true },
		{ .title = "BYTES", .right = true }, { .title = "OF ITS ROWS", .right = true } };
	wake_auto_table struct wake_table lines = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	int ret = WAKE_OK;

	if (sizes->tables.count == 0)
		return WAKE_OK;
	for (size_t i = 0; i < sizes->tables.count && ret == WAKE_OK; i++)
		ret = add_row(&lines, &sizes->tables.tables[i], err);
	return ret == WAKE_OK ? wake_table_print(&lines, 0, err) : ret;
}
