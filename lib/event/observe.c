/* SPDX-License-Identifier: MIT */
/* The one routine behind every trigger: what is new in a worktree's logs/HEAD becomes events. */
#include "event/observe.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "event/cursor.h"
#include "event/observe_event.h"
#include "event/registry_file.h"
#include "event/registry_place.h"
#include "event/spool.h"

#define BATCH 200			/* lines whose events are in memory at once */
#define SETTLED_AFTER (2 * WAKE_SECOND) /* git holds its locks for much less */

struct observation {
	const struct wake_paths *paths;
	const struct wake_worktree *worktree;
	const struct wake_identity *identity;
	const struct wake_witness *witness;
	struct wake_observe_scene scene;
	struct wake_cursor before;	/* as it was loaded */
	char known_last[WAKE_ID_SIZE];	/* its last line's id, also where that is no place to go on from */
	bool has_before;
	struct wake_cursor after;
	char *log_path;
	struct wake_reflog *log;
	size_t next;			/* the first new line */
	bool continued; /* the file is the one that was observed before; lines were only appended */
	char *rebased;
	char *branch;
	struct wake_marker marker;
	bool has_marker;
	struct wake_events events;
	struct wake_observed result;
};

static void observation_release(struct observation *o)
{
	free(o->log_path);
	wake_reflog_free(o->log);
	free(o->rebased);
	free(o->branch);
	wake_marker_release(&o->marker);
	wake_events_release(&o->events);
}

static const struct wake_reflog_line *line_at(const struct observation *o, size_t index)
{
	return wake_reflog_line(o->log, index);
}

static void id_of(const struct observation *o, size_t index, char ret_id[WAKE_ID_SIZE])
{
	wake_reflog_line_id(line_at(o, index), o->identity->worktree_id, "HEAD", ret_id);
}

static int read_whole(struct observation *o, struct wake_error *err)
{
	if (o->log && wake_reflog_is_whole(o->log))
		return WAKE_OK;
	wake_reflog_free(o->log);
	o->log = NULL;
	return wake_reflog_read(o->log_path, &o->log, err);
}

/* Where recording began; the whole log in a worktree that was born after that. */
static int find_baseline(const struct wake_worktree *worktree, const char *nonce,
    const struct wake_reflog *log, size_t *ret_next, struct wake_error *err)
{
	struct wake_registry_place place;
	wake_auto_free char *dir = NULL;
	int ret = wake_registry_dir(worktree->git_dir, &dir, err);

	if (ret < 0)
		return ret;
	ret = wake_registry_place_read(dir, WAKE_REGISTRY_BASELINE, nonce, &place, err);
	if (ret == WAKE_OK)
		*ret_next = wake_registry_place_find(log, &place, nonce, "HEAD");
	else if (ret == WAKE_NOTFOUND)
		*ret_next = 0;
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret;
}

/* The line observed last is gone (the log was deleted, or expired). If the log does not begin where that line led, or,
 * empty, HEAD is elsewhere by now, movements are lost, and that is said. */
static int add_gap(struct observation *o, struct wake_error *err)
{
	struct wake_registry_place place = { .count = 0 };
	bool is_empty = wake_reflog_count(o->log) == 0;
	char head[WAKE_HASH_SIZE];
	struct wake_error problem;
	const char *to = is_empty ? head : line_at(o, 0)->old_hash;

	if (!o->known_last[0] || !o->before.last_new[0])
		return WAKE_OK;
	wake_registry_place_add(&place, o->known_last);
	if (wake_registry_place_find(o->log, &place, o->identity->worktree_id, "HEAD") > 0)
		return WAKE_OK;
	if (is_empty && wake_worktree_head(o->worktree, NULL, head, &problem) < 0)
		return WAKE_OK;
	if (strcmp(to, o->before.last_new) == 0)
		return WAKE_OK;
	return wake_observe_add_gap(&o->events, &o->scene, o->known_last, o->before.last_new, to, is_empty, err);
}

