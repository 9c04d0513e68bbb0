/* SPDX-License-Identifier: MIT */
/* SHA-1 (RFC 3174), for patch-ids and for files too large to be held: libgit2 hashes only whole objects. Inner to
 * the room. */
#ifndef WAKE_SHA1_H
#define WAKE_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define WAKE_SHA1_BYTES 20

struct wake_sha1 {
	uint32_t state[5];
	uint64_t len; /* bytes taken in */
	unsigned char block[64];
};

void wake_sha1_init(struct wake_sha1 *sha1);
void wake_sha1_add(struct wake_sha1 *sha1, const void *data, size_t len);
void wake_sha1_end(struct wake_sha1 *sha1, unsigned char ret_digest[WAKE_SHA1_BYTES]);

#endif
