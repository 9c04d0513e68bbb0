/* SPDX-License-Identifier: MIT */
/* watcher/watch: what git and people do in registered repositories is told, with real git, and nothing else. */
#include "watcher/settle.h"
#include "watcher/watch.h"

#include "../git/fixture.h"
#include "event/marker.h"
#include "event/registry.h"
#include "event/spool.h"
#include "turning.h"

struct scene {
	struct wake_loop *loop;
	struct wake_inotify *inotify;
	struct wake_paths paths;
	struct wake_watch *watch;
	struct wake_events events;	/* drained so far, from the last forget() on */
	/* What is waited for. */
	enum wake_event_type type;
	const char *key, *value;	/* a text member, or an item of "paths"; NULL: any */
	int64_t since;	/* monotonic */
	bool ready;
};

static void register_repo(struct scene *scene, void **state, const char *name)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *root = scratch_path(state, name);
	struct wake_error err = { 0 };

	if (wake_worktree_find(root, &worktree, &err) < 0 ||
	    wake_registry_add(&scene->paths, &worktree, &err) < 0)
		fail_msg("%s", err.text);
}

static void unregister_repo(struct scene *scene, void **state, const char *name)
{
	wake_auto_worktree struct wake_worktree worktree = { 0 };
	wake_auto_free char *root = scratch_path(state, name);
	struct wake_error err = { 0 };

	if (wake_worktree_find(root, &worktree, &err) < 0 ||
	    wake_registry_remove(&scene->paths, &worktree, &err) < 0)
		fail_msg("%s", err.text);
}

static void became_ready(void *context)
{
	((struct scene *)context)->ready = true;
}

static bool is_ready(void *context)
{
	return ((struct scene *)context)->ready;
}

static void open_scene(struct scene *scene, void **state)
{
	struct wake_error err = { 0 };

	*scene = (struct scene){ .paths = { .state = scratch_path(state, "state/runwake"),
				     .spool = scratch_path(state, "state/runwake/spool") } };
	assert_int_equal(wake_loop_new(&scene->loop, &err), WAKE_OK);
	assert_int_equal(wake_inotify_new(scene->loop, &scene->inotify, &err), WAKE_OK);
}

static void begin(struct scene *scene)
{
	struct wake_error err = { 0 };

	if (wake_watch_new(scene->loop, scene->inotify, &scene->paths, &scene->watch, &err) < 0)
		fail_msg("%s", err.text);
	wake_watch_on_ready(scene->watch, became_ready, scene);
	assert_false(scene->ready); /* never from within */
	assert_true(turn_until(scene->loop, is_ready, scene));
}

static void close_scene(struct scene *scene)
{
	wake_watch_free(scene->watch);
	assert_int_equal(wake_inotify_count(scene->inotify), 0);
	wake_inotify_free(scene->inotify);
	wake_loop_free(scene->loop);
	wake_paths_release(&scene->paths);
	wake_events_release(&scene->events);
}

/* A registered repository "r" with one commit, watched and at rest. */
static void open_repo(struct scene *scene, void **state)
{
	fixture_do(state, "git init -q r; cd r; echo 1 >a; git add a; git commit -q -m one");
	open_scene(scene, state);
	register_repo(scene, state, "r");
	begin(scene);
}

static int take(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct scene *scene = context;
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < batch->count; i++)
		ret = wake_events_add(&scene->events, &batch->items[i], err);
	return ret;
}

