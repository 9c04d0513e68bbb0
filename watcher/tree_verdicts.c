/* SPDX-License-Identifier: MIT */
/* A place holds 62 bits of the path's hash and two bits of verdict; 0 is an empty one. */
#include "watcher/tree_verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "watcher/tree_hash.h"

#define PLACES 4096u

static uint64_t hash_of(const struct wake_verdicts *verdicts, const char *path)
{
	return wake_tree_hash(verdicts->key, path, strlen(path));
}

void wake_verdicts_clear(struct wake_verdicts *verdicts)
{
	free(verdicts->places);
	*verdicts = (struct wake_verdicts){ 0 };
}

enum wake_verdict wake_verdicts_of(const struct wake_verdicts *verdicts, const char *path)
{
	uint64_t hash, place;

	if (!verdicts->places)
		return WAKE_VERDICT_UNKNOWN;
	hash = hash_of(verdicts, path);
	place = verdicts->places[hash % PLACES];
	return (place ^ hash) >> 2 ? WAKE_VERDICT_UNKNOWN : (enum wake_verdict)(place & 3);
}

/* The hash's two lowest bits name the place only: they are not compared, and need not be. */
void wake_verdicts_set(struct wake_verdicts *verdicts, const char *path, enum wake_verdict verdict)
{
	uint64_t hash;

	if (!verdicts->places && verdict == WAKE_VERDICT_UNKNOWN)
		return;
	if (!verdicts->places) {
		verdicts->places = calloc(PLACES, sizeof(*verdicts->places));
		if (!verdicts->places)
			return;
		wake_tree_hash_key(&verdicts->key);
	}
	hash = hash_of(verdicts, path);
	verdicts->places[hash % PLACES] = (hash & ~UINT64_C(3)) | (uint64_t)verdict;
}
