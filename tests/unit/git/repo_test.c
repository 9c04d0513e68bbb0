/* SPDX-License-Identifier: MIT */
/* git/repo: places, names and HEAD of every kind of repository, and the guards around git itself. */
#include "git/repo.h"

#include "fixture.h"

#define NEW_REPO "git init -q r; cd r; git commit -q --allow-empty -m one; "

static void expect_text(
    void *const *state, int ret, char *text, const char *expected, const struct wake_error *err)
{
	wake_auto_free char *owned = text;
	wake_auto_free char *full = NULL;

	if (ret < 0)
		fail_msg("%s", err->text);
	if (!expected) {
		assert_null(owned);
		return;
	}
	assert_non_null(owned);
	full = *expected == '/' ? scratch_path(state, expected + 1) : strdup(expected);
	assert_string_equal(owned, full);
}

/* expected: NULL for none; a leading slash stands for the test's directory. */
static void expect_origin(void *const *state, const char *name, const char *expected)
{
	auto_repo *repo = fixture_open(state, name);
	struct wake_error err = { 0 };
	char *url = NULL;
	int ret = wake_repo_origin(repo, &url, &err);

	expect_text(state, ret, url, expected, &err);
}

static void expect_name(void *const *state, const char *place, const char *expected)
{
	auto_repo *repo = fixture_open(state, place);
	struct wake_error err = { 0 };
	char *name = NULL;
	int ret = wake_repo_name(repo, &name, &err);

	expect_text(state, ret, name, expected, &err);
}

static void test_origin_has_no_credentials(void **state)
{
	fixture_do(state, NEW_REPO);
	expect_origin(state, "r", NULL);
	fixture_do(state, "cd r; git remote add origin https://ann:t0ken@example.org/p/r.git");
	expect_origin(state, "r", "https://example.org/p/r.git");
	fixture_do(state, "cd r; git remote set-url origin git@example.org:p/r.git");
	expect_origin(state, "r", "git@example.org:p/r.git");
	fixture_do(state, "cd r; git remote set-url origin short:r");
	fixture_do(state, "git config --global url.https://x:secret@example.org/.insteadOf short:");
	expect_origin(state, "r", "https://example.org/r");
	expect_name(state, "r", "https://example.org/r");
}

static void test_name_is_the_main_repository(void **state)
{
	fixture_do(state,
	    NEW_REPO "git worktree add -q ../linked; git clone -q --bare . ../b.git;"
	             "git -C ../b.git remote remove origin; git -C ../b.git worktree add -q ../of_bare main");
	expect_name(state, "r", "/r");
	expect_name(state, "linked", "/r");
	expect_name(state, "b.git", "/b.git");
	expect_name(state, "of_bare", "/b.git");
	fixture_do(state, "rm -rf linked; mkdir r/sub");
	expect_name(state, "r/sub", "/r");
}

static void expect_head(void *const *state, const char *place, const char *branch, const char *revision)
{
	auto_repo *repo = fixture_open(state, place);
	wake_auto_free char *script = NULL;
	char hash[WAKE_HASH_SIZE], *found = NULL;
	struct wake_error err = { 0 };
	int ret = wake_repo_head(repo, &found, hash, &err);

	expect_text(state, ret, found, branch, &err);
	if (!revision) {
		assert_string_equal(hash, "");
		return;
	}
	assert_true(asprintf(&script, "git -C %s rev-parse %s", place, revision) > 0);
	fixture_expect(state, hash, script);
}

static void test_head(void **state)
{
	fixture_do(state, "git init -q r");
	expect_head(state, "r", "main", NULL);
	fixture_do(state, "cd r; git commit -q --allow-empty -m one; git commit -q --allow-empty -m two");
	expect_head(state, "r", "main", "HEAD");
	fixture_do(state, "cd r; git checkout -q -b feature/x; git pack-refs --all");
	expect_head(state, "r", "feature/x", "HEAD");
	fixture_do(state, "cd r; git checkout -q HEAD~");
	expect_head(state, "r", NULL, "main~");
}

