/* SPDX-License-Identifier: MIT */
/* Rows as they are: those that the other store lacks, in batches. */
#include <stdlib.h>
#include <string.h>

#include "store/copy_parts.h"

#define BATCH_ROWS 500
#define BATCH_BYTES ((size_t)4 * 1024 * 1024)
#define TEXT_MAX                                                                                             \
	((size_t)1024 * 1024 * 1024) /* bytes; a row larger than any event can make it is none of ours */

void wake_copy_batch_init(struct wake_copy_batch *batch, const struct wake_copy_table *table)
{
	*batch = (struct wake_copy_batch){ .table = table, .text = WAKE_STR(TEXT_MAX), .money = SIZE_MAX };
}

void wake_copy_batch_release(struct wake_copy_batch *batch)
{
	wake_str_release(&batch->text);
	free(batch->places);
	*batch = (struct wake_copy_batch){ 0 };
}

static int make_room(struct wake_copy_batch *batch, size_t columns, struct wake_error *err)
{
	size_t room = batch->room ? batch->room * 2 : 16;
	size_t *places;

	if (columns > WAKE_COPY_COLUMNS_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "table %s: %zu columns are too many", batch->table->name, columns);
	batch->columns = columns;
	if (batch->rows < batch->room)
		return WAKE_OK;
	places = reallocarray(batch->places, room * columns, sizeof(*places));
	if (!places)
		return wake_fail_nomem(err);
	batch->places = places;
	batch->room = room;
	return WAKE_OK;
}

int wake_copy_batch_add(
    struct wake_copy_batch *batch, const char *const *texts, size_t columns, struct wake_error *err)
{
	int status = make_room(batch, columns, err);

	if (status != WAKE_OK)
		return status;
	for (size_t i = 0; i < columns; i++) {
		batch->places[batch->rows * columns + i] = texts[i] ? batch->text.len : SIZE_MAX;
		if (texts[i])
			wake_str_append_bytes(&batch->text, texts[i], strlen(texts[i]) + 1);
	}
	batch->rows++;
	return wake_str_check(&batch->text, err);
}

bool wake_copy_batch_is_full(const struct wake_copy_batch *batch)
{
	return batch->rows >= BATCH_ROWS || batch->text.len >= BATCH_BYTES;
}

static int write_row(
    struct wake_copy *copy, const struct wake_copy_batch *batch, size_t row, struct wake_error *err)
{
	struct wake_value values[WAKE_COPY_COLUMNS_MAX];

	for (size_t i = 0; i < batch->columns; i++) {
		size_t place = batch->places[row * batch->columns + i];
		const char *text = place == SIZE_MAX ? NULL : batch->text.data + place;

		values[i] = text && i == batch->money ? WAKE_MONEY(strtoll(text, NULL, 10)) : WAKE_TEXT(text);
	}
	return wake_store_run(copy->to, batch->table->insert, values, batch->columns, NULL, err);
}

static int write_range(struct wake_copy *copy, const struct wake_copy_batch *batch, size_t from, size_t count,
    struct wake_error *err)
{
	int status = wake_store_begin(copy->to, err);

	if (status != WAKE_OK)
		return status;
	for (size_t row = from; row < from + count && status == WAKE_OK; row++)
		status = write_row(copy, batch, row, err);
	if (status == WAKE_OK)
		return wake_store_commit(copy->to, err);
	wake_store_rollback(copy->to);
	return status;
}

static int write_singly(struct wake_copy *copy, const struct wake_copy_batch *batch, struct wake_error *err)
{
	for (size_t row = 0; row < batch->rows; row++) {
		int status = write_range(copy, batch, row, 1, err);

		if (status != WAKE_OK && status != WAKE_INVALID)
			return status;
	}
	return WAKE_OK;
}

int wake_copy_batch_write(struct wake_copy *copy, struct wake_copy_batch *batch, struct wake_error *err)
{
	int status = batch->rows > 0 ? write_range(copy, batch, 0, batch->rows, err) : WAKE_OK;

	if (status == WAKE_INVALID)
		status = write_singly(copy, batch, err);
	wake_str_clear(&batch->text);
	batch->rows = 0;
	return status;
}

static int add_row(struct wake_copy_batch *batch, struct wake_walk *walk, struct wake_error *err)
{
	const char *texts[WAKE_COPY_COLUMNS_MAX];
	size_t columns = wake_walk_columns(walk);

	for (size_t i = 0; i < columns && i < WAKE_COPY_COLUMNS_MAX; i++)
		texts[i] = wake_walk_text(walk, i);
	batch->money = walk->money;
	return wake_copy_batch_add(batch, texts, columns, err);
}

/* to at the first row whose key is not before that of from. 1: it has the same key. */
static int catch_up(struct wake_walk *to, const struct wake_walk *from, struct wake_error *err)
{
	while (!to->ended && (!to->begun || wake_walk_compare(to, from) < 0)) {
		int status = wake_walk_next(to, err);

		if (status < 0)
			return status;
	}
	return wake_walk_compare(to, from) == 0;
}

int wake_copy_rows(struct wake_copy *copy, const struct wake_copy_table *table, struct wake_error *err)
{
	wake_auto_walk struct wake_walk from, to;
	wake_auto_copy_batch struct wake_copy_batch batch;
	int64_t seen = 0;
	bool takes = false;
	int status = wake_store_has(copy->to, table->insert, &takes, err);

	if (status == WAKE_OK && !takes && !table->is_told_elsewhere)
		status = wake_fail(err, WAKE_INVALID,
		    "the copy's users have numbers for ids: rows of %s whose events were blanked cannot be taken there",
		    table->name);
	if (status != WAKE_OK || !takes)
		return status;
	wake_walk_init(&from, copy->from, table);
	wake_walk_init(&to, copy->to, table);
	wake_copy_batch_init(&batch, table);
	while ((status = wake_walk_next(&from, err)) == 1) {
		wake_copy_say(copy, table->name, ++seen, -1);
		status = catch_up(&to, &from, err);
		if (status == 0 || (status == 1 && !wake_walk_is_same(&from, &to)))
			status = add_row(&batch, &from, err);
		if (status < 0)
			return status;
		if (!wake_copy_batch_is_full(&batch))
			continue;
		wake_walk_rest(&from);
		wake_walk_again(&to);
		status = wake_copy_batch_write(copy, &batch, err);
		if (status < 0)
			return status;
	}
	wake_walk_rest(&to);
	return status == 0 ? wake_copy_batch_write(copy, &batch, err) : status;
}
