/* SPDX-License-Identifier: MIT */
/* watcher/keeper: with a script in the recorder's place: started when something waits and not before, started
 * again after failures, not too often, and drained at the end. */
#include "watcher/keeper.h"

#include "base/fs.h"
#include "base/json.h"
#include "event/spool.h"
#include "turning.h"

/* The script writes what it was called with, and takes the spool's files away as a recorder does. */
#define NOTE "echo \"$*\" >>\"$0.calls\"\n"
#define TAKE "rm -f \"$(dirname \"$0\")\"/spool/in/*\n"

struct ground {
	char *dir;
	struct wake_loop *loop;
	struct wake_paths paths;
	char *program, *calls;
	struct wake_keeper *keeper;
	int drained, lost;
	const char *awaited;
};

static int ground_make(void **state)
{
	struct ground *ground = calloc(1, sizeof(*ground));
	struct wake_error err;
	void *dir = NULL;

	if (!ground || scratch_make(&dir) < 0 || wake_loop_new(&ground->loop, &err) < 0)
		return -1;
	ground->dir = dir;
	ground->paths.state = scratch_path(&dir, "");
	ground->paths.spool = scratch_path(&dir, "spool");
	ground->program = scratch_path(&dir, "program");
	ground->calls = scratch_path(&dir, "program.calls");
	*state = ground;
	return 0;
}

static int ground_remove(void **state)
{
	struct ground *ground = *state;
	void *dir = ground->dir;

	wake_keeper_free(ground->keeper);
	wake_loop_free(ground->loop);
	wake_paths_release(&ground->paths);
	free(ground->program);
	free(ground->calls);
	free(ground);
	return scratch_remove(&dir);
}

static void drained(void *context)
{
	((struct ground *)context)->drained++;
}

static bool lost(void *context)
{
	((struct ground *)context)->lost++;
	return true;
}

static void write_program(struct ground *ground, const char *script)
{
	wake_auto_free char *text = NULL;

	assert_true(asprintf(&text, "#!/bin/sh\n%s", script) > 0);
	scratch_write(ground->program, text);
	assert_int_equal(chmod(ground->program, 0755), 0);
}

static void open_keeper(struct ground *ground, const char *script)
{
	const struct wake_keeper_spec spec = { .paths = &ground->paths,
		.program = ground->program,
		.lost = lost,
		.drained = drained,
		.context = ground };
	struct wake_error err;

	write_program(ground, script);
	assert_int_equal(wake_keeper_new(ground->loop, &spec, &ground->keeper, &err), WAKE_OK);
}

/* What a witness does, as far as the keeper looks at it. */
static void append_something(struct ground *ground)
{
	void *dir = ground->dir;
	wake_auto_free char *path = scratch_path(&dir, "spool/in/current");

	scratch_write(path, "an event\n");
}

static int lines_of(const char *path)
{
	wake_auto_free char *text = NULL;
	struct wake_error err;
	size_t len;
	int lines = 0;

	if (wake_fs_read(path, 65536, WAKE_FS_PLAIN, &text, &len, &err) < 0)
		return 0;
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	return lines;
}

static json_t *status_of(const struct ground *ground)
{
	json_t *document = json_object();
	struct wake_error err;

	assert_non_null(document);
	assert_int_equal(wake_keeper_status(ground->keeper, document, &err), WAKE_OK);
	return document;
}

static bool is_in_state(const struct ground *ground, const char *state)
{
	wake_auto_json json_t *document = status_of(ground);

	return strcmp(wake_json_string(json_object_get(document, "recorder"), "state"), state) == 0;
}

static bool has_awaited_state(void *context)
{
	const struct ground *ground = context;

	return is_in_state(ground, ground->awaited);
}

static void await_state(struct ground *ground, const char *state)
{
	ground->awaited = state;
	assert_true(turn_until(ground->loop, has_awaited_state, ground));
}

static bool has_two_calls(void *context)
{
	return lines_of(((struct ground *)context)->calls) >= 2;
}

static bool has_one_call(void *context)
{
	return lines_of(((struct ground *)context)->calls) >= 1;
}

static bool is_drained(void *context)
{
	return ((struct ground *)context)->drained > 0;
}

static void expect_calls(const struct ground *ground, const char *expected)
{
	wake_auto_free char *text = NULL;
	struct wake_error err;
	size_t len;

	assert_int_equal(wake_fs_read(ground->calls, 65536, WAKE_FS_PLAIN, &text, &len, &err), WAKE_OK);
	assert_string_equal(text, expected);
}

static void starts_a_child_when_something_comes(void **state)
{
	struct ground *ground = *state;
	wake_auto_close int attended = -1;
	struct wake_error err;

	open_keeper(ground, NOTE TAKE);
	assert_true(is_in_state(ground, "idle"));
	assert_int_equal(wake_spool_attend(ground->paths.spool, &attended, &err), WAKE_BUSY);
	append_something(ground);
	assert_true(turn_until(ground->loop, has_one_call, ground));
	await_state(ground, "idle"); /* it has ended well */
	expect_calls(ground, "record --follow --idle 30\n");
	append_something(ground);
	assert_true(turn_until(ground->loop, has_two_calls, ground));
	await_state(ground, "idle");
	{
		wake_auto_json json_t *document = status_of(ground);

		assert_int_equal(wake_json_int(document, "spool_lag_us", -1), 0);
		assert_int_equal(wake_json_int(json_object_get(document, "recorder"), "restarts", -1), 0);
		assert_null(wake_json_string(json_object_get(document, "recorder"), "last_error"));
	}
}

