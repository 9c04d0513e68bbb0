/* SPDX-License-Identifier: MIT */
/* What people say to a run whose agent takes input while it works: STATE/runs/RUN_ID/inbox/, a file each,
 * named so that their order is theirs. The store has every text already, and tells by itself what was not
 * delivered: a file here is a hint, and losing one loses nothing.
 *
 * Who puts one in holds the directory's lock from before it takes the time of its event until the file is
 * there, so the files appear in the order of the events. The run's wrapper holds another lock for as long as
 * it takes from here: what a killed one left behind is nobody's. */
#ifndef WAKE_INBOX_H
#define WAKE_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/id.h"
#include "base/paths.h"

#define WAKE_INBOX_NAME_SIZE 64 /* bytes of a file's name, with its NUL */
#define WAKE_INBOX_MAX 10000    /* files; more are left for later */

/* ---- who says something -------------------------------------------------------------------------- */

/* Locks the inbox of a run. WAKE_NOTFOUND: nobody takes from it (any more). ret_fd: owned; closing it lets
 * go. */
int wake_inbox_enter(
    const struct wake_paths *paths, const char *run_id, int *ret_fd, struct wake_error *err) WAKE_MUST_CHECK;
/* While it is locked. at: the event's time. */
int wake_inbox_put(const struct wake_paths *paths, const char *run_id, int64_t at, const char *message,
    const char *text, struct wake_error *err) WAKE_MUST_CHECK;

/* ---- who takes it ----------------------------------------------------------------------------- */

struct wake_inbox {
	char *dir; /* owned; NULL: it is not open */
	int lock;  /* owned: says that we are there */
	int watch; /* owned: readable when something may have come */
};

struct wake_inbox_item {
	char name[WAKE_INBOX_NAME_SIZE];
	char message[WAKE_ID_SIZE];
	char *text; /* owned */
};

int wake_inbox_open(const struct wake_paths *paths, const char *run_id, struct wake_inbox *ret_inbox,
    struct wake_error *err) WAKE_MUST_CHECK;
/* Forgets what watch has told. */
void wake_inbox_rest(const struct wake_inbox *inbox);
/* The first one that is_taken does not know. WAKE_NOTFOUND: there is none. What is no such file is passed
 * over. */
int wake_inbox_next(const struct wake_inbox *inbox, bool (*is_taken)(void *context, const char *name),
    void *context, struct wake_inbox_item *ret_item, struct wake_error *err) WAKE_MUST_CHECK;
void wake_inbox_item_release(struct wake_inbox_item *item);
/* It was delivered. False: it is still there. */
bool wake_inbox_remove(const struct wake_inbox *inbox, const char *name);
/* Takes the inbox away, with what is still in it; who comes later is told that nobody takes it. */
void wake_inbox_close(struct wake_inbox *inbox);

/* The same for what a killed wrapper left behind. */
void wake_inbox_discard(const char *run_dir);

#define wake_auto_inbox_item WAKE_CLEANUP(wake_inbox_item_release)

#endif
