/* SPDX-License-Identifier: MIT */
/* runwake db: the store itself. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/db.h"
#include "cli/db_migrate.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "event/spool.h"
#include "git/kept.h"
#include "store/additions.h"
#include "store/existing.h"
#include "store/migrate.h"
#include "store/record.h"

static const struct wake_option options[] = {
	{ .name = "json", .help = "with status, migrate, copy and trim: print one JSON document" },
	{ .name = "dry-run", .help = "with migrate: say what would be applied and carried over, and change nothing" },
	{ .name = "optional",
	    .value = "NAME",
	    .help = "with migrate: apply roles or partitions to a team's database; with --dry-run, print the SQL" },
	{ .name = "use", .help = "with copy: record into the copy from then on" },
	{ .name = "follow", .help = "with fold: stay, and fold what comes, until interrupted or terminated" },
	{ .name = "all", .help = "with feed: tell all that this store holds once more, whatever was told before" },
	{ 0 },
};

/* The store in use, or the one that the second word names, as it is: nothing is drained or migrated. owned:
 * both. */
static int open_located(struct wake_command_context *context, char **ret_url, struct wake_store **ret_store,
    struct wake_error *err)
{
	const char *named = context->options.word_count > 1 ? context->options.words[1] : NULL;
	int ret =
	    named ? wake_str_copy(named, ret_url, err) : wake_store_locate(&context->paths, ret_url, err);

	if (ret == WAKE_OK)
		ret = wake_store_open(*ret_url, ret_store, err);
	return wake_reader_failed(context, ret);
}

struct state {
	const char *url, *driver;
	struct wake_migration_status migrations;
	struct wake_spool_status spool;
	struct wake_existing existing;
	int64_t bytes, free;
	struct wake_db_sizes sizes;
	struct wake_team_state team; /* owned */
	char addition[WAKE_ERROR_TEXT_SIZE]; /* what will be refused; "": nothing is known */
	const char *problem; /* why what waits is not recorded now; NULL: nothing is known */
};

static void state_release(struct state *state)
{
	wake_team_state_release(&state->team);
}

static int keep_addition(
    void *context, const struct wake_addition *addition, struct wake_error *err)
{
	struct state *state = context;

	(void)err;
	if (addition->is_certain && !*state->addition)
		(void)snprintf(state->addition, sizeof(state->addition), "%.300s (mend: %.180s)", addition->problem,
		    addition->mend);
	return WAKE_OK;
}

static int read_store(
    const char *url, struct wake_store **ret_store, struct state *state, struct wake_error *err)
{
	int ret = wake_store_open(url, ret_store, err);

	if (ret == WAKE_OK)
		ret = wake_rights_read(*ret_store, &state->team.rights, err);
	if (ret == WAKE_OK)
		state->driver = wake_store_driver(*ret_store);
	if (ret == WAKE_OK &&
	    (state->team.rights.role == WAKE_ROLE_NONE || state->team.rights.role == WAKE_ROLE_MACHINE)) {
		state->problem = "this role may not even read it";
		return WAKE_OK;
	}
	if (ret == WAKE_OK)
		ret = wake_migrate_status(*ret_store, &state->migrations, err);
	if (ret == WAKE_OK)
		ret = wake_existing_find(*ret_store, &state->existing, err);
	if (ret == WAKE_OK)
		ret = wake_store_sizes(*ret_store, &state->bytes, &state->free, err);
	if (ret == WAKE_OK)
		wake_db_sizes_read(*ret_store, &state->sizes);
	if (ret == WAKE_OK && state->migrations.pending == 0)
		ret = wake_team_state_read(*ret_store, &state->team, err);
	if (ret == WAKE_OK && state->migrations.pending > 0 && strcmp(state->driver, "sqlite") != 0)
		state->problem = "its schema is not up to date; run 'runwake db migrate'";
	if (ret == WAKE_OK)
		ret = wake_additions_check(*ret_store, keep_addition, state, err);
	if (ret == WAKE_OK && !state->problem && *state->addition)
		state->problem = state->addition;
	return ret;
}

