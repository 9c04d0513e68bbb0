/* SPDX-License-Identifier: MIT */
/* The shims behind wrap.h. */
#include "wrap.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* The linker's names: __wrap_f is called for f, and f itself is __real_f. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
char *__real_strdup(const char *text);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t at);
int __real_fsync(int fd);
int __real_fdatasync(int fd);
int __real_rename(const char *from, const char *to);
int __real_link(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_unlinkat(int dir, const char *path, int flags);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
char *__wrap_strdup(const char *text);
ssize_t __wrap_write(int fd, const void *data, size_t len);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t at);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_unlinkat(int dir, const char *path, int flags);

static struct {
	bool armed, always, fired;
	enum wrap_call call;
	unsigned long left; /* calls until the one that fails */
	int error;
} fault;

static void arm(enum wrap_call call, unsigned long nth, int error, bool always)
{
	fault.call = call;
	fault.left = nth;
	fault.error = call == WRAP_MEMORY ? ENOMEM : error;
	fault.always = always;
	fault.fired = false;
	fault.armed = true;
}

void wrap_fail(enum wrap_call call, unsigned long nth, int error)
{
	arm(call, nth, error, false);
}

void wrap_fail_on(enum wrap_call call, unsigned long nth, int error)
{
	arm(call, nth, error, true);
}

bool wrap_stop(void)
{
	fault.armed = false;
	return fault.fired;
}

const char *wrap_name(enum wrap_call call)
{
	static const char *const names[WRAP_CALLS] = {
		[WRAP_MEMORY] = "memory",
		[WRAP_WRITE] = "write",
		[WRAP_SHORT_WRITE] = "short write",
		[WRAP_SYNC] = "sync",
		[WRAP_RENAME] = "rename",
		[WRAP_LINK] = "link",
		[WRAP_UNLINK] = "unlink",
	};

	return names[call];
}

/* Is this the call that fails? */
static bool fails(enum wrap_call call)
{
	if (!fault.armed || fault.call != call || (fault.left > 1 && fault.left--))
		return false;
	if (!fault.always)
		fault.armed = false;
	fault.fired = true;
	errno = fault.error;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails(WRAP_MEMORY) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(WRAP_MEMORY) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
	return fails(WRAP_MEMORY) ? NULL : __real_realloc(pointer, size);
}

char *__wrap_strdup(const char *text)
{
	return fails(WRAP_MEMORY) ? NULL : __real_strdup(text);
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	if (fails(WRAP_WRITE))
		return -1;
	if (len > 1 && fails(WRAP_SHORT_WRITE))
		return __real_write(fd, data, len / 2);
	return __real_write(fd, data, len);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (fails(WRAP_WRITE))
		return -1;
	if (len > 1 && fails(WRAP_SHORT_WRITE))
		return __real_pwrite(fd, data, len / 2, at);
	return __real_pwrite(fd, data, len, at);
}

int __wrap_fsync(int fd)
{
	return fails(WRAP_SYNC) ? -1 : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
	return fails(WRAP_SYNC) ? -1 : __real_fdatasync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
	return fails(WRAP_RENAME) ? -1 : __real_rename(from, to);
}

int __wrap_link(const char *from, const char *to)
{
	return fails(WRAP_LINK) ? -1 : __real_link(from, to);
}

int __wrap_unlink(const char *path)
{
	return fails(WRAP_UNLINK) ? -1 : __real_unlink(path);
}

int __wrap_unlinkat(int dir, const char *path, int flags)
{
	return fails(WRAP_UNLINK) ? -1 : __real_unlinkat(dir, path, flags);
}

void wrap_json(void)
{
	json_set_alloc_funcs(__wrap_malloc, free);
}
