/* SPDX-License-Identifier: MIT */
/* event/event: every type made, written and read again; everything else refused. */
#include "event/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID "0198f0c2-7d3a-7bcd-8e12-0123456789ab"
#define SHA1 "0123456789abcdef0123456789abcdef01234567"
#define SHA256 SHA1 "0123456789abcdef01234567"

/* Data with every member that the type knows. */
static const char *const full[WAKE_EVENT_TYPE_COUNT] = {
	[WAKE_EVENT_WORKTREE_SEEN] = "{'repository_id':'" ID "','worktree_id':'" ID "','git_dir':'/r/.git',"
	                             "'common_dir':'/r/.git','root':'/r','origin':'https://h/x.git',"
	                             "'object_format':'sha1'}",
	[WAKE_EVENT_MOVED] =
	    "{'repository_id':'" ID "','worktree_id':'" ID "','git_dir':'/r/.git','common_dir':"
	    "'/r/.git','root':'/r','old':'" SHA1 "','new':'" SHA256 "','name':'Ann','email':"
	    "'a@h','time':-1,'zone':'+0200','kind':'commit','to':'main','head':'main','since':"
	    "'2026-11-22T16:50:18.123456Z','position':0,'implied':false}",
	[WAKE_EVENT_REF_MOVED] =
	    "{'repository_id':'" ID "','common_dir':'/r/.git','ref':'refs/heads/main','old':'" SHA1
	    "','new':'" SHA1 "','name':'','email':'','time':1,'zone':'+0000','kind':'none',"
	    "'position':17}",
	[WAKE_EVENT_EVIDENCE] = "{'movement':'" ID "','kind':'marker','run_id':'run:1','workspace_id':'w',"
	                        "'marker_dir':'/r','exact':true}",
	[WAKE_EVENT_REWRITTEN] =
	    "{'repository_id':'" ID "','worktree_id':'" ID "','command':'amend','pairs':[['" SHA1 "','" SHA1
	    "'],['" SHA256 "','" SHA256 "']]}",
	[WAKE_EVENT_PUSH_INTENDED] =
	    "{'repository_id':'" ID "','worktree_id':'" ID "','root':'/r','remote':'origin',"
	    "'url':'https://h/x.git','refs':[{'local_ref':'refs/heads/a','local':'" SHA1
	    "','remote_ref':'refs/heads/a','remote':'" SHA1 "'}],'run_id':'r1',"
	    "'evidence':'env'}",
	[WAKE_EVENT_RUN_STARTED] =
	    "{'run_id':'r1','workflow':'implement','task':'','session_name':'s','session_id':'" ID
	    "','agent_type':'claude-code','ai_model':'m','workspace_id':'w','workspace_path':"
	    "'/r','workspace_persistent':true,'repository_id':'" ID "','worktree_id':'" ID
	    "','git_repo':'/r','branch':'main','head':'" SHA1 "','pid':1,'pid_start':2,"
	    "'boot_id':'" ID "','claim':true,'replaces':'r0','user_id':'" ID
	    "','user_email':'a@h','parent_run_id':'r0','metadata':{'a':[1,{'b':null}]}}",
	[WAKE_EVENT_RUN_ENDED] =
	    "{'run_id':'r1','status':'failed','reported':true,'result':'r','error':'e','head':'" SHA1
	    "','branch':'main','exit_code':-1,'exit_signal':9}",
	[WAKE_EVENT_EXAMINED] =
	    "{'movement':'" ID "','repository_id':'" ID "','commit':{'hash':'" SHA1
	    "','files':[]},'committer_is_line':true,'same_committer':true,'lag':-3,'graph':"
	    "'same-parents','known_earlier':true,'known_remote':false,'missing':false}",
	[WAKE_EVENT_RUN_DIFFED] =
	    "{'run_id':'r1','from':'" SHA1 "','to':'" SHA1 "','files':[{'path':'a','added':1}],"
	    "'engine':'walk'}",
	[WAKE_EVENT_GAP] =
	    "{'repository_id':'" ID "','worktree_id':'" ID "','reason':'log-deleted','detail':'x'}",
	[WAKE_EVENT_EDITED] =
	    "{'repository_id':'" ID "','worktree_id':'" ID "','git_dir':'/r/.git','common_dir':'/r/.git',"
	    "'root':'/r','since':'2026-11-22T16:50:18.123456Z','reason':'settled','whole':false,"
	    "'paths':['a','b/c'],'run_id':'r1'}",
	[WAKE_EVENT_EDITS_DIFFED] =
	    "{'repository_id':'" ID "','worktree_id':'" ID
	    "','root':'/r','since':'2026-11-22T16:50:18.123456Z',"
	    "'reason':'finish','run_id':'r1','head':'" SHA1 "','branch':'main','base':'" ID
	    "','files':[{'path':'a','added':1}],'gone':['b'],'discarded':[{'path':'b'}],'added_lines':1,"
	    "'removed_lines':0,'files_changed':1,'untracked_files':0,'engine':'walk','kept_old':'" SHA1
	    "','kept_new':'" SHA1 "','kept_bytes':5,'covers':['" ID "']}",
	[WAKE_EVENT_HEARTBEAT] = "{'run_ids':['r1','run:2']}",
	[WAKE_EVENT_RUN_REPORTED] =
	    "{'run_id':'r1','source':'stream','ai_model':'m','agent_session_id':'s','num_turns':2,"
	    "'input_tokens':1,'output_tokens':2,'cache_read_tokens':3,'cache_write_tokens':4,'cost':5,"
	    "'result':'r','error':'e'}",
	[WAKE_EVENT_USAGE] = "{'run_id':'r1','items':[{'response':'" ID "','at':'2026-11-22T16:50:18.123456Z',"
	                     "'model':'m','input':1,'output':2,'cache_read':3,'cache_write':4,'cost':5}]}",
	[WAKE_EVENT_DELIVERED] = "{'run_id':'r1','messages':['" ID "'],'as_prompt':true}",
	[WAKE_EVENT_SAID] = "{'run_id':'r1','message':'" ID "','role':'user','kind':'prompt','text':'Do it'}",
	[WAKE_EVENT_TOOL_USED] = "{'run_id':'r1','key':'" ID "','use':'u','tool':'Edit','outcome':'used','paths':['a'],"
	                         "'agent_id':'s'}",
	[WAKE_EVENT_RUN_IMPORTED] =
	    "{'run_id':'r1','source':'workflow_runs','status':'killed','created_at':'2026-11-22T16:50:18Z',"
	    "'workflow_name':'w','agent_type':'a','ai_model':'m','task_input':'t','session_id':'" ID
	    "','session_name':'s','git_repo':'r','git_branch':'b','initial_commit_hash':'" SHA1
	    "','final_commit_hash':'" SHA256 "','git_diff_added_lines':1,'git_diff_removed_lines':2,"
	    "'git_diff_files_changed':3,'own_added_lines':1,'own_removed_lines':2,'own_files_changed':3,"
	    "'git_diff_stats':{'files':[]},'result':'r','error_message':'e',"
	    "'started_at':'2026-11-22T16:50:18Z','completed_at':'2026-11-22T16:50:19Z','duration_seconds':1,"
	    "'updated_at':'2026-11-22T16:50:19Z','last_heartbeat_at':'2026-11-22T16:50:19Z',"
	    "'workspace_id':'w','workspace_persistent':true,'workspace_cleaned_up':false,"
	    "'workspace_path':'/w','cost_micros':5,'input_tokens':1,'output_tokens':2,'total_tokens':3,"
	    "'cache_read_tokens':4,'cache_write_tokens':5,'user_id':'" ID
	    "','metadata':{'a':null},'agent_session_id':'x','num_turns':1,'exit_code':-1,'exit_signal':9,"
	    "'host':'h','agent_pid':1,'agent_pid_start':2,'agent_boot_id':'b','parent_run_id':'r0'}",
	[WAKE_EVENT_PURGED] = "{'run_id':'r1'}",
};

