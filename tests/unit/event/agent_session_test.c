/* SPDX-License-Identifier: MIT */
/* event/agent_session: what is known of an agent's session, as files. */
#include "event/agent_session.h"

#include <fcntl.h>
#include <stdlib.h>

#include "../base/scratch.h"
#include "base/fs.h"
#include "base/process.h"

#define auto_session wake_auto_agent_session struct wake_agent_session
/* As lib/agent/run_name.h names the conversation of the session "s1"; tests/unit/agent/run_name_test.c has it
 * too. */
#define FILE_OF_S1 "sessions/8064f932-5a29-5f49-b31f-d2adeb63d897.json"

static struct wake_error err;

static struct wake_agent_session make(const char *name)
{
	struct wake_agent_session session = { .agent = "claude-code",
		.run_id = "run-1",
		.ordinal = 2,
		.begun_at = INT64_C(1800000000123456),
		.turn = WAKE_TURN_PROMPTED };

	session.session = strdup(name);
	session.transcript = strdup("/t/\"x\".jsonl");
	session.directory = strdup("/w");
	assert_true(session.session && session.transcript && session.directory);
	return session;
}

static struct wake_paths paths_of(void *const *state)
{
	return (struct wake_paths){ .state = *state, .spool = *state };
}

static void comes_back_as_it_was(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("s1"), read = { 0 };
	struct stat st;
	wake_auto_free char *file = scratch_path(state, FILE_OF_S1);

	session.heartbeat_at = INT64_C(1800000060000000);
	session.pid = 4194304;
	session.pid_start = UINT64_C(9007199254740993);
	session.pid_namespace = UINT64_C(4026531836);
	memcpy(session.boot_id, "0f8e9d4c-3f0a-4b1e-9a57-1c2d3e4f5a6b", sizeof(session.boot_id));
	memcpy(session.host, "box", sizeof("box"));
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_OK);
	assert_string_equal(read.agent, "claude-code");
	assert_string_equal(read.session, "s1");
	assert_string_equal(read.run_id, "run-1");
	assert_int_equal(read.ordinal, 2);
	assert_false(read.is_joined);
	assert_string_equal(read.transcript, session.transcript);
	assert_string_equal(read.directory, "/w");
	assert_true(read.begun_at == session.begun_at && read.heartbeat_at == session.heartbeat_at);
	assert_true(read.ended_at == 0);
	assert_int_equal(read.turn, WAKE_TURN_PROMPTED);
	assert_true(read.pid == session.pid && read.pid_start == session.pid_start &&
	            read.pid_namespace == session.pid_namespace);
	assert_string_equal(read.boot_id, session.boot_id);
	assert_string_equal(read.host, "box");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, WAKE_AGENT_SESSION_SIZE);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_shorter_one_leaves_no_tail(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("s1"), read = { 0 };

	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	session.is_joined = true;
	session.ordinal = 0;
	session.ended_at = session.begun_at + 1;
	session.turn = WAKE_TURN_FAILED;
	free(session.transcript);
	session.transcript = NULL;
	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_OK);
	assert_null(read.transcript);
	assert_true(read.is_joined && read.ordinal == 0 && read.ended_at == session.ended_at);
	assert_int_equal(read.turn, WAKE_TURN_FAILED);
}

/* Whatever stands there, of any length, it is a session's or none, never a mixture. */
static void a_torn_one_is_none(void **state)
{
	const struct wake_paths paths = paths_of(state);
	wake_auto_free char *file = scratch_path(state, FILE_OF_S1);
	auto_session session = make("s1");
	wake_auto_free char *before = NULL;
	wake_auto_free char *after = NULL;
	size_t len = 0, tells = 0;

	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	assert_int_equal(
	    wake_fs_read(file, WAKE_AGENT_SESSION_SIZE, WAKE_FS_PLAIN, &before, &len, &err), WAKE_OK);
	memcpy(session.run_id, "run-2", sizeof("run-2"));
	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	assert_int_equal(
	    wake_fs_read(file, WAKE_AGENT_SESSION_SIZE, WAKE_FS_PLAIN, &after, &len, &err), WAKE_OK);
	for (size_t cut = 0; cut <= WAKE_AGENT_SESSION_SIZE; cut += 1 + cut / 512) {
		auto_session read = { 0 };
		int fd = open(file, O_WRONLY | O_CLOEXEC);

		assert_true(pwrite(fd, before, len, 0) == (ssize_t)len);
		assert_true(pwrite(fd, after, cut, 0) == (ssize_t)cut);
		assert_int_equal(close(fd), 0);
		if (wake_agent_session_read(&paths, "claude-code", "s1", &read, &err) == WAKE_OK) {
			assert_true(memcmp(before, after, cut) == 0 ||
			            memcmp(before + cut, after + cut, len - cut) == 0);
			tells++;
		}
	}
	assert_true(tells > 2);
}

static void hostile_files_are_none(void **state)
{
	static const char *const texts[] = { "", "{}", "nonsense", "{\"version\":1}",
		"{\"version\":1,\"agent\":\"claude-code\"},\"sum\":\"00000000\"}", "}", "\n\n\n   " };
	const struct wake_paths paths = paths_of(state);
	wake_auto_free char *file = scratch_path(state, FILE_OF_S1);
	auto_session session = make("s1"), read = { 0 };

	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	for (size_t i = 0; i < WAKE_COUNT(texts); i++) {
		scratch_write(file, texts[i]);
		assert_int_equal(
		    wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_NOTFOUND);
	}
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/etc/passwd", file), 0);
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_NOTFOUND);
	assert_true(wake_agent_session_write(&paths, &session, &err) < 0);
}

