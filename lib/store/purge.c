/* SPDX-License-Identifier: MIT */
/* A purge in the store: the fold of it, and the gate that later events pass. */
#include "store/purge.h"

#include <string.h>

#include "store/fold.h"

#define NIL "00000000-0000-0000-0000-000000000000"
#define PAGE 100 /* events, whose texts are in memory together */

/* ---- the gate ---------------------------------------------------------------------------------- */

static int add_run(json_t *set, const struct wake_event *event, struct wake_error *err)
{
	const char *run_id = wake_json_string(event->data, "run_id");
	char run[WAKE_ID_SIZE];

	if (!run_id)
		return WAKE_OK;
	wake_id_for_run(run_id, run);
	return wake_fold_touch(set, run, err);
}

static int ask_purged(struct wake_store *store, const json_t *runs, json_t *purged, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(64 * 1024 * 1024);
	wake_auto_json json_t *list = json_array();
	wake_auto_rows struct wake_rows *rows = NULL;
	const char *run;
	json_t *value;
	int status = list ? WAKE_OK : wake_fail_nomem(err);

	json_object_foreach((json_t *)runs, run, value)
	{
		if (status == WAKE_OK && json_array_append_new(list, json_string(run)))
			status = wake_fail_nomem(err);
	}
	if (status == WAKE_OK)
		status = wake_json_append(&text, list, err);
	if (status == WAKE_OK)
		status =
		    wake_store_query(store, WAKE_SQL_FOLD_PURGED_OF, &WAKE_JSON(text.data), 1, &rows, err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = wake_fold_touch(purged, wake_rows_text(rows, 0), err);
	return status;
}

/* Runs that the batch has words of, and those of them, or that it purges, whose words are to go. */
static int find_purged(
    struct wake_store *store, const struct wake_events *batch, json_t *purged, struct wake_error *err)
{
	wake_auto_json json_t *told = json_object();
	int status = told ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++) {
		const struct wake_event *event = &batch->items[i];

		if (event->type == WAKE_EVENT_PURGED)
			status = add_run(purged, event, err);
		else if (wake_event_has_words(event->type))
			status = add_run(told, event, err);
	}
	return status == WAKE_OK && json_object_size(told) > 0 ? ask_purged(store, told, purged, err)
	                                                       : status;
}

int wake_purge_gate(
    struct wake_store *store, struct wake_events *batch, bool *ret_blanked, struct wake_error *err)
{
	wake_auto_json json_t *purged = json_object();
	int status = purged ? find_purged(store, batch, purged, err) : wake_fail_nomem(err);

	for (size_t i = 0; i < batch->count; i++)
		ret_blanked[i] = false;
	for (size_t i = 0; status == WAKE_OK && json_object_size(purged) > 0 && i < batch->count; i++) {
		struct wake_event *event = &batch->items[i];
		const char *run_id = wake_json_string(event->data, "run_id");
		char run[WAKE_ID_SIZE];
		size_t bytes = 0;

		if (!run_id || !wake_event_has_words(event->type))
			continue;
		wake_id_for_run(run_id, run);
		if (!json_object_get(purged, run))
			continue;
		status = wake_event_blank(event->type, event->data, &bytes, err);
		ret_blanked[i] = true;
	}
	return status;
}

static int write_payload(
    struct wake_store *store, enum wake_sql sql, const char *id, const json_t *data, struct wake_error *err)
{
	wake_auto_str struct wake_str payload = WAKE_STR(WAKE_EVENT_LARGEST);
	int status = wake_json_append(&payload, data, err);

	if (status != WAKE_OK)
		return status;

	const struct wake_value values[] = { WAKE_TEXT(id), WAKE_JSON(payload.data) };

	return wake_store_run(store, sql, values, WAKE_COUNT(values), NULL, err);
}

int wake_purge_rewrite(struct wake_store *store, const struct wake_event *event, struct wake_error *err)
{
	return write_payload(store, WAKE_SQL_FOLD_EVENT_PURGED, event->id, event->data, err);
}

