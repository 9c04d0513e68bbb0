/* SPDX-License-Identifier: MIT */
/* A directory of a test's own, made before it and removed after it. */
#ifndef WAKE_TEST_SCRATCH_H
#define WAKE_TEST_SCRATCH_H

#include <ftw.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/scope.h"

#define SCRATCH_TEMPLATE "/tmp/runwake-test-XXXXXX"

static inline int scratch_make(void **state)
{
	char *dir = strdup(SCRATCH_TEMPLATE);

	*state = dir;
	return dir && mkdtemp(dir) ? 0 : -1;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int scratch_remove(void **state)
{
	int ret = nftw(*state, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return ret;
}

/* "dir/name"; free(3). */
static inline char *scratch_path(void *const *state, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", (const char *)*state, name) > 0);
	return path;
}

static inline void scratch_write(const char *path, const char *text)
{
	FILE *stream = fopen(path, "we");

	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
	assert_int_equal(fclose(stream), 0);
}

#define scratch_test(fn) cmocka_unit_test_setup_teardown(fn, scratch_make, scratch_remove)

#endif
