/* SPDX-License-Identifier: MIT */
/* Reads another system's rows, page by page: counts what they are and, for a migration, keeps them as events
 * in a temporary table until the tables that they go to are there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/existing_parts.h"

#define PAGE 500      /* rows at most */
#define PAGE_FIRST 16 /* of the first page: nobody knows yet how large they are */
#define STAGE_COLUMNS 7
#define LIST_MAX (256 * 1024) /* bytes of a page's ids */

static const struct {
	const char *name;
	enum wake_sql page, total;
} tables[] = {
	[WAKE_EXISTING_RUNS] = { "workflow_runs", WAKE_SQL_EXISTING_RUNS, WAKE_SQL_EXISTING_RUNS_TOTAL },
	[WAKE_EXISTING_PROCESSES] = { "workflow_processes", WAKE_SQL_EXISTING_PROCESSES,
	    WAKE_SQL_EXISTING_PROCESSES_TOTAL },
};

/* A page's rows, and of the ids in them those that are there. */
struct page {
	json_t *rows;     /* [{…}]; owned */
	json_t *sessions; /* sets; owned */
	json_t *users;
	char *last; /* its last run id; owned */
};

/* Events of a page on their way into the temporary table. */
struct staging {
	struct wake_value values[PAGE + 1][STAGE_COLUMNS];
	struct wake_event events[PAGE + 1];
	char runs[PAGE + 1][WAKE_ID_SIZE];
	char *payloads[PAGE + 1];
	bool ignored[PAGE + 1];
	size_t count;
};

static void page_release(struct page *page)
{
	json_decref(page->rows);
	json_decref(page->sessions);
	json_decref(page->users);
	free(page->last);
	*page = (struct page){ 0 };
}

static void staging_free(struct staging **staging)
{
	for (size_t i = 0; *staging && i < (*staging)->count; i++) {
		wake_event_release(&(*staging)->events[i]);
		free((*staging)->payloads[i]);
	}
	free(*staging);
}

#define auto_page WAKE_CLEANUP(page_release)
#define auto_staging WAKE_CLEANUP(staging_free)

int wake_existing_tally_init(struct wake_existing_tally *tally, json_t *listed, struct wake_error *err)
{
	*tally = (struct wake_existing_tally){
		.misfits = json_object(), .statuses = json_object(), .listed = listed
	};
	return tally->misfits && tally->statuses ? WAKE_OK : wake_fail_nomem(err);
}

void wake_existing_tally_release(struct wake_existing_tally *tally)
{
	json_decref(tally->misfits);
	json_decref(tally->statuses);
	*tally = (struct wake_existing_tally){ 0 };
}

/* ---- a page ----------------------------------------------------------------------------------- */

static int add_row(struct page *page, const struct wake_rows *rows, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, 1);
	json_t *row = NULL;
	int status = text ? wake_json_parse(text, strlen(text), &row, err) : WAKE_OK;

	if (status != WAKE_OK)
		return wake_error_prefix(err, "the run '%.64s'", wake_rows_text(rows, 0));
	if (!row)
		row = json_object();
	if (!row || json_array_append_new(page->rows, row))
		return wake_fail_nomem(err);
	free(page->last);
	page->last = NULL;
	return wake_str_copy(wake_rows_text(rows, 0), &page->last, err);
}

/* from: the last run id of the page before; NULL: from the beginning. limit: rows at most. */
static int read_rows(struct wake_store *store, enum wake_sql sql, const char *from, size_t limit, struct page *page,
    struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(from ? from : ""), WAKE_INT((int64_t)limit),
		WAKE_INT(from ? 1 : 0), WAKE_INT(WAKE_EXISTING_BYTES) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, sql, values, WAKE_COUNT(values), &rows, err);

	page->rows = json_array();
	if (!page->rows)
		return wake_fail_nomem(err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = add_row(page, rows, err);
	return status;
}

/* The server makes texts of all rows that it is asked for, and sends as many as are asked for in bytes. */
static size_t next_limit(size_t limit, size_t got)
{
	size_t next = got < limit ? got + 1 : limit * 2;

	return next < PAGE ? next : PAGE;
}

