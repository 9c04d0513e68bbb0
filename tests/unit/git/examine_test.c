/* SPDX-License-Identifier: MIT */
/* git/examine: from a line of a real reflog to the facts, and to the verdict that follows from them. */
#include "git/examine.h"

#include "event/reflog.h"
#include "fixture.h"
#include "git/made.h"

#define MOVEMENT "0198f0c2-7d3a-8bcd-8e12-0123456789ab"
#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"
#define START                                                                                                \
	"git init -q r; cd r; export GIT_COMMITTER_DATE='@1700000000 +0100'; seq 20 >f; git add f; git "     \
	"commit -q -m one; "
#define LATER "cd r; export GIT_COMMITTER_DATE='@1700005000 +0100'; "

static void set_stored(json_t *data, const char *key, const char *bytes, size_t len)
{
	wake_auto_free char *text = strndup(bytes, len);
	struct wake_error err = { 0 };

	assert_int_equal(wake_event_set_text(data, key, text, WAKE_EVENT_NAME_MAX, &err), WAKE_OK);
}

/* What the observer makes of a line. */
static json_t *tell(const struct wake_reflog_line *line)
{
	const struct wake_reflog_kind *kind = wake_reflog_kind(line->message, line->message_len);
	json_t *data = json_pack("{ss,ss,ss,ss,sI,ss,sI}", "repository_id", REPOSITORY, "old", line->old_hash,
	    "new", line->new_hash, "kind", kind->name, "time", (json_int_t)line->time, "zone", line->zone,
	    "position", (json_int_t)line->position);

	assert_non_null(data);
	set_stored(data, "name", line->name, line->name_len);
	set_stored(data, "email", line->email, line->email_len);
	return data;
}

