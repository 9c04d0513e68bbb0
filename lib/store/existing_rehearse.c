/* SPDX-License-Identifier: MIT */
/* Before an existing system is taken over: what would keep it from being, and what would change. The pending
 * migrations are run where nobody sees it and rolled back, so that their own tables can be compared with it:
 * what is told beforehand comes from the same catalogue as what is done. */
#include <string.h>

#include "store/existing_parts.h"
#include "store/migrate.h"

static struct wake_value table_value(bool there, int64_t oid)
{
	return there ? WAKE_INT(oid) : WAKE_NULL_VALUE();
}

static int find_obstacle(
    struct wake_store *store, const struct wake_existing_catalogue *catalogue, struct wake_error *err)
{
	const struct wake_value values[] = { table_value(catalogue->existing.runs, catalogue->runs_oid),
		table_value(catalogue->existing.processes, catalogue->processes_oid) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(store, WAKE_SQL_EXISTING_OBSTACLES, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;
	return wake_fail(err, WAKE_INVALID, "%.300s: %.200s; nothing was changed", wake_rows_text(rows, 0),
	    wake_rows_text(rows, 1));
}

int wake_existing_add_notes(struct wake_rows *rows, json_t *part, struct wake_error *err)
{
	static const struct {
		const char *kind, *list;
	} lists[] = { { "added", "columns_added" }, { "widened", "columns_widened" },
		{ "dropped", "dropped" }, { "unchecked key", "unchecked_keys" } };
	int status;

	while ((status = wake_rows_next(rows, err)) == 1) {
		const char *kind = wake_rows_text(rows, 0), *text = wake_rows_text(rows, 1);

		for (size_t i = 0; i < WAKE_COUNT(lists); i++) {
			json_t *list = json_object_get(part, lists[i].list);

			if (strcmp(kind, lists[i].kind) == 0 &&
			    json_array_append_new(list, json_string(text)))
				return wake_fail_nomem(err);
		}
	}
	return status;
}

static int add_differences(struct wake_store *store, const struct wake_existing_catalogue *catalogue,
    json_t *part, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_INT(catalogue->runs_oid) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(store, WAKE_SQL_EXISTING_DIFFERENCES, values, WAKE_COUNT(values), &rows, err);

	return status == WAKE_OK ? wake_existing_add_notes(rows, part, err) : status;
}

static int make_model(struct wake_store *store, struct wake_error *err)
{
	int status = wake_store_exec_script(store, wake_sql_texts[WAKE_SQL_EXISTING_REHEARSE].postgres, err);

	if (status == WAKE_OK)
		status = wake_migrate_inside(store, NULL, NULL, err);
	return status == WAKE_OK
	           ? wake_store_exec_script(store, wake_sql_texts[WAKE_SQL_EXISTING_REHEARSED].postgres, err)
	           : status;
}

static int rehearse(struct wake_store *store, const struct wake_existing_catalogue *catalogue, json_t *part,
    struct wake_error *err)
{
	int status = catalogue->existing.runs ? make_model(store, err) : WAKE_OK;

	if (status == WAKE_OK)
		status = find_obstacle(store, catalogue, err);
	return status == WAKE_OK && part ? add_differences(store, catalogue, part, err) : status;
}

int wake_existing_rehearse(struct wake_store *store, const struct wake_existing_catalogue *catalogue,
    json_t *part, struct wake_error *err)
{
	int status = wake_store_begin_rehearsal(store, err);

	if (status != WAKE_OK)
		return status;
	status = rehearse(store, catalogue, part, err);
	wake_store_rollback(store);
	/* A standby, a role that only reads. */
	if (status == WAKE_UNAVAILABLE)
		(void)wake_error_prefix(err,
		    "the upgrade is tried beforehand, in a transaction that is rolled back: that takes a server that "
		    "takes writes, and a role that may make tables");
	return status;
}
