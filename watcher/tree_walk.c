/* SPDX-License-Identifier: MIT */
/* Walking by pieces: what has left the tree loses its watches, then what waits on the stack is opened. A
 * directory is watched first and read then, through one descriptor, so that what is watched is what was read
 * and nothing made between the two is missed. No symbolic link is followed on the way. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/scope.h"
#include "watcher/tree_parts.h"

#define PIECE 10000        /* microseconds; events are read between pieces */
#define SWEEP 500          /* watches given back in a piece: each brings an event of its own */
#define QUESTIONS_MAX 4096 /* without an answer; then the walk waits */
#define BUFFER 32768       /* bytes of directory entries read at once */
#define PROC_PATH_SIZE 40

/* IN_MODIFY is left out: one who keeps a file open has not finished with it, a log that is written for days
 * would wake us at every line, and every file of a checkout would cost one more place in the kernel's queue.
 * IN_CLOSE_WRITE comes at the end, also of what was written through a mapping. Only truncate(2) of a path is
 * not seen. IN_ATTRIB tells of modes and of a permission that came back. A removed subdirectory is told by
 * its own IN_IGNORED and its parent's IN_DELETE, so only the root needs the rest. */
#define MASK (IN_CREATE | IN_DELETE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB)
#define ROOT_MASK (MASK | IN_DELETE_SELF | IN_MOVE_SELF)

/* ---- leaving ---- */

void wake_tree_stop_reading(struct wake_tree *tree)
{
	wake_scope_close(&tree->reading_fd);
	tree->reading_fd = -1;
}

void wake_tree_drop(struct wake_tree *tree, uint32_t node)
{
	wake_nodes_trash(&tree->nodes, node);
	wake_loop_defer(tree->loop, &tree->piece);
}

static void unwatch(struct wake_tree *tree, uint32_t index)
{
	struct wake_node *node = wake_node_at(&tree->nodes, index);

	if (node->wd <= 0)
		return;
	wake_inotify_remove(tree->inotify, node->wd);
	node->wd = 0;
	tree->watched--;
}

static void drop_children(struct wake_tree *tree, uint32_t node)
{
	uint32_t child;

	while ((child = wake_node_at(&tree->nodes, node)->first_child) != WAKE_NODE_NONE)
		wake_tree_drop(tree, child);
}

void wake_tree_drop_all(struct wake_tree *tree)
{
	wake_tree_stop_reading(tree);
	tree->stack_count = 0;
	drop_children(tree, WAKE_NODE_ROOT);
	unwatch(tree, WAKE_NODE_ROOT);
	wake_node_at(&tree->nodes, WAKE_NODE_ROOT)->state = WAKE_NODE_QUEUED;
}

/* True once the trash is empty. */
static bool sweep(struct wake_tree *tree)
{
	uint32_t leaf;

	for (int i = 0; i < SWEEP; i++) {
		leaf = wake_nodes_trash_leaf(&tree->nodes);
		if (leaf == WAKE_NODE_NONE)
			return true;
		unwatch(tree, leaf);
		wake_nodes_remove(&tree->nodes, leaf);
	}
	return wake_nodes_trash_leaf(&tree->nodes) == WAKE_NODE_NONE;
}

/* ---- coming ---- */

void wake_tree_enqueue(struct wake_tree *tree, uint32_t index)
{
	struct wake_node *node = wake_node_at(&tree->nodes, index);

	if (tree->counts_only && tree->found + tree->stack_count >= WAKE_TREE_COUNT_MAX) {
		wake_tree_drop(tree, index);
		return;
	}
	node->state = WAKE_NODE_QUEUED;
	if (tree->stack_count == tree->stack_room) {
		size_t room = tree->stack_room ? tree->stack_room * 2 : 64;
		struct wake_tree_place *stack = reallocarray(tree->stack, room, sizeof(*stack));

		if (!stack) {
			wake_tree_plan(tree, WAKE_TREE_OVERFLOW);
			return;
		}
		tree->stack = stack;
		tree->stack_room = room;
	}
	tree->stack[tree->stack_count++] = (struct wake_tree_place){ index, node->serial };
	wake_loop_defer(tree->loop, &tree->piece);
}

bool wake_tree_excludes(const struct wake_tree *tree, const char *directory)
{
	return tree->excluded && strcmp(tree->excluded, directory) == 0;
}

void wake_tree_found_directory(struct wake_tree *tree, uint32_t parent, const char *name, bool fresh)
{
	struct wake_error ignored;
	struct wake_node *node;
	uint32_t index;

	if (!wake_tree_append_name(tree, name) || wake_tree_excludes(tree, wake_str_text(&tree->path)))
		return;
	if (wake_nodes_add(&tree->nodes, parent, name, &index, &ignored) < 0) {
		wake_tree_plan(tree, WAKE_TREE_OVERFLOW);
		return;
	}
	node = wake_node_at(&tree->nodes, index);
	node->fresh = fresh;
	/* A file of that name may have been asked about. */
	wake_verdicts_set(&tree->verdicts, wake_str_text(&tree->path), WAKE_VERDICT_UNKNOWN);
	if (!wake_ignore_is_tracked(tree->ignore, wake_str_text(&tree->path)) &&
	    wake_ignore_ask(tree->ignore, wake_str_text(&tree->path), (uint64_t)node->serial << 32 | index,
	        &ignored) == WAKE_OK)
		tree->asked_directories++;
	else
		wake_tree_enqueue(tree, index);
}

