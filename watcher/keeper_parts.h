/* SPDX-License-Identifier: MIT */
/* What the keeper's files share. Inner to the module. */
#ifndef WAKE_KEEPER_PARTS_H
#define WAKE_KEEPER_PARTS_H

#include "base/str.h"
#include "watcher/child.h"
#include "watcher/inotify.h"
#include "watcher/keeper.h"

#define WAKE_KEEPER_LINE_MAX 1024 /* bytes of a line of the child's stderr */

/* Either a child runs, or the timer is set (the child has failed), or the spool is watched (wd). */
struct wake_keeper {
	struct wake_loop *loop; /* borrowed */
	struct wake_keeper_spec spec;
	struct wake_inotify *inotify;
	char *in;		/* owned; SPOOL/in */
	int wd;			/* 0: not watched */
	int attended;		/* the lock; -1: somebody else attends */
	struct wake_child *child;
	struct wake_timer timer;
	int64_t started, backoff;
	uint64_t restarts;	/* after failures */
	struct wake_str line;	/* of the child's stderr, so far */
	char last_error[512];	/* "" since it last ended well */
	bool has_spoken;	/* this child, on stderr */
	bool draining, is_last;
};

#endif
