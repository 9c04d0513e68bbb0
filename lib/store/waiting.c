/* SPDX-License-Identifier: MIT */
/* Folding what waits in the ledger. */
#include "store/waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/fold.h"
#include "store/purge.h"
#include "store/record_retry.h"

#define ENVELOPE_MAX ((size_t)WAKE_WAITING_BYTES * 2) /* bytes of JSON */
#define MARK_COLUMNS 3

/* Columns of waiting_events.sql, in order. */
enum { W_ID, W_TYPE, W_VERSION, W_HOST, W_AT, W_PAYLOAD };

/* What one transaction takes from the ledger. */
struct waiting {
	struct wake_events events; /* to be folded; owned */
	json_t *aside;             /* the others: an object, reasons by id; owned */
	char only[WAKE_ID_SIZE];   /* where it is one event alone: which */
	size_t count;
};

static void waiting_release(struct waiting *waiting)
{
	wake_events_release(&waiting->events);
	json_decref(waiting->aside);
}

static bool has_waiting(const struct wake_store *store)
{
	return strcmp(wake_store_driver(store), "postgres") == 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int add_text(struct wake_str *out, const char *text, struct wake_error *err)
{
	wake_auto_json json_t *string = json_string(text);

	/* The server gives UTF-8. */
	return string ? wake_json_append(out, string, err) : wake_fail_nomem(err);
}

/* As it would stand in a spool, so that the same rules hold. */
static int write_envelope(const struct wake_rows *rows, struct wake_str *out, struct wake_error *err)
{
	int status;

	if (!wake_rows_text(rows, W_PAYLOAD))
		return wake_fail(
		    err, WAKE_INVALID, "it says nothing, or more than %d bytes", WAKE_WAITING_BYTES);
	if (!wake_rows_text(rows, W_AT))
		return wake_fail(err, WAKE_INVALID, "its time is out of all bounds");
	wake_str_appendf(out, "{\"v\":%lld,\"id\":", (long long)wake_rows_int(rows, W_VERSION));
	status = add_text(out, wake_rows_text(rows, W_ID), err);
	wake_str_append(out, ",\"type\":");
	if (status == WAKE_OK)
		status = add_text(out, wake_rows_text(rows, W_TYPE), err);
	wake_str_append(out, ",\"host\":");
	if (status == WAKE_OK)
		status = add_text(out, wake_rows_text(rows, W_HOST), err);
	wake_str_append(out, ",\"at\":");
	if (status == WAKE_OK)
		status = add_text(out, wake_rows_text(rows, W_AT), err);
	wake_str_append(out, ",\"data\":");
	wake_str_append(out, wake_rows_text(rows, W_PAYLOAD));
	wake_str_append(out, "}");
	return status == WAKE_OK ? wake_str_check(out, err) : status;
}

/* A hint would have whoever has the files look at paths that a stranger named; machines that feed send none. */
static int read_event(const struct wake_rows *rows, struct wake_event *ret_event, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(ENVELOPE_MAX);
	wake_auto_event struct wake_event event = { 0 };
	int status = write_envelope(rows, &text, err);

	if (status == WAKE_OK)
		status = wake_event_parse(text.data, text.len, &event, err);
	if (status == WAKE_OK && event.type == WAKE_EVENT_EDITED)
		status = wake_fail(err, WAKE_INVALID, "a hint of edits is for the machine that has the files");
	if (status != WAKE_OK)
		return status;
	*ret_event = event;
	event = (struct wake_event){ 0 }; /* the caller's now */
	return WAKE_OK;
}

static int put_aside(struct waiting *waiting, const char *id, const char *reason, struct wake_error *err)
{
	return json_object_set_new(waiting->aside, id, json_string(reason)) < 0 ? wake_fail_nomem(err)
	                                                                        : WAKE_OK;
}

static int take_row(struct waiting *waiting, const struct wake_rows *rows, struct wake_error *err)
{
	struct wake_event event = { 0 };
	struct wake_error why;
	int status = read_event(rows, &event, &why);

	(void)snprintf(waiting->only, sizeof(waiting->only), "%s", wake_rows_text(rows, W_ID));
	waiting->count++;
	if (status == WAKE_OK)
		return wake_events_add(&waiting->events, &event, err);
	if (status == WAKE_NOMEM) {
		*err = why;
		return status;
	}
	return put_aside(waiting, waiting->only, why.text, err);
}

static int read_waiting(
    struct wake_store *store, size_t limit, struct waiting *waiting, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_INT((int64_t)limit), WAKE_INT(WAKE_WAITING_BYTES) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_WAITING_EVENTS, values, WAKE_COUNT(values), &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = take_row(waiting, rows, err);
	return status;
}

/* ---- marking -------------------------------------------------------------------------------- */

/* Rows of MARK_COLUMNS values for as many events as a batch has. */
struct marks {
	struct wake_value values[WAKE_WAITING_BATCH][MARK_COLUMNS];
	char runs[WAKE_WAITING_BATCH][WAKE_ID_SIZE];
	bool ignored[WAKE_WAITING_BATCH];
};

static int mark_folded(struct wake_store *store, const struct wake_events *events, struct wake_error *err)
{
	struct marks *marks = calloc(1, sizeof(*marks));
	int64_t now = wake_clock_now();
	int status;

	if (!marks)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < events->count; i++) {
		const char *run_id = wake_json_string(events->items[i].data, "run_id");

		if (run_id)
			wake_id_for_run(run_id, marks->runs[i]);
		marks->values[i][0] = WAKE_TEXT(events->items[i].id);
		marks->values[i][1] = WAKE_TEXT(run_id ? marks->runs[i] : NULL);
		marks->values[i][2] = WAKE_TIME(now);
	}
	status = wake_store_insert(store, WAKE_SQL_WAITING_FOLDED, marks->values[0], MARK_COLUMNS,
	    events->count, marks->ignored, err);
	free(marks);
	return status;
}

