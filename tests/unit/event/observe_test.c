/* SPDX-License-Identifier: MIT */
/* event/observe: every line is told once, by whoever comes, however the log changes between two looks. */
#include "event/observe.h"

#include <fcntl.h>

#include "event/cursor.h"
#include "event/spool.h"
#include "fake_repo.h"

#define LINE(from, to, second, message) from " " to " " WHO " " second " +0200\t" message "\n"
#define LINE_1 LINE(HASH_0, HASH_A, "1700000000", "commit (initial): one")
#define LINE_2 LINE(HASH_A, HASH_B, "1700000001", "commit: two")
#define LINE_3 LINE(HASH_B, HASH_C, "1700000002", "commit: three")
#define LINE_4 LINE(HASH_C, HASH_D, "1700000002", "checkout: moving from main to topic")
#define LOG ".git/logs/HEAD"

/* A repository, its state directory, and what was ever spooled. */
struct scene {
	void **state;
	char *root;
	struct wake_paths paths;
	struct wake_worktree worktree;
	struct wake_identity identity;
	struct wake_events events;	/* everything drained, in order, each id once */
	size_t repeated;		/* events that came with an id that was there */
	struct wake_observed last;
};

static int take(void *context, struct wake_events *batch, struct wake_error *err)
{
	struct scene *scene = context;

	for (size_t i = 0; i < batch->count; i++) {
		bool known = false;

		for (size_t j = 0; j < scene->events.count; j++)
			known = known || strcmp(scene->events.items[j].id, batch->items[i].id) == 0;
		if (known) {
			scene->repeated++;
		} else {
			int ret = wake_events_add(&scene->events, &batch->items[i], err);

			if (ret < 0)
				return ret;
		}
	}
	return WAKE_OK;
}

static void drain(struct scene *scene)
{
	struct wake_error err = { 0 };

	if (wake_spool_drain(scene->paths.spool, take, scene, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static void reidentify(struct scene *scene)
{
	struct wake_error err = { 0 };

	wake_worktree_release(&scene->worktree);
	if (wake_worktree_find(scene->root, &scene->worktree, &err) < 0 ||
	    wake_registry_identify(&scene->paths, &scene->worktree, &scene->identity, &err) < 0)
		fail_msg("%s", err.text);
}

/* Registered while its log holds text. */
static struct scene open_scene(void **state, const char *text)
{
	struct scene scene = { .state = state, .root = repo_make(state) };
	struct wake_error err = { 0 };

	scene.paths.state = scratch_path(state, "state");
	scene.paths.spool = scratch_path(state, "state/spool");
	repo_write(scene.root, LOG, text);
	if (wake_worktree_find(scene.root, &scene.worktree, &err) < 0 ||
	    wake_registry_add(&scene.paths, &scene.worktree, &err) < 0)
		fail_msg("%s", err.text);
	reidentify(&scene);
	return scene;
}

static void scene_release(struct scene *scene)
{
	free(scene->root);
	wake_paths_release(&scene->paths);
	wake_worktree_release(&scene->worktree);
	wake_events_release(&scene->events);
}
#define auto_scene WAKE_CLEANUP(scene_release) struct scene

/* Observes, and takes what it told; returns the number of movements. */
static size_t observe_as(struct scene *scene, const struct wake_witness *witness)
{
	struct wake_error err = { 0 };

	if (wake_observe(&scene->paths, &scene->worktree, &scene->identity, witness, &scene->last, &err) < 0)
		fail_msg("%s", err.text);
	drain(scene);
	return scene->last.movements;
}

static size_t observe(struct scene *scene)
{
	return observe_as(scene, &(struct wake_witness){ 0 });
}

static size_t hook(struct scene *scene, const char *run_id, const char *new_hash)
{
	return observe_as(scene, &(struct wake_witness){ .env_run_id = run_id, .triggered = true, .triggered_new = new_hash });
}

static size_t settled(struct scene *scene)
{
	return observe_as(scene, &(struct wake_witness){ .settled = true });
}

static size_t count_events(const struct scene *scene, enum wake_event_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < scene->events.count; i++)
		count += scene->events.items[i].type == type;
	return count;
}

/* The nth event of a type, from 0. */
static const struct wake_event *event_at(const struct scene *scene, enum wake_event_type type, size_t n)
{
	for (size_t i = 0; i < scene->events.count; i++) {
		if (scene->events.items[i].type == type && n-- == 0)
			return &scene->events.items[i];
	}
	fail_msg("no such event");
	return NULL;
}

static const char *text_of(const struct wake_event *event, const char *key)
{
	const char *text = wake_json_string(event->data, key);

	return text ? text : "(none)";
}

static const struct wake_event *only_implied(const struct scene *scene)
{
	const struct wake_event *found = NULL;

	for (size_t i = 0; i < scene->events.count; i++) {
		if (!wake_json_true(scene->events.items[i].data, "implied"))
			continue;
		assert_null(found);
		found = &scene->events.items[i];
	}
	return found;
}

/* ---- movements ------------------------------------------------------------------------------------ */

static void tells_each_new_line_once(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	const struct wake_event *event;

	repo_write(scene.root, ".git/refs/heads/main", HASH_B "\n");
	assert_int_equal(observe(&scene), 0); /* what was there before is not ours */
	assert_true(wake_id_is_uuid(scene.last.last_id));
	repo_append(scene.root, LOG, LINE_2 LINE_3);
	assert_int_equal(observe(&scene), 2);
	assert_int_equal(observe(&scene), 0);
	repo_append(scene.root, LOG, LINE_4);
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 3);
	assert_int_equal(scene.repeated, 0);
	event = event_at(&scene, WAKE_EVENT_MOVED, 0);
	assert_string_equal(text_of(event, "repository_id"), scene.identity.repository_id);
	assert_string_equal(text_of(event, "worktree_id"), scene.identity.worktree_id);
	assert_string_equal(text_of(event, "root"), scene.worktree.root);
	assert_string_equal(text_of(event, "git_dir"), scene.worktree.git_dir);
	assert_string_equal(text_of(event, "old"), HASH_A);
	assert_string_equal(text_of(event, "new"), HASH_B);
	assert_string_equal(text_of(event, "name"), "Ann Example");
	assert_string_equal(text_of(event, "email"), "ann@example.org");
	assert_true(wake_json_int(event->data, "time", 0) == 1700000001);
	assert_string_equal(text_of(event, "zone"), "+0200");
	assert_string_equal(text_of(event, "kind"), "commit");
	assert_true(wake_json_int(event->data, "position", -1) == (int64_t)strlen(LINE_1));
	assert_string_equal(text_of(event, "head"), "(none)"); /* HEAD's branch is only the last line's */
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 1), "head"), "main");
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 2), "to"), "topic");
	assert_string_equal(event_at(&scene, WAKE_EVENT_MOVED, 2)->id, scene.last.last_id);
}

