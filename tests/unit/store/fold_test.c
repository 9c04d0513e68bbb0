/* SPDX-License-Identifier: MIT */
/* The folds: what a history of events comes to, and that neither order nor repetition matters. */
#include "../base/scratch.h"

#include <sqlite3.h>

#include "event/event.h"
#include "store/migrate.h"
#include "store/record.h"

#define REPO "11111111-1111-8111-8111-111111111111"
#define TREE_A REPO /* the main worktree's id is the repository's */
#define TREE_B "22222222-2222-8222-8222-222222222222"
#define TREE_C "33333333-3333-8333-8333-333333333333" /* nested in B */
#define RUN_A "run-a"
#define RUN_B "run-b"
#define RUN_C "run-c"
#define T0 INT64_C(1800000000) /* seconds */

static struct wake_error err;

static const char *hash(char digit)
{
	static char texts[128][41];
	char *text = texts[(unsigned char)digit & 127];

	memset(text, digit, 40);
	text[40] = '\0';
	return text;
}

static const char *id_of(const char *name, char id[WAKE_ID_SIZE])
{
	wake_id_v8(T0 * 1000, name, strlen(name), id);
	return id;
}

static void add(
    struct wake_events *history, enum wake_event_type type, const char *name, int64_t at, json_t *data)
{
	struct wake_event event;
	char id[WAKE_ID_SIZE];

	assert_non_null(data);
	if (wake_event_make(type, id_of(name, id), at, data, &event, &err) != WAKE_OK)
		fail_msg("%s: %s", name, err.text);
	assert_int_equal(wake_events_add(history, &event, &err), WAKE_OK);
}

/* A line of a worktree's log, seen half a second after it was written; the previous observation was at since.
 */
static void moved(struct wake_events *history, const char *name, const char *tree, int64_t second,
    double since, const char *old_hash, const char *new_hash, const char *kind)
{
	char text[WAKE_TIME_SIZE];
	json_t *data = json_pack("{ss ss ss ss ss ss ss ss ss sI ss ss}", "repository_id", REPO,
	    "worktree_id", tree, "git_dir", "/r/.git", "common_dir", "/r/.git", "root",
	    strcmp(tree, TREE_A) == 0 ? "/r" : "/w", "old", old_hash, "new", new_hash, "name", "A", "email",
	    "a@x", "time", (json_int_t)second, "zone", "+0000", "kind", kind);

	wake_time_format((int64_t)(since * (double)WAKE_SECOND), text);
	assert_int_equal(json_object_set_new(data, "since", json_string(text)), 0);
	add(history, WAKE_EVENT_MOVED, name, second * WAKE_SECOND + WAKE_SECOND / 2, data);
}

static void examined(struct wake_events *history, const char *movement, const char *commit_hash,
    const char *graph, bool committer_is_line, const char *patch, int added)
{
	char id[WAKE_ID_SIZE], name[64];
	json_t *commit = json_pack("{ss ss s[] ss ss ss ss ss ss ss ss s[{ss sn si si sb ss}] si si si ss}",
	    "hash", commit_hash, "tree", hash('e'), "parents", "author_name", "A", "author_email", "a@x",
	    "authored_at", "2027-01-15T08:00:00.000000Z", "committer_name", "A", "committer_email", "a@x",
	    "committed_at", "2027-01-15T08:00:00.000000Z", "subject", "s", "patch_id", patch, "files", "path",
	    commit_hash, "old_path", "added", added, "removed", 1, "binary", 0, "status", "M", "added_lines",
	    added, "removed_lines", 1, "files_changed", 1, "engine", "walk");

	assert_non_null(commit);
	(void)snprintf(name, sizeof(name), "examined %s", movement);
	add(history, WAKE_EVENT_EXAMINED, name, T0 * WAKE_SECOND,
	    json_pack("{ss ss sb sb sb sI ss sb so}", "movement", id_of(movement, id), "repository_id", REPO,
	        "missing", 0, "committer_is_line", committer_is_line, "same_committer", 1, "lag",
	        (json_int_t)0, "graph", graph, "known_remote", 0, "commit", commit));
}

