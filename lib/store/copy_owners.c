/* SPDX-License-Identifier: MIT */
/* Sessions and users that the surrounding system deleted. No event tells of it, so a replayed start gives its
 * run a session again; in the copy it loses what it lost where it comes from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/copy_parts.h"
#include "store/fold.h"

#define PAGE 500
#define LIST_MAX (64 * 1024) /* bytes of a page's ids */
#define NIL "00000000-0000-0000-0000-000000000000"

/* Columns of copy_without_owner.sql and copy_with_owner.sql, in order. */
enum { O_ID, O_START, O_SESSION, O_USER };

/* A page of runs of from, in the order of their ids. */
struct page {
	char ids[PAGE][WAKE_ID_SIZE], starts[PAGE][WAKE_ID_SIZE]; /* "": none */
	bool lacks_session[PAGE], lacks_user[PAGE];
	size_t count;
};

/* Runs of to that are to lose something. */
struct losing {
	char ids[PAGE][WAKE_ID_SIZE], sessions[PAGE][WAKE_ID_SIZE], users[PAGE][WAKE_ID_SIZE];
	bool session_goes[PAGE], user_goes[PAGE];
	size_t count;
};

static void copy_id(const struct wake_rows *rows, size_t column, char ret_id[WAKE_ID_SIZE])
{
	const char *text = wake_rows_text(rows, column);

	(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", text ? text : "");
}

static int read_page(struct wake_copy *copy, const char *after, struct page *page, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(after), WAKE_INT(PAGE) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(copy->from, WAKE_SQL_COPY_WITHOUT_OWNER, values, WAKE_COUNT(values), &rows, err);

	page->count = 0;
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		copy_id(rows, O_ID, page->ids[page->count]);
		copy_id(rows, O_START, page->starts[page->count]);
		page->lacks_session[page->count] = wake_rows_is_null(rows, O_SESSION);
		page->lacks_user[page->count] = wake_rows_is_null(rows, O_USER);
		page->count++;
		status = WAKE_OK;
	}
	return status;
}

/* A start that only to knows of may have given it what it has. */
static void compare(const struct page *page, const struct wake_rows *rows, struct losing *losing)
{
	size_t at = 0, into = losing->count;
	char start[WAKE_ID_SIZE];

	copy_id(rows, O_ID, losing->ids[into]);
	copy_id(rows, O_START, start);
	while (at < page->count && strcmp(page->ids[at], losing->ids[into]) != 0)
		at++;
	if (at == page->count || strcmp(page->starts[at], start) != 0)
		return;
	losing->session_goes[into] = page->lacks_session[at] && !wake_rows_is_null(rows, O_SESSION);
	losing->user_goes[into] = page->lacks_user[at] && !wake_rows_is_null(rows, O_USER);
	copy_id(rows, O_SESSION, losing->sessions[into]);
	copy_id(rows, O_USER, losing->users[into]);
	losing->count += losing->session_goes[into] || losing->user_goes[into];
}

static int find_losing(
    struct wake_copy *copy, const struct page *page, struct losing *losing, struct wake_error *err)
{
	wake_auto_json json_t *list = json_array();
	wake_auto_str struct wake_str ids = WAKE_STR(LIST_MAX);
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = list ? WAKE_OK : wake_fail_nomem(err);

	losing->count = 0;
	for (size_t i = 0; status == WAKE_OK && i < page->count; i++)
		status =
		    json_array_append_new(list, json_string(page->ids[i])) ? wake_fail_nomem(err) : WAKE_OK;
	if (status == WAKE_OK)
		status = wake_json_append(&ids, list, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_JSON(ids.data) };

	status = wake_store_query(copy->to, WAKE_SQL_COPY_WITH_OWNER, values, WAKE_COUNT(values), &rows, err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		compare(page, rows, losing);
		status = WAKE_OK;
	}
	return status;
}

static int lose(struct wake_fold *fold, const struct losing *losing, size_t at, struct wake_error *err)
{
	bool keeps_user = !losing->user_goes[at] && *losing->users[at];
	const struct wake_value values[] = { WAKE_TEXT(losing->ids[at]),
		WAKE_TEXT(losing->session_goes[at] || !*losing->sessions[at] ? NULL : losing->sessions[at]),
		WAKE_TEXT(keeps_user ? losing->users[at] : NULL) };
	int status = wake_store_run(fold->store, WAKE_SQL_COPY_DISOWN, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status = wake_fold_touch(fold->runs, losing->ids[at], err);
	return status == WAKE_OK && losing->session_goes[at]
	           ? wake_fold_touch(fold->sessions, losing->sessions[at], err)
	           : status;
}

/* A session of ours began with the earliest of its runs: maybe with one that it has lost. */
static int begin_again(struct wake_copy *copy, const char *session, struct wake_error *err)
{
	const struct wake_value of_session[] = { WAKE_TEXT(session) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(copy->from, WAKE_SQL_COPY_SESSION_BEGUN, of_session, 1, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;

	const struct wake_value values[] = { WAKE_TEXT(session), WAKE_TEXT(wake_rows_text(rows, 0)),
		WAKE_TIME(wake_rows_time(rows, 1)) };

	return wake_store_run(copy->to, WAKE_SQL_COPY_SESSION_BEGINS, values, WAKE_COUNT(values), NULL, err);
}

static int write_losing(struct wake_copy *copy, const struct losing *losing, struct wake_error *err)
{
	wake_auto_fold struct wake_fold fold = { 0 };
	int status = wake_fold_init(&fold, copy->to, err);

	if (status == WAKE_OK)
		status = wake_store_begin(copy->to, err);
	if (status != WAKE_OK)
		return status;
	for (size_t i = 0; status == WAKE_OK && i < losing->count; i++)
		status = lose(&fold, losing, i, err);
	for (size_t i = 0; status == WAKE_OK && i < losing->count; i++) {
		if (losing->session_goes[i])
			status = begin_again(copy, losing->sessions[i], err);
	}
	if (status == WAKE_OK)
		status = wake_fold_decide(&fold, err);
	if (status == WAKE_OK)
		return wake_store_commit(copy->to, err);
	wake_store_rollback(copy->to);
	return status;
}

int wake_copy_owners(struct wake_copy *copy, struct wake_error *err)
{
	wake_auto_free struct page *page = calloc(1, sizeof(*page));
	wake_auto_free struct losing *losing = calloc(1, sizeof(*losing));
	char after[WAKE_ID_SIZE] = NIL;
	int status = page && losing ? WAKE_OK : wake_fail_nomem(err);

	do {
		if (status == WAKE_OK)
			status = read_page(copy, after, page, err);
		if (status != WAKE_OK || page->count == 0)
			return status;
		(void)snprintf(after, sizeof(after), "%s", page->ids[page->count - 1]);
		status = find_losing(copy, page, losing, err);
		if (status == WAKE_OK && losing->count > 0)
			status = write_losing(copy, losing, err);
	} while (page->count == PAGE);
	return status;
}
