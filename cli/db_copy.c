/* SPDX-License-Identifier: MIT */
/* runwake db copy: the record moves house. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "cli/db.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/reader.h"
#include "cli/table.h"
#include "event/spool.h"
#include "store/copy.h"
#include "store/migrate.h"
#include "store/record.h"

#define SUM_SHOWN 12 /* hex digits */
#define PASSES_MAX 3 /* of copying and comparing, where somebody may write meanwhile */

struct moving {
	struct wake_command_context *context; /* borrowed */
	const char *from_url, *to_url;        /* borrowed */
	char *in_use;                         /* owned: the store of this state directory */
	struct wake_store *from, *to;         /* owned */
	struct wake_copy copy;
	struct wake_copy_comparison comparison;
	struct wake_progress progress;
	int lock;  /* the recorder's; -1: not held */
	bool use;  /* to is to be the store of this state directory */
	bool used; /* now it is */
};

static void moving_release(struct moving *moving)
{
	wake_progress_end(&moving->progress);
	wake_store_close(moving->from);
	wake_store_close(moving->to);
	free(moving->in_use);
	wake_reader_let_go(moving->context, &moving->lock);
}

/* ---- before ------------------------------------------------------------------------------------- */

static bool is_from_in_use(const struct moving *moving)
{
	return strcmp(moving->from_url, moving->in_use) == 0;
}

static bool is_to_in_use(const struct moving *moving)
{
	return strcmp(moving->to_url, moving->in_use) == 0;
}

static int read_words(struct moving *moving, struct wake_error *err)
{
	const struct wake_options *given = &moving->context->options;
	int ret = wake_store_locate(&moving->context->paths, &moving->in_use, err);

	if (ret < 0)
		return wake_reader_failed(moving->context, ret);
	moving->to_url = given->words[given->word_count - 1];
	moving->from_url = given->word_count == 3 ? given->words[1] : moving->in_use;
	moving->use = wake_options_has(given, "use");
	if (strcmp(moving->from_url, moving->to_url) == 0)
		return wake_command_fail(moving->context, WAKE_EXIT_USAGE, err,
		    "a store is not copied into itself; name another one");
	if (!moving->use)
		return WAKE_OK;
	if (!is_from_in_use(moving))
		return wake_command_fail(moving->context, WAKE_EXIT_USAGE, err,
		    "--use moves on from the store in use ('%s'); leave FROM out, or use 'runwake db use' "
		    "afterwards",
		    moving->in_use);
	return wake_store_check_use(&moving->context->paths, moving->to_url, err);
}

/* A mistyped FROM must not become an empty store. */
static int check_there(const char *url, struct wake_error *err)
{
	static const char scheme[] = "sqlite:";
	const char *path = url + sizeof(scheme) - 1;

	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || wake_fs_is_file(path))
		return WAKE_OK;
	return wake_fail(err, WAKE_NOTFOUND, "there is no store at '%s'", path);
}

static int open_up_to_date(const char *url, struct wake_store **ret_store, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	struct wake_migration_status state = { 0 };
	size_t applied;
	int ret = wake_store_open(url, &store, err);

	if (ret == WAKE_OK && strcmp(wake_store_driver(store), "sqlite") == 0)
		ret = wake_migrate(store, &applied, err);
	if (ret == WAKE_OK)
		ret = wake_migrate_status(store, &state, err);
	if (ret == WAKE_OK && state.pending > 0)
		ret = wake_fail(err, WAKE_UNAVAILABLE,
		    "the store '%s' waits for %zu migration%s: run 'runwake db migrate URL' with its URL "
		    "first",
		    url, state.pending, state.pending == 1 ? "" : "s");
	if (ret < 0)
		return ret;
	*ret_store = store;
	store = NULL; /* the caller's now */
	return WAKE_OK;
}

static int open_both(struct moving *moving, struct wake_error *err)
{
	int ret = is_from_in_use(moving) ? WAKE_OK : check_there(moving->from_url, err);
	char unwritten[WAKE_ERROR_TEXT_SIZE] = "";

	if (ret < 0)
		return wake_command_fail(moving->context, WAKE_EXIT_NOT_FOUND, err, "%s", err->text);
	ret = open_up_to_date(moving->to_url, &moving->to, err);
	/* What waits in the spool belongs to what is copied; or is recorded into the copy. */
	if (ret == WAKE_OK)
		ret = is_from_in_use(moving) && !moving->use
		          ? wake_record_open(&moving->context->paths, &moving->from, unwritten, err)
		          : open_up_to_date(moving->from_url, &moving->from, err);
	if (ret == WAKE_OK && *unwritten)
		wake_print_note("%s", unwritten);
	return wake_reader_failed(moving->context, ret);
}

