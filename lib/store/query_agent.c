/* SPDX-License-Identifier: MIT */
/* What the store knows of an agent's sessions. */
#include "store/query_agent.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void wake_agent_runs_release(struct wake_agent_runs *runs)
{
	free(runs->items);
	*runs = (struct wake_agent_runs){ 0 };
}

static int add_run(struct wake_agent_runs *runs, const struct wake_rows *rows, struct wake_error *err)
{
	struct wake_agent_run *items = reallocarray(runs->items, runs->count + 1, sizeof(*items));
	struct wake_agent_run *run;

	if (!items)
		return wake_fail_nomem(err);
	runs->items = items;
	run = &items[runs->count++];
	*run = (struct wake_agent_run){ .started = wake_rows_time(rows, 1),
		.completed = wake_rows_time(rows, 2),
		.is_announced = wake_rows_int(rows, 3) != 0,
		.is_ended = wake_rows_int(rows, 4) != 0 };
	(void)snprintf(run->run_id, sizeof(run->run_id), "%s", wake_rows_text(rows, 0));
	return WAKE_OK;
}

int wake_query_agent_runs(
    struct wake_store *store, const char *session, struct wake_agent_runs *ret_runs, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(session) };
	wake_auto_agent_runs struct wake_agent_runs runs = { 0 };
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret = wake_store_query(
	    store, WAKE_SQL_READ_RUNS_OF_AGENT_SESSION, values, WAKE_COUNT(values), &rows, err);

	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1)
		ret = add_run(&runs, rows, err);
	if (ret < 0)
		return ret;
	*ret_runs = runs;
	runs = (struct wake_agent_runs){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_query_session_of_answer(
    struct wake_store *store, const char *response, char **ret_session, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(response) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int ret =
	    wake_store_query(store, WAKE_SQL_READ_SESSION_OF_ANSWER, values, WAKE_COUNT(values), &rows, err);

	if (ret == WAKE_OK)
		ret = wake_rows_next(rows, err);
	if (ret < 0)
		return ret;
	*ret_session = NULL;
	return ret == 1 ? wake_str_copy(wake_rows_text(rows, 0), ret_session, err) : WAKE_OK;
}
