/* SPDX-License-Identifier: MIT */
/* A history of events that has of everything something, for the tests of the folds. */
#ifndef WAKE_TEST_FOLD_HISTORY_H
#define WAKE_TEST_FOLD_HISTORY_H

#include "../base/scratch.h"
#include "event/event.h"

#define REPO "11111111-1111-8111-8111-111111111111"
#define TREE_A REPO /* the main worktree's id is the repository's */
#define TREE_B "22222222-2222-8222-8222-222222222222"
#define TREE_C "33333333-3333-8333-8333-333333333333" /* nested in B */
#define RUN_A "run-a"
#define RUN_B "run-b"
#define RUN_C "run-c"
#define T0 INT64_C(1800000000) /* seconds */

static struct wake_error err;

static inline const char *hash(char digit)
{
	static char texts[128][41];
	char *text = texts[(unsigned char)digit & 127];

	memset(text, digit, 40);
	text[40] = '\0';
	return text;
}

static inline const char *id_of(const char *name, char id[WAKE_ID_SIZE])
{
	wake_id_v8(T0 * 1000, name, strlen(name), id);
	return id;
}

static inline void add(
    struct wake_events *history, enum wake_event_type type, const char *name, int64_t at, json_t *data)
{
	struct wake_event event;
	char id[WAKE_ID_SIZE];

	assert_non_null(data);
	if (wake_event_make(type, id_of(name, id), at, data, &event, &err) != WAKE_OK)
		fail_msg("%s: %s", name, err.text);
	assert_int_equal(wake_events_add(history, &event, &err), WAKE_OK);
}

/* A line of a worktree's log, seen half a second after it was written; the previous observation was at since.
 */
static inline void moved(struct wake_events *history, const char *name, const char *tree, int64_t second,
    double since, const char *old_hash, const char *new_hash, const char *kind)
{
	char text[WAKE_TIME_SIZE];
	json_t *data = json_pack("{ss ss ss ss ss ss ss ss ss sI ss ss}", "repository_id", REPO,
	    "worktree_id", tree, "git_dir", "/r/.git", "common_dir", "/r/.git", "root",
	    strcmp(tree, TREE_A) == 0 ? "/r" : "/w", "old", old_hash, "new", new_hash, "name", "A", "email",
	    "a@x", "time", (json_int_t)second, "zone", "+0000", "kind", kind);

	wake_time_format((int64_t)(since * (double)WAKE_SECOND), text);
	assert_int_equal(json_object_set_new(data, "since", json_string(text)), 0);
	add(history, WAKE_EVENT_MOVED, name, second * WAKE_SECOND + WAKE_SECOND / 2, data);
}

static inline void examined(struct wake_events *history, const char *movement, const char *commit_hash,
    const char *graph, bool committer_is_line, const char *patch, int added)
{
	char id[WAKE_ID_SIZE], name[64];
	json_t *commit = json_pack("{ss ss s[] ss ss ss ss ss ss ss ss s[{ss sn si si sb ss}] si si si ss}",
	    "hash", commit_hash, "tree", hash('e'), "parents", "author_name", "A", "author_email", "a@x",
	    "authored_at", "2027-01-15T08:00:00.000000Z", "committer_name", "A", "committer_email", "a@x",
	    "committed_at", "2027-01-15T08:00:00.000000Z", "subject", "s", "patch_id", patch, "files", "path",
	    commit_hash, "old_path", "added", added, "removed", 1, "binary", 0, "status", "M", "added_lines",
	    added, "removed_lines", 1, "files_changed", 1, "engine", "walk");

	assert_non_null(commit);
	(void)snprintf(name, sizeof(name), "examined %s", movement);
	add(history, WAKE_EVENT_EXAMINED, name, T0 * WAKE_SECOND,
	    json_pack("{ss ss sb sb sb sI ss sb so}", "movement", id_of(movement, id), "repository_id", REPO,
	        "missing", 0, "committer_is_line", committer_is_line, "same_committer", 1, "lag",
	        (json_int_t)0, "graph", graph, "known_remote", 0, "commit", commit));
}

