/* SPDX-License-Identifier: MIT */
/* watcher/runs: a process that dies ends its run, one that lives does not; markers come back; hearts beat. */
#include "watcher/runs.h"

#include <signal.h>
#include <sys/wait.h>

#include "../event/fake_repo.h"
#include "base/process.h"
#include "event/claim.h"
#include "event/registry.h"
#include "event/spool.h"
#include "turning.h"
#include "watcher/runs_parts.h"

static const struct wake_runs_pace fast = { .heartbeat = 30000, .grace = 20000, .restore = 20000 };
static const struct wake_runs_pace patient = { .heartbeat = 3600 * WAKE_SECOND, .grace = 200000, .restore = 200000 };

struct scene {
	struct wake_scene shared;
	struct wake_paths paths;
	struct wake_runs *runs;
	char *root;			/* a plain directory, or a repository */
	struct wake_events events;	/* drained so far */
};

static void open_scene(struct scene *scene, void **state, bool in_git)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err = { 0 };

	*scene = (struct scene){ .root = in_git ? repo_make(state) : scratch_path(state, "r") };
	scene->paths.state = scratch_path(state, "state");
	scene->paths.spool = scratch_path(state, "state/spool");
	scene->shared.paths = &scene->paths;
	assert_int_equal(wake_fs_make_dirs(scene->root, &err), WAKE_OK);
	assert_int_equal(wake_loop_new(&scene->shared.loop, &err), WAKE_OK);
	assert_int_equal(wake_inotify_new(scene->shared.loop, &scene->shared.aside, &err), WAKE_OK);
	if (!in_git)
		return;
	assert_int_equal(wake_worktree_find(scene->root, &worktree, &err), WAKE_OK);
	assert_int_equal(wake_registry_add(&scene->paths, &worktree, &err), WAKE_OK);
}

static void begin(struct scene *scene, const struct wake_runs_pace *pace)
{
	struct wake_error err = { 0 };

	if (wake_runs_new(&scene->shared, pace, &scene->runs, &err) < 0)
		fail_msg("%s", err.text);
	scene->shared.runs = scene->runs;
}

static void close_scene(struct scene *scene)
{
	wake_runs_free(scene->runs);
	assert_int_equal(wake_inotify_count(scene->shared.aside), 0);
	wake_inotify_free(scene->shared.aside);
	wake_loop_free(scene->shared.loop);
	wake_paths_release(&scene->paths);
	wake_events_release(&scene->events);
	free(scene->root);
}

static pid_t start_process(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)pause();
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void end_process(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void add_active(struct scene *scene, const char *run_id, struct wake_active active)
{
	struct wake_error err = { 0 };

	active.workspace_path = scene->root;
	active.started_at = wake_clock_now() - 10;
	memcpy(active.run_id, run_id, strlen(run_id) + 1);
	memcpy(active.workspace_id, "space", sizeof("space"));
	if (wake_active_add(&scene->paths, &active, &err) < 0)
		fail_msg("%s", err.text);
}

/* pid 0: no process is known. */
static void add_run(struct scene *scene, const char *run_id, pid_t pid, uint64_t later, const char *boot)
{
	struct wake_active active = { .pid = pid };
	struct wake_error err = { 0 };

	if (pid > 0) {
		assert_int_equal(wake_process_start_time(pid, &active.pid_start, &err), WAKE_OK);
		active.pid_start += later;
		wake_process_boot_id(active.boot_id);
		if (boot)
			memcpy(active.boot_id, boot, strlen(boot) + 1);
	}
	add_active(scene, run_id, active);
}

static int take(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct scene *scene = context;
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < batch->count; i++)
		ret = wake_events_add(&scene->events, &batch->items[i], err);
	return ret;
}

