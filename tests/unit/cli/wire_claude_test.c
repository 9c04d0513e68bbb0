/* SPDX-License-Identifier: MIT */
/* cli/wire_claude: what keeps hooks from being run is said, and nothing else. */
#include "cli/wire_claude.h"

#include "../base/scratch.h"

static struct wake_error err;

static void hindrances_are_said(void **state)
{
	static const struct {
		const char *managed;
		bool disabled;
		const char *first, *second; /* what is said, NULL: nothing more */
	} rows[] = {
		{ "{}", false, NULL, NULL },
		{ "no settings", false, NULL, NULL },
		{ "{\"allowManagedHooksOnly\":false}", false, NULL, NULL },
		{ "{}", true, "/user: it says \"disableAllHooks\"", NULL },
		{ "{\"allowManagedHooksOnly\":true}", false, "allowManagedHooksOnly", NULL },
		{ "{\"disableAllHooks\":true}", false, "administrator", NULL },
		{ "{\"disableAllHooks\":true}", true, "/user: ", "administrator" },
	};
	wake_auto_free char *managed = scratch_path(state, "managed"), *none = scratch_path(state, "none");
	wake_auto_str struct wake_str out = WAKE_STR(4096);

	for (size_t i = 0; i < WAKE_COUNT(rows); i++) {
		/* In somebody's own settings the client passes over it. */
		const struct wake_claude_wired wired = { .hooks_disabled = rows[i].disabled,
			.managed_only = true };
		size_t lines = (rows[i].first != NULL) + (rows[i].second != NULL), said = 0;

		scratch_write(managed, rows[i].managed);
		wake_str_clear(&out);
		assert_int_equal(wake_wire_claude_hindrance("/user", &wired, managed, &out, &err), WAKE_OK);
		for (size_t at = 0; at < out.len; at++)
			said += out.data[at] == '\n';
		assert_int_equal(said, lines);
		assert_true(!rows[i].first || strstr(out.data, rows[i].first));
		assert_true(!rows[i].second || strstr(out.data, rows[i].second));
	}
	wake_str_clear(&out);
	assert_int_equal(
	    wake_wire_claude_hindrance("/user", &(struct wake_claude_wired){ 0 }, none, &out, &err), WAKE_OK);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(hindrances_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
