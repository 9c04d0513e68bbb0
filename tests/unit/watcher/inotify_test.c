/* SPDX-License-Identifier: MIT */
/* watcher/inotify: with the kernel's own: adding, collisions, removals in the middle of a burst, overflow. */
#include "watcher/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "turning.h"

#define MASK (IN_CREATE | IN_DELETE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF)
#define DIRS 400

struct ground {
	char *dir; /* first: scratch.h's */
	struct wake_loop *loop;
	struct wake_inotify *inotify;
};

static int ground_make(void **state)
{
	struct ground *ground = calloc(1, sizeof(*ground));
	struct wake_error err;
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

	wake_inotify_free(ground->inotify);
	wake_loop_free(ground->loop);
	free(ground);
	return scratch_remove(&dir);
}

static char *path_in(const struct ground *ground, const char *name)
{
	void *dir = ground->dir;

	return scratch_path(&dir, name);
}

static void touch(const struct ground *ground, const char *name)
{
	wake_auto_free char *path = path_in(ground, name);

	scratch_write(path, "x");
}

/* What was told: the last of it, and how much. */
struct told {
	struct ground *ground;
	char last[64];
	uint32_t tag, mask;
	size_t count;
	int wd, wanted;
	const char *awaited;
	int removes; /* this watch is removed by the first event; 0: none */
};

static void tell(void *context, uint32_t tag, const struct inotify_event *event)
{
	struct told *told = context;

	assert_true(strlen(event->name) < sizeof(told->last));
	memcpy(told->last, event->name, strlen(event->name) + 1);
	told->tag = tag;
	told->mask = event->mask;
	told->count++;
	if (told->removes) {
		wake_inotify_remove(told->ground->inotify, told->removes);
		told->removes = 0;
	}
}

static bool has_told_awaited(void *context)
{
	const struct told *told = context;

	return strcmp(told->last, told->awaited) == 0;
}

static int watch(struct ground *ground, const char *name, struct told *told, uint32_t tag)
{
	wake_auto_free char *path = path_in(ground, name);
	struct wake_error err = { 0 };
	int wd = -1;
	int ret = wake_inotify_add(ground->inotify, path, MASK, tell, told, tag, &wd, &err);

	if (ret < 0) {
		print_message("# %s\n", err.text);
		return ret;
	}
	assert_true(wd > 0);
	return wd;
}

static void await(struct told *told, const char *name)
{
	told->awaited = name;
	assert_true(turn_until(told->ground->loop, has_told_awaited, told));
}

static void tells_names_and_tags(void **state)
{
	struct told told = { .ground = *state };
	wake_auto_free char *path = path_in(*state, "file");
	int wd = watch(*state, "", &told, 42);

	assert_true(wd > 0);
	touch(*state, "file");
	await(&told, "file");
	assert_int_equal(told.tag, 42);
	assert_int_equal(unlink(path), 0);
	touch(*state, "other");
	await(&told, "other");
	assert_int_equal(told.tag, 42);
	assert_int_equal(wake_inotify_count(told.ground->inotify), 1);
	assert_true(wake_inotify_events(told.ground->inotify) >= 5);
	assert_int_equal(wake_inotify_overflows(told.ground->inotify), 0);
}

static void refuses_what_is_no_directory_or_is_watched_already(void **state)
{
	struct ground *ground = *state;
	struct told told = { .ground = ground };
	wake_auto_free char *link = path_in(ground, "link");

	touch(ground, "file");
	assert_int_equal(symlink(".", link), 0);
	assert_int_equal(watch(ground, "missing", &told, 0), WAKE_NOTFOUND);
	assert_int_equal(watch(ground, "file", &told, 0), WAKE_NOTFOUND);
	assert_true(watch(ground, "link", &told, 0) < 0); /* links are not followed */
	assert_int_equal(wake_inotify_count(ground->inotify), 0);
	assert_true(watch(ground, "", &told, 0) > 0);
	assert_int_equal(watch(ground, "../../..", &told, 0) > 0, 1); /* another directory */
	assert_int_equal(watch(ground, ".", &told, 0), WAKE_EXISTS);
	assert_int_equal(wake_inotify_count(ground->inotify), 2);
}

/* Two directories have events in one read; the first one told removes the other. */
static void drops_what_was_read_of_a_removed_watch(void **state)
{
	struct ground *ground = *state;
	wake_auto_free char *a = path_in(ground, "a"), *b = path_in(ground, "b");
	struct told first = { .ground = ground }, second = first;

	assert_int_equal(mkdir(a, 0700), 0);
	assert_int_equal(mkdir(b, 0700), 0);
	assert_true(watch(ground, "a", &first, 1) > 0);
	first.removes = watch(ground, "b", &second, 2);
	touch(ground, "a/one");
	touch(ground, "b/two");
	touch(ground, "a/three");
	await(&first, "three");
	assert_int_equal(second.count, 0);
	assert_int_equal(wake_inotify_count(ground->inotify), 1);
	/* It can be watched again at once. */
	assert_true(watch(ground, "b", &second, 3) > 0);
	touch(ground, "b/four");
	await(&second, "four");
	assert_int_equal(second.tag, 3);
}

