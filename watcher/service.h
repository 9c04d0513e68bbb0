/* SPDX-License-Identifier: MIT */
/* The watcher put together: what is watched, the recorder's keeper, the socket, the service manager's
 * notifications and signals, on one loop. TERM and INT stop it cleanly, HUP has everything read anew. */
#ifndef WAKE_SERVICE_H
#define WAKE_SERVICE_H

#include "base/paths.h"
#include "watcher/log.h"

struct wake_service_spec {
	const struct wake_paths *paths; /* borrowed */
	const char *dir;		/* borrowed; STATE/watcher */
	int lock;			/* borrowed; held */
	struct wake_log *log;		/* borrowed */
	/* Called once everything stands (the first scan goes on); NULL: nobody waits. */
	void (*stands)(void *context);
	void *context;
};

/* Until it is told to stop. What is pending is then told and recorded. */
int wake_service_run(const struct wake_service_spec *spec, struct wake_error *err) WAKE_MUST_CHECK;

#endif
