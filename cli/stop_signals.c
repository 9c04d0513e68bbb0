/* SPDX-License-Identifier: MIT */
/* The signals that end a command which stays. */
#include "cli/stop_signals.h"

#include <signal.h>
#include <sys/signalfd.h>

int wake_stop_signals_open(int *ret_fd, struct wake_error *err)
{
	sigset_t both;
	int fd;

	(void)sigemptyset(&both);
	(void)sigaddset(&both, SIGTERM);
	(void)sigaddset(&both, SIGINT);
	if (sigprocmask(SIG_BLOCK, &both, NULL) < 0)
		return wake_fail_errno(err, "block signals");
	fd = signalfd(-1, &both, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return wake_fail_errno(err, "listen for signals");
	*ret_fd = fd;
	return WAKE_OK;
}
