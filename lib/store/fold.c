/* SPDX-License-Identifier: MIT */
/* One event into the tables, and the order in which touched things are decided. */
#include "store/fold.h"

#include <string.h>

typedef int (*fold_function)(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err);

static const fold_function fold_functions[WAKE_EVENT_TYPE_COUNT] = {
	[WAKE_EVENT_WORKTREE_SEEN] = wake_fold_worktree_seen,
	[WAKE_EVENT_MOVED] = wake_fold_moved,
	[WAKE_EVENT_REF_MOVED] = wake_fold_ref_moved,
	[WAKE_EVENT_EVIDENCE] = wake_fold_evidence,
	[WAKE_EVENT_REWRITTEN] = wake_fold_rewritten,
	[WAKE_EVENT_PUSH_INTENDED] = wake_fold_push_intended,
	[WAKE_EVENT_RUN_STARTED] = wake_fold_run_started,
	[WAKE_EVENT_RUN_ENDED] = wake_fold_run_ended,
	[WAKE_EVENT_EXAMINED] = wake_fold_examined,
	[WAKE_EVENT_RUN_DIFFED] = wake_fold_run_diffed,
	[WAKE_EVENT_GAP] = wake_fold_gap,
	[WAKE_EVENT_EDITED] = wake_fold_edited,
	[WAKE_EVENT_EDITS_DIFFED] = wake_fold_edits_diffed,
	[WAKE_EVENT_HEARTBEAT] = wake_fold_heartbeat,
	[WAKE_EVENT_RUN_REPORTED] = wake_fold_run_reported,
	[WAKE_EVENT_USAGE] = wake_fold_usage,
	[WAKE_EVENT_SAID] = wake_fold_said,
	[WAKE_EVENT_TOOL_USED] = wake_fold_tool_used,
	[WAKE_EVENT_DELIVERED] = wake_fold_delivered,
	[WAKE_EVENT_RUN_IMPORTED] = wake_fold_run_imported,
	[WAKE_EVENT_PURGED] = wake_fold_purged,
};

int wake_fold_init(struct wake_fold *fold, struct wake_store *store, struct wake_error *err)
{
	*fold = (struct wake_fold){ .store = store,
		.movements = json_object(),
		.edits = json_object(),
		.runs = json_object(),
		.workspaces = json_object(),
		.sessions = json_object(),
		.conversations = json_object(),
		.days = json_object(),
		.imports = json_object(),
		.ensured = json_object() };
	if (fold->movements && fold->edits && fold->runs && fold->workspaces && fold->sessions &&
	    fold->conversations && fold->days && fold->imports && fold->ensured)
		return WAKE_OK;
	wake_fold_release(fold);
	return wake_fail_nomem(err);
}

void wake_fold_release(struct wake_fold *fold)
{
	for (size_t i = 0; i < fold->asked_count; i++)
		wake_rows_free(fold->asked[i].rows);
	json_decref(fold->movements);
	json_decref(fold->edits);
	json_decref(fold->runs);
	json_decref(fold->workspaces);
	json_decref(fold->sessions);
	json_decref(fold->conversations);
	json_decref(fold->days);
	json_decref(fold->imports);
	json_decref(fold->ensured);
	*fold = (struct wake_fold){ 0 };
}

/* What a witness tells of a repository is news; what the recorder itself finds there is not. */
static bool is_news(enum wake_event_type type)
{
	return type == WAKE_EVENT_MOVED || type == WAKE_EVENT_REWRITTEN || type == WAKE_EVENT_PUSH_INTENDED ||
	       type == WAKE_EVENT_RUN_STARTED || type == WAKE_EVENT_RUN_ENDED;
}

int wake_fold_event(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const struct wake_value repository = WAKE_TEXT(wake_json_string(event->data, "repository_id"));
	int status = fold_functions[event->type](fold, event, err);

	if (status == WAKE_OK && repository.text && is_news(event->type))
		status = wake_store_run(fold->store, WAKE_SQL_FOLD_UNOBSERVED, &repository, 1, NULL, err);
	return status;
}

int wake_fold_touch(json_t *set, const char *id, struct wake_error *err)
{
	return json_object_set_new(set, id, json_true()) ? wake_fail_nomem(err) : WAKE_OK;
}

