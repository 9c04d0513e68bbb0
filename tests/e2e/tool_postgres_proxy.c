/* SPDX-License-Identifier: MIT */
/* Between a client and a PostgreSQL server, and in their way: what a network, a pooler or a server does at the
 * worst moment, when a transaction commits.
 *
 *	tool_postgres_proxy SERVER-SOCKET SOCKET|tcp MODE-FILE LOG
 *
 * Listens on the unix socket SOCKET, or on a free port of 127.0.0.1. MODE-FILE holds one line; it is read whenever
 * another file was renamed into its place:
 *
 *	pass
 *	reject SQLSTATE TIMES	the server rolls back, and COMMIT is answered with that error
 *	shutdown SQLSTATE TIMES	the same, as a server says it that goes; then the connection is closed
 *	cut-before TIMES	the connection is closed before COMMIT reaches the server
 *	cut-after TIMES		… after the server has committed, before its answer is passed on
 *	stall			COMMIT and whatever comes after it on that connection waits for another mode
 *	vanish TIMES		COMMIT is passed on; then nothing is read or written any more, nor closed
 *	hole			connections are taken and never answered
 *	refuse SQLSTATE		connections are refused with that error
 *	slow MILLISECONDS	each piece of either side waits so long before it goes on
 *	fragment		everything goes on byte by byte
 *
 * With TIMES used up it passes. LOG gets one word a line: listening (and the port), connect, commit (one asked for),
 * committed (one that the server has told), and what was done: reject, shutdown, cut, stall, vanish, hole, refuse.
 * The protocol: PostgreSQL's manual, "Message Formats".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

#define LINKS_MAX 64
#define MESSAGE_MAX (64u << 20) /* bytes */
#define READ_SIZE 65536
#define LOOK_EVERY 10 /* milliseconds: at the mode's file */
#define SSL_REQUEST 80877103
#define GSS_REQUEST 80877104

enum mode { PASS, REJECT, SHUTDOWN, CUT_BEFORE, CUT_AFTER, STALL, VANISH, HOLE, REFUSE, SLOW, FRAGMENT };

static const struct {
	const char *word;
	enum mode mode;
} modes[] = {
	{ "pass", PASS },
	{ "reject", REJECT },
	{ "shutdown", SHUTDOWN },
	{ "cut-before", CUT_BEFORE },
	{ "cut-after", CUT_AFTER },
	{ "stall", STALL },
	{ "vanish", VANISH },
	{ "hole", HOLE },
	{ "refuse", REFUSE },
	{ "slow", SLOW },
	{ "fragment", FRAGMENT },
};

struct buffer {
	char *data;
	size_t len, room;
};

struct side {
	int fd;
	struct buffer in, out; /* not framed yet; not sent yet */
	int64_t not_before;    /* what is in out waits until then */
	bool ended;            /* the peer has; what it sent still goes on */
};

struct link {
	bool used, started, silent;
	enum mode committing; /* what becomes of the commit that is on its way; PASS: nothing */
	struct side client, server;
};