/* The message itself is stored nowhere: `git pull URL` writes the URL's token there. */
static void keeps_no_message(void **state)
{
	auto_scene scene = open_scene(state, "");
	wake_auto_str struct wake_str text = WAKE_STR(65536);
	struct wake_error err;

	repo_append(scene.root, LOG, LINE(HASH_A, HASH_B, "1700000001", "pull -q https://u:s3cret@h/x.git: Fast-forward"));
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(wake_event_format(&scene.events.items[0], &text, &err), WAKE_OK);
	assert_null(strstr(wake_str_text(&text), "s3cret"));
	assert_string_equal(text_of(&scene.events.items[0], "kind"), "pull-ff");
}

static void says_when_it_looked_last(void **state)
{
	auto_scene scene = open_scene(state, "");
	int64_t since = 0, first_look = wake_clock_now();
	struct wake_error err;

	repo_append(scene.root, LOG, LINE_1);
	assert_int_equal(observe(&scene), 1);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 0), "since"), "(none)");
	assert_int_equal(observe(&scene), 0); /* a look that found nothing is a look */
	repo_append(scene.root, LOG, LINE_2);
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(wake_time_parse(text_of(event_at(&scene, WAKE_EVENT_MOVED, 1), "since"), &since, &err), WAKE_OK);
	assert_true(since > event_at(&scene, WAKE_EVENT_MOVED, 0)->at);
	assert_true(since >= first_look && since <= event_at(&scene, WAKE_EVENT_MOVED, 1)->at);
}

static void half_a_line_waits(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	static const char line[] = LINE_2;

	assert_int_equal(observe(&scene), 0);
	for (size_t i = 0; i + 2 < sizeof(line); i++) { /* all but the newline, byte by byte */
		char byte[2] = { line[i], '\0' };

		repo_append(scene.root, LOG, byte);
		if (i % 16 == 0)
			assert_int_equal(observe(&scene), 0);
	}
	assert_int_equal(observe(&scene), 0);
	repo_append(scene.root, LOG, "\n");
	assert_int_equal(observe(&scene), 1);
}

