/* SPDX-License-Identifier: MIT */
/* The watcher's socket, DIR/socket (0600; DIR is STATE/watcher, 0700): a client of our own user sends one
 * line, "status" or "stop", gets one JSON document and the end of the stream. Sixteen clients at once; one
 * that says nothing for five seconds, or more than a line, is dropped. */
#ifndef WAKE_CONTROL_H
#define WAKE_CONTROL_H

#include "base/json.h"
#include "watcher/loop.h"

#define WAKE_CONTROL_CLIENTS 16
#define WAKE_CONTROL_LINE 64                     /* bytes, with its newline */
#define WAKE_CONTROL_WAIT (5 * INT64_C(1000000)) /* microseconds */

struct wake_control; /* opaque; owned: wake_control_free, which takes the socket away */

struct wake_control_owner {
	/* owned: json_decref. */
	int (*status)(void *context, json_t **ret_document, struct wake_error *err);
	/* After the answer is sent. The control may be freed in it. */
	void (*stop)(void *context);
	void *context;
};

/* The caller holds the watcher's lock, so a socket that is there already is a dead one's. */
int wake_control_new(struct wake_loop *loop, const char *dir, const struct wake_control_owner *owner,
    struct wake_control **ret_control, struct wake_error *err) WAKE_MUST_CHECK;
void wake_control_free(struct wake_control *control);

/* The client's side, without a loop: one word, and its answer. wait: microseconds for all of it. owned:
 * free(3). WAKE_NOTFOUND: no watcher listens; WAKE_BUSY: it does not answer in time. */
int wake_control_ask(const char *dir, const char *word, int64_t wait, char **ret_answer,
    struct wake_error *err) WAKE_MUST_CHECK;

/* Both sides reach the socket through /proc/self/fd: a path may be longer than an address has room for. The
 * address holds as long as *ret_dir is open. */
struct sockaddr_un;
int wake_control_address(
    const char *dir, int *ret_dir, struct sockaddr_un *ret_address, struct wake_error *err) WAKE_MUST_CHECK;

#endif
