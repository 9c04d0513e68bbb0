/* SPDX-License-Identifier: MIT */
/* Another system's rows as events. */
#include "store/existing_row.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/event_types.h"
#include "event/marker.h"
#include "event/worktree.h"
#include "store/store_postgres.h"

#define DAY (86400 * WAKE_SECOND)
#define DEPTH_MAX 14		       /* an event takes two more */
#define LONG_MAX_BYTES (64u * 1024 * 1024) /* of a task, result or error */
#define COST_MAX INT64_C(999999999999) /* micro-dollars that the column holds */
#define TIME_TEXT_MAX 40

enum kind { CHARS, TEXT, HASH, COUNT, NUMBER, BOOLEAN, MONEY, OBJECT, RUN_ID };

/* Columns that are taken as they are, if they fit. */
static const struct column {
	const char *name;
	enum kind kind;
	int64_t max;	    /* characters, bytes, or the largest number */
	const char *member; /* of the event; NULL: as the column */
} run_columns[] = {
	{ "workflow_name", CHARS, 100, NULL },
	{ "agent_type", CHARS, 100, NULL },
	{ "ai_model", CHARS, 100, NULL },
	{ "task_input", TEXT, LONG_MAX_BYTES, NULL },
	{ "session_name", CHARS, 255, NULL },
	{ "git_repo", TEXT, WAKE_EVENT_PATH_MAX, NULL },
	{ "git_branch", TEXT, WAKE_EVENT_NAME_MAX, NULL },
	{ "initial_commit_hash", HASH, 0, NULL },
	{ "final_commit_hash", HASH, 0, NULL },
	{ "git_diff_added_lines", COUNT, INT64_MAX, NULL },
	{ "git_diff_removed_lines", COUNT, INT64_MAX, NULL },
	{ "git_diff_files_changed", COUNT, INT64_MAX, NULL },
	{ "own_added_lines", COUNT, INT64_MAX, NULL },
	{ "own_removed_lines", COUNT, INT64_MAX, NULL },
	{ "own_files_changed", COUNT, INT64_MAX, NULL },
	{ "git_diff_stats", OBJECT, 0, NULL },
	{ "result", TEXT, LONG_MAX_BYTES, NULL },
	{ "error_message", TEXT, LONG_MAX_BYTES, NULL },
	{ "duration_seconds", COUNT, INT32_MAX, NULL },
	{ "workspace_id", CHARS, 255, NULL },
	{ "workspace_persistent", BOOLEAN, 0, NULL },
	{ "workspace_cleaned_up", BOOLEAN, 0, NULL },
	{ "workspace_path", TEXT, WAKE_EVENT_PATH_MAX, NULL },
	{ "cost_estimate", MONEY, 0, "cost_micros" },
	{ "input_tokens", COUNT, INT64_MAX, NULL },
	{ "output_tokens", COUNT, INT64_MAX, NULL },
	{ "total_tokens", COUNT, INT64_MAX, NULL },
	{ "cache_read_tokens", COUNT, INT64_MAX, NULL },
	{ "cache_write_tokens", COUNT, INT64_MAX, NULL },
	{ "agent_session_id", TEXT, WAKE_EVENT_NAME_MAX, NULL },
	{ "num_turns", COUNT, INT32_MAX, NULL },
	{ "exit_code", NUMBER, 0, NULL },
	{ "exit_signal", NUMBER, 0, NULL },
	{ "host", TEXT, WAKE_EVENT_NAME_MAX, NULL },
	{ "agent_pid", COUNT, INT64_MAX, NULL },
	{ "agent_pid_start", COUNT, INT64_MAX, NULL },
	{ "agent_boot_id", TEXT, 64, NULL },
	{ "parent_run_id", RUN_ID, 0, NULL },
};

static const struct column process_columns[] = {
	{ "workflow_name", CHARS, 100, NULL },
	{ "workspace_path", TEXT, WAKE_EVENT_PATH_MAX, NULL },
};