/* JSON is full of double quotes: the texts above have single ones. */
static json_t *load(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, 0, &error);
	if (!json)
		fail_msg("%s: %s", error.text, copy);
	free(copy);
	return json;
}

static void assert_equal_events(const struct wake_event *left, const struct wake_event *right)
{
	assert_string_equal(left->id, right->id);
	assert_int_equal(left->type, right->type);
	assert_true(left->at == right->at);
	assert_string_equal(left->host, right->host);
	assert_true(json_equal(left->data, right->data));
}

static void makes_writes_and_reads_every_type(void **state)
{
	(void)state;
	for (int type = 0; type < WAKE_EVENT_TYPE_COUNT; type++) {
		wake_auto_str struct wake_str text = WAKE_STR(WAKE_EVENT_MAX);
		wake_auto_event struct wake_event made = { 0 };
		wake_auto_event struct wake_event read = { 0 };
		struct wake_error err = { 0 };

		assert_non_null(full[type]);
		if (wake_event_make((enum wake_event_type)type, NULL, 0, load(full[type]), &made, &err) < 0)
			fail_msg("%s", err.text);
		assert_true(wake_id_is_v7(made.id));
		assert_true(made.at > 0 && made.at <= wake_clock_now());
		assert_true(made.host[0]);
		assert_int_equal(wake_event_format(&made, &text, &err), WAKE_OK);
		assert_null(memchr(text.data, '\n', text.len));
		assert_int_equal(wake_event_parse(text.data, text.len, &read, &err), WAKE_OK);
		assert_equal_events(&made, &read);
		assert_int_equal(wake_event_version(text.data, text.len), WAKE_EVENT_VERSION);
	}
}

