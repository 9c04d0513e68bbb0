/* SPDX-License-Identifier: MIT */
/* The agent's input on its way. */
#include "cli/run_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"

#define ROUNDS 16 /* writes at a time, so that signals and output do not wait */

/* Standard input may be shared, so its mode is left alone; a pipe opened anew has a mode of its own, and
 * never blocks where somebody else reads what poll(2) promised. */
static int open_input(void)
{
	struct stat st;
	int fd = -1;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISFIFO(st.st_mode))
		fd = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 ? fd : STDIN_FILENO;
}

int wake_feed_open(struct wake_feed **ret_feed, int *ret_agent, struct wake_error *err)
{
	struct wake_feed *feed = calloc(1, sizeof(*feed));
	int agent[2];

	if (!feed)
		return wake_fail_nomem(err);
	if (pipe2(agent, O_CLOEXEC) < 0 || fcntl(agent[1], F_SETFL, O_NONBLOCK) < 0) {
		free(feed);
		return wake_fail_errno(err, "cannot pass the command its input");
	}
	feed->in = open_input();
	feed->out = agent[1];
	feed->unread = -1;
	feed->inbox = (struct wake_inbox){ .lock = -1, .watch = -1 };
	feed->is_between = true;
	feed->line.max = WAKE_FEED_LINE_MAX;
	*ret_agent = agent[0];
	*ret_feed = feed;
	return WAKE_OK;
}

static void end_input(struct wake_feed *feed)
{
	if (feed->in > STDIN_FILENO)
		(void)close(feed->in);
	feed->in = -1;
}

/* Once nothing more is written, a reading end of our own keeps nobody from seeing anything, and tells what is
 * left. */
static void end_output(struct wake_feed *feed)
{
	char path[64];

	if (feed->out < 0)
		return;
	if (feed->lent_count > 0) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", feed->out);
		feed->unread = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	}
	(void)close(feed->out);
	feed->out = -1;
	/* Whoever comes now is told to wait for `runwake resume`. */
	wake_inbox_close(&feed->inbox);
}

/* The agent has closed its input: whoever writes to ours learns of it. */
static void give_up(struct wake_feed *feed)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	feed->sent = feed->have = 0;
	wake_str_clear(&feed->line);
	feed->line_sent = 0;
	end_input(feed);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)close(null);
	}
	end_output(feed);
}

static bool has_line(const struct wake_feed *feed)
{
	return feed->line_sent < feed->line.len;
}

static bool may_insert(const struct wake_feed *feed)
{
	return feed->inbox.dir && feed->has_mail && feed->is_between && feed->lent_count < WAKE_FEED_LENT_MAX;
}

void wake_feed_poll(const struct wake_feed *feed, struct pollfd fds[WAKE_FEED_WAITED])
{
	bool is_busy = has_line(feed) || feed->sent < feed->have || may_insert(feed);

	fds[WAKE_FEED_INPUT] = (struct pollfd){ .fd = is_busy ? -1 : feed->in, .events = POLLIN };
	/* With nothing to write it still tells that the agent reads no more. */
	fds[WAKE_FEED_AGENT] = (struct pollfd){ .fd = feed->out, .events = is_busy ? POLLOUT : 0 };
	fds[WAKE_FEED_INBOX] = (struct pollfd){ .fd = feed->inbox.watch, .events = POLLIN };
}

/* ---- messages --------------------------------------------------------------------------------- */

static bool is_lent(void *context, const char *name)
{
	const struct wake_feed *feed = context;

	for (size_t i = 0; i < feed->lent_count; i++) {
		if (strcmp(feed->lent[i].name, name) == 0)
			return true;
	}
	return false;
}

/* A message as the SDK's hosts write it. */
static int format(struct wake_feed *feed, const struct wake_inbox_item *item, struct wake_error *err)
{
	wake_auto_json json_t *object = json_pack("{ss s{ss ss} sn ss ss s{ss}}", "type", "user", "message",
	    "role", "user", "content", item->text, "parent_tool_use_id", "session_id", "", "uuid",
	    item->message, "origin", "kind", "human");
	int ret;

	wake_str_clear(&feed->line);
	feed->line_sent = 0;
	ret = object ? wake_json_append(&feed->line, object, err) : wake_fail_nomem(err);
	wake_str_append_char(&feed->line, '\n');
	if (ret == WAKE_OK)
		ret = wake_str_check(&feed->line, err);
	if (ret < 0)
		wake_str_clear(&feed->line);
	return ret;
}

/* The next message, if there is one. What fails waits in the store. */
static void take(struct wake_feed *feed)
{
	wake_auto_inbox_item struct wake_inbox_item item = { 0 };
	struct wake_lent *lent = &feed->lent[feed->lent_count];
	struct wake_error ignored;

	if (wake_inbox_next(&feed->inbox, is_lent, feed, &item, &ignored) != WAKE_OK ||
	    format(feed, &item, &ignored) != WAKE_OK) {
		feed->has_mail = false;
		return;
	}
	(void)snprintf(lent->name, sizeof(lent->name), "%s", item.name);
	lent->end = UINT64_MAX;
	feed->lent_count++;
}

