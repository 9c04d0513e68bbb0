/* SPDX-License-Identifier: MIT */
/* What several imports of one run come to: a pure function of them. Internal to lib/store. */
#ifndef WAKE_IMPORT_MERGE_H
#define WAKE_IMPORT_MERGE_H

#include "base/id.h"
#include "base/json.h"

#define WAKE_IMPORTS_MAX 64 /* of one run that are merged; more are left out */

struct wake_import {
	char event[WAKE_ID_SIZE];
	json_t *data; /* owned; of a run-imported event, times in the store's form */
};

/* imports: the run table's before the process table's, then by event. Of each member the first that says
 * anything stands; of the members that tell the end, the first in another order: those with a terminal state
 * first, the earlier end before the later, then by event. metadata is merged key by key. ret_merged: members
 * named as the columns, with times filled in and the run's duration. owned: json_decref */
int wake_import_merge(const struct wake_import *imports, size_t count, json_t **ret_merged,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
