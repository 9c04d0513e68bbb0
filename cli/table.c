/* SPDX-License-Identifier: MIT */
/* Tables with aligned columns. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define TEXT_MAX ((size_t)1 << 30) /* bytes of one table printed */

struct wake_cell {
	char *text; /* owned; harmless */
	size_t len;
	size_t columns;
	enum wake_style style;
};

int wake_table_add(struct wake_table *table, enum wake_style style, const char *text, struct wake_error *err)
{
	wake_auto_str struct wake_str shown = WAKE_STR(1024 * 1024);
	struct wake_cell cell = { .style = style };
	int ret;

	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 64;
		struct wake_cell *cells = reallocarray(table->cells, room, sizeof(*cells));

		if (!cells)
			return wake_fail_nomem(err);
		table->cells = cells;
		table->room = room;
	}
	if (text)
		wake_text_append_shown(&shown, text, strlen(text), false);
	cell.len = shown.len;
	ret = wake_str_steal(&shown, &cell.text, err);
	if (ret < 0)
		return ret;
	cell.columns = wake_print_columns(cell.text, cell.len);
	table->cells[table->count++] = cell;
	return WAKE_OK;
}

void wake_table_release(struct wake_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct wake_table){ 0 };
}

#define GAP 2	    /* spaces between columns */
#define NARROWEST 4 /* columns that a cut column keeps */

static void measure(const struct wake_table *table, size_t indent, size_t widths[WAKE_TABLE_COLUMNS_MAX])
{
	size_t screen = wake_print_width();
	size_t total = indent;

	for (size_t i = 0; i < table->column_count; i++)
		widths[i] = wake_print_columns(table->columns[i].title, strlen(table->columns[i].title));
	for (size_t i = 0; i < table->count; i++) {
		size_t *width = &widths[i % table->column_count];

		if (table->cells[i].columns > *width)
			*width = table->cells[i].columns;
	}
	for (size_t i = 0; i < table->column_count; i++)
		total += widths[i] + (i ? GAP : 0);
	/* The last one first: it is the one that is text. */
	for (size_t i = table->column_count; screen && total > screen && i-- > 0;) {
		size_t room = widths[i] > NARROWEST ? widths[i] - NARROWEST : 0;
		size_t cut = room < total - screen ? room : total - screen;

		if (!table->columns[i].shrinks)
			continue;
		widths[i] -= cut;
		total -= cut;
	}
}

static void append_spaces(struct wake_str *out, size_t count)
{
	while (count-- > 0)
		wake_str_append_char(out, ' ');
}

static void append_cell(
    struct wake_str *out, const struct wake_cell *cell, bool right, bool last, size_t width)
{
	size_t columns = cell->columns;

	if (columns > width) {
		size_t len = wake_print_fitting(cell->text, cell->len, width - 1);

		wake_print_append_harmless(out, cell->style, cell->text, len);
		wake_str_append(out, "…");
		columns = wake_print_columns(cell->text, len) + 1;
	} else {
		append_spaces(out, right ? width - columns : 0);
		wake_print_append_harmless(out, cell->style, cell->text, cell->len);
		columns = right ? width : columns;
	}
	append_spaces(out, last ? 0 : width - columns + GAP);
}

static void trim_line(struct wake_str *out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	wake_str_append_char(out, '\n');
}

int wake_table_print(const struct wake_table *table, size_t indent, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(TEXT_MAX);
	size_t widths[WAKE_TABLE_COLUMNS_MAX];
	size_t columns = table->column_count;

	measure(table, indent, widths);
	append_spaces(&out, indent);
	for (size_t i = 0; i < columns; i++) {
		const char *title = table->columns[i].title;
		struct wake_cell cell = { (char *)title, strlen(title), strlen(title), WAKE_STYLE_FAINT };

		append_cell(&out, &cell, table->columns[i].right, i + 1 == columns, widths[i]);
	}
	trim_line(&out);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % columns;

		append_spaces(&out, column == 0 ? indent : 0);
		append_cell(&out, &table->cells[i], table->columns[column].right, column + 1 == columns,
		    widths[column]);
		if (column + 1 == columns)
			trim_line(&out);
	}
	return wake_print_text(&out, err);
}