static size_t count(struct scene *scene, enum wake_event_type type)
{
	struct wake_error err = { 0 };
	size_t found = 0;

	if (wake_spool_drain(scene->paths.spool, take, scene, NULL, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < scene->events.count; i++)
		found += scene->events.items[i].type == type;
	return found;
}

static const json_t *find(const struct scene *scene, enum wake_event_type type)
{
	for (size_t i = 0; i < scene->events.count; i++) {
		if (scene->events.items[i].type == type)
			return scene->events.items[i].data;
	}
	return NULL;
}

static bool has_run(void *context)
{
	return wake_runs_count(((struct scene *)context)->runs) > 0;
}

static bool has_no_run(void *context)
{
	return wake_runs_count(((struct scene *)context)->runs) == 0;
}

static bool has_ended_one(void *context)
{
	return wake_runs_count(((struct scene *)context)->runs) == 2;
}

static bool has_beaten_thrice(void *context)
{
	return count(context, WAKE_EVENT_HEARTBEAT) >= 3;
}

static bool has_marker(void *context)
{
	struct scene *scene = context;
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct wake_error ignored;

	return wake_marker_read(scene->root, &marker, &ignored) == WAKE_OK &&
	       strcmp(marker.run_id, "job-1") == 0 && strcmp(marker.workspace_id, "space") == 0;
}

static void a_death_ends_the_run(void **state)
{
	struct scene scene;
	pid_t pid = start_process();
	wake_auto_free char *start = NULL;

	open_scene(&scene, state, false);
	begin(&scene, &fast);
	add_run(&scene, "job-1", pid, 0, NULL); /* appears while it is watched */
	assert_true(turn_until(scene.shared.loop, has_beaten_thrice, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 0);
	end_process(pid);
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 1);
	assert_true(asprintf(&start, "process %d (started ", (int)pid) > 0);
	assert_non_null(strstr(wake_json_string(find(&scene, WAKE_EVENT_RUN_ENDED), "error"), start));
	assert_string_equal(wake_json_string(find(&scene, WAKE_EVENT_RUN_ENDED), "run_id"), "job-1");
	assert_string_equal(scene.shared.last_error, "");
	close_scene(&scene);
}

/* Its pid lives, but it is another process. */
static void a_reused_pid_is_no_life(void **state)
{
	struct scene scene;
	pid_t pid = start_process();

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", pid, 1, NULL);
	begin(&scene, &fast); /* was there before */
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 1);
	end_process(pid);
	close_scene(&scene);
}

static void another_boot_is_no_life(void **state)
{
	struct scene scene;
	pid_t pid = start_process();

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", pid, 0, "00000000-0000-4000-8000-000000000000");
	begin(&scene, &fast);
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 1);
	assert_non_null(strstr(wake_json_string(find(&scene, WAKE_EVENT_RUN_ENDED), "error"), "started anew"));
	end_process(pid);
	close_scene(&scene);
}

/* Both look dead from here: their pid is nobody's, and their boot is not ours. */
static void others_runs_are_left_alone(void **state)
{
	struct scene scene;
	pid_t gone = start_process();
	struct wake_active contained = { .pid = gone, .pid_start = 1, .pid_namespace = wake_process_pid_namespace() + 1 };
	struct wake_active remote = { .pid = gone, .pid_start = 1, .host = "another machine" };

	end_process(gone);
	wake_process_boot_id(contained.boot_id);
	memcpy(remote.boot_id, "00000000-0000-4000-8000-000000000000", sizeof(remote.boot_id));
	open_scene(&scene, state, false);
	add_active(&scene, "contained", contained);
	add_active(&scene, "remote", remote);
	add_run(&scene, "ours", getpid(), 1, NULL);
	begin(&scene, &fast);
	assert_true(turn_until(scene.shared.loop, has_ended_one, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 1);
	assert_string_equal(wake_json_string(find(&scene, WAKE_EVENT_RUN_ENDED), "run_id"), "ours");
	close_scene(&scene);
}

static bool has_died(void *context)
{
	struct wake_runs *runs = ((struct scene *)context)->runs;

	return runs->count == 1 && runs->items[0]->dead;
}

/* The process has gone, and its `finish` is under way. */
static void a_report_within_the_grace_stands(void **state)
{
	struct scene scene;
	struct wake_error err;
	pid_t pid = start_process();

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", pid, 0, NULL);
	begin(&scene, &patient);
	end_process(pid);
	assert_true(turn_until(scene.shared.loop, has_died, &scene));
	assert_int_equal(wake_active_remove(&scene.paths, "job-1", &err), WAKE_OK);
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 0);
	close_scene(&scene);
}