/* What each type cannot be without. */
static const struct {
	enum wake_event_type type;
	const char *members[12];
} needed[] = {
	{ WAKE_EVENT_WORKTREE_SEEN,
	    { "repository_id", "worktree_id", "git_dir", "common_dir", "object_format" } },
	{ WAKE_EVENT_MOVED,
	    { "repository_id", "worktree_id", "git_dir", "common_dir", "old", "new", "time", "kind" } },
	{ WAKE_EVENT_REF_MOVED, { "repository_id", "common_dir", "ref", "old", "new", "time", "kind" } },
	{ WAKE_EVENT_EVIDENCE, { "movement", "kind", "run_id" } },
	{ WAKE_EVENT_REWRITTEN, { "repository_id", "worktree_id", "command", "pairs" } },
	{ WAKE_EVENT_PUSH_INTENDED, { "repository_id", "worktree_id", "remote", "refs" } },
	{ WAKE_EVENT_RUN_STARTED, { "run_id", "workflow", "task" } },
	{ WAKE_EVENT_RUN_ENDED, { "run_id", "status" } },
	{ WAKE_EVENT_EXAMINED, { "movement", "repository_id" } },
	{ WAKE_EVENT_RUN_DIFFED, { "run_id", "files", "engine" } },
	{ WAKE_EVENT_GAP, { "repository_id", "reason" } },
	{ WAKE_EVENT_EDITED,
	    { "repository_id", "worktree_id", "git_dir", "common_dir", "root", "since", "reason" } },
	{ WAKE_EVENT_EDITS_DIFFED,
	    { "repository_id", "worktree_id", "root", "since", "reason", "files", "added_lines",
	        "removed_lines", "files_changed", "untracked_files", "engine" } },
	{ WAKE_EVENT_HEARTBEAT, { "run_ids" } },
	{ WAKE_EVENT_RUN_REPORTED, { "run_id", "source" } },
	{ WAKE_EVENT_USAGE, { "run_id", "items" } },
	{ WAKE_EVENT_SAID, { "run_id", "message", "role", "kind", "text" } },
	{ WAKE_EVENT_DELIVERED, { "run_id", "messages" } },
	{ WAKE_EVENT_RUN_IMPORTED, { "run_id", "source", "status", "created_at" } },
	{ WAKE_EVENT_TOOL_USED, { "run_id", "key", "tool", "outcome" } },
	{ WAKE_EVENT_PURGED, { "run_id" } },
};

