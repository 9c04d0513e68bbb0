/* SPDX-License-Identifier: MIT */
/* An agent's session as its hook keeps it:  tool_agent_session SESSION KEY=VALUE…
 *
 *   ordinal=N     its opening (default 1); 0 with run=RUN: it joined that run
 *   transcript=F  directory=D  turn=none|prompted|answered|failed
 *   begun=S ended=S   seconds since 1970; now: now; ended=0: it lives
 *   pid=N         of a process that is there now
 *   start         tells that the run began, too, and ended, if it has
 *
 * Prints the run's id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/run_name.h"
#include "base/clock.h"
#include "event/agent_session.h"
#include "event/spool.h"

static struct wake_error err;

static void need(int ret)
{
	if (ret >= 0)
		return;
	(void)fprintf(stderr, "tool_agent_session: %s\n", err.text);
	exit(1);
}

static int64_t time_of(const char *text)
{
	return strcmp(text, "now") == 0 ? wake_clock_now() : strtoll(text, NULL, 10) * WAKE_SECOND;
}

static void read_argument(struct wake_agent_session *entry, const char *key, const char *value)
{
	static const char *const turns[] = { "none", "prompted", "answered", "failed" };

	if (strcmp(key, "ordinal") == 0)
		entry->ordinal = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(key, "run") == 0)
		(void)snprintf(entry->run_id, sizeof(entry->run_id), "%s", value);
	else if (strcmp(key, "transcript") == 0)
		need(wake_str_copy(value, &entry->transcript, &err));
	else if (strcmp(key, "directory") == 0)
		need(wake_str_copy(value, &entry->directory, &err));
	else if (strcmp(key, "begun") == 0)
		entry->begun_at = time_of(value);
	else if (strcmp(key, "ended") == 0)
		entry->ended_at = time_of(value);
	else if (strcmp(key, "pid") == 0)
		entry->pid = (pid_t)strtol(value, NULL, 10);
	for (size_t i = 0; strcmp(key, "turn") == 0 && i < WAKE_COUNT(turns); i++) {
		if (strcmp(turns[i], value) == 0)
			entry->turn = (enum wake_agent_turn)i;
	}
}

static void add(struct wake_events *events, enum wake_event_type type, int64_t at, json_t *data)
{
	wake_auto_event struct wake_event event = { 0 };

	need(wake_event_make(type, NULL, at, data, &event, &err));
	need(wake_events_add(events, &event, &err));
}

static void tell(const struct wake_paths *paths, const struct wake_agent_session *entry)
{
	wake_auto_events struct wake_events events = { 0 };

	char conversation[WAKE_ID_SIZE];

	wake_agent_conversation_id(WAKE_AGENT_CLAUDE, entry->session, conversation);
	add(&events, WAKE_EVENT_RUN_STARTED, entry->begun_at,
	    json_pack("{ss ss ss ss ss sb}", "run_id", entry->run_id, "workflow", "unknown", "task", "",
	        "agent_type", WAKE_AGENT_CLAUDE, "session_id", conversation, "claim", 0));
	add(&events, WAKE_EVENT_RUN_REPORTED, entry->begun_at,
	    json_pack(
	        "{ss ss ss}", "run_id", entry->run_id, "source", "hook", "agent_session_id", entry->session));
	if (entry->ended_at)
		add(&events, WAKE_EVENT_RUN_ENDED, entry->ended_at,
		    json_pack("{ss ss sb}", "run_id", entry->run_id, "status", "completed", "reported", 1));
	need(wake_spool_append(paths->spool, &events, false, &err));
}

int main(int argc, char **argv)
{
	struct wake_agent_session entry = {
		.agent = WAKE_AGENT_CLAUDE, .ordinal = 1, .begun_at = 1767225600 * WAKE_SECOND
	};
	struct wake_paths paths = { 0 };
	bool tells = false;

	if (argc < 2)
		return 2;
	need(wake_paths_find(&paths, &err));
	need(wake_str_copy(argv[1], &entry.session, &err));
	for (int i = 2; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (equals) {
			*equals = '\0';
			read_argument(&entry, argv[i], equals + 1);
		}
		tells = tells || strcmp(argv[i], "start") == 0;
	}
	entry.is_joined = entry.ordinal == 0;
	if (!entry.is_joined)
		wake_agent_run_id(WAKE_AGENT_CLAUDE, entry.session, entry.ordinal, entry.run_id);
	if (entry.pid)
		need(wake_process_start_time(entry.pid, &entry.pid_start, &err));
	entry.pid_namespace = wake_process_pid_namespace();
	wake_process_boot_id(entry.boot_id);
	wake_process_host(entry.host);
	need(wake_agent_session_write(&paths, &entry, &err));
	if (tells)
		tell(&paths, &entry);
	(void)puts(entry.run_id);
	wake_agent_session_release(&entry);
	wake_paths_release(&paths);
	return 0;
}
