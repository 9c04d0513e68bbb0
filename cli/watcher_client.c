/* SPDX-License-Identifier: MIT */
/* Asking the watcher that runs. */
#include "cli/watcher_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

#define PATIENCE (2 * WAKE_SECOND)       /* for connecting, and for the answer */
#define ANSWER_MAX ((size_t)1024 * 1024) /* bytes */
#define CHUNK 16384

/* By way of the directory's descriptor: a socket's path has at most 107 bytes (unix(7)). */
static int open_socket(const struct wake_paths *paths, int *ret_fd, struct wake_error *err)
{
	const struct timeval patience = { .tv_sec = PATIENCE / WAKE_SECOND };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	wake_auto_free char *directory = NULL;
	wake_auto_close int place = -1, fd = -1;
	int ret = wake_fs_join(paths->state, "watcher", &directory, err);

	if (ret < 0)
		return ret;
	place = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place < 0)
		return wake_fail_errno(err, "open '%s'", directory);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/socket", place);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return wake_fail_errno(err, "make a socket");
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == ECONNREFUSED)
			return wake_fail(err, WAKE_NOTFOUND, "nobody listens at '%s/socket'", directory);
		if (errno == EAGAIN || errno == EINPROGRESS || errno == EINTR)
			return wake_fail(err, WAKE_UNAVAILABLE, "the watcher takes no call within 2 seconds");
		return wake_fail_errno(err, "call the watcher at '%s/socket'", directory);
	}
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

/* The directory is ours alone; what listens in it must be too. */
static int check_peer(int fd, struct wake_error *err)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return wake_fail_errno(err, "ask who the watcher is");
	if (peer.uid != geteuid() && peer.uid != 0)
		return wake_fail(
		    err, WAKE_INVALID, "the watcher's socket belongs to another user (%ld)", (long)peer.uid);
	return WAKE_OK;
}

static int say(int fd, const char *word, struct wake_error *err)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "%s\n", word);

	if (send(fd, line, (size_t)len, MSG_NOSIGNAL) != len)
		return wake_fail(err, WAKE_UNAVAILABLE, "the watcher has hung up");
	return WAKE_OK;
}

static int listen_to(int fd, struct wake_str *answer, struct wake_error *err)
{
	int64_t deadline = wake_clock_monotonic() + PATIENCE;

	for (;;) {
		char chunk[CHUNK];
		struct pollfd polled = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - wake_clock_monotonic();
		ssize_t got = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (got == 0)
			return WAKE_OK;
		if (got > 0)
			wake_str_append_bytes(answer, chunk, (size_t)got);
		else if (errno != EAGAIN && errno != EINTR)
			return wake_fail_errno(err, "read the watcher's answer");
		if (answer->failed)
			return wake_fail(
			    err, WAKE_INVALID, "the watcher's answer is longer than %zu bytes", answer->max);
		if (left <= 0)
			return wake_fail(
			    err, WAKE_UNAVAILABLE, "the watcher does not answer within 2 seconds");
		if (got < 0)
			(void)poll(&polled, 1, (int)(left / 1000) + 1);
	}
}

int wake_watcher_ask(
    const struct wake_paths *paths, const char *word, json_t **ret_document, struct wake_error *err)
{
	wake_auto_str struct wake_str answer = WAKE_STR(ANSWER_MAX);
	wake_auto_json json_t *document = NULL;
	wake_auto_close int fd = -1;
	int ret = open_socket(paths, &fd, err);

	if (ret == WAKE_OK)
		ret = check_peer(fd, err);
	if (ret == WAKE_OK)
		ret = say(fd, word, err);
	if (ret == WAKE_OK)
		ret = listen_to(fd, &answer, err);
	if (ret < 0)
		return ret;
	if (answer.len == 0)
		return wake_fail(err, WAKE_UNAVAILABLE, "the watcher has hung up without an answer");
	ret = wake_json_parse(answer.data, answer.len, &document, err);
	if (ret < 0)
		return wake_error_prefix(err, "the watcher's answer");
	if (!json_is_object(document))
		return wake_fail(err, WAKE_INVALID, "the watcher's answer is no JSON object");
	*ret_document = document;
	document = NULL; /* the caller's now */
	return WAKE_OK;
}

bool wake_watcher_is_held(const struct wake_paths *paths)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *path = NULL;
	wake_auto_close int fd = -1;
	struct wake_error ignored;

	if (wake_fs_join(paths->state, "watcher/lock", &path, &ignored) < 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}