static void drain(struct scene *scene)
{
	struct wake_error err = { 0 };

	if (wake_spool_drain(scene->paths.spool, take, scene, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static void forget(struct scene *scene)
{
	drain(scene);
	wake_events_release(&scene->events);
	scene->events = (struct wake_events){ 0 };
}

static bool has_path(const json_t *data, const char *path)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(data, "paths"), i, item)
	{
		if (strcmp(json_string_value(item), path) == 0)
			return true;
	}
	return false;
}

static bool fits(const struct scene *scene, const struct wake_event *event)
{
	const char *text = scene->key ? wake_json_string(event->data, scene->key) : NULL;

	if (event->type != scene->type)
		return false;
	if (scene->key && strcmp(scene->key, "paths") == 0)
		return has_path(event->data, scene->value);
	return !scene->key || (text && strcmp(text, scene->value) == 0);
}

static const struct wake_event *find(const struct scene *scene)
{
	for (size_t i = 0; i < scene->events.count; i++) {
		if (fits(scene, &scene->events.items[i]))
			return &scene->events.items[i];
	}
	return NULL;
}

static bool is_told(void *context)
{
	struct scene *scene = context;

	drain(scene);
	return find(scene) != NULL;
}

static const struct wake_event *told(
    struct scene *scene, enum wake_event_type type, const char *key, const char *value)
{
	scene->type = type;
	scene->key = key;
	scene->value = value;
	if (!turn_until(scene->loop, is_told, scene))
		fail_msg("%s with %s '%s' is not told", wake_event_type_name(type), key ? key : "-",
		    value ? value : "-");
	return find(scene);
}

static size_t count(struct scene *scene, enum wake_event_type type)
{
	size_t found = 0;

	drain(scene);
	for (size_t i = 0; i < scene->events.count; i++)
		found += scene->events.items[i].type == type;
	return found;
}

static json_t *status(const struct scene *scene)
{
	json_t *document = json_object();
	struct wake_error err = { 0 };

	if (wake_watch_status(scene->watch, document, &err) < 0)
		fail_msg("%s", err.text);
	return document;
}

/* The worktree whose root ends so; NULL: none. borrowed from document. */
static const json_t *worktree_in(const json_t *document, const char *end)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(document, "worktrees"), i, item)
	{
		const char *root = wake_json_string(item, "root");

		if (strlen(root) > strlen(end) && strcmp(root + strlen(root) - strlen(end), end) == 0)
			return item;
	}
	return NULL;
}

static bool has_phase(struct scene *scene, const char *end, const char *phase)
{
	wake_auto_json json_t *document = status(scene);
	const json_t *item = worktree_in(document, end);

	return item ? strcmp(wake_json_string(item, "phase"), phase) == 0 : strcmp(phase, "none") == 0;
}

static bool phase_fits(void *context)
{
	struct scene *scene = context;

	return has_phase(scene, scene->key, scene->value);
}

static bool is_pending(void *context)
{
	wake_auto_json json_t *document = status(context);

	return wake_json_int(document, "edit_lag_us", 0) > 0;
}

static bool is_at_rest(void *context)
{
	return !is_pending(context);
}

static void until_phase(struct scene *scene, const char *end, const char *phase)
{
	scene->key = end;
	scene->value = phase;
	if (!turn_until(scene->loop, phase_fits, scene)) {
		wake_auto_json json_t *document = status(scene);
		wake_auto_free char *text = json_dumps(document, JSON_INDENT(1));

		fail_msg("'%s' is not %s: %s", end, phase, text);
	}
	if (strcmp(phase, "ready") == 0) /* the scan at the beginning is told, too */
		assert_true(turn_until(scene->loop, is_at_rest, scene));
}

static void nothing_registered_is_ready(void **state)
{
	struct scene scene;

	open_scene(&scene, state);
	begin(&scene);
	assert_true(wake_watch_is_ready(scene.watch));
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 0);
	close_scene(&scene);
}

static void begins_with_a_scan(void **state)
{
	const struct wake_event *edited;
	struct scene scene;

	open_repo(&scene, state);
	edited = told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	assert_true(wake_json_true(edited->data, "whole"));
	close_scene(&scene);
}

static void tells_an_edit(void **state)
{
	const struct wake_event *edited;
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "cd r; mkdir -p d/e; echo 2 >a; echo 3 >d/e/f");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "a");
	assert_string_equal(wake_json_string(edited->data, "reason"), "settled");
	assert_null(wake_json_string(edited->data, "run_id"));
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 1); /* one settling, one event */
	assert_int_equal(count(&scene, WAKE_EVENT_MOVED), 0);
	close_scene(&scene);
}

/* Long after edits without a lock would have been told. */
static bool is_overdue(void *context)
{
	const struct scene *scene = context;

	return wake_clock_monotonic() > scene->since + 3 * WAKE_SETTLE_QUIET;
}

static void waits_for_git_to_write_the_worktree(void **state)
{
	const struct wake_event *edited;
	struct scene scene;
	int64_t unlocked;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	scene.since = wake_clock_monotonic();
	fixture_do(state, "cd r; : >.git/index.lock; echo 2 >a");
	assert_true(turn_until(scene.loop, is_overdue, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 0);
	unlocked = wake_clock_now();
	fixture_do(state, "rm r/.git/index.lock");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "a");
	assert_true(edited->at >= unlocked);
	close_scene(&scene);
}

static void waits_for_no_lock_that_was_left_behind(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "cd r; touch -d '2 minutes ago' .git/index.lock; echo 2 >a");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "a");
	close_scene(&scene);
}

