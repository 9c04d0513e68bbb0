/* SPDX-License-Identifier: MIT */
/* Which run a session is. One that finds the RUNWAKE_RUN_ID of a run that is active here joins it; any other
 * is a run of its own, named by agent, session and opening (lib/agent/transcript.h), so that whoever reads
 * the session's transcript names the same. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/transcript.h"
#include "agent/transcript_place.h"
#include "hooks/agent.h"

static bool is_start(const struct wake_agent_call *call)
{
	return call->payload.event == WAKE_CLAUDE_HOOK_SESSION_START &&
	       call->payload.source != WAKE_CLAUDE_SOURCE_COMPACT;
}

bool wake_agent_beats(const struct wake_agent_call *call)
{
	const struct wake_agent_session *session = &call->session;
	int64_t last = session->heartbeat_at > session->begun_at ? session->heartbeat_at : session->begun_at;

	return call->now - last >= WAKE_AGENT_HEARTBEAT;
}

bool wake_agent_changes(const struct wake_agent_call *call, bool has)
{
	switch (call->payload.event) {
	case WAKE_CLAUDE_HOOK_TOOL_USED:
	case WAKE_CLAUDE_HOOK_TOOL_ASKED:
	case WAKE_CLAUDE_HOOK_TOOL_DENIED:
	case WAKE_CLAUDE_HOOK_SUBAGENT_STOP:
		return !has || wake_agent_beats(call);
	default:
		return true;
	}
}

/* The run in the environment, if it is at work here. */
static bool find_joined(const struct wake_agent_call *call, char ret_run_id[WAKE_RUN_ID_MAX + 1])
{
	wake_auto_active struct wake_active active = { 0 };
	const char *run_id = getenv("RUNWAKE_RUN_ID");
	struct wake_error ignored;

	if (!run_id || wake_run_id_check(run_id, &ignored) < 0 ||
	    wake_active_read(&call->paths, run_id, &active, &ignored) < 0)
		return false;
	memcpy(ret_run_id, run_id, strlen(run_id) + 1);
	return true;
}

/* The client names the file that a session begun here would have; one that is resumed from another directory goes on
 * where it began, beside that one's directory. NULL: the one that it names. */
static char *find_moved(const struct wake_claude_hook *payload)
{
	wake_auto_free char *projects = NULL;
	struct wake_error ignored;
	char *slash = NULL, *path = NULL;

	if (payload->source != WAKE_CLAUDE_SOURCE_RESUME || !payload->transcript ||
	    access(payload->transcript, F_OK) == 0 || wake_str_copy(payload->transcript, &projects, &ignored) < 0)
		return NULL;
	for (int up = 0; up < 2 && (slash = strrchr(projects, '/')); up++)
		*slash = '\0';
	return slash && wake_transcript_locate(projects, payload->session, &path, &ignored) == WAKE_OK ? path : NULL;
}

/* Of the opening that goes on now. What cannot be read of a transcript leaves the first. */
static unsigned find_ordinal(const struct wake_agent_call *call, const char *transcript)
{
	const struct wake_claude_hook *payload = &call->payload;
	bool speaks = is_start(call) || payload->event == WAKE_CLAUDE_HOOK_PROMPT, next_is_new = false;
	struct wake_error ignored;
	unsigned count = 0;

	if (is_start(call) && payload->source == WAKE_CLAUDE_SOURCE_NEW)
		return 1;
	if (!transcript || *transcript != '/' ||
	    wake_transcript_claude_openings(transcript, &count, &next_is_new, &ignored) < 0)
		return 1;
	count += speaks && next_is_new;
	return count > 0 ? count : 1;
}

static int copy_path(const char *path, char **text, struct wake_error *err)
{
	char *fresh = NULL;
	int ret = path ? wake_str_copy(path, &fresh, err) : WAKE_OK;

	if (ret == WAKE_OK && path) {
		free(*text);
		*text = fresh;
	}
	return ret;
}

/* What the session would be if it began now. */
static int make_fresh(struct wake_agent_call *call, struct wake_agent_session *fresh, struct wake_error *err)
{
	const struct wake_claude_hook *payload = &call->payload;
	wake_auto_free char *moved = find_moved(payload);
	const char *transcript = moved ? moved : payload->transcript;
	char run_id[WAKE_RUN_ID_MAX + 1];
	int ret = wake_str_copy(payload->session, &fresh->session, err);

	memcpy(fresh->agent, WAKE_AGENT_CLAUDE, sizeof(WAKE_AGENT_CLAUDE));
	fresh->ordinal = find_ordinal(call, transcript);
	wake_agent_run_id(WAKE_AGENT_CLAUDE, payload->session, fresh->ordinal, fresh->run_id);
	/* A client that is started by a tool of ours, or of itself, has our variable too. */
	if (find_joined(call, run_id) && strcmp(run_id, fresh->run_id) != 0) {
		memcpy(fresh->run_id, run_id, sizeof(run_id));
		fresh->is_joined = true;
		fresh->ordinal = 0;
	}
	fresh->begun_at = call->now;
	wake_agent_find_process(fresh);
	if (ret == WAKE_OK)
		ret = copy_path(transcript, &fresh->transcript, err);
	return ret == WAKE_OK ? copy_path(call->worktree.root, &fresh->directory, err) : ret;
}

