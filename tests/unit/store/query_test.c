/* SPDX-License-Identifier: MIT */
/* store/query: runs, commits and lineage as objects, and which index leads each list. */
#include "store/query.h"

#include <sqlite3.h>

#include "../base/scratch.h"
#include "store/migrate.h"

#define REPO "11111111-1111-8111-8111-111111111111"
#define OTHER_REPO "33333333-3333-8333-8333-333333333333"
#define TREE "22222222-2222-8222-8222-222222222222"
#define RUN_1 "01a20463-0000-7000-8000-000000000001"
#define RUN_2 "01a20463-0000-7000-8000-000000000002"
#define RUN_3 "01a20463-0000-7000-8000-000000000003"
#define SESSION "44444444-4444-4444-8444-444444444444"

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

/* Three runs, oldest first; the hashes are 40 times one digit, except those that share a beginning. */
static const char fixture[] =
    "insert into sessions (id, name, created_at, updated_at) values ('" SESSION "', 'login', "
    "'2026', '2026');\n"
    "insert into workflow_runs (id, run_id, workflow_name, task_input, session_id, session_name, "
    "git_branch, status,\n"
    "  created_at, started_at, completed_at, updated_at, duration_seconds, cost_estimate, metadata, "
    "git_diff_stats,\n"
    "  workspace_persistent, agent_pid, end_rank, start_event_id, own_added_lines) values\n"
    " ('" RUN_1 "', 'job-1', 'fix', 'one', '" SESSION "', 'login', 'main', 'completed', "
    "'2026-01-01T00:00:00.000001Z',\n"
    "  '2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:09.000001Z', '2026-01-01T00:00:09.000001Z', "
    "9, 123456,\n"
    "  '{\"k\":[1,null]}', '{\"files\":[]}', 1, 77, 2, 'e1', 5),\n"
    " ('" RUN_2 "', 'job-10', 'test', 'two', null, null, 'main', 'failed', "
    "'2026-01-02T00:00:00.000000Z', null, null,\n"
    "  '2026-01-02T00:00:00.000000Z', null, null, '{}', '{}', 0, null, 1, null, 0),\n"
    " ('" RUN_3 "', 'task', 'fix', 'three', null, null, 'topic', 'running', "
    "'2026-01-03T00:00:00.000000Z', null, null,\n"
    "  '2026-01-03T00:00:00.000000Z', null, null, '{}', '{}', 1, null, 0, 'e3', 0);\n"
    "insert into workflow_repositories (id, common_dir, seen_event_id, first_seen_at, seen_at) values\n"
    " ('" REPO "', '/r/.git', 'e', '2026', '2026'), ('" OTHER_REPO "', '/o/.git', 'e', '2026', '2026');\n"
    "insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits) values\n"
    " ('" RUN_1 "', 'src/a.c', 1, 0, 1), ('" RUN_3 "', 'src/a.c', 1, 0, 1), ('" RUN_2 "', "
    "'src/b.c', 1, 0, 1);\n";

