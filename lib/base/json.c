/* SPDX-License-Identifier: MIT */
/* JSON by jansson, with bounds and clear errors. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Of a real number: always right, and always enough. */
#define DIGITS 15
#define DIGITS_MAX 17

/* jansson (2.14) cuts a string short, and says nothing, where it finds no memory for a longer one; so its memory is
 * watched while it reads. What it is given comes from whom it would have come from. */
static json_malloc_t given_malloc;
static bool memory_was_out;

static void *watched_malloc(size_t size)
{
	void *memory = given_malloc(size);

	memory_was_out |= !memory;
	return memory;
}

static json_t *load_watched(const char *text, size_t len, size_t flags, json_error_t *ret_error)
{
	json_free_t given_free;
	json_t *json;

	json_get_alloc_funcs(&given_malloc, &given_free);
	memory_was_out = false;
	json_set_alloc_funcs(watched_malloc, given_free);
	json = json_loadb(text, len, flags, ret_error);
	json_set_alloc_funcs(given_malloc, given_free);
	if (!memory_was_out)
		return json;
	json_decref(json);
	return NULL;
}

static int parse(const char *text, size_t len, size_t flags, json_t **ret_json, struct wake_error *err)
{
	json_error_t error;
	json_t *json = load_watched(text, len, flags, &error);

	if (memory_was_out)
		return wake_fail_nomem(err);
	if (json) {
		*ret_json = json;
		return WAKE_OK;
	}
	/* jansson says nothing where it found no memory to begin with. */
	if (json_error_code(&error) == json_error_out_of_memory || !*error.text)
		return wake_fail_nomem(err);
	if (error.line < 1) /* there was no text to be at a place in */
		return wake_fail(err, WAKE_INVALID, "no JSON: %s", error.text);
	return wake_fail(
	    err, WAKE_INVALID, "no JSON: line %d, column %d: %s", error.line, error.column, error.text);
}

int wake_json_parse(const char *text, size_t len, json_t **ret_json, struct wake_error *err)
{
	return parse(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, ret_json, err);
}

int wake_json_parse_theirs(const char *text, size_t len, json_t **ret_json, struct wake_error *err)
{
	return parse(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, ret_json, err);
}

static int append_chunk(const char *chunk, size_t size, void *context)
{
	struct wake_str *out = context;

	wake_str_append_bytes(out, chunk, size);
	return out->failed ? -1 : 0;
}

/* The fewest digits that bring every number back: 0.1 stays 0.1, and is not written as 0.10000000000000001. */
static int precision_of(const json_t *json, int least)
{
	const char *key;
	json_t *value;
	size_t at;
	char text[64];

	json_array_foreach(json, at, value)
		least = precision_of(value, least);
	json_object_foreach((json_t *)json, key, value)
		least = precision_of(value, least);
	for (; json_is_real(json) && least < DIGITS_MAX; least++) {
		(void)snprintf(text, sizeof(text), "%.*g", least, json_real_value(json));
		if (!(strtod(text, NULL) < json_real_value(json)) && !(strtod(text, NULL) > json_real_value(json)))
			break;
	}
	return least;
}

int wake_json_append(struct wake_str *out, const json_t *json, struct wake_error *err)
{
	size_t before = out->len;
	size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
	               JSON_REAL_PRECISION((size_t)precision_of(json, DIGITS));

	if (json_dump_callback(json, append_chunk, out, flags) == 0)
		return wake_str_check(out, err);
	if (out->data) { /* no half values */
		out->len = before;
		out->data[before] = '\0';
	}
	return out->failed ? wake_str_check(out, err) : wake_fail_nomem(err);
}

const char *wake_json_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t wake_json_int(const json_t *object, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool wake_json_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

int wake_json_set(json_t *object, const char *key, json_t *value, struct wake_error *err)
{
	/* jansson takes the value over even where it fails. */
	if (json_object_set_new(object, key, value) == 0)
		return WAKE_OK;
	if (value && !json_is_object(object))
		return wake_fail(err, WAKE_INVALID, "'%s' can only be set in a JSON object", key);
	return wake_fail_nomem(err);
}

int wake_json_set_string(json_t *object, const char *key, const char *text, struct wake_error *err)
{
	size_t len;

	if (!text)
		return WAKE_OK;
	len = strlen(text);
	if (!wake_text_is_utf8(text, len))
		return wake_fail(err, WAKE_INVALID, "the text of '%s' is not UTF-8", key);
	return wake_json_set(object, key, json_stringn_nocheck(text, len), err);
}

int wake_json_set_int(json_t *object, const char *key, int64_t number, struct wake_error *err)
{
	return wake_json_set(object, key, json_integer(number), err);
}

int wake_json_set_bool(json_t *object, const char *key, bool value, struct wake_error *err)
{
	return wake_json_set(object, key, json_boolean(value), err);
}
