/* SPDX-License-Identifier: MIT */
/* runwake list: runs, newest first. */
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "cli/reader.h"
#include "cli/run_text.h"
#include "cli/table.h"
#include "event/worktree.h"

#define LIMIT_DEFAULT 50
#define PATH_BYTES_MAX ((size_t)32 * 1024)

static const struct wake_option options[] = {
	{ .name = "branch", .letter = 'b', .value = "NAME", .help = "only runs on this branch" },
	{ .name = "status",
	    .value = "STATUS",
	    .help = "only runs in this state",
	    .words = "pending running completed failed killed" },
	{ .name = "workflow", .letter = 'w', .value = "NAME", .help = "only runs of this workflow" },
	{ .name = "session", .letter = 's', .value = "NAME|ID", .help = "only runs of this session" },
	{ .name = "file",
	    .letter = 'f',
	    .value = "PATH",
	    .help = "only runs whose own commits changed this file" },
	{ .name = "since",
	    .value = "TIME",
	    .help = "only runs since then: a time, a date, or an age such as 2h or 7d" },
	{ .name = "limit", .letter = 'n', .value = "N", .help = "at most so many (default: 50; 0: all)" },
	{ .name = "json", .help = "print one JSON document" },
	{ 0 },
};

struct listing {
	struct wake_run_filter filter;
	char *file;	/* owned: the path as stored */
	bool json;
	bool first;	/* nothing was printed yet */
	struct wake_table table;
};

static void listing_release(struct listing *listing)
{
	free(listing->file);
	wake_table_release(&listing->table);
}

/* "a/./b/../c" → "a/c"; what climbs above the top is WAKE_INVALID. */
static int normalise(const char *path, struct wake_str *out, struct wake_error *err)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && strncmp(path, "..", 2) == 0) {
			const char *slash = out->len > 0 ? strrchr(out->data, '/') : NULL;

			if (out->len == 0)
				return wake_fail(err, WAKE_INVALID, "the file lies outside of this worktree");
			out->len = slash ? (size_t)(slash - out->data) : 0;
			out->data[out->len] = '\0';
		} else if (len > 0 && !(len == 1 && *path == '.')) {
			if (out->len > 0)
				wake_str_append_char(out, '/');
			wake_str_append_bytes(out, path, len);
		}
		path += len;
		path += strspn(path, "/");
	}
	return wake_str_check(out, err);
}

/* As git's own commands take a path: relative to the current directory. The file may be gone. */
static int path_in_worktree(const char *root, const char *path, struct wake_str *out, struct wake_error *err)
{
	wake_auto_free char *here = NULL;
	wake_auto_str struct wake_str whole = WAKE_STR(PATH_BYTES_MAX);
	size_t len = strlen(root);
	int ret = wake_fs_resolve(".", &here, err);

	if (ret < 0)
		return ret;
	if (path[0] != '/')
		wake_str_appendf(&whole, "%s/", here);
	wake_str_append(&whole, path);
	ret = wake_str_check(&whole, err);
	if (ret < 0)
		return ret;
	if (strncmp(whole.data, root, len) != 0 || whole.data[len] != '/')
		return wake_fail(err, WAKE_INVALID, "'%s' lies outside of the worktree '%s'", path, root);
	ret = normalise(whole.data + len, out, err);
	return ret < 0 ? wake_error_prefix(err, "--file %s", path) : WAKE_OK;
}

static int read_file(const struct wake_options *given, struct listing *listing, struct wake_error *err)
{
	const char *path = wake_options_text(given, "file");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_str struct wake_str bytes = WAKE_STR(PATH_BYTES_MAX);
	wake_auto_str struct wake_str stored = WAKE_STR(4 * PATH_BYTES_MAX);
	int ret;

	if (!path)
		return WAKE_OK;
	ret = wake_worktree_find(NULL, &worktree, err);
	if (ret == WAKE_OK && worktree.root)
		ret = path_in_worktree(worktree.root, path, &bytes, err);
	else if (ret == WAKE_OK || ret == WAKE_NOTFOUND)
		ret = normalise(path, &bytes, err); /* nothing to be relative to but a repository's top */
	if (ret < 0)
		return ret;
	wake_text_append_stored(&stored, wake_str_text(&bytes), bytes.len, PATH_BYTES_MAX);
	ret = wake_str_steal(&stored, &listing->file, err);
	listing->filter.file = listing->file;
	return ret;
}

static int read_status(const struct wake_options *given, struct listing *listing, struct wake_error *err)
{
	static const char *const states[] = { "pending", "running", "completed", "failed", "killed" };
	const char *status = wake_options_text(given, "status");

	listing->filter.status = status;
	for (size_t i = 0; i < WAKE_COUNT(states); i++) {
		if (!status || strcmp(status, states[i]) == 0)
			return WAKE_OK;
	}
	return wake_fail(err, WAKE_INVALID,
	    "--status takes pending, running, completed, failed or killed, not '%s'", status);
}

