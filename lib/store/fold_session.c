/* SPDX-License-Identifier: MIT */
/* The conversation that a run belongs to. */
#include "store/fold.h"

#include <string.h>

static int find_named(
    struct wake_fold *fold, const char *name, char ret_session[WAKE_ID_SIZE], struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(name) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    fold->store, WAKE_SQL_FOLD_SESSION_NAMED, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		(void)snprintf(ret_session, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	return status;
}

/* The same name, or the same run, gives the same id on every machine, so two starts spooled apart agree. */
static int derive(const char *what, const char *of, char ret_session[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_str struct wake_str name = WAKE_STR(64 * 1024);

	wake_str_appendf(&name, "session %s %s", what, of);
	if (wake_str_check(&name, err) != WAKE_OK)
		return err->code;
	wake_id_v5(name.data, name.len, ret_session);
	return WAKE_OK;
}

int wake_fold_session(struct wake_fold *fold, const struct wake_event *started,
    char ret_session[WAKE_ID_SIZE], struct wake_error *err)
{
	const char *id = wake_json_string(started->data, "session_id");
	const char *name = wake_json_string(started->data, "session_name");
	int status = 0;

	if (id)
		(void)snprintf(ret_session, WAKE_ID_SIZE, "%s", id);
	else if (name)
		status = find_named(fold, name, ret_session, err);
	if (status < 0)
		return status;
	if (!id && status == 0) {
		status = name ? derive("name", name, ret_session, err)
		              : derive("run", wake_json_string(started->data, "run_id"), ret_session, err);
		if (status != WAKE_OK)
			return status;
	}

	const struct wake_value values[] = {
		WAKE_TEXT(ret_session),
		WAKE_TEXT(name),
		WAKE_TIME(started->at),
	};

	status = wake_store_run(fold->store, WAKE_SQL_FOLD_SESSION, values, WAKE_COUNT(values), NULL, err);
	return status == WAKE_OK ? wake_fold_touch(fold->sessions, ret_session, err) : status;
}
