/* SPDX-License-Identifier: MIT */
/* Edit states when memory is out at any one call: an event is folded whole or not at all, a reader gets all
 * or is told, and nothing leaks. */
#include "../unit/store/states.h"

#include "store/edit_chain.h"
#include "store/edit_hints.h"
#include "wrap.h"

#define NTH_MAX 20000 /* a loop that has not ended by then never will */

static struct wake_error err;

/* ---- folding ----------------------------------------------------------------------------------- */

static int fold_one(struct wake_store *store, enum wake_event_type type, int number, const char *text)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };
	json_t *data = load(text);
	int status;

	assert_ok(wake_event_make(type, state_id(number), T0 + number * WAKE_SECOND, data, &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	wrap_fail(WRAP_MEMORY, (unsigned long)number, ENOMEM);
	status = wake_record_apply(store, &events, &err);
	return status;
}

static int64_t count(void *const *state, const char *query)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int64_t rows;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	rows = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return rows;
}

/* Each event has another id and fails one call later, until it does not fail. */
static void fold_until_it_works(
    void *const *state, enum wake_event_type type, const char *text, const char *query)
{
	wake_auto_store struct wake_store *store = states_open(state);
	bool fired = true;

	states_start(store, "r", 0);
	for (int number = 1; fired; number++) {
		int status = fold_one(store, type, number, text);

		fired = wrap_stop();
		assert_int_equal(status, fired ? WAKE_NOMEM : WAKE_OK);
		assert_int_equal(count(state, query), fired ? 0 : 1);
		assert_int_equal(count(state, "select count(*) from workflow_events"), fired ? 1 : 2);
		assert_true(number < NTH_MAX);
	}
}

static void a_state_is_folded_whole_or_not_at_all(void **state)
{
	fold_until_it_works(state, WAKE_EVENT_EDITS_DIFFED,
	    "{'repository_id':'" REPO "','worktree_id':'" TREE
	    "','root':'/r','since':'2027-01-15T08:00:00Z','reason':"
	    "'settled','run_id':'r','files':[{'path':'a'},{'path':'b'}],'gone':['c'],'discarded':[{'path':'c'"
	    "}],"
	    "'added_lines':1,'removed_lines':0,'files_changed':1,'untracked_files':0,'engine':'walk','covers'"
	    ":['" NESTED "']}",
	    "select count(*) from workflow_edits e join workflow_runs r on r.id = e.workflow_run_id "
	    "where r.uncommitted_added_lines = 1");
}

static void a_hint_is_folded_whole_or_not_at_all(void **state)
{
	fold_until_it_works(state, WAKE_EVENT_EDITED,
	    "{'repository_id':'" REPO "','worktree_id':'" TREE "','git_dir':'/r/.git','common_dir':'/r/.git',"
	    "'root':'/r','since':'2027-01-15T08:00:00Z','reason':'settled','paths':['a','b']}",
	    "select count(*) from workflow_edit_hints");
}

static void a_heartbeat_is_folded_whole_or_not_at_all(void **state)
{
	fold_until_it_works(state, WAKE_EVENT_HEARTBEAT, "{'run_ids':['r','unannounced']}",
	    "select count(*) from workflow_runs where run_id = 'r' and last_heartbeat_at is not null");
}

/* ---- reading ----------------------------------------------------------------------------------- */

typedef int (*reading)(struct wake_store *store, const char *run);

static int read_list(struct wake_store *store, const char *run)
{
	wake_auto_json json_t *edits = NULL;
	int ret = wake_query_edits(store, run, &edits, &err);

	if (ret == WAKE_OK) {
		assert_int_equal(json_array_size(edits), 4);
		assert_int_equal(json_array_size(json_object_get(json_array_get(edits, 3), "files")), 2);
	}
	return ret;
}

static int read_state(struct wake_store *store, const char *run)
{
	wake_auto_edit_state struct wake_edit_state whole = { 0 };
	int ret = wake_query_edit_state(store, run, NULL, &whole, &err);

	assert_int_equal(json_array_size(whole.files), ret == WAKE_OK ? 2 : 0);
	return ret;
}

static int read_left(struct wake_store *store, const char *run)
{
	wake_auto_json json_t *ids = NULL;
	int ret = wake_query_edits_left(store, run, &ids, &err);

	assert_int_equal(json_array_size(ids), ret == WAKE_OK ? 1 : 0);
	return ret;
}

static int read_discarded(struct wake_store *store, const char *run)
{
	wake_auto_json json_t *discarded = NULL;
	int ret = wake_query_run_discarded(store, run, &discarded, &err);

	assert_int_equal(json_array_size(discarded), ret == WAKE_OK ? 1 : 0);
	return ret;
}

