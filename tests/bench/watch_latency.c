/* SPDX-License-Identifier: MIT */
/* From a write, or a commit, to whoever tells of it: median, p90 and p99 of many samples.
 *
 *	watch_latency lines SAMPLES FILE INPUT|- COMMAND…
 *		FILE is written; until COMMAND prints a line that names it. Its standard input is the file INPUT, and
 *		stays open. It is taken to be ready once it has been silent for two seconds.
 *	watch_latency edits SAMPLES FILE STATE
 *		FILE is written; until the spool under STATE gets an event, until the store has another edit state.
 *	watch_latency movements SAMPLES ROOT STATE TITLE COMMAND…
 *		COMMAND moves HEAD of ROOT: from the line in its logs/HEAD to the spool, to a movement more in the
 *		store.
 *
 * A sample begins when nothing has happened for a while after the one before it. One that takes longer than ten
 * seconds is told as missed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"

#define TOO_LONG INT64_C(10000000) /* microseconds */
#define QUIET 60		   /* milliseconds without anything, before the next sample */

struct series {
	const char *name;
	int64_t *times; /* microseconds */
	size_t count;
};

struct probe {
	long samples;
	long missed;
	struct series first, second;
	int inotify;
	int log_watch, spool_watch, state_watch;
	sqlite3 *db;
	sqlite3_stmt *count;
};

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void add(struct series *series, int64_t time)
{
	series->times[series->count++] = time;
}

static int by_time(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void print(struct series *series, long missed)
{
	size_t n = series->count;

	if (n == 0) {
		printf("%-34s %8d %8ld\n", series->name, 0, missed);
		return;
	}
	qsort(series->times, n, sizeof(*series->times), by_time);
	printf("%-34s %8zu %8ld %10.2f %10.2f %10.2f\n", series->name, n, missed,
	    (double)series->times[n / 2] / 1000, (double)series->times[n * 9 / 10] / 1000,
	    (double)series->times[n * 99 / 100] / 1000);
}

/* Another line at the end, as an editor that appends: opened, written, closed. */
static void write_file(const char *path, long number)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "sample %ld\n", number);
	wake_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, line, (size_t)len) != len)
		die(path);
}

/* Reads what is there; false once the time is over. text: what was read, NUL-terminated. */
static bool read_some(int fd, int64_t deadline, char *text, size_t room, ssize_t *ret_len)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int64_t left = deadline - now();

	if (left <= 0 || poll(&poller, 1, (int)(left / 1000) + 1) <= 0)
		return false;
	*ret_len = read(fd, text, room - 1);
	if (*ret_len <= 0)
		return false;
	text[*ret_len] = '\0';
	return true;
}

static void wait_for_silence(int fd, int milliseconds)
{
	char text[65536];
	ssize_t len;

	while (read_some(fd, now() + (int64_t)milliseconds * 1000, text, sizeof(text), &len))
		;
}

/* ---- somebody else's lines ------------------------------------------------------------------------- */
static pid_t start(char **argv, const char *input, int *ret_output)
{
	posix_spawn_file_actions_t actions;
	int in[2], out[2];
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		die("pipe");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		die(argv[0]);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(in[0]);
	(void)close(out[1]);
	if (strcmp(input, "-") != 0) {
		char text[4096];
		wake_auto_close int fd = open(input, O_RDONLY | O_CLOEXEC);
		ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

		if (len < 0 || write(in[1], text, (size_t)len) != len)
			die(input);
	}
	*ret_output = out[0];
	return pid; /* in[1] stays open until we end */
}

static void sample_lines(struct probe *probe, char **argv)
{
	const char *file = argv[0], *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	char text[65536];
	int output = -1;
	pid_t pid = start(argv + 2, argv[1], &output);

	wait_for_silence(output, 2000);
	for (long i = 0; i < probe->samples; i++) {
		int64_t began = now();
		ssize_t len = 0;
		bool found = false;

		write_file(file, i);
		while (!found && read_some(output, began + TOO_LONG, text, sizeof(text), &len))
			found = strstr(text, name) != NULL;
		if (found)
			add(&probe->first, now() - began);
		else
			probe->missed++;
		wait_for_silence(output, QUIET);
	}
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
	print(&probe->first, probe->missed);
}

/* ---- ours ------------------------------------------------------------------------------------------ */
static char *path_in(const char *dir, const char *name)
{
	size_t room = strlen(dir) + strlen(name) + 2;
	char *path = malloc(room);

	if (!path)
		die("malloc");
	(void)snprintf(path, room, "%s/%s", dir, name);
	return path;
}

static int watch(struct probe *probe, const char *dir, const char *name, uint32_t mask)
{
	char *path = path_in(dir, name);
	int watch_id = inotify_add_watch(probe->inotify, path, mask);

	if (watch_id < 0)
		die(path);
	free(path);
	return watch_id;
}

static void open_state(struct probe *probe, const char *state, const char *statement)
{
	char *path = path_in(state, "runwake.db");

	probe->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (probe->inotify < 0)
		die("inotify_init1");
	probe->spool_watch = watch(probe, state, "spool/in", IN_MODIFY | IN_MOVED_TO);
	probe->state_watch = watch(probe, state, ".", IN_MODIFY);
	if (sqlite3_open_v2(path, &probe->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(probe->db, 5000) != SQLITE_OK ||
	    sqlite3_prepare_v2(probe->db, statement, -1, &probe->count, NULL) != SQLITE_OK) {
		(void)fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(probe->db));
		exit(1);
	}
	free(path);
}