static bool has_failed(void *context)
{
	return ((struct scene *)context)->shared.last_error[0] != '\0';
}

/* A spool that is away is tried again, with the entry there until then. */
static void an_end_is_told_when_it_can_be(void **state)
{
	struct scene scene;
	pid_t pid = start_process();

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", pid, 0, NULL);
	scratch_write(scene.paths.spool, "in the way");
	begin(&scene, &fast);
	scene.runs->pace = &(struct wake_runs_pace){ .heartbeat = 3600 * WAKE_SECOND, .grace = 1000 };
	wake_loop_timer_clear(scene.shared.loop, &scene.runs->beat);
	end_process(pid);
	assert_true(turn_until(scene.shared.loop, has_failed, &scene));
	assert_int_equal(wake_runs_count(scene.runs), 1);
	assert_int_equal(unlink(scene.paths.spool), 0);
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 1);
	close_scene(&scene);
}

static void a_run_without_a_process_lives_on(void **state)
{
	struct scene scene;
	struct wake_error err;
	const json_t *ids;

	open_scene(&scene, state, false);
	begin(&scene, &fast);
	assert_int_equal(scene.runs->beat.place, 0); /* without a run no heart beats */
	add_run(&scene, "job-1", 0, 0, NULL);
	add_run(&scene, "job-2", 0, 0, NULL);
	assert_true(turn_until(scene.shared.loop, has_beaten_thrice, &scene));
	ids = json_object_get(find(&scene, WAKE_EVENT_HEARTBEAT), "run_ids");
	assert_int_equal(json_array_size(ids), 2);
	assert_int_equal(count(&scene, WAKE_EVENT_RUN_ENDED), 0);
	assert_int_equal(wake_active_remove(&scene.paths, "job-1", &err), WAKE_OK);
	assert_int_equal(wake_active_remove(&scene.paths, "job-2", &err), WAKE_OK);
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_int_equal(scene.runs->beat.place, 0);
	close_scene(&scene);
}

/* Two events for 501 runs. */
static void many_hearts_beat_in_several_events(void **state)
{
	struct scene scene;
	struct wake_error err;
	size_t ids = 0;

	open_scene(&scene, state, false);
	for (int i = 0; i <= WAKE_EVENT_LIST_MAX; i++) {
		char run_id[32];

		(void)snprintf(run_id, sizeof(run_id), "job-%d", i);
		add_run(&scene, run_id, 0, 0, NULL);
	}
	begin(&scene, &patient);
	assert_int_equal(wake_runs_count(scene.runs), WAKE_EVENT_LIST_MAX + 1);
	assert_int_equal(wake_runs_beat(scene.runs, &err), WAKE_OK);
	assert_int_equal(count(&scene, WAKE_EVENT_HEARTBEAT), 2);
	for (size_t i = 0; i < 2; i++)
		ids += json_array_size(json_object_get(scene.events.items[i].data, "run_ids"));
	assert_int_equal(ids, WAKE_EVENT_LIST_MAX + 1);
	close_scene(&scene);
}

/* The file may come long after its directory, and go without it. */
static void sees_the_file_come_and_go(void **state)
{
	wake_auto_free char *inbox = scratch_path(state, "state/runs/job-1/inbox");
	wake_auto_free char *file = scratch_path(state, "state/runs/job-1/run.json");
	struct scene scene;
	struct wake_error err;

	open_scene(&scene, state, false);
	assert_int_equal(wake_fs_make_dirs(inbox, &err), WAKE_OK);
	begin(&scene, &patient);
	assert_int_equal(wake_runs_count(scene.runs), 0);
	add_run(&scene, "job-1", 0, 0, NULL);
	assert_true(turn_until(scene.shared.loop, has_run, &scene));
	assert_true(wake_runs_are_active_in(scene.runs, scene.root));
	assert_int_equal(unlink(file), 0);
	assert_true(turn_until(scene.shared.loop, has_no_run, &scene));
	assert_false(wake_runs_are_active_in(scene.runs, scene.root));
	close_scene(&scene);
}