static bool is_needed(enum wake_event_type type, const char *name)
{
	for (size_t i = 0; i < 12 && needed[type].members[i]; i++) {
		if (strcmp(needed[type].members[i], name) == 0)
			return true;
	}
	return false;
}

static void needs_what_it_needs_and_no_more(void **state)
{
	(void)state;
	for (int i = 0; i < WAKE_EVENT_TYPE_COUNT; i++) {
		enum wake_event_type type = (enum wake_event_type)i;
		wake_auto_json json_t *whole = load(full[type]);
		const char *key;
		json_t *value;

		assert_int_equal(needed[type].type, type);
		json_object_foreach(whole, key, value)
		{
			wake_auto_event struct wake_event event = { 0 };
			json_t *without = json_copy(whole);
			struct wake_error err = { 0 };
			int ret;

			assert_int_equal(json_object_del(without, key), 0);
			ret = wake_event_make(type, NULL, 0, without, &event, &err);
			assert_int_equal(ret, is_needed(type, key) ? WAKE_INVALID : WAKE_OK);
			if (ret < 0)
				assert_non_null(strstr(err.text, key));
		}
	}
}

/* Any member may be replaced by a value of a wrong kind: none is taken. */
static void refuses_wrong_kinds(void **state)
{
	static const char *const wrong[] = { "null", "1.5", "{}", "[]", "true", "-7", "'\\u00e9\\n'", "[[]]",
		"[1]", "[{'x':1}]" };
	(void)state;
	for (int type = 0; type < WAKE_EVENT_TYPE_COUNT; type++) {
		wake_auto_json json_t *whole = load(full[type]);
		size_t refused = 0;
		const char *key;
		json_t *value;

		json_object_foreach(whole, key, value)
		{
			for (size_t i = 0; i < WAKE_COUNT(wrong); i++) {
				wake_auto_json json_t *list = NULL;
				wake_auto_event struct wake_event event = { 0 };
				json_t *changed = json_copy(whole);
				struct wake_error err = { 0 };
				char text[64];
				bool same;

				(void)snprintf(text, sizeof(text), "[%s]", wrong[i]);
				list = load(text);
				same = json_typeof(json_array_get(list, 0)) == json_typeof(value);
				assert_int_equal(json_object_set(changed, key, json_array_get(list, 0)), 0);
				if (wake_event_make((enum wake_event_type)type, NULL, 0, changed, &event,
				        &err) == WAKE_INVALID)
					refused++;
				else if (!same && !json_is_boolean(value)) /* true and false differ in type */
					fail_msg("%s takes %s as %s",
					    wake_event_type_name((enum wake_event_type)type), wrong[i], key);
				else if (json_is_boolean(value) && !json_is_boolean(json_array_get(list, 0)))
					fail_msg("%s is not checked", key);
			}
		}
		assert_true(refused >= 8 * json_object_size(whole));
	}
}

static int make_with(enum wake_event_type type, const char *key, const char *text)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *data = load(full[type]);
	struct wake_error err;
	int ret;

	assert_int_equal(json_object_set_new(data, key, json_string(text)), 0);
	ret = wake_event_make(type, NULL, 0, data, &event, &err);
	return ret;
}

static int make_long(enum wake_event_type type, const char *key, const char *piece, size_t count)
{
	char *text = malloc(strlen(piece) * count + 1);
	int ret;

	assert_non_null(text);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(piece), piece, strlen(piece) + 1);
	ret = make_with(type, key, text);
	free(text);
	return ret;
}

