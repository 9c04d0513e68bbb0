/* SPDX-License-Identifier: MIT */
/* A program that runs beside us, with one end of a pipe to us or from us. */
#ifndef WAKE_SPAWN_H
#define WAKE_SPAWN_H

#include <sys/types.h>

/* argv[0] is looked up in PATH. directory NULL: ours. fd (borrowed) becomes its descriptor `as`. SIGPIPE, which we
 * ignore, has its default action there. Returns 0 or an errno. */
int wake_spawn(const char *directory, const char *const *argv, int fd, int as, pid_t *ret_pid);

#endif
