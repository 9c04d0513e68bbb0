/* SPDX-License-Identifier: MIT */
/* A page of a conversation: as many items of each kind as a page may have, put in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/query.h"
#include "store/query_chat.h"

#define NIL "00000000-0000-0000-0000-000000000000"
#define ALL_CHARACTERS INT64_C(1073741824) /* more than any text has */
#define COLUMNS_MAX 17
#define BEGINNING (WAKE_TIME_NONE + 1) /* no time lies before it */

struct source {
	const char *type;
	enum wake_sql before, after;
	struct wake_query_column columns[COLUMNS_MAX];
	size_t count;
};

/* By enum wake_chat_kind; columns as in sql/parts/chat_*.sql. */
static const struct source sources[WAKE_CHAT_KINDS] = {
	[WAKE_CHAT_RUN_STARTED] = { "run-started", WAKE_SQL_READ_CHAT_BEGAN_BEFORE,
	    WAKE_SQL_READ_CHAT_BEGAN_AFTER,
	    { { "id", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "run_id", WAKE_VALUE_TEXT },
	        { "workflow_name", WAKE_VALUE_TEXT }, { "agent_type", WAKE_VALUE_TEXT },
	        { "ai_model", WAKE_VALUE_TEXT }, { "git_branch", WAKE_VALUE_TEXT },
	        { "parent_run_id", WAKE_VALUE_TEXT }, { "status", WAKE_VALUE_TEXT } },
	    9 },
	[WAKE_CHAT_MESSAGE] = { "message", WAKE_SQL_READ_CHAT_MESSAGES_BEFORE,
	    WAKE_SQL_READ_CHAT_MESSAGES_AFTER,
	    { { "id", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "role", WAKE_VALUE_TEXT },
	        { "message_type", WAKE_VALUE_TEXT }, { "kind", WAKE_VALUE_TEXT },
	        { "run_id", WAKE_VALUE_TEXT }, { "text", WAKE_VALUE_TEXT } },
	    7 },
	[WAKE_CHAT_COMMIT] = { "commit", WAKE_SQL_READ_CHAT_COMMITS_BEFORE, WAKE_SQL_READ_CHAT_COMMITS_AFTER,
	    { { "id", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "run_id", WAKE_VALUE_TEXT },
	        { "commit_hash", WAKE_VALUE_TEXT }, { "kind", WAKE_VALUE_TEXT },
	        { "subject", WAKE_VALUE_TEXT }, { "branch", WAKE_VALUE_TEXT },
	        { "added_lines", WAKE_VALUE_INT }, { "removed_lines", WAKE_VALUE_INT },
	        { "files_changed", WAKE_VALUE_INT }, { "files", WAKE_VALUE_JSON },
	        { "superseded_by", WAKE_VALUE_TEXT }, { "repository_id", WAKE_VALUE_TEXT },
	        { "position", WAKE_VALUE_INT } },
	    14 },
	[WAKE_CHAT_PUSH] = { "push", WAKE_SQL_READ_CHAT_PUSHES_BEFORE, WAKE_SQL_READ_CHAT_PUSHES_AFTER,
	    { { "id", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "run_id", WAKE_VALUE_TEXT },
	        { "remote", WAKE_VALUE_TEXT }, { "url", WAKE_VALUE_TEXT }, { "local_ref", WAKE_VALUE_TEXT },
	        { "remote_ref", WAKE_VALUE_TEXT }, { "old_hash", WAKE_VALUE_TEXT },
	        { "new_hash", WAKE_VALUE_TEXT }, { "confirmed_at", WAKE_VALUE_TIME } },
	    10 },
	[WAKE_CHAT_RUN_ENDED] = { "run-ended", WAKE_SQL_READ_CHAT_ENDED_BEFORE,
	    WAKE_SQL_READ_CHAT_ENDED_AFTER,
	    { { "id", WAKE_VALUE_TEXT }, { "at", WAKE_VALUE_TIME }, { "run_id", WAKE_VALUE_TEXT },
	        { "status", WAKE_VALUE_TEXT }, { "ai_model", WAKE_VALUE_TEXT },
	        { "duration_seconds", WAKE_VALUE_INT }, { "num_turns", WAKE_VALUE_INT },
	        { "input_tokens", WAKE_VALUE_INT }, { "output_tokens", WAKE_VALUE_INT },
	        { "cache_read_tokens", WAKE_VALUE_INT }, { "cache_write_tokens", WAKE_VALUE_INT },
	        { "cost_estimate", WAKE_VALUE_MONEY }, { "own_added_lines", WAKE_VALUE_INT },
	        { "own_removed_lines", WAKE_VALUE_INT }, { "own_files_changed", WAKE_VALUE_INT },
	        { "exit_code", WAKE_VALUE_INT }, { "exit_signal", WAKE_VALUE_INT } },
	    17 },
};

struct item {
	struct wake_chat_place place;
	json_t *object; /* owned */
};

struct items {
	struct item *items; /* owned */
	size_t count;
};

static void items_release(struct items *items)
{
	for (size_t i = 0; i < items->count; i++)
		json_decref(items->items[i].object);
	free(items->items);
}

static int in_order(const void *one, const void *other)
{
	const struct wake_chat_place *a = &((const struct item *)one)->place;
	const struct wake_chat_place *b = &((const struct item *)other)->place;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->position != b->position)
		return a->position < b->position ? -1 : 1;
	return strcmp(a->id, b->id);
}

static int latest_first(const void *one, const void *other)
{
	return in_order(other, one);
}

/* What bounds a kind's items of the cursor's own time. What is of an earlier kind lies before the cursor as a
 * whole, what is of a later one behind it. */
