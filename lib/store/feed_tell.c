/* SPDX-License-Identifier: MIT */
/* Telling the team's database what waits. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/additions.h"
#include "store/feed.h"
#include "store/rights.h"

#define BATCH 500
#define BATCH_BYTES ((size_t)8 * 1024 * 1024) /* of a batch's payloads */
#define COLUMNS 8
#define PAUSE_FIRST WAKE_SECOND /* after a failure; twice as long after each further one */
#define PAUSE_MOST (60 * WAKE_SECOND)
#define DOUBLINGS 6

/* Columns of feed_next.sql, in order. */
enum { F_ID, F_TYPE, F_VERSION, F_AT, F_RUN, F_PAYLOAD, F_RECORDED };

/* Rows for the database, and the texts in them. */
struct batch {
	struct wake_value values[BATCH][COLUMNS];
	char *texts[BATCH][4]; /* id, type, run, payload; owned */
	bool ignored[BATCH];
	size_t count, bytes;
};

static void batch_free(struct batch **batch)
{
	for (size_t i = 0; *batch && i < (*batch)->count; i++) {
		for (size_t k = 0; k < WAKE_COUNT((*batch)->texts[i]); k++)
			free((*batch)->texts[i][k]);
	}
	free(*batch);
}

/* ---- reading -------------------------------------------------------------------------------- */

static int copy_cell(const struct wake_rows *rows, size_t column, char **ret_text, struct wake_error *err)
{
	const char *text = wake_rows_text(rows, column);

	return text ? wake_str_copy(text, ret_text, err) : WAKE_OK;
}

static int take_row(
    struct batch *batch, const struct wake_rows *rows, const char *host, struct wake_error *err)
{
	static const size_t columns[] = { F_ID, F_TYPE, F_RUN, F_PAYLOAD };
	struct wake_value *values = batch->values[batch->count];
	char **texts = batch->texts[batch->count];
	int status = WAKE_OK;

	batch->count++;
	for (size_t i = 0; status == WAKE_OK && i < WAKE_COUNT(columns); i++)
		status = copy_cell(rows, columns[i], &texts[i], err);
	values[0] = WAKE_TEXT(texts[0]);
	values[1] = WAKE_TEXT(texts[1]);
	values[2] = WAKE_INT(wake_rows_int(rows, F_VERSION));
	values[3] = WAKE_TIME(wake_rows_time(rows, F_AT));
	values[4] = WAKE_TEXT(host);
	values[5] = WAKE_TEXT(texts[2]);
	values[6] = WAKE_JSON(texts[3]);
	values[7] = WAKE_TIME(wake_rows_time(rows, F_RECORDED));
	batch->bytes += texts[3] ? strlen(texts[3]) : 0;
	return status;
}

static int read_batch(struct wake_store *store, const char *host, struct batch *batch, struct wake_error *err)
{
	const struct wake_value limit = WAKE_INT(BATCH);
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_FEED_NEXT, &limit, 1, &rows, err);

	while (status == WAKE_OK && batch->bytes < BATCH_BYTES && (status = wake_rows_next(rows, err)) == 1)
		status = take_row(batch, rows, host, err);
	return status;
}

/* ---- telling -------------------------------------------------------------------------------- */

static int insert(
    struct wake_store *team, struct batch *batch, size_t from, size_t count, struct wake_error *err)
{
	return wake_store_insert(
	    team, WAKE_SQL_FEED_EVENT, batch->values[from], COLUMNS, count, batch->ignored, err);
}

static int note_refused(struct wake_store *store, const char *id, const char *reason, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TEXT(reason) };

	return wake_store_run(store, WAKE_SQL_FEED_REFUSED, values, WAKE_COUNT(values), NULL, err);
}

/* What has its values refused is no outage: found one by one, and set aside. */
static int insert_one_by_one(
    struct wake_store *store, struct wake_store *team, struct batch *batch, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++) {
		status = insert(team, batch, i, 1, err);
		if (status == WAKE_INVALID)
			status = note_refused(store, batch->texts[i][0], err->text, err);
	}
	return status;
}

