/* SPDX-License-Identifier: MIT */
/* Values as PostgreSQL reads and writes them in text, and as a store gives them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "store/store_postgres.h"

#define DOLLAR INT64_C(1000000)              /* micro-dollars */
#define DOLLARS_MAX (INT64_MAX / DOLLAR - 1) /* more is no cost of a run */

/* Types of the server's own catalogue: their numbers are part of the protocol. */
#define OID_BOOL 16
#define OID_JSON 114
#define OID_TIMESTAMPTZ 1184
#define OID_JSONB 3802

const char *wake_postgres_value_text(const struct wake_value *value, char buffer[WAKE_POSTGRES_NUMBER_SIZE])
{
	uint64_t size = value->number < 0 ? -(uint64_t)value->number : (uint64_t)value->number;

	switch (value->kind) {
	case WAKE_VALUE_NULL:
		return NULL;
	case WAKE_VALUE_BOOL:
		return value->number ? "t" : "f";
	case WAKE_VALUE_INT:
		(void)snprintf(buffer, WAKE_POSTGRES_NUMBER_SIZE, "%" PRId64, value->number);
		return buffer;
	case WAKE_VALUE_TEXT:
	case WAKE_VALUE_JSON:
		return value->text;
	case WAKE_VALUE_TIME:
		if (value->number == WAKE_TIME_NONE)
			return NULL;
		wake_time_format(value->number, buffer);
		return buffer;
	case WAKE_VALUE_MONEY:
		(void)snprintf(buffer, WAKE_POSTGRES_NUMBER_SIZE, "%s%" PRIu64 ".%06" PRIu64,
		    value->number < 0 ? "-" : "", size / (uint64_t)DOLLAR, size % (uint64_t)DOLLAR);
		return buffer;
	}
	return NULL;
}

static void append_element(struct wake_str *out, const char *text)
{
	wake_str_append_char(out, '"');
	while (*text) {
		size_t plain = strcspn(text, "\"\\");

		wake_str_append_bytes(out, text, plain);
		text += plain;
		if (*text) {
			wake_str_append_char(out, '\\');
			wake_str_append_char(out, *text++);
		}
	}
	wake_str_append_char(out, '"');
}

void wake_postgres_array_append(
    struct wake_str *out, const struct wake_value *values, size_t columns, size_t rows)
{
	char buffer[WAKE_POSTGRES_NUMBER_SIZE];

	wake_str_append_char(out, '{');
	for (size_t row = 0; row < rows; row++) {
		const char *text = wake_postgres_value_text(&values[row * columns], buffer);

		if (row > 0)
			wake_str_append_char(out, ',');
		if (text)
			append_element(out, text);
		else
			wake_str_append(out, "null");
	}
	wake_str_append_char(out, '}');
}

int64_t wake_postgres_money(const char *text)
{
	bool negative = *text == '-';
	int64_t dollars = 0, micro = 0, unit = DOLLAR;

	for (text += negative; *text >= '0' && *text <= '9'; text++)
		dollars = dollars > DOLLARS_MAX / 10 ? DOLLARS_MAX : dollars * 10 + (*text - '0');
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9' && unit > 1; text++) {
			unit /= 10;
			micro += (*text - '0') * unit;
		}
	}
	if (dollars > DOLLARS_MAX)
		dollars = DOLLARS_MAX;
	return negative ? -(dollars * DOLLAR + micro) : dollars * DOLLAR + micro;
}

enum wake_postgres_type wake_postgres_type_of(unsigned oid)
{
	switch (oid) {
	case OID_BOOL:
		return WAKE_POSTGRES_BOOLEAN;
	case OID_TIMESTAMPTZ:
		return WAKE_POSTGRES_TIME;
	case OID_JSON:
	case OID_JSONB:
		return WAKE_POSTGRES_JSON;
	default:
		return WAKE_POSTGRES_AS_IT_IS;
	}
}

/* "2026-11-22 16:50:18.5+00", with the connection in UTC; "infinity", or years that RFC 3339 has not. */
static int append_time(struct wake_str *out, const char *text, struct wake_error *err)
{
	char form[WAKE_TIME_SIZE];
	size_t len = strlen(text);

	/* Its fraction has no zeros at the end, and where there is none no point. */
	if (len >= 22 && len < WAKE_TIME_SIZE + 2 && text[10] == ' ' && strcmp(text + len - 3, "+00") == 0) {
		memcpy(form, "0000-00-00T00:00:00.000000Z", WAKE_TIME_SIZE);
		memcpy(form, text, 10);
		memcpy(form + 11, text + 11, len - 14);
		if (!wake_time_is_shown_so(form))
			return wake_fail(err, WAKE_CORRUPT, "the store gave the time '%s'", text);
	} else {
		wake_time_format(text[0] == '-' || strstr(text, "BC") ? INT64_MIN : INT64_MAX, form);
	}
	wake_str_append(out, form);
	return wake_str_check(out, err);
}

/* The server has its own order of keys. A number that is beyond ours stays as it is. */
static int append_json(struct wake_str *out, const char *text, json_t **ret_json, struct wake_error *err)
{
	wake_auto_json json_t *json = NULL;
	int status = wake_json_parse(text, strlen(text), &json, err);

	if (status == WAKE_OK)
		status = wake_json_append(out, json, err);
	if (status == WAKE_INVALID) {
		wake_str_append(out, text);
		status = wake_str_check(out, err);
	}
	if (status != WAKE_OK)
		return status;
	*ret_json = json;
	json = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_postgres_text_append(struct wake_str *out, enum wake_postgres_type type, const char *text,
    json_t **ret_json, struct wake_error *err)
{
	wake_str_clear(out);
	*ret_json = NULL;
	switch (type) {
	case WAKE_POSTGRES_BOOLEAN:
		wake_str_append(out, *text == 't' ? "1" : "0");
		break;
	case WAKE_POSTGRES_TIME:
		return append_time(out, text, err);
	case WAKE_POSTGRES_JSON:
		return append_json(out, text, ret_json, err);
	case WAKE_POSTGRES_AS_IT_IS:
		wake_str_append(out, text);
		break;
	}
	return wake_str_check(out, err);
}
