/* SPDX-License-Identifier: MIT */
/* The stable patch-id of a patch's text, fed line by line: per file the SHA-1 of its header and lines
 * without white space, hunk headers left out; the files' sums are added, so their order does not matter.
 * Inner to the room. */
#ifndef WAKE_PATCH_HASH_H
#define WAKE_PATCH_HASH_H

#include <stdbool.h>

#include "git/sha1.h"

#define WAKE_PATCH_ID_SIZE (2 * WAKE_SHA1_BYTES + 1)

struct wake_patch_hash {
	struct wake_sha1 file;
	unsigned char sum[WAKE_SHA1_BYTES];
	bool in_hunks;		/* of the present file */
	bool any;
	char index[160];	/* the file's "index ID..ID": counts only for a binary file */
};

void wake_patch_hash_init(struct wake_patch_hash *hash);
/* A line of `git diff-tree -p --full-index`, with or without its newline. */
void wake_patch_hash_add(struct wake_patch_hash *hash, const char *line, size_t len);
/* A line within a hunk; origin is ' ', '+' or '-'. */
void wake_patch_hash_add_content(struct wake_patch_hash *hash, char origin, const char *line, size_t len);
/* "" if nothing was added. */
void wake_patch_hash_end(struct wake_patch_hash *hash, char ret_id[WAKE_PATCH_ID_SIZE]);

#endif
