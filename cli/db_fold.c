/* SPDX-License-Identifier: MIT */
/* runwake db fold: brings into the tables what machines inserted into the ledger that may do no more. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/db.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/stop_signals.h"
#include "store/record.h"

#define LOOK_FIRST (WAKE_SECOND / 4) /* after something was folded, or one failure */
#define LOOK_MOST (5 * WAKE_SECOND)
#define FAIL_MOST (60 * WAKE_SECOND)

struct folding {
	struct wake_command_context *context;
	struct wake_store *store; /* owned; NULL: not open now */
	int stop;                 /* owned; -1: to the end of what waits */
	size_t folded;
	int64_t pause;
	bool failing;
};

static void folding_release(struct folding *folding)
{
	wake_store_close(folding->store);
	if (folding->stop >= 0)
		(void)close(folding->stop);
}

static int check_role(struct wake_store *store, struct wake_error *err)
{
	struct wake_rights rights = { 0 };
	int ret = wake_rights_read(store, &rights, err);

	if (ret == WAKE_OK && rights.role < WAKE_ROLE_FOLDER)
		return wake_fail(err, WAKE_UNAVAILABLE, "the database's role '%s' may not fold: it lacks %s",
		    rights.name, rights.lacks);
	return ret;
}

static int open_store(struct folding *folding, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int ret = folding->store ? WAKE_OK : wake_store_open_located(&folding->context->paths, &store, err);

	if (ret < 0 || folding->store)
		return ret;
	ret = check_role(store, err);
	if (ret == WAKE_OK)
		ret = wake_waiting_again(store, folding->stop < 0, err);
	if (ret < 0)
		return ret;
	folding->store = store;
	store = NULL; /* now folding's */
	return WAKE_OK;
}

static bool is_stopped(const struct folding *folding, int64_t pause)
{
	struct pollfd end = { .fd = folding->stop, .events = POLLIN };

	return folding->stop >= 0 && poll(&end, 1, (int)(pause / 1000)) > 0;
}

/* Until nothing waits, or it is to stop: never in the middle of a batch. */
static int fold_all(struct folding *folding, bool *ret_any, struct wake_error *err)
{
	bool more = true;
	int ret = open_store(folding, err);

	*ret_any = false;
	while (ret == WAKE_OK && more && !is_stopped(folding, 0)) {
		size_t folded = 0;

		ret = wake_waiting_fold(folding->store, &folded, &more, err);
		folding->folded += folded;
		*ret_any |= more;
	}
	return ret;
}

/* Said once; the next try comes later each time. */
static void fail(struct folding *folding, const struct wake_error *err)
{
	if (!folding->failing)
		wake_print_note("%s; it is tried again", err->text);
	folding->pause = folding->failing ? folding->pause * 2 : LOOK_FIRST;
	folding->pause = folding->pause < FAIL_MOST ? folding->pause : FAIL_MOST;
	folding->failing = true;
	wake_store_close(folding->store);
	folding->store = NULL;
}

static void look(struct folding *folding)
{
	struct wake_error err;
	bool any = false;

	if (fold_all(folding, &any, &err) < 0) {
		fail(folding, &err);
		return;
	}
	if (folding->failing)
		wake_print_note("folding works again");
	folding->pause = any || folding->failing ? LOOK_FIRST : folding->pause * 2;
	folding->pause = folding->pause < LOOK_MOST ? folding->pause : LOOK_MOST;
	folding->failing = false;
}

static int follow(struct folding *folding, struct wake_error *err)
{
	int ret = wake_stop_signals_open(&folding->stop, err);

	folding->pause = LOOK_FIRST;
	if (ret < 0)
		return ret;
	do {
		look(folding);
	} while (!is_stopped(folding, folding->pause));
	return WAKE_OK;
}

int wake_db_fold(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(folding_release) struct folding folding = { .context = context, .stop = -1 };
	wake_auto_str struct wake_str out = WAKE_STR(256);
	bool any;
	int ret;

	if (wake_options_has(&context->options, "follow"))
		return follow(&folding, err);
	ret = fold_all(&folding, &any, err);
	if (ret < 0)
		return wake_reader_failed(context, ret);
	wake_str_appendf(&out, "%zu event%s folded\n", folding.folded, folding.folded == 1 ? "" : "s");
	return wake_print_text(&out, err);
}
