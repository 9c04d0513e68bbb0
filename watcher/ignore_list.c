/* SPDX-License-Identifier: MIT */
/* The list of what is tracked, read as git writes it and kept as hashes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watcher/ignore_parts.h"
#include "watcher/tree_hash.h"

#define ITEMS_MAX (UINT32_C(1) << 24) /* paths and directories: 64 MiB of hashes */
#define DIGIT_BITS 11                 /* of the radix sort; three digits make 32 bits */
#define DIGITS ((size_t)1 << DIGIT_BITS)

static uint32_t hash_path(const struct wake_ignore *ignore, const char *path, size_t len)
{
	return (uint32_t)(wake_tree_hash(ignore->key, path, len) >> 32);
}

/* ---- the set ---- */

static bool contains(const struct wake_tracked *set, uint32_t hash)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->items[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && set->items[low] == hash;
}

static bool is_same(const struct wake_tracked *left, const struct wake_tracked *right)
{
	return left->count == right->count &&
	       (left->count == 0 ||
	           memcmp(left->items, right->items, left->count * sizeof(*left->items)) == 0);
}

static int add_hash(struct wake_tracked *set, uint32_t hash)
{
	uint32_t *items;
	size_t room;

	if (set->count == set->room) {
		room = set->room ? set->room + set->room / 2 : 256;
		if (set->count >= ITEMS_MAX)
			return WAKE_NOMEM;
		items = reallocarray(set->items, room, sizeof(*items));
		if (!items)
			return WAKE_NOMEM;
		set->items = items;
		set->room = room;
	}
	set->items[set->count++] = hash;
	return WAKE_OK;
}

static void sort_by_digit(const uint32_t *from, uint32_t *to, size_t count, unsigned shift)
{
	size_t starts[DIGITS] = { 0 }, at = 0;

	for (size_t i = 0; i < count; i++)
		starts[from[i] >> shift & (DIGITS - 1)]++;
	for (size_t digit = 0; digit < DIGITS; digit++) {
		size_t of_digit = starts[digit];

		starts[digit] = at;
		at += of_digit;
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* A radix sort: a quarter of a million hashes take some milliseconds, and the loop waits meanwhile. */
static int sort_set(struct wake_tracked *set)
{
	uint32_t *other = set->count ? reallocarray(NULL, set->count, sizeof(*other)) : NULL;

	if (set->count == 0)
		return WAKE_OK;
	if (!other)
		return WAKE_NOMEM;
	sort_by_digit(set->items, other, set->count, 0);
	sort_by_digit(other, set->items, set->count, DIGIT_BITS);
	sort_by_digit(set->items, other, set->count, 2 * DIGIT_BITS);
	free(set->items);
	set->items = other; /* just as large as needed */
	set->room = set->count;
	return WAKE_OK;
}

/* ---- reading ---- */

static void break_off(struct wake_ignore *ignore, const char *why)
{
	ignore->list_broken = true;
	(void)snprintf(ignore->list_problem, sizeof(ignore->list_problem),
	    "git cannot list what is tracked, so that %s: %.*s",
	    ignore->is_listed ? "an older list is used" : "nothing is taken for ignored",
	    (int)strcspn(why, "\n"), why);
}

/* git lists in order, so a directory is new exactly where the path before did not lie in it. */
static int add_directories(struct wake_ignore *ignore, char *path, size_t len)
{
	const char *latest = wake_str_text(&ignore->latest);
	size_t same = 0;

	while (same < len && same < ignore->latest.len && path[same] == latest[same])
		same++;
	for (size_t i = same; i < len; i++) {
		uint32_t hash;

		if (path[i] != '/')
			continue;
		hash = hash_path(ignore, path, i);
		if (add_hash(&ignore->listing, hash) < 0)
			return WAKE_NOMEM;
		if (ignore->is_listed && !contains(&ignore->tracked, hash)) {
			path[i] = '\0';
			ignore->owner.found(ignore->owner.context, path);
			path[i] = '/';
		}
	}
	return WAKE_OK;
}

/* tail holds one whole path. */
static void take_path(struct wake_ignore *ignore)
{
	struct wake_str *path = &ignore->tail, latest = ignore->latest;

	if (path->failed || path->len == 0) {
		break_off(ignore, "a path is empty or too long");
	} else if (add_directories(ignore, path->data, path->len) < 0 ||
	           add_hash(&ignore->listing, hash_path(ignore, path->data, path->len)) < 0) {
		break_off(ignore, "too many files are tracked");
	}
	ignore->latest = ignore->tail;
	ignore->tail = latest;
	wake_str_clear(&ignore->tail);
}

static void read_list(void *context, const char *bytes, size_t len)
{
	struct wake_ignore *ignore = context;

	while (len > 0 && !ignore->list_broken) {
		const char *end = memchr(bytes, '\0', len);
		size_t part = end ? (size_t)(end - bytes) : len;

		wake_str_append_bytes(&ignore->tail, bytes, part);
		if (!end)
			return;
		take_path(ignore);
		bytes += part + 1;
		len -= part + 1;
	}
}

static void forget_listing(struct wake_ignore *ignore)
{
	free(ignore->listing.items);
	ignore->listing = (struct wake_tracked){ 0 };
	wake_str_release(&ignore->tail);
	wake_str_release(&ignore->latest);
}

static void finish(struct wake_ignore *ignore)
{
	bool changed = !ignore->is_listed, again = ignore->list_again;

	ignore->list_again = false;
	if (!ignore->list_broken && sort_set(&ignore->listing) < 0)
		break_off(ignore, "out of memory");
	if (!ignore->list_broken) {
		changed |= !is_same(&ignore->tracked, &ignore->listing);
		free(ignore->tracked.items);
		ignore->tracked = ignore->listing;
		ignore->listing = (struct wake_tracked){ 0 };
		ignore->is_listed = true;
		ignore->list_problem[0] = '\0';
	}
	forget_listing(ignore);
	ignore->owner.listed(ignore->owner.context, changed);
	if (again)
		wake_ignore_list(ignore);
}

static void list_ended(void *context, int code)
{
	struct wake_ignore *ignore = context;

	wake_child_free(ignore->lister);
	ignore->lister = NULL;
	if (code != 0 && !ignore->list_broken)
		break_off(ignore, ignore->complaint[0] ? ignore->complaint : "it failed without a word");
	if (ignore->tail.len > 0 && !ignore->list_broken)
		break_off(ignore, "the list is cut off");
	finish(ignore);
}

void wake_ignore_tell_refused(void *context)
{
	finish(context);
}

void wake_ignore_list(struct wake_ignore *ignore)
{
	static const char *const arguments[] = { "ls-files", "-z", NULL };
	struct wake_error err;

	if (ignore->lister || ignore->refused.waiting) {
		ignore->list_again = true;
		return;
	}
	forget_listing(ignore);
	ignore->list_broken = false;
	if (wake_ignore_start(ignore, arguments, false, read_list, list_ended, &ignore->lister, &err) < 0) {
		break_off(ignore, err.text);
		wake_loop_defer(ignore->loop, &ignore->refused);
	}
}

bool wake_ignore_is_tracked(const struct wake_ignore *ignore, const char *path)
{
	return contains(&ignore->tracked, hash_path(ignore, path, strlen(path)));
}