static void identical_lines_are_as_many(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	static const char stash[] = LINE(HASH_A, HASH_A, "1700000001", "reset: moving to HEAD");

	for (int i = 0; i < 3; i++) {
		repo_append(scene.root, LOG, stash);
		assert_int_equal(observe(&scene), 1);
	}
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 3);
}

static void takes_any_bytes(void **state)
{
	auto_scene scene = open_scene(state, "");
	wake_auto_str struct wake_str line = WAKE_STR(1024 * 1024);

	wake_str_append(&line, HASH_0 " " HASH_A " \xff\xfe\x01 <");
	for (int i = 0; i < 5000; i++)
		wake_str_append_char(&line, '\xc3');
	wake_str_append(&line, "> 1700000000 +0000\tcommit: \xf0\x28\x8c\x28 \x1b[31m\x07\r\n");
	repo_append(scene.root, LOG, wake_str_text(&line));
	assert_int_equal(observe(&scene), 1);
	assert_true(strlen(text_of(&scene.events.items[0], "email")) <= WAKE_EVENT_NAME_MAX);
	assert_string_equal(text_of(&scene.events.items[0], "kind"), "commit");
}

/* ---- the log is not what it was -------------------------------------------------------------------- */

static void gc_makes_nothing_new(void **state)
{
	auto_scene scene = open_scene(state, LINE_1 LINE_2);

	repo_append(scene.root, LOG, LINE_3);
	assert_int_equal(observe(&scene), 1);
	repo_replace(scene.root, LOG, LINE_3); /* expired: another file, the baseline gone from it */
	assert_int_equal(observe(&scene), 0);
	repo_append(scene.root, LOG, LINE_4);
	assert_int_equal(observe(&scene), 1);
	repo_replace(scene.root, LOG, LINE_4); /* also the last one that was observed may have gone before the next came */
	repo_append(scene.root, LOG, LINE(HASH_D, HASH_A, "1700000003", "reset: moving to x"));
	assert_int_equal(observe(&scene), 1);
	repo_replace(scene.root, LOG, LINE(HASH_A, HASH_B, "1700000004", "commit: five"));
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 4);
	assert_int_equal(scene.repeated, 0);
}

/* gc writes a TAB where there was none; `reflog delete --rewrite` another old. */
static void what_is_rewritten_stays_itself(void **state)
{
	auto_scene scene = open_scene(state, "");

	repo_append(scene.root, LOG, LINE_1 LINE_2 HASH_B " " HASH_C " " WHO " 1700000005 +0200\n");
	assert_int_equal(observe(&scene), 3);
	repo_replace(scene.root, LOG, LINE_1 LINE(HASH_A, HASH_C, "1700000005", ""));
	assert_int_equal(observe(&scene), 0);
	assert_int_equal(scene.repeated, 0);
	wake_cursor_remove(&scene.paths, scene.identity.worktree_id);
	assert_int_equal(observe(&scene), 2); /* read again from the baseline, they are the same */
	assert_int_equal(scene.repeated, 2);
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 3);
}

static void a_lost_cursor_costs_nothing(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	wake_auto_free char *cursor = NULL;
	struct wake_error err;

	repo_append(scene.root, LOG, LINE_2 LINE_3);
	assert_int_equal(observe(&scene), 2);
	assert_int_equal(wake_cursor_path(&scene.paths, scene.identity.worktree_id, &cursor, &err), WAKE_OK);
	scratch_write(cursor, "damaged");
	assert_int_equal(observe(&scene), 2);
	assert_int_equal(scene.repeated, 2);
	assert_int_equal(observe(&scene), 0);
}

/* After a reboot the spool may lack what the cursor has passed. */
static void a_cursor_of_another_boot_counts_for_nothing(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	struct wake_cursor cursor, before;
	struct wake_error err;

	repo_append(scene.root, LOG, LINE_2 LINE_3);
	assert_int_equal(observe(&scene), 2);
	assert_int_equal(wake_cursor_load(&scene.paths, scene.identity.worktree_id, &cursor, &err), WAKE_OK);
	before = cursor;
	cursor.boot_id[0] = cursor.boot_id[0] == 'a' ? 'b' : 'a';
	assert_int_equal(wake_cursor_save(&scene.paths, scene.identity.worktree_id, &cursor, &before, &err), WAKE_OK);
	repo_append(scene.root, LOG, LINE_4);
	assert_int_equal(observe(&scene), 3);
	assert_int_equal(scene.repeated, 2);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 2), "since"), "(none)");
}

