/* SPDX-License-Identifier: MIT */
/* Do the tables agree? Both are walked side by side. */
#include <stdio.h>
#include <string.h>

#include "store/copy_parts.h"

/* A value's length stands before it, so that no two rows have one text. */
static void add_row(
    struct wake_sha256 *sum, struct wake_walk *walk, const struct wake_walk *other, bool paired)
{
	size_t columns = wake_walk_columns(walk);
	char size[32];

	for (size_t column = 0; column < columns; column++) {
		const char *text = wake_walk_text(walk, column);
		size_t len = text ? strlen(text) : 0;

		/* What retention emptied in one store is left out of both sums. */
		if (paired && column == walk->optional && wake_rows_is_null(other->rows, column))
			text = NULL;
		(void)snprintf(size, sizeof(size), text ? "%zu:" : "-", len);
		wake_sha256_add(sum, size, strlen(size));
		if (text)
			wake_sha256_add(sum, text, len);
	}
}

struct comparing {
	struct wake_walk from, to;
	struct wake_sha256 from_sum, to_sum;
	struct wake_copy_compared *result;
};

static void release(struct comparing *comparing)
{
	wake_walk_release(&comparing->from);
	wake_walk_release(&comparing->to);
}

static void note_example(struct comparing *comparing)
{
	struct wake_copy_compared *result = comparing->result;

	for (size_t i = 0; i < comparing->from.table->keys && result->missing + result->different == 1; i++) {
		size_t len = strlen(result->example);

		(void)snprintf(result->example + len, sizeof(result->example) - len, "%s%s", i > 0 ? " " : "",
		    wake_str_text(&comparing->from.key[i]));
	}
}

static int step_from(struct comparing *comparing, bool paired, struct wake_error *err)
{
	struct wake_copy_compared *result = comparing->result;
	struct wake_walk *from = &comparing->from, *to = &comparing->to;
	bool same = paired && wake_walk_is_same(from, to);

	result->rows++;
	result->missing += !paired;
	result->different += paired && !same;
	if (!same)
		note_example(comparing);
	add_row(&comparing->from_sum, from, to, paired);
	if (paired)
		add_row(&comparing->to_sum, to, from, paired);
	return wake_walk_next(from, err);
}

/* The lesser of both goes on; where they are equal, both. */
static int compare_rows(struct wake_copy *copy, struct comparing *comparing, struct wake_error *err)
{
	struct wake_walk *from = &comparing->from, *to = &comparing->to;
	int status = wake_walk_next(from, err);

	if (status >= 0)
		status = wake_walk_next(to, err);
	while (status >= 0 && !(from->ended && to->ended)) {
		int order = wake_walk_compare(from, to);

		wake_copy_say(copy, from->table->name, comparing->result->rows, -1);
		comparing->result->others += order > 0;
		if (order <= 0)
			status = step_from(comparing, order == 0, err);
		if (status >= 0 && order >= 0)
			status = wake_walk_next(to, err);
	}
	return status < 0 ? status : WAKE_OK;
}

static int compare_table(struct wake_copy *copy, const struct wake_copy_table *table,
    struct wake_copy_compared *result, struct wake_error *err)
{
	WAKE_CLEANUP(release) struct comparing comparing = { .result = result };
	int status;

	result->table = table->name;
	result->is_decided = table->is_decided;
	wake_walk_init(&comparing.from, copy->from, table);
	wake_walk_init(&comparing.to, copy->to, table);
	wake_sha256_init(&comparing.from_sum);
	wake_sha256_init(&comparing.to_sum);
	status = compare_rows(copy, &comparing, err);
	wake_sha256_text(&comparing.from_sum, result->from_sum);
	wake_sha256_text(&comparing.to_sum, result->to_sum);
	return status;
}

static bool agrees(const struct wake_copy_compared *table, bool alone)
{
	if (alone)
		return table->missing == 0 && table->different == 0 && table->others == 0;
	return table->missing == 0 || table->is_decided;
}

int wake_copy_compare(
    struct wake_copy *copy, struct wake_copy_comparison *ret_comparison, struct wake_error *err)
{
	struct wake_copy_comparison comparison = { .equal = true };
	int status = WAKE_OK;

	for (const struct wake_copy_table *table = wake_copy_tables; table->name && status == WAKE_OK;
	     table++) {
		struct wake_copy_compared *result;
		bool takes = false;

		/* What the other store's table cannot take, such as users where they are numbers, was not copied. */
		status = wake_store_has(copy->to, table->read, &takes, err);
		if (status != WAKE_OK || !takes)
			continue;
		result = &comparison.tables[comparison.count++];
		status = compare_table(copy, table, result, err);
		if (strcmp(table->name, "workflow_events") == 0)
			comparison.alone = result->others == 0;
	}
	if (status != WAKE_OK)
		return status;
	for (size_t i = 0; i < comparison.count; i++)
		comparison.equal = comparison.equal && agrees(&comparison.tables[i], comparison.alone);
	*ret_comparison = comparison;
	return WAKE_OK;
}
