/* SPDX-License-Identifier: MIT */
/* Registering and observing when memory, disk or file system fail at any one call: whatever the failing one
 * said, the next look tells what is missing, nothing is told that did not happen, and a repository is
 * registered wholly or not at all. */
#include "event/observe.h"

#include <errno.h>

#include "../unit/event/fake_repo.h"
#include "event/cursor.h"
#include "event/spool.h"
#include "wrap.h"

#define NTH_MAX 5000 /* a loop that has not ended by then never will */
#define LINE(from, to, second, message) from " " to " " WHO " " second " +0200\t" message "\n"
#define LINE_1 LINE(HASH_0, HASH_A, "1700000000", "commit (initial): one")
#define LINE_2 LINE(HASH_A, HASH_B, "1700000001", "commit: two")
#define LINE_3 LINE(HASH_B, HASH_C, "1700000002", "checkout: moving from main to topic")
#define LINE_4 LINE(HASH_B, HASH_D, "1700000003", "commit: four") /* from B: HEAD went back without a line */
#define LOG ".git/logs/HEAD"
#define MAIN ".git/logs/refs/heads/main"

/* A repository and a state directory of a round's own. */
struct scene {
	char *dir;
	char *root;
	struct wake_paths paths;
	struct wake_worktree worktree;
	struct wake_identity identity;
	struct wake_str ids;	/* of the movements told, each once */
	size_t told, refs_told;
};

static void scene_release(struct scene *scene)
{
	free(scene->dir);
	free(scene->root);
	wake_paths_release(&scene->paths);
	wake_worktree_release(&scene->worktree);
	wake_str_release(&scene->ids);
}
#define auto_scene WAKE_CLEANUP(scene_release) struct scene

static struct scene new_scene(void **state)
{
	static unsigned round;
	struct scene scene = { .ids = WAKE_STR(65536) };
	struct wake_error err = { 0 };
	void *dir;

	assert_true(asprintf(&scene.dir, "%s/%u", (const char *)*state, round++) > 0);
	repo_mkdir(scene.dir, ".");
	dir = scene.dir;
	scene.root = repo_make(&dir);
	repo_write(scene.root, LOG, LINE_1);
	repo_write(scene.root, MAIN, LINE_1);
	scene.paths.state = scratch_path(&dir, "state");
	scene.paths.spool = scratch_path(&dir, "state/spool");
	if (wake_worktree_find(scene.root, &scene.worktree, &err) < 0)
		fail_msg("%s", err.text);
	return scene;
}

static int record(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct scene *scene = context;

	(void)err;
	for (size_t i = 0; i < batch->count; i++) {
		const struct wake_event *event = &batch->items[i];

		if (strstr(wake_str_text(&scene->ids), event->id))
			continue;
		wake_str_append(&scene->ids, event->id);
		scene->told += event->type == WAKE_EVENT_MOVED;
		scene->refs_told += event->type == WAKE_EVENT_REF_MOVED;
	}
	return WAKE_OK;
}

