/* SPDX-License-Identifier: MIT */
/* Entries of agents' sessions when memory or disk fail at any one call: what is said to be written is there;
 * else the entry is the old one, or, where the disk took half of it, none; never a mixture, and nothing
 * leaks. */
#include "event/agent_session.h"

#include <errno.h>

#include "../unit/base/scratch.h"
#include "wrap.h"

#define NTH_MAX 1000 /* a loop that has not ended by then never will */
#define auto_session wake_auto_agent_session struct wake_agent_session

static struct wake_paths paths_of(void *const *state)
{
	return (struct wake_paths){ .state = *state, .spool = *state };
}

static struct wake_agent_session make(const char *run_id)
{
	struct wake_agent_session session = { .agent = "claude-code", .ordinal = 1, .begun_at = 1 };

	(void)snprintf(session.run_id, sizeof(session.run_id), "%s", run_id);
	session.session = strdup("s1");
	session.transcript = strdup("/t");
	return session;
}

static bool write_with(void **state, enum wrap_call call, unsigned long nth)
{
	const struct wake_paths paths = paths_of(state);
	auto_session before = make("old"), after = make("new"), read = { 0 };
	struct wake_error err = { 0 }, ignored;
	bool fired;
	int ret;

	assert_int_equal(wake_agent_session_write(&paths, &before, &err), WAKE_OK);
	wrap_fail(call, nth, ENOSPC);
	ret = wake_agent_session_write(&paths, &after, &err);
	fired = wrap_stop();
	assert_true(ret == WAKE_OK || (fired && err.text[0]));
	if (wake_agent_session_read(&paths, "claude-code", "s1", &read, &ignored) == WAKE_OK)
		assert_string_equal(read.run_id, ret == WAKE_OK || call == WRAP_SHORT_WRITE ? "new" : "old");
	else
		assert_int_equal(call, WRAP_SHORT_WRITE);
	return fired;
}

static void writes_it_whole_or_not(void **state)
{
	static const enum wrap_call calls[] = { WRAP_MEMORY, WRAP_WRITE, WRAP_SHORT_WRITE };

	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		unsigned long nth = 1;

		while (write_with(state, calls[i], nth))
			assert_true(++nth < NTH_MAX);
		assert_true(nth > 1);
	}
}

static void reads_it_whole_or_not(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("run");
	struct wake_error err;
	bool fired = true;

	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	for (unsigned long nth = 1; fired; nth++) {
		auto_session read = { 0 };
		int ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = wake_agent_session_read(&paths, "claude-code", "s1", &read, &err);
		fired = wrap_stop();
		assert_true(ret == WAKE_OK || fired);
		assert_string_equal(read.run_id, ret == WAKE_OK ? "run" : "");
		assert_true((ret == WAKE_OK) == (read.session != NULL));
	}
}

/* Out of memory is no entry less: it is told. */
static void lists_all_or_fails(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("run");
	struct wake_error err;
	bool fired = true;

	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	for (unsigned long nth = 1; fired; nth++) {
		wake_auto_agent_session_list struct wake_agent_session_list list = { 0 };
		int ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = wake_agent_session_list(&paths, &list, &err);
		fired = wrap_stop();
		assert_true(ret == WAKE_OK || fired);
		assert_true(list.count + list.skipped == (ret == WAKE_OK));
		assert_true(fired || list.count == 1);
	}
}

static void one_that_stays_is_told(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("run"), read = { 0 };
	struct wake_error err = { 0 };

	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	wrap_fail(WRAP_UNLINK, 1, EIO);
	assert_int_equal(wake_agent_session_remove(&paths, "claude-code", "s1", &err), WAKE_SYSTEM);
	assert_true(wrap_stop());
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(writes_it_whole_or_not),
		scratch_test(reads_it_whole_or_not),
		scratch_test(lists_all_or_fails),
		scratch_test(one_that_stays_is_told),
	};

	wrap_json();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
