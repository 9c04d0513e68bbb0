/* SPDX-License-Identifier: MIT */
/* Sizes: what the stores tell of their tables. */
#include "postgres_server.h"

#include "store/record.h"
#include "store/sizes.h"

static void fill(struct wake_store *store)
{
	wake_auto_events struct wake_events history = { 0 };

	make_history(&history);
	assert_ok(wake_record_apply(store, &history, &err));
}

static const struct wake_table_size *find(const struct wake_sizes *sizes, const char *name)
{
	for (size_t i = 0; i < sizes->count; i++) {
		if (strcmp(sizes->tables[i].name, name) == 0)
			return &sizes->tables[i];
	}
	fail_msg("no size of %s", name);
	return NULL;
}

static void check_sizes(struct wake_store *store, const struct wake_sizes *sizes)
{
	int64_t bytes, unused, sum = 0;

	assert_ok(wake_store_sizes(store, &bytes, &unused, &err));
	for (size_t i = 0; i < sizes->count; i++) {
		sum += sizes->tables[i].bytes;
		assert_in_range(sizes->tables[i].own_bytes, 0, sizes->tables[i].bytes);
		if (i > 0)
			assert_true(sizes->tables[i - 1].bytes >= sizes->tables[i].bytes);
	}
	assert_in_range(sum, 1, bytes);
	assert_in_range(find(sizes, "workflow_events")->own_bytes, 1000, bytes);
}

/* Of tables with a rowid and without one: runs and movements. */
static void a_file_counts_its_rows(void **state)
{
	struct wake_store *store = open_file(state, "sizes.db");
	struct wake_sizes sizes;

	assert_ok(wake_store_table_sizes(store, &sizes, &err));
	assert_int_equal(find(&sizes, "workflow_runs")->rows, 0);
	fill(store);
	assert_ok(wake_store_table_sizes(store, &sizes, &err));
	assert_false(sizes.estimated);
	assert_int_equal(find(&sizes, "workflow_runs")->rows, 15);
	assert_int_equal(find(&sizes, "workflow_movements")->rows, 7);
	check_sizes(store, &sizes);
	wake_store_close(store);
}

static void a_server_estimates_them(void **state)
{
	struct wake_sizes sizes;
	struct wake_store *store;
	char *name;

	(void)state;
	needs_server();
	name = new_database();
	store = open_migrated(name);
	fill(store);
	assert_ok(wake_store_table_sizes(store, &sizes, &err));
	assert_true(sizes.estimated);
	assert_int_equal(find(&sizes, "workflow_runs")->rows, -1); /* it has not looked yet */
	tell(name, "analyze");
	assert_ok(wake_store_table_sizes(store, &sizes, &err));
	assert_int_equal(find(&sizes, "workflow_runs")->rows, 15);
	check_sizes(store, &sizes);
	wake_store_close(store);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_file_counts_its_rows),
		cmocka_unit_test(a_server_estimates_them),
	};

	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