/* A status as the old system may have written it, and what it is here. Any other word is a failure. */
static const struct {
	const char *word;
	const char *status;
} words[] = {
	{ "running", "running" },
	{ "completed", "completed" },
	{ "failed", "failed" },
	{ "killed", "killed" },
	{ "timeout", "failed" },
	{ "orphaned", "failed" },
	{ "terminated", "killed" },
	{ "timeout_killed", "killed" },
};

/* One row on its way. */
struct taking {
	const struct wake_existing_row *row;
	struct wake_existing_told *told;
	json_t *data, *metadata; /* borrowed */
};

void wake_existing_told_release(struct wake_existing_told *told)
{
	json_decref(told->misfits);
	free(told->payload);
	*told = (struct wake_existing_told){ 0 };
}

static const char *value_of(const struct taking *taking, const char *column)
{
	return wake_json_string(taking->row->values, column);
}

/* ---- what does not fit ------------------------------------------------------------------------ */

static int tell(struct taking *taking, const char *column, const char *reason, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	int status = wake_str_format(&text, err, "%s: %s", column, reason);

	if (status == WAKE_OK && json_array_append_new(taking->told->misfits, json_string(text)))
		status = wake_fail_nomem(err);
	return status;
}

static int keep_whole(struct taking *taking, const char *column, const char *text, struct wake_error *err)
{
	wake_auto_free char *key = NULL;
	int status = wake_str_format(&key, err, "legacy_%s", column);

	return status == WAKE_OK ? wake_json_set_string(taking->metadata, key, text, err) : status;
}

static int set_aside(
    struct taking *taking, const char *column, const char *text, const char *reason, struct wake_error *err)
{
	int status = keep_whole(taking, column, text, err);

	return status == WAKE_OK ? tell(taking, column, reason, err) : status;
}

/* ---- values ----------------------------------------------------------------------------------- */

/* Bytes of so many characters, or so many bytes of whole characters. */
static size_t fitting(const char *text, int64_t max, bool characters)
{
	int64_t count = 0;
	size_t at = 0;

	while (text[at]) {
		size_t len = 1;

		while (((unsigned char)text[at + len] & 0xc0) == 0x80)
			len++;
		if ((characters ? count + 1 : (int64_t)(at + len)) > max)
			break;
		count++;
		at += len;
	}
	return at;
}

static int take_text(struct taking *taking, const struct column *column, const char *text, struct wake_error *err)
{
	size_t fits = fitting(text, column->max, column->kind == CHARS);
	int status = wake_json_set(taking->data, column->name, json_stringn(text, fits), err);

	if (status == WAKE_OK && text[fits])
		status = set_aside(taking, column->name, text, "longer than the column; cut", err);
	return status;
}

static int take_hash(struct taking *taking, const struct column *column, const char *text, struct wake_error *err)
{
	char hash[WAKE_HASH_SIZE];
	size_t len = strlen(text);

	if (len == 0)
		return WAKE_OK;
	for (size_t i = 0; len < sizeof(hash) && i <= len; i++)
		hash[i] = (char)tolower((unsigned char)text[i]);
	if (len >= sizeof(hash) || !wake_hash_is_valid(hash))
		return set_aside(taking, column->name, text, "no whole hash of a commit", err);
	return wake_json_set_string(taking->data, column->name, hash, err);
}

static int take_number(struct taking *taking, const struct column *column, const char *text, struct wake_error *err)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return set_aside(taking, column->name, text, "no whole number", err);
	if (column->kind == COUNT && (number < 0 || number > column->max))
		return set_aside(taking, column->name, text, "not in the column's range", err);
	return wake_json_set_int(taking->data, column->name, number, err);
}

static int take_money(struct taking *taking, const struct column *column, const char *text, struct wake_error *err)
{
	int64_t micros = strspn(text, "0123456789.") == strlen(text) ? wake_postgres_money(text) : -1;

	if (micros < 0 || micros > COST_MAX)
		return set_aside(taking, column->name, text, "not in the column's range", err);
	return wake_json_set_int(taking->data, column->member, micros, err);
}

