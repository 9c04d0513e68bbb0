/* SPDX-License-Identifier: MIT */
/* One inotify instance for everything. What a watch costs here is 12 bytes in a hash table that is between
 * three eighths and three quarters full; the callbacks stand once for each owner. */
#include "watcher/inotify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"

#define BUFFER ((size_t)256 * 1024)
#define EVENT_MAX (sizeof(struct inotify_event) + 256) /* bytes: the longest name and its NUL */
#define READS_MAX 64             /* buffers read before children and timers get their turn */
#define KEPT ((size_t)16 * 1024) /* bytes of the buffer that stay in memory after a burst */
#define FIRST_ROOM 64            /* places in the hash table; a power of two */
#define REMOVED_AT_ONCE 1000     /* watches; each leaves an event in the kernel's queue */
#define DEAD UINT32_MAX          /* as an owner: removed, but the kernel does not know yet */
#define ADDED (IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE)
#define LIMIT_FILE "/proc/sys/fs/inotify/max_user_watches"
#define SPACE_LIMIT_FILE "/proc/sys/user/max_inotify_watches"
#define INSTANCES_FILE "/proc/sys/fs/inotify/max_user_instances"

struct place {
	int wd; /* 0: free; the kernel counts from 1 */
	uint32_t tag;
	uint32_t owner; /* index */
};

struct owner {
	wake_inotify_told told;
	void *context;
	size_t watches; /* 0: the place is free */
};

struct wake_inotify {
	struct wake_loop *loop; /* borrowed */
	int fd;
	char *buffer;             /* mapped, so that pages can be given back */
	struct place *places;     /* owned; open addressing, linear probing */
	size_t count, dead, room; /* room: a power of two */
	size_t sweep_at;          /* where the next dead one is looked for */
	struct wake_deferred sweep;
	struct owner *owners; /* owned */
	size_t owner_count, latest_owner;
	struct wake_overflow *listeners, *next_listener;
	uint64_t events, overflows;
};

/* ---- the table ---- */

/* Fibonacci hashing: the kernel counts descriptors up, and these come to lie far apart, so that a removal
 * finds a gap soon. */
static size_t home_of(const struct wake_inotify *inotify, int wd)
{
	uint32_t hash = (uint32_t)wd * UINT32_C(2654435769);

	return (size_t)((uint64_t)hash * inotify->room >> 32);
}

static struct place *find_place(const struct wake_inotify *inotify, int wd)
{
	size_t at;

	if (inotify->room == 0 || wd <= 0)
		return NULL;
	for (at = home_of(inotify, wd); inotify->places[at].wd; at = (at + 1) & (inotify->room - 1)) {
		if (inotify->places[at].wd == wd)
			return &inotify->places[at];
	}
	return NULL;
}

static void insert(struct wake_inotify *inotify, const struct place *place)
{
	size_t at = home_of(inotify, place->wd);

	while (inotify->places[at].wd)
		at = (at + 1) & (inotify->room - 1);
	inotify->places[at] = *place;
}

static int resize(struct wake_inotify *inotify, size_t room, struct wake_error *err)
{
	struct place *old = inotify->places, *places = calloc(room, sizeof(*places));
	size_t old_room = inotify->room;

	if (!places)
		return wake_fail_nomem(err);
	inotify->places = places;
	inotify->room = room;
	for (size_t i = 0; i < old_room; i++) {
		if (old[i].wd)
			insert(inotify, &old[i]);
	}
	free(old);
	return WAKE_OK;
}

static int make_room(struct wake_inotify *inotify, struct wake_error *err)
{
	if (inotify->room == 0)
		return resize(inotify, FIRST_ROOM, err);
	if ((inotify->count + inotify->dead + 1) * 4 <= inotify->room * 3)
		return WAKE_OK;
	return resize(inotify, inotify->room * 2, err);
}