static void checks_values(void **state)
{
	static const struct {
		enum wake_event_type type;
		const char *key, *text;
		int expected;
	} cases[] = {
		{ WAKE_EVENT_MOVED, "new", SHA256, WAKE_OK },
		{ WAKE_EVENT_MOVED, "new", "", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "new", "0123456789ABCDEF0123456789abcdef01234567", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "new", "0123456789abcdef0123456789abcdef0123456", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "new", SHA1 "0", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "since", "yesterday", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "worktree_id", "0198F0C2-7D3A-7BCD-8E12-0123456789AB", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "worktree_id", "x", WAKE_INVALID },
		{ WAKE_EVENT_MOVED, "made_up", "x", WAKE_INVALID },
		{ WAKE_EVENT_EVIDENCE, "kind", "guess", WAKE_INVALID },
		{ WAKE_EVENT_EVIDENCE, "kind", "unlink", WAKE_OK },
		{ WAKE_EVENT_EVIDENCE, "run_id", "a/b", WAKE_INVALID },
		{ WAKE_EVENT_PUSH_INTENDED, "evidence", "workspace", WAKE_INVALID },
		{ WAKE_EVENT_RUN_ENDED, "status", "running", WAKE_INVALID },
		{ WAKE_EVENT_RUN_ENDED, "status", "killed", WAKE_OK },
		{ WAKE_EVENT_EXAMINED, "graph", "child", WAKE_INVALID },
		{ WAKE_EVENT_EDITED, "since", "yesterday", WAKE_INVALID },
		{ WAKE_EVENT_EDITED, "reason", "died", WAKE_OK },
		{ WAKE_EVENT_EDITED, "reason", "bored", WAKE_INVALID },
		{ WAKE_EVENT_EDITS_DIFFED, "base", "no-uuid", WAKE_INVALID },
		{ WAKE_EVENT_WORKTREE_SEEN, "object_format", "md5", WAKE_INVALID },
	};

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(cases); i++) {
		if (make_with(cases[i].type, cases[i].key, cases[i].text) != cases[i].expected)
			fail_msg("%s = '%s'", cases[i].key, cases[i].text);
	}
}

static void holds_to_the_maxima(void **state)
{
	(void)state;
	assert_int_equal(make_long(WAKE_EVENT_MOVED, "name", "x", WAKE_EVENT_NAME_MAX), WAKE_OK);
	assert_int_equal(make_long(WAKE_EVENT_MOVED, "name", "x", WAKE_EVENT_NAME_MAX + 1), WAKE_INVALID);
	assert_int_equal(make_long(WAKE_EVENT_MOVED, "root", "x", WAKE_EVENT_PATH_MAX), WAKE_OK);
	assert_int_equal(make_long(WAKE_EVENT_MOVED, "root", "x", WAKE_EVENT_PATH_MAX + 1), WAKE_INVALID);
	assert_int_equal(make_long(WAKE_EVENT_RUN_STARTED, "task", "x", WAKE_EVENT_TEXT_MAX), WAKE_OK);
	assert_int_equal(
	    make_long(WAKE_EVENT_RUN_STARTED, "task", "x", WAKE_EVENT_TEXT_MAX + 1), WAKE_INVALID);
	/* Characters, not bytes: the store's column is a VARCHAR(100). */
	assert_int_equal(make_long(WAKE_EVENT_RUN_STARTED, "workflow", "\xf0\x9f\xa6\x8a", 100), WAKE_OK);
	assert_int_equal(
	    make_long(WAKE_EVENT_RUN_STARTED, "workflow", "\xf0\x9f\xa6\x8a", 101), WAKE_INVALID);
}

