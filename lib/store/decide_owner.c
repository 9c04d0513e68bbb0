/* SPDX-License-Identifier: MIT */
/* Whose a movement or an edit state is: the strongest evidence that holds. A person's word, then the
 * environment of the hook that the movement started, then the marker, then who held the workspace at that
 * time. Never a guess. */
#include "store/decide.h"

#include <string.h>

/* Columns of fold_evidence_of.sql and fold_edit_marker.sql, in order. */
enum { E_KIND, E_RUN, E_EXACT, E_AT, E_MARKER_DIR, E_STARTED, E_COMPLETED, E_ANNOUNCED, E_WORKTREE, E_PATH };

/* Did it happen while the run lived? Terminals keep an old RUNWAKE_RUN_ID for days. The witness
 * that the movement itself started knows the time; otherwise the span says when it may have been. */
static bool in_lifetime(const struct wake_rows *rows, const struct wake_happening *happening)
{
	bool exact = wake_rows_int(rows, E_EXACT) != 0;
	int64_t at = wake_rows_time(rows, E_AT), completed = wake_rows_time(rows, E_COMPLETED);
	int64_t first = exact ? at : happening->earliest, last = exact ? at : happening->latest;

	if (wake_rows_int(rows, E_ANNOUNCED) && last < wake_rows_time(rows, E_STARTED))
		return false;
	return completed == WAKE_TIME_NONE || first <= completed;
}

static bool is_inside(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static int is_own_workspace(
    struct wake_fold *fold, const struct wake_happening *happening, bool *ret_is, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(happening->worktree), WAKE_TIME(happening->latest) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_WORKSPACE_OF, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_is = status == 1;
	return status == 1 ? WAKE_OK : status;
}

/* A marker is untrusted: it must name a run of this worktree, or of a workspace around it (a submodule or
 * nested repository belongs to the workspace's run, unless it is a workspace itself). */
static int marker_fits(struct wake_fold *fold, const struct wake_rows *rows,
    const struct wake_happening *happening, bool *ret_fits, struct wake_error *err)
{
	const char *worktree = wake_rows_text(rows, E_WORKTREE), *path = wake_rows_text(rows, E_PATH);
	bool own = false;
	int status;

	*ret_fits = true;
	if (!wake_rows_int(rows, E_ANNOUNCED) || (worktree && strcmp(worktree, happening->worktree) == 0))
		return WAKE_OK;
	*ret_fits = path && happening->root && is_inside(happening->root, path);
	if (!*ret_fits)
		return WAKE_OK;
	status = is_own_workspace(fold, happening, &own, err);
	*ret_fits = !own;
	return status;
}

static void take(struct wake_ownership *owner, const struct wake_rows *rows, const char *evidence)
{
	(void)snprintf(owner->run, sizeof(owner->run), "%s", wake_rows_text(rows, E_RUN));
	owner->evidence = evidence;
}

/* Rows come strongest first: link and unlink (latest first), env (exact first), marker, workspace. */
static int take_evidence(struct wake_fold *fold, struct wake_rows *rows,
    const struct wake_happening *happening, struct wake_ownership *owner, struct wake_error *err)
{
	int status = WAKE_OK;

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		const char *kind = wake_rows_text(rows, E_KIND);
		bool fits = true;

		status = WAKE_OK;
		if (strcmp(kind, "link") == 0) {
			take(owner, rows, "link");
			break;
		}
		if (strcmp(kind, "unlink") == 0) {
			owner->evidence = "unlink";
			break;
		}
		if (!in_lifetime(rows, happening))
			continue;
		if (strcmp(kind, "marker") == 0)
			status = marker_fits(fold, rows, happening, &fits, err);
		if (status == WAKE_OK && fits) {
			take(owner, rows,
			    strcmp(kind, "env") == 0      ? "env"
			    : strcmp(kind, "marker") == 0 ? "marker"
			                                  : "workspace");
			break;
		}
		owner->evidence = "mismatch";
	}
	return status;
}

