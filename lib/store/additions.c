/* SPDX-License-Identifier: MIT */
/* Telling what was added to our tables from what is ours. */
#include "store/additions.h"

#include <string.h>

#include "base/str.h"
#include "store/own.h"

#define TEXT_MAX 4096 /* bytes of a problem */

/* Columns of additions_found.sql, in order. */
enum { A_TABLE, A_KIND, A_NAME, A_COLUMNS, A_IS_FILLED };

struct check {
	wake_additions_visit visit;
	void *context;
	const char *table, *name; /* of the row that is looked at */
};

static int tell(const struct check *check, struct wake_addition addition, struct wake_str *problem,
    struct wake_str *mend, struct wake_error *err)
{
	int status = wake_str_check(problem, err);

	if (status == WAKE_OK)
		status = wake_str_check(mend, err);
	addition.table = check->table;
	addition.problem = problem->data;
	addition.mend = mend->data;
	return status == WAKE_OK ? check->visit(check->context, &addition, err) : status;
}

/* One that may not be null. */
static int check_column(const struct check *check, const struct wake_rows *row, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	bool is_ours = wake_own_has_column(check->table, check->name);

	if (is_ours ? wake_own_is_not_null(check->table, check->name) : wake_rows_int(row, A_IS_FILLED) != 0)
		return WAKE_OK;
	wake_str_appendf(&problem, "the column %s.%s may not be null%s", check->table, check->name,
	    is_ours ? ", and not every event has something for it"
	            : ", has no default, and is not Runwake's: events wait until it takes them");
	wake_str_appendf(&mend, "alter table %s alter column %s drop not null%s", check->table, check->name,
	    is_ours ? "" : ", or give it a default");
	return tell(check, (struct wake_addition){ .is_certain = !is_ours }, &problem, &mend, err);
}

/* About columns of theirs alone, which we do not fill: what they take by themselves they take from us. */
static int is_about_ours(
    const struct check *check, const struct wake_rows *row, bool *ret_is, struct wake_error *err)
{
	wake_auto_json json_t *columns = NULL;
	size_t at;
	json_t *column;
	int status =
	    wake_rows_is_null(row, A_COLUMNS) ? WAKE_OK : wake_rows_json(row, A_COLUMNS, &columns, err);

	*ret_is = json_array_size(columns) == 0;
	json_array_foreach(columns, at, column) *ret_is =
	    *ret_is || wake_own_has_column(check->table, json_string_value(column));
	return status;
}

static int check_rule(
    const struct check *check, const char *kind, const struct wake_rows *row, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	bool is = false;
	int status =
	    wake_own_has_rule(check->table, check->name) ? WAKE_OK : is_about_ours(check, row, &is, err);

	if (status != WAKE_OK || !is)
		return status;
	wake_str_appendf(&problem, "the %s %s of %s is not Runwake's: what it refuses waits", kind,
	    check->name, check->table);
	wake_str_appendf(&mend, "nothing, if it takes everything; else change or drop it");
	return tell(check, (struct wake_addition){ .is_unique = strncmp(kind, "unique", 6) == 0 }, &problem,
	    &mend, err);
}

static int check_security(const struct check *check, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);

	wake_str_appendf(&problem,
	    "row-level security of %s holds for the role %s, which may miss rows or be refused them",
	    check->table, check->name);
	wake_str_appendf(&mend,
	    "let the role see and write every row: a policy using (true) for it, or the attribute bypassrls");
	return tell(check, (struct wake_addition){ 0 }, &problem, &mend, err);
}

static int check_row(struct check *check, const struct wake_rows *row, struct wake_error *err)
{
	const char *kind = wake_rows_text(row, A_KIND);

	check->table = wake_rows_text(row, A_TABLE);
	check->name = wake_rows_text(row, A_NAME);
	if (!wake_own_has_table(check->table))
		return WAKE_OK;
	if (strcmp(kind, "column") == 0)
		return check_column(check, row, err);
	return strcmp(kind, "security") == 0 ? check_security(check, err) : check_rule(check, kind, row, err);
}

int wake_additions_check(
    struct wake_store *store, wake_additions_visit visit, void *context, struct wake_error *err)
{
	struct check check = { .visit = visit, .context = context };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status;

	if (strcmp(wake_store_driver(store), "postgres") != 0)
		return WAKE_OK;
	status = wake_store_query(store, WAKE_SQL_ADDITIONS_FOUND, NULL, 0, &rows, err);
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = check_row(&check, rows, err);
	return status;
}