static int take_boolean(struct taking *taking, const struct column *column, const char *text, struct wake_error *err)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "t") == 0 || strcmp(text, "1") == 0;

	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "f") != 0 && strcmp(text, "0") != 0)
		return set_aside(taking, column->name, text, "neither true nor false", err);
	return wake_json_set_bool(taking->data, column->name, yes, err);
}

static bool is_shallow(const json_t *json, int depth)
{
	const char *key;
	json_t *value;
	size_t at;

	if (depth > DEPTH_MAX)
		return false;
	json_array_foreach(json, at, value)
	{
		if (!is_shallow(value, depth + 1))
			return false;
	}
	json_object_foreach((json_t *)json, key, value)
	{
		if (!is_shallow(value, depth + 1))
			return false;
	}
	return true;
}

/* NULL: no object that an event takes, or memory is out (err says so). owned: json_decref */
static json_t *parse_object(const char *text, struct wake_error *err)
{
	wake_auto_json json_t *json = NULL;

	*err = (struct wake_error){ 0 };
	if (wake_json_parse(text, strlen(text), &json, err) != WAKE_OK)
		return NULL;
	return json_is_object(json) && is_shallow(json, 0) ? json_incref(json) : NULL;
}

static int take_object(struct taking *taking, const struct column *column, const char *text, struct wake_error *err)
{
	struct wake_error failure;
	json_t *object = parse_object(text, &failure);

	if (object)
		return wake_json_set(taking->data, column->name, object, err);
	if (failure.code == WAKE_NOMEM)
		return wake_fail_nomem(err);
	return set_aside(taking, column->name, text, "no JSON object that can be kept", err);
}

static int take_column(struct taking *taking, const struct column *column, struct wake_error *err)
{
	const char *text = value_of(taking, column->name);
	struct wake_error ignored;

	if (!text)
		return WAKE_OK;
	switch (column->kind) {
	case CHARS:
	case TEXT:
		return take_text(taking, column, text, err);
	case HASH:
		return take_hash(taking, column, text, err);
	case COUNT:
	case NUMBER:
		return take_number(taking, column, text, err);
	case BOOLEAN:
		return take_boolean(taking, column, text, err);
	case MONEY:
		return take_money(taking, column, text, err);
	case OBJECT:
		return take_object(taking, column, text, err);
	case RUN_ID:
		if (!*text)
			return WAKE_OK;
		if (wake_run_id_check(text, &ignored) != WAKE_OK)
			return set_aside(taking, column->name, text, "no run id", err);
		return wake_json_set_string(taking->data, column->name, text, err);
	}
	return WAKE_OK;
}

static int take_columns(struct taking *taking, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	const struct column *columns = runs ? run_columns : process_columns;
	size_t count = runs ? WAKE_COUNT(run_columns) : WAKE_COUNT(process_columns);
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < count; i++)
		status = take_column(taking, &columns[i], err);
	return status;
}

/* ---- times ------------------------------------------------------------------------------------ */

bool wake_existing_time(const char *text, int64_t *ret_at, bool *ret_has_zone)
{
	char form[TIME_TEXT_MAX + 8];
	size_t len = strlen(text);
	struct wake_error ignored;
	const char *zone;

	if (len < 19 || len > TIME_TEXT_MAX)
		return false;
	memcpy(form, text, len + 1);
	if (form[10] == ' ')
		form[10] = 'T';
	zone = strpbrk(form + 19, "Zz+-");
	*ret_has_zone = zone != NULL;
	if (!zone)
		(void)snprintf(form + len, sizeof(form) - len, "Z");
	else if (strlen(zone) == 3)
		(void)snprintf(form + len, sizeof(form) - len, ":00");
	return wake_time_parse(form, ret_at, &ignored) == WAKE_OK;
}

