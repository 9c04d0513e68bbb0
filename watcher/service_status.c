/* SPDX-License-Identifier: MIT */
/* What the watcher says of itself. */
#include <unistd.h>

#include "base/clock.h"
#include "watcher/service_parts.h"

static int set_time(json_t *document, const char *key, int64_t at, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	wake_time_format(at, text);
	return wake_json_set_string(document, key, text, err);
}

static int add_self(const struct wake_service *service, json_t *document, struct wake_error *err)
{
	int ret = wake_json_set_string(document, "version", RUNWAKE_VERSION, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "pid", getpid(), err);
	if (ret == WAKE_OK)
		ret = set_time(document, "started_at", service->started_at, err);
	if (ret == WAKE_OK)
		ret = set_time(document, "settings_at", service->settings_at, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(document, "memory_bytes", wake_keeper_memory_of(getpid()), err);
	return ret;
}

static int add_numbers(const struct wake_service *service, json_t *document, struct wake_error *err)
{
	const struct wake_inotify *inotify = service->inotify;
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = {
		{ "watches", (int64_t)wake_inotify_count(inotify) },
		{ "watch_limit", wake_inotify_limit() },
		{ "events", (int64_t)wake_inotify_events(inotify) },
		{ "overflows", (int64_t)wake_inotify_overflows(inotify) },
		{ "wakeups", (int64_t)wake_loop_wakeups(service->loop) },
	};
	int ret = WAKE_OK;

	for (size_t i = 0; ret == WAKE_OK && i < WAKE_COUNT(numbers); i++)
		ret = wake_json_set_int(document, numbers[i].key, numbers[i].value, err);
	return ret;
}

int wake_service_status(const struct wake_service *service, json_t **ret_document, struct wake_error *err)
{
	wake_auto_json json_t *document = json_object();
	int ret = document ? WAKE_OK : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = add_self(service, document, err);
	if (ret == WAKE_OK)
		ret = add_numbers(service, document, err);
	/* An empty list of worktrees may be one that is not read yet. */
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(
		    document, "ready", service->watch && wake_watch_is_ready(service->watch), err);
	if (ret == WAKE_OK && service->watch)
		ret = wake_watch_status(service->watch, document, err);
	if (ret == WAKE_OK)
		ret = wake_keeper_status(service->keeper, document, err);
	if (ret == WAKE_OK)
		*ret_document = json_incref(document);
	return ret;
}