static sqlite3 *open_raw(void *const *state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static void put(void *const *state, const char *sql)
{
	sqlite3 *db = open_raw(state);
	char *text = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct wake_store *make_store(void *const *state)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	char url[256];
	struct wake_store *store = NULL;
	size_t applied;

	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	put(state, fixture);
	return store;
}

/* A movement to a hash of 40 equal digits. run: workflow_runs.id or NULL. */
static void move(void *const *state, const char *id, const char *repository, char digit, const char *run,
    bool made, int second)
{
	char *sql = sqlite3_mprintf(
	    "insert into workflow_movements (id, repository_id, worktree_id, git_dir, common_dir, "
	    "old_hash, new_hash, kind,\n"
	    "  line_name, line_email, line_time, line_zone, earliest_at, latest_at, observed_at, "
	    "moved_at, branch, verdict,\n"
	    "  commit_kind, workflow_run_id, run_evidence)\n"
	    "values (%Q, %Q, '" TREE "', '/r/.git', '/r/.git', '', '%.*c', 'commit', 'A', 'a@x', 0, "
	    "'+0000', '', '', '',\n"
	    "  '2026-01-01T00:00:%02d.000000Z', 'main', %Q, %Q, %Q, %Q)",
	    id, repository, 40, digit, second, made ? "made" : "brought", made ? "commit" : NULL, run,
	    run ? "marker" : NULL);

	put(state, sql);
	sqlite3_free(sql);
}

static void commit(void *const *state, const char *repository, char digit, const char *subject)
{
	char *sql = sqlite3_mprintf(
	    "insert into workflow_commits (repository_id, hash, tree_hash, parents, author_name, "
	    "author_email, authored_at,\n"
	    "  committer_name, committer_email, committed_at, subject, added_lines, removed_lines, "
	    "files_changed, files)\n"
	    "values (%Q, '%.*c', '', '[]', 'Ann', 'ann@x', '2026-01-01T00:00:00.000000Z', 'A', 'a@x',\n"
	    "  '2026-01-01T00:00:00.000000Z', %Q, 3, 1, 1, '[{\"path\":\"src/a.c\",\"added\":3}]')",
	    repository, 40, digit, subject);

	put(state, sql);
	sqlite3_free(sql);
}

static void rewrite(
    void *const *state, const char *repository, char from, char to, const char *evidence, int second)
{
	char *sql = sqlite3_mprintf(
	    "insert into workflow_rewrites (repository_id, old_hash, new_hash, evidence, event_id, at)\n"
	    "values (%Q, '%.*c', '%.*c', %Q, 'e', '2026-01-01T00:00:%02d.000000Z')",
	    repository, 40, from, 40, to, evidence, second);

	put(state, sql);
	sqlite3_free(sql);
}

/* ---- lists --------------------------------------------------------------------------------------- */

struct names {
	char text[256];
};

static int add_name(void *context, json_t *run, struct wake_error *error)
{
	struct names *names = context;
	size_t len = strlen(names->text);

	(void)error;
	(void)snprintf(names->text + len, sizeof(names->text) - len, "%s%s", len ? " " : "",
	    wake_json_string(run, "run_id"));
	return WAKE_OK;
}

static void assert_listed(
    struct wake_store *store, const struct wake_run_filter *filter, const char *expected)
{
	struct names names = { "" };

	assert_ok(wake_query_runs(store, filter, add_name, &names, &err));
	assert_string_equal(names.text, expected);
}

static void lists_by_each_filter(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	const struct {
		struct wake_run_filter filter;
		const char *expected;
	} cases[] = {
		{ { .since = WAKE_TIME_NONE }, "task job-10 job-1" },
		{ { .since = WAKE_TIME_NONE, .limit = 2 }, "task job-10" },
		{ { .since = WAKE_TIME_NONE, .branch = "main" }, "job-10 job-1" },
		{ { .since = WAKE_TIME_NONE, .workflow = "fix" }, "task job-1" },
		{ { .since = WAKE_TIME_NONE, .status = "running" }, "task" },
		{ { .since = WAKE_TIME_NONE, .status = "pending" }, "" },
		{ { .since = WAKE_TIME_NONE, .status = "failed" }, "job-10" },
		{ { .since = WAKE_TIME_NONE, .status = "completed" }, "job-1" },
		{ { .since = WAKE_TIME_NONE, .session = "login" }, "job-1" },
		{ { .since = WAKE_TIME_NONE, .session = SESSION }, "job-1" },
		{ { .since = WAKE_TIME_NONE, .session = "nobody" }, "" },
		{ { .since = WAKE_TIME_NONE, .file = "src/a.c" }, "task job-1" },
		{ { .since = WAKE_TIME_NONE, .file = "src" }, "" },
		{ { .since = WAKE_TIME_NONE, .file = "src/a.c", .branch = "main" }, "job-1" },
		{ { .since = WAKE_TIME_NONE, .workflow = "fix", .status = "completed" }, "job-1" },
		{ { .since = WAKE_TIME_NONE, .branch = "main", .workflow = "test", .status = "failed" },
		    "job-10" },
		{ { .since = WAKE_TIME_NONE, .session = "login", .branch = "topic" }, "" },
		{ { .since = INT64_C(1767312000000000) }, "task job-10" }, /* 2026-01-02T00:00:00Z */
		{ { .since = INT64_C(1767312000000001) }, "task" },
	};

	for (size_t i = 0; i < WAKE_COUNT(cases); i++)
		assert_listed(store, &cases[i].filter, cases[i].expected);
}

static int count_distinct(void *context, json_t *run, struct wake_error *error)
{
	json_t *seen = context;
	const char *id = wake_json_string(run, "id");

	if (json_object_get(seen, id))
		return wake_fail(error, WAKE_SYSTEM, "%s comes twice", id);
	return json_object_set_new(seen, id, json_true()) ? wake_fail_nomem(error) : WAKE_OK;
}

/* Many runs of one moment, so that pages end among them. */
static void long_lists_are_whole(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	static const struct {
		int64_t limit;
		size_t expected;
	} cases[] = { { 0, 1303 }, { 1303, 1303 }, { 1000, 1000 }, { 1001, 1001 }, { 499, 499 } };

	put(state,
	    "with recursive c(n) as (values (1) union all select n + 1 from c where n < 1300) insert into "
	    "workflow_runs (id, run_id, workflow_name, task_input, created_at, updated_at) select "
	    "printf('%08x-0000-7000-8000-000000000000', n), 'many ' || n, 'fix', '', "
	    "'2026-01-02T12:00:00.000000Z', '2026' from c");
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		const struct wake_run_filter filter = { .since = WAKE_TIME_NONE, .limit = cases[i].limit };
		wake_auto_json json_t *seen = json_object();

		assert_ok(wake_query_runs(store, &filter, count_distinct, seen, &err));
		assert_int_equal(json_object_size(seen), cases[i].expected);
	}
}