/* Another system's tables that wait to be taken over; NULL: none. */
static const char *existing_text(const struct wake_existing *existing)
{
	if (existing->runs && existing->processes)
		return "workflow_runs, workflow_processes";
	return existing->runs ? "workflow_runs" : existing->processes ? "workflow_processes" : NULL;
}

static int print_state_json(const struct state *state, struct wake_error *err)
{
	wake_auto_json json_t *document = wake_reader_document();
	wake_auto_json json_t *members = json_pack("{s:s,s:s?,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:s?,s:s?}", "store",
	    state->url, "driver", state->driver, "migration", state->migrations.latest, "migrations_applied",
	    (json_int_t)state->migrations.applied, "migrations_pending",
	    (json_int_t)state->migrations.pending, "bytes", (json_int_t)state->bytes, "bytes_free",
	    (json_int_t)state->free, "waiting_files", (json_int_t)state->spool.waiting_files, "waiting_bytes",
	    (json_int_t)state->spool.waiting_bytes, "quarantined", (json_int_t)state->spool.quarantined,
	    "existing_tables", existing_text(&state->existing), "problem", state->problem);

	if (!document || !members || json_object_update(document, members) < 0 ||
	    wake_db_sizes_add(&state->sizes, document) < 0)
		return wake_fail_nomem(err);
	if (wake_team_state_json(&state->team, document, err) < 0)
		return err->code;
	return wake_print_json(document, err);
}

static void append_store(struct wake_str *out, const struct state *state)
{
	char line[256];

	wake_field_append(out, "driver", WAKE_STYLE_PLAIN, state->driver);
	(void)snprintf(line, sizeof(line), "%s (%zu applied, %zu pending)",
	    *state->migrations.latest ? state->migrations.latest : "none", state->migrations.applied,
	    state->migrations.pending);
	wake_field_append(
	    out, "schema", state->migrations.pending ? WAKE_STYLE_WARN : WAKE_STYLE_PLAIN, line);
	if (strcmp(state->driver, "sqlite") == 0)
		(void)snprintf(line, sizeof(line), "%" PRId64 " bytes, %" PRId64 " of them free",
		    state->bytes, state->free);
	else
		(void)snprintf(line, sizeof(line), "%" PRId64 " bytes", state->bytes);
	wake_field_append(out, "size", WAKE_STYLE_PLAIN, line);
	if (existing_text(&state->existing)) {
		(void)snprintf(line, sizeof(line), "%s: 'runwake db migrate --dry-run' says what would become of %s",
		    existing_text(&state->existing),
		    state->existing.runs && state->existing.processes ? "them" : "it");
		wake_field_append(out, "existing", WAKE_STYLE_WARN, line);
	}
	wake_team_state_append(&state->team, out);
}

static int print_state(const struct state *state, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(64 * 1024);
	char line[256];

	wake_field_append(&out, "store", WAKE_STYLE_STRONG, state->url);
	if (state->driver)
		append_store(&out, state);
	(void)snprintf(
	    line, sizeof(line), "%" PRId64 " bytes of uncommitted edits' contents", state->sizes.kept);
	wake_field_append(&out, "kept", WAKE_STYLE_PLAIN, line);
	(void)snprintf(line, sizeof(line),
	    "%" PRIu64 " bytes wait in the spool, %" PRIu64 " line%s set aside", state->spool.waiting_bytes,
	    state->spool.quarantined, state->spool.quarantined == 1 ? "" : "s");
	wake_field_append(&out, "spool", state->spool.quarantined ? WAKE_STYLE_WARN : WAKE_STYLE_PLAIN, line);
	if (state->problem)
		wake_field_append(&out, "waits for", WAKE_STYLE_WARN, state->problem);
	if (wake_print_text(&out, err) < 0)
		return err->code;
	return wake_db_sizes_print(&state->sizes, err);
}

