/* SPDX-License-Identifier: MIT */
/* What a session tells, as events. */
#include <stdlib.h>
#include <string.h>

#include "agent/transcript_claude.h"
#include "base/fs.h"
#include "base/text.h"
#include "event/edited.h"
#include "event/worktree_config.h"
#include "hooks/agent.h"

#define TITLE_MAX 255 /* characters, and so fewer bytes than four times that */

/* Takes data over. */
static int add(struct wake_agent_call *call, enum wake_event_type type, json_t *data, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	int ret = wake_event_make(type, NULL, call->now, data, &event, err);

	return ret == WAKE_OK ? wake_events_add(&call->events, &event, err) : ret;
}

static int set_run(json_t *data, const struct wake_agent_call *call, struct wake_error *err)
{
	return data ? wake_json_set_string(data, "run_id", call->session.run_id, err) : wake_fail_nomem(err);
}

/* The settings are read when the first text is told. */
static int find_redactor(struct wake_agent_call *call, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (call->redactor)
		return WAKE_OK;
	ret = wake_config_load(call->paths.config, &call->config, err);
	return ret == WAKE_OK ? wake_redactor_new(&call->config, &call->redactor, err) : ret;
}

static int set_words(struct wake_agent_call *call, json_t *data, const char *key, struct wake_scan words,
    struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_TRANSCRIPT_TEXT_MAX + 64);
	int ret;

	if (!wake_scan_is_string(words))
		return WAKE_OK;
	wake_scan_append(words, WAKE_TRANSCRIPT_TEXT_MAX, &text);
	ret = wake_str_check(&text, err);
	if (ret == WAKE_OK)
		ret = find_redactor(call, err);
	return ret == WAKE_OK ? wake_redact_set_text(
	                            call->redactor, data, key, wake_str_text(&text), WAKE_EVENT_TEXT_MAX, err)
	                      : ret;
}

/* ---- start and end ------------------------------------------------------------------------------ */

/* As git names it where no setting outside of the repository changes it: the origin, else the main worktree.
 */
static int set_repo(json_t *data, const struct wake_worktree *worktree, struct wake_error *err)
{
	WAKE_CLEANUP(wake_worktree_config_release) struct wake_worktree_config config = { 0 };
	wake_auto_str struct wake_str url = WAKE_STR(WAKE_EVENT_PATH_MAX);
	size_t len = strlen(worktree->common_dir), suffix = strlen("/.git");
	struct wake_error ignored;

	if (wake_worktree_config_read(worktree->common_dir, &config, &ignored) == WAKE_OK && config.origin)
		wake_text_append_url(&url, config.origin, strlen(config.origin));
	else if (strcmp(worktree->git_dir, worktree->common_dir) == 0)
		wake_str_append(&url, worktree->root);
	else if (len > suffix && strcmp(worktree->common_dir + len - suffix, "/.git") == 0)
		wake_str_append_bytes(&url, worktree->common_dir, len - suffix);
	else
		wake_str_append(&url, worktree->common_dir);
	if (url.failed || url.len == 0)
		return WAKE_OK;
	return wake_event_set_text(data, "git_repo", url.data, WAKE_EVENT_PATH_MAX, err);
}

static int set_place(struct wake_agent_call *call, json_t *data, struct wake_error *err)
{
	const struct wake_identity *identity = &call->identity;
	int ret = wake_json_set_string(data, "workspace_id", identity->worktree_id, err);

	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "workspace_path", call->worktree.root, WAKE_EVENT_PATH_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "repository_id", identity->repository_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "worktree_id", identity->worktree_id, err);
	return ret == WAKE_OK ? set_repo(data, &call->worktree, err) : ret;
}

/* What HEAD says; where only git can tell (a reftable), nothing. */
static int set_head(const struct wake_agent_call *call, json_t *data, struct wake_error *err)
{
	wake_auto_free char *branch = NULL;
	char head[WAKE_HASH_SIZE];
	struct wake_error ignored;
	int ret;

	if (wake_worktree_head(&call->worktree, &branch, head, &ignored) < 0)
		return WAKE_OK;
	ret = wake_event_set_text(data, "branch", branch, WAKE_EVENT_NAME_MAX, err);
	return ret == WAKE_OK && wake_hash_is_valid(head) ? wake_json_set_string(data, "head", head, err)
	                                                  : ret;
}