static void evidence(struct wake_events *history, const char *movement, const char *kind, const char *run,
    double at, bool exact)
{
	char id[WAKE_ID_SIZE], name[96];
	json_t *data = json_pack(
	    "{ss ss ss sb}", "movement", id_of(movement, id), "kind", kind, "run_id", run, "exact", exact);

	(void)snprintf(name, sizeof(name), "evidence %s %s %s", movement, kind, run);
	if (strcmp(kind, "marker") == 0)
		assert_int_equal(json_object_set_new(data, "marker_dir", json_string("/w")), 0);
	add(history, WAKE_EVENT_EVIDENCE, name, (int64_t)(at * (double)WAKE_SECOND), data);
}

static void started(struct wake_events *history, const char *run, const char *tree, double at)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "start %s %f", run, at);
	add(history, WAKE_EVENT_RUN_STARTED, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss ss ss ss ss ss sb ss ss ss ss sb}", "run_id", run, "workflow", "implement", "task",
	        "do it", "session_name", "one", "workspace_id", tree, "workspace_path",
	        strcmp(tree, TREE_A) == 0 ? "/r" : "/w", "workspace_persistent", 1, "repository_id", REPO,
	        "worktree_id", tree, "head", hash('0'), "branch", "main", "claim", 1));
}

static void ended(struct wake_events *history, const char *run, double at, const char *status, bool reported,
    const char *head)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "end %s %f %d", run, at, reported);
	add(history, WAKE_EVENT_RUN_ENDED, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss ss sb ss ss}", "run_id", run, "status", status, "reported", reported, "result",
	        status, "head", head));
}

static void ref_moved(struct wake_events *history, const char *name, const char *ref, int64_t second,
    const char *old_hash, const char *new_hash, const char *kind)
{
	add(history, WAKE_EVENT_REF_MOVED, name, second * WAKE_SECOND,
	    json_pack("{ss ss ss ss ss ss ss sI ss ss}", "repository_id", REPO, "common_dir", "/r/.git",
	        "ref", ref, "old", old_hash, "new", new_hash, "name", "A", "email", "a@x", "time",
	        (json_int_t)second, "zone", "+0000", "kind", kind));
}

static const char *root_of(const char *tree)
{
	return strcmp(tree, TREE_A) == 0 ? "/r" : strcmp(tree, TREE_B) == 0 ? "/w" : "/w/nested";
}

static json_t *edit_data(const char *tree, double since, const char *reason, const char *run)
{
	char text[WAKE_TIME_SIZE];
	json_t *data = json_pack("{ss ss ss ss}", "repository_id", REPO, "worktree_id", tree, "root",
	    root_of(tree), "reason", reason);

	wake_time_format((int64_t)(since * (double)WAKE_SECOND), text);
	assert_int_equal(json_object_set_new(data, "since", json_string(text)), 0);
	if (run)
		assert_int_equal(json_object_set_new(data, "run_id", json_string(run)), 0);
	return data;
}

/* A hint: a second after it began, the edits settled. */
static void edited(
    struct wake_events *history, const char *name, const char *tree, double since, const char *run)
{
	json_t *data = edit_data(tree, since, "settled", run), *more;

	more = json_pack("{ss ss s[ss]}", "git_dir", "/r/.git", "common_dir", "/r/.git", "paths", "a", name);
	assert_int_equal(json_object_update_new(data, more), 0);
	add(history, WAKE_EVENT_EDITED, name, (int64_t)((since + 1) * (double)WAKE_SECOND), data);
}

/* The state that a hint led to, 50 ms after it; "state NAME". */
static void diffed(struct wake_events *history, const char *hint, const char *tree, double since,
    const char *run, const char *base, int added)
{
	char id[WAKE_ID_SIZE], name[64];
	json_t *data = edit_data(tree, since, "settled", run), *more;

	more = json_pack("{s[{ss si}] s[s] si si si si ss s[s]}", "files", "path", hint, "added", added,
	    "gone", "b", "added_lines", added, "removed_lines", 1, "files_changed", 2, "untracked_files", 3,
	    "engine", "walk", "covers", id_of(hint, id));
	assert_int_equal(json_object_update_new(data, more), 0);
	if (base) {
		(void)snprintf(name, sizeof(name), "state %s", base);
		assert_int_equal(json_object_set_new(data, "base", json_string(id_of(name, id))), 0);
	}
	(void)snprintf(name, sizeof(name), "state %s", hint);
	add(history, WAKE_EVENT_EDITS_DIFFED, name, (int64_t)((since + 1.05) * (double)WAKE_SECOND), data);
}

