/* SPDX-License-Identifier: MIT */
/* A SQLite store in a test's scratch directory, migrated. */
#ifndef WAKE_TEST_STORE_FILE_H
#define WAKE_TEST_STORE_FILE_H

#include "fold_history.h"
#include "store/migrate.h"
#include "store/store.h"

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

static inline struct wake_store *open_file(void *const *state, const char *name)
{
	char *path = scratch_path(state, name), *url;
	struct wake_store *store;
	size_t applied;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	free(path);
	free(url);
	return store;
}

#endif