/* ---- what is there already ----------------------------------------------------------------------- */

static enum wake_event_type type_named(const char *name)
{
	int type = 0;

	while (type < WAKE_EVENT_TYPE_COUNT &&
	       strcmp(wake_event_type_name((enum wake_event_type)type), name) != 0)
		type++;
	return (enum wake_event_type)type;
}

/* A payload that is there, blanked. ret_bytes 0: it was so already. */
static int blank_payload(enum wake_event_type type, const char *payload, json_t **ret_data, size_t *ret_bytes,
    struct wake_error *err)
{
	wake_auto_json json_t *data = NULL;
	int status = wake_json_parse(payload, strlen(payload), &data, err);

	*ret_bytes = 0;
	if (status == WAKE_OK && type < WAKE_EVENT_TYPE_COUNT && json_is_object(data))
		status = wake_event_blank(type, data, ret_bytes, err);
	if (status == WAKE_OK)
		*ret_data = json_incref(data);
	return status;
}

/* What a page of the ledger comes to. */
struct page {
	struct wake_store *store;
	const char *run;
	char after[WAKE_ID_SIZE];
	json_t *blanked; /* {event: its data}; owned; NULL: only count */
	struct wake_purge_extent *extent;
};

static int take_event(struct page *page, const struct wake_rows *rows, struct wake_error *err)
{
	wake_auto_json json_t *data = NULL;
	const char *id = wake_rows_text(rows, 0);
	size_t bytes = 0;
	int status =
	    blank_payload(type_named(wake_rows_text(rows, 1)), wake_rows_text(rows, 2), &data, &bytes, err);

	(void)snprintf(page->after, sizeof(page->after), "%s", id);
	if (status != WAKE_OK || bytes == 0)
		return status;
	page->extent->events++;
	page->extent->bytes += (int64_t)bytes;
	if (page->blanked && json_object_set(page->blanked, id, data))
		return wake_fail_nomem(err);
	return WAKE_OK;
}

/* 1: there may be more. */
static int read_page(struct page *page, struct wake_error *err)
{
	char after[WAKE_ID_SIZE];
	const struct wake_value values[] = { WAKE_TEXT(page->run), WAKE_TEXT(after), WAKE_INT(PAGE) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int count = 0, status;

	memcpy(after, page->after, sizeof(after));
	status = wake_store_query(
	    page->store, WAKE_SQL_FOLD_EVENTS_TO_PURGE, values, WAKE_COUNT(values), &rows, err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		status = take_event(page, rows, err);
		count++;
	}
	return status == WAKE_OK ? count == PAGE : status;
}

static int blank_ledger(struct wake_store *store, const char *run, struct wake_error *err)
{
	struct wake_purge_extent extent = { 0 };
	struct page page = { .store = store, .run = run, .after = NIL, .extent = &extent };
	const char *id;
	json_t *data;
	int more;

	do {
		wake_auto_json json_t *blanked = page.blanked = json_object();

		if (!blanked)
			return wake_fail_nomem(err);
		more = read_page(&page, err);
		json_object_foreach(blanked, id, data)
		{
			int status =
			    more < 0 ? more : write_payload(store, WAKE_SQL_FOLD_EVENT_PURGED, id, data, err);

			if (status != WAKE_OK)
				return status;
		}
	} while (more == 1);
	return more;
}

static int read_imports(struct wake_store *store, const char *run, json_t *imports, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_FOLD_IMPORTS_TO_PURGE, &WAKE_TEXT(run), 1, &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		wake_auto_json json_t *data = NULL;
		size_t bytes = 0;

		status = blank_payload(WAKE_EVENT_RUN_IMPORTED, wake_rows_text(rows, 1), &data, &bytes, err);
		if (status == WAKE_OK && json_object_set(imports, wake_rows_text(rows, 0), data))
			status = wake_fail_nomem(err);
	}
	return status;
}

