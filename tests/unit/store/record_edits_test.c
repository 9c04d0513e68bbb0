/* SPDX-License-Identifier: MIT */
/* store/record_edits: which worktrees are looked at, how, and what is made of it. The diff itself is a fake
 * here: it says what the test wants said, and remembers what it was asked. */
#include "../git/fixture.h"
#include "states.h"

#include "event/registry.h"
#include "git/edits.h"
#include "store/edit_chain.h"
#include "store/record_parts.h"

static struct wake_error err;

/* ---- the fake ----------------------------------------------------------------------------------- */

static struct {
	json_t *files, *discarded; /* what it says; owned */
	const char *head, *kept_new;
	int64_t kept_bytes;
	bool changed;
	int ret;
	size_t calls;
	/* what it was asked */
	json_t *before, *paths; /* owned */
	bool whole, kept;
	int64_t keep_max;
} fake;

static void fake_say(const char *files, bool changed)
{
	json_decref(fake.files);
	fake.files = load(files);
	fake.changed = changed;
}

int wake_edits_diff(struct wake_repo *repo, const struct wake_edits_request *request,
    struct wake_edits *ret_edits, struct wake_error *error)
{
	assert_non_null(repo);
	json_decref(fake.before);
	json_decref(fake.paths);
	fake.before = json_deep_copy(request->before);
	fake.paths = json_deep_copy(request->paths);
	fake.whole = request->whole;
	fake.kept = request->kept != NULL;
	fake.keep_max = request->keep_max;
	fake.calls++;
	assert_non_null(request->index_cache);
	if (fake.ret != WAKE_OK)
		return wake_fail(error, (enum wake_code)fake.ret, "the diff failed");
	*ret_edits = (struct wake_edits){ .files = json_incref(fake.files),
		.discarded = json_incref(fake.discarded),
		.added = (int64_t)json_array_size(fake.files),
		.changed = fake.changed,
		.kept_bytes = fake.kept_bytes,
		.engine = "walk" };
	(void)snprintf(ret_edits->head, sizeof(ret_edits->head), "%s", fake.head ? fake.head : "");
	(void)snprintf(
	    ret_edits->kept_new, sizeof(ret_edits->kept_new), "%s", fake.kept_new ? fake.kept_new : "");
	return WAKE_OK;
}

void wake_edits_release(struct wake_edits *edits)
{
	json_decref(edits->files);
	json_decref(edits->discarded);
	free(edits->branch);
	*edits = (struct wake_edits){ 0 };
}

/* ---- a state directory, a repository, a recording ------------------------------------------------- */

static struct {
	struct wake_paths paths;
	struct wake_worktree worktree;
	struct wake_identity identity;
	struct wake_store *store;
	struct wake_recorder recorder;
	struct wake_recorded recorded;
	int hints;
} world;

static int make_world(void **state)
{
	wake_auto_free char *repo = NULL;

	if (fixture_make(state) != 0)
		return -1;
	fixture_do(state, "git init -q r; git -C r commit -q --allow-empty -m one; mkdir state state/spool");
	repo = scratch_path(state, "r");
	world.paths = (struct wake_paths){ scratch_path(state, "state"), scratch_path(state, "state/spool"),
		scratch_path(state, "config") };
	assert_ok(wake_worktree_find(repo, &world.worktree, &err));
	assert_ok(wake_registry_add(&world.paths, &world.worktree, &err));
	assert_ok(wake_registry_identify(&world.paths, &world.worktree, &world.identity, &err));
	world.store = states_open(state);
	world.recorder = (struct wake_recorder){ .paths = &world.paths };
	world.hints = 0;
	memset(&fake, 0, sizeof(fake));
	fake.discarded = json_array();
	fake_say("[]", true);
	return 0;
}