static void edited_and_diffed(struct wake_events *history, const char *hint, const char *tree, double since,
    const char *run, const char *base, int added)
{
	edited(history, hint, tree, since, run);
	diffed(history, hint, tree, since, run, base, added);
}

/* States of edits: by the marker, by a marker that fits a nested repository, by one that does not fit, by one
 * of a run that is over, by who worked there alone, and by who did not work there alone; a hint that nobody
 * followed; heartbeats that arrive in any order, also of a run that nobody announced. */
static void make_edits(struct wake_events *history)
{
	edited_and_diffed(history, "ea1", TREE_A, T0 + 2.2, RUN_A, NULL, 4);
	edited_and_diffed(history, "ea2", TREE_A, T0 + 4.0, NULL, "ea1", 7);
	edited_and_diffed(history, "ea3", TREE_A, T0 + 6.0, RUN_B, "ea2", 9);
	edited_and_diffed(history, "eb1", TREE_B, T0 + 2.0, RUN_B, NULL, 20);
	edited_and_diffed(history, "ec1", TREE_C, T0 + 3.0, RUN_B, NULL, 30);
	edited_and_diffed(history, "eb2", TREE_B, T0 + 9.0, NULL, "eb1", 22);
	edited_and_diffed(history, "eb3", TREE_B, T0 + 9.2, "run-unknown", "eb2", 23);
	edited_and_diffed(history, "eb4", TREE_B, T0 + 9.4, RUN_C, "eb3", 24);
	edited_and_diffed(history, "ea3b", TREE_A, T0 + 9.5, NULL, "ea3", 10);
	edited_and_diffed(history, "ea4", TREE_A, T0 + 50.0, RUN_A, "ea3", 11);
	edited(history, "ea5", TREE_A, T0 + 60.0, NULL);

	started(history, RUN_C, TREE_B, T0 + 8.0);
	started(history, RUN_C, TREE_A, T0 + 8.5); /* told of another worktree: the earlier stands */
	add(history, WAKE_EVENT_HEARTBEAT, "beat 1", (T0 + 5) * WAKE_SECOND,
	    json_pack("{s[ss]}", "run_ids", RUN_A, RUN_B));
	add(history, WAKE_EVENT_HEARTBEAT, "beat 2", (T0 + 6) * WAKE_SECOND,
	    json_pack("{s[sss]}", "run_ids", RUN_B, RUN_A, "run-unannounced"));
	add(history, WAKE_EVENT_HEARTBEAT, "beat 3", (T0 + 7) * WAKE_SECOND,
	    json_pack("{s[s]}", "run_ids", RUN_B));
}

/* Two worktrees, two runs, an unannounced one; commits, an amend that git told and a replay that it did not
 * tell, a fast-forward in the same second, a late and a presumed end, a push and its confirmation. */