/* Moves up what the freed place would hide: linear probing knows no gaps. */
static void erase(struct wake_inotify *inotify, const struct place *place)
{
	size_t mask = inotify->room - 1, hole = (size_t)(place - inotify->places);

	for (size_t at = (hole + 1) & mask; inotify->places[at].wd; at = (at + 1) & mask) {
		size_t home = home_of(inotify, inotify->places[at].wd);

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			inotify->places[hole] = inotify->places[at];
			hole = at;
		}
	}
	inotify->places[hole].wd = 0;
}

/* A worktree that is gone gives its memory back; where there is none for the smaller table, the large one
 * stays. */
static void shrink(struct wake_inotify *inotify)
{
	struct wake_error ignored;

	if (inotify->room > FIRST_ROOM && (inotify->count + inotify->dead) * 8 < inotify->room)
		(void)!resize(inotify, inotify->room / 2, &ignored);
}

/* ---- removal: the kernel answers each with an event, so that those of a large tree at once would overflow
 * its queue, and every other tree would be read anew ---- */

static void bury(struct wake_inotify *inotify, struct place *place)
{
	inotify->owners[place->owner].watches--;
	place->owner = DEAD;
	inotify->count--;
	inotify->dead++;
}

static void remove_dead(struct wake_inotify *inotify, size_t most)
{
	while (inotify->dead > 0 && most > 0) {
		const struct place *place = &inotify->places[inotify->sweep_at &= inotify->room - 1];

		if (!place->wd || place->owner != DEAD) {
			inotify->sweep_at++;
			continue;
		}
		(void)inotify_rm_watch(inotify->fd, place->wd);
		erase(inotify, place); /* another may lie there now */
		inotify->dead--;
		most--;
	}
	shrink(inotify);
}

static void sweep(void *context)
{
	struct wake_inotify *inotify = context;

	remove_dead(inotify, REMOVED_AT_ONCE);
	if (inotify->dead > 0)
		wake_loop_defer(inotify->loop, &inotify->sweep);
}

/* ---- owners ---- */

static bool is_owner(const struct owner *owner, wake_inotify_told told, const void *context)
{
	return owner->watches > 0 && owner->told == told && owner->context == context;
}

static int find_owner(struct wake_inotify *inotify, wake_inotify_told told, void *context, size_t *ret_index,
    struct wake_error *err)
{
	size_t free_one = inotify->owner_count;
	struct owner *owners;

	if (inotify->latest_owner < inotify->owner_count &&
	    is_owner(&inotify->owners[inotify->latest_owner], told, context)) {
		*ret_index = inotify->latest_owner;
		return WAKE_OK;
	}
	for (size_t i = 0; i < inotify->owner_count; i++) {
		if (is_owner(&inotify->owners[i], told, context)) {
			*ret_index = inotify->latest_owner = i;
			return WAKE_OK;
		}
		if (inotify->owners[i].watches == 0)
			free_one = i;
	}
	if (free_one == inotify->owner_count) {
		owners = reallocarray(inotify->owners, inotify->owner_count + 1, sizeof(*owners));
		if (!owners)
			return wake_fail_nomem(err);
		inotify->owners = owners;
		inotify->owner_count++;
	}
	inotify->owners[free_one] = (struct owner){ .told = told, .context = context };
	*ret_index = inotify->latest_owner = free_one;
	return WAKE_OK;
}

/* ---- events ---- */

/* A listener may leave, and have others leave, while it is told. */
static void tell_overflow(struct wake_inotify *inotify)
{
	inotify->overflows++;
	for (struct wake_overflow *at = inotify->listeners; at; at = inotify->next_listener) {
		inotify->next_listener = at->next;
		at->lost(at->context);
	}
	inotify->next_listener = NULL;
}

