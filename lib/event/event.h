/* SPDX-License-Identifier: MIT */
/* An event: one immutable fact, one JSON object, with an id that is its identity.
 *
 *   {"v":1,"id":"UUID","type":"moved","at":"2026-11-22T16:50:18.123456Z","host":"h","data":{…}}
 *
 * Delivering an event twice changes nothing, in any order. Witnesses (hooks, watcher, cli) make
 * events and append them to the spool; the recorder folds them into the store. One table
 * (event_types.c) names every type, its members, their kinds and maxima; what the table does not
 * allow is refused when an event is made and when one is read. */
#ifndef WAKE_EVENT_H
#define WAKE_EVENT_H

#include <stdint.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

#define WAKE_EVENT_VERSION 1
#define WAKE_EVENT_MAX (1024 * 1024)		/* bytes of JSON that the spool takes */
#define WAKE_EVENT_LARGEST (256 * 1024 * 1024)	/* … of any event: the recorder's own pass no spool */
#define WAKE_EVENT_NAME_MAX 4096		/* bytes of a person's name, an e-mail address, a ref */
#define WAKE_EVENT_PATH_MAX (32 * 1024)		/* bytes of a path or URL */
#define WAKE_EVENT_TEXT_MAX (256 * 1024)	/* bytes of a long text (task, result, error) */
#define WAKE_EVENT_TOOL_MAX 256		/* bytes of a tool's name, a tool use's id, a subagent's */
#define WAKE_EVENT_LIST_MAX 500	/* items of a list; longer ones are split over several events */

