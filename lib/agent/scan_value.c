/* SPDX-License-Identifier: MIT */
/* What a string and a number of JSON text say. */
#include "agent/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NUMBER_MAX 64 /* characters of a number that is looked at */
#define INSTEAD 0xfffd

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits at at; -1: there are none. */
static int32_t hex_unit(const char *at, const char *end)
{
	int32_t unit = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

/* What follows "\u", and its second half where it has one. */
static uint32_t take_unicode(const char **at, const char *end)
{
	int32_t high = hex_unit(*at, end), low;

	if (high < 0)
		return INSTEAD;
	*at += 4;
	if (high >= 0xd800 && high < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
		low = hex_unit(*at + 2, end);
		if (low >= 0xdc00 && low < 0xe000) {
			*at += 6;
			return 0x10000u + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
		}
	}
	return high == 0 || (high >= 0xd800 && high < 0xe000) ? INSTEAD : (uint32_t)high;
}

/* The character that stands behind a backslash. */
static uint32_t take_escape(const char **at, const char *end)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char c = *(*at)++;
	const char *known = c ? strchr(from, c) : NULL;

	if (c == 'u')
		return take_unicode(at, end);
	if (known)
		return (uint32_t)to[known - from];
	return c == '"' || c == '\\' || c == '/' ? (uint32_t)c : INSTEAD;
}

static size_t encode(uint32_t point, char piece[4])
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; point >>= 6)
		piece[i] = (char)(0x80 | (point & 0x3f));
	piece[0] = (char)(leads[len] | point);
	return len;
}

/* Bytes of the character at at; 0: it is none. */
static size_t character(const char *at, const char *end)
{
	unsigned char lead = (unsigned char)*at;
	size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	return (size_t)(end - at) >= len && wake_text_is_utf8(at, len) ? len : 0;
}

/* As many bytes as stand for themselves: printable ASCII. */
static size_t plain(const char *at, const char *end, size_t most)
{
	size_t len = 0;

	while (at + len < end && len < most && at[len] >= 0x20 && at[len] < 0x7f && at[len] != '\\')
		len++;
	return len;
}

/* What a character that does not stand for itself says; returns its bytes. */
static size_t take_piece(const char **at, const char *end, char piece[4])
{
	size_t len = **at == '\\' ? 0 : character(*at, end);

	if (len > 0) {
		memcpy(piece, *at, len);
		*at += len;
		return len;
	}
	if (*(*at)++ == '\\' && *at < end)
		return encode(take_escape(at, end), piece);
	return encode(INSTEAD, piece);
}

/* Puts a string's text, at most max bytes of it, where put puts it. */
static void decode(
    struct wake_scan value, size_t max, void (*put)(void *, const void *, size_t), void *context)
{
	const char *at = value.at + 1, *end = value.at + value.len - 1;
	size_t used = 0;

	while (at < end && used < max) {
		size_t len = plain(at, end, max - used);
		char piece[4];

		put(context, at, len);
		used += len;
		at += len;
		if (at == end || used >= max)
			return;
		len = take_piece(&at, end, piece);
		if (used + len > max)
			return;
		put(context, piece, len);
		used += len;
	}
}

static void put_string(void *context, const void *bytes, size_t len)
{
	wake_str_append_bytes(context, bytes, len);
}

void wake_scan_append(struct wake_scan value, size_t max, struct wake_str *out)
{
	if (wake_scan_is_string(value))
		decode(value, max, put_string, out);
}

static void put_buffer(void *context, const void *bytes, size_t len)
{
	char **to = context;

	memcpy(*to, bytes, len);
	*to += len;
}

const char *wake_scan_copy(struct wake_scan value, char *buffer, size_t size)
{
	char *to = buffer;

	if (wake_scan_is_string(value))
		decode(value, size - 1, put_buffer, &to);
	*to = '\0';
	return buffer;
}

bool wake_scan_count(struct wake_scan value, int64_t *ret_count)
{
	int64_t count = 0;

	if (!value.at || value.len == 0)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(count, 10, &count) ||
		    __builtin_add_overflow(count, c - '0', &count))
			return false;
	}
	*ret_count = count;
	return true;
}

bool wake_scan_millionths(struct wake_scan value, int64_t *ret_millionths)
{
	char text[NUMBER_MAX + 1], *end;
	double number;

	if (!value.at || value.len == 0 || value.len > NUMBER_MAX || *value.at < '0' || *value.at > '9')
		return false;
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	errno = 0;
	number = strtod(text, &end);
	/* Below a billion the product is exact enough to be rounded; "inf" and "nan" begin with no digit. */
	if (*end || number > 1e9 || strchr(text, 'x'))
		return false;
	*ret_millionths = (int64_t)(number * 1e6 + 0.5);
	return true;
}
