/* SPDX-License-Identifier: MIT */
/* SHA-1 as RFC 3174 writes it down. */
#include "git/sha1.h"

#include <string.h>

static uint32_t rotate(uint32_t word, unsigned bits)
{
	return word << bits | word >> (32 - bits);
}

static void take_block(uint32_t state[5], const unsigned char *block)
{
	uint32_t words[80];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	for (unsigned t = 0; t < 16; t++)
		words[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		           (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (unsigned t = 16; t < 80; t++)
		words[t] = rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
	for (unsigned t = 0; t < 80; t++) {
		uint32_t f, k, next;

		if (t < 20) {
			f = (b & c) | (~b & d);
			k = 0x5a827999;
		} else if (t < 40) {
			f = b ^ c ^ d;
			k = 0x6ed9eba1;
		} else if (t < 60) {
			f = (b & c) | (b & d) | (c & d);
			k = 0x8f1bbcdc;
		} else {
			f = b ^ c ^ d;
			k = 0xca62c1d6;
		}
		next = rotate(a, 5) + f + e + words[t] + k;
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void wake_sha1_init(struct wake_sha1 *sha1)
{
	*sha1 = (struct wake_sha1){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
}

void wake_sha1_add(struct wake_sha1 *sha1, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	size_t used = sha1->len % sizeof(sha1->block);

	sha1->len += len;
	while (len > 0) {
		size_t part = sizeof(sha1->block) - used;

		if (part > len)
			part = len;
		memcpy(sha1->block + used, bytes, part);
		bytes += part;
		len -= part;
		used += part;
		if (used == sizeof(sha1->block)) {
			take_block(sha1->state, sha1->block);
			used = 0;
		}
	}
}

void wake_sha1_end(struct wake_sha1 *sha1, unsigned char ret_digest[WAKE_SHA1_BYTES])
{
	static const unsigned char padding[64] = { 0x80 };
	uint64_t bits = sha1->len * 8;
	size_t used = sha1->len % 64;
	unsigned char tail[8];

	for (unsigned i = 0; i < 8; i++)
		tail[i] = (unsigned char)(bits >> (56 - 8 * i));
	wake_sha1_add(sha1, padding, used < 56 ? 56 - used : 120 - used);
	wake_sha1_add(sha1, tail, sizeof(tail));
	for (unsigned i = 0; i < WAKE_SHA1_BYTES; i++)
		ret_digest[i] = (unsigned char)(sha1->state[i / 4] >> (24 - 8 * (i % 4)));
}