static void make_history(struct wake_events *history)
{
	char id[WAKE_ID_SIZE];

	make_edits(history);

	started(history, RUN_A, TREE_A, T0 + 0.4);
	started(history, RUN_B, TREE_B, T0 + 0.6);
	started(history, RUN_B, TREE_B, T0 + 3.0); /* told twice: the earlier stands */

	moved(history, "a1", TREE_A, T0 + 1, T0 + 0.39, hash('0'), hash('1'), "commit");
	examined(history, "a1", hash('1'), "parent", true, "p1", 10);
	evidence(history, "a1", "env", RUN_A, T0 + 1.4, true);
	ref_moved(history, "a1 ref", "refs/heads/main", T0 + 1, hash('0'), hash('1'), "commit");

	moved(history, "b1", TREE_B, T0 + 1, T0 + 0.59, hash('0'), hash('1'), "merge-ff");
	examined(history, "b1", hash('1'), "parent", true, "p1", 10);
	evidence(history, "b1", "marker", RUN_B, T0 + 1.5, false);

	moved(history, "a2", TREE_A, T0 + 2, T0 + 1.5, hash('1'), hash('2'), "commit-amend");
	examined(history, "a2", hash('2'), "same-parents", true, "p2", 12);
	evidence(history, "a2", "marker", RUN_B, T0 + 2.5, true); /* B's marker in A's worktree: a mismatch */
	add(history, WAKE_EVENT_REWRITTEN, "a2 told", (T0 + 2) * WAKE_SECOND,
	    json_pack("{ss ss ss s[[ss]]}", "repository_id", REPO, "worktree_id", TREE_A, "command", "amend",
	        "pairs", hash('1'), hash('2')));

	moved(history, "b2", TREE_B, T0 + 4, T0 + 3.5, hash('1'), hash('3'), "commit");
	examined(history, "b2", hash('3'), "parent", true, "p3", 5);
	evidence(history, "b2", "env", RUN_B, T0 + 4.4, true);
	moved(history, "b3", TREE_B, T0 + 5, T0 + 4.5, hash('2'), hash('4'), "rebase-pick");
	examined(history, "b3", hash('4'), "parent", false, "p3", 5);

	/* After both ended: a terminal still has A's id; and a run that nobody announced. */
	moved(history, "a3", TREE_A, T0 + 30, T0 + 25, hash('2'), hash('5'), "commit");
	examined(history, "a3", hash('5'), "parent", true, "p5", 1);
	evidence(history, "a3", "env", RUN_A, T0 + 30.4, true);
	moved(history, "a4", TREE_A, T0 + 31, T0 + 30.5, hash('5'), hash('6'), "commit");
	examined(history, "a4", hash('6'), "parent", true, "p6", 1);
	evidence(history, "a4", "env", "run-unannounced", T0 + 31.4, true);

	ended(history, RUN_A, T0 + 20, "completed", true, hash('2'));
	ended(history, RUN_A, T0 + 21, "killed", true, hash('2'));
	ended(history, RUN_B, T0 + 10, "failed", false, hash('4'));
	ended(history, RUN_B, T0 + 12, "completed", true, hash('4'));

	add(history, WAKE_EVENT_PUSH_INTENDED, "push", (T0 + 6) * WAKE_SECOND,
	    json_pack("{ss ss ss ss s[{ss ss ss ss}] ss ss}", "repository_id", REPO, "worktree_id", TREE_B,
	        "remote", "origin", "url", "https://h/r", "refs", "local_ref", "refs/heads/main", "local",
	        hash('4'), "remote_ref", "refs/heads/main", "remote", hash('0'), "run_id", RUN_B, "evidence",
	        "env"));
	ref_moved(
	    history, "pushed", "refs/remotes/origin/main", T0 + 6, hash('0'), hash('4'), "update-by-push");
	add(history, WAKE_EVENT_EVIDENCE, "link", (T0 + 40) * WAKE_SECOND,
	    json_pack("{ss ss ss}", "movement", id_of("a3", id), "kind", "unlink", "run_id", RUN_A));
}

static struct wake_store *open_store(void *const *state, const char *name)
{
	struct wake_store *store;
	char *path = scratch_path(state, name), *url;
	size_t applied;

