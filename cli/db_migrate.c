/* SPDX-License-Identifier: MIT */
/* runwake db migrate: what was applied, and what became of another system's tables. */
#include "cli/db_migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "cli/reader.h"
#include "store/additions.h"
#include "store/beside.h"
#include "store/existing.h"
#include "store/rights.h"
#include "store/waiting.h"

#define OUT_MAX (4 * 1024 * 1024)

static int64_t rows_of(const json_t *part)
{
	return wake_json_int(part, "rows", 0);
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

static void append_list(struct wake_str *out, const char *what, const json_t *list)
{
	size_t at;
	json_t *text;

	json_array_foreach((json_t *)list, at, text)
	{
		wake_str_appendf(out, "  %s ", what);
		wake_print_append(out, WAKE_STYLE_PLAIN, json_string_value(text));
		wake_str_append_char(out, '\n');
	}
}

static void append_names(struct wake_str *out, const char *what, const json_t *list)
{
	size_t at;
	json_t *text;

	if (json_array_size(list) == 0)
		return;
	wake_str_appendf(out, "  %s", what);
	json_array_foreach((json_t *)list, at, text)
	    wake_str_appendf(out, "%s %s", at ? "," : "", json_string_value(text));
	wake_str_append_char(out, '\n');
}

static void append_misfits(struct wake_str *out, const json_t *part, bool done)
{
	const json_t *misfits = json_object_get(part, "misfits");
	size_t at;
	json_t *misfit;

	json_array_foreach((json_t *)misfits, at, misfit)
	{
		int64_t rows = rows_of(misfit);

		wake_str_appendf(out, "  %" PRId64 " value%s %s not fit: ", rows, plural(rows),
		    done        ? "did"
		    : rows == 1 ? "does"
		                : "do");
		wake_print_append(out, WAKE_STYLE_PLAIN, wake_json_string(misfit, "reason"));
		wake_str_append_char(out, '\n');
	}
}

static void append_runs(struct wake_str *out, const json_t *part, bool done)
{
	if (!json_is_object(part))
		return;
	wake_str_appendf(out, "workflow_runs: %" PRId64 " run%s %s\n", rows_of(part), plural(rows_of(part)),
	    done ? "upgraded in place" : "to be upgraded in place");
	append_names(
	    out, done ? "columns added:" : "columns to be added:", json_object_get(part, "columns_added"));
	append_list(out, "column", json_object_get(part, "columns_widened"));
	append_list(out, "dropped", json_object_get(part, "dropped"));
	append_list(out, "not checked, since rows break it:", json_object_get(part, "unchecked_keys"));
	append_misfits(out, part, done);
}

static void append_processes(struct wake_str *out, const json_t *part, bool done)
{
	size_t at;
	json_t *change;

	if (!json_is_object(part))
		return;
	wake_str_appendf(out, "workflow_processes: %" PRId64 " row%s %s\n", rows_of(part),
	    plural(rows_of(part)),
	    done ? "carried into workflow_runs; the table is dropped"
	         : "to be carried into workflow_runs, and the table dropped");
	json_array_foreach(json_object_get(part, "statuses"), at, change)
	{
		wake_str_appendf(out, "  %" PRId64 " ", rows_of(change));
		wake_print_append(out, WAKE_STYLE_PLAIN, wake_json_string(change, "from"));
		wake_str_appendf(out, " -> %s\n", wake_json_string(change, "to"));
	}
	if (wake_json_true(part, "assumed_utc"))
		wake_str_append(out, "  times without a zone are taken as UTC\n");
	append_misfits(out, part, done);
}

static void append_rows(struct wake_str *out, const json_t *rows)
{
	size_t at;
	json_t *row;

	if (json_array_size(rows) > 0)
		wake_str_appendf(out,
		    "rows with such values%s; each value is whole in metadata, under legacy_COLUMN:\n",
		    json_array_size(rows) == WAKE_EXISTING_LISTED_MAX ? " (the first of them)" : "");
	json_array_foreach((json_t *)rows, at, row)
	{
		wake_str_appendf(out, "  %s '", wake_json_string(row, "table"));
		wake_print_append(out, WAKE_STYLE_PLAIN, wake_json_string(row, "run_id"));
		wake_str_append(out, "': ");
		wake_print_append(out, WAKE_STYLE_PLAIN, wake_json_string(row, "reason"));
		wake_str_append_char(out, '\n');
	}
}

static void append_beside(struct wake_str *out, const json_t *report)
{
	static const char *const names[] = { "sessions", "messages", "users" };

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		if (json_is_integer(json_object_get(report, names[i])))
			wake_str_appendf(out, "%s: about %" PRId64 ", left as they are\n", names[i],
			    wake_json_int(report, names[i], 0));
	}
}

