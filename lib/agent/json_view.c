/* SPDX-License-Identifier: MIT */
/* JSON text looked at in place (RFC 8259). */
#include "agent/json_view.h"

#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define EXPONENT_MAX 1000	   /* beyond it a number is 0 or too large, whatever its digits */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

/* at: a quotation mark. Returns what follows its partner; NULL: there is none. */
static const char *skip_string(const char *at, const char *end)
{
	const char *begin = ++at;

	while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
		const char *back = at;

		while (back > begin && back[-1] == '\\')
			back--;
		at++;
		if ((at - 1 - back) % 2 == 0)
			return at;
		begin = at; /* what was looked at is not looked at again */
	}
	return NULL;
}

static const char *skip_brackets(const char *at, const char *end)
{
	size_t depth = 0;

	while (at < end) {
		switch (*at) {
		case '"':
			at = skip_string(at, end);
			if (!at)
				return NULL;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return at + 1;
			break;
		default:
			break;
		}
		at++;
	}
	return NULL;
}

static const char *skip_scalar(const char *at, const char *end)
{
	const char *begin = at;

	while (at < end && !is_space(*at) && !memchr(",:]}[{\"", *at, 7))
		at++;
	return at > begin ? at : NULL;
}

static const char *skip_value(const char *at, const char *end)
{
	if (at == end)
		return NULL;
	if (*at == '"')
		return skip_string(at, end);
	return *at == '{' || *at == '[' ? skip_brackets(at, end) : skip_scalar(at, end);
}

bool wake_view_object(const char *text, size_t len, struct wake_view *ret_view)
{
	const char *end = text + len, *at = skip_space(text, end);

	while (end > at && is_space(end[-1]))
		end--;
	if (end - at < 2 || *at != '{' || end[-1] != '}')
		return false;
	*ret_view = (struct wake_view){ at, (size_t)(end - at) };
	return true;
}

void wake_view_walk(struct wake_view view, struct wake_view_walk *ret_walk)
{
	bool has_brackets = view.at && view.len >= 2 && (*view.at == '{' || *view.at == '[');

	*ret_walk = (struct wake_view_walk){ .broken = !has_brackets };
	if (!has_brackets)
		return;
	ret_walk->is_object = *view.at == '{';
	ret_walk->end = view.at + view.len - 1; /* at its closing bracket */
	ret_walk->at = skip_space(view.at + 1, ret_walk->end);
}

static bool fail(struct wake_view_walk *walk)
{
	walk->broken = true;
	return false;
}

static bool take(struct wake_view_walk *walk, struct wake_view *ret_value)
{
	const char *after = skip_value(walk->at, walk->end);

	if (!after)
		return false;
	*ret_value = (struct wake_view){ walk->at, (size_t)(after - walk->at) };
	walk->at = skip_space(after, walk->end);
	return true;
}

bool wake_view_next(struct wake_view_walk *walk, struct wake_view *ret_key, struct wake_view *ret_value)
{
	struct wake_view key = { 0 }, value;

	if (walk->broken || walk->at == walk->end)
		return false;
	if (walk->is_object) {
		if (!take(walk, &key) || *key.at != '"' || walk->at == walk->end || *walk->at != ':')
			return fail(walk);
		walk->at = skip_space(walk->at + 1, walk->end);
	}
	if (!take(walk, &value))
		return fail(walk);
	if (walk->at < walk->end) {
		if (*walk->at != ',')
			return fail(walk);
		walk->at = skip_space(walk->at + 1, walk->end);
		if (walk->at == walk->end)
			return fail(walk);
	}
	if (ret_key)
		*ret_key = key;
	*ret_value = value;
	return true;
}

