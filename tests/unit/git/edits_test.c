/* SPDX-License-Identifier: MIT */
/* git/edits: what a state says, what is kept of it and what was thrown away. That its numbers are git's is
 * shown by tests/e2e/edits_equal_git.sh. */
#include "git/edits.h"

#include <string.h>

#include "event/event.h"
#include "fixture.h"

#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"
#define MIB ((int64_t)1024 * 1024)

/* One worktree "r", diffed again and again. */
struct look {
	void *const *state;
	struct wake_edits edits; /* the last one */
	bool any;                /* there is a last one */
	bool keep;
	int64_t file_max, keep_max;
	char *cache; /* owned */
};

static struct look look_at(void *const *state)
{
	return (struct look){ .state = state,
		.keep = true,
		.file_max = MIB,
		.keep_max = 100 * MIB,
		.cache = scratch_path(state, "cache") };
}

static void look_release(struct look *look)
{
	wake_edits_release(&look->edits);
	free(look->cache);
}

#define auto_look WAKE_CLEANUP(look_release) struct look

/* paths: as a JSON array; NULL: whole. */
static int try_look(struct look *look, const char *paths, struct wake_error *err)
{
	auto_repo *repo = fixture_open(look->state, "r");
	wake_auto_free char *place = scratch_path(look->state, "state");
	wake_auto_json json_t *list = json_loads(paths ? paths : "[]", 0, NULL);
	wake_auto_kept struct wake_kept *kept = NULL;
	const struct wake_paths paths_of_state = { .state = place };
	struct wake_edits next = { 0 };
	int ret = WAKE_OK;

	assert_non_null(list);
	if (look->keep)
		ret = wake_kept_open(&paths_of_state, REPOSITORY, true, &kept, err);
	assert_int_equal(ret, WAKE_OK);

	const struct wake_edits_request request = { .index_cache = look->cache,
		.before = look->any ? look->edits.files : NULL,
		.before_head = look->edits.head,
		.before_old = look->edits.kept_old,
		.before_new = look->edits.kept_new,
		.paths = list,
		.whole = !paths,
		.kept = kept,
		.keep_file_max = look->file_max,
		.keep_max = look->keep_max,
		.keep_never = ".env *.key secret/*.txt" };

	ret = wake_edits_diff(repo, &request, &next, err);
	if (ret < 0)
		return ret;
	wake_edits_release(&look->edits);
	look->edits = next;
	look->any = true;
	return WAKE_OK;
}

static void must_look(struct look *look, const char *paths)
{
	struct wake_error err = { 0 };

	if (try_look(look, paths, &err) < 0)
		fail_msg("%s", err.text);
}

static const char *text_of(const json_t *file, const char *key)
{
	const char *text = wake_json_string(file, key);

	return text ? text : "";
}

/* "STATUS PATH[<OLD] ADDED REMOVED[ binary] KEPT;" for each file. */
static void expect_list(const json_t *files, const char *expected)
{
	wake_auto_str struct wake_str text = WAKE_STR(SAID_MAX);

	for (size_t i = 0; i < json_array_size(files); i++) {
		const json_t *file = json_array_get(files, i);

		wake_str_appendf(&text, "%s %s%s%s %lld %lld%s %s;", text_of(file, "status"),
		    text_of(file, "path"), *text_of(file, "old_path") ? "<" : "", text_of(file, "old_path"),
		    (long long)wake_json_int(file, "added", -1),
		    (long long)wake_json_int(file, "removed", -1),
		    wake_json_true(file, "binary") ? " binary" : "", text_of(file, "kept"));
	}
	assert_string_equal(wake_str_text(&text), expected);
}

static void expect_files(const struct look *look, const char *engine, const char *expected)
{
	expect_list(look->edits.files, expected);
	assert_string_equal(look->edits.engine, engine);
}

