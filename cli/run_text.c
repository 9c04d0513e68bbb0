/* SPDX-License-Identifier: MIT */
/* Runs and commits as text. */
#include "cli/run_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "cli/reader.h"
#include "cli/table.h"

#define LABEL 12 /* columns of a label and what separates it from its value */

enum wake_style wake_run_style(const char *status)
{
	static const struct {
		const char *status;
		enum wake_style style;
	} styles[] = { { "completed", WAKE_STYLE_GOOD }, { "failed", WAKE_STYLE_BAD },
		{ "killed", WAKE_STYLE_BAD }, { "running", WAKE_STYLE_WARN } };

	for (size_t i = 0; status && i < WAKE_COUNT(styles); i++) {
		if (strcmp(status, styles[i].status) == 0)
			return styles[i].style;
	}
	return WAKE_STYLE_PLAIN;
}

const char *wake_short_hash(const char *hash, char buffer[WAKE_SHORT_HASH + 1])
{
	(void)snprintf(buffer, WAKE_SHORT_HASH + 1, "%s", hash ? hash : "");
	return buffer;
}

static void append_label(struct wake_str *out, const char *label)
{
	wake_print_append(out, WAKE_STYLE_FAINT, label);
	for (size_t i = strlen(label); i < LABEL; i++)
		wake_str_append_char(out, ' ');
}

void wake_field_append(struct wake_str *out, const char *label, enum wake_style style, const char *value)
{
	if (!value || !*value)
		return;
	append_label(out, label);
	wake_print_append(out, style, value);
	wake_str_append_char(out, '\n');
}

/* Text of several lines: later ones stand below the first. */
static void append_long(struct wake_str *out, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	append_label(out, label);
	for (;;) {
		size_t len = strcspn(value, "\n");

		wake_text_append_shown(out, value, len, false);
		wake_str_append_char(out, '\n');
		value += len;
		value += *value == '\n';
		if (!*value)
			return;
		for (size_t i = 0; i < LABEL; i++)
			wake_str_append_char(out, ' ');
	}
}

static void append_times(struct wake_str *out, const json_t *run)
{
	char started[32], ended[32], took[32], line[160];
	const char *begin = wake_reader_local_time(wake_json_string(run, "started_at"), started);
	const char *end = wake_reader_local_time(wake_json_string(run, "completed_at"), ended);

	if (!*end) {
		wake_field_append(out, "started", WAKE_STYLE_PLAIN, begin);
		return;
	}
	(void)snprintf(line, sizeof(line), "%s to %s (%s)", begin, end,
	    wake_reader_duration(wake_json_int(run, "duration_seconds", 0), took));
	wake_field_append(out, "time", WAKE_STYLE_PLAIN, line);
}

static void append_figures(struct wake_str *out, const json_t *run, const char *label, const char *prefix)
{
	static const char *const names[] = { "added_lines", "removed_lines", "files_changed" };
	int64_t figures[3];
	char line[128];

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		char key[64];

		(void)snprintf(key, sizeof(key), "%s_%s", prefix, names[i]);
		figures[i] = wake_json_int(run, key, 0);
	}
	(void)snprintf(line, sizeof(line), "+%" PRId64 " -%" PRId64 " in %" PRId64 " file%s", figures[0],
	    figures[1], figures[2], figures[2] == 1 ? "" : "s");
	wake_field_append(out, label, WAKE_STYLE_PLAIN, line);
}

/* Nothing where nobody has looked yet. */
static void append_uncommitted(struct wake_str *out, const json_t *run)
{
	const char *seen = wake_json_string(run, "uncommitted_at");
	int64_t untracked = wake_json_int(run, "uncommitted_untracked_files", 0);
	int64_t files = wake_json_int(run, "uncommitted_files_changed", 0) + untracked;
	char line[192], at[32];

	if (!seen)
		return;
	if (files == 0)
		(void)snprintf(line, sizeof(line), "nothing, as of %s", wake_reader_local_time(seen, at));
	else
		(void)snprintf(line, sizeof(line),
		    "+%" PRId64 " -%" PRId64 " in %" PRId64 " file%s (%" PRId64 " untracked), as of %s",
		    wake_json_int(run, "uncommitted_added_lines", 0),
		    wake_json_int(run, "uncommitted_removed_lines", 0), files, files == 1 ? "" : "s", untracked,
		    wake_reader_local_time(seen, at));
	wake_field_append(out, "uncommitted", WAKE_STYLE_PLAIN, line);
}

