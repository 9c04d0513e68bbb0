/* SPDX-License-Identifier: MIT */
/* What is to be fed, and its state. */
#include "store/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static bool is_file(const struct wake_store *store)
{
	return strcmp(wake_store_driver(store), "sqlite") == 0;
}

static bool is_database(const char *url)
{
	return strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0;
}

/* ---- which database ------------------------------------------------------------------------- */

static int begin_feed(struct wake_store *store, const char *url, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(url), WAKE_TIME(wake_clock_now()) };
	int status = wake_store_run(store, WAKE_SQL_FEED_BEGIN, values, WAKE_COUNT(values), NULL, err);

	return status == WAKE_OK ? wake_store_run(store, WAKE_SQL_FEED_ALL, NULL, 0, NULL, err) : status;
}

/* What another database was not told is not this one's concern: it is told everything. */
static int change_feed(struct wake_store *store, const char *url, struct wake_error *err)
{
	int status = wake_store_begin(store, err);

	if (status != WAKE_OK)
		return status;
	status = wake_store_run(store, WAKE_SQL_FEED_END, NULL, 0, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(store, WAKE_SQL_FEED_FORGET, NULL, 0, NULL, err);
	if (status == WAKE_OK && *url)
		status = begin_feed(store, url, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status;
}

int wake_feed_set(struct wake_store *store, const char *url, struct wake_error *err)
{
	wake_auto_feed_state struct wake_feed_state state = { 0 };
	int status;

	if (*url && !is_file(store))
		return wake_fail(err, WAKE_INVALID,
		    "runwake.feed goes with a store in a file: this one is a database, and needs no feeding "
		    "(take one of "
		    "the two out of the settings)");
	if (*url && !is_database(url))
		return wake_fail(err, WAKE_INVALID,
		    "runwake.feed names no database; write postgresql://USER@HOST/DATABASE");
	status = wake_feed_read(store, &state, err);
	if (status != WAKE_OK || strcmp(state.url ? state.url : "", url) == 0)
		return status;
	return change_feed(store, url, err);
}

int wake_feed_all_again(struct wake_store *store, struct wake_error *err)
{
	return wake_store_run(store, WAKE_SQL_FEED_ALL, NULL, 0, NULL, err);
}

/* ---- what waits ----------------------------------------------------------------------------- */

static int ask_one(
    struct wake_store *store, enum wake_sql sql, struct wake_rows **ret_rows, struct wake_error *err)
{
	int status = wake_store_query(store, sql, NULL, 0, ret_rows, err);

	return status == WAKE_OK ? wake_rows_next(*ret_rows, err) : status;
}

int wake_feed_want(
    struct wake_store *store, const struct wake_events *batch, const bool *is_new, struct wake_error *err)
{
	int status = WAKE_OK;
	bool is_fed = false;

	if (is_file(store)) {
		wake_auto_rows struct wake_rows *rows = NULL;

		status = ask_one(store, WAKE_SQL_FEED_IS_ON, &rows, err);
		is_fed = status == 1;
	}
	for (size_t i = 0; is_fed && status >= 0 && i < batch->count; i++) {
		const struct wake_value id = WAKE_TEXT(batch->items[i].id);

		if (is_new[i] && batch->items[i].type != WAKE_EVENT_EDITED)
			status = wake_store_run(store, WAKE_SQL_FEED_WANT, &id, 1, NULL, err);
	}
	return status < 0 ? status : WAKE_OK;
}

static void copy_text(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text ? text : "");
}

int wake_feed_read(struct wake_store *store, struct wake_feed_state *ret_state, struct wake_error *err)
{
	wake_auto_feed_state struct wake_feed_state state = { .next_at = WAKE_TIME_NONE };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = is_file(store) ? ask_one(store, WAKE_SQL_FEED_STATE, &rows, err) : 0;

	if (status == 1) {
		state.failures = wake_rows_int(rows, 1);
		state.next_at = wake_rows_time(rows, 2);
		copy_text(state.problem, sizeof(state.problem), wake_rows_text(rows, 3));
		state.waits = wake_rows_int(rows, 4) != 0;
		status = wake_str_copy(wake_rows_text(rows, 0), &state.url, err);
	}
	if (status < 0)
		return status;
	*ret_state = state;
	state = (struct wake_feed_state){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_feed_state_release(struct wake_feed_state *state)
{
	free(state->url);
	*state = (struct wake_feed_state){ 0 };
}

int wake_feed_count(struct wake_store *store, struct wake_feed_counts *ret_counts, struct wake_error *err)
{
	struct wake_feed_counts counts = { 0 };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = is_file(store) ? ask_one(store, WAKE_SQL_FEED_COUNTS, &rows, err) : 0;

	if (status == 1) {
		counts.waiting = wake_rows_int(rows, 0);
		counts.refused = wake_rows_int(rows, 1);
		copy_text(counts.refusal, sizeof(counts.refusal), wake_rows_text(rows, 2));
	}
	if (status < 0)
		return status;
	*ret_counts = counts;
	return WAKE_OK;
}