static void what_waits_already_is_seen_to(void **state)
{
	struct ground *ground = *state;
	void *dir = ground->dir;
	wake_auto_free char *in = scratch_path(&dir, "spool/in");
	struct wake_error err;

	assert_int_equal(wake_fs_make_dirs(in, &err), WAKE_OK);
	append_something(ground);
	open_keeper(ground, NOTE "exec tail -f /dev/null\n");
	assert_true(turn_until(ground->loop, has_one_call, ground));
	assert_true(is_in_state(ground, "running"));
	{
		wake_auto_json json_t *document = status_of(ground);
		const json_t *recorder = json_object_get(document, "recorder");

		assert_true(wake_json_int(recorder, "pid", 0) > 1);
		assert_true(wake_json_int(recorder, "memory_bytes", 0) > 0);
		assert_true(wake_json_int(document, "spool_lag_us", 0) > 0);
	}
}

/* A second between the first two, though the spool cries for one all the time. */
static void one_that_fails_is_started_again_after_a_while(void **state)
{
	struct ground *ground = *state;
	int64_t began = wake_clock_monotonic();

	open_keeper(ground, NOTE "echo 'runwake: the disk is full' >&2; exit 1\n");
	append_something(ground);
	await_state(ground, "waiting");
	append_something(ground);
	{
		wake_auto_json json_t *document = status_of(ground);

		assert_string_equal(wake_json_string(json_object_get(document, "recorder"), "last_error"),
		    "the disk is full");
	}
	write_program(ground, NOTE TAKE); /* the trouble is over */
	assert_true(turn_until(ground->loop, has_two_calls, ground));
	assert_true(wake_clock_monotonic() - began >= WAKE_SECOND);
	await_state(ground, "idle");
	{
		wake_auto_json json_t *document = status_of(ground);
		const json_t *recorder = json_object_get(document, "recorder");

		assert_int_equal(wake_json_int(recorder, "restarts", 0), 1);
		assert_null(wake_json_string(recorder, "last_error"));
	}
}

/* One that is satisfied with itself and takes nothing must not be started in a circle. */
static void one_that_takes_nothing_is_not_started_in_a_circle(void **state)
{
	struct ground *ground = *state;

	open_keeper(ground, NOTE);
	append_something(ground);
	await_state(ground, "waiting");
	assert_int_equal(lines_of(ground->calls), 1);
}

static void one_that_is_not_there_is_waited_for(void **state)
{
	struct ground *ground = *state;

	open_keeper(ground, "");
	assert_int_equal(unlink(ground->program), 0);
	append_something(ground);
	await_state(ground, "waiting");
	{
		wake_auto_json json_t *document = status_of(ground);

		assert_non_null(strstr(
		    wake_json_string(json_object_get(document, "recorder"), "last_error"), ground->program));
	}
}

/* The first words are written when the trap stands. */
static void a_clean_stop_lets_the_child_finish(void **state)
{
	struct ground *ground = *state;

	open_keeper(ground, "trap 'kill $!; echo finished >>\"$0.calls\"; " TAKE " exit 0' TERM\n" NOTE
	                    "tail -f /dev/null & wait\n");
	append_something(ground);
	assert_true(turn_until(ground->loop, has_one_call, ground));
	wake_keeper_drain(ground->keeper);
	assert_true(turn_until(ground->loop, is_drained, ground));
	expect_calls(ground, "record --follow --idle 30\nfinished\n");
	assert_int_equal(ground->drained, 1);
}

static void a_clean_stop_records_what_waits(void **state)
{
	struct ground *ground = *state;

	open_keeper(ground, NOTE TAKE);
	append_something(ground);
	wake_keeper_drain(ground->keeper); /* before the event of it was read */
	assert_true(turn_until(ground->loop, is_drained, ground));
	expect_calls(ground, "record\n");
}

static void a_clean_stop_without_anything_is_done_at_once(void **state)
{
	struct ground *ground = *state;

	open_keeper(ground, NOTE);
	wake_keeper_drain(ground->keeper);
	assert_int_equal(ground->drained, 1);
	assert_int_equal(lines_of(ground->calls), 0);
}

static bool was_lost_and_rests_again(void *context)
{
	const struct ground *ground = context;

	return ground->lost == 1 && is_in_state(ground, "idle");
}

static void a_removed_spool_is_made_again(void **state)
{
	struct ground *ground = *state;
	void *dir = ground->dir;
	wake_auto_free char *in = scratch_path(&dir, "spool/in");

	open_keeper(ground, NOTE TAKE);
	assert_int_equal(rmdir(in), 0);
	assert_true(turn_until(ground->loop, was_lost_and_rests_again, ground));
	assert_true(wake_fs_is_dir(in));
	append_something(ground);
	assert_true(turn_until(ground->loop, has_one_call, ground));
	await_state(ground, "idle");
}

#define ground_test(fn) cmocka_unit_test_setup_teardown(fn, ground_make, ground_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ground_test(starts_a_child_when_something_comes),
		ground_test(what_waits_already_is_seen_to),
		ground_test(one_that_fails_is_started_again_after_a_while),
		ground_test(one_that_takes_nothing_is_not_started_in_a_circle),
		ground_test(one_that_is_not_there_is_waited_for),
		ground_test(a_clean_stop_lets_the_child_finish),
		ground_test(a_clean_stop_records_what_waits),
		ground_test(a_clean_stop_without_anything_is_done_at_once),
		ground_test(a_removed_spool_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
