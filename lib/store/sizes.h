/* SPDX-License-Identifier: MIT */
/* How large the tables of a store are. */
#ifndef WAKE_SIZES_H
#define WAKE_SIZES_H

#include "store/store.h"

#define WAKE_SIZES_MAX 256 /* tables; partitions count */
#define WAKE_SIZES_NAME_SIZE 64

struct wake_table_size {
	char name[WAKE_SIZES_NAME_SIZE];
	int64_t rows;		/* -1: not known */
	int64_t bytes;		/* with its indexes */
	int64_t own_bytes;	/* of its rows alone */
};

struct wake_sizes {
	struct wake_table_size tables[WAKE_SIZES_MAX]; /* the largest first */
	size_t count;
	bool estimated; /* rows: a server's estimate */
};

/* SQLite reads every page for it: half a second for a GB that is in memory. WAKE_CORRUPT: its library cannot. */
int wake_store_table_sizes(struct wake_store *store, struct wake_sizes *ret_sizes, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
