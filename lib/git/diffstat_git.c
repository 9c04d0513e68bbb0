/* SPDX-License-Identifier: MIT */
/* The engine "git": `git diff --raw --numstat -z`, with the user's diff.* settings pinned to git's defaults.
 */
#include "git/diffstat_inside.h"

#include <string.h>

#define OUTPUT_MAX ((size_t)1024 * 1024 * 1024)

static const char *const pinned[] = { "-c", "diff.renames=true", "-c", "diff.renameLimit=1000", "-c",
	"diff.algorithm=default", "-c", "diff.context=3", "-c", "diff.interHunkContext=0", "-c",
	"diff.indentHeuristic=true", "-c", "diff.ignoreSubmodules=none", "-c", "diff.submodule=short", "-c",
	"diff.relative=false", "-c", "core.bigFileThreshold=512m", "diff", "--raw", "--numstat", "-z",
	"--no-ext-diff", "--no-textconv", "--no-color", "-O/dev/null" };

/* git knows these two without having them. */
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

	if (!nul)
		return NULL;
	fields->at = nul + 1;
	return field;
}

static bool peek(const struct fields *fields, char first)
{
	return fields->at < fields->end && *fields->at == first;
}

/* ":MODE MODE ID ID STATUS", then one path, or for renames and copies two. ret_path: the new one; NULL:
 * malformed. */
static char next_status(struct fields *raw, const char **ret_path)
{
	const char *record = next_field(raw);
	const char *last = record ? strrchr(record, ' ') : NULL;
	char status = last ? last[1] : '\0';

	*ret_path = next_field(raw);
	if (status == 'R' || status == 'C')
		*ret_path = next_field(raw);
	return status;
}

static int fail_output(struct wake_error *err)
{
	return wake_fail(err, WAKE_UNAVAILABLE, "git diff says what cannot be understood");
}

/* "ADDED\tREMOVED\tPATH", or for renames "ADDED\tREMOVED\t", the old and the new path; "-" for a binary's. */
static int take_file(struct fields *numstat, struct fields *raw, struct wake_diffstat *stat, size_t *room,
    struct wake_error *err)
{
	const char *record = next_field(numstat), *path, *old_path = NULL, *raw_path = NULL;
	const char *tab = record ? strchr(record, '\t') : NULL, *second = tab ? strchr(tab + 1, '\t') : NULL;
	struct wake_diff_file *file;
	char status = '\0';
	int ret;

	if (!second)
		return fail_output(err);
	path = second + 1;
	if (!*path) {
		old_path = next_field(numstat);
		path = next_field(numstat);
	}
	while (path && peek(raw, ':') && (!raw_path || strcmp(raw_path, path) != 0))
		status = next_status(raw, &raw_path);
	if (!path || !raw_path || strcmp(raw_path, path) != 0)
		return fail_output(err);
	ret = wake_diffstat_add(stat, room, path, old_path, &file, err);
	if (ret < 0)
		return ret;
	file->binary = *record == '-';
	file->added = file->binary ? 0 : strtoll(record, NULL, 10);
	file->removed = file->binary ? 0 : strtoll(tab + 1, NULL, 10);
	file->status = status;
	return WAKE_OK;
}

/* First all raw records, then all of numstat's, in one order; numstat leaves out what has no line to show. */
static int parse(const struct wake_str *output, struct wake_diffstat *stat, struct wake_error *err)
{
	struct fields raw = { wake_str_text(output), wake_str_text(output) + output->len }, numstat = raw;
	const char *path;
	size_t room = 0;
	int ret = WAKE_OK;

	while (peek(&numstat, ':'))
		(void)next_status(&numstat, &path);
	raw.end = numstat.at;
	while (ret == WAKE_OK && numstat.at < numstat.end)
		ret = take_file(&numstat, &raw, stat, &room, err);
	return ret;
}

int wake_diffstat_by_git(struct wake_repo *repo, const char *from, const char *to,
    struct wake_diffstat *ret_stat, struct wake_error *err)
{
	const char *empty = repo->sha256 ? empty_sha256 : empty_sha1;
	const char *args[WAKE_COUNT(pinned) + 4];
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_diffstat struct wake_diffstat stat = { .engine = "git" };
	int ret;

	memcpy(args, pinned, sizeof(pinned));
	args[WAKE_COUNT(pinned)] = *from ? from : empty;
	args[WAKE_COUNT(pinned) + 1] = *to ? to : empty;
	args[WAKE_COUNT(pinned) + 2] = "--";
	args[WAKE_COUNT(pinned) + 3] = NULL;
	ret = wake_repo_git(repo, args, NULL, 0, OUTPUT_MAX, &result, err);
	if (ret < 0)
		return ret;
	if (result.exit_code != 0)
		return wake_fail_git(err, &result, "git diff");
	ret = parse(&result.output, &stat, err);
	if (ret < 0)
		return ret;
	*ret_stat = stat;
	stat = (struct wake_diffstat){ 0 }; /* the caller's now */
	return WAKE_OK;
}
