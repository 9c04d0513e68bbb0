/* SPDX-License-Identifier: MIT */
/* run-started and run-ended events, and the hints that go with them. */
#include "cli/run_events.h"

#include <string.h>

#include "base/process.h"
#include "event/edited.h"

#define SHORT_MAX 1024 /* bytes of a text whose characters the event's own table counts */

static int add(
    struct wake_events *events, enum wake_event_type type, int64_t at, json_t **data, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *given = *data;
	int ret;

	*data = NULL; /* the event's now, also on failure */
	ret = wake_event_make(type, NULL, at, given, &event, err);
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

static int set_texts(json_t *data, const struct wake_run_start *start, struct wake_error *err)
{
	const struct {
		const char *key, *text;
		size_t max;
	} texts[] = { { "workflow", start->workflow, SHORT_MAX },
		{ "session_name", start->session_name, SHORT_MAX },
		{ "agent_type", start->agent_type, SHORT_MAX }, { "ai_model", start->ai_model, SHORT_MAX } };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_event_set_text(data, texts[i].key, texts[i].text, texts[i].max, err);
	if (ret == WAKE_OK)
		ret = wake_redact_set_text(
		    start->redactor, data, "task", start->task, WAKE_EVENT_TEXT_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "run_id", start->run_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "session_id", start->session_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "replaces", start->replaces, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "parent_run_id", start->parent_run_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "user_id", start->user_id, err);
	if (ret == WAKE_OK && json_object_size(start->metadata) > 0)
		ret = wake_json_set(data, "metadata", json_deep_copy(start->metadata), err);
	return ret;
}

static int set_workspace(json_t *data, const struct wake_workspace *workspace, struct wake_error *err)
{
	int ret = wake_json_set_string(data, "workspace_id", workspace->id, err);

	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "workspace_path", workspace->root, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "workspace_persistent", true, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "claim", workspace->in_git, err);
	if (ret == WAKE_OK && workspace->registered)
		ret = wake_json_set_string(data, "repository_id", workspace->identity.repository_id, err);
	if (ret == WAKE_OK && workspace->registered)
		ret = wake_json_set_string(data, "worktree_id", workspace->identity.worktree_id, err);
	return ret;
}

static int set_facts(json_t *data, const struct wake_run_start *start, const struct wake_git_facts *facts,
    struct wake_error *err)
{
	const char *branch = start->branch ? start->branch : facts->branch;
	int ret = wake_event_set_text(data, "git_repo", facts->name, WAKE_EVENT_PATH_MAX, err);

	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "branch", branch, WAKE_EVENT_NAME_MAX, err);
	if (ret == WAKE_OK && *facts->head)
		ret = wake_json_set_string(data, "head", facts->head, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "user_email", facts->email, WAKE_EVENT_NAME_MAX, err);
	return ret;
}

/* A pid alone is no identity: it is reused, within a boot and after it. */
static int set_process(json_t *data, const struct wake_run_start *start, struct wake_error *err)
{
	char boot[WAKE_BOOT_ID_SIZE];
	int ret;

	if (start->pid == 0)
		return WAKE_OK;
	wake_process_boot_id(boot);
	ret = wake_json_set_int(data, "pid", start->pid, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "pid_start", (int64_t)start->pid_start, err);
	return ret == WAKE_OK ? wake_json_set_string(data, "boot_id", boot, err) : ret;
}

/* The setting runwake.host: what the record calls this machine. */
static int rename_host(struct wake_event *event, const char *host, struct wake_error *err)
{
	char *name = NULL;
	int ret = wake_str_copy(host, &name, err);

	if (ret < 0)
		return ret;
	free(event->host);
	event->host = name;
	return WAKE_OK;
}

int wake_run_event_start(struct wake_events *events, const struct wake_run_start *start,
    const struct wake_workspace *workspace, const struct wake_git_facts *facts, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int ret = data ? set_texts(data, start, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = set_workspace(data, workspace, err);
	if (ret == WAKE_OK)
		ret = set_facts(data, start, facts, err);
	if (ret == WAKE_OK)
		ret = set_process(data, start, err);
	if (ret == WAKE_OK)
		ret = add(events, WAKE_EVENT_RUN_STARTED, start->at, &data, err);
	return ret == WAKE_OK && start->host
	           ? rename_host(&events->items[events->count - 1], start->host, err)
	           : ret;
}

static int set_words(
    json_t *data, const struct wake_run_end *end, const char *key, const char *text, struct wake_error *err)
{
	if (!end->redactor)
		return wake_event_set_text(data, key, text, WAKE_EVENT_TEXT_MAX, err);
	return wake_redact_set_text(end->redactor, data, key, text, WAKE_EVENT_TEXT_MAX, err);
}

int wake_run_event_end(struct wake_events *events, const struct wake_run_end *end,
    const struct wake_git_facts *facts, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int ret = data ? wake_json_set_string(data, "run_id", end->run_id, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "status", end->status, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "reported", end->reported, err);
	if (ret == WAKE_OK)
		ret = set_words(data, end, "result", end->result, err);
	if (ret == WAKE_OK)
		ret = set_words(data, end, "error", end->error, err);
	if (ret == WAKE_OK && *facts->head)
		ret = wake_json_set_string(data, "head", facts->head, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "branch", facts->branch, WAKE_EVENT_NAME_MAX, err);
	if (ret == WAKE_OK && end->has_exit_code)
		ret = wake_json_set_int(data, "exit_code", end->exit_code, err);
	if (ret == WAKE_OK && end->exit_signal)
		ret = wake_json_set_int(data, "exit_signal", end->exit_signal, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_RUN_ENDED, end->at, &data, err) : ret;
}

int wake_run_event_edited(struct wake_events *events, const char *reason, const char *run_id, int64_t at,
    const struct wake_workspace *workspace, struct wake_error *err)
{
	const struct wake_edited edited = { .worktree = &workspace->worktree,
		.identity = &workspace->identity,
		.reason = reason,
		.run_id = run_id,
		.at = at };

	return workspace->registered ? wake_edited_add(events, &edited, err) : WAKE_OK;
}

/* Agents tell times in whole milliseconds: what they tell of it later must not seem to be earlier. */
int wake_run_event_delivered(struct wake_events *events, const char *run_id, json_t *messages, bool as_prompt,
    struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int64_t now = wake_clock_now();
	int ret = wake_json_set_string(data, "run_id", run_id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(data, "messages", json_incref(messages), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "as_prompt", as_prompt, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_DELIVERED, now - now % 1000, &data, err) : ret;
}

int wake_run_event_session(
    struct wake_events *events, const char *run_id, const char *agent_session, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int ret = wake_json_set_string(data, "run_id", run_id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "source", "stream", err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "agent_session_id", agent_session, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_RUN_REPORTED, 0, &data, err) : ret;
}

int wake_run_event_say(struct wake_events *events, const struct wake_run_say *say, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int ret = wake_json_set_string(data, "run_id", say->run_id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "message", say->message, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "role", "user", err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "kind", "say", err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "text", say->text, err);
	return ret == WAKE_OK ? add(events, WAKE_EVENT_SAID, say->at, &data, err) : ret;
}