static inline void evidence(struct wake_events *history, const char *movement, const char *kind, const char *run,
    double at, bool exact)
{
	char id[WAKE_ID_SIZE], name[96];
	json_t *data = json_pack(
	    "{ss ss ss sb}", "movement", id_of(movement, id), "kind", kind, "run_id", run, "exact", exact);

	(void)snprintf(name, sizeof(name), "evidence %s %s %s", movement, kind, run);
	if (strcmp(kind, "marker") == 0)
		assert_int_equal(json_object_set_new(data, "marker_dir", json_string("/w")), 0);
	add(history, WAKE_EVENT_EVIDENCE, name, (int64_t)(at * (double)WAKE_SECOND), data);
}

static inline void started(struct wake_events *history, const char *run, const char *tree, double at)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "start %s %f", run, at);
	add(history, WAKE_EVENT_RUN_STARTED, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss ss ss ss ss ss sb ss ss ss ss sb}", "run_id", run, "workflow", "implement", "task",
	        "do it", "session_name", "one", "workspace_id", tree, "workspace_path",
	        strcmp(tree, TREE_A) == 0 ? "/r" : "/w", "workspace_persistent", 1, "repository_id", REPO,
	        "worktree_id", tree, "head", hash('0'), "branch", "main", "claim", 1));
}

static inline void ended(struct wake_events *history, const char *run, double at, const char *status, bool reported,
    const char *head)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "end %s %f %d", run, at, reported);
	add(history, WAKE_EVENT_RUN_ENDED, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss ss sb ss ss}", "run_id", run, "status", status, "reported", reported, "result",
	        status, "head", head));
}

static inline void ref_moved(struct wake_events *history, const char *name, const char *ref, int64_t second,
    const char *old_hash, const char *new_hash, const char *kind)
{
	add(history, WAKE_EVENT_REF_MOVED, name, second * WAKE_SECOND,
	    json_pack("{ss ss ss ss ss ss ss sI ss ss}", "repository_id", REPO, "common_dir", "/r/.git",
	        "ref", ref, "old", old_hash, "new", new_hash, "name", "A", "email", "a@x", "time",
	        (json_int_t)second, "zone", "+0000", "kind", kind));
}

static inline const char *root_of(const char *tree)
{
	return strcmp(tree, TREE_A) == 0 ? "/r" : strcmp(tree, TREE_B) == 0 ? "/w" : "/w/nested";
}

static inline json_t *edit_data(const char *tree, double since, const char *reason, const char *run)
{
	char text[WAKE_TIME_SIZE];
	json_t *data = json_pack("{ss ss ss ss}", "repository_id", REPO, "worktree_id", tree, "root",
	    root_of(tree), "reason", reason);

	wake_time_format((int64_t)(since * (double)WAKE_SECOND), text);
	assert_int_equal(json_object_set_new(data, "since", json_string(text)), 0);
	if (run)
		assert_int_equal(json_object_set_new(data, "run_id", json_string(run)), 0);
	return data;
}

/* A hint: a second after it began, the edits settled. */
static inline void edited(
    struct wake_events *history, const char *name, const char *tree, double since, const char *run)
{
	json_t *data = edit_data(tree, since, "settled", run), *more;

	more = json_pack("{ss ss s[ss]}", "git_dir", "/r/.git", "common_dir", "/r/.git", "paths", "a", name);
	assert_int_equal(json_object_update_new(data, more), 0);
	add(history, WAKE_EVENT_EDITED, name, (int64_t)((since + 1) * (double)WAKE_SECOND), data);
}