static void a_missing_log_is_no_error(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	wake_auto_free char *log = scratch_path(state, "r/" LOG);

	assert_int_equal(unlink(log), 0);
	assert_int_equal(settled(&scene), 0);
	assert_string_equal(scene.last.last_id, "");
	repo_write(scene.root, LOG, LINE_2);
	assert_int_equal(observe(&scene), 1);
}

static void truncated_and_filled_again_is_new(void **state)
{
	auto_scene scene = open_scene(state, "");

	repo_append(scene.root, LOG, LINE_1 LINE_2);
	assert_int_equal(observe(&scene), 2);
	repo_write(scene.root, LOG, LINE_3 LINE_4 LINE(HASH_D, HASH_A, "1700000009", "reset: moving to x"));
	assert_int_equal(observe(&scene), 3);
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 5);
}

/* The number of an inode comes back, and the other file has a line where the cursor's was: only its id
 * tells. */
static void another_file_with_the_same_inode_is_told(void **state)
{
	auto_scene scene = open_scene(state, "");

	repo_append(scene.root, LOG, LINE_1 LINE_2);
	assert_int_equal(observe(&scene), 2);
	repo_write(scene.root, LOG, LINE_1 LINE(HASH_A, HASH_C, "1700000001", "commit: six") LINE_4);
	assert_int_equal(observe(&scene), 3);
	assert_int_equal(scene.repeated, 1);
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 4);
	assert_null(only_implied(&scene));
}

/* What observe finds step by step and what verify reads at once must be the same movements: in the same
 * small world of twins and clocks that go back. */
static void verify_sees_the_same(void **state)
{
	auto_scene scene = open_scene(state, LINE_1 LINE_2);
	static const char *const hashes[] = { HASH_A, HASH_B, HASH_C };
	wake_auto_events struct wake_events all = { 0 };
	const char *previous = HASH_B;
	unsigned seed = 7;
	struct wake_error err;

	for (int i = 0; i < 200; i++) {
		wake_auto_free char *line = NULL;
		const char *next = hashes[rand_r(&seed) % 3];

		assert_true(asprintf(&line, "%s %s " WHO " %d +0000\treset: moving to x\n", previous, next,
				1700000000 + i / 9 - (rand_r(&seed) % 10 == 0 ? 3 : 0)) > 0);
		previous = next;
		repo_append(scene.root, LOG, line);
		if (rand_r(&seed) % 2)
			(void)(rand_r(&seed) % 2 ? observe(&scene) : hook(&scene, NULL, NULL));
	}
	(void)observe(&scene);
	assert_int_equal(wake_observe_all(&scene.worktree, &scene.identity, &all, &err), WAKE_OK);
	assert_int_equal(all.count, 200);
	assert_int_equal(count_events(&scene, WAKE_EVENT_MOVED), 200);
	for (size_t i = 0; i < all.count; i++)
		assert_string_equal(all.items[i].id, event_at(&scene, WAKE_EVENT_MOVED, i)->id);
	assert_int_equal(scene.repeated, 0);
}

/* git waits for a hook: after a reboot it does not tell all of the past. */
static void a_hook_leaves_a_long_past_to_others(void **state)
{
	auto_scene scene = open_scene(state, "");
	wake_auto_str struct wake_str text = WAKE_STR(1024 * 1024);

	for (int i = 0; i < WAKE_OBSERVE_TRIGGERED_MAX; i++)
		wake_str_appendf(&text, HASH_A " " HASH_A " " WHO " %d +0000\treset: moving to HEAD\n", 1700000000 + i);
	repo_append(scene.root, LOG, wake_str_text(&text));
	repo_append(scene.root, LOG, LINE(HASH_A, HASH_B, "1800000000", "commit: last"));
	assert_int_equal(hook(&scene, "run-1", HASH_B), 1);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 0), "new"), HASH_B);
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 1);
	assert_int_equal(observe(&scene), WAKE_OBSERVE_TRIGGERED_MAX + 1);
	assert_int_equal(scene.repeated, 1);
	assert_int_equal(hook(&scene, "run-1", HASH_B), 0);
}

/* Removed and added again under its name, after it was identified and before it is read: what the second one did is
 * not told of the first. */
