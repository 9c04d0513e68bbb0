/* SPDX-License-Identifier: MIT */
/* Worktrees that hints name are looked at, and the states of their uncommitted edits recorded that differ
 * from the ones before. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/fs.h"
#include "git/edits.h"
#include "store/decide.h"
#include "store/edit_chain.h"
#include "store/edit_hints.h"
#include "store/record_parts.h"

#define FAILURES_MAX 256 /* in a row: repositories that are away must not make every recording longer */

/* One worktree being looked at. */
struct look {
	struct wake_edit_hints hints;
	struct wake_edit_state before; /* the state recorded last; id "": none */
	struct wake_ownership owner;   /* whose a state would be that is recorded now */
	struct wake_kept *kept;        /* NULL: contents are not kept */
	char *index_cache;
	int64_t at;
	struct wake_edits edits;
};

static void look_release(struct look *look)
{
	wake_edit_hints_release(&look->hints);
	wake_edit_state_release(&look->before);
	wake_kept_close(look->kept);
	free(look->index_cache);
	wake_edits_release(&look->edits);
}

/* ---- before the diff --------------------------------------------------------------------------- */

/* The bytes of a directory's name in an event: quoted where it is no UTF-8. */
static int read_place(const char *text, char **ret_path, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	int status = wake_event_read_path(text ? text : "", &path, err);

	return status == WAKE_OK ? wake_str_steal(&path, ret_path, err) : status;
}

/* Did this machine tell of it? */
static bool is_told_here(const struct wake_recording *recording, const struct wake_edit_hints *hints)
{
	char host[WAKE_HOST_SIZE];

	wake_process_host(host);
	return hints->host && strcmp(hints->host, *recording->recorder->host ? recording->recorder->host : host) == 0;
}

/* Where a repository lies may be told by who has it at another place, or sees more of it than we do (a container,
 * a directory that is mounted elsewhere): only in a repository that is here we know that a worktree is gone. */
static int find_git_dir(struct wake_recording *recording, const struct wake_edit_hints *hints, char **ret_git_dir,
    bool *ret_is_here, struct wake_error *err)
{
	wake_auto_free char *git_dir = NULL, *common_dir = NULL;
	const char *common_now;
	int status = read_place(hints->git_dir, &git_dir, err);

	if (status == WAKE_OK)
		status = read_place(hints->common_dir, &common_dir, err);
	if (status == WAKE_OK)
		status = wake_recording_place(
		    recording, hints->repository_id, git_dir, common_dir, ret_git_dir, &common_now, err);
	*ret_is_here = status == WAKE_OK;
	return status;
}

/* WAKE_NOTFOUND: the worktree is gone, or another one is in its place; or (not ret_is_here) the repository is not
 * here. */
static int open_worktree(struct wake_recording *recording, const struct wake_edit_hints *hints,
    struct wake_repo **ret_repo, bool *ret_is_here, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *git_dir = NULL;
	struct wake_identity identity;
	int status = find_git_dir(recording, hints, &git_dir, ret_is_here, err);

	if (status == WAKE_OK)
		status = wake_worktree_find(git_dir, &worktree, err);
	if (status == WAKE_OK)
		status = wake_registry_identify(recording->paths, &worktree, &identity, err);
	if (status != WAKE_OK)
		return status;
	if (!worktree.root || strcmp(identity.worktree_id, hints->worktree_id) != 0)
		return wake_fail(err, WAKE_NOTFOUND, "the worktree at '%s' is another one now", hints->root);
	return wake_recording_repo(recording, NULL, worktree.git_dir, worktree.common_dir, ret_repo, err);
}

static int find_text(struct wake_store *store, enum wake_sql sql, const char *value,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(value) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, sql, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status == 1)
		(void)snprintf(ret_id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
	return status;
}

/* A chain that is broken is left alone: the worktree is looked at as if for the first time. */
static int read_before(struct wake_recording *recording, struct look *look, struct wake_error *err)
{
	char id[WAKE_ID_SIZE];
	int status = find_text(recording->store, WAKE_SQL_READ_EDIT_LATEST, look->hints.worktree_id, id, err);

	if (status != 1)
		return status;
	status = wake_edit_chain_read(recording->store, id, &look->before, err);
	if (status == WAKE_CORRUPT) {
		wake_recording_note(recording, err);
		return WAKE_OK;
	}
	return status;
}