static void a_run_works_in_what_lies_below(void **state)
{
	wake_auto_free char *below = scratch_path(state, "r/below");
	wake_auto_free char *beside = scratch_path(state, "r2");
	struct scene scene;

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", 0, 0, NULL);
	begin(&scene, &patient);
	assert_true(wake_runs_are_active_in(scene.runs, scene.root));
	assert_true(wake_runs_are_active_in(scene.runs, below));
	assert_false(wake_runs_are_active_in(scene.runs, beside));
	assert_false(wake_runs_are_active_in(scene.runs, *state));
	close_scene(&scene);
}

static void restores_a_marker_outside_of_git(void **state)
{
	struct scene scene;
	struct wake_error err;

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", 0, 0, NULL);
	begin(&scene, &fast);
	assert_true(turn_until(scene.shared.loop, has_marker, &scene)); /* it was missing from the beginning */
	assert_int_equal(wake_marker_remove(scene.root, NULL, &err), WAKE_OK);
	assert_true(turn_until(scene.shared.loop, has_marker, &scene));
	close_scene(&scene);
}

static bool has_asked(void *context)
{
	struct wake_runs *runs = ((struct scene *)context)->runs;

	return runs->count > 0 && runs->items[0]->restore.place == 0;
}

static void take_claim(struct scene *scene, const char *run_id)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err;

	assert_int_equal(wake_worktree_find(scene->root, &worktree, &err), WAKE_OK);
	assert_int_equal(wake_claim_take(&worktree, run_id, "space", true, NULL, &err), WAKE_OK);
}

static void restores_only_where_the_claim_says_so(void **state)
{
	struct scene scene;

	open_scene(&scene, state, true);
	take_claim(&scene, "job-2");
	add_run(&scene, "job-1", 0, 0, NULL);
	begin(&scene, &fast);
	assert_int_not_equal(scene.runs->items[0]->restore.place, 0);
	assert_true(turn_until(scene.shared.loop, has_asked, &scene));
	assert_false(has_marker(&scene));
	take_claim(&scene, "job-1");
	wake_runs_marker_missed(scene.runs, scene.root);
	assert_true(turn_until(scene.shared.loop, has_marker, &scene));
	close_scene(&scene);
}

static void restores_none_of_a_run_that_is_over(void **state)
{
	struct scene scene;
	struct wake_run *run;
	struct wake_error err;

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", 0, 0, NULL);
	begin(&scene, &patient);
	run = scene.runs->items[0];
	assert_int_equal(wake_active_remove(&scene.paths, "job-1", &err), WAKE_OK);
	wake_run_restore_rung(run); /* before the watcher has seen it go */
	assert_false(has_marker(&scene));
	close_scene(&scene);
}

static void overwrites_no_marker(void **state)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct scene scene;
	struct wake_error err;

	open_scene(&scene, state, false);
	add_run(&scene, "job-1", 0, 0, NULL);
	assert_int_equal(wake_marker_write(scene.root, "job-2", NULL, &err), WAKE_OK);
	begin(&scene, &fast);
	assert_true(turn_until(scene.shared.loop, has_asked, &scene));
	assert_int_equal(wake_marker_read(scene.root, &marker, &err), WAKE_OK);
	assert_string_equal(marker.run_id, "job-2");
	assert_string_equal(scene.shared.last_error, "");
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_death_ends_the_run),
		scratch_test(a_reused_pid_is_no_life),
		scratch_test(another_boot_is_no_life),
		scratch_test(others_runs_are_left_alone),
		scratch_test(a_report_within_the_grace_stands),
		scratch_test(an_end_is_told_when_it_can_be),
		scratch_test(a_run_without_a_process_lives_on),
		scratch_test(many_hearts_beat_in_several_events),
		scratch_test(sees_the_file_come_and_go),
		scratch_test(a_run_works_in_what_lies_below),
		scratch_test(restores_a_marker_outside_of_git),
		scratch_test(restores_only_where_the_claim_says_so),
		scratch_test(restores_none_of_a_run_that_is_over),
		scratch_test(overwrites_no_marker),
	};

	return cmocka_run_group_tests_name("runs", tests, NULL, NULL);
}
