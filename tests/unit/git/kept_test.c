/* SPDX-License-Identifier: MIT */
/* git/kept: contents go in, patches and files come out, and nothing gets out of its directory. */
#include "git/kept.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"

#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"
#define PLACE "state/kept/" REPOSITORY ".git"

static struct wake_kept *must_open(void *const *state)
{
	wake_auto_free char *place = scratch_path(state, "state");
	const struct wake_paths paths = { .state = place };
	struct wake_kept *kept = NULL;
	struct wake_error err = { 0 };

	if (wake_kept_open(&paths, REPOSITORY, true, &kept, &err) < 0)
		fail_msg("%s", err.text);
	return kept;
}

static void add(struct wake_kept *kept, const char *text, char id[WAKE_HASH_SIZE])
{
	struct wake_error err = { 0 };
	int64_t written;

	if (wake_kept_add_blob(kept, text, strlen(text), id, &written, &err) < 0)
		fail_msg("%s", err.text);
}

/* words: "MODE PATH CONTENT" …; a mode of 0: the path goes. */
static void make_tree(struct wake_kept *kept, const char *base, const char *const (*words)[3], size_t count,
    char tree[WAKE_HASH_SIZE])
{
	struct wake_kept_entry entries[8];
	char ids[8][WAKE_HASH_SIZE] = { { 0 } };
	struct wake_error err = { 0 };

	assert_true(count <= 8);
	for (size_t i = 0; i < count; i++) {
		unsigned mode = (unsigned)strtoul(words[i][0], NULL, 8);

		if (mode)
			add(kept, words[i][2], ids[i]);
		entries[i] = (struct wake_kept_entry){ .path = words[i][1], .id = ids[i], .mode = mode };
	}
	if (wake_kept_make_tree(kept, base, entries, count, tree, &err) < 0 || wake_kept_sync(kept, &err) < 0)
		fail_msg("%s", err.text);
}

static char *list(void *const *state, const char *tree)
{
	wake_auto_free char *script = NULL;
	struct wake_error err = { 0 };

	if (!*tree)
		return strdup("");
	assert_int_equal(wake_str_format(&script, &err,
	                     "git --git-dir=" PLACE " ls-tree -r %s | while read -r m t i p; do "
	                     "echo \"$m $p $(git --git-dir=" PLACE " cat-file blob $i)\"; done",
	                     tree),
	    WAKE_OK);
	return fixture_say(state, script);
}

static void expect_tree(void *const *state, const char *tree, const char *expected)
{
	wake_auto_free char *said = list(state, tree);

	assert_string_equal(said, expected);
}

