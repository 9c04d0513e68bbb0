/* SPDX-License-Identifier: MIT */
/* The engine "git": `git diff --raw --numstat -z`, with the user's diff.* settings pinned to git's defaults.
 */
#include "git/diffstat_inside.h"

#include <string.h>

#define OUTPUT_MAX ((size_t)1024 * 1024 * 1024)

/* autoRefreshIndex: else git writes the index of a worktree, --no-optional-locks or not. */
static const char *const pinned[] = { "--literal-pathspecs", "-c", "diff.autoRefreshIndex=false", "-c",
	"diff.renames=true", "-c", "diff.renameLimit=1000", "-c", "diff.algorithm=default", "-c",
	"diff.context=3", "-c", "diff.interHunkContext=0", "-c", "diff.indentHeuristic=true", "-c",
	"diff.ignoreSubmodules=none", "-c", "diff.submodule=short", "-c", "diff.relative=false", "-c",
	"core.bigFileThreshold=512m", "diff", "--raw", "--numstat", "--no-abbrev", "-z", "--no-ext-diff",
	"--no-textconv", "--no-color", "-O/dev/null" };

static const char empty_sha1[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
static const char empty_sha256[] = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/* The output's fields, each ended by NUL. */
struct fields {
	const char *at, *end;
};

static const char *next_field(struct fields *fields)
{
	const char *field = fields->at;
	const char *nul = field < fields->end ? memchr(field, '\0', (size_t)(fields->end - field)) : NULL;

	fields->at = nul ? nul + 1 : fields->end;
	return nul ? field : NULL;
}

static bool peek(const struct fields *fields, char first)
{
	return fields->at < fields->end && *fields->at == first;
}

/* ":MODE MODE ID ID STATUS", then one path, or for renames and copies two. ret_path: the new one; NULL:
 * malformed. */
static void next_raw(struct fields *raw, struct wake_diff_record *record, const char **ret_path)
{
	char old_id[WAKE_HASH_SIZE] = "", status = '\0';
	unsigned old_mode = 0, new_mode = 0;
	const char *line = next_field(raw);

	*ret_path = NULL;
	if (!line ||
	    sscanf(line, ":%7o %7o %64[0-9a-f] %*64[0-9a-f] %c", &old_mode, &new_mode, old_id, &status) != 4)
		return;
	*ret_path = next_field(raw);
	if (status == 'R' || status == 'C')
		*ret_path = next_field(raw);
	record->status = status;
	record->old_mode = old_mode;
	record->new_mode = new_mode;
	memcpy(record->old_id, wake_hash_is_zero(old_id) ? "" : old_id,
	    wake_hash_is_zero(old_id) ? 1 : sizeof(old_id));
}

static int fail_output(struct wake_error *err)
{
	return wake_fail(err, WAKE_UNAVAILABLE, "git diff says what cannot be understood");
}

/* "ADDED\tREMOVED\tPATH", or for renames "ADDED\tREMOVED\t", the old and the new path; "-" for a binary's. */
static int next_file(
    struct fields *numstat, struct fields *raw, struct wake_diff_record *record, struct wake_error *err)
{
	const char *line = next_field(numstat), *raw_path = NULL;
	const char *tab = line ? strchr(line, '\t') : NULL, *second = tab ? strchr(tab + 1, '\t') : NULL;

	if (!second)
		return fail_output(err);
	*record = (struct wake_diff_record){ .path = second + 1, .binary = *line == '-' };
	if (!*record->path) {
		record->old_path = next_field(numstat);
		record->path = next_field(numstat);
	}
	while (record->path && peek(raw, ':') && (!raw_path || strcmp(raw_path, record->path) != 0))
		next_raw(raw, record, &raw_path);
	if (!record->path || !raw_path || strcmp(raw_path, record->path) != 0)
		return fail_output(err);
	if (!record->binary) {
		record->added = strtoll(line, NULL, 10);
		record->removed = strtoll(tab + 1, NULL, 10);
	}
	return WAKE_OK;
}

/* First all raw records, then all of numstat's, in one order; numstat leaves out what has no line to show. */
int wake_diff_parse(const char *data, size_t len,
    int (*take)(void *context, const struct wake_diff_record *record, struct wake_error *err), void *context,
    struct wake_error *err)
{
	struct fields raw = { data, data + len }, numstat = raw;
	struct wake_diff_record record = { 0 };
	const char *path;
	int ret = WAKE_OK;

	while (peek(&numstat, ':')) {
		next_raw(&numstat, &record, &path);
		if (!path)
			return fail_output(err);
	}
	raw.end = numstat.at;
	while (ret == WAKE_OK && numstat.at < numstat.end) {
		ret = next_file(&numstat, &raw, &record, err);
		if (ret == WAKE_OK)
			ret = take(context, &record, err);
	}
	return ret;
}

const char *wake_diff_empty_tree(const struct wake_repo *repo)
{
	return repo->sha256 ? empty_sha256 : empty_sha1;
}

int wake_diff_ask(struct wake_repo *repo, const char *const *args, size_t count,
    struct wake_process_result *ret_result, struct wake_error *err)
{
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free const char **all = calloc(WAKE_COUNT(pinned) + count + 1, sizeof(*all));
	int ret;

	if (!all)
		return wake_fail_nomem(err);
	memcpy(all, pinned, sizeof(pinned));
	memcpy(all + WAKE_COUNT(pinned), args, count * sizeof(*args));
	ret = wake_repo_git(repo, all, NULL, 0, OUTPUT_MAX, &result, err);
	if (ret < 0)
		return ret;
	if (result.exit_code != 0)
		return wake_fail_git(err, &result, "git diff");
	*ret_result = result;
	result = (struct wake_process_result){ 0 }; /* the caller's now */
	return WAKE_OK;
}

struct taker {
	struct wake_diffstat *stat;
	size_t room;
};

static int take_file(void *context, const struct wake_diff_record *record, struct wake_error *err)
{
	struct taker *taker = context;
	struct wake_diff_file *file;
	int ret = wake_diffstat_add(taker->stat, &taker->room, record->path, record->old_path, &file, err);

	if (ret < 0)
		return ret;
	file->binary = record->binary;
	file->added = record->added;
	file->removed = record->removed;
	file->status = record->status;
	return WAKE_OK;
}

int wake_diffstat_by_git(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err)
{
	const char *const args[] = { *from ? from : wake_diff_empty_tree(repo),
		*to ? to : wake_diff_empty_tree(repo), "--" };
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_diffstat struct wake_diffstat stat = { .engine = "git" };
	struct taker taker = { .stat = &stat };
	int ret = wake_diff_ask(repo, args, WAKE_COUNT(args), &result, err);

	if (ret == WAKE_OK)
		ret =
		    wake_diff_parse(wake_str_text(&result.output), result.output.len, take_file, &taker, err);
	if (ret < 0)
		return ret;
	*ret_stat = stat;
	stat = (struct wake_diffstat){ 0 }; /* the caller's now */
	return WAKE_OK;
}
