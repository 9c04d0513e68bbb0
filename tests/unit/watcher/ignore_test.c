/* SPDX-License-Identifier: MIT */
/* watcher/ignore: questions to a real git, and to one that misbehaves. */
#include "watcher/ignore.h"

#include "base/process.h"
#include "base/str.h"
#include "turning.h"

#define ANSWERS_MAX 6000

struct ground {
	char *dir;  /* first: scratch.h's */
	char *path; /* PATH as it was */
	struct wake_loop *loop;
	struct wake_ignore *ignore;
	unsigned listed, changed, answers;
	char found[256];           /* the latest */
	bool ignored[ANSWERS_MAX]; /* by token */
	uint64_t next_token;
	bool in_order;
};

static struct wake_error err;

static void was_listed(void *context, bool changed)
{
	struct ground *ground = context;

	ground->listed++;
	ground->changed += changed;
}

static void was_found(void *context, const char *directory)
{
	struct ground *ground = context;

	(void)snprintf(ground->found, sizeof(ground->found), "%s", directory);
}

static void was_answered(void *context, uint64_t token, const char *path, bool ignored)
{
	struct ground *ground = context;

	(void)path;
	assert_true(token < ANSWERS_MAX);
	ground->in_order = ground->in_order && token == ground->answers;
	ground->ignored[token] = ignored;
	ground->answers++;
}

static void git(const struct ground *ground, const char *const *arguments)
{
	const char *argv[16] = { "git", "-C", ground->dir };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 65536 };
	wake_auto_process struct wake_process_result result = { .exit_code = -1 };

	for (size_t i = 0; arguments[i]; i++)
		argv[3 + i] = arguments[i];
	assert_int_equal(wake_process_run(&spec, &result, &err), WAKE_OK);
	assert_int_equal(result.exit_code, 0);
}

static void write_in(const struct ground *ground, const char *name, const char *text)
{
	void *dir = ground->dir;
	wake_auto_free char *path = scratch_path(&dir, name);

	scratch_write(path, text);
}

