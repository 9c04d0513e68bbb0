/* SPDX-License-Identifier: MIT */
/* runwake import: runs of the past, from what agents keep of their sessions. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/transcript_lines.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/commands.h"
#include "cli/import.h"
#include "cli/print.h"
#include "cli/reader.h"

#define BLINK (WAKE_SECOND / 5) /* between two words on progress */

static const struct wake_option options[] = {
	{ .name = "since",
	    .value = "TIME",
	    .help =
	        "only sessions that were written to since then: a time, a date, or an age such as 2h or 7d" },
	{ .name = "dir",
	    .value = "DIR",
	    .help = "where the sessions are (default: projects in $CLAUDE_CONFIG_DIR, else in ~/.claude; "
	            "sessions in $CODEX_HOME, else in ~/.codex)" },
	{ .name = "dry-run", .help = "read everything and record nothing" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

static int drop_older(
    const struct wake_options *given, struct wake_import_sessions *sessions, struct wake_error *err)
{
	const char *text = wake_options_text(given, "since");
	struct wake_import_sessions none = { 0 }, *older = &none;
	int64_t since = INT64_MIN;
	size_t kept = 0;

	if (!text)
		return WAKE_OK;
	if (wake_time_parse_since(text, wake_clock_now(), &since, err) < 0)
		return wake_error_prefix(err, "--since");
	older->items = calloc(sessions->count + 1, sizeof(*older->items));
	if (!older->items)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < sessions->count; i++) {
		if (sessions->items[i].written >= since)
			sessions->items[kept++] = sessions->items[i];
		else
			older->items[older->count++] = sessions->items[i];
	}
	sessions->count = kept;
	wake_import_sessions_release(older);
	return WAKE_OK;
}

/* On one line of a terminal, which is taken away at the end. */
static void show_progress(const struct wake_import_counts *counts, uint64_t bytes)
{
	static int64_t last;
	int64_t now = wake_clock_monotonic();

	if (now - last < BLINK && counts->bytes < bytes)
		return;
	last = now;
	if (counts->bytes < bytes)
		(void)fprintf(stderr,
		    "\r%3" PRIu64 " %%  %" PRIu64 " of %" PRIu64 " MB, %" PRIu64 " runs\033[K",
		    counts->bytes * 100 / (bytes ? bytes : 1), counts->bytes / 1000000, bytes / 1000000,
		    counts->runs);
	else
		(void)fputs("\r\033[K", stderr);
	(void)fflush(stderr);
}

static int print_document(const struct wake_import_counts *counts, struct wake_error *err)
{
	const struct {
		const char *key;
		uint64_t number;
	} members[] = { { "sessions", counts->sessions }, { "unchanged", counts->unchanged },
		{ "failed", counts->failed }, { "runs", counts->runs }, { "runs_known", counts->known },
		{ "answers", counts->answers }, { "said", counts->said },
		{ "said_left_out", counts->left_out }, { "lines", counts->lines },
		{ "unreadable_lines", counts->unreadable }, { "too_long_lines", counts->too_long },
		{ "bytes", counts->bytes } };
	wake_auto_json json_t *document = wake_reader_document();
	int ret = document ? WAKE_OK : wake_fail_nomem(err);

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(members); i++)
		ret = wake_json_set_int(document, members[i].key, (int64_t)members[i].number, err);
	return ret == WAKE_OK ? wake_print_json(document, err) : ret;
}

static int print_counts(const struct wake_import_counts *counts, bool dry, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(4096);

	wake_str_appendf(&out,
	    "%s %" PRIu64 " runs, added to %" PRIu64 "; read %" PRIu64 " sessions with %" PRIu64
	    " answers, %" PRIu64 " had nothing new\n",
	    dry ? "would have recorded" : "recorded", counts->runs, counts->known, counts->sessions,
	    counts->answers, counts->unchanged);
	if (counts->unreadable > 0)
		wake_str_appendf(
		    &out, "%" PRIu64 " lines could not be read and were left out\n", counts->unreadable);
	if (counts->left_out > 0)
		wake_str_appendf(&out,
		    "%" PRIu64 " prompts were more than a run may hold and were left out\n",
		    counts->left_out);
	if (counts->too_long > 0)
		wake_str_appendf(&out, "%" PRIu64 " lines were longer than %zu MiB and were left out\n",
		    counts->too_long, WAKE_TRANSCRIPT_LINE_MAX / 1024 / 1024);
	return wake_print_text(&out, err);
}

