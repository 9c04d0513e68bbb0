/* SPDX-License-Identifier: MIT */
/* A worktree's edits: from the tree, through the settling, into the spool. */
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "event/marker.h"
#include "event/spool.h"
#include "watcher/runs.h"
#include "watcher/watched_parts.h"

#define SCAN_EVERY (300 * WAKE_SECOND) /* a degraded worktree where no run is active */
#define LOCK_AGE 60		       /* seconds that git may take to write a worktree */
#define BEGIN_AFTER INT64_C(200000)    /* microseconds: a root that comes back is being filled */

static void come_to_rest(struct wake_watched *watched)
{
	wake_settle_touch(&watched->settle, wake_clock_monotonic());
	if (watched->tell_failures == 0) /* else it is tried again when it is time */
		wake_scene_ring_once(watched->scene, &watched->tell, wake_settle_due(&watched->settle));
}

void wake_watched_head_changed(struct wake_watched *watched)
{
	if (!watched->worktree.root)
		return;
	if (watched->gone) { /* no edits are there; but its own place may be its again, if somebody works in
		                it */
		if (!watched->back.waiting)
			wake_scene_ring_once(
			    watched->scene, &watched->begin, wake_clock_monotonic() + BEGIN_AFTER);
		return;
	}
	wake_pending_add_head(&watched->pending);
	come_to_rest(watched);
}

void wake_watched_index_changed(struct wake_watched *watched)
{
	if (watched->tree)
		wake_tree_recheck(watched->tree);
	wake_watched_head_changed(watched);
}

/* Events of the kernel's queue were lost, and what happened between cannot be known: only how it is now. */
static int add_gap(const struct wake_watched *watched, struct wake_events *events, struct wake_error *err)
{
	wake_auto_event struct wake_event event = { 0 };
	wake_auto_json json_t *data = json_object();
	int ret = data ? wake_json_set_string(data, "repository_id", watched->identity.repository_id, err)
	               : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "worktree_id", watched->identity.worktree_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(data, "reason", "queue-overflow", err);
	if (ret == WAKE_OK)
		ret = wake_event_set_text(data, "detail", watched->worktree.root, WAKE_EVENT_PATH_MAX, err);
	if (ret < 0)
		return ret;
	ret = wake_event_make(WAKE_EVENT_GAP, NULL, 0, json_incref(data), &event, err);
	return ret == WAKE_OK ? wake_events_add(events, &event, err) : ret;
}

static int format(struct wake_watched *watched, struct wake_events *events, struct wake_error *err)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	struct wake_edited place = {
		.worktree = &watched->worktree, .identity = &watched->identity, .at = wake_clock_now()
	};
	struct wake_error ignored;
	int ret = wake_marker_find(watched->worktree.root, &marker, &ignored);

	if (ret == WAKE_OK)
		place.run_id = marker.run_id;
	else if (ret == WAKE_NOTFOUND)
		wake_runs_marker_missed(watched->scene->runs, watched->worktree.root);
	ret = wake_pending_format(&watched->pending, &place, events, err);
	return ret == WAKE_OK && watched->pending.lost ? add_gap(watched, events, err) : ret;
}

static void forget(struct wake_watched *watched)
{
	watched->tell_failures = 0;
	wake_pending_clear(&watched->pending);
	watched->settle = (struct wake_settle){ 0 };
}

int wake_watched_tell(struct wake_watched *watched, struct wake_error *err)
{
	wake_auto_events struct wake_events events = { 0 };
	int ret;

	/* What stands in the root's place is another repository's, or will be scanned as a whole. */
	if (watched->gone && wake_fs_is_dir(watched->worktree.root))
		forget(watched);
	if (!wake_pending_has_any(&watched->pending))
		return WAKE_OK;
	ret = format(watched, &events, err);
	if (ret == WAKE_OK)
		ret = wake_spool_append(watched->scene->paths->spool, &events, false, err);
	wake_loop_timer_clear(watched->scene->loop, &watched->tell);
	if (ret < 0) {
		watched->tell_failures++;
		wake_scene_note(watched->scene, err);
		wake_scene_ring(watched->scene, &watched->tell, wake_scene_later(watched->tell_failures));
		return ret;
	}
	forget(watched);
	return WAKE_OK;
}

