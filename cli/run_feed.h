/* SPDX-License-Identifier: MIT */
/* The agent's input on its way through us: our standard input as it is, with back-pressure and its end, and
 * between its whole lines what people say to the run, as lines of their own.
 *
 * A message counts as delivered when the agent has read all of its line out of the pipe, not when it was
 * written: what an agent that ends leaves unread waits for `runwake resume`. That it was read is seen when
 * anything else wakes us; an agent that prints something for each message it takes, as Claude Code does,
 * tells it at once. */
#ifndef WAKE_RUN_FEED_H
#define WAKE_RUN_FEED_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "event/inbox.h"

#define WAKE_FEED_SIZE ((size_t)64 * 1024) /* bytes: what a pipe holds */
#define WAKE_FEED_LENT_MAX 100             /* messages that are written and not yet read; more wait */
#define WAKE_FEED_LINE_MAX ((size_t)2 * 1024 * 1024) /* bytes of a message's line, with all escapes */

enum { WAKE_FEED_INPUT, WAKE_FEED_AGENT, WAKE_FEED_INBOX, WAKE_FEED_WAITED };

struct wake_feed {
	int in;                  /* owned if it is not standard input; -1: it has ended */
	int out;                 /* owned: the agent's input; -1: closed */
	int unread;              /* owned: tells what of it is not read yet, once it is closed; -1: none */
	struct wake_inbox inbox; /* owned; closed: nothing is put between the lines */
	bool has_mail;           /* there may be something in the inbox */
	bool is_between;         /* what was written last ended a line */
	size_t sent, have;
	struct wake_str
	    line; /* of a message: line.data[line_sent … line.len) is to be written before anything else */
	size_t line_sent;
	uint64_t written; /* bytes, in all */
	struct wake_lent {
		char name[WAKE_INBOX_NAME_SIZE];
		uint64_t end; /* written when it was whole; UINT64_MAX: it is not yet */
	} lent[WAKE_FEED_LENT_MAX];
	size_t lent_count;
	/* The agent has these (ids, a list; borrowed). False: could not be told now, ask again. */
	bool (*deliver)(void *context, json_t *messages);
	void *context;
	char bytes[WAKE_FEED_SIZE];
};

/* ret_agent: owned: the agent's end, to be closed here once the agent has it. owned: wake_feed_close. */
int wake_feed_open(struct wake_feed **ret_feed, int *ret_agent, struct wake_error *err) WAKE_MUST_CHECK;

void wake_feed_poll(const struct wake_feed *feed, struct pollfd fds[WAKE_FEED_WAITED]);
void wake_feed_move(struct wake_feed *feed, const struct pollfd fds[WAKE_FEED_WAITED]);
/* Tells what has been read since. */
void wake_feed_confirm(struct wake_feed *feed);

/* NULL is fine. */
void wake_feed_close(struct wake_feed *feed);

#endif
