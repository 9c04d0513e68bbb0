/* SPDX-License-Identifier: MIT */
/* What a conversation amounts to: when it was last at work, its agent, how many messages it has, and its row in the
 * list of conversations. Taken anew from its runs and messages. */
#include "store/fold.h"

static int run_those_there_are(struct wake_fold *fold, const enum wake_sql *statements, size_t count,
    const char *session, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(session) };
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < count; i++) {
		bool has = false;

		status = wake_store_has(fold->store, statements[i], &has, err);
		if (status == WAKE_OK && has)
			status =
			    wake_store_run(fold->store, statements[i], values, WAKE_COUNT(values), NULL, err);
	}
	return status;
}

int wake_decide_conversation(struct wake_fold *fold, const char *session, struct wake_error *err)
{
	static const enum wake_sql statements[] = { WAKE_SQL_FOLD_CONVERSATION_GONE,
		WAKE_SQL_FOLD_CONVERSATION };

	return run_those_there_are(fold, statements, WAKE_COUNT(statements), session, err);
}

int wake_decide_session(struct wake_fold *fold, const char *session, struct wake_error *err)
{
	static const enum wake_sql statements[] = { WAKE_SQL_FOLD_SESSION_UPDATED,
		WAKE_SQL_FOLD_SESSION_AGENT_NAME, WAKE_SQL_FOLD_SESSION_MESSAGE_COUNT };
	int status = run_those_there_are(fold, statements, WAKE_COUNT(statements), session, err);

	return status == WAKE_OK ? wake_decide_conversation(fold, session, err) : status;
}