static void tell(struct wake_inotify *inotify, const struct inotify_event *event)
{
	struct place *place = find_place(inotify, event->wd);
	struct owner owner;
	uint32_t tag;

	if (!place || (place->owner == DEAD && !(event->mask & IN_IGNORED))) /* removed since */
		return;
	if (place->owner == DEAD) {
		inotify->dead--;
		erase(inotify, place);
		return;
	}
	owner = inotify->owners[place->owner];
	tag = place->tag;
	if (event->mask & IN_IGNORED) {
		inotify->owners[place->owner].watches--;
		inotify->count--;
		erase(inotify, place);
		shrink(inotify);
	}
	owner.told(owner.context, tag, event);
}

/* True if the queue has overflowed. */
static bool tell_all(struct wake_inotify *inotify, size_t len)
{
	bool lost = false;

	for (size_t at = 0; at + sizeof(struct inotify_event) <= len;) {
		/* Aligned: the kernel pads names, and the buffer is a page's start. Where there is no name
		 * the next event's bytes stand in its place, so a copy with an empty one is told. */
		const struct inotify_event *event = (const void *)(inotify->buffer + at);
		union {
			struct inotify_event event;
			char bytes[sizeof(struct inotify_event) + sizeof(uint32_t)];
		} nameless = { .bytes = { 0 } };

		at += sizeof(*event) + event->len;
		inotify->events++;
		if (event->mask & IN_Q_OVERFLOW) {
			lost = true;
			continue;
		}
		if (event->len == 0) {
			nameless.event = *event;
			event = &nameless.event;
		}
		tell(inotify, event);
	}
	return lost;
}

static void read_events(void *context, uint32_t events)
{
	struct wake_inotify *inotify = context;
	size_t most = 0;
	bool lost = false;

	(void)events;
	for (int reads = 0; reads < READS_MAX; reads++) {
		ssize_t got = read(inotify->fd, inotify->buffer, BUFFER);

		if (got <= 0)
			break;
		most = most > (size_t)got ? most : (size_t)got;
		lost |= tell_all(inotify, (size_t)got);
		/* The kernel stops where the next event does not fit; with room left there was none. What has
		 * come since wakes us again. */
		if ((size_t)got + EVENT_MAX < BUFFER)
			break;
	}
	if (lost)
		tell_overflow(inotify);
	if (most > KEPT)
		(void)madvise(inotify->buffer + KEPT, BUFFER - KEPT, MADV_DONTNEED);
}

/* ---- watches ---- */

static long read_number(const char *path)
{
	wake_auto_free char *text = NULL;
	struct wake_error ignored;
	size_t len;

	if (wake_fs_read(path, 64, WAKE_FS_PLAIN, &text, &len, &ignored) < 0)
		return -1;
	return strtol(text, NULL, 10);
}

/* In a user namespace, as containers without root have, its own limit counts too. *ret_name: static. */
static long find_limit(const char **ret_name)
{
	long user = read_number(LIMIT_FILE), space = read_number(SPACE_LIMIT_FILE);
	bool is_space = space >= 0 && (user < 0 || space < user);

	*ret_name = is_space ? "user.max_inotify_watches" : "fs.inotify.max_user_watches";
	return is_space ? space : user;
}

long wake_inotify_limit(void)
{
	const char *name;

	return find_limit(&name);
}

const char *wake_inotify_limit_name(void)
{
	const char *name;

	(void)find_limit(&name);
	return name;
}

static int fail_limit(struct wake_error *err)
{
	const char *name;
	long limit = find_limit(&name);

	(void)wake_fail(err, WAKE_NOMEM,
	    "the limit of inotify watches is reached: raise %s (now %ld), as with sysctl -w %s=%ld", name,
	    limit, name, limit > 262144 ? 4 * limit : 1048576);
	err->sys = ENOSPC;
	return err->code;
}

static int fail_instances(struct wake_error *err)
{
	if (errno == EMFILE)
		return wake_fail(err, WAKE_NOMEM,
		    "the limit of inotify instances or of open files is reached: raise "
		    "fs.inotify.max_user_instances (now %ld) or ulimit -n",
		    read_number(INSTANCES_FILE));
	return wake_fail_errno(err, "start watching files");
}

