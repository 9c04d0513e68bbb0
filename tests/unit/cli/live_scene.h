/* SPDX-License-Identifier: MIT */
/* A state directory with a store, and sessions in it: for the tests of reading them. */
#ifndef WAKE_TEST_LIVE_SCENE_H
#define WAKE_TEST_LIVE_SCENE_H

#include <sqlite3.h>

#include "../agent/transcripts.h"
#include "base/clock.h"
#include "cli/live.h"

/* owned: scene_release. */
struct scene {
	struct wake_paths paths;
	struct wake_store *store;
};

static inline void scene_release(struct scene *scene)
{
	wake_store_close(scene->store);
	wake_paths_release(&scene->paths);
}

static inline void scene_open(void *const *state, struct scene *scene)
{
	wake_auto_free char *config = scratch_path(state, "config");
	char problem[WAKE_ERROR_TEXT_SIZE];

	assert_int_equal(setenv("XDG_STATE_HOME", *state, 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", config, 1), 0);
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_int_equal(wake_paths_find(&scene->paths, &err), WAKE_OK);
	if (wake_record_open(&scene->paths, &scene->store, problem, &err) != WAKE_OK)
		fail_msg("%s", err.text);
}

/* A session of that name which joined the run of that name, and has ended or not. */
static inline void scene_enter(
    void *const *state, const struct scene *scene, const char *name, const char *text, int64_t ended)
{
	struct wake_agent_session entry = { .agent = WAKE_AGENT_CLAUDE,
		.session = strdup(name),
		.is_joined = true,
		.begun_at = INT64_C(1767225600) * WAKE_SECOND,
		.ended_at = ended };
	wake_auto_free char *file = NULL;

	assert_true(asprintf(&file, "%s.jsonl", name) > 0);
	(void)snprintf(entry.run_id, sizeof(entry.run_id), "%s", name);
	entry.transcript = scratch_path(state, file);
	scratch_write(entry.transcript, text);
	assert_int_equal(wake_agent_session_write(&scene->paths, &entry, &err), WAKE_OK);
	wake_agent_session_release(&entry);
}

static inline size_t scene_entries(const struct scene *scene)
{
	wake_auto_agent_session_list struct wake_agent_session_list list = { 0 };

	assert_int_equal(wake_agent_session_list(&scene->paths, &list, &err), WAKE_OK);
	return list.count;
}

/* A number that the store has. */
static inline int64_t scene_number(const struct scene *scene, const char *query, const char *run)
{
	wake_auto_free char *path = NULL;
	sqlite3 *db;
	sqlite3_stmt *statement;
	int64_t number;

	assert_true(asprintf(&path, "%s/runwake.db", scene->paths.state) > 0);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(statement, 1, run, -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return number;
}

static inline int scene_read(const struct scene *scene, struct wake_live_rest *ret_rest)
{
	const struct wake_live_spec spec = { .paths = &scene->paths, .store = scene->store, .insists = true };

	return wake_live_read(&spec, ret_rest, &err);
}

#endif
