/* SPDX-License-Identifier: MIT */
/* Cleanup at the end of a scope. Initialise such a variable where it is declared, and never use
 * goto in the same function: gcc accepts a jump past the initialisation in silence. */
#ifndef WAKE_SCOPE_H
#define WAKE_SCOPE_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAKE_CLEANUP(fn) __attribute__((cleanup(fn)))
#define WAKE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void wake_scope_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void wake_scope_close(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}

static inline void wake_scope_closedir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		(void)closedir(*dir);
	errno = saved;
}

#define wake_auto_free WAKE_CLEANUP(wake_scope_free)
#define wake_auto_close WAKE_CLEANUP(wake_scope_close)
#define wake_auto_closedir WAKE_CLEANUP(wake_scope_closedir)

#endif
