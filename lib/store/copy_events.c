/* SPDX-License-Identifier: MIT */
/* The ledger, replayed: page by page of ids, what the other ledger lacks is read and applied. */
#include <stdlib.h>
#include <string.h>

#include "store/copy_parts.h"
#include "store/record.h"

#define PAGE_IDS 500 /* as many as a batch of the recorder has */
#define BATCH_BYTES (4 * 1024 * 1024)
#define NIL "00000000-0000-0000-0000-000000000000"
#define ID_JSON (WAKE_ID_SIZE + 2) /* bytes of an id in a list: its quotes and a comma */

struct page {
	char ids[PAGE_IDS + 1][WAKE_ID_SIZE];
	bool known[PAGE_IDS + 1];
	size_t count;
};

/* ---- which ones -------------------------------------------------------------------------------- */

/* Those from an id on, without that one itself where it was in the page before. */
static int read_ids(
    struct wake_copy *copy, struct page *page, const char *from, bool again, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(from), WAKE_INT(PAGE_IDS + 1) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(copy->from, WAKE_SQL_COPY_EVENT_IDS, values, WAKE_COUNT(values), &rows, err);

	page->count = 0;
	while (status >= 0 && page->count <= PAGE_IDS && (status = wake_rows_next(rows, err)) == 1) {
		const char *id = wake_rows_text(rows, 0);

		if (strlen(id) >= WAKE_ID_SIZE)
			return wake_fail(
			    err, WAKE_CORRUPT, "the ledger has an event whose id is no UUID: '%.64s'", id);
		if (again && strcmp(id, from) == 0)
			continue;
		page->known[page->count] = false;
		memcpy(page->ids[page->count++], id, strlen(id) + 1);
	}
	return status < 0 ? status : WAKE_OK;
}

static int compare_ids(const void *key, const void *id)
{
	return strcmp(key, id);
}

static char *find_id(struct page *page, const char *id)
{
	return bsearch(id, page->ids, page->count, sizeof(page->ids[0]), compare_ids);
}

static int mark_known(struct wake_copy *copy, struct page *page, struct wake_error *err)
{
	wake_auto_str struct wake_str list = WAKE_STR((PAGE_IDS + 2) * ID_JSON);
	wake_auto_rows struct wake_rows *rows = NULL;
	int status;

	for (size_t i = 0; i < page->count; i++)
		wake_str_appendf(&list, "%s\"%s\"", i == 0 ? "[" : ",", page->ids[i]);
	wake_str_append_char(&list, ']');
	status = wake_str_check(&list, err);
	if (status == WAKE_OK)
		status = wake_store_query(
		    copy->to, WAKE_SQL_COPY_EVENTS_KNOWN, &WAKE_JSON(list.data), 1, &rows, err);
	while (status >= 0 && (status = wake_rows_next(rows, err)) == 1) {
		char *found = find_id(page, wake_rows_text(rows, 0));

		if (found)
			page->known[(size_t)(found - page->ids[0]) / WAKE_ID_SIZE] = true;
	}
	return status < 0 ? status : WAKE_OK;
}

/* ---- replaying --------------------------------------------------------------------------------- */

/* jansson cuts a text short, or calls it bad, where memory is out in the middle of it. What was read whole is
 * written as it was; whatever is not is read once more, and must come to the same. */
static int parse_payload(const char *payload, json_t **ret_data, struct wake_error *err)
{
	wake_auto_str struct wake_str written = WAKE_STR(WAKE_EVENT_LARGEST);
	wake_auto_json json_t *data = NULL, *again = NULL;
	int status = wake_json_parse(payload, strlen(payload), &data, err);

	if (status == WAKE_OK)
		status = wake_json_append(&written, data, err);
	if (status == WAKE_INVALID || (status == WAKE_OK && strcmp(written.data, payload) != 0)) {
		status = wake_json_parse(payload, strlen(payload), &again, err);
		if (status == WAKE_OK && !json_equal(data, again))
			status = wake_fail_nomem(err);
	}
	if (status == WAKE_OK)
		*ret_data = json_incref(data);
	return status;
}

static int read_event(const struct wake_rows *row, struct wake_event *ret_event, struct wake_error *err)
{
	const char *payload = wake_rows_text(row, 6);
	json_t *data = NULL;
	int status = parse_payload(payload ? payload : "", &data, err);

	if (status != WAKE_OK)
		return status;
	return wake_event_restore(wake_rows_text(row, 1), wake_rows_int(row, 2), wake_rows_text(row, 0),
	    wake_rows_time(row, 3), wake_rows_text(row, 4), data, ret_event, err);
}

/* The columns of copy_events and of copy_insert_event. */
#define COLUMNS 10
#define SET_ASIDE 9

static int set_aside_row(struct wake_copy_batch *aside, const struct wake_rows *row, struct wake_error *err)
{
	const char *texts[COLUMNS];

	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		texts[i] = wake_rows_text(row, i);
	return wake_copy_batch_add(aside, texts, WAKE_COUNT(texts), err);
}

/* The events of the page from its place on that fit into a batch, and those that cannot be replayed.
 * ret_next: the place of the next one in the page. */
