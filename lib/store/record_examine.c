/* SPDX-License-Identifier: MIT */
/* Asks the objects about movements that nobody asked about yet. A repository that is away for now leaves
 * its movements unexamined; they are asked again at the next recording. */
#include <string.h>

#include "git/examine.h"
#include "store/record_parts.h"

#define EXAMINE_BATCH 500 /* movements a transaction */
#define FILES_BATCH 50000 /* and not many more changed files than these: a diff may be large */
#define FAILURES_MAX 256  /* repositories that are gone must not make every recording longer */

static int read_moved(
    const char *id, const char *payload, int64_t at, struct wake_event *ret_moved, struct wake_error *err)
{
	json_t *data = NULL;
	int status = wake_json_parse(payload, strlen(payload), &data, err);

	return status == WAKE_OK ? wake_event_make(WAKE_EVENT_MOVED, id, at, data, ret_moved, err) : status;
}

/* The next movements, latest first, before the last one tried. */
static int next_moved(struct wake_recording *recording, const char *repository, const char *before,
    struct wake_events *ret_moved, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository), WAKE_TEXT(before), WAKE_INT(EXAMINE_BATCH) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(
	    recording->store, WAKE_SQL_RECORD_UNEXAMINED, values, WAKE_COUNT(values), &rows, err);

	while (status == WAKE_OK && (status = wake_rows_next(rows, err)) == 1) {
		struct wake_event moved = { 0 };

		status = read_moved(
		    wake_rows_text(rows, 0), wake_rows_text(rows, 1), wake_rows_time(rows, 2), &moved, err);
		if (status == WAKE_OK)
			status = wake_events_add(ret_moved, &moved, err);
	}
	return status;
}

static int open_repo(struct wake_recording *recording, const struct wake_event *moved,
    struct wake_repo **ret_repo, struct wake_error *err)
{
	const json_t *data = moved->data;

	return wake_recording_repo(recording, wake_json_string(data, "repository_id"),
	    wake_json_string(data, "git_dir"), wake_json_string(data, "common_dir"), ret_repo, err);
}

static int examine(struct wake_repo *repo, const struct wake_event *moved, struct wake_events *examined,
    struct wake_error *err)
{
	wake_auto_str struct wake_str name = WAKE_STR(128);
	struct wake_event event = { 0 };
	json_t *data = NULL;
	char id[WAKE_ID_SIZE];
	int status = wake_examine(repo, moved, &data, err);

	if (status != WAKE_OK)
		return status;
	wake_str_appendf(&name, "examined %s", moved->id);
	wake_id_v8(moved->at / 1000, wake_str_text(&name), name.len, id);
	status = wake_event_make(WAKE_EVENT_EXAMINED, id, moved->at, data, &event, err);
	return status == WAKE_OK ? wake_events_add(examined, &event, err) : status;
}

/* What one transaction is made of. */
struct batch {
	const char *repository;    /* borrowed */
	char before[WAKE_ID_SIZE]; /* the last movement tried */
	size_t failures;           /* so far, over all batches of the repository */
	bool more;                 /* there may be movements left */
	bool away;                 /* the repository is, for now */
};

/* One that the tables refuse keeps none of the others, and is asked again at the next recording, as one that
 * is away is. */
static int apply_examined(struct wake_recording *recording, struct batch *batch,
    const struct wake_events *examined, size_t first, size_t count, struct wake_error *err)
{
	struct wake_events some = { .items = examined->items + first, .count = count, .room = count };
	size_t half = count / 2;
	int status = wake_recording_apply(recording, &some, err);

	if (status != WAKE_INVALID && status != WAKE_REFUSED)
		return status;
	if (count == 1) {
		wake_recording_note(recording, err);
		batch->failures++;
		return WAKE_OK;
	}
	status = apply_examined(recording, batch, examined, first, half, err);
	return status == WAKE_OK ? apply_examined(recording, batch, examined, first + half, count - half, err)
	                         : status;
}

static size_t files_of(const struct wake_events *examined)
{
	const json_t *commit = json_object_get(examined->items[examined->count - 1].data, "commit");

	return json_array_size(json_object_get(commit, "files"));
}

static int examine_batch(struct wake_recording *recording, struct batch *batch, struct wake_error *err)
{
	wake_auto_events struct wake_events moved = { 0 }, examined = { 0 };
	struct wake_error problem;
	size_t files = 0, i = 0;
	int status = next_moved(recording, batch->repository, batch->before, &moved, err);

	for (; status == WAKE_OK && i < moved.count && files < FILES_BATCH; i++) {
		struct wake_repo *repo = NULL;

		memcpy(batch->before, moved.items[i].id, sizeof(batch->before));
		if (open_repo(recording, &moved.items[i], &repo, &problem) == WAKE_OK &&
		    examine(repo, &moved.items[i], &examined, &problem) == WAKE_OK) {
			files += files_of(&examined);
			continue;
		}
		wake_recording_note(recording, &problem);
		batch->failures++;
		/* One that is away is away for all of its movements. */
		batch->away |= !repo;
		if (batch->away)
			break;
	}
	batch->more = i < moved.count || moved.count == EXAMINE_BATCH;
	if (status != WAKE_OK || examined.count == 0)
		return status;
	return apply_examined(recording, batch, &examined, 0, examined.count, err);
}

static int examine_repository(struct wake_recording *recording, const char *repository, struct wake_error *err)
{
	struct batch batch = { .repository = repository, .before = WAKE_ID_BEYOND };
	int status;

	do {
		status = examine_batch(recording, &batch, err);
	} while (status == WAKE_OK && batch.more && !batch.away && batch.failures < FAILURES_MAX);
	return status;
}

int wake_record_examine(struct wake_recording *recording, struct wake_error *err)
{
	wake_auto_json json_t *repositories = json_array();
	int status = repositories
	                 ? wake_recording_list_mine(recording, WAKE_SQL_RECORD_TO_EXAMINE, repositories, err)
	                 : wake_fail_nomem(err);

	for (size_t i = 0; status == WAKE_OK && i < json_array_size(repositories); i++)
		status = examine_repository(recording, json_string_value(json_array_get(repositories, i)), err);
	return status;
}
