/* SPDX-License-Identifier: MIT */
/* An agent's hook's way through. */
#include "hooks/agent.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event/spool.h"
#include "event/wakeup.h"
#include "hooks/input.h"
#include "hooks/program.h"
#include "hooks/tell.h"

#define PAYLOAD_MAX ((size_t)16 * 1024 * 1024) /* bytes: it holds what a tool gave back */

static void call_release(struct wake_agent_call *call)
{
	wake_claude_hook_release(&call->payload);
	wake_paths_release(&call->paths);
	wake_worktree_release(&call->worktree);
	wake_config_release(&call->config);
	wake_redactor_free(call->redactor);
	wake_agent_session_release(&call->session);
	wake_events_release(&call->events);
}

/* WAKE_NOTFOUND: nothing is recorded there. A bare repository is nobody's workspace. */
static int find_worktree(struct wake_agent_call *call, const char *directory, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	int ret;

	if (!directory || *directory != '/')
		return wake_fail(err, WAKE_NOTFOUND, "the hook was told no directory");
	ret = wake_worktree_find(directory, &worktree, err);
	if (ret == WAKE_OK && (!worktree.root || !wake_registry_has(&worktree)))
		ret = wake_fail(err, WAKE_NOTFOUND, "'%s' is not recorded", directory);
	if (ret == WAKE_OK)
		ret = wake_registry_identify(&call->paths, &worktree, &call->identity, err);
	if (ret < 0)
		return ret;
	wake_worktree_release(&call->worktree);
	call->worktree = worktree;
	worktree = (struct wake_worktree){ 0 }; /* the call's now */
	return WAKE_OK;
}