enum wake_event_type {
	/* A worktree of a registered repository was seen. repository_id, worktree_id, git_dir, common_dir,
	 * root (absent in a bare repository), origin (URL without credentials; absent: none),
	 * object_format ("sha1", "sha256"). Made by the recorder and by install. */
	WAKE_EVENT_WORKTREE_SEEN,
	/* HEAD of a worktree moved: one line of its logs/HEAD, or (implied) a movement that left none.
	 * at = when the witness saw it. repository_id, worktree_id, git_dir, common_dir, root, old, new
	 * (hex), name, email, time (seconds since 1970), zone ("+0200"), kind (reflog.h), to (a checkout's
	 * target, where it is a ref name), head (the branch HEAD named when the log's last line was seen;
	 * only on that line), since (RFC 3339: the previous observation of this log; absent: none),
	 * position (byte offset of the line when seen: orders lines of one second), implied. */
	WAKE_EVENT_MOVED,
	/* A line of logs/refs/heads/ or logs/refs/remotes/. repository_id, common_dir, ref, old, new, name,
	 * email, time, zone, kind, position. */
	WAKE_EVENT_REF_MOVED,
	/* Why a movement belongs to a run. movement (id of a moved event), kind (env, marker, workspace,
	 * link, unlink), run_id, workspace_id (the marker's; absent: none), marker_dir (where the marker
	 * lay), exact (true: this witness was started by the movement itself, so `at` is its time). */
	WAKE_EVENT_EVIDENCE,
	/* git told old → new (post-rewrite). repository_id, worktree_id, command ("amend", "rebase"),
	 * pairs ([[old,new],…]). */
	WAKE_EVENT_REWRITTEN,
	/* pre-push ran. repository_id, worktree_id, root, remote, url (without credentials), refs
	 * ([{local_ref, local, remote_ref, remote}]), run_id and evidence (env, marker), or absent. */
	WAKE_EVENT_PUSH_INTENDED,
	/* A run began. run_id, workflow, task, session_name, session_id, agent_type, ai_model, workspace_id,
	 * workspace_path, workspace_persistent, repository_id, worktree_id, git_repo, branch, head (hex;
	 * absent: unborn), pid, pid_start (ticks), boot_id, claim (holds the workspace), replaces (run_id),
	 * user_id, user_email, parent_run_id, metadata (object). */
	WAKE_EVENT_RUN_STARTED,
	/* A run ended. run_id, status (completed, failed, killed), reported (else presumed), result, error,
	 * head (hex; absent: unborn or not known), branch, exit_code, exit_signal. */
	WAKE_EVENT_RUN_ENDED,
	/* What the objects say of a movement's new commit; made by the recorder. movement, repository_id,
	 * commit (object), committer_is_line, same_committer, lag, graph, known_earlier, known_remote,
	 * missing; their meanings are git/examine.h's. */
	WAKE_EVENT_EXAMINED,
	/* The numstat between a run's first and last (or latest) commit; made by the recorder. run_id, from,
	 * to (hex; absent: unborn), files (see git/diffstat.h), engine. */
	WAKE_EVENT_RUN_DIFFED,
	/* Something that nobody can know any more. repository_id, worktree_id, reason (a fixed word),
	 * detail. */
	WAKE_EVENT_GAP,
	/* Files of a worktree may have changed: a hint, for the recorder to look at. repository_id, worktree_id,
	 * git_dir, common_dir, root, since (RFC 3339: when the first of these changes was seen; at: when they had
	 * come to rest), reason (settled, scan, start, finish, died, head), whole (true: any path may have changed;
	 * else only paths, each relative to root as wake_event_add_path writes it, and what HEAD and the index
	 * say by themselves), run_id (whom the marker named; absent: none). More paths than a list holds: several
	 * events. */
	WAKE_EVENT_EDITED,
	/* A worktree's uncommitted edits against HEAD, untracked files among them, whenever they differ from the
	 * state recorded before; made by the recorder. repository_id, worktree_id, root, since, reason, run_id (as
	 * the hints said), head (hex; absent: unborn), branch (absent: detached), base (id of the state that files
	 * and gone add to: a path in either loses the entries that it had; absent: files is everything), files and
	 * discarded (see git/edits.h), gone (paths), the sums over the whole state added_lines, removed_lines,
	 * files_changed (without untracked ones), untracked_files, engine, kept_old and kept_new (trees in
	 * git/kept.h's repository; absent: nothing kept), kept_bytes (new in this state), covers (ids of the hints
	 * that led to it). */
	WAKE_EVENT_EDITS_DIFFED,
	/* These runs are still active, as far as this machine can tell. run_ids (a list). */
	WAKE_EVENT_HEARTBEAT,
	/* All that one source knows of a run so far: the latest of a source takes the place of its earlier ones.
	 * run_id, source (stream: what the agent prints; transcript: what it keeps; hook: what it calls; api: a
	 * remote service), ai_model, agent_session_id, num_turns, input_tokens, output_tokens, cache_read_tokens,
	 * cache_write_tokens (the run's alone, without what its session had before), cost (micro-dollars; absent: not
	 * known), result, error (of the last turn). What is absent the source does not know. */
	WAKE_EVENT_RUN_REPORTED,
	/* What single answers of a model cost. run_id, items ([{response (id of the answer: the same in every copy
	 * of it), at, model, input, output, cache_read, cache_write, cost (micro-dollars; absent: no price is
	 * known)}]). Of two that tell of one answer the larger counts, and it counts for one run. */
	WAKE_EVENT_USAGE,
	/* Somebody said something in a run's conversation, at the event's time. run_id, message (its id: the same
	 * from whatever source), role (user, assistant), kind (see event_types.c), text. The earliest prompt of a
	 * run is its task where its start told none; each later one is an intervention. */
	WAKE_EVENT_SAID,
	/* The agent of a run took what people had said (said events of kind say). run_id (the run that got it),
	 * messages (their ids), as_prompt (true: together, as the prompt that the run began with; else each alone,
	 * while it ran). Of several deliveries of a message the earliest stands. */
	WAKE_EVENT_DELIVERED,
	/* A run as another system's table told it when that table was taken over. run_id, source (workflow_runs,
	 * workflow_processes), status, created_at, and whatever else the row said, each member named as the column of
	 * workflow_runs that it is for; cost_micros is in micro-dollars. What does not fit a column is in metadata
	 * under legacy_COLUMN. Made by 'runwake db migrate'; it passes no spool. */
	WAKE_EVENT_RUN_IMPORTED,
	/* An agent used a tool, asked whether it may, or was not let, at the event's time. run_id, key (which use: the
	 * same whoever tells it, another for each outcome), use (the agent's id of it; absent: it gave none), tool (its
	 * name; never what it was given or what came of it), outcome (used, asked, denied), paths (of the files that it
	 * was to write: as wake_event_add_path writes them, relative to the worktree's root where they lie below it),
	 * agent_id (of the subagent that did; absent: the agent itself). */
	WAKE_EVENT_TOOL_USED,
	/* What a run's events say in words is to be forgotten, in every store that this event reaches, whether they
	 * are told before it or after. run_id. Which members that are: event_types.c. */
	WAKE_EVENT_PURGED,
	WAKE_EVENT_TYPE_COUNT
};

