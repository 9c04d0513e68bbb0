/* SPDX-License-Identifier: MIT */
/* A wrapped session's entry. */
#include "cli/run_session.h"

#include <string.h>

#include "base/process.h"
#include "cli/import.h"

/* Does its hook, or somebody who went on with it since, know more? */
static bool is_known(const struct wake_paths *paths, const struct wake_run_session *session)
{
	wake_auto_agent_session struct wake_agent_session entry = { 0 };
	struct wake_error ignored;

	return wake_agent_session_read(paths, WAKE_AGENT_CLAUDE, session->session, &entry, &ignored) ==
	           WAKE_OK &&
	       entry.begun_at >= session->begun_at;
}

int wake_run_session_leave(
    const struct wake_paths *paths, const struct wake_run_session *session, struct wake_error *err)
{
	wake_auto_agent_session struct wake_agent_session entry = { .agent = WAKE_AGENT_CLAUDE,
		.is_joined = true,
		.begun_at = session->begun_at,
		.ended_at = session->ended_at,
		.pid = session->pid,
		.pid_start = session->pid_start,
		.pid_namespace = wake_process_pid_namespace() };
	int ret;

	if (is_known(paths, session))
		return WAKE_OK;
	wake_process_boot_id(entry.boot_id);
	wake_process_host(entry.host);
	(void)snprintf(entry.run_id, sizeof(entry.run_id), "%s", session->run_id);
	ret = wake_import_locate(session->session, &entry.transcript, err);
	if (ret == WAKE_OK)
		ret = wake_str_copy(session->session, &entry.session, err);
	if (ret == WAKE_OK && session->directory)
		ret = wake_str_copy(session->directory, &entry.directory, err);
	return ret == WAKE_OK ? wake_agent_session_write(paths, &entry, err) : ret;
}
