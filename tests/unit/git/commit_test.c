/* SPDX-License-Identifier: MIT */
/* git/commit: facts and patch-ids, against what git itself says of the same commits. */
#include "git/commit.h"

#include "fixture.h"
#include "git/commit_inside.h"

#define TREE "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
#define PARENT "parent 1111111111111111111111111111111111111111\n"
#define WHO "Ann Example <ann@example.org> 1700000000 +0200\n"
#define COMMIT(message) TREE "author " WHO "committer " WHO "\n" message

/* ---- against git ------------------------------------------------------------------------------ */

static void read_revision(
    void *const *state, const char *place, const char *revision, struct wake_commit *commit)
{
	auto_repo *repo = fixture_open(state, place);
	struct wake_error err = { 0 };
	char hash[WAKE_HASH_SIZE];

	if (wake_repo_resolve(repo, revision, hash, &err) < 0 ||
	    wake_commit_read(repo, hash, commit, &err) < 0)
		fail_msg("%s", err.text);
}

/* As `git log --format=%H%n%T%n%P%n%an%n%ae%n%at%n%cn%n%ce%n%ct%n%s`. */
static void append_facts(const struct wake_commit *commit, struct wake_str *out)
{
	wake_str_appendf(out, "%s\n%s\n", commit->hash, commit->tree);
	for (size_t i = 0; i < commit->parent_count; i++)
		wake_str_appendf(out, "%s%s", i > 0 ? " " : "", commit->parents[i]);
	wake_str_appendf(out, "\n%s\n%s\n%lld\n", commit->author.name, commit->author.email,
	    (long long)commit->author.time);
	wake_str_appendf(out, "%s\n%s\n%lld\n%s", commit->committer.name, commit->committer.email,
	    (long long)commit->committer.time, commit->subject);
}

static void expect_facts(void *const *state, const char *place, const char *revision)
{
	wake_auto_commit struct wake_commit commit = { 0 };
	wake_auto_str struct wake_str facts = WAKE_STR(SAID_MAX);
	wake_auto_free char *script = NULL;

	read_revision(state, place, revision, &commit);
	append_facts(&commit, &facts);
	assert_true(asprintf(&script,
	                "git -C %s log -1 "
	                "--format='%%H%%n%%T%%n%%P%%n%%an%%n%%ae%%n%%at%%n%%cn%%n%%ce%%n%%ct%%n%%s' %s",
	                place, revision) > 0);
	fixture_expect(state, wake_str_text(&facts), script);
}

static void test_facts_are_gits(void **state)
{
	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m one");
	fixture_do(state,
	    "cd r; printf '\\n\\n  first line  \\nsecond\\t\\nthird\\n \\nbody\\n' |"
	    "git -c user.name='  Odd . Name, ' commit -q --allow-empty --cleanup=verbatim -F -");
	fixture_do(state,
	    "cd r; git checkout -q -b side main~; GIT_AUTHOR_NAME='Béa Ü' GIT_AUTHOR_EMAIL=b@example.org "
	    "GIT_AUTHOR_DATE='1000000000 -0730' GIT_COMMITTER_DATE='1000000100 +1400' "
	    "git commit -q --allow-empty -m 'une é'; git checkout -q main; git merge -q -m joined side");
	fixture_do(state, "cd r; git commit -q --allow-empty --allow-empty-message -m ''");
	expect_facts(state, "r", "main");
	expect_facts(state, "r", "main~");
	expect_facts(state, "r", "main~2");
	expect_facts(state, "r", "main~3");
	expect_facts(state, "r", "side");
}

static void test_facts_in_sha256(void **state)
{
	fixture_do(state, "git init -q --object-format=sha256 r; cd r; git commit -q --allow-empty -m one;"
	                  "git commit -q --allow-empty -m two; git gc -q");
	expect_facts(state, "r", "main");
	expect_facts(state, "r", "main~");
}

static void test_encodings_are_read_as_git_reads_them(void **state)
{
	fixture_do(state,
	    "git init -q r; cd r; git config i18n.commitEncoding ISO-8859-15;"
	    "printf 'caf\\351 \\244' | GIT_AUTHOR_NAME=$(printf 'Ren\\351') git commit -q --allow-empty -F -;"
	    "git config i18n.commitEncoding EUC-JP; printf '\\306\\374\\313\\334' | git commit -q "
	    "--allow-empty -F -;"
	    "git config --unset i18n.commitEncoding");
	expect_facts(state, "r", "main");
	expect_facts(state, "r", "main~");
}