/* Another file under the same name (gc, expiry): the line observed last may still be in it. */
static int find_last_in_whole(struct observation *o, struct wake_error *err)
{
	const char *nonce = o->identity->worktree_id;
	struct wake_registry_place place = { .count = 0 };
	int ret = read_whole(o, err);

	if (ret < 0)
		return ret;
	if (o->has_before && o->before.last_id[0]) {
		wake_registry_place_add(&place, o->before.last_id);
		o->next = wake_registry_place_find(o->log, &place, nonce, "HEAD");
		if (o->next > 0) {
			o->scene.since = o->before.at;
			return WAKE_OK;
		}
	}
	ret = add_gap(o, err);
	return ret == WAKE_OK ? find_baseline(o->worktree, nonce, o->log, &o->next, err) : ret;
}

/* The mark's offset and inode are only a guess (an inode number may come back): the line's id decides. */
static bool fits_cursor(const struct observation *o, size_t next)
{
	char id[WAKE_ID_SIZE];

	if (next == SIZE_MAX)
		return false;
	if (next == 0)
		return !o->before.last_id[0];
	id_of(o, next - 1, id);
	return strcmp(id, o->before.last_id) == 0;
}

/* A cursor of another boot tells nothing: the events before it may have been lost with the power. */
static int load_cursor(struct observation *o, struct wake_error *err)
{
	struct wake_error problem;
	int ret = wake_cursor_load(o->paths, o->identity->worktree_id, &o->before, &problem);

	wake_process_boot_id(o->after.boot_id);
	if (ret == WAKE_NOMEM) /* as if there were none, it would hide movements that left no line */
		return wake_fail_nomem(err);
	o->has_before = ret == WAKE_OK;
	if (!o->has_before)
		return WAKE_OK;
	memcpy(o->known_last, o->before.last_id, sizeof(o->known_last));
	if (!o->after.boot_id[0]) /* not to be read now: that tells of no reboot */
		memcpy(o->after.boot_id, o->before.boot_id, sizeof(o->after.boot_id));
	memcpy(o->after.implied, o->before.implied, sizeof(o->after.implied));
	if (strcmp(o->before.boot_id, o->after.boot_id) == 0)
		return WAKE_OK;
	o->before.mark.inode = 0;
	o->before.last_id[0] = '\0';
	o->after.implied[0] = '\0';
	return WAKE_OK;
}

static int read_log(struct observation *o, struct wake_error *err)
{
	size_t next = SIZE_MAX;
	int ret = wake_fs_join(o->worktree->git_dir, "logs/HEAD", &o->log_path, err);

	if (ret == WAKE_OK)
		ret = load_cursor(o, err);
	if (ret == WAKE_OK)
		ret = wake_reflog_read_on(
		    o->log_path, o->has_before ? &o->before.mark : NULL, &o->log, &next, err);
	if (ret < 0)
		return ret;
	if (!fits_cursor(o, next))
		return find_last_in_whole(o, err);
	o->next = next;
	o->continued = true;
	o->scene.since = o->before.at;
	return WAKE_OK;
}

