/* SPDX-License-Identifier: MIT */
/* The doctor on the watcher: does one run, of which version, what does it watch, how far is it behind, and
 * what starts it? Whatever the answer holds is text of others: it is bounded here and made harmless when
 * shown. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/fs.h"
#include "cli/doctor.h"
#include "cli/reader.h"
#include "cli/watcher_client.h"
#include "event/active.h"

#define TOPIC "watcher"
#define BY_HAND "runwake-watcher --detach"
#define MIB (1024.0 * 1024.0)
#define LATE (60 * WAKE_SECOND) /* a lag that says that something stands still */
#define NEAR_LIMIT 90           /* per cent of the inotify watches that a user may have */

/* Borrowed; "" where there is none. Printed with %.1000s. */
static const char *text_of(const json_t *object, const char *key)
{
	const char *text = wake_json_string(object, key);

	return text ? text : "";
}

static double mib_of(const json_t *object, const char *key)
{
	return (double)wake_json_int(object, key, 0) / MIB;
}

static double milliseconds_of(const json_t *object, const char *key)
{
	return (double)wake_json_int(object, key, 0) / 1000.0;
}

static const char *uptime_of(const json_t *document, char buffer[32])
{
	struct wake_error ignored;
	int64_t started = 0;

	if (wake_time_parse(text_of(document, "started_at"), &started, &ignored) < 0)
		return "?";
	return wake_reader_duration((wake_clock_now() - started) / WAKE_SECOND, buffer);
}

static int check_process(const json_t *document, struct wake_findings *findings, struct wake_error *err)
{
	const char *version = text_of(document, "version");
	int64_t pid = wake_json_int(document, "pid", 0), watches = wake_json_int(document, "watches", 0);
	int64_t limit = wake_json_int(document, "watch_limit", -1),
	        lost = wake_json_int(document, "overflows", 0);
	size_t worktrees = json_array_size(json_object_get(document, "worktrees"));
	int64_t runs = wake_json_int(document, "runs", 0);
	char uptime[32];
	int ret;

	if (strcmp(version, RUNWAKE_VERSION) != 0)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, NULL,
		    "systemctl --user restart runwake-watcher, or runwake-watcher --stop and " BY_HAND, err,
		    "pid %" PRId64 " is of version %.100s, and this is " RUNWAKE_VERSION, pid, version);
	else
		ret = wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
		    "%s, pid %" PRId64 ", up %s, %zu worktree%s, %" PRId64 " watch%s, %" PRId64
		    " active run%s, %.1f MiB",
		    version, pid, uptime_of(document, uptime), worktrees, worktrees == 1 ? "" : "s", watches,
		    watches == 1 ? "" : "es", runs, runs == 1 ? "" : "s", mib_of(document, "memory_bytes"));
	if (ret == WAKE_OK && limit > 0 && watches >= limit / 100 * NEAR_LIMIT)
		ret = wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL,
		    "raise it: sysctl fs.inotify.max_user_watches=N", err,
		    "%" PRId64 " of the %" PRId64
		    " watches are in use that fs.inotify.max_user_watches allows",
		    watches, limit);
	if (ret == WAKE_OK && lost > 0)
		ret = wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL,
		    "if it goes on: sysctl fs.inotify.max_queued_events=N", err,
		    "the kernel's queue overflowed %" PRId64
		    " times; everything was looked at again each time",
		    lost);
	return ret;
}

static int check_lag(const json_t *document, struct wake_findings *findings, struct wake_error *err)
{
	int64_t spool = wake_json_int(document, "spool_lag_us", 0);
	int64_t edits = wake_json_int(document, "edit_lag_us", 0);
	const char *failure = text_of(document, "last_error");
	char at[32];
	int ret;

	if (spool >= LATE)
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, NULL,
		    "runwake record, which says what hinders it", err,
		    "the oldest event in the spool waits for %s",
		    wake_reader_duration(spool / WAKE_SECOND, at));
	else
		ret = wake_findings_add(findings, edits >= LATE ? WAKE_FINDING_NOTE : WAKE_FINDING_OK, TOPIC,
		    NULL, NULL, err, "behind by %.0f ms with edits, %.0f ms with the spool",
		    milliseconds_of(document, "edit_lag_us"), milliseconds_of(document, "spool_lag_us"));
	if (ret == WAKE_OK && *failure)
		ret = wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL, NULL, err,
		    "the latest failure, %s: %.1000s",
		    wake_reader_local_time(wake_json_string(document, "last_error_at"), at), failure);
	return ret;
}

static int check_recorder(const json_t *document, struct wake_findings *findings, struct wake_error *err)
{
	const json_t *recorder = json_object_get(document, "recorder");
	const char *state = text_of(recorder, "state"), *failure = text_of(recorder, "last_error");
	int64_t restarts = wake_json_int(recorder, "restarts", 0);

	if (strcmp(state, "waiting") == 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, NULL,
		    "runwake record, which says what hinders it", err,
		    "its recorder failed and is started again after a while: %.1000s", failure);
	if (strcmp(state, "running") == 0)
		return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
		    "its recorder runs, pid %" PRId64 ", %.1f MiB, failed %" PRId64 " times",
		    wake_json_int(recorder, "pid", 0), mib_of(recorder, "memory_bytes"), restarts);
	return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
	    "its recorder is away until something happens (%.100s), failed %" PRId64 " times", state,
	    restarts);
}

