/* SPDX-License-Identifier: MIT */
/* Multiply and fold, eight bytes at a time. No cryptography: an unknown key is enough where a collision costs
 * a hint too many or a longer chain, and never an event. */
#include "watcher/tree_hash.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio, odd */
#define SECOND UINT64_C(0xc2b2ae3d27d4eb4f)     /* odd; its bits are mixed well */

void wake_tree_hash_key(uint64_t *ret_key)
{
	uint64_t key;

	if (getrandom(&key, sizeof(key), GRND_NONBLOCK) != (ssize_t)sizeof(key))
		key = (uint64_t)wake_clock_now() * MULTIPLIER;
	*ret_key = key;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * MULTIPLIER;
	hash ^= hash >> 32;
	hash *= SECOND;
	return hash ^ hash >> 29;
}

uint64_t wake_tree_hash(uint64_t key, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t hash = mix(key, len), word;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, at, len);
	return mix(hash, word ^ key);
}
