/* SPDX-License-Identifier: MIT */
/* cli/doctor_watcher: what the watcher's own account becomes, and that no account can do harm. */
#include "cli/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/print.h"

static struct wake_error err;

/* A healthy one, with these members replaced. owned: json_decref. */
static json_t *account(const char *changes)
{
	json_t *document = json_pack(
	    "{s:s, s:i, s:s, s:i, s:i, s:i, s:i, s:I, s:i, s:i, s:i, s:{s:i, s:s, s:i, s:I, s:s}, s:s, "
	    "s:[{s:s, s:s, s:i, s:i, s:i, s:i, s:s}]}",
	    "version", RUNWAKE_VERSION, "pid", 4711, "started_at", "2026-11-22T10:00:00.000000Z", "watches",
	    90, "watch_limit", 65536, "events", 12, "overflows", 0, "memory_bytes", (json_int_t)3145728,
	    "spool_lag_us", 0, "edit_lag_us", 1500, "runs", 2, "recorder", "pid", 4712, "state", "running",
	    "restarts", 0, "memory_bytes", (json_int_t)10485760, "last_error", "", "last_error", "",
	    "worktrees", "root", "/shop", "phase", "ready", "directories", 77, "found", 77, "rescans", 0,
	    "ready_after_us", 12000, "problem", "");
	json_t *changed = json_loads(changes, 0, NULL);

	assert_non_null(document);
	assert_non_null(changed);
	assert_int_equal(json_object_update(document, changed), 0);
	json_decref(changed);
	return document;
}

/* The text that the doctor prints of it. owned: release. */
static struct wake_str report(const char *changes, size_t *ret_broken)
{
	wake_auto_json json_t *document = account(changes);
	wake_auto_findings struct wake_findings findings = { 0 };
	struct wake_str out = WAKE_STR(1024 * 1024);

	assert_int_equal(wake_doctor_watcher_status(document, &findings, &err), WAKE_OK);
	wake_findings_append(&findings, &out);
	*ret_broken = findings.broken;
	return out;
}

static void says(const char *changes, size_t broken, const char *words)
{
	size_t found = 0;
	wake_auto_str struct wake_str out = report(changes, &found);

	if (!strstr(wake_str_text(&out), words) || found != broken)
		fail_msg(
		    "not '%s' with %zu broken, but %zu in: %s", words, broken, found, wake_str_text(&out));
}

static void tells_of_a_healthy_one(void **state)
{
	(void)state;
	says("{}", 0, "pid 4711, up ");
	says("{}", 0, "1 worktree, 90 watches, 2 active runs, 3.0 MiB");
	says("{}", 0, "its recorder runs, pid 4712, 10.0 MiB, failed 0 times");
	says("{}", 0, "behind by 2 ms with edits, 0 ms with the spool");
	says("{}", 0, "/shop: watched, 77 directories, the first scan took 12 ms");
	says("{\"recorder\":{\"state\":\"idle\",\"restarts\":3}}", 0,
	    "away until something happens (idle), failed 3");
}

static void tells_of_trouble(void **state)
{
	(void)state;
	says("{\"version\":\"0.0.9\"}", 1, "pid 4711 is of version 0.0.9, and this is " RUNWAKE_VERSION);
	says("{\"watches\":60000}", 0, "60000 of the 65536 watches are in use");
	says("{\"overflows\":2}", 0, "overflowed 2 times");
	says("{\"spool_lag_us\":120000000}", 1, "the oldest event in the spool waits for 2m00s");
	says("{\"edit_lag_us\":120000000}", 0, "note    watcher  behind by 120000 ms");
	says("{\"recorder\":{\"state\":\"waiting\",\"last_error\":\"the disk is full\"}}", 1,
	    "started again after a while: the disk is full");
	says("{\"last_error\":\"no git\",\"last_error_at\":\"2026-11-22T10:00:00.000000Z\"}", 0,
	    "the latest failure, 2026-11-22");
}

static void tells_of_worktrees(void **state)
{
	(void)state;
	says(
	    "{\"worktrees\":[{\"root\":\"/big\",\"phase\":\"degraded\",\"problem\":\"/big needs 9 watches of "
	    "fs.inotify.max_user_watches=8: sysctl fs.inotify.max_user_watches=18\"}]}",
	    1, "/big: is not watched, only looked through from time to time: /big needs 9 watches of");
	says("{\"worktrees\":[{\"root\":\"/big\",\"phase\":\"walking\",\"found\":5000}]}", 0,
	    "note    watcher  /big: walking, 5000 directories so far");
	says("{\"worktrees\":[{\"root\":\"/big\",\"phase\":\"gone\"}]}", 0, "/big: is not there");
	says("{\"worktrees\":[{\"root\":\"/big\",\"phase\":\"ready\",\"problem\":\"no git\"}]}", 0,
	    "note    watcher  /big: watched, 0 directories; no git");
}

/* Members of any type, or none, and text that would speak to the terminal. */
static void survives_anything(void **state)
{
	static const char *const documents[] = { "{}",
		"{\"version\":7,\"pid\":\"x\",\"worktrees\":{\"a\":1}}",
		"{\"worktrees\":[1,null,\"x\",[],{}]}", "{\"recorder\":[],\"started_at\":\"yesterday\"}",
		"{\"watches\":9223372036854775807,\"watch_limit\":1}",
		"{\"recorder\":{\"state\":\"waiting\",\"last_error\":\"\\u001b[2J\\u202e\"}}" };

	(void)state;
	for (size_t i = 0; i < WAKE_COUNT(documents); i++) {
		wake_auto_json json_t *document = json_loads(documents[i], 0, NULL);
		wake_auto_findings struct wake_findings findings = { 0 };
		wake_auto_str struct wake_str out = WAKE_STR(1024 * 1024);

		assert_non_null(document);
		assert_int_equal(wake_doctor_watcher_status(document, &findings, &err), WAKE_OK);
		wake_findings_append(&findings, &out);
		assert_int_equal(wake_str_check(&out, &err), WAKE_OK);
		assert_null(strchr(wake_str_text(&out), '\033'));
		assert_null(strstr(wake_str_text(&out), "\xe2\x80\xae"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_a_healthy_one),
		cmocka_unit_test(tells_of_trouble),
		cmocka_unit_test(tells_of_worktrees),
		cmocka_unit_test(survives_anything),
	};

	return cmocka_run_group_tests_name("cli/doctor_watcher", tests, NULL, NULL);
}
