/* SPDX-License-Identifier: MIT */
/* Values, members and items of JSON text, without building it. */
#include "agent/scan.h"

#include <assert.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(const char **at, size_t *left)
{
	while (*left > 0 && is_space(**at)) {
		(*at)++;
		(*left)--;
	}
}

/* Behind the quote that ends the string which begins at at; NULL: it has no end. memchr finds quotes
 * faster than any loop of ours, and what lies in a transcript lies in strings. */
static const char *string_end(const char *at, const char *end)
{
	const char *from = at + 1;

	while (from < end) {
		const char *quote = memchr(from, '"', (size_t)(end - from)), *before = quote;

		if (!quote)
			return NULL;
		while (before > from && before[-1] == '\\')
			before--;
		if ((quote - before) % 2 == 0)
			return quote + 1;
		from = quote + 1; /* it was escaped, and so no backslash before it counts any more */
	}
	return NULL;
}

/* Behind the bracket that closes the one at at; NULL: none does. Which kind closes which is left to the
 * reader of what lies between. */
static const char *bracket_end(const char *at, const char *end)
{
	size_t depth = 0;

	while (at < end) {
		char c = *at;

		if (c == '"') {
			at = string_end(at, end);
			if (!at)
				return NULL;
			continue;
		}
		at++;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && --depth == 0)
			return at;
	}
	return NULL;
}

static bool is_scalar_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' ||
	       c == 'E';
}

static const char *scalar_end(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && is_scalar_char(*at))
		at++;
	return at > from ? at : NULL;
}

bool wake_scan_take(const char **text, size_t *len, struct wake_scan *ret_value)
{
	const char *at = *text, *after, *end;
	size_t left = *len;

	skip_space(&at, &left);
	if (left == 0)
		return false;
	end = at + left;
	if (*at == '"')
		after = string_end(at, end);
	else if (*at == '{' || *at == '[')
		after = bracket_end(at, end);
	else
		after = scalar_end(at, end);
	if (!after)
		return false;
	*ret_value = (struct wake_scan){ at, (size_t)(after - at) };
	*text = after;
	*len = (size_t)(end - after);
	return true;
}

bool wake_scan_is_string(struct wake_scan value)
{
	return value.at && *value.at == '"';
}

bool wake_scan_is_list(struct wake_scan value)
{
	return value.at && *value.at == '[';
}

bool wake_scan_is_object(struct wake_scan value)
{
	return value.at && *value.at == '{';
}

bool wake_scan_is_true(struct wake_scan value)
{
	return value.len == 4 && memcmp(value.at, "true", 4) == 0;
}

bool wake_scan_equals(struct wake_scan value, const char *text)
{
	size_t len = strlen(text);

	return wake_scan_is_string(value) && value.len == len + 2 && memcmp(value.at + 1, text, len) == 0;
}

bool wake_scan_open(struct wake_scan value, struct wake_scan_walk *ret_walk)
{
	if (!wake_scan_is_object(value) && !wake_scan_is_list(value))
		return false;
	*ret_walk = (struct wake_scan_walk){
		.at = value.at + 1, .left = value.len - 2, .is_object = *value.at == '{', .is_first = true
	};
	/* The end was found by counting brackets of both kinds. */
	ret_walk->is_broken = value.at[value.len - 1] != (ret_walk->is_object ? '}' : ']');
	return true;
}

/* Takes the mark that must come now. */
static bool take_mark(struct wake_scan_walk *walk, char mark)
{
	skip_space(&walk->at, &walk->left);
	if (walk->left == 0 || *walk->at != mark)
		return false;
	walk->at++;
	walk->left--;
	return true;
}

bool wake_scan_next(struct wake_scan_walk *walk, struct wake_scan *ret_key, struct wake_scan *ret_value)
{
	struct wake_scan key = { NULL, 0 };

	skip_space(&walk->at, &walk->left);
	if (walk->is_broken || walk->left == 0)
		return false;
	walk->is_broken = !walk->is_first && !take_mark(walk, ',');
	walk->is_first = false;
	if (!walk->is_broken && walk->is_object)
		walk->is_broken = !wake_scan_take(&walk->at, &walk->left, &key) ||
		                  !wake_scan_is_string(key) || !take_mark(walk, ':');
	if (!walk->is_broken)
		walk->is_broken = !wake_scan_take(&walk->at, &walk->left, ret_value);
	*ret_key = key;
	return !walk->is_broken;
}

bool wake_scan_pick(
    struct wake_scan value, const char *const *names, size_t count, struct wake_scan *ret_values)
{
	struct wake_scan_walk walk;
	struct wake_scan key, found;
	size_t lens[WAKE_SCAN_PICK_MAX];

	assert(count <= WAKE_SCAN_PICK_MAX);
	for (size_t i = 0; i < count; i++) {
		ret_values[i] = (struct wake_scan){ NULL, 0 };
		lens[i] = strlen(names[i]);
	}
	if (!wake_scan_is_object(value) || !wake_scan_open(value, &walk))
		return false;
	while (wake_scan_next(&walk, &key, &found)) {
		for (size_t i = 0; i < count; i++) {
			if (key.len == lens[i] + 2 && memcmp(key.at + 1, names[i], lens[i]) == 0)
				ret_values[i] = found;
		}
	}
	return !walk.is_broken;
}

struct wake_scan wake_scan_member(struct wake_scan value, const char *name)
{
	struct wake_scan found;

	if (!wake_scan_pick(value, &name, 1, &found))
		return (struct wake_scan){ NULL, 0 };
	return found;
}

struct wake_scan wake_scan_first(struct wake_scan value, const char *name)
{
	struct wake_scan_walk walk;
	struct wake_scan key, found;

	if (wake_scan_is_object(value) && wake_scan_open(value, &walk)) {
		while (wake_scan_next(&walk, &key, &found)) {
			if (wake_scan_equals(key, name))
				return found;
		}
	}
	return (struct wake_scan){ NULL, 0 };
}
