/* SPDX-License-Identifier: MIT */
/* SHA-256 (RFC 6234). */
#ifndef WAKE_SHA256_H
#define WAKE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define WAKE_SHA256_SIZE 65 /* hex digits and a NUL */

struct wake_sha256 {
	uint32_t state[8];
	uint64_t len; /* bytes taken in */
	unsigned char block[64];
};

void wake_sha256_init(struct wake_sha256 *sha256);
void wake_sha256_add(struct wake_sha256 *sha256, const void *data, size_t len);
/* What was added so far, as lower-case hex digits; more may be added after it. */
void wake_sha256_text(const struct wake_sha256 *sha256, char ret_text[WAKE_SHA256_SIZE]);

#endif