/* "MODE PATH CONTENT" lines of a kept tree. */
static void expect_tree(const struct look *look, const char *tree, const char *expected)
{
	wake_auto_free char *script = NULL;
	struct wake_error err = { 0 };

	if (!*tree)
		assert_string_equal(expected, "");
	if (!*tree)
		return;
	assert_int_equal(
	    wake_str_format(&script, &err,
	        "cd state/kept/" REPOSITORY ".git; git ls-tree -r %s | while read -r m t i p; do "
	        "echo \"$m $p $(git cat-file blob $i | tr '\\n' ' ')\"; done",
	        tree),
	    WAKE_OK);
	fixture_expect(look->state, expected, script);
}

/* Settings and rules that changed within the last 20 ms are not trusted, and git is asked once more. */
#define START                                                                                                \
	"git init -q r; cd r; seq 3 >a; seq 2 >b; git add .; git commit -q -m one;"                          \
	"until [ $(($(date +%s%N) - $(stat -c %.9Z .git/config .git/info/exclude | tr -d . | sort | tail -n 1))) -gt 30000000 ];" \
	"do :; done;"

static void test_a_state_and_the_next(void **state)
{
	auto_look look = look_at(state);

	fixture_do(state, START "echo 4 >>a; rm b; echo new >n; git checkout -q -b work");
	must_look(&look, NULL);
	expect_files(&look, "git", "M a 1 0 yes;D b 0 2 yes;? n 1 0 yes;");
	assert_true(look.edits.changed);
	assert_int_equal(look.edits.added, 2);
	assert_int_equal(look.edits.removed, 2);
	assert_int_equal(look.edits.untracked, 1);
	assert_string_equal(look.edits.branch, "work");
	fixture_expect(state, look.edits.head, "git -C r rev-parse HEAD");
	expect_tree(&look, look.edits.kept_old, "100644 a 1 2 3 \n100644 b 1 2 ");
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 \n100644 n new ");
	must_look(&look, "[]");
	assert_false(look.edits.changed);
	assert_int_equal(look.edits.kept_bytes, 0);
	fixture_do(state, "cd r; echo more >>n; git checkout -q b");
	must_look(&look, "[\"n\", \"b\"]");
	expect_files(&look, "walk", "M a 1 0 yes;? n 2 0 yes;");
	assert_true(look.edits.changed);
	assert_int_equal(look.edits.kept_bytes, 9);
	expect_tree(&look, look.edits.kept_old, "100644 a 1 2 3 ");
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 \n100644 n new more ");
}

static void test_members(void **state)
{
	auto_look look = look_at(state);
	wake_auto_str struct wake_str path = WAKE_STR(100);
	struct wake_error err = { 0 };
	const json_t *file;

	fixture_do(state, START "chmod +x a; ln -s x \"$(printf '\\377')\"");
	must_look(&look, NULL);
	expect_files(&look, "git", "M a 0 0 yes;? \"\\377\" 1 0 yes;");
	file = json_array_get(look.edits.files, 0);
	assert_int_equal(wake_json_int(file, "old_mode", 0), 0100644);
	assert_int_equal(wake_json_int(file, "new_mode", 0), 0100755);
	assert_string_equal(text_of(file, "old_id"), text_of(file, "new_id"));
	assert_true(json_is_null(json_object_get(file, "old_path")));
	fixture_expect(state, text_of(file, "old_id"), "git -C r rev-parse HEAD:a");
	file = json_array_get(look.edits.files, 1);
	assert_int_equal(wake_json_int(file, "old_mode", -1), 0);
	assert_int_equal(wake_json_int(file, "new_mode", -1), 0120000);
	assert_string_equal(text_of(file, "old_id"), "");
	fixture_expect(state, text_of(file, "new_id"), "printf x | git hash-object --stdin");
	assert_int_equal(wake_event_read_path(text_of(file, "path"), &path, &err), WAKE_OK);
	assert_string_equal(path.data, "\377");
}

static void test_one_path_twice(void **state)
{
	auto_look look = look_at(state);

	fixture_do(state, START);
	must_look(&look, NULL);
	fixture_do(state, "cd r; git rm -q --cached a; echo 4 >>a");
	must_look(&look, "[\"a\"]");
	expect_files(&look, "walk", "D a 0 3 yes;? a 4 0 yes;");
	expect_tree(&look, look.edits.kept_old, "100644 a 1 2 3 ");
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 ");
	fixture_do(state, "rm r/a");
	must_look(&look, "[\"a\"]");
	expect_files(&look, "walk", "D a 0 3 yes;");
	expect_tree(&look, look.edits.kept_new, "");
	expect_list(look.edits.discarded, "? a 4 0 yes;");
}