/* WAKE_TIME_NONE: there is none that fits. */
static int read_time(struct taking *taking, const char *column, int64_t *ret_at, struct wake_error *err)
{
	const char *text = value_of(taking, column);
	bool has_zone = true;

	*ret_at = WAKE_TIME_NONE;
	if (!text)
		return WAKE_OK;
	if (!wake_existing_time(text, ret_at, &has_zone)) {
		*ret_at = WAKE_TIME_NONE;
		return set_aside(taking, column, text, "no time that a run can have", err);
	}
	taking->told->assumed_utc |= !has_zone;
	return WAKE_OK;
}

static int set_time(json_t *data, const char *member, int64_t at, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	if (at == WAKE_TIME_NONE)
		return WAKE_OK;
	wake_time_format(at, text);
	return wake_json_set_string(data, member, text, err);
}

struct times {
	int64_t created, started, completed, updated, beat;
};

static int read_times(struct taking *taking, struct times *times, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	int status = read_time(taking, "created_at", &times->created, err);

	if (status == WAKE_OK)
		status = read_time(taking, "started_at", &times->started, err);
	if (status == WAKE_OK)
		status = read_time(taking, "completed_at", &times->completed, err);
	if (status == WAKE_OK)
		status = read_time(taking, "updated_at", &times->updated, err);
	if (status == WAKE_OK)
		status = read_time(taking, runs ? "last_heartbeat_at" : "last_heartbeat", &times->beat, err);
	return status;
}

static int64_t first_of(int64_t one, int64_t other)
{
	return one != WAKE_TIME_NONE ? one : other;
}

/* ---- the state -------------------------------------------------------------------------------- */

static const char *known_status(const char *word)
{
	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].status;
	}
	return NULL;
}

/* In a process table that nobody kept, 'running' says that something was, once. */
static int end_lost(struct taking *taking, struct times *times, struct wake_error *err)
{
	int64_t seen = first_of(times->beat, first_of(times->updated, first_of(times->started, times->created)));
	wake_auto_free char *reason = NULL;
	char text[WAKE_TIME_SIZE] = "";
	int status;

	if (seen != WAKE_TIME_NONE && seen > taking->row->now - DAY)
		return WAKE_OK;
	if (seen != WAKE_TIME_NONE)
		wake_time_format(seen, text);
	status = wake_str_format(&reason, err, "its process was lost: %s%s",
	    *text ? "the last sign of it is from " : "there is no sign of it", text);
	taking->told->status = "failed";
	times->completed = seen;
	if (status == WAKE_OK)
		status = wake_json_set_string(taking->data, "error_message", reason, err);
	return status == WAKE_OK ? keep_whole(taking, "status", "running", err) : status;
}

static int take_status(struct taking *taking, struct times *times, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	const char *word = value_of(taking, "status");
	const char *known = known_status(word ? word : "");
	int status = WAKE_OK;

	(void)snprintf(taking->told->old_status, sizeof(taking->told->old_status), "%.*s",
	    (int)fitting(word ? word : "", (int64_t)sizeof(taking->told->old_status) - 1, false), word ? word : "");
	if (runs && word && strcmp(word, "pending") == 0)
		known = "pending";
	taking->told->status = known ? known : "failed";
	if (!known)
		status = tell(taking, "status", "a word that is not known; failed", err);
	if (status == WAKE_OK && strcmp(taking->told->status, word ? word : "") != 0)
		status = keep_whole(taking, "status", word ? word : "", err);
	if (status == WAKE_OK && !runs && strcmp(taking->told->status, "running") == 0)
		status = end_lost(taking, times, err);
	return status;
}

static bool is_over(const struct taking *taking)
{
	return strcmp(taking->told->status, "pending") != 0 && strcmp(taking->told->status, "running") != 0;
}

