/* SPDX-License-Identifier: MIT */
/* Every event type with its members, as event.h describes them. */
#include "event/event_types.h"

#define WORD_MAX 64	 /* a fixed word of ours or of git's */
#define FILES_MAX 1000000 /* of a diff */
#define COVERS_MAX 100000 /* hints that one state answers */
/* Sums of these must stay far from what the stores can hold. */
#define TURNS_MAX 1000000000
#define TOKENS_MAX 1000000000000
#define COST_MAX 999999999999	  /* micro-dollars: workflow_runs.cost_estimate is a NUMERIC(12,6) */
#define ANSWER_COST_MAX 1000000000 /* of one answer: a thousand dollars */

#define NEED(key, what, most) { .name = key, .kind = WAKE_MEMBER_##what, .required = true, .max = most }
#define MAY(key, what, most) { .name = key, .kind = WAKE_MEMBER_##what, .max = most }
#define NEED_WORDS(key, most) { .name = key, .kind = WAKE_MEMBER_TEXT, .required = true, .is_words = true, .max = most }
#define MAY_WORDS(key, what, most) { .name = key, .kind = WAKE_MEMBER_##what, .is_words = true, .max = most }
#define NEED_WORD(key, list) { .name = key, .kind = WAKE_MEMBER_WORD, .required = true, .words = list }
#define MAY_WORD(key, list) { .name = key, .kind = WAKE_MEMBER_WORD, .words = list }
#define END { .name = NULL }

static const char *const object_formats[] = { "sha1", "sha256", NULL };
static const char *const evidence_kinds[] = { "env", "marker", "workspace", "link", "unlink", NULL };
static const char *const push_evidence[] = { "env", "marker", NULL };
static const char *const graphs[] = { "none", "parent", "same-parents", "root", NULL };
static const char *const edit_reasons[] = { "settled", "scan", "start", "finish", "died", "head", NULL };
static const char *const end_states[] = { "completed", "failed", "killed", NULL };
static const char *const report_sources[] = { "stream", "transcript", "hook", "api", NULL };
static const char *const roles[] = { "user", "assistant", NULL };
/* prompt, and queued while the agent worked; say: through `runwake say`; what a person let the agent do or not; an
 * interrupt; the answer to a question. */
static const char *const said_kinds[] = { "prompt", "queued", "say", "granted", "refused", "interrupt", "answer",
	NULL };

static const char *const tool_outcomes[] = { "used", "asked", "denied", NULL };
static const char *const run_states[] = { "pending", "running", "completed", "failed", "killed", NULL };
static const char *const import_sources[] = { "workflow_runs", "workflow_processes", NULL };

