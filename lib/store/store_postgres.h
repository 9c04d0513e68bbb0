/* SPDX-License-Identifier: MIT */
/* Between the files of the PostgreSQL driver, and what store.c asks of it. Private to this room. */
#ifndef WAKE_STORE_POSTGRES_H
#define WAKE_STORE_POSTGRES_H

#include <stddef.h>

#include "base/str.h"
#include "store/store_driver.h"

/* url: a postgresql:// or postgres:// URI, as libpq reads it. */
int wake_store_postgres_open(
    const char *url, struct wake_store **ret_store, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- values: as the server reads and writes them in text ---------------------------------------- */

#define WAKE_POSTGRES_NUMBER_SIZE 32 /* bytes: a time, a number or an amount, with its NUL */

/* The text of a value, in buffer or borrowed from the value; NULL: null. */
const char *wake_postgres_value_text(const struct wake_value *value, char buffer[WAKE_POSTGRES_NUMBER_SIZE]);

/* Appends one column of many rows as an array's text: {"a","b",null}. columns: how many values lie between
 * two of the column. */
void wake_postgres_array_append(
    struct wake_str *out, const struct wake_value *values, size_t columns, size_t rows);

/* Dollars, such as 12.5 or -0.000001, in micro-dollars; what is smaller is cut off, what is too large
 * clamped. */
int64_t wake_postgres_money(const char *text);

enum wake_postgres_type { /* of a result's column, as far as its text differs from ours */
	WAKE_POSTGRES_AS_IT_IS,
	WAKE_POSTGRES_BOOLEAN,
	WAKE_POSTGRES_TIME,
	WAKE_POSTGRES_JSON,
};
enum wake_postgres_type wake_postgres_type_of(unsigned oid);

/* A column's text in the form that wake_rows_text promises. out is cleared first. ret_json: the value, of JSON that we
 * can read, else NULL. owned: json_decref */
int wake_postgres_text_append(struct wake_str *out, enum wake_postgres_type type, const char *text,
    json_t **ret_json, struct wake_error *err) WAKE_MUST_CHECK;

#endif
