/* SPDX-License-Identifier: MIT */
/* store/edit_chain: what is written as differences comes back whole, and a broken chain is told. */
#include "states.h"

#include "store/edit_chain.h"

static struct wake_error err;

/* ---- random states --------------------------------------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Names that sort otherwise as texts than as bytes: a quoted one begins with a double quote. */
static const char *const names[] = { "!", "\"\\377\"", "\"\\\"\"", "a", "a/b", "\"a\\200\"", "z", "ü", "-",
	"." };

static void put_entry(json_t *files, const char *path, const char *status, int added)
{
	assert_int_equal(json_array_append_new(files, json_pack("{ss sn ss si}", "path", path, "old_path",
	                                                  "status", status, "added", added)),
	    0);
}

/* Changes a few names of a state; some have two entries, as after `git rm --cached`. */
static json_t *change(const json_t *before, uint32_t *seed)
{
	wake_auto_json json_t *files = json_array();
	json_t *sorted = NULL;
	size_t place;
	json_t *entry;

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		uint32_t dice = next_random(seed) % 8;

		json_array_foreach(before, place, entry)
		{
			if (dice > 2 && strcmp(wake_json_string(entry, "path"), names[i]) == 0)
				assert_int_equal(json_array_append(files, entry), 0);
		}
		if (dice == 0)
			put_entry(files, names[i], "D", 0);
		if (dice <= 1)
			put_entry(files, names[i], "?", (int)(next_random(seed) % 3));
	}
	assert_ok(wake_edit_chain_sort(files, &sorted, &err));
	return sorted;
}

static void add_link(struct wake_store *store, int number, const json_t *before, json_t *now)
{
	json_t *files = NULL, *gone = NULL;

	assert_ok(wake_edit_chain_compare(before, now, &files, &gone, &err));
	states_add(store, number, number,
	    json_pack("{so so ss}", "files", files, "gone", gone, "base", state_id(number - 1)));
}

static void what_was_written_as_differences_comes_back(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *all = json_array();
	uint32_t seed = 7;
	json_t *before;

	states_add(store, 0, 0, json_object());
	assert_int_equal(json_array_append_new(all, json_array()), 0);
	for (int number = 1; number < 60; number++) {
		before = json_array_get(all, (size_t)number - 1);
		assert_int_equal(json_array_append_new(all, change(before, &seed)), 0);
		add_link(store, number, before, json_array_get(all, (size_t)number));
	}
	for (int number = 0; number < 60; number++) {
		wake_auto_edit_state struct wake_edit_state whole = { 0 };

		assert_ok(wake_edit_chain_read(store, state_id(number), &whole, &err));
		assert_true(json_equal(whole.files, json_array_get(all, (size_t)number)));
		assert_string_equal(whole.id, state_id(number));
		assert_int_equal(whole.depth, number);
	}
}

/* ---- comparing and sorting --------------------------------------------------------------------- */

static void tells_what_changed(void **state)
{
	wake_auto_json json_t *before = load("[{'path':'a','added':1},{'path':'b','added':1},{'path':'c','"
	                                     "status':'D'},{'path':'c','status':'?'}]");
	wake_auto_json json_t *now =
	    load("[{'path':'b','added':1},{'path':'c','status':'?'},{'path':'d','added':2}]");
	wake_auto_json json_t *files = NULL;
	wake_auto_json json_t *gone = NULL;

	(void)state;
	assert_ok(wake_edit_chain_compare(before, now, &files, &gone, &err));
	assert_json(files, "[{'path':'c','status':'?'},{'path':'d','added':2}]");
	assert_json(gone, "['a']");
}

static void nothing_changed_is_nothing(void **state)
{
	wake_auto_json json_t *now = load("[{'path':'b','added':1}]");
	wake_auto_json json_t *files = NULL;
	wake_auto_json json_t *gone = NULL;

	(void)state;
	assert_ok(wake_edit_chain_compare(now, now, &files, &gone, &err));
	assert_int_equal(json_array_size(files) + json_array_size(gone), 0);
}

