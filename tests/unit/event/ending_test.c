/* SPDX-License-Identifier: MIT */
/* event/ending: a run whose process is gone ends as failed, once, and leaves nothing of its own behind. */
#include "event/ending.h"

#include "event/claim.h"
#include "event/registry.h"
#include "event/spool.h"
#include "fake_repo.h"

#define LINE HASH_0 " " HASH_A " " WHO " 1700000000 +0200\tcommit (initial): one\n"

struct scene {
	char *root;
	struct wake_paths paths;
	struct wake_worktree worktree;
	struct wake_active active;
	struct wake_events events;	/* drained */
};

static void scene_release(struct scene *scene)
{
	free(scene->root);
	wake_paths_release(&scene->paths);
	wake_worktree_release(&scene->worktree);
	wake_active_release(&scene->active);
	wake_events_release(&scene->events);
}
#define auto_scene WAKE_CLEANUP(scene_release) struct scene

static void set_paths(struct scene *scene, void **state)
{
	scene->paths.state = scratch_path(state, "state");
	scene->paths.spool = scratch_path(state, "state/spool");
}

static void begin_run(struct scene *scene, const char *workspace)
{
	struct wake_error err = { 0 };

	memcpy(scene->active.run_id, "job-1", sizeof("job-1"));
	memcpy(scene->active.workspace_id, "space-1", sizeof("space-1"));
	scene->active.started_at = wake_clock_now() - WAKE_SECOND;
	assert_int_equal(wake_str_copy(workspace, &scene->active.workspace_path, &err), WAKE_OK);
	assert_int_equal(wake_active_add(&scene->paths, &scene->active, &err), WAKE_OK);
	assert_int_equal(wake_marker_write(workspace, "job-1", "space-1", &err), WAKE_OK);
}

/* A registered repository with a run in it, and one commit that nobody has seen yet. */
static struct scene open_scene(void **state)
{
	struct scene scene = { .root = repo_make(state) };
	struct wake_error err = { 0 };

	set_paths(&scene, state);
	assert_int_equal(wake_worktree_find(scene.root, &scene.worktree, &err), WAKE_OK);
	assert_int_equal(wake_registry_add(&scene.paths, &scene.worktree, &err), WAKE_OK);
	assert_int_equal(wake_claim_take(&scene.worktree, "job-1", "space-1", false, NULL, &err), WAKE_OK);
	begin_run(&scene, scene.root);
	repo_append(scene.root, ".git/logs/HEAD", LINE);
	repo_write(scene.root, ".git/refs/heads/main", HASH_A "\n");
	return scene;
}

static int take(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct scene *scene = context;
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < batch->count; i++)
		ret = wake_events_add(&scene->events, &batch->items[i], err);
	return ret;
}