static int remove_world(void **state)
{
	wake_recorder_close_repo(&world.recorder);
	wake_recorder_forget_mine(&world.recorder);
	wake_store_close(world.store);
	wake_worktree_release(&world.worktree);
	wake_paths_release(&world.paths);
	json_decref(fake.files);
	json_decref(fake.discarded);
	json_decref(fake.before);
	json_decref(fake.paths);
	return scratch_remove(state);
}

/* A hint, told now. */
static void hint(const char *more)
{
	json_t *data = json_pack("{ss ss ss ss ss ss}", "repository_id", world.identity.repository_id,
	    "worktree_id", world.identity.worktree_id, "git_dir", world.worktree.git_dir, "common_dir",
	    world.worktree.common_dir, "root", world.worktree.root, "reason", "settled");
	wake_auto_json json_t *rest = load(more);
	int64_t now = wake_clock_now();
	char since[WAKE_TIME_SIZE];

	assert_non_null(data);
	wake_time_format(now - WAKE_SECOND, since);
	assert_int_equal(json_object_set_new(data, "since", json_string(since)), 0);
	assert_int_equal(json_object_update(data, rest), 0);
	states_tell(world.store, WAKE_EVENT_EDITED, state_id(++world.hints), now, data);
}

static void record(void)
{
	struct wake_recording recording = { &world.paths, world.store, &world.recorded, &world.recorder };

	world.recorded = (struct wake_recorded){ 0 };
	wake_recorder_forget_mine(&world.recorder);
	assert_ok(wake_record_edits(&recording, &err));
}

static void follow(const char *more)
{
	hint(more);
	record();
}

static int append_row(void *out, int count, char **values, char **ignored)
{
	(void)ignored;
	for (int i = 0; i < count; i++)
		wake_str_appendf(out, "%s|", values[i] ? values[i] : "null");
	return 0;
}

static void expect_rows(void *const *state, const char *query, const char *expected)
{
	wake_auto_str struct wake_str out = WAKE_STR(65536);
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, query, append_row, &out, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_string_equal(wake_str_text(&out), expected);
}

static void expect_counts(void *const *state, const char *states_and_open_hints)
{
	expect_rows(state,
	    "select (select count(*) from workflow_edits), (select count(*) from workflow_edit_hints where "
	    "done = 0)",
	    states_and_open_hints);
}

static void start_run(const char *run)
{
	states_tell(world.store, WAKE_EVENT_RUN_STARTED, NULL, wake_clock_now(),
	    json_pack("{ss ss ss ss ss ss ss}", "run_id", run, "workflow", "fix", "task", "t", "workspace_id",
	        "w", "workspace_path", world.worktree.root, "repository_id", world.identity.repository_id,
	        "worktree_id", world.identity.worktree_id));
}

/* ---- what is recorded ------------------------------------------------------------------------------ */

static void without_hints_nothing_is_looked_at(void **state)
{
	record();
	assert_int_equal(fake.calls, 0);
	expect_counts(state, "0|0|");
}

static void the_first_state_is_recorded_whatever_it_is(void **state)
{
	fake.head = "1111111111111111111111111111111111111111";
	fake_say("[]", false);
	follow("{'paths':['a'],'reason':'scan'}");
	assert_true(fake.whole);
	assert_null(fake.before);
	expect_counts(state, "1|0|");
	expect_rows(state,
	    "select reason, files, gone, base_id, head_hash, branch, discarded, kept_new, kept_bytes, "
	    "engine, "
	    "julianday(at) >= julianday(since) from workflow_edits",
	    "scan|[]|[]|null|1111111111111111111111111111111111111111|null|[]|null|0|walk|1|");
}

static void what_did_not_change_is_not_recorded(void **state)
{
	fake_say("[{'path':'a'}]", true);
	follow("{'paths':['a']}");
	fake_say("[{'path':'a'}]", false);
	hint("{'paths':['a','b'],'reason':'head'}");
	hint("{'paths':['c']}");
	record();
	assert_false(fake.whole);
	assert_json(fake.before, "[{'path':'a'}]");
	assert_json(fake.paths, "['a','b','c']");
	assert_int_equal(fake.calls, 2);
	expect_counts(state, "1|0|");
}

