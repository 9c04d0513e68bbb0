/* SPDX-License-Identifier: MIT */
/* What a conversation amounts to: when it was last at work, its agent, how many messages it has, and its row in the
 * list of conversations. Taken anew from its runs and messages. */
#include "store/fold.h"

int wake_decide_session(struct wake_fold *fold, const char *session, struct wake_error *err)
{
	static const enum wake_sql statements[] = { WAKE_SQL_FOLD_SESSION_UPDATED,
		WAKE_SQL_FOLD_SESSION_AGENT_NAME, WAKE_SQL_FOLD_SESSION_MESSAGE_COUNT,
		WAKE_SQL_FOLD_CONVERSATION_GONE, WAKE_SQL_FOLD_CONVERSATION };
	const struct wake_value values[] = { WAKE_TEXT(session) };
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < WAKE_COUNT(statements); i++) {
		bool has = false;

		status = wake_store_has(fold->store, statements[i], &has, err);
		if (status == WAKE_OK && has)
			status =
			    wake_store_run(fold->store, statements[i], values, WAKE_COUNT(values), NULL, err);
	}
	return status;
}