/* The state that a hint led to, 50 ms after it; "state NAME". */
static inline void diffed(struct wake_events *history, const char *hint, const char *tree, double since,
    const char *run, const char *base, int added)
{
	char id[WAKE_ID_SIZE], name[64];
	json_t *data = edit_data(tree, since, "settled", run), *more;

	more = json_pack("{s[{ss si}] s[s] si si si si ss s[s]}", "files", "path", hint, "added", added,
	    "gone", "b", "added_lines", added, "removed_lines", 1, "files_changed", 2, "untracked_files", 3,
	    "engine", "walk", "covers", id_of(hint, id));
	assert_int_equal(json_object_update_new(data, more), 0);
	if (base) {
		(void)snprintf(name, sizeof(name), "state %s", base);
		assert_int_equal(json_object_set_new(data, "base", json_string(id_of(name, id))), 0);
	}
	(void)snprintf(name, sizeof(name), "state %s", hint);
	add(history, WAKE_EVENT_EDITS_DIFFED, name, (int64_t)((since + 1.05) * (double)WAKE_SECOND), data);
}

static inline void edited_and_diffed(struct wake_events *history, const char *hint, const char *tree, double since,
    const char *run, const char *base, int added)
{
	edited(history, hint, tree, since, run);
	diffed(history, hint, tree, since, run, base, added);
}

/* States of edits: by the marker, by a marker that fits a nested repository, by one that does not fit, by one
 * of a run that is over, by who worked there alone, and by who did not work there alone; a hint that nobody
 * followed; heartbeats that arrive in any order, also of a run that nobody announced. */
static inline void make_edits(struct wake_events *history)
{
	edited_and_diffed(history, "ea1", TREE_A, T0 + 2.2, RUN_A, NULL, 4);
	edited_and_diffed(history, "ea2", TREE_A, T0 + 4.0, NULL, "ea1", 7);
	edited_and_diffed(history, "ea3", TREE_A, T0 + 6.0, RUN_B, "ea2", 9);
	edited_and_diffed(history, "eb1", TREE_B, T0 + 2.0, RUN_B, NULL, 20);
	edited_and_diffed(history, "ec1", TREE_C, T0 + 3.0, RUN_B, NULL, 30);
	edited_and_diffed(history, "eb2", TREE_B, T0 + 9.0, NULL, "eb1", 22);
	edited_and_diffed(history, "eb3", TREE_B, T0 + 9.2, "run-unknown", "eb2", 23);
	edited_and_diffed(history, "eb4", TREE_B, T0 + 9.4, RUN_C, "eb3", 24);
	edited_and_diffed(history, "ea3b", TREE_A, T0 + 9.5, NULL, "ea3", 10);
	edited_and_diffed(history, "ea4", TREE_A, T0 + 50.0, RUN_A, "ea3", 11);
	edited(history, "ea5", TREE_A, T0 + 60.0, NULL);

	started(history, RUN_C, TREE_B, T0 + 8.0);
	started(history, RUN_C, TREE_A, T0 + 8.5); /* told of another worktree: the earlier stands */
	add(history, WAKE_EVENT_HEARTBEAT, "beat 1", (T0 + 5) * WAKE_SECOND,
	    json_pack("{s[ss]}", "run_ids", RUN_A, RUN_B));
	add(history, WAKE_EVENT_HEARTBEAT, "beat 2", (T0 + 6) * WAKE_SECOND,
	    json_pack("{s[sss]}", "run_ids", RUN_B, RUN_A, "run-unannounced"));
	add(history, WAKE_EVENT_HEARTBEAT, "beat 3", (T0 + 7) * WAKE_SECOND,
	    json_pack("{s[s]}", "run_ids", RUN_B));
}

static inline void started_in(struct wake_events *history, const char *run, double at, const char *workflow,
    const char *session_id, const char *session_name)
{
	char name[64];
	json_t *data = json_pack("{ss ss ss ss}", "run_id", run, "workflow", workflow, "task", "talk",
	    "user_email", "a@x");

	if (session_id)
		assert_int_equal(json_object_set_new(data, "session_id", json_string(session_id)), 0);
	if (session_name)
		assert_int_equal(json_object_set_new(data, "session_name", json_string(session_name)), 0);
	(void)snprintf(name, sizeof(name), "start %s %f in %s", run, at, session_name ? session_name : "its own");
	add(history, WAKE_EVENT_RUN_STARTED, name, (int64_t)(at * (double)WAKE_SECOND), data);
}

