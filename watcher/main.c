/* SPDX-License-Identifier: MIT */
/* The program runwake-watcher: one option at most; prints its error once, here. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/text.h"
#include "watcher/control.h"
#include "watcher/detach.h"
#include "watcher/lock.h"
#include "watcher/options.h"
#include "watcher/service.h"

/* As runwake's own (see runwake help). */
enum { EXIT_FINE = 0, EXIT_NO = 1, EXIT_USAGE = 2, EXIT_BUSY = 5 };

#define STATUS_WAIT (5 * WAKE_SECOND)

struct place {
	struct wake_paths paths;
	char *dir; /* owned; STATE/watcher */
};

static void place_release(struct place *place)
{
	wake_paths_release(&place->paths);
	free(place->dir);
}

static int find_place(struct place *place, struct wake_error *err)
{
	int ret = wake_paths_find(&place->paths, err);

	return ret == WAKE_OK ? wake_fs_join(place->paths.state, "watcher", &place->dir, err) : ret;
}

static int print(const char *text, struct wake_error *err)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
		return wake_fail_errno(err, "write to standard output");
	return WAKE_OK;
}

static int print_status(const struct place *place, struct wake_error *err)
{
	wake_auto_free char *answer = NULL;
	int ret = wake_control_ask(place->dir, "status", STATUS_WAIT, &answer, err);

	if (ret == WAKE_NOTFOUND)
		return wake_fail(err, WAKE_NOTFOUND, "no watcher runs");
	return ret == WAKE_OK ? print(answer, err) : ret;
}

/* One that has given up its lock has gone. That none runs is what was asked for. */
static int stop(const struct place *place, struct wake_error *err)
{
	wake_auto_close int lock = -1;

	return wake_fs_is_dir(place->dir) ? wake_lock_take_over(place->dir, &lock, err) : WAKE_OK;
}

static int run(const struct place *place, int lock, struct wake_log *log, void (*stands)(void *),
    void *context, struct wake_error *err)
{
	const struct wake_service_spec spec = { .paths = &place->paths,
		.dir = place->dir,
		.lock = lock,
		.log = log,
		.stands = stands,
		.context = context };

	return wake_service_run(&spec, err);
}

static void log_release(struct wake_log **log)
{
	wake_log_free(*log);
}

static int run_in_foreground(const struct place *place, struct wake_error *err)
{
	WAKE_CLEANUP(log_release) struct wake_log *log = NULL;
	wake_auto_close int lock = -1;
	int ret = wake_lock_take(place->dir, &lock, err);

	if (ret == WAKE_OK || ret == WAKE_BUSY) {
		int opened = wake_log_new(NULL, &log, err);

		if (opened < 0)
			return opened;
	}
	if (ret == WAKE_BUSY) {
		wake_log_say(log, "taking over from the one that runs");
		ret = wake_lock_take_over(place->dir, &lock, err);
	}
	return ret == WAKE_OK ? run(place, lock, log, NULL, NULL, err) : ret;
}

/* ---- detached ---- */

struct report {
	int fd; /* -1: given */
};

static void give_report(struct report *report, const struct wake_error *failure)
{
	if (report->fd >= 0)
		wake_detach_report(report->fd, failure);
	report->fd = -1;
}

static void stands(void *context)
{
	give_report(context, NULL);
}

static int run_detached(const struct place *place, int report_fd, struct wake_error *err)
{
	WAKE_CLEANUP(log_release) struct wake_log *log = NULL;
	wake_auto_free char *path = NULL;
	wake_auto_close int lock = -1;
	struct report report = { .fd = report_fd };
	int ret = wake_lock_take(place->dir, &lock, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(place->dir, "log", &path, err);
	if (ret == WAKE_OK)
		ret = wake_log_new(path, &log, err);
	if (ret == WAKE_OK)
		ret = run(place, lock, log, stands, &report, err);
	if (ret < 0) {
		wake_log_say(log, "%s", err->text);
		give_report(&report, err);
	}
	return ret;
}

/* The lock is looked at before the two forks: most often one runs already. */
static int detach(const struct place *place, struct wake_error *err)
{
	enum wake_detached who = WAKE_DETACH_CALLER;
	int lock = -1, report = -1;
	int ret = wake_lock_take(place->dir, &lock, err);

	if (ret == WAKE_BUSY)
		return WAKE_OK;
	wake_scope_close(&lock);
	if (ret == WAKE_OK)
		ret = wake_detach(&who, &report, err);
	if (ret < 0 || who == WAKE_DETACH_CALLER)
		return ret;
	_exit(run_detached(place, report, err) < 0 ? EXIT_NO : EXIT_FINE);
}

/* ---- the program ---- */

static int do_mode(enum wake_watcher_mode mode, struct wake_error *err)
{
	WAKE_CLEANUP(place_release) struct place place = { { 0 }, NULL };
	int ret = find_place(&place, err);

	if (ret < 0)
		return ret;
	switch (mode) {
	case WAKE_WATCHER_DETACH:
		return detach(&place, err);
	case WAKE_WATCHER_STOP:
		return stop(&place, err);
	case WAKE_WATCHER_STATUS:
		return print_status(&place, err);
	default:
		return run_in_foreground(&place, err);
	}
}

static int fail(int code, const struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(8 * WAKE_ERROR_TEXT_SIZE);

	wake_text_append_shown(&text, err->text, strlen(err->text), false);
	(void)fprintf(stderr, "runwake-watcher: %s\n", wake_str_text(&text));
	return code;
}

int main(int argc, char **argv)
{
	enum wake_watcher_mode mode;
	struct wake_error err = { 0 };
	int ret;

	wake_process_open_standard_streams();
	ret = wake_watcher_mode_of((const char *const *)argv + (argc > 0), &mode, &err);
	if (ret < 0)
		return fail(EXIT_USAGE, &err);
	if (mode == WAKE_WATCHER_HELP)
		ret = print(wake_watcher_help, &err);
	else if (mode == WAKE_WATCHER_VERSION)
		ret = print("runwake-watcher " RUNWAKE_VERSION "\n", &err);
	else
		ret = do_mode(mode, &err);
	if (ret < 0)
		return fail(ret == WAKE_BUSY ? EXIT_BUSY : EXIT_NO, &err);
	return EXIT_FINE;
}
