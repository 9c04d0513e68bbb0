/* SPDX-License-Identifier: MIT */
/* How large the tables of a store are, as the store itself tells. */
#include "store/sizes.h"

#include <stdio.h>
#include <string.h>

int wake_store_table_sizes(struct wake_store *store, struct wake_sizes *ret_sizes, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_SIZE_TABLES, NULL, 0, &rows, err);

	ret_sizes->count = 0;
	ret_sizes->estimated = strcmp(wake_store_driver(store), "sqlite") != 0;
	while (status >= 0 && ret_sizes->count < WAKE_SIZES_MAX && (status = wake_rows_next(rows, err)) == 1) {
		struct wake_table_size *table = &ret_sizes->tables[ret_sizes->count++];

		(void)snprintf(table->name, sizeof(table->name), "%s", wake_rows_text(rows, 0));
		table->rows = wake_rows_is_null(rows, 1) ? -1 : wake_rows_int(rows, 1);
		table->bytes = wake_rows_int(rows, 2);
		table->own_bytes = wake_rows_int(rows, 3);
	}
	return status < 0 ? status : WAKE_OK;
}
