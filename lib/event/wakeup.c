/* SPDX-License-Identifier: MIT */
/* Starting the recorder so that nothing of the witness clings to it, and it to nothing of the witness. */
#include "event/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/scope.h"
#include "event/spool.h"

#define DESCRIPTORS_MAX 65536 /* closed one by one where close_range(2) is missing (Linux before 5.9) */

/* What speaks of one git command or of one run must not reach a process that serves all of them. */
static bool is_passed_on(const char *variable)
{
	return strncmp(variable, "GIT_", 4) != 0 && strncmp(variable, "RUNWAKE_RUN_ID=", 15) != 0;
}

/* The strings are the environment's own; only the list is new. */
static char **make_environment(void)
{
	size_t count = 0, kept = 0;
	char **list;

	while (environ && environ[count])
		count++;
	list = calloc(count + 1, sizeof(*list));
	for (size_t i = 0; list && i < count; i++) {
		if (is_passed_on(environ[i]))
			list[kept++] = environ[i];
	}
	return list;
}

/* An inherited pipe kept open would make `git commit | cat` wait for the recorder. */
static void close_inherited(void)
{
	struct rlimit limit;
	int end = DESCRIPTORS_MAX;

	if (close_range(3, ~0U, 0) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_MAX)
		end = (int)limit.rlim_cur;
	for (int fd = 3; fd < end; fd++)
		(void)close(fd);
}

static bool silence(void)
{
	int null = open("/dev/null", O_RDWR);

	return null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2;
}

/* The grandchild: only calls that are safe after fork(2). */
static void become(const char *const *argv, char *const *environment)
{
	wake_process_reset_signals();
	if (chdir("/") == 0 && silence()) {
		close_inherited();
		(void)execve(argv[0], (char *const *)argv, environment);
	}
	_exit(127);
}

/* The child in the middle makes the session and ends at once, so that the program belongs to nobody; waiting
 * for it, and for it alone, leaves no zombie where PID 1 reaps none. */
void wake_wakeup_detached(const char *const *argv)
{
	wake_auto_free char **environment = make_environment();
	pid_t middle;

	if (!environment)
		return;
	middle = fork();
	if (middle == 0) {
		if (setsid() >= 0 && fork() == 0)
			become(argv, environment);
		_exit(0);
	}
	while (middle > 0 && waitpid(middle, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void wake_wakeup_recorder(const char *spool, const char *runwake)
{
	const char *const argv[] = { runwake, "record", "--no-wait", NULL };

	if (!wake_spool_is_drained_now(spool) && !wake_spool_failed_lately(spool))
		wake_wakeup_detached(argv);
}
