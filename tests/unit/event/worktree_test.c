/* SPDX-License-Identifier: MIT */
/* event/worktree: places are found as git finds them, and HEAD is read as it reads it. */
#include "event/worktree.h"

#include "fake_repo.h"

/* The scratch directory without symbolic links in its path, to compare with. */
static char *real_path(void *const *state, const char *name)
{
	wake_auto_free char *path = scratch_path(state, name);
	char *resolved = realpath(path, NULL);

	assert_non_null(resolved);
	return resolved;
}

static void expect_place(void *const *state, const char *actual, const char *name)
{
	wake_auto_free char *expected = real_path(state, name);

	assert_non_null(actual);
	assert_string_equal(actual, expected);
}

static void find(void *const *state, const char *name, struct wake_worktree *ret_worktree)
{
	wake_auto_free char *start = scratch_path(state, name);
	struct wake_error err = { 0 };

	if (wake_worktree_find(start, ret_worktree, &err) < 0)
		fail_msg("%s", err.text);
}

static void finds_a_main_worktree(void **state)
{
	wake_auto_free char *root = repo_make(state);
	static const char *const starts[] = { "r", "r/a/b", "r/.git", "r/.git/refs/heads" };

	repo_mkdir(root, "a/b");
	for (size_t i = 0; i < WAKE_COUNT(starts); i++) {
		wake_auto_worktree struct wake_worktree worktree = { 0 };

		find(state, starts[i], &worktree);
		expect_place(state, worktree.root, "r");
		expect_place(state, worktree.git_dir, "r/.git");
		expect_place(state, worktree.common_dir, "r/.git");
	}
}

static void finds_a_linked_worktree(void **state)
{
	wake_auto_free char *main_root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *root = repo_add_worktree(state, "w1");
	static const char *const starts[] = { "w1", "w1/deep", "r/.git/worktrees/w1" };

	repo_mkdir(root, "deep");
	for (size_t i = 0; i < WAKE_COUNT(starts); i++) {
		wake_auto_worktree struct wake_worktree worktree = { 0 };

		find(state, starts[i], &worktree);
		expect_place(state, worktree.root, "w1");
		expect_place(state, worktree.git_dir, "r/.git/worktrees/w1");
		expect_place(state, worktree.common_dir, "r/.git");
	}
}

/* A submodule's .git file is relative; its git directory knows the way back by core.worktree. */
static void finds_a_submodule(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *git_dir = scratch_path(state, "r/.git/modules/sub");
	wake_auto_worktree struct wake_worktree inside = { 0 }, outside = { 0 };

	repo_make_git_dir(git_dir);
	repo_write(root, "sub/.git", "gitdir: ../.git/modules/sub\n");
	repo_write(git_dir, "config", "[core]\n\tworktree = ../../../sub\n");
	find(state, "r/sub", &outside);
	expect_place(state, outside.root, "r/sub");
	expect_place(state, outside.git_dir, "r/.git/modules/sub");
	find(state, "r/.git/modules/sub", &inside);
	expect_place(state, inside.root, "r/sub");
}

static void a_bare_repository_has_no_root(void **state)
{
	wake_auto_free char *dir = scratch_path(state, "b.git");
	wake_auto_worktree struct wake_worktree worktree = { 0 };

	repo_make_git_dir(dir);
	repo_write(dir, "config", "[core]\n\tbare = true\n");
	find(state, "b.git/refs", &worktree);
	assert_null(worktree.root);
	expect_place(state, worktree.git_dir, "b.git");
}

/* Every form of git-config(1) that git would take for core.worktree. */
static void reads_settings_as_git_does(void **state)
{
	static const char *const forms[] = {
		"[core]\nworktree=/w x\n",
		"[core]\n\tworktree = \"/w x\" ; comment\n",
		"[CORE]\r\n\tWorkTree = /w x   \r\n",
		"# [core]\n[core \"sub\"]\nworktree = /no\n[core]\nworktree = /w\\\n x\n",
		"[core] worktree = /w x # comment\n[other]\nworktree = /no\n",
		"[core]\nworktree = /no\nworktree = /\"w x\"\n",
	};
	wake_auto_free char *dir = scratch_path(state, "g");

	repo_make_git_dir(dir);
	for (size_t i = 0; i < WAKE_COUNT(forms); i++) {
		wake_auto_worktree struct wake_worktree worktree = { 0 };

		repo_write(dir, "config", forms[i]);
		find(state, "g", &worktree);
		assert_non_null(worktree.root);
		assert_string_equal(worktree.root, "/w x");
	}
}

