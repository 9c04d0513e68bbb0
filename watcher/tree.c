/* SPDX-License-Identifier: MIT */
/* The tree as a whole: its phases, and when it is walked again. Whatever makes the watches doubtful (rules
 * that changed, a queue that overflowed, an unmount) ends in one thing: all watches are given back by pieces,
 * git is asked anew, the tree is walked from its root, and then everything may have changed. */
#include "watcher/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/scope.h"
#include "watcher/tree_parts.h"

#define REST (300 * WAKE_SECOND / 1000) /* after a change of the rules */
#define WALK_SHARE 3                    /* a quarter of the time at most goes into walks for changed rules */
#define RECHECK_REST (1 * WAKE_SECOND)  /* after a change of the index */
#define LIST_SHARE 20                   /* a twentieth of the time at most goes into lists */
#define BACKOFF_MAX (30 * WAKE_SECOND)  /* between walks after overflows */
#define QUIET (60 * WAKE_SECOND)        /* without an overflow: the next one is walked for at once */
#define PERIOD (10 * WAKE_SECOND)       /* between hints while degraded */
#define RETRY (300 * WAKE_SECOND)       /* between tries to register while degraded */
#define ROOT_REST (300 * WAKE_SECOND / 1000) /* until the root is looked for */
#define ROOT_TRIES 6                         /* 100 ms and doubling: 6.3 s */

static const char *const reasons[] = { "scan", "scan", "unmount", "overflow" };

/* ---- timers ---- */

/* The earlier time stands. Where memory for the timer is out, the next event tries again. */
static void ring_by(struct wake_tree *tree, struct wake_timer *timer, int64_t at)
{
	struct wake_error ignored;

	if (timer->place == 0 || timer->at > at)
		(void)!wake_loop_timer_set(tree->loop, timer, at, &ignored);
}

static int64_t max_of(int64_t left, int64_t right)
{
	return left > right ? left : right;
}

static int64_t walk_due(struct wake_tree *tree, enum wake_tree_reason reason, int64_t now)
{
	int64_t took = tree->walk_ended - tree->walk_began;

	if (reason <= WAKE_TREE_SCAN)
		return max_of(now + REST, tree->walk_ended + WALK_SHARE * took);
	if (now - tree->lost_at > QUIET)
		tree->backoff = 0;
	tree->lost_at = now;
	return now + tree->backoff;
}

static void grow_backoff(struct wake_tree *tree)
{
	tree->backoff = tree->backoff ? tree->backoff * 2 : WAKE_SECOND;
	if (tree->backoff > BACKOFF_MAX)
		tree->backoff = BACKOFF_MAX;
}

void wake_tree_plan(struct wake_tree *tree, enum wake_tree_reason reason)
{
	if (tree->is_gone)
		return;
	if (reason > tree->again)
		tree->again = reason;
	if (!tree->is_walking)
		ring_by(tree, &tree->next_walk, walk_due(tree, reason, wake_clock_monotonic()));
}

void wake_tree_check_root(struct wake_tree *tree)
{
	ring_by(tree, &tree->root_check, wake_clock_monotonic() + ROOT_REST);
}

/* ---- phases ---- */

static void set_phase(struct wake_tree *tree, enum wake_tree_phase phase)
{
	if (tree->phase == phase)
		return;
	tree->phase = phase;
	tree->owner.changed_phase(tree->owner.context);
}

void wake_tree_note(struct wake_tree *tree, const char *why)
{
	(void)snprintf(tree->note, sizeof(tree->note), "%s", why);
}

static void begin_pass(struct wake_tree *tree)
{
	wake_tree_drop_all(tree);
	tree->found = 0;
	wake_loop_defer(tree->loop, &tree->piece);
}

static void list(struct wake_tree *tree)
{
	tree->list_began = wake_clock_monotonic();
	wake_ignore_list(tree->ignore);
}

