/* SPDX-License-Identifier: MIT */
/* The marker: the file .runwake in a workspace's root, which says which run works there.
 *
 *   {"version":1,"run_id":"…","workspace_id":"…"}      at most 4 KiB; workspace_id may be missing
 *
 * Anybody may have written it, so it is believed only if it is a regular file, not reached through
 * a symbolic link, owned by us or by the owner of the directory it lies in, and of this schema (members
 * that we do not know are an orchestrator's own and left alone). */
#ifndef WAKE_MARKER_H
#define WAKE_MARKER_H

#include "base/error.h"

#define WAKE_MARKER_NAME ".runwake"
#define WAKE_MARKER_MAX 4096		/* bytes of the file */
#define WAKE_RUN_ID_MAX 255		/* bytes of a run_id */

struct wake_marker {
	char run_id[WAKE_RUN_ID_MAX + 1];
	char workspace_id[WAKE_RUN_ID_MAX + 1];	/* "" if missing */
	char *directory;			/* owned: where it lay */
};

/* 1 to 255 bytes of [A-Za-z0-9._:@+=-], not beginning with '-' or '.'. */
int wake_run_id_check(const char *run_id, struct wake_error *err) WAKE_MUST_CHECK;

/* In directory itself. WAKE_NOTFOUND: none. WAKE_INVALID: one that cannot be believed, with the mend. */
int wake_marker_read(const char *directory, struct wake_marker *ret_marker, struct wake_error *err)
    WAKE_MUST_CHECK;

/* In directory or its nearest parent that has one (stops at the root, or where the file system or
 * the owner changes). An invalid one ends the search with WAKE_INVALID. */
int wake_marker_find(const char *directory, struct wake_marker *ret_marker, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Writes it atomically, 0600. */
int wake_marker_write(const char *directory, const char *run_id, const char *workspace_id,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The same, but WAKE_EXISTS where anything of that name is there already. */
int wake_marker_create(const char *directory, const char *run_id, const char *workspace_id,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Removes it if it names run_id (NULL: whatever it names). WAKE_NOTFOUND if there is none or another's. */
int wake_marker_remove(const char *directory, const char *run_id, struct wake_error *err) WAKE_MUST_CHECK;

void wake_marker_release(struct wake_marker *marker);

/* Removes the file at path, JSON of at most WAKE_MARKER_MAX bytes, if its run_id is run_id. One that somebody
 * puts there at the same moment stays. WAKE_NOTFOUND if there is none or another's. */
int wake_marker_unlink_of(const char *path, const char *run_id, struct wake_error *err) WAKE_MUST_CHECK;

#endif
