/* SPDX-License-Identifier: MIT */
/* Repositories when memory fails at any one call: an answer is whole and the same, or there is none and it is
 * said that memory is out. Never half an answer, never another engine's excuse. */
#include "../unit/git/fixture.h"
#include "git/diffstat.h"
#include "git/edits.h"
#include "git/examine.h"
#include "wrap.h"

#define NTH_MAX 3000 /* a loop that has not ended by then never will */
#define KEPT_MANY 80 /* a pack */
#define MOVEMENT "0198f0c2-7d3a-8bcd-8e12-0123456789ab"

/* What is asked: appends the answer to out. */
typedef int (*question)(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err);

static int append_json(json_t *json, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *owned = json;

	return wake_json_append(out, owned, err);
}

static int ask_diff(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err)
{
	auto_repo *repo = NULL;
	wake_auto_diffstat struct wake_diffstat stat = { 0 };
	json_t *files = NULL;
	int ret = wake_repo_open(worktree, &repo, err);

	if (ret == WAKE_OK)
		ret = wake_diffstat_commits(repo, hashes[0], hashes[1], &stat, err);
	if (ret == WAKE_OK)
		ret = wake_diffstat_json(&stat, &files, err);
	if (ret < 0)
		return ret;
	wake_str_append(out, stat.engine);
	return append_json(files, out, err);
}

static int ask_examination(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err)
{
	auto_repo *repo = NULL;
	wake_auto_json json_t *data = NULL;
	struct wake_event moved = { .id = MOVEMENT, .type = WAKE_EVENT_MOVED };
	json_t *examined = NULL;
	int ret = wake_repo_open(worktree, &repo, err);

	if (ret < 0)
		return ret;
	data = json_pack("{ss,ss,ss,ss,ss,ss,sI,ss}", "repository_id", MOVEMENT, "old", hashes[0], "new",
	    hashes[1], "kind", "rebase-pick", "name", "Ann Example", "email", "ann@example.org", "time",
	    (json_int_t)1700000000, "zone", "+0000");
	if (!data)
		return wake_fail_nomem(err);
	moved.data = data;
	ret = wake_examine(repo, &moved, &examined, err);
	return ret < 0 ? ret : append_json(examined, out, err);
}

static int ask_names(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err)
{
	auto_repo *repo = NULL;
	wake_auto_free char *name = NULL;
	wake_auto_free char *email = NULL;
	wake_auto_free char *branch = NULL;
	char head[WAKE_HASH_SIZE], resolved[WAKE_HASH_SIZE];
	int ret = wake_repo_open(worktree, &repo, err);

	if (ret == WAKE_OK)
		ret = wake_repo_name(repo, &name, err);
	if (ret == WAKE_OK)
		ret = wake_repo_user_email(repo, &email, err);
	if (ret == WAKE_OK)
		ret = wake_repo_head(repo, &branch, head, err);
	if (ret == WAKE_OK)
		ret = wake_repo_resolve(repo, hashes[0], resolved, err);
	if (ret < 0)
		return ret;
	wake_str_appendf(out, "%s %s %s %s %s", name, email, branch, head, resolved);
	return wake_str_check(out, err);
}