static int blank_imports(struct wake_fold *fold, const char *run, struct wake_error *err)
{
	wake_auto_json json_t *imports = json_object();
	const char *id;
	json_t *data;
	int status = imports ? read_imports(fold->store, run, imports, err) : wake_fail_nomem(err);

	json_object_foreach(imports, id, data)
	{
		if (status == WAKE_OK)
			status = write_payload(fold->store, WAKE_SQL_FOLD_IMPORT_PURGED, id, data, err);
	}
	return status == WAKE_OK && json_object_size(imports) > 0 ? wake_fold_touch(fold->imports, run, err)
	                                                          : status;
}

static int blank_run(struct wake_fold *fold, const char *run, int64_t at, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(run), WAKE_TIME(at) };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_RUN_PURGED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_REPORTS_PURGED, values, 1, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_SAID_PURGED, values, 1, NULL, err);
	/* What an agent tells again is known by its text. */
	if (status == WAKE_OK)
		status = wake_fold_touch_found(
		    fold, fold->runs, WAKE_SQL_FOLD_PURGED_DELIVERED_TO, values, 1, err);
	if (status == WAKE_OK)
		status = blank_imports(fold, run, err);
	if (status == WAKE_OK)
		status = blank_ledger(fold->store, run, err);
	return status == WAKE_OK ? wake_fold_touch(fold->runs, run, err) : status;
}

int wake_fold_purged(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(event->data, "run_id"), event->at, run, err);

	return status == WAKE_OK ? blank_run(fold, run, event->at, err) : status;
}

int wake_purge_measure(
    struct wake_store *store, const char *run, struct wake_purge_extent *ret_extent, struct wake_error *err)
{
	struct wake_purge_extent extent = { 0 };
	struct page page = { .store = store, .run = run, .after = NIL, .extent = &extent };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status;

	do
		status = read_page(&page, err);
	while (status == 1);
	if (status == WAKE_OK)
		status = wake_store_query(store, WAKE_SQL_PURGE_KEPT_STATES, &WAKE_TEXT(run), 1, &rows, err);
	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status < 0)
		return status;
	extent.states = wake_rows_int(rows, 0);
	extent.kept_bytes = wake_rows_int(rows, 1);
	*ret_extent = extent;
	return WAKE_OK;
}

/* ---- after a copy ------------------------------------------------------------------------------ */

static int blank_again(struct wake_store *store, const char *run, int64_t at, struct wake_error *err)
{
	wake_auto_fold struct wake_fold fold = { 0 };
	int status = wake_fold_init(&fold, store, err);

	if (status == WAKE_OK)
		status = wake_store_begin(store, err);
	if (status != WAKE_OK)
		return status;
	status = blank_run(&fold, run, at, err);
	if (status == WAKE_OK)
		status = wake_fold_decide(&fold, err);
	if (status == WAKE_OK)
		return wake_store_commit(store, err);
	wake_store_rollback(store);
	return status;
}

int wake_purge_again(struct wake_store *store, struct wake_error *err)
{
	char after[WAKE_ID_SIZE] = NIL;
	int status = 1;

	while (status == 1) {
		const struct wake_value values[] = { WAKE_TEXT(after), WAKE_INT(1) };
		wake_auto_rows struct wake_rows *rows = NULL;
		char run[WAKE_ID_SIZE];
		int64_t at;

		status = wake_store_query(
		    store, WAKE_SQL_FOLD_PURGED_RUNS, values, WAKE_COUNT(values), &rows, err);
		if (status == WAKE_OK)
			status = wake_rows_next(rows, err);
		if (status != 1)
			return status;
		(void)snprintf(run, sizeof(run), "%s", wake_rows_text(rows, 0));
		at = wake_rows_time(rows, 1);
		memcpy(after, run, sizeof(after));
		wake_rows_free(rows);
		rows = NULL;
		status = blank_again(store, run, at, err);
		if (status == WAKE_OK)
			status = 1;
	}
	return status;
}
