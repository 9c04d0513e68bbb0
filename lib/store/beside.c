/* SPDX-License-Identifier: MIT */
/* Trying whether the surrounding system's tables take what a run writes, and migrating where its users' ids
 * are numbers. */
#include "store/beside.h"

#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "store/fold.h"

static int try_message(struct wake_store *store, const char *session, const char *role, const char *type,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_id_v7(ret_id);
	const struct wake_value values[] = { WAKE_TEXT(ret_id), WAKE_TEXT(session), WAKE_TEXT(role),
		WAKE_TEXT("Does it take a message?"), WAKE_TEXT(type), WAKE_TIME(wake_clock_now()) };

	return wake_store_run(store, WAKE_SQL_FOLD_MESSAGE, values, WAKE_COUNT(values), NULL, err);
}

int wake_beside_try(struct wake_store *store, struct wake_error *err)
{
	struct wake_fold fold = { .store = store };
	char session[WAKE_ID_SIZE], message[WAKE_ID_SIZE];
	const struct wake_value values[] = { WAKE_TEXT(session), WAKE_NULL_VALUE(),
		WAKE_TIME(wake_clock_now()) };
	const struct wake_value gone[] = { WAKE_TEXT(message) };
	int64_t changed = 0;
	int status;

	wake_id_v7(session);
	status = wake_store_run(store, WAKE_SQL_FOLD_SESSION, values, WAKE_COUNT(values), NULL, err);
	if (status == WAKE_OK)
		status = try_message(store, session, "user", "workflow_start", message, err);
	if (status == WAKE_OK)
		status = try_message(store, session, "assistant", "workflow_result", message, err);
	if (status == WAKE_OK)
		status = wake_decide_session(&fold, session, err);
	/* Asking how many it were waits for all of them. */
	if (status == WAKE_OK)
		status = wake_store_run(store, WAKE_SQL_FOLD_MESSAGE_GONE, gone, 1, &changed, err);
	return status;
}

static int is_so(struct wake_store *store, enum wake_sql sql, bool *ret_so, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, sql, NULL, 0, &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_so = status == 1;
	return status < 0 ? status : WAKE_OK;
}

/* The script refers to users by UUID. It makes a table of its own for that, which goes again with the
 * references, and the one that is there gets its name back, in the same transaction: nobody sees it without.
 */
static int exec_with_users_aside(struct wake_store *store, const char *text, struct wake_error *err)
{
	bool made = false;
	int status = wake_store_run(store, WAKE_SQL_BESIDE_USERS_ASIDE, NULL, 0, NULL, err);

	if (status == WAKE_OK)
		status = wake_store_exec_script(store, text, err);
	if (status == WAKE_OK)
		status = is_so(store, WAKE_SQL_BESIDE_USERS_MADE, &made, err);
	if (status == WAKE_OK && made)
		status = wake_store_run(store, WAKE_SQL_BESIDE_USERS_GONE, NULL, 0, NULL, err);
	if (status == WAKE_OK)
		status = wake_store_run(store, WAKE_SQL_BESIDE_USERS_BACK, NULL, 0, NULL, err);
	return status;
}

int wake_beside_exec_script(struct wake_store *store, const char *text, struct wake_error *err)
{
	bool by_number = false;
	int status = WAKE_OK;

	if (strcmp(wake_store_driver(store), "postgres") == 0 && strstr(text, "references users"))
		status = is_so(store, WAKE_SQL_BESIDE_USERS_BY_NUMBER, &by_number, err);
	if (status != WAKE_OK)
		return status;
	return by_number ? exec_with_users_aside(store, text, err) : wake_store_exec_script(store, text, err);
}
