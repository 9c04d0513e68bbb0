/* SPDX-License-Identifier: MIT */
/* What the tables of the surrounding system must have and allow. The driver for SQLite has none but its own.
 */
#include "store/beside.h"

#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

#define TEXT_MAX 4096 /* bytes of a problem */

enum { SELECT = 1, INSERT = 2, UPDATE = 4, DELETE = 8 };

/* What we do with a column. */
struct need {
	const char *table, *column;
	const char *types[4]; /* as the server calls them, the first for a new column; none: any type */
	int length;           /* the most characters that we write; 0: no limit that a column may have */
	unsigned rights;
	bool may_be_null; /* we write null into it */
	bool optional;
};

#define UUIDS                                                                                                \
	{                                                                                                    \
		"uuid"                                                                                       \
	}
#define TEXTS                                                                                                \
	{                                                                                                    \
		"text", "varchar", "bpchar", "citext"                                                        \
	}
#define TIMES                                                                                                \
	{                                                                                                    \
		"timestamptz"                                                                                \
	}
#define DOCUMENTS                                                                                            \
	{                                                                                                    \
		"jsonb", "json"                                                                              \
	}
#define NUMBERS                                                                                              \
	{                                                                                                    \
		"int4", "int8"                                                                               \
	}

static const struct need needs[] = {
	{ "sessions", "id", UUIDS, 0, SELECT | INSERT, false, false },
	{ "sessions", "name", TEXTS, 255, SELECT | INSERT | UPDATE, true, false },
	{ "sessions", "platform", TEXTS, 7, SELECT | INSERT, false, false },
	{ "sessions", "metadata", DOCUMENTS, 0, INSERT, false, false },
	{ "sessions", "created_at", TIMES, 0, SELECT | INSERT | UPDATE, false, false },
	{ "sessions", "updated_at", TIMES, 0, SELECT | INSERT | UPDATE, false, false },
	{ "sessions", "run_finished_at", TIMES, 0, SELECT | UPDATE, true, false },
	{ "sessions", "agent_name", TEXTS, 100, SELECT | UPDATE, true, true },
	{ "sessions", "message_count", NUMBERS, 0, SELECT | UPDATE, false, true },
	{ "messages", "id", UUIDS, 0, SELECT | INSERT, false, false },
	{ "messages", "session_id", UUIDS, 0, SELECT | INSERT | UPDATE, false, false },
	{ "messages", "role", TEXTS, 9, INSERT, false, false },
	{ "messages", "text_content", TEXTS, 0, SELECT | INSERT | UPDATE, false, false },
	{ "messages", "message_type", TEXTS, 15, INSERT, false, false },
	{ "messages", "context", DOCUMENTS, 0, INSERT | UPDATE, false, false },
	{ "messages", "created_at", TIMES, 0, SELECT | INSERT | UPDATE, false, false },
	{ "messages", "updated_at", TIMES, 0, INSERT | UPDATE, false, false },
	{ "users", "id", { NULL }, 0, SELECT, false, false },
	{ "users", "email", TEXTS, 0, SELECT, true, false },
};

/* As beside_tables gives it. */
enum {
	T_NAME,
	T_IS_TABLE,
	T_SCHEMA,
	T_CURRENT,
	T_HAS_KEY,
	T_USER,
	T_OWNER,
	T_IS_OWNER,
	T_DELETE,
	T_REFERENCES,
	T_MIGRATED
};
/* As beside_columns gives it. */
enum { C_NAME, C_TYPE, C_LENGTH, C_NOT_NULL, C_DEFAULT, C_SELECT, C_INSERT, C_UPDATE };

struct check {
	struct wake_store *store;
	wake_beside_visit visit;
	void *context;
	const struct wake_rows *table; /* the row that is looked at */
	const char *name;              /* of it */
	unsigned lacking;              /* rights */
	bool by_number;                /* its ids are no UUIDs */
	bool blocks;                   /* something was told that a migration fails at */
	bool found[WAKE_COUNT(needs)];
};

static int tell(
    const struct check *check, struct wake_str *problem, struct wake_str *mend, struct wake_error *err)
{
	int status = wake_str_check(problem, err);

	if (status == WAKE_OK)
		status = wake_str_check(mend, err);
	return status == WAKE_OK ? check->visit(check->context, problem->data, mend->data, err) : status;
}

/* Of what a migration refers to, or makes an index on. */
static int tell_block(
    struct check *check, struct wake_str *problem, struct wake_str *mend, struct wake_error *err)
{
	check->blocks = check->blocks || !wake_rows_int(check->table, T_MIGRATED);
	return tell(check, problem, mend, err);
}

/* ---- columns ---------------------------------------------------------------------------------- */

