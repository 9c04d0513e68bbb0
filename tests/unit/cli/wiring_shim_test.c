/* SPDX-License-Identifier: MIT */
/* cli/wiring_shim: made, known again, and told from one that was changed. */
#include "cli/wiring_shim.h"

#include "../base/scratch.h"

static struct wake_error err;

static void make(const char *name, const char *program, const char *old, struct wake_str *ret_text)
{
	assert_int_equal(wake_shim_make(name, program, old, ret_text, &err), WAKE_OK);
}

static void knows_its_own(void **state)
{
	static const char *const names[] = { "post-commit", "post-rewrite", "pre-push" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		wake_auto_str struct wake_str text = WAKE_STR(WAKE_SHIM_MAX);

		make(names[i], "/p/post-commit", NULL, &text);
		assert_true(wake_shim_is_one(text.data, text.len));
		assert_true(wake_shim_is_unchanged(text.data, text.len));
		for (size_t at = 0; at < text.len; at++) {
			if (at == strlen("#!/bin/sh\n# runwake-shim ")) /* the version: another one is ours, too */
				continue;
			text.data[at] ^= 1;
			assert_false(wake_shim_is_unchanged(text.data, text.len));
			text.data[at] ^= 1;
		}
		for (size_t len = 0; len < text.len; len++)
			assert_false(wake_shim_is_unchanged(text.data, len));
	}
}

static void knows_nobody_elses(void **state)
{
	static const char *const others[] = { "", "#!/bin/sh\n", "#!/bin/sh\n# runwake",
		"#!/bin/sh\n# runwake-shim 1\n",
		"#!/bin/sh\n# runwake-shim 1 00000000-0000-5000-8000-000000000000\nexit\n" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(others); i++)
		assert_false(wake_shim_is_unchanged(others[i], strlen(others[i])));
	assert_false(wake_shim_is_one(others[1], strlen(others[1])));
}

static void tells_its_program(void **state)
{
	static const char *const programs[] = { "/p/x", "/with space/x", "/quote'd''/x",
		"/new\nline/$x`y`\\/x", "/'", "/\xff\xfe/x" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(programs); i++) {
		wake_auto_str struct wake_str text = WAKE_STR(WAKE_SHIM_MAX);
		wake_auto_free char *program = NULL;

		make("pre-push", programs[i], NULL, &text);
		program = wake_shim_program(text.data);
		assert_non_null(program);
		assert_string_equal(program, programs[i]);
	}
	assert_null(wake_shim_program("ours='/x'"));
	assert_null(wake_shim_program("\nours='/x"));
	assert_null(wake_shim_program("\nours=/x"));
}

/* Only shell scripts that look at their own name are run under it; all others as they are. */
static void runs_the_old_one_as_it_wants(void **state)
{
	static const struct {
		const char *old;
		bool under_its_name;
	} cases[] = {
		{ "#!/bin/sh\nexit 0\n", false },
		{ "#!/bin/sh\nname=$(basename \"$0\")\n", true },
		{ "#!/usr/bin/env bash\nexec \"${0##*/}.d/x\"\n", true },
		{ "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"", true },
		{ "#!/bin/sh -e\nbasename \"$0\"\n", false },
		{ "#!/usr/bin/python3\nbasename \"$0\"\n", false },
		{ "basename \"$0\"\n", false },
		{ "", false },
	};
	wake_auto_free char *old = scratch_path(state, "post-commit");

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str text = WAKE_STR(WAKE_SHIM_MAX);

		scratch_write(old, cases[i].old);
		make("post-commit", "/p/post-commit", old, &text);
		assert_int_equal(strstr(text.data, " -c '. \"$0.runwake-chained\"' \"$0\" \"$@\"") != NULL,
		    cases[i].under_its_name);
		assert_int_equal(strstr(text.data, "exec \"$old\" \"$@\"") == NULL, cases[i].under_its_name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_own),
		cmocka_unit_test(knows_nobody_elses),
		cmocka_unit_test(tells_its_program),
		scratch_test(runs_the_old_one_as_it_wants),
	};

	return cmocka_run_group_tests_name("cli/wiring_shim", tests, NULL, NULL);
}
