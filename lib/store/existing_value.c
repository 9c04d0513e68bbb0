/* SPDX-License-Identifier: MIT */
/* The values of another system's row: each is taken as it is, cut, or kept whole beside. */
#include "store/existing_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/marker.h"
#include "event/worktree.h"
#include "store/store_postgres.h"

#define DEPTH_MAX 14                       /* an event takes two more */
#define DIGITS_MAX 17                      /* of a double */
#define LONG_MAX_BYTES (64u * 1024 * 1024) /* of a task, result or error */
#define COST_MAX INT64_C(999999999999)     /* micro-dollars that the column holds */

enum kind { CHARS, TEXT, HASH, COUNT, NUMBER, BOOLEAN, MONEY, OBJECT, RUN_ID };

/* Columns that are taken as they are, if they fit. */
static const struct column {
	const char *name;
	enum kind kind;
	int64_t max;        /* characters, bytes, or the largest number */
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

const char *wake_existing_value(const struct wake_existing_taking *taking, const char *column)
{
	return wake_json_string(taking->row->values, column);
}

/* ---- what does not fit ------------------------------------------------------------------------ */

int wake_existing_tell(
    struct wake_existing_taking *taking, const char *column, const char *reason, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	int status = wake_str_format(&text, err, "%s: %s", column, reason);

	if (status == WAKE_OK && json_array_append_new(taking->told->misfits, json_string(text)))
		status = wake_fail_nomem(err);
	return status;
}

int wake_existing_keep(
    struct wake_existing_taking *taking, const char *column, const char *text, struct wake_error *err)
{
	wake_auto_free char *key = NULL;
	int status = wake_str_format(&key, err, "legacy_%s", column);

	return status == WAKE_OK ? wake_json_set_string(taking->metadata, key, text, err) : status;
}

int wake_existing_set_aside(struct wake_existing_taking *taking, const char *column, const char *text,
    const char *reason, struct wake_error *err)
{
	int status = wake_existing_keep(taking, column, text, err);

	return status == WAKE_OK ? wake_existing_tell(taking, column, reason, err) : status;
}

/* ---- values ----------------------------------------------------------------------------------- */

/* Bytes of so many characters, or so many bytes of whole characters. */
size_t wake_existing_fitting(const char *text, int64_t max, bool characters)
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

static int take_text(struct wake_existing_taking *taking, const struct column *column, const char *text,
    struct wake_error *err)
{
	size_t fits = wake_existing_fitting(text, column->max, column->kind == CHARS);
	int status = wake_json_set(taking->data, column->name, json_stringn(text, fits), err);

	if (status == WAKE_OK && text[fits])
		status =
		    wake_existing_set_aside(taking, column->name, text, "longer than the column; cut", err);
	return status;
}

static int take_hash(struct wake_existing_taking *taking, const struct column *column, const char *text,
    struct wake_error *err)
{
	char hash[WAKE_HASH_SIZE];
	size_t len = strlen(text);

	if (len == 0)
		return WAKE_OK;
	for (size_t i = 0; len < sizeof(hash) && i <= len; i++)
		hash[i] = (char)tolower((unsigned char)text[i]);
	if (len >= sizeof(hash) || !wake_hash_is_valid(hash))
		return wake_existing_set_aside(taking, column->name, text, "no whole hash of a commit", err);
	return wake_json_set_string(taking->data, column->name, hash, err);
}

static int take_number(struct wake_existing_taking *taking, const struct column *column, const char *text,
    struct wake_error *err)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return wake_existing_set_aside(taking, column->name, text, "no whole number", err);
	if (column->kind == COUNT && (number < 0 || number > column->max))
		return wake_existing_set_aside(taking, column->name, text, "not in the column's range", err);
	return wake_json_set_int(taking->data, column->name, number, err);
}

static int take_money(struct wake_existing_taking *taking, const struct column *column, const char *text,
    struct wake_error *err)
{
	int64_t micros = strspn(text, "0123456789.") == strlen(text) ? wake_postgres_money(text) : -1;
	const char *point = strchr(text, '.');
	int status;