static int find_owner(struct wake_recording *recording, struct look *look, struct wake_error *err)
{
	struct wake_fold fold = { .store = recording->store };
	const struct wake_happening happening = { look->hints.worktree_id, look->hints.root,
		look->hints.since, look->at };
	char marker[WAKE_ID_SIZE];

	if (look->hints.run_id)
		wake_id_for_run(look->hints.run_id, marker);
	return wake_decide_edit_owner(
	    &fold, &happening, look->hints.run_id ? marker : NULL, &look->owner, err);
}

/* Contents are kept of what a run does, and of what a marker says is a run's; or of everything, or of
 * nothing. */
static bool is_kept(
    struct wake_recording *recording, const struct look *look, const struct wake_config *config)
{
	const char *keep = wake_config_text(config, WAKE_SETTING_KEEP);
	struct wake_error problem;

	if (strcmp(keep, "always") == 0)
		return true;
	if (strcmp(keep, "run") == 0)
		return *look->owner.run || look->hints.run_id ||
		       (look->owner.evidence && strcmp(look->owner.evidence, "ambiguous") == 0);
	if (strcmp(keep, "never") != 0) {
		(void)wake_fail(&problem, WAKE_INVALID,
		    "nothing is kept of uncommitted edits: runwake.keep is '%.64s', not run, always or never",
		    keep);
		wake_recording_note(recording, &problem);
	}
	return false;
}

/* What may still be kept of the run, or of the worktree where no run is at work. */
static int read_budget(struct wake_recording *recording, const struct look *look,
    const struct wake_config *config, int64_t *ret_bytes, struct wake_error *err)
{
	bool owned = *look->owner.run != '\0';
	const struct wake_value values[] = { WAKE_TEXT(owned ? look->owner.run : look->hints.worktree_id) };
	int64_t most = wake_config_number(config, WAKE_SETTING_KEEP_RUN_MAX), used;
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(recording->store,
	    owned ? WAKE_SQL_RECORD_KEPT_OF_RUN : WAKE_SQL_RECORD_KEPT_OF_NOBODY, values, WAKE_COUNT(values),
	    &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1)
		return status;
	used = wake_rows_int(rows, 0);
	*ret_bytes = most > used ? most - used : 0;
	return WAKE_OK;
}

static int place_index_cache(struct wake_recording *recording, struct look *look, struct wake_error *err)
{
	wake_auto_free char *dir = NULL;
	int status = wake_fs_join(recording->paths->state, "index", &dir, err);

	if (status == WAKE_OK)
		status = wake_fs_make_dirs(dir, err);
	return status == WAKE_OK ? wake_fs_join(dir, look->hints.worktree_id, &look->index_cache, err)
	                         : status;
}

/* ---- the diff ---------------------------------------------------------------------------------- */

static int diff(struct wake_recording *recording, struct look *look, const struct wake_config *config,
    struct wake_repo *repo, struct wake_error *err)
{
	bool known = *look->before.id != '\0';
	struct wake_edits_request request = {
		.index_cache = look->index_cache,
		.before = look->before.files,
		.before_head = look->before.head,
		.before_old = look->before.kept_old,
		.before_new = look->before.kept_new,
		.paths = look->hints.paths,
		.whole = look->hints.whole || !known,
		.keep_file_max = wake_config_number(config, WAKE_SETTING_KEEP_FILE_MAX),
		.keep_never = wake_config_text(config, WAKE_SETTING_KEEP_NEVER),
	};
	int status = WAKE_OK;

	if (is_kept(recording, look, config)) {
		status = wake_kept_open(recording->paths, look->hints.repository_id, true, &look->kept, err);
		if (status == WAKE_OK)
			status = read_budget(recording, look, config, &request.keep_max, err);
	}
	request.kept = look->kept;
	return status == WAKE_OK ? wake_edits_diff(repo, &request, &look->edits, err) : status;
}