static void resolve(void *const *state, const char *words, int expected, const char *revision)
{
	auto_repo *repo = fixture_open(state, "r");
	wake_auto_free char *script = NULL;
	char hash[WAKE_HASH_SIZE] = "untouched";
	struct wake_error err = { 0 };

	assert_int_equal(wake_repo_resolve(repo, words, hash, &err), expected);
	if (!revision) {
		assert_string_equal(hash, "untouched");
		return;
	}
	assert_true(asprintf(&script, "git -C r rev-parse %s", revision) > 0);
	fixture_expect(state, hash, script);
}

static void test_resolve(void **state)
{
	wake_auto_free char *hash = NULL;

	fixture_do(state, NEW_REPO "git commit -q --allow-empty -m 'second words'; git tag -a -m t tagged");
	resolve(state, "HEAD~1", WAKE_OK, "main~");
	resolve(state, "tagged", WAKE_OK, "main");
	resolve(state, ":/second words", WAKE_OK, "main");
	hash = fixture_say(state, "cd r; git rev-parse main~");
	resolve(state, hash, WAKE_OK, "main~");
	hash[8] = '\0';
	resolve(state, hash, WAKE_OK, "main~");
	resolve(state, "", WAKE_INVALID, NULL);
	resolve(state, "--help", WAKE_INVALID, NULL);
	resolve(state, "nothing", WAKE_NOTFOUND, NULL);
	resolve(state, "HEAD^{tree}", WAKE_NOTFOUND, NULL);
	resolve(state, "main~..main", WAKE_NOTFOUND, NULL);
	resolve(state, "HEAD; touch here", WAKE_NOTFOUND, NULL);
	resolve(state, "1111111111111111111111111111111111111111", WAKE_NOTFOUND, NULL);
}

/* 2,000 commits in a row: some two of them share four digits. */
static void test_an_ambiguous_hash_is_refused(void **state)
{
	wake_auto_free char *prefix = NULL;

	fixture_do(state,
	    "git init -q r; cd r; i=0; while [ $i -lt 2000 ]; do echo commit refs/heads/main;"
	    "echo \"committer A <a@example.org> $((1700000000 + i)) +0000\"; echo data 1; echo x;"
	    "i=$((i + 1)); done | git fast-import --quiet");
	prefix = fixture_say(state, "cd r; git rev-list main | cut -c1-4 | sort | uniq -d | head -n 1");
	assert_int_equal(strlen(prefix), 4);
	resolve(state, prefix, WAKE_INVALID, NULL);
}

static void test_user_email(void **state)
{
	auto_repo *repo = NULL;
	struct wake_error err = { 0 };
	char *email = NULL;

	fixture_do(state, NEW_REPO);
	repo = fixture_open(state, "r");
	assert_int_equal(wake_repo_user_email(repo, &email, &err), WAKE_OK);
	expect_text(state, WAKE_OK, email, "ann@example.org", &err);
	fixture_do(state, "printf '[user]\\nemail = work@example.org\\n' >work");
	fixture_do(state, "git config --global includeIf.gitdir:**/r/.git.path work");
	assert_int_equal(wake_repo_user_email(repo, &email, &err), WAKE_OK);
	expect_text(state, WAKE_OK, email, "work@example.org", &err);
	fixture_do(state, ": >.gitconfig");
	assert_int_equal(wake_repo_user_email(repo, &email, &err), WAKE_OK);
	expect_text(state, WAKE_OK, email, NULL, &err);
}

static void expect_beyond(void *const *state, const char *place, bool beyond, const char *format)
{
	auto_repo *repo = fixture_open(state, place);

	assert_int_equal(wake_repo_is_beyond_libgit2(repo), beyond);
	assert_int_equal(wake_repo_is_beyond_libgit2(repo), beyond);
	assert_string_equal(wake_repo_object_format(repo), format);
}