static int refuse(void *context, json_t *run, struct wake_error *error)
{
	size_t *calls = context;

	(void)run;
	(*calls)++;
	return wake_fail(error, WAKE_SYSTEM, "enough");
}

static void list_hands_the_callers_failure_on(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	const struct wake_run_filter filter = { .since = WAKE_TIME_NONE };
	size_t calls = 0;

	assert_int_equal(wake_query_runs(store, &filter, refuse, &calls, &err), WAKE_SYSTEM);
	assert_int_equal(calls, 1);
	assert_listed(store, &filter, "task job-10 job-1"); /* the statement was given back */
}

/* ---- one run ------------------------------------------------------------------------------------- */

static void run_has_its_types(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_json json_t *run = NULL;

	assert_ok(wake_query_run(store, RUN_1, &run, &err));
	assert_string_equal(wake_json_string(run, "run_id"), "job-1");
	assert_string_equal(wake_json_string(run, "started_at"), "2026-01-01T00:00:00.000001Z");
	assert_int_equal(wake_json_int(run, "duration_seconds", 0), 9);
	assert_true(json_is_real(json_object_get(run, "cost_estimate")));
	assert_true(json_real_value(json_object_get(run, "cost_estimate")) == 0.123456);
	assert_true(json_is_true(json_object_get(run, "workspace_persistent")));
	assert_true(json_is_false(json_object_get(run, "workspace_cleaned_up")));
	assert_true(json_is_null(json_array_get(json_object_get(json_object_get(run, "metadata"), "k"), 1)));
	assert_true(json_is_array(json_object_get(json_object_get(run, "git_diff_stats"), "files")));
	assert_true(json_is_null(json_object_get(run, "agent_type")));
	assert_int_equal(wake_json_int(run, "agent_pid", 0), 77);
	assert_null(json_object_get(run, "start_event_id"));
	assert_null(json_object_get(run, "end_rank"));
}

/* The names that columns get are a table's, apart from the statement: the two must not slip. */
static void assert_names(struct wake_store *store, enum wake_sql sql, const struct wake_value *values,
    size_t count, const json_t *object)
{
	wake_auto_rows struct wake_rows *rows = NULL;
	const char *key;
	json_t *value;
	size_t at = 0;

	assert_ok(wake_store_query(store, sql, values, count, &rows, &err));
	assert_int_equal(wake_rows_next(rows, &err), 1);
	assert_int_equal(json_object_size(object), wake_rows_columns(rows));
	json_object_foreach ((json_t *)object, key, value) {
		assert_string_equal(key, wake_rows_name(rows, at));
		at++;
	}
}

