/* SPDX-License-Identifier: MIT */
/* What a struct wake_kept is made of. Inner to the room. */
#ifndef WAKE_KEPT_INSIDE_H
#define WAKE_KEPT_INSIDE_H

#include <git2/odb_backend.h>

#include "git/kept.h"
#include "git/repo_inside.h"

/* Objects are collected in memory, where the library finds them first, and written by wake_kept_sync, or when
 * they are too many. */
struct wake_kept {
	struct wake_repo *repo;		/* owned; its library is open */
	git_odb_backend *waiting;	/* the library's: objects that are not written yet */
	git_oid *waiting_ids;		/* owned; an object may be here twice */
	size_t waiting_count, waiting_room;
	size_t waiting_bytes;
};

/* Once, before anything is added. */
int wake_kept_begin(struct wake_kept *kept, struct wake_error *err) WAKE_MUST_CHECK;

/* A blob that is to be written. */
int wake_kept_put(struct wake_kept *kept, const git_oid *id, const void *data, size_t len,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The library was told to write it. */
int wake_kept_note(struct wake_kept *kept, const git_oid *id, struct wake_error *err) WAKE_MUST_CHECK;

bool wake_kept_finds(struct wake_kept *kept, const git_oid *id);

/* Writes what waits as a pack, to the disk. It still waits then. */
int wake_kept_write_pack(struct wake_kept *kept, struct wake_error *err) WAKE_MUST_CHECK;

/* Opens the packs' directory for this process alone, until it is closed. */
int wake_kept_lock_packs(const char *dir, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;

/* Has git write a pack into dir of what input names, in the way that how says (its options, NULL-terminated, four at
 * most). */
int wake_kept_pack_objects(struct wake_kept *kept, const char *dir, const char *const *how,
    const struct wake_str *input, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err) WAKE_MUST_CHECK;

/* packs: its directory, opened. Both files of a pack, and their names, are on the disk then. */
int wake_kept_flush_pack(int packs, const char *hash, struct wake_error *err) WAKE_MUST_CHECK;

/* Makes one pack of the small ones if they are many. dir, packs: their directory, locked. */
void wake_kept_merge_packs(struct wake_kept *kept, const char *dir, int packs);

/* WAKE_NOMEM or WAKE_SYSTEM, since it is our own repository. */
int wake_kept_fail(struct wake_error *err, int code, const char *what);

#endif