static void test_zones(void **state)
{
	wake_auto_commit struct wake_commit commit = { 0 };

	fixture_do(state, "git init -q r; cd r; GIT_AUTHOR_DATE='@5 -0730' GIT_COMMITTER_DATE='@6 +0000' "
	                  "git commit -q --allow-empty -m one");
	read_revision(state, "r", "main", &commit);
	assert_string_equal(commit.author.zone, "-0730");
	assert_string_equal(commit.committer.zone, "+0000");
}

static void test_what_is_not_a_commit(void **state)
{
	auto_repo *repo = NULL;
	wake_auto_free char *tree = NULL;
	struct wake_commit commit;
	struct wake_error err = { 0 };

	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m one");
	tree = fixture_say(state, "git -C r rev-parse main^{tree}");
	repo = fixture_open(state, "r");
	assert_int_equal(wake_commit_read(repo, tree, &commit, &err), WAKE_NOTFOUND);
	assert_int_equal(
	    wake_commit_read(repo, "1111111111111111111111111111111111111111", &commit, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_commit_read(repo, "main", &commit, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_commit_read(repo, "", &commit, &err), WAKE_NOTFOUND);
}

/* What another process packed and pruned meanwhile is found again. */
static void test_objects_that_move_while_we_look(void **state)
{
	auto_repo *repo = NULL;
	wake_auto_free char *first = NULL;
	wake_auto_free char *second = NULL;
	wake_auto_commit struct wake_commit one = { 0 }, two = { 0 };
	struct wake_error err = { 0 };

	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m one");
	first = fixture_say(state, "git -C r rev-parse main");
	repo = fixture_open(state, "r");
	assert_int_equal(wake_commit_read(repo, first, &one, &err), WAKE_OK);
	fixture_do(state, "cd r; git commit -q --allow-empty -m two; git gc -q --prune=now");
	second = fixture_say(state, "git -C r rev-parse main");
	assert_int_equal(wake_commit_read(repo, second, &two, &err), WAKE_OK);
	assert_string_equal(two.parents[0], first);
}

/* ---- bytes of anybody's ----------------------------------------------------------------------- */

static int parse(const char *text, struct wake_commit *commit)
{
	struct wake_error err = { 0 };
	int ret = wake_commit_parse(text, strlen(text), commit, NULL, &err);

	assert_int_equal(ret, err.code);
	return ret;
}

static void expect_subject(const char *text, const char *subject)
{
	wake_auto_commit struct wake_commit commit = { 0 };

	assert_int_equal(parse(text, &commit), WAKE_OK);
	assert_string_equal(commit.subject, subject);
}

static void test_hostile_subjects(void **state)
{
	wake_auto_commit struct wake_commit commit = { 0 };
	wake_auto_free char *text = NULL;

	(void)state;
	expect_subject(COMMIT(""), "");
	expect_subject(COMMIT("\n \n\t\n"), "");
	expect_subject(COMMIT("no newline"), "no newline");
	expect_subject(COMMIT("\xff\x1b[31m"), "\"\\377\\033[31m\"");
	expect_subject(COMMIT("tree 1\nauthor x\n\nbody"), "tree 1 author x");
	expect_subject(
	    TREE "author " WHO "committer " WHO "gpgsig x\n tree 9\n \n author y\nencoding UTF-8\n\ns", "s");
	text = malloc(300000);
	assert_non_null(text);
	(void)snprintf(text, 300000, "%s%0*d", COMMIT(""), 250000, 0);
	assert_int_equal(parse(text, &commit), WAKE_OK);
	assert_true(strlen(commit.subject) <= WAKE_SUBJECT_MAX);
}

static void expect_committer(
    const char *line, const char *name, const char *email, int64_t time, const char *zone)
{
	wake_auto_commit struct wake_commit commit = { 0 };
	wake_auto_free char *text = NULL;

	assert_true(asprintf(&text, TREE "author " WHO "committer %s\n\nx", line) > 0);
	assert_int_equal(parse(text, &commit), WAKE_OK);
	assert_string_equal(commit.committer.name, name);
	assert_string_equal(commit.committer.email, email);
	assert_int_equal(commit.committer.time, time);
	assert_string_equal(commit.committer.zone, zone);
}

static void test_hostile_signatures(void **state)
{
	(void)state;
	expect_committer("A <a@b> 1 +0000", "A", "a@b", 1, "+0000");
	expect_committer("<a@b> 1 +0000", "", "a@b", 1, "+0000");
	expect_committer("A <> 1 +0000", "A", "", 1, "+0000");
	expect_committer("A", "A", "", 0, "");
	expect_committer("A <a@b", "A", "a@b", 0, "");
	expect_committer("A <a@b> 1", "A", "a@b", 1, "");
	expect_committer("A <a@b> x +0000", "A", "a@b", 0, "");
	expect_committer("A <a> b> 7 -0100", "A", "a", 7, "-0100");
	expect_committer(
	    "A <a@b> 99999999999999999999999 +99999999999", "A", "a@b", INT64_C(1) << 53, "+999999");
	expect_committer("\xe9 <\xff> 1 +0000", "\"\\351\"", "\"\\377\"", 1, "+0000");
}

static void test_what_cannot_be_parsed(void **state)
{
	static const char *const texts[] = { "", "\n", "tree", "tree \n", TREE, TREE "author " WHO,
		TREE "committer " WHO, "author " WHO "committer " WHO "\nx",
		"tree xyz\nauthor " WHO "committer " WHO, TREE "parent 12\nauthor " WHO "committer " WHO,
		"tree 4B825DC642CB6EB9A060E54BF8D69288FBEE4904\nauthor " WHO "committer " WHO };
	struct wake_commit commit;

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(texts); i++)
		assert_int_equal(parse(texts[i], &commit), WAKE_CORRUPT);
}

static void test_parents_are_bounded(void **state)
{
	wake_auto_commit struct wake_commit commit = { 0 };
	wake_auto_str struct wake_str text = WAKE_STR(SAID_MAX);

	(void)state;
	wake_str_append(&text, TREE);
	for (int i = 0; i < WAKE_PARENTS_MAX; i++)
		wake_str_append(&text, PARENT);
	wake_str_append(&text, "author " WHO "committer " WHO "\nx");
	assert_int_equal(parse(text.data, &commit), WAKE_OK);
	assert_int_equal(commit.parent_count, WAKE_PARENTS_MAX);
	wake_str_clear(&text);
	wake_str_append(&text, TREE);
	for (int i = 0; i <= WAKE_PARENTS_MAX; i++)
		wake_str_append(&text, PARENT);
	assert_int_equal(parse(text.data, &commit), WAKE_INVALID);
}

static void test_recoding_takes_only_what_it_knows(void **state)
{
	static const char *const refused[] = { "", "ISO-2022-CN-EXT", "IBM1364", "UTF-16", "UTF-8//TRANSLIT",
		"LATIN1//IGNORE", "../../tmp/x", "ISO-8859-1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"ISO-8859-99" };
	wake_auto_str struct wake_str out = WAKE_STR(100);

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(refused); i++)
		assert_false(wake_commit_recode(refused[i], strlen(refused[i]), "\xe9", 1, &out));
	assert_false(wake_commit_recode("UTF-8", 5, "ok\xe9", 3, &out));
	assert_int_equal(out.len, 0);
	assert_true(wake_commit_recode("iso-8859-1", 10, "\xe9", 1, &out));
	assert_string_equal(wake_str_text(&out), "\xc3\xa9");
}

/* ---- patch-ids -------------------------------------------------------------------------------- */

static void patch_id(void *const *state, const char *place, const char *revision, char id[96])
{
	auto_repo *repo = fixture_open(state, place);
	wake_auto_commit struct wake_commit commit = { 0 };
	struct wake_error err = { 0 };
	char hash[WAKE_HASH_SIZE];

	if (wake_repo_resolve(repo, revision, hash, &err) < 0 ||
	    wake_commit_read(repo, hash, &commit, &err) < 0 ||
	    wake_commit_patch_id(repo, &commit, id, &err) < 0)
		fail_msg("%s", err.text);
}

static void expect_patch_id(void *const *state, const char *revision)
{
	wake_auto_free char *script = NULL;
	char id[96];

	patch_id(state, "r", revision, id);
	assert_int_equal(strlen(id), 40);
	assert_true(
	    asprintf(&script, "cd r; git diff-tree --root -p %s | git patch-id --stable | cut -d' ' -f1",
	        revision) > 0);
	fixture_expect(state, id, script);
}

static void test_patch_ids_are_gits(void **state)
{
	fixture_do(state, "git init -q r; cd r; mkdir d; seq 50 >a; seq 9 >'d/b c'; seq 3 | tr -d '\\n' >e;"
	                  "git add .; git commit -q -m root");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; sed -i '3d; 7s/$/ x y/; 20a\\\\\tnew  line' a; sed -i 1d 'd/b c'; git "
	                  "commit -q -a -m edits");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; git mv a moved; echo x >>e; git commit -q -a -m moved");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; chmod +x moved; sed -i 1d moved; git commit -q -a -m mode");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; rm e; ln -s 'x y' e; git add -A; git commit -q -m retyped");
	expect_patch_id(state, "main");
	fixture_do(state,
	    "cd r; printf 'x\\n' >\"$(printf 'ta\\tb\\303\\251\"q\\\\')\"; git add -A; git commit -q -m odd");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; git "
	                  "commit -q -m sub");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; printf '@@ -1 +1 @@\\nindex 1\\ndiff --git x\\n-- \\n\\\\ x\\n' >looks; git "
	                  "add looks; git commit -q -m looks");
	expect_patch_id(state, "main");
	fixture_do(state, "cd r; git rm -q --cached sub; git rm -q -r d; git commit -q -m gone");
	expect_patch_id(state, "main");
}