struct proxy {
	const char *server_path, *mode_path;
	int listener, log;
	ino_t mode_inode;
	enum mode mode;
	char state[8]; /* SQLSTATE */
	long left;     /* times, or milliseconds */
	struct link links[LINKS_MAX];
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void note(const struct proxy *proxy, const char *format, ...) WAKE_PRINTF(2, 3);

static void note(const struct proxy *proxy, const char *format, ...)
{
	char line[64];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (len < 0 || write(proxy->log, line, (size_t)len) != len)
		die("log");
}

/* ---- buffers and messages --------------------------------------------------------------------- */

static void append(struct buffer *buffer, const void *data, size_t len)
{
	if (buffer->len + len > buffer->room) {
		buffer->room = (buffer->len + len) * 2;
		buffer->data = realloc(buffer->data, buffer->room);
		if (!buffer->data)
			die("memory");
	}
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
}

static void take(struct buffer *buffer, size_t len)
{
	memmove(buffer->data, buffer->data + len, buffer->len - len);
	buffer->len -= len;
}

static uint32_t number_at(const char *data)
{
	uint32_t number;

	memcpy(&number, data, sizeof(number));
	return ntohl(number);
}

static void append_message(struct buffer *buffer, char type, const void *body, size_t len)
{
	uint32_t length = htonl((uint32_t)len + 4);

	append(buffer, &type, 1);
	append(buffer, &length, sizeof(length));
	append(buffer, body, len);
}

static void append_error(struct buffer *buffer, const char *severity, const char *state)
{
	char body[128];
	int len = snprintf(body, sizeof(body), "S%s%cV%s%cC%s%cMthe proxy stands in the way%c", severity, 0,
	    severity, 0, state, 0, 0);

	append_message(buffer, 'E', body, (size_t)len + 1);
}

/* The length of the first message, its type included; 0: it is not all there. */
static size_t message_length(const struct buffer *buffer, size_t type)
{
	size_t len;

	if (buffer->len < type + 4)
		return 0;
	len = type + number_at(buffer->data + type);
	if (len > MESSAGE_MAX || len < type + 4)
		die("message");
	return buffer->len >= len ? len : 0;
}

/* ---- the mode --------------------------------------------------------------------------------- */

static void read_mode(struct proxy *proxy)
{
	char word[32] = "", one[32] = "", two[32] = "";
	struct stat st;
	FILE *file;

	if (stat(proxy->mode_path, &st) < 0 || st.st_ino == proxy->mode_inode)
		return;
	file = fopen(proxy->mode_path, "r");
	if (!file || fscanf(file, "%31s %31s %31s", word, one, two) < 1)
		die(proxy->mode_path);
	(void)fclose(file);
	proxy->mode_inode = st.st_ino;
	proxy->mode = PASS;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(word, modes[i].word) == 0)
			proxy->mode = modes[i].mode;
	}
	(void)snprintf(proxy->state, sizeof(proxy->state), "%.7s", one);
	proxy->left = strtol(*two ? two : one, NULL, 10);
	note(proxy, "mode %s\n", word);
}

/* What is to become of a commit that is asked for now. */
static enum mode mode_of_commit(struct proxy *proxy)
{
	switch (proxy->mode) {
	case REJECT:
	case SHUTDOWN:
	case CUT_BEFORE:
	case CUT_AFTER:
	case VANISH:
		return proxy->left-- > 0 ? proxy->mode : PASS;
	case STALL:
		return STALL;
	default:
		return PASS;
	}
}

/* ---- links ------------------------------------------------------------------------------------ */

static void close_side(struct side *side)
{
	if (side->fd >= 0)
		(void)close(side->fd);
	free(side->in.data);
	free(side->out.data);
	*side = (struct side){ .fd = -1 };
}

static void close_link(struct link *link)
{
	close_side(&link->client);
	close_side(&link->server);
	*link = (struct link){ .client.fd = -1, .server.fd = -1 };
}

/* What stands in the out buffer goes before the end. */
static void close_after(struct link *link)
{
	const struct buffer *out = &link->client.out;

	(void)!send(link->client.fd, out->data, out->len, MSG_NOSIGNAL);
	close_link(link);
}

