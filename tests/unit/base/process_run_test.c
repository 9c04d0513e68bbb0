/* SPDX-License-Identifier: MIT */
/* base/process, the running half: streams, limits, environment, and no child left behind. */
#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/fs.h"
#include "scratch.h"

#define MANY ((size_t)1 << 20)

/* Runs argv; whatever happens, no child may be left. */
static int run(
    const struct wake_process_spec *spec, struct wake_process_result *ret_result, struct wake_error *err)
{
	int ret;

	(void)alarm(60);
	ret = wake_process_run(spec, ret_result, err);
	(void)alarm(0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return ret;
}

static int run_shell(
    const char *script, size_t output_max, struct wake_process_result *ret_result, struct wake_error *err)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = output_max };

	return run(&spec, ret_result, err);
}

static void keeps_both_streams_and_the_code(void **state)
{
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run_shell("echo out; echo err >&2; exit 7", 100, &result, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&result.output), "out\n");
	assert_string_equal(wake_str_text(&result.errors), "err\n");
	assert_int_equal(result.exit_code, 7);
}

static void silence_is_fine(void **state)
{
	const char *const argv[] = { "true", NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 0 };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run(&spec, &result, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&result.output), "");
	assert_int_equal(result.exit_code, 0);
}

static void a_signal_is_128_and_more(void **state)
{
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run_shell("kill -TERM $$", 100, &result, &err), WAKE_OK);
	assert_int_equal(result.exit_code, 128 + SIGTERM);
}

static void arguments_are_not_split(void **state)
{
	const char *const argv[] = { "printf", "%s|", "a b", "$HOME", "*", "", NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 100 };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run(&spec, &result, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&result.output), "a b|$HOME|*||");
}

static void much_goes_in_and_out(void **state)
{
	const char *const argv[] = { "cat", NULL };
	wake_auto_free char *input = malloc(MANY);
	struct wake_process_spec spec = { .argv = argv, .input_len = MANY, .output_max = MANY };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_non_null(input);
	for (size_t i = 0; i < MANY; i++)
		input[i] = (char)(i * 31 >> 3);
	spec.input = input;
	assert_int_equal(run(&spec, &result, &err), WAKE_OK);
	assert_int_equal(result.output.len, MANY);
	assert_memory_equal(result.output.data, input, MANY);
}

static void unread_input_does_no_harm(void **state)
{
	const char *const argv[] = { "true", NULL };
	wake_auto_free char *input = calloc(1, MANY);
	const struct wake_process_spec spec = { .argv = argv, .input = input, .input_len = MANY };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run(&spec, &result, &err), WAKE_OK);
	assert_int_equal(result.exit_code, 0);
}

static void no_input_is_an_empty_one(void **state)
{
	const char *const argv[] = { "cat", NULL };
	const struct wake_process_spec empty = { .argv = argv, .input = "", .output_max = 10 };
	wake_auto_process struct wake_process_result none = { 0 };
	wake_auto_process struct wake_process_result nothing = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run_shell("cat; readlink /proc/self/fd/0", 100, &none, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&none.output), "/dev/null\n");
	assert_int_equal(run(&empty, &nothing, &err), WAKE_OK);
	assert_int_equal(nothing.output.len, 0);
}

static void full_pipes_do_not_lock(void **state)
{
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run_shell("head -c 300000 /dev/zero | tr '\\0' e >&2; head -c 300000 /dev/zero",
	                     MANY, &result, &err),
	    WAKE_OK);
	assert_int_equal(result.output.len, 300000);
	assert_int_equal(result.errors.len, 4096);
	assert_int_equal(result.errors.data[4095], 'e');
}

static void too_much_is_killed(void **state)
{
	const char *const argv[] = { "yes", NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 1000 };
	struct wake_process_result result = { .exit_code = 77 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run(&spec, &result, &err), WAKE_INVALID);
	assert_int_equal(result.exit_code, 77);
	assert_null(result.output.data);
	assert_non_null(strstr(err.text, "yes"));
	assert_non_null(strstr(err.text, "1000"));
}

static void exactly_enough_is_enough(void **state)
{
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_process_result none = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run_shell("printf 12345", 5, &result, &err), WAKE_OK);
	assert_string_equal(wake_str_text(&result.output), "12345");
	assert_int_equal(run_shell("printf 123456", 5, &none, &err), WAKE_INVALID);
}