static int read_hints(struct wake_store *store, const char *run)
{
	wake_auto_edit_hints struct wake_edit_hints hints = { 0 };
	int ret = wake_edit_hints_read(store, TREE, &hints, &err);

	(void)run;
	/* A list that could not be read may have named any path. */
	if (ret == WAKE_OK && !hints.whole)
		assert_int_equal(json_array_size(hints.paths), 2);
	return ret;
}

static int compare(struct wake_store *store, const char *run)
{
	wake_auto_edit_state struct wake_edit_state whole = { 0 };
	wake_auto_json json_t *files = NULL;
	wake_auto_json json_t *gone = NULL;
	int ret = wake_query_edit_state(store, run, "@latest", &whole, &err);

	if (ret == WAKE_OK)
		ret = wake_edit_chain_compare(whole.files, whole.files, &files, &gone, &err);
	assert_true(!files == !gone);
	return ret;
}

static void make_states(struct wake_store *store)
{
	states_start(store, "r", 0);
	states_add(store, 1, 1, load("{'files':[{'path':'a'},{'path':'b'},{'path':'c'}],'files_changed':3}"));
	states_add(store, 2, 2,
	    load("{'gone':['b','c'],'discarded':[{'path':'b'},{'path':'c'}],'files_changed':1,'base':"
	         "'01a20463-0000-7000-8000-000000000001'}"));
	states_add(store, 3, 3,
	    load("{'files':[{'path':'c','status':'D'}],'files_changed':2,'base':"
	         "'01a20463-0000-7000-8000-000000000002'}"));
	states_add(store, 4, 4, load("{'files_changed':2,'base':'01a20463-0000-7000-8000-000000000003'}"));
	states_tell(store, WAKE_EVENT_EDITED, state_id(5), T0,
	    load("{'repository_id':'" REPO "','worktree_id':'" TREE
	         "','git_dir':'/r/.git','common_dir':'/r/.git',"
	         "'root':'/"
	         "r','since':'2027-01-15T08:00:00Z','reason':'settled','paths':['a','b'],'run_id':'r'}"));
}

/* jansson tells of some memory that it did not get as of bad syntax: the store seems to hold no JSON then. */
static bool is_told(reading what, bool fired, int status)
{
	if (!fired)
		return status == WAKE_OK;
	return status == WAKE_NOMEM || status == WAKE_CORRUPT || (what == read_hints && status == WAKE_OK);
}

static void a_reader_gets_all_or_is_told(void **state)
{
	static const reading readings[] = { read_list, read_state, read_left, read_discarded, read_hints,
		compare };
	wake_auto_store struct wake_store *store = states_open(state);
	char run[WAKE_ID_SIZE];

	make_states(store);
	wake_id_for_run("r", run);
	for (size_t i = 0; i < WAKE_COUNT(readings); i++) {
		bool fired = true;

		for (unsigned long nth = 1; fired; nth++) {
			int status;

			wrap_fail(WRAP_MEMORY, nth, ENOMEM);
			status = readings[i](store, run);
			fired = wrap_stop();
			if (!is_told(readings[i], fired, status))
				fail_msg("reading %zu, call %lu: %d", i, nth, status);
			assert_true(nth < NTH_MAX);
		}
	}
}

/* ---- paths ------------------------------------------------------------------------------------- */

static int carry_path(void)
{
	wake_auto_json json_t *list = json_array();
	wake_auto_str struct wake_str out = WAKE_STR(100);
	int ret = list ? wake_event_add_path(list, "a\xff", &err) : WAKE_NOMEM;

	if (ret == WAKE_OK)
		ret = wake_event_read_path(json_string_value(json_array_get(list, 0)), &out, &err);
	if (ret == WAKE_OK)
		assert_string_equal(wake_str_text(&out), "a\xff");
	return ret;
}

static void a_path_comes_through_or_it_is_told(void **state)
{
	bool fired = true;

	(void)state;
	for (unsigned long nth = 1; fired; nth++) {
		int status;

		wrap_fail(WRAP_MEMORY, nth, ENOMEM);
		status = carry_path();
		fired = wrap_stop();
		assert_int_equal(status, fired ? WAKE_NOMEM : WAKE_OK);
		assert_true(nth < NTH_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_state_is_folded_whole_or_not_at_all),
		scratch_test(a_hint_is_folded_whole_or_not_at_all),
		scratch_test(a_heartbeat_is_folded_whole_or_not_at_all),
		scratch_test(a_reader_gets_all_or_is_told),
		cmocka_unit_test(a_path_comes_through_or_it_is_told),
	};

	wrap_json();
	return cmocka_run_group_tests_name("edits_fault", tests, NULL, NULL);
}
