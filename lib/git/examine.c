/* SPDX-License-Identifier: MIT */
/* The facts that made.h's rules want, and the commit's own. */
#include "git/examine.h"

#include <string.h>

#include "event/reflog.h"
#include "git/commit_inside.h"
#include "git/diffstat.h"
#include "git/log_known.h"
#include "git/made.h"
#include "git/remote_known.h"

struct examination {
	struct wake_repo *repo;
	const json_t *line; /* borrowed: the moved event's data */
	const char *old_hash, *new_hash;
	struct wake_commit commit;   /* owned */
	struct wake_signature bytes; /* owned: the committer as the line would write it */
	struct wake_made_facts facts;
};

static void examination_release(struct examination *examination)
{
	wake_commit_release(&examination->commit);
	wake_signature_release(&examination->bytes);
}

static bool same_text(const char *line_text, const char *commit_text)
{
	return strcmp(line_text ? line_text : "", commit_text) == 0;
}

static void compare_line(struct examination *examination)
{
	const json_t *line = examination->line;
	const struct wake_signature *committer = &examination->bytes;
	struct wake_made_facts *facts = &examination->facts;
	int64_t time = wake_json_int(line, "time", 0);

	facts->lag = time - committer->time;
	if (!facts->has_line)
		return;
	facts->same_committer = same_text(wake_json_string(line, "name"), committer->name) &&
	                        same_text(wake_json_string(line, "email"), committer->email);
	facts->committer_is_line = facts->same_committer && facts->lag == 0 &&
	                           same_text(wake_json_string(line, "zone"), committer->zone);
}

static bool same_parents(const struct wake_commit *left, const struct wake_commit *right)
{
	if (left->parent_count != right->parent_count)
		return false;
	for (size_t i = 0; i < left->parent_count; i++) {
		if (strcmp(left->parents[i], right->parents[i]) != 0)
			return false;
	}
	return true;
}

/* old may be gone, after an amend and a gc: then it says nothing. */
static int find_graph(struct examination *examination, enum wake_graph *ret_graph, struct wake_error *err)
{
	const struct wake_commit *commit = &examination->commit;
	wake_auto_commit struct wake_commit old_commit = { 0 };
	bool old_known = false;

	for (size_t i = 0; i < commit->parent_count; i++) {
		if (strcmp(commit->parents[i], examination->old_hash) == 0) {
			*ret_graph = WAKE_GRAPH_PARENT;
			return WAKE_OK;
		}
	}
	if (!wake_hash_is_zero(examination->old_hash)) {
		int ret = wake_commit_read(examination->repo, examination->old_hash, &old_commit, err);

		if (ret == WAKE_NOMEM || ret == WAKE_UNAVAILABLE)
			return ret;
		old_known = ret == WAKE_OK;
	}
	if (old_known && same_parents(commit, &old_commit))
		*ret_graph = WAKE_GRAPH_SAME_PARENTS;
	else
		*ret_graph = commit->parent_count == 0 ? WAKE_GRAPH_ROOT : WAKE_GRAPH_NONE;
	return WAKE_OK;
}

/* Logs are read only where they decide: most movements are plain commits. (What the ledger knows of earlier
 * movements, the store adds.) */
static int find_known(struct examination *examination, bool *ret_could_be_made, struct wake_error *err)
{
	struct wake_made_facts *facts = &examination->facts;
	struct wake_made_facts as_known;
	int64_t time = wake_json_int(examination->line, "time", 0);
	int ret = WAKE_OK;

	*ret_could_be_made = wake_made_judge(facts).made;
	if (!*ret_could_be_made)
		return WAKE_OK;
	as_known = *facts;
	as_known.known_remote = true;
	if (wake_made_judge(&as_known).made)
		return WAKE_OK;
	ret = wake_log_known(examination->repo, examination->line, &facts->known_earlier, err);
	if (ret == WAKE_OK && !facts->known_earlier)
		ret = wake_remote_known(
		    examination->repo, examination->new_hash, time, &facts->known_remote, err);
	if (ret == WAKE_OK)
		*ret_could_be_made = wake_made_judge(facts).made;
	return ret;
}

static int examine_line(struct examination *examination, bool *ret_could_be_made, struct wake_error *err)
{
	struct wake_made_facts *facts = &examination->facts;
	const char *kind = wake_json_string(examination->line, "kind");
	int ret = find_graph(examination, &facts->graph, err);

	if (ret < 0)
		return ret;
	facts->moved = strcmp(examination->old_hash, examination->new_hash) != 0;
	facts->has_line = !wake_json_true(examination->line, "implied");
	facts->flags = facts->has_line ? wake_reflog_kind_named(kind ? kind : "other")->flags : 0;
	compare_line(examination);
	return find_known(examination, ret_could_be_made, err);
}

