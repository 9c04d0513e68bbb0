/* SPDX-License-Identifier: MIT */
/* Waiting for directories. */
#include "watcher/returns.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"

#define MASK (IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
#define LOOK_FIRST WAKE_SECOND
#define LOOK_LAST (300 * WAKE_SECOND)

struct above {      /* the nearest directory there is above one or more of those that are not */
	char *path; /* owned */
	int wd;     /* -1: gone */
	bool needed;
	struct above *next;
};

struct wake_returns {
	struct wake_loop *loop;
	struct wake_inotify *inotify;
	struct wake_return *waiting;
	struct above *above;
	struct wake_deferred look;
	struct wake_timer again; /* only while a watch could not be had */
	int64_t pause;
};

static void told(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_returns *returns = context;

	(void)tag;
	if (event->mask & (IN_IGNORED | IN_MOVE_SELF)) {
		for (struct above *one = returns->above; one; one = one->next) {
			if (one->wd != event->wd)
				continue;
			if (event->mask & IN_MOVE_SELF) /* it goes on to be watched at its new place */
				wake_inotify_remove(returns->inotify, one->wd);
			one->wd = -1;
		}
	}
	if (event->mask & (IN_ISDIR | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
		wake_loop_defer(returns->loop, &returns->look);
}

/* Cuts path down to what exists; at the least "/". */
static void ascend(char *path)
{
	do {
		char *slash = strrchr(path, '/');

		slash[slash == path] = '\0';
	} while (path[1] && !wake_fs_is_dir(path));
}

static struct above *find(struct wake_returns *returns, const char *path)
{
	for (struct above *one = returns->above; one; one = one->next) {
		if (one->wd >= 0 && strcmp(one->path, path) == 0)
			return one;
	}
	return NULL;
}

/* ret_new: it was not watched before, so that what came meanwhile was not seen. */
static int watch_above(
    struct wake_returns *returns, const char *missing, bool *ret_new, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	struct above *one;
	int ret = wake_str_copy(missing, &path, err);

	if (ret < 0)
		return ret;
	ascend(path);
	one = find(returns, path);
	if (one) {
		one->needed = true;
		return WAKE_OK;
	}
	one = calloc(1, sizeof(*one));
	if (!one)
		return wake_fail_nomem(err);
	ret = wake_inotify_add(returns->inotify, path, MASK, told, returns, 0, &one->wd, err);
	if (ret < 0) {
		free(one);
		return ret;
	}
	one->path = path;
	path = NULL; /* its own now */
	one->needed = true;
	one->next = returns->above;
	returns->above = one;
	*ret_new = true;
	return WAKE_OK;
}

static void drop_unneeded(struct wake_returns *returns)
{
	for (struct above **at = &returns->above; *at;) {
		struct above *one = *at;

		if (one->needed && one->wd >= 0) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		if (one->wd >= 0)
			wake_inotify_remove(returns->inotify, one->wd);
		free(one->path);
		free(one);
	}
}

/* Takes the first one that is there out of the list; NULL: none is. */
static struct wake_return *take_there(struct wake_returns *returns)
{
	for (struct wake_return **at = &returns->waiting; *at; at = &(*at)->next) {
		struct wake_return *one = *at;

		if (!wake_fs_is_dir(one->path))
			continue;
		*at = one->next;
		one->waiting = false;
		return one;
	}
	return NULL;
}

static void call_there(struct wake_returns *returns)
{
	struct wake_return *one;

	while ((one = take_there(returns)) != NULL) {
		returns->pause = 0;
		one->there(one->context);
	}
}

/* True if every one of those that are not there has a directory above it watched. */
static bool watch_all(struct wake_returns *returns, bool *ret_new)
{
	struct wake_error ignored;
	bool all = true;

	*ret_new = false;
	for (struct above *one = returns->above; one; one = one->next)
		one->needed = false;
	for (struct wake_return *one = returns->waiting; one; one = one->next)
		all = watch_above(returns, one->path, ret_new, &ignored) == WAKE_OK && all;
	drop_unneeded(returns);
	return all;
}

static void look(void *context)
{
	struct wake_returns *returns = context;
	struct wake_error ignored;
	bool is_new = false, all;

	call_there(returns);
	all = watch_all(returns, &is_new);
	wake_loop_timer_clear(returns->loop, &returns->again);
	if (is_new) { /* once more: it may have come before the watch did */
		wake_loop_defer(returns->loop, &returns->look);
	} else if (!all) {
		returns->pause = returns->pause == 0 ? LOOK_FIRST : 2 * returns->pause;
		if (returns->pause > LOOK_LAST)
			returns->pause = LOOK_LAST;
		(void)!wake_loop_timer_set(
		    returns->loop, &returns->again, wake_clock_monotonic() + returns->pause, &ignored);
	}
}

int wake_returns_new(struct wake_loop *loop, struct wake_inotify *inotify, struct wake_returns **ret_returns,
    struct wake_error *err)
{
	struct wake_returns *returns = calloc(1, sizeof(*returns));

	if (!returns)
		return wake_fail_nomem(err);
	returns->loop = loop;
	returns->inotify = inotify;
	returns->look = (struct wake_deferred){ .run = look, .context = returns };
	returns->again = (struct wake_timer){ .rung = look, .context = returns };
	*ret_returns = returns;
	return WAKE_OK;
}

void wake_returns_free(struct wake_returns *returns)
{
	bool ignored;

	if (!returns)
		return;
	returns->waiting = NULL;
	(void)watch_all(returns, &ignored);
	wake_loop_timer_clear(returns->loop, &returns->again);
	wake_loop_undefer(returns->loop, &returns->look);
	free(returns);
}

void wake_returns_wait(struct wake_returns *returns, struct wake_return *one)
{
	if (one->waiting)
		return;
	one->waiting = true;
	one->next = returns->waiting;
	returns->waiting = one;
	wake_loop_defer(returns->loop, &returns->look);
}

void wake_returns_forget(struct wake_returns *returns, struct wake_return *one)
{
	if (!one->waiting)
		return;
	for (struct wake_return **at = &returns->waiting; *at; at = &(*at)->next) {
		if (*at == one) {
			*at = one->next;
			break;
		}
	}
	one->waiting = false;
	wake_loop_defer(returns->loop, &returns->look);
}

void wake_returns_look(struct wake_returns *returns)
{
	if (returns->waiting)
		wake_loop_defer(returns->loop, &returns->look);
}
