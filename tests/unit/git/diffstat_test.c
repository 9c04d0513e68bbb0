/* SPDX-License-Identifier: MIT */
/* git/diffstat: what a diff is in memory and as JSON. That its numbers are git's is shown by
 * tests/e2e/diffstat.sh. */
#include "git/diffstat.h"

#include "fixture.h"

static int diff(
    void *const *state, const char *from, const char *to, struct wake_diffstat *stat, struct wake_error *err)
{
	auto_repo *repo = fixture_open(state, "r");
	char from_hash[WAKE_HASH_SIZE] = "", to_hash[WAKE_HASH_SIZE] = "";

	if (*from && wake_repo_resolve(repo, from, from_hash, err) < 0)
		fail_msg("%s", err->text);
	if (*to && wake_repo_resolve(repo, to, to_hash, err) < 0)
		fail_msg("%s", err->text);
	return wake_diffstat_commits(repo, from_hash, to_hash, stat, err);
}

static void must_diff(void *const *state, const char *from, const char *to, struct wake_diffstat *stat)
{
	struct wake_error err = { 0 };

	if (diff(state, from, to, stat, &err) < 0)
		fail_msg("%s", err.text);
}

/* "STATUS PATH<OLD ADDED REMOVED[ binary];" for each file. */
static void expect_files(const struct wake_diffstat *stat, const char *engine, const char *expected)
{
	wake_auto_str struct wake_str text = WAKE_STR(SAID_MAX);

	for (size_t i = 0; i < stat->count; i++) {
		const struct wake_diff_file *file = &stat->files[i];

		wake_str_appendf(&text, "%c %s%s%s %lld %lld%s;", file->status, file->path,
		    file->old_path ? "<" : "", file->old_path ? file->old_path : "", (long long)file->added,
		    (long long)file->removed, file->binary ? " binary" : "");
	}
	assert_string_equal(wake_str_text(&text), expected);
	assert_string_equal(stat->engine, engine);
}

static void make_every_status(void *const *state)
{
	fixture_do(state,
	    "git init -q r; cd r; seq 10 >edited; seq 3 >deleted; seq 5 >renamed; seq 4 >retyped;"
	    "printf 'a\\0' >binary; git add .; git commit -q -m one;"
	    "sed -i '1d; 5s/$/x/' edited; rm deleted; git mv renamed now; rm retyped; ln -s x retyped;"
	    "printf 'b\\0' >binary; seq 2000 >added; git add -A; git commit -q -m two");
}

static const char every_status[] =
    "A added 2000 0;M binary 0 0 binary;D deleted 0 3;M edited 1 2;R now<renamed 0 0;"
    "T retyped 1 4;";

static void test_every_status_by_the_walk(void **state)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 };

	make_every_status(state);
	must_diff(state, "main~", "main", &stat);
	expect_files(&stat, "walk", every_status);
	assert_int_equal(stat.added, 2002);
	assert_int_equal(stat.removed, 9);
}

static void test_every_status_by_git(void **state)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 };

	make_every_status(state);
	fixture_do(state, "echo '*.none diff' >r/.git/info/attributes");
	must_diff(state, "main~", "main", &stat);
	expect_files(&stat, "git", every_status);
	assert_int_equal(stat.added, 2002);
	assert_int_equal(stat.removed, 9);
}

static void test_a_rename_with_an_edit(void **state)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 };

	fixture_do(state,
	    "git init -q r; cd r; seq 40 >a; git add .; git commit -q -m one; git mv a b; echo x >>b;"
	    "git commit -q -a -m two");
	must_diff(state, "main~", "main", &stat);
	expect_files(&stat, "git", "R b<a 1 0;");
}

static void test_the_empty_tree(void **state)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	wake_auto_diffstat struct wake_diffstat stat = { 0 }, none = { 0 }, gone = { 0 };
	auto_repo *repo = NULL;
	wake_auto_free char *hash = NULL;
	struct wake_error err = { 0 };

	fixture_do(state, "git init -q r; cd r; seq 3 >a; git add .; git commit -q -m one");
	hash = fixture_say(state, "git -C r rev-parse main");
	repo = fixture_open(state, "r");
	assert_int_equal(wake_diffstat_commits(repo, zeros, hash, &stat, &err), WAKE_OK);
	expect_files(&stat, "walk", "A a 3 0;");
	assert_int_equal(wake_diffstat_commits(repo, hash, "", &gone, &err), WAKE_OK);
	expect_files(&gone, "walk", "D a 0 3;");
	assert_int_equal(wake_diffstat_commits(repo, "", zeros, &none, &err), WAKE_OK);
	expect_files(&none, "walk", "");
}

static void test_paths_are_storable(void **state)
{
	wake_auto_diffstat struct wake_diffstat walked = { 0 }, asked = { 0 };
	static const char expected[] = "A \ta 1 0;A caf\xc3\xa9 1 0;A \"\\377\\\"\" 1 0;";

	fixture_do(state,
	    "git init -q r; cd r; echo x >\"$(printf '\\ta')\"; echo x >\"$(printf 'caf\\303\\251')\";"
	    "echo x >\"$(printf '\\377\"')\"; git add .; git commit -q -m one");
	must_diff(state, "", "main", &walked);
	expect_files(&walked, "walk", expected);
	fixture_do(state, "echo '*.none diff' >r/.git/info/attributes");
	must_diff(state, "", "main", &asked);
	expect_files(&asked, "git", expected);
}

