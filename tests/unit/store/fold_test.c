/* SPDX-License-Identifier: MIT */
/* The folds: what a history of events comes to, and that neither order nor repetition matters. */
#include "fold_history.h"

#include <sqlite3.h>

#include "store/migrate.h"
#include "store/record.h"

#define HASH_OF_SIX "6666666666666666666666666666666666666666"

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

	/* What is purged is blanked in the batch. */
	for (size_t i = 0; i < count; i++) {
		items[i] = history->items[order[from + i]];
		items[i].data = json_deep_copy(items[i].data);
	}
	if (wake_record_apply(store, &batch, &err) != WAKE_OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < count; i++)
		json_decref(items[i].data);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static char *fold_shuffled(void *const *state, struct wake_events *history, uint32_t seed)
{
	char name[32];
	size_t order[256], total = history->count, done = 0;
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
	    "workflow_runs where run_id like 'run-%' order by run_id",
	    "run-a|completed|completed|2|19|12|1|\nrun-b|completed|completed|2|11|5|1|\n"
	    "run-c|running|null|0|null|0|0|\nrun-unannounced|killed|null|0|11|1|1|\n");
	/* A's stream knows no tokens at its end: the transcript's count. What a run came to it has when it ends. r2 counts for A, which began first, r3 for B. */
	expect_rows(state, "s0.db",
	    "select run_id, ai_model, agent_session_id, num_turns, input_tokens, total_tokens, cost_estimate "
	    "from workflow_runs where run_id like 'run-%' order by run_id",
	    "run-a|stream|run-a|30|30|90|300|\nrun-b|null|null|null|12|24|120|\n"
	    "run-c|hook|run-c|null|1|2|10|\nrun-unannounced|null|null|null|0|0|null|\n");
	expect_rows(state, "s0.db",
	    "select task_input, result, error_message from workflow_runs where run_id in ('run-c', 'run-unannounced') "
	    "order by run_id",
	    "do it|null|null|\nfound|null|null|\n");
	expect_rows(state, "s0.db",
	    "select text_content, message_type, context from messages where role = 'user' and message_type <> "
	    "'workflow_start' order by created_at",
	    "Rather so|intervention|{\"kind\":\"prompt\"}|\nstopped|intervention|{\"kind\":\"interrupt\"}|\n"
	    "Use RS256|intervention|{\"kind\":\"say\"}|\nAnd test it|intervention|{\"kind\":\"say\"}|\n"
	    "Use RS256|intervention|{\"kind\":\"prompt\"}|\nNot seen yet|intervention|{\"kind\":\"say\"}|\n"
	    "go on|intervention|{\"kind\":\"say\"}|\ngo on|intervention|{\"kind\":\"say\"}|\n"
	    "shared too|intervention|{\"kind\":\"queued\"}|\n");
	/* Of several deliveries the earliest stands. */
	expect_rows(state, "s0.db",
	    "select s.text, s.kind, s.is_echo, r.run_id, substr(s.delivered_at, 18, 9) from workflow_said s left join "
	    "workflow_runs r on r.id = s.delivered_run_id where s.text in ('Use RS256', 'And test it', 'Not seen yet', "
	    "'go on') order by s.at, s.id",
	    "go on|prompt|0|null|null|\nUse RS256|say|0|run-a|06.100000|\nUse RS256|prompt|1|null|null|\n"
	    "And test it|say|0|run-b|08.000000|\nUse RS256|prompt|0|null|null|\nNot seen yet|say|0|null|null|\n"
	    "go on|say|0|run-c|07.150000|\ngo on|say|0|run-c|07.150000|\ngo on|queued|1|null|null|\n"
	    "Use RS256|prompt|1|null|null|\n");
	/* What was said made B's prompt: its task is no message. */
	expect_rows(state, "s0.db",
	    "select r.run_id from messages m join workflow_runs r on m.created_at = r.started_at where message_type = "
	    "'workflow_start' and r.run_id in ('run-a', 'run-b')",
	    "run-a|\n");
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
	    state, "s0.db", "select name, message_count from sessions where name = 'one'", "one|15|\n");
	expect_rows(state, "s0.db",
	    "select branch from workflow_movements where kind = 'commit' order by moved_at limit 1",
	    "main|\n");
}