static int set_facts(const struct wake_made_facts *facts, json_t *data, struct wake_error *err)
{
	int ret = wake_json_set_bool(data, "committer_is_line", facts->committer_is_line, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "same_committer", facts->same_committer, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(data, "lag", facts->lag, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "graph", wake_graph_name(facts->graph), err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "known_earlier", facts->known_earlier, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(data, "known_remote", facts->known_remote, err);
	return ret;
}

static int set_signature(const struct wake_signature *signature, const char *name, const char *email,
    const char *at, json_t *object, struct wake_error *err)
{
	const int64_t most = INT64_MAX / WAKE_SECOND;
	int64_t time = signature->time < most ? signature->time : most;
	char text[WAKE_TIME_SIZE];
	int ret = wake_json_set_string(object, name, signature->name, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, email, signature->email, err);
	wake_time_format(time * WAKE_SECOND, text);
	return ret < 0 ? ret : wake_json_set_string(object, at, text, err);
}

static int set_commit(const struct wake_commit *commit, json_t *object, struct wake_error *err)
{
	json_t *parents = json_array();
	int ret = wake_json_set(object, "parents", parents, err);

	for (size_t i = 0; i < commit->parent_count && ret == WAKE_OK; i++) {
		if (json_array_append_new(parents, json_string(commit->parents[i])) < 0)
			ret = wake_fail_nomem(err);
	}
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "hash", commit->hash, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "tree", commit->tree, err);
	if (ret == WAKE_OK)
		ret =
		    set_signature(&commit->author, "author_name", "author_email", "authored_at", object, err);
	if (ret == WAKE_OK)
		ret = set_signature(
		    &commit->committer, "committer_name", "committer_email", "committed_at", object, err);
	return ret < 0 ? ret : wake_json_set_string(object, "subject", commit->subject, err);
}

static int set_diff(const struct wake_diffstat *stat, json_t *object, struct wake_error *err)
{
	json_t *files;
	int ret = wake_diffstat_json(stat, &files, err);

	if (ret == WAKE_OK)
		ret = wake_json_set(object, "files", files, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "added_lines", stat->added, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "removed_lines", stat->removed, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "files_changed", (int64_t)stat->count, err);
	return ret < 0 ? ret : wake_json_set_string(object, "engine", stat->engine, err);
}

/* In a shallow or partial clone the other side may not be here: then the commit stands without figures. */
static int add_diff(
    struct wake_repo *repo, const struct wake_commit *commit, json_t *object, struct wake_error *err)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 };
	char patch_id[96] = "";
	int ret = wake_diffstat_commits(
	    repo, commit->parent_count > 0 ? commit->parents[0] : "", commit->hash, &stat, err);

	if (ret == WAKE_NOTFOUND)
		return WAKE_OK;
	if (ret == WAKE_OK)
		ret = wake_commit_patch_id(repo, commit, patch_id, err);
	if (ret == WAKE_OK || ret == WAKE_NOTFOUND)
		ret = set_diff(&stat, object, err);
	return ret < 0 ? ret : wake_json_set_string(object, "patch_id", patch_id, err);
}

static int examine_commit(struct examination *examination, json_t *data, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	bool could_be_made;
	int ret = examine_line(examination, &could_be_made, err);

	if (ret == WAKE_OK && !object)
		ret = wake_fail_nomem(err);
	if (ret == WAKE_OK)
		ret = set_facts(&examination->facts, data, err);
	if (ret == WAKE_OK)
		ret = set_commit(&examination->commit, object, err);
	if (ret == WAKE_OK && could_be_made)
		ret = add_diff(examination->repo, &examination->commit, object, err);
	return ret < 0 ? ret : wake_json_set(data, "commit", json_incref(object), err);
}

static int fill(
    struct examination *examination, const struct wake_event *moved, json_t *data, struct wake_error *err)
{
	const char *repository = wake_json_string(moved->data, "repository_id");
	int ret = wake_json_set_string(data, "movement", moved->id, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "repository_id", repository, err);
	if (ret < 0)
		return ret;
	if (wake_hash_is_zero(examination->new_hash))
		return wake_json_set_bool(data, "missing", true, err);
	ret = wake_commit_read_bytes(
	    examination->repo, examination->new_hash, &examination->commit, &examination->bytes, err);
	if (ret == WAKE_NOTFOUND)
		return wake_json_set_bool(data, "missing", true, err);
	return ret < 0 ? ret : examine_commit(examination, data, err);
}

int wake_examine(
    struct wake_repo *repo, const struct wake_event *moved, json_t **ret_data, struct wake_error *err)
{
	WAKE_CLEANUP(examination_release)
	struct examination examination = { .repo = repo, .line = moved->data };
	wake_auto_json json_t *data = json_object();
	int ret;

	examination.old_hash = wake_json_string(moved->data, "old");
	examination.new_hash = wake_json_string(moved->data, "new");
	if (!data)
		return wake_fail_nomem(err);
	if (moved->type != WAKE_EVENT_MOVED || !examination.old_hash || !examination.new_hash)
		return wake_fail(err, WAKE_INVALID, "event %s is no movement", moved->id);
	ret = fill(&examination, moved, data, err);
	if (ret < 0)
		return ret;
	*ret_data = data;
	data = NULL; /* the caller's now */
	return WAKE_OK;
}
