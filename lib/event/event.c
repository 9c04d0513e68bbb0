/* SPDX-License-Identifier: MIT */
/* Events: making, writing, reading, and lists of them. */
#include "event/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "base/text.h"
#include "event/event_types.h"

#define HOST_MAX (WAKE_HOST_SIZE - 1)
#define ELLIPSIS "…"

const char *wake_event_type_name(enum wake_event_type type)
{
	return (unsigned)type < WAKE_EVENT_TYPE_COUNT ? wake_event_shapes[type].name : "unknown";
}

static int set_id(struct wake_event *event, const char *id, struct wake_error *err)
{
	if (!id) {
		wake_id_v7(event->id);
		return WAKE_OK;
	}
	if (!wake_event_is_id(id))
		return wake_fail(err, WAKE_INVALID, "an event's id is not a lower-case UUID: '%.64s'", id);
	memcpy(event->id, id, sizeof(event->id));
	return WAKE_OK;
}

int wake_event_make(enum wake_event_type type, const char *id, int64_t at, json_t *data,
    struct wake_event *ret_event, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { .type = type, .data = data };
	char host[WAKE_HOST_SIZE];
	int ret;

	if (!data)
		return wake_fail_nomem(err);
	ret = wake_event_check(type, data, err);
	if (ret == WAKE_OK)
		ret = set_id(&event, id, err);
	if (ret < 0)
		return ret;
	event.at = at ? at : wake_clock_now();
	wake_process_host(host);
	ret = wake_str_copy(host, &event.host, err);
	if (ret < 0)
		return ret;
	*ret_event = event;
	event = (struct wake_event){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_event_format(const struct wake_event *event, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *envelope = json_object();
	char at[WAKE_TIME_SIZE];
	int ret;

	if (!envelope)
		return wake_fail_nomem(err);
	wake_time_format(event->at, at);
	ret = wake_json_set_int(envelope, "v", WAKE_EVENT_VERSION, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(envelope, "id", event->id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(envelope, "type", wake_event_type_name(event->type), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(envelope, "at", at, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(envelope, "host", event->host, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(envelope, "data", json_incref(event->data), err);
	return ret == WAKE_OK ? wake_json_append(out, envelope, err) : ret;
}

static int find_type(const char *name, enum wake_event_type *ret_type, struct wake_error *err)
{
	for (int i = 0; name && i < WAKE_EVENT_TYPE_COUNT; i++) {
		if (strcmp(wake_event_shapes[i].name, name) == 0) {
			*ret_type = (enum wake_event_type)i;
			return WAKE_OK;
		}
	}
	return wake_fail(err, WAKE_INVALID, "its event type is unknown: '%.64s'", name ? name : "");
}

static int check_version(int64_t version, struct wake_error *err)
{
	if (version == WAKE_EVENT_VERSION)
		return WAKE_OK;
	if (version > WAKE_EVENT_VERSION)
		return wake_fail(err, WAKE_INVALID,
		    "written by a newer Runwake (event version %lld; this one reads up to %d); upgrade it",
		    (long long)version, WAKE_EVENT_VERSION);
	return wake_fail(err, WAKE_INVALID, "no event: its version 'v' is missing or wrong");
}

int wake_event_restore(const char *type, int64_t version, const char *id, int64_t at, const char *host,
    json_t *data, struct wake_event *ret_event, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { .at = at, .data = data };
	int ret = check_version(version, err);

	if (ret == WAKE_OK)
		ret = find_type(type, &event.type, err);
	if (ret == WAKE_OK)
		ret = set_id(&event, id ? id : "", err);
	if (ret == WAKE_OK && (!host || strlen(host) > HOST_MAX))
		ret = wake_fail(err, WAKE_INVALID, "an event has a host of %d bytes at most", HOST_MAX);
	if (ret == WAKE_OK)
		ret = wake_str_copy(host, &event.host, err);
	if (ret == WAKE_OK)
		ret = wake_event_check(event.type, event.data, err);
	if (ret < 0)
		return ret;
	*ret_event = event;
	event = (struct wake_event){ 0 }; /* the caller's now */
	return WAKE_OK;
}

static int read_envelope(const json_t *envelope, struct wake_event *ret_event, struct wake_error *err)
{
	const char *at_text = wake_json_string(envelope, "at");
	int64_t at = 0;
	int ret = check_version(wake_json_int(envelope, "v", 0), err);

	if (ret == WAKE_OK)
		ret = wake_time_parse(at_text ? at_text : "", &at, err);
	if (ret == WAKE_OK && json_object_size(envelope) != 6)
		ret = wake_fail(
		    err, WAKE_INVALID, "an event has v, id, type, at, host and data, and no more");
	if (ret < 0)
		return ret;
	return wake_event_restore(wake_json_string(envelope, "type"), wake_json_int(envelope, "v", 0),
	    wake_json_string(envelope, "id"), at, wake_json_string(envelope, "host"),
	    json_incref(json_object_get(envelope, "data")), ret_event, err);
}

int wake_event_parse(const char *text, size_t len, struct wake_event *ret_event, struct wake_error *err)
{
	wake_auto_json json_t *envelope = NULL;
	int ret;

	if (len > WAKE_EVENT_LARGEST)
		return wake_fail(err, WAKE_INVALID, "an event of %zu bytes is too large", len);
	ret = wake_json_parse(text, len, &envelope, err);
	return ret == WAKE_OK ? read_envelope(envelope, ret_event, err) : ret;
}

int64_t wake_event_version(const char *text, size_t len)
{
	wake_auto_json json_t *envelope = NULL;
	struct wake_error ignored;

	int ret;

	if (len > WAKE_EVENT_LARGEST)
		return 0;
	ret = wake_json_parse(text, len, &envelope, &ignored);
	if (ret < 0)
		return ret == WAKE_NOMEM ? ret : 0;
	return wake_json_int(envelope, "v", 0);
}

void wake_event_release(struct wake_event *event)
{
	free(event->host);
	json_decref(event->data);
	*event = (struct wake_event){ 0 };
}

int wake_events_add(struct wake_events *events, struct wake_event *event, struct wake_error *err)
{
	if (events->count == events->room) {
		size_t room = events->room ? events->room * 2 : 4;
		struct wake_event *items = reallocarray(events->items, room, sizeof(*items));

		if (!items) {
			wake_event_release(event);
			return wake_fail_nomem(err);
		}
		events->items = items;
		events->room = room;
	}
	events->items[events->count++] = *event;
	*event = (struct wake_event){ 0 }; /* the list's now */
	return WAKE_OK;
}

void wake_events_release(struct wake_events *events)
{
	for (size_t i = 0; i < events->count; i++)
		wake_event_release(&events->items[i]);
	free(events->items);
	*events = (struct wake_events){ 0 };
}

/* Bytes of text, cut at a character's start, whose JSON form and the mark of a cut fit into max; all of them
 * if the whole text fits. */
static size_t fitting(const char *text, size_t len, size_t max)
{
	size_t total = 0, keep = 0;

	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && total + strlen(ELLIPSIS) <= max)
			keep = i;
		total += wake_event_escaped_size(text + i, 1);
		if (total > max)
			return keep;
	}
	return len;
}

int wake_event_set_text(json_t *data, const char *key, const char *bytes, size_t max, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(max + strlen(ELLIPSIS));
	size_t keep;
	int ret;

	if (!bytes)
		return WAKE_OK;
	wake_text_append_stored(&text, bytes, strlen(bytes), max);
	ret = wake_str_check(&text, err);
	if (ret < 0)
		return ret;
	keep = fitting(wake_str_text(&text), text.len, max);
	if (keep < text.len) {
		text.data[keep] = '\0';
		text.len = keep;
		wake_str_append(&text, ELLIPSIS);
		ret = wake_str_check(&text, err);
	}
	return ret == WAKE_OK ? wake_json_set_string(data, key, wake_str_text(&text), err) : ret;
}