bool wake_view_first(struct wake_view object, const char *name, struct wake_view *ret_value)
{
	struct wake_view_walk walk;
	struct wake_view key, value;

	wake_view_walk(object, &walk);
	while (walk.is_object && wake_view_next(&walk, &key, &value)) {
		if (wake_view_is(key, name)) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

bool wake_view_pick(struct wake_view object, const char *const *names, size_t count, struct wake_view *views)
{
	struct wake_view_walk walk;
	struct wake_view key, value;

	memset(views, 0, count * sizeof(*views));
	wake_view_walk(object, &walk);
	if (!walk.is_object)
		return false;
	while (wake_view_next(&walk, &key, &value)) {
		for (size_t i = 0; i < count; i++) {
			if (wake_view_is(key, names[i]))
				views[i] = value;
		}
	}
	return !walk.broken;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* at: behind "\u". -1: no four digits. */
static int32_t read_unit(const char *at, const char *end)
{
	int32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		int digit = at + i < end ? hex_digit(at[i]) : -1;

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static size_t encode(int32_t point, char bytes[4])
{
	if (point <= 0 || (point >= 0xd800 && point < 0xe000)) {
		memcpy(bytes, REPLACEMENT, 3);
		return 3;
	}
	if (point < 0x80) {
		bytes[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		bytes[0] = (char)(0xc0 | (point >> 6));
		bytes[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		bytes[0] = (char)(0xe0 | (point >> 12));
		bytes[1] = (char)(0x80 | ((point >> 6) & 0x3f));
		bytes[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	bytes[0] = (char)(0xf0 | (point >> 18));
	bytes[1] = (char)(0x80 | ((point >> 12) & 0x3f));
	bytes[2] = (char)(0x80 | ((point >> 6) & 0x3f));
	bytes[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

/* at: a backslash. Moves it behind the escape; returns how many bytes it stands for. */
static size_t decode_escape(const char **at, const char *end, char bytes[4])
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter = *at + 1 < end ? strchr(letters, (*at)[1]) : NULL;
	int32_t unit, low = -1;

	if (letter && *letter) {
		bytes[0] = meanings[letter - letters];
		*at += 2;
		return 1;
	}
	unit = *at + 1 < end && (*at)[1] == 'u' ? read_unit(*at + 2, end) : -1;
	if (unit < 0) {
		*at += 1;
		return encode(0, bytes);
	}
	*at += 6;
	if (unit < 0xd800 || unit >= 0xdc00)
		return encode(unit, bytes);
	if (*at + 1 < end && (*at)[0] == '\\' && (*at)[1] == 'u')
		low = read_unit(*at + 2, end);
	if (low < 0xdc00 || low >= 0xe000)
		return encode(0, bytes);
	*at += 6;
	return encode(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), bytes);
}

/* at: a byte that is no backslash. */
static size_t decode_raw(const char **at, const char *end, char bytes[4])
{
	unsigned char lead = (unsigned char)**at;
	size_t len = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (len <= (size_t)(end - *at) && wake_text_is_utf8(*at, len)) {
		memcpy(bytes, *at, len);
		*at += len;
		return len;
	}
	*at += 1;
	return encode(0, bytes);
}

/* Printable ASCII is nearly everything, and goes over in one piece. */
static size_t plain_length(const char *at, const char *end)
{
	const char *begin = at;

	while (at < end && *at != '\\' && (unsigned char)*at < 0x80 && *at != '\0')
		at++;
	return (size_t)(at - begin);
}

bool wake_view_append_text(struct wake_view view, size_t max, struct wake_str *out)
{
	const char *at, *end;
	size_t room = max;

	if (!view.at || view.len < 2 || *view.at != '"')
		return false;
	at = view.at + 1;
	end = view.at + view.len - 1;
	while (at < end && room > 0) {
		char bytes[4];
		size_t len = plain_length(at, end);

		if (len > 0) {
			len = len < room ? len : room;
			wake_str_append_bytes(out, at, len);
			at += len;
			room -= len;
			continue;
		}
		len = *at == '\\' ? decode_escape(&at, end, bytes) : decode_raw(&at, end, bytes);
		if (len > room)
			break;
		wake_str_append_bytes(out, bytes, len);
		room -= len;
	}
	return true;
}

bool wake_view_is(struct wake_view view, const char *text)
{
	size_t len = strlen(text);
	wake_auto_str struct wake_str said = WAKE_STR(len + 4);

	if (!view.at || view.len < len + 2 || *view.at != '"')
		return false;
	if (view.len == len + 2)
		return memcmp(view.at + 1, text, len) == 0;
	if (!memchr(view.at, '\\', view.len))
		return false;
	return wake_view_append_text(view, len + 4, &said) && !said.failed && strcmp(wake_str_text(&said), text) == 0;
}

bool wake_view_is_true(struct wake_view view)
{
	return view.at && view.len == 4 && memcmp(view.at, "true", 4) == 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool wake_view_count(struct wake_view view, int64_t max, int64_t *ret_count)
{
	int64_t count = 0;

	if (!view.at || view.len == 0)
		return false;
	for (size_t i = 0; i < view.len; i++) {
		int digit = view.at[i] - '0';

		if (!is_digit(view.at[i]) || count > (max - digit) / 10)
			return false;
		count = count * 10 + digit;
	}
	*ret_count = count;
	return true;
}

/* A decimal number without a sign: its digits, and how many stand before the point once the exponent is applied. */
struct decimal {
	const char *whole, *fraction;
	size_t whole_len, fraction_len;
	int64_t before;
};

static bool read_exponent(const char *at, const char *end, int64_t *ret_exponent)
{
	bool minus = at < end && *at == '-';
	int64_t exponent = 0;

	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (at == end)
		return false;
	for (; at < end; at++) {
		if (!is_digit(*at))
			return false;
		if (exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (*at - '0');
	}
	*ret_exponent = minus ? -exponent : exponent;
	return true;
}

static bool read_decimal(struct wake_view view, struct decimal *ret)
{
	const char *at = view.at, *end = view.at + view.len;
	int64_t exponent = 0;

	ret->whole = at;
	while (at < end && is_digit(*at))
		at++;
	ret->whole_len = (size_t)(at - ret->whole);
	if (at < end && *at == '.')
		at++;
	ret->fraction = at;
	while (at < end && is_digit(*at))
		at++;
	ret->fraction_len = (size_t)(at - ret->fraction);
	if (ret->whole_len == 0 || (at < end && *at != 'e' && *at != 'E'))
		return false;
	if (at < end && !read_exponent(at + 1, end, &exponent))
		return false;
	ret->before = (int64_t)ret->whole_len + exponent;
	return true;
}

static int digit_at(const struct decimal *number, int64_t place)
{
	size_t index = (size_t)place;

	if (place < 0 || index >= number->whole_len + number->fraction_len)
		return 0;
	return (index < number->whole_len ? number->whole[index] : number->fraction[index - number->whole_len]) - '0';
}

bool wake_view_millionths(struct wake_view view, int64_t max, int64_t *ret_millionths)
{
	struct decimal number;
	int64_t value = 0, places;

	if (!view.at || !read_decimal(view, &number))
		return false;
	places = number.before + 6;
	for (int64_t place = 0; place < places; place++) {
		int digit = digit_at(&number, place);

		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (places >= 0 && digit_at(&number, places) >= 5)
		value++;
	if (value > max)
		return false;
	*ret_millionths = value;
	return true;
}
