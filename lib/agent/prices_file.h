/* SPDX-License-Identifier: MIT */
/* A file of prices, read and checked. Inner to the module. */
#ifndef WAKE_PRICES_FILE_H
#define WAKE_PRICES_FILE_H

#include <stdbool.h>

#include "agent/prices.h"
#include "base/json.h"

/* The text of prices.json; generated at build time. */
extern const char *const wake_prices_installed;

/* The documents live as long as the rows that borrow from them. */
struct wake_prices {
	json_t *installed, *user; /* owned */
	char *user_path;          /* owned; NULL: none */
	struct wake_price *rows;  /* owned */
	size_t count, room;
};

/* Adds the rows of a document. source: borrowed; NULL: the installed table. */
int wake_prices_add(struct wake_prices *prices, const json_t *document, const char *source,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