static int read_session(struct wake_agent_call *call, struct wake_error *err)
{
	int ret;

	wake_agent_session_release(&call->session);
	ret = wake_agent_session_read(
	    &call->paths, WAKE_AGENT_CLAUDE, call->payload.session, &call->session, err);
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

/* Where the agent is now; one that has left what is recorded is still the session that began there. It ends
 * where it began. */
static int locate(struct wake_agent_call *call, struct wake_error *err)
{
	const char *here = call->payload.directory, *begun = call->session.directory;
	bool ends = call->payload.event == WAKE_CLAUDE_HOOK_SESSION_END;
	int ret = find_worktree(call, ends && begun ? begun : here, err);

	if (ret == WAKE_NOTFOUND && begun)
		ret = find_worktree(call, ends ? here : begun, err);
	return ret;
}

static int observe(struct wake_agent_call *call, struct wake_error *err)
{
	const struct wake_witness witness = { 0 };
	struct wake_observed observed;
	int ret = wake_observe(&call->paths, &call->worktree, &call->identity, &witness, &observed, err);

	return ret == WAKE_UNAVAILABLE ? WAKE_OK : ret; /* a reftable is the recorder's to read */
}

/* What this event says, and where the turn stands after it. */
static int tell(struct wake_agent_call *call, struct wake_error *err)
{
	struct wake_agent_session *session = &call->session;
	enum wake_agent_turn turn = session->turn;
	int ret = WAKE_OK;

	/* Whose session the run is; later reports say it again. */
	if (call->is_new)
		ret = wake_agent_tell_report(call, err);
	if (ret < 0)
		return ret;
	switch (call->payload.event) {
	case WAKE_CLAUDE_HOOK_PROMPT:
		turn = WAKE_TURN_PROMPTED;
		ret = wake_agent_tell_prompt(call, err);
		break;
	case WAKE_CLAUDE_HOOK_STOP:
	case WAKE_CLAUDE_HOOK_STOP_FAILURE:
		turn = call->payload.event == WAKE_CLAUDE_HOOK_STOP ? WAKE_TURN_ANSWERED : WAKE_TURN_FAILED;
		/* A report takes the place of the one before; one that comes late is older than that. */
		ret = call->is_late ? WAKE_OK : wake_agent_tell_report(call, err);
		break;
	case WAKE_CLAUDE_HOOK_TOOL_USED:
	case WAKE_CLAUDE_HOOK_TOOL_ASKED:
	case WAKE_CLAUDE_HOOK_TOOL_DENIED:
		ret = wake_agent_tell_tool(call, err);
		break;
	default:
		break;
	}
	if (!call->is_late)
		session->turn = turn;
	return ret;
}

static int end(struct wake_agent_call *call, struct wake_error *err)
{
	int ret = call->session.is_joined ? WAKE_OK : wake_agent_tell_end(call, err);

	call->session.ended_at = call->now;
	return ret;
}

static int beat(struct wake_agent_call *call, struct wake_error *err)
{
	if (call->is_late || call->session.ended_at || !wake_agent_beats(call))
		return WAKE_OK;
	call->session.heartbeat_at = call->now;
	return wake_agent_tell_heartbeat(call, err);
}

static bool is_waking(enum wake_claude_hook_event event)
{
	return event == WAKE_CLAUDE_HOOK_SESSION_START || event == WAKE_CLAUDE_HOOK_SESSION_END ||
	       event == WAKE_CLAUDE_HOOK_STOP || event == WAKE_CLAUDE_HOOK_STOP_FAILURE ||
	       event == WAKE_CLAUDE_HOOK_SUBAGENT_STOP;
}

/* In the spool first: a run that nobody was told of must not be held. When it ends, its active entry goes last, so
 * that whoever is killed on the way leaves it to the watcher. */
static int keep(struct wake_agent_call *call, bool changes, struct wake_error *err)
{
	bool has_ended = call->session.ended_at && !call->is_late && !call->session.is_joined;
	int ret = WAKE_OK;

	if (call->events.count > 0)
		ret = wake_spool_append(call->paths.spool, &call->events, call->is_durable, err);
	if (ret == WAKE_OK && changes && !call->is_late)
		ret = wake_agent_session_write(&call->paths, &call->session, err);
	if (ret == WAKE_OK && !has_ended)
		ret = wake_agent_settle(call, err);
	if (ret == WAKE_OK && has_ended)
		ret = wake_active_remove(&call->paths, call->session.run_id, err);
	return ret;
}

static int record_locked(struct wake_agent_call *call, bool changes, struct wake_error *err)
{
	bool ends = call->payload.event == WAKE_CLAUDE_HOOK_SESSION_END;
	struct wake_error later = { 0 };
	int ret = WAKE_OK, observed = WAKE_OK;

	/* Before the time is taken: what is seen there is not this run's. */
	if (!call->session.session || call->payload.event == WAKE_CLAUDE_HOOK_SESSION_START) {
		observed = observe(call, &later);
		call->now = wake_clock_now();
	}
	ret = wake_agent_resolve(call, err);
	if (ret == WAKE_OK)
		ret = tell(call, err);
	/* And here after: it is. */
	if (ret == WAKE_OK && ends && !call->is_late) {
		observed = observe(call, &later);
		ret = end(call, err);
	}
	if (ret == WAKE_OK)
		ret = beat(call, err);
	if (ret == WAKE_OK)
		ret = keep(call, changes, err);
	if (ret == WAKE_OK && observed < 0) {
		*err = later;
		ret = observed;
	}
	return ret;
}

static int record(struct wake_agent_call *call, struct wake_error *err)
{
	wake_auto_free char *runwake = NULL;
	wake_auto_close int lock = -1;
	bool changes;
	int ret = wake_paths_find(&call->paths, err);

	if (ret == WAKE_OK)
		ret = read_session(call, err);
	if (ret == WAKE_OK)
		ret = locate(call, err);
	if (ret < 0)
		return ret;
	changes = wake_agent_changes(call, call->session.session != NULL);
	if (changes)
		ret = wake_agent_session_lock(
		    &call->paths, WAKE_AGENT_CLAUDE, call->payload.session, &lock, err);
	/* Another call of the session's may hold it for long, on a slow disk: better told without it than not told. */
	if (ret == WAKE_BUSY)
		ret = WAKE_OK;
	if (ret == WAKE_OK && changes)
		ret = read_session(call, err);
	if (ret == WAKE_OK)
		ret = record_locked(call, changes, err);
	if (call->wakes || is_waking(call->payload.event))
		runwake = wake_hook_find_runwake();
	if (runwake)
		wake_wakeup_recorder(call->paths.spool, runwake);
	return ret;
}

static int hear(const struct wake_hook_input *input, struct wake_agent_call *call, struct wake_error *err)
{
	int ret = wake_claude_hook_read(input->data ? input->data : "", input->len, &call->payload, err);

	if (ret < 0 || call->payload.event == WAKE_CLAUDE_HOOK_OTHER)
		return ret;
	return record(call, err);
}

/* The one place where our failures end. What a person has to know is one line on standard error, once an hour
 * a repository, which the client shows in its debugging output alone. */
static void hear_without_hindering(struct wake_hook_input *input)
{
	WAKE_CLEANUP(call_release) struct wake_agent_call call = { .now = wake_clock_now() };
	struct wake_error err = { 0 };
	int ret = wake_hook_input_read(input, PAYLOAD_MAX, &err);

	if (ret < 0)
		wake_hook_input_drain();
	else
		ret = hear(input, &call, &err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		wake_tell_once(call.worktree.common_dir, err.text);
}

int wake_agent_hook_main(int argc, char **argv)
{
	WAKE_CLEANUP(wake_hook_input_release) struct wake_hook_input input = { 0 };

	(void)signal(SIGPIPE, SIG_IGN);
	if (wake_hook_answer_probe(
	        argc > 0 && strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : "claude-code"))
		return 0;
	hear_without_hindering(&input);
	return 0;
}
