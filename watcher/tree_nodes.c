/* SPDX-License-Identifier: MIT */
/* The array of directories. */
#include "watcher/tree_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "watcher/tree_hash.h"

#define FIRST_ROOM 16u
#define ROOM_MAX (UINT32_C(1) << 26) /* directories; the kernel counts watches in an int */

int wake_nodes_init(struct wake_nodes *nodes, struct wake_error *err)
{
	struct wake_nodes made = { .count = 2, .room = FIRST_ROOM, .bucket_count = FIRST_ROOM };

	wake_tree_hash_key(&made.key);
	made.items = calloc(made.room, sizeof(*made.items));
	made.buckets = calloc(made.bucket_count, sizeof(*made.buckets));
	if (!made.items || !made.buckets) {
		wake_nodes_release(&made);
		return wake_fail_nomem(err);
	}
	made.items[WAKE_NODE_ROOT].state = WAKE_NODE_QUEUED;
	made.items[WAKE_NODE_TRASH] =
	    (struct wake_node){ .parent = WAKE_NODE_TRASH, .state = WAKE_NODE_CLOSED };
	*nodes = made;
	return WAKE_OK;
}

static bool is_large(const struct wake_node *node)
{
	return node->name_len >= sizeof(node->name.small);
}

void wake_nodes_release(struct wake_nodes *nodes)
{
	for (uint32_t i = 0; nodes->items && i < nodes->count; i++) {
		if (is_large(&nodes->items[i]))
			free(nodes->items[i].name.large);
	}
	free(nodes->items);
	free(nodes->buckets);
	*nodes = (struct wake_nodes){ 0 };
}

const char *wake_node_name(const struct wake_node *node)
{
	return is_large(node) ? node->name.large : node->name.small;
}

/* ---- names ---- */

static uint32_t *bucket_of(const struct wake_nodes *nodes, uint32_t parent, const char *name, size_t len)
{
	uint64_t hash = wake_tree_hash(nodes->key ^ ((uint64_t)parent << 32 | parent), name, len);

	return &nodes->buckets[hash & (nodes->bucket_count - 1)];
}

static void link_name(struct wake_nodes *nodes, uint32_t index)
{
	struct wake_node *node = &nodes->items[index];
	uint32_t *bucket = bucket_of(nodes, node->parent, wake_node_name(node), node->name_len);

	node->bucket_next = *bucket;
	*bucket = index;
	nodes->named++;
}

static void unlink_name(struct wake_nodes *nodes, uint32_t index)
{
	struct wake_node *node = &nodes->items[index];
	uint32_t *at = bucket_of(nodes, node->parent, wake_node_name(node), node->name_len);

	while (*at != WAKE_NODE_NONE && *at != index)
		at = &nodes->items[*at].bucket_next;
	if (*at == index) {
		*at = node->bucket_next;
		nodes->named--;
	}
}

static bool is_named(const struct wake_nodes *nodes, uint32_t index)
{
	const struct wake_node *node = &nodes->items[index];

	return node->state != WAKE_NODE_FREE && index > WAKE_NODE_TRASH && node->parent != WAKE_NODE_TRASH;
}

/* Where there is no memory for more buckets, the chains grow longer. */
static void grow_buckets(struct wake_nodes *nodes)
{
	uint32_t *buckets = nodes->named >= nodes->bucket_count
	                        ? calloc((size_t)nodes->bucket_count * 2, sizeof(*buckets))
	                        : NULL;

	if (!buckets)
		return;
	free(nodes->buckets);
	nodes->buckets = buckets;
	nodes->bucket_count *= 2;
	nodes->named = 0;
	for (uint32_t i = 0; i < nodes->count; i++) {
		if (is_named(nodes, i))
			link_name(nodes, i);
	}
}

uint32_t wake_nodes_find(const struct wake_nodes *nodes, uint32_t parent, const char *name)
{
	size_t len = strlen(name);
	uint32_t at = *bucket_of(nodes, parent, name, len);

	for (; at != WAKE_NODE_NONE; at = nodes->items[at].bucket_next) {
		const struct wake_node *node = &nodes->items[at];

		if (node->parent == parent && node->name_len == len &&
		    memcmp(wake_node_name(node), name, len) == 0)
			return at;
	}
	return WAKE_NODE_NONE;
}

/* ---- records ---- */

static int take_record(struct wake_nodes *nodes, uint32_t *ret_index, struct wake_error *err)
{
	struct wake_node *items;
	uint32_t room;

	if (nodes->first_free != WAKE_NODE_NONE) {
		*ret_index = nodes->first_free;
		nodes->first_free = nodes->items[nodes->first_free].next;
		return WAKE_OK;
	}
	if (nodes->count == nodes->room) {
		if (nodes->room >= ROOM_MAX)
			return wake_fail(err, WAKE_NOMEM, "more than %u directories", ROOM_MAX);
		/* Half as much again: doubling would leave half of a large array empty. */
		room = nodes->room + nodes->room / 2;
		items = reallocarray(nodes->items, room, sizeof(*items));
		if (!items)
			return wake_fail_nomem(err);
		nodes->items = items;
		nodes->room = room;
	}
	*ret_index = nodes->count++;
	return WAKE_OK;
}