static void drain(struct scene *scene)
{
	struct wake_error err = { 0 };

	wake_events_release(&scene->events);
	scene->events = (struct wake_events){ 0 };
	if (wake_spool_drain(scene->paths.spool, take, scene, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static void presume(struct scene *scene, int64_t at)
{
	struct wake_error err = { 0 };

	if (wake_ending_presume(&scene->paths, &scene->active, at, "it is gone", &err) < 0)
		fail_msg("%s", err.text);
	drain(scene);
}

static const struct wake_event *only(const struct scene *scene, enum wake_event_type type)
{
	const struct wake_event *found = NULL;

	for (size_t i = 0; i < scene->events.count; i++) {
		if (scene->events.items[i].type != type)
			continue;
		assert_null(found);
		found = &scene->events.items[i];
	}
	return found;
}

static bool is_there(const char *dir, const char *name)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_join(dir, name, &path, &err), WAKE_OK);
	return access(path, F_OK) == 0;
}

static void assert_nothing_left(const struct scene *scene)
{
	assert_false(is_there(scene->root, ".git/runwake/claim"));
	assert_false(is_there(scene->root, WAKE_MARKER_NAME));
	assert_false(is_there(scene->paths.state, "runs/job-1"));
}

static void tells_the_end_and_clears(void **state)
{
	auto_scene scene = open_scene(state);
	const struct wake_event *ended, *edited;
	int64_t at = wake_clock_now();

	presume(&scene, at);
	ended = only(&scene, WAKE_EVENT_RUN_ENDED);
	edited = only(&scene, WAKE_EVENT_EDITED);
	assert_non_null(only(&scene, WAKE_EVENT_MOVED)); /* observed, so that the commit is in its span */
	assert_non_null(ended);
	assert_true(ended->at == at);
	assert_string_equal(wake_json_string(ended->data, "run_id"), "job-1");
	assert_string_equal(wake_json_string(ended->data, "status"), "failed");
	assert_false(wake_json_true(ended->data, "reported"));
	assert_string_equal(wake_json_string(ended->data, "error"), "it is gone");
	assert_string_equal(wake_json_string(ended->data, "head"), HASH_A);
	assert_string_equal(wake_json_string(ended->data, "branch"), "main");
	assert_non_null(edited);
	assert_true(edited->at == at);
	assert_true(wake_json_true(edited->data, "whole"));
	assert_string_equal(wake_json_string(edited->data, "reason"), "died");
	assert_string_equal(wake_json_string(edited->data, "run_id"), "job-1");
	assert_nothing_left(&scene);
}

static void may_be_done_again_after_any_step(void **state)
{
	auto_scene scene = open_scene(state);
	struct wake_error err;

	presume(&scene, wake_clock_now());
	assert_int_equal(wake_active_add(&scene.paths, &scene.active, &err), WAKE_OK);
	presume(&scene, wake_clock_now()); /* killed before the entry went */
	assert_non_null(only(&scene, WAKE_EVENT_RUN_ENDED));
	assert_nothing_left(&scene);
	assert_int_equal(wake_active_add(&scene.paths, &scene.active, &err), WAKE_OK);
	assert_int_equal(wake_marker_write(scene.root, "job-1", "space-1", &err), WAKE_OK);
	presume(&scene, wake_clock_now()); /* killed before the marker went */
	assert_nothing_left(&scene);
}

static void leaves_what_is_anothers(void **state)
{
	auto_scene scene = open_scene(state);
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct wake_claim claim = { 0 };
	struct wake_error err;

	assert_int_equal(wake_claim_take(&scene.worktree, "job-2", "space-1", true, NULL, &err), WAKE_OK);
	assert_int_equal(wake_marker_write(scene.root, "job-2", "space-1", &err), WAKE_OK);
	presume(&scene, wake_clock_now());
	assert_string_equal(
	    wake_json_string(only(&scene, WAKE_EVENT_EDITED)->data, "run_id"), "job-2"); /* as the marker says */
	assert_int_equal(wake_claim_read(&scene.worktree, &claim, &err), WAKE_OK);
	assert_string_equal(claim.run_id, "job-2");
	assert_int_equal(wake_marker_read(scene.root, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "job-2");
	assert_false(is_there(scene.paths.state, "runs/job-1"));
}

static void the_claim_speaks_for_a_marker_that_is_gone(void **state)
{
	auto_scene scene = open_scene(state);
	struct wake_error err;

	assert_int_equal(wake_marker_remove(scene.root, NULL, &err), WAKE_OK);
	presume(&scene, wake_clock_now());
	assert_string_equal(wake_json_string(only(&scene, WAKE_EVENT_EDITED)->data, "run_id"), "job-1");
}

static void never_ends_before_it_began(void **state)
{
	auto_scene scene = open_scene(state);

	presume(&scene, scene.active.started_at - 3600 * WAKE_SECOND);
	assert_true(only(&scene, WAKE_EVENT_RUN_ENDED)->at > scene.active.started_at);
}

static void ends_where_no_git_is(void **state)
{
	auto_scene scene = { .root = scratch_path(state, "plain") };

	set_paths(&scene, state);
	repo_mkdir(*state, "plain");
	begin_run(&scene, scene.root);
	presume(&scene, wake_clock_now());
	assert_int_equal(scene.events.count, 1);
	assert_non_null(only(&scene, WAKE_EVENT_RUN_ENDED));
	assert_false(is_there(scene.root, WAKE_MARKER_NAME));
	assert_false(is_there(scene.paths.state, "runs/job-1"));
}

static void ends_where_the_workspace_is_gone(void **state)
{
	auto_scene scene = open_scene(state);
	wake_auto_free char *away = scratch_path(state, "away");

	assert_int_equal(rename(scene.root, away), 0);
	presume(&scene, wake_clock_now());
	assert_int_equal(scene.events.count, 1);
	assert_null(wake_json_string(only(&scene, WAKE_EVENT_RUN_ENDED)->data, "head"));
	assert_false(is_there(scene.paths.state, "runs/job-1"));
}

/* What could not be told must be told later: the entry stays. */
static void keeps_all_when_it_cannot_tell(void **state)
{
	auto_scene scene = open_scene(state);
	struct wake_error err = { 0 };

	scratch_write(scene.paths.spool, "in the way");
	assert_true(wake_ending_presume(&scene.paths, &scene.active, wake_clock_now(), "gone", &err) < 0);
	assert_true(is_there(scene.root, ".git/runwake/claim"));
	assert_true(is_there(scene.root, WAKE_MARKER_NAME));
	assert_true(is_there(scene.paths.state, "runs/job-1/run.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(tells_the_end_and_clears),
		scratch_test(may_be_done_again_after_any_step),
		scratch_test(leaves_what_is_anothers),
		scratch_test(the_claim_speaks_for_a_marker_that_is_gone),
		scratch_test(never_ends_before_it_began),
		scratch_test(ends_where_no_git_is),
		scratch_test(ends_where_the_workspace_is_gone),
		scratch_test(keeps_all_when_it_cannot_tell),
	};

	return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