static void start_walk(struct wake_tree *tree)
{
	if (tree->again == WAKE_TREE_OVERFLOW || tree->again == WAKE_TREE_UNMOUNT)
		grow_backoff(tree);
	tree->reason = tree->again;
	tree->again = WAKE_TREE_NO_REASON;
	tree->is_walking = true;
	tree->is_listed = tree->counts_only = tree->is_incomplete = false;
	tree->note[0] = '\0';
	tree->walk_began = wake_clock_monotonic();
	wake_verdicts_clear(&tree->verdicts);
	wake_loop_timer_clear(tree->loop, &tree->next_walk);
	wake_loop_timer_clear(tree->loop, &tree->recheck);
	begin_pass(tree);
	list(tree);
	set_phase(tree, WAKE_TREE_LISTING);
}

static void end_walk(struct wake_tree *tree)
{
	tree->is_walking = false;
	tree->walk_ended = wake_clock_monotonic();
	free(tree->stack);
	tree->stack = NULL;
	tree->stack_count = tree->stack_room = 0;
	tree->walks++;
}

static void enter_degraded(struct wake_tree *tree)
{
	int64_t now = wake_clock_monotonic();

	wake_tree_drop_all(tree);
	tree->is_degraded = true;
	tree->retry_at = now + RETRY;
	ring_by(tree, &tree->periodic, now + PERIOD);
	set_phase(tree, WAKE_TREE_DEGRADED);
}

/* The next power of two that surely is enough: what others have taken lies within the present limit. */
static unsigned long enough_watches(long limit, size_t needed)
{
	unsigned long enough = 65536;

	while (enough < (unsigned long)limit + needed)
		enough *= 2;
	return enough;
}

static void tell_limit(struct wake_tree *tree)
{
	long limit = wake_inotify_limit();
	const char *name = wake_inotify_limit_name();

	(void)snprintf(tree->problem, sizeof(tree->problem),
	    "needs %s%zu watches, more than %s=%ld leaves: sysctl -w %s=%lu; until then it is looked at from "
	    "time "
	    "to time",
	    tree->found >= WAKE_TREE_COUNT_MAX ? "at least " : "", tree->found, name, limit, name,
	    enough_watches(limit > 0 ? limit : 0, tree->found));
}

void wake_tree_finish_walk(struct wake_tree *tree)
{
	end_walk(tree);
	tree->root_tries = 0;
	if (tree->counts_only) {
		tell_limit(tree);
		enter_degraded(tree);
	} else {
		tree->is_degraded = false;
		tree->problem[0] = '\0';
		wake_loop_timer_clear(tree->loop, &tree->periodic);
		if (tree->ready_after == 0)
			tree->ready_after = max_of(tree->walk_ended - tree->opened_at, 1);
		set_phase(tree, WAKE_TREE_READY);
	}
	tree->owner.changed_wholly(tree->owner.context, reasons[tree->reason]);
	if (tree->again != WAKE_TREE_NO_REASON)
		wake_tree_plan(tree, tree->again);
}

/* The watches are given back, so that others may have them, and the walk goes on to count what is needed. */
void wake_tree_degrade(struct wake_tree *tree)
{
	if (!tree->is_walking) {
		tree->reason = WAKE_TREE_SCAN;
		tree->is_walking = tree->is_listed = true;
		tree->walk_began = wake_clock_monotonic();
	}
	tree->counts_only = true;
	begin_pass(tree);
	wake_tree_enqueue(tree, WAKE_NODE_ROOT);
	set_phase(tree, WAKE_TREE_WALKING);
}

/* An outer worktree's tree may hold the root for a moment, until it sees that another one begins there. */
void wake_tree_give_up_root(struct wake_tree *tree, const char *why)
{
	int64_t pause = INT64_C(100000) << tree->root_tries;

	wake_tree_drop_all(tree);
	end_walk(tree);
	if (tree->root_tries < ROOT_TRIES) {
		tree->root_tries++;
		tree->again = max_of(tree->again, max_of(tree->reason, WAKE_TREE_SCAN));
		ring_by(tree, &tree->next_walk, tree->walk_ended + pause);
		return;
	}
	(void)snprintf(tree->problem, sizeof(tree->problem), "cannot be watched: %s", why);
	enter_degraded(tree);
	tree->owner.changed_wholly(tree->owner.context, reasons[tree->reason]);
}