/* What waits is told also while the store does not answer; why it does not is then the failure too. */
static int run_status(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_free char *url = NULL;
	wake_auto_free char *latest = NULL;
	wake_auto_store struct wake_store *store = NULL;
	WAKE_CLEANUP(state_release) struct state state = { .team.partitions.until = WAKE_TIME_NONE };
	struct wake_error failure = { 0 };
	int ret = wake_store_locate(&context->paths, &url, err);
	int failed;

	if (ret == WAKE_OK)
		ret = wake_spool_status(context->paths.spool, &state.spool, err);
	if (ret == WAKE_OK)
		ret = wake_kept_bytes(&context->paths, &state.sizes.kept, err);
	if (ret < 0)
		return wake_reader_failed(context, ret);
	state.url = url;
	failed = read_store(url, &store, &state, &failure);
	if (failed < 0)
		state.problem = failure.text;
	else if (!state.problem && state.spool.waiting_files > 0 &&
	         wake_spool_read_failure(context->paths.spool, &latest, err) == WAKE_OK)
		state.problem = latest;
	if (failed == WAKE_OK || failed == WAKE_UNAVAILABLE || failed == WAKE_BUSY)
		ret = wake_options_has(&context->options, "json") ? print_state_json(&state, err)
		                                                  : print_state(&state, err);
	if (ret < 0 || failed == WAKE_OK)
		return ret;
	*err = failure;
	return wake_reader_failed(context, failed);
}

static int run_migrate(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_free char *url = NULL;
	wake_auto_store struct wake_store *store = NULL;
	const char *optional = wake_options_text(&context->options, "optional");
	int ret;

	if (optional)
		return wake_db_optional(context, optional, err);
	ret = open_located(context, &url, &store, err);
	return ret < 0 ? ret : wake_db_migrate(context, store, err);
}

static int run_use(struct wake_command_context *context, struct wake_error *err)
{
	const char *url = context->options.words[1];
	wake_auto_str struct wake_str out = WAKE_STR(64 * 1024);
	struct wake_migration_status state = { 0 };
	wake_auto_store struct wake_store *store = NULL;
	int ret = wake_reader_failed(context, wake_store_use(&context->paths, url, &state, err));

	if (ret < 0)
		return ret;
	wake_str_appendf(&out, "the store is now %s\n", url);
	if (state.pending > 0)
		wake_str_appendf(&out, "%zu migration%s to be applied: run 'runwake db migrate'\n",
		    state.pending, state.pending == 1 ? " is" : "s are");
	ret = wake_store_open(url, &store, err);
	if (ret == WAKE_OK)
		ret = wake_db_note_additions(store, err);
	return ret == WAKE_OK ? wake_print_text(&out, err) : wake_reader_failed(context, ret);
}

/* Drained first, so that the copy holds all that was seen before. */
static int run_backup(struct wake_command_context *context, struct wake_error *err)
{
	wake_auto_store struct wake_store *store = NULL;
	int ret = wake_reader_open(context, &store, err);

	if (ret == WAKE_OK)
		ret = wake_store_backup(store, context->options.words[1], err);
	return ret;
}

static int run_path(struct wake_command_context *context, struct wake_error *err)
{
	static const char scheme[] = "sqlite:";
	wake_auto_free char *url = NULL;
	wake_auto_str struct wake_str out = WAKE_STR(64 * 1024);
	int ret = wake_store_locate(&context->paths, &url, err);

	if (ret < 0)
		return wake_reader_failed(context, ret);
	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
		return wake_command_fail(context, WAKE_EXIT_NO, err, "the store is no file");
	wake_str_appendf(&out, "%s\n", url + sizeof(scheme) - 1);
	return wake_print_text(&out, err);
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	static const struct {
		const char *name;
		size_t words;
		wake_command_function run;
	} actions[] = { { "status", 1, run_status }, { "migrate", 1, run_migrate },
		{ "migrate", 2, run_migrate }, { "use", 2, run_use }, { "copy", 2, wake_db_copy },
		{ "copy", 3, wake_db_copy }, { "backup", 2, run_backup }, { "trim", 1, wake_db_trim },
		{ "path", 1, run_path }, { "fold", 1, wake_db_fold }, { "feed", 1, wake_db_feed } };
	const struct wake_options *given = &context->options;

	for (size_t i = 0; i < WAKE_COUNT(actions); i++) {
		if (strcmp(given->words[0], actions[i].name) == 0 && given->word_count == actions[i].words)
			return actions[i].run(context, err);
	}
	return wake_command_fail(context, WAKE_EXIT_USAGE, err,
	    "runwake db takes status, migrate [URL], use URL, copy [FROM] TO, backup PATH, trim, path, fold or feed "
	    "(see runwake db --help)");
}