/* Conversations: two runs that began one in the same instant, a run that is told of another one by an earlier
 * start and leaves the first without any, one session under several names, and a run that names none. */
static inline void make_sessions(struct wake_events *history)
{
	started_in(history, "run-tie-1", T0 + 5, "review", NULL, "two");
	started_in(history, "run-tie-2", T0 + 5, "implement", NULL, "two");
	ended(history, "run-tie-2", T0 + 6, "completed", true, hash('2'));
	started_in(history, "run-moved", T0 + 9, "fix", NULL, "left");
	started_in(history, "run-moved", T0 + 8, "fix", NULL, "taken");
	ended(history, "run-moved", T0 + 12, "failed", true, hash('2'));
	started_in(history, "run-named-1", T0 + 11, "test", TREE_C, "late");
	started_in(history, "run-named-2", T0 + 10, "test", TREE_C, "early");
	started_in(history, "run-named-3", T0 + 10, "refactor", TREE_C, "alike");
	started_in(history, "run-alone", T0 + 13, "pr", NULL, NULL);
}

/* All numbers but the cost follow from one. cost -1: unknown. */
static inline void reported(struct wake_events *history, const char *run, const char *source, double at, int tokens,
    int cost, const char *result)
{
	char name[64];
	json_t *data = json_pack("{ss ss ss ss}", "run_id", run, "source", source, "ai_model", source,
	    "agent_session_id", run);

	(void)snprintf(name, sizeof(name), "report %s %s %f", run, source, at);
	if (tokens >= 0)
		assert_int_equal(json_object_update_new(data, json_pack("{si si si si si}", "input_tokens", tokens,
		    "output_tokens", 2 * tokens, "cache_read_tokens", 3 * tokens, "cache_write_tokens",
		    4 * tokens, "num_turns", tokens)), 0);
	if (cost >= 0)
		assert_int_equal(json_object_set_new(data, "cost", json_integer(cost)), 0);
	if (result)
		assert_int_equal(json_object_set_new(data, "result", json_string(result)), 0);
	if (result)
		assert_int_equal(json_object_set_new(data, "error", json_string(result)), 0);
	add(history, WAKE_EVENT_RUN_REPORTED, name, (int64_t)(at * (double)WAKE_SECOND), data);
}

static inline json_t *answer(const char *name, int tokens, int cost)
{
	char id[WAKE_ID_SIZE];
	json_t *item = json_pack("{ss ss ss si si si si}", "response", id_of(name, id), "at",
	    "2027-01-15T08:00:01.000000Z", "model", "m", "input", tokens, "output", tokens, "cache_read", 1,
	    "cache_write", 0);

	if (cost >= 0)
		assert_int_equal(json_object_set_new(item, "cost", json_integer(cost)), 0);
	return item;
}

static inline void used(struct wake_events *history, const char *name, const char *run, json_t *one, json_t *other)
{
	add(history, WAKE_EVENT_USAGE, name, (T0 + 9) * WAKE_SECOND,
	    json_pack("{ss s[oo]}", "run_id", run, "items", one, other));
}

static inline void said(struct wake_events *history, const char *message, const char *run, double at, const char *kind,
    const char *text)
{
	char name[64], id[WAKE_ID_SIZE];

	(void)snprintf(name, sizeof(name), "said %s %s %f", message, run, at);
	add(history, WAKE_EVENT_SAID, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss ss ss ss ss}", "run_id", run, "message", id_of(message, id), "role", "user", "kind",
	        kind, "text", text));
}

static inline void tool_used(
    struct wake_events *history, const char *use, const char *run, double at, const char *outcome, const char *path)
{
	char name[64], id[WAKE_ID_SIZE];