void wake_tree_make_nested(struct wake_tree *tree, uint32_t index)
{
	if (tree->reading_fd >= 0 && tree->reading.node == index)
		wake_tree_stop_reading(tree);
	drop_children(tree, index);
	unwatch(tree, index);
	wake_node_at(&tree->nodes, index)->state = WAKE_NODE_NESTED;
	if (wake_nodes_path(&tree->nodes, index, &tree->path))
		tree->owner.changed(tree->owner.context, wake_str_text(&tree->path));
}

/* ---- opening ---- */

/* openat2(2) refuses any symbolic link on the way; where it is not to be had (before Linux 5.6, or forbidden
 * in a container), only one at the end is refused. */
static int open_beneath(int root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	const char *name = *path ? path : ".";
	long fd = syscall(SYS_openat2, root, name, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return openat(root, name, (int)how.flags);
	return (int)fd;
}

/* -1 and gone: the root is not what it was. */
static int open_root(struct wake_tree *tree)
{
	int fd = open(tree->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		wake_tree_vanish(tree);
		return -1;
	}
	if (fd < 0) {
		wake_tree_give_up_root(tree, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || st.st_dev != tree->device || st.st_ino != tree->inode) {
		(void)close(fd);
		wake_tree_vanish(tree);
		return -1;
	}
	return fd;
}

static void close_node(struct wake_tree *tree, uint32_t index, const char *why)
{
	struct wake_node *node = wake_node_at(&tree->nodes, index);
	char text[sizeof(tree->note)];

	if (index == WAKE_NODE_ROOT) {
		wake_tree_give_up_root(tree, why);
		return;
	}
	node->state = WAKE_NODE_CLOSED;
	(void)snprintf(
	    text, sizeof(text), "directory '%.120s' is not watched: %s", wake_str_text(&tree->path), why);
	wake_tree_note(tree, text);
	if (node->fresh)
		tree->owner.changed(tree->owner.context, wake_str_text(&tree->path));
}

static void cannot_open(struct wake_tree *tree, uint32_t index)
{
	bool for_now = errno == EMFILE || errno == ENFILE || errno == ENOMEM;

	if (index != WAKE_NODE_ROOT && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
		wake_tree_drop(tree, index); /* gone since, or no directory any more */
		return;
	}
	close_node(tree, index, strerror(errno));
	if (for_now)
		wake_tree_plan(tree, WAKE_TREE_OVERFLOW);
}

/* By its descriptor: the path may lead elsewhere by now. Only where there is no /proc, by path. */
static int add_watch(struct wake_tree *tree, uint32_t index, int fd, int *ret_wd, struct wake_error *err)
{
	uint32_t mask = index == WAKE_NODE_ROOT ? ROOT_MASK : MASK;
	wake_auto_free char *path = NULL;
	char proc[PROC_PATH_SIZE];
	int ret;

	(void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d/.", fd);
	ret = wake_inotify_add(tree->inotify, proc, mask, wake_tree_take_event, tree, index, ret_wd, err);
	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = wake_str_format(&path, err, "%s/%s", tree->root, wake_str_text(&tree->path));
	if (ret < 0)
		return ret;
	return wake_inotify_add(tree->inotify, path, mask, wake_tree_take_event, tree, index, ret_wd, err);
}

/* False: not to be read. */
static bool watch(struct wake_tree *tree, uint32_t index, int fd)
{
	struct wake_node *node = wake_node_at(&tree->nodes, index);
	struct wake_error err;
	int ret = tree->counts_only ? WAKE_OK : add_watch(tree, index, fd, &node->wd, &err);

	if (ret == WAKE_OK) {
		tree->watched += !tree->counts_only;
		tree->found += tree->is_walking;
		node->state = WAKE_NODE_WATCHED;
		/* What changes in the rules from here on is noticed, so only now they are read. */
		if (index == WAKE_NODE_ROOT)
			wake_ignore_restart(tree->ignore);
		return true;
	}
	if (ret == WAKE_NOMEM)
		wake_tree_degrade(tree);
	else if (ret == WAKE_NOTFOUND && index != WAKE_NODE_ROOT)
		wake_tree_drop(tree, index);
	else
		close_node(tree, index,
		    ret == WAKE_EXISTS ? "it is watched already, through another path" : err.text);
	return false;
}

static bool has_entry(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void open_directory(struct wake_tree *tree, int root, uint32_t index)
{
	wake_auto_close int fd = -1;

	if (!wake_nodes_path(&tree->nodes, index, &tree->path))
		return;
	fd = open_beneath(root, wake_str_text(&tree->path));
	if (fd < 0) {
		cannot_open(tree, index);
		return;
	}
	/* Before the watch: the other worktree's own tree wants to watch that directory. */
	if (index != WAKE_NODE_ROOT && has_entry(fd, ".git")) {
		wake_node_at(&tree->nodes, index)->state = WAKE_NODE_NESTED;
		if (wake_node_at(&tree->nodes, index)->fresh)
			tree->owner.changed(tree->owner.context, wake_str_text(&tree->path));
		return;
	}
	if (!watch(tree, index, fd))
		return;
	tree->reading = (struct wake_tree_place){ index, wake_node_at(&tree->nodes, index)->serial };
	tree->reading_fd = fd;
	fd = -1; /* the tree's now */
}

/* ---- reading ---- */

static bool is_directory(int fd, const struct dirent64 *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static void take_entry(struct wake_tree *tree, const struct dirent64 *entry, size_t path_len)
{
	uint32_t parent = tree->reading.node;
	bool fresh = wake_node_at(&tree->nodes, parent)->fresh;
	const char *name = entry->d_name;

	tree->path.len = path_len;
	tree->path.failed = false;
	if (tree->path.data)
		tree->path.data[path_len] = '\0';
	if (strcmp(name, ".git") == 0) {
		if (parent != WAKE_NODE_ROOT)
			wake_tree_make_nested(tree, parent);
		return;
	}
	if (is_directory(tree->reading_fd, entry)) {
		if (wake_nodes_find(&tree->nodes, parent, name) == WAKE_NODE_NONE)
			wake_tree_found_directory(tree, parent, name, fresh);
		return;
	}
	if (!fresh || !wake_tree_append_name(tree, name))
		return;
	if (strcmp(name, ".gitignore") == 0)
		wake_tree_plan(tree, WAKE_TREE_SCAN);
	wake_tree_tell(tree);
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* One buffer of entries. */
static void read_some(struct wake_tree *tree)
{
	union {
		struct dirent64 first;
		char bytes[BUFFER];
	} buffer;
	ssize_t got = getdents64(tree->reading_fd, &buffer, sizeof(buffer));
	size_t path_len;

	if (got <= 0 || !wake_nodes_is(&tree->nodes, tree->reading.node, tree->reading.serial) ||
	    !wake_nodes_path(&tree->nodes, tree->reading.node, &tree->path)) {
		wake_tree_stop_reading(tree);
		return;
	}
	path_len = tree->path.len;
	for (size_t at = 0; at < (size_t)got && tree->reading_fd >= 0;) {
		const struct dirent64 *entry = (const void *)(buffer.bytes + at);

		at += entry->d_reclen;
		if (!is_dot(entry->d_name))
			take_entry(tree, entry, path_len);
	}
}

/* ---- pieces ---- */

static bool has_work(const struct wake_tree *tree)
{
	return tree->reading_fd >= 0 || tree->stack_count > 0;
}

static void step(struct wake_tree *tree, int root)
{
	struct wake_tree_place place;

	if (tree->reading_fd >= 0) {
		read_some(tree);
		return;
	}
	place = tree->stack[--tree->stack_count];
	if (wake_nodes_is(&tree->nodes, place.node, place.serial) &&
	    wake_node_at(&tree->nodes, place.node)->state == WAKE_NODE_QUEUED)
		open_directory(tree, root, place.node);
}

/* What is put into the trash meanwhile ends the piece: a watch that is still there must not be added again.
 */
static void walk(struct wake_tree *tree)
{
	int64_t until = wake_clock_monotonic() + PIECE;
	wake_auto_close int root = open_root(tree);

	while (root >= 0 && !tree->is_gone && has_work(tree) &&
	       wake_ignore_waiting(tree->ignore) < QUESTIONS_MAX &&
	       wake_nodes_trash_leaf(&tree->nodes) == WAKE_NODE_NONE && wake_clock_monotonic() < until)
		step(tree, root);
}

void wake_tree_walk_piece(void *context)
{
	struct wake_tree *tree = context;

	if (!sweep(tree)) {
		wake_loop_defer(tree->loop, &tree->piece);
		return;
	}
	wake_nodes_shrink(&tree->nodes);
	if (tree->is_gone)
		return;
	if (tree->is_walking && !tree->is_listed)
		return; /* goes on when git has listed */
	if (has_work(tree))
		walk(tree);
	if (tree->is_gone)
		return;
	if (has_work(tree) ? wake_ignore_waiting(tree->ignore) < QUESTIONS_MAX
	                   : wake_nodes_trash_leaf(&tree->nodes) != WAKE_NODE_NONE)
		wake_loop_defer(tree->loop, &tree->piece);
	else if (tree->is_walking && !has_work(tree) && tree->asked_directories == 0)
		wake_tree_finish_walk(tree);
}