static void bare_is_read_as_git_does(void **state)
{
	static const struct {
		const char *config;
		bool bare;
	} cases[] = {
		{ "[core]\nbare\n", true }, { "[core]\nbare = 1\n", true }, { "[core]\nBARE = Yes\n", true },
		{ "[core]\nbare = on", true }, { "[core]\nbare = 0\n", false }, { "[core]\nbare = no\n", false },
		{ "[core]\nbare =\n", false }, { "", false }, { "[core]\nbare = true\nbare = false\n", false },
	};
	wake_auto_free char *root = repo_make(state);

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_worktree struct wake_worktree worktree = { 0 };

		repo_write(root, ".git/config", cases[i].config);
		find(state, "r/.git", &worktree);
		assert_int_equal(worktree.root == NULL, cases[i].bare);
	}
}

static void says_where_there_is_no_repository(void **state)
{
	wake_auto_free char *broken = scratch_path(state, "broken");
	wake_auto_free char *nowhere = scratch_path(state, "nowhere");
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err;

	assert_int_equal(wake_worktree_find(*state, &worktree, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_worktree_find(nowhere, &worktree, &err), WAKE_NOTFOUND);
	repo_write(broken, ".git", "gitdir: /nowhere/at/all\n");
	assert_int_equal(wake_worktree_find(broken, &worktree, &err), WAKE_INVALID);
	repo_write(broken, ".git", "something else\n");
	assert_int_equal(wake_worktree_find(broken, &worktree, &err), WAKE_INVALID);
	assert_null(worktree.git_dir);
}

/* ---- hooks ------------------------------------------------------------------------------------- */

static int leave_hook(void **state)
{
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	unsetenv("GIT_COMMON_DIR");
	return chdir("/") < 0 ? -1 : scratch_remove(state);
}

static void enter(void *const *state, const char *directory, const char *git_dir, const char *work_tree)
{
	wake_auto_free char *path = scratch_path(state, directory);

	assert_int_equal(chdir(path), 0);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	if (git_dir)
		assert_int_equal(setenv("GIT_DIR", git_dir, 1), 0);
	if (work_tree)
		assert_int_equal(setenv("GIT_WORK_TREE", work_tree, 1), 0);
}

static void expect_hook(void *const *state, const char *root, const char *git_dir, const char *common_dir)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err = { 0 };

	if (wake_worktree_of_hook(&worktree, &err) < 0)
		fail_msg("%s", err.text);
	expect_place(state, worktree.git_dir, git_dir);
	expect_place(state, worktree.common_dir, common_dir);
	if (root)
		expect_place(state, worktree.root, root);
	else
		assert_null(worktree.root);
}

static void a_hook_is_told_by_its_environment(void **state)
{
	wake_auto_free char *main_root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *linked_root __attribute__((unused)) = repo_add_worktree(state, "w1");
	wake_auto_free char *linked = scratch_path(state, "r/.git/worktrees/w1");
	wake_auto_free char *apart = scratch_path(state, "apart");
	wake_auto_free char *bare = scratch_path(state, "b.git");
	wake_auto_free char *home = scratch_path(state, "home");

	repo_make_git_dir(apart);
	repo_make_git_dir(bare);
	repo_write(bare, "config", "[core]\nbare = true\n");
	repo_mkdir(home, "sub");

	enter(state, "r", NULL, NULL); /* as in a main worktree */
	expect_hook(state, "r", "r/.git", "r/.git");
	enter(state, "r", ".git", NULL);
	expect_hook(state, "r", "r/.git", "r/.git");
	enter(state, "w1", linked, NULL); /* as in a linked one */
	expect_hook(state, "w1", "r/.git/worktrees/w1", "r/.git");
	enter(state, "home", apart, NULL); /* git --git-dir=apart, as for dot files */
	expect_hook(state, "home", "apart", "apart");
	enter(state, "apart", apart, home);
	expect_hook(state, "home", "apart", "apart");
	enter(state, "b.git", ".", NULL); /* as after a push */
	expect_hook(state, NULL, "b.git", "b.git");
	enter(state, "home", bare, NULL);
	expect_hook(state, NULL, "b.git", "b.git");
	assert_int_equal(setenv("GIT_COMMON_DIR", apart, 1), 0);
	expect_hook(state, NULL, "b.git", "apart");
}