/* Which run is at work here? Asked once, and only where there is something to attribute. */
static int find_marker(struct observation *o, struct wake_error *err)
{
	struct wake_error problem;
	int ret;

	if (!o->worktree->root || o->has_marker)
		return WAKE_OK;
	ret = wake_marker_find(o->worktree->root, &o->marker, &problem);
	o->has_marker = ret == WAKE_OK;
	if (ret == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		(void)snprintf(
		    o->result.marker_problem, sizeof(o->result.marker_problem), "%.255s", problem.text);
	return WAKE_OK;
}

/* HEAD's branch, for the line that HEAD stands on; and, while a rebase detaches HEAD, the branch that it is
 * about. */
static int find_branches(struct observation *o, struct wake_error *err)
{
	struct wake_error problem;
	int ret = wake_worktree_head(o->worktree, &o->branch, NULL, &problem);

	if (ret == WAKE_NOMEM)
		return wake_fail_nomem(err);
	if (!o->branch) /* a rebase works on a detached HEAD */
		o->rebased = wake_worktree_rebased_branch(o->worktree);
	o->scene.branch = o->branch;
	o->scene.rebased = o->rebased;
	return WAKE_OK;
}

static int add_evidence(struct observation *o, const char *movement, bool is_trigger, struct wake_error *err)
{
	const char *run_id = o->witness->env_run_id;
	struct wake_error ignored;
	int ret = WAKE_OK;

	if (is_trigger && run_id && wake_run_id_check(run_id, &ignored) == WAKE_OK)
		ret = wake_observe_add_evidence(&o->events, &o->scene, movement, run_id, NULL, true, err);
	if (ret == WAKE_OK && o->has_marker)
		ret = wake_observe_add_evidence(&o->events, &o->scene, movement, o->marker.run_id, &o->marker,
		    is_trigger, err);
	return ret;
}

/* Is the hook about the log's last line? */
static bool is_trigger(const struct observation *o, size_t index)
{
	const char *told = o->witness->triggered_new;

	return o->witness->triggered && index + 1 == wake_reflog_count(o->log) &&
	       (!told || strcmp(told, line_at(o, index)->new_hash) == 0);
}

/* HEAD is somewhere that the line before did not lead to. A branch rename's two lines (X to 0, 0 to X) are no
 * such thing; nor is a birth. */
static bool is_discontinuous(const struct wake_reflog_line *previous, const char *from)
{
	return strcmp(previous->new_hash, from) != 0 && !wake_hash_is_zero(previous->new_hash) &&
	       !wake_hash_is_zero(from);
}

static int add_implied(struct observation *o, size_t previous, const char *new_hash, uint64_t position,
    struct wake_error *err)
{
	char id[WAKE_ID_SIZE];
	int ret = wake_observe_add_implied(
	    &o->events, &o->scene, line_at(o, previous), new_hash, position, id, err);

	if (ret == WAKE_OK)
		ret = add_evidence(o, id, false, err);
	if (ret == WAKE_OK)
		o->result.movements++;
	return ret;
}

static int add_line(struct observation *o, size_t index, struct wake_error *err)
{
	const struct wake_reflog_line *line = line_at(o, index);
	bool is_last = index + 1 == wake_reflog_count(o->log);
	char id[WAKE_ID_SIZE];
	int ret = WAKE_OK;

	if (o->continued && index > 0 && is_discontinuous(line_at(o, index - 1), line->old_hash))
		ret = add_implied(o, index - 1, line->old_hash, line->position, err);
	if (ret == WAKE_OK)
		ret = wake_observe_add_moved(&o->events, &o->scene, line, is_last, id, err);
	if (ret == WAKE_OK)
		ret = add_evidence(o, id, is_trigger(o, index), err);
	if (ret == WAKE_OK)
		o->result.movements++;
	return ret;
}

static int append_events(struct observation *o, struct wake_error *err)
{
	int ret = WAKE_OK;

	if (o->events.count > 0)
		ret = wake_registry_confirm(o->worktree->git_dir, o->identity->worktree_id, err);
	if (o->events.count > 0 && ret == WAKE_OK)
		ret = wake_spool_append(o->paths->spool, &o->events, false, err);
	wake_events_release(&o->events);
	return ret;
}

static int append_lines(struct observation *o, struct wake_error *err)
{
	size_t count = wake_reflog_count(o->log);

	for (size_t i = o->next; i < count; i++) {
		int ret = add_line(o, i, err);

		if (ret == WAKE_OK && (i + 1 == count || (i + 1 - o->next) % BATCH == 0))
			ret = append_events(o, err);
		if (ret < 0)
			return ret;
	}
	return WAKE_OK;
}

/* Another witness was faster: the line is told already, but not who made it. */
static int append_trigger(struct observation *o, struct wake_error *err)
{
	size_t count = wake_reflog_count(o->log);
	char id[WAKE_ID_SIZE];
	int ret;

	if (count == 0 || !is_trigger(o, count - 1))
		return WAKE_OK;
	id_of(o, count - 1, id);
	ret = add_evidence(o, id, true, err);
	return ret == WAKE_OK ? append_events(o, err) : ret;
}

static bool is_locked(const char *dir, const char *name, const char *suffix)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;
	struct stat st;

	return wake_str_format(&path, &ignored, "%s/%s%s.lock", dir, name, suffix) < 0 ||
	       lstat(path, &st) == 0;
}