static const struct wake_event_member worktree_seen[] = {
	NEED("repository_id", ID, 0),
	NEED("worktree_id", ID, 0),
	NEED("git_dir", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("common_dir", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("root", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("origin", TEXT, WAKE_EVENT_PATH_MAX),
	NEED_WORD("object_format", object_formats),
	END,
};

static const struct wake_event_member moved[] = {
	NEED("repository_id", ID, 0),
	NEED("worktree_id", ID, 0),
	NEED("git_dir", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("common_dir", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("root", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("old", HASH, 0),
	NEED("new", HASH, 0),
	MAY("name", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("email", TEXT, WAKE_EVENT_NAME_MAX),
	NEED("time", NUMBER, 0),
	MAY("zone", TEXT, 8),
	NEED("kind", TEXT, WORD_MAX),
	MAY("to", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("head", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("since", TIME, 0),
	MAY("position", COUNT, 0),
	MAY("implied", BOOL, 0),
	END,
};

static const struct wake_event_member ref_moved[] = {
	NEED("repository_id", ID, 0),
	NEED("common_dir", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("ref", TEXT, WAKE_EVENT_NAME_MAX),
	NEED("old", HASH, 0),
	NEED("new", HASH, 0),
	MAY("name", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("email", TEXT, WAKE_EVENT_NAME_MAX),
	NEED("time", NUMBER, 0),
	MAY("zone", TEXT, 8),
	NEED("kind", TEXT, WORD_MAX),
	MAY("position", COUNT, 0),
	END,
};

static const struct wake_event_member evidence[] = {
	NEED("movement", ID, 0),
	NEED_WORD("kind", evidence_kinds),
	NEED("run_id", RUN_ID, 0),
	MAY("workspace_id", RUN_ID, 0),
	MAY("marker_dir", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("exact", BOOL, 0),
	END,
};

static const struct wake_event_member rewritten[] = {
	NEED("repository_id", ID, 0),
	NEED("worktree_id", ID, 0),
	NEED("command", TEXT, WORD_MAX),
	NEED("pairs", PAIRS, WAKE_EVENT_LIST_MAX),
	END,
};

static const struct wake_event_member pushed_ref[] = {
	NEED("local_ref", TEXT, WAKE_EVENT_NAME_MAX),
	NEED("local", HASH, 0),
	NEED("remote_ref", TEXT, WAKE_EVENT_NAME_MAX),
	NEED("remote", HASH, 0),
	END,
};

static const struct wake_event_member push_intended[] = {
	NEED("repository_id", ID, 0),
	NEED("worktree_id", ID, 0),
	MAY("root", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("remote", TEXT, WAKE_EVENT_PATH_MAX), /* git gives the URL where a remote has no name */
	MAY("url", TEXT, WAKE_EVENT_PATH_MAX),
	{ .name = "refs", .kind = WAKE_MEMBER_ITEMS, .required = true, .max = WAKE_EVENT_LIST_MAX,
	    .members = pushed_ref },
	MAY("run_id", RUN_ID, 0),
	MAY_WORD("evidence", push_evidence),
	END,
};

static const struct wake_event_member run_started[] = {
	NEED("run_id", RUN_ID, 0),
	NEED("workflow", CHARS, 100),
	NEED_WORDS("task", WAKE_EVENT_TEXT_MAX),
	MAY("session_name", CHARS, 255),
	MAY("session_id", ID, 0),
	MAY("agent_type", CHARS, 100),
	MAY("ai_model", CHARS, 100),
	MAY("workspace_id", RUN_ID, 0),
	MAY("workspace_path", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("workspace_persistent", BOOL, 0),
	MAY("repository_id", ID, 0),
	MAY("worktree_id", ID, 0),
	MAY("git_repo", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("branch", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("head", HASH, 0),
	MAY("pid", COUNT, 0),
	MAY("pid_start", COUNT, 0),
	MAY("boot_id", TEXT, WORD_MAX),
	MAY("claim", BOOL, 0),
	MAY("replaces", RUN_ID, 0),
	MAY("user_id", ID, 0),
	MAY("user_email", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("parent_run_id", RUN_ID, 0),
	MAY_WORDS("metadata", OBJECT, WAKE_EVENT_TEXT_MAX),
	END,
};

static const struct wake_event_member run_ended[] = {
	NEED("run_id", RUN_ID, 0),
	NEED_WORD("status", end_states),
	MAY("reported", BOOL, 0),
	MAY_WORDS("result", TEXT, WAKE_EVENT_TEXT_MAX),
	MAY_WORDS("error", TEXT, WAKE_EVENT_TEXT_MAX),
	MAY("head", HASH, 0),
	MAY("branch", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("exit_code", NUMBER, 0),
	MAY("exit_signal", COUNT, 0),
	END,
};

static const struct wake_event_member examined[] = {
	NEED("movement", ID, 0),
	NEED("repository_id", ID, 0),
	MAY("commit", OBJECT, WAKE_EVENT_LARGEST),
	MAY("committer_is_line", BOOL, 0),
	MAY("same_committer", BOOL, 0),
	MAY("lag", NUMBER, 0),
	MAY_WORD("graph", graphs),
	MAY("known_earlier", BOOL, 0),
	MAY("known_remote", BOOL, 0),
	MAY("missing", BOOL, 0),
	END,
};

static const struct wake_event_member run_diffed[] = {
	NEED("run_id", RUN_ID, 0),
	MAY("from", HASH, 0),
	MAY("to", HASH, 0),
	NEED("files", OBJECTS, FILES_MAX),
	NEED("engine", TEXT, WORD_MAX),
	END,
};

static const struct wake_event_member gap[] = {
	NEED("repository_id", ID, 0),
	MAY("worktree_id", ID, 0),
	NEED("reason", TEXT, WORD_MAX),
	MAY("detail", TEXT, WAKE_EVENT_TEXT_MAX),
	END,
};

static const struct wake_event_member edited[] = {
	NEED("repository_id", ID, 0),
	NEED("worktree_id", ID, 0),
	NEED("git_dir", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("common_dir", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("root", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("since", TIME, 0),
	NEED_WORD("reason", edit_reasons),
	MAY("whole", BOOL, 0),
	MAY("paths", PATHS, WAKE_EVENT_LIST_MAX),
	MAY("run_id", RUN_ID, 0),
	END,
};

static const struct wake_event_member edits_diffed[] = {
	NEED("repository_id", ID, 0),
	NEED("worktree_id", ID, 0),
	NEED("root", TEXT, WAKE_EVENT_PATH_MAX),
	NEED("since", TIME, 0),
	NEED_WORD("reason", edit_reasons),
	MAY("run_id", RUN_ID, 0),
	MAY("head", HASH, 0),
	MAY("branch", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("base", ID, 0),
	NEED("files", OBJECTS, FILES_MAX),
	MAY("gone", PATHS, FILES_MAX),
	MAY("discarded", OBJECTS, FILES_MAX),
	NEED("added_lines", COUNT, 0),
	NEED("removed_lines", COUNT, 0),
	NEED("files_changed", COUNT, 0),
	NEED("untracked_files", COUNT, 0),
	NEED("engine", TEXT, WORD_MAX),
	MAY("kept_old", HASH, 0),
	MAY("kept_new", HASH, 0),
	MAY("kept_bytes", COUNT, 0),
	MAY("covers", IDS, COVERS_MAX),
	END,
};

static const struct wake_event_member heartbeat[] = {
	NEED("run_ids", RUN_IDS, WAKE_EVENT_LIST_MAX),
	END,
};

static const struct wake_event_member run_reported[] = {
	NEED("run_id", RUN_ID, 0),
	NEED_WORD("source", report_sources),
	MAY("ai_model", CHARS, 100),
	MAY("agent_session_id", TEXT, WORD_MAX * 4),
	MAY("num_turns", COUNT, TURNS_MAX),
	MAY("input_tokens", COUNT, TOKENS_MAX),
	MAY("output_tokens", COUNT, TOKENS_MAX),
	MAY("cache_read_tokens", COUNT, TOKENS_MAX),
	MAY("cache_write_tokens", COUNT, TOKENS_MAX),
	MAY("cost", COUNT, COST_MAX),
	MAY_WORDS("result", TEXT, WAKE_EVENT_TEXT_MAX),
	MAY_WORDS("error", TEXT, WAKE_EVENT_TEXT_MAX),
	END,
};

static const struct wake_event_member used[] = {
	NEED("response", ID, 0),
	NEED("at", TIME, 0),
	NEED("model", CHARS, 100),
	NEED("input", COUNT, TOKENS_MAX),
	NEED("output", COUNT, TOKENS_MAX),
	NEED("cache_read", COUNT, TOKENS_MAX),
	NEED("cache_write", COUNT, TOKENS_MAX),
	MAY("cost", COUNT, ANSWER_COST_MAX),
	END,
};

static const struct wake_event_member usage[] = {
	NEED("run_id", RUN_ID, 0),
	{ .name = "items", .kind = WAKE_MEMBER_ITEMS, .required = true, .max = WAKE_EVENT_LIST_MAX, .members = used },
	END,
};

static const struct wake_event_member said[] = {
	NEED("run_id", RUN_ID, 0),
	NEED("message", ID, 0),
	NEED_WORD("role", roles),
	NEED_WORD("kind", said_kinds),
	NEED_WORDS("text", WAKE_EVENT_TEXT_MAX),
	END,
};

static const struct wake_event_member tool_used[] = {
	NEED("run_id", RUN_ID, 0),
	NEED("key", ID, 0),
	MAY("use", TEXT, WAKE_EVENT_TOOL_MAX),
	NEED("tool", TEXT, WAKE_EVENT_TOOL_MAX),
	NEED_WORD("outcome", tool_outcomes),
	MAY("paths", PATHS, WAKE_EVENT_LIST_MAX),
	MAY("agent_id", TEXT, WAKE_EVENT_TOOL_MAX),
	END,
};

static const struct wake_event_member delivered[] = {
	NEED("run_id", RUN_ID, 0),
	NEED("messages", IDS, WAKE_EVENT_LIST_MAX),
	MAY("as_prompt", BOOL, 0),
	END,
};

static const struct wake_event_member run_imported[] = {
	NEED("run_id", RUN_ID, 0),
	NEED_WORD("source", import_sources),
	NEED_WORD("status", run_states),
	NEED("created_at", TIME, 0),
	MAY("workflow_name", CHARS, 100),
	MAY("agent_type", CHARS, 100),
	MAY("ai_model", CHARS, 100),
	MAY_WORDS("task_input", TEXT, WAKE_EVENT_LARGEST),
	MAY("session_id", ID, 0),
	MAY("session_name", CHARS, 255),
	MAY("git_repo", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("git_branch", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("initial_commit_hash", HASH, 0),
	MAY("final_commit_hash", HASH, 0),
	MAY("git_diff_added_lines", COUNT, 0),
	MAY("git_diff_removed_lines", COUNT, 0),
	MAY("git_diff_files_changed", COUNT, 0),
	MAY("own_added_lines", COUNT, 0),
	MAY("own_removed_lines", COUNT, 0),
	MAY("own_files_changed", COUNT, 0),
	MAY("git_diff_stats", OBJECT, WAKE_EVENT_LARGEST),
	MAY_WORDS("result", TEXT, WAKE_EVENT_LARGEST),
	MAY_WORDS("error_message", TEXT, WAKE_EVENT_LARGEST),
	MAY("started_at", TIME, 0),
	MAY("completed_at", TIME, 0),
	MAY("duration_seconds", COUNT, 0),
	MAY("updated_at", TIME, 0),
	MAY("last_heartbeat_at", TIME, 0),
	MAY("workspace_id", CHARS, 255),
	MAY("workspace_persistent", BOOL, 0),
	MAY("workspace_cleaned_up", BOOL, 0),
	MAY("workspace_path", TEXT, WAKE_EVENT_PATH_MAX),
	MAY("cost_micros", COUNT, 0),
	MAY("input_tokens", COUNT, 0),
	MAY("output_tokens", COUNT, 0),
	MAY("total_tokens", COUNT, 0),
	MAY("cache_read_tokens", COUNT, 0),
	MAY("cache_write_tokens", COUNT, 0),
	MAY("user_id", ID, 0),
	MAY_WORDS("metadata", OBJECT, WAKE_EVENT_LARGEST),
	MAY("agent_session_id", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("num_turns", COUNT, 0),
	MAY("exit_code", NUMBER, 0),
	MAY("exit_signal", NUMBER, 0),
	MAY("host", TEXT, WAKE_EVENT_NAME_MAX),
	MAY("agent_pid", COUNT, 0),
	MAY("agent_pid_start", COUNT, 0),
	MAY("agent_boot_id", TEXT, WORD_MAX),
	MAY("parent_run_id", RUN_ID, 0),
	END,
};

static const struct wake_event_member purged[] = {
	NEED("run_id", RUN_ID, 0),
	END,
};

const struct wake_event_shape wake_event_shapes[WAKE_EVENT_TYPE_COUNT] = {
	[WAKE_EVENT_WORKTREE_SEEN] = { "worktree-seen", worktree_seen },
	[WAKE_EVENT_MOVED] = { "moved", moved },
	[WAKE_EVENT_REF_MOVED] = { "ref-moved", ref_moved },
	[WAKE_EVENT_EVIDENCE] = { "evidence", evidence },
	[WAKE_EVENT_REWRITTEN] = { "rewritten", rewritten },
	[WAKE_EVENT_PUSH_INTENDED] = { "push-intended", push_intended },
	[WAKE_EVENT_RUN_STARTED] = { "run-started", run_started },
	[WAKE_EVENT_RUN_ENDED] = { "run-ended", run_ended },
	[WAKE_EVENT_EXAMINED] = { "examined", examined },
	[WAKE_EVENT_RUN_DIFFED] = { "run-diffed", run_diffed },
	[WAKE_EVENT_GAP] = { "gap", gap },
	[WAKE_EVENT_EDITED] = { "edited", edited },
	[WAKE_EVENT_EDITS_DIFFED] = { "edits-diffed", edits_diffed },
	[WAKE_EVENT_HEARTBEAT] = { "heartbeat", heartbeat },
	[WAKE_EVENT_RUN_REPORTED] = { "run-reported", run_reported },
	[WAKE_EVENT_USAGE] = { "usage", usage },
	[WAKE_EVENT_SAID] = { "said", said },
	[WAKE_EVENT_TOOL_USED] = { "tool-used", tool_used },
	[WAKE_EVENT_DELIVERED] = { "delivered", delivered },
	[WAKE_EVENT_RUN_IMPORTED] = { "run-imported", run_imported },
	[WAKE_EVENT_PURGED] = { "purged", purged },
};
