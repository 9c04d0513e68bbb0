/* SPDX-License-Identifier: MIT */
/* Hostile bytes made safe: stored text is UTF-8 and bounded, shown text holds no control character, URLs no credentials. */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

#include "base/clock.h"

#define STORED_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_shown(const char *bytes, size_t len)
{
	wake_auto_str struct wake_str shown = WAKE_STR(16 * 1024 * 1024);

	wake_text_append_shown(&shown, bytes, len, false);
	for (size_t i = 0; i < shown.len; i++) {
		unsigned char c = (unsigned char)shown.data[i];

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)shown.data[i + 1] < 0xa0))
			__builtin_trap();
	}
}

static void check_times(const char *bytes, size_t len)
{
	struct wake_error err;
	char text[64], again[WAKE_TIME_SIZE];
	int64_t at, back;

	if (len >= sizeof(text))
		return;
	memcpy(text, bytes, len);
	text[len] = '\0';
	(void)!wake_time_parse_since(text, 0, &at, &err);
	if (wake_time_parse(text, &at, &err) != WAKE_OK)
		return;
	wake_time_format(at, again);
	if (wake_time_parse(again, &back, &err) != WAKE_OK || back != at)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	wake_auto_str struct wake_str stored = WAKE_STR(1024 * 1024), url = WAKE_STR(16 * 1024 * 1024);

	wake_text_append_stored(&stored, bytes, size, STORED_MAX);
	if (stored.failed || stored.len > STORED_MAX || !wake_text_is_utf8(wake_str_text(&stored), stored.len))
		__builtin_trap();
	wake_text_append_url(&url, bytes, size);
	check_shown(bytes, size);
	check_times(bytes, size);
	return 0;
}