int wake_inotify_add(struct wake_inotify *inotify, const char *path, uint32_t mask, wake_inotify_told told,
    void *context, uint32_t tag, int *ret_wd, struct wake_error *err)
{
	struct place place = { .tag = tag };
	size_t owner = 0;
	int ret = make_room(inotify, err);

	if (ret == WAKE_OK)
		ret = find_owner(inotify, told, context, &owner, err);
	if (ret < 0)
		return ret;
	place.wd = inotify_add_watch(inotify->fd, path, mask | ADDED);
	if (place.wd < 0 && (errno == EEXIST || errno == ENOSPC) && inotify->dead > 0) {
		remove_dead(inotify, SIZE_MAX); /* one of these may be it */
		place.wd = inotify_add_watch(inotify->fd, path, mask | ADDED);
	}
	if (place.wd < 0 && errno == ENOSPC)
		return fail_limit(err);
	if (place.wd < 0)
		return wake_fail_errno(err, "watch '%s'", path);
	place.owner = (uint32_t)owner;
	inotify->owners[owner].watches++;
	inotify->count++;
	insert(inotify, &place);
	*ret_wd = place.wd;
	return WAKE_OK;
}

void wake_inotify_remove(struct wake_inotify *inotify, int wd)
{
	struct place *place = find_place(inotify, wd);

	if (!place || place->owner == DEAD)
		return;
	bury(inotify, place);
	wake_loop_defer(inotify->loop, &inotify->sweep);
}

/* ---- lifecycle ---- */

int wake_inotify_new(struct wake_loop *loop, struct wake_inotify **ret_inotify, struct wake_error *err)
{
	struct wake_inotify *inotify = calloc(1, sizeof(*inotify));
	void *buffer;
	int ret;

	if (!inotify)
		return wake_fail_nomem(err);
	inotify->loop = loop;
	inotify->sweep = (struct wake_deferred){ .run = sweep, .context = inotify };
	inotify->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (inotify->fd < 0) {
		ret = fail_instances(err);
		wake_inotify_free(inotify);
		return ret;
	}
	buffer = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	inotify->buffer = buffer == MAP_FAILED ? NULL : buffer;
	ret = inotify->buffer ? wake_loop_watch(loop, inotify->fd, EPOLLIN, read_events, inotify, err)
	                      : wake_fail_nomem(err);
	if (ret < 0) {
		wake_inotify_free(inotify);
		return ret;
	}
	*ret_inotify = inotify;
	return WAKE_OK;
}

void wake_inotify_free(struct wake_inotify *inotify)
{
	if (!inotify)
		return;
	wake_loop_undefer(inotify->loop, &inotify->sweep);
	if (inotify->fd >= 0) {
		wake_loop_unwatch(inotify->loop, inotify->fd);
		(void)close(inotify->fd);
	}
	if (inotify->buffer)
		(void)munmap(inotify->buffer, BUFFER);
	free(inotify->places);
	free(inotify->owners);
	free(inotify);
}

void wake_inotify_on_overflow(struct wake_inotify *inotify, struct wake_overflow *listener)
{
	listener->next = inotify->listeners;
	inotify->listeners = listener;
}

void wake_inotify_off_overflow(struct wake_inotify *inotify, struct wake_overflow *listener)
{
	struct wake_overflow **at = &inotify->listeners;

	while (*at && *at != listener)
		at = &(*at)->next;
	if (*at)
		*at = listener->next;
	if (inotify->next_listener == listener)
		inotify->next_listener = listener->next;
}

size_t wake_inotify_count(const struct wake_inotify *inotify)
{
	return inotify->count;
}

uint64_t wake_inotify_events(const struct wake_inotify *inotify)
{
	return inotify->events;
}

uint64_t wake_inotify_overflows(const struct wake_inotify *inotify)
{
	return inotify->overflows;
}