static void test_what_cannot_be_diffed(void **state)
{
	static const char nowhere[] = "1111111111111111111111111111111111111111";
	auto_repo *repo = NULL;
	wake_auto_free char *hash = NULL;
	struct wake_diffstat stat = { .count = 77 };
	struct wake_error err = { 0 };

	fixture_do(state, "git init -q r; cd r; seq 3 >a; git add .; git commit -q -m one");
	hash = fixture_say(state, "git -C r rev-parse main");
	repo = fixture_open(state, "r");
	assert_int_equal(wake_diffstat_commits(repo, nowhere, hash, &stat, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_diffstat_commits(repo, hash, nowhere, &stat, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_diffstat_commits(repo, "main", hash, &stat, &err), WAKE_INVALID);
	assert_int_equal(wake_diffstat_commits(repo, "--output=x", hash, &stat, &err), WAKE_INVALID);
	assert_int_equal(stat.count, 77);
}

/* Trees that no git would write. git may refuse them or read them in its own way; we come back without harm.
 */
static void test_malformed_trees(void **state)
{
	static const char *const trees[] = {
		"100644 b\\0aaaaaaaaaaaaaaaaaaaa100644 a\\0aaaaaaaaaaaaaaaaaaaa", /* out of order */
		"100644 a\\0aaaaaaaaaaaaaaaaaaaa100644 a\\0aaaaaaaaaaaaaaaaaaaa", /* one name twice */
		"100644 a\\0aaaa", "100644 a", "100644", "100644 \\0aaaaaaaaaaaaaaaaaaaa", "x",
		"40000 a\\0aaaaaaaaaaaaaaaaaaaa", "777777777777 a\\0aaaaaaaaaaaaaaaaaaaa",
		"100644 ../../etc\\0aaaaaaaaaaaaaaaaaaaa"
	};

	fixture_do(state, "git init -q r; cd r; seq 3 >a; git add .; git commit -q -m one; git branch good");
	for (size_t i = 0; i < WAKE_COUNT(trees); i++) {
		wake_auto_free char *script = NULL;
		wake_auto_diffstat struct wake_diffstat stat = { 0 };
		struct wake_error err = { 0 };

		assert_true(asprintf(&script,
		                "cd r; t=$(printf '%s' | git hash-object -t tree -w --stdin --literally);"
		                "git update-ref refs/heads/bad $(printf 'tree %%s\\nauthor A <a@b> 1 +0000\\n"
		                "committer A <a@b> 1 +0000\\n\\nx' $t | git hash-object -t commit -w --stdin "
		                "--literally)",
		                trees[i]) > 0);
		fixture_do(state, script);
		if (diff(state, "good", "bad", &stat, &err) == WAKE_OK)
			assert_string_equal(stat.engine, "git");
		else
			assert_true(*err.text != '\0');
	}
}

/* git itself goes no deeper than its own limit; a chain of directories must not exhaust our stack. */
static void test_deep_trees(void **state)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 }, ignored = { 0 };
	struct wake_error err = { 0 };

	fixture_do(state,
	    "git init -q r; cd r; f=$(seq 3 | git hash-object -w --stdin);"
	    "t=$(printf '100644 blob %s\\tf\\n' $f | git mktree); i=0;"
	    "while [ $i -lt 60 ]; do t=$(printf '040000 tree %s\\td\\n' $t | git mktree); i=$((i + 1)); done;"
	    "git update-ref HEAD $(git commit-tree -m x $t)");
	must_diff(state, "", "main", &stat);
	assert_int_equal(stat.count, 1);
	assert_int_equal(stat.added, 3);
	assert_int_equal(strlen(stat.files[0].path), 121);
	fixture_do(state,
	    "cd r; { echo commit refs/heads/deep; echo 'committer A <a@b> 1 +0000'; echo data 0;"
	    "printf 'M 100644 inline '; i=0; while [ $i -lt 2500 ]; do printf d/; i=$((i + 1)); done;"
	    "printf 'f\\ndata 2\\nx\\n\\n'; } | git fast-import --quiet");
	if (diff(state, "", "deep", &ignored, &err) == WAKE_OK)
		assert_string_equal(ignored.engine, "git");
}

static void test_json(void **state)
{
	wake_auto_diffstat struct wake_diffstat stat = { 0 };
	wake_auto_json json_t *files = NULL;
	wake_auto_str struct wake_str text = WAKE_STR(SAID_MAX);
	struct wake_error err = { 0 };

	fixture_do(state,
	    "git init -q r; cd r; seq 3 >a; printf 'x\\0' >b; git add .; git commit -q -m one; git mv a c;"
	    "printf 'y\\0' >b; git commit -q -a -m two");
	must_diff(state, "main~", "main", &stat);
	assert_int_equal(wake_diffstat_json(&stat, &files, &err), WAKE_OK);
	assert_int_equal(wake_json_append(&text, files, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&text),
	    "[{\"added\":0,\"binary\":true,\"old_path\":null,\"path\":\"b\",\"removed\":0,\"status\":\"M\"},"
	    "{\"added\":0,\"binary\":false,\"old_path\":\"a\",\"path\":\"c\",\"removed\":0,\"status\":\"R\"}"
	    "]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_every_status_by_the_walk),
		fixture_test(test_every_status_by_git),
		fixture_test(test_a_rename_with_an_edit),
		fixture_test(test_the_empty_tree),
		fixture_test(test_paths_are_storable),
		fixture_test(test_what_cannot_be_diffed),
		fixture_test(test_malformed_trees),
		fixture_test(test_deep_trees),
		fixture_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