/* Which of a column's ids are there, as a set. */
static int find_known(struct wake_store *store, const json_t *rows, const char *column, enum wake_sql sql,
    json_t **ret_known, struct wake_error *err)
{
	wake_auto_json json_t *list = json_array(), *known = json_object();
	wake_auto_str struct wake_str text = WAKE_STR(LIST_MAX);
	wake_auto_rows struct wake_rows *found = NULL;
	size_t at;
	json_t *row;
	int status;

	if (!list || !known)
		return wake_fail_nomem(err);
	json_array_foreach((json_t *)rows, at, row)
	{
		const char *id = wake_json_string(row, column);

		if (id && wake_id_is_uuid(id) && json_array_append_new(list, json_string(id)))
			return wake_fail_nomem(err);
	}
	status = wake_json_append(&text, list, err);
	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_JSON(text.data) };

	status = json_array_size(list) > 0
	             ? wake_store_query(store, sql, values, WAKE_COUNT(values), &found, err)
	             : WAKE_OK;
	while (status == WAKE_OK && found && (status = wake_rows_next(found, err)) == 1) {
		status = json_object_set_new(known, wake_rows_text(found, 0), json_true())
		             ? wake_fail_nomem(err)
		             : WAKE_OK;
	}
	if (status != WAKE_OK)
		return status;
	*ret_known = known;
	known = NULL; /* now the caller's */
	return WAKE_OK;
}

static int read_page(struct wake_store *store, const struct wake_existing_catalogue *catalogue,
    enum wake_existing_table table, const char *from, size_t limit, struct page *page, struct wake_error *err)
{
	int status = read_rows(store, tables[table].page, from, limit, page, err);

	if (status == WAKE_OK && catalogue->sessions_have_uuids)
		status = find_known(
		    store, page->rows, "session_id", WAKE_SQL_EXISTING_SESSIONS, &page->sessions, err);
	if (status == WAKE_OK && catalogue->users_have_uuids)
		status =
		    find_known(store, page->rows, "user_id", WAKE_SQL_FOLD_USERS_KNOWN, &page->users, err);
	return status;
}

/* The server writes a UUID in lower case. */
static bool is_known(const json_t *known, const json_t *row, const char *column)
{
	const char *text = wake_json_string(row, column);
	char lower[WAKE_ID_SIZE];

	if (!known || !text || !wake_id_is_uuid(text))
		return false;
	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)text[i]);
	return json_object_get(known, lower) != NULL;
}

/* ---- counting --------------------------------------------------------------------------------- */

static int count_one(json_t *counts, const char *key, struct wake_error *err)
{
	json_int_t before = json_integer_value(json_object_get(counts, key));

	return json_object_set_new(counts, key, json_integer(before + 1)) ? wake_fail_nomem(err) : WAKE_OK;
}

static int list_row(
    json_t *listed, const char *table, const char *run_id, const char *reason, struct wake_error *err)
{
	json_t *row;

	if (json_array_size(listed) >= WAKE_EXISTING_LISTED_MAX)
		return WAKE_OK;
	row = json_pack("{ss ss ss}", "table", table, "run_id", run_id, "reason", reason);
	return row && json_array_append_new(listed, row) == 0 ? WAKE_OK : wake_fail_nomem(err);
}

static int count_row(struct wake_existing_tally *tally, enum wake_existing_table table, const json_t *row,
    const struct wake_existing_told *told, struct wake_error *err)
{
	const char *run_id = wake_json_string(row, "run_id");
	wake_auto_free char *change = NULL;
	size_t at;
	json_t *reason;
	int status = wake_str_format(&change, err, "%s\n%s", told->old_status, told->status);

	tally->rows++;
	tally->assumed_utc |= told->assumed_utc;
	if (status == WAKE_OK)
		status = count_one(tally->statuses, change, err);
	json_array_foreach(told->misfits, at, reason)
	{
		if (status == WAKE_OK)
			status = count_one(tally->misfits, json_string_value(reason), err);
		if (status == WAKE_OK)
			status = list_row(
			    tally->listed, tables[table].name, run_id, json_string_value(reason), err);
	}
	return status;
}

/* ---- staging ---------------------------------------------------------------------------------- */

/* Takes over the event and the text of its data. */
static void stage_event(
    struct staging *staging, const json_t *row, struct wake_event *event, struct wake_existing_told *told)
{
	struct wake_event *kept = &staging->events[staging->count];
	struct wake_value *values = staging->values[staging->count];
	char *run = staging->runs[staging->count];

	*kept = *event;
	*event = (struct wake_event){ 0 };
	staging->payloads[staging->count] = told->payload;
	told->payload = NULL;
	wake_id_for_run(wake_json_string(kept->data, "run_id"), run);
	values[0] = WAKE_TEXT(kept->id);
	values[1] = WAKE_TEXT(wake_json_string(kept->data, "source"));
	values[2] = WAKE_TEXT(wake_json_string(row, "run_id"));
	values[3] = WAKE_TEXT(wake_json_string(kept->data, "run_id"));
	values[4] = WAKE_TEXT(run);
	values[5] = WAKE_TIME(kept->at);
	values[6] = WAKE_TEXT(staging->payloads[staging->count]);
	staging->count++;
}