static bool is_of_type(const struct need *need, const char *type)
{
	bool is = !need->types[0];

	for (size_t i = 0; i < WAKE_COUNT(need->types) && need->types[i]; i++)
		is = is || strcmp(need->types[i], type) == 0;
	return is;
}

static int check_type(
    struct check *check, const struct need *need, const struct wake_rows *row, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	const char *type = wake_rows_text(row, C_TYPE);
	int64_t length = wake_rows_int(row, C_LENGTH);

	if (!is_of_type(need, type)) {
		wake_str_appendf(&problem, "the column %s.%s is of type %s, not %s", need->table,
		    need->column, type, need->types[0]);
		wake_str_appendf(&mend,
		    "change the type of %s.%s, or name another database or schema for the record",
		    need->table, need->column);
		return strcmp(need->table, "sessions") == 0 && strcmp(need->column, "id") == 0
		           ? tell_block(check, &problem, &mend, err)
		           : tell(check, &problem, &mend, err);
	}
	if (length == 0 || (need->length > 0 && length >= need->length))
		return WAKE_OK;
	wake_str_appendf(
	    &problem, "the column %s.%s takes only %d characters", need->table, need->column, (int)length);
	wake_str_appendf(&mend, "alter table %s alter column %s type text", need->table, need->column);
	return tell(check, &problem, &mend, err);
}

/* need: NULL where we do nothing with the column. */
static int check_null(
    const struct check *check, const struct need *need, const struct wake_rows *row, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	bool is_filled = wake_rows_int(row, C_DEFAULT) || (need && need->rights & INSERT);
	const char *column = wake_rows_text(row, C_NAME);

	if (!wake_rows_int(row, C_NOT_NULL) || (is_filled && !(need && need->may_be_null)))
		return WAKE_OK;
	wake_str_appendf(&problem, "the column %s.%s may not be null%s", check->name, column,
	    need ? ", and not every run has something for it"
	         : " and has no default, and nothing is known here that belongs there");
	wake_str_appendf(&mend, "alter table %s alter column %s drop not null%s", check->name, column,
	    need ? "" : ", or give it a default");
	return tell(check, &problem, &mend, err);
}

static int check_column(struct check *check, const struct wake_rows *row, struct wake_error *err)
{
	unsigned allowed = (wake_rows_int(row, C_SELECT) ? SELECT : 0) |
	                   (wake_rows_int(row, C_INSERT) ? INSERT : 0) |
	                   (wake_rows_int(row, C_UPDATE) ? UPDATE : 0);
	const struct need *need = NULL;
	int status = WAKE_OK;

	for (size_t i = 0; i < WAKE_COUNT(needs); i++) {
		if (strcmp(needs[i].table, check->name) != 0 ||
		    strcmp(needs[i].column, wake_rows_text(row, C_NAME)) != 0)
			continue;
		need = &needs[i];
		check->found[i] = true;
		check->by_number =
		    check->by_number || (!need->types[0] && strcmp(wake_rows_text(row, C_TYPE), "uuid") != 0);
		check->lacking |= need->rights & ~allowed;
		status = check_type(check, need, row, err);
	}
	/* Users are never written. */
	return status == WAKE_OK && strcmp(check->name, "users") != 0 ? check_null(check, need, row, err)
	                                                              : status;
}

static int check_missing(struct check *check, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && i < WAKE_COUNT(needs); i++) {
		wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
		const struct need *need = &needs[i];

		if (strcmp(need->table, check->name) != 0 || need->optional || check->found[i])
			continue;
		wake_str_appendf(&problem, "the table %s has no column %s", need->table, need->column);
		wake_str_appendf(&mend, "alter table %s add column %s %s", need->table, need->column,
		    need->types[0] ? need->types[0] : "uuid primary key");
		status = tell_block(check, &problem, &mend, err);
	}
	return status;
}

static int check_columns(struct check *check, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(check->name) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(check->store, WAKE_SQL_BESIDE_COLUMNS, values, WAKE_COUNT(values), &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = check_column(check, rows, err);
	return status == WAKE_OK ? check_missing(check, err) : status;
}

/* ---- tables ----------------------------------------------------------------------------------- */

static void append_rights(struct wake_str *out, unsigned rights)
{
	static const char *const names[] = { "select", "insert", "update", "delete" };
	const char *before = "";

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		if (rights & 1u << i) {
			wake_str_appendf(out, "%s%s", before, names[i]);
			before = ", ";
		}
	}
}

