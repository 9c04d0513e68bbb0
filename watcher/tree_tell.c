/* SPDX-License-Identifier: MIT */
/* Which paths are told: those that git does not ignore. While git is asked, a path is held back. */
#include <string.h>

#include "watcher/tree_parts.h"

#define HELD_MAX 2000 /* files; beyond that they are told unasked: hints may be too many, never too few */
#define MARKER ".runwake"

bool wake_tree_append_name(struct wake_tree *tree, const char *name)
{
	if (tree->path.len > 0)
		wake_str_append_char(&tree->path, '/');
	wake_str_append(&tree->path, name);
	return !tree->path.failed;
}

/* Tracked files, which are most that change, need no question. The marker is ours and usually ignored; its
 * owner wants to know that it is gone. */
static bool is_shown(const struct wake_tree *tree, const char *path)
{
	return strcmp(path, MARKER) == 0 || wake_ignore_is_tracked(tree->ignore, path);
}

static enum wake_verdict ask(struct wake_tree *tree, const char *path)
{
	struct wake_error ignored;

	if (tree->asked_files >= HELD_MAX ||
	    wake_ignore_ask(tree->ignore, path, WAKE_TREE_FILE_TOKEN, &ignored) < 0)
		return WAKE_VERDICT_UNKNOWN;
	tree->asked_files++;
	wake_verdicts_set(&tree->verdicts, path, WAKE_VERDICT_ASKED);
	return WAKE_VERDICT_ASKED;
}

void wake_tree_tell(struct wake_tree *tree)
{
	const char *path = wake_str_text(&tree->path);
	enum wake_verdict verdict =
	    is_shown(tree, path) ? WAKE_VERDICT_SHOWN : wake_verdicts_of(&tree->verdicts, path);

	if (verdict == WAKE_VERDICT_UNKNOWN)
		verdict = ask(tree, path);
	if (verdict == WAKE_VERDICT_UNKNOWN || verdict == WAKE_VERDICT_SHOWN)
		tree->owner.changed(tree->owner.context, path);
}

static void answered_file(struct wake_tree *tree, const char *path, bool ignored)
{
	tree->asked_files -= tree->asked_files > 0;
	wake_verdicts_set(&tree->verdicts, path, ignored ? WAKE_VERDICT_IGNORED : WAKE_VERDICT_SHOWN);
	if (!ignored)
		tree->owner.changed(tree->owner.context, path);
}

static void answered_directory(struct wake_tree *tree, uint32_t node, uint32_t serial, bool ignored)
{
	tree->asked_directories -= tree->asked_directories > 0;
	/* It may be gone, or another one by now. */
	if (!wake_nodes_is(&tree->nodes, node, serial) ||
	    wake_node_at(&tree->nodes, node)->state != WAKE_NODE_ASKED ||
	    !wake_nodes_path(&tree->nodes, node, &tree->path))
		return;
	if (ignored)
		wake_tree_drop(tree, node);
	else
		wake_tree_enqueue(tree, node);
}

void wake_tree_answered(void *context, uint64_t token, const char *path, bool ignored)
{
	struct wake_tree *tree = context;

	if (token == WAKE_TREE_FILE_TOKEN)
		answered_file(tree, path, ignored);
	else
		answered_directory(tree, (uint32_t)token, (uint32_t)(token >> 32), ignored);
	if (tree->is_walking || tree->stack_count > 0 || tree->reading_fd >= 0)
		wake_loop_defer(tree->loop, &tree->piece);
}