static void a_state_covers_all_that_was_told(void **state)
{
	start_run("r");
	fake_say("[{'path':'a'},{'path':'b','status':'?'},{'path':'c'},{'path':'d'}]", true);
	follow("{'paths':['a']}");
	fake_say("[{'path':'a'},{'path':'b','status':'?'},{'path':'d'},{'path':'e'}]", true);
	json_decref(fake.discarded);
	fake.discarded = load("[{'path':'c'}]");
	hint("{'paths':['e'],'run_id':'r','since':'2026-11-01T08:00:00.000000Z'}");
	hint("{'paths':['c'],'reason':'finish'}");
	record();
	expect_counts(state, "2|0|");
	expect_rows(state,
	    "select reason, files, gone, base_id = (select min(id) from workflow_edits), added_lines, "
	    "files_changed, "
	    "untracked_files, discarded, since, run_evidence, root = (select root from workflow_edits limit "
	    "1) "
	    "from workflow_edits order by at desc, id desc limit 1",
	    "finish|[{\"path\":\"e\"}]|[\"c\"]|1|4|4|0|[{\"path\":\"c\"}]|2026-11-01T08:00:00.000000Z|marker|"
	    "1|");
}

/* Each of many states changes one file of ten; reading the last one must not read them all. */
static void chains_stay_short(void **state)
{
	wake_auto_json json_t *files = json_array();
	struct wake_error problem;
	char id[WAKE_ID_SIZE] = "";

	for (int i = 0; i < 10; i++) {
		assert_int_equal(json_array_append_new(
		                     files, json_pack("{so si}", "path", json_sprintf("f%d", i), "added", 0)),
		    0);
	}
	for (int i = 0; i < 2 * WAKE_EDIT_CHAIN_MAX + 10; i++) {
		wake_auto_edit_state struct wake_edit_state whole = { 0 };
		const struct wake_value values[] = { WAKE_TEXT(world.identity.worktree_id) };
		wake_auto_rows struct wake_rows *rows = NULL;

		assert_int_equal(
		    json_object_set_new(json_array_get(files, (size_t)i % 10), "added", json_integer(i + 1)),
		    0);
		json_decref(fake.files);
		fake.files = json_deep_copy(files);
		follow("{'paths':['f']}");
		assert_ok(
		    wake_store_query(world.store, WAKE_SQL_READ_EDIT_LATEST, values, 1, &rows, &problem));
		assert_int_equal(wake_rows_next(rows, &problem), 1);
		assert_string_not_equal(id, wake_rows_text(rows, 0));
		(void)snprintf(id, sizeof(id), "%s", wake_rows_text(rows, 0));
		assert_ok(wake_edit_chain_read(world.store, id, &whole, &problem));
		assert_true(json_equal(whole.files, files));
		assert_in_range(whole.depth, 0, WAKE_EDIT_CHAIN_MAX);
	}
	/* Whole: the first, and one after each fifty that build on it. */
	expect_rows(state, "select count(*) from workflow_edits where base_id is null", "3|");
}

static void a_large_difference_is_written_whole(void **state)
{
	fake_say("[{'path':'a'},{'path':'b'},{'path':'c'}]", true);
	follow("{}");
	fake_say("[{'path':'a'},{'path':'b','added':1},{'path':'c','added':1}]", true);
	follow("{}");
	expect_rows(state, "select count(*) from workflow_edits where base_id is null", "2|");
}

static void a_broken_chain_is_begun_anew(void **state)
{
	fake_say("[{'path':'a'}]", true);
	follow("{}");
	states_put(state, "update workflow_edits set base_id = '01a20463-0000-7000-8000-000000000099'");
	follow("{'paths':['a']}");
	assert_true(fake.whole);
	assert_null(fake.before);
	assert_non_null(strstr(world.recorded.problem, "no longer in the store"));
	expect_counts(state, "2|0|");
	expect_rows(state, "select base_id from workflow_edits order by at desc limit 1", "null|");
}

