/* SPDX-License-Identifier: MIT */
/* moved, ref-moved, evidence: what witnesses saw. */
#include "store/fold.h"

#include "event/reflog.h"

/* An implied movement has no identity; nobody's is "". */
static const char *text_or_empty(const json_t *data, const char *key)
{
	const char *text = wake_json_string(data, key);

	return text ? text : "";
}

struct span {
	int64_t earliest, latest;
};

/* When a movement happened, from three clocks: the line's own (whole seconds, and whatever
 * GIT_COMMITTER_DATE says), the previous observation of the same log, and the observation that found the
 * line. Only the last two can be trusted; the line's second narrows their span where it lies in it. */
static struct span movement_span(const struct wake_event *event, bool implied)
{
	const char *since_text = wake_json_string(event->data, "since");
	int64_t line = wake_json_int(event->data, "time", 0), since = 0;
	struct span span = { .latest = event->at };
	struct wake_error ignored;
	bool has_since =
	    since_text && wake_time_parse(since_text, &since, &ignored) == WAKE_OK && since <= event->at;

	line = line > INT64_MAX / WAKE_SECOND / 2 ? INT64_MAX / 2 : line < 0 ? 0 : line * WAKE_SECOND;
	if (implied || line > event->at) {
		span.earliest = has_since ? since : event->at;
		return span;
	}
	span.earliest = has_since && since > line ? since : line;
	if (line + WAKE_SECOND - 1 >= span.earliest && line + WAKE_SECOND - 1 < event->at)
		span.latest = line + WAKE_SECOND - 1;
	return span;
}

int wake_fold_moved(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	bool implied = wake_json_true(data, "implied");
	struct span span = movement_span(event, implied);
	const char *repository = wake_json_string(data, "repository_id");
	const char *new_hash = wake_json_string(data, "new");
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(repository),
		WAKE_TEXT(wake_json_string(data, "worktree_id")),
		WAKE_TEXT(wake_json_string(data, "root")),
		WAKE_TEXT(wake_json_string(data, "git_dir")),
		WAKE_TEXT(wake_json_string(data, "common_dir")),
		WAKE_TEXT(wake_json_string(data, "old")),
		WAKE_TEXT(new_hash),
		WAKE_TEXT(wake_json_string(data, "kind")),
		WAKE_TEXT(text_or_empty(data, "name")),
		WAKE_TEXT(text_or_empty(data, "email")),
		WAKE_INT(wake_json_int(data, "time", 0)),
		WAKE_TEXT(text_or_empty(data, "zone")),
		WAKE_INT(wake_json_int(data, "position", 0)),
		WAKE_BOOL(implied),
		WAKE_TEXT(wake_json_string(data, "head")),
		WAKE_TEXT(wake_json_string(data, "to")),
		WAKE_TIME(span.earliest),
		WAKE_TIME(span.latest),
		WAKE_TIME(event->at),
	};
	/* A movement that led to the same commit no earlier than this one may now have been known before. */
	const struct wake_value later[] = { WAKE_TEXT(repository), WAKE_TEXT(new_hash),
		WAKE_TIME(span.earliest - span.earliest % WAKE_SECOND) };
	int status = wake_store_run(fold->store, WAKE_SQL_FOLD_MOVED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status = wake_fold_touch(fold->movements, event->id, err);
	if (status == WAKE_OK)
		status = wake_fold_touch_found(
		    fold, fold->movements, WAKE_SQL_FOLD_MOVEMENTS_TO_LATER, later, WAKE_COUNT(later), err);
	return status;
}

/* A remote-tracking log tells that a push arrived. */
static int confirm_push(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(wake_json_string(event->data, "repository_id")),
		WAKE_TEXT(wake_json_string(event->data, "ref")),
		WAKE_TEXT(wake_json_string(event->data, "old")),
		WAKE_TEXT(wake_json_string(event->data, "new")),
		WAKE_TIME(wake_json_int(event->data, "time", 0) * WAKE_SECOND),
	};
	const struct wake_value pair[] = { values[1], values[4] };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_PUSH_CONFIRMED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status =
		    wake_store_run(fold->store, WAKE_SQL_FOLD_PUSH_MATCH, pair, WAKE_COUNT(pair), NULL, err);
	return status;
}

int wake_fold_ref_moved(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const struct wake_reflog_kind *kind = wake_reflog_kind_named(wake_json_string(data, "kind"));
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(wake_json_string(data, "repository_id")),
		WAKE_TEXT(wake_json_string(data, "ref")),
		WAKE_TEXT(wake_json_string(data, "old")),
		WAKE_TEXT(wake_json_string(data, "new")),
		WAKE_TEXT(kind->name),
		WAKE_TEXT(text_or_empty(data, "name")),
		WAKE_TEXT(text_or_empty(data, "email")),
		WAKE_INT(wake_json_int(data, "time", 0)),
		WAKE_TEXT(text_or_empty(data, "zone")),
		WAKE_INT(wake_json_int(data, "position", 0)),
		WAKE_TIME(event->at),
	};
	const struct wake_value twins[] = { values[1], values[3], values[4], values[8] };
	int status =
	    wake_store_run(fold->store, WAKE_SQL_FOLD_REF_MOVED, values, WAKE_COUNT(values), NULL, err);

	if (status == WAKE_OK)
		status = wake_fold_touch_found(
		    fold, fold->movements, WAKE_SQL_FOLD_MOVEMENTS_TWIN, twins, WAKE_COUNT(twins), err);
	if (status == WAKE_OK && kind->flags & WAKE_REFLOG_PUSH)
		status = confirm_push(fold, event, err);
	return status;
}

int wake_fold_evidence(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	const json_t *data = event->data;
	const char *movement = wake_json_string(data, "movement");
	char run[WAKE_ID_SIZE];
	int status = wake_fold_ensure_run(fold, wake_json_string(data, "run_id"), event->at, run, err);
	const struct wake_value values[] = {
		WAKE_TEXT(event->id),
		WAKE_TEXT(movement),
		WAKE_TEXT(wake_json_string(data, "kind")),
		WAKE_TEXT(run),
		WAKE_TEXT(wake_json_string(data, "marker_dir")),
		WAKE_BOOL(wake_json_true(data, "exact")),
		WAKE_TIME(event->at),
	};

	if (status == WAKE_OK)
		status = wake_store_run(
		    fold->store, WAKE_SQL_FOLD_EVIDENCE, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		status = wake_fold_touch(fold->movements, movement, err);
	return status;
}
