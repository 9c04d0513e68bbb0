/* SPDX-License-Identifier: MIT */
/* The tables of a copy, and how their rows are walked over. */
#include "store/copy_tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX (256u * 1024) /* bytes of one column */
#define NIL "00000000-0000-0000-0000-000000000000"
#define BOTH(NAME) .read = WAKE_SQL_COPY_##NAME, .insert = WAKE_SQL_COPY_INSERT_##NAME
#define KEY(...) .keys = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), .first = { __VA_ARGS__ }

/* Pages: a row of runs holds the texts of a person and of an agent; one of edits may name 30,000 files. */
const struct wake_copy_table wake_copy_tables[] = {
	{ .name = "users", BOTH(USERS), KEY(NIL), .page = 500, .is_told_elsewhere = true },
	{ .name = "sessions", BOTH(SESSIONS), KEY(NIL), .page = 500, .is_told_elsewhere = true },
	{ .name = "workflow_repositories", BOTH(WORKFLOW_REPOSITORIES), KEY(NIL), .page = 500 },
	{ .name = "workflow_worktrees", BOTH(WORKFLOW_WORKTREES), KEY(NIL), .page = 500 },
	{ .name = "workflow_workspaces", BOTH(WORKFLOW_WORKSPACES), KEY(""), .page = 500 },
	{ .name = "workflow_runs", BOTH(WORKFLOW_RUNS), KEY(NIL), .page = 50, .money = "cost_estimate" },
	{ .name = "workflow_imports", BOTH(WORKFLOW_IMPORTS), KEY(NIL), .page = 50 },
	{ .name = "workflow_run_reports",
	    BOTH(WORKFLOW_RUN_REPORTS),
	    KEY(NIL, ""),
	    .page = 50,
	    .money = "cost_estimate" },
	{ .name = "workflow_usage",
	    BOTH(WORKFLOW_USAGE),
	    KEY(NIL, NIL),
	    .page = 500,
	    .money = "cost_estimate" },
	{ .name = "workflow_said", BOTH(WORKFLOW_SAID), KEY(NIL), .page = 50 },
	{ .name = "workflow_tool_uses", BOTH(WORKFLOW_TOOL_USES), KEY(NIL), .page = 500 },
	{ .name = "workflow_deliveries", BOTH(WORKFLOW_DELIVERIES), KEY(NIL, NIL), .page = 500 },
	{ .name = "messages", BOTH(MESSAGES), KEY(NIL), .page = 50, .is_decided = true },
	{ .name = "workflow_conversations",
	    BOTH(WORKFLOW_CONVERSATIONS),
	    KEY(NIL),
	    .page = 500,
	    .is_decided = true,
	    .money = "cost_estimate" },
	{ .name = "workflow_movements", BOTH(WORKFLOW_MOVEMENTS), KEY(NIL), .page = 500 },
	{ .name = "workflow_examinations", BOTH(WORKFLOW_EXAMINATIONS), KEY(NIL), .page = 500 },
	{ .name = "workflow_evidence", BOTH(WORKFLOW_EVIDENCE), KEY(NIL), .page = 500 },
	{ .name = "workflow_ref_movements", BOTH(WORKFLOW_REF_MOVEMENTS), KEY(NIL), .page = 500 },
	{ .name = "workflow_commits", BOTH(WORKFLOW_COMMITS), KEY(NIL, ""), .page = 50 },
	{ .name = "workflow_rewrites", BOTH(WORKFLOW_REWRITES), KEY(NIL, "", "", ""), .page = 500 },
	{ .name = "workflow_run_files",
	    BOTH(WORKFLOW_RUN_FILES),
	    KEY(NIL, ""),
	    .page = 500,
	    .is_decided = true },
	{ .name = "workflow_pushes", BOTH(WORKFLOW_PUSHES), KEY(NIL), .page = 500 },
	{ .name = "workflow_edits", BOTH(WORKFLOW_EDITS), KEY(NIL), .page = 10 },
	{ .name = "workflow_edit_hints",
	    BOTH(WORKFLOW_EDIT_HINTS),
	    KEY(NIL),
	    .page = 100,
	    .is_told_elsewhere = true },
	{ .name = "workflow_unobserved",
	    BOTH(WORKFLOW_UNOBSERVED),
	    KEY(NIL),
	    .page = 500,
	    .is_told_elsewhere = true,
	    .is_decided = true },
	{ .name = "workflow_gaps", BOTH(WORKFLOW_GAPS), KEY(NIL), .page = 500 },
	{ .name = "workflow_days",
	    BOTH(WORKFLOW_DAYS),
	    KEY("0001-01-01", "", "", ""),
	    .page = 500,
	    .is_decided = true,
	    .money = "cost_estimate" },
	{ .name = "workflow_day_totals",
	    BOTH(WORKFLOW_DAY_TOTALS),
	    KEY("", "0001-01-01", ""),
	    .page = 500,
	    .is_decided = true,
	    .money = "cost_estimate" },
	{ .name = "workflow_events",
	    .read = WAKE_SQL_COPY_WORKFLOW_EVENTS,
	    .insert = WAKE_SQL_COUNT,
	    KEY(NIL),
	    .page = 50,
	    .optional = "payload" },
	{ .name = NULL },
};