/* ---- the copy ----------------------------------------------------------------------------------- */

static void say(void *context, const char *what, int64_t done, int64_t total)
{
	wake_progress_say(context, what, done, total);
}

static void say_comparing(void *context, const char *what, int64_t done, int64_t total)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "comparing %s", what);
	wake_progress_say(context, text, done, total);
}

/* What machines told and nobody folded yet is in the ledger alone: the tables would not agree. */
static int fold_waiting(struct wake_store *store, struct wake_error *err)
{
	struct wake_rights rights = { 0 };
	bool more = true;
	int ret = wake_rights_read(store, &rights, err);

	while (ret == WAKE_OK && more && rights.role >= WAKE_ROLE_FOLDER) {
		size_t folded = 0;

		ret = wake_waiting_fold(store, &folded, &more, err);
	}
	return ret;
}

static int copy_record(struct moving *moving, struct wake_error *err)
{
	int ret = fold_waiting(moving->from, err);

	if (ret == WAKE_OK)
		ret = fold_waiting(moving->to, err);
	return ret == WAKE_OK ? wake_copy_run(&moving->copy, err) : ret;
}

static int copy_and_compare(struct moving *moving, struct wake_error *err)
{
	int ret;

	moving->copy.tell = say;
	ret = copy_record(moving, err);
	moving->copy.tell = say_comparing;
	return ret < 0 ? ret : wake_copy_compare(&moving->copy, &moving->comparison, err);
}

/* First all that is there, which may take long, while recorders go on. Then, where one of the two is the
 * store in use, with the recorder's lock what came meanwhile; so nothing changes between copy, comparison and
 * the move. */
static int move_record(struct moving *moving, struct wake_error *err)
{
	bool ours = is_from_in_use(moving) || is_to_in_use(moving);
	int ret;

	moving->copy = (struct wake_copy){
		.from = moving->from, .to = moving->to, .tell = say, .context = &moving->progress
	};
	ret = copy_record(moving, err);
	if (ret == WAKE_OK && ours)
		ret = wake_spool_lock(moving->context->paths.spool, true, &moving->lock, err);
	for (unsigned pass = 0; ret == WAKE_OK && !moving->comparison.equal && pass < (ours ? 1 : PASSES_MAX);
	     pass++)
		ret = copy_and_compare(moving, err);
	if (ret == WAKE_OK && moving->use && moving->comparison.equal) {
		ret = wake_store_rebind(&moving->context->paths, moving->to_url, err);
		moving->used = ret == WAKE_OK;
	}
	if (ret == WAKE_UNAVAILABLE || ret == WAKE_BUSY || ret == WAKE_REFUSED)
		(void)wake_error_prefix(
		    err, "the copy is not complete (run it again: it goes on where it stopped)");
	return wake_reader_failed(moving->context, ret);
}

/* ---- telling it --------------------------------------------------------------------------------- */

static void describe(const struct wake_copy_compared *table, bool alone, struct wake_str *out)
{
	bool same = table->missing == 0 && table->different == 0 && (!alone || table->others == 0);

	if (same)
		wake_str_append(out, "equal");
	if (table->missing > 0)
		wake_str_appendf(out, "%" PRId64 " missing", table->missing);
	if (table->different > 0)
		wake_str_appendf(out, "%s%" PRId64 " different", out->len > 0 ? ", " : "", table->different);
	if (table->others > 0)
		wake_str_appendf(out, "%s%" PRId64 " more there", out->len > 0 ? ", " : "", table->others);
	if (*table->example)
		wake_str_appendf(out, ", such as %s", table->example);
}

static int add_row(
    struct wake_table *lines, const struct wake_copy_compared *table, bool alone, struct wake_error *err)
{
	wake_auto_str struct wake_str result = WAKE_STR(1024);
	char rows[32], sum[SUM_SHOWN + 1];
	bool good = table->missing == 0 && table->different == 0 && (!alone || table->others == 0);
	int ret;

