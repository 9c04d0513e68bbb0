/* SPDX-License-Identifier: MIT */
/* What is taken out of texts, and what looks like it and stays. Keys are put together here from parts, so that no
 * scanner takes this file for a leak. */
#include "../base/scratch.h"
#include "base/clock.h"
#include "event/event.h"
#include "event/redact.h"
#include "redact_corpus.h"

#define HEX16 "0123456789abcdef"
#define LONG "Zk3v9QpX7mL2wR8tB5nY1cD4fG6hJ0sA" /* 32 letters and digits */

static struct wake_error err;

static struct wake_redactor *redactor_of(const char *settings)
{
	struct wake_redactor *redactor = NULL;
	struct wake_config config;

	if (wake_config_parse(settings, strlen(settings), &config, &err) != WAKE_OK ||
	    wake_redactor_new(&config, &redactor, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	wake_config_release(&config);
	return redactor;
}

static void expect(const char *settings, const char *text, const char *expected)
{
	wake_auto_redactor struct wake_redactor *redactor = redactor_of(settings);
	wake_auto_str struct wake_str out = WAKE_STR(1 << 20), again = WAKE_STR(1 << 20);

	assert_int_equal(wake_redact_append(redactor, text, strlen(text), &out, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&out), expected);
	/* What was redacted stays as it is. */
	assert_int_equal(wake_redact_append(redactor, out.data, out.len, &again, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&again), expected);
}

static void secrets_are_taken_out(void **state)
{
	static const char *const cases[][2] = {
		{ "key sk-" "ant-api03-" LONG "-x, ok", "key [redacted], ok" },
		{ "sk-" "proj-" LONG, "[redacted]" },
		{ "(ghp_" LONG "abcd)", "([redacted])" },
		{ "github_" "pat_" LONG "_" LONG, "[redacted]" },
		{ "glpat-" LONG ".", "[redacted]." },
		{ "xoxb-" "123456789012-" LONG, "[redacted]" },
		{ "AKIA" "IOSFODNN7ABCDEFG is it", "[redacted] is it" },
		{ "AIza" LONG "abc", "[redacted]" },
		{ "npm_" LONG "abcd", "[redacted]" },
		{ "sk_" "live_" HEX16, "[redacted]" },
		{ "t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlc2ln;", "t=[redacted];" },
		{ "Authorization: Bearer " LONG, "Authorization: Bearer [redacted]" },
		{ "authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic [redacted]" },
		{ "-H 'Authorization: token " LONG "'", "-H 'Authorization: token [redacted]'" },
		{ "https://ann:hush@example.org/x", "https://ann:[redacted]@example.org/x" },
		{ "postgresql://ann:p@ss:w@db/x?y=1", "postgresql://ann:[redacted]@db/x?y=1" },
		{ "password=hunter2", "password=[redacted]" },
		{ "PASSWORD = hunter2 # old", "PASSWORD = [redacted] # old" },
		{ "export GITHUB_TOKEN=abcd1234\nnext", "export GITHUB_TOKEN=[redacted]\nnext" },
		{ "db_password: correcthorsebatterystaple", "db_password: [redacted]" },
		{ "{\"password\": \"a \\\" quote\", \"b\": 1}", "{\"password\": \"[redacted]\", \"b\": 1}" },
		{ "{\\\"apiKey\\\":\\\"k-1\\\",\\\"n\\\":1}", "{\\\"apiKey\\\":\\\"[redacted]\\\",\\\"n\\\":1}" },
		{ "'client_secret' => 'xyz',", "'client_secret' => '[redacted]'," },
		{ "clientSecret := `xyz`", "clientSecret := `[redacted]`" },
		{ "aws_secret_access_key=" LONG "&x=1", "aws_secret_access_key=[redacted]&x=1" },
		{ "tool --password hunter2 --verbose", "tool --password [redacted] --verbose" },
		{ "--api-key=hunter2", "--api-key=[redacted]" },
		{ "x\n-----BEGIN " "RSA PRIVATE KEY-----\nMIIE\nabc\n-----END " "RSA PRIVATE KEY-----\ny", "x\n[redacted]\ny" },
		{ "-----BEGIN " "OPENSSH PRIVATE KEY-----\nb3Blb", "[redacted]" },
		{ "caf\xc3\xa9 token=\xc3\xa9t\xc3\xa9" "123 \xe2\x82\xac", "caf\xc3\xa9 token=[redacted] \xe2\x82\xac" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++)
		expect("", cases[i][0], cases[i][1]);
}

static void what_looks_like_one_stays(void **state)
{
	static const char *const texts[] = {
		"Add a password field to the form, and a token counter",
		"Reset password: the user gets a mail",
		"max_tokens=4096, tokens: 12345, token_count=99",
		"the secretary: Ann; author=Bob12345; monkey=banana1",
		"password: string;",
		"interface A { token: string | null }",
		"const token = getToken(request);",
		"token = tokens[i]; secret = os.environ[\"SECRET\"]",
		"password=$PASSWORD token=${TOKEN} secret=<your-secret> api_key={{ key }} pwd=%s",
		"\"password\": \"\", \"token\": null, \"secret\": \"${SECRET}\"",
		"if (token == expected1) return password != other2;",
		"ssh://git@github.com/x/y.git git@github.com:x/y.git http://localhost:8080/a:b@c",
		"https://example.org/path?q=a:b@c",
		"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
		"commit 9e667f23619e667f23619e667f23619e667f2361, sk-learn, risk-assessment-of-everything-else",
		"the sk-short key, ghp_short, AKIAabc, eyJhbGciOiJIUzI1NiJ9",
		("task-force_ghp_is_no_key and disk-" LONG),
		"e5b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"a--password, --passwordless login, --token-count 12345",
		"Bearer of bad news; Basic understanding of things",
		"",
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		expect("", texts[i], texts[i]);
}

/* What stands between « and » is what is to go. */
static void each_secret_of_the_corpus_is_taken_out(void **state)
{
	static const char open[] = "«", close[] = "»";

	(void)state;
	assert_true(WAKE_COUNT(secrets) >= 100);
	for (size_t i = 0; i < WAKE_COUNT(secrets); i++) {
		wake_auto_str struct wake_str text = WAKE_STR(4096), expected = WAKE_STR(4096);
		bool within = false;

		for (const char *at = secrets[i]; *at;) {
			bool begins = strncmp(at, open, sizeof(open) - 1) == 0;

			if (begins)
				wake_str_append(&expected, "[redacted]");
			if (begins || strncmp(at, close, sizeof(close) - 1) == 0) {
				within = begins;
				at += sizeof(open) - 1;
				continue;
			}
			wake_str_append_char(&text, *at);
			if (!within)
				wake_str_append_char(&expected, *at);
			at++;
		}
		expect("", wake_str_text(&text), wake_str_text(&expected));
	}
}

static void each_look_alike_of_the_corpus_stays(void **state)
{
	(void)state;
	assert_true(WAKE_COUNT(look_alikes) >= 100);
	for (size_t i = 0; i < WAKE_COUNT(look_alikes); i++)
		expect("", look_alikes[i], look_alikes[i]);
}

static void a_persons_own_words_go_too(void **state)
{
	static const char settings[] = "[runwake]\nredact = Bluebird ACME-???4-* x*y*z\n";

	(void)state;
	expect(settings, "project Bluebirds: ACME-1234-secret, acme-1234-x, ACME-123-x",
	    "project [redacted]s: [redacted], acme-1234-x, ACME-123-x");
	expect(settings, "xaybz xz (x1y2z)", "[redacted] xz ([redacted])");
}

static void a_text_may_not_be_recorded_at_all(void **state)
{
	wake_auto_redactor struct wake_redactor *redactor = redactor_of("[runwake]\nmessages = off\n");
	wake_auto_json json_t *data = json_object();

	(void)state;
	assert_int_equal(wake_redact_set_text(redactor, data, "task", "Do it", 100, &err), WAKE_OK);
	assert_int_equal(wake_redact_set_text(redactor, data, "result", NULL, 100, &err), WAKE_OK);
	assert_string_equal(wake_json_string(data, "task"), "");
	assert_null(json_object_get(data, "result"));
}

static void a_setting_has_its_bounds(void **state)
{
	wake_auto_str struct wake_str text = WAKE_STR(65536);
	struct wake_redactor *redactor = NULL;
	struct wake_config config;

	(void)state;
	wake_str_append(&text, "[runwake]\nredact =");
	for (int i = 0; i < 65; i++)
		wake_str_append(&text, " w");
	assert_int_equal(wake_config_parse(text.data, text.len, &config, &err), WAKE_OK);
	assert_int_equal(wake_redactor_new(&config, &redactor, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "runwake.redact"));
	wake_config_release(&config);
}

/* Parts that begin a secret over and over, and none that ends. Quadratic time would take minutes for each. */
static void hostile_texts_take_time_in_proportion(void **state)
{
	static const char *const parts[] = {
		"eyJ-", "eyJaaaaaaaa.", "password='", "password=\"", "://a:", "://", "-----BEGIN ",
		"-----BEGIN PRIVATE KEY", "--password ", "token=", "token: ", "a", "=", "sk-", "'", "\\\"",
		"Bearer ", "xyx", "authorization: a ", " -u a:", "curl -u ", "mysql -p", "<password>", "<token",
		"value=\"", "name: token value: ", "login a password ", "setenv a ", "ENV token ", "12345678:AA",
		"] = '", "hooks.slack.com/services/", "https://a1", "auth=", "IDENTIFIED BY '",
	};
	wake_auto_redactor struct wake_redactor *redactor = redactor_of("[runwake]\nredact = x*y*z Blue\n");
	wake_auto_free char *text = malloc(4 << 20);
	const size_t size = 4 << 20;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < WAKE_COUNT(parts); i++) {
		wake_auto_str struct wake_str out = WAKE_STR(64u << 20);
		size_t len = strlen(parts[i]);

		for (size_t at = 0; at < size; at++)
			text[at] = parts[i][at % len];
		assert_int_equal(wake_redact_append(redactor, text, size, &out, &err), WAKE_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_taken_out),
		cmocka_unit_test(what_looks_like_one_stays),
		cmocka_unit_test(each_secret_of_the_corpus_is_taken_out),
		cmocka_unit_test(each_look_alike_of_the_corpus_stays),
		cmocka_unit_test(a_persons_own_words_go_too),
		cmocka_unit_test(a_text_may_not_be_recorded_at_all),
		cmocka_unit_test(a_setting_has_its_bounds),
		cmocka_unit_test(hostile_texts_take_time_in_proportion),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