static int64_t rows(struct probe *probe)
{
	int64_t count = sqlite3_step(probe->count) == SQLITE_ROW ? sqlite3_column_int64(probe->count, 0) : -1;

	(void)sqlite3_reset(probe->count);
	return count;
}

/* When each was first seen; 0: not yet. written: when the store's files were last. */
struct seen {
	int64_t log, spool, row;
	int64_t written;
};

static void look_at_rows(struct probe *probe, int64_t before, struct seen *seen)
{
	if (seen->written && !seen->row && rows(probe) > before)
		seen->row = now();
}

static void take_events(struct probe *probe, int64_t before, struct seen *seen)
{
	_Alignas(struct inotify_event) char text[65536];
	ssize_t len = read(probe->inotify, text, sizeof(text));
	int64_t time = now();

	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const struct inotify_event *)(text + at);

		at += (ssize_t)(sizeof(*event) + event->len);
		if (event->wd == probe->log_watch && event->len && strcmp(event->name, "HEAD") == 0 && !seen->log)
			seen->log = time;
		/* What the sample before has left to be told must not count. */
		if (event->wd == probe->spool_watch && !seen->spool && (seen->log || probe->log_watch < 0))
			seen->spool = time;
		if (event->wd == probe->state_watch)
			seen->written = time;
	}
	look_at_rows(probe, before, seen);
}

static void take_sample(struct probe *probe, int64_t began, int64_t before)
{
	struct seen seen = { 0 };
	struct pollfd poller = { .fd = probe->inotify, .events = POLLIN };
	int64_t left;

	while (!seen.row && (left = began + TOO_LONG - now()) > 0) {
		/* What was written is to be seen a moment later: the store's index of it is shared memory, of which
		 * inotify tells nothing. */
		bool is_fresh = seen.written && now() - seen.written < 100000;

		if (poll(&poller, 1, is_fresh ? 1 : (int)(left / 1000) + 1) > 0)
			take_events(probe, before, &seen);
		else
			look_at_rows(probe, before, &seen);
	}
	if (seen.log)
		began = seen.log;
	if (!seen.row || !seen.spool || (probe->log_watch >= 0 && !seen.log)) {
		probe->missed++;
		return;
	}
	add(&probe->first, seen.spool - began);
	add(&probe->second, seen.row - began);
}

static void wait_for_calm(struct probe *probe)
{
	struct pollfd poller = { .fd = probe->inotify, .events = POLLIN };
	char text[65536];

	while (poll(&poller, 1, QUIET) > 0 && (read(probe->inotify, text, sizeof(text)) > 0 || errno == EINTR))
		;
}

static void sample_edits(struct probe *probe, char **argv)
{
	open_state(probe, argv[1], "select count(*) from workflow_edits");
	probe->log_watch = -1;
	for (long i = 0; i < probe->samples; i++) {
		int64_t began, before;

		wait_for_calm(probe);
		before = rows(probe);
		began = now();
		write_file(argv[0], i);
		take_sample(probe, began, before);
	}
	print(&probe->first, probe->missed);
	print(&probe->second, probe->missed);
}

static void sample_movements(struct probe *probe, char **argv)
{
	open_state(probe, argv[1], "select count(*) from workflow_movements");
	probe->log_watch = watch(probe, argv[0], ".git/logs", IN_MODIFY);
	for (long i = 0; i < probe->samples; i++) {
		int64_t before;
		int status = 0;
		pid_t pid;

		wait_for_calm(probe);
		before = rows(probe);
		if (posix_spawnp(&pid, argv[3], NULL, NULL, argv + 3, environ) != 0)
			die(argv[3]);
		take_sample(probe, now(), before);
		if (waitpid(pid, &status, 0) < 0 || status != 0)
			die(argv[3]);
	}
	print(&probe->first, probe->missed);
	print(&probe->second, probe->missed);
}

int main(int argc, char **argv)
{
	struct probe probe = { .inotify = -1 };
	const char *kind = argc > 4 ? argv[1] : "";

	probe.samples = argc > 4 ? strtol(argv[2], NULL, 10) : 0;
	if (probe.samples < 1) {
		(void)fprintf(stderr, "usage: watch_latency lines|edits|movements SAMPLES ...\n");
		return 2;
	}
	probe.first.times = calloc((size_t)probe.samples, sizeof(int64_t));
	probe.second.times = calloc((size_t)probe.samples, sizeof(int64_t));
	if (!probe.first.times || !probe.second.times)
		die("calloc");
	probe.second.name = "  to its row in the store";
	if (strcmp(kind, "lines") == 0 && argc > 5) {
		probe.first.name = argv[5];
		sample_lines(&probe, argv + 3);
	} else if (strcmp(kind, "edits") == 0) {
		probe.first.name = "edit, to its event in the spool";
		sample_edits(&probe, argv + 3);
	} else if (strcmp(kind, "movements") == 0 && argc > 6) {
		probe.first.name = argv[5];
		sample_movements(&probe, argv + 3);
	}
	(void)sqlite3_finalize(probe.count);
	(void)sqlite3_close(probe.db);
	free(probe.first.times);
	free(probe.second.times);
	return probe.missed > 0;
}