	(void)snprintf(rows, sizeof(rows), "%" PRId64, table->rows);
	(void)snprintf(sum, sizeof(sum), "%.*s", SUM_SHOWN, table->from_sum);
	describe(table, alone, &result);
	ret = wake_table_add(lines, WAKE_STYLE_PLAIN, table->table, err);
	if (ret == WAKE_OK)
		ret = wake_table_add(lines, WAKE_STYLE_PLAIN, rows, err);
	if (ret == WAKE_OK)
		ret = wake_table_add(lines, WAKE_STYLE_FAINT, sum, err);
	if (ret == WAKE_OK)
		ret = wake_table_add(
		    lines, good ? WAKE_STYLE_GOOD : WAKE_STYLE_WARN, wake_str_text(&result), err);
	return ret;
}

static void append_outcome(struct wake_str *out, const struct moving *moving)
{
	wake_str_appendf(
	    out, "%" PRId64 " event%s copied; ", moving->copy.events, moving->copy.events == 1 ? "" : "s");
	if (moving->copy.set_aside > 0)
		wake_str_appendf(out, "%" PRId64 " could not be read and stand in the ledger as they are; ",
		    moving->copy.set_aside);
	if (!moving->comparison.equal)
		wake_str_append(out, "the copy does not hold all of it");
	else if (moving->comparison.alone)
		wake_str_append(out, "both hold the same");
	else
		wake_str_append(out, "all of it is there, beside what was there before");
	wake_str_append_char(out, '\n');
	if (moving->used)
		wake_str_appendf(out, "the store is now %s\n", moving->to_url);
	else if (moving->comparison.equal && is_from_in_use(moving))
		wake_str_appendf(out, "the store in use is still %s (--use moves on)\n", moving->in_use);
}

static int print_text(const struct moving *moving, struct wake_error *err)
{
	static const struct wake_column columns[] = { { .title = "TABLE" },
		{ .title = "ROWS", .right = true }, { .title = "SHA-256" },
		{ .title = "IN THE COPY", .shrinks = true } };
	wake_auto_table struct wake_table lines = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	wake_auto_str struct wake_str out = WAKE_STR(64 * 1024);
	int ret = WAKE_OK;

	for (size_t i = 0; i < moving->comparison.count && ret == WAKE_OK; i++)
		ret = add_row(&lines, &moving->comparison.tables[i], moving->comparison.alone, err);
	if (ret == WAKE_OK)
		ret = wake_table_print(&lines, 0, err);
	append_outcome(&out, moving);
	return ret == WAKE_OK ? wake_print_text(&out, err) : ret;
}

static json_t *table_json(const struct wake_copy_compared *table)
{
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:s,s:s,s:b}", "table", table->table, "rows",
	    (json_int_t)table->rows, "missing", (json_int_t)table->missing, "different",
	    (json_int_t)table->different, "others", (json_int_t)table->others, "sha256_from", table->from_sum,
	    "sha256_to", table->to_sum, "equal", strcmp(table->from_sum, table->to_sum) == 0);
}

static int print_json(const struct moving *moving, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	json_t *tables = json_array();
	wake_auto_json json_t *members = json_pack("{s:s,s:s,s:I,s:I,s:b,s:b,s:b,s:o}", "from",
	    moving->from_url, "to", moving->to_url, "events_copied", (json_int_t)moving->copy.events,
	    "events_set_aside", (json_int_t)moving->copy.set_aside, "alone", moving->comparison.alone,
	    "equal", moving->comparison.equal, "used", moving->used, "tables", tables);

	for (size_t i = 0; members && i < moving->comparison.count; i++) {
		if (json_array_append_new(tables, table_json(&moving->comparison.tables[i])) < 0)
			return wake_fail_nomem(err);
	}
	if (!document || !members || json_object_update(document, members) < 0)
		return wake_fail_nomem(err);
	return wake_print_json(document, err);
}

int wake_db_copy(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(moving_release) struct moving moving = { .context = context, .lock = -1 };
	int ret = read_words(&moving, err);

	if (ret == WAKE_OK)
		ret = open_both(&moving, err);
	if (ret < 0)
		return ret;
	wake_progress_begin(&moving.progress);
	ret = move_record(&moving, err);
	wake_progress_end(&moving.progress);
	wake_reader_let_go(context, &moving.lock);
	if (ret == WAKE_OK)
		ret = wake_options_has(&context->options, "json") ? print_json(&moving, err)
		                                                  : print_text(&moving, err);
	if (ret < 0)
		return ret;
	return moving.comparison.equal ? WAKE_EXIT_OK : WAKE_EXIT_NO;
}