static void a_hook_outside_of_any_repository_is_told(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	struct wake_error err;

	enter(state, ".", "nowhere", NULL);
	assert_int_equal(wake_worktree_of_hook(&worktree, &err), WAKE_NOTFOUND);
	enter(state, ".", NULL, NULL);
	assert_int_equal(wake_worktree_of_hook(&worktree, &err), WAKE_NOTFOUND);
}

/* ---- lists -------------------------------------------------------------------------------------- */

static void lists_all_worktrees(void **state)
{
	wake_auto_free char *root __attribute__((unused)) = repo_make(state);
	wake_auto_free char *second = repo_add_worktree(state, "w2");
	wake_auto_free char *first __attribute__((unused)) = repo_add_worktree(state, "w1");
	wake_auto_free char *common = scratch_path(state, "r/.git");
	wake_auto_free char *dot_git = scratch_path(state, "w2/.git");
	wake_auto_free char *gone = scratch_path(state, "gone");
	wake_auto_worktrees struct wake_worktrees list = { 0 };
	struct wake_error err;

	assert_int_equal(unlink(dot_git), 0); /* its root is gone: it is listed all the same */
	assert_int_equal(rmdir(second), 0);
	repo_write(common, "worktrees/stray", "no directory");
	repo_mkdir(common, "worktrees/empty");
	assert_int_equal(wake_worktree_list(common, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 3);
	expect_place(state, list.items[0].root, "r");
	expect_place(state, list.items[1].root, "w1");
	expect_place(state, list.items[1].git_dir, "r/.git/worktrees/w1");
	expect_place(state, list.items[1].common_dir, "r/.git");
	assert_string_equal(strrchr(list.items[2].root, '/'), "/w2");
	assert_int_equal(wake_worktree_list(gone, &list, &err), WAKE_NOTFOUND);
	assert_int_equal(list.count, 3);
}

/* ---- HEAD ---------------------------------------------------------------------------------------- */

static void expect_head(void *const *state, const char *name, const char *branch, const char *hash)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *actual = NULL;
	wake_auto_free char *again = NULL;
	char actual_hash[WAKE_HASH_SIZE];
	struct wake_error err = { 0 };

	find(state, name, &worktree);
	if (wake_worktree_head(&worktree, &actual, actual_hash, &err) < 0)
		fail_msg("%s", err.text);
	if (branch)
		assert_string_equal(actual, branch);
	else
		assert_null(actual);
	assert_string_equal(actual_hash, hash);
	assert_int_equal(wake_worktree_head(&worktree, &again, NULL, &err), WAKE_OK);
	assert_int_equal(again == NULL, branch == NULL);
}

static void reads_head(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *head = scratch_path(state, "r/.git/HEAD");

	expect_head(state, "r", "main", ""); /* unborn */
	repo_write(root, ".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n" HASH_B
	    " refs/heads/mainly\n" HASH_A " refs/heads/main\n^" HASH_C "\n" HASH_D " refs/tags/main\n");
	expect_head(state, "r", "main", HASH_A); /* packed */
	repo_write(root, ".git/refs/heads/main", HASH_B "\n");
	expect_head(state, "r", "main", HASH_B); /* loose outranks packed */
	repo_write(root, ".git/HEAD", "ref:\trefs/heads/a/b\n");
	expect_head(state, "r", "a/b", "");
	repo_write(root, ".git/refs/heads/a/b", "ref: refs/heads/main\n");
	expect_head(state, "r", "a/b", HASH_B); /* through another symbolic ref */
	repo_write(root, ".git/HEAD", "ref: refs/heads/a\n");
	expect_head(state, "r", "a", ""); /* a directory where the ref would be */
	repo_write(root, ".git/HEAD", HASH_C "\n");
	expect_head(state, "r", NULL, HASH_C); /* detached */
	repo_write(root, ".git/HEAD", HASH_C "000000000000000000000000\n");
	expect_head(state, "r", NULL, HASH_C "000000000000000000000000"); /* SHA-256 */
	assert_int_equal(unlink(head), 0);
	assert_int_equal(symlink("refs/heads/main", head), 0);
	expect_head(state, "r", "main", HASH_B); /* the old form */
}

