/* SPDX-License-Identifier: MIT */
/* What the kernel tells of a watched directory. A directory that is moved is one that goes and one that
 * comes: what git ignores depends on the path, so it has to be read again anyway. */
#include <string.h>

#include "watcher/tree_parts.h"

#define GONE (IN_DELETE | IN_MOVED_FROM)
#define CAME (IN_CREATE | IN_MOVED_TO)

/* Its watch is gone by itself. */
static void lost_watch(struct wake_tree *tree, uint32_t index)
{
	struct wake_node *node = wake_node_at(&tree->nodes, index);

	if (node->wd > 0)
		tree->watched--;
	node->wd = 0;
	if (index == WAKE_NODE_ROOT) {
		wake_tree_vanish(tree);
		return;
	}
	if (!wake_nodes_path(&tree->nodes, index, &tree->path))
		return;
	tree->owner.changed(tree->owner.context, wake_str_text(&tree->path));
	wake_tree_drop(tree, index);
}

static void unmounted(struct wake_tree *tree, uint32_t index)
{
	if (index == WAKE_NODE_ROOT)
		wake_tree_vanish(tree);
	else
		wake_tree_plan(tree, WAKE_TREE_UNMOUNT);
}

/* Of one that was not opened yet, nothing has been told either. */
static void directory_gone(struct wake_tree *tree, uint32_t child, const char *name)
{
	uint8_t state = wake_node_at(&tree->nodes, child)->state;
	size_t parent_len = tree->path.len;

	if ((state == WAKE_NODE_WATCHED || state == WAKE_NODE_NESTED || state == WAKE_NODE_CLOSED) &&
	    wake_tree_append_name(tree, name))
		tree->owner.changed(tree->owner.context, wake_str_text(&tree->path));
	wake_tree_drop(tree, child);
	tree->path.len = parent_len;
	tree->path.failed = false;
	if (tree->path.data)
		tree->path.data[parent_len] = '\0';
}

/* One that is known already was found by reading its parent, and what it lost since is told in order: it
 * stays. Only a move may have put another one over it without a word. */
static void take_directory(struct wake_tree *tree, uint32_t parent, const struct inotify_event *event)
{
	uint32_t child = wake_nodes_find(&tree->nodes, parent, event->name);

	if (child != WAKE_NODE_NONE && event->mask & (GONE | IN_MOVED_TO)) {
		directory_gone(tree, child, event->name);
		child = WAKE_NODE_NONE;
	}
	if (event->mask & GONE)
		return;
	if (child == WAKE_NODE_NONE) {
		wake_tree_found_directory(tree, parent, event->name, true);
	} else if (wake_node_at(&tree->nodes, child)->state == WAKE_NODE_CLOSED) {
		wake_node_at(&tree->nodes, child)->fresh = true;
		wake_tree_enqueue(tree, child);
	}
}

static void take_file(struct wake_tree *tree, const struct inotify_event *event)
{
	if (strcmp(event->name, ".gitignore") == 0 && event->mask & (GONE | CAME | IN_CLOSE_WRITE))
		wake_tree_plan(tree, WAKE_TREE_SCAN);
	if (wake_tree_append_name(tree, event->name))
		wake_tree_tell(tree);
}

/* A repository of its own begins here. */
static void take_git(struct wake_tree *tree, uint32_t index, uint32_t mask)
{
	if (index != WAKE_NODE_ROOT && mask & CAME)
		wake_tree_make_nested(tree, index);
}

void wake_tree_take_event(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_tree *tree = context;

	if (tree->is_gone || tag >= tree->nodes.count)
		return;
	if (event->mask & IN_IGNORED) {
		lost_watch(tree, tag);
		return;
	}
	if (!wake_nodes_path(&tree->nodes, tag, &tree->path))
		return; /* it has left the tree */
	if (event->mask & IN_UNMOUNT)
		unmounted(tree, tag);
	else if (tag == WAKE_NODE_ROOT && event->mask & (IN_DELETE_SELF | IN_MOVE_SELF))
		wake_tree_vanish(tree);
	if (event->name[0] == '\0' || tree->is_gone)
		return;
	if (tag == WAKE_NODE_ROOT && event->mask & GONE)
		wake_tree_check_root(tree);
	if (strcmp(event->name, ".git") == 0)
		take_git(tree, tag, event->mask);
	else if (event->mask & IN_ISDIR)
		take_directory(tree, tag, event);
	else
		take_file(tree, event);
}
