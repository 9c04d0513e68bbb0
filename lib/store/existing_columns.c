/* SPDX-License-Identifier: MIT */
/* How the columns of an existing workflow_runs differ from those that our migrations make, told by reading
 * the texts of the migrations: before them there is no other table to compare with. */
#include <string.h>

#include "store/existing_parts.h"
#include "store/migrate.h"

#define CREATE "create table workflow_runs ("
#define ALTER "alter table workflow_runs add column "

/* Types as our migrations name them, and as the server does; a length or precision follows either. */
static const struct {
	const char *ours, *server;
} types[] = { { "varchar", "character varying" }, { "timestamptz", "timestamp with time zone" } };

static int append_type(struct wake_str *out, const char *text, size_t len, struct wake_error *err)
{
	for (size_t i = 0; i < WAKE_COUNT(types); i++) {
		size_t name = strlen(types[i].ours);

		if (len >= name && strncmp(text, types[i].ours, name) == 0) {
			wake_str_append(out, types[i].server);
			text += name;
			len -= name;
		}
	}
	wake_str_append_bytes(out, text, len);
	return wake_str_check(out, err);
}

/* "  NAME TYPE…": sets NAME to its type. */
static int add_column(json_t *columns, const char *line, struct wake_error *err)
{
	wake_auto_str struct wake_str name = WAKE_STR(256), type = WAKE_STR(256);
	int status;

	line += strspn(line, " ");
	wake_str_append_bytes(&name, line, strcspn(line, " "));
	line += strcspn(line, " ");
	line += strspn(line, " ");
	status =
	    append_type(&type, line, strcspn(line, " ;\n") - (line[strcspn(line, " ;\n") - 1] == ','), err);
	if (status == WAKE_OK)
		status = wake_json_set_string(columns, wake_str_text(&name), wake_str_text(&type), err);
	return status;
}

static int add_columns_of(json_t *columns, const char *text, struct wake_error *err)
{
	bool inside = false;
	int status = WAKE_OK;

	for (const char *line = text; status == WAKE_OK && *line;
	     line += strcspn(line, "\n"), line += *line == '\n') {
		if (strncmp(line, CREATE, strlen(CREATE)) == 0)
			inside = true;
		else if (inside && *line == ')')
			inside = false;
		else if (inside && strncmp(line, "  ", 2) == 0)
			status = add_column(columns, line, err);
		else if (strncmp(line, ALTER, strlen(ALTER)) == 0)
			status = add_column(columns, line + strlen(ALTER), err);
	}
	return status;
}

static int read_ours(json_t *columns, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; status == WAKE_OK && wake_migrations[i].name; i++) {
		if (strcmp(wake_migrations[i].driver, "postgres") == 0)
			status = add_columns_of(columns, wake_migrations[i].text, err);
	}
	return status;
}

static int read_theirs(struct wake_store *store, json_t *columns, struct wake_error *err)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_EXISTING_COLUMNS, NULL, 0, &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1)
		status = wake_json_set_string(columns, wake_rows_text(rows, 0), wake_rows_text(rows, 1), err);
	return status;
}

int wake_existing_compare_columns(
    struct wake_store *store, json_t *added, json_t *widened, struct wake_error *err)
{
	wake_auto_json json_t *ours = json_object(), *theirs = json_object();
	const char *name;
	json_t *type;
	int status = ours && theirs ? read_ours(ours, err) : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = read_theirs(store, theirs, err);
	json_object_foreach(ours, name, type)
	{
		const char *there = wake_json_string(theirs, name);
		wake_auto_free char *change = NULL;

		if (status != WAKE_OK || (there && strcmp(there, json_string_value(type)) == 0))
			continue;
		if (!there) {
			status =
			    json_array_append_new(added, json_string(name)) ? wake_fail_nomem(err) : WAKE_OK;
			continue;
		}
		status =
		    wake_str_format(&change, err, "%s: %s, was %s", name, json_string_value(type), there);
		if (status == WAKE_OK && json_array_append_new(widened, json_string(change)))
			status = wake_fail_nomem(err);
	}
	return status;
}