static void test_made_when_wanted(void **state)
{
	wake_auto_free char *place = scratch_path(state, "state");
	const struct wake_paths paths = { .state = place };
	struct wake_kept *none = NULL;
	struct wake_error err = { 0 };

	assert_int_equal(wake_kept_open(&paths, REPOSITORY, false, &none, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_kept_open(&paths, "../../x", true, &none, &err), WAKE_INVALID);
	assert_null(none);
	wake_kept_close(must_open(state));
	assert_int_equal(wake_kept_open(&paths, REPOSITORY, false, &none, &err), WAKE_OK);
	wake_kept_close(none);
	fixture_expect(state, "700 true 0",
	    "cd " PLACE
	    "; echo \"$(stat -c %a .) $(git rev-parse --is-bare-repository) $(git config gc.auto)\"");
	fixture_expect(state, "", "git --git-dir=" PLACE " fsck --strict 2>&1 | grep -v -i notice || :");
}

static void test_many_makers_at_once(void **state)
{
	pid_t pids[8];

	for (size_t i = 0; i < WAKE_COUNT(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			wake_auto_free char *place = scratch_path(state, "state");
			const struct wake_paths paths = { .state = place };
			wake_auto_kept struct wake_kept *kept = NULL;
			struct wake_error err = { 0 };
			char id[WAKE_HASH_SIZE];
			int64_t written;
			int ret = wake_kept_open(&paths, REPOSITORY, true, &kept, &err);

			if (ret == WAKE_OK)
				ret = wake_kept_add_blob(kept, "same\n", 5, id, &written, &err);
			if (ret == WAKE_OK)
				ret = wake_kept_sync(kept, &err);
			_exit(ret == WAKE_OK ? 0 : 1);
		}
	}
	for (size_t i = 0; i < WAKE_COUNT(pids); i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	fixture_expect(
	    state, "same", "git --git-dir=" PLACE " cat-file blob $(echo same | git hash-object --stdin)");
}

static void test_a_blob_is_written_once(void **state)
{
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char first[WAKE_HASH_SIZE], second[WAKE_HASH_SIZE];
	struct wake_error err = { 0 };
	int64_t written;

	assert_int_equal(wake_kept_add_blob(kept, "a\0b", 3, first, &written, &err), WAKE_OK);
	assert_int_equal(written, 3);
	assert_int_equal(wake_kept_add_blob(kept, "a\0b", 3, second, &written, &err), WAKE_OK);
	assert_int_equal(written, 0);
	assert_string_equal(first, second);
	assert_true(wake_kept_has(kept, first));
	assert_true(wake_kept_has(kept, ""));
	assert_false(wake_kept_has(kept, "1111111111111111111111111111111111111111"));
	assert_false(wake_kept_has(kept, "no hash"));
	assert_int_equal(wake_kept_sync(kept, &err), WAKE_OK);
	assert_int_equal(wake_kept_sync(kept, &err), WAKE_OK);
	fixture_expect(state, first, "printf 'a\\0b' | git hash-object --stdin");
}

static void test_trees_grow_and_shrink(void **state)
{
	static const char *const first[][3] = { { "100644", "b/c/d", "1" }, { "100755", "b-c", "2" },
		{ "120000", "b.c", "b/c" }, { "100644", "a", "3" }, { "100644", "b/x", "4" } };
	static const char *const second[][3] = { { "0", "b/c/d", NULL }, { "100644", "a", "5" },
		{ "0", "nowhere/at/all", NULL }, { "0", "b/no", NULL } };
	static const char *const third[][3] = { { "0", "b/x", NULL }, { "100644", "b", "a file now" },
		{ "0", "a", NULL }, { "100644", "a/was/a/file", "6" } };
	static const char *const last[][3] = { { "0", "b", NULL }, { "0", "b-c", NULL }, { "0", "b.c", NULL },
		{ "0", "a/was/a/file", NULL } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char tree[WAKE_HASH_SIZE];

	make_tree(kept, "", first, WAKE_COUNT(first), tree);
	expect_tree(state, tree, "100644 a 3\n100755 b-c 2\n120000 b.c b/c\n100644 b/c/d 1\n100644 b/x 4");
	make_tree(kept, tree, second, WAKE_COUNT(second), tree);
	expect_tree(state, tree, "100644 a 5\n100755 b-c 2\n120000 b.c b/c\n100644 b/x 4");
	make_tree(kept, tree, third, WAKE_COUNT(third), tree);
	expect_tree(state, tree, "100644 a/was/a/file 6\n100644 b a file now\n100755 b-c 2\n120000 b.c b/c");
	make_tree(kept, tree, last, WAKE_COUNT(last), tree);
	assert_string_equal(tree, "");
	make_tree(kept, "", NULL, 0, tree);
	assert_string_equal(tree, "");
	fixture_expect(
	    state, "", "git --git-dir=" PLACE " fsck --strict --no-dangling 2>&1 | grep -v -i notice || :");
}

static void test_of_two_entries_the_last_counts(void **state)
{
	static const char *const words[][3] = { { "100644", "f", "1" }, { "0", "f", NULL },
		{ "0", "g", NULL }, { "100644", "g", "2" } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char tree[WAKE_HASH_SIZE];

	make_tree(kept, "", words, WAKE_COUNT(words), tree);
	expect_tree(state, tree, "100644 g 2");
}

static void test_paths_that_are_not_taken(void **state)
{
	static const char *const odd[] = { "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", ".git",
		"a/.GIT/b", ".git/hooks/x" };
	static const char *const fine[] = { "a", "-", "a b", "\n", ".gitignore", "...", "a/.x", "git/x",
		"\xff" };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char tree[WAKE_HASH_SIZE] = "untouched", id[WAKE_HASH_SIZE];
	struct wake_error err = { 0 };

	add(kept, "x", id);
	for (size_t i = 0; i < WAKE_COUNT(odd); i++) {
		const struct wake_kept_entry entry = { odd[i], id, 0100644 };

		assert_false(wake_kept_takes_path(odd[i]));
		assert_int_equal(wake_kept_make_tree(kept, "", &entry, 1, tree, &err), WAKE_INVALID);
	}
	assert_string_equal(tree, "untouched");
	for (size_t i = 0; i < WAKE_COUNT(fine); i++) {
		const struct wake_kept_entry entry = { fine[i], id, 0100644 };

		assert_true(wake_kept_takes_path(fine[i]));
		assert_int_equal(wake_kept_make_tree(kept, "", &entry, 1, tree, &err), WAKE_OK);
	}
}

static void test_entries_that_are_none(void **state)
{
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char tree[WAKE_HASH_SIZE], id[WAKE_HASH_SIZE];
	const struct wake_kept_entry mode = { "a", id, 0100600 }, text = { "a", "no hash", 0100644 },
	                             missing = { "a", "1111111111111111111111111111111111111111", 0100644 },
	                             good = { "a", id, 0100644 };
	struct wake_error err = { 0 };

	add(kept, "x", id);
	assert_int_equal(wake_kept_make_tree(kept, "", &mode, 1, tree, &err), WAKE_INVALID);
	assert_true(wake_kept_make_tree(kept, "", &text, 1, tree, &err) < 0);
	assert_true(wake_kept_make_tree(kept, "", &missing, 1, tree, &err) < 0);
	assert_int_equal(wake_kept_make_tree(kept, "zz", &good, 1, tree, &err), WAKE_INVALID);
	assert_int_equal(wake_kept_make_tree(kept, id, &good, 1, tree, &err), WAKE_NOTFOUND);
}

/* The patch as a text. */
static char *patch(void *const *state, struct wake_kept *kept, const char *old_tree, const char *new_tree,
    const char *const *paths, bool color)
{
	wake_auto_free char *path = scratch_path(state, "patch");
	wake_auto_close int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct wake_error err = { 0 };
	char *text = NULL;
	size_t len;

	assert_true(fd >= 0);
	if (wake_kept_patch(kept, old_tree, new_tree, paths, color, fd, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(wake_fs_read(path, SAID_MAX, WAKE_FS_PLAIN, &text, &len, &err), WAKE_OK);
	return text;
}

static void test_patches_can_be_applied(void **state)
{
	static const char *const old_words[][3] = { { "100644", "edited", "1\n2\n3\n" },
		{ "100644", "gone", "x\n" }, { "100644", "a/binary", "\001\002\n" } };
	static const char *const new_words[][3] = { { "100644", "edited", "1\n3\n4" }, { "0", "gone", NULL },
		{ "100755", "-new: \"\377", "n\n" }, { "120000", "link", "edited" } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char old_tree[WAKE_HASH_SIZE], new_tree[WAKE_HASH_SIZE];
	wake_auto_free char *all = NULL;
	wake_auto_free char *one = NULL;
	wake_auto_free char *colored = NULL;
	wake_auto_free char *from_nothing = NULL;
	static const char *const paths[] = { "gone", NULL };

	make_tree(kept, "", old_words, WAKE_COUNT(old_words), old_tree);
	make_tree(kept, old_tree, new_words, WAKE_COUNT(new_words), new_tree);
	fixture_do(
	    state, "git config --global diff.noprefix true; git config --global diff.external /bin/false");
	colored = patch(state, kept, old_tree, new_tree, NULL, true);
	assert_non_null(strstr(colored, "\033["));
	one = patch(state, kept, old_tree, new_tree, paths, false);
	assert_ptr_equal(strstr(one, "diff --git a/gone b/gone"), one);
	assert_null(strstr(one, "edited"));
	from_nothing = patch(state, kept, "", new_tree, NULL, false);
	assert_non_null(strstr(from_nothing, "new file mode 120000"));
	all = patch(state, kept, old_tree, new_tree, NULL, false);
	fixture_do(state,
	    "mkdir w; cd w; printf '1\\n2\\n3\\n' >edited; echo x >gone; git init -q; git apply ../patch;"
	    "[ ! -e gone ]; [ \"$(readlink link)\" = edited ]; [ -x \"$(printf -- '-new: \"\\377')\" ];"
	    "printf '1\\n3\\n4' | cmp - edited");
}

static void test_a_patch_of_what_is_gone(void **state)
{
	wake_auto_kept struct wake_kept *kept = must_open(state);
	struct wake_error err = { 0 };

	assert_int_equal(
	    wake_kept_patch(kept, "1111111111111111111111111111111111111111", "", NULL, false, 1, &err),
	    WAKE_NOTFOUND);
	assert_int_equal(wake_kept_patch(kept, "--output=x", "", NULL, false, 1, &err), WAKE_NOTFOUND);
}

static int restore(void *const *state, struct wake_kept *kept, const char *tree, const char *name,
    struct wake_restored *restored, struct wake_error *err)
{
	wake_auto_free char *dir = scratch_path(state, name);

	return wake_kept_restore(kept, tree, dir, restored, err);
}

static void test_files_come_back(void **state)
{
	static const char *const words[][3] = { { "100644", "a/b/text", "1\r\n2" },
		{ "100755", "run", "#!/bin/sh\n" }, { "120000", "a/link", "../nowhere" },
		{ "100644", "empty", "" }, { "100644", "-\n\377", "odd" } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	struct wake_restored restored = { 0 }, untouched = { .files = 77 };
	struct wake_error err = { 0 };
	char tree[WAKE_HASH_SIZE];

	make_tree(kept, "", words, WAKE_COUNT(words), tree);
	assert_int_equal(restore(state, kept, tree, "to/new", &restored, &err), WAKE_OK);
	assert_int_equal(restored.files, 5);
	assert_int_equal(restored.bytes, 4 + 10 + 10 + 0 + 3);
	fixture_do(state,
	    "cd to/new; printf '1\\r\\n2' | cmp - a/b/text; [ -x run ]; [ ! -x empty ]; [ ! -s empty ];"
	    "[ \"$(readlink a/link)\" = ../nowhere ]; [ \"$(cat -- \"$(printf -- '-\\n\\377')\")\" = odd ]");
	assert_int_equal(restore(state, kept, tree, "to/new", &untouched, &err), WAKE_EXISTS);
	assert_int_equal(restore(state, kept, tree, "to/new/run", &untouched, &err), WAKE_EXISTS);
	assert_int_equal(
	    restore(state, kept, "1111111111111111111111111111111111111111", "x", &untouched, &err),
	    WAKE_NOTFOUND);
	assert_int_equal(untouched.files, 77);
	assert_int_equal(restore(state, kept, "", "none", &restored, &err), WAKE_OK);
	assert_int_equal(restored.files, 0);
	fixture_do(state, "[ -d none ]");
}

/* Trees that no git would make: made by git with harmless names of the same length, which sed then replaces.
 */
static void test_hostile_trees_write_nothing_outside(void **state)
{
	static const char *const trees[][2] = {
		{ "100644 blob $blob\\tXX", "s/XX/../" },
		{ "100644 blob $blob\\tXXXX", "s/XXXX/.git/" },
		{ "100644 blob $blob\\tXXXXXXXXXXXXXXXX", "s,XXXXXXXXXXXXXXXX,a/../../escapedX," },
		{ "100644 blob $blob\\tXXXXXXXXXX", "s,XXXXXXXXXX,/escaped/x," },
		{ "100644 blob $blob\\tX0\\n100644 blob $blob\\tX1", "s/X1/X0/" },
		{ "120000 blob $blob\\tX0\\n40000 tree $below\\tX1", "s/X1/X0/" },
		{ "40000 tree $below\\tXX", "s/XX/../" },
		{ "40000 tree $below\\tXXXX", "s/XXXX/.GIT/" },
		{ "160000 commit 1111111111111111111111111111111111111111\\tmodule", "" },
	};
	wake_auto_kept struct wake_kept *kept = must_open(state);
	struct wake_restored restored;
	struct wake_error err = { 0 };

	for (size_t i = 0; i < WAKE_COUNT(trees); i++) {
		wake_auto_free char *script = NULL;
		wake_auto_free char *tree = NULL;
		wake_auto_free char *dir = NULL;

		assert_int_equal(
		    wake_str_format(&script, &err,
		        "export GIT_DIR=" PLACE
		        " LC_ALL=C; blob=$(printf %%s ../../escaped | git hash-object -w --stdin);"
		        "below=$(printf \"100644 blob $blob\\tx\\n\" | git mktree);"
		        "honest=$(printf \"%s\\n\" | git mktree --missing);"
		        "git cat-file tree $honest | sed '%s' | git hash-object -t tree -w --literally "
		        "--stdin",
		        trees[i][0], trees[i][1]),
		    WAKE_OK);
		tree = fixture_say(state, script);
		assert_int_equal(wake_str_format(&dir, &err, "in/side/%zu", i), WAKE_OK);
		assert_int_equal(restore(state, kept, tree, dir, &restored, &err), WAKE_CORRUPT);
	}
	fixture_expect(state, "", "find . -name 'escaped*'");
}

#define MANY 600

/* MANY files, each of its own content, in directories of a hundred; not synced. */
static void add_many(struct wake_kept *kept, unsigned seed, char tree[WAKE_HASH_SIZE])
{
	static struct wake_kept_entry entries[MANY];
	static char ids[MANY][WAKE_HASH_SIZE], paths[MANY][24];
	struct wake_error err = { 0 };

	for (unsigned i = 0; i < MANY; i++) {
		char text[80];

		(void)snprintf(
		    text, sizeof(text), "%u %u, and some words that are alike in all of them\n", seed, i);
		(void)snprintf(paths[i], sizeof(paths[i]), "d%u/f%u", i / 100, i);
		add(kept, text, ids[i]);
		entries[i] = (struct wake_kept_entry){ .path = paths[i], .id = ids[i], .mode = 0100644 };
	}
	if (wake_kept_make_tree(kept, "", entries, MANY, tree, &err) < 0)
		fail_msg("%s", err.text);
}

static void sync_all(struct wake_kept *kept)
{
	struct wake_error err = { 0 };

	if (wake_kept_sync(kept, &err) < 0)
		fail_msg("%s", err.text);
}

#define COUNTS                                                                                               \
	"git --git-dir=" PLACE                                                                               \
	" count-objects -v | awk '/^(count|in-pack|packs|garbage):/ { print $2 }' | xargs"
#define FSCK "git --git-dir=" PLACE " fsck --strict --full --no-dangling 2>&1 | grep -v -i notice || :"

static void test_many_objects_are_a_pack(void **state)
{
	wake_auto_kept struct wake_kept *kept = must_open(state);
	wake_auto_kept struct wake_kept *later = NULL;
	struct wake_restored restored;
	struct wake_error err = { 0 };
	char tree[WAKE_HASH_SIZE], again[WAKE_HASH_SIZE];

	fixture_do(state, "cd " PLACE "/objects/pack; echo torn >tmp_pack_AbCdEf; echo torn >tmp_idx_AbCdEf");
	add_many(kept, 1, tree);
	assert_true(wake_kept_has(kept, tree));
	assert_int_equal(restore(state, kept, tree, "early", &restored, &err), WAKE_OK);
	assert_int_equal(restored.files, MANY);
	fixture_expect(state, "0 0 0 2", COUNTS);
	sync_all(kept);
	assert_true(wake_kept_has(kept, tree));
	fixture_expect(state, "0 607 1 0", COUNTS);
	fixture_expect(state, "", FSCK);
	fixture_expect(state, "444 444", "cd " PLACE "/objects/pack; stat -c %a * | xargs");
	later = must_open(state);
	assert_true(wake_kept_has(later, tree));
	assert_int_equal(restore(state, later, tree, "late", &restored, &err), WAKE_OK);
	fixture_do(state, "diff -r early late; grep -q '^1 599,' late/d5/f599");
	add_many(later, 1, again);
	assert_string_equal(again, tree);
	sync_all(later);
	fixture_expect(state, "0 607 1 0", COUNTS);
}

/* Also what an open repository has read before the packs went is found afterwards. */
static void test_packs_do_not_collect(void **state)
{
	enum { STATES = 40 };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	wake_auto_kept struct wake_kept *reader = NULL;
	struct wake_restored restored;
	struct wake_error err = { 0 };
	char trees[STATES][WAKE_HASH_SIZE];

	for (unsigned i = 0; i < STATES; i++) {
		add_many(kept, i, trees[i]);
		sync_all(kept);
		if (i == 20) {
			reader = must_open(state);
			assert_true(wake_kept_has(reader, trees[0]));
			fixture_do(state,
			    ": >" PLACE "/objects/pack/pack-1111111111111111111111111111111111111111.idx");
		}
	}
	fixture_expect(state, "0 24280 8 0", COUNTS);
	fixture_expect(state, "", FSCK);
	for (unsigned i = 0; i < STATES; i++) {
		wake_auto_free char *name = NULL;

		assert_int_equal(wake_str_format(&name, &err, "out%u", i), WAKE_OK);
		assert_int_equal(
		    restore(state, i % 2 ? kept : reader, trees[i], name, &restored, &err), WAKE_OK);
		assert_int_equal(restored.files, MANY);
	}
}

static void test_few_objects_are_loose(void **state)
{
	static const char *const words[][3] = { { "100644", "a/b", "1" }, { "100644", "c", "2" } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char tree[WAKE_HASH_SIZE];

	make_tree(kept, "", words, WAKE_COUNT(words), tree);
	make_tree(kept, "", words, WAKE_COUNT(words), tree);
	fixture_expect(state, "4 0 0 0", COUNTS);
	fixture_expect(state, "444 700",
	    "cd " PLACE
	    "/objects; echo $(stat -c %a [0-9a-f]*/* | sort -u) $(stat -c %a [0-9a-f]* | sort -u)");
}

/* Memory is bounded: what is collected goes to the disk by itself. */
static void test_large_contents_do_not_wait(void **state)
{
	enum { LARGE = 3 * 1024 * 1024 };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	wake_auto_free char *large = calloc(1, LARGE);
	struct wake_error err = { 0 };
	char id[WAKE_HASH_SIZE];
	int64_t written;

	assert_non_null(large);
	for (char i = 0; i < 7; i++) {
		large[0] = i;
		assert_int_equal(wake_kept_add_blob(kept, large, LARGE, id, &written, &err), WAKE_OK);
		assert_int_equal(written, LARGE);
	}
	fixture_expect(state, "6 0 0 0", COUNTS);
	assert_true(wake_kept_has(kept, id));
	sync_all(kept);
	fixture_expect(state, "7 0 0 0", COUNTS);
}

static void test_a_pack_that_cannot_be_written(void **state)
{
	wake_auto_kept struct wake_kept *kept = must_open(state);
	struct wake_error err = { 0 };
	char tree[WAKE_HASH_SIZE];

	add_many(kept, 1, tree);
	fixture_do(state, "mv " PLACE "/objects/pack elsewhere; echo >" PLACE "/objects/pack");
	assert_int_equal(wake_kept_sync(kept, &err), WAKE_SYSTEM);
	assert_true(wake_kept_has(kept, tree));
	fixture_do(state, "rm " PLACE "/objects/pack; mv elsewhere " PLACE "/objects/pack");
	sync_all(kept);
	fixture_expect(state, "0 607 1 0", COUNTS);
	fixture_expect(state, "", FSCK);
}

/* Keeps one state after the other and tells each when it is synced, until it is killed. */
static void keep_on(void *const *state, int fd)
{
	for (unsigned seed = 0;; seed++) {
		wake_auto_kept struct wake_kept *kept = must_open(state);
		char tree[WAKE_HASH_SIZE];

		add_many(kept, seed, tree);
		sync_all(kept);
		if (write(fd, tree, sizeof(tree)) != (ssize_t)sizeof(tree))
			_exit(1);
	}
}

static void test_what_was_synced_outlives_a_kill(void **state)
{
	enum { TOLD = 3 };
	wake_auto_kept struct wake_kept *kept = NULL;
	char trees[TOLD][WAKE_HASH_SIZE], after[WAKE_HASH_SIZE];
	struct wake_restored restored;
	struct wake_error err = { 0 };
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		keep_on(state, ends[1]);
	for (size_t i = 0; i < TOLD; i++)
		assert_int_equal(read(ends[0], trees[i], sizeof(trees[i])), sizeof(trees[i]));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(ends[0]);
	(void)close(ends[1]);
	kept = must_open(state);
	for (size_t i = 0; i < TOLD; i++) {
		wake_auto_free char *name = NULL;

		assert_int_equal(wake_str_format(&name, &err, "out%zu", i), WAKE_OK);
		assert_int_equal(restore(state, kept, trees[i], name, &restored, &err), WAKE_OK);
		assert_int_equal(restored.files, MANY);
	}
	add_many(kept, 1000000, after);
	sync_all(kept);
	fixture_expect(state, "", FSCK);
}

static int64_t bytes_kept(void *const *state)
{
	wake_auto_free char *place = scratch_path(state, "state");
	const struct wake_paths paths = { .state = place };
	struct wake_error err = { 0 };
	int64_t bytes = -1;

	if (wake_kept_bytes(&paths, &bytes, &err) < 0)
		fail_msg("%s", err.text);
	return bytes;
}

/* Opened anew: what an open one has seen, it remembers. */
static void trim_to(void *const *state, struct wake_kept **kept, const char *one, const char *other)
{
	wake_auto_free char *place = scratch_path(state, "state"), *trees = NULL;
	const struct wake_paths paths = { .state = place };
	struct wake_error err = { 0 };

	wake_kept_close(*kept);
	assert_int_equal(wake_str_format(&trees, &err, "%s\n\n%s\n", one, other), WAKE_OK);
	if (wake_kept_trim(&paths, REPOSITORY, trees, &err) < 0)
		fail_msg("%s", err.text);
	*kept = must_open(state);
}

/* Loose objects and packs alike; what is shared stays as long as one needs it. */
static void test_only_what_is_needed_stays(void **state)
{
	static const char *const old[][3] = { { "100644", "a", "shared" }, { "100644", "b", "old" } };
	static const char *const new[][3] = { { "100644", "a", "shared" }, { "100755", "d/b", "new" } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char old_tree[WAKE_HASH_SIZE], new_tree[WAKE_HASH_SIZE], id[WAKE_HASH_SIZE], text[64];
	struct wake_error err = { 0 };
	int64_t before;

	assert_int_equal(bytes_kept(state) > 0, true); /* HEAD and config */
	make_tree(kept, "", old, WAKE_COUNT(old), old_tree);
	make_tree(kept, "", new, WAKE_COUNT(new), new_tree);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "in a pack %d", i);
		add(kept, text, id);
	}
	assert_int_equal(wake_kept_sync(kept, &err), WAKE_OK);
	fixture_expect(state, "1", "ls " PLACE "/objects/pack/*.pack | wc -l");
	before = bytes_kept(state);
	trim_to(state, &kept, new_tree, "0123456789012345678901234567890123456789");
	expect_tree(state, new_tree, "100644 a shared\n100755 d/b new");
	assert_true(wake_kept_has(kept, new_tree));
	assert_false(wake_kept_has(kept, old_tree));
	assert_false(wake_kept_has(kept, id));
	fixture_expect(
	    state, "4", "git --git-dir=" PLACE " cat-file --batch-all-objects --batch-check | wc -l");
	fixture_expect(state, "1 0",
	    "cd " PLACE "/objects; echo \"$(ls pack/*.pack | wc -l) $(find . -type f -path "
	    "'./[0-9a-f][0-9a-f]/*' | wc -l)\"");
	assert_true(bytes_kept(state) < before);
	/* The same again changes nothing; and life goes on. */
	trim_to(state, &kept, new_tree, "");
	make_tree(kept, new_tree, old, WAKE_COUNT(old), old_tree);
	expect_tree(state, old_tree, "100644 a shared\n100644 b old\n100755 d/b new");
	trim_to(state, &kept, "", "");
	fixture_expect(
	    state, "0", "git --git-dir=" PLACE " cat-file --batch-all-objects --batch-check | wc -l");
	assert_false(wake_kept_has(kept, new_tree));
	fixture_expect(state, "", "git --git-dir=" PLACE " fsck --strict 2>&1 | grep -v -i notice || :");
}

/* A state whose objects somebody took away stops nothing. */
static void test_a_tree_with_holes_is_trimmed_around(void **state)
{
	static const char *const one[][3] = { { "100644", "a", "there" }, { "100644", "b", "taken" } };
	wake_auto_kept struct wake_kept *kept = must_open(state);
	char tree[WAKE_HASH_SIZE], other[WAKE_HASH_SIZE];

	make_tree(kept, "", one, 2, tree);
	make_tree(kept, "", one, 1, other);
	fixture_expect(state, "",
	    "cd " PLACE "/objects; id=$(printf taken | git hash-object --stdin); "
	    "rm -f $(echo $id | cut -c1-2)/$(echo $id | cut -c3-)");
	trim_to(state, &kept, tree, other);
	expect_tree(state, other, "100644 a there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_made_when_wanted),
		fixture_test(test_many_makers_at_once),
		fixture_test(test_a_blob_is_written_once),
		fixture_test(test_trees_grow_and_shrink),
		fixture_test(test_of_two_entries_the_last_counts),
		fixture_test(test_paths_that_are_not_taken),
		fixture_test(test_entries_that_are_none),
		fixture_test(test_patches_can_be_applied),
		fixture_test(test_a_patch_of_what_is_gone),
		fixture_test(test_files_come_back),
		fixture_test(test_hostile_trees_write_nothing_outside),
		fixture_test(test_many_objects_are_a_pack),
		fixture_test(test_packs_do_not_collect),
		fixture_test(test_few_objects_are_loose),
		fixture_test(test_large_contents_do_not_wait),
		fixture_test(test_a_pack_that_cannot_be_written),
		fixture_test(test_what_was_synced_outlives_a_kill),
		fixture_test(test_only_what_is_needed_stays),
		fixture_test(test_a_tree_with_holes_is_trimmed_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
