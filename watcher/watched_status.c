/* SPDX-License-Identifier: MIT */
/* What the status says of a worktree. */
#include "base/json.h"
#include "event/event.h"
#include "watcher/watched_parts.h"

static const char *phase_name(const struct wake_watched *watched, const struct wake_tree_status *tree)
{
	static const char *const names[] = {
		[WAKE_TREE_LISTING] = "listing",
		[WAKE_TREE_WALKING] = "walking",
		[WAKE_TREE_READY] = "ready",
		[WAKE_TREE_DEGRADED] = "degraded",
	};

	if (!watched->worktree.root) /* bare: there is nothing more to register */
		return "ready";
	return watched->gone ? "gone" : names[tree->phase];
}

static int set_numbers(json_t *item, const struct wake_tree_status *tree, struct wake_error *err)
{
	int ret = wake_json_set_int(item, "directories", (int64_t)tree->directories, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_int(item, "found", (int64_t)tree->found, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(item, "rescans", (int64_t)tree->rescans, err);
	return ret == WAKE_OK ? wake_json_set_int(item, "ready_after_us", tree->ready_after, err) : ret;
}

static int format(const char *root, const char *phase, const struct wake_tree_status *tree,
    const char *problem, json_t **ret_item, struct wake_error *err)
{
	wake_auto_json json_t *item = json_object();
	int ret =
	    item ? wake_event_set_text(item, "root", root, WAKE_EVENT_PATH_MAX, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(item, "phase", phase, err);
	if (ret == WAKE_OK)
		ret = set_numbers(item, tree, err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(item, "problem", problem, WAKE_ERROR_TEXT_SIZE, err);
	if (ret < 0)
		return ret;
	*ret_item = item;
	item = NULL; /* the caller's now */
	return WAKE_OK;
}

int wake_watched_status_of(
    const char *root, const char *phase, const char *problem, json_t **ret_item, struct wake_error *err)
{
	const struct wake_tree_status none = { 0 };

	return format(root, phase, &none, problem, ret_item, err);
}

int wake_watched_status(const struct wake_watched *watched, json_t **ret_item, struct wake_error *err)
{
	const char *root = watched->worktree.root ? watched->worktree.root : watched->worktree.git_dir;
	struct wake_tree_status tree = { .phase = WAKE_TREE_LISTING };
	const char *problem = watched->tree_problem;

	if (watched->tree)
		wake_tree_status(watched->tree, &tree);
	if (tree.problem[0])
		problem = tree.problem;
	if (watched->git_problem[0])
		problem = watched->git_problem;
	return format(root, phase_name(watched, &tree), &tree, problem, ret_item, err);
}