void wake_tree_vanish(struct wake_tree *tree)
{
	if (tree->is_gone)
		return;
	wake_tree_drop_all(tree);
	tree->is_gone = true;
	tree->is_walking = false;
	wake_loop_timer_clear(tree->loop, &tree->next_walk);
	wake_loop_timer_clear(tree->loop, &tree->recheck);
	wake_loop_timer_clear(tree->loop, &tree->periodic);
	wake_loop_timer_clear(tree->loop, &tree->root_check);
	wake_loop_defer(tree->loop, &tree->farewell);
}

/* ---- told by others ---- */

static void say_farewell(void *context)
{
	struct wake_tree *tree = context;

	tree->owner.gone(tree->owner.context);
}

static void walk_rung(void *context)
{
	struct wake_tree *tree = context;

	if (!tree->is_walking && tree->again != WAKE_TREE_NO_REASON)
		start_walk(tree);
}

static void root_check_rung(void *context)
{
	struct wake_tree *tree = context;
	struct stat st;

	if (stat(tree->root, &st) < 0 ? errno == ENOENT || errno == ENOTDIR
	                              : st.st_dev != tree->device || st.st_ino != tree->inode)
		wake_tree_vanish(tree);
}

/* Trying to register takes every watch that is left, if only for a moment: it must look as if it could do. */
static bool may_fit(const struct wake_tree *tree)
{
	long limit = wake_inotify_limit();

	return limit < 0 || wake_inotify_count(tree->inotify) + tree->found <= (size_t)limit;
}

static void period_rung(void *context)
{
	struct wake_tree *tree = context;
	int64_t now = wake_clock_monotonic();

	ring_by(tree, &tree->periodic, now + PERIOD);
	if (now >= tree->retry_at && may_fit(tree)) {
		tree->retry_at = now + RETRY;
		wake_tree_plan(tree, WAKE_TREE_SCAN);
	}
	tree->owner.changed_wholly(tree->owner.context, "periodic");
}

static void recheck_rung(void *context)
{
	struct wake_tree *tree = context;

	if (tree->is_walking) /* its list may be older than the change */
		wake_tree_recheck(tree);
	else
		list(tree);
}

static void lost_events(void *context)
{
	struct wake_tree *tree = context;

	if (!tree->is_degraded || tree->is_walking)
		wake_tree_plan(tree, WAKE_TREE_OVERFLOW);
}

/* lstat(2) of name in the directory tree->path. */
static int stat_beneath(const struct wake_tree *tree, const char *name, struct stat *ret_st)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (wake_str_format(&path, &ignored, "%s/%s/%s", tree->root, wake_str_text(&tree->path), name) < 0) {
		errno = ENOMEM;
		return -1;
	}
	return lstat(path, ret_st);
}

/* Nobody tells when a repository within loses its .git; an index that changes is a good time to look. */
static void open_former_repositories(struct wake_tree *tree)
{
	struct stat st;

	for (uint32_t i = WAKE_NODE_TRASH + 1; i < tree->nodes.count; i++) {
		if (wake_node_at(&tree->nodes, i)->state != WAKE_NODE_NESTED ||
		    !wake_nodes_path(&tree->nodes, i, &tree->path))
			continue;
		if (stat_beneath(tree, ".git", &st) < 0 && errno == ENOENT) {
			wake_node_at(&tree->nodes, i)->fresh = true;
			wake_tree_enqueue(tree, i);
		}
	}
}

