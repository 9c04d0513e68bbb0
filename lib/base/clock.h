/* SPDX-License-Identifier: MIT */
/* Time: microseconds since 1970-01-01 UTC in an int64_t; as text RFC 3339 with microseconds and Z. */
#ifndef WAKE_CLOCK_H
#define WAKE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define WAKE_SECOND INT64_C(1000000) /* microseconds */
#define WAKE_TIME_SIZE 28 /* "2026-11-22T16:50:18.123456Z" and a NUL */

int64_t wake_clock_now(void);		/* wall clock, microseconds UTC */
int64_t wake_clock_monotonic(void);	/* microseconds, only for differences */

/* Times outside the years 0001 to 9999 are clamped. */
void wake_time_format(int64_t at, char ret_text[WAKE_TIME_SIZE]);

/* Is the text in the very form that wake_time_format writes? Whether there is such a day is not asked. */
bool wake_time_is_shown_so(const char *text);

/* RFC 3339: any fraction up to nine digits, Z or ±HH:MM. Anything else: WAKE_INVALID. */
int wake_time_parse(const char *text, int64_t *ret_at, struct wake_error *err) WAKE_MUST_CHECK;

/* What a person types after --since: RFC 3339, YYYY-MM-DD (midnight UTC), or an age such as 90s, 30m,
 * 2h, 7d, 4w. */
int wake_time_parse_since(const char *text, int64_t now, int64_t *ret_at, struct wake_error *err)
    WAKE_MUST_CHECK;

#endif