/* The state of the worktree, found from nothing and then once more from itself, with contents kept. */
static int ask_edits(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err)
{
	const struct wake_paths place = { .state = worktree->root };
	auto_repo *repo = NULL;
	wake_auto_kept struct wake_kept *kept = NULL;
	wake_auto_edits struct wake_edits first = { 0 }, edits = { 0 };
	wake_auto_json json_t *paths = json_pack("[s,s,s]", "a", "c", "ignored.log");
	wake_auto_free char *cache = NULL;
	struct wake_edits_request request = {
		.keep_file_max = SAID_MAX, .keep_max = SAID_MAX, .keep_never = "*.key"
	};
	int ret = paths ? wake_fs_join(worktree->git_dir, "cache", &cache, err) : wake_fail_nomem(err);

	(void)hashes;
	if (ret == WAKE_OK)
		ret = wake_repo_open(worktree, &repo, err);
	if (ret == WAKE_OK)
		ret = wake_kept_open(&place, MOVEMENT, true, &kept, err);
	request.kept = kept;
	request.index_cache = cache;
	if (ret == WAKE_OK)
		ret = wake_edits_diff(repo, &request, &first, err);
	request.before = first.files;
	request.before_head = first.head;
	request.before_old = first.kept_old;
	request.before_new = first.kept_new;
	request.paths = paths;
	if (ret == WAKE_OK)
		ret = wake_edits_diff(repo, &request, &edits, err);
	if (ret < 0)
		return ret;
	wake_str_appendf(out, "%s %s %d ", edits.kept_old, edits.kept_new, edits.changed);
	return wake_json_append(out, edits.files, err);
}

/* So many contents kept, and found by another who opens the same place. */
static int keep(const struct wake_paths *place, unsigned count, struct wake_str *out, struct wake_error *err)
{
	wake_auto_kept struct wake_kept *kept = NULL;
	wake_auto_kept struct wake_kept *other = NULL;
	char ids[KEPT_MANY][WAKE_HASH_SIZE], paths[KEPT_MANY][16], tree[WAKE_HASH_SIZE];
	struct wake_kept_entry entries[KEPT_MANY];
	int64_t written;
	int ret = wake_kept_open(place, MOVEMENT, true, &kept, err);

	for (unsigned i = 0; i < count && ret == WAKE_OK; i++) {
		(void)snprintf(paths[i], sizeof(paths[i]), "d%u/f%u", i % 3, i);
		ret = wake_kept_add_blob(kept, paths[i], strlen(paths[i]), ids[i], &written, err);
		entries[i] = (struct wake_kept_entry){ .path = paths[i], .id = ids[i], .mode = 0100644 };
	}
	if (ret == WAKE_OK)
		ret = wake_kept_make_tree(kept, "", entries, count, tree, err);
	if (ret == WAKE_OK)
		ret = wake_kept_sync(kept, err);
	if (ret == WAKE_OK)
		ret = wake_kept_open(place, MOVEMENT, false, &other, err);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < count; i++)
		assert_true(wake_kept_has(other, ids[i]));
	wake_str_appendf(out, "%s %d", tree, wake_kept_has(other, tree));
	return wake_str_check(out, err);
}

/* Each time at a new place. */
static int keep_anew(
    const struct wake_worktree *worktree, unsigned count, struct wake_str *out, struct wake_error *err)
{
	wake_auto_free char *state = NULL;
	int ret = wake_str_format(&state, err, "%s/kept-XXXXXX", worktree->git_dir);

	if (ret < 0)
		return ret;
	assert_non_null(mkdtemp(state));
	const struct wake_paths place = { .state = state };

	return keep(&place, count, out, err);
}

static int ask_few_kept(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err)
{
	(void)hashes;
	return keep_anew(worktree, 4, out, err);
}

static int ask_many_kept(const struct wake_worktree *worktree, char (*hashes)[WAKE_HASH_SIZE],
    struct wake_str *out, struct wake_error *err)
{
	(void)hashes;
	return keep_anew(worktree, KEPT_MANY, out, err);
}

static void read_hashes(void *const *state, char (*hashes)[WAKE_HASH_SIZE])
{
	wake_auto_free char *old_hash = fixture_say(state, "git -C r rev-parse main~");
	wake_auto_free char *new_hash = fixture_say(state, "git -C r rev-parse main");

	(void)snprintf(hashes[0], WAKE_HASH_SIZE, "%s", old_hash);
	(void)snprintf(hashes[1], WAKE_HASH_SIZE, "%s", new_hash);
}

