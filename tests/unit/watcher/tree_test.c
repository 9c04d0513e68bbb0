/* SPDX-License-Identifier: MIT */
/* watcher/tree: several trees beside each other, freed at any moment. What is watched and told is proven end
 * to end, by tests/e2e/watcher_tree.sh. */
#include "watcher/tree.h"

#include <unistd.h>

#include "base/process.h"
#include "base/str.h"
#include "turning.h"

#define TREES 3

struct ground;

struct planted {
	struct ground *ground;
	struct wake_tree *tree;
	unsigned wholes, gone;
	char told[8192]; /* "path\n…" */
};

struct ground {
	char *dir; /* first: scratch.h's */
	struct wake_loop *loop;
	struct wake_inotify *inotify;
	struct planted planted[TREES];
	const char *awaited;
};

static struct wake_error err;

static void changed(void *context, const char *path)
{
	struct planted *planted = context;
	size_t len = strlen(planted->told);

	(void)snprintf(planted->told + len, sizeof(planted->told) - len, "%s\n", path);
}

static void changed_wholly(void *context, const char *reason)
{
	struct planted *planted = context;

	assert_non_null(reason);
	planted->wholes++;
}

static void changed_phase(void *context)
{
	assert_non_null(context);
}

static void gone(void *context)
{
	struct planted *planted = context;

	planted->gone++;
	wake_tree_free(planted->tree);
	planted->tree = NULL;
}

static char *path_in(const struct ground *ground, const char *name)
{
	void *dir = ground->dir;

	return scratch_path(&dir, name);
}

static void make_dir(const struct ground *ground, const char *name)
{
	wake_auto_free char *path = path_in(ground, name);

	assert_int_equal(mkdir(path, 0700), 0);
}

static void touch(const struct ground *ground, const char *name)
{
	wake_auto_free char *path = path_in(ground, name);

	scratch_write(path, "x");
}

static void make_repository(const struct ground *ground, const char *name)
{
	wake_auto_free char *path = path_in(ground, name);
	const char *const argv[] = { "git", "init", "-q", path, NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 4096 };
	wake_auto_process struct wake_process_result result = { .exit_code = -1 };

	assert_int_equal(wake_process_run(&spec, &result, &err), WAKE_OK);
	assert_int_equal(result.exit_code, 0);
}

