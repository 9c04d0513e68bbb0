/* SPDX-License-Identifier: MIT */
/* watcher/returns: a directory that comes is noticed, however many above it are missing. */
#include "watcher/returns.h"

#include "base/fs.h"
#include "turning.h"

struct scene {
	struct wake_loop *loop;
	struct wake_inotify *inotify;
	struct wake_returns *returns;
	struct wake_return one, other;
	char *path, *other_path;
	int there, other_there;
};

static void come(void *context)
{
	++*(int *)context;
}

static void open_scene(struct scene *scene, void **state, const char *name, const char *other)
{
	struct wake_error err;

	*scene = (struct scene){ .path = scratch_path(state, name), .other_path = scratch_path(state, other) };
	scene->one = (struct wake_return){ .path = scene->path, .there = come, .context = &scene->there };
	scene->other =
	    (struct wake_return){ .path = scene->other_path, .there = come, .context = &scene->other_there };
	assert_int_equal(wake_loop_new(&scene->loop, &err), WAKE_OK);
	assert_int_equal(wake_inotify_new(scene->loop, &scene->inotify, &err), WAKE_OK);
	assert_int_equal(wake_returns_new(scene->loop, scene->inotify, &scene->returns, &err), WAKE_OK);
}

static void close_scene(struct scene *scene)
{
	wake_returns_forget(scene->returns, &scene->one);
	wake_returns_forget(scene->returns, &scene->other);
	wake_returns_free(scene->returns);
	assert_int_equal(wake_inotify_count(scene->inotify), 0); /* nothing is watched for nobody */
	wake_inotify_free(scene->inotify);
	wake_loop_free(scene->loop);
	free(scene->path);
	free(scene->other_path);
}

static bool is_watching(void *context)
{
	return wake_inotify_count(((struct scene *)context)->inotify) > 0;
}

static bool is_there(void *context)
{
	return ((struct scene *)context)->there > 0;
}

static bool both_are_there(void *context)
{
	return ((struct scene *)context)->there > 0 && ((struct scene *)context)->other_there > 0;
}

static void make(const char *path)
{
	struct wake_error err;

	assert_int_equal(wake_fs_make_dirs(path, &err), WAKE_OK);
}

static void notices_a_deep_one(void **state)
{
	struct scene scene;

	open_scene(&scene, state, "a/b/c/d", "never");
	wake_returns_wait(scene.returns, &scene.one);
	assert_true(turn_until(scene.loop, is_watching, &scene));
	make(scene.path);
	assert_true(turn_until(scene.loop, is_there, &scene));
	assert_int_equal(scene.there, 1);
	assert_false(scene.one.waiting);
	close_scene(&scene);
}

static void notices_one_that_is_moved_in(void **state)
{
	wake_auto_free char *from = scratch_path(state, "elsewhere");
	struct scene scene;

	open_scene(&scene, state, "a/b", "never");
	make(from);
	wake_returns_wait(scene.returns, &scene.one);
	assert_true(turn_until(scene.loop, is_watching, &scene));
	*strrchr(scene.path, '/') = '\0';
	make(scene.path);
	scene.path[strlen(scene.path)] = '/';
	assert_int_equal(rename(from, scene.path), 0);
	assert_true(turn_until(scene.loop, is_there, &scene));
	close_scene(&scene);
}

static void one_that_is_there_comes_at_once(void **state)
{
	struct scene scene;

	open_scene(&scene, state, "a", "never");
	make(scene.path);
	wake_returns_wait(scene.returns, &scene.one);
	assert_int_equal(scene.there, 0); /* but never from within */
	assert_true(turn_until(scene.loop, is_there, &scene));
	close_scene(&scene);
}

static void two_may_lie_below_the_same_one(void **state)
{
	struct scene scene;

	open_scene(&scene, state, "a/b", "a/c");
	wake_returns_wait(scene.returns, &scene.one);
	wake_returns_wait(scene.returns, &scene.other);
	assert_true(turn_until(scene.loop, is_watching, &scene));
	assert_int_equal(wake_inotify_count(scene.inotify), 1);
	make(scene.path);
	assert_true(turn_until(scene.loop, is_there, &scene));
	assert_int_equal(scene.other_there, 0);
	make(scene.other_path);
	assert_true(turn_until(scene.loop, both_are_there, &scene));
	close_scene(&scene);
}

/* The directory above goes, too, and another one comes in its place. */
static void follows_what_lies_above(void **state)
{
	wake_auto_free char *above = scratch_path(state, "a");
	wake_auto_free char *away = scratch_path(state, "away");
	struct scene scene;

	open_scene(&scene, state, "a/b", "never");
	make(above);
	wake_returns_wait(scene.returns, &scene.one);
	assert_true(turn_until(scene.loop, is_watching, &scene));
	assert_int_equal(rename(above, away), 0);
	make(scene.path);
	assert_true(turn_until(scene.loop, is_there, &scene));
	close_scene(&scene);
}

/* A watch that cannot be had is made up for by looking. */
static void looks_where_it_cannot_watch(void **state)
{
	struct scene scene;
	struct wake_error err;
	int wd;

	open_scene(&scene, state, "a", "never");
	assert_int_equal(
	    wake_inotify_add(scene.inotify, *state, IN_ATTRIB, NULL, NULL, 0, &wd, &err), WAKE_OK);
	wake_returns_wait(scene.returns, &scene.one);
	assert_true(turn_until(scene.loop, is_watching, &scene));
	make(scene.path);
	assert_true(turn_until(scene.loop, is_there, &scene));
	wake_inotify_remove(scene.inotify, wd);
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(notices_a_deep_one),
		scratch_test(notices_one_that_is_moved_in),
		scratch_test(one_that_is_there_comes_at_once),
		scratch_test(two_may_lie_below_the_same_one),
		scratch_test(follows_what_lies_above),
		scratch_test(looks_where_it_cannot_watch),
	};

	return cmocka_run_group_tests_name("returns", tests, NULL, NULL);
}
