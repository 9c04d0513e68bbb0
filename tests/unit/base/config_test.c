/* SPDX-License-Identifier: MIT */
/* base/config: git-config syntax, agreeing with git itself, and clear refusals. */
#include "base/config.h"

#include "base/process.h"
#include "scratch.h"

static int parse(const char *text, struct wake_config *ret_config, struct wake_error *err)
{
	return wake_config_parse(text, strlen(text), ret_config, err);
}

static void assert_host(const char *text, const char *expected)
{
	wake_auto_config struct wake_config config = { 0 };
	struct wake_error err;

	assert_int_equal(parse(text, &config, &err), WAKE_OK);
	assert_string_equal(wake_config_text(&config, WAKE_SETTING_HOST), expected);
}

static const char *const hosts[][2] = {
	{ "[runwake]\n\thost = box\n", "box" },
	{ "[runwake] host=box", "box" },
	{ "[RunWake]\nHOST = Box", "Box" },
	{ "# a\n; b\n\n[runwake] ; c\nhost = box # d\n", "box" },
	{ "[runwake]\nhost = a  b  \t\n", "a  b" },
	{ "[runwake]\nhost = \"  a # b ; c  \"  # d\n", "  a # b ; c  " },
	{ "[runwake]\nhost = a\" b \"c\n", "a b c" },
	{ "[runwake]\nhost = \\\"q\\\" \\\\ \\t.\\n.\n", "\"q\" \\ \t.\n." },
	{ "[runwake]\nhost = one\\\ntwo\n", "onetwo" },
	{ "[runwake]\nhost = \"one \\\n two\"\n", "one  two" },
	{ "[runwake]\r\nhost = box\r\n", "box" },
	{ "[runwake]\nhost =\n", "" },
	{ "[runwake]\nhost = a\nhost = b\n", "b" },
	{ "[runwake]\nhost = a\n[runwake]\nhost = c", "c" },
	{ "\xef\xbb\xbf[runwake]\nhost = box\n", "box" },
	{ "[runwake]\nhost = k\xc3\xbc"
	  "che\n",
	    "k\xc3\xbc"
	    "che" },
};

static void reads_git_config_syntax(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(hosts); i++)
		assert_host(hosts[i][0], hosts[i][1]);
}

/* The expectations above are git's, not ours. */
static void git_reads_the_same(void **state)
{
	wake_auto_free char *path = scratch_path(state, "config");

	for (size_t i = 0; i < WAKE_COUNT(hosts); i++) {
		const char *const argv[] = { "git", "config", "-z", "-f", path, "--get", "runwake.host",
			NULL };
		const struct wake_process_spec spec = { .argv = argv, .output_max = 1000 };
		wake_auto_process struct wake_process_result result = { 0 };
		struct wake_error err;

		if (strstr(
		        hosts[i][0], "a  b  \t")) /* git before 2.45 turns a TAB between words into a space */
			continue;
		scratch_write(path, hosts[i][0]);
		assert_int_equal(wake_process_run(&spec, &result, &err), WAKE_OK);
		assert_int_equal(result.exit_code, 0);
		assert_string_equal(wake_str_text(&result.output), hosts[i][1]);
	}
}

static void refuses_with_the_line(void **state)
{
	static const char *const cases[][2] = {
		{ "host = box\n", "line 1: " },
		{ "[runwake]\nhots = box\n", "line 2: there is no setting runwake.hots" },
		{ "[core]\nbare = true\n", "line 2: there is no setting core.bare" },
		{ "[runwake \"x\"]\nhost = box\n", "line 2: there is no setting runwake.x.host" },
		{ "\n\n[runwake\nhost = box\n", "line 3: " },
		{ "[]\nhost = a", "line 1: " },
		{ "[runwake \"x\n\"]\n", "line 1: " },
		{ "[runwake x]\n", "line 1: " },
		{ "[runwake]\nhost = \"a\nuser = b\n", "line 2: a quote is not closed" },
		{ "[runwake]\nhost = a\\qb\n", "line 2: " },
		{ "[runwake]\nhost = a\\", "line 2: " },
		{ "[runwake]\nhost\n", "line 2: runwake.host has no value" },
		{ "[runwake]\nhost box\n", "line 2: " },
		{ "[runwake]\n= box\n", "line 2: " },
		{ "[runwake]\nhost = a\\\nb\nhots = c\n", "line 4: " },
		{ "[runwake]\nhost = \xff\n", "line 2: the value is not UTF-8" },
		{ "[include]\npath = x\n", "line 2: there is no setting include.path" },
	};
	struct wake_error err;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		struct wake_config config = { 0 };

		assert_int_equal(parse(cases[i][0], &config, &err), WAKE_INVALID);
		assert_memory_equal(err.text, cases[i][1], strlen(cases[i][1]));
		for (int setting = 0; setting < WAKE_SETTING_COUNT; setting++)
			assert_null(config.values[setting]);
	}
}

