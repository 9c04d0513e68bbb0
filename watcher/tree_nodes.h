/* SPDX-License-Identifier: MIT */
/* The directories of a tree as an array of small records (48 bytes, longer names apart), found by parent and
 * name through a hash. Node WAKE_NODE_ROOT is the root; what lies below WAKE_NODE_TRASH has left the tree and
 * waits to be removed by pieces. Links are indexes; 0 (the root is nobody's child) ends a chain. */
#ifndef WAKE_TREE_NODES_H
#define WAKE_TREE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define WAKE_NODE_ROOT 0u
#define WAKE_NODE_TRASH 1u
#define WAKE_NODE_NONE 0u		/* no child, no sibling, not found */
#define WAKE_NODE_NAME_MAX 255u		/* bytes, as NAME_MAX */
#define WAKE_NODE_PATH_MAX 65536u	/* bytes; no system call takes more than 4,095 of them */

enum wake_node_state {
	WAKE_NODE_FREE,
	WAKE_NODE_ASKED,	/* git is asked whether it ignores it */
	WAKE_NODE_QUEUED,	/* to be opened */
	WAKE_NODE_WATCHED,
	WAKE_NODE_NESTED,	/* a repository of its own: not entered */
	WAKE_NODE_CLOSED,	/* it could not be opened */
};

struct wake_node {
	uint32_t parent, first_child, next, previous, bucket_next;
	uint32_t serial;	/* another one each time the record is used */
	int wd;			/* 0: not watched */
	uint8_t state;		/* enum wake_node_state */
	bool fresh;		/* made after the scan: what is found in it is told */
	uint16_t name_len;
	union {
		char small[16];
		char *large;	/* owned; where the name does not fit into small with its NUL */
	} name;
};

struct wake_nodes {	/* zeroed: empty */
	struct wake_node *items; /* owned */
	uint32_t count, room;	/* of items; count: the highest used + 1 */
	uint32_t first_free;	/* chained by next; 0: none */
	uint32_t *buckets;	/* owned */
	uint32_t bucket_count;	/* a power of two */
	uint32_t named;		/* nodes in buckets */
	uint32_t serial;
	uint64_t key;
};

int wake_nodes_init(struct wake_nodes *nodes, struct wake_error *err) WAKE_MUST_CHECK;
void wake_nodes_release(struct wake_nodes *nodes);

/* borrowed: valid until the next node is added. */
static inline struct wake_node *wake_node_at(const struct wake_nodes *nodes, uint32_t index)
{
	return &nodes->items[index];
}

const char *wake_node_name(const struct wake_node *node);

/* WAKE_NODE_NONE if there is none. */
uint32_t wake_nodes_find(const struct wake_nodes *nodes, uint32_t parent, const char *name);
/* There must be none of that name yet. */
int wake_nodes_add(struct wake_nodes *nodes, uint32_t parent, const char *name, uint32_t *ret_index,
    struct wake_error *err) WAKE_MUST_CHECK;
/* With everything below it, under WAKE_NODE_TRASH. */
void wake_nodes_trash(struct wake_nodes *nodes, uint32_t index);
/* A node without children below the trash, to be removed next; WAKE_NODE_NONE: the trash is empty. */
uint32_t wake_nodes_trash_leaf(const struct wake_nodes *nodes);
/* It must have no children. */
void wake_nodes_remove(struct wake_nodes *nodes, uint32_t index);
/* Gives memory back where nothing but the two roots is left. */
void wake_nodes_shrink(struct wake_nodes *nodes);

bool wake_nodes_is(const struct wake_nodes *nodes, uint32_t index, uint32_t serial);

/* Sets path to the node's path relative to the root ("" is the root's). False if it is in the trash, or if
 * the path is too long or memory is out. */
bool wake_nodes_path(const struct wake_nodes *nodes, uint32_t index, struct wake_str *path);

#endif
