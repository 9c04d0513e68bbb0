/* SPDX-License-Identifier: MIT */
/* Outside bytes made safe to store and to show. */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define ELLIPSIS_LEN (sizeof(ELLIPSIS) - 1)

/* Decodes the character at bytes; returns its length, or 0 where it is ill-formed (RFC 3629, 4). */
static size_t decode(const char *bytes, size_t left, uint32_t *ret_point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)bytes[0];
	uint32_t point;
	size_t len;

	if (lead < 0x80) {
		*ret_point = lead;
		return 1;
	}
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (len > left)
		return 0;
	point = lead & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (next & 0x3fU);
	}
	if (point < smallest[len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return len;
}

bool wake_text_is_utf8(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char byte = (unsigned char)bytes[i];
		uint32_t point;
		size_t width;

		if (byte > 0 && byte < 0x80) { /* as most of all are */
			i++;
			continue;
		}
		width = decode(bytes + i, len - i, &point);
		if (width == 0 || point == 0)
			return false;
		i += width;
	}
	return true;
}

static void append_cut(struct wake_str *out, const char *bytes, size_t len, size_t max)
{
	size_t keep = max - ELLIPSIS_LEN;

	if (len <= max) {
		wake_str_append_bytes(out, bytes, len);
		return;
	}
	while (keep > 0 && ((unsigned char)bytes[keep] & 0xc0) == 0x80)
		keep--;
	wake_str_append_bytes(out, bytes, keep);
	wake_str_append(out, ELLIPSIS);
}

/* One byte as git quotes it in a path; returns the length of piece, which is not terminated. */
static size_t quote_byte(unsigned char byte, char piece[4])
{
	static const char from[] = "\a\b\t\n\v\f\r\"\\";
	static const char to[] = "abtnvfr\"\\";
	const char *found = byte ? strchr(from, byte) : NULL;

	piece[0] = '\\';
	if (found) {
		piece[1] = to[found - from];
		return 2;
	}
	if (byte >= 0x20 && byte < 0x7f) {
		piece[0] = (char)byte;
		return 1;
	}
	piece[1] = (char)('0' + (byte >> 6));
	piece[2] = (char)('0' + (byte >> 3 & 7));
	piece[3] = (char)('0' + (byte & 7));
	return 4;
}

static bool fits_quoted(const char *bytes, size_t len, size_t max)
{
	char piece[4];
	size_t total = 2;

	for (size_t i = 0; i < len && total <= max; i++)
		total += quote_byte((unsigned char)bytes[i], piece);
	return total <= max;
}

static void append_quoted(struct wake_str *out, const char *bytes, size_t len, size_t max)
{
	bool fits = fits_quoted(bytes, len, max);
	size_t used = 1;
	char piece[4];

	wake_str_append_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		size_t width = quote_byte((unsigned char)bytes[i], piece);

		if (!fits && used + width + ELLIPSIS_LEN > max)
			break;
		wake_str_append_bytes(out, piece, width);
		used += width;
	}
	wake_str_append(out, fits ? "\"" : ELLIPSIS);
}

void wake_text_append_quoted(struct wake_str *out, const char *bytes, size_t len)
{
	append_quoted(out, bytes, len, SIZE_MAX);
}

void wake_text_append_stored(struct wake_str *out, const char *bytes, size_t len, size_t max)
{
	if (wake_text_is_utf8(bytes, len))
		append_cut(out, bytes, len, max);
	else
		append_quoted(out, bytes, len, max);
}

/* Characters that move the cursor, recolour the terminal or reorder the line around them. */
static bool is_hidden(uint32_t point, bool keep_lines)
{
	if (point == '\t' || point == '\n')
		return !keep_lines;
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x200e || point == 0x200f ||
	       (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

void wake_text_append_shown(struct wake_str *out, const char *bytes, size_t len, bool keep_lines)
{
	for (size_t i = 0; i < len;) {
		uint32_t point = 0;
		size_t width = decode(bytes + i, len - i, &point);

		if (width == 0) {
			wake_str_appendf(out, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
			width = 1;
		} else if (is_hidden(point, keep_lines)) {
			wake_str_appendf(out, point < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)point);
		} else {
			wake_str_append_bytes(out, bytes + i, width);
		}
		i += width;
	}
}

static bool is_scheme_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
	       c == '-' || c == '.';
}

/* Where the authority starts, or 0 if this is no URL with a scheme. git puts the name of a remote
 * helper before a URL ("helper::https://…"; gitremote-helpers(7)). */
static size_t find_authority(const char *url, size_t len)
{
	const char *mark = memmem(url, len, "://", 3);
	size_t end, start;

	if (!mark)
		return 0;
	end = (size_t)(mark - url);
	start = end;
	while (start > 0 && is_scheme_char(url[start - 1]))
		start--;
	if (start == end || (start > 0 && (start < 2 || memcmp(url + start - 2, "::", 2) != 0)))
		return 0;
	return end + 3;
}

void wake_text_append_url(struct wake_str *out, const char *url, size_t len)
{
	size_t authority = len ? find_authority(url, len) : 0;
	size_t host = authority, end = authority;

	if (authority == 0) {
		wake_str_append_bytes(out, url, len);
		return;
	}
	/* The last @ counts: people leave one in a password unescaped. */
	for (; end < len && !strchr("/?#", url[end]); end++) {
		if (url[end] == '@')
			host = end + 1;
	}
	while (end < len && url[end] != '?' && url[end] != '#')
		end++;
	wake_str_append_bytes(out, url, authority);
	wake_str_append_bytes(out, url + host, end - host);
}
