/* SPDX-License-Identifier: MIT */
/* Fills error records: bounded texts, cut only between characters. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How many bytes a character takes that starts with this byte; 1 for a byte that starts none. */
static size_t width_of(unsigned char lead)
{
	if (lead >= 0xf0)
		return 4;
	if (lead >= 0xe0)
		return 3;
	return lead >= 0xc0 ? 2 : 1;
}

/* Drops a character that a cut has left incomplete at the end, since a store refuses half ones. */
static void drop_half_character(char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && width_of((unsigned char)text[start - 1]) > len - start + 1)
		text[start - 1] = '\0';
}

/* Formats into size bytes, cutting what does not fit. */
WAKE_PRINTF(3, 0)
static void format_cut(char *text, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(text, size, fmt, args);

	if (len < 0)
		text[0] = '\0';
	else if ((size_t)len >= size)
		drop_half_character(text, size - 1);
}

/* Goes by way of a copy: the arguments may point into err->text itself. */
WAKE_PRINTF(3, 0)
static int fill(struct wake_error *err, enum wake_code code, const char *fmt, va_list args)
{
	char text[WAKE_ERROR_TEXT_SIZE];

	format_cut(text, sizeof(text), fmt, args);
	memcpy(err->text, text, strlen(text) + 1);
	err->code = code;
	err->sys = 0;
	return code;
}

int wake_fail(struct wake_error *err, enum wake_code code, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = fill(err, code, fmt, args);
	va_end(args);
	return ret;
}

static enum wake_code code_of(int sys)
{
	switch (sys) {
	case ENOENT:
	case ENOTDIR:
		return WAKE_NOTFOUND;
	case EEXIST:
		return WAKE_EXISTS;
	case EAGAIN:
	case EBUSY:
		return WAKE_BUSY;
	case ENOMEM:
		return WAKE_NOMEM;
	default:
		return WAKE_SYSTEM;
	}
}

int wake_fail_errno(struct wake_error *err, const char *fmt, ...)
{
	int sys = errno;
	char reason_room[64];
	char text[WAKE_ERROR_TEXT_SIZE];
	const char *reason = strerror_r(sys, reason_room, sizeof(reason_room));
	va_list args;

	/* A long path must not push the reason out. */
	va_start(args, fmt);
	format_cut(text, sizeof(text) - sizeof(reason_room), fmt, args);
	va_end(args);
	(void)wake_fail(err, code_of(sys), "%s: %s", text, reason);
	err->sys = sys;
	return err->code;
}

int wake_fail_nomem(struct wake_error *err)
{
	return wake_fail(err, WAKE_NOMEM, "memory is out");
}

int wake_error_prefix(struct wake_error *err, const char *fmt, ...)
{
	enum wake_code code = err->code;
	int sys = err->sys;
	char prefix[WAKE_ERROR_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	format_cut(prefix, sizeof(prefix), fmt, args);
	va_end(args);
	(void)wake_fail(err, code, "%s: %s", prefix, err->text);
	err->sys = sys;
	return code;
}
