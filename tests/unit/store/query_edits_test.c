/* SPDX-License-Identifier: MIT */
/* store/query_edits: a run's states listed and whole, what it left, and what it threw away for good. */
#include "states.h"

#include "store/query.h"

#define HASH_1 "1111111111111111111111111111111111111111"
#define HASH_2 "2222222222222222222222222222222222222222"
#define HASH_3 "3333333333333333333333333333333333333333"

static struct wake_error err;

static const char *run_of(const char *run_id)
{
	static char id[WAKE_ID_SIZE];

	wake_id_for_run(run_id, id);
	return id;
}

/* ---- listed ------------------------------------------------------------------------------------ */

static void lists_states_oldest_first(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *edits = NULL;

	states_start(store, "r", 0);
	states_add(store, 2, 9,
	    load(
	        "{'files':[{'path':'b','old_path':null,'status':'?','added':2,'removed':0,'binary':false,"
	        "'old_id':'','new_id':'" HASH_1 "','old_mode':0,'new_mode':33188,'kept':'yes'}],'gone':['x'],"
	        "'base':'01a20463-0000-7000-8000-000000000001','discarded':[{'path':'x'},{'path':'y'}],"
	        "'added_lines':5,'removed_lines':1,'files_changed':1,'untracked_files':1,'head':'" HASH_1
	        "','branch':'main','kept_new':'" HASH_2 "','reason':'finish'}"));
	states_add(store, 1, 4,
	    load("{'files':[{'path':'a','old_path':'o','status':'R','added':3,'removed':1,'binary':false,'"
	         "kept':"
	         "'size'},{'path':'x'}]}"));
	assert_ok(wake_query_edits(store, run_of("r"), &edits, &err));
	assert_json(edits,
	    "[{'id':'01a20463-0000-7000-8000-000000000001','at':'2027-01-15T08:00:04.000000Z',"
	    "'since':'2027-01-15T08:00:00.500000Z','reason':'settled','head':null,'branch':null,"
	    "'files_changed':0,'untracked_files':0,'added_lines':0,'removed_lines':0,'discarded':0,'kept':"
	    "false},"
	    "{'id':'01a20463-0000-7000-8000-000000000002','at':'2027-01-15T08:00:09.000000Z',"
	    "'since':'2027-01-15T08:00:00.500000Z','reason':'finish','head':'" HASH_1 "','branch':'main',"
	    "'files_changed':1,'untracked_files':1,'added_lines':5,'removed_lines':1,'discarded':2,'kept':"
	    "true,"
	    "'files':[{'path':'a','old_path':'o','status':'R','added':3,'removed':1,'binary':false,'kept':'"
	    "size'},"
	    "{'path':'b','old_path':null,'status':'?','added':2,'removed':0,'binary':false,'kept':'yes'}]}]");
}

static void the_names_are_the_statements(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	const struct wake_value values[] = { WAKE_TEXT(run_of("r")), WAKE_INT(1) };
	wake_auto_rows struct wake_rows *rows = NULL;
	wake_auto_json json_t *edits = NULL;
	const char *key;
	json_t *value;
	size_t at = 0;

	states_start(store, "r", 0);
	states_add(store, 1, 1, json_object());
	assert_ok(wake_query_edits(store, run_of("r"), &edits, &err));
	assert_ok(wake_store_query(store, WAKE_SQL_READ_EDITS_OF_RUN, values, 2, &rows, &err));
	assert_int_equal(wake_rows_next(rows, &err), 1);
	json_object_foreach(json_array_get(edits, 0), key, value)
	{
		if (strcmp(key, "files") != 0)
			assert_string_equal(key, wake_rows_name(rows, at++));
	}
	assert_int_equal(at, wake_rows_columns(rows));
}