	if (micros < 0 || micros > COST_MAX)
		return wake_existing_set_aside(taking, column->name, text, "not in the column's range", err);
	status = wake_json_set_int(taking->data, column->member, micros, err);
	if (status == WAKE_OK && point && strlen(point) > 7 && strspn(point + 7, "0") < strlen(point + 7))
		status = wake_existing_set_aside(
		    taking, column->name, text, "more digits than the column has; cut", err);
	return status;
}

static int take_boolean(struct wake_existing_taking *taking, const struct column *column, const char *text,
    struct wake_error *err)
{
	bool yes = strcmp(text, "true") == 0 || strcmp(text, "t") == 0 || strcmp(text, "1") == 0;

	if (!yes && strcmp(text, "false") != 0 && strcmp(text, "f") != 0 && strcmp(text, "0") != 0)
		return wake_existing_set_aside(taking, column->name, text, "neither true nor false", err);
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

/* A number's digits but for the zeros around them, up to its end or exponent. */
static int digits_of(const char *number, size_t len)
{
	int digits = 0, zeros = 0;

	for (size_t i = 0; i < len && number[i] != 'e' && number[i] != 'E'; i++) {
		if (number[i] == '0')
			zeros += digits > 0;
		else if (isdigit((unsigned char)number[i])) {
			digits += zeros + 1;
			zeros = 0;
		}
	}
	return digits;
}

/* A number with a point or an exponent becomes a double, which has 17 digits at the most. */
static bool numbers_are_kept(const char *text)
{
	bool quoted = false;

	for (size_t at = 0; text[at];) {
		size_t len = strspn(text + at, "+-.0123456789eE");

		if (text[at] == '"')
			quoted = !quoted;
		else if (quoted && text[at] == '\\' && text[at + 1])
			at++;
		else if (!quoted && isdigit((unsigned char)text[at]) && digits_of(text + at, len) > DIGITS_MAX &&
		         strcspn(text + at, ".eE") < len)
			return false;
		at += quoted || !isdigit((unsigned char)text[at]) ? 1 : len;
	}
	return true;
}

/* NULL: no object that an event takes, or memory is out (err says so). owned: json_decref */
json_t *wake_existing_parse_object(const char *text, struct wake_error *err)
{
	wake_auto_json json_t *json = NULL;

	*err = (struct wake_error){ 0 };
	if (wake_json_parse(text, strlen(text), &json, err) != WAKE_OK)
		return NULL;
	return json_is_object(json) && is_shallow(json, 0) && numbers_are_kept(text) ? json_incref(json) : NULL;
}

static int take_object(struct wake_existing_taking *taking, const struct column *column, const char *text,
    struct wake_error *err)
{
	struct wake_error failure;
	json_t *object = wake_existing_parse_object(text, &failure);

	if (object)
		return wake_json_set(taking->data, column->name, object, err);
	if (failure.code == WAKE_NOMEM)
		return wake_fail_nomem(err);
	return wake_existing_set_aside(taking, column->name, text, "no JSON object that can be kept", err);
}

static int take_column(
    struct wake_existing_taking *taking, const struct column *column, struct wake_error *err)
{
	const char *text = wake_existing_value(taking, column->name);
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
			return wake_existing_set_aside(taking, column->name, text, "no run id", err);
		return wake_json_set_string(taking->data, column->name, text, err);
	}
	return WAKE_OK;
}

int wake_existing_take_columns(struct wake_existing_taking *taking, struct wake_error *err)
{
	bool runs = taking->row->table == WAKE_EXISTING_RUNS;
	const struct column *columns = runs ? run_columns : process_columns;
	size_t count = runs ? WAKE_COUNT(run_columns) : WAKE_COUNT(process_columns);
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < count; i++)
		status = take_column(taking, &columns[i], err);
	return status;
}

int wake_existing_take_agent_session(
    struct wake_existing_taking *taking, const char *text, struct wake_error *err)
{
	static const struct column agent_session = { "agent_session_id", TEXT, WAKE_EVENT_NAME_MAX, NULL };

	return take_text(taking, &agent_session, text, err);
}