static json_t *examine_data(void *const *state, const char *place, json_t *data)
{
	auto_repo *repo = fixture_open(state, place);
	struct wake_event moved = { .id = MOVEMENT, .type = WAKE_EVENT_MOVED, .data = data };
	struct wake_error err = { 0 };
	json_t *examined = NULL;

	if (wake_examine(repo, &moved, &examined, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(wake_json_string(examined, "movement"), MOVEMENT);
	assert_string_equal(wake_json_string(examined, "repository_id"), REPOSITORY);
	return examined;
}

static void free_log(struct wake_reflog **log)
{
	wake_reflog_free(*log);
}

/* The back-th line from the end of a log, 0 being the last. */
static json_t *last_line(void *const *state, const char *log_path, size_t back)
{
	WAKE_CLEANUP(free_log) struct wake_reflog *log = NULL;
	wake_auto_free char *path = scratch_path(state, log_path);
	struct wake_error err = { 0 };
	json_t *data;

	assert_int_equal(wake_reflog_read(path, &log, &err), WAKE_OK);
	assert_true(wake_reflog_count(log) > back);
	data = tell(wake_reflog_line(log, wake_reflog_count(log) - 1 - back));
	path[strlen(path) - strlen("/logs/HEAD")] = '\0';
	assert_int_equal(wake_json_set_string(data, "git_dir", path, &err), WAKE_OK);
	return data;
}

static struct wake_verdict judge(const json_t *data, const json_t *examined)
{
	const char *old_hash = wake_json_string(data, "old"), *new_hash = wake_json_string(data, "new");
	const struct wake_made_facts facts = { .moved = strcmp(old_hash, new_hash) != 0 &&
		                                        !wake_hash_is_zero(new_hash),
		.flags = wake_reflog_kind_named(wake_json_string(data, "kind"))->flags,
		.has_line = !wake_json_true(data, "implied"),
		.known_earlier = wake_json_true(examined, "known_earlier"),
		.known_remote = wake_json_true(examined, "known_remote"),
		.committer_is_line = wake_json_true(examined, "committer_is_line"),
		.same_committer = wake_json_true(examined, "same_committer"),
		.lag = wake_json_int(examined, "lag", -1),
		.graph = wake_graph_named(wake_json_string(examined, "graph")) };

	return wake_made_judge(&facts);
}

/* Whatever is judged made has a diff, and nothing else has. */
static void expect_line(
    void *const *state, const char *log_path, size_t back, bool made, const char *reason, const char *graph)
{
	wake_auto_json json_t *data = last_line(state, log_path, back);
	wake_auto_json json_t *examined = examine_data(state, "r", data);
	struct wake_verdict verdict = judge(data, examined);
	const json_t *commit = json_object_get(examined, "commit");

	assert_string_equal(verdict.reason, reason);
	assert_int_equal(verdict.made, made);
	assert_string_equal(wake_json_string(examined, "graph"), graph);
	assert_string_equal(wake_json_string(commit, "hash"), wake_json_string(data, "new"));
	assert_int_equal(json_is_array(json_object_get(commit, "files")), made);
	assert_int_equal(json_is_string(json_object_get(commit, "patch_id")), made);
}

static void expect_last(void *const *state, bool made, const char *reason, const char *graph)
{
	expect_line(state, "r/.git/logs/HEAD", 0, made, reason, graph);
}

static void test_the_facts_of_a_commit(void **state)
{
	wake_auto_json json_t *data = NULL;
	wake_auto_json json_t *examined = NULL;
	wake_auto_free char *parent = NULL;
	const json_t *commit, *file;

	fixture_do(state, START "sed -i '1d; 9s/$/x/' f; export GIT_AUTHOR_DATE='@1600000000 +0000';"
	                        "git -c user.name='Béa' commit -q -a --author='B <b@example.org>' -m two");
	data = last_line(state, "r/.git/logs/HEAD", 0);
	examined = examine_data(state, "r", data);
	assert_null(json_object_get(examined, "missing"));
	assert_true(wake_json_true(examined, "committer_is_line"));
	assert_true(wake_json_true(examined, "same_committer"));
	assert_int_equal(wake_json_int(examined, "lag", 9), 0);
	assert_string_equal(wake_json_string(examined, "graph"), "parent");
	commit = json_object_get(examined, "commit");
	fixture_expect(state, wake_json_string(commit, "tree"), "git -C r rev-parse main^{tree}");
	parent = fixture_say(state, "git -C r rev-parse main~");
	assert_string_equal(json_string_value(json_array_get(json_object_get(commit, "parents"), 0)), parent);
	assert_string_equal(wake_json_string(commit, "author_name"), "B");
	assert_string_equal(wake_json_string(commit, "author_email"), "b@example.org");
	assert_string_equal(wake_json_string(commit, "authored_at"), "2020-09-13T12:26:40.000000Z");
	assert_string_equal(wake_json_string(commit, "committer_name"), "Béa");
	assert_string_equal(wake_json_string(commit, "committer_email"), "ann@example.org");
	assert_string_equal(wake_json_string(commit, "committed_at"), "2023-11-14T22:13:20.000000Z");
	assert_string_equal(wake_json_string(commit, "subject"), "two");
	fixture_expect(state, wake_json_string(commit, "patch_id"),
	    "git -C r diff-tree -p main | git patch-id --stable | cut -d' ' -f1");
	assert_int_equal(wake_json_int(commit, "added_lines", 0), 1);
	assert_int_equal(wake_json_int(commit, "removed_lines", 0), 2);
	assert_int_equal(wake_json_int(commit, "files_changed", 0), 1);
	assert_string_equal(wake_json_string(commit, "engine"), "walk");
	file = json_array_get(json_object_get(commit, "files"), 0);
	assert_string_equal(wake_json_string(file, "path"), "f");
}

static void test_commits_of_every_graph(void **state)
{
	fixture_do(state, START);
	expect_last(state, true, "committer", "root");
	fixture_do(state, LATER "echo x >>f; git commit -q -a -m two");
	expect_last(state, true, "committer", "parent");
	fixture_do(state, LATER "git commit -q --amend -m again");
	expect_last(state, true, "committer", "same-parents");
	fixture_do(state, LATER "git checkout -q -b side main~; echo y >g; git add g; git commit -q -m side; "
	                        "git checkout -q main;"
	                        "git merge -q -m merged side");
	expect_last(state, true, "committer", "parent");
	fixture_do(state, LATER "git commit -q --amend -m 'merged again'");
	expect_last(state, true, "committer", "same-parents");
	fixture_do(state, LATER "git checkout -q --orphan lonely; git commit -q -m lonely");
	expect_last(state, true, "committer", "root");
}

static void test_movements_to_what_is_there(void **state)
{
	fixture_do(state, START "echo x >>f; git commit -q -a -m two; echo x >>f; git commit -q -a -m three");
	fixture_do(state, LATER "git checkout -q main~");
	expect_last(state, false, "none", "none");
	fixture_do(state, LATER "git checkout -q main");
	expect_last(state, false, "none", "parent");
	fixture_do(state, LATER "git reset -q --hard HEAD~2");
	expect_last(state, false, "none", "root");
	fixture_do(state, LATER "git reset -q --hard HEAD");
	expect_last(state, false, "no-movement", "same-parents");
	fixture_do(state, LATER "git merge -q HEAD@{2}");
	expect_last(state, false, "none", "none");
}

/* A clock that runs 5,000 seconds between the commit and the line: only the message and the graph are left.
 */
static void test_replays(void **state)
{
	fixture_do(state,
	    START "git checkout -q -b topic; echo x >g; git add g; git commit -q -m g; echo y >>g;"
	          "git commit -q -a -m gg; git checkout -q main; echo z >>f; git commit -q -a -m f");
	fixture_do(state, LATER "git checkout -q topic; git rebase -q --committer-date-is-author-date main");
	expect_line(state, "r/.git/logs/HEAD", 1, true, "replay", "parent");
	expect_line(state, "r/.git/logs/HEAD", 2, true, "replay", "parent");
	expect_line(state, "r/.git/logs/HEAD", 3, false, "none", "none");
	fixture_do(state, LATER "git format-patch -q --stdout main~..main >../p; git checkout -q -b am main~;"
	                        "git am -q --committer-date-is-author-date ../p");
	expect_last(state, true, "replay", "parent");
}

static void test_plumbing(void **state)
{
	fixture_do(state, START
	    "c=$(git commit-tree -p HEAD -m two HEAD^{tree}); export GIT_COMMITTER_DATE='@1700000030 +0100';"
	    "git update-ref HEAD $c");
	expect_last(state, true, "plumbing", "parent");
	fixture_do(state,
	    LATER "git reset -q --hard HEAD~; c=$(git commit-tree -p HEAD -m three HEAD^{tree});"
	          "export GIT_COMMITTER_DATE='@1700005090 +0100'; git update-ref HEAD $c");
	expect_last(state, false, "none", "parent");
	fixture_do(state, LATER
	    "git reset -q --hard HEAD~; c=$(git -c user.name=Other commit-tree -p HEAD -m four HEAD^{tree});"
	    "export GIT_COMMITTER_DATE='@1700005030 +0100'; git update-ref HEAD $c");
	expect_last(state, false, "none", "parent");
}

#define REMOTE "git clone -q r other; cd other; export GIT_COMMITTER_DATE='@1700004000 +0100'; "

/* The committer's own work on another machine, brought in within the same second. */
static void test_what_a_fetch_brought(void **state)
{
	fixture_do(state, START);
	fixture_do(state,
	    REMOTE "echo a >a; git add a; git commit -q -m a; echo b >b; git add b; git commit -q -m b;"
	           "echo c >c; git add c; git commit -q -m c");
	fixture_do(state, "cd r; git remote add up ../other; export GIT_COMMITTER_DATE='@1700004000 +0100';"
	                  "git fetch -q up; git merge -q --ff-only up/main");
	expect_last(state, false, "remote", "none");
	fixture_do(state,
	    "cd r; export GIT_COMMITTER_DATE='@1700004000 +0100'; git reset -q --hard up/main~2;"
	    "git reset -q --hard up/main~");
	expect_last(state, false, "remote", "parent");
}

/* A commit made here, on top of what was fetched and with the same date, is not reachable from it. */
static void test_what_was_made_after_a_fetch(void **state)
{
	fixture_do(state, START);
	fixture_do(state, REMOTE "echo a >a; git add a; git commit -q -m a");
	fixture_do(state, "cd r; git remote add up ../other; export GIT_COMMITTER_DATE='@1700004000 +0100'; "
	                  "git fetch -q up;"
	                  "git checkout -q up/main; c=$(git commit-tree -p HEAD -m plumbing HEAD^{tree}); "
	                  "git update-ref HEAD $c");
	expect_last(state, true, "committer", "parent");
	fixture_do(state,
	    "cd r; export GIT_COMMITTER_DATE='@1700004000 +0100'; echo z >>f; git commit -q -a -m z;"
	    "git cherry-pick --allow-empty HEAD~ >/dev/null");
	expect_last(state, true, "committer", "parent");
}

/* Our own push moves the remote-tracking branch too, and a fetch that comes later proves nothing. */
static void test_what_we_pushed_ourselves(void **state)
{
	fixture_do(
	    state, START "git clone -q --bare . ../up.git; git remote add up ../up.git; git fetch -q up");
	fixture_do(state,
	    LATER "c=$(git commit-tree -p HEAD -m two HEAD^{tree}); git push -q up $c:refs/heads/side;"
	          "git rev-parse -q --verify up/side; git update-ref HEAD $c");
	expect_last(state, true, "committer", "parent");
	fixture_do(state, "cd r; git update-ref -d refs/remotes/up/side;"
	                  "GIT_COMMITTER_DATE='@1700009000 +0100' git fetch -q up");
	expect_last(state, true, "committer", "parent");
	fixture_do(state, "cd r; git update-ref -d refs/remotes/up/side;"
	                  "GIT_COMMITTER_DATE='@1700005000 +0100' git fetch -q up");
	expect_last(state, false, "remote", "parent");
}

/* An old line of the log leads to it, though it is no event: it is older than the registration. */
static void test_what_the_log_knew(void **state)
{
	fixture_do(state, START
	    "echo x >>f; git commit -q -a -m two; git reset -q --hard HEAD~; git reset -q --hard HEAD@{1}");
	expect_last(state, false, "known", "parent");
	expect_line(state, "r/.git/logs/HEAD", 2, true, "committer", "parent");
}

static void test_what_is_missing(void **state)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	wake_auto_json json_t *data = NULL;
	wake_auto_json json_t *examined = NULL;
	wake_auto_json json_t *nowhere = NULL;

	fixture_do(state,
	    START "echo x >>f; git commit -q -a -m two; git reset -q --hard HEAD~; git branch kept;"
	          "rm .git/objects/$(git rev-parse HEAD@{1} | sed 's,..,&/,')");
	data = last_line(state, "r/.git/logs/HEAD", 1);
	examined = examine_data(state, "r", data);
	assert_true(wake_json_true(examined, "missing"));
	assert_int_equal(json_object_size(examined), 3);
	(void)json_object_set_new(data, "new", json_string(zeros));
	nowhere = examine_data(state, "r", data);
	assert_true(wake_json_true(nowhere, "missing"));
	expect_last(state, false, "known", "root"); /* old is gone, and says nothing */
}

/* A shallow clone has the commit, but not what it could be compared with. */
static void test_a_shallow_clone(void **state)
{
	wake_auto_json json_t *data = NULL;
	wake_auto_json json_t *examined = NULL;
	const json_t *commit;

	fixture_do(state,
	    START "echo x >>f; git commit -q -a -m two; cd ..; git clone -q --depth=1 \"file://$PWD/r\" s");
	data = last_line(state, "r/.git/logs/HEAD", 0);
	examined = examine_data(state, "s", data);
	commit = json_object_get(examined, "commit");
	assert_true(wake_json_true(examined, "committer_is_line"));
	assert_string_equal(wake_json_string(examined, "graph"), "parent");
	assert_string_equal(wake_json_string(commit, "subject"), "two");
	assert_null(json_object_get(commit, "files"));
}

static void test_an_implied_movement_has_no_identity(void **state)
{
	wake_auto_json json_t *data = NULL;
	wake_auto_json json_t *examined = NULL;

	fixture_do(state, START "echo x >>f; git commit -q -a -m two");
	data = last_line(state, "r/.git/logs/HEAD", 0);
	(void)json_object_set_new(data, "implied", json_true());
	(void)json_object_del(data, "name");
	(void)json_object_del(data, "email");
	examined = examine_data(state, "r", data);
	assert_false(wake_json_true(examined, "committer_is_line"));
	assert_false(wake_json_true(examined, "same_committer"));
	assert_false(judge(data, examined).made);
	assert_null(json_object_get(json_object_get(examined, "commit"), "files"));
}

/* The line has the bytes, the commit its encoding: both are the same committer. */
static void test_identities_in_other_encodings(void **state)
{
	fixture_do(state, START "git config i18n.commitEncoding ISO-8859-1; echo x >>f;"
	                        "GIT_COMMITTER_NAME=$(printf 'Ren\\351') git commit -q -a -m two");
	expect_last(state, true, "committer", "parent");
}

static void test_sha256(void **state)
{
	fixture_do(state, "git init -q --object-format=sha256 r; cd r; export "
	                  "GIT_COMMITTER_DATE='@1700000000 +0100'; seq 9 >f;"
	                  "git add f; git commit -q -m one; echo x >>f; git commit -q -a -m two");
	expect_last(state, true, "committer", "parent");
	fixture_do(state, LATER "git commit -q --amend -m again");
	expect_last(state, true, "committer", "same-parents");
	fixture_do(state, LATER "git reset -q --hard HEAD~");
	expect_last(state, false, "none", "root");
}

static void test_only_movements_are_examined(void **state)
{
	auto_repo *repo = NULL;
	wake_auto_json json_t *data = json_pack("{ss}", "repository_id", REPOSITORY);
	struct wake_event event = { .id = MOVEMENT, .type = WAKE_EVENT_MOVED, .data = data };
	struct wake_error err = { 0 };
	json_t *examined = NULL;

	fixture_do(state, START);
	repo = fixture_open(state, "r");
	assert_int_equal(wake_examine(repo, &event, &examined, &err), WAKE_INVALID);
	event.type = WAKE_EVENT_GAP;
	assert_int_equal(wake_examine(repo, &event, &examined, &err), WAKE_INVALID);
	assert_null(examined);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_the_facts_of_a_commit),
		fixture_test(test_commits_of_every_graph),
		fixture_test(test_movements_to_what_is_there),
		fixture_test(test_replays),
		fixture_test(test_plumbing),
		fixture_test(test_what_a_fetch_brought),
		fixture_test(test_what_was_made_after_a_fetch),
		fixture_test(test_what_we_pushed_ourselves),
		fixture_test(test_what_the_log_knew),
		fixture_test(test_what_is_missing),
		fixture_test(test_a_shallow_clone),
		fixture_test(test_an_implied_movement_has_no_identity),
		fixture_test(test_identities_in_other_encodings),
		fixture_test(test_sha256),
		fixture_test(test_only_movements_are_examined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