static void what_is_purged_is_nowhere(void **state)
{
	wake_auto_events struct wake_events history = { 0 };

	make_history(&history);
	for (uint32_t seed = 0; seed < 40; seed++) {
		char *got = fold_shuffled(state, &history, seed);
		const char *found = strstr(got, "SECRET");

		if (found)
			fail_msg("with seed %u: %.*s", seed, 300, found > got + 150 ? found - 150 : got);
		assert_non_null(strstr(got, "shared too"));
		free(got);
	}
	expect_rows(state, "s0.db",
	    "select run_id, status, task_input, result, error_message, metadata, input_tokens, cost_estimate, num_turns, purged_at "
	    "from workflow_runs where purged_at is not null order by 1",
	    "p-imported|failed||null|null|{}|11|null|null|2027-01-15T08:05:03.000000Z|\n"
	    "p-imported-alone|completed||null|null|{}|0|null|null|2027-01-15T08:05:04.000000Z|\n"
	    "p-purged|failed||null|null|{}|10|100|10|2027-01-15T08:04:59.000000Z|\n"
	    "p-purged-only|running||null|null|{}|0|null|null|2027-01-15T08:05:02.000000Z|\n"
	    "p-purged-prompt|running||null|null|{}|0|null|null|2027-01-15T08:05:01.000000Z|\n");
	expect_rows(state, "s0.db", "select count(*), count(distinct id) from workflow_said where text = ''", "4|4|\n");
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
	    "uncommitted_untracked_files, substr(uncommitted_at, 18) from workflow_runs "
	    "where run_id like 'run-%' order by run_id",
	    "run-a|10|1|2|3|10.550000Z|\nrun-b|50|2|4|6|04.050000Z|\nrun-c|24|1|2|3|10.450000Z|\n"
	    "run-unannounced|0|0|0|0|null|\n");
	expect_rows(state, "s0.db",
	    "select run_id, substr(last_heartbeat_at, 18) from workflow_runs where last_heartbeat_at is not "
	    "null and run_id like 'run-%' "
	    "order by run_id",
	    "run-a|06.000000Z|\nrun-b|07.000000Z|\nrun-unannounced|06.000000Z|\n");
	expect_rows(state, "s0.db",
	    "select count(*), count(paths), sum(done), min(case when done = 0 then reason end) from "
	    "workflow_edit_hints",
	    "11|1|10|settled|\n");
}

/* Of those that began a session in the same instant none stands for having been told first. */
static void sessions_depend_on_no_order(void **state)
{
	wake_auto_events struct wake_events history = { 0 };
	char *expected;

	make_sessions(&history);
	expected = fold_shuffled(state, &history, 0);
	expect_rows(state, "s0.db",
	    "select name, agent_name, substr(created_at, 18), substr(updated_at, 18), substr(run_finished_at, 18), "
	    "message_count from sessions order by created_at, name",
	    "two|implement|05.000000Z|06.000000Z|06.000000Z|3|\n"
	    "taken|fix|08.000000Z|12.000000Z|12.000000Z|2|\n"
	    "left|null|09.000000Z|09.000000Z|null|0|\n"
	    "alike|test|10.000000Z|11.000000Z|null|3|\n"
	    "null|pr|13.000000Z|13.000000Z|null|1|\n");
	for (uint32_t seed = 1; seed <= 60; seed++) {
		char *got = fold_shuffled(state, &history, seed);

		expect_same(expected, got, seed);
		free(got);
	}
	free(expected);
}