static void link_child(struct wake_nodes *nodes, uint32_t parent, uint32_t index)
{
	struct wake_node *node = &nodes->items[index];
	uint32_t first = nodes->items[parent].first_child;

	node->parent = parent;
	node->previous = WAKE_NODE_NONE;
	node->next = first;
	if (first != WAKE_NODE_NONE)
		nodes->items[first].previous = index;
	nodes->items[parent].first_child = index;
}

static void unlink_child(struct wake_nodes *nodes, uint32_t index)
{
	struct wake_node *node = &nodes->items[index];

	if (node->previous != WAKE_NODE_NONE)
		nodes->items[node->previous].next = node->next;
	else
		nodes->items[node->parent].first_child = node->next;
	if (node->next != WAKE_NODE_NONE)
		nodes->items[node->next].previous = node->previous;
}

int wake_nodes_add(
    struct wake_nodes *nodes, uint32_t parent, const char *name, uint32_t *ret_index, struct wake_error *err)
{
	size_t len = strlen(name);
	struct wake_node node = { .serial = ++nodes->serial, .state = WAKE_NODE_ASKED };
	uint32_t index = WAKE_NODE_NONE;
	int ret;

	grow_buckets(nodes);
	if (len == 0 || len > WAKE_NODE_NAME_MAX)
		return wake_fail(err, WAKE_INVALID, "a name of %zu bytes", len);
	node.name_len = (uint16_t)len;
	if (is_large(&node)) {
		node.name.large = strdup(name);
		if (!node.name.large)
			return wake_fail_nomem(err);
	} else {
		memcpy(node.name.small, name, len + 1);
	}
	ret = take_record(nodes, &index, err);
	if (ret < 0) {
		if (is_large(&node))
			free(node.name.large);
		return ret;
	}
	nodes->items[index] = node;
	link_child(nodes, parent, index);
	link_name(nodes, index);
	*ret_index = index;
	return WAKE_OK;
}

void wake_nodes_trash(struct wake_nodes *nodes, uint32_t index)
{
	if (nodes->items[index].parent == WAKE_NODE_TRASH)
		return;
	unlink_name(nodes, index);
	unlink_child(nodes, index);
	link_child(nodes, WAKE_NODE_TRASH, index);
}

uint32_t wake_nodes_trash_leaf(const struct wake_nodes *nodes)
{
	uint32_t at = nodes->items[WAKE_NODE_TRASH].first_child;

	while (at != WAKE_NODE_NONE && nodes->items[at].first_child != WAKE_NODE_NONE)
		at = nodes->items[at].first_child;
	return at;
}

void wake_nodes_remove(struct wake_nodes *nodes, uint32_t index)
{
	struct wake_node *node = &nodes->items[index];

	if (node->parent != WAKE_NODE_TRASH)
		unlink_name(nodes, index);
	unlink_child(nodes, index);
	if (is_large(node))
		free(node->name.large);
	*node = (struct wake_node){ .next = nodes->first_free, .serial = node->serial };
	nodes->first_free = index;
}

void wake_nodes_shrink(struct wake_nodes *nodes)
{
	struct wake_node *items = nodes->items;
	uint32_t *buckets;

	if (nodes->room <= FIRST_ROOM || items[WAKE_NODE_ROOT].first_child != WAKE_NODE_NONE ||
	    items[WAKE_NODE_TRASH].first_child != WAKE_NODE_NONE)
		return;
	nodes->count = 2;
	nodes->first_free = WAKE_NODE_NONE;
	items = reallocarray(items, FIRST_ROOM, sizeof(*items));
	if (items) {
		nodes->items = items;
		nodes->room = FIRST_ROOM;
	}
	buckets = calloc(FIRST_ROOM, sizeof(*buckets));
	if (buckets) {
		free(nodes->buckets);
		nodes->buckets = buckets;
		nodes->bucket_count = FIRST_ROOM;
	}
}

bool wake_nodes_is(const struct wake_nodes *nodes, uint32_t index, uint32_t serial)
{
	return index < nodes->count && nodes->items[index].state != WAKE_NODE_FREE &&
	       nodes->items[index].serial == serial;
}

/* ---- paths ---- */

bool wake_nodes_path(const struct wake_nodes *nodes, uint32_t index, struct wake_str *path)
{
	size_t len = 0, at;
	uint32_t node = index;

	for (; node > WAKE_NODE_TRASH && len <= WAKE_NODE_PATH_MAX; node = nodes->items[node].parent)
		len += nodes->items[node].name_len + 1u;
	wake_str_clear(path);
	if (node != WAKE_NODE_ROOT || len > WAKE_NODE_PATH_MAX)
		return false;
	if (len == 0)
		return true;
	/* From the end to the start, over bytes that are only there to be written over. */
	wake_str_appendf(path, "%*s", (int)len - 1, "");
	if (path->failed)
		return false;
	at = len - 1;
	for (node = index; node != WAKE_NODE_ROOT; node = nodes->items[node].parent) {
		at -= nodes->items[node].name_len;
		memcpy(path->data + at, wake_node_name(&nodes->items[node]), nodes->items[node].name_len);
		if (at > 0)
			path->data[--at] = '/';
	}
	return true;
}
