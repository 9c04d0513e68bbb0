/* SPDX-License-Identifier: MIT */
/* What is measured of any store: its lists, and how many events it takes a second. */
#ifndef WAKE_BENCH_STORE_MEASURE_H
#define WAKE_BENCH_STORE_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/query.h"
#include "store/record.h"

#define ROUNDS 201
#define EVENTS 4000

static struct wake_error err;

static inline void must(int status)
{
	if (status == WAKE_OK)
		return;
	(void)fprintf(stderr, "store: %s\n", err.text);
	exit(1);
}

static inline int by_time(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static inline int count_one(void *context, json_t *object, struct wake_error *ignored)
{
	(void)object;
	(void)ignored;
	++*(size_t *)context;
	return WAKE_OK;
}

static inline void print_times(const char *name, size_t found, int64_t times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof(times[0]), by_time);
	printf("%-22s %6zu %10lld %10lld %10lld\n", name, found, (long long)times[0],
	    (long long)times[ROUNDS / 2], (long long)times[ROUNDS * 99 / 100]);
}

static inline void measure_list(struct wake_store *store, const char *name, struct wake_run_filter filter)
{
	int64_t times[ROUNDS];
	size_t found = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t from = wake_clock_monotonic();

		found = 0;
		must(wake_query_runs(store, &filter, count_one, &found, &err));
		times[i] = wake_clock_monotonic() - from;
	}
	print_times(name, found, times);
}

static inline void measure_lists(struct wake_store *store)
{
	const struct wake_run_filter any = { .since = WAKE_TIME_NONE, .limit = 50 };
	struct wake_run_filter filter;

	printf("%-22s %6s %10s %10s %10s\n", "latest 50", "found", "best us", "p50 us", "p99 us");
	measure_list(store, "all", any);
	filter = any, filter.branch = "branch-7";
	measure_list(store, "of a branch", filter);
	filter = any, filter.status = "failed";
	measure_list(store, "failed", filter);
	filter = any, filter.status = "running";
	measure_list(store, "running", filter);
	filter = any, filter.workflow = "workflow3";
	measure_list(store, "of a workflow", filter);
	filter = any, filter.session = "session 77";
	measure_list(store, "of a session", filter);
	filter = any, filter.file = "src/file123.c";
	measure_list(store, "that touched a file", filter);
}

static inline void make_event(struct wake_events *events, int number)
{
	struct wake_event event;
	char id[WAKE_ID_SIZE], old_hash[WAKE_HASH_SIZE], new_hash[WAKE_HASH_SIZE];
	json_t *data;

	wake_id_v8(1800000000000 + number, &number, sizeof(number), id);
	(void)snprintf(old_hash, sizeof(old_hash), "%040x", number);
	(void)snprintf(new_hash, sizeof(new_hash), "%040x", number + 1);
	data = json_pack("{ss ss ss ss ss ss ss ss ss sI ss ss}", "repository_id",
	    "11111111-1111-8111-8111-111111111111", "worktree_id", "11111111-1111-8111-8111-111111111111",
	    "git_dir", "/r/.git", "common_dir", "/r/.git", "root", "/r", "old", old_hash, "new", new_hash,
	    "name", "A", "email", "a@x", "time", (json_int_t)(1800000000 + number / 50), "zone", "+0000",
	    "kind", "commit");
	must(wake_event_make(WAKE_EVENT_MOVED, id, INT64_C(1800000000000000) + number, data, &event, &err));
	must(wake_events_add(events, &event, &err));
}

/* Movements in batches of size, each batch a transaction that is synced to the disk. */
static inline double measure_fold(struct wake_store *store, int first, int count, int size)
{
	int64_t from = wake_clock_monotonic();

	for (int i = 0; i < count; i += size) {
		wake_auto_events struct wake_events batch = { 0 };

		for (int j = 0; j < size; j++)
			make_event(&batch, first + i + j);
		must(wake_record_apply(store, &batch, &err));
	}
	return (double)count * 1e6 / (double)(wake_clock_monotonic() - from);
}

#endif