/* Asks undisturbed, and then with each call of a kind failing in its turn, which is told by that code. */
static void ask_without(
    void *const *state, question ask, const char *wanted, enum wrap_call call, int error, int code)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_str struct wake_str expected = WAKE_STR(SAID_MAX);
	wake_auto_free char *path = scratch_path(state, "r");
	char hashes[2][WAKE_HASH_SIZE];
	struct wake_error err = { 0 };
	unsigned long nth = 0;
	bool fired = true;

	read_hashes(state, hashes);
	assert_int_equal(wake_worktree_find(path, &worktree, &err), WAKE_OK);
	assert_int_equal(ask(&worktree, hashes, &expected, &err), WAKE_OK);
	assert_non_null(strstr(wake_str_text(&expected), wanted));
	while (fired) {
		wake_auto_str struct wake_str answer = WAKE_STR(SAID_MAX);
		int ret;

		assert_true(++nth < NTH_MAX);
		wrap_fail(call, nth, error);
		ret = ask(&worktree, hashes, &answer, &err);
		fired = wrap_stop();
		if (ret == WAKE_OK)
			assert_string_equal(wake_str_text(&answer), wake_str_text(&expected));
		else
			assert_int_equal(ret, fired ? code : WAKE_OK);
	}
	assert_true(nth > 5);
}

static void ask_always(void *const *state, question ask, const char *wanted)
{
	ask_without(state, ask, wanted, WRAP_MEMORY, 0, WAKE_NOMEM);
}

#define HISTORY                                                                                              \
	"git init -q r; cd r; export GIT_COMMITTER_DATE='@1700000000 +0000'; seq 20 >a; seq 5 >b; git add "  \
	".;"                                                                                                 \
	"git commit -q -m one; git clone -q . ../other; git remote add up ../other; git fetch -q up;"

static void answers_by_the_walk_or_not_at_all(void **state)
{
	fixture_do(state, HISTORY "sed -i 3d a; git mv b c; git commit -q -a -m two");
	ask_always(state, ask_diff, "walk[");
	ask_always(state, ask_examination, "\"patch_id\":\"");
	ask_always(state, ask_names, "ann@example.org");
}

static void answers_by_git_or_not_at_all(void **state)
{
	fixture_do(state, HISTORY "sed -i 3d a; git mv a c; git commit -q -a -m two");
	ask_always(state, ask_diff, "git[");
}

static void answers_of_sha256_or_not_at_all(void **state)
{
	fixture_do(state,
	    "git init -q --object-format=sha256 r; cd r; seq 20 >a; git add .; git commit -q -m one;"
	    "sed -i 3d a; git commit -q -a -m two");
	ask_always(state, ask_examination, "\"engine\":\"git\"");
}

static void states_of_a_worktree_or_none(void **state)
{
	fixture_do(state,
	    HISTORY "sed -i 3d a; git mv b c; git commit -q -a -m two; echo more >>a; rm c; echo x >d.key;"
	            "printf 'kept\\n*.log\\ncache\\n' >.git/info/exclude; echo y >ignored.log; git add -N "
	            "d.key; echo n >n");
	ask_always(state, ask_edits, "\"status\":\"D\"");
	fixture_do(state, "cd r; git reset -q");
	ask_always(state, ask_edits, "\"status\":\"?\"");
}

static void contents_kept_or_not(void **state)
{
	fixture_do(state, HISTORY "sed -i 3d a; git commit -q -a -m two");
	ask_always(state, ask_few_kept, " 1");
	ask_always(state, ask_many_kept, " 1");
	ask_without(state, ask_few_kept, " 1", WRAP_SYNC, EIO, WAKE_SYSTEM);
	ask_without(state, ask_many_kept, " 1", WRAP_SYNC, EIO, WAKE_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(contents_kept_or_not),
		fixture_test(states_of_a_worktree_or_none),
		fixture_test(answers_by_the_walk_or_not_at_all),
		fixture_test(answers_by_git_or_not_at_all),
		fixture_test(answers_of_sha256_or_not_at_all),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
