/* SPDX-License-Identifier: MIT */
/* How long whole processes take, from before the fork to after the wait: the median, p90 and p99 of several
 *programs that are run in turn, so that what disturbs one disturbs all.
 *
 *	spawn_time ROUNDS DIR REFLOG|- SPOOL|- NAME=PROGRAM[ ARG|<FILE]…
 *
 * Each runs in DIR with standard streams on /dev/null; a word <FILE is no argument, but its standard input. Before each, one new line goes to REFLOG, as git has
 *written it when it starts a hook. SPOOL: its recorder's lock is held by us, so the hooks find a recorder at
 *work; "-": they start one whenever none is. The last column is the ratio of medians to the first program's.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "event/spool.h"

#define PROGRAMS_MAX 16
#define WORDS_MAX 16
#define WARM_UP 20 /* rounds that do not count */

struct program {
	const char *name;
	bool moves; /* a new line goes before it */
	char *argv[WORDS_MAX + 1];
	const char *input;
	int64_t *times; /* nanoseconds */
};

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static void read_program(char *text, struct program *program)
{
	char *rest = strchr(text, '=');
	size_t count = 0;

	program->moves = text[0] == '+';
	program->name = text + program->moves;
	program->input = "/dev/null";
	if (!rest)
		return;
	*rest++ = '\0';
	for (char *word; count < WORDS_MAX && (word = strsep(&rest, " "));) {
		if (*word == '<')
			program->input = word + 1;
		else
			program->argv[count++] = word;
	}
}

/* As git writes it, with a commit that nobody has. */
static int append_line(const char *reflog, uint64_t number)
{
	char line[256];
	int len = snprintf(line, sizeof(line),
	    "%040llx %040llx Ann Example <ann@example.org> %lld +0000\tcommit: %llu\n",
	    (unsigned long long)number, (unsigned long long)number + 1, (long long)time(NULL),
	    (unsigned long long)number);
	wake_auto_close int fd = open(reflog, O_WRONLY | O_APPEND | O_CLOEXEC);

	return fd >= 0 && write(fd, line, (size_t)len) == len ? 0 : -1;
}

static int run_once(const struct program *program, int64_t *ret_time)
{
	posix_spawn_file_actions_t actions;
	int64_t start;
	int status = 0, failed;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, program->input, O_RDONLY, 0);
	for (int fd = 1; fd <= 2; fd++)
		(void)posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	start = now();
	failed = posix_spawn(&pid, program->argv[0], &actions, NULL, program->argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (failed)
		return fail(program->argv[0]);
	if (waitpid(pid, &status, 0) < 0)
		return fail("waitpid");
	*ret_time = now() - start;
	return 0;
}

static int measure(struct program *programs, size_t count, long rounds, const char *reflog)
{
	uint64_t number = (uint64_t)time(NULL) << 20;

	for (long round = -WARM_UP; round < rounds; round++) {
		for (size_t i = 0; i < count; i++) {
			int64_t time_taken = 0;

			if (programs[i].moves && append_line(reflog, number++) < 0)
				return fail(reflog);
			if (run_once(&programs[i], &time_taken) != 0)
				return 1;
			if (round >= 0)
				programs[i].times[round] = time_taken;
		}
	}
	return 0;
}

static int by_time(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void print(const struct program *programs, size_t count, long rounds)
{
	int64_t base = programs[0].times[rounds / 2];

	printf("%-28s %10s %10s %10s %8s\n", "program", "median us", "p90 us", "p99 us", "ratio");
	for (size_t i = 0; i < count; i++) {
		const int64_t *times = programs[i].times;

		printf("%-28s %10.1f %10.1f %10.1f %8.2f\n", programs[i].name,
		    (double)times[rounds / 2] / 1000, (double)times[rounds * 9 / 10] / 1000,
		    (double)times[rounds * 99 / 100] / 1000, (double)times[rounds / 2] / (double)base);
	}
}

int main(int argc, char **argv)
{
	struct program programs[PROGRAMS_MAX] = { 0 };
	struct wake_error err = { 0 };
	size_t count = argc > 5 ? (size_t)argc - 5 : 0;
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	int lock = -1, ret;

	if (count == 0 || count > PROGRAMS_MAX || rounds < 1) {
		fprintf(stderr, "usage: spawn_time ROUNDS DIR REFLOG|- SPOOL|- NAME=PROGRAM[ ARG]...\n");
		return 2;
	}
	for (size_t i = 0; i < count; i++) {
		read_program(argv[i + 5], &programs[i]);
		programs[i].times = calloc((size_t)rounds, sizeof(*programs[i].times));
		if (!programs[i].times || !programs[i].argv[0])
			return fail(programs[i].name);
	}
	if (strcmp(argv[4], "-") != 0 && wake_spool_lock(argv[4], true, &lock, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (chdir(argv[2]) < 0)
		return fail(argv[2]);
	ret = measure(programs, count, rounds, argv[3]);
	for (size_t i = 0; i < count; i++)
		qsort(programs[i].times, (size_t)rounds, sizeof(*programs[i].times), by_time);
	if (ret == 0)
		print(programs, count, rounds);
	for (size_t i = 0; i < count; i++)
		free(programs[i].times);
	return ret;
}