static void test_what_is_beyond_libgit2(void **state)
{
	fixture_do(state,
	    NEW_REPO "git init -q --object-format=sha256 ../long; git init -q ../odd; cd ../odd;"
	             "git config core.repositoryFormatVersion 1; git config extensions.unheardOf true");
	expect_beyond(state, "r", false, "sha1");
	expect_beyond(state, "long", true, "sha256");
	expect_beyond(state, "odd", true, "sha1");
	fixture_do(state,
	    "cd r; git config core.repositoryFormatVersion 1; git config extensions.worktreeConfig true");
	expect_beyond(state, "r", false, "sha1");
}

static void test_a_repository_that_is_gone(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *path = scratch_path(state, "r");
	struct wake_repo *repo = NULL;
	struct wake_error err = { 0 };

	fixture_do(state, NEW_REPO);
	assert_int_equal(wake_worktree_find(path, &worktree, &err), WAKE_OK);
	fixture_do(state, "rm -rf r");
	assert_int_equal(wake_repo_open(&worktree, &repo, &err), WAKE_NOTFOUND);
	assert_null(repo);
	assert_non_null(strstr(err.text, path));
}

/* A linked worktree whose directory was deleted keeps its log in the repository, and is examined like any
 * other. */
static void test_a_worktree_without_its_root(void **state)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *path = scratch_path(state, "linked");
	auto_repo *repo = NULL;
	wake_auto_free char *branch = NULL;
	char hash[WAKE_HASH_SIZE];
	struct wake_error err = { 0 };

	fixture_do(state, NEW_REPO "git worktree add -q ../linked");
	assert_int_equal(wake_worktree_find(path, &worktree, &err), WAKE_OK);
	fixture_do(state, "rm -rf linked");
	assert_int_equal(wake_repo_open(&worktree, &repo, &err), WAKE_OK);
	assert_int_equal(wake_repo_resolve(repo, "HEAD", hash, &err), WAKE_OK);
	fixture_expect(state, hash, "git -C r rev-parse HEAD");
	assert_int_equal(wake_repo_head(repo, &branch, hash, &err), WAKE_OK);
	assert_string_equal(branch, "linked");
}

/* A hook's environment names another repository; ours is named outright, and theirs does not count. */
static void test_git_is_shielded(void **state)
{
	static const char *const args[] = { "rev-parse", "HEAD", NULL };
	static const char *const hooks[] = { "config", "core.hooksPath", NULL };
	wake_auto_process struct wake_process_result head = { 0 }, path = { 0 };
	wake_auto_free char *other = scratch_path(state, "other/.git");
	auto_repo *repo = NULL;
	struct wake_error err = { 0 };
	int ret;

	fixture_do(state, NEW_REPO "git init -q ../other; git config core.hooksPath /somewhere");
	repo = fixture_open(state, "r");
	assert_string_equal(wake_repo_worktree(repo)->root + strlen(*state), "/r");
	(void)setenv("GIT_DIR", other, 1);
	(void)setenv("GIT_INDEX_FILE", "/nonexistent/index", 1);
	ret = wake_repo_git(repo, args, NULL, 0, SAID_MAX, &head, &err);
	if (ret == WAKE_OK)
		ret = wake_repo_git(repo, hooks, NULL, 0, SAID_MAX, &path, &err);
	(void)unsetenv("GIT_DIR");
	(void)unsetenv("GIT_INDEX_FILE");
	assert_int_equal(ret, WAKE_OK);
	assert_int_equal(head.exit_code, 0);
	assert_string_equal(wake_str_text(&path.output), "/dev/null\n");
	head.output.data[head.output.len - 1] = '\0';
	fixture_expect(state, head.output.data, "git -C r rev-parse HEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_origin_has_no_credentials),
		fixture_test(test_name_is_the_main_repository),
		fixture_test(test_head),
		fixture_test(test_resolve),
		fixture_test(test_an_ambiguous_hash_is_refused),
		fixture_test(test_user_email),
		fixture_test(test_what_is_beyond_libgit2),
		fixture_test(test_a_repository_that_is_gone),
		fixture_test(test_a_worktree_without_its_root),
		fixture_test(test_git_is_shielded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