static void test_patch_ids_outlive_a_rebase(void **state)
{
	char one[96], other[96], edited[96];

	fixture_do(state,
	    "git init -q r; cd r; seq 100 >a; printf 'x\\0' >b; git add .; git commit -q -m root;"
	    "git checkout -q -b topic; sed -i 50d a; printf 'y\\0' >b; git commit -q -a -m edit;"
	    "git checkout -q main; sed -i 3d a; git commit -q -a -m other; git cherry-pick topic >/dev/null");
	patch_id(state, "r", "topic", one);
	patch_id(state, "r", "main", other);
	assert_int_equal(strlen(one), 40);
	assert_string_equal(one, other);
	fixture_do(state, "cd r; printf 'z\\0' >b; git commit -q -a --amend -m 'another binary'");
	patch_id(state, "r", "main", edited);
	assert_string_not_equal(one, edited);
}

static void test_merges_and_empty_commits_have_none(void **state)
{
	char id[96] = "x";

	fixture_do(state,
	    "git init -q r; cd r; git commit -q --allow-empty -m root; git checkout -q -b side; echo x >f;"
	    "git add f; git commit -q -m f; git checkout -q main; git commit -q --allow-empty -m e;"
	    "git merge -q -m m side");
	patch_id(state, "r", "main", id);
	assert_string_equal(id, "");
	patch_id(state, "r", "main~", id);
	assert_string_equal(id, "");
	patch_id(state, "r", "main~2", id);
	assert_string_equal(id, "");
}

