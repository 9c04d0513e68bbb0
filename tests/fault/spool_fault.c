/* SPDX-License-Identifier: MIT */
/* The spool when memory, disk or file system fail at any one call: what was accepted is delivered, what was
 * refused is not, no line is torn, nothing is counted twice, and afterwards everything works. */
#include "event/spool.h"

#include <errno.h>

#include "../unit/base/scratch.h"
#include "base/fs.h"
#include "event/spool_parts.h"
#include "wrap.h"

#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"
#define NTH_MAX 5000 /* a loop that has not ended by then never will */

/* ---- a store with a primary key --------------------------------------------------------------- */

struct store {
	struct wake_str ids; /* recorded ones, each once */
	struct wake_str details;
};

static int record(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct store *store = context;

	for (size_t i = 0; i < batch->count; i++) {
		if (strcmp(wake_json_string(batch->items[i].data, "detail"), "bad") == 0)
			return wake_fail(err, WAKE_INVALID, "refused");
	}
	for (size_t i = 0; i < batch->count; i++) {
		const struct wake_event *event = &batch->items[i];
		bool armed = false;

		if (strstr(wake_str_text(&store->ids), event->id))
			continue;
		wake_str_append(&store->ids, event->id);
		wake_str_appendf(&store->details, "%s ", wake_json_string(event->data, "detail"));
		armed = store->ids.failed || store->details.failed;
		if (armed) /* the store's own memory is not what is tested here: it has all it needs from the
		              start */
			fail_msg("the store is too small");
	}
	return WAKE_OK;
}

static struct store new_store(void)
{
	struct store store = { .ids = WAKE_STR(65536), .details = WAKE_STR(65536) };
	char room[4096];

	memset(room, ' ', sizeof(room));
	wake_str_append_bytes(&store.ids, room, sizeof(room));
	wake_str_append_bytes(&store.details, room, sizeof(room));
	wake_str_clear(&store.ids);
	wake_str_clear(&store.details);
	return store;
}

static void store_release(struct store *store)
{
	wake_str_release(&store->ids);
	wake_str_release(&store->details);
}
#define auto_store WAKE_CLEANUP(store_release) struct store

/* ---- helpers that run without faults ---------------------------------------------------------- */

