/* SPDX-License-Identifier: MIT */
/* cli/watcher_client: whatever listens at the watcher's socket, asking it ends soon and well. */
#include "cli/watcher_client.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/scratch.h"
#include "base/clock.h"
#include "base/fs.h"

static struct wake_error err;

/* Listens at STATE/watcher/socket, by the way that any path's length takes. */
static int open_listener(const char *state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	wake_auto_free char *directory = NULL;
	wake_auto_close int place = -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(wake_fs_join(state, "watcher", &directory, &err), WAKE_OK);
	assert_int_equal(wake_fs_make_dirs(directory, &err), WAKE_OK);
	place = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/socket", place);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

enum manner { ANSWERS, SAYS_NOTHING, BABBLES };

/* A process that takes one call. */
static pid_t start_server(const char *state, enum manner manner, const char *answer)
{
	int listener = open_listener(state);
	pid_t pid = fork();
	char word[64];
	int fd;

	assert_true(pid >= 0);
	if (pid > 0) {
		(void)close(listener);
		return pid;
	}
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || read(fd, word, sizeof(word)) != 7 || memcmp(word, "status\n", 7) != 0)
		_exit(1);
	if (manner == ANSWERS)
		(void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	while (manner == BABBLES && send(fd, answer, strlen(answer), MSG_NOSIGNAL) > 0)
		continue;
	while (manner == SAYS_NOTHING && read(fd, word, sizeof(word)) > 0) /* until the caller goes */
		continue;
	_exit(0);
}

static void end_server(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int ask(const char *state, json_t **ret_document)
{
	struct wake_paths paths = { .state = (char *)state };

	return wake_watcher_ask(&paths, "status", ret_document, &err);
}

static void gives_the_answer(void **state)
{
	pid_t pid = start_server(*state, ANSWERS, "{\"pid\": 7}\n");
	wake_auto_json json_t *document = NULL;

	assert_int_equal(ask(*state, &document), WAKE_OK);
	assert_int_equal(wake_json_int(document, "pid", 0), 7);
	end_server(pid);
}

static void reaches_long_paths(void **state)
{
	wake_auto_str struct wake_str path = WAKE_STR(4096);
	wake_auto_json json_t *document = NULL;
	pid_t pid;

	wake_str_append(&path, *state);
	while (path.len < 300)
		wake_str_append(&path, "/a-directory-with-a-long-name");
	assert_int_equal(wake_fs_make_dirs(wake_str_text(&path), &err), WAKE_OK);
	pid = start_server(wake_str_text(&path), ANSWERS, "{}");
	assert_int_equal(ask(wake_str_text(&path), &document), WAKE_OK);
	end_server(pid);
}

static void nobody_listens(void **state)
{
	json_t *document = NULL;

	assert_int_equal(ask(*state, &document), WAKE_NOTFOUND);
	(void)close(open_listener(*state)); /* its socket stays behind, as after a kill -9 */
	assert_int_equal(ask(*state, &document), WAKE_NOTFOUND);
	assert_null(document);
}

static void refuses_what_is_no_document(void **state)
{
	static const char *const answers[] = { "[1]", "{\"a\":1} x", "{\"a\":", "hello\n" };
	wake_auto_free char *socket = scratch_path(state, "watcher/socket");

	for (size_t i = 0; i < WAKE_COUNT(answers); i++) {
		pid_t pid = start_server(*state, ANSWERS, answers[i]);
		json_t *document = NULL;

		assert_int_equal(ask(*state, &document), WAKE_INVALID);
		assert_null(document);
		end_server(pid);
		assert_int_equal(unlink(socket), 0);
	}
}

static void an_empty_answer_is_none(void **state)
{
	pid_t pid = start_server(*state, ANSWERS, "");
	json_t *document = NULL;

	assert_int_equal(ask(*state, &document), WAKE_UNAVAILABLE);
	end_server(pid);
}

static void does_not_wait_for_ever(void **state)
{
	pid_t pid = start_server(*state, SAYS_NOTHING, NULL);
	int64_t began = wake_clock_monotonic();
	json_t *document = NULL;

	assert_int_equal(ask(*state, &document), WAKE_UNAVAILABLE);
	assert_in_range(wake_clock_monotonic() - began, 2 * WAKE_SECOND, 30 * WAKE_SECOND);
	end_server(pid);
}

static void does_not_listen_for_ever(void **state)
{
	pid_t pid = start_server(*state, BABBLES, "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],");
	json_t *document = NULL;

	assert_int_equal(ask(*state, &document), WAKE_INVALID);
	assert_non_null(strstr(err.text, "longer than"));
	end_server(pid);
}

static void knows_the_lock(void **state)
{
	struct wake_paths paths = { .state = *state };
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	wake_auto_free char *directory = scratch_path(state, "watcher");
	wake_auto_free char *path = scratch_path(state, "watcher/lock");
	int fd;

	assert_false(wake_watcher_is_held(&paths));
	assert_int_equal(mkdir(directory, 0700), 0);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_false(wake_watcher_is_held(&paths));
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	assert_true(wake_watcher_is_held(&paths));
	(void)close(fd);
	assert_false(wake_watcher_is_held(&paths));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(gives_the_answer),
		scratch_test(reaches_long_paths),
		scratch_test(nobody_listens),
		scratch_test(refuses_what_is_no_document),
		scratch_test(an_empty_answer_is_none),
		scratch_test(does_not_wait_for_ever),
		scratch_test(does_not_listen_for_ever),
		scratch_test(knows_the_lock),
	};

	return cmocka_run_group_tests_name("cli/watcher_client", tests, NULL, NULL);
}