/* What a real start or end told stands; of several imports the run table's word stands, and the first end. */
static void imports_come_to_what_they_should(void **state)
{
	wake_auto_events struct wake_events history = { 0 };

	make_history(&history);
	free(fold_shuffled(state, &history, 0));
	expect_rows(state, "s0.db",
	    "select workflow_name, task_input, result, status, duration_seconds, cost_estimate, "
	    "git_diff_added_lines, own_added_lines, own_files_changed, input_tokens, workspace_persistent, "
	    "user_id, metadata, git_diff_stats, imported from workflow_runs where run_id = 'z-alone'",
	    "builder|old task|old result|completed|3|1234567|5|4|2|7|0|null|"
	    "{\"legacy_user_id\":\"ann\",\"none\":null}|{\"files\":1}|1|\n");
	expect_rows(state, "s0.db",
	    "select workflow_name, task_input, ai_model, host, status, error_message, metadata, "
	    "completed_at = '2027-01-14T09:55:00.000000Z' from workflow_runs where run_id = 'z-three'",
	    "p1|from runs|p2|p2|failed|lost|{\"a\":\"runs\",\"b\":\"runs\",\"c\":\"p1\"}|1|\n");
	expect_rows(state, "s0.db",
	    "select workflow_name, task_input, status, error_message, input_tokens, duration_seconds, metadata, "
	    "holds_claim from workflow_runs where run_id = 'z-start'",
	    "implement|do it|failed|this|11|10|{\"kept\":\"yes\",\"more\":\"yes\"}|0|\n");
	expect_rows(state, "s0.db",
	    "select task_input, status, error_message, end_rank from workflow_runs where run_id = 'z-end'",
	    "this|completed|null|1|\n");
	expect_rows(state, "s0.db",
	    "select task_input, own_added_lines, final_commit_hash = '" HASH_OF_SIX
	    "' from workflow_runs where run_id = 'run-unannounced'",
	    "found|1|1|\n");
	expect_rows(state, "s0.db",
	    "select status, last_heartbeat_at from workflow_runs where run_id = 'z-beat'",
	    "pending|2027-01-15T08:00:08.000000Z|\n");
	/* The session is there for the run to point to; what was said in it is the other system's to tell. */
	expect_rows(state, "s0.db",
	    "select s.name, s.platform, count(m.id) from workflow_runs r join sessions s on s.id = r.session_id "
	    "left join messages m on m.session_id = s.id where r.run_id = 'z-alone' group by 1, 2",
	    "old|runwake|0|\n");
	expect_rows(state, "s0.db",
	    "select runs, completed, input_tokens, cost_estimate from workflow_days where workflow_name = 'builder'",
	    "1|1|7|1234567|\n");
}

/* The day's totals are what its runs are, along each dimension, whatever came in between. */
static void totals_of_days_are_those_of_the_runs(void **state)
{
	static const char compared[] =
	    "with k(dimension) as (values ('day'), ('model'), ('repo'), ('workflow')), runs as (select "
	    "substr(created_at, 1, 10) as day, dimension, case dimension when 'model' then coalesce(ai_model, '') "
	    "when 'repo' then coalesce(git_repo, '') when 'workflow' then workflow_name else '' end as name, "
	    "count(*), sum(status = 'completed'), sum(status = 'failed'), sum(status = 'killed'), "
	    "sum(input_tokens), sum(output_tokens), coalesce(sum(cost_estimate), 0), sum(own_added_lines), "
	    "sum(own_removed_lines) from workflow_runs, k group by 1, 2, 3), totals as (select day, dimension, "
	    "name, runs, completed, failed, killed, input_tokens, output_tokens, cost_estimate, own_added_lines, "
	    "own_removed_lines from workflow_day_totals) select (select count(*) from (select * from runs except "
	    "select * from totals)), (select count(*) from (select * from totals except select * from runs)), "
	    "(select count(*) > 8 from runs)";

	for (uint32_t seed = 0; seed < 8; seed++) {
		wake_auto_events struct wake_events history = { 0 };
		char name[32];

		make_history(&history);
		free(fold_shuffled(state, &history, seed));
		(void)snprintf(name, sizeof(name), "s%u.db", seed);
		expect_rows(state, name, compared, "0|0|1|\n");
	}
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
		cmocka_unit_test_setup_teardown(what_is_purged_is_nowhere, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(sessions_depend_on_no_order, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    imports_come_to_what_they_should, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(edit_states_find_their_runs, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    totals_of_days_are_those_of_the_runs, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(
		    order_and_repetition_do_not_matter, scratch_make, scratch_remove),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
