/* SPDX-License-Identifier: MIT */
/* Beginning a run there, at most once: the attempt is written down before it is made, and one whose answer is
 * lost is looked for in the service's list, never made again. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/scan.h"
#include "event/active.h"
#include "remote/service.h"

#define BODY_MAX ((size_t)4 * 1024 * 1024) /* bytes of our own request */
#define PATH_ROOM (16 * 1024)

enum { EXIT_REFUSED = 1, EXIT_UNKNOWN = 3 };

static int read_input(struct wake_str *out, struct wake_error *err)
{
	char bytes[16384];
	ssize_t got;

	while ((got = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wake_fail_errno(err, "read the request");
		wake_str_append_bytes(out, bytes, (size_t)got);
	}
	return wake_str_check(out, err);
}

/* One exchange to its end. ret_body: release with wake_str_release. */
static int ask(const struct wake_remote_place *place, const struct wake_remote_entry *entry, const char *path,
    const struct wake_str *request, struct wake_str *ret_body, struct wake_exchange_answer *ret_answer,
    struct wake_error *err)
{
	wake_auto_exchange struct wake_exchange exchange = { 0 };
	int ret = wake_remote_ask(place, entry, path, request ? wake_str_text(request) : NULL,
	    request ? request->len : 0, NULL, &exchange, err);

	if (ret < 0)
		return ret;
	wake_exchange_finish(&exchange, curl_easy_perform(exchange.easy), ret_answer);
	*ret_body = exchange.body;
	exchange.body = (struct wake_str){ 0 }; /* the caller's now */
	return WAKE_OK;
}

/* Is the id that the service gives one that we know as another's? Then its word would be taken for the
 * other's. */
static int check_run_id(const struct wake_remote_place *place, const struct wake_remote_entry *entry,
    const char *run_id, struct wake_error *err)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	wake_auto_active struct wake_active active = { 0 };
	int ret = wake_active_read(&place->paths, run_id, &active, err);

	if (ret == WAKE_OK || ret == WAKE_CORRUPT)
		return wake_fail(
		    err, WAKE_EXISTS, "the service calls its run %s, which is a run of this machine", run_id);
	ret = wake_remote_entries_list(&place->paths, &entries, err);
	for (size_t i = 0; ret == WAKE_OK && i < entries.count; i++) {
		const char *other = wake_remote_entry_text(&entries.items[i], "run_id");

		if (other && strcmp(other, run_id) == 0 && strcmp(entries.items[i].id, entry->id) != 0)
			return wake_fail(
			    err, WAKE_EXISTS, "the service calls its run %s, which is another's", run_id);
	}
	return ret;
}