	(void)snprintf(name, sizeof(name), "tool %s %s %f", use, run, at);
	add(history, WAKE_EVENT_TOOL_USED, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss ss ss ss ss s[s]}", "run_id", run, "key", id_of(use, id), "use", use, "tool", "Edit",
	        "outcome", outcome, "paths", path));
}

static inline void delivered(struct wake_events *history, const char *run, double at, bool as_prompt, const char *one,
    const char *other)
{
	char name[64], id[WAKE_ID_SIZE], second[WAKE_ID_SIZE];

	(void)snprintf(name, sizeof(name), "delivered %s %f", run, at);
	add(history, WAKE_EVENT_DELIVERED, name, (int64_t)(at * (double)WAKE_SECOND),
	    json_pack("{ss s[ss] sb}", "run_id", run, "messages", id_of(one, id), id_of(other, second), "as_prompt",
	        as_prompt));
}

/* What a person said to run A: one got it while it worked, and told of it as a prompt; one twice, to two runs; one not
 * yet; two alike, of which one has an echo; and a prompt of the same text before any delivery. */
static inline void make_deliveries(struct wake_events *history)
{
	said(history, "s1", RUN_A, T0 + 6.0, "say", "Use RS256");
	said(history, "s2", RUN_A, T0 + 6.5, "say", "And test it");
	said(history, "s3", RUN_A, T0 + 6.95, "say", "Not seen yet");
	said(history, "s4", RUN_C, T0 + 7.0, "say", "go on");
	said(history, "s5", RUN_C, T0 + 7.1, "say", "go on");
	delivered(history, RUN_A, T0 + 6.1, false, "s1", "never-said");
	said(history, "e1", RUN_A, T0 + 6.2, "prompt", "Use RS256");
	said(history, "e2", RUN_A, T0 + 6.9, "prompt", "Use RS256"); /* somebody says it again */
	delivered(history, RUN_B, T0 + 8.0, true, "s2", "s1");
	delivered(history, RUN_A, T0 + 9.0, false, "s2", "s2");
	said(history, "e3", RUN_C, T0 + 5.9, "prompt", "go on");
	said(history, "e4", RUN_C, T0 + 7.2, "queued", "go on");
	delivered(history, RUN_C, T0 + 7.15, false, "s4", "s5");
	/* Its first prompt is an echo: its task is the next one. */
	said(history, "e5", "run-unannounced", T0 + 31.0, "prompt", "Use RS256");
	delivered(history, "run-unannounced", T0 + 30.9, false, "s1", "never-said");
}

/* Several sources of one run, which know more or less; answers of a model that two runs tell of, once larger and
 * once without a price; a run that nobody announced but whose prompt is its task; a prompt told twice. */
static inline void make_agents(struct wake_events *history)
{
	reported(history, RUN_A, "stream", T0 + 5.0, 10, -1, NULL);
	reported(history, RUN_A, "stream", T0 + 9.0, -1, -1, NULL); /* the latest, though it knows less */
	reported(history, RUN_A, "transcript", T0 + 8.0, 30, 300, "from the transcript");
	reported(history, RUN_A, "hook", T0 + 9.5, -1, -1, "from the hook");
	reported(history, RUN_C, "hook", T0 + 9.6, -1, -1, "what C came to");
	used(history, "u1", RUN_A, answer("r1", 5, 50), answer("r2", 6, 60));
	used(history, "u2", RUN_B, answer("r2", 7, 70), answer("r3", 8, 80));
	used(history, "u3", RUN_B, answer("r3", 8, -1), answer("r4", 4, -1));
	used(history, "u4", RUN_C, answer("r3", 9, 90), answer("r5", 1, 10));
	used(history, "u5", RUN_B, answer("r4", 4, 40), answer("r4", 3, 30));
	tool_used(history, "t1", RUN_A, T0 + 2.5, "used", "a");
	tool_used(history, "t1", RUN_A, T0 + 2.6, "used", "b"); /* told twice: the earlier stands */
	tool_used(history, "t2", RUN_B, T0 + 2.7, "denied", "c");
	tool_used(history, "t2", RUN_A, T0 + 2.7, "denied", "c"); /* of two runs, in the same instant */
	tool_used(history, "t3", "run-unannounced", T0 + 31.2, "asked", "d");
	said(history, "m1", "run-unannounced", T0 + 32.0, "prompt", "Go on");
	said(history, "m0", "run-unannounced", T0 + 31.5, "prompt", "Do this");
	said(history, "m2", RUN_A, T0 + 2.0, "prompt", "Do it, please");
	said(history, "m3", RUN_A, T0 + 3.0, "prompt", "Rather so");
	said(history, "m3", RUN_B, T0 + 3.1, "queued", "Rather so, cut");
	said(history, "m4", RUN_B, T0 + 4.0, "interrupt", "stopped");
}