static int read_batch(struct wake_copy *copy, struct page *page, size_t *ret_next, struct wake_events *batch,
    struct wake_copy_batch *aside, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(page->ids[*ret_next]),
		WAKE_TEXT(page->ids[page->count - 1]), WAKE_INT(BATCH_BYTES) };
	wake_auto_rows struct wake_rows *rows = NULL;
	size_t next = *ret_next + 1;
	int status =
	    wake_store_query(copy->from, WAKE_SQL_COPY_EVENTS, values, WAKE_COUNT(values), &rows, err);

	while (status >= 0 && (status = wake_rows_next(rows, err)) == 1) {
		const char *found = find_id(page, wake_rows_text(rows, 0));
		size_t place = found ? (size_t)(found - page->ids[0]) / WAKE_ID_SIZE : 0;
		struct wake_event event = { 0 };

		/* One that arrived since is taken by a later copy. */
		if (found && place >= next)
			next = place + 1;
		if (!found || page->known[place])
			continue;
		/* What was set aside did nothing there, and must do nothing here. */
		status = wake_rows_is_null(rows, SET_ASIDE) ? read_event(rows, &event, err) : WAKE_INVALID;
		if (status == WAKE_OK)
			status = wake_events_add(batch, &event, err);
		else if (status == WAKE_INVALID)
			status = set_aside_row(aside, rows, err);
	}
	*ret_next = next;
	return status < 0 ? status : WAKE_OK;
}

static int set_aside_event(
    struct wake_copy_batch *aside, const struct wake_event *event, struct wake_error *err)
{
	wake_auto_str struct wake_str payload = WAKE_STR(WAKE_EVENT_LARGEST);
	const char *run_id = wake_json_string(event->data, "run_id");
	char at[WAKE_TIME_SIZE], now[WAKE_TIME_SIZE], run[WAKE_ID_SIZE];
	int status = wake_json_append(&payload, event->data, err);

	if (status != WAKE_OK)
		return status;
	wake_time_format(event->at, at);
	wake_time_format(wake_clock_now(), now);
	if (run_id)
		wake_id_for_run(run_id, run);
	const char *const texts[] = { event->id, wake_event_type_name(event->type), "1", at, event->host,
		run_id ? run : NULL, payload.data, now, now, NULL };

	_Static_assert(WAKE_EVENT_VERSION == 1, "the version is written here");
	return wake_copy_batch_add(aside, texts, WAKE_COUNT(texts), err);
}

/* As the recorder does with a batch of which one event is at fault. */
static int apply_singly(
    struct wake_copy *copy, struct wake_events *batch, struct wake_copy_batch *aside, struct wake_error *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct wake_events one = { .items = &batch->items[i], .count = 1, .room = 1 };
		int status = wake_record_apply(copy->to, &one, err);

		if (status == WAKE_INVALID)
			status = set_aside_event(aside, &batch->items[i], err);
		if (status != WAKE_OK)
			return status;
	}
	return WAKE_OK;
}

static int replay_from(struct wake_copy *copy, struct page *page, size_t *place, struct wake_error *err)
{
	wake_auto_events struct wake_events batch = { 0 };
	wake_auto_copy_batch struct wake_copy_batch aside;
	size_t refused;
	int status;

	wake_copy_batch_init(&aside, &wake_copy_bare_events);
	status = read_batch(copy, page, place, &batch, &aside, err);
	if (status == WAKE_OK)
		status = wake_record_apply(copy->to, &batch, err);
	if (status == WAKE_INVALID)
		status = apply_singly(copy, &batch, &aside, err);
	refused = aside.rows;
	if (status == WAKE_OK)
		status = wake_copy_batch_write(copy, &aside, err);
	if (status != WAKE_OK)
		return status;
	copy->set_aside += (int64_t)refused;
	copy->events += (int64_t)batch.count;
	return WAKE_OK;
}

static int count_events(struct wake_copy *copy, int64_t *ret_count, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(copy->from, WAKE_SQL_COPY_EVENTS_COUNT, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status == 1)
		*ret_count = wake_rows_int(rows, 0);
	return status < 0 ? status : WAKE_OK;
}

int wake_copy_events(struct wake_copy *copy, struct wake_error *err)
{
	wake_auto_free struct page *page = malloc(sizeof(*page));
	char last[WAKE_ID_SIZE] = NIL;
	int64_t done = 0, total = 0;
	int status = page ? count_events(copy, &total, err) : wake_fail_nomem(err);

	while (status == WAKE_OK) {
		status = read_ids(copy, page, last, done > 0, err);
		if (status != WAKE_OK || page->count == 0)
			return status;
		status = mark_known(copy, page, err);
		for (size_t place = 0; place < page->count && status == WAKE_OK;) {
			if (page->known[place])
				place++;
			else
				status = replay_from(copy, page, &place, err);
			wake_copy_say(copy, "events", done + (int64_t)place, total);
		}
		done += (int64_t)page->count;
		memcpy(last, page->ids[page->count - 1], sizeof(last));
	}
	return status;
}