/* Is git at work here? It holds one of these from before the line until after the ref has moved. */
static bool is_in_flight(const struct observation *o, const char *branch)
{
	const struct wake_worktree *worktree = o->worktree;
	int64_t age = wake_reflog_age(o->log);

	return (age > -SETTLED_AFTER && age < SETTLED_AFTER) || is_locked(worktree->git_dir, "HEAD", "") ||
	       is_locked(worktree->git_dir, "index", "") ||
	       (branch && is_locked(worktree->common_dir, "refs/heads/", branch));
}

/* Nothing was appended since the log was read. */
static bool is_log_unchanged(const struct observation *o)
{
	struct stat st;

	return stat(o->log_path, &st) == 0 && st.st_ino == wake_reflog_inode(o->log) &&
	       (uint64_t)st.st_size == wake_reflog_end(o->log);
}

/* Where HEAD stands now that everything has come to rest, if the last line did not lead there; else "". */
static int find_settled(const struct observation *o, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	const struct wake_reflog_line *last = line_at(o, wake_reflog_count(o->log) - 1);
	wake_auto_free char *branch = NULL;
	char first[WAKE_HASH_SIZE], second[WAKE_HASH_SIZE];
	int ret = wake_worktree_head(o->worktree, &branch, first, err);

	ret_hash[0] = '\0';
	if (ret < 0)
		return ret;
	if (!is_discontinuous(last, first) || is_in_flight(o, branch))
		return WAKE_OK;
	ret = wake_worktree_head(o->worktree, NULL, second, err);
	if (ret == WAKE_OK && strcmp(first, second) == 0 && is_log_unchanged(o) && !is_in_flight(o, branch))
		memcpy(ret_hash, first, sizeof(first));
	return ret;
}

static int append_settled(struct observation *o, struct wake_error *err)
{
	size_t count = wake_reflog_count(o->log);
	struct wake_error problem;
	char head[WAKE_HASH_SIZE];
	int ret;

	if (count == 0)
		return WAKE_OK;
	ret = find_settled(o, head, &problem);
	if (ret == WAKE_NOMEM)
		return wake_fail_nomem(err);
	/* A HEAD that cannot be read (reftable, damaged refs) compares with nothing; told before: once is
	 * enough. */
	if (ret < 0 || !head[0] || strcmp(head, o->after.implied) == 0)
		return WAKE_OK;
	ret = find_marker(o, err);
	if (ret == WAKE_OK)
		ret = add_implied(o, count - 1, head, wake_reflog_end(o->log), err);
	if (ret == WAKE_OK)
		ret = append_events(o, err);
	if (ret == WAKE_OK)
		memcpy(o->after.implied, head, sizeof(head));
	return ret;
}

/* Kept in the git directory, so that a copy of it knows what the original had recorded. Only a help: a
 * read-only repository is observed all the same. The file was made with the nonce; one that is gone is not made
 * again: git may be emptying this directory. */
static void keep_seen(const struct observation *o)
{
	const char *nonce = o->identity->worktree_id;
	struct wake_registry_place place = { .count = 0 };
	wake_auto_free char *dir = NULL;
	struct wake_error ignored;
	size_t count = wake_reflog_count(o->log), first;

	if (!o->after.last_id[0] || wake_registry_dir(o->worktree->git_dir, &dir, &ignored) < 0)
		return;
	if (wake_registry_place_read(dir, WAKE_REGISTRY_SEEN, nonce, &place, &ignored) < 0)
		place.count = 0;
	if (place.count > 0 && strcmp(place.ids[place.count - 1], o->after.last_id) == 0)
		return;
	first = count - o->next > WAKE_REGISTRY_PLACE_LINES ? count - WAKE_REGISTRY_PLACE_LINES : o->next;
	for (size_t i = first; i + 1 < count; i++) {
		char id[WAKE_ID_SIZE];

		id_of(o, i, id);
		wake_registry_place_add(&place, id);
	}
	wake_registry_place_add(&place, o->after.last_id);
	(void)!wake_registry_place_rewrite(dir, WAKE_REGISTRY_SEEN, nonce, &place, &ignored);
}

