/* SPDX-License-Identifier: MIT */
/* run-imported: what another system's table told of a run. It is written down beside the row, which
 * decide_import.c makes of all that imports told. */
#include "store/fold.h"

int wake_fold_run_imported(struct wake_fold *fold, const struct wake_event *event, struct wake_error *err)
{
	wake_auto_str struct wake_str data = WAKE_STR(WAKE_EVENT_LARGEST);
	char run[WAKE_ID_SIZE];
	int status = wake_json_append(&data, event->data, err);

	if (status != WAKE_OK)
		return status;
	wake_id_for_run(wake_json_string(event->data, "run_id"), run);

	const struct wake_value values[] = { WAKE_TEXT(event->id), WAKE_TEXT(run),
		WAKE_TEXT(wake_json_string(event->data, "source")), WAKE_JSON(data.data) };

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_IMPORT, values, WAKE_COUNT(values), NULL, err);
	return status == WAKE_OK ? wake_fold_touch(fold->imports, run, err) : status;
}
