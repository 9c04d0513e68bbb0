/* SPDX-License-Identifier: MIT */
/* The second child. Either it runs, or the timer is set (it has failed), or the directory is watched. */
#include "watcher/remote_keeper.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "event/remote_entry.h"
#include "watcher/child.h"
#include "watcher/inotify.h"

#define BACKOFF_FIRST WAKE_SECOND
#define BACKOFF_MOST (60 * WAKE_SECOND)
#define SEEN (IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)

struct wake_remote_keeper {
	struct wake_loop *loop; /* borrowed */
	struct wake_remote_keeper_spec spec;
	struct wake_inotify *inotify; /* its own: the count of the trees' watches is told to people */
	char *dir;                    /* owned; STATE/remote */
	int wd;    /* 0: not watched */
	struct wake_child *child;
	struct wake_timer timer;
	int64_t backoff;
};

static void look(struct wake_remote_keeper *keeper);

static void look_again(void *context)
{
	look(context);
}

static void back_off(struct wake_remote_keeper *keeper)
{
	struct wake_error ignored;

	keeper->backoff = keeper->backoff ? keeper->backoff * 2 : BACKOFF_FIRST;
	if (keeper->backoff > BACKOFF_MOST)
		keeper->backoff = BACKOFF_MOST;
	keeper->timer.rung = look_again;
	keeper->timer.context = keeper;
	(void)!wake_loop_timer_set(
	    keeper->loop, &keeper->timer, wake_clock_monotonic() + keeper->backoff, &ignored);
}

static void has_ended(void *context, int code)
{
	struct wake_remote_keeper *keeper = context;

	wake_child_free(keeper->child);
	keeper->child = NULL;
	if (code == 0) {
		keeper->backoff = 0;
		look(keeper);
		return;
	}
	wake_log_say(keeper->spec.log,
	    code > 128 ? "runwake-remote was ended by signal %d"
	               : "runwake-remote has ended with exit code %d",
	    code > 128 ? code - 128 : code);
	back_off(keeper);
}

static void leave(struct wake_remote_keeper *keeper)
{
	if (keeper->wd > 0)
		wake_inotify_remove(keeper->inotify, keeper->wd);
	keeper->wd = 0;
}

/* While it runs it watches the directory itself, and most of what is written there is its own. */
static void start(struct wake_remote_keeper *keeper)
{
	const char *const argv[] = { keeper->spec.program, NULL };
	const struct wake_child_spec spec = { .argv = argv, .ended = has_ended, .context = keeper };
	struct wake_error err;

	leave(keeper);
	if (wake_child_start(keeper->loop, &spec, &keeper->child, &err) == WAKE_OK)
		return;
	wake_log_say(keeper->spec.log, "%s", err.text);
	back_off(keeper);
}

static void saw(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_remote_keeper *keeper = context;

	(void)tag;
	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) {
		leave(keeper);
		back_off(keeper);
	} else if (!keeper->child && wake_remote_entries_wait(keeper->spec.paths)) {
		start(keeper);
	}
}

/* First the watch, then the look: what comes between is seen by either. A state directory that is gone is
 * made again by whoever needs it, not here. */
static void look(struct wake_remote_keeper *keeper)
{
	struct wake_error err;
	int ret = WAKE_OK;

	wake_loop_timer_clear(keeper->loop, &keeper->timer);
	if (keeper->child)
		return;
	if (wake_fs_is_dir(keeper->spec.paths->state))
		ret = wake_fs_make_dirs(keeper->dir, &err);
	if (ret == WAKE_OK && keeper->wd <= 0)
		ret = wake_inotify_add(
		    keeper->inotify, keeper->dir, SEEN, saw, keeper, 0, &keeper->wd, &err);
	if (ret < 0) {
		keeper->backoff = BACKOFF_MOST / 2;
		back_off(keeper);
	} else if (wake_remote_entries_wait(keeper->spec.paths)) {
		start(keeper);
	}
}

int wake_remote_keeper_new(struct wake_loop *loop, const struct wake_remote_keeper_spec *spec,
    struct wake_remote_keeper **ret_keeper, struct wake_error *err)
{
	struct wake_remote_keeper *keeper = calloc(1, sizeof(*keeper));
	int ret;

	if (!keeper)
		return wake_fail_nomem(err);
	*keeper = (struct wake_remote_keeper){ .loop = loop, .spec = *spec };
	ret = wake_remote_entries_dir(spec->paths, &keeper->dir, err);
	if (ret == WAKE_OK)
		ret = wake_inotify_new(loop, &keeper->inotify, err);
	if (ret < 0) {
		wake_remote_keeper_free(keeper);
		return ret;
	}
	if (access(spec->program, X_OK) == 0)
		look(keeper);
	*ret_keeper = keeper;
	return WAKE_OK;
}

void wake_remote_keeper_free(struct wake_remote_keeper *keeper)
{
	if (!keeper)
		return;
	leave(keeper);
	wake_child_free(keeper->child);
	wake_loop_timer_clear(keeper->loop, &keeper->timer);
	wake_inotify_free(keeper->inotify);
	free(keeper->dir);
	free(keeper);
}