static int take_row(const struct page *page, enum wake_existing_table table, const json_t *row, int64_t now,
    struct staging *staging, struct wake_existing_tally *tally, struct wake_error *err)
{
	const struct wake_existing_row existing = { .table = table,
		.values = row,
		.session_is_known = is_known(page->sessions, row, "session_id"),
		.user_is_known = is_known(page->users, row, "user_id"),
		.now = now };
	wake_auto_existing_told struct wake_existing_told told = { 0 };
	wake_auto_event struct wake_event event = { 0 };
	int status = wake_existing_row_event(&existing, &event, &told, err);

	if (status == WAKE_OK)
		status = count_row(tally, table, row, &told, err);
	if (status == WAKE_OK && staging)
		stage_event(staging, row, &event, &told);
	return status;
}

static int take_page(struct wake_store *store, const struct page *page, enum wake_existing_table table,
    bool stage, struct wake_existing_tally *tally, struct wake_error *err)
{
	auto_staging struct staging *staging = stage ? calloc(1, sizeof(*staging)) : NULL;
	int64_t now = wake_clock_now();
	int status = stage && !staging ? wake_fail_nomem(err) : WAKE_OK;
	size_t at;
	json_t *row;

	json_array_foreach(page->rows, at, row)
	{
		if (status == WAKE_OK)
			status = take_row(page, table, row, now, staging, tally, err);
	}
	if (status != WAKE_OK || !staging || staging->count == 0)
		return status;
	return wake_store_insert(store, WAKE_SQL_EXISTING_STAGE, staging->values[0], STAGE_COLUMNS,
	    staging->count, staging->ignored, err);
}

/* ---- a table ---------------------------------------------------------------------------------- */

static int check_total(struct wake_store *store, enum wake_existing_table table,
    const struct wake_existing_tally *tally, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, tables[table].total, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status < 0)
		return status;
	if (wake_rows_int(rows, 0) == tally->rows)
		return WAKE_OK;
	return wake_fail(err, WAKE_INVALID,
	    "%s has %lld rows, and %lld of them have a run_id of their own; give each row its own run_id "
	    "first",
	    tables[table].name, (long long)wake_rows_int(rows, 0), (long long)tally->rows);
}

int wake_existing_read(struct wake_store *store, const struct wake_existing_catalogue *catalogue,
    enum wake_existing_table table, bool stage, struct wake_existing_tally *tally, struct wake_error *err)
{
	wake_auto_free char *from = NULL;
	size_t limit = PAGE_FIRST;
	int status = WAKE_OK;

	for (;;) {
		auto_page struct page page = { 0 };

		status = read_page(store, catalogue, table, from, limit, &page, err);
		if (status != WAKE_OK || json_array_size(page.rows) == 0)
			break;
		status = take_page(store, &page, table, stage, tally, err);
		if (status != WAKE_OK)
			break;
		limit = next_limit(limit, json_array_size(page.rows));
		free(from);
		from = page.last;
		page.last = NULL; /* now ours */
	}
	/* While nobody is kept away, rows may come and go between the pages. */
	return status == WAKE_OK && stage ? check_total(store, table, tally, err) : status;
}

/* ---- the report ------------------------------------------------------------------------------- */

static int list_misfits(const json_t *counts, json_t *ret_list, struct wake_error *err)
{
	const char *reason;
	json_t *rows;

	json_object_foreach((json_t *)counts, reason, rows)
	{
		json_t *item = json_pack("{ss sO}", "reason", reason, "rows", rows);

		if (!item || json_array_append_new(ret_list, item))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

static int list_statuses(const json_t *counts, json_t *ret_list, struct wake_error *err)
{
	const char *change;
	json_t *rows;

	json_object_foreach((json_t *)counts, change, rows)
	{
		const char *to = strrchr(change, '\n');
		json_t *item =
		    json_pack("{ss# ss sO}", "from", change, (int)(to - change), "to", to + 1, "rows", rows);

		if (!item || json_array_append_new(ret_list, item))
			return wake_fail_nomem(err);
	}
	return WAKE_OK;
}

int wake_existing_tally_report(
    const struct wake_existing_tally *tally, json_t **ret_part, struct wake_error *err)
{
	json_t *misfits = json_array(), *statuses = json_array();
	wake_auto_json json_t *part = json_pack("{sI so so sb}", "rows", (json_int_t)tally->rows, "statuses",
	    statuses, "misfits", misfits, "assumed_utc", tally->assumed_utc);
	int status = part ? list_misfits(tally->misfits, misfits, err) : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = list_statuses(tally->statuses, statuses, err);
	if (status != WAKE_OK)
		return status;
	*ret_part = part;
	part = NULL; /* now the caller's */
	return WAKE_OK;
}