int wake_fold_touch_day(struct wake_fold *fold, int64_t at, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	wake_time_format(at, text);
	text[strlen("YYYY-MM-DD")] = '\0';
	return wake_fold_touch(fold->days, text, err);
}

static int touch_rows(struct wake_rows *rows, json_t *set, struct wake_error *err)
{
	int status = WAKE_OK;

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = wake_fold_touch(set, wake_rows_text(rows, 0), err);
	return status;
}

int wake_fold_read_asked(struct wake_fold *fold, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < fold->asked_count; i++)
		status = touch_rows(fold->asked[i].rows, fold->asked[i].set, err);
	for (size_t i = 0; i < fold->asked_count; i++)
		wake_rows_free(fold->asked[i].rows);
	fold->asked_count = 0;
	return status;
}

int wake_fold_touch_found(struct wake_fold *fold, json_t *set, enum wake_sql sql,
    const struct wake_value *values, size_t count, struct wake_error *err)
{
	struct wake_fold_asked *asked;
	int status = WAKE_OK;

	if (fold->asked_count == WAKE_FOLD_ASKED_MAX)
		status = wake_fold_read_asked(fold, err);
	if (status != WAKE_OK)
		return status;
	asked = &fold->asked[fold->asked_count];
	*asked = (struct wake_fold_asked){ NULL, set };
	status = wake_store_query(fold->store, sql, values, count, &asked->rows, err);
	if (status != WAKE_OK)
		return status;
	fold->asked_count++;
	return wake_store_asks_ahead(fold->store) ? WAKE_OK : wake_fold_read_asked(fold, err);
}

typedef int (*decide_function)(struct wake_fold *fold, const char *id, struct wake_error *err);

/* A decision may touch more of the same set (a commit that becomes known changes another's verdict), so
 * each round takes the whole set away, and there are rounds until one leaves nothing. */
static int take_round(json_t **set, json_t **ret_round, struct wake_error *err)
{
	json_t *rest = json_object();

	if (!rest)
		return wake_fail_nomem(err);
	*ret_round = *set;
	*set = rest;
	return WAKE_OK;
}

static int decide_all(struct wake_fold *fold, json_t **set, decide_function decide, struct wake_error *err)
{
	int status = WAKE_OK;

	while (status == WAKE_OK && json_object_size(*set) > 0) {
		wake_auto_json json_t *round = NULL;
		void *at;

		status = take_round(set, &round, err);
		for (at = json_object_iter(round); status == WAKE_OK && at; at = json_object_iter_next(round, at))
			status = decide(fold, json_object_iter_key(at), err);
	}
	return status;
}

static int decide_movements(struct wake_fold *fold, struct wake_error *err)
{
	int status = WAKE_OK;

	while (status == WAKE_OK && json_object_size(fold->movements) > 0) {
		wake_auto_json json_t *round = NULL;

		status = take_round(&fold->movements, &round, err);
		if (status == WAKE_OK)
			status = wake_decide_movements(fold, round, err);
	}
	return status;
}

int wake_fold_decide(struct wake_fold *fold, struct wake_error *err)
{
	int status = wake_fold_read_asked(fold, err);

	if (status == WAKE_OK)
		status = wake_decide_imports(fold, err);
	if (status == WAKE_OK)
		status = decide_movements(fold, err);
	if (status == WAKE_OK)
		status = wake_fold_read_asked(fold, err);
	if (status == WAKE_OK)
		status = decide_all(fold, &fold->edits, wake_decide_edit, err);
	if (status == WAKE_OK)
		status = decide_all(fold, &fold->workspaces, wake_decide_claim, err);
	if (status == WAKE_OK)
		status = decide_all(fold, &fold->runs, wake_decide_run, err);
	if (status == WAKE_OK)
		status = decide_all(fold, &fold->sessions, wake_decide_session, err);
	if (status == WAKE_OK)
		status = decide_all(fold, &fold->conversations, wake_decide_conversation, err);
	if (status == WAKE_OK)
		status = decide_all(fold, &fold->days, wake_decide_day, err);
	return status;
}