/* A row of another system's table; more: members of its own. */
static inline void imported(struct wake_events *history, const char *run, const char *source, const char *status,
    double created, double completed, json_t *more)
{
	char text[WAKE_TIME_SIZE], name[96];
	json_t *data = json_pack("{ss ss ss}", "run_id", run, "source", source, "status", status);

	wake_time_format((int64_t)(created * (double)WAKE_SECOND), text);
	assert_int_equal(json_object_set_new(data, "created_at", json_string(text)), 0);
	wake_time_format((int64_t)(completed * (double)WAKE_SECOND), text);
	if (completed > 0)
		assert_int_equal(json_object_set_new(data, "completed_at", json_string(text)), 0);
	assert_non_null(more);
	assert_int_equal(json_object_update_new(data, more), 0);
	(void)snprintf(name, sizeof(name), "import %s %s %s %f", run, source, status, completed);
	add(history, WAKE_EVENT_RUN_IMPORTED, name, (int64_t)(created * (double)WAKE_SECOND), data);
}

/* Imports: alone; of three tables, one of which tells the end; of runs with a real start, a real end, a commit, a
 * heartbeat; with a session of its own, and a user that is not there. */
static inline void make_imports(struct wake_events *history)
{
	imported(history, "z-alone", "workflow_runs", "completed", T0 - 90000, T0 - 89990,
	    json_pack("{ss ss ss ss ss sI si si si si si s{ss sn} s{si} sb ss}", "workflow_name", "builder",
	        "task_input", "old task", "result", "old result", "session_id",
	        "44444444-4444-4444-8444-444444444444", "session_name", "old", "cost_micros",
	        (json_int_t)1234567, "git_diff_added_lines", 5, "own_added_lines", 4, "own_files_changed", 2,
	        "input_tokens", 7, "duration_seconds", 3, "metadata", "legacy_user_id", "ann", "none",
	        "git_diff_stats", "files", 1, "workspace_persistent", 0, "user_id",
	        "55555555-5555-4555-8555-555555555555"));
	imported(history, "z-three", "workflow_runs", "running", T0 - 80000, 0,
	    json_pack("{ss s{ss ss}}", "task_input", "from runs", "metadata", "a", "runs", "b", "runs"));
	imported(history, "z-three", "workflow_processes", "killed", T0 - 80001, T0 - 79000,
	    json_pack("{ss ss s{ss ss}}", "workflow_name", "p1", "task_input", "p1", "metadata", "b", "p1", "c", "p1"));
	imported(history, "z-three", "workflow_processes", "failed", T0 - 80002, T0 - 79500,
	    json_pack("{ss ss ss}", "ai_model", "p2", "host", "p2", "error_message", "lost"));
	started(history, "z-start", TREE_C, T0 + 70);
	imported(history, "z-start", "workflow_runs", "failed", T0 + 69, T0 + 80,
	    json_pack("{ss ss si s{ss}}", "task_input", "not this", "error_message", "this", "input_tokens", 11,
	        "metadata", "kept", "yes"));
	imported(history, "z-start", "workflow_processes", "killed", T0 + 69, T0 + 85,
	    json_pack("{s{ss ss}}", "metadata", "kept", "no", "more", "yes"));
	ended(history, "z-end", T0 + 90, "completed", false, hash('2'));
	imported(history, "z-end", "workflow_runs", "failed", T0 + 60, T0 + 80,
	    json_pack("{ss ss}", "task_input", "this", "error_message", "not this"));
	imported(history, "run-unannounced", "workflow_runs", "killed", T0 + 29, T0 + 40,
	    json_pack("{ss si ss}", "task_input", "found", "own_added_lines", 99, "initial_commit_hash", hash('5')));
	imported(history, "z-beat", "workflow_runs", "pending", T0 + 29.5, 0,
	    json_pack("{ss}", "last_heartbeat_at", "2027-01-15T08:00:00+02:00"));
	add(history, WAKE_EVENT_HEARTBEAT, "beat 4", (T0 + 8) * WAKE_SECOND, json_pack("{s[s]}", "run_ids", "z-beat"));
}