static void a_clock_set_back_does_not_reorder_states(void **state)
{
	fake_say("[{'path':'a'}]", true);
	follow("{}");
	states_put(state,
	    "update workflow_edits set at = '2999-01-01T00:00:00.000000Z', files = '[{\"path\":\"old\"}]'");
	fake_say("[{'path':'b'}]", true);
	follow("{}");
	assert_json(fake.before, "[{'path':'old'}]");
	fake_say("[{'path':'c'}]", true);
	follow("{}");
	assert_json(fake.before, "[{'path':'b'}]");
	expect_rows(
	    state, "select at from workflow_edits order by at desc limit 1", "2999-01-01T00:00:00.000002Z|");
}

/* What another left uncommitted is also what this run leaves, if it goes on there. */
static void the_first_state_of_a_run_is_recorded(void **state)
{
	fake_say("[{'path':'a'}]", true);
	follow("{}");
	start_run("r");
	fake.changed = false;
	follow("{'reason':'start','run_id':'r','whole':true}");
	expect_counts(state, "2|0|");
	expect_rows(
	    state, "select files, base_id is not null from workflow_edits order by at desc limit 1", "[]|1|");
	expect_rows(state, "select uncommitted_added_lines from workflow_runs", "1|");
	follow("{'reason':'finish','run_id':'r','whole':true}");
	expect_counts(state, "2|0|");
}

static void a_run_in_a_clean_worktree_needs_no_state(void **state)
{
	follow("{}");
	start_run("r");
	fake.changed = false;
	follow("{'reason':'start','run_id':'r','whole':true}");
	expect_counts(state, "1|0|");
}

/* ---- worktrees that are gone, and failures ---------------------------------------------------------- */

static void of_a_worktree_that_is_gone_the_last_state_stands(void **state)
{
	wake_auto_free char *cache = NULL;
	char name[64];

	fake_say("[{'path':'a'}]", true);
	follow("{}");
	(void)snprintf(name, sizeof(name), "state/index/%s", world.identity.worktree_id);
	cache = scratch_path(state, name);
	scratch_write(cache, "what the index told");
	fixture_do(state, "rm -rf r");
	follow("{'whole':true,'reason':'died'}");
	assert_int_equal(fake.calls, 1);
	assert_string_equal(world.recorded.problem, "");
	expect_counts(state, "1|0|");
	assert_false(wake_fs_is_file(cache));
}

static void files_that_are_gone_without_their_repository_are_gone_too(void **state)
{
	wake_auto_free char *root = scratch_path(state, "linked");

	fixture_do(state, "git -C r worktree add -q ../linked; ls -d linked");
	wake_worktree_release(&world.worktree);
	assert_ok(wake_worktree_find(root, &world.worktree, &err));
	assert_ok(wake_registry_identify(&world.paths, &world.worktree, &world.identity, &err));
	follow("{}");
	fixture_do(state, "rm -rf linked");
	fake.ret = WAKE_NOTFOUND;
	follow("{'whole':true}");
	expect_counts(state, "1|0|");
	fixture_do(state, "git -C r worktree prune");
	follow("{'whole':true}"); /* now the main worktree is what is found there */
	expect_counts(state, "1|0|");
}

static void another_repository_in_its_place_is_not_looked_at(void **state)
{
	fixture_do(state, "rm -rf r; git init -q r");
	follow("{'whole':true}");
	assert_int_equal(fake.calls, 0);
	expect_counts(state, "0|0|");
	fixture_do(state, "mkdir r/.git/runwake");
	follow("{'whole':true}");
	assert_int_equal(fake.calls, 0);
	expect_counts(state, "0|0|");
}

