/* SPDX-License-Identifier: MIT */
/* store/verify: what git's logs tell, against what the store has. */
#include "store/verify.h"

#include <fcntl.h>

#include "../event/fake_repo.h"
#include "event/observe.h"
#include "event/spool.h"
#include "store/record.h"

#define LINE(old, new, second, text) old " " new " " WHO " 180000000" #second " +0000\t" text "\n"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

/* A state directory and a registered repository in the test's directory. */
struct ground {
	char *state, *spool, *config, *root, *common_dir;
	struct wake_paths paths;
	struct wake_worktree worktree;
	struct wake_identity identity;
	size_t recorded, gaps;
	char first_gap[WAKE_HASH_SIZE];
};

static void ground_release(struct ground *ground)
{
	free(ground->state);
	free(ground->spool);
	free(ground->config);
	free(ground->root);
	free(ground->common_dir);
	wake_worktree_release(&ground->worktree);
}

static struct ground make_ground(void *const *state)
{
	struct ground ground = { .state = scratch_path(state, "state"),
		.spool = scratch_path(state, "state/spool"),
		.config = scratch_path(state, "config"),
		.root = repo_make(state),
		.common_dir = scratch_path(state, "r/.git") };

	(void)unsetenv("RUNWAKE_STORE");
	ground.paths = (struct wake_paths){ ground.state, ground.spool, ground.config };
	assert_ok(wake_worktree_find(ground.root, &ground.worktree, &err));
	assert_ok(wake_registry_add(&ground.paths, &ground.worktree, &err));
	assert_ok(wake_registry_identify(&ground.paths, &ground.worktree, &ground.identity, &err));
	return ground;
}

static int count(void *context, const struct wake_event *moved, bool recorded, struct wake_error *error)
{
	struct ground *ground = context;

	(void)error;
	if (recorded) {
		ground->recorded++;
	} else if (ground->gaps++ == 0) {
		(void)snprintf(
		    ground->first_gap, sizeof(ground->first_gap), "%s", wake_json_string(moved->data, "new"));
	}
	return WAKE_OK;
}

static void verify(struct ground *ground)
{
	wake_auto_store struct wake_store *store = NULL;

	ground->recorded = ground->gaps = 0;
	assert_ok(wake_verify_open(&ground->paths, &store, &err));
	assert_ok(wake_verify_repository(&ground->paths, store, ground->common_dir, count, ground, &err));
}

static void observe(struct ground *ground)
{
	const struct wake_witness witness = { 0 };
	struct wake_observed observed;

	assert_ok(
	    wake_observe(&ground->paths, &ground->worktree, &ground->identity, &witness, &observed, &err));
}

static void what_nobody_reported_is_a_gap(void **state)
{
	WAKE_CLEANUP(ground_release) struct ground ground = make_ground(state);

	verify(&ground);
	assert_int_equal(ground.recorded + ground.gaps, 0);
	repo_append(ground.common_dir, "logs/HEAD", LINE(HASH_0, HASH_A, 1, "commit (initial): one"));
	observe(&ground);
	repo_append(ground.common_dir, "logs/HEAD", LINE(HASH_A, HASH_B, 2, "commit: two"));
	verify(&ground);
	assert_int_equal(ground.recorded, 1); /* it waited in the spool */
	assert_int_equal(ground.gaps, 1);
	assert_string_equal(ground.first_gap, HASH_B);
	verify(&ground); /* looking changes nothing */
	assert_int_equal(ground.gaps, 1);
	observe(&ground);
	verify(&ground);
	assert_int_equal(ground.recorded, 2);
	assert_int_equal(ground.gaps, 0);
}

static void a_lost_spool_leaves_gaps_that_events_mend(void **state)
{
	WAKE_CLEANUP(ground_release) struct ground ground = make_ground(state);
	wake_auto_free char *current = scratch_path(state, "state/spool/in/current");
	wake_auto_events struct wake_events missing = { 0 };

	repo_append(ground.common_dir, "logs/HEAD", LINE(HASH_0, HASH_A, 1, "commit (initial): one"));
	observe(&ground);
	assert_int_equal(unlink(current), 0); /* lost, while the cursor says that it was told */
	observe(&ground);
	verify(&ground);
	assert_int_equal(ground.gaps, 1);
	assert_ok(wake_observe_all(&ground.worktree, &ground.identity, &missing, &err));
	assert_ok(wake_spool_append(ground.spool, &missing, true, &err));
	verify(&ground);
	assert_int_equal(ground.recorded, 1);
	assert_int_equal(ground.gaps, 0);
}

static void every_worktree_is_read(void **state)
{
	WAKE_CLEANUP(ground_release) struct ground ground = make_ground(state);
	wake_auto_free char *other __attribute__((unused)) = repo_add_worktree(state, "w");

	repo_append(ground.common_dir, "logs/HEAD", LINE(HASH_0, HASH_A, 1, "commit (initial): one"));
	repo_write(ground.common_dir, "worktrees/w/logs/HEAD", LINE(HASH_0, HASH_A, 2, ""));
	repo_append(ground.common_dir, "worktrees/w/logs/HEAD", LINE(HASH_A, HASH_C, 3, "commit: three"));
	verify(&ground);
	assert_int_equal(ground.gaps, 3);
}

static int stop(void *context, const struct wake_event *moved, bool recorded, struct wake_error *error)
{
	size_t *calls = context;

	(void)moved;
	(void)recorded;
	(*calls)++;
	return wake_fail(error, WAKE_SYSTEM, "enough");
}

static void the_callers_failure_ends_it(void **state)
{
	WAKE_CLEANUP(ground_release) struct ground ground = make_ground(state);
	wake_auto_store struct wake_store *store = NULL;
	size_t calls = 0;

	repo_append(ground.common_dir, "logs/HEAD", LINE(HASH_0, HASH_A, 1, "commit (initial): one"));
	repo_append(ground.common_dir, "logs/HEAD", LINE(HASH_A, HASH_B, 2, "commit: two"));
	assert_ok(wake_verify_open(&ground.paths, &store, &err));
	assert_int_equal(wake_verify_repository(&ground.paths, store, ground.common_dir, stop, &calls, &err),
	    WAKE_SYSTEM);
	assert_int_equal(calls, 1);
}

static void what_nobody_can_know_is_listed(void **state)
{
	WAKE_CLEANUP(ground_release) struct ground ground = make_ground(state);
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_json json_t *gaps = NULL;
	wake_auto_json json_t *others = NULL;
	struct wake_event event;

	assert_ok(wake_event_make(WAKE_EVENT_GAP, NULL, 0,
	    json_pack("{ss ss ss}", "repository_id", ground.identity.repository_id, "reason", "log-gone",
	        "detail", "why"),
	    &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	assert_ok(wake_spool_append(ground.spool, &events, false, &err));
	assert_ok(wake_verify_open(&ground.paths, &store, &err));
	assert_ok(wake_verify_unknowable(store, ground.identity.repository_id, &gaps, &err));
	assert_int_equal(json_array_size(gaps), 1);
	assert_string_equal(wake_json_string(json_array_get(gaps, 0), "reason"), "log-gone");
	assert_string_equal(wake_json_string(json_array_get(gaps, 0), "detail"), "why");
	assert_ok(wake_verify_unknowable(store, "11111111-1111-8111-8111-111111111111", &others, &err));
	assert_int_equal(json_array_size(others), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_nobody_reported_is_a_gap),
		scratch_test(a_lost_spool_leaves_gaps_that_events_mend),
		scratch_test(every_worktree_is_read),
		scratch_test(the_callers_failure_ends_it),
		scratch_test(what_nobody_can_know_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