static void test_a_rename_is_kept_under_both_names(void **state)
{
	auto_look look = look_at(state);

	fixture_do(state, START "seq 3 >c; git add c; git commit -q -m two; git mv c d; echo 4 >>d");
	must_look(&look, NULL);
	expect_files(&look, "git", "R d<c 1 0 yes;");
	expect_tree(&look, look.edits.kept_old, "100644 c 1 2 3 ");
	expect_tree(&look, look.edits.kept_new, "100644 d 1 2 3 4 ");
	fixture_do(state, "cd r; git mv d e");
	must_look(&look, "[\"d\", \"e\"]");
	expect_files(&look, "git", "R e<c 1 0 yes;");
	expect_tree(&look, look.edits.kept_old, "100644 c 1 2 3 ");
	expect_tree(&look, look.edits.kept_new, "100644 e 1 2 3 4 ");
	expect_list(look.edits.discarded, "");
	fixture_do(state, "cd r; git reset -q --hard");
	must_look(&look, "[\"c\", \"e\"]");
	expect_files(&look, "walk", "");
	expect_list(look.edits.discarded, "R e<c 1 0 yes;");
	expect_tree(&look, look.edits.kept_old, "");
	expect_tree(&look, look.edits.kept_new, "");
}

/* Renames are looked at together with what was deleted; an untracked file of a deleted one's name is not. */
static void test_an_untracked_file_beside_a_rename(void **state)
{
	auto_look look = look_at(state);

	fixture_do(state, START "git rm -q --cached a; echo 4 >>a");
	must_look(&look, NULL);
	fixture_do(state, "cd r; seq 3 5 >added; git add added");
	must_look(&look, "[\"added\"]");
	expect_files(&look, "git", "D a 0 3 yes;? a 4 0 yes;A added 3 0 yes;");
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 \n100644 added 3 4 5 ");
	expect_tree(&look, look.edits.kept_old, "100644 a 1 2 3 ");
	fixture_do(state, "cd r; git rm -q --cached added; rm added");
	must_look(&look, "[\"added\"]");
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 ");
}

static void test_why_contents_are_not_kept(void **state)
{
	auto_look look = look_at(state);

	look.file_max = 100;
	look.keep_max = 120;
	fixture_do(state, START "mkdir -p .ENV secret; seq 2 >.env; seq 2 >.ENV/x; seq 2 >my.key; seq 2 "
	                        ">secret/a.txt; seq 100 >big;"
	                        "printf '%090d\\n' 1 >small; printf '%090d\\n' 2 >third; seq 2 >tiny");
	must_look(&look, NULL);
	expect_files(&look, "git",
	    "? .ENV/x 2 0 name;? .env 2 0 name;? big 100 0 size;? my.key 2 0 name;? secret/a.txt 2 0 name;"
	    "? small 1 0 yes;? third 1 0 run;? tiny 2 0 yes;");
	assert_int_equal(look.edits.kept_bytes, 95);
	fixture_expect(state, look.edits.kept_new[0] ? "2" : "",
	    "git --git-dir=state/kept/" REPOSITORY
	    ".git cat-file --batch-all-objects --batch-check | grep -c blob");
	fixture_do(state, "echo more >>r/tiny; echo 3 >>r/my.key");
	must_look(&look, "[\"tiny\", \"my.key\"]");
	expect_files(&look, "walk",
	    "? .ENV/x 2 0 name;? .env 2 0 name;? big 100 0 size;? my.key 3 0 name;? secret/a.txt 2 0 name;"
	    "? small 1 0 yes;? third 1 0 run;? tiny 3 0 yes;");
}

