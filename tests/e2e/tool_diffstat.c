/* SPDX-License-Identifier: MIT */
/* Prints our diff between two commits as `git diff --numstat -z` does, and the engine on stderr.
 *
 *   tool_diffstat DIRECTORY FROM TO [ROUNDS]    FROM and TO: full hashes, or "" for the empty tree
 *
 * With ROUNDS it diffs so often and prints on stderr what the first and the fastest round took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "git/diffstat.h"

static int unquote_char(const char **at)
{
	static const char from[] = "abtnvfr\"\\", to[] = "\a\b\t\n\v\f\r\"\\";
	const char *found;
	int c = *(*at)++;

	if (c != '\\')
		return c;
	c = *(*at)++;
	found = strchr(from, c);
	if (found)
		return to[found - from];
	for (int i = 0; i < 2; i++)
		c = (c - '0') * 8 + (*(*at)++ - '0') + '0';
	return c - '0';
}

/* Stored text back to bytes: what is not UTF-8 was quoted. */
static void print_path(const char *text)
{
	char *bytes = strdup(text);
	size_t len = 0;

	for (const char *at = text + 1; bytes && *text == '"' && at[0] && at[1];)
		bytes[len++] = (char)unquote_char(&at);
	if (len > 0 && !wake_text_is_utf8(bytes, len))
		(void)fwrite(bytes, 1, len, stdout);
	else
		(void)fputs(text, stdout);
	(void)putchar('\0');
	free(bytes);
}

static void print_file(const struct wake_diff_file *file)
{
	if (file->binary)
		(void)fputs("-\t-\t", stdout);
	else
		(void)printf("%lld\t%lld\t", (long long)file->added, (long long)file->removed);
	if (file->old_path) {
		(void)putchar('\0');
		print_path(file->old_path);
	}
	print_path(file->path);
}

static void free_repo(struct wake_repo **repo)
{
	wake_repo_free(*repo);
}

static int run(char **argv, int rounds, struct wake_error *err)
{
	WAKE_CLEANUP(free_repo) struct wake_repo *repo = NULL;
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_diffstat struct wake_diffstat stat = { 0 };
	int64_t first = 0, best = INT64_MAX;
	int ret = wake_worktree_find(argv[1], &worktree, err);

	if (ret == WAKE_OK)
		ret = wake_repo_open(&worktree, &repo, err);
	for (int i = 0; ret == WAKE_OK && i < rounds; i++) {
		int64_t start = wake_clock_monotonic(), took;

		wake_diffstat_release(&stat);
		ret = wake_diffstat_commits(repo, argv[2], argv[3], &stat, err);
		took = wake_clock_monotonic() - start;
		first = i == 0 ? took : first;
		best = took < best ? took : best;
	}
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < stat.count; i++)
		print_file(&stat.files[i]);
	(void)fprintf(stderr, "%s\n", stat.engine);
	if (rounds > 1)
		(void)fprintf(stderr, "first %lld us, fastest %lld us\n", (long long)first, (long long)best);
	return WAKE_OK;
}

int main(int argc, char **argv)
{
	struct wake_error err = { .code = WAKE_OK };
	int rounds = argc > 4 ? atoi(argv[4]) : 1;

	if (argc < 4 || rounds < 1) {
		(void)fputs("usage: tool_diffstat DIRECTORY FROM TO [ROUNDS]\n", stderr);
		return 2;
	}
	if (run(argv, rounds, &err) < 0) {
		(void)fprintf(stderr, "tool_diffstat: %s\n", err.text);
		return err.code == WAKE_NOTFOUND ? 4 : 1;
	}
	return 0;
}