/* A root that was moved with what lies above it goes on to tell of its new place. */
static bool is_elsewhere(const struct wake_watched *watched)
{
	struct wake_fs_identity now;
	struct wake_error ignored;

	return watched->tree && (wake_fs_identify(watched->worktree.root, &now, &ignored) < 0 ||
	                            now.inode != watched->root.inode || now.born != watched->root.born);
}

/* What a checkout has written by half is no state of anybody's; with 100,000 files there were 48 of them, and 330 MB
 * in the store. A lock that is older was left behind by a git that was killed, or waits for somebody's editor. */
static bool is_git_writing(const struct wake_watched *watched)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;
	struct stat st;
	int64_t age;

	if (wake_fs_join(watched->worktree.git_dir, "index.lock", &path, &ignored) < 0 || lstat(path, &st) < 0)
		return false;
	age = wake_clock_now() / WAKE_SECOND - (int64_t)st.st_mtime;
	return age >= 0 && age < LOCK_AGE;
}

static void gone(void *context);

static void tell_rung(void *context)
{
	struct wake_watched *watched = context;
	struct wake_error noted;

	if (is_elsewhere(watched))
		gone(watched);

	/* The timer is not moved with each edit; so it may ring too early. */
	if (watched->tell_failures == 0 && is_git_writing(watched))
		wake_scene_ring(watched->scene, &watched->tell, wake_clock_monotonic() + WAKE_SETTLE_QUIET);
	else if (watched->tell_failures == 0 && !wake_settle_take(&watched->settle, wake_clock_monotonic()))
		wake_scene_ring(watched->scene, &watched->tell, wake_settle_due(&watched->settle));
	else
		(void)!wake_watched_tell(watched, &noted);
}

/* The marker, and what is beside it for an instant while it is written or removed. */
static bool is_marker(const char *path)
{
	return strncmp(path, WAKE_MARKER_NAME, strlen(WAKE_MARKER_NAME)) == 0 && !strchr(path, '/') &&
	       (path[strlen(WAKE_MARKER_NAME)] == '\0' || path[strlen(WAKE_MARKER_NAME)] == '-');
}

static void changed(void *context, const char *path)
{
	struct wake_watched *watched = context;

	if (is_marker(path)) {
		wake_runs_marker_missed(watched->scene->runs, watched->worktree.root);
		return;
	}
	wake_pending_add(&watched->pending, path);
	come_to_rest(watched);
}

static void changed_wholly(void *context, const char *reason)
{
	struct wake_watched *watched = context;
	int64_t now = wake_clock_monotonic();

	if (strcmp(reason, "periodic") == 0) {
		if (now - watched->scanned_at < SCAN_EVERY &&
		    !wake_runs_are_active_in(watched->scene->runs, watched->worktree.root))
			return;
		wake_runs_marker_missed(watched->scene->runs, watched->worktree.root);
	}
	watched->scanned_at = now;
	wake_pending_add_whole(&watched->pending);
	watched->pending.scanned = true;
	if (strcmp(reason, "overflow") == 0 || strcmp(reason, "unmount") == 0)
		watched->pending.lost = true;
	come_to_rest(watched);
}

static void changed_phase(void *context)
{
	struct wake_watched *watched = context;

	watched->owner.phase_changed(watched->owner.context);
}

static void wait_for_root(struct wake_watched *watched)
{
	watched->gone = true;
	wake_returns_wait(watched->scene->returns, &watched->back);
	watched->owner.phase_changed(watched->owner.context);
}

static void gone(void *context)
{
	struct wake_watched *watched = context;

	wake_tree_free(watched->tree);
	watched->tree = NULL;
	watched->owner.git_changed(watched->owner.context, ""); /* the main worktree's has gone with it */
	wake_pending_add_whole(
	    &watched->pending); /* what was thrown away with it is for the recorder to tell */
	come_to_rest(watched);
	wait_for_root(watched);
}