static void test_keeping_switched_on_and_off(void **state)
{
	auto_look look = look_at(state);

	look.keep = false;
	fixture_do(state, START "echo 4 >>a");
	must_look(&look, NULL);
	expect_files(&look, "git", "M a 1 0 off;");
	assert_string_equal(look.edits.kept_new, "");
	look.keep = true;
	must_look(&look, "[]");
	expect_files(&look, "walk", "M a 1 0 yes;");
	assert_true(look.edits.changed);
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 ");
	fixture_do(state, "rm -r state; echo n >r/n");
	must_look(&look, "[\"n\"]");
	expect_files(&look, "walk", "M a 1 0 yes;? n 1 0 yes;");
	expect_tree(&look, look.edits.kept_new, "100644 a 1 2 3 4 \n100644 n n ");
	look.keep = false;
	must_look(&look, "[]");
	expect_files(&look, "walk", "M a 1 0 off;? n 1 0 off;");
	assert_false(look.edits.changed);
}

static void test_what_is_thrown_away(void **state)
{
	auto_look look = look_at(state);

	fixture_do(
	    state, START "echo 4 >>a; echo x >untracked; echo y >moved; echo z >then_ignored; echo k >b");
	must_look(&look, NULL);
	fixture_do(state,
	    "cd r; git checkout -q a; rm untracked; mv moved elsewhere; echo then_ignored >.gitignore; rm b");
	must_look(&look, NULL);
	expect_list(look.edits.discarded, "M a 1 0 yes;M b 1 2 yes;? untracked 1 0 yes;");
	expect_files(&look, "git", "? .gitignore 1 0 yes;D b 0 2 yes;? elsewhere 1 0 yes;");
	fixture_do(
	    state, "cd r; git checkout -q b; git add -A; git mv elsewhere at_last; git commit -q -m two");
	must_look(&look, "[\"b\", \"elsewhere\", \"at_last\"]");
	expect_files(&look, "walk", "");
	expect_list(look.edits.discarded, "");
	fixture_do(state, "cd r; echo 5 >>a; echo 6 >>at_last");
	must_look(&look, "[\"a\", \"at_last\"]");
	fixture_do(state, "cd r; echo 7 >>a; git checkout -q at_last");
	must_look(&look, "[\"a\", \"at_last\"]");
	expect_list(look.edits.discarded, "M at_last 1 0 yes;");
}

/* The cache says what the index was when the last state was found. If that state was never recorded, the next
 * diff must not take the index for unchanged. */
static void test_a_state_that_was_lost(void **state)
{
	auto_look look = look_at(state), lost = look_at(state);

	fixture_do(
	    state, START "echo '*.log' >.gitignore; echo x >x.log; git add .gitignore; git commit -q -m two");
	must_look(&look, NULL);
	must_look(&look, "[]");
	must_look(&lost, NULL);
	fixture_do(state, "cd r; git add -f x.log");
	must_look(&lost, "[]");
	expect_files(&lost, "walk", "A x.log 1 0 yes;");
	must_look(&look, "[]");
	expect_files(&look, "git", "A x.log 1 0 yes;");
	must_look(&look, "[]");
	assert_string_equal(look.edits.engine, "walk");
}

static void test_a_damaged_cache(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"version\":1}", "{\"version\":2}" };
	auto_look look = look_at(state);

	fixture_do(state, START "echo 4 >>a");
	must_look(&look, NULL);
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		scratch_write(look.cache, texts[i]);
		must_look(&look, "[]");
		expect_files(&look, "git", "M a 1 0 yes;");
		assert_false(look.edits.changed);
	}
	must_look(&look, "[]");
	expect_files(&look, "walk", "M a 1 0 yes;");
}

static void test_odd_paths_are_passed_over(void **state)
{
	auto_look look = look_at(state);

	fixture_do(state, START "mkdir d; ln -s d l; echo x >d/x");
	must_look(&look, NULL);
	must_look(&look, "[\"../escape\", \"/etc/passwd\", \".git/config\", \"a/../b\", \"d/.GIT/x\", "
	                 "\"./d//x/\", \"l/x\", \"a/below\", "
	                 "\"not/there\"]");
	expect_files(&look, "walk", "? d/x 1 0 yes;? l 1 0 yes;");
	assert_false(look.edits.changed);
}