static void reads_a_linked_worktrees_own_refs(void **state)
{
	wake_auto_free char *root = repo_make(state);
	wake_auto_free char *linked __attribute__((unused)) = repo_add_worktree(state, "w1");

	repo_write(root, ".git/refs/heads/topic", HASH_A "\n");
	expect_head(state, "w1", "topic", HASH_A);
	repo_write(root, ".git/worktrees/w1/HEAD", "ref: refs/bisect/bad\n");
	repo_write(root, ".git/refs/bisect/bad", HASH_B "\n"); /* the main worktree's */
	expect_head(state, "w1", "refs/bisect/bad", "");
	repo_write(root, ".git/worktrees/w1/refs/bisect/bad", HASH_C "\n");
	expect_head(state, "w1", "refs/bisect/bad", HASH_C);
}

static void refuses_heads_that_are_none(void **state)
{
	static const char *const bad[] = { "", "ref: ../../etc/passwd\n", "ref: /etc/passwd\n", "ref: refs/../../x\n",
		"aaaa\n", "ref: \n", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" };
	wake_auto_free char *root = repo_make(state);
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	char hash[WAKE_HASH_SIZE] = "untouched";
	struct wake_error err;

	find(state, "r", &worktree);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		repo_write(root, ".git/HEAD", bad[i]);
		assert_int_equal(wake_worktree_head(&worktree, NULL, hash, &err), WAKE_INVALID);
	}
	repo_write(root, ".git/HEAD", "ref: refs/heads/circle\n");
	repo_write(root, ".git/refs/heads/circle", "ref: refs/heads/circle\n");
	assert_int_equal(wake_worktree_head(&worktree, NULL, hash, &err), WAKE_INVALID);
	repo_write(root, ".git/HEAD", "ref: refs/heads/.invalid\n");
	assert_int_equal(wake_worktree_head(&worktree, NULL, hash, &err), WAKE_UNAVAILABLE);
	assert_string_equal(hash, "untouched");
}

static void expect_rebased(void *const *state, const char *branch)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *actual = NULL;

	find(state, "r", &worktree);
	actual = wake_worktree_rebased_branch(&worktree);
	if (branch)
		assert_string_equal(actual, branch);
	else
		assert_null(actual);
}

static void names_the_branch_being_rebased(void **state)
{
	wake_auto_free char *root = repo_make(state);

	expect_rebased(state, NULL);
	repo_mkdir(root, ".git/rebase-apply"); /* as `git am` leaves it: without a name */
	expect_rebased(state, NULL);
	repo_write(root, ".git/rebase-apply/head-name", "refs/heads/topic\n");
	expect_rebased(state, "topic");
	repo_write(root, ".git/rebase-merge/head-name", "refs/heads/a/b\n");
	expect_rebased(state, "a/b");
	repo_write(root, ".git/rebase-merge/head-name", "detached HEAD\n");
	repo_write(root, ".git/rebase-apply/head-name", "detached HEAD\n");
	expect_rebased(state, NULL);
}

static void knows_hashes(void **state)
{
	(void)state;
	assert_true(wake_hash_is_valid(HASH_A));
	assert_true(wake_hash_is_valid(HASH_0 "000000000000000000000000"));
	assert_false(wake_hash_is_valid(""));
	assert_false(wake_hash_is_valid(HASH_A "a"));
	assert_false(wake_hash_is_valid("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_true(wake_hash_is_zero(HASH_0));
	assert_true(wake_hash_is_zero(""));
	assert_false(wake_hash_is_zero(HASH_A));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(finds_a_main_worktree),
		scratch_test(finds_a_linked_worktree),
		scratch_test(finds_a_submodule),
		scratch_test(a_bare_repository_has_no_root),
		scratch_test(reads_settings_as_git_does),
		scratch_test(bare_is_read_as_git_does),
		scratch_test(says_where_there_is_no_repository),
		cmocka_unit_test_setup_teardown(a_hook_is_told_by_its_environment, scratch_make, leave_hook),
		cmocka_unit_test_setup_teardown(a_hook_outside_of_any_repository_is_told, scratch_make, leave_hook),
		scratch_test(lists_all_worktrees),
		scratch_test(reads_head),
		scratch_test(reads_a_linked_worktrees_own_refs),
		scratch_test(refuses_heads_that_are_none),
		scratch_test(names_the_branch_being_rebased),
		cmocka_unit_test(knows_hashes),
	};

	return cmocka_run_group_tests_name("worktree", tests, NULL, NULL);
}