static void listed(void *context, bool changed)
{
	struct wake_tree *tree = context;

	tree->list_ended = wake_clock_monotonic();
	if (tree->is_walking && !tree->is_listed) {
		tree->is_listed = true;
		set_phase(tree, WAKE_TREE_WALKING);
		wake_tree_enqueue(tree, WAKE_NODE_ROOT);
		return;
	}
	if (changed)
		wake_verdicts_clear(&tree->verdicts);
	open_former_repositories(tree);
	if (tree->is_incomplete && !tree->is_degraded)
		wake_tree_plan(tree, WAKE_TREE_SCAN);
	tree->is_incomplete = false;
}

/* False where nothing is watched on the way to it, though there is a directory. */
static bool is_covered(struct wake_tree *tree, const char *directory)
{
	uint32_t node = WAKE_NODE_ROOT;
	struct stat st;

	wake_str_clear(&tree->path);
	wake_str_append(&tree->path, tree->root);
	for (const char *at = directory; *at;) {
		size_t len = strcspn(at, "/");
		char name[WAKE_NODE_NAME_MAX + 1];

		if (len >= sizeof(name))
			return true;
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, at);
		if (!wake_tree_append_name(tree, name))
			return true;
		node = wake_nodes_find(&tree->nodes, node, name);
		if (node == WAKE_NODE_NONE)
			return wake_tree_excludes(
			           tree, wake_str_text(&tree->path) + strlen(tree->root) + 1) ||
			       lstat(wake_str_text(&tree->path), &st) < 0 || !S_ISDIR(st.st_mode);
		if (wake_node_at(&tree->nodes, node)->state != WAKE_NODE_WATCHED)
			return true;
		at += len + (at[len] == '/');
	}
	return true;
}

static void found_tracked(void *context, const char *directory)
{
	struct wake_tree *tree = context;

	if (!tree->is_walking && !tree->is_incomplete)
		tree->is_incomplete = !is_covered(tree, directory);
}

/* ---- the owner's ---- */

int wake_tree_exclude(struct wake_tree *tree, const char *directory, struct wake_error *err)
{
	wake_auto_free char *root = NULL, *resolved = NULL;
	char *excluded;
	size_t len;
	int ret = wake_fs_resolve(tree->root, &root, err);

	if (ret == WAKE_OK)
		ret = wake_fs_resolve(directory, &resolved, err);
	if (ret < 0)
		return ret;
	len = strlen(root);
	if (strncmp(resolved, root, len) != 0 || resolved[len] != '/')
		return WAKE_OK;
	ret = wake_str_copy(resolved + len + 1, &excluded, err);
	if (ret < 0)
		return ret;
	free(tree->excluded);
	tree->excluded = excluded;
	return WAKE_OK;
}

void wake_tree_replan(struct wake_tree *tree)
{
	wake_tree_plan(tree, WAKE_TREE_SCAN);
}

void wake_tree_recheck(struct wake_tree *tree)
{
	int64_t rested = wake_clock_monotonic() + RECHECK_REST;
	int64_t took = tree->list_ended - tree->list_began;

	if (!tree->is_gone)
		ring_by(tree, &tree->recheck, max_of(rested, tree->list_ended + LIST_SHARE * took));
}

void wake_tree_status(const struct wake_tree *tree, struct wake_tree_status *ret_status)
{
	const char *problem = wake_ignore_problem(tree->ignore);

	*ret_status = (struct wake_tree_status){ .phase = tree->phase,
		.directories = tree->watched,
		.found = tree->found,
		.rescans = tree->walks > 1 ? tree->walks - 1 : 0,
		.ready_after = tree->ready_after };
	if (tree->is_degraded)
		problem = tree->problem;
	else if (!*problem)
		problem = tree->note;
	(void)snprintf(ret_status->problem, sizeof(ret_status->problem), "%s", problem);
}

