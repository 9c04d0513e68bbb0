/* SPDX-License-Identifier: MIT */
/* Whose rule a statement broke. Private to the driver. */
#ifndef WAKE_STORE_POSTGRES_REFUSAL_H
#define WAKE_STORE_POSTGRES_REFUSAL_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/error.h"

struct wake_postgres_refusal {
	enum wake_code code;
	char mend[256]; /* the sentence's end: whose it is, and what to do */
};

/* Was it refused by something that is not ours: the surrounding system's tables, or what a team added to our
 * own? doing: the statement. false: a rule of ours, or no refusal. */
bool wake_postgres_find_refusal(
    const PGresult *result, const char *doing, struct wake_postgres_refusal *ret_refusal);

#endif