static void names_the_run_of_the_marker(void **state)
{
	wake_auto_free char *root = scratch_path(state, "r");
	const struct wake_event *edited;
	struct wake_error err;
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	assert_int_equal(wake_marker_write(root, "job-1", NULL, &err), WAKE_OK);
	fixture_do(state, "cd r; echo 2 >a");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "a");
	assert_string_equal(wake_json_string(edited->data, "run_id"), "job-1");
	assert_int_equal(json_array_size(json_object_get(edited->data, "paths")), 1); /* the marker is no edit */
	close_scene(&scene);
}

static void tells_movements_and_the_index(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "cd r; git -c core.hooksPath=/dev/null commit -q --allow-empty -m two");
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "commit");
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "head");
	forget(&scene);
	fixture_do(state, "cd r; git reset -q --soft HEAD~1");
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "reset");
	(void)told(&scene, WAKE_EVENT_REF_MOVED, "ref", "refs/heads/main");
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "head");
	forget(&scene);
	fixture_do(state, "cd r; git update-index --add --cacheinfo 100644,$(git rev-parse HEAD:a),b");
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "head");
	assert_int_equal(count(&scene, WAKE_EVENT_MOVED), 0);
	close_scene(&scene);
}

static void compares_a_head_that_moved_without_a_line(void **state)
{
	const struct wake_event *moved;
	struct scene scene;

	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m one; git branch other; "
			  "git commit -q --allow-empty -m two");
	open_scene(&scene, state);
	register_repo(&scene, state, "r");
	/* One line at least after the registration, or there is nothing to compare with. */
	fixture_do(state, "cd r; git commit -q --allow-empty -m three");
	begin(&scene);
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "commit");
	forget(&scene);
	fixture_do(state, "cd r; echo ref: refs/heads/other >.git/HEAD");
	moved = told(&scene, WAKE_EVENT_MOVED, NULL, NULL);
	assert_true(wake_json_true(moved->data, "implied"));
	close_scene(&scene);
}

static void sees_worktrees_come_and_go(void **state)
{
	wake_auto_free char *first = NULL;
	const struct wake_event *edited;
	struct scene scene;

	open_repo(&scene, state);
	fixture_do(state, "cd r; git worktree add -q ../w -b topic");
	until_phase(&scene, "/w", "ready");
	forget(&scene);
	fixture_do(state, "echo 1 >w/new");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "new");
	first = strdup(wake_json_string(edited->data, "worktree_id"));
	fixture_do(state, "cd w; git add new; git commit -q -m new");
	(void)told(&scene, WAKE_EVENT_MOVED, "worktree_id", first);
	fixture_do(state, "git -C r worktree remove --force ../w");
	until_phase(&scene, "/w", "none");
	fixture_do(state, "git -C r worktree add -q ../w topic"); /* the same name, but another one */
	until_phase(&scene, "/w", "ready");
	forget(&scene);
	fixture_do(state, "echo 1 >w/newer");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "newer");
	assert_string_not_equal(first, wake_json_string(edited->data, "worktree_id"));
	close_scene(&scene);
}

/* `git update-ref` or a push moves the branch that another worktree is on: its HEAD has moved, and its edits are
 * others now. */
static void sees_a_branch_move_below_a_worktree(void **state)
{
	const struct wake_event *moved;
	wake_auto_free char *root = NULL;
	struct scene scene;

	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m one");
	open_scene(&scene, state);
	register_repo(&scene, state, "r");
	fixture_do(state, "cd r; git worktree add -q ../w -b topic; git commit -q --allow-empty -m two");
	begin(&scene);
	until_phase(&scene, "/w", "ready");
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "cd r; git update-ref refs/heads/topic main");
	root = scratch_path(state, "w");
	(void)told(&scene, WAKE_EVENT_EDITED, "root", root);
	moved = told(&scene, WAKE_EVENT_MOVED, "root", root);
	assert_true(wake_json_true(moved->data, "implied"));
	close_scene(&scene);
}

static void confirms_a_push(void **state)
{
	struct scene scene;

	fixture_do(state, "git init -q --bare remote.git");
	open_repo(&scene, state);
	fixture_do(state, "cd r; git remote add origin ../remote.git; git push -q origin main");
	(void)told(&scene, WAKE_EVENT_REF_MOVED, "ref", "refs/remotes/origin/main");
	forget(&scene);
	fixture_do(state, "cd r; git commit -q --allow-empty -m two; git push -q origin main main:feature/x");
	(void)told(&scene, WAKE_EVENT_REF_MOVED, "ref", "refs/remotes/origin/feature/x");
	close_scene(&scene);
}

