/* SPDX-License-Identifier: MIT */
/* Conversations for people and programs: the list of them, and one as a stream of what was said and done. Pages are
 * found by the place of an item, never by counting from the start. */
#ifndef WAKE_QUERY_CHAT_H
#define WAKE_QUERY_CHAT_H

#include <stdbool.h>

#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

#define WAKE_CHAT_PAGE_MAX 1000
#define WAKE_CHAT_CURSOR_SIZE 96

/* What stands in a conversation, in the order of things that bear the same time. */
enum wake_chat_kind {
	WAKE_CHAT_RUN_STARTED,
	WAKE_CHAT_MESSAGE,
	WAKE_CHAT_COMMIT,
	WAKE_CHAT_PUSH,
	WAKE_CHAT_RUN_ENDED,
	WAKE_CHAT_KINDS
};

/* A place in a list or a conversation; in a list, kind and position are 0. */
struct wake_chat_place {
	int64_t at;
	unsigned kind;
	int64_t position; /* of a commit: its line's in the log, which orders those of one second; else 0 */
	char id[WAKE_ID_SIZE];
};

/* "TIME,KIND,POSITION,ID". */
void wake_chat_place_format(const struct wake_chat_place *place, char ret_cursor[WAKE_CHAT_CURSOR_SIZE]);
/* WAKE_INVALID: nothing that wake_chat_place_format writes. */
int wake_chat_place_parse(const char *cursor, struct wake_chat_place *ret_place, struct wake_error *err)
    WAKE_MUST_CHECK;

struct wake_chat_list {
	const struct wake_chat_place *before;	/* NULL: from the newest on */
	int64_t since;				/* microseconds; WAKE_TIME_NONE: any */
	size_t limit;				/* 1 to WAKE_CHAT_PAGE_MAX */
	bool unread;				/* only those with interventions that no agent has been given yet */
};

/* The conversations that runs belong to, the last active first: [{"id", "name", "platform", "last_activity_at",
 * "runs", "messages" (whoever wrote them), "run_id" and "state" (of the newest run), "cost_estimate" (what is known
 * of it), "unread" (interventions that no agent has been given yet), "role" and "text" (the beginning) of the newest
 * message, "agent_name"}, …]. ret_next: the place before which the next page begins; its id is "" where there is
 * none. owned: json_decref */
int wake_query_conversations(struct wake_store *store, const struct wake_chat_list *list, json_t **ret_conversations,
    struct wake_chat_place *ret_next, struct wake_error *err) WAKE_MUST_CHECK;

/* The session that a word means: its id, the name of the most recently updated one, the beginning of an id (four
 * characters at least), or a run as wake_query_find_run takes it. WAKE_NOTFOUND; WAKE_INVALID names the candidates. */
int wake_query_find_session(struct wake_store *store, const char *word, char ret_id[WAKE_ID_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* As in the list, without role and text. WAKE_NOTFOUND. */
int wake_query_conversation(struct wake_store *store, const char *session, json_t **ret_conversation,
    struct wake_error *err) WAKE_MUST_CHECK;

struct wake_chat_page {
	const struct wake_chat_place *from;	/* NULL: the end of the conversation */
	bool after;				/* what comes after from; else what comes before */
	size_t limit;				/* 1 to WAKE_CHAT_PAGE_MAX */
	int64_t characters;			/* of each message, and one more where it is longer; 0: all */
};

/* A page in the order of time: [{"type" (run-started, message, commit, push, run-ended), "id", "at", …}, …], the
 * further members those of lib/store/sql/parts/chat_*.sql. ret_places: of the first and the last item, id "" in an
 * empty page. ret_more: there is more in the direction that was asked for. owned: json_decref */
int wake_query_chat(struct wake_store *store, const char *session, const struct wake_chat_page *page,
    json_t **ret_items, struct wake_chat_place ret_places[2], bool *ret_more, struct wake_error *err) WAKE_MUST_CHECK;

#endif