static void find_bound(const struct wake_chat_page *page, unsigned kind, struct wake_chat_place *bound)
{
	bool before = !page->from || kind < page->from->kind;

	*bound = (struct wake_chat_place){ .at = INT64_MAX, .position = before ? INT64_MAX : -1 };
	memcpy(bound->id, before ? WAKE_ID_BEYOND : NIL, WAKE_ID_SIZE);
	if (page->from && kind == page->from->kind)
		*bound = *page->from;
	if (page->from)
		bound->at = page->from->at;
}

static int add_item(struct items *items, unsigned kind, json_t *object, struct wake_error *err)
{
	struct item *item = &items->items[items->count++];

	*item = (struct item){ .place.kind = kind, .object = object };
	(void)snprintf(item->place.id, sizeof(item->place.id), "%s", wake_json_string(object, "id"));
	item->place.position = kind == WAKE_CHAT_COMMIT ? wake_json_int(object, "position", 0) : 0;
	return wake_time_parse(wake_json_string(object, "at"), &item->place.at, err);
}

/* "type" stands first in what is printed. */
static int read_item(struct items *items, unsigned kind, const struct wake_rows *rows, struct wake_error *err)
{
	wake_auto_json json_t *typed = json_pack("{ss}", "type", sources[kind].type), *object = NULL;
	int ret = typed ? wake_query_object(rows, sources[kind].columns, sources[kind].count, &object, err)
	                : wake_fail_nomem(err);

	if (ret == WAKE_OK && json_object_update(typed, object))
		ret = wake_fail_nomem(err);
	return ret == WAKE_OK ? add_item(items, kind, json_incref(typed), err) : ret;
}

static bool is_of_runs(unsigned kind)
{
	return kind == WAKE_CHAT_COMMIT || kind == WAKE_CHAT_PUSH;
}

/* edge: the time that nothing lies beyond which the page can hold. */
static int ask_kind(struct wake_store *store, const char *session, const struct wake_chat_page *page,
    unsigned kind, int64_t edge, struct wake_rows **ret_rows, struct wake_error *err)
{
	enum wake_sql sql = page->after ? sources[kind].after : sources[kind].before;
	struct wake_value values[7] = { WAKE_TEXT(session) };
	struct wake_chat_place bound;
	size_t count = 1;

	find_bound(page, kind, &bound);
	values[count++] = WAKE_TIME(bound.at);
	if (kind == WAKE_CHAT_COMMIT)
		values[count++] = WAKE_INT(bound.position);
	values[count++] = WAKE_TEXT(bound.id);
	values[count++] = WAKE_INT((int64_t)page->limit + 1);
	if (kind == WAKE_CHAT_MESSAGE)
		values[count++] = WAKE_INT(page->characters > 0 ? page->characters + 1 : ALL_CHARACTERS);
	if (kind == WAKE_CHAT_COMMIT)
		values[count++] = WAKE_TIME(BEGINNING);
	if (is_of_runs(kind))
		values[count++] = WAKE_TIME(edge);
	return wake_store_query(store, sql, values, count, ret_rows, err);
}

static void put_in_order(struct items *items, bool after)
{
	qsort(items->items, items->count, sizeof(struct item), after ? in_order : latest_first);
}

/* What is found already may fill the page: what lies beyond that need not be looked for. */
static int64_t find_edge(struct items *items, const struct wake_chat_page *page)
{
	if (items->count <= page->limit)
		return page->after ? INT64_MAX : BEGINNING;
	put_in_order(items, page->after);
	return items->items[page->limit].place.at;
}

static int read_kind(struct wake_store *store, const char *session, const struct wake_chat_page *page,
    unsigned kind, struct items *items, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int64_t edge = is_of_runs(kind) ? find_edge(items, page) : 0;
	int ret = ask_kind(store, session, page, kind, edge, &rows, err);

	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1)
		ret = read_item(items, kind, rows, err);
	return ret;
}

static int list_items(
    const struct items *items, size_t count, bool backwards, json_t **ret_list, struct wake_error *err)
{
	wake_auto_json json_t *list = json_array();

	if (!list)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		if (json_array_append(list, items->items[backwards ? count - 1 - i : i].object))
			return wake_fail_nomem(err);
	}
	*ret_list = json_incref(list);
	return WAKE_OK;
}

/* What is led by an index of the session comes first; each run is asked for the others, within what they
 * leave. */
static const unsigned reading_order[WAKE_CHAT_KINDS] = { WAKE_CHAT_MESSAGE, WAKE_CHAT_RUN_STARTED,
	WAKE_CHAT_RUN_ENDED, WAKE_CHAT_COMMIT, WAKE_CHAT_PUSH };

int wake_query_chat(struct wake_store *store, const char *session, const struct wake_chat_page *page,
    json_t **ret_items, struct wake_chat_place ret_places[2], bool *ret_more, struct wake_error *err)
{
	WAKE_CLEANUP(items_release)
	struct items items = { .items = calloc(WAKE_CHAT_KINDS * (page->limit + 1), sizeof(struct item)) };
	struct wake_chat_place places[2] = { { 0 } };
	size_t count;
	int ret = items.items ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(reading_order); i++)
		ret = read_kind(store, session, page, reading_order[i], &items, err);
	if (ret != WAKE_OK)
		return ret;
	put_in_order(&items, page->after);
	count = items.count > page->limit ? page->limit : items.count;
	if (count > 0) {
		places[page->after ? 0 : 1] = items.items[0].place;
		places[page->after ? 1 : 0] = items.items[count - 1].place;
	}
	ret = list_items(&items, count, !page->after, ret_items, err);
	if (ret != WAKE_OK)
		return ret;
	memcpy(ret_places, places, sizeof(places));
	*ret_more = items.count > page->limit;
	return WAKE_OK;
}
