/* SPDX-License-Identifier: MIT */
/* agent/remote_url: addresses that are taken, and those that libcurl and we might read differently. */
#include "agent/remote_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct wake_error err;

static const struct {
	const char *text, *base;
} taken[] = {
	{ "https://example.org", "https://example.org/api/v1/workflows/claude-code" },
	{ "https://example.org///", "https://example.org/api/v1/workflows/claude-code" },
	{ "HTTPS://example.org:8443/agents/", "https://example.org:8443/agents" },
	{ "https://[2001:db8::1]:443/a%20b", "https://[2001:db8::1]:443/a%20b" },
	{ "http://127.0.0.1:8000", "http://127.0.0.1:8000/api/v1/workflows/claude-code" },
	{ "http://127.255.0.9/x", "http://127.255.0.9/x" },
	{ "http://LocalHost/x", "http://LocalHost/x" },
	{ "http://[::1]/x", "http://[::1]/x" },
};

static const char *const refused[] = {
	"",
	"example.org",
	"ftp://example.org",
	"https://",
	"https:///x",
	"https://:443/",
	"https://[]/",
	"https://[::1",
	"https://[::1]x/",
	"https://ann@example.org",
	"https://ann:word@example.org",
	"https://example.org/@x",
	"https://example.org?x",
	"https://example.org/x?y=z",
	"https://example.org#x",
	"https://example.org\\x",
	"https://example.org/a b",
	"https://example.org/a\nb",
	"https://ex\xc3\xa4mple.org",
	"https://example.org:",
	"https://example.org:0x50",
	"https://example.org:123456",
	"https://example.org/a/../b",
	"https://%65xample.org",
};

static const char *const plain[] = { "http://example.org", "http://127.0.0.1.example.org", "http://128.0.0.1",
	"http://0x7f.1", "http://[::2]", "http://localhost.example.org" };

static void what_is_taken_has_one_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(taken); i++) {
		char *base = NULL, *again = NULL;

		assert_int_equal(wake_remote_url_read(taken[i].text, false, &base, &err), WAKE_OK);
		assert_string_equal(base, taken[i].base);
		assert_int_equal(wake_remote_url_read(base, false, &again, &err), WAKE_OK);
		assert_string_equal(again, base);
		assert_true(wake_remote_url_is_https(base) == (strncmp(base, "https:", 6) == 0));
		free(base);
		free(again);
	}
}

static void what_is_unclear_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(refused); i++) {
		char *base = NULL;

		if (wake_remote_url_read(refused[i], true, &base, &err) != WAKE_INVALID || base)
			fail_msg("'%s' is taken as '%s'", refused[i], base ? base : "");
	}
}

/* A key or a task in clear goes to this machine alone, unless somebody says otherwise. */
static void plain_http_stays_here(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(plain); i++) {
		char *base = NULL;

		if (wake_remote_url_read(plain[i], false, &base, &err) != WAKE_INVALID || base)
			fail_msg("'%s' is taken as '%s'", plain[i], base ? base : "");
		assert_int_equal(wake_remote_url_read(plain[i], true, &base, &err), WAKE_OK);
		assert_false(wake_remote_url_is_https(base));
		free(base);
	}
}

static void lengths_are_bounded(void **state)
{
	char text[WAKE_REMOTE_URL_MAX + 2] = "https://example.org/", *base = NULL;

	(void)state;
	memset(text + strlen(text), 'x', sizeof(text) - strlen(text) - 1);
	assert_int_equal(wake_remote_url_read(text, false, &base, &err), WAKE_INVALID);
	text[WAKE_REMOTE_URL_MAX] = '\0';
	assert_int_equal(wake_remote_url_read(text, false, &base, &err), WAKE_OK);
	assert_string_equal(base, text);
	free(base);
	memset(text, 'h', WAKE_REMOTE_URL_MAX);
	memcpy(text, "https://", 8);
	base = NULL;
	assert_int_equal(wake_remote_url_read(text, false, &base, &err), WAKE_INVALID); /* a host that long */
	assert_null(base);
}

static void a_segment_stays_one(void **state)
{
	static const struct {
		const char *segment, *path;
	} segments[] = { { "fix-1.2_x~", "fix-1.2_x~" }, { "a/b", "a%2Fb" }, { "..", "%2E%2E" },
		{ ".", "%2E" }, { "...", "..." }, { "a?b#c%d", "a%3Fb%23c%25d" },
		{ "\xc3\xa4 \n", "%C3%A4%20%0A" } };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(segments); i++) {
		wake_auto_str struct wake_str out = WAKE_STR(256);

		wake_remote_url_append_segment(&out, segments[i].segment);
		assert_string_equal(wake_str_text(&out), segments[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_has_one_form),
		cmocka_unit_test(what_is_unclear_is_refused),
		cmocka_unit_test(plain_http_stays_here),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(a_segment_stays_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