static void append_migrations(struct wake_str *out, const json_t *report, bool done)
{
	const json_t *names = json_object_get(report, "migrations");
	size_t at, count = json_array_size(names);
	json_t *name;

	if (done)
		wake_str_appendf(out, "%zu migration%s applied\n", count, plural((int64_t)count));
	json_array_foreach((json_t *)names, at, name)
	{
		if (!done)
			wake_str_appendf(out, "%s\n", json_string_value(name));
	}
}

static int print_report(const json_t *report, bool done, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(OUT_MAX);
	const json_t *runs = json_object_get(report, "workflow_runs");
	const json_t *processes = json_object_get(report, "workflow_processes");

	append_migrations(&out, report, done);
	append_runs(&out, runs, done);
	append_processes(&out, processes, done);
	append_rows(&out, json_object_get(report, "misfit_rows"));
	if (json_is_object(runs) || json_is_object(processes))
		append_beside(&out, report);
	return wake_print_text(&out, err);
}

static int note_problem(void *context, const char *problem, const char *mend, struct wake_error *err)
{
	(void)context;
	(void)err;
	wake_print_note("%s (mend: %s)", problem, mend);
	return WAKE_OK;
}

static int note_addition(
    void *context, const struct wake_addition *addition, struct wake_error *err)
{
	return addition->is_certain ? note_problem(context, addition->problem, addition->mend, err) : WAKE_OK;
}

int wake_db_note_additions(struct wake_store *store, struct wake_error *err)
{
	return wake_additions_check(store, note_addition, NULL, err);
}

/* What comes after a migration that was done. */
static int look_after(struct wake_store *store, const json_t *report, struct wake_error *err)
{
	bool have_roles = false;
	/* With new tables comes a program that may read what an older one set aside. */
	int ret = wake_waiting_again(store, true, err);

	if (ret == WAKE_OK && json_array_size(json_object_get(report, "migrations")) > 0)
		ret = wake_rights_have_roles(store, &have_roles, err);
	if (ret == WAKE_OK && have_roles)
		wake_print_note("the roles runwake_folder and runwake_reader have no right on what is new: "
		                "apply them again with 'runwake db migrate --optional roles'");
	return ret;
}

int wake_db_migrate(struct wake_command_context *context, struct wake_store *store, struct wake_error *err)
{
	bool done = !wake_options_has(&context->options, "dry-run");
	wake_auto_json json_t *report = NULL, *document = NULL;
	/* What will keep events waiting, or this from being done, is told before: sentences that name the mend. */
	int ret = wake_beside_check_migration(store, note_problem, NULL, err);

	if (ret == WAKE_OK)
		ret = wake_db_note_additions(store, err);
	if (ret == WAKE_OK)
		ret = done ? wake_existing_migrate(store, &report, err) : wake_existing_plan(store, &report, err);
	if (ret == WAKE_OK && done)
		ret = look_after(store, report, err);
	ret = wake_reader_failed(context, ret);
	if (ret < 0)
		return ret;
	if (!wake_options_has(&context->options, "json"))
		return print_report(report, done, err);
	document = wake_reader_document();
	if (!document || json_object_update(document, report))
		return wake_fail_nomem(err);
	return wake_print_json(document, err);
}