static int set_process(const struct wake_agent_session *session, json_t *data, struct wake_error *err)
{
	int ret;

	if (session->pid == 0)
		return WAKE_OK;
	ret = wake_json_set_int(data, "pid", session->pid, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "pid_start", (int64_t)session->pid_start, err);
	return ret == WAKE_OK && *session->boot_id
	           ? wake_json_set_string(data, "boot_id", session->boot_id, err)
	           : ret;
}

/* The same words as a transcript's (lib/agent/transcript_tell.c), which knows no process and no commit; of
 * the two the earlier stands. */
static int set_names(struct wake_agent_call *call, json_t *data, struct wake_error *err)
{
	const struct wake_agent_session *session = &call->session;
	const char *entrypoint = getenv("CLAUDE_CODE_ENTRYPOINT");
	char conversation[WAKE_ID_SIZE], before[WAKE_ID_SIZE];
	json_t *metadata = json_object();
	int ret = wake_json_set(data, "metadata", metadata, err);

	wake_agent_conversation_id(WAKE_AGENT_CLAUDE, session->session, conversation);
	wake_agent_run_id(WAKE_AGENT_CLAUDE, session->session, session->ordinal - 1, before);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    metadata, "agent_entrypoint", entrypoint, WAKE_TRANSCRIPT_NAME_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "workflow", json_string("unknown"), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "task", json_string(""), err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "agent_type", json_string(WAKE_AGENT_CLAUDE), err);
	if (ret == WAKE_OK && *call->payload.model)
		ret = wake_event_set_text(
		    data, "ai_model", call->payload.model, WAKE_TRANSCRIPT_MODEL_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "session_id", conversation, err);
	if (ret == WAKE_OK && session->ordinal > 1)
		ret = wake_json_set_string(data, "parent_run_id", before, err);
	return ret == WAKE_OK ? wake_json_set_bool(data, "claim", false, err) : ret;
}

/* A name that a person gave the session; none where no texts are recorded. */
static int set_title(struct wake_agent_call *call, json_t *data, struct wake_error *err)
{
	wake_auto_str struct wake_str title = WAKE_STR(TITLE_MAX + 16);
	int ret;

	wake_scan_append(call->payload.title, TITLE_MAX, &title);
	ret = wake_str_check(&title, err);
	if (ret == WAKE_OK && title.len > 0)
		ret = find_redactor(call, err);
	if (ret == WAKE_OK && title.len > 0)
		ret = wake_redact_set_text(call->redactor, data, "session_name", title.data, TITLE_MAX, err);
	if (ret == WAKE_OK && json_string_length(json_object_get(data, "session_name")) == 0)
		(void)json_object_del(data, "session_name");
	return ret;
}

/* The setting runwake.host: what the record calls this machine. */
static int name_host(struct wake_agent_call *call, struct wake_error *err)
{
	struct wake_event *event = &call->events.items[call->events.count - 1];
	char host[WAKE_HOST_SIZE], *name = NULL;
	int ret = find_redactor(call, err);

	if (ret < 0)
		return ret;
	wake_config_host(&call->config, host);
	ret = wake_str_copy(host, &name, err);
	if (ret == WAKE_OK) {
		free(event->host);
		event->host = name;
	}
	return ret;
}

static int tell_edited(struct wake_agent_call *call, const char *reason, int64_t since, struct wake_error *err)
{
	const struct wake_edited edited = { .worktree = &call->worktree,
		.identity = &call->identity,
		.reason = reason,
		.run_id = call->session.run_id,
		.since = since,
		.at = call->now };

	return wake_edited_add(&call->events, &edited, err);
}

int wake_agent_tell_start(struct wake_agent_call *call, struct wake_error *err)
{
	wake_auto_json json_t *data = json_object();
	int ret = set_run(data, call, err);

	if (ret == WAKE_OK)
		ret = set_names(call, data, err);
	if (ret == WAKE_OK)
		ret = set_title(call, data, err);
	if (ret == WAKE_OK)
		ret = set_place(call, data, err);
	if (ret == WAKE_OK)
		ret = set_head(call, data, err);
	if (ret == WAKE_OK)
		ret = set_process(&call->session, data, err);
	if (ret == WAKE_OK)
		ret = add(call, WAKE_EVENT_RUN_STARTED, json_incref(data), err);
	if (ret == WAKE_OK)
		ret = name_host(call, err);
	call->is_durable = true;
	return ret == WAKE_OK ? tell_edited(call, "start", call->now, err) : ret;
}

/* In a turn that nobody answered the agent was interrupted, or ended by somebody: its transcript may know
 * more. */