static void remove_tree(const struct ground *ground, const char *name)
{
	wake_auto_free char *path = path_in(ground, name);

	assert_int_equal(nftw(path, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void plant(struct ground *ground, size_t index, const char *name)
{
	const struct wake_tree_owner owner = { changed, changed_wholly, changed_phase, gone,
		&ground->planted[index] };
	wake_auto_free char *root = path_in(ground, name), *git_dir = NULL;

	assert_int_equal(wake_str_format(&git_dir, &err, "%s/.git", root), WAKE_OK);
	ground->planted[index].ground = ground;
	assert_int_equal(wake_tree_new(ground->loop, ground->inotify, root, git_dir, &owner,
	                     &ground->planted[index].tree, &err),
	    WAKE_OK);
}

static bool is_ready(void *context)
{
	const struct planted *planted = context;
	struct wake_tree_status status;

	wake_tree_status(planted->tree, &status);
	return planted->wholes > 0 && status.phase == WAKE_TREE_READY;
}

static bool is_gone(void *context)
{
	return ((const struct planted *)context)->gone > 0;
}

static bool is_told(void *context)
{
	const struct planted *planted = context;

	return strstr(planted->told, planted->ground->awaited) != NULL;
}

static bool tells(struct ground *ground, size_t index, const char *line)
{
	ground->awaited = line;
	return turn_until(ground->loop, is_told, &ground->planted[index]);
}

static int ground_make(void **state)
{
	struct ground *ground = calloc(1, sizeof(*ground));
	void *dir = NULL;

	if (!ground || scratch_make(&dir) < 0 || wake_loop_new(&ground->loop, &err) < 0 ||
	    wake_inotify_new(ground->loop, &ground->inotify, &err) < 0)
		return -1;
	ground->dir = dir;
	*state = ground;
	return 0;
}

static int ground_remove(void **state)
{
	struct ground *ground = *state;
	void *dir = ground->dir;

	for (size_t i = 0; i < TREES; i++)
		wake_tree_free(ground->planted[i].tree);
	wake_inotify_free(ground->inotify);
	wake_loop_free(ground->loop);
	free(ground);
	return scratch_remove(&dir);
}

static void no_root_no_tree(void **state)
{
	struct ground *ground = *state;
	const struct wake_tree_owner owner = { changed, changed_wholly, changed_phase, gone, ground };
	struct wake_tree *tree = NULL;

	touch(ground, "file");
	for (int i = 0; i < 2; i++) {
		wake_auto_free char *root = path_in(ground, i ? "file" : "nowhere");

		assert_int_equal(
		    wake_tree_new(ground->loop, ground->inotify, root, "/nowhere", &owner, &tree, &err),
		    WAKE_NOTFOUND);
		assert_null(tree);
	}
	assert_int_equal(wake_inotify_count(ground->inotify), 0);
}

static void trees_stand_beside_and_within_each_other(void **state)
{
	struct ground *ground = *state;

	make_repository(ground, "outer");
	make_repository(ground, "outer/inner");
	make_repository(ground, "other");
	make_dir(ground, "outer/src");
	for (size_t i = 0; i < TREES; i++)
		plant(ground, i, i == 0 ? "outer" : i == 1 ? "outer/inner" : "other");
	for (size_t i = 0; i < TREES; i++)
		assert_true(turn_until(ground->loop, is_ready, &ground->planted[i]));
	assert_int_equal(wake_inotify_count(ground->inotify), 4);
	touch(ground, "outer/src/a");
	touch(ground, "outer/inner/b");
	touch(ground, "other/c");
	assert_true(tells(ground, 0, "src/a\n"));
	assert_true(tells(ground, 1, "b\n"));
	assert_true(tells(ground, 2, "c\n"));
	assert_null(strstr(ground->planted[0].told, "inner"));
	/* The inner one goes; the outer one is told of it as a whole. */
	remove_tree(ground, "outer/inner");
	assert_true(turn_until(ground->loop, is_gone, &ground->planted[1]));
	assert_true(tells(ground, 0, "inner\n"));
	assert_null(strstr(ground->planted[0].told, "inner/"));
	assert_int_equal(wake_inotify_count(ground->inotify), 3);
}

/* Both trees want the inner root until the outer one sees the repository that begins there. */
static void a_root_that_another_tree_holds_is_waited_for(void **state)
{
	struct ground *ground = *state;

	make_repository(ground, "outer");
	make_dir(ground, "outer/inner");
	plant(ground, 0, "outer");
	assert_true(turn_until(ground->loop, is_ready, &ground->planted[0]));
	assert_int_equal(wake_inotify_count(ground->inotify), 2);
	plant(ground, 1, "outer/inner");
	make_repository(ground, "outer/inner");
	assert_true(turn_until(ground->loop, is_ready, &ground->planted[1]));
	assert_int_equal(wake_inotify_count(ground->inotify), 2);
	touch(ground, "outer/inner/file");
	assert_true(tells(ground, 1, "file\n"));
}

static void a_former_repository_is_opened(void **state)
{
	struct ground *ground = *state;

	make_repository(ground, "outer");
	make_repository(ground, "outer/inner");
	make_dir(ground, "outer/inner/src");
	touch(ground, "outer/inner/src/a");
	plant(ground, 0, "outer");
	assert_true(turn_until(ground->loop, is_ready, &ground->planted[0]));
	remove_tree(ground, "outer/inner/.git");
	wake_tree_recheck(ground->planted[0].tree);
	assert_true(tells(ground, 0, "inner/src/a\n"));
	touch(ground, "outer/inner/src/b");
	assert_true(tells(ground, 0, "inner/src/b\n"));
}

/* A repository around our own state: what is told is written there, and must not be told again. */
static void our_own_state_is_left_out(void **state)
{
	struct ground *ground = *state;
	wake_auto_free char *outside = path_in(ground, ""), *link = path_in(ground, "home/link"),
	                    *real = path_in(ground, "home/local/state");

	make_repository(ground, "home");
	make_dir(ground, "home/local");
	make_dir(ground, "home/local/state");
	make_dir(ground, "home/local/state/spool");
	make_dir(ground, "home/local/stated");
	assert_int_equal(symlink(real, link), 0);
	plant(ground, 0, "home");
	assert_int_equal(wake_tree_exclude(ground->planted[0].tree, outside, &err), WAKE_OK);
	assert_int_equal(wake_tree_exclude(ground->planted[0].tree, link, &err), WAKE_OK);
	assert_int_equal(wake_tree_exclude(ground->planted[0].tree, "/nowhere", &err), WAKE_NOTFOUND);
	assert_true(turn_until(ground->loop, is_ready, &ground->planted[0]));
	assert_int_equal(wake_inotify_count(ground->inotify), 3);
	touch(ground, "home/local/state/spool/a");
	touch(ground, "home/local/stated/b");
	assert_true(tells(ground, 0, "local/stated/b\n"));
	remove_tree(ground, "home/local/state");
	make_dir(ground, "home/local/state");
	touch(ground, "home/local/state/c");
	touch(ground, "home/local/last");
	assert_true(tells(ground, 0, "local/last\n"));
	assert_null(strstr(ground->planted[0].told, "local/state/"));
	assert_null(strstr(ground->planted[0].told, "local/state\n"));
	assert_int_equal(wake_inotify_count(ground->inotify), 3);
}

struct countdown {
	struct wake_loop *loop;
	struct wake_deferred deferred;
	unsigned left;
};

static void count_down(void *context)
{
	struct countdown *countdown = context;

	if (countdown->left-- == 0)
		wake_loop_stop(countdown->loop);
	else
		wake_loop_defer(countdown->loop, &countdown->deferred);
}

static void turn_rounds(struct wake_loop *loop, unsigned rounds)
{
	struct countdown countdown = { .loop = loop, .left = rounds };

	countdown.deferred = (struct wake_deferred){ .run = count_down, .context = &countdown };
	wake_loop_defer(loop, &countdown.deferred);
	assert_int_equal(wake_loop_run(loop, &err), WAKE_OK);
}

/* Whatever it is doing, nothing of it is left: no watch, no timer, no child, and sanitizers see the rest. */
static void is_freed_at_any_moment(void **state)
{
	struct ground *ground = *state;
	char name[32];

	make_repository(ground, "outer");
	for (unsigned i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "outer/d%u", i);
		make_dir(ground, name);
	}
	for (unsigned moment = 0; moment < 40; moment++) {
		plant(ground, 0, "outer");
		turn_rounds(ground->loop, moment * moment);
		(void)snprintf(name, sizeof(name), "outer/d1/f%u", moment);
		touch(ground, name);
		(void)snprintf(name, sizeof(name), "outer/d2/d%u", moment);
		make_dir(ground, name);
		if (moment % 3 == 0)
			wake_tree_replan(ground->planted[0].tree);
		if (moment % 5 == 0)
			wake_tree_recheck(ground->planted[0].tree);
		turn_rounds(ground->loop, moment);
		wake_tree_free(ground->planted[0].tree);
		ground->planted[0].tree = NULL;
		assert_int_equal(wake_inotify_count(ground->inotify), 0);
	}
	/* And it works as ever. */
	ground->planted[0] = (struct planted){ .ground = ground };
	plant(ground, 0, "outer");
	assert_true(turn_until(ground->loop, is_ready, &ground->planted[0]));
	touch(ground, "outer/d3/last");
	assert_true(tells(ground, 0, "d3/last\n"));
}

static void a_name_as_long_as_can_be(void **state)
{
	struct ground *ground = *state;
	char name[300] = "outer/", line[260];

	make_repository(ground, "outer");
	plant(ground, 0, "outer");
	assert_true(turn_until(ground->loop, is_ready, &ground->planted[0]));
	memset(name + 6, 'n', 255);
	memset(line, 'n', 255);
	make_dir(ground, name);
	memcpy(name + 6 + 255, "/f", 3);
	touch(ground, name);
	memcpy(line + 255, "/f\n", 4);
	assert_true(tells(ground, 0, line));
}

#define ground_test(fn) cmocka_unit_test_setup_teardown(fn, ground_make, ground_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ground_test(no_root_no_tree),
		ground_test(trees_stand_beside_and_within_each_other),
		ground_test(a_root_that_another_tree_holds_is_waited_for),
		ground_test(a_former_repository_is_opened),
		ground_test(our_own_state_is_left_out),
		ground_test(is_freed_at_any_moment),
		ground_test(a_name_as_long_as_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
