/* SPDX-License-Identifier: MIT */
/* event/claim: of two starts at once one wins, and nobody gives up what is another's. */
#include "event/claim.h"

#include <sys/wait.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "base/fs.h"

/* A registered repository, as far as a claim looks at it. */
static struct wake_worktree worktree_in(void **state)
{
	struct wake_worktree worktree = {
		.root = scratch_path(state, ""),
		.git_dir = scratch_path(state, ".git"),
		.common_dir = scratch_path(state, ".git"),
	};
	wake_auto_free char *ours = scratch_path(state, ".git/runwake");

	assert_int_equal(mkdir(worktree.git_dir, 0755), 0);
	assert_int_equal(mkdir(ours, 0755), 0);
	return worktree;
}

static void takes_reads_and_releases(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	wake_auto_free char *dir = scratch_path(state, ".git/runwake");
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_claim claim = { 0 };
	struct wake_error err;
	int64_t before = wake_clock_now();

	assert_int_equal(wake_claim_read(&worktree, &claim, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_claim_release(&worktree, "a", &err), WAKE_NOTFOUND);
	assert_int_equal(wake_claim_take(&worktree, "a", "w", false, &claim, &err), WAKE_OK);
	assert_int_equal(wake_claim_read(&worktree, &claim, &err), WAKE_OK);
	assert_string_equal(claim.run_id, "a");
	assert_string_equal(claim.workspace_id, "w");
	assert_true(claim.at >= before && claim.at <= wake_clock_now());
	assert_int_equal(wake_claim_take(&worktree, "a", "w", false, NULL, &err), WAKE_OK); /* its own */
	assert_int_equal(wake_claim_release(&worktree, "b", &err), WAKE_NOTFOUND);
	assert_int_equal(wake_claim_release(&worktree, "a", &err), WAKE_OK);
	assert_int_equal(wake_claim_read(&worktree, &claim, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_fs_list(dir, 10, &names, &err), WAKE_OK);
	assert_int_equal(names.count, 0);
}

static void keeps_a_second_one_out(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	struct wake_claim holder = { 0 };
	struct wake_error err;

	assert_int_equal(wake_claim_take(&worktree, "a", NULL, false, NULL, &err), WAKE_OK);
	assert_int_equal(wake_claim_take(&worktree, "b", "w", false, &holder, &err), WAKE_BUSY);
	assert_string_equal(holder.run_id, "a");
	assert_string_equal(holder.workspace_id, "");
	assert_non_null(strstr(err.text, "--replace"));
	assert_int_equal(wake_claim_take(&worktree, "b", "w", true, &holder, &err), WAKE_OK);
	assert_int_equal(wake_claim_read(&worktree, &holder, &err), WAKE_OK);
	assert_string_equal(holder.run_id, "b");
	assert_int_equal(wake_claim_release(&worktree, "a", &err), WAKE_NOTFOUND);
	assert_int_equal(wake_claim_read(&worktree, &holder, &err), WAKE_OK);
}

static void needs_good_ids(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	struct wake_error err;

	assert_int_equal(wake_claim_take(&worktree, "a b", NULL, false, NULL, &err), WAKE_INVALID);
	assert_int_equal(wake_claim_take(&worktree, "a", "../w", false, NULL, &err), WAKE_INVALID);
}

static void registers_no_repository(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	wake_auto_free char *ours = scratch_path(state, ".git/runwake");
	struct wake_error err;

	assert_int_equal(rmdir(ours), 0);
	assert_int_equal(wake_claim_take(&worktree, "a", NULL, false, NULL, &err), WAKE_NOTFOUND);
	assert_non_null(strstr(err.text, "runwake install"));
	assert_false(wake_fs_is_dir(ours));
}

static void makes_the_directory_of_a_linked_worktree(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	wake_auto_free char *linked = scratch_path(state, ".git/linked");
	wake_auto_free char *file = scratch_path(state, ".git/linked/runwake/claim");
	struct wake_error err;
	struct stat st;

	assert_int_equal(mkdir(linked, 0700), 0);
	assert_int_equal(chmod(linked, 02770), 0); /* core.sharedRepository=group */
	free(worktree.git_dir);
	worktree.git_dir = strdup(linked);
	assert_int_equal(wake_claim_take(&worktree, "a", NULL, false, NULL, &err), WAKE_OK);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void tells_a_broken_one(void **state)
{
	static const char *const bad[] = { "", "x", "{}",
		"{\"version\":1,\"run_id\":\"a b\",\"at\":\"2026-11-22T00:00:00Z\"}",
		"{\"version\":1,\"run_id\":\"a\",\"at\":\"now\"}",
		"{\"version\":9,\"run_id\":\"a\",\"at\":\"2026-11-22T00:00:00Z\"}",
		"{\"version\":1,\"run_id\":\"a\",\"workspace_id\":\"a b\",\"at\":\"2026-11-22T00:00:00Z\"}" };
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	wake_auto_free char *path = scratch_path(state, ".git/runwake/claim");
	struct wake_claim claim = { 0 };
	struct wake_error err;

	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		scratch_write(path, bad[i]);
		if (wake_claim_read(&worktree, &claim, &err) != WAKE_CORRUPT)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(wake_claim_take(&worktree, "b", NULL, false, NULL, &err), WAKE_CORRUPT);
		assert_non_null(strstr(err.text, "--replace"));
	}
	assert_int_equal(wake_claim_take(&worktree, "b", NULL, true, NULL, &err), WAKE_OK);
	assert_int_equal(wake_claim_read(&worktree, &claim, &err), WAKE_OK);
}

#define STARTS 16

static void lets_one_of_many_win(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = worktree_in(state);
	int gate[2], won = 0;
	struct wake_error err;
	char byte;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < STARTS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			char run_id[16];

			(void)snprintf(run_id, sizeof(run_id), "run%d", i);
			(void)close(gate[1]);
			if (read(gate[0], &byte, 1) !=
			    0) /* all at once, when the gate's other end is closed */
				_exit(2);
			_exit(wake_claim_take(&worktree, run_id, NULL, false, NULL, &err) == WAKE_OK ? 0
			      : err.code == WAKE_BUSY                                                ? 1
			                                                                             : 2);
		}
		assert_true(pid > 0);
	}
	assert_int_equal(close(gate[0]) + close(gate[1]), 0);
	for (int i = 0; i < STARTS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		won += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(won, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(takes_reads_and_releases),
		scratch_test(keeps_a_second_one_out),
		scratch_test(needs_good_ids),
		scratch_test(registers_no_repository),
		scratch_test(makes_the_directory_of_a_linked_worktree),
		scratch_test(tells_a_broken_one),
		scratch_test(lets_one_of_many_win),
	};

	return cmocka_run_group_tests_name("claim", tests, NULL, NULL);
}
