/* SPDX-License-Identifier: MIT */
/* What a driver brings: store.h's functions, one by one, behind a table. A driver's own structs begin with
 * struct wake_store and struct wake_rows. Private to this room. */
#ifndef WAKE_STORE_DRIVER_H
#define WAKE_STORE_DRIVER_H

#include "store/store.h"

struct wake_store_driver {
	const char *name;
	bool asks_ahead;
	void (*close)(struct wake_store *store);
	int (*begin)(struct wake_store *store, struct wake_error *err);
	/* NULL: as begin. */
	int (*begin_rehearsal)(struct wake_store *store, struct wake_error *err);
	int (*commit)(struct wake_store *store, struct wake_error *err);
	void (*rollback)(struct wake_store *store);
	/* NULL: never worth it. */
	bool (*may_retry)(const struct wake_store *store);
	int (*run)(struct wake_store *store, enum wake_sql sql, const struct wake_value *values, size_t count,
	    int64_t *ret_changed, struct wake_error *err);
	/* NULL: always, since all tables are our own. */
	int (*has)(struct wake_store *store, enum wake_sql sql, bool *ret_has, struct wake_error *err);
	/* NULL: one wake_store_run a row. */
	int (*insert)(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
	    size_t columns, size_t rows, bool *ret_new, struct wake_error *err);
	int (*query)(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
	    size_t count, struct wake_rows **ret_rows, struct wake_error *err);
	int (*exec_script)(struct wake_store *store, const char *text, struct wake_error *err);
	/* Before the first migration: makes what begin needs. NULL: nothing. */
	int (*prepare_migration)(struct wake_store *store, struct wake_error *err);
	int (*check_all)(struct wake_store *store, struct wake_error *err);
	int (*sizes)(struct wake_store *store, int64_t *ret_bytes, int64_t *ret_free, struct wake_error *err);
	int (*backup)(struct wake_store *store, const char *path, struct wake_error *err);

	int (*rows_next)(struct wake_rows *rows, struct wake_error *err);
	void (*rows_free)(struct wake_rows *rows);
	size_t (*rows_columns)(const struct wake_rows *rows);
	const char *(*rows_name)(const struct wake_rows *rows, size_t column);
	bool (*rows_is_null)(const struct wake_rows *rows, size_t column);
	int64_t (*rows_int)(const struct wake_rows *rows, size_t column);
	const char *(*rows_text)(const struct wake_rows *rows, size_t column); /* times as RFC 3339 */
	int64_t (*rows_money)(const struct wake_rows *rows, size_t column);
	/* A value that the driver has parsed already, or NULL. borrowed. NULL for the whole: never. */
	json_t *(*rows_parsed)(const struct wake_rows *rows, size_t column);
};

struct wake_store {
	const struct wake_store_driver *driver;
};

struct wake_rows {
	const struct wake_store_driver *driver;
};

#endif