static void another_directory_in_its_place_is_not_it(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	wake_auto_events struct wake_events all = { 0 };
	wake_auto_free char *aside = scratch_path(state, "aside");
	struct wake_error err = { 0 };
	size_t lines = 0;

	assert_int_equal(observe(&scene), 0);
	assert_int_equal(rename(scene.worktree.git_dir, aside), 0);
	repo_write(scene.root, ".git/HEAD", "ref: refs/heads/main\n");
	repo_write(scene.root, LOG, LINE_1 LINE_2);
	repo_write(scene.root, ".git/logs/refs/heads/main", LINE_1 LINE_2);
	assert_int_equal(wake_observe(&scene.paths, &scene.worktree, &scene.identity,
			     &(struct wake_witness){ .settled = true }, &scene.last, &err),
	    WAKE_NOTFOUND);
	assert_int_equal(wake_observe_all(&scene.worktree, &scene.identity, &all, &err), WAKE_NOTFOUND);
	assert_int_equal(
	    wake_observe_refs(&scene.paths, &scene.worktree, &scene.identity, &lines, &err), WAKE_NOTFOUND);
	drain(&scene);
	assert_int_equal(scene.events.count, 0);
}

/* ---- movements without a line ----------------------------------------------------------------------- */

static void a_gap_between_lines_is_a_movement(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	const struct wake_event *implied;

	assert_int_equal(observe(&scene), 0);
	repo_append(scene.root, LOG, LINE_3); /* from B, where A was the last */
	assert_int_equal(observe(&scene), 2);
	implied = only_implied(&scene);
	assert_non_null(implied);
	assert_string_equal(text_of(implied, "old"), HASH_A);
	assert_string_equal(text_of(implied, "new"), HASH_B);
	assert_string_equal(text_of(implied, "kind"), "implied");
	assert_true(wake_json_int(implied->data, "time", 0) == 1700000000);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 0), "kind"), "implied"); /* it comes first */
}

static void gaps_that_mean_nothing_are_passed_over(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);

	repo_append(scene.root, LOG, LINE_3);
	assert_int_equal(observe(&scene), 1); /* never looked before: it may be expiry's */
	repo_replace(scene.root, LOG, LINE_1 LINE_3);
	repo_append(scene.root, LOG, LINE(HASH_A, HASH_B, "1700000003", "reset: moving to x"));
	assert_int_equal(observe(&scene), 1); /* another file: so may this */
	repo_append(scene.root, LOG, LINE(HASH_B, HASH_0, "1700000004", "Branch: renamed refs/heads/a to refs/heads/b")
	    LINE(HASH_0, HASH_B, "1700000004", "Branch: renamed refs/heads/a to refs/heads/b"));
	assert_int_equal(observe(&scene), 2);
	repo_append(scene.root, LOG, LINE(HASH_0, HASH_C, "1700000005", "commit (initial): orphan"));
	assert_int_equal(observe(&scene), 1);
	assert_null(only_implied(&scene));
}

static void grow_old(struct scene *scene)
{
	wake_auto_free char *log = scratch_path(scene->state, "r/" LOG);
	const struct timespec times[2] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };

	assert_int_equal(utimensat(AT_FDCWD, log, times, 0), 0);
}

static void head_that_settled_elsewhere_is_a_movement(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	char id[WAKE_ID_SIZE];

	repo_append(scene.root, LOG, LINE_2);
	repo_write(scene.root, ".git/refs/heads/main", HASH_C "\n");
	grow_old(&scene);
	assert_int_equal(observe(&scene), 1); /* not asked to look */
	assert_int_equal(settled(&scene), 1);
	assert_non_null(only_implied(&scene));
	assert_string_equal(text_of(only_implied(&scene), "old"), HASH_B);
	assert_string_equal(text_of(only_implied(&scene), "new"), HASH_C);
	memcpy(id, only_implied(&scene)->id, sizeof(id));
	assert_int_equal(settled(&scene), 0); /* told once */
	assert_int_equal(scene.repeated, 0);
	repo_append(scene.root, LOG, LINE_4); /* found again between two lines, it is the same */
	assert_int_equal(observe(&scene), 2);
	assert_int_equal(scene.repeated, 1);
	assert_string_equal(only_implied(&scene)->id, id);
}