static void make_dir(const struct ground *ground, const char *name)
{
	void *dir = ground->dir;
	wake_auto_free char *path = scratch_path(&dir, name);

	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link(const struct ground *ground, const char *target, const char *name)
{
	void *dir = ground->dir;
	wake_auto_free char *path = scratch_path(&dir, name);

	assert_int_equal(symlink(target, path), 0);
}

static int ground_make(void **state)
{
	static const char *const init[] = { "init", "-q", NULL };
	struct ground *ground = calloc(1, sizeof(*ground));
	const struct wake_ignore_owner owner = {
		.listed = was_listed, .found = was_found, .answered = was_answered, .context = ground
	};
	wake_auto_free char *git_dir = NULL;
	void *dir = NULL;

	if (!ground || scratch_make(&dir) < 0 || wake_loop_new(&ground->loop, &err) < 0)
		return -1;
	ground->dir = dir;
	ground->in_order = true;
	ground->path = strdup(getenv("PATH"));
	git(ground, init);
	git_dir = scratch_path(&dir, ".git");
	*state = ground;
	return wake_ignore_new(ground->loop, ground->dir, git_dir, &owner, &ground->ignore, &err);
}

static int ground_remove(void **state)
{
	struct ground *ground = *state;
	void *dir = ground->dir;

	wake_ignore_free(ground->ignore);
	wake_loop_free(ground->loop);
	(void)setenv("PATH", ground->path, 1);
	free(ground->path);
	free(ground);
	return scratch_remove(&dir);
}

static void ask(struct ground *ground, const char *path)
{
	assert_true(ground->next_token < ANSWERS_MAX);
	assert_int_equal(wake_ignore_ask(ground->ignore, path, ground->next_token++, &err), WAKE_OK);
}

static bool is_answered(void *context)
{
	const struct ground *ground = context;

	return ground->answers == ground->next_token;
}

static bool is_listed(void *context)
{
	return ((const struct ground *)context)->listed > 0;
}

static void list(struct ground *ground)
{
	ground->listed = ground->changed = 0;
	wake_ignore_list(ground->ignore);
	assert_true(turn_until(ground->loop, is_listed, ground));
}

static void expect(struct ground *ground, const char *path, bool ignored)
{
	uint64_t token = ground->next_token;

	ask(ground, path);
	assert_true(turn_until(ground->loop, is_answered, ground));
	assert_int_equal(ground->ignored[token], ignored);
}

/* A git of ours, first in PATH. */
static void misbehave(struct ground *ground, const char *script)
{
	void *dir = ground->dir;
	wake_auto_free char *path = scratch_path(&dir, "bin/git"), *value = NULL;

	make_dir(ground, "bin");
	write_in(ground, "bin/git", script);
	assert_int_equal(chmod(path, 0700), 0);
	assert_true(asprintf(&value, "%s/bin:%s", ground->dir, ground->path) > 0);
	assert_int_equal(setenv("PATH", value, 1), 0);
}

static void answers_as_git_does(void **state)
{
	struct ground *ground = *state;

	write_in(ground, ".gitignore", "*.o\n!kept.o\n/build/\n:colon\n");
	make_dir(ground, "build");
	list(ground);
	expect(ground, "a.o", true);
	expect(ground, "kept.o", false);
	expect(ground, "build", true);
	expect(ground, "build/deep/file", true);
	expect(ground, "sub/build", false);
	expect(ground, ":colon", true);
	expect(ground, ":(top)x", false);
	expect(ground, "-dash.o", true);
	expect(ground, "with\nnewline.o", true);
	expect(ground, "\xff.o", true);
	expect(ground, "*", false);
	assert_string_equal(wake_ignore_problem(ground->ignore), "");
}

static void what_is_tracked_is_not_ignored(void **state)
{
	static const char *const add[] = { "add", "-f", "build/one/x.o", "a.o", NULL };
	static const char *const add_more[] = { "add", "-f", "build/two/y.o", NULL };
	struct ground *ground = *state;

	write_in(ground, ".gitignore", "*.o\nbuild/\n");
	make_dir(ground, "build");
	make_dir(ground, "build/one");
	make_dir(ground, "build/two");
	write_in(ground, "build/one/x.o", "");
	write_in(ground, "build/two/y.o", "");
	write_in(ground, "a.o", "");
	git(ground, add);
	list(ground);
	assert_int_equal(ground->changed, 1);
	assert_true(wake_ignore_is_tracked(ground->ignore, "build"));
	assert_true(wake_ignore_is_tracked(ground->ignore, "build/one"));
	assert_false(wake_ignore_is_tracked(ground->ignore, "build/two"));
	expect(ground, "a.o", false);
	expect(ground, "b.o", true);
	expect(ground, "build", false);
	expect(ground, "build/one/x.o", false);
	expect(ground, "build/two", true);
	list(ground);
	assert_int_equal(ground->changed, 0);
	assert_string_equal(ground->found, "");
	git(ground, add_more);
	list(ground);
	assert_int_equal(ground->changed, 1);
	assert_string_equal(ground->found, "build/two");
	expect(ground, "build/two", false);
}

static void nothing_is_ignored_before_it_is_listed(void **state)
{
	struct ground *ground = *state;

	write_in(ground, ".gitignore", "*.o\n");
	expect(ground, "a.o", false);
	list(ground);
	expect(ground, "a.o", true);
}

static void new_rules_want_a_new_start(void **state)
{
	struct ground *ground = *state;

	list(ground);
	expect(ground, "a.o", false);
	write_in(ground, ".gitignore", "*.o\n");
	wake_ignore_restart(ground->ignore);
	expect(ground, "a.o", true);
	/* In the middle of many questions, too: each is answered once. */
	for (unsigned i = 0; i < 2000; i++)
		ask(ground, i % 2 ? "b.o" : "b.c");
	wake_ignore_restart(ground->ignore);
	assert_true(turn_until(ground->loop, is_answered, ground));
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(ground->ignored[2 + i], i % 2);
	assert_true(ground->in_order);
}

static void lists_many_files(void **state)
{
	static const char *const add[] = { "add", "-A", NULL };
	struct ground *ground = *state;
	char name[64];

	for (unsigned i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "directory-%u", i);
		make_dir(ground, name);
		for (unsigned j = 0; j < 60; j++) {
			(void)snprintf(
			    name, sizeof(name), "directory-%u/a file with a name that is long-%u", i, j);
			write_in(ground, name, "");
		}
	}
	git(ground, add);
	list(ground);
	for (unsigned i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "directory-%u", i);
		assert_true(wake_ignore_is_tracked(ground->ignore, name));
		(void)snprintf(name, sizeof(name), "directory-%u/a file with a name that is long-%u", i, i);
		assert_true(wake_ignore_is_tracked(ground->ignore, name));
		(void)snprintf(name, sizeof(name), "directory-%u/another", i);
		assert_false(wake_ignore_is_tracked(ground->ignore, name));
	}
}