static int import_all(struct wake_command_context *context, const struct wake_import_source *source,
    const struct wake_import_sessions *sessions, struct wake_import_counts *ret_counts, struct wake_error *err)
{
	bool dry = wake_options_has(&context->options, "dry-run");
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_import struct wake_import *import = NULL;
	int ret = wake_reader_open(context, &store, err);

	if (ret == WAKE_OK)
		ret = wake_import_new(
		    &(struct wake_import_spec){
		        .paths = &context->paths, .store = store, .dry = dry, .source = source },
		    &import, err);
	return ret == WAKE_OK ? wake_import_sessions(import, sessions,
	                            isatty(STDERR_FILENO) ? show_progress : NULL, ret_counts, err)
	                      : ret;
}

static const struct wake_import_source *const sources[] = { &wake_import_claude, &wake_import_codex };

static int find_source(const char *word, const struct wake_import_source **ret_source, struct wake_error *err)
{
	for (size_t i = 0; i < WAKE_COUNT(sources); i++) {
		if (strcmp(sources[i]->word, word) == 0) {
			*ret_source = sources[i];
			return WAKE_OK;
		}
	}
	return wake_fail(err, WAKE_INVALID, "import takes claude or codex, not '%s'", word);
}

static int find_sessions(const struct wake_options *given, const struct wake_import_source *source,
    struct wake_import_sessions *ret_sessions, struct wake_error *err)
{
	wake_auto_free char *directory = NULL, *absolute = NULL;
	int ret = source->locate(wake_options_text(given, "dir"), &directory, err);

	if (ret == WAKE_OK)
		ret = wake_fs_resolve(directory, &absolute, err);
	if (ret == WAKE_NOTFOUND)
		return wake_fail(
		    err, ret, "there are no %s at '%s' (name their directory with --dir)", source->kept, directory);
	return ret == WAKE_OK ? source->find(absolute, ret_sessions, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	const struct wake_options *given = &context->options;
	wake_auto_import_sessions struct wake_import_sessions sessions = { 0 };
	struct wake_import_counts counts = { 0 };
	const struct wake_import_source *source = NULL;
	int ret = find_source(given->words[0], &source, err);

	if (ret == WAKE_OK)
		ret = find_sessions(given, source, &sessions, err);
	if (ret == WAKE_OK && sessions.packed > 0)
		wake_print_note("%" PRIu64 " %s are compressed and are not read: `zstd -d` makes them readable",
		    sessions.packed, source->kept);
	if (ret == WAKE_OK)
		ret = drop_older(given, &sessions, err);
	if (ret == WAKE_OK)
		ret = import_all(context, source, &sessions, &counts, err);
	if (ret == WAKE_OK)
		ret = wake_options_has(given, "json")
		          ? print_document(&counts, err)
		          : print_counts(&counts, wake_options_has(given, "dry-run"), err);
	if (ret != WAKE_OK)
		return ret;
	return counts.failed > 0 ? WAKE_EXIT_NO : WAKE_EXIT_OK;
}

static const struct wake_example examples[] = {
	{ "runwake import claude", "Records every session that Claude Code still keeps" },
	{ "runwake import codex", "The same of what Codex keeps" },
	{ "runwake import claude --since 7d --dry-run", "How much the week's sessions would be" },
	{ 0 },
};

const struct wake_command wake_command_import = {
	.name = "import",
	.group = "The record",
	.summary = "record runs of the past from what agents keep",
	.usage = (const char *const[]){ "claude|codex [--since TIME] [--dir DIR] [--dry-run] [--json]", NULL },
	.description = (const char *const[]){ "Reads the transcripts that Claude Code keeps of its sessions, or the "
	                                      "rollouts that Codex keeps, those of their subagents too, and records "
	                                      "their runs: tokens, cost, model, how they ended, and what people said "
	                                      "in them. A session is one run, or several where it was resumed; one "
	                                      "that `runwake run` or the hooks have recorded is added to and not "
	                                      "recorded again. Codex tells no resumption of its interactive client: "
	                                      "there each turn of `codex exec` is a run, and all else one.",
	    "Importing again adds only what is new, and what a forked session copied is counted once. A "
	    "session that goes on, or "
	    "was written to within the last hour without an end, is not ended by it.",
	    "Claude Code deletes its transcripts after 30 days: what is imported stays.", NULL },
	.options = options,
	.examples = examples,
	.exits = "146",
	.words_min = 1,
	.words_max = 1,
	.run = run,
};
