/* SPDX-License-Identifier: MIT */
/* The PostgreSQL driver as a module of its own, PREFIX/libexec/runwake/runwake-postgres.so: libpq brings 14 libraries
 * with it, and only who keeps the record in a server is to load them. Private to this room. */
#ifndef WAKE_STORE_POSTGRES_MODULE_H
#define WAKE_STORE_POSTGRES_MODULE_H

#include "store/store_driver.h"

/* What the module exports, by this name. The program and its module are built together: it takes no other. */
struct wake_store_postgres_module {
	const char *version;   /* RUNWAKE_VERSION */
	size_t statements;     /* WAKE_SQL_COUNT */
	int (*open)(const char *url, struct wake_store **ret_store, struct wake_error *err);
};
#define WAKE_STORE_POSTGRES_MODULE "wake_store_postgres_module"

#endif
