/* SPDX-License-Identifier: MIT */
/* A line of the spool: CRC-32, a space, the JSON of one event, a newline. */
#include "event/spool_parts.h"

#include <stdio.h>
#include <string.h>

/* Half a byte a step: 64 bytes of table serve as well as 1 KiB does for lines of a few hundred bytes. */
/* clang-format off */
static const uint32_t crc_steps[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};
/* clang-format on */

uint32_t wake_spool_crc(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		crc = crc >> 4 ^ crc_steps[crc & 15];
		crc = crc >> 4 ^ crc_steps[crc & 15];
	}
	return ~crc;
}

static void write_prefix(char *prefix, uint32_t crc)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 8; i++)
		prefix[i] = digits[crc >> (28 - 4 * i) & 15];
	prefix[8] = ' ';
}

int wake_spool_format(const struct wake_event *event, struct wake_str *out, struct wake_error *err)
{
	size_t before = out->len, len;
	int ret;

	wake_str_append(out, "00000000 ");
	ret = wake_event_format(event, out, err);
	if (ret < 0)
		return ret;
	len = out->len - before - WAKE_SPOOL_PREFIX;
	if (len > WAKE_EVENT_MAX)
		return wake_fail(err, WAKE_INVALID, "event '%s' has %zu bytes, the spool takes at most %d",
		    wake_event_type_name(event->type), len, WAKE_EVENT_MAX);
	write_prefix(out->data + before, wake_spool_crc(out->data + before + WAKE_SPOOL_PREFIX, len));
	wake_str_append_char(out, '\n');
	return wake_str_check(out, err);
}

bool wake_spool_is_intact(const char *line, size_t len)
{
	char prefix[WAKE_SPOOL_PREFIX];

	if (len < WAKE_SPOOL_PREFIX || len > WAKE_SPOOL_LINE_MAX)
		return false;
	write_prefix(prefix, wake_spool_crc(line + WAKE_SPOOL_PREFIX, len - WAKE_SPOOL_PREFIX));
	return memcmp(prefix, line, WAKE_SPOOL_PREFIX) == 0;
}

/* jansson calls it a bad token, too, when memory is out for a moment. What is intact was JSON when it was
 * written, so it is read twice before it is called bad; where memory stays out, it cannot be set aside either
 * and so is kept. */
int wake_spool_parse(const char *line, size_t len, struct wake_event *ret_event, struct wake_error *err)
{
	int ret;

	if (len > WAKE_SPOOL_LINE_MAX)
		return wake_fail(err, WAKE_INVALID, "the line is longer than %d bytes", WAKE_SPOOL_LINE_MAX);
	if (!wake_spool_is_intact(line, len))
		return wake_fail(err, WAKE_INVALID, "the line is torn or damaged: its checksum is wrong");
	line += WAKE_SPOOL_PREFIX;
	len -= WAKE_SPOOL_PREFIX;
	ret = wake_event_parse(line, len, ret_event, err);
	return ret == WAKE_INVALID ? wake_event_parse(line, len, ret_event, err) : ret;
}