int wake_agent_tell_end(struct wake_agent_call *call, struct wake_error *err)
{
	static const struct {
		const char *status, *error;
	} ends[] = { [WAKE_TURN_NONE] = { "completed", NULL },
		[WAKE_TURN_ANSWERED] = { "completed", NULL },
		[WAKE_TURN_FAILED] = { "failed", NULL },
		[WAKE_TURN_PROMPTED] = { "killed", "the agent ended in the middle of a turn" } };
	enum wake_agent_turn turn = call->session.turn;
	wake_auto_json json_t *data = json_object();
	int ret = set_run(data, call, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "status", ends[turn].status, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "error", ends[turn].error, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "reported", true, err);
	if (ret == WAKE_OK)
		ret = set_head(call, data, err);
	if (ret == WAKE_OK)
		ret = add(call, WAKE_EVENT_RUN_ENDED, json_incref(data), err);
	call->is_durable = true;
	/* The transcript, which knows more of the end, tells it a microsecond earlier (cli/import_tell.c), and what is
	 * found now was left before that. */
	return ret == WAKE_OK ? tell_edited(call, "finish", call->now - 1, err) : ret;
}

int wake_agent_tell_heartbeat(struct wake_agent_call *call, struct wake_error *err)
{
	json_t *data = json_pack("{s[s]}", "run_ids", call->session.run_id);

	return data ? add(call, WAKE_EVENT_HEARTBEAT, data, err) : wake_fail_nomem(err);
}

/* ---- what is said ------------------------------------------------------------------------------- */

/* Under the id that the transcript's line gives it, so whoever tells it, it is one message. Without the
 * agent's id of it there is none, and the transcript is left to tell it. */
int wake_agent_tell_prompt(struct wake_agent_call *call, struct wake_error *err)
{
	const struct wake_claude_hook *payload = &call->payload;
	wake_auto_str struct wake_str text = WAKE_STR(WAKE_TRANSCRIPT_TEXT_MAX + 64);
	wake_auto_json json_t *data = json_object();
	char message[WAKE_ID_SIZE];
	int ret = set_run(data, call, err);

	wake_scan_append(payload->prompt, WAKE_TRANSCRIPT_TEXT_MAX, &text);
	if (ret == WAKE_OK)
		ret = wake_str_check(&text, err);
	if (ret < 0 || call->session.is_nested || payload->is_said_by_client || !*payload->prompt_id ||
	    !wake_claude_is_prompt_text(wake_str_text(&text)))
		return ret;
	wake_agent_message_id(WAKE_AGENT_CLAUDE, "prompt", payload->prompt_id, message);
	ret = wake_json_set(data, "role", json_string("user"), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "message", message, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "kind", json_string("prompt"), err);
	if (ret == WAKE_OK)
		ret = set_words(call, data, "text", payload->prompt, err);
	return ret == WAKE_OK ? add(call, WAKE_EVENT_SAID, json_incref(data), err) : ret;
}

static int set_error(struct wake_agent_call *call, json_t *data, struct wake_error *err)
{
	const struct wake_claude_hook *payload = &call->payload;
	struct wake_scan more =
	    wake_scan_is_string(payload->error_details) ? payload->error_details : payload->answer;

	return set_words(call, data, "error", wake_scan_is_string(more) ? more : payload->error, err);
}

/* All that the hook knows of the run by now: a report takes the place of the one before. What a tool's own
 * session came to is not what the run came to. */
int wake_agent_tell_report(struct wake_agent_call *call, struct wake_error *err)
{
	const struct wake_claude_hook *payload = &call->payload;
	wake_auto_json json_t *data = json_object();
	int ret = set_run(data, call, err);

	if (ret < 0 || call->session.is_nested)
		return ret;
	ret = wake_json_set(data, "source", json_string("hook"), err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(
		    data, "agent_session_id", payload->session, WAKE_AGENT_SESSION_MAX, err);
	if (ret == WAKE_OK && *payload->model)
		ret = wake_event_set_text(data, "ai_model", payload->model, WAKE_TRANSCRIPT_MODEL_MAX, err);
	if (ret == WAKE_OK && payload->event == WAKE_CLAUDE_HOOK_STOP)
		ret = set_words(call, data, "result", payload->answer, err);
	if (ret == WAKE_OK && payload->event == WAKE_CLAUDE_HOOK_STOP_FAILURE)
		ret = set_error(call, data, err);
	return ret == WAKE_OK ? add(call, WAKE_EVENT_RUN_REPORTED, json_incref(data), err) : ret;
}