static void names_are_those_of_the_statements(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	const struct wake_value run_id[] = { WAKE_TEXT(RUN_1) };
	wake_auto_json json_t *run = NULL;
	wake_auto_json json_t *movements = NULL;
	wake_auto_json json_t *pushes = NULL;

	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	put(state,
	    "insert into workflow_pushes (id, repository_id, remote, tracking_ref, remote_ref, "
	    "old_hash, new_hash,\n"
	    "  intended_at, workflow_run_id) values ('p', '" REPO "', 'origin', 'refs/remotes/origin/main',\n"
	    "  'refs/heads/main', 'x', 'y', '2026-01-01T00:00:05.000000Z', '" RUN_1 "');\n");
	assert_ok(wake_query_run(store, RUN_1, &run, &err));
	assert_names(store, WAKE_SQL_READ_RUN, run_id, 1, run);
	assert_ok(wake_query_movements(store, RUN_1, &movements, &err));
	assert_names(store, WAKE_SQL_READ_MOVEMENTS_OF_RUN, run_id, 1, json_array_get(movements, 0));
	assert_ok(wake_query_pushes(store, RUN_1, &pushes, &err));
	assert_names(store, WAKE_SQL_READ_PUSHES_OF_RUN, run_id, 1, json_array_get(pushes, 0));
}

static void broken_json_is_told(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	json_t *run = NULL;

	put(state, "update workflow_runs set metadata = '{' where run_id = 'job-1'");
	assert_int_equal(wake_query_run(store, RUN_1, &run, &err), WAKE_CORRUPT);
	assert_non_null(strstr(err.text, "metadata"));
	assert_null(run);
}

static void finds_the_run_that_is_meant(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	const struct {
		const char *word;
		int ret;
		const char *id;
		bool exact;
	} cases[] = {
		{ "job-1", WAKE_OK, RUN_1, true }, /* also a beginning of job-10: the exact one counts */
		{ "job-10", WAKE_OK, RUN_2, true },
		{ "t", WAKE_OK, RUN_3, false },
		{ "@latest", WAKE_OK, RUN_3, true },
		{ RUN_2, WAKE_OK, RUN_2, true },
		{ "job", WAKE_INVALID, NULL, false },
		{ "nobody", WAKE_NOTFOUND, NULL, false },
		{ "", WAKE_NOTFOUND, NULL, false },
		{ "%", WAKE_NOTFOUND, NULL, false },
		{ "a b", WAKE_NOTFOUND, NULL, false },
	};

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		struct wake_found_run found = { 0 };

		assert_int_equal(wake_query_find_run(store, cases[i].word, &found, &err), cases[i].ret);
		if (cases[i].ret == WAKE_OK) {
			assert_string_equal(found.id, cases[i].id);
			assert_int_equal(found.exact, cases[i].exact);
		}
	}
	(void)!wake_query_find_run(store, "job", &(struct wake_found_run){ 0 }, &err);
	assert_non_null(strstr(err.text, "job-1, job-10"));
}

static void tells_a_runs_state(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_run_state struct wake_run_state ended = { 0 };
	wake_auto_run_state struct wake_run_state placeholder = { 0 };

	assert_ok(wake_query_run_state(store, RUN_1, &ended, &err));
	assert_int_equal(ended.end_rank, 2);
	assert_true(ended.announced);
	assert_null(ended.root);
	assert_ok(wake_query_run_state(store, RUN_2, &placeholder, &err));
	assert_int_equal(placeholder.end_rank, 1);
	assert_false(placeholder.announced);
	assert_int_equal(wake_query_run_state(store, "none", &ended, &err), WAKE_NOTFOUND);
}

/* ---- commits ------------------------------------------------------------------------------------- */

static void commits_are_listed_once_and_in_order(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_json json_t *commits = NULL;
	const json_t *first;

	commit(state, REPO, 'a', "first");
	commit(state, REPO, 'b', "second");
	move(state, "m2", REPO, 'b', RUN_1, true, 2);
	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	move(state, "m3", REPO, 'a', RUN_1, true, 3);	    /* the same commit again */
	move(state, "m4", OTHER_REPO, 'a', RUN_1, true, 4); /* another repository's */
	move(state, "m5", REPO, 'c', RUN_1, false, 5);	    /* brought in */
	move(state, "m6", REPO, 'd', RUN_2, true, 6);	    /* another run's */
	assert_ok(wake_query_commits(store, RUN_1, &commits, &err));
	assert_int_equal(json_array_size(commits), 3);
	first = json_array_get(commits, 0);
	assert_string_equal(wake_json_string(first, "subject"), "first");
	assert_string_equal(wake_json_string(first, "author"), "Ann <ann@x>");
	assert_null(json_object_get(first, "author_name"));
	assert_int_equal(wake_json_int(first, "added_lines", 0), 3);
	assert_int_equal(json_array_size(json_object_get(first, "files")), 1);
	assert_string_equal(wake_json_string(first, "evidence"), "marker");
	assert_true(json_is_null(json_object_get(first, "superseded_by")));
	assert_string_equal(wake_json_string(json_array_get(commits, 1), "subject"), "second");
	/* Its object was gone before it could be read. */
	assert_true(json_is_null(json_object_get(json_array_get(commits, 2), "subject")));
	assert_true(json_is_array(json_object_get(json_array_get(commits, 2), "files")));
}

