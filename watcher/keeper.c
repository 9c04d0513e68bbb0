/* SPDX-License-Identifier: MIT */
/* The recorder child's keeper. While a child runs the spool is not watched here: it sees to everything
 * itself. */
#include "watcher/keeper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "event/spool.h"
#include "watcher/child.h"
#include "watcher/inotify.h"
#include "watcher/keeper_parts.h"

#define IDLE_SECONDS "30"
#define BACKOFF_FIRST WAKE_SECOND
#define BACKOFF_MOST (60 * WAKE_SECOND)
#define SHORT_LIFE WAKE_SECOND /* a child that ends well sooner than that, and leaves events, has failed */
#define DRAIN_MOST (20 * WAKE_SECOND)
#define REWATCH_AFTER WAKE_SECOND
#define WORKS_AGAIN "recording works again" /* what it says when the trouble that it told of is over */
#define SEEN (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

static void start_child(struct wake_keeper *keeper);
static void rest(struct wake_keeper *keeper);
static void forget_spool(struct wake_keeper *keeper);

/* ---- what the child says ---- */

static void keep_line(struct wake_keeper *keeper)
{
	static const char prefix[] = "runwake: ";
	const char *line = wake_str_text(&keeper->line);
	wake_auto_str struct wake_str stored = WAKE_STR(4 * sizeof(keeper->last_error));
	size_t skip = strncmp(line, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;

	wake_text_append_stored(
	    &stored, line + skip, keeper->line.len - skip, sizeof(keeper->last_error) - 1);
	if (strcmp(line + skip, WORKS_AGAIN) == 0)
		keeper->last_error[0] = '\0';
	else if (stored.len > 0 && stored.len < sizeof(keeper->last_error))
		memcpy(keeper->last_error, stored.data, stored.len + 1);
	keeper->has_spoken = true;
	wake_log_say(keeper->spec.log, "recorder: %s", line + skip);
	wake_str_clear(&keeper->line);
}

/* Of a line that is longer than is kept the rest is dropped. */
static void saw_errors(void *context, const char *bytes, size_t len)
{
	struct wake_keeper *keeper = context;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\n')
			wake_str_append_char(&keeper->line, bytes[i]);
		else if (keeper->line.len > 0)
			keep_line(keeper);
	}
}

/* ---- starting and ending ---- */

static void set_timer(struct wake_keeper *keeper, wake_timer_rung rung, int64_t after)
{
	struct wake_error ignored;

	keeper->timer.rung = rung;
	keeper->timer.context = keeper;
	/* The heap holds a place for what is set once in a while; were memory out for it, the next event of
	 * the spool would start a child. */
	(void)!wake_loop_timer_set(keeper->loop, &keeper->timer, wake_clock_monotonic() + after, &ignored);
}

static void try_again(void *context)
{
	start_child(context);
}

/* The spool is not watched meanwhile: what comes is found when the time is over. */
static void back_off(struct wake_keeper *keeper)
{
	keeper->backoff = keeper->backoff ? keeper->backoff * 2 : BACKOFF_FIRST;
	if (keeper->backoff > BACKOFF_MOST)
		keeper->backoff = BACKOFF_MOST;
	keeper->restarts++;
	set_timer(keeper, try_again, keeper->backoff);
}

static void drain_on(struct wake_keeper *keeper);

static void note_failure(struct wake_keeper *keeper, int code)
{
	if (keeper->line.len > 0)
		keep_line(keeper); /* without a newline at its end */
	if (!keeper->has_spoken)
		(void)snprintf(keeper->last_error, sizeof(keeper->last_error),
		    code > 128 ? "the recorder was ended by signal %d"
		               : "the recorder failed with exit code %d",
		    code > 128 ? code - 128 : code);
	wake_log_say(keeper->spec.log, "the recorder has ended: %s", keeper->last_error);
}

static void has_ended(void *context, int code)
{
	struct wake_keeper *keeper = context;
	bool was_short = wake_clock_monotonic() - keeper->started < SHORT_LIFE;

	wake_child_free(keeper->child);
	keeper->child = NULL;
	if (keeper->draining) {
		drain_on(keeper);
	} else if (code != 0) {
		note_failure(keeper, code);
		back_off(keeper);
	} else if (was_short && wake_spool_has_events(keeper->spec.paths->spool)) {
		back_off(keeper);
	} else {
		keeper->backoff = 0;
		keeper->last_error[0] = '\0';
		if (wake_fs_is_dir(keeper->in))
			rest(keeper);
		else
			forget_spool(keeper);
	}
}

static void leave_spool(struct wake_keeper *keeper)
{
	if (keeper->wd > 0)
		wake_inotify_remove(keeper->inotify, keeper->wd);
	keeper->wd = 0;
}

static int launch(struct wake_keeper *keeper, const char *const *argv, struct wake_error *err)
{
	const struct wake_child_spec spec = {
		.argv = argv, .errors = saw_errors, .ended = has_ended, .context = keeper
	};

	wake_str_clear(&keeper->line);
	keeper->has_spoken = false;
	keeper->started = wake_clock_monotonic();
	return wake_child_start(keeper->loop, &spec, &keeper->child, err);
}

/* Somebody else may attend at our start, a recorder that was started by hand for example; it ends one day. */
static void attend(struct wake_keeper *keeper)
{
	struct wake_error ignored;

	if (keeper->attended < 0)
		(void)!wake_spool_attend(keeper->spec.paths->spool, &keeper->attended, &ignored);
}