static int read_options(const struct wake_options *given, struct listing *listing, struct wake_error *err)
{
	struct wake_run_filter *filter = &listing->filter;
	const char *since = wake_options_text(given, "since");
	int ret = read_status(given, listing, err);

	filter->branch = wake_options_text(given, "branch");
	filter->workflow = wake_options_text(given, "workflow");
	filter->session = wake_options_text(given, "session");
	filter->since = WAKE_TIME_NONE;
	listing->json = wake_options_has(given, "json");
	if (ret == WAKE_OK)
		ret = wake_options_number(given, "limit", 0, INT64_MAX, LIMIT_DEFAULT, &filter->limit, err);
	if (ret == WAKE_OK && since) {
		ret = wake_time_parse_since(since, wake_clock_now(), &filter->since, err);
		if (ret < 0)
			return wake_error_prefix(err, "--since");
	}
	return ret == WAKE_OK ? read_file(given, listing, err) : ret;
}

/* Printed as they come: a hundred thousand runs do not fit into memory as one document. */
static int print_run(void *context, json_t *run, struct wake_error *err)
{
	struct listing *listing = context;
	wake_auto_str struct wake_str out = WAKE_STR((size_t)1 << 30);

	wake_str_append(&out, listing->first ? "\n" : ",\n");
	listing->first = false;
	if (wake_print_append_json(&out, run) < 0)
		return wake_fail_nomem(err);
	return wake_print_text(&out, err);
}

static int print_literal(const char *text, struct wake_error *err)
{
	wake_auto_str struct wake_str out = WAKE_STR(256);

	wake_str_append(&out, text);
	return wake_print_text(&out, err);
}

static int list_json(struct wake_store *store, struct listing *listing, struct wake_error *err)
{
	int ret = print_literal("{\"schema_version\":1,\"runs\":[", err);

	if (ret == WAKE_OK)
		ret = wake_query_runs(store, &listing->filter, print_run, listing, err);
	return ret == WAKE_OK ? print_literal(listing->first ? "]}\n" : "\n]}\n", err) : ret;
}

static int add_run(void *context, json_t *run, struct wake_error *err)
{
	struct listing *listing = context;
	struct wake_table *table = &listing->table;
	char short_id[WAKE_ID_SIZE], started[32], duration[32], lines[48];
	const char *status = wake_json_string(run, "status");
	const char *texts[] = { wake_reader_short_run(wake_json_string(run, "run_id"), short_id), status,
		wake_json_string(run, "workflow_name"), wake_json_string(run, "git_branch"), lines,
		wake_reader_local_minute(wake_json_string(run, "started_at"), started),
		wake_reader_duration(wake_json_int(run, "duration_seconds", -1), duration),
		wake_json_string(run, "task_input") };
	const enum wake_style styles[] = { WAKE_STYLE_STRONG, wake_run_style(status) };
	int ret = WAKE_OK;

	listing->first = false;
	(void)snprintf(lines, sizeof(lines), "+%" PRId64 " -%" PRId64,
	    wake_json_int(run, "own_added_lines", 0), wake_json_int(run, "own_removed_lines", 0));
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table, i < 2 ? styles[i] : WAKE_STYLE_PLAIN, texts[i], err);
	return ret;
}

static int list_text(struct wake_store *store, struct listing *listing, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "RUN", false, true }, { "STATUS", false, false },
		{ "WORKFLOW", false, true }, { "BRANCH", false, true }, { "LINES", true, false },
		{ "STARTED", false, false }, { "TOOK", true, false }, { "TASK", false, true } };
	int ret;

	listing->table = (struct wake_table){ .columns = columns, .column_count = WAKE_COUNT(columns) };
	ret = wake_query_runs(store, &listing->filter, add_run, listing, err);
	if (ret == WAKE_OK && listing->first) {
		wake_print_note("no run matches");
		return WAKE_OK;
	}
	return ret == WAKE_OK ? wake_table_print(&listing->table, 0, err) : ret;
}

static int run(struct wake_command_context *context, struct wake_error *err)
{
	WAKE_CLEANUP(listing_release) struct listing listing = { .first = true };
	wake_auto_store struct wake_store *store = NULL;
	int ret = read_options(&context->options, &listing, err);

	if (ret == WAKE_OK)
		ret = wake_reader_open(context, &store, err);
	if (ret < 0)
		return ret;
	return listing.json ? list_json(store, &listing, err) : list_text(store, &listing, err);
}

static const struct wake_example examples[] = {
	{ "runwake list --branch main --since 7d", "The week's runs on main" },
	{ "runwake list --file src/login.c", "Which runs changed this file" },
	{ "runwake list --status running --json", "What is running, for a program" },
	{ 0 },
};

const struct wake_command wake_command_list = {
	.name = "list",
	.group = "Reading",
	.summary = "list runs, newest first",
	.usage = (const char *const[]){ "[OPTION...]", NULL },
	.description = (const char *const[]){
	    "Filters may be combined. LINES are those that the run's own live commits added and removed. "
	    "A run may be named by what stands in the first column.",
	    "With --json, prints {\"schema_version\":1,\"runs\":[...]}, each run with the columns of "
	    "workflow_runs.", NULL },
	.options = options,
	.examples = examples,
	.exits = "16",
	.run = run,
};
