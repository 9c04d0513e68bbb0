/* SPDX-License-Identifier: MIT */
/* A batch of events in one transaction: into the ledger, and those that are new there into the tables. */
#include "store/fold.h"
#include "store/record.h"

static int insert_event(struct wake_store *store, const struct wake_event *event, int64_t now, bool *ret_new,
    struct wake_error *err)
{
	wake_auto_str struct wake_str payload = WAKE_STR(256 * 1024 * 1024);
	const char *run_id = wake_json_string(event->data, "run_id");
	char run[WAKE_ID_SIZE];
	int64_t changed = 0;
	int status = wake_json_append(&payload, event->data, err);

	if (status != WAKE_OK)
		return status;
	if (run_id)
		wake_id_for_run(run_id, run);
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(wake_event_type_name(event->type)),
		WAKE_INT(WAKE_EVENT_VERSION),
		WAKE_TIME(event->at),
		WAKE_TEXT(event->host),
		WAKE_TEXT(run_id ? run : NULL),
		WAKE_JSON(payload.data),
		WAKE_TIME(now),
	};

	status = wake_store_run(store, WAKE_SQL_FOLD_EVENT, values, WAKE_COUNT(values), &changed, err);
	*ret_new = changed > 0;
	return status;
}

static int apply_all(struct wake_fold *fold, const struct wake_events *batch, struct wake_error *err)
{
	int64_t now = wake_clock_now();
	bool is_new;
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < batch->count; i++) {
		status = insert_event(fold->store, &batch->items[i], now, &is_new, err);
		if (status == WAKE_OK && is_new)
			status = wake_fold_event(fold, &batch->items[i], err);
	}
	return status == WAKE_OK ? wake_fold_decide(fold, err) : status;
}

int wake_record_apply(struct wake_store *store, struct wake_events *batch, struct wake_error *err)
{
	wake_auto_fold struct wake_fold fold = { 0 };
	int status;

	if (batch->count == 0)
		return WAKE_OK;
	status = wake_fold_init(&fold, store, err);
	if (status == WAKE_OK)
		status = wake_store_begin(store, err);
	if (status != WAKE_OK)
		return status;
	status = apply_all(&fold, batch, err);
	if (status == WAKE_OK)
		status = wake_store_commit(store, err);
	if (status != WAKE_OK)
		wake_store_rollback(store);
	return status;
}
