/* SPDX-License-Identifier: MIT */
/* Is an event's data what the table of its type allows? */
#include "event/event_types.h"

#include <string.h>

#include "base/clock.h"
#include "event/marker.h"
#include "event/worktree.h"

#define OPEN_DEPTH_MAX 16 /* nested objects and lists in members of any shape */
#define VALUE_COST 24     /* bytes of a number, or of quotes and separators: never too few */

size_t wake_event_escaped_size(const char *text, size_t len)
{
	size_t total = len;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '"' || c == '\\' || (c && strchr("\b\f\n\r\t", c)))
			total += 1;
		else if ((unsigned char)c < 0x20)
			total += 5;
	}
	return total;
}

/* Takes the bytes of text and punct more off budget; false when that is too small. */
static bool pay(const char *text, size_t len, size_t punct, size_t *budget)
{
	size_t cost = wake_event_escaped_size(text, len) + punct;

	if (cost > *budget)
		return false;
	*budget -= cost;
	return true;
}

/* Also data made in memory must be without NUL: what is read and the stores refuse it. */
static bool is_whole(const json_t *value)
{
	return !json_is_string(value) || strlen(json_string_value(value)) == json_string_length(value);
}

/* Takes the bytes of value off budget; false when they are more, or nested too deeply. */
static bool fits(const json_t *value, int depth, size_t *budget)
{
	const char *key;
	json_t *member;
	size_t index;

	if (depth > OPEN_DEPTH_MAX || !is_whole(value) ||
	    !pay(json_string_value(value), json_string_length(value), VALUE_COST, budget))
		return false;
	json_array_foreach(value, index, member)
	{
		if (!fits(member, depth + 1, budget))
			return false;
	}
	json_object_foreach((json_t *)value, key, member)
	{
		if (!pay(key, strlen(key), 0, budget) || !fits(member, depth + 1, budget))
			return false;
	}
	return true;
}

bool wake_event_is_id(const char *text)
{
	return text && wake_id_is_uuid(text) && !strpbrk(text, "ABCDEF");
}

static bool is_word(const char *text, const char *const *words)
{
	for (; text && *words; words++) {
		if (strcmp(text, *words) == 0)
			return true;
	}
	return false;
}

static bool is_run_id(const char *text)
{
	struct wake_error ignored;

	return text && wake_run_id_check(text, &ignored) == WAKE_OK;
}

static bool is_time(const char *text)
{
	struct wake_error ignored;
	int64_t at;

	return text && wake_time_parse(text, &at, &ignored) == WAKE_OK;
}