struct wake_event {
	char id[WAKE_ID_SIZE];
	enum wake_event_type type;
	int64_t at;	/* microseconds UTC, by the witness's clock */
	char *host;	/* owned */
	json_t *data;	/* owned; an object */
};

const char *wake_event_type_name(enum wake_event_type type); /* "worktree-seen", "moved", … */

/* Makes and validates an event. id NULL: a new version 7. at 0: now. host: this machine's. Takes
 * ownership of data, also on failure; data NULL is WAKE_NOMEM. ret_event: release with
 * wake_event_release. */
int wake_event_make(enum wake_event_type type, const char *id, int64_t at, json_t *data,
    struct wake_event *ret_event, struct wake_error *err) WAKE_MUST_CHECK;

/* The JSON of an event, without newline, appended to out. */
int wake_event_format(const struct wake_event *event, struct wake_str *out, struct wake_error *err)
    WAKE_MUST_CHECK;

/* Reads and validates. Unknown members of data are WAKE_INVALID at our version; a newer version is
 * WAKE_INVALID too ("written by a newer Runwake"): it is set aside until we are upgraded. */
int wake_event_parse(const char *text, size_t len, struct wake_event *ret_event,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The same of what a store holds of an event. Takes ownership of data, also on failure. */
int wake_event_restore(const char *type, int64_t version, const char *id, int64_t at, const char *host,
    json_t *data, struct wake_event *ret_event, struct wake_error *err) WAKE_MUST_CHECK;

void wake_event_release(struct wake_event *event);

/* The version that text claims to be written in; 0: none that could be told, WAKE_NOMEM: memory is out. */
int64_t wake_event_version(const char *text, size_t len);

/* Blanks what a purge takes from the data of such an event: texts that must be there become "", objects {}, others
 * go. What is left is still an event of that type. ret_bytes: of the texts that went; 0: there was nothing. */
int wake_event_blank(enum wake_event_type type, json_t *data, size_t *ret_bytes, struct wake_error *err)
    WAKE_MUST_CHECK;
/* Does a purge take anything from events of that type? */
bool wake_event_has_words(enum wake_event_type type);

/* A growing list of events; owns them. */
struct wake_events {
	struct wake_event *items;
	size_t count;
	size_t room;
};

/* Moves event into the list (event is zeroed); on failure event is released. */
int wake_events_add(struct wake_events *events, struct wake_event *event, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_events_release(struct wake_events *events);

#define wake_auto_event WAKE_CLEANUP(wake_event_release)
#define wake_auto_events WAKE_CLEANUP(wake_events_release)

/* Sets data[key] to outside bytes as storable text (base/text.h), cut and marked where it, or its form in
 * JSON with all escapes, is longer than max bytes (max ≥ 16): so an event fits into the spool whatever its
 * texts hold. bytes NULL sets nothing. */
int wake_event_set_text(json_t *data, const char *key, const char *bytes, size_t max,
    struct wake_error *err) WAKE_MUST_CHECK;

/* A path in an event's list: as it is where it is UTF-8 without NUL and does not begin with a double quote, else
 * quoted as git quotes (core.quotePath). So every path comes back byte for byte. Adds it to list. */
int wake_event_add_path(json_t *list, const char *path, struct wake_error *err) WAKE_MUST_CHECK;
/* Appends the bytes that such a text stands for. WAKE_INVALID: it is no such text. */
int wake_event_read_path(const char *text, struct wake_str *out, struct wake_error *err) WAKE_MUST_CHECK;

#endif