static void follows_the_registrations(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	fixture_do(state, "git init -q s; cd s; git commit -q --allow-empty -m one");
	register_repo(&scene, state, "s");
	until_phase(&scene, "/s", "ready");
	unregister_repo(&scene, state, "r");
	until_phase(&scene, "/r", "none");
	forget(&scene);
	fixture_do(state, "echo 2 >r/a; echo 2 >s/b");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "b");
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 1);
	register_repo(&scene, state, "r");
	until_phase(&scene, "/r", "ready");
	fixture_do(state, "echo 3 >r/c");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "c");
	close_scene(&scene);
}

/* All that was registered goes, by hand, and is there again: another repository at the same path. */
static void follows_a_clone_at_the_same_path(void **state)
{
	wake_auto_free char *first = NULL;
	const struct wake_event *edited;
	struct scene scene;

	open_repo(&scene, state);
	edited = told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	first = strdup(wake_json_string(edited->data, "repository_id"));
	fixture_do(state, "rm -rf r");
	until_phase(&scene, "/r/.git", "gone");
	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m other");
	register_repo(&scene, state, "r");
	until_phase(&scene, "/r", "ready");
	forget(&scene);
	fixture_do(state, "cd r; git commit -q --allow-empty -m another");
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "commit");
	assert_string_not_equal(
	    first, wake_json_string(told(&scene, WAKE_EVENT_MOVED, NULL, NULL)->data, "repository_id"));
	close_scene(&scene);
}

static void waits_for_a_repository_that_is_away(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	fixture_do(state, "mv r away");
	until_phase(&scene, "/r/.git", "gone");
	fixture_do(state, "mv away r");
	until_phase(&scene, "/r", "ready");
	forget(&scene);
	fixture_do(state, "cd r; echo 5 >a; git commit -q -a -m five");
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "commit");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "a");
	close_scene(&scene);
}

static void waits_for_a_root_that_is_away(void **state)
{
	wake_auto_free char *root = scratch_path(state, "deep/w");
	const struct wake_event *edited;
	struct scene scene;

	open_repo(&scene, state);
	fixture_do(state, "cd r; git worktree add -q ../deep/w -b topic");
	until_phase(&scene, "/deep/w", "ready");
	forget(&scene);
	fixture_do(state, "mv deep away; echo 1 >away/w/lost"); /* a move above it is seen when something happens */
	until_phase(&scene, "/deep/w", "gone");
	edited = told(&scene, WAKE_EVENT_EDITED, "root", root); /* its edits may be lost */
	assert_true(wake_json_true(edited->data, "whole"));
	fixture_do(state, "mv away deep");
	until_phase(&scene, "/deep/w", "ready");
	forget(&scene);
	fixture_do(state, "echo 1 >deep/w/back");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "back");
	close_scene(&scene);
}

static void another_repository_in_its_place_is_left_alone(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	fixture_do(state, "cd r; git worktree add -q ../w -b topic");
	until_phase(&scene, "/w", "ready");
	forget(&scene);
	fixture_do(state, "mv w away; git init -q w; mkdir w/in; echo 1 >w/in/file");
	until_phase(&scene, "/w", "gone");
	assert_true(turn_until(scene.loop, is_at_rest, &scene));
	fixture_do(state, "git --git-dir=r/.git update-ref refs/heads/topic $(git -C r commit-tree -m x HEAD^{tree})");
	(void)told(&scene, WAKE_EVENT_REF_MOVED, "ref", "refs/heads/topic");
	assert_true(turn_until(scene.loop, is_at_rest, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 0); /* nothing of the other one's is told */
	fixture_do(state, "rm -rf w; mv away w; git -C w commit -q --allow-empty -m back");
	until_phase(&scene, "/w", "ready");
	close_scene(&scene);
}

static void a_worktree_within_another_is_its_own(void **state)
{
	const struct wake_event *edited;
	struct scene scene;

	open_repo(&scene, state);
	fixture_do(state, "cd r; git worktree add -q .agents/w -b topic");
	until_phase(&scene, "/.agents/w", "ready");
	forget(&scene);
	fixture_do(state, "echo 1 >r/.agents/w/inner");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "inner");
	assert_non_null(strstr(wake_json_string(edited->data, "root"), "/r/.agents/w"));
	close_scene(&scene);
}

static void observes_a_bare_repository(void **state)
{
	struct scene scene;

	fixture_do(state, "git init -q r; cd r; git commit -q --allow-empty -m one; git init -q --bare ../b.git");
	open_scene(&scene, state);
	register_repo(&scene, state, "b.git");
	begin(&scene);
	assert_true(has_phase(&scene, "/b.git", "ready"));
	fixture_do(state, "cd r; git push -q ../b.git main");
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "push");
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 0);
	close_scene(&scene);
}

