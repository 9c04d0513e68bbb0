/* SPDX-License-Identifier: MIT */
/* Active runs as files, so that they can be told and ended while no store answers:
 * STATE/runs/RUN_ID/run.json. A run is active here as long as that file is there; other things may lie beside
 * it. */
#ifndef WAKE_ACTIVE_H
#define WAKE_ACTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/paths.h"
#include "event/marker.h"

struct wake_active {
	char run_id[WAKE_RUN_ID_MAX + 1];
	char workspace_id[WAKE_RUN_ID_MAX + 1];
	char *workspace_path;	/* owned; NULL where it is no UTF-8 */
	int64_t started_at;	/* microseconds UTC */
};

/* WAKE_EXISTS if it is there. active: borrowed. */
int wake_active_add(const struct wake_paths *paths, const struct wake_active *active, struct wake_error *err)
    WAKE_MUST_CHECK;
/* WAKE_NOTFOUND. owned: wake_active_release. */
int wake_active_read(const struct wake_paths *paths, const char *run_id, struct wake_active *ret_active,
    struct wake_error *err) WAKE_MUST_CHECK;
/* One that is not there is fine. */
int wake_active_remove(
    const struct wake_paths *paths, const char *run_id, struct wake_error *err) WAKE_MUST_CHECK;

void wake_active_release(struct wake_active *active);
#define wake_auto_active WAKE_CLEANUP(wake_active_release)

#endif
