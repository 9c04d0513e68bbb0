/* SPDX-License-Identifier: MIT */
/* Loaded before a server's own libraries (LD_PRELOAD): makes each sync to the disk take SLOW_SYNC_US microseconds
 * longer, as on a disk that is reached over a network. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_longer(void)
{
	const char *text = getenv("SLOW_SYNC_US");
	long microseconds = text ? strtol(text, NULL, 10) : 0;
	const struct timespec left = { .tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000 };

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &left, NULL);
}

static int sync_by(const char *name, int fd)
{
	int (*next)(int);

	*(void **)&next = dlsym(RTLD_NEXT, name);
	wait_longer();
	return next(fd);
}

int fsync(int fd);
int fdatasync(int fd);

int fsync(int fd)
{
	return sync_by("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_by("fdatasync", fd);
}
