/* SPDX-License-Identifier: MIT */
/* Edits that have not been told yet. */
#include "watcher/pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define ROOM_FIRST 64                    /* a power of two; twice as many slots as paths at the least */
#define PATHS_BYTES ((size_t)768 * 1024) /* of one event's paths as JSON; the rest is for its other members  \
	                                  */

/* A byte that is quoted as git quotes is five in JSON, a control character is six. */
#define BYTES_AT_MOST(len) (6 * (len) + 8)

static uint64_t hash(const char *text) /* FNV-1a */
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return sum;
}

/* The slot of path, or the free one where it belongs. */
static char **find_slot(char **slots, size_t room, const char *path)
{
	size_t at = (size_t)hash(path) & (room - 1);

	while (slots[at] && strcmp(slots[at], path) != 0)
		at = (at + 1) & (room - 1);
	return &slots[at];
}

static bool grow(struct wake_pending *pending)
{
	size_t room = pending->room == 0 ? ROOM_FIRST : 2 * pending->room;
	char **slots = calloc(room, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < pending->room; i++) {
		if (pending->slots[i])
			*find_slot(slots, room, pending->slots[i]) = pending->slots[i];
	}
	free(pending->slots);
	pending->slots = slots;
	pending->room = room;
	return true;
}

static void forget_paths(struct wake_pending *pending)
{
	for (size_t i = 0; i < pending->room; i++)
		free(pending->slots[i]);
	free(pending->slots);
	pending->slots = NULL;
	pending->room = pending->count = 0;
}

static void begin(struct wake_pending *pending)
{
	if (pending->since == 0)
		pending->since = wake_clock_now();
}

void wake_pending_add_whole(struct wake_pending *pending)
{
	begin(pending);
	forget_paths(pending);
	pending->whole = true;
}

void wake_pending_add_head(struct wake_pending *pending)
{
	begin(pending);
	pending->head = true;
}

static bool add(struct wake_pending *pending, const char *path)
{
	char **slot;

	if (2 * (pending->count + 1) > pending->room && !grow(pending))
		return false;
	slot = find_slot(pending->slots, pending->room, path);
	if (*slot)
		return true;
	if (pending->count >= WAKE_PENDING_MAX)
		return false;
	*slot = strdup(path);
	if (!*slot)
		return false;
	pending->count++;
	return true;
}

void wake_pending_add(struct wake_pending *pending, const char *path)
{
	begin(pending);
	if (pending->whole)
		return;
	/* An event's path has a maximum, and an empty one is the root itself. */
	if (!*path || BYTES_AT_MOST(strlen(path)) > WAKE_EVENT_PATH_MAX || !add(pending, path))
		wake_pending_add_whole(pending);
}

bool wake_pending_has_any(const struct wake_pending *pending)
{
	return pending->since != 0;
}

void wake_pending_clear(struct wake_pending *pending)
{
	forget_paths(pending);
	*pending = (struct wake_pending){ 0 };
}

static int add_event(
    const struct wake_edited *edited, json_t *paths, struct wake_events *events, struct wake_error *err)
{
	struct wake_edited one = *edited;

	one.paths = paths;
	return wake_edited_add(events, &one, err);
}

static bool is_full(const json_t *paths, size_t bytes)
{
	return json_array_size(paths) >= WAKE_EVENT_LIST_MAX || bytes > PATHS_BYTES;
}

static int add_paths(const struct wake_pending *pending, const struct wake_edited *edited,
    struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *paths = json_array();
	size_t bytes = 0;
	int ret = paths ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < pending->room; i++) {
		const char *path = pending->slots[i];

		if (!path)
			continue;
		bytes += BYTES_AT_MOST(strlen(path));
		if (is_full(paths, bytes)) {
			ret = add_event(edited, paths, events, err);
			json_decref(paths);
			paths = json_array();
			bytes = BYTES_AT_MOST(strlen(path));
			if (!paths)
				return wake_fail_nomem(err);
		}
		if (ret == WAKE_OK)
			ret = wake_event_add_path(paths, path, err);
	}
	return ret == WAKE_OK ? add_event(edited, paths, events, err) : ret;
}

int wake_pending_format(const struct wake_pending *pending, const struct wake_edited *place,
    struct wake_events *events, struct wake_error *err)
{
	struct wake_edited edited = *place;

	edited.since = pending->since < edited.at ? pending->since : edited.at; /* clocks are set */
	edited.reason = pending->scanned ? "scan" : pending->count > 0 || pending->whole ? "settled" : "head";
	if (pending->whole)
		return add_event(&edited, NULL, events, err);
	return add_paths(pending, &edited, events, err);
}