/* One that was refused stays listed: the statement takes off only what waits. */
static int note_done(struct wake_store *store, const struct batch *batch, struct wake_error *err)
{
	int status = wake_store_begin(store, err);

	if (status != WAKE_OK)
		return status;
	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++)
		status = wake_store_run(store, WAKE_SQL_FEED_DONE, &batch->values[i][0], 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status;
}

/* ret_count: 0 when nothing waits any more. */
static int feed_batch(struct wake_store *store, struct wake_store *team, const char *host, size_t *ret_count,
    struct wake_error *err)
{
	WAKE_CLEANUP(batch_free) struct batch *batch = calloc(1, sizeof(*batch));
	int status = batch ? read_batch(store, host, batch, err) : wake_fail_nomem(err);

	if (status != WAKE_OK)
		return status;
	*ret_count = batch->count;
	if (batch->count == 0)
		return WAKE_OK;
	status = insert(team, batch, 0, batch->count, err);
	if (status == WAKE_INVALID)
		status = insert_one_by_one(store, team, batch, err);
	return status == WAKE_OK ? note_done(store, batch, err) : status;
}

/* A machine's role may speak for itself alone, and what the server says of that names neither of the two. */
static void explain_refusal(struct wake_store *team, const char *host, struct wake_error *err)
{
	struct wake_rights rights = { 0 };
	struct wake_error ignored;

	if (wake_rights_read(team, &rights, &ignored) != WAKE_OK || rights.role != WAKE_ROLE_MACHINE ||
	    strcmp(rights.name, host) == 0)
		return;
	(void)wake_fail(err, WAKE_UNAVAILABLE,
	    "the database's role '%s' may tell events of the machine '%s' alone, and this one is called '%.64s'; set "
	    "runwake.host to the role's name",
	    rights.name, rights.name, host);
}

/* Who may only insert names no key: what another unique rule does not take would pass for known. */
static int refuse_to_lose(void *context, const struct wake_addition *addition, struct wake_error *err)
{
	(void)context;
	if (!addition->is_unique || strcmp(addition->table, "workflow_events") != 0)
		return WAKE_OK;
	return wake_fail(err, WAKE_REFUSED,
	    "the team's database would take events for known that are not: %.250s; drop it", addition->problem);
}

static int feed_all(
    struct wake_store *store, const char *url, const char *host, size_t *fed, struct wake_error *err)
{
	wake_auto_store struct wake_store *team = NULL;
	size_t count = 1;
	int status = wake_store_open(url, &team, err);

	if (status == WAKE_OK)
		status = wake_additions_check(team, refuse_to_lose, NULL, err);
	while (status == WAKE_OK && count > 0) {
		status = feed_batch(store, team, host, &count, err);
		*fed += status == WAKE_OK ? count : 0;
	}
	if (status == WAKE_UNAVAILABLE && team)
		explain_refusal(team, host, err);
	return status;
}

static int note_tried(struct wake_store *store, int64_t failures, const char *problem, struct wake_error *err)
{
	int64_t pause = PAUSE_FIRST << (failures < DOUBLINGS ? failures : DOUBLINGS);
	const struct wake_value values[] = { WAKE_INT(failures),
		WAKE_TIME(
		    problem ? wake_clock_now() + (pause < PAUSE_MOST ? pause : PAUSE_MOST) : WAKE_TIME_NONE),
		WAKE_TEXT(problem) };

	return wake_store_run(store, WAKE_SQL_FEED_TRIED, values, WAKE_COUNT(values), NULL, err);
}

int wake_feed(struct wake_store *store, const char *host, size_t *ret_fed, struct wake_error *err)
{
	wake_auto_feed_state struct wake_feed_state state = { 0 };
	struct wake_error ignored;
	int status = wake_feed_read(store, &state, err);

	*ret_fed = 0;
	if (status != WAKE_OK || !state.url || !state.waits)
		return status;
	status = feed_all(store, state.url, host, ret_fed, err);
	if (status != WAKE_OK)
		(void)!note_tried(store, state.failures + 1, err->text, &ignored);
	else if (state.failures > 0)
		status = note_tried(store, 0, NULL, err);
	return status;
}