static int check_rights(struct check *check, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	const char *user = wake_rows_text(check->table, T_USER);

	if (strcmp(check->name, "messages") == 0 && !wake_rows_int(check->table, T_DELETE))
		check->lacking |= DELETE;
	if (!check->lacking)
		return WAKE_OK;
	wake_str_appendf(&problem, "the role %s lacks rights on the table %s: ", user, check->name);
	append_rights(&problem, check->lacking);
	wake_str_append(&mend, "grant ");
	append_rights(&mend, check->lacking);
	wake_str_appendf(&mend, " on %s to \"%s\"", check->name, user);
	return tell(check, &problem, &mend, err);
}

/* What only a migration asks for: an index on the table, or a foreign key to it, for which a table of users
 * by number stands aside (wake_beside_exec_script). */
static int check_owner(struct check *check, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	const char *owner = wake_rows_text(check->table, T_OWNER),
	           *user = wake_rows_text(check->table, T_USER);
	bool is_users = strcmp(check->name, "users") == 0;

	if (wake_rows_int(check->table, T_MIGRATED) || wake_rows_int(check->table, T_IS_OWNER) ||
	    (is_users && !check->by_number && wake_rows_int(check->table, T_REFERENCES)))
		return WAKE_OK;
	wake_str_appendf(&problem, "the table %s belongs to the role %s, and migrating as %s makes %s",
	    check->name, owner, user, is_users ? "a foreign key to it" : "an index on it");
	wake_str_appendf(
	    &mend, "migrate once as %s, or as a member of it: grant \"%s\" to \"%s\"", owner, owner, user);
	return tell_block(check, &problem, &mend, err);
}

static int check_place(struct check *check, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	const char *schema = wake_rows_text(check->table, T_SCHEMA),
	           *current = wake_rows_text(check->table, T_CURRENT);

	if (wake_rows_int(check->table, T_MIGRATED) || strcmp(schema, current) == 0)
		return WAKE_OK;
	wake_str_appendf(&problem, "the table %s is in the schema %s, and new ones would be made in %s",
	    check->name, schema, *current ? current : "none");
	wake_str_appendf(
	    &mend, "put its schema first: add options=-csearch_path%%3D%s to the store's URL", schema);
	return tell_block(check, &problem, &mend, err);
}

static int check_shape(struct check *check, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);
	bool is_table = wake_rows_int(check->table, T_IS_TABLE);

	if (is_table && wake_rows_int(check->table, T_HAS_KEY))
		return WAKE_OK;
	wake_str_appendf(
	    &problem, is_table ? "the table %s has no unique index over id" : "%s is no table", check->name);
	if (is_table)
		wake_str_appendf(&mend, "alter table %s add primary key (id)", check->name);
	else
		wake_str_append(&mend, "name another database or schema for the record");
	return tell_block(check, &problem, &mend, err);
}

/* Migrating makes it. */
static int check_gone(const struct check *check, struct wake_error *err)
{
	wake_auto_str struct wake_str problem = WAKE_STR(TEXT_MAX), mend = WAKE_STR(TEXT_MAX);

	if (!wake_rows_int(check->table, T_MIGRATED))
		return WAKE_OK;
	wake_str_appendf(&problem, "the table %s is not there any more", check->name);
	wake_str_append(&mend, "bring it back from a copy of the database");
	return tell(check, &problem, &mend, err);
}

static int check_table(struct check *check, struct wake_error *err)
{
	int status;

	check->name = wake_rows_text(check->table, T_NAME);
	check->lacking = 0;
	check->by_number = false;
	if (wake_rows_is_null(check->table, T_IS_TABLE))
		return check_gone(check, err);
	status = check_place(check, err);
	if (status == WAKE_OK)
		status = check_shape(check, err);
	if (status == WAKE_OK)
		status = check_columns(check, err);
	if (status == WAKE_OK)
		status = check_rights(check, err);
	return status == WAKE_OK ? check_owner(check, err) : status;
}

static int check_all(struct check *check, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status;

	if (strcmp(wake_store_driver(check->store), "postgres") != 0)
		return WAKE_OK;
	status = wake_store_query(check->store, WAKE_SQL_BESIDE_TABLES, NULL, 0, &rows, err);
	check->table = rows;
	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = check_table(check, err);
	return status;
}

int wake_beside_check(
    struct wake_store *store, wake_beside_visit visit, void *context, struct wake_error *err)
{
	struct check check = { .store = store, .visit = visit, .context = context };

	return check_all(&check, err);
}

int wake_beside_check_migration(
    struct wake_store *store, wake_beside_visit visit, void *context, struct wake_error *err)
{
	struct check check = { .store = store, .visit = visit, .context = context };
	int status = check_all(&check, err);

	if (status != WAKE_OK || !check.blocks)
		return status;
	return wake_fail(err, WAKE_INVALID,
	    "the surrounding system's tables keep the store from being migrated: mend what was told of them "
	    "first; nothing was changed");
}