static int make_rewritten(size_t count)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *data = load(full[WAKE_EVENT_REWRITTEN]);
	json_t *pairs = json_array();
	struct wake_error err;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(json_array_append_new(pairs, json_pack("[ss]", SHA1, SHA1)), 0);
	assert_int_equal(json_object_set_new(data, "pairs", pairs), 0);
	return wake_event_make(WAKE_EVENT_REWRITTEN, NULL, 0, data, &event, &err);
}

static int make_with_list(enum wake_event_type type, const char *key, size_t count, const char *item)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *data = load(full[type]);
	json_t *list = json_array();
	struct wake_error err;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(json_array_append_new(list, json_string(item)), 0);
	assert_int_equal(json_object_set_new(data, key, list), 0);
	return wake_event_make(type, NULL, 0, data, &event, &err);
}

/* Witnesses split long lists; what the recorder makes passes no spool. */
static void bounds_lists_of_texts(void **state)
{
	(void)state;
	assert_int_equal(make_with_list(WAKE_EVENT_EDITED, "paths", WAKE_EVENT_LIST_MAX, "a"), WAKE_OK);
	assert_int_equal(
	    make_with_list(WAKE_EVENT_EDITED, "paths", WAKE_EVENT_LIST_MAX + 1, "a"), WAKE_INVALID);
	assert_int_equal(make_with_list(WAKE_EVENT_EDITED, "paths", 1, ""), WAKE_INVALID);
	assert_int_equal(make_with_list(WAKE_EVENT_HEARTBEAT, "run_ids", WAKE_EVENT_LIST_MAX, "r"), WAKE_OK);
	assert_int_equal(
	    make_with_list(WAKE_EVENT_HEARTBEAT, "run_ids", WAKE_EVENT_LIST_MAX + 1, "r"), WAKE_INVALID);
	assert_int_equal(make_with_list(WAKE_EVENT_HEARTBEAT, "run_ids", 1, "a/b"), WAKE_INVALID);
	assert_int_equal(make_with_list(WAKE_EVENT_EDITS_DIFFED, "covers", 10000, ID), WAKE_OK);
	assert_int_equal(make_with_list(WAKE_EVENT_EDITS_DIFFED, "covers", 1, "x"), WAKE_INVALID);
	assert_int_equal(make_with_list(WAKE_EVENT_EDITS_DIFFED, "gone", 10000, "a"), WAKE_OK);
	assert_int_equal(make_with_list(WAKE_EVENT_EDITS_DIFFED, "files", 1, "a"), WAKE_INVALID);
}

static int make_metadata(json_t *metadata)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *data = load(full[WAKE_EVENT_RUN_STARTED]);
	struct wake_error err;

	assert_non_null(metadata);
	assert_int_equal(json_object_set_new(data, "metadata", metadata), 0);
	return wake_event_make(WAKE_EVENT_RUN_STARTED, NULL, 0, data, &event, &err);
}

static json_t *nested(int depth)
{
	json_t *inner = json_object();

	while (depth-- > 0)
		inner = json_pack("{so}", "in", inner);
	return inner;
}

static void bounds_lists_and_objects(void **state)
{
	json_t *wide = json_array();

	(void)state;
	assert_int_equal(make_rewritten(WAKE_EVENT_LIST_MAX), WAKE_OK);
	assert_int_equal(make_rewritten(WAKE_EVENT_LIST_MAX + 1), WAKE_INVALID);
	assert_int_equal(make_metadata(nested(16)), WAKE_OK);
	assert_int_equal(make_metadata(nested(17)), WAKE_INVALID);
	assert_int_equal(make_metadata(nested(100)), WAKE_INVALID);
	for (int i = 0; i < WAKE_EVENT_TEXT_MAX / 16; i++)
		assert_int_equal(json_array_append_new(wide, json_integer(i)), 0);
	assert_int_equal(make_metadata(json_pack("{so}", "wide", wide)), WAKE_INVALID);
	assert_int_equal(make_metadata(json_pack("{so}", "nul", json_stringn("a\0b", 3))), WAKE_INVALID);
}

