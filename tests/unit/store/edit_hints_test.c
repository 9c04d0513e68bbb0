/* SPDX-License-Identifier: MIT */
/* store/edit_hints: what was told of a worktree, taken together. */
#include "states.h"

#include "store/edit_hints.h"
#include "store/fold.h"

static struct wake_error err;

static void tell(struct wake_store *store, int number, const char *tree, int second, const char *more)
{
	json_t *data = json_pack("{ss ss ss ss ss ss ss}", "repository_id", REPO, "worktree_id", tree,
	    "git_dir", "/r/.git", "common_dir", "/r/.git", "root", "/r", "since",
	    "2027-01-15T08:00:05.000000Z", "reason", "settled");
	wake_auto_json json_t *rest = load(more);

	assert_non_null(data);
	assert_int_equal(json_object_update(data, rest), 0);
	states_tell(store, WAKE_EVENT_EDITED, state_id(number), T0 + second * WAKE_SECOND, data);
}

static void nothing_told_is_nothing(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	struct wake_edit_hints hints = { 0 };

	tell(store, 1, NESTED, 6, "{}");
	assert_int_equal(wake_edit_hints_read(store, TREE, &hints, &err), WAKE_NOTFOUND);
	assert_null(hints.ids);
}

static void takes_together_what_was_told(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_edit_hints struct wake_edit_hints hints = { 0 };

	tell(
	    store, 3, TREE, 9, "{'paths':['a','c'],'root':'/moved','git_dir':'/moved/.git','reason':'head'}");
	tell(store, 1, TREE, 6, "{'paths':['a','b'],'run_id':'first','since':'2027-01-15T08:00:04.000000Z'}");
	tell(store, 2, TREE, 7, "{'run_id':'second','reason':'finish'}");
	tell(store, 4, NESTED, 8, "{'paths':['n'],'reason':'died','since':'2027-01-15T08:00:01.000000Z'}");
	assert_ok(wake_edit_hints_read(store, TREE, &hints, &err));
	assert_json(hints.ids,
	    "['01a20463-0000-7000-8000-000000000001','01a20463-0000-7000-8000-000000000002',"
	    "'01a20463-0000-7000-8000-000000000003']");
	assert_json(hints.paths, "['a','b','c']");
	assert_false(hints.whole);
	assert_true(hints.since == T0 + 4 * WAKE_SECOND);
	assert_string_equal(hints.reason, "finish");
	assert_string_equal(hints.run_id, "second");
	assert_string_equal(hints.repository_id, REPO);
	assert_string_equal(hints.worktree_id, TREE);
	assert_string_equal(hints.root, "/moved");
	assert_string_equal(hints.git_dir, "/moved/.git");
	assert_string_equal(hints.common_dir, "/r/.git");
}

static void one_that_says_everything_says_it_for_all(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_edit_hints struct wake_edit_hints hints = { 0 };

	tell(store, 1, TREE, 6, "{'paths':['a']}");
	tell(store, 2, TREE, 7, "{'whole':true,'reason':'scan'}");
	assert_ok(wake_edit_hints_read(store, TREE, &hints, &err));
	assert_true(hints.whole);
	assert_string_equal(hints.reason, "scan");
	assert_null(hints.run_id);
}

static void a_damaged_list_may_have_named_anything(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_edit_hints struct wake_edit_hints hints = { 0 };

	tell(store, 1, TREE, 6, "{'paths':['a']}");
	states_put(state, "update workflow_edit_hints set paths = '['");
	assert_ok(wake_edit_hints_read(store, TREE, &hints, &err));
	assert_true(hints.whole);
}

static void what_is_done_is_not_told_again(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *done = load("['01a20463-0000-7000-8000-000000000001',"
	                                   "'01a20463-0000-7000-8000-000000000002']");
	struct wake_edit_hints hints = { 0 };

	tell(store, 1, TREE, 6, "{'paths':['a']}");
	assert_ok(wake_fold_edited_done(store, done, &err));
	tell(store, 2, TREE, 7, "{'paths':['b']}"); /* done before it arrived */
	assert_int_equal(wake_edit_hints_read(store, TREE, &hints, &err), WAKE_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(nothing_told_is_nothing),
		scratch_test(takes_together_what_was_told),
		scratch_test(one_that_says_everything_says_it_for_all),
		scratch_test(a_damaged_list_may_have_named_anything),
		scratch_test(what_is_done_is_not_told_again),
	};

	return cmocka_run_group_tests_name("edit_hints", tests, NULL, NULL);
}
