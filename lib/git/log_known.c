/* SPDX-License-Identifier: MIT */
/* A commit made just before the registration is not made by the checkout that comes back to it after. */
#include "git/log_known.h"

#include <string.h>

#include "event/reflog.h"

struct search {
	const char *hash, *own_git_dir;
	int64_t time, position;
};

static bool precedes(const struct search *search, const struct wake_reflog_line *line, bool own)
{
	return own ? line->position < (uint64_t)search->position : line->time < search->time;
}

static int log_leads_to(
    const struct search *search, const char *git_dir, bool *ret_leads, struct wake_error *err)
{
	bool own = search->own_git_dir && strcmp(search->own_git_dir, git_dir) == 0;
	wake_auto_free char *path = NULL;
	struct wake_reflog *log = NULL;
	int ret = wake_str_format(&path, err, "%s/logs/HEAD", git_dir);

	if (ret == WAKE_OK)
		ret = wake_reflog_read(path, &log, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < wake_reflog_count(log) && !*ret_leads; i++) {
		const struct wake_reflog_line *line = wake_reflog_line(log, i);

		*ret_leads = precedes(search, line, own) && strcmp(line->new_hash, search->hash) == 0 &&
		             strcmp(line->old_hash, line->new_hash) != 0;
	}
	wake_reflog_free(log);
	return WAKE_OK;
}

int wake_log_known(struct wake_repo *repo, const json_t *moved, bool *ret_known, struct wake_error *err)
{
	const struct search search = {
		.hash = wake_json_string(moved, "new"),
		.own_git_dir = wake_json_string(moved, "git_dir"),
		.time = wake_json_int(moved, "time", 0),
		.position = wake_json_int(moved, "position", 0),
	};
	wake_auto_worktrees struct wake_worktrees worktrees = { 0 };
	bool known = false;
	int ret = wake_worktree_list(wake_repo_worktree(repo)->common_dir, &worktrees, err);

	for (size_t i = 0; ret == WAKE_OK && i < worktrees.count && !known; i++)
		ret = log_leads_to(&search, worktrees.items[i].git_dir, &known, err);
	if (ret == WAKE_OK)
		*ret_known = known;
	return ret;
}