static void takes_ownership_of_data(void **state)
{
	wake_auto_event struct wake_event event = { 0 };
	json_t *data = load("{'reason':1}");
	struct wake_error err = { 0 };

	(void)state;
	json_incref(data);
	assert_int_equal(wake_event_make(WAKE_EVENT_GAP, NULL, 0, data, &event, &err), WAKE_INVALID);
	assert_int_equal(data->refcount, 1);
	assert_null(event.data); /* untouched on failure */
	json_decref(data);
	assert_int_equal(wake_event_make(WAKE_EVENT_GAP, NULL, 0, NULL, &event, &err), WAKE_NOMEM);
	assert_int_equal(wake_event_make(WAKE_EVENT_GAP, NULL, 0, json_array(), &event, &err), WAKE_INVALID);
	assert_int_equal(
	    wake_event_make(WAKE_EVENT_TYPE_COUNT, NULL, 0, json_object(), &event, &err), WAKE_INVALID);
	assert_int_equal(
	    wake_event_make(WAKE_EVENT_GAP, "no-uuid", 0, load(full[WAKE_EVENT_GAP]), &event, &err),
	    WAKE_INVALID);
	assert_int_equal(
	    wake_event_make(WAKE_EVENT_GAP, ID, 5, load(full[WAKE_EVENT_GAP]), &event, &err), WAKE_OK);
	assert_string_equal(event.id, ID);
	assert_true(event.at == 5);
}

#define DATA "'data':{'repository_id':'" ID "','reason':'r'}"
#define REST "'at':'2026-11-22T16:50:18.123456Z','host':'h'," DATA

static int parse(const char *text, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	char *copy = strdup(text);
	int ret;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	ret = wake_event_parse(copy, strlen(copy), &event, err);
	free(copy);
	return ret;
}

static void refuses_other_envelopes(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"null",
		"1",
		"{",
		"{'v':1}",
		"{'id':'" ID "','type':'gap'," REST "}",
		"{'v':0,'id':'" ID "','type':'gap'," REST "}",
		"{'v':'1','id':'" ID "','type':'gap'," REST "}",
		"{'v':1,'id':'x','type':'gap'," REST "}",
		"{'v':1,'type':'gap'," REST "}",
		"{'v':1,'id':'" ID "','type':'gapp'," REST "}",
		"{'v':1,'id':'" ID "','type':1," REST "}",
		"{'v':1,'id':'" ID "'," REST "}",
		"{'v':1,'id':'" ID "','type':'gap','at':'now','host':'h'," DATA "}",
		"{'v':1,'id':'" ID "','type':'gap','at':1,'host':'h'," DATA "}",
		"{'v':1,'id':'" ID "','type':'gap','at':'2026-11-22T16:50:18Z','host':1," DATA "}",
		"{'v':1,'id':'" ID "','type':'gap','at':'2026-11-22T16:50:18Z','host':'h'}",
		"{'v':1,'id':'" ID "','type':'gap'," REST ",'more':1}",
		"{'v':1,'v':1,'id':'" ID "','type':'gap'," REST "}",
		"{'v':1,'id':'" ID "','type':'gap'," REST "} x",
		"{'v':1,'id':'" ID "','type':'gap','at':'2026-11-22T16:50:18Z','host':'h','data':[]}",
	};
	struct wake_error err;

	(void)state;
	assert_int_equal(parse("{'v':1,'id':'" ID "','type':'gap'," REST "}", &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(bad); i++) {
		if (parse(bad[i], &err) != WAKE_INVALID || !err.text[0])
			fail_msg("taken: %s", bad[i]);
	}
}