static void a_nul_hides_nothing(void **state)
{
	static const char inside_value[] = "[runwake]\nhost = a\0b\n";
	static const char inside_name[] = "[runwake \"\0\"]\nhost = a\n";
	struct wake_config config = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(
	    wake_config_parse(inside_value, sizeof(inside_value) - 1, &config, &err), WAKE_INVALID);
	assert_int_equal(
	    wake_config_parse(inside_name, sizeof(inside_name) - 1, &config, &err), WAKE_INVALID);
}

static void the_table_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < WAKE_SETTING_COUNT; i++) {
		assert_memory_equal(wake_settings[i].key, "runwake.", 8);
		assert_non_null(wake_settings[i].fallback);
		assert_true(strlen(wake_settings[i].help) > 10);
	}
}

static void missing_settings_fall_back(void **state)
{
	wake_auto_config struct wake_config config = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_config_parse(NULL, 0, &config, &err), WAKE_OK);
	for (int i = 0; i < WAKE_SETTING_COUNT; i++)
		assert_string_equal(
		    wake_config_text(&config, (enum wake_setting)i), wake_settings[i].fallback);
}

static void reads_booleans_and_numbers(void **state)
{
	static const struct {
		const char *text;
		bool truth;
		int64_t number;
	} cases[] = {
		{ "true", true, 0 },
		{ "Yes", true, 0 },
		{ "ON", true, 0 },
		{ "1", true, 1 },
		{ "false", false, 0 },
		{ "off", false, 0 },
		{ "0", false, 0 },
		{ "-7", false, -7 },
		{ "2k", false, 2048 },
		{ "3M", false, 3 << 20 },
		{ "1g", false, 1 << 30 },
		{ "1x", false, 0 },
		{ "1kk", false, 0 },
		{ "9223372036854775807", false, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "9223372036854775807k", false, 0 },
		{ " 5", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_config struct wake_config config = { 0 };

		config.values[WAKE_SETTING_HOST] = strdup(cases[i].text);
		assert_int_equal(wake_config_bool(&config, WAKE_SETTING_HOST), cases[i].truth);
		assert_int_equal(wake_config_number(&config, WAKE_SETTING_HOST), cases[i].number);
	}
}

static void loads_a_file(void **state)
{
	wake_auto_free char *path = scratch_path(state, "config");
	wake_auto_free char *beneath = scratch_path(state, "config/x");
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_config struct wake_config none = { 0 };
	struct wake_error err;

	assert_int_equal(wake_config_load(path, &none, &err), WAKE_OK);
	scratch_write(path, "[runwake]\nstore = sqlite:/x\n");
	assert_int_equal(wake_config_load(beneath, &none, &err), WAKE_OK);
	assert_null(none.values[WAKE_SETTING_STORE]);
	assert_int_equal(wake_config_load(path, &config, &err), WAKE_OK);
	assert_string_equal(wake_config_text(&config, WAKE_SETTING_STORE), "sqlite:/x");
	scratch_write(path, "[runwake]\nstored = sqlite:/x\n");
	assert_int_equal(wake_config_load(path, &none, &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "line 2"));
	assert_int_equal(wake_config_load(*state, &none, &err), WAKE_INVALID);
}

static void bounds_the_file(void **state)
{
	wake_auto_free char *path = scratch_path(state, "config");
	wake_auto_free char *text = malloc(65538);
	wake_auto_config struct wake_config config = { 0 };
	struct wake_error err;

	assert_non_null(text);
	memset(text, '\n', 65537);
	text[65537] = '\0';
	scratch_write(path, text);
	assert_int_equal(wake_config_load(path, &config, &err), WAKE_INVALID);
	assert_int_equal(wake_config_parse(text, 65537, &config, &err), WAKE_INVALID);
	assert_int_equal(wake_config_parse(text, 65536, &config, &err), WAKE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_git_config_syntax),
		scratch_test(git_reads_the_same),
		cmocka_unit_test(refuses_with_the_line),
		cmocka_unit_test(a_nul_hides_nothing),
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(missing_settings_fall_back),
		cmocka_unit_test(reads_booleans_and_numbers),
		scratch_test(loads_a_file),
		scratch_test(bounds_the_file),
	};

	return cmocka_run_group_tests_name("base/config", tests, NULL, NULL);
}