static void sorts_by_bytes(void **state)
{
	/* Double quote (0x22) is a character of the second name; the third one's byte is 0xff. */
	wake_auto_json json_t *entries = load(
	    "[{'path':'ü'},{'path':'z'},{'path':'#'},{'path':'b','status':'D'},{'path':'b','status':'?'}]");
	wake_auto_json json_t *sorted = NULL;

	(void)state;
	assert_int_equal(json_array_append_new(entries, json_pack("{ss}", "path", "\"\\377\"")), 0);
	assert_int_equal(json_array_append_new(entries, json_pack("{ss}", "path", "\"\\\"x\"")), 0);
	assert_ok(wake_edit_chain_sort(entries, &sorted, &err));
	assert_int_equal(json_array_size(sorted), 7);
	assert_string_equal(wake_json_string(json_array_get(sorted, 0), "path"), "\"\\\"x\"");
	assert_string_equal(wake_json_string(json_array_get(sorted, 1), "path"), "#");
	assert_string_equal(wake_json_string(json_array_get(sorted, 2), "status"), "D");
	assert_string_equal(wake_json_string(json_array_get(sorted, 3), "status"), "?");
	assert_string_equal(wake_json_string(json_array_get(sorted, 4), "path"), "z");
	assert_string_equal(wake_json_string(json_array_get(sorted, 5), "path"), "ü");
	assert_string_equal(wake_json_string(json_array_get(sorted, 6), "path"), "\"\\377\"");
}

static void refuses_entries_without_a_path(void **state)
{
	wake_auto_json json_t *bad = load("[{'added':1}]");
	wake_auto_json json_t *good = json_array();
	json_t *files = NULL, *gone = NULL;

	(void)state;
	assert_int_equal(wake_edit_chain_compare(good, bad, &files, &gone, &err), WAKE_CORRUPT);
	assert_int_equal(wake_edit_chain_sort(bad, &files, &err), WAKE_CORRUPT);
	assert_null(files);
}

/* ---- broken chains ----------------------------------------------------------------------------- */

static void expect_corrupt(struct wake_store *store, int number, const char *word)
{
	struct wake_edit_state whole = { 0 };

	assert_int_equal(wake_edit_chain_read(store, state_id(number), &whole, &err), WAKE_CORRUPT);
	if (!strstr(err.text, word))
		fail_msg("'%s' does not say %s", err.text, word);
	assert_null(whole.files);
}

static void a_broken_chain_is_told(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	struct wake_edit_state whole = { 0 };

	assert_int_equal(wake_edit_chain_read(store, state_id(9), &whole, &err), WAKE_NOTFOUND);
	states_add(store, 1, 1, json_object());
	states_add(store, 2, 2, json_pack("{ss}", "base", state_id(1)));
	states_add(store, 3, 3, json_pack("{ss}", "base", state_id(2)));
	states_put(state, "delete from workflow_edits where id like '%1'");
	expect_corrupt(store, 3, state_id(2));
	expect_corrupt(store, 3, state_id(1));

	states_put(
	    state, "update workflow_edits set base_id = substr(base_id, 1, 35) || '3' where id like '%2'");
	expect_corrupt(store, 3, "builds on itself");

	states_put(state, "update workflow_edits set base_id = null, files = '[{' where id like '%2'");
	expect_corrupt(store, 3, "files");
	states_put(state, "update workflow_edits set files = '{}' where id like '%2'");
	expect_corrupt(store, 3, "files");
	states_put(state, "update workflow_edits set files = '[7]' where id like '%2'");
	expect_corrupt(store, 3, "path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_was_written_as_differences_comes_back),
		cmocka_unit_test(tells_what_changed),
		cmocka_unit_test(nothing_changed_is_nothing),
		cmocka_unit_test(sorts_by_bytes),
		cmocka_unit_test(refuses_entries_without_a_path),
		scratch_test(a_broken_chain_is_told),
	};

	return cmocka_run_group_tests_name("edit_chain", tests, NULL, NULL);
}
