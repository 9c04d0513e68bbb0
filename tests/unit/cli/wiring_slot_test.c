/* SPDX-License-Identifier: MIT */
/* cli/wiring_slot: what lies in a hook's place, and what becomes of it. */
#include "cli/wiring_slot.h"

#include "../base/scratch.h"
#include "base/fs.h"

#define PROGRAM "/opt/one/libexec/runwake/hooks/post-commit"
#define OTHER_PROGRAM "/opt/two/libexec/runwake/hooks/post-commit"

static struct wake_error err;

static void look(void **state, const char *name, struct wake_slot *ret_slot)
{
	assert_int_equal(wake_slot_look(*state, name, ret_slot, &err), WAKE_OK);
}

static enum wake_slot_state state_of(void **state, const char *name)
{
	wake_auto_slot struct wake_slot slot = { 0 };

	look(state, name, &slot);
	return slot.state;
}

static enum wake_slot_change wire(void **state, const char *name, const char *program)
{
	wake_auto_slot struct wake_slot slot = { 0 };
	enum wake_slot_change change = WAKE_SLOT_LEFT;

	look(state, name, &slot);
	assert_int_equal(wake_slot_wire(&slot, program, false, &change, &err), WAKE_OK);
	return change;
}

static enum wake_slot_change unwire(void **state, const char *name)
{
	wake_auto_slot struct wake_slot slot = { 0 };
	enum wake_slot_change change = WAKE_SLOT_LEFT;

	look(state, name, &slot);
	assert_int_equal(wake_slot_unwire(&slot, false, &change, &err), WAKE_OK);
	return change;
}

static size_t count_files(void **state)
{
	wake_auto_names struct wake_fs_names names = { 0 };

	assert_int_equal(wake_fs_list(*state, 1000, &names, &err), WAKE_OK);
	return names.count;
}

static void put(void **state, const char *name, const char *text)
{
	wake_auto_free char *path = scratch_path(state, name);

	scratch_write(path, text);
}

static void assert_text(void **state, const char *name, const char *expected)
{
	wake_auto_free char *path = scratch_path(state, name);
	wake_auto_free char *text = NULL;
	size_t len;

	assert_int_equal(wake_fs_read(path, 65536, WAKE_FS_PLAIN, &text, &len, &err), WAKE_OK);
	assert_string_equal(text, expected);
}

static void fills_an_empty_one(void **state)
{
	assert_int_equal(state_of(state, "post-commit"), WAKE_SLOT_EMPTY);
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_PUT);
	assert_int_equal(state_of(state, "post-commit"), WAKE_SLOT_LINK);
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_KEPT);
	assert_int_equal(wire(state, "post-commit", OTHER_PROGRAM), WAKE_SLOT_RENEWED);
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_REMOVED);
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_KEPT);
	assert_int_equal(count_files(state), 0);
}

/* Their exit code is git's. */
static void takes_a_shim_where_git_listens(void **state)
{
	assert_int_equal(wire(state, "pre-push", "/x/libexec/runwake/hooks/pre-push"), WAKE_SLOT_PUT);
	assert_int_equal(state_of(state, "pre-push"), WAKE_SLOT_SHIM);
	assert_int_equal(
	    wire(state, "post-checkout", "/x/libexec/runwake/hooks/post-checkout"), WAKE_SLOT_PUT);
	assert_int_equal(state_of(state, "post-checkout"), WAKE_SLOT_SHIM);
	assert_int_equal(wire(state, "pre-push", "/y/libexec/runwake/hooks/pre-push"), WAKE_SLOT_RENEWED);
	assert_int_equal(unwire(state, "pre-push"), WAKE_SLOT_REMOVED);
}

static void keeps_what_was_there(void **state)
{
	put(state, "post-commit", "mine\n");
	assert_int_equal(state_of(state, "post-commit"), WAKE_SLOT_FOREIGN);
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_CHAINED);
	assert_int_equal(state_of(state, "post-commit"), WAKE_SLOT_SHIM);
	assert_text(state, "post-commit.runwake-chained", "mine\n");
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_KEPT);
	assert_int_equal(wire(state, "post-commit", OTHER_PROGRAM), WAKE_SLOT_RENEWED);
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_RESTORED);
	assert_text(state, "post-commit", "mine\n");
	assert_int_equal(count_files(state), 1);
}