static uint64_t count_read(const struct wake_feed *feed)
{
	int fd = feed->out >= 0 ? feed->out : feed->unread, left = 0;

	if (fd < 0 || ioctl(fd, FIONREAD, &left) < 0)
		return 0;
	return feed->written - (uint64_t)left;
}

void wake_feed_confirm(struct wake_feed *feed)
{
	wake_auto_json json_t *messages = NULL;
	uint64_t read = feed->lent_count > 0 ? count_read(feed) : 0;
	size_t count = 0;
	bool is_clean = true;

	while (count < feed->lent_count && feed->lent[count].end <= read)
		count++;
	if (count == 0)
		return;
	messages = json_array();
	for (size_t i = 0; i < count; i++) {
		const char *name = feed->lent[i].name;

		if (json_array_append_new(messages, json_string(name + strlen(name) - (WAKE_ID_SIZE - 1))) <
		    0)
			return;
	}
	if (!feed->deliver(feed->context, messages))
		return;
	for (size_t i = 0; i < count; i++)
		is_clean = wake_inbox_remove(&feed->inbox, feed->lent[i].name) && is_clean;
	feed->lent_count -= count;
	memmove(feed->lent, feed->lent + count, feed->lent_count * sizeof(*feed->lent));
	/* What stays would be taken again: nothing more is. */
	if (!is_clean)
		wake_inbox_close(&feed->inbox);
}

/* ---- moving --------------------------------------------------------------------------------- */

/* Returns what was written; 0: nothing can be now, or ever. */
static size_t put(struct wake_feed *feed, const char *bytes, size_t len)
{
	ssize_t wrote = write(feed->out, bytes, len);

	if (wrote > 0) {
		feed->written += (uint64_t)wrote;
		return (size_t)wrote;
	}
	if (wrote < 0 && errno != EAGAIN && errno != EINTR)
		give_up(feed);
	return 0;
}

static size_t send_line(struct wake_feed *feed)
{
	size_t wrote = put(feed, feed->line.data + feed->line_sent, feed->line.len - feed->line_sent);

	feed->line_sent += wrote;
	if (wrote > 0 && !has_line(feed))
		feed->lent[feed->lent_count - 1].end = feed->written;
	return wrote;
}

/* Up to the end of a line, where somebody waits for one. */
static size_t send_bytes(struct wake_feed *feed)
{
	const char *from = feed->bytes + feed->sent;
	size_t len = feed->have - feed->sent, wrote;
	const char *end = feed->has_mail ? memchr(from, '\n', len) : NULL;

	if (end)
		len = (size_t)(end - from) + 1;
	wrote = put(feed, from, len);
	if (wrote > 0) {
		feed->is_between = from[wrote - 1] == '\n';
		feed->sent += wrote;
	}
	return wrote;
}

static void receive(struct wake_feed *feed)
{
	ssize_t got = read(feed->in, feed->bytes, WAKE_FEED_SIZE);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	feed->sent = 0;
	feed->have = got > 0 ? (size_t)got : 0;
	if (got <= 0)
		end_input(feed);
}

static bool send_some(struct wake_feed *feed)
{
	if (has_line(feed))
		return send_line(feed) > 0;
	if (may_insert(feed) && feed->in >= 0) {
		take(feed);
		return true;
	}
	return feed->sent < feed->have && send_bytes(feed) > 0;
}

void wake_feed_move(struct wake_feed *feed, const struct pollfd fds[WAKE_FEED_WAITED])
{
	if (fds[WAKE_FEED_INBOX].fd >= 0 && fds[WAKE_FEED_INBOX].revents) {
		wake_inbox_rest(&feed->inbox);
		feed->has_mail = true;
	}
	if (feed->out < 0)
		return;
	if (fds[WAKE_FEED_AGENT].fd >= 0 && (fds[WAKE_FEED_AGENT].revents & (POLLERR | POLLHUP | POLLNVAL))) {
		give_up(feed);
		return;
	}
	if (fds[WAKE_FEED_INPUT].fd >= 0 && fds[WAKE_FEED_INPUT].revents)
		receive(feed);
	for (int i = 0; i < ROUNDS && feed->out >= 0 && send_some(feed); i++)
		continue;
	if (feed->in < 0 && feed->out >= 0 && !has_line(feed) && feed->sent == feed->have)
		end_output(feed);
}

void wake_feed_close(struct wake_feed *feed)
{
	if (!feed)
		return;
	end_input(feed);
	end_output(feed);
	wake_inbox_close(&feed->inbox);
	wake_scope_close(&feed->unread);
	wake_str_release(&feed->line);
	free(feed);
}
