/* SPDX-License-Identifier: MIT */
/* A keyed hash of names and paths: who names files cannot choose what collides. */
#ifndef WAKE_TREE_HASH_H
#define WAKE_TREE_HASH_H

#include <stddef.h>
#include <stdint.h>

void wake_tree_hash_key(uint64_t *ret_key); /* random */
uint64_t wake_tree_hash(uint64_t key, const void *bytes, size_t len);

#endif
