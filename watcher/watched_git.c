/* SPDX-License-Identifier: MIT */
/* A worktree's git directory: its HEAD, its index, and the log of its HEAD. Never its objects. */
#include <string.h>

#include "base/fs.h"
#include "event/observe.h"
#include "watcher/watched_parts.h"

/* Directories, never files: git replaces HEAD and the index by rename, and gc the log. */
#define GIT_MASK                                                                                             \
	(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
#define LOGS_MASK (IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE)

#define OBSERVE_EVERY INT64_C(20000) /* microseconds: a rebase writes a line every few milliseconds */
/* After the last change: git holds its locks, and a log counts as unsettled, for less (event/observe.c). */
#define SETTLED_AFTER INT64_C(2500000)

enum { TAG_GIT, TAG_LOGS };

int wake_watched_observe(struct wake_watched *watched, bool settled, struct wake_error *err)
{
	const struct wake_witness witness = { .settled = settled };
	struct wake_observed observed;
	int ret;

	wake_loop_timer_clear(watched->scene->loop, &watched->observe);
	if (!wake_fs_is_dir(
	        watched->worktree.git_dir)) { /* what lies above it was moved, which no watch tells */
		watched->owner.git_changed(watched->owner.context, "");
		return WAKE_OK;
	}
	ret = wake_observe(
	    watched->scene->paths, &watched->worktree, &watched->identity, &witness, &observed, err);
	watched->observed_at = wake_clock_monotonic();
	if (ret == WAKE_OK) {
		watched->observe_failures = 0;
		watched->git_problem[0] = '\0';
		return ret;
	}
	watched->observe_failures++;
	memcpy(watched->git_problem, err->text, sizeof(watched->git_problem));
	wake_scene_note(watched->scene, err);
	wake_scene_ring(watched->scene, &watched->observe, wake_scene_later(watched->observe_failures));
	return ret;
}

static void observe_rung(void *context)
{
	struct wake_error noted;

	(void)!wake_watched_observe(context, false, &noted);
}

static void settled_rung(void *context)
{
	struct wake_error noted;

	(void)!wake_watched_observe(context, true, &noted);
}

/* A log that is deleted is looked at later: perhaps git is removing the whole worktree, and must not find
 * anything of ours made there meanwhile. */
static void moved(struct wake_watched *watched, uint32_t mask)
{
	int64_t now = wake_clock_monotonic();
	int64_t next = watched->observed_at + OBSERVE_EVERY;

	if (watched->observe_failures == 0 && !(mask & IN_DELETE))
		wake_scene_ring_once(watched->scene, &watched->observe, next > now ? next : now);
	wake_scene_ring(watched->scene, &watched->settled, now + SETTLED_AFTER);
	wake_watched_head_changed(watched);
}

static void told(void *context, uint32_t tag, const struct inotify_event *event);

/* git makes logs/ when it needs it; registering has made it where it was not. */
static int watch_logs(struct wake_watched *watched, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *resolved = NULL;
	int ret = wake_fs_join(watched->worktree.git_dir, "logs", &path, err);

	if (ret < 0 || watched->logs_wd >= 0)
		return ret;
	ret = wake_fs_resolve(path, &resolved, err); /* git-new-workdir(1) makes it a symbolic link */
	if (ret == WAKE_OK)
		ret = wake_inotify_add(watched->scene->aside, resolved, LOGS_MASK, told, watched, TAG_LOGS,
		    &watched->logs_wd, err);
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

static bool is_lock(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".lock") == 0;
}

static void git_told(struct wake_watched *watched, const struct inotify_event *event)
{
	struct wake_error problem;
	const char *name = event->name;

	if (event->mask & IN_MOVE_SELF &&
	    watched->git_wd >= 0) { /* else it would go on to be watched elsewhere */
		wake_inotify_remove(watched->scene->aside, watched->git_wd);
		watched->git_wd = -1;
	}
	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
		watched->owner.git_changed(watched->owner.context, "");
		return;
	}
	if (!*name || is_lock(name))
		return;
	if (strcmp(name, "HEAD") == 0) {
		moved(watched, event->mask);
	} else if (strcmp(name, "index") == 0) {
		wake_watched_index_changed(watched);
	} else if (strcmp(name, "logs") == 0 && watched->logs_wd < 0) {
		if (watch_logs(watched, &problem) < 0)
			wake_scene_note(watched->scene, &problem);
		moved(watched, event->mask);
	} else {
		watched->owner.git_changed(watched->owner.context, name);
	}
}

static void told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_watched *watched = context;

	if (tag == TAG_GIT) {
		if (event->mask & IN_IGNORED)
			watched->git_wd = -1;
		git_told(watched, event);
	} else if (event->mask & IN_IGNORED) {
		watched->logs_wd = -1;
	} else if (strcmp(event->name, "HEAD") == 0) {
		moved(watched, event->mask);
	}
}

int wake_watched_git_open(struct wake_watched *watched, struct wake_error *err)
{
	int ret;

	watched->observe = (struct wake_timer){ .rung = observe_rung, .context = watched };
	watched->settled = (struct wake_timer){ .rung = settled_rung, .context = watched };
	ret = wake_inotify_add(watched->scene->aside, watched->worktree.git_dir, GIT_MASK, told, watched,
	    TAG_GIT, &watched->git_wd, err);
	return ret == WAKE_OK ? watch_logs(watched, err) : ret;
}

void wake_watched_git_close(struct wake_watched *watched)
{
	if (watched->git_wd >= 0)
		wake_inotify_remove(watched->scene->aside, watched->git_wd);
	if (watched->logs_wd >= 0)
		wake_inotify_remove(watched->scene->aside, watched->logs_wd);
	wake_loop_timer_clear(watched->scene->loop, &watched->observe);
	wake_loop_timer_clear(watched->scene->loop, &watched->settled);
}

void wake_watched_look(struct wake_watched *watched)
{
	struct wake_error problem;

	if (watch_logs(watched, &problem) < 0)
		wake_scene_note(watched->scene, &problem);
	moved(watched, 0);
}

void wake_watched_branch_moved(struct wake_watched *watched, const char *branch)
{
	wake_auto_free char *own = NULL;
	struct wake_error ignored;

	if (branch && (wake_worktree_head(&watched->worktree, &own, NULL, &ignored) < 0 || !own ||
	                  strcmp(own, branch) != 0))
		return;
	wake_scene_ring_once(watched->scene, &watched->settled, wake_clock_monotonic() + SETTLED_AFTER);
	if (!wake_pending_has_any(
	        &watched->pending)) /* else it comes with the others: no later than they do */
		wake_watched_head_changed(watched);
}