/* A run that is over has an end, and one that is not has none. */
static int set_end(struct taking *taking, struct times *times, struct wake_error *err)
{
	const char *hash = wake_json_string(taking->data, "final_commit_hash");
	const char *completed = value_of(taking, "completed_at");
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	int status = WAKE_OK;

	if (!is_over(taking)) {
		if (times->completed != WAKE_TIME_NONE)
			status = set_aside(taking, "completed_at", completed, "the run is not over", err);
		if (status == WAKE_OK && hash)
			status = set_aside(taking, "final_commit_hash", hash, "the run is not over", err);
		(void)json_object_del(taking->data, "final_commit_hash");
		return status;
	}
	if (times->completed == WAKE_TIME_NONE) {
		times->completed = first_of(times->updated, first_of(times->beat, first_of(times->started, times->created)));
		if (runs)
			status = tell(taking, "completed_at", "none, though it is over; the last change's time", err);
		if (status == WAKE_OK && runs && !completed)
			status = wake_json_set(taking->metadata, "legacy_completed_at", json_null(), err);
	}
	return status == WAKE_OK ? set_time(taking->data, "completed_at", times->completed, err) : status;
}

static int set_times(struct taking *taking, struct times *times, struct wake_error *err)
{
	int64_t created = first_of(times->created, first_of(times->started, first_of(times->updated, times->completed)));
	int status = WAKE_OK;

	if (created == WAKE_TIME_NONE) {
		created = taking->row->now;
		status = tell(taking, "created_at", "none; the time of the migration", err);
	}
	times->created = created;
	if (status == WAKE_OK)
		status = set_end(taking, times, err);
	if (status == WAKE_OK)
		status = set_time(taking->data, "created_at", created, err);
	if (status == WAKE_OK)
		status = set_time(taking->data, "started_at", times->started, err);
	if (status == WAKE_OK)
		status = set_time(taking->data, "updated_at", times->updated, err);
	return status == WAKE_OK ? set_time(taking->data, "last_heartbeat_at", times->beat, err) : status;
}

/* ---- identity --------------------------------------------------------------------------------- */

static int take_metadata(struct taking *taking, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	const char *column = runs ? "metadata" : "process_info", *text = value_of(taking, column);
	wake_auto_json json_t *object = NULL;
	struct wake_error failure;
	int status = WAKE_OK;

	if (!text || strcmp(text, "{}") == 0)
		return WAKE_OK;
	object = parse_object(text, &failure);
	if (!object && failure.code == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (!object)
		return set_aside(taking, column, text, "no JSON object that can be kept", err);
	if (runs && json_object_update_missing(taking->metadata, object))
		status = wake_fail_nomem(err);
	if (!runs)
		status = wake_json_set(taking->metadata, "legacy_process_info", json_incref(object), err);
	return status;
}

static int take_run_id(struct taking *taking, struct wake_error *err)
{
	const char *text = value_of(taking, "run_id");
	struct wake_error ignored;
	char id[WAKE_ID_SIZE];
	wake_auto_free char *made = NULL;
	int status;

	if (!text)
		return wake_fail(err, WAKE_INVALID, "a row has no run_id; give it one first");
	if (wake_run_id_check(text, &ignored) == WAKE_OK)
		return wake_json_set_string(taking->data, "run_id", text, err);
	wake_id_v5(text, strlen(text), id);
	status = wake_str_format(&made, err, "legacy-%s", id);
	if (status == WAKE_OK)
		status = wake_json_set_string(taking->data, "run_id", made, err);
	return status == WAKE_OK ? set_aside(taking, "run_id", text, "not one that Runwake takes; a new one", err) : status;
}

static int set_lower(json_t *data, const char *member, const char *id, struct wake_error *err)
{
	char lower[WAKE_ID_SIZE];

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)id[i]);
	return wake_json_set_string(data, member, lower, err);
}