static void test_a_worktree_that_is_gone(void **state)
{
	auto_repo *repo = NULL;
	const struct wake_edits_request request = { .whole = true };
	struct wake_edits edits = { .untracked = 77 };
	struct wake_error err = { 0 };

	fixture_do(state, START "git worktree add -q ../w");
	repo = fixture_open(state, "w");
	fixture_do(state, "rm -rf w");
	assert_int_equal(wake_edits_diff(repo, &request, &edits, &err), WAKE_NOTFOUND);
	fixture_do(state, "mkdir w");
	assert_int_equal(wake_edits_diff(repo, &request, &edits, &err), WAKE_OK);
	expect_list(edits.files, "D a 0 3 off;D b 0 2 off;");
	wake_edits_release(&edits);
}

static void test_a_state_that_is_none(void **state)
{
	static const char *const states[] = { "{}", "[1]", "[{}]", "[{\"path\":\"a\",\"status\":\"MM\"}]",
		"[{\"path\":\"a\",\"status\":\"M\",\"old_id\":\"x\",\"new_id\":\"\",\"kept\":\"yes\"}]",
		"[{\"path\":\"a\",\"status\":\"M\",\"old_id\":\"\",\"new_id\":\"\",\"kept\":\"perhaps\"}]" };
	auto_repo *repo = NULL;
	struct wake_edits edits = { .untracked = 77 };
	struct wake_error err = { 0 };

	fixture_do(state, START);
	repo = fixture_open(state, "r");
	for (size_t i = 0; i < WAKE_COUNT(states); i++) {
		wake_auto_json json_t *before = json_loads(states[i], 0, NULL);
		const struct wake_edits_request request = { .before = before };

		assert_non_null(before);
		assert_int_equal(wake_edits_diff(repo, &request, &edits, &err), WAKE_CORRUPT);
	}
	assert_int_equal(edits.untracked, 77);
}

static void test_everything_comes_back(void **state)
{
	auto_look look = look_at(state);
	wake_auto_free char *place = scratch_path(state, "state");
	wake_auto_free char *to = scratch_path(state, "back");
	const struct wake_paths paths = { .state = place };
	wake_auto_kept struct wake_kept *kept = NULL;
	struct wake_restored restored;
	struct wake_error err = { 0 };

	fixture_do(state, START "printf '*.txt text eol=crlf\\n' >.gitattributes; printf 'a\\r\\nb\\r\\n' "
	                        ">w.txt; git add .; git commit -q -m two;"
	                        "printf 'a\\r\\nc' >w.txt; mkdir -p deep/er; printf 'b\\0\\377' "
	                        ">deep/er/bin; ln -s ../a deep/l; chmod +x a;"
	                        ": >empty; cp -a . ../copy");
	must_look(&look, NULL);
	must_look(&look, "[\"w.txt\"]");
	fixture_do(state, "rm -rf r");
	assert_int_equal(wake_kept_open(&paths, REPOSITORY, false, &kept, &err), WAKE_OK);
	assert_int_equal(wake_kept_restore(kept, look.edits.kept_new, to, &restored, &err), WAKE_OK);
	assert_int_equal(restored.files, 5);
	fixture_expect(state, "",
	    "cd back; find . -type f -o -type l | while read -r f; do "
	    "[ \"$(stat -c '%a %F' \"$f\")\" = \"$(stat -c '%a %F' \"../copy/$f\")\" ] || echo \"mode of "
	    "$f\";"
	    "if [ -L \"$f\" ]; then [ \"$(readlink \"$f\")\" = ../a ] || echo link; else cmp \"$f\" "
	    "\"../copy/$f\"; fi; done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_a_state_and_the_next),
		fixture_test(test_members),
		fixture_test(test_one_path_twice),
		fixture_test(test_a_rename_is_kept_under_both_names),
		fixture_test(test_an_untracked_file_beside_a_rename),
		fixture_test(test_why_contents_are_not_kept),
		fixture_test(test_keeping_switched_on_and_off),
		fixture_test(test_what_is_thrown_away),
		fixture_test(test_a_state_that_was_lost),
		fixture_test(test_a_damaged_cache),
		fixture_test(test_odd_paths_are_passed_over),
		fixture_test(test_a_worktree_that_is_gone),
		fixture_test(test_a_state_that_is_none),
		fixture_test(test_everything_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
