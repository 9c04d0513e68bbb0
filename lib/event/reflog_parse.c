/* SPDX-License-Identifier: MIT */
/* Parsing one line of a reflog, also one with the fragment of another before it. */
#include "event/reflog_parse.h"

#include <string.h>

#define TIME_LIMIT (INT64_C(1) << 53)

#define SHORTEST_HASH 40

/* What is still to be read of a line. */
struct cursor {
	const char *at;
	const char *end;
};

static bool is_hex(char c)
{
	return (unsigned char)(c - '0') < 10 || (unsigned char)(c - 'a') < 6;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool are_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!is_hex(text[i]))
			return false;
	}
	return true;
}

/* Length of the two hashes that meet at the space at text[middle]: 40, 64, or 0 if there are none. */
static size_t hashes_at(const char *text, size_t len, size_t from, size_t middle)
{
	static const size_t lengths[] = { 40, 64 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t n = lengths[i];

		if (middle - from >= n && len - middle > n + 1 && text[middle + 1 + n] == ' ' &&
		    are_hex(text + middle + 1, n) && are_hex(text + middle - n, n))
			return n;
	}
	return 0;
}

/* Is there room for another hash? Looks at every 40th byte, and around it only where that is a hex digit:
 * most lines have none behind their own two, and there are 100,000 of them. */
static bool holds_hash(const char *at, const char *end)
{
	for (const char *probe = at + SHORTEST_HASH - 1; probe < end; probe += SHORTEST_HASH) {
		const char *first = probe, *last = probe;

		if (!is_hex(*probe))
			continue;
		while (first > at && is_hex(first[-1]))
			first--;
		while (last + 1 < end && is_hex(last[1]))
			last++;
		if (last - first + 1 >= SHORTEST_HASH)
			return true;
	}
	return false;
}

/* The next place at or after from where a line could start. */
static bool find_start(const char *text, size_t len, size_t from, size_t *ret_start, size_t *ret_hash_len)
{
	size_t at = from;

	while (at < len) {
		const char *space = memchr(text + at, ' ', len - at);
		size_t middle, n;

		if (!space)
			return false;
		middle = (size_t)(space - text);
		n = hashes_at(text, len, from, middle);
		if (n) {
			*ret_start = middle - n;
			*ret_hash_len = n;
			return true;
		}
		at = middle + 1;
	}
	return false;
}

/* Seconds, any number of digits; beyond ±2^53 they are clamped. */
static bool read_time(struct cursor *in, int64_t *ret_time)
{
	bool negative = in->at < in->end && *in->at == '-';
	const char *digits;
	int64_t time = 0;

	in->at += negative;
	digits = in->at;
	for (; in->at < in->end && is_digit(*in->at); in->at++) {
		if (time < TIME_LIMIT)
			time = time * 10 + (*in->at - '0');
	}
	if (time > TIME_LIMIT)
		time = TIME_LIMIT;
	*ret_time = negative ? -time : time;
	return in->at > digits;
}

static bool read_zone(struct cursor *in, char ret_zone[8])
{
	size_t len = 1;

	if (in->at == in->end || (*in->at != '+' && *in->at != '-'))
		return false;
	while (len < 6 && in->at + len < in->end && is_digit(in->at[len]))
		len++;
	if (len < 5)
		return false;
	memcpy(ret_zone, in->at, len);
	ret_zone[len] = '\0';
	in->at += len;
	return true;
}

static bool read_char(struct cursor *in, char c)
{
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

/* " TIME ZONE", and then a TAB, a space or nothing. */
static bool read_tail(struct cursor *in, struct wake_reflog_line *line)
{
	return read_char(in, ' ') && read_time(in, &line->time) && read_char(in, ' ') &&
	       read_zone(in, line->zone) && (in->at == in->end || is_space(*in->at));
}

static void split_identity(struct wake_reflog_line *line, const char *start, const char *close)
{
	const char *open = memrchr(start, '<', (size_t)(close - start));
	const char *name_end = open ? open : close;

	line->email = open ? open + 1 : close;
	line->email_len = (size_t)(close - line->email);
	while (name_end > start && name_end[-1] == ' ')
		name_end--;
	line->name = start;
	line->name_len = (size_t)(name_end - start);
}

/* "NAME <EMAIL> TIME ZONE": the first ">" with time and zone behind it ends the e-mail address. */
static bool read_identity(struct cursor *in, struct wake_reflog_line *line)
{
	const char *start = in->at;
	const char *limit =
	    in->end - start > WAKE_REFLOG_IDENTITY_MAX ? start + WAKE_REFLOG_IDENTITY_MAX : in->end;
	const char *close = start;

	while ((close = memchr(close, '>', (size_t)(limit - close)))) {
		in->at = close + 1;
		if (read_tail(in, line)) {
			split_identity(line, start, close);
			return true;
		}
		close++;
	}
	return false;
}

/* A line that starts exactly at start. end: without the space at its end. */
static bool parse_at(const char *text, const char *end, size_t start, size_t hash_len,
    struct wake_reflog_line *ret_line, const char **ret_header_end)
{
	struct wake_reflog_line line = { .position = start };
	struct cursor in = { .at = text + start + 2 * hash_len + 2, .end = end };

	memcpy(line.old_hash, text + start, hash_len);
	memcpy(line.new_hash, text + start + hash_len + 1, hash_len);
	if (!read_identity(&in, &line))
		return false;
	*ret_header_end = in.at;
	line.message = in.at + (in.at < in.end); /* behind the TAB, or what stands in its place */
	line.message_len = (size_t)(in.end - line.message);
	*ret_line = line;
	return true;
}

/* A write that failed half way leaves a fragment without a line end, to which the next line is glued. So
 * the last start is the line's. A commit's subject may look like a line too; but git turns TABs in messages
 * into spaces, so within a message only a start with a TAB of its own is one. */
bool wake_reflog_parse(const char *text, size_t len, struct wake_reflog_line *ret_line)
{
	const char *end = text + len, *header_end;
	struct wake_reflog_line line, found;
	size_t start, hash_len, from = 0;
	bool have = false;

	while (end > text && is_space(end[-1]))
		end--;
	while (find_start(text, (size_t)(end - text), from, &start, &hash_len)) {
		if (parse_at(text, end, start, hash_len, &line, &header_end)) {
			bool has_tab = header_end < text + len && *header_end == '\t';

			if (!have || has_tab || text + start < found.message) {
				found = line;
				have = true;
			}
			if (!holds_hash(text + start + 2 * hash_len + 2, end))
				break;
		}
		from = start + hash_len;
	}
	if (have)
		*ret_line = found;
	return have;
}

static bool same_bytes(const char *left, size_t left_len, const char *right, size_t right_len)
{
	return left_len == right_len && (left_len == 0 || memcmp(left, right, left_len) == 0);
}

bool wake_reflog_same(const struct wake_reflog_line *left, const struct wake_reflog_line *right)
{
	return left->time == right->time && strcmp(left->new_hash, right->new_hash) == 0 &&
	       strcmp(left->zone, right->zone) == 0 &&
	       same_bytes(left->name, left->name_len, right->name, right->name_len) &&
	       same_bytes(left->email, left->email_len, right->email, right->email_len) &&
	       same_bytes(left->message, left->message_len, right->message, right->message_len);
}
