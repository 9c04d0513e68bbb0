/* SPDX-License-Identifier: MIT */
/* The agent's process, seen from its hook. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hooks/agent.h"

#define CLIENT "claude"
#define ANCESTORS_MAX 32

/* The process that the client says it is, if it is one of those that we descend from: anybody may set a
 * variable. Without its word, the nearest of them that has the client's name. 0: none. */
static pid_t find_client(void)
{
	const char *told = getenv("CLAUDE_PID");
	long wanted = told ? strtol(told, NULL, 10) : 0;
	char name[WAKE_PROCESS_NAME_SIZE];
	struct wake_error ignored;
	pid_t pid = getppid(), parent, named = 0;

	for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		if (pid == wanted)
			return pid;
		if (wake_process_parent(pid, &parent, name, &ignored) < 0)
			return named;
		if (!named && strcmp(name, CLIENT) == 0)
			named = pid;
		pid = parent;
	}
	return named;
}

void wake_agent_find_process(struct wake_agent_session *session)
{
	struct wake_error ignored;
	pid_t pid = find_client();

	session->pid = 0;
	if (pid == 0 || wake_process_start_time(pid, &session->pid_start, &ignored) < 0)
		return;
	session->pid = pid;
	session->pid_namespace = wake_process_pid_namespace();
	wake_process_boot_id(session->boot_id);
	wake_process_host(session->host);
}
