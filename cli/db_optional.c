/* SPDX-License-Identifier: MIT */
/* runwake db migrate --optional NAME. */
#include "cli/db.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "store/record.h"

#define SCRIPT_MAX (1024 * 1024) /* bytes */

/* Roles after partitions, or again after a migration: each is applied alone, and in any order. */
int wake_db_optional(struct wake_command_context *context, const char *name, struct wake_error *err)
{
	const struct wake_optional *optional = NULL;
	wake_auto_free char *url = NULL;
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_str struct wake_str out = WAKE_STR(SCRIPT_MAX);
	int ret = wake_optional_find(name, &optional, err);

	if (ret < 0)
		return ret;
	if (wake_options_has(&context->options, "dry-run")) {
		wake_str_append(&out, optional->text);
		return wake_print_text(&out, err);
	}
	ret = wake_store_locate(&context->paths, &url, err);
	if (ret == WAKE_OK)
		ret = wake_store_open(url, &store, err);
	if (ret == WAKE_OK)
		ret = wake_optional_apply(store, optional, err);
	if (ret < 0)
		return wake_reader_failed(context, ret);
	wake_str_appendf(&out, "%s applied\n", name);
	return wake_print_text(&out, err);
}
