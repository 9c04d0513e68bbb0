/* SPDX-License-Identifier: MIT */
/* base/process: who a process is, and where. */
#include "base/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/id.h"
#include "base/text.h"

static void start_time_tells_processes_apart(void **state)
{
	struct wake_error err;
	uint64_t ours = 0, again = 0, first = 0;

	(void)state;
	assert_int_equal(wake_process_start_time(getpid(), &ours, &err), WAKE_OK);
	assert_int_equal(wake_process_start_time(getpid(), &again, &err), WAKE_OK);
	assert_int_equal(wake_process_start_time(1, &first, &err), WAKE_OK);
	assert_true(ours > 0);
	assert_true(ours == again);
	assert_true(first <= ours);
}

/* A process may call itself what it likes. */
static void a_hostile_name_changes_nothing(void **state)
{
	struct wake_error err;
	uint64_t before = 0, after = 0;
	char name[16];

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_int_equal(wake_process_start_time(getpid(), &before, &err), WAKE_OK);
	assert_int_equal(prctl(PR_SET_NAME, ") R 1 1 1 (x"), 0);
	assert_int_equal(wake_process_start_time(getpid(), &after, &err), WAKE_OK);
	assert_int_equal(prctl(PR_SET_NAME, name), 0);
	assert_true(before == after);
}

static void the_dead_are_not_found(void **state)
{
	struct wake_error err;
	uint64_t ticks = 77;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(wake_process_start_time(child, &ticks, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_process_start_time(0, &ticks, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_process_start_time(-1, &ticks, &err), WAKE_NOTFOUND);
	assert_int_equal(err.code, WAKE_NOTFOUND);
	assert_true(ticks == 77);
}

static void a_parent_is_found_with_its_name(void **state)
{
	char name[WAKE_PROCESS_NAME_SIZE];
	struct wake_error err = { 0 };
	pid_t parent = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "a) S 1 (b"), 0);
	assert_int_equal(wake_process_parent(getpid(), &parent, name, &err), WAKE_OK);
	assert_int_equal(parent, getppid());
	assert_string_equal(name, "a) S 1 (b");
	assert_int_equal(wake_process_parent(0, &parent, name, &err), WAKE_NOTFOUND);
}

static void boot_id_is_stable(void **state)
{
	char one[WAKE_BOOT_ID_SIZE], two[WAKE_BOOT_ID_SIZE];

	(void)state;
	wake_process_boot_id(one);
	wake_process_boot_id(two);
	assert_string_equal(one, two);
	assert_int_equal(wake_id_is_uuid(one), access("/proc/sys/kernel/random/boot_id", R_OK) == 0);
}

static void host_has_a_name(void **state)
{
	char host[WAKE_HOST_SIZE], name[WAKE_HOST_SIZE] = "";

	(void)state;
	wake_process_host(host);
	assert_true(strlen(host) > 0);
	assert_true(wake_text_is_utf8(host, strlen(host)));
	assert_int_equal(gethostname(name, sizeof(name) - 1), 0);
	if (name[0] && wake_text_is_utf8(name, strlen(name)))
		assert_string_equal(host, name);
}

/* In a child, whose streams nobody else uses. */
static void closed_streams_are_opened(void **state)
{
	pid_t child = fork();
	int status = -1;

	(void)state;
	if (child == 0) {
		(void)close(STDIN_FILENO);
		(void)close(STDERR_FILENO);
		wake_process_open_standard_streams();
		_exit((fcntl(STDIN_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY &&
		            (fcntl(STDERR_FILENO, F_GETFL) & O_ACCMODE) == O_WRONLY
		        ? 0
		        : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_time_tells_processes_apart),
		cmocka_unit_test(a_hostile_name_changes_nothing),
		cmocka_unit_test(the_dead_are_not_found),
		cmocka_unit_test(a_parent_is_found_with_its_name),
		cmocka_unit_test(boot_id_is_stable),
		cmocka_unit_test(host_has_a_name),
		cmocka_unit_test(closed_streams_are_opened),
	};

	return cmocka_run_group_tests_name("base/process", tests, NULL, NULL);
}
