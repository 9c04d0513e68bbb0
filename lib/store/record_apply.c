/* SPDX-License-Identifier: MIT */
/* A batch of events in one transaction: into the ledger, and those that are new there into the tables. */
#include <stdlib.h>
#include <time.h>

#include "store/feed.h"
#include "store/fold.h"
#include "store/purge.h"
#include "store/record.h"
#include "store/record_parts.h"
#include "store/record_retry.h"

#define EVENT_COLUMNS 8
#define TRIES 6
#define FIRST_PAUSE 5000 /* microseconds; twice as long before each further try, and jittered */

/* The ledger's rows of a batch. */
struct ledger_rows {
	struct wake_value (*values)[EVENT_COLUMNS];
	char (*runs)[WAKE_ID_SIZE];
	char **payloads;
	bool *is_new;
	bool *is_blanked; /* since its row was filled */
	size_t count;
};

static void ledger_rows_release(struct ledger_rows *rows)
{
	for (size_t i = 0; rows->payloads && i < rows->count; i++)
		free(rows->payloads[i]);
	free(rows->values);
	free(rows->runs);
	free(rows->payloads);
	free(rows->is_new);
	free(rows->is_blanked);
}

static int fill_row(
    struct ledger_rows *rows, size_t at, const struct wake_event *event, int64_t now, struct wake_error *err)
{
	wake_auto_str struct wake_str payload = WAKE_STR(256 * 1024 * 1024);
	const char *run_id = wake_json_string(event->data, "run_id");
	int status = wake_json_append(&payload, event->data, err);

	free(rows->payloads[at]);
	rows->payloads[at] = NULL;
	if (status == WAKE_OK)
		status = wake_str_steal(&payload, &rows->payloads[at], err);
	if (status != WAKE_OK)
		return status;
	if (run_id)
		wake_id_for_run(run_id, rows->runs[at]);
	rows->values[at][0] = WAKE_TEXT(event->id);
	rows->values[at][1] = WAKE_TEXT(wake_event_type_name(event->type));
	rows->values[at][2] = WAKE_INT(WAKE_EVENT_VERSION);
	rows->values[at][3] = WAKE_TIME(event->at);
	rows->values[at][4] = WAKE_TEXT(event->host);
	rows->values[at][5] = WAKE_TEXT(run_id ? rows->runs[at] : NULL);
	rows->values[at][6] = WAKE_JSON(rows->payloads[at]);
	rows->values[at][7] = WAKE_TIME(now);
	return WAKE_OK;
}

static int make_rows(struct ledger_rows *rows, const struct wake_events *batch, struct wake_error *err)
{
	int64_t now = wake_clock_now();
	int status = WAKE_OK;

	rows->count = batch->count;
	rows->values = calloc(batch->count, sizeof(*rows->values));
	rows->runs = calloc(batch->count, sizeof(*rows->runs));
	rows->payloads = calloc(batch->count, sizeof(*rows->payloads));
	rows->is_new = calloc(batch->count, sizeof(*rows->is_new));
	rows->is_blanked = calloc(batch->count, sizeof(*rows->is_blanked));
	if (!rows->values || !rows->runs || !rows->payloads || !rows->is_new || !rows->is_blanked)
		return wake_fail_nomem(err);
	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++)
		status = fill_row(rows, i, &batch->items[i], now, err);
	return status;
}

/* Nothing of what was purged is written, not even to be blanked afterwards. */
static int pass_gate(
    struct wake_store *store, struct wake_events *batch, struct ledger_rows *rows, struct wake_error *err)
{
	int status = wake_purge_gate(store, batch, rows->is_blanked, err);

	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++) {
		if (rows->is_blanked[i])
			status = fill_row(rows, i, &batch->items[i], rows->values[i][7].number, err);
	}
	return status;
}

static int apply_all(
    struct wake_fold *fold, struct wake_events *batch, struct ledger_rows *rows, struct wake_error *err)
{
	int status = pass_gate(fold->store, batch, rows, err);

	if (status == WAKE_OK)
		status = wake_store_insert(fold->store, WAKE_SQL_FOLD_EVENT, rows->values[0],
		    EVENT_COLUMNS, rows->count, rows->is_new, err);
	if (status == WAKE_OK)
		status = wake_feed_want(fold->store, batch, rows->is_new, err);
	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++) {
		if (rows->is_new[i])
			status = wake_fold_event(fold, &batch->items[i], err);
	}
	return status == WAKE_OK ? wake_fold_decide(fold, err) : status;
}

static int apply_once(struct wake_store *store, struct wake_events *batch, struct ledger_rows *rows,
    struct wake_error *err)
{
	wake_auto_fold struct wake_fold fold = { 0 };
	int status = wake_fold_init(&fold, store, err);

	if (status == WAKE_OK)
		status = wake_store_begin(store, err);
	if (status != WAKE_OK)
		return status;
	status = apply_all(&fold, batch, rows, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status;
}

/* Two that collided and paused equally long would collide again. */
void wake_record_pause(int number)
{
	int64_t most = (int64_t)FIRST_PAUSE << number, time = most / 2 + wake_clock_monotonic() % (most / 2);
	const struct timespec left = { .tv_sec = time / WAKE_SECOND, .tv_nsec = time % WAKE_SECOND * 1000 };

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &left, NULL);
}

int wake_record_stamp(const char *host, struct wake_events *batch, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; *host && status == WAKE_OK && i < batch->count; i++) {
		free(batch->items[i].host);
		batch->items[i].host = NULL;
		status = wake_str_copy(host, &batch->items[i].host, err);
	}
	return status;
}

bool wake_record_may_retry(const struct wake_store *store, int status, int number)
{
	return (status == WAKE_BUSY || status == WAKE_UNAVAILABLE) && number < TRIES && wake_store_may_retry(store);
}

int wake_record_apply(struct wake_store *store, struct wake_events *batch, struct wake_error *err)
{
	WAKE_CLEANUP(ledger_rows_release) struct ledger_rows rows = { 0 };
	int status;

	if (batch->count == 0)
		return WAKE_OK;
	status = make_rows(&rows, batch, err);
	if (status == WAKE_OK)
		status = apply_once(store, batch, &rows, err);
	for (int number = 0; wake_record_may_retry(store, status, number); number++) {
		wake_record_pause(number);
		status = apply_once(store, batch, &rows, err);
	}
	return status;
}
