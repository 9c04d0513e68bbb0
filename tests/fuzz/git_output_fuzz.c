/* SPDX-License-Identifier: MIT */
/* What git says and writes, and a repository's attributes: any bytes are read to their end and no further. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "git/edits_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *context, const struct wake_diff_record *record, struct wake_error *err)
{
	size_t *bytes = context;

	(void)err;
	*bytes +=
	    strlen(record->path) + (record->old_path ? strlen(record->old_path) : 0) + strlen(record->old_id);
	return WAKE_OK;
}

static void read_state(const char *text, size_t len)
{
	wake_auto_json json_t *files = NULL;
	wake_auto_edit_list struct wake_edit_list list = { 0 };
	wake_auto_json json_t *again = json_array();
	struct wake_error err;

	if (wake_json_parse(text, len, &files, &err) < 0 || wake_edit_list_read(files, &list, &err) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		if (wake_edit_write(&list.items[i], again, &err) < 0)
			__builtin_trap();
	}
}

/* The output of a process has a NUL behind it; an index and an attributes file have not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wake_auto_free char *exact = malloc(size > 0 ? size : 1);
	wake_auto_free char *ended = malloc(size + 1);
	struct wake_error err;
	size_t bytes = 0;

	if (!exact || !ended)
		return 0;
	memcpy(exact, data, size);
	memcpy(ended, data, size);
	ended[size] = '\0';
	(void)wake_index_is_special(exact, size);
	(void)wake_attributes_scan(exact, size, "name.c");
	(void)wake_diff_parse(ended, size, take, &bytes, &err);
	read_state(ended, size);
	return 0;
}
