/* SPDX-License-Identifier: MIT */
/* posix_spawn(3) with what git and a pager need. */
#include "cli/spawn.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int wake_spawn(const char *directory, const char *const *argv, int fd, int as, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t pipe_only;
	int sys = 0;

	(void)posix_spawn_file_actions_init(&actions); /* neither can fail in glibc */
	(void)posix_spawnattr_init(&attributes);
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigdefault(&attributes, &pipe_only);
	if (directory)
		sys = posix_spawn_file_actions_addchdir_np(&actions, directory);
	if (sys == 0)
		sys = posix_spawn_file_actions_adddup2(&actions, fd, as);
	if (sys == 0)
		sys = posix_spawnp(ret_pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return sys;
}