static void start_child(struct wake_keeper *keeper)
{
	const char *const argv[] = { keeper->spec.program, "record", "--follow", "--idle", IDLE_SECONDS,
		NULL };
	struct wake_error err;

	if (keeper->child || keeper->draining)
		return;
	wake_loop_timer_clear(keeper->loop, &keeper->timer);
	leave_spool(keeper);
	attend(keeper);
	if (launch(keeper, argv, &err) == WAKE_OK)
		return;
	(void)snprintf(keeper->last_error, sizeof(keeper->last_error), "%s", err.text);
	wake_log_say(keeper->spec.log, "%s", err.text);
	back_off(keeper);
}

/* ---- resting: the spool is watched ---- */

/* Whoever removed the spool may be removing everything, so a while is let pass before it is made again. */
static void rest_again(void *context)
{
	struct wake_keeper *keeper = context;

	if (wake_fs_is_dir(keeper->in) || keeper->spec.lost(keeper->spec.context))
		rest(keeper);
}

static void forget_spool(struct wake_keeper *keeper)
{
	leave_spool(keeper);
	wake_scope_close(&keeper->attended); /* the lock of a spool that nobody finds any more */
	keeper->attended = -1;
	set_timer(keeper, rest_again, REWATCH_AFTER);
}

static void saw_spool(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct wake_keeper *keeper = context;

	(void)tag;
	if (keeper->draining)
		return;
	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
		forget_spool(keeper);
	else
		start_child(keeper);
}

/* First the watch, then the look: what comes between is seen by either. */
static int watch_spool(struct wake_keeper *keeper, struct wake_error *err)
{
	int ret = wake_fs_make_dirs(keeper->in, err);

	if (ret == WAKE_OK && keeper->wd <= 0)
		ret = wake_inotify_add(
		    keeper->inotify, keeper->in, SEEN, saw_spool, keeper, 0, &keeper->wd, err);
	return ret;
}

static void rest(struct wake_keeper *keeper)
{
	struct wake_error err;

	attend(keeper);
	if (watch_spool(keeper, &err) < 0) {
		(void)snprintf(keeper->last_error, sizeof(keeper->last_error), "%s", err.text);
		wake_log_say(keeper->spec.log, "%s", err.text);
		keeper->backoff = BACKOFF_MOST / 2;
		back_off(keeper); /* without the watch a child looks after the spool once a minute */
	} else if (wake_spool_has_events(keeper->spec.paths->spool)) {
		start_child(keeper);
	}
}

/* ---- a clean stop ---- */

static void drained(struct wake_keeper *keeper)
{
	wake_loop_timer_clear(keeper->loop, &keeper->timer);
	keeper->spec.drained(keeper->spec.context);
}

static void drain_no_longer(void *context)
{
	struct wake_keeper *keeper = context;

	wake_log_say(
	    keeper->spec.log, "the recorder does not end: it is killed; what waits is recorded later");
	wake_child_free(keeper->child);
	keeper->child = NULL;
	drained(keeper);
}

/* A child that has just been started may have died of the signal before it could do anything, so the spool
 * is looked at again, and a last recorder, which does not follow, gets one chance. */
static void drain_on(struct wake_keeper *keeper)
{
	const char *const argv[] = { keeper->spec.program, "record", NULL };
	struct wake_error err;

	if (keeper->is_last || !wake_spool_has_events(keeper->spec.paths->spool)) {
		drained(keeper);
		return;
	}
	keeper->is_last = true;
	if (launch(keeper, argv, &err) < 0) {
		wake_log_say(keeper->spec.log, "%s", err.text);
		drained(keeper);
	}
}

void wake_keeper_drain(struct wake_keeper *keeper)
{
	keeper->draining = true;
	leave_spool(keeper);
	set_timer(keeper, drain_no_longer, DRAIN_MOST);
	if (keeper->child)
		wake_child_signal(keeper->child, SIGTERM);
	else
		drain_on(keeper);
}

/* ---- lifecycle ---- */

int wake_keeper_new(struct wake_loop *loop, const struct wake_keeper_spec *spec,
    struct wake_keeper **ret_keeper, struct wake_error *err)
{
	struct wake_keeper *keeper = calloc(1, sizeof(*keeper));
	int ret;

	if (!keeper)
		return wake_fail_nomem(err);
	*keeper = (struct wake_keeper){
		.loop = loop, .spec = *spec, .attended = -1, .line = WAKE_STR(WAKE_KEEPER_LINE_MAX)
	};
	ret = wake_fs_join(spec->paths->spool, "in", &keeper->in, err);
	/* An instance of its own: whatever overflows the trees' queue, what comes into the spool is seen. */
	if (ret == WAKE_OK)
		ret = wake_inotify_new(loop, &keeper->inotify, err);
	if (ret < 0) {
		wake_keeper_free(keeper);
		return ret;
	}
	rest(keeper);
	*ret_keeper = keeper;
	return WAKE_OK;
}

void wake_keeper_free(struct wake_keeper *keeper)
{
	if (!keeper)
		return;
	wake_child_free(keeper->child);
	wake_loop_timer_clear(keeper->loop, &keeper->timer);
	wake_inotify_free(keeper->inotify);
	wake_scope_close(&keeper->attended);
	wake_str_release(&keeper->line);
	free(keeper->in);
	free(keeper);
}
