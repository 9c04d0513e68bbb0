/* SPDX-License-Identifier: MIT */
/* watcher/tree_hash: spread, and dependent on its key. */
#include "watcher/tree_hash.h"

#include "../base/scratch.h"

#define COUNT 4096
#define BUCKETS 256

static void spreads_names(void **state)
{
	unsigned low[BUCKETS] = { 0 }, high[BUCKETS] = { 0 };
	char name[32];

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		int len = snprintf(name, sizeof(name), "src/module%u/file.c", i);
		uint64_t hash = wake_tree_hash(42, name, (size_t)len);

		low[hash % BUCKETS]++;
		high[hash >> 56]++;
	}
	/* 16 each on the average; chance alone makes 40 unlikelier than one in a million. */
	for (unsigned i = 0; i < BUCKETS; i++)
		assert_true(low[i] < 40 && high[i] < 40);
}

static void every_byte_and_the_key_count(void **state)
{
	unsigned char bytes[33] = { 0 };
	uint64_t key, other;

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		uint64_t plain = wake_tree_hash(1, bytes, len);

		assert_true(plain != wake_tree_hash(2, bytes, len));
		assert_true(len == sizeof(bytes) || plain != wake_tree_hash(1, bytes, len + 1));
		for (size_t i = 0; i < len; i++) {
			bytes[i] = 1;
			assert_true(plain != wake_tree_hash(1, bytes, len));
			bytes[i] = 0;
		}
	}
	wake_tree_hash_key(&key);
	wake_tree_hash_key(&other);
	assert_true(key != other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spreads_names),
		cmocka_unit_test(every_byte_and_the_key_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
