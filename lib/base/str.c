/* SPDX-License-Identifier: MIT */
/* The growing byte string. */
#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FIRST_ROOM 64                /* bytes; most strings of ours are short */
#define FORMAT_MAX ((size_t)1 << 20) /* bytes; see wake_str_format */

void wake_str_release(struct wake_str *str)
{
	free(str->data);
	*str = (struct wake_str){ .max = str->max };
}

void wake_str_clear(struct wake_str *str)
{
	str->len = 0;
	str->failed = false;
	if (str->data)
		str->data[0] = '\0';
}

/* Makes room for more bytes and a NUL, or marks the string failed. */
static bool reserve(struct wake_str *str, size_t more)
{
	size_t max = str->max < SIZE_MAX / 2 ? str->max : SIZE_MAX / 2 - 1;
	size_t room = str->room ? str->room : FIRST_ROOM;
	char *data;

	if (str->failed)
		return false;
	if (str->len > max || more > max - str->len) {
		str->failed = true;
		return false;
	}
	if (str->room > str->len + more)
		return true;
	while (room <= str->len + more)
		room *= 2;
	if (room > max + 1)
		room = max + 1;
	data = realloc(str->data, room);
	if (!data) {
		str->failed = true;
		return false;
	}
	str->data = data;
	str->room = room;
	return true;
}

void wake_str_append_bytes(struct wake_str *str, const void *bytes, size_t len)
{
	if (len == 0 || !reserve(str, len))
		return;
	memcpy(str->data + str->len, bytes, len);
	str->len += len;
	str->data[str->len] = '\0';
}

void wake_str_append(struct wake_str *str, const char *text)
{
	wake_str_append_bytes(str, text, strlen(text));
}

void wake_str_append_char(struct wake_str *str, char c)
{
	wake_str_append_bytes(str, &c, 1);
}

void wake_str_vappendf(struct wake_str *str, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		str->failed = true;
	if (len <= 0 || !reserve(str, (size_t)len))
		return;
	(void)vsnprintf(str->data + str->len, (size_t)len + 1, fmt, args);
	str->len += (size_t)len;
}

void wake_str_appendf(struct wake_str *str, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	wake_str_vappendf(str, fmt, args);
	va_end(args);
}

int wake_str_check(const struct wake_str *str, struct wake_error *err)
{
	if (str->failed)
		return wake_fail(
		    err, WAKE_NOMEM, "memory is out, or a text is longer than %zu bytes", str->max);
	return WAKE_OK;
}

int wake_str_steal(struct wake_str *str, char **ret_text, struct wake_error *err)
{
	int ret = wake_str_check(str, err);
	char *text = str->data;

	if (ret < 0)
		return ret;
	if (!text) {
		text = calloc(1, 1);
		if (!text)
			return wake_fail_nomem(err);
	}
	*str = (struct wake_str){ .max = str->max };
	*ret_text = text; /* the caller's now */
	return WAKE_OK;
}

const char *wake_str_text(const struct wake_str *str)
{
	return str->data ? str->data : "";
}

int wake_str_format(char **ret_text, struct wake_error *err, const char *fmt, ...)
{
	wake_auto_str struct wake_str str = WAKE_STR(FORMAT_MAX);
	va_list args;

	va_start(args, fmt);
	wake_str_vappendf(&str, fmt, args);
	va_end(args);
	return wake_str_steal(&str, ret_text, err);
}

int wake_str_copy(const char *text, char **ret_text, struct wake_error *err)
{
	char *copy = strdup(text);

	if (!copy)
		return wake_fail_nomem(err);
	*ret_text = copy;
	return WAKE_OK;
}