const struct wake_copy_table wake_copy_bare_events = { .name = "workflow_events",
	.read = WAKE_SQL_COPY_BARE_EVENTS,
	.insert = WAKE_SQL_COPY_INSERT_EVENT,
	KEY(NIL),
	.page = 500 };

void wake_walk_init(struct wake_walk *walk, struct wake_store *store, const struct wake_copy_table *table)
{
	*walk = (struct wake_walk){ .store = store, .table = table };
	for (size_t i = 0; i < table->keys; i++) {
		walk->key[i].max = KEY_MAX;
		wake_str_append(&walk->key[i], table->first[i]);
	}
}

void wake_walk_rest(struct wake_walk *walk)
{
	wake_rows_free(walk->rows);
	walk->rows = NULL;
}

void wake_walk_again(struct wake_walk *walk)
{
	wake_walk_rest(walk);
	walk->begun = false;
}

void wake_walk_release(struct wake_walk *walk)
{
	wake_walk_rest(walk);
	for (size_t i = 0; i < WAKE_COPY_KEY_MAX; i++)
		wake_str_release(&walk->key[i]);
}

static size_t find_column(const struct wake_rows *rows, const char *name)
{
	for (size_t column = 0; name && column < wake_rows_columns(rows); column++) {
		if (strcmp(wake_rows_name(rows, column), name) == 0)
			return column;
	}
	return SIZE_MAX;
}

/* From the row on that we stood on: it comes again, and is passed over. */
static int read_page(struct wake_walk *walk, struct wake_error *err)
{
	const struct wake_copy_table *table = walk->table;
	struct wake_value values[WAKE_COPY_KEY_MAX + 1];
	bool has = false;
	int status = wake_store_has(walk->store, table->read, &has, err);

	/* Users by number are the surrounding system's own. */
	if (status == WAKE_OK && !has)
		walk->ended = true;
	if (status != WAKE_OK || !has)
		return status;
	for (size_t i = 0; i < table->keys && status == WAKE_OK; i++) {
		values[i] = WAKE_TEXT(wake_str_text(&walk->key[i]));
		status = wake_str_check(&walk->key[i], err);
	}
	values[table->keys] = WAKE_INT((int64_t)table->page + 1);
	if (status == WAKE_OK)
		status =
		    wake_store_query(walk->store, table->read, values, table->keys + 1, &walk->rows, err);
	if (status != WAKE_OK)
		return status;
	walk->taken = 0;
	walk->money = find_column(walk->rows, table->money);
	walk->optional = find_column(walk->rows, table->optional);
	return WAKE_OK;
}

static bool is_where_we_stood(const struct wake_walk *walk)
{
	for (size_t i = 0; i < walk->table->keys; i++) {
		if (strcmp(wake_rows_text(walk->rows, i), wake_str_text(&walk->key[i])) != 0)
			return false;
	}
	return true;
}

static int take_row(struct wake_walk *walk, struct wake_error *err)
{
	int status = WAKE_OK;

	for (size_t i = 0; i < walk->table->keys && status == WAKE_OK; i++) {
		wake_str_clear(&walk->key[i]);
		wake_str_append(&walk->key[i], wake_rows_text(walk->rows, i));
		status = wake_str_check(&walk->key[i], err);
	}
	walk->begun = true;
	return status == WAKE_OK ? 1 : status;
}

/* A page with as many rows as were asked for is followed by another. */
int wake_walk_next(struct wake_walk *walk, struct wake_error *err)
{
	while (!walk->ended) {
		int status = walk->rows ? WAKE_OK : read_page(walk, err);

		if (status == WAKE_OK && walk->ended)
			return 0;
		if (status == WAKE_OK)
			status = wake_rows_next(walk->rows, err);
		if (status < 0)
			return status;
		if (status == 0) {
			walk->ended = walk->taken <= walk->table->page;
			wake_walk_rest(walk);
			continue;
		}
		walk->taken++;
		if (!walk->begun || !is_where_we_stood(walk))
			return take_row(walk, err);
	}
	return 0;
}

int wake_walk_compare(const struct wake_walk *one, const struct wake_walk *other)
{
	int order = 0;

	if (one->ended || other->ended)
		return one->ended - other->ended;
	for (size_t i = 0; i < one->table->keys && order == 0; i++)
		order = strcmp(wake_str_text(&one->key[i]), wake_str_text(&other->key[i]));
	return order;
}

size_t wake_walk_columns(const struct wake_walk *walk)
{
	return wake_rows_columns(walk->rows);
}

const char *wake_walk_text(struct wake_walk *walk, size_t column)
{
	if (column != walk->money || wake_rows_is_null(walk->rows, column))
		return wake_rows_text(walk->rows, column);
	(void)snprintf(walk->amount, sizeof(walk->amount), "%" PRId64, wake_rows_money(walk->rows, column));
	return walk->amount;
}

bool wake_walk_is_same(struct wake_walk *one, struct wake_walk *other)
{
	for (size_t column = 0; column < wake_walk_columns(one); column++) {
		const char *text = wake_walk_text(one, column), *counterpart = wake_walk_text(other, column);

		if (column == one->optional && (!text || !counterpart))
			continue;
		if (!text != !counterpart || (text && strcmp(text, counterpart) != 0))
			return false;
	}
	return true;
}