static inline void purged(struct wake_events *history, const char *run, double at)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "purge %s %f", run, at);
	add(history, WAKE_EVENT_PURGED, name, (int64_t)(at * (double)WAKE_SECOND), json_pack("{ss}", "run_id", run));
}

/* Runs whose words are to be forgotten: one with words of each kind, purged twice; one that was imported, and began; one
 * that nobody ever told of. Messages that a purged run shares with one that is not: told of it first, and told of it last. */
static inline void make_purges(struct wake_events *history)
{
	started(history, "p-other", TREE_C, T0 + 199);
	started(history, "p-purged", TREE_C, T0 + 200);
	ended(history, "p-purged", T0 + 210, "failed", true, hash('2'));
	ended(history, "p-purged", T0 + 209, "killed", false, hash('2'));
	reported(history, "p-purged", "stream", T0 + 205, 10, 100, "SECRET report");
	reported(history, "p-purged", "hook", T0 + 206, -1, -1, "SECRET hook");
	said(history, "p1", "p-purged", T0 + 201, "prompt", "SECRET prompt");
	said(history, "p2", "p-purged", T0 + 202, "say", "SECRET word");
	said(history, "p3", "p-purged", T0 + 203, "queued", "SECRET shared");
	said(history, "p3", "p-other", T0 + 204, "queued", "shared");
	said(history, "p4", "p-other", T0 + 203, "queued", "shared too");
	said(history, "p4", "p-purged", T0 + 204, "queued", "SECRET shared too");
	said(history, "p5", "p-purged-prompt", T0 + 205, "prompt", "SECRET task");
	purged(history, "p-purged", T0 + 300);
	purged(history, "p-purged", T0 + 299);
	purged(history, "p-purged-prompt", T0 + 301);
	purged(history, "p-purged-only", T0 + 302);
	started(history, "p-imported", TREE_C, T0 + 220);
	imported(history, "p-imported", "workflow_runs", "failed", T0 + 219, T0 + 230,
	    json_pack("{ss ss ss si s{ss}}", "task_input", "SECRET import", "error_message", "SECRET error", "result",
	        "SECRET result", "input_tokens", 11, "metadata", "kept", "SECRET metadata"));
	imported(history, "p-imported-alone", "workflow_processes", "completed", T0 + 219, T0 + 230,
	    json_pack("{ss ss s{ss}}", "task_input", "SECRET import", "result", "SECRET result", "metadata", "kept",
	        "SECRET metadata"));
	purged(history, "p-imported", T0 + 303);
	purged(history, "p-imported-alone", T0 + 304);
}

/* Two worktrees, two runs, an unannounced one; commits, an amend that git told and a replay that it did not
 * tell, a fast-forward in the same second, a late and a presumed end, a push and its confirmation. */
