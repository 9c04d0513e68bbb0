/* SPDX-License-Identifier: MIT */
/* Addresses, read so strictly that libcurl and we cannot mean different hosts by one. */
#include "agent/remote_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define USUAL_PATH "/api/v1/workflows/claude-code"
#define HOST_MAX 255 /* bytes */

static bool is_unreserved(unsigned char c)
{
	return isascii(c) && (isalnum(c) || strchr("-._~", c));
}

bool wake_remote_url_is_https(const char *base)
{
	return strncmp(base, "https://", strlen("https://")) == 0;
}

/* 127.0.0.0/8 and ::1 as they are usually written, and localhost, which libcurl resolves by itself (RFC
 * 6761). */
static bool is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return strcasecmp(host, "localhost") == 0;
}

/* "host", "host:port", "[::1]:port"; ret_host without brackets. */
static int read_host(const char *text, size_t len, char ret_host[HOST_MAX + 1], struct wake_error *err)
{
	const char *end = text + len, *port, *from = text;

	if (len > 0 && *text == '[') {
		port = memchr(text, ']', len);
		from++;
	} else {
		port = memchr(text, ':', len);
		port = port ? port : end;
	}
	if (!port || port == from || port - from > HOST_MAX)
		return wake_fail(err, WAKE_INVALID, "the remote's URL names no host");
	memcpy(ret_host, from, (size_t)(port - from));
	ret_host[port - from] = '\0';
	if (from != text)
		port++;
	for (const char *c = ret_host; *c; c++) {
		if (!isascii((unsigned char)*c) ||
		    (!isalnum((unsigned char)*c) && !strchr(from != text ? ":" : ".-_", *c)))
			return wake_fail(err, WAKE_INVALID,
			    "the remote's URL names a host with characters that no host has");
	}
	if (port < end && (*port != ':' || port + 1 == end || end - port > 6 ||
	                      strspn(port + 1, "0123456789") < (size_t)(end - port - 1)))
		return wake_fail(err, WAKE_INVALID, "the remote's URL names a port that is none");
	return WAKE_OK;
}

static int check_path(const char *path, struct wake_error *err)
{
	for (const char *c = path; *c; c++) {
		if (!is_unreserved((unsigned char)*c) && !strchr("/%:+,=", *c))
			return wake_fail(err, WAKE_INVALID,
			    "the remote's URL takes a host and a path, without query, fragment, user or "
			    "password; the "
			    "key stands in a file (--key-file)");
	}
	return strstr(path, "/../") ? wake_fail(err, WAKE_INVALID, "the remote's URL has '..' in its path")
	                            : WAKE_OK;
}

int wake_remote_url_read(const char *text, bool is_plain_allowed, char **ret_base, struct wake_error *err)
{
	bool is_https = strncasecmp(text, "https://", 8) == 0, is_http = strncasecmp(text, "http://", 7) == 0;
	const char *host = text + (is_https ? 8 : 7), *path;
	char name[HOST_MAX + 1];
	size_t len = strlen(text);
	int ret;

	if (len > WAKE_REMOTE_URL_MAX)
		return wake_fail(
		    err, WAKE_INVALID, "the remote's URL is longer than %d bytes", WAKE_REMOTE_URL_MAX);
	if (!is_https && !is_http)
		return wake_fail(err, WAKE_INVALID, "a remote's URL begins with https:// or http://");
	if (strchr(host, '@'))
		return wake_fail(err, WAKE_INVALID,
		    "the remote's URL holds a user or password; the key stands in a file (--key-file)");
	path = host + strcspn(host, "/?#\\");
	ret = read_host(host, (size_t)(path - host), name, err);
	if (ret == WAKE_OK)
		ret = check_path(path, err);
	if (ret < 0)
		return ret;
	if (is_http && !is_plain_allowed && !is_loopback(name))
		return wake_fail(err, WAKE_INVALID,
		    "plain http would show tasks and key to the network: use https, or --plain if that "
		    "network is yours");
	while (len > 0 && text[len - 1] == '/' && text + len > path)
		len--;
	return wake_str_format(ret_base, err, "%s://%.*s%s", is_https ? "https" : "http",
	    (int)(text + len - host), host, text + len <= path ? USUAL_PATH : "");
}

void wake_remote_url_append_segment(struct wake_str *out, const char *segment)
{
	bool is_dots = strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0;

	for (; *segment; segment++) {
		if (is_unreserved((unsigned char)*segment) && !is_dots)
			wake_str_append_char(out, *segment);
		else
			wake_str_appendf(out, "%%%02X", (unsigned)(unsigned char)*segment);
	}
}