static int mark_aside(struct wake_store *store, json_t *aside, struct wake_error *err)
{
	int status = WAKE_OK;
	const char *id;
	json_t *reason;

	json_object_foreach(aside, id, reason)
	{
		const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TEXT(json_string_value(reason)) };

		status =
		    wake_store_run(store, WAKE_SQL_WAITING_SET_ASIDE, values, WAKE_COUNT(values), NULL, err);
		if (status != WAKE_OK)
			break;
	}
	return status;
}

/* ---- folding -------------------------------------------------------------------------------- */

/* They are in the ledger as they were told. */
static int blank_purged(struct wake_store *store, struct wake_events *events, struct wake_error *err)
{
	wake_auto_free bool *blanked = calloc(events->count, sizeof(*blanked));
	int status = blanked ? wake_purge_gate(store, events, blanked, err) : wake_fail_nomem(err);

	for (size_t i = 0; status == WAKE_OK && i < events->count; i++) {
		if (blanked[i])
			status = wake_purge_rewrite(store, &events->items[i], err);
	}
	return status;
}

static int fold_all(struct wake_store *store, struct wake_events *events, struct wake_error *err)
{
	wake_auto_fold struct wake_fold fold = { 0 };
	int status = wake_fold_init(&fold, store, err);

	if (status == WAKE_OK)
		status = blank_purged(store, events, err);
	for (size_t i = 0; status == WAKE_OK && i < events->count; i++)
		status = wake_fold_event(&fold, &events->items[i], err);
	if (status == WAKE_OK)
		status = wake_fold_decide(&fold, err);
	return status == WAKE_OK ? mark_folded(store, events, err) : status;
}

/* In a transaction. waiting: what it took, also where it fails. */
static int fold_some(struct wake_store *store, size_t limit, struct waiting *waiting, struct wake_error *err)
{
	int status = read_waiting(store, limit, waiting, err);

	if (status == WAKE_OK && waiting->events.count > 0)
		status = fold_all(store, &waiting->events, err);
	return status == WAKE_OK ? mark_aside(store, waiting->aside, err) : status;
}

static int fold_once(struct wake_store *store, size_t limit, struct waiting *waiting, struct wake_error *err)
{
	int status;

	waiting_release(waiting);
	*waiting = (struct waiting){ .aside = json_object() };
	if (!waiting->aside)
		return wake_fail_nomem(err);
	status = wake_store_begin(store, err);
	if (status != WAKE_OK)
		return status;
	status = fold_some(store, limit, waiting, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status;
}

static int fold_patiently(
    struct wake_store *store, size_t limit, struct waiting *waiting, struct wake_error *err)
{
	int status = fold_once(store, limit, waiting, err);

	for (int number = 0; wake_record_may_retry(store, status, number); number++) {
		wake_record_pause(number);
		status = fold_once(store, limit, waiting, err);
	}
	return status;
}

/* The one that the tables refuse, though it is an event. */
static int set_one_aside(struct wake_store *store, const char *id, const char *reason, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_TEXT(reason) };
	int status = wake_store_begin(store, err);

	if (status != WAKE_OK)
		return status;
	status = wake_store_run(store, WAKE_SQL_WAITING_SET_ASIDE, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status;
}

static int any_waits(struct wake_store *store, bool *ret_any, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_WAITING_ANY, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_any = status == 1;
	return status < 0 ? status : WAKE_OK;
}

int wake_waiting_fold(struct wake_store *store, size_t *ret_folded, bool *ret_more, struct wake_error *err)
{
	WAKE_CLEANUP(waiting_release) struct waiting waiting = { 0 };
	size_t limit = WAKE_WAITING_BATCH;
	struct wake_error why;
	bool any = false;
	int status = has_waiting(store) ? any_waits(store, &any, err) : WAKE_OK;

	*ret_folded = 0;
	*ret_more = any;
	if (status != WAKE_OK || !any)
		return status;
	status = fold_patiently(store, limit, &waiting, &why);
	while (status == WAKE_INVALID && waiting.count > 1) {
		limit = waiting.count / 2;
		status = fold_patiently(store, limit, &waiting, &why);
	}
	if (status == WAKE_INVALID && waiting.count == 1)
		return set_one_aside(store, waiting.only, why.text, err);
	if (status != WAKE_OK) {
		*err = why;
		return status;
	}
	*ret_folded = waiting.events.count;
	return WAKE_OK;
}

int wake_waiting_again(struct wake_store *store, bool all, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_INT(WAKE_EVENT_VERSION), WAKE_BOOL(all) };

	return has_waiting(store)
	           ? wake_store_run(store, WAKE_SQL_WAITING_AGAIN, values, WAKE_COUNT(values), NULL, err)
	           : WAKE_OK;
}

int wake_waiting_count(struct wake_store *store, struct wake_waiting *ret_waiting, struct wake_error *err)
{
	struct wake_waiting waiting = { 0 };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = WAKE_OK;

	if (has_waiting(store))
		status = wake_store_query(store, WAKE_SQL_WAITING_COUNT, NULL, 0, &rows, err);
	if (status == WAKE_OK && rows)
		status = wake_rows_next(rows, err);
	if (status == 1) {
		waiting.events = wake_rows_int(rows, 0);
		waiting.set_aside = wake_rows_int(rows, 1);
		(void)snprintf(waiting.reason, sizeof(waiting.reason), "%s",
		    wake_rows_text(rows, 2) ? wake_rows_text(rows, 2) : "");
	}
	if (status >= 0)
		*ret_waiting = waiting;
	return status < 0 ? status : WAKE_OK;
}