static void add(struct wake_events *events, const char *detail)
{
	struct wake_event event = { 0 };
	struct wake_error err = { 0 };

	if (wake_event_make(WAKE_EVENT_GAP, NULL, 0,
	        json_pack("{ss,ss,ss}", "repository_id", REPOSITORY, "reason", "test", "detail", detail),
	        &event, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(wake_events_add(events, &event, &err), WAKE_OK);
}

static void append(const char *spool, const char *detail)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error err = { 0 };

	add(&events, detail);
	if (wake_spool_append(spool, &events, false, &err) < 0)
		fail_msg("%s", err.text);
}

static void drain(const char *spool, struct store *store)
{
	struct wake_error err = { 0 };

	if (wake_spool_drain(spool, record, store, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(wake_spool_has_events(spool));
}

static uint64_t quarantined(const char *spool)
{
	struct wake_spool_status status;
	struct wake_error err;

	assert_int_equal(wake_spool_status(spool, &status, &err), WAKE_OK);
	return status.quarantined;
}

static size_t count_in(const char *spool, const char *name)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(wake_spool_names(spool, name, 1000, &names, &err), WAKE_OK);
	return names.count;
}

/* A spool of its own for each round; free(3). */
static char *new_spool(void **state)
{
	static unsigned round;
	char name[32];

	(void)snprintf(name, sizeof(name), "spool%u", round++);
	return scratch_path(state, name);
}

/* ---- appending -------------------------------------------------------------------------------- */

/* One append of two events with a fault in it; returns whether the fault was reached. */
static bool append_with(void **state, enum wrap_call call, unsigned long nth, bool always, bool fresh)
{
	wake_auto_free char *spool = new_spool(state);
	wake_auto_events struct wake_events events = { 0 };
	auto_store store = new_store();
	struct wake_error err = { 0 };
	bool fired;
	int ret;

	if (!fresh)
		append(spool, "before");
	add(&events, "one");
	add(&events, "two");
	if (always)
		wrap_fail_on(call, nth, ENOSPC);
	else
		wrap_fail(call, nth, ENOSPC);
	ret = wake_spool_append(spool, &events, true, &err);
	fired = wrap_stop();
	if (ret < 0 && (!fired || !err.text[0] || (ret != WAKE_SYSTEM && ret != WAKE_NOMEM)))
		fail_msg("%s %lu: %d %s", wrap_name(call), nth, ret, err.text);
	if (call != WRAP_UNLINK)
		assert_int_equal(count_in(spool, "tmp"), 0);
	append(spool, "after");
	drain(spool, &store);
	if (strstr(wake_str_text(&store.details), "one two ") == NULL ? ret == WAKE_OK : ret < 0)
		fail_msg("%s %lu: %s, but recorded: %s", wrap_name(call), nth,
		    ret < 0 ? "refused" : "accepted", store.details.data);
	assert_int_equal(store.details.len, (fresh ? 0 : 7) + (ret < 0 ? 0 : 8) + 6);
	assert_int_equal(quarantined(spool), 0);
	return fired;
}

static void append_through(void **state, enum wrap_call call)
{
	for (int variant = 0; variant < 4; variant++) {
		unsigned long nth = 1;

		while (append_with(state, call, nth, variant & 1, variant & 2)) {
			nth++;
			assert_true(nth < NTH_MAX);
		}
		assert_true(nth > 1 || call == WRAP_RENAME || call == WRAP_UNLINK || call == WRAP_LINK);
	}
}

static void appends_with_failing_memory(void **state)
{
	append_through(state, WRAP_MEMORY);
}

static void appends_with_failing_write(void **state)
{
	append_through(state, WRAP_WRITE);
}

static void appends_with_short_write(void **state)
{
	append_through(state, WRAP_SHORT_WRITE);
}

static void appends_with_failing_sync(void **state)
{
	append_through(state, WRAP_SYNC);
}

/* The way by a file of its own has a rename; it is taken where in/current is no file. */
static void appends_with_failing_rename(void **state)
{
	wake_auto_free char *spool = new_spool(state);
	wake_auto_free char *blocked = NULL;
	wake_auto_events struct wake_events events = { 0 };
	auto_store store = new_store();
	struct wake_error err;

	assert_int_equal(wake_spool_make_dirs(spool, &err), WAKE_OK);
	assert_int_equal(wake_fs_join(spool, WAKE_SPOOL_CURRENT, &blocked, &err), WAKE_OK);
	assert_int_equal(mkdir(blocked, 0700), 0);
	add(&events, "one");
	wrap_fail(WRAP_RENAME, 1, EIO);
	assert_int_equal(wake_spool_append(spool, &events, true, &err), WAKE_SYSTEM);
	assert_true(wrap_stop());
	assert_int_equal(count_in(spool, "tmp"), 0);
	assert_int_equal(wake_spool_append(spool, &events, true, &err), WAKE_OK);
	drain(spool, &store);
	assert_string_equal(wake_str_text(&store.details), "one ");
}

/* ---- draining --------------------------------------------------------------------------------- */

static void damage(const char *spool)
{
	wake_auto_free char *path = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_join(spool, "in/damaged", &path, &err), WAKE_OK);
	scratch_write(path, "damaged\n");
}

/* One drain with a fault in it, then one without; returns whether the fault was reached. */
static bool drain_with(void **state, enum wrap_call call, unsigned long nth, bool always)
{
	wake_auto_free char *spool = new_spool(state);
	auto_store store = new_store();
	struct wake_error err = { 0 };
	size_t applied = 0;
	bool fired;
	int ret;

	append(spool, "one");
	append(spool, "bad");
	append(spool, "two");
	damage(spool);
	if (always)
		wrap_fail_on(call, nth, ENOSPC);
	else
		wrap_fail(call, nth, ENOSPC);
	ret = wake_spool_drain(spool, record, &store, &applied, &err);
	fired = wrap_stop();
	if (ret < 0 ? !fired || !err.text[0] : applied != 2 || wake_spool_has_events(spool))
		fail_msg("%s %lu: %d %s", wrap_name(call), nth, ret, err.text);
	if (ret < 0)
		assert_true(wake_spool_has_events(spool)); /* nothing is forgotten */
	append(spool, "after");
	drain(spool, &store);
	if (strcmp(store.details.data, "one two after ") != 0 &&
	    strcmp(store.details.data, "two one after ") != 0)
		fail_msg("%s %lu: recorded: %s", wrap_name(call), nth, store.details.data);
	if (quarantined(spool) != 2)
		fail_msg("%s %lu: %d quarantined", wrap_name(call), nth, (int)quarantined(spool));
	return fired;
}

static void drain_through(void **state, enum wrap_call call)
{
	for (int always = 0; always < 2; always++) {
		unsigned long nth = 1;

		while (drain_with(state, call, nth, always)) {
			nth++;
			assert_true(nth < NTH_MAX);
		}
		assert_true(nth > 1);
	}
}

static void drains_with_failing_memory(void **state)
{
	drain_through(state, WRAP_MEMORY);
}

static void drains_with_failing_write(void **state)
{
	drain_through(state, WRAP_WRITE);
}

static void drains_with_short_write(void **state)
{
	for (unsigned long nth = 1; drain_with(state, WRAP_SHORT_WRITE, nth, false); nth++)
		assert_true(nth < NTH_MAX);
}

static void drains_with_failing_sync(void **state)
{
	drain_through(state, WRAP_SYNC);
}

static void drains_with_failing_rename(void **state)
{
	drain_through(state, WRAP_RENAME);
}

static void drains_with_failing_link(void **state)
{
	drain_through(state, WRAP_LINK);
}

static void drains_with_failing_unlink(void **state)
{
	drain_through(state, WRAP_UNLINK);
}

/* ---- newer events ----------------------------------------------------------------------------- */

static bool set_newer_aside_with(void **state, enum wrap_call call, unsigned long nth)
{
	static const char json[] = "{\"v\":2,\"something\":\"else\"}";
	wake_auto_free char *spool = new_spool(state);
	wake_auto_free char *path = NULL, *line = NULL, *kept = NULL, *quarantine = NULL;
	auto_store store = new_store();
	struct wake_error err;
	size_t len;
	bool fired;
	int ret;

	append(spool, "one");
	assert_int_equal(
	    wake_str_format(&line, &err, "%08x %s\n", (unsigned)wake_spool_crc(json, strlen(json)), json),
	    WAKE_OK);
	assert_int_equal(wake_fs_join(spool, "in/newer", &path, &err), WAKE_OK);
	scratch_write(path, line);
	wrap_fail(call, nth, ENOSPC);
	ret = wake_spool_drain(spool, record, &store, NULL, &err);
	fired = wrap_stop();
	assert_true(ret == WAKE_OK || fired);
	drain(spool, &store);
	assert_string_equal(wake_str_text(&store.details), "one ");
	assert_int_equal(wake_fs_join(spool, "quarantine/newer-v2", &quarantine, &err), WAKE_OK);
	assert_int_equal(wake_fs_read(quarantine, 65536, 0, &kept, &len, &err), WAKE_OK);
	assert_non_null(strstr(kept, line));
	assert_int_equal(count_in(spool, "quarantine"), 1);
	return fired;
}

static void keeps_newer_events(void **state)
{
	static const enum wrap_call calls[] = { WRAP_MEMORY, WRAP_WRITE, WRAP_SHORT_WRITE, WRAP_SYNC,
		WRAP_UNLINK };

	for (size_t i = 0; i < WAKE_COUNT(calls); i++) {
		for (unsigned long nth = 1; set_newer_aside_with(state, calls[i], nth); nth++)
			assert_true(nth < NTH_MAX);
	}
}

/* ---- attending -------------------------------------------------------------------------------- */

/* Whatever fails, nobody is told that the spool is attended when it is not, nor is a lock left held. */
static void attends_with_failing_memory(void **state)
{
	bool fired = true;

	for (unsigned long nth = 1; fired; nth++) {
		wake_auto_free char *spool = new_spool(state);
		struct wake_error err = { 0 };
		int fd = -1, ret;

		assert_true(nth < NTH_MAX);
		wrap_fail(WRAP_MEMORY, nth, 0);
		ret = wake_spool_attend(spool, &fd, &err);
		fired = wrap_stop();
		assert_int_equal(ret, fired ? WAKE_NOMEM : WAKE_OK);
		assert_int_equal(wake_spool_is_drained_now(spool), ret == WAKE_OK);
		if (ret == WAKE_OK)
			assert_int_equal(close(fd), 0);
		else
			assert_int_equal(fd, -1);
	}
}

/* Unsure counts as not drained: then one recorder too many is started, never one too few. */
static void asks_with_failing_memory(void **state)
{
	wake_auto_free char *spool = new_spool(state);
	struct wake_error err = { 0 };
	bool fired = true;
	int fd = -1;

	assert_int_equal(wake_spool_attend(spool, &fd, &err), WAKE_OK);
	for (unsigned long nth = 1; fired; nth++) {
		bool drained;

		wrap_fail_on(WRAP_MEMORY, nth, 0);
		drained = wake_spool_is_drained_now(spool);
		fired = wrap_stop();
		assert_int_equal(drained, !fired);
	}
	assert_int_equal(close(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(appends_with_failing_memory),
		scratch_test(appends_with_failing_write),
		scratch_test(appends_with_short_write),
		scratch_test(appends_with_failing_sync),
		scratch_test(appends_with_failing_rename),
		scratch_test(drains_with_failing_memory),
		scratch_test(drains_with_failing_write),
		scratch_test(drains_with_short_write),
		scratch_test(drains_with_failing_sync),
		scratch_test(drains_with_failing_rename),
		scratch_test(drains_with_failing_link),
		scratch_test(drains_with_failing_unlink),
		scratch_test(keeps_newer_events),
		scratch_test(attends_with_failing_memory),
		scratch_test(asks_with_failing_memory),
	};

	wrap_json();
	return cmocka_run_group_tests_name("spool under faults", tests, NULL, NULL);
}
