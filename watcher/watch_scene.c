/* SPDX-License-Identifier: MIT */
/* What everything that is watched shares. */
#include "watcher/watch_scene.h"

#include <string.h>

#define DOUBLINGS_MAX 6 /* of one second */

void wake_scene_note(struct wake_scene *scene, const struct wake_error *problem)
{
	memcpy(scene->last_error, problem->text, sizeof(scene->last_error));
	scene->last_error_at = wake_clock_now();
}

void wake_scene_ring(struct wake_scene *scene, struct wake_timer *timer, int64_t at)
{
	struct wake_error problem;

	if (wake_loop_timer_set(scene->loop, timer, at, &problem) < 0)
		wake_scene_note(scene, &problem);
}

void wake_scene_ring_once(struct wake_scene *scene, struct wake_timer *timer, int64_t at)
{
	if (timer->place == 0)
		wake_scene_ring(scene, timer, at);
}

int64_t wake_scene_later(unsigned failures)
{
	unsigned doublings = failures == 0 ? 0 : failures - 1;

	return wake_clock_monotonic() +
	       (WAKE_SECOND << (doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX));
}