static inline void make_history(struct wake_events *history)
{
	char id[WAKE_ID_SIZE];

	make_edits(history);
	make_agents(history);
	make_deliveries(history);
	make_imports(history);
	make_purges(history);

	started(history, RUN_A, TREE_A, T0 + 0.4);
	started(history, RUN_B, TREE_B, T0 + 0.6);
	started(history, RUN_B, TREE_B, T0 + 3.0); /* told twice: the earlier stands */

	moved(history, "a1", TREE_A, T0 + 1, T0 + 0.39, hash('0'), hash('1'), "commit");
	examined(history, "a1", hash('1'), "parent", true, "p1", 10);
	evidence(history, "a1", "env", RUN_A, T0 + 1.4, true);
	ref_moved(history, "a1 ref", "refs/heads/main", T0 + 1, hash('0'), hash('1'), "commit");

	moved(history, "b1", TREE_B, T0 + 1, T0 + 0.59, hash('0'), hash('1'), "merge-ff");
	examined(history, "b1", hash('1'), "parent", true, "p1", 10);
	evidence(history, "b1", "marker", RUN_B, T0 + 1.5, false);

	moved(history, "a2", TREE_A, T0 + 2, T0 + 1.5, hash('1'), hash('2'), "commit-amend");
	examined(history, "a2", hash('2'), "same-parents", true, "p2", 12);
	evidence(history, "a2", "marker", RUN_B, T0 + 2.5, true); /* B's marker in A's worktree: a mismatch */
	add(history, WAKE_EVENT_REWRITTEN, "a2 told", (T0 + 2) * WAKE_SECOND,
	    json_pack("{ss ss ss s[[ss]]}", "repository_id", REPO, "worktree_id", TREE_A, "command", "amend",
	        "pairs", hash('1'), hash('2')));

	moved(history, "b2", TREE_B, T0 + 4, T0 + 3.5, hash('1'), hash('3'), "commit");
	examined(history, "b2", hash('3'), "parent", true, "p3", 5);
	evidence(history, "b2", "env", RUN_B, T0 + 4.4, true);
	moved(history, "b3", TREE_B, T0 + 5, T0 + 4.5, hash('2'), hash('4'), "rebase-pick");
	examined(history, "b3", hash('4'), "parent", false, "p3", 5);

	/* After both ended: a terminal still has A's id; and a run that nobody announced. */
	moved(history, "a3", TREE_A, T0 + 30, T0 + 25, hash('2'), hash('5'), "commit");
	examined(history, "a3", hash('5'), "parent", true, "p5", 1);
	evidence(history, "a3", "env", RUN_A, T0 + 30.4, true);
	moved(history, "a4", TREE_A, T0 + 31, T0 + 30.5, hash('5'), hash('6'), "commit");
	examined(history, "a4", hash('6'), "parent", true, "p6", 1);
	evidence(history, "a4", "env", "run-unannounced", T0 + 31.4, true);

	ended(history, RUN_A, T0 + 20, "completed", true, hash('2'));
	ended(history, RUN_A, T0 + 21, "killed", true, hash('2'));
	ended(history, RUN_B, T0 + 10, "failed", false, hash('4'));
	ended(history, RUN_B, T0 + 12, "completed", true, hash('4'));

	add(history, WAKE_EVENT_PUSH_INTENDED, "push", (T0 + 6) * WAKE_SECOND,
	    json_pack("{ss ss ss ss s[{ss ss ss ss}] ss ss}", "repository_id", REPO, "worktree_id", TREE_B,
	        "remote", "origin", "url", "https://h/r", "refs", "local_ref", "refs/heads/main", "local",
	        hash('4'), "remote_ref", "refs/heads/main", "remote", hash('0'), "run_id", RUN_B, "evidence",
	        "env"));
	ref_moved(
	    history, "pushed", "refs/remotes/origin/main", T0 + 6, hash('0'), hash('4'), "update-by-push");
	add(history, WAKE_EVENT_EVIDENCE, "link", (T0 + 40) * WAKE_SECOND,
	    json_pack("{ss ss ss}", "movement", id_of("a3", id), "kind", "unlink", "run_id", RUN_A));
}

#endif