/* The old system wrote the agent's own session id over the conversation's. */
static int take_session(struct taking *taking, struct wake_error *err)
{
	static const struct column agent_session = { "agent_session_id", TEXT, WAKE_EVENT_NAME_MAX, NULL };
	const char *text = value_of(taking, "session_id"), *taken = wake_json_string(taking->data, "agent_session_id");
	int status;

	if (!text || !*text)
		return WAKE_OK;
	if (taking->row->session_is_known && wake_id_is_uuid(text))
		return set_lower(taking->data, "session_id", text, err);
	if (taken && strcmp(taken, text) != 0)
		return set_aside(taking, "session_id", text, "no row of sessions", err);
	status = take_text(taking, &agent_session, text, err);
	return status == WAKE_OK ? tell(taking, "session_id", "no row of sessions; the agent's own id", err) : status;
}

static int take_user(struct taking *taking, struct wake_error *err)
{
	const char *text = value_of(taking, "user_id");

	if (!text || !*text)
		return WAKE_OK;
	if (taking->row->user_is_known && wake_id_is_uuid(text))
		return set_lower(taking->data, "user_id", text, err);
	return set_aside(taking, "user_id", text, "no row of users", err);
}

/* The old system noted its own server's process, not the agent's: not one to watch. */
static int take_pid(struct taking *taking, struct wake_error *err)
{
	const char *text = taking->row->table == WAKE_EXISTING_PROCESSES ? value_of(taking, "pid") : NULL;

	return text ? keep_whole(taking, "pid", text, err) : WAKE_OK;
}

static int take_all(struct taking *taking, struct times *times, struct wake_error *err)
{
	const char *source = taking->row->table == WAKE_EXISTING_RUNS ? "workflow_runs" : "workflow_processes";
	int status = wake_json_set_string(taking->data, "source", source, err);

	if (status == WAKE_OK)
		status = take_run_id(taking, err);
	if (status == WAKE_OK)
		status = take_columns(taking, err);
	if (status == WAKE_OK)
		status = take_session(taking, err);
	if (status == WAKE_OK)
		status = take_user(taking, err);
	if (status == WAKE_OK)
		status = take_pid(taking, err);
	if (status == WAKE_OK)
		status = read_times(taking, times, err);
	if (status == WAKE_OK)
		status = take_status(taking, times, err);
	if (status == WAKE_OK)
		status = set_times(taking, times, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(taking->data, "status", taking->told->status, err);
	/* Last, so that nothing in it is taken for what is told here. */
	return status == WAKE_OK ? take_metadata(taking, err) : status;
}

static int make_event(struct taking *taking, int64_t created, struct wake_event *ret_event, struct wake_error *err)
{
	wake_auto_str struct wake_str payload = WAKE_STR(WAKE_EVENT_LARGEST);
	char id[WAKE_ID_SIZE];
	int status = wake_json_append(&payload, taking->data, err);

	if (status != WAKE_OK)
		return status;
	wake_id_v8(created / 1000, payload.data, payload.len, id);
	status = wake_str_steal(&payload, &taking->told->payload, err);
	if (status != WAKE_OK)
		return status;
	return wake_event_make(WAKE_EVENT_RUN_IMPORTED, id, created, json_incref(taking->data), ret_event, err);
}

int wake_existing_row_event(const struct wake_existing_row *row, struct wake_event *ret_event,
    struct wake_existing_told *ret_told, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	json_t *metadata = json_object();
	wake_auto_existing_told struct wake_existing_told told = { .misfits = json_array() };
	struct taking taking = { row, &told, data, metadata };
	struct times times = { 0 };
	int status;

	if (!data || !told.misfits || json_object_set_new(data, "metadata", metadata))
		return wake_fail_nomem(err);
	status = take_all(&taking, &times, err);
	if (status == WAKE_OK)
		status = make_event(&taking, times.created, ret_event, err);
	if (status != WAKE_OK) {
		const char *run = wake_json_string(row->values, "run_id");

		return wake_error_prefix(err, "the run '%.64s'", run ? run : "");
	}
	*ret_told = told;
	told = (struct wake_existing_told){ 0 }; /* now the caller's */
	return WAKE_OK;
}