static int connect_server(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void accept_link(struct proxy *proxy)
{
	int fd = accept4(proxy->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
	struct link *link = proxy->links;

	if (fd < 0)
		return;
	while (link < proxy->links + LINKS_MAX && link->used)
		link++;
	if (link == proxy->links + LINKS_MAX) {
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	note(proxy, "connect\n");
	*link = (struct link){ .used = true, .client.fd = fd, .server.fd = -1 };
	if (proxy->mode == HOLE) {
		note(proxy, "hole\n");
		link->silent = true;
		return;
	}
	link->server.fd = connect_server(proxy->server_path);
	if (link->server.fd < 0)
		close_link(link);
}

/* ---- what goes to the server ------------------------------------------------------------------ */

/* The first message has no type. Encryption is declined; then the client goes on without. */
static bool pass_start(struct proxy *proxy, struct link *link)
{
	struct buffer *in = &link->client.in;
	size_t len = message_length(in, 0);
	uint32_t code;

	if (len < 8)
		return false;
	code = number_at(in->data + 4);
	if (code == SSL_REQUEST || code == GSS_REQUEST) {
		append(&link->client.out, "N", 1);
	} else if (proxy->mode == REFUSE) {
		note(proxy, "refuse\n");
		append_error(&link->client.out, "FATAL", proxy->state);
		close_after(link);
		return false;
	} else {
		append(&link->server.out, in->data, len);
		link->started = true;
	}
	take(in, len);
	return true;
}

static bool asks_to_commit(const char *message, size_t len)
{
	const char *name = message + 5, *end = message + len;
	const char *text = message[0] == 'P' ? memchr(name, '\0', (size_t)(end - name)) : NULL;

	return text && end - text > 7 && strncasecmp(text + 1, "commit", 7) == 0;
}

/* false: the message is not to go on now. */
static bool meet_commit(struct proxy *proxy, struct link *link)
{
	static const char rollback[] = "\0rollback\0\0"; /* no name, the text, no types of parameters */

	if (link->committing != STALL) {
		note(proxy, "commit\n");
		link->committing = mode_of_commit(proxy);
	} else if (proxy->mode != STALL) {
		link->committing = PASS;
	}
	switch (link->committing) {
	case STALL:
		return false;
	case CUT_BEFORE:
		note(proxy, "cut\n");
		close_link(link);
		return false;
	case REJECT:
	case SHUTDOWN:
		append_message(&link->server.out, 'P', rollback, sizeof(rollback));
		take(&link->client.in, message_length(&link->client.in, 1));
		return true;
	default:
		append(&link->server.out, link->client.in.data, message_length(&link->client.in, 1));
		take(&link->client.in, message_length(&link->client.in, 1));
		return true;
	}
}

static void pass_to_server(struct proxy *proxy, struct link *link)
{
	struct buffer *in = &link->client.in;
	size_t len;

	while (link->used && !link->started && pass_start(proxy, link)) {
	}
	while (link->used && link->started && (len = message_length(in, 1)) > 0) {
		if (asks_to_commit(in->data, len)) {
			if (!meet_commit(proxy, link))
				return;
		} else {
			append(&link->server.out, in->data, len);
			take(in, len);
		}
	}
}

/* ---- what goes to the client ------------------------------------------------------------------ */

/* The server has told that the transaction is over. false: the link is, too. */
static bool meet_end(struct proxy *proxy, struct link *link, const char *message, size_t len)
{
	enum mode how = link->committing;

	link->committing = PASS;
	switch (how) {
	case REJECT:
		note(proxy, "reject\n");
		append_error(&link->client.out, "ERROR", proxy->state);
		return true;
	case SHUTDOWN:
		note(proxy, "shutdown\n");
		append_error(&link->client.out, "FATAL", proxy->state);
		close_after(link);
		return false;
	case CUT_AFTER:
		note(proxy, "committed\ncut\n");
		close_link(link);
		return false;
	case VANISH:
		note(proxy, "committed\nvanish\n");
		link->silent = true;
		return false;
	default:
		note(proxy, "committed\n");
		append(&link->client.out, message, len);
		return true;
	}
}

static void pass_to_client(struct proxy *proxy, struct link *link)
{
	struct buffer *in = &link->server.in;
	size_t len;

	while (link->used && !link->silent && (len = message_length(in, 1)) > 0) {
		const char *tag = in->data + 5;
		bool ends = in->data[0] == 'C' &&
		            (strcmp(tag, "COMMIT") == 0 ||
		                (strcmp(tag, "ROLLBACK") == 0 && link->committing != PASS));

		if (ends && !meet_end(proxy, link, in->data, len))
			return;
		if (!ends)
			append(&link->client.out, in->data, len);
		take(in, len);
	}
}

/* ---- the loop --------------------------------------------------------------------------------- */

static void read_side(const struct proxy *proxy, struct side *side, struct side *other)
{
	char data[READ_SIZE];
	ssize_t got = read(side->fd, data, proxy->mode == FRAGMENT ? 1 : sizeof(data));

	if (got > 0)
		append(&side->in, data, (size_t)got);
	else if (got == 0 || errno != EAGAIN)
		side->ended = true;
	if (got > 0 && proxy->mode == SLOW && other->not_before < now())
		other->not_before = now() + proxy->left;
}

/* false: the peer is gone. */
static bool write_side(const struct proxy *proxy, struct side *side)
{
	size_t len = proxy->mode == FRAGMENT && side->out.len > 0 ? 1 : side->out.len;
	ssize_t sent;

	if (side->out.len == 0 || now() < side->not_before)
		return true;
	sent = send(side->fd, side->out.data, len, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN;
	take(&side->out, (size_t)sent);
	return true;
}

static void serve(struct proxy *proxy, struct link *link, short client, short server)
{
	if (link->silent)
		return;
	if (client & (POLLIN | POLLHUP | POLLERR))
		read_side(proxy, &link->client, &link->server);
	if (server & (POLLIN | POLLHUP | POLLERR))
		read_side(proxy, &link->server, &link->client);
	pass_to_server(proxy, link);
	if (link->used)
		pass_to_client(proxy, link);
	if (!link->used || link->silent)
		return;
	if (!write_side(proxy, &link->client) || !write_side(proxy, &link->server))
		close_link(link);
	else if ((link->client.ended && link->server.out.len == 0) ||
	         (link->server.ended && link->client.out.len == 0))
		close_link(link);
}

static short wanted(const struct side *side)
{
	short events = side->ended ? 0 : POLLIN;

	return side->out.len > 0 && now() >= side->not_before ? (short)(events | POLLOUT) : events;
}

static void go_round(struct proxy *proxy)
{
	struct pollfd fds[1 + 2 * LINKS_MAX] = { { .fd = proxy->listener, .events = POLLIN } };

	for (size_t i = 0; i < LINKS_MAX; i++) {
		const struct link *link = &proxy->links[i];
		bool waits = link->silent || !link->used;

		fds[1 + 2 * i] = (struct pollfd){ .fd = waits ? -1 : link->client.fd,
			.events = wanted(&link->client) };
		fds[2 + 2 * i] = (struct pollfd){ .fd = waits ? -1 : link->server.fd,
			.events = wanted(&link->server) };
	}
	if (poll(fds, 1 + 2 * LINKS_MAX, LOOK_EVERY) < 0 && errno != EINTR)
		die("poll");
	read_mode(proxy);
	for (size_t i = 0; i < LINKS_MAX; i++) {
		if (proxy->links[i].used)
			serve(proxy, &proxy->links[i], fds[1 + 2 * i].revents, fds[2 + 2 * i].revents);
	}
	if (fds[0].revents)
		accept_link(proxy);
}

static int listen_on(const char *where, unsigned *ret_port)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct sockaddr_in network = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool is_tcp = strcmp(where, "tcp") == 0;
	socklen_t len = sizeof(network);
	int fd = socket(is_tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(local.sun_path, sizeof(local.sun_path), "%s", where);
	if (fd < 0 || bind(fd, is_tcp ? (const struct sockaddr *)&network : (const struct sockaddr *)&local,
	                  is_tcp ? (socklen_t)sizeof(network) : (socklen_t)sizeof(local)) < 0)
		die(where);
	if (listen(fd, LINKS_MAX) < 0 || (is_tcp && getsockname(fd, (struct sockaddr *)&network, &len) < 0))
		die(where);
	*ret_port = is_tcp ? ntohs(network.sin_port) : 0;
	return fd;
}

int main(int argc, char **argv)
{
	static struct proxy proxy;
	unsigned port = 0;

	if (argc != 5) {
		fprintf(stderr, "usage: tool_postgres_proxy SERVER-SOCKET SOCKET|tcp MODE-FILE LOG\n");
		return 2;
	}
	proxy.server_path = argv[1];
	proxy.mode_path = argv[3];
	proxy.log = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (proxy.log < 0)
		die(argv[4]);
	for (size_t i = 0; i < LINKS_MAX; i++)
		proxy.links[i].client.fd = proxy.links[i].server.fd = -1;
	read_mode(&proxy);
	proxy.listener = listen_on(argv[2], &port);
	note(&proxy, "listening %u\n", port);
	for (;;)
		go_round(&proxy);
}