/* The same opening, told of again: by another process, if the client was killed and started anew. */
static void go_on(struct wake_agent_call *call, const struct wake_agent_session *fresh)
{
	struct wake_agent_session *session = &call->session;
	bool is_resumed = is_start(call) && call->payload.source == WAKE_CLAUDE_SOURCE_RESUME;

	if (session->ended_at && !is_resumed) {
		call->is_late = true;
		return;
	}
	call->is_begun = !session->is_joined && (session->ended_at || session->pid != fresh->pid ||
	                                            session->pid_start != fresh->pid_start);
	session->ended_at = 0;
	session->pid = fresh->pid;
	session->pid_start = fresh->pid_start;
	session->pid_namespace = fresh->pid_namespace;
	memcpy(session->boot_id, fresh->boot_id, sizeof(session->boot_id));
	memcpy(session->host, fresh->host, sizeof(session->host));
}

/* Two sessions that began in one run: a tool's is not the run's own conversation. */
static int find_place(struct wake_agent_call *call, struct wake_error *err)
{
	struct wake_agent_session *session = &call->session;
	char conversation[WAKE_ID_SIZE];
	bool leads = true;
	int ret;

	wake_agent_conversation_id(WAKE_AGENT_CLAUDE, session->session, conversation);
	ret = wake_active_lead(&call->paths, session->run_id, conversation, &leads, err);
	session->is_nested = !leads;
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret; /* it has just ended */
}

static int begin(struct wake_agent_call *call, struct wake_agent_session *fresh, struct wake_error *err)
{
	int ret;

	wake_agent_session_release(&call->session);
	call->session = *fresh;
	*fresh = (struct wake_agent_session){ 0 }; /* the call's now */
	call->is_new = true;
	call->is_begun = !call->session.is_joined;
	if (call->session.is_joined)
		return find_place(call, err);
	ret = wake_registry_note(&call->paths, &call->worktree, &call->identity, err);
	return ret == WAKE_OK ? wake_agent_tell_start(call, err) : ret;
}

int wake_agent_resolve(struct wake_agent_call *call, struct wake_error *err)
{
	wake_auto_agent_session struct wake_agent_session fresh = { 0 };
	struct wake_agent_session *session = &call->session;
	bool has = session->session != NULL;
	int ret;

	if (has && !session->ended_at && !is_start(call))
		return WAKE_OK;
	ret = make_fresh(call, &fresh, err);
	if (ret < 0)
		return ret;
	/* An opening that is over does not begin again: its start is told once more. */
	call->is_late = has && !fresh.is_joined && fresh.ordinal < session->ordinal;
	if (call->is_late)
		return WAKE_OK;
	if (!has || strcmp(session->run_id, fresh.run_id) != 0)
		return begin(call, &fresh, err);
	go_on(call, &fresh);
	return WAKE_OK;
}

static int add_active(struct wake_agent_call *call, struct wake_error *err)
{
	const struct wake_agent_session *session = &call->session;
	struct wake_active active = { .workspace_path = call->worktree.root,
		.started_at = session->begun_at,
		.pid = session->pid,
		.pid_start = session->pid_start,
		.pid_namespace = session->pid_namespace };
	int ret;

	memcpy(active.run_id, session->run_id, sizeof(active.run_id));
	memcpy(active.workspace_id, call->identity.worktree_id, sizeof(call->identity.worktree_id));
	memcpy(active.boot_id, session->boot_id, sizeof(active.boot_id));
	memcpy(active.host, session->host, sizeof(active.host));
	ret = wake_active_remove(&call->paths, session->run_id, err); /* of a process that is gone */
	return ret == WAKE_OK ? wake_active_add(&call->paths, &active, err) : ret;
}

int wake_agent_settle(struct wake_agent_call *call, struct wake_error *err)
{
	const char *file = getenv("CLAUDE_ENV_FILE");
	int ret = WAKE_OK;

	if (call->session.is_joined || call->is_late)
		return WAKE_OK;
	if (call->is_begun) {
		ret = add_active(call, err);
		if (ret == WAKE_OK)
			ret = find_place(call, err);
	}
	if (ret == WAKE_OK && call->payload.event == WAKE_CLAUDE_HOOK_SESSION_START && file && *file)
		ret = wake_agent_export(file, call->session.run_id, err);
	return ret;
}
