/* SPDX-License-Identifier: MIT */
/* JSON by jansson, with bounds and clear errors. */
#ifndef WAKE_JSON_H
#define WAKE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

static inline void wake_json_release(json_t **json)
{
	json_decref(*json);
}

#define wake_auto_json WAKE_CLEANUP(wake_json_release)

/* One JSON value and nothing after it. Duplicate keys, NUL in strings, lone surrogates and numbers
 * beyond 64 bits are WAKE_INVALID; the text names line and column. owned: json_decref. */
int wake_json_parse(const char *text, size_t len, json_t **ret_json, struct wake_error *err)
    WAKE_MUST_CHECK;

/* The same of what another program wrote and reads: of members of one name the last counts, and a value may hold
 * NUL. */
int wake_json_parse_theirs(const char *text, size_t len, json_t **ret_json, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Compact, keys sorted, UTF-8 as it is, real numbers with as few digits as bring all of them back: the same value
 * gives the same bytes. */
int wake_json_append(struct wake_str *out, const json_t *json, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Members of an object: NULL, fallback or false where the key is missing or of another type. */
const char *wake_json_string(const json_t *object, const char *key); /* borrowed from object */
int64_t wake_json_int(const json_t *object, const char *key, int64_t fallback);
bool wake_json_true(const json_t *object, const char *key);

/* Sets a member; text NULL sets nothing. The text must be UTF-8 without NUL (WAKE_INVALID). */
int wake_json_set_string(json_t *object, const char *key, const char *text, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_json_set_int(json_t *object, const char *key, int64_t number, struct wake_error *err)
    WAKE_MUST_CHECK;
int wake_json_set_bool(json_t *object, const char *key, bool value, struct wake_error *err)
    WAKE_MUST_CHECK;
/* Takes ownership of value, also on failure; value NULL is WAKE_NOMEM. */
int wake_json_set(json_t *object, const char *key, json_t *value, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
