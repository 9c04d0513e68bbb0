/* SPDX-License-Identifier: MIT */
/* Time, its text and back. The calendar is worked out here: gmtime_r(3) may read the time zone
 * files, which a hook has no time for. */
#include "base/clock.h"

#include <string.h>
#include <time.h>

#define DAY_SECONDS 86400
#define EPOCH_DAY INT64_C(719162) /* days from 0001-01-01 to 1970-01-01 */
#define TIME_MIN (-EPOCH_DAY * DAY_SECONDS * WAKE_SECOND)
#define TIME_MAX ((INT64_C(3652059) - EPOCH_DAY) * DAY_SECONDS * WAKE_SECOND - 1)

static int64_t read_clock(clockid_t clock)
{
	struct timespec now = { 0 };

	(void)clock_gettime(clock, &now); /* cannot fail for these two clocks */
	return (int64_t)now.tv_sec * WAKE_SECOND + now.tv_nsec / 1000;
}

int64_t wake_clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t wake_clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int64_t year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0001-01-01 to the first of January of year ≥ 1. */
static int64_t days_before_year(int64_t year)
{
	int64_t past = year - 1;

	return past * 365 + past / 4 - past / 100 + past / 400;
}

static char *put_digits(char *at, int64_t value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + width;
}

static char *put_date(char *at, int64_t day)
{
	int64_t year = day / 366 + 1; /* at most some years too early */
	int month = 1;

	while (days_before_year(year + 1) <= day)
		year++;
	day -= days_before_year(year);
	while (day >= month_length(year, month))
		day -= month_length(year, month++);
	at = put_digits(at, year, 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	return put_digits(at, day + 1, 2);
}

void wake_time_format(int64_t at, char ret_text[WAKE_TIME_SIZE])
{
	int64_t since_first, second;
	char *to = ret_text;

	if (at < TIME_MIN)
		at = TIME_MIN;
	if (at > TIME_MAX)
		at = TIME_MAX;
	since_first = at - TIME_MIN; /* never negative, so that / and % round the same way */
	second = since_first / WAKE_SECOND % DAY_SECONDS;
	to = put_date(to, since_first / WAKE_SECOND / DAY_SECONDS);
	*to++ = 'T';
	to = put_digits(to, second / 3600, 2);
	*to++ = ':';
	to = put_digits(to, second / 60 % 60, 2);
	*to++ = ':';
	to = put_digits(to, second % 60, 2);
	*to++ = '.';
	to = put_digits(to, since_first % WAKE_SECOND, 6);
	*to++ = 'Z';
	*to = '\0';
}

bool wake_time_is_shown_so(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	size_t at = 0;

	while (form[at] && (form[at] == '0' ? text[at] >= '0' && text[at] <= '9' : text[at] == form[at]))
		at++;
	return !form[at] && !text[at];
}

/* Reads exactly width digits and, unless it is NUL, the mark after them. */
static bool take(const char **at, int width, char mark, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < width; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		value = value * 10 + (**at - '0');
	}
	*ret_value = value;
	if (mark == '\0')
		return true;
	return *(*at)++ == mark;
}

/* The seconds since 1970 of a date's midnight UTC. */
static bool take_date(const char **at, int64_t *ret_seconds)
{
	int year, month, day;
	int64_t days;

	if (!take(at, 4, '-', &year) || !take(at, 2, '-', &month) || !take(at, 2, '\0', &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
		return false;
	days = days_before_year(year) + day - 1;
	for (int before = 1; before < month; before++)
		days += month_length(year, before);
	*ret_seconds = (days - EPOCH_DAY) * DAY_SECONDS;
	return true;
}

/* A point and one to nine digits, or nothing; what is below a microsecond is cut off. */
static bool take_fraction(const char **at, int64_t *ret_micros)
{
	int64_t micros = 0;
	int digits = 0;

	*ret_micros = 0;
	if (**at != '.')
		return true;
	for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, digits++) {
		if (digits < 6)
			micros = micros * 10 + (**at - '0');
	}
	for (int i = digits; i < 6; i++)
		micros *= 10;
	*ret_micros = micros;
	return digits >= 1 && digits <= 9;
}

static bool take_zone(const char **at, int64_t *ret_seconds)
{
	char sign = *(*at)++;
	int hours, minutes;

	*ret_seconds = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (sign != '+' && sign != '-')
		return false;
	if (!take(at, 2, ':', &hours) || !take(at, 2, '\0', &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_seconds = (hours * 60 + minutes) * 60;
	if (sign == '-')
		*ret_seconds = -*ret_seconds;
	return true;
}

static bool parse_rfc3339(const char *at, int64_t *ret_at)
{
	int64_t seconds, micros, zone;
	int hour, minute, second;

	if (!take_date(&at, &seconds) || (*at != 'T' && *at != 't'))
		return false;
	at++;
	if (!take(&at, 2, ':', &hour) || !take(&at, 2, ':', &minute) || !take(&at, 2, '\0', &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (!take_fraction(&at, &micros) || !take_zone(&at, &zone) || *at != '\0')
		return false;
	seconds += hour * 3600 + minute * 60 + second - zone;
	/* A leap second ends a day of UTC and counts as the next day's first, as in POSIX. */
	if (second == 60 && seconds % DAY_SECONDS != 0)
		return false;
	*ret_at = seconds * WAKE_SECOND + micros;
	return true;
}

int wake_time_parse(const char *text, int64_t *ret_at, struct wake_error *err)
{
	if (!parse_rfc3339(text, ret_at))
		return wake_fail(
		    err, WAKE_INVALID, "a time is like 2026-11-22T16:50:18.123456Z, not '%s'", text);
	return WAKE_OK;
}

static int64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return DAY_SECONDS;
	case 'w':
		return 7 * DAY_SECONDS;
	default:
		return 0;
	}
}

static bool parse_age(const char *at, int64_t *ret_age)
{
	int64_t count = 0, unit;
	bool digits = false;

	for (; *at >= '0' && *at <= '9'; at++, digits = true) {
		if (__builtin_mul_overflow(count, 10, &count) ||
		    __builtin_add_overflow(count, *at - '0', &count))
			return false;
	}
	unit = unit_seconds(*at);
	return digits && unit && at[1] == '\0' && !__builtin_mul_overflow(count, unit * WAKE_SECOND, ret_age);
}

int wake_time_parse_since(const char *text, int64_t now, int64_t *ret_at, struct wake_error *err)
{
	const char *at = text;
	int64_t value;

	if (parse_rfc3339(text, ret_at))
		return WAKE_OK;
	if (take_date(&at, &value) && *at == '\0') {
		*ret_at = value * WAKE_SECOND;
		return WAKE_OK;
	}
	if (parse_age(text, &value) && !__builtin_sub_overflow(now, value, &value)) {
		*ret_at = value;
		return WAKE_OK;
	}
	return wake_fail(err, WAKE_INVALID,
	    "give a time (2026-11-22T16:50:18Z), a date (2026-11-22) or an age (90s, 30m, 2h, 7d, 4w), not "
	    "'%s'",
	    text);
}
