/* SPDX-License-Identifier: MIT */
/* base/text: UTF-8 well-formedness, storing, showing, URLs without credentials. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COW "\xf0\x9f\x90\x84"
#define EURO "\xe2\x82\xac"
#define ELLIPSIS "\xe2\x80\xa6"

static bool is_utf8(const char *text)
{
	return wake_text_is_utf8(text, strlen(text));
}

static void tells_utf8(void **state)
{
	static const char *const good[] = { "", "abc", "\x01\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(",
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x90", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xfe", "\xff", "ok\xff" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(good); i++)
		assert_true(is_utf8(good[i]));
	for (size_t i = 0; i < WAKE_COUNT(bad); i++)
		assert_false(is_utf8(bad[i]));
	assert_false(wake_text_is_utf8("a\0b", 3));
	assert_false(wake_text_is_utf8("\xe2\x82\xac", 2)); /* the length counts, not the NUL */
}

static void assert_stored(const char *bytes, size_t len, size_t max, const char *expected)
{
	wake_auto_str struct wake_str out = WAKE_STR(4096);

	wake_text_append_stored(&out, bytes, len, max);
	assert_false(out.failed);
	assert_string_equal(wake_str_text(&out), expected);
	assert_true(out.len <= max);
	assert_true(wake_text_is_utf8(wake_str_text(&out), out.len));
}

static void stores_utf8_as_it_is(void **state)
{
	(void)state;
	assert_stored("", 0, 16, "");
	assert_stored("tab\there \"" COW "\"", 15, 100, "tab\there \"" COW "\"");
	assert_stored("0123456789abcdef", 16, 16, "0123456789abcdef");
}

static void cuts_utf8_at_a_character(void **state)
{
	(void)state;
	assert_stored("0123456789abcdefg", 17, 16, "0123456789abc" ELLIPSIS);
	assert_stored("0123456789ab" EURO "xx", 17, 16, "0123456789ab" ELLIPSIS);
	assert_stored("0123456789" EURO "xxxx", 17, 16, "0123456789" EURO ELLIPSIS);
	assert_stored("0123456789" COW "xxxx", 18, 16, "0123456789" ELLIPSIS);
}

static void quotes_other_bytes_as_git_does(void **state)
{
	(void)state;
	assert_stored("caf\xe9", 4, 100, "\"caf\\351\"");
	assert_stored(
	    "\a\b\t\n\v\f\r\"\\\x01\x7f\xff", 12, 100, "\"\\a\\b\\t\\n\\v\\f\\r\\\"\\\\\\001\\177\\377\"");
	assert_stored("a\0b", 3, 100, "\"a\\000b\"");
	assert_stored("\xc3\xa9\xff", 3, 100, "\"\\303\\251\\377\"");
}

static void cuts_quoted_text_at_an_escape(void **state)
{
	(void)state;
	assert_stored("0123456789\xff", 11, 16, "\"0123456789\\377\"");
	assert_stored("0123456789a\xff", 12, 16, "\"0123456789a" ELLIPSIS);
	assert_stored("012345678\xff\xff", 11, 17, "\"012345678\\377" ELLIPSIS);
	assert_stored("012345678\xff\xff", 11, 16, "\"012345678" ELLIPSIS);
}

static void assert_shown(const char *bytes, size_t len, bool keep_lines, const char *expected)
{
	wake_auto_str struct wake_str out = WAKE_STR(4096);

	wake_text_append_shown(&out, bytes, len, keep_lines);
	assert_string_equal(wake_str_text(&out), expected);
}

static void shows_nothing_that_acts(void **state)
{
	(void)state;
	assert_shown("plain " COW " text\\", 16, false, "plain " COW " text\\");
	assert_shown("\x1b[31m", 5, false, "\\x1b[31m");
	assert_shown("a\0b\x7f", 4, false, "a\\x00b\\x7f");
	assert_shown("\xc2\x9b"
	             "2J",
	    4, false, "\\u009b2J");
	assert_shown("\xc2\xa0", 2, false, "\xc2\xa0"); /* a no-break space is harmless */
	assert_shown("\xff\xe2\x82", 3, false, "\\xff\\xe2\\x82");
}

static void shows_no_reordering(void **state)
{
	static const unsigned hidden[] = { 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069 };
	static const unsigned shown[] = { 0x200d, 0x2010, 0x2027, 0x202f, 0x2065, 0x206a };
	char bytes[4] = "", expected[8];

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(hidden) + WAKE_COUNT(shown); i++) {
		bool hide = i < WAKE_COUNT(hidden);
		unsigned point = hide ? hidden[i] : shown[i - WAKE_COUNT(hidden)];

		bytes[0] = '\xe2';
		bytes[1] = (char)(0x80 | (point >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (point & 0x3f));
		(void)snprintf(expected, sizeof(expected), "\\u%04x", point);
		assert_shown(bytes, 3, true, hide ? expected : bytes);
	}
}

static void keeps_lines_on_request(void **state)
{
	(void)state;
	assert_shown("a\tb\nc\r", 6, true, "a\tb\nc\\x0d");
	assert_shown("a\tb\nc\r", 6, false, "a\\x09b\\x0ac\\x0d");
}

static void urls_lose_credentials(void **state)
{
	static const char *const cases[][2] = {
		{ "https://user:token@host/x", "https://host/x" },
		{ "https://token@host:8443/x/y.git", "https://host:8443/x/y.git" },
		{ "https://user:p@ss@host/x", "https://host/x" },
		{ "https://host/x@y", "https://host/x@y" },
		{ "https://host/x?access_token=s#frag", "https://host/x" },
		{ "https://host?a=b@c", "https://host" },
		{ "https://host/x#s", "https://host/x" },
		{ "ssh://git@host/x", "ssh://host/x" },
		{ "https://user:token@host", "https://host" },
		{ "https://user:token@", "https://" },
		{ "git+ssh://u:p@[::1]:22/x", "git+ssh://[::1]:22/x" },
		{ "foo::https://u:p@host/x", "foo::https://host/x" },
		{ "file:///srv/a b", "file:///srv/a b" },
		{ "git@host:path", "git@host:path" },
		{ "/srv/repo?x@y", "/srv/repo?x@y" },
		{ "../a://b@c", "../a://b@c" },
		{ "://u@h", "://u@h" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str out = WAKE_STR(4096);

		wake_text_append_url(&out, cases[i][0], strlen(cases[i][0]));
		assert_string_equal(wake_str_text(&out), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_utf8),
		cmocka_unit_test(stores_utf8_as_it_is),
		cmocka_unit_test(cuts_utf8_at_a_character),
		cmocka_unit_test(quotes_other_bytes_as_git_does),
		cmocka_unit_test(cuts_quoted_text_at_an_escape),
		cmocka_unit_test(shows_nothing_that_acts),
		cmocka_unit_test(shows_no_reordering),
		cmocka_unit_test(keeps_lines_on_request),
		cmocka_unit_test(urls_lose_credentials),
	};

	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