static void assert_superseded(struct wake_store *store, char digit)
{
	wake_auto_json json_t *commits = NULL;
	const char *by;

	assert_ok(wake_query_commits(store, RUN_1, &commits, &err));
	by = wake_json_string(json_array_get(commits, 0), "superseded_by");
	if (digit) {
		assert_non_null(by);
		assert_int_equal(by[0], digit);
	} else {
		assert_null(by);
	}
}

static void the_best_evidence_names_the_successor(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	assert_superseded(store, 0);
	rewrite(state, REPO, 'a', 'a', "git", 59); /* an edge to itself */
	assert_superseded(store, 0);
	rewrite(state, OTHER_REPO, 'a', 'b', "git", 59);
	assert_superseded(store, 0);
	rewrite(state, REPO, 'a', 'c', "patch-id", 9);
	assert_superseded(store, 'c');
	rewrite(state, REPO, 'a', 'd', "movement", 1);
	assert_superseded(store, 'd');
	rewrite(state, REPO, 'a', 'e', "git", 2);
	rewrite(state, REPO, 'a', 'f', "git", 3); /* rebased again from the reflog: the latest word */
	assert_superseded(store, 'f');
}

static void finds_the_commit_that_is_meant(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	char hash[WAKE_HASH_SIZE];

	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	move(state, "m0", REPO, '0', NULL, false, 1); /* a branch renamed: no commit */
	commit(state, REPO, 'b', "only read");
	rewrite(state, REPO, 'c', 'd', "git", 1);
	put(state,
	    "insert into workflow_commits select repository_id, 'bbbbc' || substr(hash, 6), "
	    "tree_hash, parents,\n"
	    "  author_name, author_email, authored_at, committer_name, committer_email, "
	    "committed_at, subject, patch_id,\n"
	    "  0, 0, 0, null, null from workflow_commits");
	assert_ok(wake_query_find_commit(store, "aaaa", hash, &err));
	assert_int_equal(strlen(hash), 40);
	assert_ok(wake_query_find_commit(store, "cccc", hash, &err));
	assert_ok(wake_query_find_commit(store, "dddd", hash, &err));
	assert_ok(wake_query_find_commit(store, "bbbbb", hash, &err));
	assert_int_equal(wake_query_find_commit(store, "bbbb", hash, &err), WAKE_INVALID);
	assert_int_equal(wake_query_find_commit(store, "0000", hash, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_query_find_commit(store, "aaa", hash, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_query_find_commit(store, "eeee", hash, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_query_find_commit(store, "main", hash, &err), WAKE_NOTFOUND);
}

static json_t *commit_document(struct wake_store *store, char digit)
{
	char hash[41];
	json_t *document = NULL;

	memset(hash, digit, 40);
	hash[40] = '\0';
	assert_ok(wake_query_commit(store, hash, &document, &err));
	return document;
}

static void assert_runs(struct wake_store *store, char digit, const char *expected)
{
	wake_auto_json json_t *document = commit_document(store, digit);
	struct names names = { "" };
	json_t *run;
	size_t i;

	json_array_foreach (json_object_get(document, "runs"), i, run)
		assert_ok(add_name(&names, run, &err));
	assert_string_equal(names.text, expected);
}

/* job-1 made a; a person rebased it to b; job-10 amended that to c; c was squashed with task's e into d. */
static void a_commit_is_found_through_its_rewrites(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_json json_t *document = NULL;

	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	move(state, "m2", REPO, 'b', NULL, true, 2);
	move(state, "m3", REPO, 'c', RUN_2, true, 3);
	move(state, "m4", REPO, 'd', NULL, true, 4);
	move(state, "m5", REPO, 'e', RUN_3, true, 5);
	rewrite(state, REPO, 'a', 'b', "git", 2);
	rewrite(state, REPO, 'b', 'c', "movement", 3);
	rewrite(state, REPO, 'c', 'd', "git", 4);
	rewrite(state, REPO, 'e', 'd', "git", 4);
	assert_runs(store, 'a', "job-1");
	assert_runs(store, 'b', "job-1");
	assert_runs(store, 'c', "job-10 job-1");
	assert_runs(store, 'd', "job-10 task job-1");
	document = commit_document(store, 'c');
	assert_string_equal(
	    wake_json_string(json_array_get(json_object_get(document, "lineage"), 0), "relation"), "self");
	assert_string_equal(
	    wake_json_string(json_array_get(json_object_get(document, "lineage"), 1), "relation"),
	    "predecessor");
	assert_int_equal(wake_json_string(json_object_get(document, "commit"), "superseded_by")[0], 'd');
}

static void a_circle_of_rewrites_is_walked_once(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	move(state, "m2", REPO, 'b', RUN_2, true, 2);
	rewrite(state, REPO, 'a', 'b', "git", 2);
	rewrite(state, REPO, 'b', 'a', "git", 3); /* undone by another rebase */
	assert_runs(store, 'a', "job-1 job-10");
	assert_runs(store, 'b', "job-10 job-1");
}

static void a_commit_from_before_the_record_leads_to_what_became_of_it(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	json_t *document = NULL;

	move(state, "m2", REPO, 'b', RUN_2, true, 2);
	rewrite(state, REPO, 'a', 'b', "git", 2);
	assert_runs(store, 'a', "job-10");
	assert_int_equal(
	    wake_query_commit(store, "9999999999999999999999999999999999999999", &document, &err),
	    WAKE_NOTFOUND);
}

static void a_commit_that_was_brought_in_is_nobodys(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);

	move(state, "m1", REPO, 'a', RUN_1, false, 1);
	assert_runs(store, 'a', "");
}

static void a_commit_means_the_movements_that_made_it(void **state)
{
	wake_auto_store struct wake_store *store = make_store(state);
	wake_auto_json json_t *made = NULL;
	wake_auto_json json_t *brought = NULL;
	wake_auto_json json_t *one = NULL;
	json_t *none = NULL;

	move(state, "m1", REPO, 'a', RUN_1, true, 1);
	move(state, "m2", REPO, 'a', NULL, false, 2);
	move(state, "01a20463-0000-8000-8000-00000000000b", REPO, 'b', NULL, false, 2);
	move(state, "m4", REPO, 'b', NULL, false, 3);
	assert_ok(wake_query_meant(store, "aaaa", &made, &err));
	assert_int_equal(json_array_size(made), 1);
	assert_string_equal(wake_json_string(json_array_get(made, 0), "run_id"), "job-1");
	assert_ok(wake_query_meant(store, "bbbb", &brought, &err));
	assert_int_equal(json_array_size(brought), 2);
	assert_ok(wake_query_meant(store, "01a20463-0000-8000-8000-00000000000b", &one, &err));
	assert_int_equal(json_array_size(one), 1);
	assert_int_equal(
	    wake_query_meant(store, "01a20463-0000-8000-8000-0000000000ff", &none, &err), WAKE_NOTFOUND);
}

/* ---- plans --------------------------------------------------------------------------------------- */

static void explain(sqlite3 *db, enum wake_sql sql, struct wake_str *plan)
{
	wake_auto_str struct wake_str text = WAKE_STR(65536);
	sqlite3_stmt *stmt = NULL;

	wake_str_appendf(&text, "explain query plan %s", wake_sql_texts[sql].sqlite);
	assert_int_equal(sqlite3_prepare_v2(db, text.data, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		wake_str_appendf(plan, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

/* Half a million runs: a statement that reads a table from end to end, or sorts all of it, is too slow. */
static void each_list_is_led_by_its_index(void **state)
{
	static const struct {
		enum wake_sql sql;
		const char *index;
	} cases[] = {
		{ WAKE_SQL_READ_RUNS_LATEST, "workflow_runs_by_created" },
		{ WAKE_SQL_READ_RUNS_OF_BRANCH, "workflow_runs_by_branch" },
		{ WAKE_SQL_READ_RUNS_OF_WORKFLOW, "workflow_runs_by_workflow" },
		{ WAKE_SQL_READ_RUNS_OF_SESSION, "workflow_runs_by_session " },
		{ WAKE_SQL_READ_RUNS_OF_SESSION_NAME, "workflow_runs_by_session_name" },
		{ WAKE_SQL_READ_RUNS_PENDING, "workflow_runs_active" },
		{ WAKE_SQL_READ_RUNS_RUNNING, "workflow_runs_active" },
		{ WAKE_SQL_READ_RUNS_FAILED, "workflow_runs_failed" },
		{ WAKE_SQL_READ_RUNS_KILLED, "workflow_runs_failed" },
		{ WAKE_SQL_READ_RUNS_COMPLETED, "workflow_runs_completed" },
	};
	wake_auto_store struct wake_store *store __attribute__((unused)) = make_store(state);
	sqlite3 *db = open_raw(state);

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str plan = WAKE_STR(65536);
		char first[128];

		explain(db, cases[i].sql, &plan);
		(void)snprintf(first, sizeof(first), "SEARCH r USING INDEX %s", cases[i].index);
		if (strncmp(wake_str_text(&plan), first, strlen(first)) != 0)
			fail_msg("%s: %s", wake_sql_texts[cases[i].sql].name, wake_str_text(&plan));
		/* Sorting by id within one microsecond is fine; sorting everything is not. */
		assert_null(strstr(wake_str_text(&plan), "USE TEMP B-TREE FOR ORDER BY"));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Each new movement asks these: one that reads all of its repository makes recording n of them cost n times n. */
static void each_decision_is_led_by_its_index(void **state)
{
	static const struct {
		enum wake_sql sql;
		const char *search;
	} cases[] = {
		{ WAKE_SQL_FOLD_TWINS, "workflow_ref_movements_by_hash (repository_id=? AND new_hash=? AND line_time=?)" },
		{ WAKE_SQL_FOLD_MOVEMENTS_TO_LATER,
		    "workflow_movements_by_commit (repository_id=? AND new_hash=? AND moved_at>?)" },
		{ WAKE_SQL_FOLD_KNOWN_BEFORE,
		    "workflow_movements_by_commit (repository_id=? AND new_hash=? AND moved_at<?)" },
		{ WAKE_SQL_FOLD_KNOWN_BESIDE,
		    "workflow_movements_by_commit (repository_id=? AND new_hash=? AND moved_at>? AND moved_at<?)" },
		{ WAKE_SQL_FOLD_MOVEMENTS_TWIN, "workflow_movements_by_commit (repository_id=? AND new_hash=?)" },
		{ WAKE_SQL_FOLD_MOVEMENTS_OF_PATCH, "SEARCH c USING COVERING INDEX workflow_commits_by_patch "
		                                    "(repository_id=? AND patch_id=?)" },
		{ WAKE_SQL_FOLD_MOVEMENTS_OF_PATCH, "SEARCH m USING COVERING INDEX workflow_movements_by_commit "
		                                    "(repository_id=? AND new_hash=?)" },
		{ WAKE_SQL_FOLD_PATCH_ORIGIN,
		    "SEARCH o USING INDEX workflow_commits_by_patch (repository_id=? AND patch_id=?)" },
		{ WAKE_SQL_FOLD_EDITS_OF_RUN, "workflow_edits_by_worktree (worktree_id=? AND at>?)" },
		{ WAKE_SQL_RECORD_EDIT_HINTS, "workflow_edit_hints_to_do (worktree_id=?)" },
		/* What is left to do costs with what one has oneself, not with the team's history. */
		{ WAKE_SQL_RECORD_TO_EXAMINE, "workflow_movements_unexamined (repository_id=?)" },
		{ WAKE_SQL_RECORD_UNEXAMINED, "workflow_movements_unexamined (repository_id=? AND id<?)" },
		{ WAKE_SQL_RECORD_TO_DIFF, "workflow_runs_to_diff (repository_id=?)" },
		{ WAKE_SQL_RECORD_STALE_RUN, "workflow_runs_to_diff (repository_id=? AND id<?)" },
		{ WAKE_SQL_RECORD_EDIT_WORKTREES, "workflow_edit_hints_of_repository (repository_id=?)" },
		{ WAKE_SQL_RECORD_UNOBSERVED, "SEARCH u USING PRIMARY KEY (repository_id=?)" },
		{ WAKE_SQL_RECORD_KEPT_OF_RUN, "COVERING INDEX" },
		{ WAKE_SQL_RECORD_KEPT_OF_NOBODY, "COVERING INDEX" },
	};
	wake_auto_store struct wake_store *store __attribute__((unused)) = make_store(state);
	sqlite3 *db = open_raw(state);

	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		wake_auto_str struct wake_str plan = WAKE_STR(65536);

		explain(db, cases[i].sql, &plan);
		if (!strstr(wake_str_text(&plan), cases[i].search))
			fail_msg("%s: %s", wake_sql_texts[cases[i].sql].name, wake_str_text(&plan));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void nothing_else_reads_a_large_table_from_end_to_end(void **state)
{
	static const enum wake_sql all[] = { WAKE_SQL_READ_RUN, WAKE_SQL_READ_RUN_NAMED,
		WAKE_SQL_READ_RUN_STATE, WAKE_SQL_READ_RUNS_OF_FILE, WAKE_SQL_READ_COMMITS_OF_RUN,
		WAKE_SQL_READ_COMMIT, WAKE_SQL_READ_COMMIT_HASHES, WAKE_SQL_READ_REWRITES,
		WAKE_SQL_READ_PUSHES_OF_RUN, WAKE_SQL_READ_MOVEMENTS_OF_RUN, WAKE_SQL_READ_MOVEMENTS_TO,
		WAKE_SQL_READ_MOVEMENT, WAKE_SQL_READ_EDITS_OF_RUN, WAKE_SQL_READ_EDITS_LEFT,
		WAKE_SQL_READ_EDIT, WAKE_SQL_READ_EDIT_BASE, WAKE_SQL_READ_EDIT_BEFORE,
		WAKE_SQL_READ_EDIT_BY_TIME, WAKE_SQL_READ_EDIT_FILES, WAKE_SQL_READ_EDIT_LATEST,
		WAKE_SQL_READ_EDIT_NAMED, WAKE_SQL_READ_EDIT_WITH_FILES, WAKE_SQL_READ_DISCARDED_OF_RUN,
		WAKE_SQL_FOLD_EDIT, WAKE_SQL_FOLD_EDITS_OF_RUN, WAKE_SQL_FOLD_RUN_EDIT,
		WAKE_SQL_RECORD_EDIT_HINTS, WAKE_SQL_RECORD_KEPT_OF_RUN, WAKE_SQL_RECORD_KEPT_OF_NOBODY };
	wake_auto_store struct wake_store *store __attribute__((unused)) = make_store(state);
	sqlite3 *db = open_raw(state);

	for (size_t i = 0; i < WAKE_COUNT(all); i++) {
		wake_auto_str struct wake_str plan = WAKE_STR(65536);
		const char *at;

		explain(db, all[i], &plan);
		/* Repositories are few. "found", "states" and "(subquery" are what parts of the statement
		 * gave. */
		for (at = wake_str_text(&plan); (at = strstr(at, "SCAN ")) != NULL; at += 5) {
			if (strncmp(at, "SCAN p ", 7) != 0 && strncmp(at, "SCAN found", 10) != 0 &&
			    strncmp(at, "SCAN states", 11) != 0 && strncmp(at, "SCAN (subquery", 14) != 0)
				fail_msg("%s: %s", wake_sql_texts[all[i]].name, wake_str_text(&plan));
		}
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(lists_by_each_filter),
		scratch_test(long_lists_are_whole),
		scratch_test(list_hands_the_callers_failure_on),
		scratch_test(run_has_its_types),
		scratch_test(names_are_those_of_the_statements),
		scratch_test(broken_json_is_told),
		scratch_test(finds_the_run_that_is_meant),
		scratch_test(tells_a_runs_state),
		scratch_test(commits_are_listed_once_and_in_order),
		scratch_test(the_best_evidence_names_the_successor),
		scratch_test(finds_the_commit_that_is_meant),
		scratch_test(a_commit_is_found_through_its_rewrites),
		scratch_test(a_circle_of_rewrites_is_walked_once),
		scratch_test(a_commit_from_before_the_record_leads_to_what_became_of_it),
		scratch_test(a_commit_that_was_brought_in_is_nobodys),
		scratch_test(a_commit_means_the_movements_that_made_it),
		scratch_test(each_list_is_led_by_its_index),
		scratch_test(each_decision_is_led_by_its_index),
		scratch_test(nothing_else_reads_a_large_table_from_end_to_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