static void append_range(struct wake_str *out, const json_t *run)
{
	char from[WAKE_SHORT_HASH + 1], to[WAKE_SHORT_HASH + 1], line[64];
	const char *initial = wake_json_string(run, "initial_commit_hash");
	const char *final = wake_json_string(run, "final_commit_hash");

	if (!initial && !final)
		return;
	(void)snprintf(line, sizeof(line), "%s..%s", initial ? wake_short_hash(initial, from) : "(none)",
	    final ? wake_short_hash(final, to) : "");
	wake_field_append(out, "commits", WAKE_STYLE_PLAIN, line);
}

static void append_cost(struct wake_str *out, const json_t *run)
{
	const json_t *cost = json_object_get(run, "cost_estimate");
	int64_t total = wake_json_int(run, "total_tokens", 0);
	char line[128];

	if (json_is_real(cost)) {
		(void)snprintf(line, sizeof(line), "%.6f USD", json_real_value(cost));
		wake_field_append(out, "cost", WAKE_STYLE_PLAIN, line);
	}
	if (total > 0) {
		(void)snprintf(line, sizeof(line), "%" PRId64 " (%" PRId64 " in, %" PRId64 " out)", total,
		    wake_json_int(run, "input_tokens", 0), wake_json_int(run, "output_tokens", 0));
		wake_field_append(out, "tokens", WAKE_STYLE_PLAIN, line);
	}
}

static void append_exit(struct wake_str *out, const json_t *run)
{
	int64_t code = wake_json_int(run, "exit_code", -1), number = wake_json_int(run, "exit_signal", -1);
	char line[32];

	if (code >= 0) {
		(void)snprintf(line, sizeof(line), "%" PRId64, code);
		wake_field_append(out, "exit code", WAKE_STYLE_PLAIN, line);
	}
	if (number > 0) {
		(void)snprintf(line, sizeof(line), "%" PRId64, number);
		wake_field_append(out, "signal", WAKE_STYLE_PLAIN, line);
	}
}

static void append_purged(struct wake_str *out, const json_t *run)
{
	const char *purged = wake_json_string(run, "purged_at");
	char at[32], line[96];

	if (!purged)
		return;
	(void)snprintf(line, sizeof(line), "%s: what was said in it is forgotten", wake_reader_local_time(purged, at));
	wake_field_append(out, "purged", WAKE_STYLE_WARN, line);
}

void wake_run_append(struct wake_str *out, const json_t *run)
{
	const char *status = wake_json_string(run, "status");
	const char *session = wake_json_string(run, "session_name");

	wake_field_append(out, "run", WAKE_STYLE_STRONG, wake_json_string(run, "run_id"));
	wake_field_append(out, "status", wake_run_style(status), status);
	wake_field_append(out, "workflow", WAKE_STYLE_PLAIN, wake_json_string(run, "workflow_name"));
	append_long(out, "task", wake_json_string(run, "task_input"));
	wake_field_append(
	    out, "session", WAKE_STYLE_PLAIN, session ? session : wake_json_string(run, "session_id"));
	wake_field_append(out, "agent", WAKE_STYLE_PLAIN, wake_json_string(run, "agent_type"));
	wake_field_append(out, "model", WAKE_STYLE_PLAIN, wake_json_string(run, "ai_model"));
	append_times(out, run);
	wake_field_append(out, "repository", WAKE_STYLE_PLAIN, wake_json_string(run, "git_repo"));
	wake_field_append(out, "branch", WAKE_STYLE_PLAIN, wake_json_string(run, "git_branch"));
	wake_field_append(out, "workspace", WAKE_STYLE_PLAIN, wake_json_string(run, "workspace_path"));
	append_range(out, run);
	append_figures(out, run, "diff", "git_diff");
	append_figures(out, run, "its own", "own");
	append_uncommitted(out, run);
	append_cost(out, run);
	append_exit(out, run);
	append_long(out, "result", wake_json_string(run, "result"));
	append_long(out, "error", wake_json_string(run, "error_message"));
	append_purged(out, run);
}