static int save_cursor(struct observation *o, struct wake_error *err)
{
	size_t count = wake_reflog_count(o->log);
	int ret;

	o->after.at = o->scene.at;
	o->after.mark = wake_reflog_mark_of(o->log);
	memcpy(o->after.last_id, o->result.last_id, WAKE_ID_SIZE);
	if (count > 0)
		memcpy(o->after.last_new, line_at(o, count - 1)->new_hash, WAKE_HASH_SIZE);
	if (o->witness->triggered && o->continued && o->next == count)
		return WAKE_OK; /* nothing new: not worth git's time */
	ret = wake_cursor_save(
	    o->paths, o->identity->worktree_id, &o->after, o->has_before ? &o->before : NULL, err);
	if (ret == WAKE_OK && !o->witness->triggered)
		keep_seen(o);
	return ret;
}

/* All that is new, then what moved without a line. */
static int tell(struct observation *o, struct wake_error *err)
{
	size_t count = wake_reflog_count(o->log);
	bool is_new = o->next < count;
	bool is_too_much = o->witness->triggered && count - o->next > WAKE_OBSERVE_TRIGGERED_MAX;
	int ret = WAKE_OK;

	if (is_too_much)
		o->next = count - 1;
	if (is_new)
		ret = find_branches(o, err);
	if (ret == WAKE_OK && (is_new || (o->witness->triggered && count > 0)))
		ret = find_marker(o, err);
	if (is_new)
		o->after.implied[0] = '\0';
	if (ret == WAKE_OK)
		ret = append_events(o, err); /* a gap, if one was found */
	if (ret == WAKE_OK)
		ret = is_new ? append_lines(o, err) : append_trigger(o, err);
	if (ret == WAKE_OK && o->witness->settled)
		ret = append_settled(o, err);
	return ret == WAKE_OK && !is_too_much ? save_cursor(o, err) : ret;
}

int wake_observe(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, const struct wake_witness *witness,
    struct wake_observed *ret_observed, struct wake_error *err)
{
	WAKE_CLEANUP(observation_release) struct observation o = {
		.paths = paths, .worktree = worktree, .identity = identity, .witness = witness,
		.scene = { .worktree = worktree, .identity = identity, .at = wake_clock_now() },
	};
	size_t count;
	int ret = read_log(&o, err);

	if (ret < 0)
		return ret;
	count = wake_reflog_count(o.log);
	if (count > 0)
		id_of(&o, count - 1, o.result.last_id);
	ret = tell(&o, err);
	if (ret == WAKE_OK)
		*ret_observed = o.result;
	return ret;
}

int wake_observe_all(const struct wake_worktree *worktree, const struct wake_identity *identity,
    struct wake_events *ret_moved, struct wake_error *err)
{
	struct wake_observe_scene scene = {
		.worktree = worktree, .identity = identity, .at = wake_clock_now()
	};
	wake_auto_events struct wake_events moved = { 0 };
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *path = NULL;
	char id[WAKE_ID_SIZE];
	size_t next = 0;
	int ret = wake_fs_join(worktree->git_dir, "logs/HEAD", &path, err);

	if (ret == WAKE_OK)
		ret = wake_reflog_read(path, &log, err);
	if (ret == WAKE_OK)
		ret = find_baseline(worktree, identity->worktree_id, log, &next, err);
	if (ret == WAKE_OK)
		ret = wake_registry_confirm(worktree->git_dir, identity->worktree_id, err);
	for (size_t i = next; ret == WAKE_OK && i < wake_reflog_count(log); i++)
		ret = wake_observe_add_moved(&moved, &scene, wake_reflog_line(log, i), false, id, err);
	if (ret < 0)
		return ret;
	*ret_moved = moved;
	moved = (struct wake_events){ 0 }; /* the caller's now */
	return WAKE_OK;
}