static void a_run_without_states_has_none(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *edits = NULL;
	wake_auto_json json_t *left = NULL;
	wake_auto_json json_t *discarded = NULL;
	struct wake_edit_state whole = { 0 };

	states_start(store, "r", 0);
	assert_ok(wake_query_edits(store, run_of("r"), &edits, &err));
	assert_ok(wake_query_edits_left(store, run_of("r"), &left, &err));
	assert_ok(wake_query_run_discarded(store, run_of("r"), &discarded, &err));
	assert_int_equal(json_array_size(edits) + json_array_size(left) + json_array_size(discarded), 0);
	assert_int_equal(wake_query_edit_state(store, run_of("r"), NULL, &whole, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_query_edit_state(store, run_of("r"), "@latest", &whole, &err), WAKE_NOTFOUND);
}

static void of_many_states_the_latest_are_listed(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *edits = NULL;

	states_start(store, "r", 0);
	states_add(store, 1, 1, json_object());
	states_put(state,
	    "with recursive n(i) as (select 2 union all select i + 1 from n where i < 1002)\n"
	    "insert into workflow_edits select printf('01a20463-0000-7000-8000-%012d', i), "
	    "repository_id, worktree_id, root, since, at, reason, head_hash, branch, base_id, files, gone, "
	    "discarded, i, removed_lines, files_changed, untracked_files, engine, kept_old, kept_new, "
	    "kept_bytes, marker_run_id, workflow_run_id, run_evidence from workflow_edits, n");
	assert_ok(wake_query_edits(store, run_of("r"), &edits, &err));
	assert_int_equal(json_array_size(edits), WAKE_QUERY_EDITS_MAX);
	assert_int_equal(wake_json_int(json_array_get(edits, 0), "added_lines", 0), 3);
	assert_int_equal(
	    wake_json_int(json_array_get(edits, WAKE_QUERY_EDITS_MAX - 1), "added_lines", 0), 1002);
}

/* ---- one state --------------------------------------------------------------------------------- */

static void make_states(struct wake_store *store)
{
	states_start(store, "r", 0);
	states_add(store, 11, 1, load("{'files':[{'path':'a'}],'files_changed':1,'head':'" HASH_1 "'}"));
	states_add(store, 12, 2,
	    load("{'files':[{'path':'b','status':'?'}],'base':'01a20463-0000-7000-8000-000000000011',"
	         "'files_changed':1,'untracked_files':1,'branch':'topic','kept_old':'" HASH_2
	         "','kept_new':'" HASH_3 "','added_lines':8,'removed_lines':7}"));
	states_add(store, 23, 3, load("{}"));
	states_tell(store, WAKE_EVENT_RUN_ENDED, NULL, T0 + 5 * WAKE_SECOND,
	    json_pack("{ss ss}", "run_id", "r", "status", "failed"));
	states_add(store, 24, 60,
	    load("{'files':[{'path':'later'}],'files_changed':1,'since':"
	         "'2027-01-15T08:00:59.000000Z'}"));
}

static void reads_the_state_that_is_meant(void **state)
{
	static const struct {
		const char *which;
		int ret, number;
	} cases[] = {
		{ NULL, WAKE_OK, 12 },
		{ "@latest", WAKE_OK, 23 },
		{ "2027-01-15T08:00:02.5Z", WAKE_OK, 12 },
		{ "2027-01-15T08:00:02Z", WAKE_OK, 12 },
		{ "2027-01-15T09:00:01.999999+01:00", WAKE_OK, 11 },
		{ "2027-01-15T08:00:00.9Z", WAKE_NOTFOUND, 0 },
		{ "2099-01-01T00:00:00Z", WAKE_OK, 23 },
		{ "01a20463-0000-7000-8000-000000000011", WAKE_OK, 11 },
		{ "01a20463-0000-7000-8000-00000000002", WAKE_OK, 23 }, /* 24 is not the run's */
		{ "01a20463-0000-7000-8000-000000000024", WAKE_NOTFOUND, 0 },
		{ "01a20463-0000-7000-8000-00000000001", WAKE_INVALID, 0 },
		{ "01a20463-0000-7000-8000-0000000000111", WAKE_INVALID, 0 },
		{ "fff", WAKE_NOTFOUND, 0 },
		{ "", WAKE_INVALID, 0 },
		{ "yesterday", WAKE_INVALID, 0 },
	};
	wake_auto_store struct wake_store *store = states_open(state);

	make_states(store);
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_edit_state struct wake_edit_state whole = { 0 };
		int ret = wake_query_edit_state(store, run_of("r"), cases[i].which, &whole, &err);

		if (ret != cases[i].ret)
			fail_msg("%s: %d, %s", cases[i].which, ret, ret < 0 ? err.text : "");
		if (ret == WAKE_OK)
			assert_string_equal(whole.id, state_id(cases[i].number));
	}
}