static bool has_characters(const char *text, size_t max)
{
	size_t count = 0;

	for (; text && *text && count <= max; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return text && count <= max;
}

static bool is_hash(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && is_whole(value) && wake_hash_is_valid(text);
}

static bool is_pairs(const json_t *list, size_t max)
{
	json_t *pair;
	size_t index;

	if (!json_is_array(list) || json_array_size(list) > max)
		return false;
	json_array_foreach(list, index, pair)
	{
		if (json_array_size(pair) != 2 || !is_hash(json_array_get(pair, 0)) ||
		    !is_hash(json_array_get(pair, 1)))
			return false;
	}
	return true;
}

/* A list of at most max texts, each as is_item says. */
static bool is_list(const json_t *list, size_t max, bool (*is_item)(const char *text))
{
	size_t index;
	json_t *item;

	if (!json_is_array(list) || json_array_size(list) > max)
		return false;
	json_array_foreach(list, index, item)
	{
		if (!is_item(json_string_value(item)))
			return false;
	}
	return true;
}

static bool is_path(const char *text)
{
	return text && *text && strlen(text) <= WAKE_EVENT_PATH_MAX;
}

static bool is_objects(const json_t *list, size_t max)
{
	size_t budget = WAKE_EVENT_LARGEST, index;
	json_t *item;

	if (!json_is_array(list) || json_array_size(list) > max || !fits(list, 0, &budget))
		return false;
	json_array_foreach(list, index, item)
	{
		if (!json_is_object(item))
			return false;
	}
	return true;
}

static bool is_object(const json_t *object, size_t max)
{
	return json_is_object(object) && fits(object, 0, &max);
}

static bool is_text(const json_t *value, size_t max)
{
	return json_is_string(value) && json_string_length(value) <= max;
}

static bool is_count(const json_t *value, size_t max)
{
	json_int_t number = json_integer_value(value);

	return json_is_integer(value) && number >= 0 && (max == 0 || (size_t)number <= max);
}

static bool is_allowed(const struct wake_event_member *member, const json_t *value)
{
	const char *text = json_string_value(value);

	switch (member->kind) {
	case WAKE_MEMBER_ID:
		return wake_event_is_id(text);
	case WAKE_MEMBER_HASH:
		return is_hash(value);
	case WAKE_MEMBER_RUN_ID:
		return is_run_id(text);
	case WAKE_MEMBER_WORD:
		return is_word(text, member->words);
	case WAKE_MEMBER_TEXT:
		return is_text(value, member->max);
	case WAKE_MEMBER_CHARS:
		return has_characters(text, member->max);
	case WAKE_MEMBER_TIME:
		return is_time(text);
	case WAKE_MEMBER_NUMBER:
		return json_is_integer(value);
	case WAKE_MEMBER_COUNT:
		return is_count(value, member->max);
	case WAKE_MEMBER_BOOL:
		return json_is_boolean(value);
	case WAKE_MEMBER_IDS:
		return is_list(value, member->max, wake_event_is_id);
	case WAKE_MEMBER_RUN_IDS:
		return is_list(value, member->max, is_run_id);
	case WAKE_MEMBER_PATHS:
		return is_list(value, member->max, is_path);
	case WAKE_MEMBER_PAIRS:
		return is_pairs(value, member->max);
	case WAKE_MEMBER_ITEMS:
		return json_is_array(value) && json_array_size(value) <= member->max;
	case WAKE_MEMBER_OBJECTS:
		return is_objects(value, member->max);
	case WAKE_MEMBER_OBJECT:
		return is_object(value, member->max);
	}
	return false;
}

/* What a member should have been, for a person. */
static const char *kind_name(enum wake_member_kind kind)
{
	static const char *const names[] = {
		[WAKE_MEMBER_ID] = "a lower-case UUID",
		[WAKE_MEMBER_HASH] = "a commit hash (40 or 64 lower-case hex digits)",
		[WAKE_MEMBER_RUN_ID] = "a run id",
		[WAKE_MEMBER_WORD] = "one of its words",
		[WAKE_MEMBER_TEXT] = "a text within its maximum",
		[WAKE_MEMBER_CHARS] = "a text within its maximum",
		[WAKE_MEMBER_TIME] = "a time (RFC 3339)",
		[WAKE_MEMBER_NUMBER] = "an integer",
		[WAKE_MEMBER_COUNT] = "an integer of 0 or more, within its maximum",
		[WAKE_MEMBER_BOOL] = "true or false",
		[WAKE_MEMBER_IDS] = "a list of lower-case UUIDs within its maximum",
		[WAKE_MEMBER_RUN_IDS] = "a list of run ids within its maximum",
		[WAKE_MEMBER_PATHS] = "a list of paths within its maximum",
		[WAKE_MEMBER_PAIRS] = "a list of pairs of hashes within its maximum",
		[WAKE_MEMBER_ITEMS] = "a list within its maximum",
		[WAKE_MEMBER_OBJECTS] = "a list of objects within its maximum",
		[WAKE_MEMBER_OBJECT] = "an object within its maximum",
	};

	return names[kind];
}

static const struct wake_event_member *find(const struct wake_event_member *members, const char *name)
{
	for (; members->name; members++) {
		if (strcmp(members->name, name) == 0)
			return members;
	}
	return NULL;
}

static int check_object(
    const char *type, const struct wake_event_member *members, const json_t *object, struct wake_error *err);

static int check_items(
    const char *type, const struct wake_event_member *member, const json_t *list, struct wake_error *err)
{
	json_t *item;
	size_t index;

	json_array_foreach(list, index, item)
	{
		int ret = check_object(type, member->members, item, err);

		if (ret < 0)
			return wake_error_prefix(err, "item %zu of '%s'", index + 1, member->name);
	}
	return WAKE_OK;
}

static int check_object(
    const char *type, const struct wake_event_member *members, const json_t *object, struct wake_error *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return wake_fail(err, WAKE_INVALID, "event '%s': its data is no object", type);
	for (const struct wake_event_member *each = members; each->name; each++) {
		if (each->required && !json_object_get(object, each->name))
			return wake_fail(err, WAKE_INVALID, "event '%s': '%s' is missing", type, each->name);
	}
	json_object_foreach((json_t *)object, key, value)
	{
		const struct wake_event_member *member = find(members, key);
		int ret = WAKE_OK;

		if (!member)
			return wake_fail(err, WAKE_INVALID, "event '%s': '%.64s' is unknown", type, key);
		if (!is_whole(value) || !is_allowed(member, value))
			return wake_fail(err, WAKE_INVALID, "event '%s': '%s' is not %s", type, key,
			    kind_name(member->kind));
		if (member->kind == WAKE_MEMBER_ITEMS)
			ret = check_items(type, member, value, err);
		if (ret < 0)
			return ret;
	}
	return WAKE_OK;
}

int wake_event_check(enum wake_event_type type, const json_t *data, struct wake_error *err)
{
	const struct wake_event_shape *shape;

	if ((unsigned)type >= WAKE_EVENT_TYPE_COUNT)
		return wake_fail(err, WAKE_INVALID, "event type %d is unknown", (int)type);
	shape = &wake_event_shapes[type];
	return check_object(shape->name, shape->members, data, err);
}