static int check_worktree(const json_t *worktree, struct wake_findings *findings, struct wake_error *err)
{
	const char *root = text_of(worktree, "root"), *phase = text_of(worktree, "phase");
	const char *problem = text_of(worktree, "problem");
	int64_t directories = wake_json_int(worktree, "directories", 0);
	int64_t found = wake_json_int(worktree, "found", 0);

	if (strcmp(phase, "degraded") == 0)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, root,
		    "set the limit that it names as root, for good in /etc/sysctl.d", err,
		    "is not watched, only looked through from time to time: %.1000s", problem);
	if (strcmp(phase, "ready") == 0 && *problem)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, root, NULL, err,
		    "watched, %" PRId64 " directories; %.1000s", directories, problem);
	if (strcmp(phase, "ready") == 0)
		return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, root, NULL, err,
		    "watched, %" PRId64 " director%s, the first scan took %.0f ms", directories,
		    directories == 1 ? "y" : "ies", milliseconds_of(worktree, "ready_after_us"));
	if (strcmp(phase, "gone") == 0)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, root, NULL, err,
		    "is not there; it is watched again once it is%s%.1000s", *problem ? ": " : "", problem);
	return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, root, NULL, err,
	    "%.100s, %" PRId64 " directories so far%s%.1000s", phase, found, *problem ? ": " : "", problem);
}

int wake_doctor_watcher_status(const json_t *document, struct wake_findings *findings, struct wake_error *err)
{
	const json_t *worktrees = json_object_get(document, "worktrees");
	size_t i;
	json_t *worktree;
	int ret = check_process(document, findings, err);

	if (ret == WAKE_OK)
		ret = check_recorder(document, findings, err);
	if (ret == WAKE_OK)
		ret = check_lag(document, findings, err);
	json_array_foreach(worktrees, i, worktree)
	{
		if (ret == WAKE_OK)
			ret = check_worktree(worktree, findings, err);
	}
	return ret;
}

/* ---- none runs -------------------------------------------------------------------------------- */

static bool is_wanted(const struct wake_paths *paths)
{
	wake_auto_config struct wake_config config = { 0 };
	struct wake_error ignored;

	return wake_config_load(paths->config, &config, &ignored) < 0 ||
	       wake_config_bool(&config, WAKE_SETTING_WATCHER);
}

static size_t count_active(const struct wake_paths *paths)
{
	WAKE_CLEANUP(wake_active_list_release) struct wake_active_list list = { 0 };
	struct wake_error ignored;

	return wake_active_list(paths, &list, &ignored) == WAKE_OK ? list.count : 0;
}

static int say_absent(const struct wake_paths *paths, const struct wake_service *service,
    struct wake_findings *findings, struct wake_error *err)
{
	size_t active = count_active(paths);

	if (wake_watcher_is_held(paths))
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL,
		    "look again; runwake-watcher takes over from one that stays like that", err,
		    "one has the lock and does not listen: it starts or ends");
	if (service->enabled && service->manager)
		return wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, NULL,
		    "systemctl --user start runwake-watcher; systemctl --user status runwake-watcher tells "
		    "more",
		    err, "is not running, though its service is enabled");
	if (!is_wanted(paths))
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL, BY_HAND, err,
		    "is not running, and the setting runwake.watcher keeps start from starting it");
	if (active > 0)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL, BY_HAND, err,
		    "is not running while %zu run%s active: edits that nobody commits are seen only when "
		    "they finish",
		    active, active == 1 ? " is" : "s are");
	return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
	    "is not running; the next start of a run starts it");
}

static int check_program(const char *program, struct wake_findings *findings, struct wake_error *err)
{
	wake_auto_free char *watcher = NULL;
	int ret = wake_str_format(&watcher, err, "%s-watcher", program);

	if (ret < 0 || access(watcher, X_OK) == 0)
		return ret;
	return wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, watcher,
	    "install Runwake again (make install)", err, "is not there, or cannot be run");
}

int wake_doctor_watcher(const struct wake_paths *paths, const char *program, struct wake_findings *findings,
    struct wake_error *err)
{
	wake_auto_json json_t *document = NULL;
	struct wake_service service = { 0 };
	struct wake_error failure = { 0 };
	int ret = check_program(program, findings, err);
	int asked;

	if (ret == WAKE_OK)
		ret = wake_doctor_find_service(paths, &service, err);
	if (ret < 0)
		return ret;
	asked = wake_watcher_ask(paths, "status", &document, &failure);
	if (asked == WAKE_OK)
		ret = wake_doctor_watcher_status(document, findings, err);
	else if (asked == WAKE_NOTFOUND)
		ret = say_absent(paths, &service, findings, err);
	else
		ret = wake_findings_add(findings, WAKE_FINDING_BROKEN, TOPIC, NULL,
		    "runwake-watcher takes over from one that hangs", err, "%s", failure.text);
	return ret == WAKE_OK ? wake_doctor_service(&service, findings, err) : ret;
}