static void tells_a_newer_version(void **state)
{
	static const char newer[] = "{\"v\":2,\"brand\":\"new\"}";
	struct wake_error err;

	(void)state;
	assert_int_equal(parse("{'v':2,'brand':'new'}", &err), WAKE_INVALID);
	assert_non_null(strstr(err.text, "newer Runwake"));
	assert_int_equal(wake_event_version(newer, strlen(newer)), 2);
	assert_int_equal(wake_event_version("garbage", 7), 0);
	assert_int_equal(wake_event_version("[2]", 3), 0);
}

static void keeps_lists(void **state)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_error err;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct wake_event event = { 0 };

		assert_int_equal(
		    wake_event_make(WAKE_EVENT_GAP, NULL, i + 1, load(full[WAKE_EVENT_GAP]), &event, &err),
		    WAKE_OK);
		assert_int_equal(wake_events_add(&events, &event, &err), WAKE_OK);
		assert_null(event.data); /* the list's now */
	}
	assert_int_equal(events.count, 100);
	for (int i = 0; i < 100; i++)
		assert_true(events.items[i].at == i + 1);
}

/* The JSON form of what was set, without its quotes. */
static size_t escaped_size(const json_t *data, const char *key)
{
	char *text = json_dumps(json_object_get(data, key), JSON_ENCODE_ANY);
	size_t len;

	assert_non_null(text);
	len = strlen(text) - 2;
	free(text);
	return len;
}

static void sets_outside_text(void **state)
{
	static const char *const pieces[] = { "a", "\xc3\xa9", "\x01", "\"", "\xff", "\n\xe2\x82\xac" };
	wake_auto_json json_t *data = json_object();
	struct wake_error err;

	(void)state;
	assert_int_equal(wake_event_set_text(data, "k", NULL, 16, &err), WAKE_OK);
	assert_null(json_object_get(data, "k"));
	assert_int_equal(wake_event_set_text(data, "k", "", 16, &err), WAKE_OK);
	assert_string_equal(wake_json_string(data, "k"), "");
	assert_int_equal(wake_event_set_text(data, "k", "1234567890123456", 16, &err), WAKE_OK);
	assert_string_equal(wake_json_string(data, "k"), "1234567890123456");
	assert_int_equal(wake_event_set_text(data, "k", "12345678901234567", 16, &err), WAKE_OK);
	assert_string_equal(wake_json_string(data, "k"), "1234567890123…");
	for (size_t i = 0; i < WAKE_COUNT(pieces); i++) {
		char text[400] = "";

		for (size_t len = 0; len + strlen(pieces[i]) < sizeof(text); len += strlen(pieces[i]))
			memcpy(text + len, pieces[i], strlen(pieces[i]));
		for (size_t max = 16; max < 100; max++) {
			assert_int_equal(wake_event_set_text(data, "k", text, max, &err), WAKE_OK);
			assert_in_range(escaped_size(data, "k"), max / 4, max);
			assert_non_null(strstr(wake_json_string(data, "k"), "…"));
		}
	}
}

static void names_types(void **state)
{
	(void)state;
	assert_string_equal(wake_event_type_name(WAKE_EVENT_MOVED), "moved");
	assert_string_equal(wake_event_type_name(WAKE_EVENT_RUN_STARTED), "run-started");
	assert_string_equal(wake_event_type_name(WAKE_EVENT_TYPE_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_writes_and_reads_every_type),
		cmocka_unit_test(needs_what_it_needs_and_no_more),
		cmocka_unit_test(refuses_wrong_kinds),
		cmocka_unit_test(checks_values),
		cmocka_unit_test(holds_to_the_maxima),
		cmocka_unit_test(bounds_lists_and_objects),
		cmocka_unit_test(bounds_lists_of_texts),
		cmocka_unit_test(takes_ownership_of_data),
		cmocka_unit_test(refuses_other_envelopes),
		cmocka_unit_test(tells_a_newer_version),
		cmocka_unit_test(keeps_lists),
		cmocka_unit_test(sets_outside_text),
		cmocka_unit_test(names_types),
	};

	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
