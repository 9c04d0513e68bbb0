/* SPDX-License-Identifier: MIT */
/* store/record_mine: which repositories are ours, and where they lie now. */
#include "../git/fixture.h"
#include "states.h"

#include "event/registry.h"
#include "store/record_parts.h"

static struct wake_error err;

static struct {
	struct wake_paths paths;
	struct wake_store *store;
	struct wake_recorder recorder;
	struct wake_recorded recorded;
	struct wake_identity identity;
	char *git_dir;
} world;

static struct wake_recording recording(void)
{
	return (struct wake_recording){ &world.paths, world.store, &world.recorded, &world.recorder };
}

static void look_at(void *const *state, const char *name)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *place = scratch_path(state, name);

	assert_ok(wake_worktree_find(place, &worktree, &err));
	assert_ok(wake_registry_add(&world.paths, &worktree, &err));
	assert_ok(wake_registry_identify(&world.paths, &worktree, &world.identity, &err));
	free(world.git_dir);
	assert_ok(wake_str_copy(worktree.git_dir, &world.git_dir, &err));
}

static int make_world(void **state)
{
	if (fixture_make(state) != 0)
		return -1;
	fixture_do(state, "git init -q r; git -C r commit -q --allow-empty -m one; mkdir state state/spool");
	memset(&world, 0, sizeof(world));
	world.paths = (struct wake_paths){ scratch_path(state, "state"), scratch_path(state, "state/spool"),
		scratch_path(state, "config") };
	world.recorder.paths = &world.paths;
	world.store = states_open(state);
	look_at(state, "r");
	return 0;
}

static int remove_world(void **state)
{
	wake_recorder_close_repo(&world.recorder);
	wake_recorder_forget_mine(&world.recorder);
	wake_store_close(world.store);
	wake_paths_release(&world.paths);
	free(world.git_dir);
	return scratch_remove(state);
}

/* common: where the common directory was when git_dir was told. */
static int place(const char *id, const char *git_dir, const char *common, char **ret_git_dir)
{
	struct wake_recording here = recording();
	const char *common_now = NULL;

	wake_recorder_forget_mine(&world.recorder);
	return wake_recording_place(&here, id, git_dir, common, ret_git_dir, &common_now, &err);
}

static void one_of_ours_lies_where_it_lies(void **state)
{
	wake_auto_free char *now = NULL, *linked = NULL, *told = NULL;

	(void)state;
	assert_ok(place(world.identity.repository_id, world.git_dir, world.git_dir, &now));
	assert_string_equal(now, world.git_dir);
	assert_true(asprintf(&told, "%s/worktrees/w", world.git_dir) > 0);
	assert_ok(place(world.identity.repository_id, told, world.git_dir, &linked));
	assert_string_equal(linked, told);
}

/* Whoever may insert events may say anything. */
static void a_place_that_leads_elsewhere_is_not_followed(void **state)
{
	static const char *const inside[] = { "/..", "/../x", "/worktrees/../../x/.git", "x/.git" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(inside); i++) {
		wake_auto_free char *told = NULL, *now = NULL;

		assert_true(asprintf(&told, "%s%s", world.git_dir, inside[i]) > 0);
		assert_ok(place(world.identity.repository_id, told, world.git_dir, &now));
		assert_string_equal(now, world.git_dir);
	}
}

static void one_that_is_not_ours_is_not_found(void **state)
{
	wake_auto_free char *now = NULL;

	(void)state;
	assert_int_equal(place(REPO, world.git_dir, world.git_dir, &now), WAKE_NOTFOUND);
	assert_non_null(strstr(err.text, "not registered here"));
	assert_null(now);
}

static void one_that_moved_is_found_by_its_note(void **state)
{
	wake_auto_free char *old = NULL, *away = NULL, *moved = NULL, *back = NULL, *told = NULL, *expected = NULL;

	assert_ok(wake_str_copy(world.git_dir, &old, &err));
	assert_true(asprintf(&told, "%s/worktrees/w", old) > 0);
	fixture_do(state, "mv r elsewhere");
	assert_int_equal(place(world.identity.repository_id, told, old, &away), WAKE_NOTFOUND);
	look_at(state, "elsewhere");
	assert_ok(place(world.identity.repository_id, told, old, &moved));
	assert_true(asprintf(&expected, "%s/worktrees/w", world.git_dir) > 0);
	assert_string_equal(moved, expected);
	assert_string_not_equal(moved, told);
	/* Back at its old place, and nobody noted it. */
	fixture_do(state, "mv elsewhere r");
	assert_ok(place(world.identity.repository_id, told, old, &back));
	assert_string_equal(back, told);
}

static void another_in_its_place_is_not_it(void **state)
{
	struct wake_recording here = recording();
	wake_auto_free char *now = NULL;
	struct wake_repo *repo = NULL;

	assert_ok(wake_recording_repo(
	    &here, world.identity.repository_id, world.git_dir, world.git_dir, &repo, &err));
	assert_non_null(repo);
	wake_recorder_close_repo(&world.recorder);
	fixture_do(state, "mv r away; git init -q r; git -C r commit -q --allow-empty -m other");
	assert_int_equal(place(world.identity.repository_id, world.git_dir, world.git_dir, &now), WAKE_NOTFOUND);
	assert_int_equal(wake_recording_repo(&here, world.identity.repository_id, world.git_dir, world.git_dir,
	                     &repo, &err),
	    WAKE_NOTFOUND);
	/* Whichever lies there, where that is asked for. */
	assert_ok(wake_recording_repo(&here, NULL, world.git_dir, world.git_dir, &repo, &err));
}

static void only_ours_is_asked_for(void **state)
{
	struct wake_recording here = recording();
	wake_auto_json json_t *ids = json_array();
	char *text;

	states_put(state, "insert into workflow_unobserved values ('" REPO "')");
	assert_ok(wake_recording_list_mine(&here, WAKE_SQL_RECORD_UNOBSERVED, ids, &err));
	assert_int_equal(json_array_size(ids), 0);
	assert_true(
	    asprintf(&text, "insert into workflow_unobserved values ('%s')", world.identity.repository_id) > 0);
	states_put(state, text);
	free(text);
	assert_ok(wake_recording_list_mine(&here, WAKE_SQL_RECORD_UNOBSERVED, ids, &err));
	assert_int_equal(json_array_size(ids), 1);
	assert_string_equal(json_string_value(json_array_get(ids, 0)), world.identity.repository_id);
}

#define world_test(function) cmocka_unit_test_setup_teardown(function, make_world, remove_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(one_of_ours_lies_where_it_lies),
		world_test(a_place_that_leads_elsewhere_is_not_followed),
		world_test(one_that_is_not_ours_is_not_found),
		world_test(one_that_moved_is_found_by_its_note),
		world_test(another_in_its_place_is_not_it),
		world_test(only_ours_is_asked_for),
	};

	return cmocka_run_group_tests_name("store/record_mine", tests, NULL, NULL);
}