static void a_removed_directory_ends_its_watch(void **state)
{
	struct ground *ground = *state;
	wake_auto_free char *a = path_in(ground, "a");
	struct told inner = { .ground = ground }, outer = inner;

	assert_int_equal(mkdir(a, 0700), 0);
	assert_true(watch(ground, "a", &inner, 1) > 0);
	assert_true(watch(ground, "", &outer, 2) > 0);
	assert_int_equal(rmdir(a), 0);
	touch(ground, "end");
	await(&outer, "end");
	assert_int_equal(inner.mask, IN_IGNORED);
	assert_int_equal(inner.count, 2); /* itself deleted, and the end */
	assert_int_equal(wake_inotify_count(ground->inotify), 1);
}

/* The table grows and shrinks, and each watch keeps its own tag whatever is removed around it. */
static void keeps_many_watches_apart(void **state)
{
	struct ground *ground = *state;
	struct told told[3] = { { .ground = ground }, { .ground = ground }, { .ground = ground } };
	int wds[DIRS];
	char name[32];

	for (int i = 0; i < DIRS; i++) {
		wake_auto_free char *path = NULL;

		(void)snprintf(name, sizeof(name), "d%d", i);
		path = path_in(ground, name);
		assert_int_equal(mkdir(path, 0700), 0);
		wds[i] = watch(ground, name, &told[i % 3], (uint32_t)i);
		assert_true(wds[i] > 0);
	}
	for (int left = DIRS, round = 0; left > 7; round++) {
		for (int i = 0; i < DIRS; i++) {
			if (wds[i] > 0 && (i * 31 + round) % 4 == 0) {
				wake_inotify_remove(ground->inotify, wds[i]);
				wds[i] = 0;
				left--;
			}
		}
		assert_int_equal(wake_inotify_count(ground->inotify), left);
		for (int i = 0; i < DIRS; i += 7) {
			struct told *at = &told[i % 3];
			size_t before = at->count;

			(void)snprintf(name, sizeof(name), "d%d/f%d", i, round);
			touch(ground, name);
			if (wds[i] > 0) {
				at->last[0] = '\0';
				await(at, strchr(name, '/') + 1);
				assert_int_equal(at->tag, i);
			} else {
				assert_int_equal(at->count, before);
			}
		}
	}
}

struct loss {
	struct wake_overflow listener;
	struct wake_inotify *inotify;
	int times;
	bool leaves;
	struct loss *takes_along;
};

static void lose(void *context)
{
	struct loss *loss = context;

	loss->times++;
	if (loss->leaves)
		wake_inotify_off_overflow(loss->inotify, &loss->listener);
	if (loss->takes_along)
		wake_inotify_off_overflow(loss->inotify, &loss->takes_along->listener);
}

static bool has_lost(void *context)
{
	return ((struct loss *)context)->times > 0;
}

static long queue_limit(void)
{
	wake_auto_free char *text = NULL;
	struct wake_error err;
	size_t len;

	assert_int_equal(
	    wake_fs_read("/proc/sys/fs/inotify/max_queued_events", 64, 0, &text, &len, &err), WAKE_OK);
	return strtol(text, NULL, 10);
}

/* More events than the queue holds while nobody reads: two names in turn, since the kernel merges equal ones.
 */
static void flood(struct ground *ground)
{
	wake_auto_free char *a = path_in(ground, "a"), *b = path_in(ground, "b");

	touch(ground, "a");
	for (long i = queue_limit() / 2 + 10; i > 0; i--) {
		assert_int_equal(rename(a, b), 0);
		assert_int_equal(rename(b, a), 0);
	}
}

