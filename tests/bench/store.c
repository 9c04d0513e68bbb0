/* SPDX-License-Identifier: MIT */
/* The store by its two users: readers (the latest runs of half a million, by each filter) and the recorder
 * (events folded a second, in batches and one by one). usage: store DIRECTORY [RUNS] */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/edit_hints.h"
#include "store/fold.h"
#include "store/migrate.h"
#include "store_measure.h"

#define HINTS 500
#define HINT_PATHS 100

static void must_sqlite(sqlite3 *db, int code)
{
	if (code == SQLITE_OK)
		return;
	(void)fprintf(stderr, "store: %s\n", sqlite3_errmsg(db));
	exit(1);
}

/* Runs as a team of some years leaves them: 7 workflows, 400 branches, 3 % failed, 20 running; one file
 * each. */
static void fill(const char *path, long runs)
{
	static const char statements[] =
	    "pragma synchronous = off; begin;"
	    "insert into workflow_runs (id, run_id, workflow_name, task_input, session_name, git_branch, "
	    "status, created_at, "
	    "started_at, updated_at, git_diff_stats) select printf('%08x-0000-7000-8000-%012x', n, n), "
	    "printf('%08x-0000-7000-8000-%012x', n, n), 'workflow' || (n % 7), 'task ' || n, 'session ' || "
	    "(n % 5000), "
	    "'branch-' || (n % 400), case when n > total - 20 then 'running' when n % 33 = 0 then 'failed' "
	    "else 'completed' end, "
	    "strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + n * 60, 'unixepoch'), "
	    "strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + n * "
	    "60, 'unixepoch'), '2026-01-01T00:00:00.000000Z', '{\"files\":[]}' from temp.numbers;"
	    "insert into workflow_run_files (workflow_run_id, path, added_lines, removed_lines, commits) "
	    "select "
	    "printf('%08x-0000-7000-8000-%012x', n, n), 'src/file' || (n % 9000) || '.c', 3, 1, 1 from "
	    "temp.numbers;"
	    "commit; analyze;";
	char numbers[256];
	sqlite3 *db;

	must_sqlite(NULL, sqlite3_open(path, &db));
	(void)snprintf(numbers, sizeof(numbers),
	    "create temp table numbers as with recursive c(n) as (values (1) union all select n + 1 from c "
	    "where n < %ld) select n, "
	    "%ld as total from c",
	    runs, runs);
	must_sqlite(db, sqlite3_exec(db, numbers, NULL, NULL, NULL));
	must_sqlite(db, sqlite3_exec(db, statements, NULL, NULL, NULL));
	must_sqlite(db, sqlite3_close(db));
}

static void make_hint(struct wake_events *events, int number)
{
	struct wake_event event;
	char id[WAKE_ID_SIZE];
	json_t *paths = json_array(), *data;

	wake_id_v8(1900000000000 + number, &number, sizeof(number), id);
	for (int i = 0; i < HINT_PATHS; i++) {
		if (json_array_append_new(paths, json_sprintf("src/module%d/file%d.c", number % 30, i)))
			must(wake_fail_nomem(&err));
	}
	data = json_pack("{ss ss ss ss ss ss ss so}", "repository_id", "11111111-1111-8111-8111-111111111111",
	    "worktree_id", "11111111-1111-8111-8111-111111111111", "git_dir", "/r/.git", "common_dir",
	    "/r/.git", "root", "/r", "since", "2030-03-17T17:46:39.000000Z", "reason", "settled", "paths",
	    paths);
	must(wake_event_make(WAKE_EVENT_EDITED, id, INT64_C(1900000000000000) + number, data, &event, &err));
	must(wake_events_add(events, &event, &err));
}

/* Hints of edits in one worktree, in one batch; then they are taken together, and done. */
static void measure_hints(struct wake_store *store)
{
	wake_auto_events struct wake_events batch = { 0 };
	wake_auto_edit_hints struct wake_edit_hints hints = { 0 };
	int64_t from, folded, read, done;

	for (int i = 0; i < HINTS; i++)
		make_hint(&batch, i);
	from = wake_clock_monotonic();
	must(wake_record_apply(store, &batch, &err));
	folded = wake_clock_monotonic();
	must(wake_edit_hints_read(store, "11111111-1111-8111-8111-111111111111", &hints, &err));
	read = wake_clock_monotonic();
	must(wake_store_begin(store, &err));
	must(wake_fold_edited_done(store, hints.ids, &err));
	must(wake_store_commit(store, &err));
	done = wake_clock_monotonic();
	printf("%d hints of %d paths each: folded in %.1f ms, taken together in %.1f ms, done in %.1f ms\n",
	    HINTS, HINT_PATHS, (double)(folded - from) / 1e3, (double)(read - folded) / 1e3,
	    (double)(done - read) / 1e3);
}

int main(int argc, char **argv)
{
	wake_auto_store struct wake_store *store = NULL;
	wake_auto_free char *path = NULL, *url = NULL;
	long runs = argc > 2 ? strtol(argv[2], NULL, 10) : 500000;
	size_t applied;
	double single, batched;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: store DIRECTORY [RUNS]\n");
		return 2;
	}
	must(wake_str_format(&path, &err, "%s/bench.db", argv[1]));
	must(wake_str_format(&url, &err, "sqlite:%s", path));
	must(wake_store_open(url, &store, &err));
	must(wake_migrate(store, &applied, &err));
	fill(path, runs);
	printf("%ld runs\n", runs);
	measure_lists(store);
	single = measure_fold(store, 1, 500, 1);
	batched = measure_fold(store, 1000, EVENTS, 500);
	printf("movements folded a second: %.0f one by one, %.0f in batches of 500 (%.1f times)\n", single,
	    batched, batched / single);
	measure_hints(store);
	return 0;
}
