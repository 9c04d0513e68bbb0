/* SPDX-License-Identifier: MIT */
/* How the first scan goes on. Its timer is set only until that is over: nothing here wakes up an idle
 * watcher. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "watcher/service_parts.h"

#define QUIET WAKE_SECOND             /* a scan that is over sooner is not told of */
#define EVERY_PLAIN (2 * WAKE_SECOND) /* a line, unless the number has doubled */
#define EVERY (WAKE_SECOND / 5)

/* What the worktrees have found so far, from the same document that everybody gets. */
struct sum {
	int64_t found, directories;
	size_t worktrees, degraded;
};

static void add_worktree(struct sum *sum, const json_t *worktree)
{
	const char *phase = wake_json_string(worktree, "phase");

	sum->found += wake_json_int(worktree, "found", 0);
	sum->directories += wake_json_int(worktree, "directories", 0);
	sum->degraded += phase && strcmp(phase, "degraded") == 0;
	sum->worktrees++;
}

/* The document, for whoever wants more of it; NULL where memory is out. owned: json_decref. */
static json_t *take_sum(const struct wake_service *service, struct sum *ret_sum)
{
	json_t *document = json_object();
	const json_t *worktree;
	struct wake_error ignored;
	size_t i;

	*ret_sum = (struct sum){ 0 };
	if (document && service->watch && wake_watch_status(service->watch, document, &ignored) == WAKE_OK) {
		json_array_foreach(json_object_get(document, "worktrees"), i, worktree)
		    add_worktree(ret_sum, worktree);
	}
	return document;
}

void wake_service_describe(const struct wake_service *service, char *ret_text, size_t size)
{
	struct sum sum;

	json_decref(take_sum(service, &sum));
	(void)snprintf(ret_text, size, "watching %lld director%s of %zu worktree%s%s",
	    (long long)sum.directories, sum.directories == 1 ? "y" : "ies", sum.worktrees,
	    sum.worktrees == 1 ? "" : "s",
	    sum.degraded ? ", some only from time to time: see runwake doctor" : "");
}

/* At a person's terminal five times a second; into a pipe when the number has doubled, or after two seconds.
 */
static bool is_worth_a_line(const struct wake_service *service, const struct sum *sum, int64_t now)
{
	if (!wake_log_is_seen(service->spec.log))
		return false;
	if (wake_log_is_terminal(service->spec.log))
		return sum->found != service->shown_found;
	return now - service->shown_at >= EVERY_PLAIN ||
	       (service->shown_found > 0 && sum->found >= 2 * service->shown_found);
}

static void set_timer(struct wake_service *service, int64_t after)
{
	struct wake_error ignored;

	/* Without it the scan goes on all the same, only nobody is told. */
	(void)!wake_loop_timer_set(
	    service->loop, &service->progress, wake_clock_monotonic() + after, &ignored);
}

static void show(void *context)
{
	struct wake_service *service = context;
	int64_t now = wake_clock_monotonic();
	struct sum sum;

	json_decref(take_sum(service, &sum));
	if (is_worth_a_line(service, &sum, now)) {
		wake_log_show(service->spec.log, "first scan: %lld directories in %zu worktree%s so far",
		    (long long)sum.found, sum.worktrees, sum.worktrees == 1 ? "" : "s");
		service->shown_at = now;
		service->shown_found = sum.found;
	}
	set_timer(service, EVERY);
}

static void tell_problems(struct wake_service *service)
{
	struct sum sum;
	wake_auto_json json_t *document = take_sum(service, &sum);
	const json_t *worktree;
	size_t i;

	json_array_foreach(json_object_get(document, "worktrees"), i, worktree)
	{
		const char *problem = wake_json_string(worktree, "problem");
		const char *root = wake_json_string(worktree, "root");

		if (problem && *problem)
			wake_log_say(service->spec.log, "%s: %s", root ? root : "?", problem);
	}
}

static void is_ready(void *context)
{
	struct wake_service *service = context;
	char text[256];

	wake_service_end_progress(service);
	service->was_ready = true;
	wake_service_describe(service, text, sizeof(text));
	wake_log_say(service->spec.log, "%s; ready after %lld ms", text,
	    (long long)(wake_clock_monotonic() - service->began) / 1000);
	tell_problems(service);
	wake_notify_status(service->notify, text);
	(void)malloc_trim(0); /* what the scan took and gave back */
}

void wake_service_begin_progress(struct wake_service *service)
{
	service->progress = (struct wake_timer){ .rung = show, .context = service };
	wake_watch_on_ready(service->watch, is_ready, service);
	if (!wake_watch_is_ready(service->watch) && wake_log_is_seen(service->spec.log))
		set_timer(service, QUIET);
}

void wake_service_end_progress(struct wake_service *service)
{
	wake_loop_timer_clear(service->loop, &service->progress);
}