static void what_is_in_flight_is_not_judged(void **state)
{
	static const char *const locks[] = { ".git/HEAD.lock", ".git/index.lock", ".git/refs/heads/main.lock" };
	auto_scene scene = open_scene(state, LINE_1);

	repo_append(scene.root, LOG, LINE_2);
	repo_write(scene.root, ".git/refs/heads/main", HASH_A "\n"); /* git moves the ref after it has written the line */
	assert_int_equal(settled(&scene), 1); /* the line itself; its file is too young */
	for (size_t i = 0; i < WAKE_COUNT(locks); i++) {
		wake_auto_free char *path = NULL;

		grow_old(&scene);
		repo_write(scene.root, locks[i], "");
		assert_int_equal(settled(&scene), 0);
		assert_true(asprintf(&path, "%s/%s", scene.root, locks[i]) > 0);
		assert_int_equal(unlink(path), 0);
	}
	repo_write(scene.root, ".git/refs/heads/main", HASH_B "\n");
	assert_int_equal(settled(&scene), 0);
	repo_write(scene.root, ".git/HEAD", "ref: refs/heads/unborn\n"); /* checkout --orphan: HEAD is nowhere */
	assert_int_equal(settled(&scene), 0);
	repo_write(scene.root, ".git/HEAD", "ref: refs/heads/.invalid\n"); /* reftables: not ours to judge */
	assert_int_equal(settled(&scene), 0);
	assert_null(only_implied(&scene));
}

/* ---- evidence --------------------------------------------------------------------------------------- */

static const struct wake_event *evidence_for(const struct scene *scene, const char *movement, const char *kind)
{
	for (size_t i = 0; i < scene->events.count; i++) {
		const struct wake_event *event = &scene->events.items[i];

		if (event->type == WAKE_EVENT_EVIDENCE && strcmp(text_of(event, "movement"), movement) == 0 &&
		    strcmp(text_of(event, "kind"), kind) == 0)
			return event;
	}
	return NULL;
}

static void a_hooks_environment_speaks_for_its_own_line(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	const struct wake_event *evidence;

	repo_append(scene.root, LOG, LINE_2 LINE_3); /* the first was somebody's reset, without a hook */
	assert_int_equal(hook(&scene, "run-1", NULL), 2);
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 1);
	evidence = evidence_for(&scene, scene.last.last_id, "env");
	assert_non_null(evidence);
	assert_string_equal(text_of(evidence, "run_id"), "run-1");
	assert_true(wake_json_true(evidence->data, "exact"));
	assert_int_equal(hook(&scene, "run-1", NULL), 0); /* told twice, it is the same event */
	assert_int_equal(scene.repeated, 1);
	assert_int_equal(hook(&scene, "run-1", HASH_A), 0); /* about another movement: says nothing */
	assert_int_equal(scene.repeated, 1);
	assert_int_equal(hook(&scene, "not a run id", HASH_C), 0);
	assert_int_equal(observe_as(&scene, &(struct wake_witness){ .env_run_id = "run-1" }), 0); /* no trigger */
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 1);
}

/* The watcher sees the line milliseconds before the hook does. */
static void a_hook_speaks_also_when_it_comes_second(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);

	repo_append(scene.root, LOG, LINE_2);
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(hook(&scene, "run-1", HASH_B), 0);
	assert_non_null(evidence_for(&scene, scene.last.last_id, "env"));
}

static void the_marker_speaks_for_every_new_line(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	const struct wake_event *first, *last;

	repo_write(scene.root, ".runwake", "{\"version\":1,\"run_id\":\"run-2\",\"workspace_id\":\"w\"}");
	assert_int_equal(hook(&scene, NULL, HASH_A), 0); /* even for one that is not new, if it is the trigger's */
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 1);
	repo_append(scene.root, LOG, LINE_2 LINE_3);
	assert_int_equal(hook(&scene, "run-1", HASH_C), 2);
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 4);
	first = evidence_for(&scene, event_at(&scene, WAKE_EVENT_MOVED, 0)->id, "marker");
	last = evidence_for(&scene, scene.last.last_id, "marker");
	assert_non_null(first);
	assert_non_null(last);
	assert_false(wake_json_true(first->data, "exact")); /* only the trigger's own time is known */
	assert_true(wake_json_true(last->data, "exact"));
	assert_string_equal(text_of(last, "run_id"), "run-2");
	assert_string_equal(text_of(last, "workspace_id"), "w");
	assert_string_equal(text_of(last, "marker_dir"), scene.worktree.root);
	assert_non_null(evidence_for(&scene, scene.last.last_id, "env"));
	repo_append(scene.root, LOG, LINE(HASH_D, HASH_A, "1700000003", "reset: moving to x"));
	assert_int_equal(observe(&scene), 2);
	assert_non_null(only_implied(&scene));
	assert_non_null(evidence_for(&scene, only_implied(&scene)->id, "marker")); /* an implied one counts too */
}

