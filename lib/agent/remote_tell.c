/* SPDX-License-Identifier: MIT */
/* A remote run as events, each with an id of what it says. */
#include "agent/remote_run.h"

#include <stdlib.h>
#include <string.h>

#include "agent/run_name.h"
#include "base/text.h"

#define MODEL_MAX 100
#define SESSION_MAX 256
#define NAME_ROOM 1024 /* bytes of a text whose characters the event's own table counts */

/* Takes data over. */
static int add(struct wake_events *events, enum wake_event_type type, int64_t at, json_t *data,
    const char *host, struct wake_error *err)
{
	wake_auto_json json_t *owned = data;
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_LARGEST);
	wake_auto_event struct wake_event event = { 0 };
	char id[WAKE_ID_SIZE], *name = NULL;
	int ret;

	wake_str_appendf(&text, "remote %s ", wake_event_type_name(type));
	ret = wake_json_append(&text, owned, err);
	if (ret < 0)
		return ret;
	wake_id_v8(at / 1000, text.data, text.len, id);
	ret = wake_event_make(type, id, at, json_incref(owned), &event, err);
	if (ret == WAKE_OK && host)
		ret = wake_str_copy(host, &name, err);
	if (ret == WAKE_OK && name) {
		free(event.host);
		event.host = name;
	}
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

/* A URL as it may be recorded; cut so that it fits. */
static int set_url(json_t *data, const char *key, const char *url, struct wake_error *err)
{
	wake_auto_str struct wake_str shown = WAKE_STR(WAKE_EVENT_PATH_MAX);
	int ret;

	if (!url)
		return WAKE_OK;
	wake_text_append_url(&shown, url, strlen(url));
	ret = wake_str_check(&shown, err);
	return ret == WAKE_OK
	           ? wake_event_set_text(data, key, wake_str_text(&shown), WAKE_EVENT_PATH_MAX, err)
	           : ret;
}

static int set_metadata(json_t *data, const struct wake_remote_begun *begun, struct wake_error *err)
{
	json_t *metadata = json_object();
	int ret = wake_json_set(data, "metadata", metadata, err);

	if (ret == WAKE_OK)
		ret = set_url(metadata, "remote", begun->url, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(metadata, "remote_name", begun->remote, err);
	if (ret == WAKE_OK && begun->max_turns)
		ret = wake_json_set_int(metadata, "max_turns", begun->max_turns, err);
	if (ret == WAKE_OK && begun->timeout)
		ret = wake_json_set_int(metadata, "timeout_seconds", begun->timeout, err);
	return ret;
}

static int set_texts(json_t *data, const struct wake_remote_begun *begun, struct wake_error *err)
{
	int ret = wake_json_set_string(data, "run_id", begun->run_id, err);

	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "workflow", begun->workflow ? begun->workflow : "unknown", NAME_ROOM, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "task", begun->task ? begun->task : "", WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "session_name", begun->session_name, NAME_ROOM, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "agent_type", WAKE_AGENT_CLAUDE, err);
	if (ret == WAKE_OK)
		ret = set_url(data, "git_repo", begun->repository, err);
	return ret == WAKE_OK ? wake_event_set_text(data, "branch", begun->branch, WAKE_EVENT_NAME_MAX, err)
	                      : ret;
}

int wake_remote_tell_start(
    const struct wake_remote_begun *begun, struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int ret = data ? set_texts(data, begun, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "claim", false, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "workspace_persistent", begun->is_persistent, err);
	if (ret == WAKE_OK)
		ret = set_metadata(data, begun, err);
	return ret == WAKE_OK
	           ? add(events, WAKE_EVENT_RUN_STARTED, begun->at, json_incref(data), begun->host, err)
	           : ret;
}

static int set_sums(json_t *data, const struct wake_remote_facts *facts, struct wake_error *err)
{
	const struct {
		const char *key;
		bool is_known;
		int64_t value;
	} sums[] = { { "num_turns", facts->has_turns, facts->turns },
		{ "input_tokens", facts->has_tokens, facts->input },
		{ "output_tokens", facts->has_tokens, facts->output },
		{ "cache_read_tokens", facts->has_tokens, facts->cache_read },
		{ "cache_write_tokens", facts->has_tokens, facts->cache_write },
		{ "cost", facts->has_cost, facts->cost } };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(sums); i++) {
		if (sums[i].is_known)
			ret = wake_json_set_int(data, sums[i].key, sums[i].value, err);
	}
	return ret;
}

int wake_remote_report(const struct wake_remote_facts *facts, const struct wake_redactor *redactor,
    const char *run_id, json_t **ret_data, char ret_digest[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_LARGEST);
	int ret = data ? wake_json_set_string(data, "run_id", run_id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "source", "api", err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "ai_model", *facts->model ? facts->model : NULL, MODEL_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "agent_session_id", facts->session, SESSION_MAX, err);
	if (ret == WAKE_OK)
		ret = set_sums(data, facts, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(redactor, data, "result", facts->result, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(redactor, data, "error", facts->error, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_append(&text, data, err);
	if (ret < 0)
		return ret;
	wake_id_v5(text.data, text.len, ret_digest);
	*ret_data = json_incref(data);
	return WAKE_OK;
}

int wake_remote_tell_report(json_t *data, int64_t at, struct wake_events *events, struct wake_error *err)
{
	return add(events, WAKE_EVENT_RUN_REPORTED, at, data, NULL, err);
}

int wake_remote_tell_end(const struct wake_remote_facts *facts, const struct wake_remote_verdict *verdict,
    const struct wake_redactor *redactor, const char *run_id, bool is_reported, int64_t at,
    struct wake_events *events, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	bool is_well = strcmp(verdict->status, "completed") == 0;
	int ret = data ? wake_json_set_string(data, "run_id", run_id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "status", verdict->status, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "reported", is_reported, err);
	if (ret == WAKE_OK && !is_well && facts && facts->error)
		ret = wake_redact_set_text(redactor, data, "error", facts->error, WAKE_EVENT_TEXT_MAX, err);
	else if (ret == WAKE_OK && !is_well && verdict->error)
		ret = wake_event_set_text(data, "error", verdict->error, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK && facts && facts->has_exit_code)
		ret = wake_json_set_int(data, "exit_code", facts->exit_code, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_RUN_ENDED, at, json_incref(data), NULL, err) : ret;
}