static int add_commit(struct wake_table *table, const json_t *commit, bool all, struct wake_error *err)
{
	char hash[WAKE_SHORT_HASH + 1], by[WAKE_SHORT_HASH + 1], lines[48], files[24];
	const char *replaced = wake_json_string(commit, "superseded_by");
	enum wake_style style = replaced ? WAKE_STYLE_FAINT : WAKE_STYLE_PLAIN;
	const char *subject = wake_json_string(commit, "subject");
	const char *texts[] = { wake_short_hash(wake_json_string(commit, "commit_hash"), hash),
		wake_json_string(commit, "kind"), lines, files, wake_json_string(commit, "branch"),
		wake_short_hash(replaced, by), subject ? subject : "(the commit is gone)" };
	int ret = WAKE_OK;

	(void)snprintf(lines, sizeof(lines), "+%" PRId64 " -%" PRId64,
	    wake_json_int(commit, "added_lines", 0), wake_json_int(commit, "removed_lines", 0));
	(void)snprintf(files, sizeof(files), "%" PRId64, wake_json_int(commit, "files_changed", 0));
	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++) {
		if (i != 5 || all)
			ret = wake_table_add(
			    table, i == 0 && !replaced ? WAKE_STYLE_STRONG : style, texts[i], err);
	}
	return ret;
}

int wake_commits_print(const json_t *commits, bool all, struct wake_error *err)
{
	static const struct wake_column live[] = { { "COMMIT", false, false }, { "KIND", false, false },
		{ "LINES", true, false }, { "FILES", true, false }, { "BRANCH", false, false },
		{ "SUBJECT", false, true } };
	static const struct wake_column with_replaced[] = { { "COMMIT", false, false },
		{ "KIND", false, false }, { "LINES", true, false }, { "FILES", true, false },
		{ "BRANCH", false, false }, { "REPLACED BY", false, false }, { "SUBJECT", false, true } };
	wake_auto_table struct wake_table table = { .columns = all ? with_replaced : live,
		.column_count = all ? WAKE_COUNT(with_replaced) : WAKE_COUNT(live) };
	size_t i;
	json_t *commit;
	int ret = WAKE_OK;

	json_array_foreach (commits, i, commit) {
		if (ret == WAKE_OK && (all || !wake_json_string(commit, "superseded_by")))
			ret = add_commit(&table, commit, all, err);
	}
	return ret == WAKE_OK && table.count > 0 ? wake_table_print(&table, 0, err) : ret;
}

static int add_push(struct wake_table *table, const json_t *push, struct wake_error *err)
{
	char from[WAKE_SHORT_HASH + 1], to[WAKE_SHORT_HASH + 1], at[32];
	const char *confirmed = wake_json_string(push, "confirmed_at");
	const char *texts[] = { wake_json_string(push, "remote"), wake_json_string(push, "remote_ref"),
		wake_short_hash(wake_json_string(push, "old_hash"), from),
		wake_short_hash(wake_json_string(push, "new_hash"), to),
		wake_reader_local_time(wake_json_string(push, "intended_at"), at),
		confirmed ? "yes" : "not seen" };
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(texts); i++)
		ret = wake_table_add(table, WAKE_STYLE_PLAIN, texts[i], err);
	return ret;
}

int wake_pushes_print(const json_t *pushes, struct wake_error *err)
{
	static const struct wake_column columns[] = { { "PUSHED TO", false, false }, { "REF", false, true },
		{ "FROM", false, false }, { "TO", false, false }, { "AT", false, false },
		{ "ARRIVED", false, false } };
	wake_auto_table struct wake_table table = { .columns = columns, .column_count = WAKE_COUNT(columns) };
	size_t i;
	json_t *push;
	int ret = WAKE_OK;

	json_array_foreach (pushes, i, push) {
		if (ret == WAKE_OK)
			ret = add_push(&table, push, err);
	}
	return ret == WAKE_OK && table.count > 0 ? wake_table_print(&table, 0, err) : ret;
}