static void long_names_are_refused_and_long_paths_left_out(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("../../s \"1\""), read = { 0 };
	char name[258], path[4001];

	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	free(session.directory);
	session.directory = strdup(path);
	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	assert_int_equal(
	    wake_agent_session_read(&paths, "claude-code", session.session, &read, &err), WAKE_OK);
	assert_string_equal(read.transcript, session.transcript);
	assert_null(read.directory);
	memset(name, 1, sizeof(name) - 2); /* six bytes each in JSON */
	name[sizeof(name) - 2] = '\0';
	free(session.session);
	session.session = strdup(name);
	memset(session.host, '\\', sizeof(session.host) - 1);
	memset(session.run_id, 'r', sizeof(session.run_id) - 1);
	session.pid = 1;
	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	name[sizeof(name) - 2] = 'x';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", name, &read, &err), WAKE_INVALID);
}

static void all_are_listed(void **state)
{
	const struct wake_paths paths = paths_of(state);
	wake_auto_agent_session_list struct wake_agent_session_list none = { 0 }, list = { 0 };
	wake_auto_free char *other = scratch_path(state, "sessions/other.json");
	bool seen[40] = { false };

	assert_int_equal(wake_agent_session_list(&paths, &none, &err), WAKE_OK);
	assert_int_equal(none.count, 0);
	for (int i = 0; i < 40; i++) {
		wake_auto_free char *name = NULL;
		auto_session session = { 0 };

		assert_int_equal(wake_str_format(&name, &err, "%d", i), WAKE_OK);
		session = make(name);
		assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	}
	scratch_write(other, "{}");
	assert_int_equal(wake_agent_session_list(&paths, &list, &err), WAKE_OK);
	assert_int_equal(list.count, 40);
	assert_int_equal(list.skipped, 1);
	for (size_t i = 0; i < list.count; i++)
		seen[atoi(list.items[i].session)] = true;
	for (size_t i = 0; i < 40; i++)
		assert_true(seen[i]);
}

static void one_that_is_removed_is_gone(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session session = make("s1"), read = { 0 };

	assert_int_equal(wake_agent_session_remove(&paths, "claude-code", "s1", &err), WAKE_OK);
	assert_int_equal(wake_agent_session_write(&paths, &session, &err), WAKE_OK);
	assert_int_equal(wake_agent_session_remove(&paths, "claude-code", "s1", &err), WAKE_OK);
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_NOTFOUND);
}

static void one_writer_at_a_time(void **state)
{
	const struct wake_paths paths = paths_of(state);
	auto_session read = { 0 };
	int first = -1, second = -1;

	assert_int_equal(wake_agent_session_lock(&paths, "claude-code", "s1", &first, &err), WAKE_OK);
	assert_int_equal(wake_agent_session_read(&paths, "claude-code", "s1", &read, &err), WAKE_NOTFOUND);
	assert_int_equal(wake_agent_session_lock(&paths, "claude-code", "s1", &second, &err), WAKE_BUSY);
	assert_int_equal(wake_agent_session_lock(&paths, "claude-code", "s2", &second, &err), WAKE_OK);
	assert_int_equal(close(second), 0);
	assert_int_equal(close(first), 0);
	assert_int_equal(wake_agent_session_lock(&paths, "claude-code", "s1", &first, &err), WAKE_OK);
	assert_int_equal(close(first), 0);
}

static void lives_as_long_as_its_process(void **state)
{
	auto_session session = make("s1");

	(void)state;
	assert_true(wake_agent_session_is_live(&session));
	session.pid = getpid();
	wake_process_boot_id(session.boot_id);
	wake_process_host(session.host);
	session.pid_namespace = wake_process_pid_namespace();
	assert_int_equal(wake_process_start_time(session.pid, &session.pid_start, &err), WAKE_OK);
	assert_true(wake_agent_session_is_live(&session));
	session.pid_start++; /* the number is another process's by now */
	assert_false(wake_agent_session_is_live(&session));
	session.pid_namespace++; /* a container's, which cannot be looked into */
	assert_true(wake_agent_session_is_live(&session));
	memcpy(session.boot_id, "0f8e9d4c-3f0a-4b1e-9a57-1c2d3e4f5a6b", sizeof(session.boot_id));
	assert_false(wake_agent_session_is_live(&session));
	memcpy(session.host, "elsewhere", sizeof("elsewhere"));
	assert_true(wake_agent_session_is_live(&session));
	session.ended_at = 1;
	assert_false(wake_agent_session_is_live(&session));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(comes_back_as_it_was),
		scratch_test(a_shorter_one_leaves_no_tail),
		scratch_test(a_torn_one_is_none),
		scratch_test(hostile_files_are_none),
		scratch_test(long_names_are_refused_and_long_paths_left_out),
		scratch_test(all_are_listed),
		scratch_test(one_that_is_removed_is_gone),
		scratch_test(one_writer_at_a_time),
		scratch_test(lives_as_long_as_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