static void leaves_what_is_nobodys_to_touch(void **state)
{
	wake_auto_free char *directory = scratch_path(state, "post-merge");
	wake_auto_free char *shim = scratch_path(state, "pre-push");
	FILE *stream;

	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(state_of(state, "post-merge"), WAKE_SLOT_ODD);
	assert_int_equal(wire(state, "post-merge", PROGRAM), WAKE_SLOT_LEFT);
	assert_int_equal(wire(state, "pre-push", PROGRAM), WAKE_SLOT_PUT);
	stream = fopen(shim, "ae");
	assert_non_null(stream);
	assert_true(fputs("# mine\n", stream) >= 0);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(state_of(state, "pre-push"), WAKE_SLOT_CHANGED);
	assert_int_equal(wire(state, "pre-push", PROGRAM), WAKE_SLOT_LEFT);
	assert_int_equal(unwire(state, "pre-push"), WAKE_SLOT_LEFT);
	assert_int_equal(state_of(state, "pre-push"), WAKE_SLOT_CHANGED);
}

static void keeps_both_when_overwritten(void **state)
{
	put(state, "post-commit", "first\n");
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_CHAINED);
	put(state, "post-commit", "second\n");
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_LEFT);
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_CHAINED);
	assert_text(state, "post-commit.runwake-chained", "second\n");
	assert_text(state, "post-commit.runwake-chained.1", "first\n");
	put(state, "post-commit", "second\n");
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_CHAINED);
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_RESTORED);
	assert_text(state, "post-commit", "second\n");
	assert_int_equal(count_files(state), 2);
}

/* The old hook has two names already, and something half made lies beside. */
static void goes_on_after_a_kill(void **state)
{
	wake_auto_free char *path = scratch_path(state, "post-commit");
	wake_auto_free char *chained = scratch_path(state, "post-commit.runwake-chained");

	put(state, "post-commit", "mine\n");
	put(state, "post-commit.runwake-new", "half");
	assert_int_equal(link(path, chained), 0);
	assert_int_equal(wire(state, "post-commit", PROGRAM), WAKE_SLOT_CHAINED);
	assert_int_equal(count_files(state), 2);
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_RESTORED);
	assert_int_equal(link(path, chained), 0);
	put(state, "post-commit.runwake-new", "half");
	assert_int_equal(unwire(state, "post-commit"), WAKE_SLOT_RESTORED);
	assert_int_equal(count_files(state), 1);
	assert_text(state, "post-commit", "mine\n");
}

static void tells_links_apart(void **state)
{
	static const struct {
		const char *target;
		enum wake_slot_state is;
	} cases[] = {
		{ PROGRAM, WAKE_SLOT_LINK },
		{ "/libexec/runwake/hooks/post-commit", WAKE_SLOT_LINK },
		{ "/opt/libexec/runwake/hooks/pre-push", WAKE_SLOT_FOREIGN },
		{ "libexec/runwake/hooks/post-commit", WAKE_SLOT_FOREIGN },
		{ "/nowhere", WAKE_SLOT_FOREIGN },
	};
	wake_auto_free char *path = scratch_path(state, "post-commit");

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		assert_int_equal(symlink(cases[i].target, path), 0);
		assert_int_equal(state_of(state, "post-commit"), cases[i].is);
		assert_int_equal(unlink(path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(fills_an_empty_one),
		scratch_test(takes_a_shim_where_git_listens),
		scratch_test(keeps_what_was_there),
		scratch_test(leaves_what_is_nobodys_to_touch),
		scratch_test(keeps_both_when_overwritten),
		scratch_test(goes_on_after_a_kill),
		scratch_test(tells_links_apart),
	};

	return cmocka_run_group_tests_name("cli/wiring_slot", tests, NULL, NULL);
}
