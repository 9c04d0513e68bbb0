/* SPDX-License-Identifier: MIT */
/* A growing byte string with a stated maximum and a sticky failure mark: append freely, ask once
 * at the end. data is NUL-terminated whenever it is not NULL; NUL bytes inside are allowed. */
#ifndef WAKE_STR_H
#define WAKE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/scope.h"

struct wake_str {
	char *data;	/* owned: release with wake_str_release; NULL while empty */
	size_t len;	/* bytes, without the NUL */
	size_t room;	/* bytes allocated */
	size_t max;	/* no longer than this many bytes, ever */
	bool failed;	/* memory was out or max was reached; later appends do nothing */
};

#define WAKE_STR(maximum) { .max = (maximum) }

void wake_str_release(struct wake_str *str);	/* frees; a zeroed one is fine */
void wake_str_clear(struct wake_str *str);	/* empties, keeps the memory and max, forgets failure */

void wake_str_append(struct wake_str *str, const char *text);
void wake_str_append_bytes(struct wake_str *str, const void *bytes, size_t len);
void wake_str_append_char(struct wake_str *str, char c);
void wake_str_appendf(struct wake_str *str, const char *fmt, ...) WAKE_PRINTF(2, 3);
void wake_str_vappendf(struct wake_str *str, const char *fmt, va_list args) WAKE_PRINTF(2, 0);

/* WAKE_OK, or WAKE_NOMEM if any append failed. */
int wake_str_check(const struct wake_str *str, struct wake_error *err) WAKE_MUST_CHECK;

/* Hands the bytes over: free with free(3). Never NULL on success (an empty string is ""). */
int wake_str_steal(struct wake_str *str, char **ret_text, struct wake_error *err) WAKE_MUST_CHECK;

/* "" instead of NULL. borrowed: valid until the next change. */
const char *wake_str_text(const struct wake_str *str);

/* One formatted string, allocated: free with free(3). At most 1 MiB. */
int wake_str_format(char **ret_text, struct wake_error *err, const char *fmt, ...)
    WAKE_PRINTF(3, 4) WAKE_MUST_CHECK;

int wake_str_copy(const char *text, char **ret_text, struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_str WAKE_CLEANUP(wake_str_release)

#endif