static void what_fails_is_tried_again(void **state)
{
	fake.ret = WAKE_UNAVAILABLE;
	follow("{'paths':['a']}");
	expect_counts(state, "0|1|");
	assert_string_equal(world.recorded.problem, "the diff failed");
	fake.ret = WAKE_NOTFOUND; /* an object: the files are there */
	record();
	expect_counts(state, "0|1|");
	fake.ret = WAKE_OK;
	record();
	expect_counts(state, "1|0|");
	assert_string_equal(world.recorded.problem, "");
}

static void one_failure_does_not_stop_the_others(void **state)
{
	hint("{'worktree_id':'" TREE "','git_dir':'\\\"no path'}");
	follow("{}");
	expect_counts(state, "1|1|");
	assert_true(world.recorded.problem[0] != '\0');
}

/* ---- contents --------------------------------------------------------------------------------------- */

static void expect_kept(void *const *state, const char *config, const char *more, bool kept)
{
	wake_auto_free char *path = scratch_path(state, "config");

	scratch_write(path, config);
	follow(more);
	if (fake.kept != kept)
		fail_msg("%s %s", config, more);
}

static void contents_are_kept_as_the_setting_says(void **state)
{
	expect_kept(state, "", "{}", false);
	expect_kept(state, "[runwake]\nkeep = always\n", "{}", true);
	expect_kept(state, "[runwake]\nkeep = never\n", "{'run_id':'r'}", false);
	expect_kept(state, "", "{'run_id':'unannounced'}", true);
	start_run("r");
	expect_kept(state, "", "{}", true);
	start_run("s");
	expect_kept(state, "", "{}", true); /* somebody's, though nobody knows whose */
	expect_kept(state, "[runwake]\nkeep = never\n", "{'run_id':'r'}", false);
	assert_string_equal(world.recorded.problem, "");
	expect_kept(state, "[runwake]\nkeep = nevr\n", "{'run_id':'r'}", false);
	assert_non_null(strstr(world.recorded.problem, "nevr"));
}

static void what_is_kept_of_a_run_is_bounded(void **state)
{
	fake.kept_new = "2222222222222222222222222222222222222222";
	fake.kept_bytes = 300;
	expect_kept(state, "[runwake]\nkeep = always\nkeeprunmax = 1000\n", "{}", true);
	assert_int_equal(fake.keep_max, 1000);
	fake_say("[{'path':'a'}]", true);
	follow("{}");
	assert_int_equal(fake.keep_max, 700);
	start_run("r");
	follow("{}");
	assert_int_equal(fake.keep_max, 1000);
	fake.kept_bytes = 5000;
	follow("{}");
	assert_int_equal(fake.keep_max, 700);
	follow("{}");
	assert_int_equal(fake.keep_max, 0);
}

#define world_test(function) cmocka_unit_test_setup_teardown(function, make_world, remove_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(without_hints_nothing_is_looked_at),
		world_test(the_first_state_is_recorded_whatever_it_is),
		world_test(what_did_not_change_is_not_recorded),
		world_test(a_state_covers_all_that_was_told),
		world_test(chains_stay_short),
		world_test(a_large_difference_is_written_whole),
		world_test(a_broken_chain_is_begun_anew),
		world_test(a_clock_set_back_does_not_reorder_states),
		world_test(the_first_state_of_a_run_is_recorded),
		world_test(a_run_in_a_clean_worktree_needs_no_state),
		world_test(of_a_worktree_that_is_gone_the_last_state_stands),
		world_test(files_that_are_gone_without_their_repository_are_gone_too),
		world_test(another_repository_in_its_place_is_not_looked_at),
		world_test(what_fails_is_tried_again),
		world_test(one_failure_does_not_stop_the_others),
		world_test(contents_are_kept_as_the_setting_says),
		world_test(what_is_kept_of_a_run_is_bounded),
	};

	return cmocka_run_group_tests_name("record_edits", tests, NULL, NULL);
}
