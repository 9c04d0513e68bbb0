/* SPDX-License-Identifier: MIT */
/* SHA-256 as RFC 6234 writes it down. */
#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

static const uint32_t constants[64] = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
	return word >> bits | word << (32 - bits);
}

static void spread(const unsigned char *block, uint32_t words[64])
{
	for (unsigned t = 0; t < 16; t++)
		words[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		           (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (unsigned t = 16; t < 64; t++) {
		uint32_t low = words[t - 15], high = words[t - 2];

		words[t] = words[t - 16] + (rotate(low, 7) ^ rotate(low, 18) ^ low >> 3) + words[t - 7] +
		           (rotate(high, 17) ^ rotate(high, 19) ^ high >> 10);
	}
}

static void take_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t words[64], s[8];

	spread(block, words);
	memcpy(s, state, sizeof(s));
	for (unsigned t = 0; t < 64; t++) {
		uint32_t one = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
		               ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[t] + words[t];
		uint32_t two = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
		               ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += one;
		s[0] = one + two;
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += s[i];
}

void wake_sha256_init(struct wake_sha256 *sha256)
{
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	*sha256 = (struct wake_sha256){ .len = 0 };
	memcpy(sha256->state, start, sizeof(start));
}

void wake_sha256_add(struct wake_sha256 *sha256, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	while (len > 0) {
		size_t filled = (size_t)(sha256->len % sizeof(sha256->block));
		size_t take = sizeof(sha256->block) - filled < len ? sizeof(sha256->block) - filled : len;

		memcpy(sha256->block + filled, bytes, take);
		sha256->len += take;
		bytes += take;
		len -= take;
		if (filled + take == sizeof(sha256->block))
			take_block(sha256->state, sha256->block);
	}
}

void wake_sha256_text(const struct wake_sha256 *sha256, char ret_text[WAKE_SHA256_SIZE])
{
	static const unsigned char padding[64] = { 0x80 };
	struct wake_sha256 end = *sha256;
	size_t filled = (size_t)(end.len % sizeof(end.block));
	uint64_t bits = end.len * 8;
	unsigned char length[8];

	for (unsigned i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)(bits >> (56 - 8 * i));
	wake_sha256_add(&end, padding, filled < 56 ? 56 - filled : 120 - filled);
	wake_sha256_add(&end, length, sizeof(length));
	for (unsigned i = 0; i < 8; i++)
		(void)snprintf(ret_text + 8 * i, 9, "%08x", end.state[i]);
}