static void drain(struct scene *scene)
{
	struct wake_error err = { 0 };

	if (wake_spool_drain(scene->paths.spool, record, scene, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static int identify(struct scene *scene, struct wake_error *err)
{
	return wake_registry_identify(&scene->paths, &scene->worktree, &scene->identity, err);
}

static int observe(struct scene *scene, struct wake_error *err)
{
	const struct wake_witness witness = { .env_run_id = "run-1", .settled = true };
	struct wake_observed observed;

	return wake_observe(&scene->paths, &scene->worktree, &scene->identity, &witness, &observed, err);
}

static int observe_refs(struct scene *scene, struct wake_error *err)
{
	size_t lines;

	return wake_observe_refs(&scene->paths, &scene->worktree, &scene->identity, &lines, err);
}

typedef int (*step_fn)(struct scene *scene, struct wake_error *err);

static void must(step_fn step, struct scene *scene)
{
	struct wake_error err = { 0 };

	if (step(scene, &err) < 0)
		fail_msg("without a fault: %s", err.text);
}

static int add(struct scene *scene, struct wake_error *err)
{
	return wake_registry_add(&scene->paths, &scene->worktree, err);
}

/* Runs step with a fault in it; was the fault reached? */
static bool fails(step_fn step, struct scene *scene, enum wrap_call call, unsigned long nth, int *ret_code)
{
	struct wake_error err = { 0 };
	bool fired;

	wrap_fail(call, nth, ENOSPC);
	*ret_code = step(scene, &err);
	fired = wrap_stop();
	if (*ret_code < 0 && (!fired || !err.text[0]))
		fail_msg("%s %lu: %d '%s'", wrap_name(call), nth, *ret_code, err.text);
	return fired;
}

/* Afterwards: everything is told that should be, and no more. */
static void expect_told(struct scene *scene, size_t movements, size_t refs, enum wrap_call call, unsigned long nth)
{
	must(identify, scene);
	must(observe, scene);
	must(observe_refs, scene);
	drain(scene);
	if (scene->told != movements || scene->refs_told != refs)
		fail_msg("%s %lu: %zu movements and %zu of refs were told, not %zu and %zu", wrap_name(call), nth,
		    scene->told, scene->refs_told, movements, refs);
}

typedef bool (*round_fn)(void **state, enum wrap_call call, unsigned long nth);

static void try_all(void **state, round_fn round, bool needs_all)
{
	for (int call = 0; call < WRAP_CALLS; call++) {
		unsigned long nth = 1;

		while (round(state, (enum wrap_call)call, nth)) {
			nth++;
			assert_true(nth < NTH_MAX);
		}
		if (needs_all && nth == 1 && call != WRAP_UNLINK)
			fail_msg("%s was never reached", wrap_name((enum wrap_call)call));
	}
}

/* What was there before stays untold, whether the registration failed, half or not at all. */
static bool registering(void **state, enum wrap_call call, unsigned long nth)
{
	auto_scene scene = new_scene(state);
	bool fired;
	int ret;

	fired = fails(add, &scene, call, nth, &ret);
	if (ret < 0 && call != WRAP_SYNC && wake_registry_has(&scene.worktree))
		must(identify, &scene); /* registered, only not noted: with its nonce and its baseline */
	must(add, &scene);
	repo_append(scene.root, LOG, LINE_2 LINE_3);
	repo_append(scene.root, MAIN, LINE_2);
	expect_told(&scene, 2, 1, call, nth);
	return fired;
}

static void registers(void **state)
{
	try_all(state, registering, true);
}

static bool observing(void **state, enum wrap_call call, unsigned long nth)
{
	auto_scene scene = new_scene(state);
	bool fired;
	int ret;

	must(add, &scene);
	must(identify, &scene);
	must(observe, &scene);
	repo_append(scene.root, LOG, LINE_2 LINE_3 LINE_4);
	fired = fails(observe, &scene, call, nth, &ret);
	drain(&scene);
	if (ret == WAKE_OK && scene.told != 4)
		fail_msg("%s %lu: it went well, but told %zu of 4", wrap_name(call), nth, scene.told);
	expect_told(&scene, 4, 0, call, nth); /* with the one that left no line */
	return fired;
}

static void observes(void **state)
{
	try_all(state, observing, false);
}

/* The same without a cursor: from the baseline, where gaps mean nothing. */
static bool observing_anew(void **state, enum wrap_call call, unsigned long nth)
{
	auto_scene scene = new_scene(state);
	bool fired;
	int ret;

	must(add, &scene);
	must(identify, &scene);
	repo_append(scene.root, LOG, LINE_2 LINE_3 LINE_4);
	fired = fails(observe, &scene, call, nth, &ret);
	drain(&scene);
	if (ret == WAKE_OK && scene.told != 3)
		fail_msg("%s %lu: it went well, but told %zu of 3", wrap_name(call), nth, scene.told);
	expect_told(&scene, 3, 0, call, nth);
	return fired;
}

static void observes_anew(void **state)
{
	try_all(state, observing_anew, false);
}

static bool observing_branches(void **state, enum wrap_call call, unsigned long nth)
{
	auto_scene scene = new_scene(state);
	bool fired;
	int ret;

	must(add, &scene);
	must(identify, &scene);
	must(observe_refs, &scene);
	repo_append(scene.root, MAIN, LINE_2 LINE_3);
	repo_write(scene.root, ".git/logs/refs/heads/topic", LINE_4);
	fired = fails(observe_refs, &scene, call, nth, &ret);
	drain(&scene);
	if (ret == WAKE_OK && scene.refs_told != 3)
		fail_msg("%s %lu: it went well, but told %zu of 3", wrap_name(call), nth, scene.refs_told);
	expect_told(&scene, 0, 3, call, nth);
	return fired;
}

static void observes_branches(void **state)
{
	try_all(state, observing_branches, false);
}

/* A copy's first look: its baseline is there before its nonce is, or what the original had recorded would
 * be told again. */
static bool inheriting(void **state, enum wrap_call call, unsigned long nth)
{
	auto_scene scene = new_scene(state);
	wake_auto_free char *before = NULL;
	bool fired;
	int ret;

	must(add, &scene);
	must(identify, &scene);
	repo_append(scene.root, LOG, LINE_2);
	must(observe, &scene);
	must(observe_refs, &scene);
	drain(&scene);
	scene.told = 0;
	/* The same files in a directory of another inode. */
	assert_true(asprintf(&before, "%s/.git.old", scene.root) > 0);
	assert_int_equal(rename(scene.worktree.git_dir, before), 0);
	repo_mkdir(scene.root, ".git");
	for (size_t i = 0; i < 7; i++) {
		static const char *const names[] = { "HEAD", "config", "logs", "objects", "refs", "runwake", "packed-refs" };
		wake_auto_free char *from = NULL;
		wake_auto_free char *to = NULL;

		assert_true(asprintf(&from, "%s/%s", before, names[i]) > 0);
		assert_true(asprintf(&to, "%s/%s", scene.worktree.git_dir, names[i]) > 0);
		if (rename(from, to) < 0)
			assert_int_equal(errno, ENOENT);
	}
	fired = fails(identify, &scene, call, nth, &ret);
	repo_append(scene.root, LOG, LINE_3);
	expect_told(&scene, 1, 0, call, nth);
	return fired;
}

static void inherits(void **state)
{
	try_all(state, inheriting, false);
}

/* In memory where that can be: each of a thousand rounds registers anew, and so syncs. */
static int make_scratch(void **state)
{
	char *dir = strdup("/dev/shm/runwake-test-XXXXXX");

	if (!dir || !mkdtemp(dir)) {
		free(dir);
		return scratch_make(state);
	}
	*state = dir;
	return 0;
}

#define fast_test(fn) cmocka_unit_test_setup_teardown(fn, make_scratch, scratch_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fast_test(registers),
		fast_test(observes),
		fast_test(observes_anew),
		fast_test(observes_branches),
		fast_test(inherits),
	};

	wrap_json();
	return cmocka_run_group_tests_name("observe under faults", tests, NULL, NULL);
}