static void is_back(void *context)
{
	struct wake_watched *watched = context;
	int64_t at = wake_clock_monotonic() + BEGIN_AFTER;

	if (watched->begin_failures > 0)
		at = wake_scene_later(watched->begin_failures);
	wake_scene_ring(watched->scene, &watched->begin, at);
}

/* A linked worktree's root may have been deleted by hand, and another repository put in its place. */
static int check_root(const struct wake_watched *watched, struct wake_error *err)
{
	wake_auto_worktree struct wake_worktree found = { 0 };
	const struct wake_worktree *own = &watched->worktree;

	if (!wake_fs_is_dir(own->root))
		return wake_fail(err, WAKE_NOTFOUND, "'%s' is not there", own->root);
	if (wake_worktree_find(own->root, &found, err) < 0 || !found.root)
		return WAKE_OK; /* core.worktree needs no .git in the root */
	if (strcmp(found.root, own->root) == 0 && strcmp(found.git_dir, own->git_dir) != 0)
		return wake_fail(err, WAKE_EXISTS,
		    "'%s' belongs to the git directory '%s' now; `git worktree prune` forgets the old one",
		    own->root, found.git_dir);
	return WAKE_OK;
}

static int open_tree(struct wake_watched *watched, struct wake_error *err)
{
	const struct wake_tree_owner owner = {
		.changed = changed,
		.changed_wholly = changed_wholly,
		.changed_phase = changed_phase,
		.gone = gone,
		.context = watched,
	};
	int ret = check_root(watched, err);

	if (ret < 0)
		return ret;
	ret = wake_fs_identify(watched->worktree.root, &watched->root, err);
	if (ret < 0)
		return ret;
	ret = wake_tree_new(watched->scene->loop, watched->scene->trees, watched->worktree.root,
	    watched->worktree.git_dir, &owner, &watched->tree, err);
	/* A home directory may be a worktree: were the spool's own changes told, telling them would be another. */
	if (ret == WAKE_OK)
		ret = wake_tree_exclude(watched->tree, watched->scene->paths->state, err);
	if (ret < 0) {
		wake_tree_free(watched->tree);
		watched->tree = NULL;
	}
	return ret;
}

void wake_watched_begin(struct wake_watched *watched)
{
	struct wake_error problem;
	int ret;

	wake_loop_timer_clear(watched->scene->loop, &watched->begin);
	if (watched->tree || !watched->worktree.root)
		return;
	ret = open_tree(watched, &problem);
	if (ret == WAKE_OK) {
		watched->gone = false;
		watched->begin_failures = 0;
		watched->tree_problem[0] = '\0';
		return;
	}
	watched->begin_failures++;
	memcpy(watched->tree_problem, problem.text, sizeof(watched->tree_problem));
	if (ret == WAKE_NOTFOUND) {
		wait_for_root(watched);
		return;
	}
	wake_scene_note(watched->scene, &problem);
	watched->gone = true;
	if (ret != WAKE_EXISTS) /* that is looked at again when something happens in its git directory */
		wake_scene_ring(watched->scene, &watched->begin, wake_scene_later(watched->begin_failures));
	watched->owner.phase_changed(watched->owner.context);
}

static void begin_rung(void *context)
{
	wake_watched_begin(context);
}

void wake_watched_edits_open(struct wake_watched *watched)
{
	watched->tell = (struct wake_timer){ .rung = tell_rung, .context = watched };
	watched->begin = (struct wake_timer){ .rung = begin_rung, .context = watched };
	watched->back =
	    (struct wake_return){ .path = watched->worktree.root, .there = is_back, .context = watched };
}

void wake_watched_edits_close(struct wake_watched *watched)
{
	wake_tree_free(watched->tree);
	wake_returns_forget(watched->scene->returns, &watched->back);
	wake_loop_timer_clear(watched->scene->loop, &watched->tell);
	wake_loop_timer_clear(watched->scene->loop, &watched->begin);
	wake_pending_clear(&watched->pending);
}
