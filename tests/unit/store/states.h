/* SPDX-License-Identifier: MIT */
/* A store with edit states, each told by an event as the recorder tells it. */
#ifndef WAKE_TEST_STATES_H
#define WAKE_TEST_STATES_H

#include "../base/scratch.h"

#include <sqlite3.h>

#include "event/event.h"
#include "store/migrate.h"
#include "store/record.h"

#define REPO "11111111-1111-8111-8111-111111111111"
#define TREE "22222222-2222-8222-8222-222222222222"
#define NESTED "33333333-3333-8333-8333-333333333333"
#define T0 (INT64_C(1800000000) * WAKE_SECOND)

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		struct wake_error *err_ = &err;                                                              \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err_->text);                                               \
	} while (0)

/* JSON is full of double quotes: the texts of a test have single ones. */
static inline json_t *load(const char *text)
{
	wake_auto_free char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, 0, &error);
	if (!json)
		fail_msg("%s: %s", error.text, text);
	return json;
}

static inline void assert_json(const json_t *json, const char *expected)
{
	wake_auto_json json_t *wanted = load(expected);

	if (!json_equal(json, wanted)) {
		wake_auto_free char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_SORT_KEYS);

		fail_msg("%s\nis not %s", text, expected);
	}
}

/* An id by a number; later numbers sort later. */
static inline const char *state_id(int number)
{
	static char ids[8][WAKE_ID_SIZE];
	static int next;
	char *id = ids[next++ % 8];

	(void)snprintf(id, WAKE_ID_SIZE, "01a20463-0000-7000-8000-%012d", number);
	return id;
}

static inline struct wake_store *states_open(void *const *state)
{
	wake_auto_free char *url = NULL;
	struct wake_store *store = NULL;
	struct wake_error err;
	size_t applied;

	assert_true(asprintf(&url, "sqlite:%s/store.db", (const char *)*state) > 0);
	assert_ok(wake_store_open(url, &store, &err));
	assert_ok(wake_migrate(store, &applied, &err));
	return store;
}

static inline void states_put(void *const *state, const char *sql)
{
	wake_auto_free char *path = scratch_path(state, "store.db");
	sqlite3 *db = NULL;
	char *text = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &text) != SQLITE_OK)
		fail_msg("%s", text);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline void states_tell(
    struct wake_store *store, enum wake_event_type type, const char *id, int64_t at, json_t *data)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event;
	struct wake_error err;

	assert_ok(wake_event_make(type, id, at, data, &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	assert_ok(wake_record_apply(store, &events, &err));
}

static inline void states_start(struct wake_store *store, const char *run, int second)
{
	states_tell(store, WAKE_EVENT_RUN_STARTED, NULL, T0 + second * WAKE_SECOND,
	    json_pack("{ss ss ss ss ss ss ss}", "run_id", run, "workflow", "fix", "task", "t", "workspace_id", "w",
	        "workspace_path", "/r", "repository_id", REPO, "worktree_id", TREE));
}

/* State number, told at that second: what `data` says, and what every state has. */
static inline void states_add(struct wake_store *store, int number, int second, json_t *data)
{
	wake_auto_json json_t *whole = json_pack(
	    "{ss ss ss ss ss s[] si si si si ss}", "repository_id", REPO, "worktree_id", TREE, "root", "/r", "since",
	    "2027-01-15T08:00:00.500000Z", "reason", "settled", "files", "added_lines", 0, "removed_lines", 0,
	    "files_changed", 0, "untracked_files", 0, "engine", "walk");

	assert_non_null(whole);
	assert_int_equal(json_object_update_new(whole, data), 0);
	states_tell(
	    store, WAKE_EVENT_EDITS_DIFFED, state_id(number), T0 + second * WAKE_SECOND, json_incref(whole));
}

#endif
