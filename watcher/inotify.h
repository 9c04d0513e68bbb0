/* SPDX-License-Identifier: MIT */
/* One inotify instance for everything that is watched (a user has 128 of them by default, and as many
 * watches in each as fs.inotify.max_user_watches says for all together). */
#ifndef WAKE_INOTIFY_H
#define WAKE_INOTIFY_H

#include <sys/inotify.h>

#include "watcher/loop.h"

struct wake_inotify; /* opaque; owned: wake_inotify_free */

/* event: borrowed; event->name is NUL-terminated, "" where event->len is 0. tag: as given with the watch. After
 * IN_IGNORED (told like any other event) the watch is gone. */
typedef void (*wake_inotify_told)(void *context, uint32_t tag, const struct inotify_event *event);

/* Reads with a buffer of 256 KiB until the kernel's queue is empty, and calls back only. */
int wake_inotify_new(struct wake_loop *loop, struct wake_inotify **ret_inotify, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_inotify_free(struct wake_inotify *inotify);

/* Watches one directory. mask: without IN_OPEN and IN_ACCESS; IN_ONLYDIR, IN_DONT_FOLLOW and IN_EXCL_UNLINK are
 * added. WAKE_NOTFOUND: no such directory. WAKE_EXISTS: that directory is watched already (through another
 * path). WAKE_NOMEM: the limit is reached; the text names the sysctl. ret_wd ≥ 0. */
int wake_inotify_add(struct wake_inotify *inotify, const char *path, uint32_t mask, wake_inotify_told told,
    void *context, uint32_t tag, int *ret_wd, struct wake_error *err) WAKE_MUST_CHECK;
/* Nothing more is told of it. The kernel learns of it by pieces, through the loop. */
void wake_inotify_remove(struct wake_inotify *inotify, int wd);

/* Called when the kernel's queue has overflowed: events of any watch may be lost. One listener lies in its
 * owner's structure. */
struct wake_overflow {
	void (*lost)(void *context);
	void *context;
	struct wake_overflow *next; /* the module's */
};
void wake_inotify_on_overflow(struct wake_inotify *inotify, struct wake_overflow *listener);
void wake_inotify_off_overflow(struct wake_inotify *inotify, struct wake_overflow *listener);

size_t wake_inotify_count(const struct wake_inotify *inotify);	/* watches of ours */
uint64_t wake_inotify_events(const struct wake_inotify *inotify);	/* read so far */
uint64_t wake_inotify_overflows(const struct wake_inotify *inotify);
/* The limit that counts here, and the sysctl that it is (static). -1: cannot be read. */
long wake_inotify_limit(void);
const char *wake_inotify_limit_name(void);

#endif