static void a_marker_that_cannot_be_believed_is_named(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);

	repo_append(scene.root, LOG, LINE_2);
	assert_int_equal(observe(&scene), 1);
	assert_string_equal(scene.last.marker_problem, "");
	repo_write(scene.root, ".runwake", "{");
	repo_append(scene.root, LOG, LINE_3);
	assert_int_equal(hook(&scene, NULL, NULL), 1);
	assert_string_not_equal(scene.last.marker_problem, "");
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 0);
}

static void a_rebase_names_its_branch(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);

	repo_write(scene.root, ".git/HEAD", HASH_C "\n");
	repo_write(scene.root, ".git/rebase-merge/head-name", "refs/heads/topic\n");
	repo_append(scene.root, LOG, LINE_2 LINE_3);
	assert_int_equal(observe(&scene), 2);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 0), "head"), "topic");
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 1), "head"), "topic");
}

static void a_bare_repository_is_observed(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);

	repo_write(scene.root, ".runwake", "{\"version\":1,\"run_id\":\"run-2\"}");
	repo_append(scene.root, LOG, LINE_2);
	free(scene.worktree.root);
	scene.worktree.root = NULL;
	assert_int_equal(observe(&scene), 1);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_MOVED, 0), "root"), "(none)");
	assert_int_equal(count_events(&scene, WAKE_EVENT_EVIDENCE), 0);
}

/* ---- branches --------------------------------------------------------------------------------------- */

static size_t observe_refs(struct scene *scene)
{
	struct wake_error err = { 0 };
	size_t lines = 0;

	if (wake_observe_refs(&scene->paths, &scene->worktree, &scene->identity, &lines, &err) < 0)
		fail_msg("%s", err.text);
	drain(scene);
	return lines;
}

#define MAIN ".git/logs/refs/heads/main"
#define ORIGIN ".git/logs/refs/remotes/origin/main"

static void tells_the_lines_of_branches(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	const struct wake_event *event;

	assert_int_equal(observe_refs(&scene), 0);
	repo_append(scene.root, MAIN, LINE_1 LINE_2);
	repo_mkdir(scene.root, ".git/logs/refs/remotes/origin");
	repo_append(scene.root, ORIGIN, LINE(HASH_0, HASH_B, "1700000003", "update by push"));
	assert_int_equal(observe_refs(&scene), 3);
	assert_int_equal(observe_refs(&scene), 0);
	repo_append(scene.root, MAIN, LINE_3);
	assert_int_equal(observe_refs(&scene), 1);
	assert_int_equal(count_events(&scene, WAKE_EVENT_REF_MOVED), 4);
	assert_int_equal(scene.repeated, 0);
	event = event_at(&scene, WAKE_EVENT_REF_MOVED, 2);
	assert_string_equal(text_of(event, "ref"), "refs/remotes/origin/main");
	assert_string_equal(text_of(event, "kind"), "update-by-push");
	assert_string_equal(text_of(event, "repository_id"), scene.identity.repository_id);
	event = event_at(&scene, WAKE_EVENT_REF_MOVED, 3);
	assert_string_equal(text_of(event, "new"), HASH_C);
	assert_true(wake_json_int(event->data, "position", -1) == (int64_t)strlen(LINE_1 LINE_2));
}

static void branches_older_than_the_registration_are_left_alone(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	struct wake_error err;

	repo_write(scene.root, MAIN, LINE_1 LINE_2);
	assert_int_equal(wake_registry_remove(&scene.paths, &scene.worktree, &err), WAKE_OK);
	assert_int_equal(wake_registry_add(&scene.paths, &scene.worktree, &err), WAKE_OK);
	reidentify(&scene);
	assert_int_equal(observe_refs(&scene), 0);
	repo_append(scene.root, MAIN, LINE_3);
	assert_int_equal(observe_refs(&scene), 1);
	repo_replace(scene.root, MAIN, LINE_2 LINE_3); /* gc */
	assert_int_equal(observe_refs(&scene), 0);
	assert_int_equal(
	    wake_observe_refs_again(&scene.paths, scene.identity.repository_id, &err), WAKE_OK);
	assert_int_equal(observe_refs(&scene), 1); /* from the baseline again */
	assert_int_equal(scene.repeated, 1);
}

