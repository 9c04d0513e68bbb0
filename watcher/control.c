/* SPDX-License-Identifier: MIT */
/* The watcher's side of its socket. */
#include "watcher/control.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/scope.h"

#define WAITING 16                   /* connections that the kernel keeps for us */
#define ANSWER_MAX ((size_t)4 << 20) /* bytes */

struct client {
	struct wake_control *control;
	int fd; /* -1: free */
	struct wake_timer patience;
	char line[WAKE_CONTROL_LINE];
	size_t len;
	struct wake_str answer;
	size_t written;
	bool answered, stops;
};

struct wake_control {
	struct wake_loop *loop;
	struct wake_control_owner owner;
	int directory, fd;
	struct client clients[WAKE_CONTROL_CLIENTS];
};

static void drop(struct client *client)
{
	if (client->fd < 0)
		return;
	wake_loop_timer_clear(client->control->loop, &client->patience);
	wake_loop_unwatch(client->control->loop, client->fd);
	(void)close(client->fd);
	client->fd = -1;
	wake_str_release(&client->answer);
}

static void lost_patience(void *context)
{
	drop(context);
}

/* ---- answering ---- */

static int answer_of(struct client *client, json_t *document, struct wake_error *err)
{
	wake_auto_json json_t *owned = document;
	int ret = wake_json_append(&client->answer, owned, err);

	wake_str_append_char(&client->answer, '\n');
	return ret == WAKE_OK ? wake_str_check(&client->answer, err) : ret;
}

static int make_answer(struct client *client, struct wake_error *err)
{
	const struct wake_control_owner *owner = &client->control->owner;
	json_t *document = NULL;

	if (strcmp(client->line, "status") == 0) {
		int ret = owner->status(owner->context, &document, err);

		return ret == WAKE_OK ? answer_of(client, document, err) : ret;
	}
	if (strcmp(client->line, "stop") != 0)
		return wake_fail(err, WAKE_INVALID, "the watcher knows the words status and stop");
	document = json_pack("{s:b, s:I}", "stopping", 1, "pid", (json_int_t)getpid());
	if (!document)
		return wake_fail_nomem(err);
	client->stops = true;
	return answer_of(client, document, err);
}

static void answer_failure(struct client *client, const struct wake_error *failure)
{
	struct wake_error ignored;
	json_t *document = json_pack("{s:s}", "error", failure->text);

	wake_str_clear(&client->answer);
	if (document)
		(void)!answer_of(client, document, &ignored);
}

/* Drops the client when all is written, or it is gone. */
static void write_answer(struct client *client)
{
	struct wake_control_owner owner = client->control->owner;
	bool stops = client->stops;
	struct wake_error ignored;

	while (client->written < client->answer.len) {
		ssize_t put = send(client->fd, client->answer.data + client->written,
		    client->answer.len - client->written, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN &&
		    wake_loop_change(client->control->loop, client->fd, EPOLLOUT, &ignored) == WAKE_OK)
			return;
		if (put < 0)
			break;
		client->written += (size_t)put;
	}
	drop(client);
	if (stops)
		owner.stop(owner.context);
}

static void answer(struct client *client)
{
	struct wake_error err;

	client->answered = true;
	if (make_answer(client, &err) < 0)
		answer_failure(client, &err);
	write_answer(client);
}

/* ---- listening ---- */

static void read_line(struct client *client)
{
	ssize_t got =
	    recv(client->fd, client->line + client->len, sizeof(client->line) - client->len, MSG_DONTWAIT);
	char *end;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		drop(client);
		return;
	}
	client->len += (size_t)got;
	end = memchr(client->line, '\n', client->len);
	if (end) {
		*end = '\0';
		answer(client);
	} else if (client->len == sizeof(client->line)) {
		drop(client);
	}
}

static void client_ready(void *context, uint32_t events)
{
	struct client *client = context;

	(void)events;
	if (client->answered)
		write_answer(client);
	else
		read_line(client);
}

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
}

static struct client *find_free(struct wake_control *control)
{
	for (size_t i = 0; i < WAKE_CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd < 0)
			return &control->clients[i];
	}
	return NULL;
}

/* One that finds no place is closed at once, which is an answer too. */
static void take_in(struct wake_control *control, int fd)
{
	struct client *client = is_ours(fd) ? find_free(control) : NULL;
	struct wake_error ignored;

	if (!client) {
		(void)close(fd);
		return;
	}
	*client = (struct client){ .control = control,
		.fd = fd,
		.patience = { .rung = lost_patience, .context = client },
		.answer = WAKE_STR(ANSWER_MAX) };
	if (wake_loop_watch(control->loop, fd, EPOLLIN, client_ready, client, &ignored) < 0 ||
	    wake_loop_timer_set(
	        control->loop, &client->patience, wake_clock_monotonic() + WAKE_CONTROL_WAIT, &ignored) < 0)
		drop(client);
}

static void accept_clients(void *context, uint32_t events)
{
	struct wake_control *control = context;
	int fd;

	(void)events;
	/* As many as wait at most: a client that connects for ever must not hold the loop. */
	for (int i = 0;
	     i < WAITING && (fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0; i++)
		take_in(control, fd);
}

static int listen_at(struct wake_control *control, const char *dir, struct wake_error *err)
{
	struct sockaddr_un address;
	int ret = wake_control_address(dir, &control->directory, &address, err);

	if (ret < 0)
		return ret;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->fd < 0)
		return wake_fail_errno(err, "make a socket");
	(void)unlinkat(control->directory, "socket", 0);
	/* The mode before bind(2) is that of the file (without what the umask takes). */
	if (fchmod(control->fd, 0600) < 0 ||
	    bind(control->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(control->fd, WAITING) < 0)
		return wake_fail_errno(err, "listen at '%s/socket'", dir);
	return wake_loop_watch(control->loop, control->fd, EPOLLIN, accept_clients, control, err);
}

int wake_control_new(struct wake_loop *loop, const char *dir, const struct wake_control_owner *owner,
    struct wake_control **ret_control, struct wake_error *err)
{
	struct wake_control *control = calloc(1, sizeof(*control));
	int ret;

	if (!control)
		return wake_fail_nomem(err);
	control->loop = loop;
	control->owner = *owner;
	control->directory = control->fd = -1;
	for (size_t i = 0; i < WAKE_CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	ret = listen_at(control, dir, err);
	if (ret < 0) {
		wake_control_free(control);
		return ret;
	}
	*ret_control = control;
	return WAKE_OK;
}

void wake_control_free(struct wake_control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < WAKE_CONTROL_CLIENTS; i++)
		drop(&control->clients[i]);
	if (control->fd >= 0) {
		wake_loop_unwatch(control->loop, control->fd);
		(void)close(control->fd);
		(void)unlinkat(control->directory, "socket", 0);
	}
	wake_scope_close(&control->directory);
	free(control);
}