/* Written down in one step; whoever is killed before it has an attempt without an answer. */
static int take_run_id(const struct wake_remote_place *place, struct wake_remote_entry *entry,
    const char *run_id, int64_t told, struct wake_error *err)
{
	int64_t started =
	    wake_remote_clamp(told, wake_remote_entry_time(entry, "asked_at"), wake_clock_now());
	int ret = wake_run_id_check(run_id, err);

	if (ret == WAKE_OK)
		ret = check_run_id(place, entry, run_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(entry->json, "run_id", run_id, err);
	if (ret == WAKE_OK)
		ret = wake_remote_entry_set_time(entry, "started_at", started, err);
	if (ret < 0)
		return ret;
	entry->phase = WAKE_REMOTE_ANSWERED;
	(void)json_object_del(entry->json, "trouble");
	return wake_remote_entry_write(&place->paths, entry, err);
}

int wake_remote_take_asked(const struct wake_remote_place *place, struct wake_remote_entry *entry,
    const struct wake_str *body, struct wake_error *err)
{
	char run_id[WAKE_RUN_ID_MAX + 1];
	int ret = wake_remote_find_asked(wake_str_text(body), body->len,
	    wake_remote_entry_text(entry, "workflow"), wake_remote_entry_text(entry, "session_asked"),
	    !wake_remote_entry_text(entry, "session_name"), wake_remote_entry_time(entry, "asked_at"), run_id,
	    err);

	return ret == WAKE_OK
	           ? take_run_id(place, entry, run_id, wake_remote_entry_time(entry, "asked_at"), err)
	           : ret;
}

static int say_run(const char *run_id, struct wake_error *err)
{
	if (printf("%s\n", run_id) < 0 || fflush(stdout) != 0)
		return wake_fail_errno(err, "write to standard output");
	return WAKE_OK;
}

/* Whoever follows the entries looks for it from now on, and need not wait for us: we write it no more. */
static int leave_unanswered(
    struct wake_remote_place *place, struct wake_remote_entry *entry, const char *why, struct wake_error *err)
{
	int ret = wake_json_set_bool(entry->json, "unanswered", true, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_string(entry->json, "trouble", why, err);
	if (ret == WAKE_OK)
		ret = wake_remote_entry_write(&place->paths, entry, err);
	if (ret < 0)
		return ret;
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "the service was asked to begin the run, and whether it has is not known (%s); it is looked for "
	    "in the "
	    "service's list, and not asked again: see 'runwake remote list'",
	    why);
}

/* The outcome is not known: looked for once now. */
static int look_for(struct wake_remote_place *place, struct wake_remote_entry *entry, const char *why,
    int *ret_exit, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(PATH_ROOM), body = { 0 };
	struct wake_exchange_answer answer = { 0 };
	struct wake_error ignored;
	int ret;

	*ret_exit = EXIT_UNKNOWN;
	wake_remote_path_list(&path, entry);
	ret = wake_str_check(&path, err);
	if (ret < 0)
		return ret;
	if (ask(place, entry, path.data, NULL, &body, &answer, &ignored) == WAKE_OK && answer.status == 200 &&
	    wake_remote_take_asked(place, entry, &body, &ignored) == WAKE_OK)
		return say_run(wake_remote_entry_text(entry, "run_id"), err);
	return leave_unanswered(place, entry, why, err);
}

/* Not begun, for sure: nothing is left of the attempt. */
static int refuse(
    struct wake_remote_place *place, struct wake_remote_entry *entry, int *ret_exit, struct wake_error *err)
{
	struct wake_error ignored;

	*ret_exit = EXIT_REFUSED;
	(void)!wake_remote_entry_remove(&place->paths, entry->id, &ignored);
	return err->code;
}

static int take_answer(struct wake_remote_place *place, struct wake_remote_entry *entry,
    const struct wake_str *body, int *ret_exit, struct wake_error *err)
{
	static const char *const names[] = { "run_id", "started_at" };
	const char *text = wake_str_text(body);
	struct wake_scan whole, views[WAKE_COUNT(names)];
	char run_id[WAKE_RUN_ID_MAX + 2] = "", started[64];
	struct wake_error ignored;
	size_t len = body->len;
	int64_t at = 0;
	int ret;

	if (wake_scan_take(&text, &len, &whole) && wake_scan_pick(whole, names, WAKE_COUNT(names), views)) {
		(void)wake_scan_copy(views[0], run_id, sizeof(run_id));
		if (wake_time_parse(wake_scan_copy(views[1], started, sizeof(started)), &at, &ignored) < 0)
			at = 0;
	}
	if (wake_run_id_check(run_id, &ignored) < 0)
		return look_for(place, entry, "its answer names no run", ret_exit, err);
	ret = take_run_id(place, entry, run_id, at, err);
	if (ret == WAKE_EXISTS)
		return refuse(place, entry, ret_exit, err);
	return ret == WAKE_OK ? say_run(run_id, err) : ret;
}

static int take_outcome(struct wake_remote_place *place, struct wake_remote_entry *entry,
    const struct wake_exchange_answer *answer, const struct wake_str *body, int *ret_exit,
    struct wake_error *err)
{
	bool is_unknown =
	    answer->status == 0 ? answer->was_sent : answer->status >= 500 && answer->status != 503;
	char text[WAKE_ERROR_TEXT_SIZE / 2];

	if (answer->status >= 200 && answer->status < 300)
		return take_answer(place, entry, body, ret_exit, err);
	wake_remote_describe(answer, body, text, sizeof(text));
	if (is_unknown)
		return look_for(place, entry, text, ret_exit, err);
	(void)wake_fail(err, WAKE_UNAVAILABLE, "the run was not begun: %s", text);
	return refuse(place, entry, ret_exit, err);
}

int wake_remote_start(struct wake_remote_place *place, const char *id, int *ret_exit, struct wake_error *err)
{
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	wake_auto_str struct wake_str request = WAKE_STR(BODY_MAX), path = WAKE_STR(PATH_ROOM), body = { 0 };
	struct wake_exchange_answer answer = { 0 };
	int ret = wake_remote_entry_read(&place->paths, id, &entry, err);

	*ret_exit = EXIT_REFUSED;
	if (ret == WAKE_OK && entry.phase != WAKE_REMOTE_ASKING)
		ret = wake_fail(err, WAKE_BUSY, "that run was asked for before");
	if (ret == WAKE_OK)
		ret = read_input(&request, err);
	if (ret < 0)
		return ret;
	wake_remote_path_start(&path, &entry);
	ret = wake_str_check(&path, err);
	if (ret == WAKE_OK)
		ret = ask(place, &entry, path.data, &request, &body, &answer, err);
	return ret == WAKE_OK ? take_outcome(place, &entry, &answer, &body, ret_exit, err)
	                      : refuse(place, &entry, ret_exit, err);
}

int wake_remote_kill(struct wake_remote_place *place, const char *id, struct wake_error *err)
{
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	wake_auto_str struct wake_str path = WAKE_STR(PATH_ROOM), body = { 0 }, none = WAKE_STR(16);
	struct wake_exchange_answer answer = { 0 };
	char text[WAKE_ERROR_TEXT_SIZE / 2];
	int ret = wake_remote_entry_read(&place->paths, id, &entry, err);

	if (ret == WAKE_OK && !wake_remote_entry_text(&entry, "run_id"))
		ret = wake_fail(err, WAKE_INVALID, "that run has no id yet");
	if (ret < 0)
		return ret;
	wake_remote_path_run(&path, &entry, "kill");
	ret = wake_str_check(&path, err);
	if (ret == WAKE_OK)
		ret = ask(place, &entry, path.data, &none, &body, &answer, err);
	if (ret < 0 || (answer.status >= 200 && answer.status < 300))
		return ret;
	wake_remote_describe(&answer, &body, text, sizeof(text));
	return wake_fail(err, WAKE_UNAVAILABLE, "the run was not killed: %s", text);
}
