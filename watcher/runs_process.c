/* SPDX-License-Identifier: MIT */
/* Is a run's process still there? Asked by pidfd; by pid, start time and boot, never by the pid alone. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <time.h>

#include "base/scope.h"
#include "event/ending.h"
#include "watcher/runs_parts.h"

static int64_t since_boot(void) /* microseconds, suspended time too */
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * WAKE_SECOND + now.tv_nsec / 1000;
}

static void end_rung(void *context)
{
	struct wake_run *run = context;
	struct wake_scene *scene = run->runs->scene;
	wake_auto_active struct wake_active now = { 0 };
	struct wake_error problem;
	int ret = wake_active_read(scene->paths, run->active.run_id, &now, &problem);

	if (ret == WAKE_OK && wake_run_is_same(run, &now))
		ret = wake_ending_presume(scene->paths, &run->active, run->died_at, run->why, &problem);
	if (ret == WAKE_OK || ret == WAKE_NOTFOUND) {
		wake_runs_look(run->runs); /* ended, here or elsewhere */
		return;
	}
	run->end_failures++;
	wake_scene_note(scene, &problem);
	wake_scene_ring(scene, &run->end, wake_scene_later(run->end_failures));
}

/* at: when that was, as far as it is known. */
static void die(struct wake_run *run, int64_t at)
{
	run->dead = true;
	run->died_at = at;
	wake_run_unwatch(run);
	run->end = (struct wake_timer){ .rung = end_rung, .context = run };
	wake_scene_ring(run->runs->scene, &run->end, wake_clock_monotonic() + run->runs->pace->grace);
}

static void die_now(struct wake_run *run)
{
	int64_t now = wake_clock_now(), ticks = sysconf(_SC_CLK_TCK);
	int64_t started =
	    now - since_boot() + (int64_t)(run->active.pid_start / (uint64_t)ticks) * WAKE_SECOND;
	char text[WAKE_TIME_SIZE];

	wake_time_format(started, text);
	(void)snprintf(run->why, sizeof(run->why), "process %jd (started %.19sZ) is gone without a word",
	    (intmax_t)run->active.pid, text);
	die(run, now);
}

/* Of an earlier boot: it ended before this one began. */
static void die_with_boot(struct wake_run *run)
{
	(void)snprintf(run->why, sizeof(run->why),
	    "process %jd is gone without a word: the machine was started anew", (intmax_t)run->active.pid);
	die(run, wake_clock_now() - since_boot());
}

static void ended(void *context, uint32_t events)
{
	(void)events;
	die_now(context);
}

void wake_run_watch(struct wake_run *run)
{
	wake_auto_close int pidfd = -1;
	struct wake_error problem;

	enum wake_active_place place =
	    run->active.pid == 0 ? WAKE_ACTIVE_ELSEWHERE : wake_active_place(&run->active);

	if (place == WAKE_ACTIVE_OTHER_BOOT)
		die_with_boot(run);
	if (place != WAKE_ACTIVE_HERE)
		return;
	/* First the descriptor, then the look at who it is: in between the pid cannot change hands. */
	pidfd = pidfd_open(run->active.pid, 0);
	if ((pidfd < 0 && errno == ESRCH) || wake_active_is_gone(&run->active)) {
		die_now(run);
		return;
	}
	if (pidfd < 0 || wake_loop_watch(run->runs->scene->loop, pidfd, EPOLLIN, ended, run, &problem) < 0) {
		run->checked = true;
		return;
	}
	run->pidfd = pidfd;
	pidfd = -1; /* the run's now */
}

void wake_run_unwatch(struct wake_run *run)
{
	if (run->pidfd < 0)
		return;
	wake_loop_unwatch(run->runs->scene->loop, run->pidfd);
	(void)close(run->pidfd);
	run->pidfd = -1;
}

void wake_run_check(struct wake_run *run)
{
	if (run->checked && !run->dead && wake_active_is_gone(&run->active))
		die_now(run);
}
