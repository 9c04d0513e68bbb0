/* SPDX-License-Identifier: MIT */
/* Entries of runs at services elsewhere when memory or disk fail at any one call: the file is the old entry
 * or the new one, whole; and a run that a service has begun stays one that is followed or recorded. */
#include "event/remote_entry.h"

#include <errno.h>

#include "../unit/base/scratch.h"
#include "agent/remote_run.h"
#include "base/fs.h"
#include "event/spool.h"
#include "wrap.h"

#define NTH_MAX 5000 /* a loop that has not ended by then never will */
#define URL "https://example.org/x"
#define auto_entry wake_auto_remote_entry struct wake_remote_entry

static const enum wrap_call calls[] = { WRAP_MEMORY, WRAP_WRITE, WRAP_SHORT_WRITE, WRAP_SYNC, WRAP_RENAME };

static struct wake_remote_entry make(const char *task)
{
	struct wake_remote_entry entry = { .phase = WAKE_REMOTE_ANSWERED };

	wake_remote_entry_id(URL, "r", entry.id);
	entry.json = json_pack("{ssssssssss}", "url", URL, "run_id", "r", "task", task, "workflow", "fix",
	    "started_at", "2026-01-01T00:00:00Z");
	assert_non_null(entry.json);
	return entry;
}

static void assert_one_file(void *const *state)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = scratch_path(state, "remote");
	struct wake_error err;

	assert_int_equal(wake_fs_list(dir, 100, &names, &err), WAKE_OK);
	assert_int_equal(names.count, 1);
}

/* Where only the directory's fsync fails, the new one is in place, and it is told that it may not last. */
static bool write_with(void **state, enum wrap_call call, unsigned long nth)
{
	const struct wake_paths paths = { .state = *state, .spool = *state };
	auto_entry before = make("old"), after = make("new"), read = { 0 };
	struct wake_error err = { 0 };
	const char *task;
	bool fired;
	int ret;

	assert_int_equal(wake_remote_entry_write(&paths, &before, &err), WAKE_OK);
	wrap_fail(call, nth, ENOSPC);
	ret = wake_remote_entry_write(&paths, &after, &err);
	fired = wrap_stop();
	assert_true(ret == WAKE_OK || (fired && err.text[0]));
	assert_true(ret != WAKE_OK || !fired || call == WRAP_SHORT_WRITE);
	assert_int_equal(wake_remote_entry_read(&paths, after.id, &read, &err), WAKE_OK);
	task = wake_remote_entry_text(&read, "task");
	if (ret == WAKE_OK)
		assert_string_equal(task, "new");
	else if (call != WRAP_SYNC)
		assert_string_equal(task, "old");
	assert_true(strcmp(task, "new") == 0 || strcmp(task, "old") == 0);
	assert_one_file(state);
	return fired;
}

static void writes_it_whole_or_not(void **state)
{
	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		unsigned long nth = 1;

		while (write_with(state, calls[i], nth))
			assert_true(++nth < NTH_MAX);
		assert_true(nth > 1);
	}
}

/* Out of memory is no entry less: it is told. */
static void lists_all_or_fails(void **state)
{
	const struct wake_paths paths = { .state = *state, .spool = *state };
	auto_entry entry = make("t");
	struct wake_error err;
	bool fired = true;

	assert_int_equal(wake_remote_entry_write(&paths, &entry, &err), WAKE_OK);
	for (unsigned long nth = 1; fired; nth++) {
		wake_auto_remote_entries struct wake_remote_entries all = { 0 };
		int ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = wake_remote_entries_list(&paths, &all, &err);
		fired = wrap_stop();
		assert_true(ret == WAKE_OK || fired);
		assert_true(all.count + all.skipped == (ret == WAKE_OK));
		assert_true(fired || all.count == 1);
	}
}

struct starts {
	char id[WAKE_ID_SIZE]; /* of the run's start; "": not told */
};

/* As the store, which takes each id once: all that tell it must tell it as the same event. */
static int note_start(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct starts *starts = context;

	(void)err;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->items[i].type != WAKE_EVENT_RUN_STARTED)
			continue;
		assert_true(!starts->id[0] || strcmp(starts->id, batch->items[i].id) == 0);
		memcpy(starts->id, batch->items[i].id, sizeof(starts->id));
	}
	return WAKE_OK;
}

static void drain(const struct wake_paths *paths, struct starts *starts)
{
	struct wake_error err;
	size_t applied;

	assert_int_equal(wake_spool_drain(paths->spool, note_start, starts, &applied, &err), WAKE_OK);
}

/* What is on the disk afterwards, as the next process finds it: answered, so it begins it again; or tracked,
 * and then the start is told. */
static bool begin_with(void **state, enum wrap_call call, unsigned long nth)
{
	wake_auto_free char *spool = scratch_path(state, "spool");
	const struct wake_paths paths = { .state = *state, .spool = spool };
	auto_entry entry = make("t"), read = { 0 };
	struct starts starts = { "" };
	struct wake_error err = { 0 };
	bool fired;
	int ret;

	assert_int_equal(wake_remote_entry_write(&paths, &entry, &err), WAKE_OK);
	wrap_fail(call, nth, ENOSPC);
	ret = wake_remote_begin(&paths, "box", &entry, &err);
	fired = wrap_stop();
	assert_true(ret == WAKE_OK || (fired && err.text[0]));
	assert_int_equal(wake_remote_entry_read(&paths, entry.id, &read, &err), WAKE_OK);
	assert_string_equal(wake_remote_entry_text(&read, "run_id"), "r");
	assert_true(wake_remote_entries_wait(&paths));
	drain(&paths, &starts);
	if (ret == WAKE_OK)
		assert_int_equal(read.phase, WAKE_REMOTE_TRACKED);
	if (read.phase == WAKE_REMOTE_TRACKED)
		assert_true(starts.id[0]);
	else
		assert_int_equal(read.phase, WAKE_REMOTE_ANSWERED);
	assert_int_equal(wake_remote_begin(&paths, "box", &read, &err), WAKE_OK);
	drain(&paths, &starts);
	assert_true(starts.id[0]);
	return fired;
}

static void a_begun_run_is_never_lost(void **state)
{
	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		unsigned long nth = 1;

		while (begin_with(state, calls[i], nth))
			assert_true(++nth < NTH_MAX);
		assert_true(nth > 1);
	}
}

static void one_that_stays_is_told(void **state)
{
	const struct wake_paths paths = { .state = *state, .spool = *state };
	auto_entry entry = make("t"), read = { 0 };
	struct wake_error err = { 0 };

	assert_int_equal(wake_remote_entry_write(&paths, &entry, &err), WAKE_OK);
	wrap_fail(WRAP_UNLINK, 1, EIO);
	assert_int_equal(wake_remote_entry_remove(&paths, entry.id, &err), WAKE_SYSTEM);
	assert_true(wrap_stop());
	assert_int_equal(wake_remote_entry_read(&paths, entry.id, &read, &err), WAKE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(writes_it_whole_or_not),
		scratch_test(lists_all_or_fails),
		scratch_test(a_begun_run_is_never_lost),
		scratch_test(one_that_stays_is_told),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
