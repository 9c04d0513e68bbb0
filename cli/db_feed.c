/* SPDX-License-Identifier: MIT */
/* runwake db feed: the recorder starts it, detached, where the store is fed and something waits. */
#include "base/config.h"
#include "cli/db.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "event/spool.h"
#include "store/record.h"

/* Under the lock, which the end of this gives back. */
static int feed_once(struct wake_command_context *context, struct wake_store *store, const char *host,
    size_t *total, struct wake_error *err)
{
	wake_auto_close int lock = -1;
	size_t fed = 0;
	int ret = wake_spool_lock_feed(context->paths.spool, &lock, err);

	if (ret == WAKE_OK)
		ret = wake_feed(store, host, &fed, err);
	*total += fed;
	return ret;
}

/* What came while the lock was held had nobody start another. */
static int feed(struct wake_command_context *context, struct wake_store *store, const char *host,
    size_t *total, struct wake_error *err)
{
	int ret = WAKE_OK;
	bool waits = true;

	while (ret == WAKE_OK && waits) {
		wake_auto_feed_state struct wake_feed_state state = { 0 };

		ret = feed_once(context, store, host, total, err);
		if (ret == WAKE_OK)
			ret = wake_feed_read(store, &state, err);
		waits = state.waits;
	}
	return ret;
}

static int check_is_fed(
    struct wake_command_context *context, struct wake_store *store, struct wake_error *err)
{
	wake_auto_feed_state struct wake_feed_state state = { 0 };
	int ret = wake_feed_read(store, &state, err);

	if (ret == WAKE_OK && !state.url)
		return wake_command_fail(context, WAKE_EXIT_NO, err,
		    "this store is fed to no database; name one by the setting runwake.feed, then run "
		    "'runwake record'");
	return ret;
}

int wake_db_feed(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_str struct wake_str out = WAKE_STR(256);
	char host[WAKE_HOST_SIZE];
	size_t total = 0;
	int ret = wake_config_load(context->paths.config, &config, err);

	if (ret < 0)
		return ret;
	wake_config_host(&config, host);
	ret = wake_store_open_located(&context->paths, &store, err);
	if (ret < 0)
		return wake_reader_failed(context, ret);
	ret = check_is_fed(context, store, err);
	if (ret == WAKE_OK && wake_options_has(&context->options, "all"))
		ret = wake_feed_all_again(store, err);
	if (ret < 0)
		return ret;
	ret = feed(context, store, host, &total, err);
	if (ret < 0)
		return ret == WAKE_BUSY ? ret : wake_reader_failed(context, ret);
	wake_str_appendf(&out, "%zu event%s fed\n", total, total == 1 ? "" : "s");
	return wake_print_text(&out, err);
}
