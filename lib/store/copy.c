/* SPDX-License-Identifier: MIT */
/* The order of a copy. */
#include "store/copy.h"

#include <string.h>

#include "base/json.h"
#include "store/copy_parts.h"
#include "store/fold.h"
#include "store/purge.h"

void wake_copy_say(const struct wake_copy *copy, const char *what, int64_t done, int64_t total)
{
	if (copy->tell)
		copy->tell(copy->context, what, done, total);
}

/* Is there an event without payload in from whose id to lacks? What it did can only be had from the tables
 * then. */
static int has_news_without_payload(struct wake_copy *copy, bool *ret_has, struct wake_error *err)
{
	wake_auto_walk struct wake_walk from, to;
	int status;

	wake_walk_init(&from, copy->from, &wake_copy_bare_events);
	wake_walk_init(&to, copy->to, &wake_copy_bare_events);
	*ret_has = false;
	while ((status = wake_walk_next(&from, err)) == 1) {
		while (!to.ended && (!to.begun || wake_walk_compare(&to, &from) < 0)) {
			status = wake_walk_next(&to, err);
			if (status < 0)
				return status;
		}
		if (wake_walk_compare(&to, &from) != 0) {
			*ret_has = true;
			return WAKE_OK;
		}
	}
	return status;
}

static int copy_tables(struct wake_copy *copy, bool told_elsewhere, struct wake_error *err)
{
	int status = WAKE_OK;

	for (const struct wake_copy_table *table = wake_copy_tables; table->name && status == WAKE_OK;
	     table++) {
		if (table->insert != WAKE_SQL_COUNT && table->is_told_elsewhere == told_elsewhere)
			status = wake_copy_rows(copy, table, err);
	}
	return status;
}

/* ---- what is still to be looked at -------------------------------------------------------------- */

/* Each replayed event makes its repository one with news. What from's recorder has looked at needs no second
 * look. */
static int is_news(struct wake_copy *copy, const char *repository, bool *ret_is, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    copy->from, WAKE_SQL_COPY_KNOWS_REPOSITORY, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_is = status == 0;
	return status < 0 ? status : WAKE_OK;
}

static int read_unobserved(struct wake_store *store, json_t *repositories, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_COPY_UNOBSERVED, NULL, 0, &rows, err);

	while (status >= 0 && (status = wake_rows_next(rows, err)) == 1) {
		if (json_object_set_new(repositories, wake_rows_text(rows, 0), json_true()) < 0)
			return wake_fail_nomem(err);
	}
	return status;
}

static int mark_observed(struct wake_copy *copy, const char *repository, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository) };
	int status = wake_store_begin(copy->to, err);

	if (status != WAKE_OK)
		return status;
	status = wake_store_run(copy->to, WAKE_SQL_RECORD_OBSERVED, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		return wake_store_commit(copy->to, err);
	wake_store_rollback(copy->to);
	return status;
}

static int settle_unobserved(struct wake_copy *copy, struct wake_error *err)
{
	wake_auto_json json_t *in_from = json_object(), *in_to = json_object();
	const char *repository;
	json_t *value;
	int status = in_from && in_to ? read_unobserved(copy->from, in_from, err) : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = read_unobserved(copy->to, in_to, err);
	if (status != WAKE_OK)
		return status;
	json_object_foreach(in_to, repository, value)
	{
		bool news = json_object_get(in_from, repository) != NULL;

		status = news ? WAKE_OK : is_news(copy, repository, &news, err);
		if (status == WAKE_OK && !news)
			status = mark_observed(copy, repository, err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}

/* What a surrounding system's table may not have is decided there, from the runs. */
static int decide_session(struct wake_copy *copy, const char *session, struct wake_error *err)
{
	struct wake_fold fold = { .store = copy->to };
	int status = wake_store_begin(copy->to, err);

	if (status != WAKE_OK)
		return status;
	status = wake_decide_session(&fold, session, err);
	if (status == WAKE_OK)
		return wake_store_commit(copy->to, err);
	wake_store_rollback(copy->to);
	return status;
}

static int decide_sessions(struct wake_copy *copy, struct wake_error *err)
{
	const struct wake_copy_table *sessions = wake_copy_tables;
	wake_auto_walk struct wake_walk walk;
	int status;

	while (strcmp(sessions->name, "sessions") != 0)
		sessions++;
	wake_walk_init(&walk, copy->from, sessions);
	while ((status = wake_walk_next(&walk, err)) == 1) {
		status = decide_session(copy, wake_str_text(&walk.key[0]), err);
		if (status != WAKE_OK)
			return status;
	}
	return status;
}

/* Rows come before the events: what an event does is decided again from the tables, and these then hold what
 * the events without payload did. */
int wake_copy_run(struct wake_copy *copy, struct wake_error *err)
{
	int64_t set_aside = copy->set_aside;
	bool bare = false;
	int status = copy_tables(copy, true, err);

	if (status == WAKE_OK)
		status = has_news_without_payload(copy, &bare, err);
	if (status == WAKE_OK && bare)
		status = copy_tables(copy, false, err);
	/* Last: a copy that is stopped before has them still to do. */
	if (status == WAKE_OK && bare)
		status = wake_copy_rows(copy, &wake_copy_bare_events, err);
	if (status == WAKE_OK)
		status = wake_copy_events(copy, err);
	if (status == WAKE_OK && copy->set_aside > set_aside)
		status = copy_tables(copy, false, err);
	/* Rows as they are in from may tell what was forgotten in to. */
	if (status == WAKE_OK && (bare || copy->set_aside > set_aside))
		status = wake_purge_again(copy->to, err);
	if (status == WAKE_OK)
		status = wake_copy_owners(copy, err);
	if (status == WAKE_OK && bare)
		status = decide_sessions(copy, err);
	return status == WAKE_OK ? settle_unobserved(copy, err) : status;
}
