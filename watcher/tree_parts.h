/* SPDX-License-Identifier: MIT */
/* Shared between the files of the tree (tree.c, tree_walk.c, tree_events.c, tree_tell.c) alone. */
#ifndef WAKE_TREE_PARTS_H
#define WAKE_TREE_PARTS_H

#include <sys/types.h>

#include "base/clock.h"
#include "base/str.h"
#include "watcher/ignore.h"
#include "watcher/tree.h"
#include "watcher/tree_nodes.h"
#include "watcher/tree_verdicts.h"

#define WAKE_TREE_COUNT_MAX 1000000u	/* directories counted while there are too few watches */
#define WAKE_TREE_FILE_TOKEN UINT64_MAX /* a question about a file; else serial << 32 | node */

enum wake_tree_reason { /* of a walk, the weaker first */
	WAKE_TREE_NO_REASON,
	WAKE_TREE_SCAN,
	WAKE_TREE_UNMOUNT,
	WAKE_TREE_OVERFLOW,
};

struct wake_tree_place { /* a node that may be gone since */
	uint32_t node, serial;
};

struct wake_tree {
	struct wake_loop *loop;			/* borrowed */
	struct wake_inotify *inotify;		/* borrowed */
	struct wake_tree_owner owner;
	struct wake_ignore *ignore;		/* owned */
	struct wake_overflow overflow;
	struct wake_nodes nodes;
	struct wake_verdicts verdicts;
	char *root;				/* owned */
	char *excluded;				/* owned; relative to the root; NULL: nothing */
	dev_t device;				/* the root's */
	ino_t inode;
	struct wake_str path;			/* the one at hand */
	bool is_gone;

	/* The walk. */
	enum wake_tree_phase phase;
	enum wake_tree_reason reason, again;	/* of the present walk; of the next one */
	bool is_walking, is_listed;		/* listed: for this walk */
	bool counts_only, is_degraded;
	unsigned root_tries;			/* to watch a root that is watched already */
	struct wake_tree_place *stack;		/* owned; directories to open */
	size_t stack_count, stack_room;
	struct wake_tree_place reading;
	int reading_fd;				/* -1: none */
	size_t asked_directories, asked_files;
	bool is_incomplete;			/* something tracked lies where nothing is watched */
	struct wake_deferred piece, farewell;
	struct wake_timer next_walk, recheck, periodic, root_check;

	int64_t opened_at, walk_began, walk_ended, list_began, list_ended; /* monotonic */
	int64_t lost_at, backoff, retry_at;

	size_t watched, found;
	uint64_t walks;
	int64_t ready_after;
	char problem[512], note[256];		/* why degraded; the latest failure of this walk */
};

/* tree.c */
void wake_tree_plan(struct wake_tree *tree, enum wake_tree_reason reason); /* a walk, when it is time */
void wake_tree_vanish(struct wake_tree *tree);		/* the root is gone */
void wake_tree_degrade(struct wake_tree *tree);		/* the limit is reached: count instead */
void wake_tree_finish_walk(struct wake_tree *tree);
void wake_tree_give_up_root(struct wake_tree *tree, const char *why);
void wake_tree_note(struct wake_tree *tree, const char *why);
void wake_tree_check_root(struct wake_tree *tree);	/* soon */

/* tree_walk.c */
void wake_tree_walk_piece(void *context);		/* the piece */
bool wake_tree_excludes(const struct wake_tree *tree, const char *directory);
void wake_tree_drop(struct wake_tree *tree, uint32_t node);	/* with everything below */
void wake_tree_drop_all(struct wake_tree *tree);	/* the root's record stays */
void wake_tree_enqueue(struct wake_tree *tree, uint32_t node);
/* path: tree->path is the parent's; it is the directory's afterwards. */
void wake_tree_found_directory(struct wake_tree *tree, uint32_t parent, const char *name, bool fresh);
void wake_tree_make_nested(struct wake_tree *tree, uint32_t node);
void wake_tree_stop_reading(struct wake_tree *tree);

/* tree_events.c */
void wake_tree_take_event(void *context, uint32_t tag, const struct inotify_event *event);

/* tree_tell.c: both take tree->path, which is not changed. */
void wake_tree_tell(struct wake_tree *tree);		/* changed, unless it is ignored */
void wake_tree_answered(void *context, uint64_t token, const char *path, bool ignored);
/* Appends "/name" to tree->path, or name where that is empty. False: too long, or no memory. */
bool wake_tree_append_name(struct wake_tree *tree, const char *name);

#endif
