/* SPDX-License-Identifier: MIT */
/* agent/text_change: what is not changed stays, and what was put in goes again. */
#include "agent/text_change.h"

#include "../base/scratch.h"

static struct wake_error err;

static void add(struct wake_text_change *change, size_t at, size_t cut, const char *text)
{
	assert_int_equal(wake_text_change_add(change, at, cut, text, strlen(text), &err), WAKE_OK);
}

static void pieces_go_to_their_places(void **state)
{
	wake_auto_text_change struct wake_text_change change = { 0 };
	wake_auto_str struct wake_str out = WAKE_STR(64);

	(void)state;
	add(&change, 6, 0, "!");
	add(&change, 0, 1, "J");
	add(&change, 3, 0, "1");
	add(&change, 3, 2, "2");
	assert_int_equal(wake_text_change_apply(&change, "abcdef", 6, &out, &err), WAKE_OK);
	assert_string_equal(out.data, "Jbc12f!");
	assert_int_equal(wake_text_change_apply(&change, "abcde", 5, &out, &err), WAKE_INVALID);
}

static void what_was_put_in_goes_again(void **state)
{
	static const char *const others[] = { "", "abxcd", "aXbcd", "aXbcY", "aXbcdY", "aXbc", "aXYbcd" };
	wake_auto_text_change struct wake_text_change change = { 0 };
	wake_auto_str struct wake_str out = WAKE_STR(64);

	(void)state;
	add(&change, 1, 0, "X");
	add(&change, 4, 0, "Y");
	assert_int_equal(wake_text_change_undo(&change, "aXbcdY", 6, &out, &err), WAKE_OK);
	assert_string_equal(out.data, "abcd");
	for (size_t i = 0; i < WAKE_COUNT(others); i++) {
		if (strcmp(others[i], "aXbcdY") != 0)
			assert_int_equal(
			    wake_text_change_undo(&change, others[i], strlen(others[i]), &out, &err),
			    WAKE_INVALID);
	}
	add(&change, 2, 1, "");
	assert_int_equal(wake_text_change_undo(&change, "aXbdY", 5, &out, &err), WAKE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_go_to_their_places),
		cmocka_unit_test(what_was_put_in_goes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
