/* SPDX-License-Identifier: MIT */
/* Diffs a worktree as the recorder does, and prints it as `git diff --numstat -z HEAD` would, then the
 * untracked files in the same manner.
 *
 *   tool_edits [-w] [-k PLACE] [-m BYTES] [-r ROUNDS] DIRECTORY STATE [PATH…]
 *
 * STATE is a file that holds the state before and gets the one that is found; it need not exist. PATHs may
 * have changed; -w: any may have. -k: contents are kept in the state directory PLACE, at most -m bytes of a
 * file. -r: diffs so often, each time with the same state before, and says what the first and the fastest
 * took. On stderr: the engine, "changed" or "same", the bytes kept, and how many files were thrown away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "event/event.h"
#include "git/edits.h"

#define STATE_MAX ((size_t)256 * 1024 * 1024)
#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"

struct call {
	const char *directory, *state, *place;
	bool whole;
	int64_t file_max;
	int rounds;
	char **paths;
};

static const char *text_of(const json_t *state, const char *key)
{
	const char *text = state ? wake_json_string(state, key) : NULL;

	return text ? text : "";
}

static void print_path(const json_t *file, const char *key)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	struct wake_error err;

	if (wake_event_read_path(text_of(file, key), &path, &err) == WAKE_OK)
		(void)fwrite(path.data, 1, path.len, stdout);
	(void)putchar('\0');
}

static void print_files(const json_t *files, bool untracked)
{
	for (size_t i = 0; i < json_array_size(files); i++) {
		const json_t *file = json_array_get(files, i);

		if ((strcmp(text_of(file, "status"), "?") == 0) != untracked)
			continue;
		if (wake_json_true(file, "binary"))
			(void)fputs("-\t-\t", stdout);
		else
			(void)printf("%lld\t%lld\t", (long long)wake_json_int(file, "added", -1),
			    (long long)wake_json_int(file, "removed", -1));
		if (*text_of(file, "old_path")) {
			(void)putchar('\0');
			print_path(file, "old_path");
		}
		print_path(file, "path");
	}
}

static int read_state(const char *path, json_t **ret_state, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	size_t len;
	int ret = wake_fs_read(path, STATE_MAX, WAKE_FS_PLAIN, &text, &len, err);

	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	return ret < 0 ? ret : wake_json_parse(text, len, ret_state, err);
}

static json_t *state_of(const struct wake_edits *edits)
{
	return json_pack("{sO,sO,ss,ss,ss}", "files", edits->files, "discarded", edits->discarded, "head",
	    edits->head, "old", edits->kept_old, "new", edits->kept_new);
}

static int write_state(const char *path, const json_t *state, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(STATE_MAX);
	int ret = state ? wake_json_append(&text, state, err) : wake_fail_nomem(err);

	return ret < 0 ? ret : wake_fs_replace(path, text.data, text.len, 0600, WAKE_FS_PLAIN, err);
}

static int diff(const struct call *call, struct wake_repo *repo, struct wake_kept *kept, const json_t *state,
    const json_t *paths, struct wake_edits *edits, struct wake_error *err)
{
	wake_auto_free char *cache = NULL;
	struct wake_edits_request request = { .paths = paths,
		.whole = call->whole,
		.kept = kept,
		.before = state ? json_object_get(state, "files") : NULL,
		.before_head = text_of(state, "head"),
		.before_old = text_of(state, "old"),
		.before_new = text_of(state, "new"),
		.keep_file_max = call->file_max,
		.keep_max = INT64_MAX / 2,
		.keep_never = ".env *.key" };
	int ret = wake_str_format(&cache, err, "%s.cache", call->state);

	request.index_cache = cache;
	return ret < 0 ? ret : wake_edits_diff(repo, &request, edits, err);
}

static int list_paths(char **words, json_t **ret_paths, struct wake_error *err)
{
	json_t *paths = json_array();
	int ret = paths ? WAKE_OK : wake_fail_nomem(err);

	for (; *words && ret == WAKE_OK; words++)
		ret = wake_event_add_path(paths, *words, err);
	*ret_paths = paths;
	return ret;
}

static void free_repo(struct wake_repo **repo)
{
	wake_repo_free(*repo);
}

static int run(const struct call *call, struct wake_error *err)
{
	WAKE_CLEANUP(free_repo) struct wake_repo *repo = NULL;
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_kept struct wake_kept *kept = NULL;
	wake_auto_json json_t *state = NULL, *paths = NULL;
	wake_auto_edits struct wake_edits edits = { 0 };
	const struct wake_paths place = { .state = (char *)call->place }; /* only read */
	int64_t first = 0, best = INT64_MAX;
	int ret = wake_worktree_find(call->directory, &worktree, err);

	if (ret == WAKE_OK)
		ret = wake_repo_open(&worktree, &repo, err);
	if (ret == WAKE_OK && call->place)
		ret = wake_kept_open(&place, REPOSITORY, true, &kept, err);
	if (ret == WAKE_OK)
		ret = read_state(call->state, &state, err);
	if (ret == WAKE_OK)
		ret = list_paths(call->paths, &paths, err);
	for (int i = 0; i < call->rounds && ret == WAKE_OK; i++) {
		int64_t start = wake_clock_monotonic(), took;

		wake_edits_release(&edits);
		ret = diff(call, repo, kept, state, paths, &edits, err);
		took = wake_clock_monotonic() - start;
		first = i == 0 ? took : first;
		best = took < best ? took : best;
		if (ret == WAKE_OK) {
			json_decref(state);
			state = state_of(&edits);
		}
	}
	if (ret < 0)
		return ret;
	print_files(edits.files, false);
	print_files(edits.files, true);
	(void)fprintf(stderr, "%s %s %lld %zu\n", edits.engine, edits.changed ? "changed" : "same",
	    (long long)edits.kept_bytes, json_array_size(edits.discarded));
	if (call->rounds > 1) {
		(void)fprintf(stderr, "first %lld us, fastest %lld us\n", (long long)first, (long long)best);
		return WAKE_OK;
	}
	return write_state(call->state, state, err);
}

int main(int argc, char **argv)
{
	struct call call = { .rounds = 1, .file_max = 4 * 1024 * 1024 };
	struct wake_error err = { .code = WAKE_OK };
	int option;

	while ((option = getopt(argc, argv, "+wk:m:r:")) != -1) {
		if (option == 'w')
			call.whole = true;
		else if (option == 'k')
			call.place = optarg;
		else if (option == 'm')
			call.file_max = atoll(optarg);
		else if (option == 'r')
			call.rounds = atoi(optarg);
	}
	if (argc - optind < 2 || call.rounds < 1) {
		(void)fputs(
		    "usage: tool_edits [-w] [-k PLACE] [-m BYTES] [-r ROUNDS] DIRECTORY STATE [PATH…]\n",
		    stderr);
		return 2;
	}
	call.directory = argv[optind];
	call.state = argv[optind + 1];
	call.paths = argv + optind + 2;
	if (run(&call, &err) < 0) {
		(void)fprintf(stderr, "tool_edits: %s\n", err.text);
		return err.code == WAKE_NOTFOUND ? 4 : 1;
	}
	return 0;
}