static void a_flush_tells_what_has_not_come_to_rest(void **state)
{
	struct wake_error err = { 0 };
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "cd r; echo 2 >a");
	assert_true(turn_until(scene.loop, is_pending, &scene));
	assert_int_equal(wake_watch_flush(scene.watch, &err), WAKE_OK);
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 1);
	assert_false(is_pending(&scene));
	close_scene(&scene);
}

/* A spool that cannot be written keeps nothing from being told later. */
static void tells_later_what_cannot_be_told(void **state)
{
	struct wake_error err = { 0 };
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "mv state/runwake/spool state/aside; : >state/runwake/spool; cd r; echo 2 >a; "
			  "git commit -q -a -m two");
	assert_true(turn_until(scene.loop, is_pending, &scene));
	assert_true(wake_watch_flush(scene.watch, &err) < 0);
	{
		wake_auto_json json_t *document = status(&scene);

		assert_non_null(wake_json_string(document, "last_error"));
		assert_non_null(wake_json_string(document, "last_error_at"));
		assert_string_not_equal(wake_json_string(worktree_in(document, "/r"), "problem"), "");
	}
	fixture_do(state, "rm state/runwake/spool; mv state/aside state/runwake/spool");
	(void)told(&scene, WAKE_EVENT_MOVED, "kind", "commit");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "a");
	close_scene(&scene);
}

/* What git ignores is asked of git again when anything that it depends on changes. */
static void follows_what_git_ignores(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "cd r; echo /out/ >>.git/info/exclude; mkdir out");
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	until_phase(&scene, "/r", "ready");
	forget(&scene);
	fixture_do(state, "cd r; echo 1 >out/ignored; echo 1 >seen");
	(void)told(&scene, WAKE_EVENT_EDITED, "paths", "seen");
	assert_false(has_path(scene.events.items[0].data, "out/ignored"));
	forget(&scene);
	fixture_do(state, "mkdir -p git; echo seen >git/ignore"); /* XDG_CONFIG_HOME/git/ignore */
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	close_scene(&scene);
}

/* What is told is written into the state directory; in a worktree that holds it that must not go on for ever. */
static void its_own_state_is_no_edit(void **state)
{
	const struct wake_event *edited;
	struct scene scene;

	fixture_do(state, "git init -q; echo /.gitconfig >.gitignore; git add .gitignore; git commit -q -m one; mkdir state");
	open_scene(&scene, state);
	register_repo(&scene, state, ".");
	begin(&scene);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	fixture_do(state, "echo 1 >state/runwake/own; echo 2 >edited");
	edited = told(&scene, WAKE_EVENT_EDITED, "paths", "edited");
	assert_int_equal(json_array_size(json_object_get(edited->data, "paths")), 1);
	assert_true(turn_until(scene.loop, is_at_rest, &scene));
	assert_int_equal(count(&scene, WAKE_EVENT_EDITED), 1);
	close_scene(&scene);
}

static void reloads(void **state)
{
	struct scene scene;

	open_repo(&scene, state);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	forget(&scene);
	wake_watch_reload(scene.watch);
	(void)told(&scene, WAKE_EVENT_EDITED, "reason", "scan");
	assert_true(has_phase(&scene, "/r", "ready"));
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(nothing_registered_is_ready),
		fixture_test(begins_with_a_scan),
		fixture_test(tells_an_edit),
		fixture_test(waits_for_git_to_write_the_worktree),
		fixture_test(waits_for_no_lock_that_was_left_behind),
		fixture_test(names_the_run_of_the_marker),
		fixture_test(tells_movements_and_the_index),
		fixture_test(compares_a_head_that_moved_without_a_line),
		fixture_test(sees_worktrees_come_and_go),
		fixture_test(sees_a_branch_move_below_a_worktree),
		fixture_test(confirms_a_push),
		fixture_test(follows_the_registrations),
		fixture_test(follows_a_clone_at_the_same_path),
		fixture_test(waits_for_a_repository_that_is_away),
		fixture_test(waits_for_a_root_that_is_away),
		fixture_test(another_repository_in_its_place_is_left_alone),
		fixture_test(a_worktree_within_another_is_its_own),
		fixture_test(observes_a_bare_repository),
		fixture_test(a_flush_tells_what_has_not_come_to_rest),
		fixture_test(tells_later_what_cannot_be_told),
		fixture_test(follows_what_git_ignores),
		fixture_test(its_own_state_is_no_edit),
		fixture_test(reloads),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
