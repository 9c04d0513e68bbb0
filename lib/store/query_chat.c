/* SPDX-License-Identifier: MIT */
/* The list of conversations, and which one is meant. */
#include "store/query_chat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/query.h"

#define NIL "00000000-0000-0000-0000-000000000000"
#define PREFIX_MIN 4

/* In the order of sql/parts/conversation_columns.sql; read_conversation.sql has those before role. */
static const struct wake_query_column columns[] = {
	{ "id", WAKE_VALUE_TEXT },
	{ "name", WAKE_VALUE_TEXT },
	{ "platform", WAKE_VALUE_TEXT },
	{ "last_activity_at", WAKE_VALUE_TIME },
	{ "runs", WAKE_VALUE_INT },
	{ "messages", WAKE_VALUE_INT },
	{ "run_id", WAKE_VALUE_TEXT },
	{ "state", WAKE_VALUE_TEXT },
	{ "cost_estimate", WAKE_VALUE_MONEY },
	{ "unread", WAKE_VALUE_INT },
	{ "role", WAKE_VALUE_TEXT },
	{ "text", WAKE_VALUE_TEXT },
};
#define COLUMNS_OF_ONE 10

/* ---- places ------------------------------------------------------------------------------------ */

void wake_chat_place_format(const struct wake_chat_place *place, char ret_cursor[WAKE_CHAT_CURSOR_SIZE])
{
	char at[WAKE_TIME_SIZE];

	wake_time_format(place->at, at);
	(void)snprintf(ret_cursor, WAKE_CHAT_CURSOR_SIZE, "%s,%u,%" PRId64 ",%s", at, place->kind,
	    place->position, place->id);
}

int wake_chat_place_parse(const char *cursor, struct wake_chat_place *ret_place, struct wake_error *err)
{
	struct wake_chat_place place = { 0 };
	char at[WAKE_TIME_SIZE], kind, id[WAKE_ID_SIZE];
	struct wake_error ignored;
	int end = 0;

	if (strlen(cursor) < WAKE_CHAT_CURSOR_SIZE &&
	    sscanf(cursor, "%27[^,],%c,%18" SCNd64 ",%36s%n", at, &kind, &place.position, id, &end) == 4 &&
	    cursor[end] == '\0' && kind >= '0' && kind < '0' + WAKE_CHAT_KINDS && wake_id_is_uuid(id) &&
	    wake_time_parse(at, &place.at, &ignored) == WAKE_OK) {
		place.kind = (unsigned)(kind - '0');
		memcpy(place.id, id, sizeof(id));
		*ret_place = place;
		return WAKE_OK;
	}
	return wake_fail(
	    err, WAKE_INVALID, "'%s' is no cursor; take it as the page beside it printed it", cursor);
}

/* ---- the list ---------------------------------------------------------------------------------- */

static int list_ids(const json_t *conversations, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *ids = json_array();
	size_t i;
	json_t *conversation;

	if (!ids)
		return wake_fail_nomem(err);
	json_array_foreach(conversations, i, conversation)
	{
		if (json_array_append(ids, json_object_get(conversation, "id")))
			return wake_fail_nomem(err);
	}
	return wake_json_append(out, ids, err);
}

static int set_agent(const json_t *conversations, const struct wake_rows *rows, struct wake_error *err)
{
	const char *id = wake_rows_text(rows, 0), *agent = wake_rows_text(rows, 1);
	size_t i;
	json_t *conversation;

	json_array_foreach(conversations, i, conversation)
	{
		if (agent && strcmp(wake_json_string(conversation, "id"), id) == 0)
			return wake_json_set(conversation, "agent_name", json_string(agent), err);
	}
	return WAKE_OK;
}

/* Not every surrounding system's sessions have agents. */
static int add_agents(struct wake_store *store, json_t *conversations, struct wake_error *err)
{
	wake_auto_str struct wake_str ids = WAKE_STR((WAKE_CHAT_PAGE_MAX + 1) * (WAKE_ID_SIZE + 3));
	wake_auto_rows struct wake_rows *rows = NULL;
	size_t i;
	json_t *conversation;
	bool has = false;
	int ret = wake_store_has(store, WAKE_SQL_READ_SESSION_AGENTS, &has, err);

	json_array_foreach(conversations, i, conversation)
	{
		if (ret == WAKE_OK)
			ret = wake_json_set(conversation, "agent_name", json_null(), err);
	}
	if (ret != WAKE_OK || !has || json_array_size(conversations) == 0)
		return ret;
	ret = list_ids(conversations, &ids, err);
	if (ret == WAKE_OK)
		ret = wake_store_query(
		    store, WAKE_SQL_READ_SESSION_AGENTS, &WAKE_JSON(ids.data), 1, &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1)
		ret = set_agent(conversations, rows, err);
	return ret;
}

