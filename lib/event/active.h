/* SPDX-License-Identifier: MIT */
/* Active runs as files, so that they can be told and ended while no store answers:
 * STATE/runs/RUN_ID/run.json. A run is active here as long as that file is there; other things may lie beside
 * it. */
#ifndef WAKE_ACTIVE_H
#define WAKE_ACTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/process.h"
#include "event/marker.h"

#define WAKE_ACTIVE_PID_MAX 4194304 /* proc(5), /proc/sys/kernel/pid_max: 2^22 at most */
#define WAKE_ACTIVE_LIST_MAX 10000  /* runs that a list holds */

struct wake_active {
	char run_id[WAKE_RUN_ID_MAX + 1];
	char workspace_id[WAKE_RUN_ID_MAX + 1];
	char *workspace_path;	/* owned; NULL where it is no UTF-8 */
	int64_t started_at;	/* microseconds UTC */
	/* The agent's process, if one is known: all together say who it is (base/process.h), also where several
	 * containers or machines share a state directory. */
	pid_t pid;			/* 0: none is known; the next four mean nothing then */
	uint64_t pid_start;		/* clock ticks since boot */
	char boot_id[WAKE_BOOT_ID_SIZE]; /* "": not known */
	uint64_t pid_namespace;		/* 0: not known */
	char host[WAKE_HOST_SIZE];	/* "": not known */
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

/* Every active run, in no order. */
struct wake_active_list {
	struct wake_active *items; /* owned */
	size_t count;
	size_t skipped; /* entries that are no run's, cannot be read, or are beyond WAKE_ACTIVE_LIST_MAX */
};

/* No directory of runs: an empty list. owned: wake_active_list_release. */
int wake_active_list(const struct wake_paths *paths, struct wake_active_list *ret_list,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_active_list_release(struct wake_active_list *list);

/* Where its process is, as seen from here. A state directory may be shared by containers, which have pids of
 * their own, and by machines, which have boots of their own. */
enum wake_active_place { WAKE_ACTIVE_HERE, WAKE_ACTIVE_OTHER_BOOT, WAKE_ACTIVE_ELSEWHERE };
enum wake_active_place wake_active_place(const struct wake_active *active);

/* Is there no such process here any more? The same pid may be another process by now. What cannot be read
 * is no proof. */
bool wake_active_is_gone(const struct wake_active *active);

/* The members of object that say who the process is; none where there is none. (active_process.c) */
int wake_active_format_process(
    json_t *object, const struct wake_active *active, struct wake_error *err) WAKE_MUST_CHECK;
int wake_active_parse_process(
    const json_t *object, struct wake_active *active, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_active WAKE_CLEANUP(wake_active_release)
#define wake_auto_active_list WAKE_CLEANUP(wake_active_list_release)

#endif
