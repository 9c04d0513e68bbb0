/* SPDX-License-Identifier: MIT */
/* runwake db trim: what the settings say is too old goes now. */
#include <inttypes.h>

#include "cli/db.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "event/spool.h"
#include "store/record.h"
#include "store/trim.h"

static int print_trimmed(
    const struct wake_command_context *context, const struct wake_trimmed *trimmed, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(1024);
	wake_auto_json json_t *document = wake_reader_document();

	if (!document ||
	    json_object_set_new(document, "payloads_blanked", json_integer((json_int_t)trimmed->payloads)) <
	        0 ||
	    json_object_set_new(
	        document, "repositories_trimmed", json_integer((json_int_t)trimmed->repositories)) < 0)
		return wake_fail_nomem(err);
	if (wake_options_has(&context->options, "json"))
		return wake_print_json(document, err);
	wake_str_appendf(&out, "%" PRId64 " payload%s of the ledger blanked\n", trimmed->payloads,
	    trimmed->payloads == 1 ? "" : "s");
	wake_str_appendf(&out, "kept contents gone through in %" PRId64 " repositor%s\n",
	    trimmed->repositories, trimmed->repositories == 1 ? "y" : "ies");
	return wake_print_text(&out, err);
}

int wake_db_trim(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_close int lock = -1;
	struct wake_trimmed trimmed = { 0 };
	/* The recorder trims too, when it is due: what is told is to be all of it. */
	int ret = wake_reader_failed(context, wake_store_open_located(&context->paths, &store, err));

	if (ret == WAKE_OK)
		ret = wake_spool_lock(context->paths.spool, true, &lock, err);
	if (ret == WAKE_OK)
		ret = wake_reader_failed(context, wake_trim(store, &context->paths, true, &trimmed, err));
	wake_reader_let_go(context, &lock);
	return ret == WAKE_OK ? print_trimmed(context, &trimmed, err) : ret;
}
