/* SPDX-License-Identifier: MIT */
/* Who a process is, and where. Running one is in process_run.c, which hooks do not link. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/id.h"
#include "base/text.h"

#define STAT_MAX 4096       /* bytes; a line of /proc/PID/stat has some hundred */
#define PARENT_FIELD 4
#define START_TIME_FIELD 22 /* proc(5), /proc/[pid]/stat */

/* The name in field 2 may hold anything, brackets too: count from its last closing one. */
static const char *find_field(const char *stat, int field)
{
	const char *at = strrchr(stat, ')');

	for (int i = 2; at && i < field; i++) {
		at = strchr(at, ' ');
		if (at)
			at++;
	}
	return at;
}

static int read_stat(pid_t pid, char **ret_stat, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	size_t len;
	int ret = wake_str_format(&path, err, "/proc/%ld/stat", (long)pid);

	if (ret < 0)
		return ret;
	ret = pid > 0 ? wake_fs_read(path, STAT_MAX, WAKE_FS_PLAIN, ret_stat, &len, err) : WAKE_NOTFOUND;
	if (ret == WAKE_NOTFOUND ||
	    (ret == WAKE_SYSTEM && err->sys == ESRCH)) /* it ended between open and read */
		return wake_fail(err, WAKE_NOTFOUND, "there is no process %ld", (long)pid);
	return ret;
}

int wake_process_start_time(pid_t pid, uint64_t *ret_ticks, struct wake_error *err)
{
	wake_auto_free char *stat = NULL;
	const char *field;
	char *end;
	unsigned long long ticks;
	int ret = read_stat(pid, &stat, err);

	if (ret < 0)
		return ret;
	field = find_field(stat, START_TIME_FIELD);
	errno = 0;
	ticks = field ? strtoull(field, &end, 10) : 0;
	if (!field || end == field || errno)
		return wake_fail(err, WAKE_SYSTEM, "'/proc/%ld/stat' has no start time", (long)pid);
	*ret_ticks = ticks;
	return WAKE_OK;
}

int wake_process_parent(
    pid_t pid, pid_t *ret_parent, char ret_name[WAKE_PROCESS_NAME_SIZE], struct wake_error *err)
{
	wake_auto_free char *stat = NULL;
	const char *field, *open, *close;
	int ret = read_stat(pid, &stat, err);

	if (ret < 0)
		return ret;
	field = find_field(stat, PARENT_FIELD);
	open = strchr(stat, '(');
	close = strrchr(stat, ')');
	if (!field || !open || close < open)
		return wake_fail(err, WAKE_SYSTEM, "'/proc/%ld/stat' names no parent", (long)pid);
	*ret_parent = (pid_t)strtol(field, NULL, 10);
	(void)snprintf(ret_name, WAKE_PROCESS_NAME_SIZE, "%.*s", (int)(close - open - 1), open + 1);
	return WAKE_OK;
}

void wake_process_boot_id(char ret_id[WAKE_BOOT_ID_SIZE])
{
	wake_auto_free char *text = NULL;
	struct wake_error ignored;
	size_t len = 0;

	ret_id[0] = '\0';
	if (wake_fs_read("/proc/sys/kernel/random/boot_id", 64, WAKE_FS_PLAIN, &text, &len, &ignored) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (wake_id_is_uuid(text))
		memcpy(ret_id, text, WAKE_BOOT_ID_SIZE);
}

uint64_t wake_process_pid_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
}

void wake_process_reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

void wake_process_open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
	}
}

void wake_process_host(char ret_host[WAKE_HOST_SIZE])
{
	wake_auto_str struct wake_str host = WAKE_STR(WAKE_HOST_SIZE - 1);
	char name[WAKE_HOST_SIZE] = "";

	/* gethostname(2) leaves a name that it had to cut without a NUL. */
	if (gethostname(name, sizeof(name) - 1) < 0)
		name[0] = '\0';
	wake_text_append_stored(&host, name, strlen(name), WAKE_HOST_SIZE - 1);
	if (host.failed || host.len == 0)
		memcpy(ret_host, "localhost", sizeof("localhost"));
	else
		memcpy(ret_host, host.data, host.len + 1);
}
