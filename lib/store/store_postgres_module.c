/* SPDX-License-Identifier: MIT */
/* The one thing that the module of the PostgreSQL driver shows. */
#include "store/store_postgres_module.h"
#include "store/store_postgres.h"

extern const struct wake_store_postgres_module wake_store_postgres_module;

__attribute__((visibility("default"))) const struct wake_store_postgres_module wake_store_postgres_module = {
	.version = RUNWAKE_VERSION,
	.statements = WAKE_SQL_COUNT,
	.open = wake_store_postgres_open,
};