/* The same files in both kinds of repository: git's text and ours have one id. */
static void test_both_ways_to_a_patch_id_agree(void **state)
{
	static const char make[] =
	    "seq 30 >a; seq 5 >'b c'; printf 'x\\n' >d; git add .; git commit -q -m root;"
	    "sed -i '4d; 9s/1*/ /' a; chmod +x 'b c'; git rm -q d; : >e; git add -A; git commit -q -m edit";
	wake_auto_free char *script = NULL;
	char short_id[96], long_id[96];

	assert_true(asprintf(&script,
	                "git init -q r; cd r; %s; cd ..; git init -q --object-format=sha256 s; cd s; %s",
	                make, make) > 0);
	fixture_do(state, script);
	patch_id(state, "r", "main", short_id);
	patch_id(state, "s", "main", long_id);
	assert_int_equal(strlen(short_id), 40);
	assert_string_equal(short_id, long_id);
	patch_id(state, "r", "main~", short_id);
	patch_id(state, "s", "main~", long_id);
	assert_string_equal(short_id, long_id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_facts_are_gits),
		fixture_test(test_facts_in_sha256),
		fixture_test(test_encodings_are_read_as_git_reads_them),
		fixture_test(test_zones),
		fixture_test(test_what_is_not_a_commit),
		fixture_test(test_objects_that_move_while_we_look),
		cmocka_unit_test(test_hostile_subjects),
		cmocka_unit_test(test_hostile_signatures),
		cmocka_unit_test(test_what_cannot_be_parsed),
		cmocka_unit_test(test_parents_are_bounded),
		cmocka_unit_test(test_recoding_takes_only_what_it_knows),
		fixture_test(test_patch_ids_are_gits),
		fixture_test(test_patch_ids_outlive_a_rebase),
		fixture_test(test_merges_and_empty_commits_have_none),
		fixture_test(test_both_ways_to_a_patch_id_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