static int identify_root(struct wake_tree *tree, struct wake_error *err)
{
	struct stat st;

	if (stat(tree->root, &st) < 0)
		return wake_fail_errno(err, "watch '%s'", tree->root);
	if (!S_ISDIR(st.st_mode))
		return wake_fail(err, WAKE_NOTFOUND, "'%s' is not a directory", tree->root);
	tree->device = st.st_dev;
	tree->inode = st.st_ino;
	return WAKE_OK;
}

static int set_up(struct wake_tree *tree, const char *root, const char *git_dir, struct wake_error *err)
{
	const struct wake_ignore_owner owner = {
		.listed = listed, .found = found_tracked, .answered = wake_tree_answered, .context = tree
	};
	int ret = wake_str_copy(root, &tree->root, err);

	if (ret == WAKE_OK)
		ret = identify_root(tree, err);
	if (ret == WAKE_OK)
		ret = wake_nodes_init(&tree->nodes, err);
	if (ret == WAKE_OK)
		ret = wake_ignore_new(tree->loop, root, git_dir, &owner, &tree->ignore, err);
	return ret;
}

int wake_tree_new(struct wake_loop *loop, struct wake_inotify *inotify, const char *root, const char *git_dir,
    const struct wake_tree_owner *owner, struct wake_tree **ret_tree, struct wake_error *err)
{
	struct wake_tree *tree = calloc(1, sizeof(*tree));
	int ret;

	if (!tree)
		return wake_fail_nomem(err);
	tree->loop = loop;
	tree->inotify = inotify;
	tree->owner = *owner;
	tree->reading_fd = -1;
	tree->opened_at = wake_clock_monotonic();
	tree->path = (struct wake_str)WAKE_STR(WAKE_NODE_PATH_MAX + WAKE_NODE_NAME_MAX + 1);
	tree->piece = (struct wake_deferred){ .run = wake_tree_walk_piece, .context = tree };
	tree->farewell = (struct wake_deferred){ .run = say_farewell, .context = tree };
	tree->next_walk = (struct wake_timer){ .rung = walk_rung, .context = tree };
	tree->recheck = (struct wake_timer){ .rung = recheck_rung, .context = tree };
	tree->periodic = (struct wake_timer){ .rung = period_rung, .context = tree };
	tree->root_check = (struct wake_timer){ .rung = root_check_rung, .context = tree };
	tree->overflow = (struct wake_overflow){ .lost = lost_events, .context = tree };
	wake_inotify_on_overflow(inotify, &tree->overflow);
	ret = set_up(tree, root, git_dir, err);
	if (ret == WAKE_OK) {
		tree->again = WAKE_TREE_SCAN;
		ret = wake_loop_timer_set(loop, &tree->next_walk, tree->opened_at, err);
	}
	if (ret < 0) {
		wake_tree_free(tree);
		return ret;
	}
	*ret_tree = tree;
	return WAKE_OK;
}

void wake_tree_free(struct wake_tree *tree)
{
	struct wake_timer *timers[4];

	if (!tree)
		return;
	timers[0] = &tree->next_walk;
	timers[1] = &tree->recheck;
	timers[2] = &tree->periodic;
	timers[3] = &tree->root_check;
	for (size_t i = 0; i < WAKE_COUNT(timers); i++)
		wake_loop_timer_clear(tree->loop, timers[i]);
	wake_loop_undefer(tree->loop, &tree->piece);
	wake_loop_undefer(tree->loop, &tree->farewell);
	wake_inotify_off_overflow(tree->inotify, &tree->overflow);
	for (uint32_t i = 0; tree->nodes.items && i < tree->nodes.count; i++) {
		if (tree->nodes.items[i].wd > 0)
			wake_inotify_remove(tree->inotify, tree->nodes.items[i].wd);
	}
	wake_tree_stop_reading(tree);
	wake_ignore_free(tree->ignore);
	wake_nodes_release(&tree->nodes);
	wake_verdicts_clear(&tree->verdicts);
	wake_str_release(&tree->path);
	free(tree->stack);
	free(tree->root);
	free(tree->excluded);
	free(tree);
}