static void an_overflow_is_told_once_a_burst(void **state)
{
	struct ground *ground = *state;
	struct told told = { .ground = ground };
	struct loss stays = { .inotify = ground->inotify }, leaves = stays, taken = stays;

	if (queue_limit() > 100000)
		skip(); /* it would take too long here */
	stays.listener = (struct wake_overflow){ .lost = lose, .context = &stays };
	leaves.listener = (struct wake_overflow){ .lost = lose, .context = &leaves };
	taken.listener = (struct wake_overflow){ .lost = lose, .context = &taken };
	leaves.leaves = true;
	leaves.takes_along = &taken; /* which would be told next */
	wake_inotify_on_overflow(ground->inotify, &stays.listener);
	wake_inotify_on_overflow(ground->inotify, &taken.listener);
	wake_inotify_on_overflow(ground->inotify, &leaves.listener);
	assert_true(watch(ground, "", &told, 1) > 0);
	flood(ground);
	assert_true(turn_until(ground->loop, has_lost, &stays));
	assert_int_equal(stays.times, 1);
	assert_int_equal(leaves.times, 1);
	assert_int_equal(taken.times, 0);
	assert_int_equal(wake_inotify_overflows(ground->inotify), 1);
	touch(ground, "after"); /* it goes on */
	await(&told, "after");
	assert_int_equal(stays.times, 1);
}

static bool is_swept(void *context)
{
	struct told *told = context;

	return told->count++ > 100; /* rounds of the loop: a piece is swept in each */
}

/* Each removal leaves an event in the kernel's queue: those of a large tree must not overflow it. */
static void the_removal_of_a_large_tree_loses_nothing(void **state)
{
	struct ground *ground = *state;
	struct told told = { .ground = ground }, other = told;
	struct loss loss = { .inotify = ground->inotify };
	long dirs = queue_limit() + 100;
	wake_auto_free int *wds = calloc((size_t)dirs, sizeof(*wds));
	char name[32];

	if (dirs > 20000 || wake_inotify_limit() < 2 * dirs)
		skip();
	assert_non_null(wds);
	loss.listener = (struct wake_overflow){ .lost = lose, .context = &loss };
	wake_inotify_on_overflow(ground->inotify, &loss.listener);
	for (long i = 0; i < dirs; i++) {
		wake_auto_free char *path = NULL;

		(void)snprintf(name, sizeof(name), "d%ld", i);
		path = path_in(ground, name);
		assert_int_equal(mkdir(path, 0700), 0);
		wds[i] = watch(ground, name, &told, (uint32_t)i);
		assert_true(wds[i] > 0);
	}
	for (long i = 0; i < dirs; i++)
		wake_inotify_remove(ground->inotify, wds[i]);
	assert_int_equal(wake_inotify_count(ground->inotify), 0);
	assert_true(watch(ground, "", &other, 1) > 0);
	touch(ground, "d5/unseen");
	assert_true(turn_until(ground->loop, is_swept, &told));
	touch(ground, "seen");
	await(&other, "seen");
	assert_int_equal(loss.times, 0);
	assert_true(watch(ground, "d5", &other, 2) > 0); /* gone for the kernel too */
}

/* In a user namespace of its own, where the limit can be lowered without anybody else noticing. */
static int at_the_limit(struct ground *ground)
{
	struct told told = { .ground = ground };
	struct wake_inotify *inotify = NULL;
	struct wake_loop *loop = NULL;
	struct wake_error err;
	int wd, fd;

	if (unshare(CLONE_NEWUSER) < 0)
		return 77;
	fd = open("/proc/sys/user/max_inotify_watches", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1\n", 2) != 2)
		return 77;
	close(fd);
	if (wake_loop_new(&loop, &err) < 0 || wake_inotify_new(loop, &inotify, &err) < 0)
		return 1;
	if (wake_inotify_add(inotify, ground->dir, MASK, tell, &told, 0, &wd, &err) < 0)
		return 2;
	if (wake_inotify_add(inotify, "/proc", MASK, tell, &told, 0, &wd, &err) != WAKE_NOMEM)
		return 3;
	if (!strstr(err.text, "user.max_inotify_watches (now 1)") || wake_inotify_count(inotify) != 1)
		return 4;
	if (wake_inotify_limit() != 1 || strcmp(wake_inotify_limit_name(), "user.max_inotify_watches") != 0)
		return 5;
	wake_inotify_remove(inotify, wd); /* which makes room at once for whoever needs it */
	if (wake_inotify_add(inotify, "/proc", MASK, tell, &told, 0, &wd, &err) < 0)
		return 6;
	wake_inotify_free(inotify);
	wake_loop_free(loop);
	return 0;
}

static void the_limit_is_named(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(at_the_limit(*state));
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip(); /* no user namespaces here */
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(wake_inotify_limit() > 0);
}

#define ground_test(fn) cmocka_unit_test_setup_teardown(fn, ground_make, ground_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ground_test(tells_names_and_tags),
		ground_test(refuses_what_is_no_directory_or_is_watched_already),
		ground_test(drops_what_was_read_of_a_removed_watch),
		ground_test(a_removed_directory_ends_its_watch),
		ground_test(keeps_many_watches_apart),
		ground_test(an_overflow_is_told_once_a_burst),
		ground_test(the_removal_of_a_large_tree_loses_nothing),
		ground_test(the_limit_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
