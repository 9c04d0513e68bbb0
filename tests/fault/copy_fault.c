/* SPDX-License-Identifier: MIT */
/* A copy when memory fails at any one call: it says so, nothing leaks, and the next one goes on and ends the
 * same. */
#include "../unit/store/store_file.h"

#include <errno.h>

#include "store/copy.h"
#include "store/copy_tables.h"
#include "store/record.h"
#include "store/trim.h"
#include "wrap.h"

#define NTH_MAX 100000 /* a loop that has not ended by then never will */
#define STEP 5         /* one in so many calls fails: all of them would take minutes */

static void make_source(void *const *state, const char *name, bool trimmed)
{
	wake_auto_events struct wake_events history = { 0 };
	struct wake_store *store = open_file(state, name);
	char id[WAKE_ID_SIZE] = "";
	int64_t blanked = 0;

	started(&history, RUN_A, TREE_A, T0 + 0.4);
	moved(&history, "a1", TREE_A, T0 + 1, T0 + 0.39, hash('0'), hash('1'), "commit");
	examined(&history, "a1", hash('1'), "parent", true, "p1", 10);
	evidence(&history, "a1", "env", RUN_A, T0 + 1.4, true);
	edited_and_diffed(&history, "ea1", TREE_A, T0 + 2.2, RUN_A, NULL, 4);
	ended(&history, RUN_A, T0 + 20, "completed", true, hash('1'));
	assert_ok(wake_record_apply(store, &history, &err));
	if (trimmed)
		assert_ok(wake_trim_payloads(store, (T0 + 10) * WAKE_SECOND, 1, id, &blanked, &err));
	wake_store_close(store);
}

static struct wake_store *open_fresh(void *const *state, const char *empty, const char *name)
{
	char *from = scratch_path(state, empty), *to = scratch_path(state, name), *url;
	struct wake_store *store;

	(void)unlink(to);
	assert_true(asprintf(&url, "sqlite:%s", from) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_store_backup(store, to, &err));
	wake_store_close(store);
	free(url);
	assert_true(asprintf(&url, "sqlite:%s", to) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	free(from);
	free(to);
	free(url);
	return store;
}

static void expect_whole(struct wake_copy *copy)
{
	struct wake_copy_comparison comparison;

	assert_ok(wake_copy_run(copy, &err));
	assert_ok(wake_copy_compare(copy, &comparison, &err));
	assert_true(comparison.equal);
	assert_true(comparison.alone);
	assert_int_equal(copy->set_aside, 0);
}

static void copy_through_failures(void **state, bool trimmed)
{
	struct wake_store *from;
	bool fired = true;
	unsigned long tried = 0;

	make_source(state, "from.db", trimmed);
	wake_store_close(open_file(state, "empty.db"));
	from = open_file(state, "from.db");
	for (unsigned long nth = 1; fired && nth < NTH_MAX; nth += STEP, tried++) {
		struct wake_store *to = open_fresh(state, "empty.db", "to.db");
		struct wake_copy copy = { .from = from, .to = to };
		struct wake_copy_comparison comparison;
		int status;

		wrap_fail(WRAP_MEMORY, nth, ENOMEM);
		status = wake_copy_run(&copy, &err);
		if (status == WAKE_OK)
			status = wake_copy_compare(&copy, &comparison, &err);
		fired = wrap_stop();
		if (copy.set_aside || (status != WAKE_OK && status != WAKE_NOMEM))
			fail_msg("call %lu: %d, %s, %d", nth, status, err.text, (int)copy.set_aside);
		expect_whole(&copy);
		wake_store_close(to);
	}
	assert_false(fired);
	assert_true(tried > 50);
	wake_store_close(from);
}

static void memory_fails(void **state)
{
	copy_through_failures(state, false);
}

static void memory_fails_in_a_trimmed_store(void **state)
{
	copy_through_failures(state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(memory_fails),
		scratch_test(memory_fails_in_a_trimmed_store),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
