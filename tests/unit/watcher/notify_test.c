/* SPDX-License-Identifier: MIT */
/* watcher/notify: against a socket of our own: paths, abstract names, the watchdog's beat, and silence. */
#include "watcher/notify.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "turning.h"

#define BEAT 20000 /* microseconds; the watchdog's time is twice that */

struct manager {
	int fd;
	char *path;
	char latest[512];
	int beats, wanted_beats;
};

/* Binds a datagram socket and names it in NOTIFY_SOCKET. name: "@…" or a path. */
static void open_manager(struct manager *manager, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	assert_true(strlen(name) < sizeof(address.sun_path));
	memcpy(address.sun_path, name, strlen(name) + 1);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(manager->fd >= 0);
	assert_int_equal(
	    bind(manager->fd, (const struct sockaddr *)&address, name[0] == '@' ? len : len + 1), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
}

/* "" if nothing came: a datagram that was sent is there at once. */
static const char *heard(struct manager *manager)
{
	ssize_t got = recv(manager->fd, manager->latest, sizeof(manager->latest) - 1, 0);

	assert_true(got >= 0 || errno == EAGAIN);
	manager->latest[got > 0 ? got : 0] = '\0';
	return manager->latest;
}

static void speaks_the_protocol(struct wake_loop *loop, const char *name)
{
	struct manager manager = { 0 };
	struct wake_notify *notify = NULL;
	struct wake_error err;

	open_manager(&manager, name);
	assert_int_equal(wake_notify_new(loop, &notify, &err), WAKE_OK);
	assert_null(getenv("NOTIFY_SOCKET")); /* no child shall speak for us */
	assert_string_equal(heard(&manager), "");
	wake_notify_ready(notify, "first scan");
	assert_string_equal(heard(&manager), "READY=1\nSTATUS=first scan");
	wake_notify_status(notify, "a worktree named x\nMAINPID=1"); /* never an assignment of its own */
	assert_string_equal(heard(&manager), "STATUS=a worktree named x");
	wake_notify_reloading(notify);
	assert_non_null(strstr(heard(&manager), "RELOADING=1\nMONOTONIC_USEC="));
	assert_true(wake_clock_monotonic() - strtoll(strstr(manager.latest, "USEC=") + 5, NULL, 10) <
	            60 * WAKE_SECOND);
	wake_notify_stopping(notify);
	assert_string_equal(heard(&manager), "STOPPING=1");
	close(manager.fd);
	wake_notify_status(notify, "to nobody"); /* the manager is gone: no signal, no failure */
	wake_notify_free(notify);
}

static void speaks_at_a_path(void **state)
{
	char dir[] = "/tmp/runwake-test-XXXXXX";
	wake_auto_free char *path = NULL;

	assert_non_null(mkdtemp(dir));
	assert_true(asprintf(&path, "%s/notify", dir) > 0);
	speaks_the_protocol(*state, path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void speaks_at_an_abstract_name(void **state)
{
	wake_auto_free char *name = NULL;

	assert_true(asprintf(&name, "@runwake-test-%ld", (long)getpid()) > 0);
	speaks_the_protocol(*state, name);
}

static bool has_beaten(void *context)
{
	struct manager *manager = context;

	while (strcmp(heard(manager), "WATCHDOG=1") == 0)
		manager->beats++;
	return manager->beats >= manager->wanted_beats;
}

static void open_with_watchdog(struct manager *manager, const char *usec, const char *pid)
{
	wake_auto_free char *name = NULL;

	assert_true(asprintf(&name, "@runwake-test-watchdog-%ld", (long)getpid()) > 0);
	open_manager(manager, name);
	assert_int_equal(setenv("WATCHDOG_USEC", usec, 1), 0);
	if (pid)
		assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
}

static void beats_at_half_the_watchdogs_time(void **state)
{
	struct manager manager = { .wanted_beats = 5 };
	struct wake_notify *notify = NULL;
	struct wake_error err;
	int64_t began = wake_clock_monotonic();
	char pid[32], usec[32];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)snprintf(usec, sizeof(usec), "%d", 2 * BEAT);
	open_with_watchdog(&manager, usec, pid);
	assert_int_equal(wake_notify_new(*state, &notify, &err), WAKE_OK);
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
	assert_true(turn_until(*state, has_beaten, &manager));
	assert_true(wake_clock_monotonic() - began >= 5 * BEAT);
	wake_notify_free(notify);
	close(manager.fd);
}

static bool has_waited(void *context)
{
	return wake_clock_monotonic() >= *(int64_t *)context;
}

/* The loop turns for ten beats that another process was to give. */
static void does_not_beat_for_another_process(void **state)
{
	static const char *const pids[] = { "1", "x", "" };

	for (size_t i = 0; i < WAKE_COUNT(pids); i++) {
		struct manager manager = { .wanted_beats = 1 };
		struct wake_notify *notify = NULL;
		struct wake_error err;
		int64_t until = wake_clock_monotonic() + 20000;

		open_with_watchdog(&manager, "4000", pids[i]);
		assert_int_equal(wake_notify_new(*state, &notify, &err), WAKE_OK);
		assert_true(turn_until(*state, has_waited, &until));
		assert_false(has_beaten(&manager));
		wake_notify_free(notify);
		close(manager.fd);
	}
}

static void tells_nobody_where_there_is_nobody(void **state)
{
	static const char *const names[] = { NULL, "", "@", "/", "relative", "/no/such/socket" };
	struct wake_error err;

	for (size_t i = 0; i < WAKE_COUNT(names); i++) {
		struct wake_notify *notify = NULL;

		if (names[i])
			assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		else
			(void)unsetenv("NOTIFY_SOCKET");
		assert_int_equal(wake_notify_new(*state, &notify, &err), WAKE_OK);
		wake_notify_ready(notify, "");
		wake_notify_stopping(notify);
		wake_notify_free(notify);
	}
	wake_notify_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(speaks_at_a_path),
		loop_test(speaks_at_an_abstract_name),
		loop_test(beats_at_half_the_watchdogs_time),
		loop_test(does_not_beat_for_another_process),
		loop_test(tells_nobody_where_there_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