static void a_question_that_kills_is_answered_at_last(void **state)
{
	struct ground *ground = *state;

	list(ground);
	write_in(ground, ".gitignore", "*.o\n");
	make_dir(ground, "real");
	make_link(ground, "real", "link");
	ask(ground, "a.o");
	ask(ground, "link/beyond"); /* check-ignore dies of it */
	ask(ground, "b.o");
	assert_true(turn_until(ground->loop, is_answered, ground));
	assert_true(ground->ignored[0]);
	assert_false(ground->ignored[1]);
	assert_true(ground->ignored[2]);
	assert_true(ground->in_order);
}

static void a_git_that_fails_ignores_nothing(void **state)
{
	struct ground *ground = *state;

	write_in(ground, ".gitignore", "*.o\n");
	misbehave(ground, "#!/bin/sh\necho 'fatal: no good' >&2\nexit 128\n");
	list(ground);
	assert_non_null(strstr(wake_ignore_problem(ground->ignore), "no good"));
	for (unsigned i = 0; i < 30; i++)
		ask(ground, "a.o");
	assert_true(turn_until(ground->loop, is_answered, ground));
	for (unsigned i = 0; i < 30; i++)
		assert_false(ground->ignored[i]);
	assert_int_equal(wake_ignore_waiting(ground->ignore), 0);
	/* It mends itself. */
	(void)setenv("PATH", ground->path, 1);
	list(ground);
	wake_ignore_restart(ground->ignore);
	expect(ground, "a.o", true);
	assert_string_equal(wake_ignore_problem(ground->ignore), "");
}

static void nonsense_is_no_answer(void **state)
{
	struct ground *ground = *state;

	list(ground);
	misbehave(ground, "#!/bin/sh\nhead -c 1 >/dev/null\nprintf 'a\\0b\\0c\\0./another\\0'\nexec cat >/dev/null\n");
	expect(ground, "a.o", false);
	assert_non_null(strstr(wake_ignore_problem(ground->ignore), "not understood"));
}

static void without_git_nothing_is_ignored(void **state)
{
	struct ground *ground = *state;

	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	list(ground);
	expect(ground, "a.o", false);
	assert_non_null(strstr(wake_ignore_problem(ground->ignore), "'git' is not there"));
	(void)setenv("PATH", ground->path, 1);
}

static void is_freed_in_the_middle(void **state)
{
	struct ground *ground = *state;

	wake_ignore_list(ground->ignore);
	wake_ignore_list(ground->ignore);
	for (unsigned i = 0; i < 100; i++)
		ask(ground, "a.o");
	/* ground_remove frees it. */
	assert_int_equal(wake_ignore_waiting(ground->ignore), 100);
}

#define ground_test(fn) cmocka_unit_test_setup_teardown(fn, ground_make, ground_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ground_test(answers_as_git_does),
		ground_test(what_is_tracked_is_not_ignored),
		ground_test(nothing_is_ignored_before_it_is_listed),
		ground_test(new_rules_want_a_new_start),
		ground_test(lists_many_files),
		ground_test(a_question_that_kills_is_answered_at_last),
		ground_test(a_git_that_fails_ignores_nothing),
		ground_test(nonsense_is_no_answer),
		ground_test(without_git_nothing_is_ignored),
		ground_test(is_freed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