	assert_true(asprintf(&url, "sqlite:%s", path) > 0);
	if (wake_store_open(url, &store, &err) != WAKE_OK || wake_migrate(store, &applied, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	free(path);
	free(url);
	return store;
}

static int append_row(void *out, int count, char **values, char **names)
{
	(void)names;
	for (int i = 0; i < count; i++)
		wake_str_appendf(out, "%s|", values[i] ? values[i] : "null");
	wake_str_append(out, "\n");
	return 0;
}

struct dumping {
	struct wake_str *out;
	sqlite3 *db;
};

static int dump_table(void *context, int count, char **values, char **names)
{
	wake_auto_str struct wake_str query = WAKE_STR(4096);
	struct dumping *dumping = context;

	(void)count;
	(void)names;
	wake_str_appendf(dumping->out, "# %s\n", values[0]);
	wake_str_appendf(&query, "select %s from %s order by 1",
	    strcmp(values[0], "workflow_events") == 0 ? "id, type, at, workflow_run_id, payload" : "*",
	    values[0]);
	return sqlite3_exec(dumping->db, query.data, append_row, dumping->out, NULL);
}

/* Every table's every row, as text; free(3). */
static char *dump(void *const *state, const char *name)
{
	wake_auto_str struct wake_str out = WAKE_STR(16 * 1024 * 1024);
	char *path = scratch_path(state, name), *text;
	struct dumping dumping = { .out = &out };

	assert_int_equal(sqlite3_open_v2(path, &dumping.db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(dumping.db,
	                     "select name from sqlite_master where type = 'table' and name not like "
	                     "'sqlite%' and name <> 'runwake_migrations' order by name",
	                     dump_table, &dumping, NULL),
	    SQLITE_OK);
	sqlite3_close(dumping.db);
	free(path);
	assert_int_equal(wake_str_steal(&out, &text, &err), WAKE_OK);
	return text;
}

static void apply_range(
    struct wake_store *store, struct wake_events *history, const size_t *order, size_t from, size_t count)
{
	struct wake_event items[WAKE_EVENT_LIST_MAX];
	struct wake_events batch = { .items = items, .count = count, .room = count };

	for (size_t i = 0; i < count; i++)
		items[i] = history->items[order[from + i]];
	if (wake_record_apply(store, &batch, &err) != WAKE_OK)
		fail_msg("%s", err.text);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static char *fold_shuffled(void *const *state, struct wake_events *history, uint32_t seed)
{
	char name[32];
	size_t order[128], total = history->count, done = 0;
	struct wake_store *store;

	(void)snprintf(name, sizeof(name), "s%u.db", seed);
	store = open_store(state, name);
	for (size_t i = 0; i < total; i++)
		order[i] = i;
	for (size_t i = total; seed && i > 1; i--) {
		size_t j = next_random(&seed) % i, kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
	while (done < total) {
		size_t count = seed ? 1 + next_random(&seed) % 9 : total;

		count = count > total - done ? total - done : count;
		apply_range(store, history, order, done, count);
		if (seed && next_random(&seed) % 3 == 0)
			apply_range(store, history, order, 0, done + count); /* delivered again */
		done += count;
	}
	wake_store_close(store);
	return dump(state, name);
}

/* Says in which line they differ; a whole dump is too long to read. */
static void expect_same(const char *expected, const char *got, uint32_t seed)
{
	size_t at = 0, line = 0;

	while (expected[at] && expected[at] == got[at]) {
		at++;
		if (expected[at - 1] == '\n')
			line = at;
	}
	if (expected[at] != got[at])
		fail_msg("with seed %u\n%.*s\nbecame\n%.*s", seed, (int)strcspn(expected + line, "\n"),
		    expected + line, (int)strcspn(got + line, "\n"), got + line);
}

static void order_and_repetition_do_not_matter(void **state)
{
	wake_auto_events struct wake_events history = { 0 };
	char *expected;

	make_history(&history);
	expected = fold_shuffled(state, &history, 0);
	for (uint32_t seed = 1; seed <= 60; seed++) {
		char *got = fold_shuffled(state, &history, seed);

		expect_same(expected, got, seed);
		free(got);
	}
	free(expected);
}

/* One value of the store; free(3). */
static char *value(void *const *state, const char *name, const char *query)
{
	wake_auto_str struct wake_str out = WAKE_STR(65536);
	char *path = scratch_path(state, name), *text;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, query, append_row, &out, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(path);
	assert_int_equal(wake_str_steal(&out, &text, &err), WAKE_OK);
	return text;
}

static void expect_rows(void *const *state, const char *name, const char *query, const char *expected)
{
	char *got = value(state, name, query);

	assert_string_equal(got, expected);
	free(got);
}

static void a_history_comes_to_what_it_should(void **state)
{
	wake_auto_events struct wake_events history = { 0 };

	make_history(&history);
	free(fold_shuffled(state, &history, 0));
	expect_rows(
	    state, "s0.db", "select count(*), sum(verdict = 'made') from workflow_movements", "7|6|\n");
	expect_rows(state, "s0.db",
	    "select r.run_id, count(*), group_concat(m.run_evidence) from (select * from workflow_movements "
	    "order by "
	    "moved_at) m join workflow_runs r on r.id = m.workflow_run_id where verdict = 'made' group by 1 "
	    "order by 1",
	    "run-a|2|env,workspace|\nrun-b|2|env,workspace|\nrun-unannounced|1|env|\n");
	expect_rows(
	    state, "s0.db", "select reason from workflow_movements where kind = 'merge-ff'", "known|\n");
	expect_rows(state, "s0.db",
	    "select run_id, status, result, end_rank, duration_seconds, own_added_lines, own_files_changed "
	    "from "
	    "workflow_runs order by run_id",
	    "run-a|completed|completed|2|19|12|1|\nrun-b|completed|completed|2|11|5|1|\n"
	    "run-c|running|null|0|null|0|0|\nrun-unannounced|running|null|0|null|1|1|\n");
	expect_rows(state, "s0.db",
	    "select substr(old_hash, 1, 1), substr(new_hash, 1, 1), evidence from workflow_replacements "
	    "order by 1, 2, "
	    "evidence_rank",
	    "1|2|git|\n1|2|movement|\n3|4|patch-id|\n");
	expect_rows(state, "s0.db",
	    "select remote, confirmed_at is not null, r.run_id from workflow_pushes p join workflow_runs r "
	    "on r.id = "
	    "p.workflow_run_id where intended_at is not null",
	    "origin|1|run-b|\n");
	expect_rows(
	    state, "s0.db", "select name, message_count from sessions where name = 'one'", "one|5|\n");
	expect_rows(state, "s0.db",
	    "select branch from workflow_movements where kind = 'commit' order by moved_at limit 1",
	    "main|\n");
}

static void edit_states_find_their_runs(void **state)
{
	wake_auto_events struct wake_events history = { 0 };

	make_history(&history);
	free(fold_shuffled(state, &history, 0));
	expect_rows(state, "s0.db",
	    "select e.added_lines, r.run_id, e.run_evidence from workflow_edits e "
	    "left join workflow_runs r on r.id = e.workflow_run_id order by e.worktree_id, e.at",
	    "4|run-a|marker|\n7|run-a|workspace|\n9|run-a|workspace|\n10|run-a|workspace|\n11|null|null|\n"
	    "20|run-b|marker|\n22|null|ambiguous|\n23|null|ambiguous|\n24|run-c|marker|\n"
	    "30|run-b|marker|\n");
	/* B's are those of its worktree and of the repository nested in it. */
	expect_rows(state, "s0.db",
	    "select run_id, uncommitted_added_lines, uncommitted_removed_lines, uncommitted_files_changed, "
	    "uncommitted_untracked_files, substr(uncommitted_at, 18) from workflow_runs order by run_id",
	    "run-a|10|1|2|3|10.550000Z|\nrun-b|50|2|4|6|04.050000Z|\nrun-c|24|1|2|3|10.450000Z|\n"
	    "run-unannounced|0|0|0|0|null|\n");
	expect_rows(state, "s0.db",
	    "select run_id, substr(last_heartbeat_at, 18) from workflow_runs where last_heartbeat_at is not "
	    "null "
	    "order by run_id",
	    "run-a|06.000000Z|\nrun-b|07.000000Z|\nrun-unannounced|06.000000Z|\n");
	expect_rows(state, "s0.db",
	    "select count(*), count(paths), sum(done), min(case when done = 0 then reason end) from "
	    "workflow_edit_hints",
	    "11|1|10|settled|\n");
}

/* A fresh clone in which nothing moved yet: only its edits tell of it. */
static void a_worktree_never_seen_is_to_be_observed(void **state)
{
	wake_auto_events struct wake_events history = { 0 };
	const size_t order[] = { 0, 1, 2 };
	struct wake_store *store = open_store(state, "s.db");

	edited(&history, "first", TREE_A, T0, NULL);
	add(&history, WAKE_EVENT_WORKTREE_SEEN, "seen", T0 * WAKE_SECOND,
	    json_pack("{ss ss ss ss ss ss}", "repository_id", REPO, "worktree_id", TREE_A, "git_dir",
	        "/r/.git", "common_dir", "/r/.git", "root", "/r", "object_format", "sha1"));
	edited(&history, "second", TREE_A, T0 + 1, NULL);
	apply_range(store, &history, order, 0, 1);
	expect_rows(state, "s.db", "select repository_id from workflow_unobserved", REPO "|\n");
	apply_range(store, &history, order, 1, 1);
	wake_store_close(store);
	expect_rows(state, "s.db", "select count(*) from workflow_worktrees", "1|\n");
	store = open_store(state, "s.db");
	assert_int_equal(wake_store_begin(store, &err), WAKE_OK);
	assert_int_equal(wake_store_exec_script(store, "delete from workflow_unobserved", &err),
	    WAKE_OK); /* it was observed */
	assert_int_equal(wake_store_commit(store, &err), WAKE_OK);
	apply_range(store, &history, order, 2, 1);
	wake_store_close(store);
	expect_rows(state, "s.db", "select count(*) from workflow_unobserved", "0|\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_history_comes_to_what_it_should, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    a_worktree_never_seen_is_to_be_observed, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(edit_states_find_their_runs, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    order_and_repetition_do_not_matter, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
