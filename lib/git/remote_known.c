/* SPDX-License-Identifier: MIT */
/* What fetches brought: the hashes in the remote-tracking logs, and what lies behind them. */
#include "git/remote_known.h"

#include <string.h>

#include "base/fs.h"
#include "event/reflog.h"

#define TIPS_MAX 10000
#define LOGS_MAX 100000
#define DEPTH_MAX 64 /* directories within each other */
#define ANSWER_MAX ((size_t)64 * 1024)

struct tip {
	char hash[WAKE_HASH_SIZE];
	int64_t time;
};

struct search {
	const char *hash; /* looked for */
	int64_t before;
	size_t logs; /* read so far */
	bool found;
	struct tip *tips; /* owned */
	size_t count, room;
};

static int add_tip(struct search *search, const struct wake_reflog_line *line, struct wake_error *err)
{
	struct tip *tip;

	if (search->count == search->room) {
		size_t more = search->room ? search->room * 2 : 64;
		struct tip *tips = realloc(search->tips, more * sizeof(*tips));

		if (!tips)
			return wake_fail_nomem(err);
		search->tips = tips;
		search->room = more;
	}
	tip = &search->tips[search->count++];
	memcpy(tip->hash, line->new_hash, sizeof(tip->hash));
	tip->time = line->time;
	return WAKE_OK;
}

static void log_release(struct wake_reflog **log)
{
	wake_reflog_free(*log);
}

static int search_log(struct search *search, const char *path, struct wake_error *err)
{
	WAKE_CLEANUP(log_release) struct wake_reflog *log = NULL;
	int ret = ++search->logs > LOGS_MAX ? WAKE_OK : wake_reflog_read(path, &log, err);

	if (ret < 0 || !log)
		return ret == WAKE_NOMEM ? ret : WAKE_OK; /* one log that cannot be read hides no other */
	for (size_t i = 0; i < wake_reflog_count(log) && ret == WAKE_OK && !search->found; i++) {
		const struct wake_reflog_line *line = wake_reflog_line(log, i);

		if (line->time > search->before || wake_hash_is_zero(line->new_hash) ||
		    wake_reflog_kind(line->message, line->message_len)->flags & WAKE_REFLOG_PUSH)
			continue;
		search->found = strcmp(line->new_hash, search->hash) == 0;
		ret = add_tip(search, line, err);
	}
	return ret;
}

static int search_directory(struct search *search, const char *directory, int depth, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = depth > DEPTH_MAX ? WAKE_OK : wake_fs_list(directory, LOGS_MAX, &names, err);

	if (ret < 0)
		return ret == WAKE_NOMEM ? ret : WAKE_OK; /* no such directory: nothing was ever fetched */
	for (size_t i = 0; i < names.count && ret == WAKE_OK && !search->found; i++) {
		wake_auto_free char *path = NULL;

		ret = wake_fs_join(directory, names.items[i], &path, err);
		if (ret == WAKE_OK)
			ret = wake_fs_is_dir(path) ? search_directory(search, path, depth + 1, err)
			                           : search_log(search, path, err);
	}
	return ret;
}

/* Newest first; of one time by hash, so that equal ones stand together. */
static int compare_tips(const void *left, const void *right)
{
	const struct tip *a = left, *b = right;

	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return strcmp(a->hash, b->hash);
}

/* git walks back from the commit and from all tips by date, and stops where only the tips' side is left: for
 * a commit of today that is a few steps, with a commit-graph or without. Tips that are gone count for
 * nothing. */
static int ask_git(
    struct wake_repo *repo, const struct search *search, bool *ret_known, struct wake_error *err)
{
	static const char *const args[] = { "rev-list", "--ignore-missing", "--max-count=1", "--stdin",
		NULL };
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_str struct wake_str input = WAKE_STR((size_t)(TIPS_MAX + 1) * (WAKE_HASH_SIZE + 2));
	int ret;

	wake_str_appendf(&input, "%s\n", search->hash);
	for (size_t i = 0; i < search->count && i < TIPS_MAX; i++)
		wake_str_appendf(&input, "^%s\n", search->tips[i].hash);
	ret = wake_str_check(&input, err);
	if (ret == WAKE_OK)
		ret = wake_repo_git(repo, args, input.data, input.len, ANSWER_MAX, &result, err);
	if (ret == WAKE_OK)
		*ret_known = result.exit_code == 0 && result.output.len == 0;
	return ret;
}

static void search_release(struct search *search)
{
	free(search->tips);
}

int wake_remote_known(
    struct wake_repo *repo, const char *hash, int64_t before, bool *ret_known, struct wake_error *err)
{
	WAKE_CLEANUP(search_release) struct search search = { .hash = hash, .before = before };
	wake_auto_free char *directory = NULL;
	size_t unique = 0;
	int ret = wake_fs_join(wake_repo_worktree(repo)->common_dir, "logs/refs/remotes", &directory, err);

	if (ret == WAKE_OK)
		ret = search_directory(&search, directory, 0, err);
	if (ret < 0)
		return ret;
	if (search.found || search.count == 0) {
		*ret_known = search.found;
		return WAKE_OK;
	}
	qsort(search.tips, search.count, sizeof(*search.tips), compare_tips);
	for (size_t i = 0; i < search.count; i++) {
		if (unique == 0 || strcmp(search.tips[unique - 1].hash, search.tips[i].hash) != 0)
			search.tips[unique++] = search.tips[i];
	}
	search.count = unique;
	return ask_git(repo, &search, ret_known, err);
}
