/* SPDX-License-Identifier: MIT */
/* What a struct wake_kept is made of. Inner to the room. */
#ifndef WAKE_KEPT_INSIDE_H
#define WAKE_KEPT_INSIDE_H

#include "git/kept.h"
#include "git/repo_inside.h"

struct wake_kept {
	struct wake_repo *repo;	/* owned; its library is open */
	git_oid *written;	/* owned; loose objects that may not be on the disk yet */
	size_t written_count, written_room;
};

/* Notes an object as written, for wake_kept_sync. */
int wake_kept_note(struct wake_kept *kept, const git_oid *id, struct wake_error *err) WAKE_MUST_CHECK;

#endif