static const struct wake_example examples[] = {
	{ "runwake db status", "Where the store is, and how it is" },
	{ "runwake db use postgresql://db.example.org/team", "Record into a team's PostgreSQL from now on" },
	{ "runwake db migrate --dry-run", "What the schema still lacks" },
	{ "runwake db copy --use postgresql://db.example.org/team",
	    "Move there, with all that was recorded so far" },
	{ "runwake db backup /backup/runwake.db", "A copy of the store, while others go on writing" },
	{ 0 },
};

const struct wake_command wake_command_db = {
	.name = "db",
	.group = "The record",
	.summary = "look after the store",
	.usage = (const char *const[]){ "status [--json]", "migrate [--dry-run] [--json] [--optional NAME] [URL]",
	    "use URL", "copy [FROM] TO [--use] [--json]", "backup PATH", "trim [--json]", "path",
	    "fold [--follow]", "feed [--all]", NULL },
	.description =
	    (const char *const[]){
	        "status tells where the store is, which migrations it has, how large it and its tables are and what "
	        "waits for it, and why. migrate applies what is pending; an SQLite store is migrated by itself "
	        "whenever it is used, a PostgreSQL database only by this command: until then what happens "
	        "waits in the spool.",
	        "In a database where another system has a workflow_runs of its own, migrate upgrades that very table "
	        "in place: its rows become runs here, its columns, views, grants and triggers stay. A "
	        "workflow_processes is carried into workflow_runs and dropped. All of it happens or nothing; --dry-run "
	        "tells it beforehand by reading alone. Make a dump first (pg_dump).",
	        "use makes a store the one of this state directory, from now on: sqlite:/PATH, or a "
	        "postgresql:// URI. What waits in the spool goes there; what the old store holds stays "
	        "there. "
	        "A password stands in a passfile (~/.pgpass), never in the URI.",
	        "copy takes the whole record of one store (without FROM: the one in use) into another, of "
	        "whichever kind, beside what that holds already; a PostgreSQL database must have been migrated "
	        "before (migrate URL). It may be stopped anywhere and run again, and others may go on writing: "
	        "what comes meanwhile is copied in the end. Then every table is compared, row by row and by a "
	        "SHA-256 over its rows; exit code 1 if the copy lacks anything. With --use the copy becomes the "
	        "store of this state directory in the same moment, and no event falls between the two. Kept "
	        "contents of uncommitted edits stay where they are, in the state directory.",
	        "trim removes now what the settings runwake.payloaddays and runwake.keepdays say is too old; the "
	        "recorder does it by itself, once a day.",
	        "backup copies an SQLite store into a new file; a database is copied with pg_dump. path "
	        "prints "
	        "the file that an SQLite store is.",
	        "migrate --optional roles makes roles of least privilege in a team's database: runwake_machine may "
	        "insert events, runwake_folder may fold them, runwake_reader may read. A machine with the first "
	        "keeps a store in a file and names the database by the setting runwake.feed; runwake.host is then "
	        "its role's name. feed tells the database what waits, as the recorder does by itself, and with --all "
	        "everything, as after the database was restored from a backup; fold brings what machines told into the "
	        "tables, as every recorder with all rights does too, and tries once more what was set aside. migrate "
	        "--optional partitions parts the ledger by month, and makes twelve months ahead: run it again within "
	        "the year.",
	        NULL },
	.options = options,
	.examples = examples,
	.exits = "1456",
	.words_min = 1,
	.words_max = 3,
	.run = run,
};