static void a_state_says_everything(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_edit_state struct wake_edit_state whole = { 0 };

	make_states(store);
	assert_ok(wake_query_edit_state(store, run_of("r"), NULL, &whole, &err));
	assert_string_equal(whole.repository_id, REPO);
	assert_string_equal(whole.worktree_id, TREE);
	assert_string_equal(whole.run, run_of("r"));
	assert_string_equal(whole.head, "");
	assert_string_equal(whole.kept_old, HASH_2);
	assert_string_equal(whole.kept_new, HASH_3);
	assert_string_equal(whole.branch, "topic");
	assert_string_equal(whole.root, "/r");
	assert_string_equal(whole.reason, "settled");
	assert_true(whole.since == T0 + WAKE_SECOND / 2);
	assert_true(whole.at == T0 + 2 * WAKE_SECOND);
	assert_int_equal(whole.added, 8);
	assert_int_equal(whole.removed, 7);
	assert_int_equal(whole.files_changed, 1);
	assert_int_equal(whole.untracked, 1);
	assert_int_equal(whole.depth, 1);
	assert_json(whole.files, "[{'path':'a'},{'path':'b','status':'?'}]");
}

static void what_is_left_is_told_worktree_by_worktree(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *left = NULL;
	wake_auto_json json_t *later = NULL;

	states_start(store, "r", 0);
	states_add(store, 1, 1, load("{'files_changed':1}"));
	states_add(
	    store, 2, 2, load("{'worktree_id':'" NESTED "','root':'/r/n','run_id':'r','untracked_files':1}"));
	states_add(store, 3, 3, load("{'files_changed':2}"));
	assert_ok(wake_query_edits_left(store, run_of("r"), &left, &err));
	assert_json(left, "['01a20463-0000-7000-8000-000000000002','01a20463-0000-7000-8000-000000000003']");
	states_add(store, 4, 4, load("{'worktree_id':'" NESTED "','root':'/r/n','run_id':'r'}"));
	assert_ok(wake_query_edits_left(store, run_of("r"), &later, &err));
	assert_json(later, "['01a20463-0000-7000-8000-000000000003']");
}

/* ---- thrown away ------------------------------------------------------------------------------- */

static void what_came_back_was_not_thrown_away(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *discarded = NULL;

	states_start(store, "r", 0);
	states_add(store, 1, 1,
	    load("{'files':[{'path':'a'},{'path':'b'},{'path':'z'}],'kept_old':'" HASH_1
	         "','kept_new':'" HASH_2 "'}"));
	states_add(
	    store, 2, 2, load("{'discarded':[{'path':'z','n':1},{'path':'a','n':1},{'path':'b','n':1}]}"));
	states_add(store, 3, 3, load("{'files':[{'path':'b'},{'path':'c'}]}"));
	states_add(store, 4, 4, load("{'discarded':[{'path':'c','n':2,'status':'D'},{'path':'c','n':3}]}"));
	assert_ok(wake_query_run_discarded(store, run_of("r"), &discarded, &err));
	assert_json(discarded,
	    "[{'at':'2027-01-15T08:00:02.000000Z','state':'01a20463-0000-7000-8000-000000000002','before':"
	    "'01a20463-0000-7000-8000-000000000001','repository_id':'" REPO "','kept_old':'" HASH_1
	    "','kept_new':'" HASH_2 "','files':[{'path':'a','n':1},{'path':'z','n':1}]},"
	    "{'at':'2027-01-15T08:00:04.000000Z','state':'01a20463-0000-7000-8000-000000000004','before':"
	    "'01a20463-0000-7000-8000-000000000003','repository_id':'" REPO "','kept_old':'','kept_new':'',"
	    "'files':[{'path':'c','n':2,'status':'D'},{'path':'c','n':3}]}]");
}