static void a_damaged_refs_cursor_costs_nothing(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	wake_auto_free char *name = NULL;
	wake_auto_free char *path = NULL;
	wake_auto_free char *good = NULL;
	struct wake_error err;
	size_t len = 0;

	repo_append(scene.root, MAIN, LINE_1 LINE_2);
	repo_append(scene.root, ".git/logs/refs/heads/other", LINE_1);
	assert_int_equal(observe_refs(&scene), 3);
	assert_true(asprintf(&name, "%s.refs", scene.identity.repository_id) > 0);
	assert_int_equal(wake_cursor_path(&scene.paths, name, &path, &err), WAKE_OK);
	assert_int_equal(wake_fs_read(path, 65536, WAKE_FS_PLAIN, &good, &len, &err), WAKE_OK);
	for (size_t cut = 0; cut < len; cut += 7) {
		scratch_write(path, good);
		assert_int_equal(truncate(path, (off_t)cut), 0);
		(void)observe_refs(&scene);
		assert_int_equal(observe_refs(&scene), 0);
	}
	assert_int_equal(count_events(&scene, WAKE_EVENT_REF_MOVED), 3);
}

/* A log that was expired or deleted before anyone looked: what is gone is said once, and only if something is. */
static void says_what_nobody_can_know(void **state)
{
	auto_scene scene = open_scene(state, LINE_1);
	wake_auto_free char *path = scratch_path(state, "r/" LOG);

	repo_append(scene.root, LOG, LINE_2);
	assert_int_equal(observe(&scene), 1);
	/* Another file that goes on from where the last line led: nothing is missing. */
	assert_int_equal(unlink(path), 0);
	repo_write(scene.root, LOG, LINE_3);
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(count_events(&scene, WAKE_EVENT_GAP), 0);
	/* Another file that begins elsewhere: from C to D, a line is missing. */
	assert_int_equal(unlink(path), 0);
	repo_write(scene.root, LOG, LINE(HASH_D, HASH_A, "1700000009", "reset: moving to A"));
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(observe(&scene), 0);
	assert_int_equal(count_events(&scene, WAKE_EVENT_GAP), 1);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_GAP, 0), "reason"), "log-expired");
	assert_non_null(strstr(text_of(event_at(&scene, WAKE_EVENT_GAP, 0), "detail"), HASH_C));
	assert_non_null(strstr(text_of(event_at(&scene, WAKE_EVENT_GAP, 0), "detail"), HASH_D));
	/* An empty log, while HEAD is still where the last line led; and then, where it is not. */
	repo_write(scene.root, ".git/refs/heads/main", HASH_A "\n");
	assert_int_equal(unlink(path), 0);
	repo_write(scene.root, LOG, "");
	assert_int_equal(observe(&scene), 0);
	assert_int_equal(count_events(&scene, WAKE_EVENT_GAP), 1);
	repo_write(scene.root, LOG, LINE_2);
	assert_int_equal(observe(&scene), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(observe(&scene), 0);
	assert_int_equal(count_events(&scene, WAKE_EVENT_GAP), 2);
	assert_string_equal(text_of(event_at(&scene, WAKE_EVENT_GAP, 1), "reason"), "log-deleted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(says_what_nobody_can_know),
		scratch_test(tells_each_new_line_once),
		scratch_test(keeps_no_message),
		scratch_test(says_when_it_looked_last),
		scratch_test(half_a_line_waits),
		scratch_test(identical_lines_are_as_many),
		scratch_test(takes_any_bytes),
		scratch_test(gc_makes_nothing_new),
		scratch_test(what_is_rewritten_stays_itself),
		scratch_test(a_lost_cursor_costs_nothing),
		scratch_test(a_cursor_of_another_boot_counts_for_nothing),
		scratch_test(a_missing_log_is_no_error),
		scratch_test(truncated_and_filled_again_is_new),
		scratch_test(another_file_with_the_same_inode_is_told),
		scratch_test(verify_sees_the_same),
		scratch_test(a_hook_leaves_a_long_past_to_others),
		scratch_test(another_directory_in_its_place_is_not_it),
		scratch_test(a_gap_between_lines_is_a_movement),
		scratch_test(gaps_that_mean_nothing_are_passed_over),
		scratch_test(head_that_settled_elsewhere_is_a_movement),
		scratch_test(what_is_in_flight_is_not_judged),
		scratch_test(a_hooks_environment_speaks_for_its_own_line),
		scratch_test(a_hook_speaks_also_when_it_comes_second),
		scratch_test(the_marker_speaks_for_every_new_line),
		scratch_test(a_marker_that_cannot_be_believed_is_named),
		scratch_test(a_rebase_names_its_branch),
		scratch_test(a_bare_repository_is_observed),
		scratch_test(tells_the_lines_of_branches),
		scratch_test(branches_older_than_the_registration_are_left_alone),
		scratch_test(a_damaged_refs_cursor_costs_nothing),
	};

	return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