static void assert_unavailable(const char *program)
{
	const char *const argv[] = { program, NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 100 };
	struct wake_process_result result = { .exit_code = 77 };
	struct wake_error err;

	assert_int_equal(run(&spec, &result, &err), WAKE_UNAVAILABLE);
	assert_int_equal(err.code, WAKE_UNAVAILABLE);
	assert_non_null(strstr(err.text, program));
	assert_int_equal(result.exit_code, 77);
}

static void what_cannot_run_is_unavailable(void **state)
{
	wake_auto_free char *plain = scratch_path(state, "plain");
	wake_auto_free char *broken = scratch_path(state, "broken");

	assert_unavailable("runwake-no-such-program");
	assert_unavailable("/nonexistent-runwake/program");
	scratch_write(plain, "#!/bin/sh\n");
	assert_unavailable(plain);
	scratch_write(broken, "no program\n");
	assert_int_equal(chmod(broken, 0755), 0);
	assert_unavailable(broken); /* not given to a shell either */
}

static void no_program_is_invalid(void **state)
{
	const char *const argv[] = { NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = 100 };
	struct wake_process_result result = { 0 };
	struct wake_error err;

	(void)state;
	assert_int_equal(run(&spec, &result, &err), WAKE_INVALID);
}

static void runs_in_a_directory(void **state)
{
	const char *const argv[] = { "pwd", "-P", NULL };
	struct wake_process_spec spec = { .argv = argv, .output_max = 4096, .directory = *state };
	wake_auto_process struct wake_process_result result = { 0 };
	struct wake_process_result none = { 0 };
	wake_auto_free char *expected = NULL;
	struct wake_error err;

	assert_int_equal(wake_fs_resolve(*state, &expected, &err), WAKE_OK);
	assert_int_equal(run(&spec, &result, &err), WAKE_OK);
	assert_memory_equal(result.output.data, expected, strlen(expected));
	spec.directory = "/nonexistent-runwake";
	assert_int_equal(run(&spec, &none, &err), WAKE_NOTFOUND);
	assert_non_null(strstr(err.text, "/nonexistent-runwake"));
}

/* Whether the child sees NAME=value. */
static bool child_has(const struct wake_process_spec *spec, const char *entry)
{
	wake_auto_process struct wake_process_result result = { 0 };
	wake_auto_free char *line = NULL;
	struct wake_error err;

	assert_int_equal(run(spec, &result, &err), WAKE_OK);
	assert_true(asprintf(&line, "\n%s\n", entry) > 0);
	wake_str_append_bytes(&result.output, "", 1);
	return strstr(result.output.data, line);
}

static void sets_and_overrides(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo; env", NULL };
	const char *const set[] = { "WAKE_ONE=1", "WAKE_TWO=new=er", NULL };
	const struct wake_process_spec spec = { .argv = argv, .set = set, .output_max = MANY };

	(void)state;
	assert_int_equal(setenv("WAKE_TWO", "old", 1), 0);
	assert_int_equal(setenv("WAKE_TWOS", "kept", 1), 0);
	assert_true(child_has(&spec, "WAKE_ONE=1"));
	assert_true(child_has(&spec, "WAKE_TWO=new=er"));
	assert_false(child_has(&spec, "WAKE_TWO=old"));
	assert_true(child_has(&spec, "WAKE_TWOS=kept"));
	assert_null(getenv("WAKE_ONE"));
}

