/* SPDX-License-Identifier: MIT */
/* A tool that was used, asked for or denied; and the files that one has edited, as a hint. Never what a tool
 * was given to do, nor what came of it. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "event/edited.h"
#include "hooks/agent.h"

static const char *outcome_of(enum wake_claude_hook_event event)
{
	if (event == WAKE_CLAUDE_HOOK_TOOL_ASKED)
		return "asked";
	return event == WAKE_CLAUDE_HOOK_TOOL_DENIED ? "denied" : "used";
}

/* A use has the agent's id; one that is only asked for is known by where it is asked and what for. Hashes:
 * what it was given does not leave us. */
static void key_of(const struct wake_claude_hook *payload, char ret_key[WAKE_ID_SIZE])
{
	char input[WAKE_ID_SIZE] = "";
	const char *use[] = { "agent tool", WAKE_AGENT_CLAUDE, payload->session, outcome_of(payload->event),
		payload->use, *payload->use ? "" : payload->prompt_id, *payload->use ? "" : payload->agent_id,
		payload->tool, input };

	if (!*payload->use && payload->input.at)
		wake_id_v5(payload->input.at, payload->input.len, input);
	wake_id_v5_of(use, WAKE_COUNT(use), ret_key);
}

/* The file's own directory as the file system has it, then its name: the file itself may be a link, which is
 * what was edited. NULL: there is no such directory. */
static int resolve(
    const struct wake_claude_hook *payload, char **ret_file, char **ret_dir, struct wake_error *err)
{
	wake_auto_free char *absolute = NULL;
	wake_auto_free char *dir = NULL;
	char *name;
	int ret = wake_fs_join(payload->directory ? payload->directory : "/", payload->file, &absolute, err);

	if (ret < 0)
		return ret;
	name = strrchr(absolute, '/');
	if (*absolute != '/' || !name[1])
		return WAKE_NOTFOUND;
	*name = '\0';
	ret = wake_fs_resolve(*absolute ? absolute : "/", &dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, name + 1, ret_file, err);
	if (ret == WAKE_OK) {
		*ret_dir = dir;
		dir = NULL; /* the caller's now */
	}
	return ret;
}

/* NULL: it does not lie below root. */
static const char *below(const char *file, const char *root)
{
	size_t len = root ? strlen(root) : 0;

	return len > 0 && strncmp(file, root, len) == 0 && file[len] == '/' ? file + len + 1 : NULL;
}

static int add_hint(struct wake_agent_call *call, const struct wake_worktree *worktree,
    const struct wake_identity *identity, const char *path, struct wake_error *err)
{
	wake_auto_json json_t *paths = json_array();
	const struct wake_edited edited = { .worktree = worktree,
		.identity = identity,
		.reason = "settled",
		.run_id = call->session.run_id,
		.at = call->now,
		.paths = paths };
	int ret = paths ? wake_event_add_path(paths, path, err) : wake_fail_nomem(err);

	call->wakes = true;
	return ret == WAKE_OK ? wake_edited_add(&call->events, &edited, err) : ret;
}

/* In the worktree that the file lies in, which may be another than where the agent is: a hint, if it is
 * recorded. */
static int tell_edited(
    struct wake_agent_call *call, const char *file, const char *dir, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_identity identity;
	struct wake_error ignored;
	int ret = wake_worktree_find(dir, &worktree, err);

	if (ret < 0 || !below(file, worktree.root))
		return ret == WAKE_NOMEM ? ret : WAKE_OK;
	if (strcmp(worktree.git_dir, call->worktree.git_dir) == 0)
		return add_hint(call, &call->worktree, &call->identity, below(file, worktree.root), err);
	if (!wake_registry_has(&worktree) ||
	    wake_registry_identify(&call->paths, &worktree, &identity, &ignored) < 0)
		return WAKE_OK;
	return add_hint(call, &worktree, &identity, below(file, worktree.root), err);
}

static int set_file(struct wake_agent_call *call, json_t *data, struct wake_error *err)
{
	wake_auto_free char *file = NULL;
	wake_auto_free char *dir = NULL;
	wake_auto_json json_t *paths = json_array();
	const char *path = call->payload.file;
	int ret = paths ? resolve(&call->payload, &file, &dir, err) : wake_fail_nomem(err);

	if (ret == WAKE_NOMEM)
		return ret;
	if (file && below(file, call->worktree.root))
		path = below(file, call->worktree.root);
	ret = wake_event_add_path(paths, path, err);
	if (ret == WAKE_OK)
		ret = wake_json_set(data, "paths", json_incref(paths), err);
	return ret == WAKE_OK && file && call->payload.event == WAKE_CLAUDE_HOOK_TOOL_USED
	           ? tell_edited(call, file, dir, err)
	           : ret;
}

int wake_agent_tell_tool(struct wake_agent_call *call, struct wake_error *err)
{
	const struct wake_claude_hook *payload = &call->payload;
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *data = json_object();
	char key[WAKE_ID_SIZE];
	int ret =
	    data ? wake_json_set_string(data, "run_id", call->session.run_id, err) : wake_fail_nomem(err);

	if (ret < 0 || !*payload->tool)
		return ret;
	key_of(payload, key);
	ret = wake_json_set_string(data, "key", key, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "tool", payload->tool, WAKE_EVENT_TOOL_MAX, err);
	if (ret == WAKE_OK && *payload->use)
		ret = wake_event_set_text(data, "use", payload->use, WAKE_EVENT_TOOL_MAX, err);
	if (ret == WAKE_OK && *payload->agent_id)
		ret = wake_event_set_text(data, "agent_id", payload->agent_id, WAKE_EVENT_TOOL_MAX, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "outcome", outcome_of(payload->event), err);
	if (ret == WAKE_OK && payload->file)
		ret = set_file(call, data, err);
	if (ret == WAKE_OK)
		ret = wake_event_make(WAKE_EVENT_TOOL_USED, NULL, call->now, json_incref(data), &event, err);
	return ret == WAKE_OK ? wake_events_add(&call->events, &event, err) : ret;
}