/* A state that differs from the one before; the first of a worktree, whatever it is; and the first of a run
 * in a worktree that another left with edits: what the run has left uncommitted is told by its own states. */
static bool is_to_be_recorded(const struct look *look)
{
	if (look->edits.changed || !*look->before.id)
		return true;
	return *look->owner.run && strcmp(look->owner.run, look->before.run) != 0 &&
	       json_array_size(look->edits.files) > 0;
}

/* ---- the event --------------------------------------------------------------------------------- */

/* files and gone: against the state before, unless that is little shorter than the whole, or the chain is
 * long. */
static int set_files(const struct look *look, json_t *data, struct wake_error *err)
{
	wake_auto_json json_t *files = NULL;
	wake_auto_json json_t *gone = NULL;
	int status = WAKE_OK;

	if (*look->before.id && look->before.depth < WAKE_EDIT_CHAIN_MAX)
		status = wake_edit_chain_compare(look->before.files, look->edits.files, &files, &gone, err);
	if (status != WAKE_OK)
		return status;
	if (!files || json_array_size(files) + json_array_size(gone) > json_array_size(look->edits.files) / 2)
		return wake_json_set(data, "files", json_incref(look->edits.files), err);
	status = wake_json_set(data, "files", json_incref(files), err);
	if (status == WAKE_OK)
		status = wake_json_set(data, "gone", json_incref(gone), err);
	return status == WAKE_OK ? wake_json_set_string(data, "base", look->before.id, err) : status;
}

static int set_sums(const struct look *look, json_t *data, struct wake_error *err)
{
	const struct wake_edits *edits = &look->edits;
	size_t count = json_array_size(edits->files);
	int status = wake_json_set_int(data, "added_lines", edits->added, err);

	if (status == WAKE_OK)
		status = wake_json_set_int(data, "removed_lines", edits->removed, err);
	if (status == WAKE_OK)
		status = wake_json_set_int(data, "files_changed", (int64_t)(count - edits->untracked), err);
	if (status == WAKE_OK)
		status = wake_json_set_int(data, "untracked_files", (int64_t)edits->untracked, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "engine", edits->engine, err);
	return status;
}

static int set_kept(const struct look *look, json_t *data, struct wake_error *err)
{
	const struct wake_edits *edits = &look->edits;
	int status = WAKE_OK;

	if (*edits->kept_old)
		status = wake_json_set_string(data, "kept_old", edits->kept_old, err);
	if (status == WAKE_OK && *edits->kept_new)
		status = wake_json_set_string(data, "kept_new", edits->kept_new, err);
	if (status == WAKE_OK && edits->kept_bytes)
		status = wake_json_set_int(data, "kept_bytes", edits->kept_bytes, err);
	if (status == WAKE_OK && json_array_size(edits->discarded) > 0)
		status = wake_json_set(data, "discarded", json_incref(edits->discarded), err);
	return status;
}

static int set_origin(const struct look *look, json_t *data, struct wake_error *err)
{
	const struct wake_edit_hints *hints = &look->hints;
	char since[WAKE_TIME_SIZE];
	int status = wake_json_set_string(data, "repository_id", hints->repository_id, err);

	wake_time_format(hints->since, since);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "worktree_id", hints->worktree_id, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "root", hints->root, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "since", since, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "reason", hints->reason, err);
	if (status == WAKE_OK)
		status = wake_json_set_string(data, "run_id", hints->run_id, err);
	if (status == WAKE_OK && *look->edits.head)
		status = wake_json_set_string(data, "head", look->edits.head, err);
	if (status == WAKE_OK)
		status = wake_event_set_text(data, "branch", look->edits.branch, WAKE_EVENT_NAME_MAX, err);
	if (status == WAKE_OK)
		status = wake_json_set(data, "covers", json_incref(hints->ids), err);
	return status;
}

