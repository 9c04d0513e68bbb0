/* SPDX-License-Identifier: MIT */
/* Another system's rows as events. */
#include "store/existing_row.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "event/marker.h"
#include "store/existing_value.h"
#include "store/store.h"

#define DAY (86400 * WAKE_SECOND)
#define TIME_TEXT_MAX 40

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

void wake_existing_told_release(struct wake_existing_told *told)
{
	json_decref(told->misfits);
	free(told->payload);
	*told = (struct wake_existing_told){ 0 };
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
static int read_time(
    struct wake_existing_taking *taking, const char *column, int64_t *ret_at, struct wake_error *err)
{
	const char *text = wake_existing_value(taking, column);
	bool has_zone = true;

	*ret_at = WAKE_TIME_NONE;
	if (!text)
		return WAKE_OK;
	if (!wake_existing_time(text, ret_at, &has_zone)) {
		*ret_at = WAKE_TIME_NONE;
		return wake_existing_set_aside(taking, column, text, "no time that a run can have", err);
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

static int read_times(struct wake_existing_taking *taking, struct times *times, struct wake_error *err)
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

/* Whoever wrote it by hand may have written it in capitals, or with a blank. */
static bool is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	text += strspn(text, " \t\r\n");
	return strncasecmp(text, word, len) == 0 && text[len + strspn(text + len, " \t\r\n")] == '\0';
}

static const char *known_status(const char *text)
{
	for (size_t i = 0; i < WAKE_COUNT(words); i++) {
		if (is_word(text, words[i].word))
			return words[i].status;
	}
	return NULL;
}

/* A heartbeat under a day old, by clocks that may differ. */
static bool is_alive(int64_t beat, int64_t now)
{
	return beat != WAKE_TIME_NONE && beat > now - DAY && beat < now + DAY;
}

/* In a process table that nobody kept, 'running' says that something was, once. */
static int end_lost(struct wake_existing_taking *taking, struct times *times, struct wake_error *err)
{
	int64_t seen =
	    first_of(times->beat, first_of(times->updated, first_of(times->started, times->created)));
	wake_auto_free char *reason = NULL;
	char text[WAKE_TIME_SIZE] = "";
	int status;

	if (is_alive(times->beat, taking->row->now))
		return WAKE_OK;
	if (seen != WAKE_TIME_NONE)
		wake_time_format(seen, text);
	status = wake_str_format(&reason, err, "its process was lost: %s%s",
	    *text ? "the last sign of it is from " : "there is no sign of it", text);
	taking->told->status = "failed";
	times->completed = seen != WAKE_TIME_NONE && seen > taking->row->now ? taking->row->now : seen;
	if (status == WAKE_OK)
		status = wake_json_set_string(taking->data, "error_message", reason, err);
	return status == WAKE_OK ? wake_existing_keep(taking, "status", "running", err) : status;
}

static int take_status(struct wake_existing_taking *taking, struct times *times, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	const char *word = wake_existing_value(taking, "status");
	const char *known = known_status(word ? word : "");
	int status = WAKE_OK;

	(void)snprintf(taking->told->old_status, sizeof(taking->told->old_status), "%.*s",
	    (int)wake_existing_fitting(
	        word ? word : "", (int64_t)sizeof(taking->told->old_status) - 1, false),
	    word ? word : "");
	if (runs && word && is_word(word, "pending"))
		known = "pending";
	taking->told->status = known ? known : "failed";
	if (!known)
		status = wake_existing_tell(taking, "status", "a word that is not known; failed", err);
	if (status == WAKE_OK && strcmp(taking->told->status, word ? word : "") != 0)
		status = wake_existing_keep(taking, "status", word ? word : "", err);
	if (status == WAKE_OK && !runs && strcmp(taking->told->status, "running") == 0)
		status = end_lost(taking, times, err);
	return status;
}

static bool is_over(const struct wake_existing_taking *taking)
{
	return strcmp(taking->told->status, "pending") != 0 && strcmp(taking->told->status, "running") != 0;
}

/* A run that is over has an end, and one that is not has none. */
static int set_end(struct wake_existing_taking *taking, struct times *times, struct wake_error *err)
{
	const char *hash = wake_json_string(taking->data, "final_commit_hash");
	const char *completed = wake_existing_value(taking, "completed_at");
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	int status = WAKE_OK;

	if (!is_over(taking)) {
		if (times->completed != WAKE_TIME_NONE)
			status = wake_existing_set_aside(
			    taking, "completed_at", completed, "the run is not over", err);
		if (status == WAKE_OK && hash)
			status = wake_existing_set_aside(
			    taking, "final_commit_hash", hash, "the run is not over", err);
		(void)json_object_del(taking->data, "final_commit_hash");
		return status;
	}
	if (times->completed == WAKE_TIME_NONE) {
		times->completed =
		    first_of(times->updated, first_of(times->beat, first_of(times->started, times->created)));
		if (runs)
			status = wake_existing_tell(
			    taking, "completed_at", "none, though it is over; the last change's time", err);
		if (status == WAKE_OK && runs && !completed)
			status = wake_json_set(taking->metadata, "legacy_completed_at", json_null(), err);
	}
	return status == WAKE_OK ? set_time(taking->data, "completed_at", times->completed, err) : status;
}

static int set_times(struct wake_existing_taking *taking, struct times *times, struct wake_error *err)
{
	int64_t created =
	    first_of(times->created, first_of(times->started, first_of(times->updated, times->completed)));
	int status = WAKE_OK;

	if (created == WAKE_TIME_NONE) {
		created = taking->row->now;
		status = wake_existing_tell(taking, "created_at", "none; the time of the migration", err);
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

static int take_metadata(struct wake_existing_taking *taking, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	const char *column = runs ? "metadata" : "process_info", *text = wake_existing_value(taking, column);
	wake_auto_json json_t *object = NULL;
	struct wake_error failure;
	int status = WAKE_OK;

	if (!text || strcmp(text, "{}") == 0)
		return WAKE_OK;
	object = wake_existing_parse_object(text, &failure);
	if (!object && failure.code == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (!object)
		return wake_existing_set_aside(taking, column, text, "no JSON object that can be kept", err);
	if (runs && json_object_update_missing(taking->metadata, object))
		status = wake_fail_nomem(err);
	if (!runs)
		status = wake_json_set(taking->metadata, "legacy_process_info", json_incref(object), err);
	return status;
}

static int take_run_id(struct wake_existing_taking *taking, struct wake_error *err)
{
	const char *text = wake_existing_value(taking, "run_id");
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
	return status == WAKE_OK ? wake_existing_set_aside(
	                               taking, "run_id", text, "not one that Runwake takes; a new one", err)
	                         : status;
}

static int set_lower(json_t *data, const char *member, const char *id, struct wake_error *err)
{
	char lower[WAKE_ID_SIZE];

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)id[i]);
	return wake_json_set_string(data, member, lower, err);
}

/* The old system wrote the agent's own session id over the conversation's. */
static int take_session(struct wake_existing_taking *taking, struct wake_error *err)
{
	const char *text = wake_existing_value(taking, "session_id"),
	           *taken = wake_json_string(taking->data, "agent_session_id");
	int status;

	if (!text || !*text)
		return WAKE_OK;
	if (taking->row->session_is_known && wake_id_is_uuid(text))
		return set_lower(taking->data, "session_id", text, err);
	if (taken && strcmp(taken, text) != 0)
		return wake_existing_set_aside(taking, "session_id", text, "no row of sessions", err);
	status = wake_existing_take_agent_session(taking, text, err);
	return status == WAKE_OK
	           ? wake_existing_tell(taking, "session_id", "no row of sessions; the agent's own id", err)
	           : status;
}

static int take_user(struct wake_existing_taking *taking, struct wake_error *err)
{
	const char *text = wake_existing_value(taking, "user_id");

	if (!text || !*text)
		return WAKE_OK;
	if (taking->row->user_is_known && wake_id_is_uuid(text))
		return set_lower(taking->data, "user_id", text, err);
	return wake_existing_set_aside(taking, "user_id", text, "no row of users", err);
}

/* The old system noted its own server's process, not the agent's: not one to watch. */
static int take_pid(struct wake_existing_taking *taking, struct wake_error *err)
{
	const char *text =
	    taking->row->table == WAKE_EXISTING_PROCESSES ? wake_existing_value(taking, "pid") : NULL;

	return text ? wake_existing_keep(taking, "pid", text, err) : WAKE_OK;
}

static int take_all(struct wake_existing_taking *taking, struct times *times, struct wake_error *err)
{
	const char *source =
	    taking->row->table == WAKE_EXISTING_RUNS ? "workflow_runs" : "workflow_processes";
	int status = wake_json_set_string(taking->data, "source", source, err);

	if (status == WAKE_OK)
		status = take_run_id(taking, err);
	if (status == WAKE_OK)
		status = wake_existing_take_columns(taking, err);
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

static int make_event(struct wake_existing_taking *taking, int64_t created, struct wake_event *ret_event,
    struct wake_error *err)
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
	return wake_event_make(
	    WAKE_EVENT_RUN_IMPORTED, id, created, json_incref(taking->data), ret_event, err);
}

int wake_existing_row_event(const struct wake_existing_row *row, struct wake_event *ret_event,
    struct wake_existing_told *ret_told, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	json_t *metadata = json_object();
	wake_auto_existing_told struct wake_existing_told told = { .misfits = json_array() };
	struct wake_existing_taking taking = { row, &told, data, metadata };
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
