/* SPDX-License-Identifier: MIT */
/* cli/options: every form an option may take, and every way to get it wrong. */
#include "cli/options.h"

#include "../base/scratch.h"

static const struct wake_option table[] = {
	{ .name = "workflow", .letter = 'w', .value = "NAME", .help = "" },
	{ .name = "work", .help = "" },
	{ .name = "metadata", .letter = 'm', .repeated = true, .value = "KEY=VALUE", .help = "" },
	{ .name = "json", .letter = 'j', .help = "" },
	{ .name = "number", .value = "N", .help = "" },
	{ .name = "nudge", .letter = 'n', .help = "" },
	{ 0 },
};

static struct wake_error err;

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct wake_options parse(const char *const *args)
{
	struct wake_options options = { 0 };

	if (wake_options_parse(table, args, &options, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	return options;
}

static void takes_values_in_every_form(void **state)
{
	const char *const *const forms[] = { ARGS("--workflow", "fix"), ARGS("--workflow=fix"),
		ARGS("-w", "fix"), ARGS("-wfix"), ARGS("-jwfix"), ARGS("--workf", "fix") };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(forms); i++) {
		wake_auto_options struct wake_options options = parse(forms[i]);

		assert_string_equal(wake_options_text(&options, "workflow"), "fix");
		assert_int_equal(wake_options_has(&options, "json"), i == 4);
		assert_int_equal(options.word_count, 0);
	}
}

static void an_exact_name_beats_a_longer_one(void **state)
{
	wake_auto_options struct wake_options options = parse(ARGS("--work"));

	(void)state;
	assert_true(wake_options_has(&options, "work"));
	assert_false(wake_options_has(&options, "workflow"));
}

static void values_may_look_like_anything(void **state)
{
	wake_auto_options struct wake_options options =
	    parse(ARGS("--workflow", "--json", "-m", "", "--metadata=a=b"));

	(void)state;
	assert_string_equal(wake_options_text(&options, "workflow"), "--json");
	assert_false(wake_options_has(&options, "json"));
	assert_int_equal(wake_options_count(&options, "metadata"), 2);
	assert_string_equal(wake_options_nth(&options, "metadata", 0), "");
	assert_string_equal(wake_options_nth(&options, "metadata", 1), "a=b");
	assert_null(wake_options_nth(&options, "metadata", 2));
}

static void words_and_options_mix(void **state)
{
	wake_auto_options struct wake_options options = parse(ARGS("one", "-j", "-", "--", "--work", "--"));

	(void)state;
	assert_true(wake_options_has(&options, "json"));
	assert_false(wake_options_has(&options, "work"));
	assert_int_equal(options.word_count, 4);
	assert_int_equal(options.loose_count, 2);
	assert_string_equal(options.words[0], "one");
	assert_string_equal(options.words[1], "-");
	assert_string_equal(options.words[2], "--work");
	assert_string_equal(options.words[3], "--");
	assert_null(options.words[4]);
}

static void help_is_always_there(void **state)
{
	wake_auto_options struct wake_options by_name = parse(ARGS("--help"));
	wake_auto_options struct wake_options by_letter = parse(ARGS("-jh"));

	(void)state;
	assert_true(by_name.help);
	assert_true(by_letter.help);
	assert_true(wake_options_has(&by_letter, "json"));
}

static void refuses_with_the_option_named(void **state)
{
	const struct {
		const char *const *args;
		const char *text;
	} cases[] = {
		{ ARGS("--nothing"), "there is no option --nothing" },
		{ ARGS("--nothing=x"), "there is no option --nothing" },
		{ ARGS("-x"), "there is no option -x" },
		{ ARGS("-jx"), "there is no option -x" },
		{ ARGS("--="), "there is no option --" },
		{ ARGS("--nu"), "--nu could be --number or --nudge" },
		{ ARGS("--workflow"), "--workflow needs a value: --workflow NAME" },
		{ ARGS("-w"), "--workflow needs a value: --workflow NAME" },
		{ ARGS("--json=yes"), "--json takes no value" },
		{ ARGS("--json", "-j"), "--json is given twice" },
		{ ARGS("-wa", "-wb"), "--workflow is given twice" },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		struct wake_options options = { 0 };

		assert_int_equal(wake_options_parse(table, cases[i].args, &options, &err), WAKE_INVALID);
		assert_string_equal(err.text, cases[i].text);
		assert_null(options.words); /* untouched */
	}
}

static int number_of(const char *text, int64_t *number)
{
	wake_auto_options struct wake_options options = parse(ARGS("--number", text));

	return wake_options_number(&options, "number", -5, 100, 7, number, &err);
}

static void numbers_are_whole_and_bounded(void **state)
{
	const char *const bad[] = { "", " 1", "+1", "1x", "0x1", "1.0", "101", "-6", "99999999999999999999" };
	wake_auto_options struct wake_options none = parse(ARGS("-j"));
	int64_t number = 0;

	(void)state;
	assert_int_equal(number_of("100", &number), WAKE_OK);
	assert_int_equal(number, 100);
	assert_int_equal(number_of("-5", &number), WAKE_OK);
	assert_int_equal(number, -5);
	assert_int_equal(wake_options_number(&none, "number", 0, 9, 7, &number, &err), WAKE_OK);
	assert_int_equal(number, 7);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		number = 42;
		assert_int_equal(number_of(bad[i], &number), WAKE_INVALID);
		assert_int_equal(number, 42);
	}
}

static void many_options_fit(void **state)
{
	const char *args[1001];
	wake_auto_options struct wake_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		args[i] = "-mx";
	args[1000] = NULL;
	assert_int_equal(wake_options_parse(table, args, &options, &err), WAKE_OK);
	assert_int_equal(wake_options_count(&options, "metadata"), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_values_in_every_form),
		cmocka_unit_test(an_exact_name_beats_a_longer_one),
		cmocka_unit_test(values_may_look_like_anything),
		cmocka_unit_test(words_and_options_mix),
		cmocka_unit_test(help_is_always_there),
		cmocka_unit_test(refuses_with_the_option_named),
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(many_options_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