static int ask_runs(struct wake_fold *fold, const struct wake_happening *happening,
    struct wake_rows **ret_runs, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(happening->worktree), WAKE_TIME(happening->earliest),
		WAKE_TIME(happening->latest) };

	return wake_store_query(
	    fold->store, WAKE_SQL_FOLD_RUNS_IN_WORKTREE, values, WAKE_COUNT(values), ret_runs, err);
}

/* Nobody said anything: the run that held the worktree at that time, if it was one alone. */
static int take_workspace_run(struct wake_rows *rows, struct wake_ownership *owner, struct wake_error *err)
{
	char run[WAKE_ID_SIZE] = "";
	size_t found = 0;
	int status = WAKE_OK;

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		(void)snprintf(run, sizeof(run), "%s", wake_rows_text(rows, 0));
		found++;
		status = WAKE_OK;
	}
	if (status != WAKE_OK || found == 0)
		return status;
	owner->evidence = found == 1 ? "workspace" : "ambiguous";
	if (found == 1)
		memcpy(owner->run, run, sizeof(run));
	return WAKE_OK;
}

static bool nobody_fits(const struct wake_ownership *owner)
{
	return !*owner->run && (!owner->evidence || strcmp(owner->evidence, "mismatch") == 0);
}

static struct wake_happening happening_of(const struct wake_movement *movement)
{
	return (struct wake_happening){ movement->worktree, movement->root, movement->earliest,
		movement->latest };
}

int wake_decide_ask_owner(struct wake_fold *fold, const struct wake_movement *movement,
    struct wake_owner_rows *ret_rows, struct wake_error *err)
{
	const struct wake_happening happening = happening_of(movement);
	const struct wake_value values[] = { WAKE_TEXT(movement->id) };
	int status = wake_store_query(fold->store, WAKE_SQL_FOLD_EVIDENCE_OF, values, WAKE_COUNT(values),
	    &ret_rows->evidence, err);

	return status == WAKE_OK ? ask_runs(fold, &happening, &ret_rows->runs, err) : status;
}

int wake_decide_owner(struct wake_fold *fold, const struct wake_movement *movement,
    const struct wake_owner_rows *rows, struct wake_ownership *ret_owner, struct wake_error *err)
{
	const struct wake_happening happening = happening_of(movement);
	struct wake_ownership owner = { .run = "", .evidence = NULL };
	int status = take_evidence(fold, rows->evidence, &happening, &owner, err);

	if (status == WAKE_OK && nobody_fits(&owner))
		status = take_workspace_run(rows->runs, &owner, err);
	if (status == WAKE_OK)
		*ret_owner = owner;
	return status;
}

static int take_marker(struct wake_fold *fold, const struct wake_happening *happening, const char *marker,
    struct wake_ownership *owner, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(marker) };
	wake_auto_rows struct wake_rows *rows = NULL;
	bool fits = false;
	int status =
	    wake_store_query(fold->store, WAKE_SQL_FOLD_EDIT_MARKER, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status != 1 || !wake_rows_int(rows, E_ANNOUNCED) || !in_lifetime(rows, happening))
		return status < 0 ? status : WAKE_OK;
	status = marker_fits(fold, rows, happening, &fits, err);
	if (status == WAKE_OK && fits)
		take(owner, rows, "marker");
	else
		owner->evidence = "mismatch";
	return status;
}

int wake_decide_edit_owner(struct wake_fold *fold, const struct wake_happening *happening, const char *marker,
    struct wake_ownership *ret_owner, struct wake_error *err)
{
	struct wake_ownership owner = { .run = "", .evidence = NULL };
	wake_auto_rows struct wake_rows *runs = NULL;
	int status = marker ? take_marker(fold, happening, marker, &owner, err) : WAKE_OK;

	if (status == WAKE_OK && nobody_fits(&owner)) {
		status = ask_runs(fold, happening, &runs, err);
		if (status == WAKE_OK)
			status = take_workspace_run(runs, &owner, err);
	}
	if (status == WAKE_OK)
		*ret_owner = owner;
	return status;
}
