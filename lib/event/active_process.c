/* SPDX-License-Identifier: MIT */
/* An active run's process: written down, read again, and looked for. */
#include "event/active.h"

#include <string.h>

#include "base/id.h"
#include "base/json.h"

int wake_active_format_process(json_t *object, const struct wake_active *active, struct wake_error *err)
{
	int ret;

	if (active->pid == 0)
		return WAKE_OK;
	ret = wake_json_set_int(object, "pid", active->pid, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "pid_start", (int64_t)active->pid_start, err);
	if (ret == WAKE_OK && *active->boot_id)
		ret = wake_json_set_string(object, "boot_id", active->boot_id, err);
	if (ret == WAKE_OK && active->pid_namespace)
		ret = wake_json_set_int(object, "pid_namespace", (int64_t)active->pid_namespace, err);
	if (ret == WAKE_OK && *active->host)
		ret = wake_json_set_string(object, "host", active->host, err);
	return ret;
}

/* A file that an earlier version wrote has no process. */
int wake_active_parse_process(const json_t *object, struct wake_active *active, struct wake_error *err)
{
	int64_t pid = wake_json_int(object, "pid", -1), start = wake_json_int(object, "pid_start", -1);
	int64_t pid_namespace = wake_json_int(object, "pid_namespace", 0);
	const char *boot = wake_json_string(object, "boot_id"), *host = wake_json_string(object, "host");

	if (!json_object_get(object, "pid"))
		return WAKE_OK;
	if (pid < 1 || pid > WAKE_ACTIVE_PID_MAX || start < 0 || (boot && !wake_id_is_uuid(boot)) ||
	    pid_namespace < 0 || (host && strlen(host) >= WAKE_HOST_SIZE))
		return wake_fail(err, WAKE_INVALID, "what it says of the run's process cannot be so");
	active->pid = (pid_t)pid;
	active->pid_start = (uint64_t)start;
	if (boot)
		memcpy(active->boot_id, boot, sizeof(active->boot_id));
	active->pid_namespace = (uint64_t)pid_namespace;
	if (host)
		memcpy(active->host, host, strlen(host) + 1);
	return WAKE_OK;
}

/* A state directory may be shared by containers, which have pids of their own, and by machines, which have
 * boots of their own. What cannot be told is taken as ours. */
enum wake_active_place wake_active_place(const struct wake_active *active)
{
	uint64_t ours = wake_process_pid_namespace();
	char boot[WAKE_BOOT_ID_SIZE], host[WAKE_HOST_SIZE];

	wake_process_boot_id(boot);
	wake_process_host(host);
	if (boot[0] && active->boot_id[0] && strcmp(boot, active->boot_id) != 0)
		return active->host[0] && strcmp(host, active->host) != 0 ? WAKE_ACTIVE_ELSEWHERE
		                                                          : WAKE_ACTIVE_OTHER_BOOT;
	return ours && active->pid_namespace && ours != active->pid_namespace ? WAKE_ACTIVE_ELSEWHERE
	                                                                      : WAKE_ACTIVE_HERE;
}

/* The same pid may be another process by now. What cannot be read is no proof. */
bool wake_active_is_gone(const struct wake_active *active)
{
	struct wake_error ignored;
	uint64_t start = 0;
	int ret = wake_process_start_time(active->pid, &start, &ignored);

	return ret == WAKE_NOTFOUND || (ret == WAKE_OK && start != active->pid_start);
}
