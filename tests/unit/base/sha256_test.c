/* SPDX-License-Identifier: MIT */
/* SHA-256 against the examples of RFC 6234 and against sha256sum. */
#include "base/sha256.h"
#include "scratch.h"

static void expect(const char *text, size_t len, size_t step, const char *expected)
{
	struct wake_sha256 sha256;
	char got[WAKE_SHA256_SIZE];

	wake_sha256_init(&sha256);
	for (size_t at = 0; at < len; at += step)
		wake_sha256_add(&sha256, text + at, len - at < step ? len - at : step);
	wake_sha256_text(&sha256, got);
	assert_string_equal(got, expected);
	wake_sha256_text(&sha256, got); /* asking changes nothing */
	assert_string_equal(got, expected);
}

static void known_texts_have_known_sums(void **state)
{
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	(void)state;
	expect("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("abc", 3, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect(two_blocks, sizeof(two_blocks) - 1, 7,
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_million_in_any_pieces(void **state)
{
	static const size_t steps[] = { 1, 55, 56, 63, 64, 65, 1000, 1000000 };
	char *text = malloc(1000000);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', 1000000);
	for (size_t i = 0; i < WAKE_COUNT(steps); i++)
		expect(text, 1000000, steps[i],
		    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts_have_known_sums),
		cmocka_unit_test(a_million_in_any_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
