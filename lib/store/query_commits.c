/* SPDX-License-Identifier: MIT */
/* What a run left in git: commits, pushes and every movement; and the tools that its agent used. */
#include "store/query.h"

#include <string.h>

/* The columns that read_commits_of_run.sql and read_commit.sql begin with, in their order. */
static const struct wake_query_column commit_columns[] = {
	{ "commit_hash", WAKE_VALUE_TEXT },
	{ "kind", WAKE_VALUE_TEXT },
	{ "subject", WAKE_VALUE_TEXT },
	{ "branch", WAKE_VALUE_TEXT },
	{ "author_name", WAKE_VALUE_TEXT },
	{ "author_email", WAKE_VALUE_TEXT },
	{ "committed_at", WAKE_VALUE_TIME },
	{ "added_lines", WAKE_VALUE_INT },
	{ "removed_lines", WAKE_VALUE_INT },
	{ "files_changed", WAKE_VALUE_INT },
	{ "files", WAKE_VALUE_JSON },
	{ "evidence", WAKE_VALUE_TEXT },
	{ "superseded_by", WAKE_VALUE_TEXT },
	{ "moved_at", WAKE_VALUE_TIME },
	{ "parents", WAKE_VALUE_JSON },
	{ "repository_id", WAKE_VALUE_TEXT },
	{ "movement_id", WAKE_VALUE_TEXT },
};

static const struct wake_query_column push_columns[] = {
	{ "remote", WAKE_VALUE_TEXT },
	{ "url", WAKE_VALUE_TEXT },
	{ "local_ref", WAKE_VALUE_TEXT },
	{ "remote_ref", WAKE_VALUE_TEXT },
	{ "old_hash", WAKE_VALUE_TEXT },
	{ "new_hash", WAKE_VALUE_TEXT },
	{ "intended_at", WAKE_VALUE_TIME },
	{ "confirmed_at", WAKE_VALUE_TIME },
	{ "evidence", WAKE_VALUE_TEXT },
	{ "repository_id", WAKE_VALUE_TEXT },
};

static const struct wake_query_column movement_columns[] = {
	{ "id", WAKE_VALUE_TEXT },
	{ "moved_at", WAKE_VALUE_TIME },
	{ "kind", WAKE_VALUE_TEXT },
	{ "verdict", WAKE_VALUE_TEXT },
	{ "reason", WAKE_VALUE_TEXT },
	{ "commit_kind", WAKE_VALUE_TEXT },
	{ "branch", WAKE_VALUE_TEXT },
	{ "old_hash", WAKE_VALUE_TEXT },
	{ "new_hash", WAKE_VALUE_TEXT },
	{ "subject", WAKE_VALUE_TEXT },
	{ "evidence", WAKE_VALUE_TEXT },
	{ "root", WAKE_VALUE_TEXT },
	{ "repository_id", WAKE_VALUE_TEXT },
	{ "worktree_id", WAKE_VALUE_TEXT },
};

static const struct wake_query_column tool_columns[] = {
	{ "used_at", WAKE_VALUE_TIME },
	{ "tool", WAKE_VALUE_TEXT },
	{ "outcome", WAKE_VALUE_TEXT },
	{ "tool_use_id", WAKE_VALUE_TEXT },
	{ "agent_id", WAKE_VALUE_TEXT },
	{ "paths", WAKE_VALUE_JSON },
};

/* "Name <email>" in the place of the two; null where the commit was never read. */
static int join_author(json_t *commit, struct wake_error *err)
{
	const char *name = wake_json_string(commit, "author_name");
	const char *email = wake_json_string(commit, "author_email");
	wake_auto_free char *author = NULL;
	int ret = WAKE_OK;

	if (name && email)
		ret = wake_str_format(&author, err, "%s <%s>", name, email);
	if (ret == WAKE_OK)
		ret = wake_json_set(commit, "author", author ? json_string(author) : json_null(), err);
	(void)json_object_del(commit, "author_name");
	(void)json_object_del(commit, "author_email");
	return ret;
}

int wake_query_commit_object(const struct wake_rows *rows, json_t **ret_commit, struct wake_error *err)
{
	wake_auto_json json_t *commit = NULL;
	int ret = wake_query_object(rows, commit_columns, WAKE_COUNT(commit_columns), &commit, err);

	if (ret == WAKE_OK)
		ret = join_author(commit, err);
	/* Nobody had a reason to diff a commit that was brought in. */
	if (ret == WAKE_OK && json_is_null(json_object_get(commit, "files")))
		ret = wake_json_set(commit, "files", json_array(), err);
	if (ret < 0)
		return ret;
	*ret_commit = commit;
	commit = NULL; /* the caller's now */
	return WAKE_OK;
}

/* Two worktrees may both have made a commit, or one twice: it is one commit of the run. */
static int keep_first(json_t *commits, json_t *seen, json_t *commit, struct wake_error *err)
{
	wake_auto_free char *key = NULL;
	int ret = wake_str_format(&key, err, "%s %s", wake_json_string(commit, "repository_id"),
	    wake_json_string(commit, "commit_hash"));

	if (ret < 0 || json_object_get(seen, key))
		return ret;
	ret = wake_json_set(seen, key, json_true(), err);
	if (ret == WAKE_OK && json_array_append(commits, commit) < 0)
		ret = wake_fail_nomem(err);
	return ret;
}

int wake_query_commits(struct wake_store *store, const char *id, json_t **ret_commits, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(id) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *commits = json_array();
	wake_auto_json json_t *seen = json_object();
	int ret = commits && seen ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_store_query(
		    store, WAKE_SQL_READ_COMMITS_OF_RUN, values, WAKE_COUNT(values), &rows, err);
	while (ret == WAKE_OK && (ret = wake_rows_next(rows, err)) == 1) {
		wake_auto_json json_t *commit = NULL;

		ret = wake_query_commit_object(rows, &commit, err);
		if (ret == WAKE_OK)
			ret = keep_first(commits, seen, commit, err);
	}
	if (ret < 0)
		return ret;
	*ret_commits = commits;
	commits = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_query_pushes(struct wake_store *store, const char *id, json_t **ret_pushes, struct wake_error *err)
{
	return wake_query_array(
	    store, WAKE_SQL_READ_PUSHES_OF_RUN, id, push_columns, WAKE_COUNT(push_columns), ret_pushes, err);
}

int wake_query_movements(
    struct wake_store *store, const char *id, json_t **ret_movements, struct wake_error *err)
{
	return wake_query_array(store, WAKE_SQL_READ_MOVEMENTS_OF_RUN, id, movement_columns,
	    WAKE_COUNT(movement_columns), ret_movements, err);
}

int wake_query_tool_uses(
    struct wake_store *store, const char *id, json_t **ret_uses, struct wake_error *err)
{
	return wake_query_array(
	    store, WAKE_SQL_READ_TOOL_USES_OF_RUN, id, tool_columns, WAKE_COUNT(tool_columns), ret_uses, err);
}