int wake_query_conversations(struct wake_store *store, const struct wake_chat_list *list,
    json_t **ret_conversations, struct wake_chat_place *ret_next, struct wake_error *err)
{
	/* A null would compare as unknown, and no time lies before the first. */
	const struct wake_value values[] = { WAKE_TIME(list->before ? list->before->at : INT64_MAX),
		WAKE_TEXT(list->before ? list->before->id : WAKE_ID_BEYOND),
		WAKE_TIME(list->since == WAKE_TIME_NONE ? WAKE_TIME_NONE + 1 : list->since),
		WAKE_INT((int64_t)list->limit + 1) };
	enum wake_sql sql = list->unread ? WAKE_SQL_READ_CONVERSATIONS_UNREAD : WAKE_SQL_READ_CONVERSATIONS;
	wake_auto_json json_t *found = NULL;
	struct wake_chat_place next = { 0 };
	int ret = wake_query_rows(
	    store, sql, values, WAKE_COUNT(values), columns, WAKE_COUNT(columns), &found, err);

	if (ret == WAKE_OK && json_array_size(found) > list->limit) {
		const json_t *last = json_array_get(found, list->limit - 1);

		(void)json_array_remove(found, list->limit);
		(void)snprintf(next.id, sizeof(next.id), "%s", wake_json_string(last, "id"));
		ret = wake_time_parse(wake_json_string(last, "last_activity_at"), &next.at, err);
	}
	if (ret == WAKE_OK)
		ret = add_agents(store, found, err);
	if (ret != WAKE_OK)
		return ret;
	*ret_next = next;
	*ret_conversations = json_incref(found);
	return WAKE_OK;
}

int wake_query_conversation(
    struct wake_store *store, const char *session, json_t **ret_conversation, struct wake_error *err)
{
	wake_auto_json json_t *found = NULL;
	int ret = wake_query_array(
	    store, WAKE_SQL_READ_CONVERSATION, session, columns, COLUMNS_OF_ONE, &found, err);

	if (ret == WAKE_OK && json_array_size(found) == 0)
		return wake_fail(err, WAKE_NOTFOUND, "there is no session %s", session);
	if (ret == WAKE_OK)
		ret = add_agents(store, found, err);
	if (ret == WAKE_OK)
		*ret_conversation = json_incref(json_array_get(found, 0));
	return ret;
}

/* ---- which one is meant ------------------------------------------------------------------------ */

static int find_named(
    struct wake_store *store, const char *name, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(store, WAKE_SQL_FOLD_SESSION_NAMED, &WAKE_TEXT(name), 1, &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret == 0)
		return wake_fail(
		    err, WAKE_NOTFOUND, "there is no session '%s'; runwake chat shows them", name);
	if (ret == 1)
		(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	return ret < 0 ? ret : WAKE_OK;
}

/* What word is the beginning of, filled up with the least and the greatest digits. False: of no id. */
static bool fill_up(const char *word, char least[WAKE_ID_SIZE], char greatest[WAKE_ID_SIZE])
{
	size_t len = strlen(word);

	if (len < PREFIX_MIN || len >= WAKE_ID_SIZE)
		return false;
	memcpy(least, NIL, WAKE_ID_SIZE);
	memcpy(greatest, WAKE_ID_BEYOND, WAKE_ID_SIZE);
	for (size_t i = 0; i < len; i++) {
		if ((NIL[i] == '-') != (word[i] == '-') || !strchr("0123456789abcdef-", word[i]))
			return false;
		least[i] = greatest[i] = word[i];
	}
	return true;
}

/* 0: none. */
static int find_prefix(
    struct wake_store *store, const char *word, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	char least[WAKE_ID_SIZE], greatest[WAKE_ID_SIZE];
	wake_auto_str struct wake_str names = WAKE_STR(1024);
	wake_auto_rows struct wake_rows *rows = NULL;
	size_t count = 0;
	int ret;

	if (!fill_up(word, least, greatest))
		return 0;

	const struct wake_value values[] = { WAKE_TEXT(least), WAKE_TEXT(greatest) };

	ret = wake_store_query(store, WAKE_SQL_READ_SESSIONS_BETWEEN, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		ret = WAKE_OK;
		(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
		wake_str_appendf(&names, "%s%s", count++ > 0 ? ", " : "", wake_rows_text(rows, 0));
	}
	if (ret == WAKE_OK && count > 1)
		return wake_fail(
		    err, WAKE_INVALID, "'%s' could be the sessions %s", word, wake_str_text(&names));
	return ret == WAKE_OK ? count == 1 : ret;
}

static int find_of_run(
    struct wake_store *store, const char *word, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_json json_t *run = NULL;
	struct wake_found_run found;
	const char *session;
	int ret = wake_query_find_run(store, word, &found, err);

	if (ret == WAKE_OK)
		ret = wake_query_run(store, found.id, &run, err);
	if (ret != WAKE_OK)
		return ret;
	session = wake_json_string(run, "session_id");
	if (!session)
		return wake_fail(
		    err, WAKE_NOTFOUND, "the run %s belongs to no session", wake_json_string(run, "run_id"));
	(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", session);
	return WAKE_OK;
}

int wake_query_find_session(
    struct wake_store *store, const char *word, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	struct wake_error other;
	int ret = find_named(store, word, ret_id, err);

	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = find_prefix(store, word, ret_id, &other);
	if (ret == 1)
		return WAKE_OK;
	if (ret < 0) {
		*err = other;
		return ret;
	}
	ret = find_of_run(store, word, ret_id, &other);
	if (ret == WAKE_NOTFOUND && strcmp(word, "@latest") != 0)
		return wake_fail(err, WAKE_NOTFOUND,
		    "there is neither a session nor a run '%s'; runwake chat shows the sessions", word);
	if (ret != WAKE_OK)
		*err = other;
	return ret;
}