static int record_state(struct wake_recording *recording, const struct look *look, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	wake_auto_json json_t *data = json_object();
	struct wake_event event;
	int status = data ? set_origin(look, data, err) : wake_fail_nomem(err);

	if (status == WAKE_OK)
		status = set_files(look, data, err);
	if (status == WAKE_OK)
		status = set_sums(look, data, err);
	if (status == WAKE_OK)
		status = set_kept(look, data, err);
	if (status == WAKE_OK)
		status =
		    wake_event_make(WAKE_EVENT_EDITS_DIFFED, NULL, look->at, json_incref(data), &event, err);
	if (status == WAKE_OK)
		status = wake_events_add(&events, &event, err);
	return status == WAKE_OK ? wake_recording_apply(recording, &events, err) : status;
}

/* ---- worktree by worktree ---------------------------------------------------------------------- */

/* In one transaction: each of its own would be synced to the disk. */
static int mark_done(struct wake_recording *recording, const json_t *hints, struct wake_error *err)
{
	int status = wake_store_begin(recording->store, err);

	if (status != WAKE_OK)
		return status;
	status = wake_fold_edited_done(recording->store, hints, err);
	if (status == WAKE_OK)
		return wake_store_commit(recording->store, err);
	wake_store_rollback(recording->store);
	return status;
}

/* The last state of a worktree that is gone stands: what was uncommitted in it may be lost. */
static int give_up(struct wake_recording *recording, const struct look *look, struct wake_error *err)
{
	if (look->index_cache)
		(void)unlink(look->index_cache);
	return mark_done(recording, look->hints.ids, err);
}

static int look_at(struct wake_recording *recording, const struct wake_config *config, const char *worktree,
    struct wake_error *err)
{
	WAKE_CLEANUP(look_release) struct look look = { .at = wake_clock_now() };
	struct wake_repo *repo = NULL;
	bool is_here = false;
	int status = wake_edit_hints_read(recording->store, worktree, &look.hints, err);

	if (status != WAKE_OK)
		return status == WAKE_NOTFOUND ? WAKE_OK : status;
	status = place_index_cache(recording, &look, err);
	if (status == WAKE_OK)
		status = open_worktree(recording, &look.hints, &repo, &is_here, err);
	if (status == WAKE_NOTFOUND)
		return is_here || is_told_here(recording, &look.hints) ? give_up(recording, &look, err) : WAKE_OK;
	if (status == WAKE_OK)
		status = read_before(recording, &look, err);
	/* A clock that was set back must not put this state before the one that it follows. */
	if (*look.before.id && look.at <= look.before.at)
		look.at = look.before.at + 1;
	if (status == WAKE_OK)
		status = find_owner(recording, &look, err);
	if (status == WAKE_OK)
		status = diff(recording, &look, config, repo, err);
	/* An object may be missing, too; only where the files are gone there is nothing to wait for. */
	if (status == WAKE_NOTFOUND && !wake_fs_is_dir(wake_repo_worktree(repo)->root))
		return is_told_here(recording, &look.hints) ? give_up(recording, &look, err) : WAKE_OK;
	if (status != WAKE_OK)
		return status;
	return is_to_be_recorded(&look) ? record_state(recording, &look, err)
	                                : mark_done(recording, look.hints.ids, err);
}

int wake_record_edits(struct wake_recording *recording, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_json json_t *worktrees = json_array();
	size_t failures = 0;
	int status = worktrees
	                 ? wake_recording_list_mine(recording, WAKE_SQL_RECORD_EDIT_WORKTREES, worktrees, err)
	                 : wake_fail_nomem(err);

	if (status == WAKE_OK && json_array_size(worktrees) > 0)
		status = wake_config_load(recording->paths->config, &config, err);
	if (status != WAKE_OK)
		return status;
	for (size_t i = 0; i < json_array_size(worktrees) && failures < FAILURES_MAX; i++) {
		struct wake_error problem;

		/* What fails now, a repository that is away or a full disk, is tried again next time. */
		if (look_at(recording, &config, json_string_value(json_array_get(worktrees, i)), &problem) ==
		    WAKE_OK) {
			failures = 0;
		} else {
			failures++;
			wake_recording_note(recording, &problem);
		}
	}
	return WAKE_OK;
}