static void the_last_loss_of_a_path_counts(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *discarded = NULL;

	states_start(store, "r", 0);
	states_add(store, 1, 1, load("{'files':[{'path':'a'}]}"));
	states_add(store, 2, 2, load("{'discarded':[{'path':'a','n':1}]}"));
	states_add(store, 3, 3, load("{'files':[{'path':'a'}]}"));
	states_add(store, 4, 4, load("{'discarded':[{'path':'a','n':2}]}"));
	assert_ok(wake_query_run_discarded(store, run_of("r"), &discarded, &err));
	assert_int_equal(json_array_size(discarded), 1);
	assert_json(json_object_get(json_array_get(discarded, 0), "files"), "[{'path':'a','n':2}]");
}

/* The state before may be somebody else's, and its own path of another worktree is another path. */
static void losses_are_told_apart_by_worktree(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *discarded = NULL;

	states_add(store, 1, 1,
	    load("{'files':[{'path':'a'}],'kept_new':'" HASH_3 "','since':"
	         "'2027-01-15T08:00:01.000000Z'}"));
	states_start(store, "r", 2);
	states_add(store, 3, 3, load("{'discarded':[{'path':'a'}],'since':'2027-01-15T08:00:03.000000Z'}"));
	states_add(store, 4, 4,
	    load("{'worktree_id':'" NESTED "','root':'/r/n','run_id':'r','files':[{'path':'a'}],"
	         "'since':'2027-01-15T08:00:03.000000Z'}"));
	assert_ok(wake_query_run_discarded(store, run_of("r"), &discarded, &err));
	assert_int_equal(json_array_size(discarded), 1);
	assert_string_equal(wake_json_string(json_array_get(discarded, 0), "before"), state_id(1));
	assert_string_equal(wake_json_string(json_array_get(discarded, 0), "kept_new"), HASH_3);
}

static void what_was_gone_before_a_run_is_not_its_loss(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	wake_auto_json json_t *discarded = NULL;
	wake_auto_json json_t *edits = NULL;

	states_start(store, "r", 0);
	states_add(store, 1, 1, load("{'reason':'start','files':[{'path':'b'}],'discarded':[{'path':'a'}]}"));
	assert_ok(wake_query_run_discarded(store, run_of("r"), &discarded, &err));
	assert_int_equal(json_array_size(discarded), 0);
	json_decref(discarded);
	states_add(store, 2, 2, load("{'discarded':[{'path':'b'}]}"));
	assert_ok(wake_query_run_discarded(store, run_of("r"), &discarded, &err));
	assert_int_equal(json_array_size(discarded), 1);
	assert_json(json_object_get(json_array_get(discarded, 0), "files"), "[{'path':'b'}]");
	assert_ok(wake_query_edits(store, run_of("r"), &edits, &err));
	assert_int_equal(wake_json_int(json_array_get(edits, 0), "discarded", -1), 0);
	assert_int_equal(wake_json_int(json_array_get(edits, 1), "discarded", -1), 1);
}

static void broken_lists_are_told(void **state)
{
	wake_auto_store struct wake_store *store = states_open(state);
	json_t *list = NULL;

	states_start(store, "r", 0);
	states_add(store, 1, 1, load("{'discarded':[{'path':'a'}]}"));
	states_put(state, "update workflow_edits set discarded = '['");
	assert_int_equal(wake_query_run_discarded(store, run_of("r"), &list, &err), WAKE_CORRUPT);
	assert_int_equal(wake_query_edits(store, run_of("r"), &list, &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, "discarded"));
	assert_null(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(lists_states_oldest_first),
		scratch_test(the_names_are_the_statements),
		scratch_test(a_run_without_states_has_none),
		scratch_test(of_many_states_the_latest_are_listed),
		scratch_test(reads_the_state_that_is_meant),
		scratch_test(a_state_says_everything),
		scratch_test(what_is_left_is_told_worktree_by_worktree),
		scratch_test(what_came_back_was_not_thrown_away),
		scratch_test(the_last_loss_of_a_path_counts),
		scratch_test(losses_are_told_apart_by_worktree),
		scratch_test(what_was_gone_before_a_run_is_not_its_loss),
		scratch_test(broken_lists_are_told),
	};

	return cmocka_run_group_tests_name("query_edits", tests, NULL, NULL);
}