/* The list is git's own, whichever git is installed. */
static void git_is_unbound(void **state)
{
	static const char *const more[] = { "GIT_NAMESPACE", "GIT_QUARANTINE_PATH", "GIT_CONFIG_KEY_0",
		"GIT_CONFIG_VALUE_12" };
	const char *const ask[] = { "git", "rev-parse", "--local-env-vars", NULL };
	const char *const env[] = { "sh", "-c", "echo; env", NULL };
	const struct wake_process_spec asking = { .argv = ask, .output_max = 10000 };
	struct wake_process_spec spec = { .argv = env, .output_max = MANY };
	wake_auto_process struct wake_process_result list = { 0 };
	wake_auto_process struct wake_process_result seen = { 0 };
	wake_auto_process struct wake_process_result kept = { 0 };
	struct wake_error err;
	char *rest = NULL;
	size_t count = 0, still = 0;

	(void)state;
	assert_int_equal(run(&asking, &list, &err), WAKE_OK);
	for (char *name = strtok_r(list.output.data, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
		assert_int_equal(setenv(name, "WAKE-PROBE", 1), 0);
		count++;
	}
	for (size_t i = 0; i < WAKE_COUNT(more); i++)
		assert_int_equal(setenv(more[i], "WAKE-PROBE", 1), 0);
	assert_true(count > 10);
	assert_int_equal(run(&spec, &seen, &err), WAKE_OK);
	assert_null(strstr(wake_str_text(&seen.output), "WAKE-PROBE"));
	spec.keep_git_environment = true;
	assert_int_equal(run(&spec, &kept, &err), WAKE_OK);
	for (const char *at = wake_str_text(&kept.output); (at = strstr(at, "WAKE-PROBE")); at++)
		still++;
	assert_int_equal(still, count + WAKE_COUNT(more));
}

static void a_persons_git_settings_stay(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo; env", NULL };
	const struct wake_process_spec spec = { .argv = argv, .output_max = MANY };

	(void)state;
	assert_int_equal(setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1), 0);
	assert_int_equal(setenv("GIT_CONFIG_NOSYSTEM", "1", 1), 0);
	assert_true(child_has(&spec, "GIT_CONFIG_GLOBAL=/dev/null"));
	assert_true(child_has(&spec, "GIT_CONFIG_NOSYSTEM=1"));
}

static void ignored_and_blocked_signals_stay_ours(void **state)
{
	wake_auto_process struct wake_process_result piped = { 0 };
	wake_auto_process struct wake_process_result terminated = { 0 };
	struct wake_error err;
	sigset_t term;

	(void)state;
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, NULL), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run_shell("kill -PIPE $$", 100, &piped, &err), WAKE_OK);
	assert_int_equal(run_shell("kill -TERM $$", 100, &terminated, &err), WAKE_OK);
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &term, NULL), 0);
	assert_int_equal(piped.exit_code, 128 + SIGPIPE);
	assert_int_equal(terminated.exit_code, 128 + SIGTERM);
}

static size_t open_files(void)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	struct wake_error err;

	assert_int_equal(wake_fs_list("/proc/self/fd", 10000, &names, &err), WAKE_OK);
	return names.count;
}

static void no_descriptor_is_left(void **state)
{
	size_t before = open_files();
	struct wake_process_result result = { 0 };
	struct wake_error err;

	assert_int_equal(run_shell("echo x", 100, &result, &err), WAKE_OK);
	wake_process_result_release(&result);
	assert_int_equal(run_shell("echo xxx", 1, &result, &err), WAKE_INVALID);
	no_program_is_invalid(state);
	assert_unavailable("runwake-no-such-program");
	assert_int_equal(open_files(), before);
}

/* A daemon may have been started without 0, 1 and 2: the pipes then get these numbers. */
static void works_without_standard_streams(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		const char *const argv[] = { "sh", "-c", "cat; echo err >&2", NULL };
		const struct wake_process_spec spec = {
			.argv = argv, .input = "in", .input_len = 2, .output_max = 100
		};
		struct wake_process_result result = { 0 };
		struct wake_error err;
		bool good;

		for (int fd = 0; fd <= 2; fd++)
			(void)close(fd);
		good = wake_process_run(&spec, &result, &err) == WAKE_OK &&
		       strcmp(wake_str_text(&result.output), "in") == 0 &&
		       strcmp(wake_str_text(&result.errors), "err\n") == 0;
		wake_process_result_release(&result);
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_both_streams_and_the_code),
		cmocka_unit_test(silence_is_fine),
		cmocka_unit_test(a_signal_is_128_and_more),
		cmocka_unit_test(arguments_are_not_split),
		cmocka_unit_test(much_goes_in_and_out),
		cmocka_unit_test(unread_input_does_no_harm),
		cmocka_unit_test(no_input_is_an_empty_one),
		cmocka_unit_test(full_pipes_do_not_lock),
		cmocka_unit_test(too_much_is_killed),
		cmocka_unit_test(exactly_enough_is_enough),
		scratch_test(what_cannot_run_is_unavailable),
		cmocka_unit_test(no_program_is_invalid),
		scratch_test(runs_in_a_directory),
		cmocka_unit_test(sets_and_overrides),
		cmocka_unit_test(git_is_unbound),
		cmocka_unit_test(a_persons_git_settings_stay),
		cmocka_unit_test(ignored_and_blocked_signals_stay_ours),
		cmocka_unit_test(no_descriptor_is_left),
		cmocka_unit_test(works_without_standard_streams),
	};

	return cmocka_run_group_tests_name("base/process_run", tests, NULL, NULL);
}
