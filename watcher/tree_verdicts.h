/* SPDX-License-Identifier: MIT */
/* What git has said of files lately: a table of 4,096 places by the path's hash. A place that is taken by
 * another path only costs a question more. */
#ifndef WAKE_TREE_VERDICTS_H
#define WAKE_TREE_VERDICTS_H

#include <stdint.h>

#include "base/error.h"

enum wake_verdict {
	WAKE_VERDICT_UNKNOWN,
	WAKE_VERDICT_ASKED,	/* the answer will be told when it comes */
	WAKE_VERDICT_SHOWN,
	WAKE_VERDICT_IGNORED,
};

struct wake_verdicts {	/* zeroed: nothing is known */
	uint64_t *places; /* owned; made with the first one: a tree where nothing happens needs none */
	uint64_t key;
};

void wake_verdicts_clear(struct wake_verdicts *verdicts); /* and gives the memory back */

enum wake_verdict wake_verdicts_of(const struct wake_verdicts *verdicts, const char *path);
/* Where memory is out, nothing is remembered. */
void wake_verdicts_set(struct wake_verdicts *verdicts, const char *path, enum wake_verdict verdict);

#endif
