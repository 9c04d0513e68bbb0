/* SPDX-License-Identifier: MIT */
/* A wrapped run's rollout. It stands under the day that its thread began on, which a thread's id tells. */
#include "cli/run_rollout.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "cli/import.h"

#define SLACK (5 * WAKE_SECOND) /* between our clock and the agent's lines */
#define NAMES_MAX 1000000
#define DAY (24 * 3600)
#define STAMP_DIGITS 12 /* hexadecimal, at the beginning of a version 7 UUID: milliseconds */

struct telling {
	const struct wake_run_rollout *rollout;
	struct wake_events *events;
	bool told;
};

/* The file of a thread in a day's directory; NULL: not there. */
static int find_in(const char *directory, const char *thread, char **ret_path, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *end = NULL;
	int ret = wake_str_format(&end, err, "-%s.jsonl", thread);

	if (ret != WAKE_OK || !wake_fs_is_dir(directory))
		return ret;
	ret = wake_fs_list(directory, NAMES_MAX, &names, err);
	for (size_t i = 0; ret == WAKE_OK && i < names.count && !*ret_path; i++) {
		size_t len = strlen(names.items[i]), tail = strlen(end);

		if (len > tail && strcmp(names.items[i] + len - tail, end) == 0)
			ret = wake_fs_join(directory, names.items[i], ret_path, err);
	}
	return ret;
}

/* Days are the agent's local ones: the one before and the one after are looked at as well. */
static int find(const char *thread, char **ret_path, struct wake_error *err)
{
	wake_auto_free char *sessions = NULL;
	char digits[STAMP_DIGITS + 1];
	int ret = wake_import_codex.locate(NULL, &sessions, err);
	time_t began;

	*ret_path = NULL;
	if (ret == WAKE_OK && !wake_id_is_uuid(thread))
		return wake_fail(err, WAKE_NOTFOUND, "'%s' is no thread of Codex", thread);
	if (ret != WAKE_OK)
		return ret;
	memcpy(digits, thread, 8);
	memcpy(digits + 8, thread + 9, 4);
	digits[STAMP_DIGITS] = '\0';
	began = (time_t)(strtoull(digits, NULL, 16) / 1000);
	for (int day = -1; ret == WAKE_OK && !*ret_path && day <= 1; day++) {
		wake_auto_free char *directory = NULL;
		time_t at = began + day * DAY;
		char date[32];
		struct tm tm;

		if (!localtime_r(&at, &tm) || strftime(date, sizeof(date), "%Y/%m/%d", &tm) == 0)
			continue;
		ret = wake_str_format(&directory, err, "%s/%s", sessions, date);
		if (ret == WAKE_OK)
			ret = find_in(directory, thread, ret_path, err);
	}
	if (ret == WAKE_OK && !*ret_path)
		return wake_fail(err, WAKE_NOTFOUND, "there is no rollout of the thread %s", thread);
	return ret;
}

/* An opening that began with the run, or while it was at work, is the run's. */
static int tell(void *context, const struct wake_transcript_opening *opening, struct wake_error *err)
{
	struct telling *telling = context;
	const struct wake_run_rollout *rollout = telling->rollout;
	const struct wake_transcript_telling how = { .agent = WAKE_AGENT_TYPE_CODEX,
		.run_id = rollout->run_id,
		.session = rollout->thread,
		.prices = rollout->prices,
		.redactor = rollout->redactor,
		.tells_all = true,
		.is_announced = true };

	if (opening->first < rollout->begun - SLACK)
		return WAKE_OK;
	telling->told = telling->told || opening->answer_count > 0;
	return wake_transcript_tell(opening, &how, telling->events, err);
}

int wake_run_rollout_tell(const struct wake_run_rollout *rollout, struct wake_events *events, bool *ret_told,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	struct telling telling = { .rollout = rollout, .events = events };
	struct wake_transcript_reading reading = { .each = tell, .context = &telling };
	int ret = find(rollout->thread, &path, err);

	*ret_told = false;
	if (ret != WAKE_OK)
		return ret;
	reading.path = path;
	ret = wake_transcript_codex_read(&reading, err);
	*ret_told = ret == WAKE_OK && telling.told;
	return ret;
}
