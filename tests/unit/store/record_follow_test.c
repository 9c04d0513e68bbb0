/* SPDX-License-Identifier: MIT */
/* store/record_follow: it records what comes, says once that it cannot, and ends as it should. */
#include "store/record_follow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "../base/scratch.h"
#include "event/spool.h"
#include "store/record.h"

#define REPOSITORY "0198f0c2-7d3a-7bcd-8e12-0123456789ab"
#define PATIENCE (30 * WAKE_SECOND)

static struct wake_error err;

#define assert_ok(call)                                                                                      \
	do {                                                                                                 \
		if ((call) != WAKE_OK)                                                                       \
			fail_msg("%s: %s", #call, err.text);                                                 \
	} while (0)

/* ---- a follower in a process of its own ------------------------------------------------------- */

struct follower {
	pid_t pid;
	int stop; /* closing it stops the follower */
	int told; /* what it says, a line each */
};

static void tell(void *context, const char *text)
{
	const int *fd = context;

	(void)!write(*fd, text, strlen(text));
	(void)!write(*fd, "\n", 1);
}

static struct follower begin(const struct wake_paths *paths, int64_t idle)
{
	struct follower follower = { 0 };
	int stop[2], told[2];

	assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	follower.pid = fork();
	if (follower.pid == 0) {
		const struct wake_follow follow = {
			.paths = paths, .stop = stop[0], .idle = idle, .say = tell, .context = &told[1]
		};

		(void)close(stop[1]);
		(void)alarm(60);
		_exit(wake_record_follow(&follow, &err) == WAKE_OK ? 0 : 1);
	}
	(void)close(stop[0]);
	(void)close(told[1]);
	follower.stop = stop[1];
	follower.told = told[0];
	return follower;
}

static void assert_ends_well(struct follower *follower)
{
	int status = -1;

	while (waitpid(follower->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	assert_int_equal(status, 0);
	(void)close(follower->told);
	if (follower->stop >= 0)
		(void)close(follower->stop);
}

static void stop(struct follower *follower)
{
	(void)close(follower->stop);
	follower->stop = -1;
	assert_ends_well(follower);
}

/* The next line that it says; waits for it. */
static void assert_says(struct follower *follower, const char *words)
{
	char line[1024] = "";
	size_t len = 0;

	while (len < sizeof(line) - 1 && read(follower->told, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	if (!strstr(line, words))
		fail_msg("it says '%s', not '%s'", line, words);
}

static void assert_says_nothing_more(struct follower *follower)
{
	struct pollfd end = { .fd = follower->told, .events = POLLIN };

	assert_int_equal(poll(&end, 1, 0), 0);
}

/* ---- the other side --------------------------------------------------------------------------- */

static void find(void *const *state, struct wake_paths *paths)
{
	wake_auto_free char *dir = scratch_path(state, "state"), *config = scratch_path(state, "config");

	assert_int_equal(setenv("XDG_STATE_HOME", dir, 1), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", config, 1), 0);
	assert_int_equal(unsetenv("RUNWAKE_STORE"), 0);
	assert_ok(wake_paths_find(paths, &err));
}

static void spool_gap(const struct wake_paths *paths)
{
	wake_auto_events struct wake_events events = { 0 };
	struct wake_event event = { 0 };

	assert_ok(wake_event_make(WAKE_EVENT_GAP, NULL, 0,
	    json_pack("{ss,ss}", "repository_id", REPOSITORY, "reason", "test"), &event, &err));
	assert_ok(wake_events_add(&events, &event, &err));
	assert_ok(wake_spool_append(paths->spool, &events, false, &err));
}

/* Asks without taking the lock, which the follower would then not get. */
static bool is_attended(const char *spool)
{
	return wake_spool_is_drained_now(spool);
}

static bool is_drained(const char *spool)
{
	return !wake_spool_has_events(spool);
}

static void wait_until(bool (*holds)(const char *spool), const char *spool)
{
	int64_t deadline = wake_clock_monotonic() + PATIENCE;

	while (!holds(spool)) {
		if (wake_clock_monotonic() > deadline)
			fail_msg("it never came to that");
		(void)poll(NULL, 0, 5);
	}
}

static bool is_away(const char *spool)
{
	return access(spool, F_OK) < 0;
}

static bool has_no_leftovers(const char *spool)
{
	return !wake_spool_has_leftovers(spool);
}

static bool has_open(pid_t pid, const char *name)
{
	wake_auto_closedir DIR *stream = NULL;
	const struct dirent *entry;
	char dir[64], target[4096];
	bool found = false;

	(void)snprintf(dir, sizeof(dir), "/proc/%ld/fd", (long)pid);
	stream = opendir(dir);
	assert_non_null(stream);
	while (!found && (entry = readdir(stream))) {
		ssize_t len = readlinkat(dirfd(stream), entry->d_name, target, sizeof(target) - 1);

		target[len < 0 ? 0 : len] = '\0';
		found = strstr(target, name) != NULL;
	}
	return found;
}

/* Until no round is at work or due, which would need the spool: some seconds after the last one it closes the store. */
static void wait_for_rest(const struct follower *follower)
{
	int64_t deadline = wake_clock_monotonic() + PATIENCE;

	while (has_open(follower->pid, "/runwake.db") || has_open(follower->pid, "/spool/lock")) {
		if (wake_clock_monotonic() > deadline)
			fail_msg("it does not rest");
		(void)poll(NULL, 0, 5);
	}
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void it_records_what_comes(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	struct follower follower;

	find(state, &paths);
	follower = begin(&paths, 0);
	wait_until(is_attended, paths.spool);
	for (int i = 0; i < 3; i++) {
		spool_gap(&paths);
		wait_until(is_drained, paths.spool);
	}
	assert_says_nothing_more(&follower);
	stop(&follower);
	assert_false(is_attended(paths.spool));
}

/* Stopped before it has begun: what is there is recorded all the same. */
static void stopping_it_drains(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	struct follower follower;

	find(state, &paths);
	spool_gap(&paths);
	follower = begin(&paths, 0);
	stop(&follower);
	assert_true(is_drained(paths.spool));
}

static void without_events_it_ends_by_itself(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	struct follower follower;

	find(state, &paths);
	spool_gap(&paths);
	follower = begin(&paths, WAKE_SECOND / 20);
	assert_ends_well(&follower);
	assert_true(is_drained(paths.spool));
}

static void it_goes_on_where_another_attends(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_close int attended = -1;
	struct follower follower;

	find(state, &paths);
	assert_ok(wake_spool_attend(paths.spool, &attended, &err));
	follower = begin(&paths, 0);
	for (int i = 0; i < 2; i++) {
		spool_gap(&paths);
		wait_until(is_drained, paths.spool);
	}
	assert_says_nothing_more(&follower);
	stop(&follower);
}

static void it_says_once_that_it_cannot(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *file = scratch_path(state, "state/runwake/runwake.db");
	struct follower follower;

	find(state, &paths);
	spool_gap(&paths);
	assert_int_equal(mkdir(file, 0700), 0); /* where the store should be */
	follower = begin(&paths, WAKE_SECOND / 20);
	assert_says(&follower, "kept in the spool");
	spool_gap(&paths);
	assert_true(is_attended(paths.spool)); /* it does not end while something is left to do */
	assert_int_equal(rmdir(file), 0);
	assert_says(&follower, "works again");
	assert_ends_well(&follower);
	assert_true(is_drained(paths.spool));
}

static void a_directory_that_was_replaced_is_watched_again(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *in = NULL;
	struct follower follower;

	find(state, &paths);
	in = scratch_path(state, "state/runwake/spool/in");
	follower = begin(&paths, 0);
	wait_until(is_attended, paths.spool);
	for (int i = 0; i < 2; i++) {
		spool_gap(&paths);
		wait_until(is_drained, paths.spool);
		while (rmdir(in) < 0) /* a file of the last round may still be there */
			assert_int_equal(errno, ENOTEMPTY);
	}
	wait_until(is_drained, paths.spool);
	spool_gap(&paths);
	wait_until(is_drained, paths.spool);
	stop(&follower);
}

static void without_a_spool_it_ends(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *elsewhere = scratch_path(state, "elsewhere");
	struct follower follower;

	find(state, &paths);
	spool_gap(&paths);
	follower = begin(&paths, 0);
	wait_until(is_drained, paths.spool);
	wait_for_rest(&follower);
	assert_int_equal(rename(paths.spool, elsewhere), 0);
	assert_ends_well(&follower);
	assert_true(is_away(paths.spool)); /* and does not make it anew */
}

/* Removed file by file, as rm(1) does it. */
static void a_spool_that_was_removed_ends_it(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	struct follower follower;

	find(state, &paths);
	follower = begin(&paths, 0);
	wait_until(is_attended, paths.spool);
	spool_gap(&paths);
	wait_until(is_drained, paths.spool);
	wait_for_rest(&follower); /* a round that is at work makes the directories that it needs */
	assert_int_equal(nftw(paths.spool, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	assert_ends_well(&follower);
	assert_true(is_away(paths.spool));
}

/* Such a writer finds the spool attended when it is done, and wakes nobody. */
static void it_waits_for_a_writer_that_was_interrupted(void **state)
{
	wake_auto_paths struct wake_paths paths = { 0 };
	wake_auto_free char *current = NULL;
	wake_auto_close int writer = -1;
	struct follower follower;

	find(state, &paths);
	current = scratch_path(state, "state/runwake/spool/in/current");
	follower = begin(&paths, 0);
	wait_until(is_attended, paths.spool);
	writer = open(current, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(writer, LOCK_EX), 0);
	assert_int_equal(write(writer, "\n", 1), 1);
	spool_gap(&paths);            /* into a file of its own */
	wait_until(is_away, current); /* both are taken, and one is held */
	assert_true(wake_spool_has_leftovers(paths.spool));
	assert_int_equal(close(writer), 0);
	writer = -1;
	wait_until(has_no_leftovers, paths.spool);
	stop(&follower);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(it_records_what_comes),
		scratch_test(stopping_it_drains),
		scratch_test(without_events_it_ends_by_itself),
		scratch_test(it_goes_on_where_another_attends),
		scratch_test(it_says_once_that_it_cannot),
		scratch_test(a_directory_that_was_replaced_is_watched_again),
		scratch_test(without_a_spool_it_ends),
		scratch_test(a_spool_that_was_removed_ends_it),
		scratch_test(it_waits_for_a_writer_that_was_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
