/* SPDX-License-Identifier: MIT */
/* Retention: payloads of the ledger, and kept contents. */
#include "store/trim.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/fs.h"
#include "base/id.h"
#include "git/kept.h"
#include "store/purge.h"

#define PIECE 5000      /* events of the ledger that one transaction goes through */
#define PIECES_A_TURN 8 /* by the recorder, so that nobody waits long for it */
#define DAY (24 * 3600 * WAKE_SECOND)
#define REPOSITORIES_MAX 100000
#define STATES_PAGE 1000
#define TREES_MAX ((size_t)64 * 1024 * 1024) /* bytes of ids */
#define STAMP_MAX 256
#define NIL "00000000-0000-0000-0000-000000000000"
#define BEYOND "ffffffff-ffff-ffff-ffff-ffffffffffff"

/* ---- the ledger -------------------------------------------------------------------------------- */

/* ret_end: BEYOND where the ledger ends before. */
static int find_end(
    struct wake_store *store, const char *from, char ret_end[WAKE_ID_SIZE], struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(from), WAKE_INT(PIECE - 1) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status = wake_store_query(store, WAKE_SQL_TRIM_WINDOW, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	if (status < 0)
		return status;
	(void)snprintf(ret_end, WAKE_ID_SIZE, "%s", status == 1 ? wake_rows_text(rows, 0) : BEYOND);
	return WAKE_OK;
}

static int blank(struct wake_store *store, const char *from, const char *end, int64_t before,
    int64_t *ret_blanked, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(from), WAKE_TEXT(end), WAKE_TIME(before) };
	int status = wake_store_begin(store, err);

	if (status != WAKE_OK)
		return status;
	status = wake_store_run(store, WAKE_SQL_TRIM_EVENTS, values, WAKE_COUNT(values), ret_blanked, err);
	if (status == WAKE_OK)
		return wake_store_commit(store, err);
	wake_store_rollback(store);
	return status;
}

int wake_trim_payloads(struct wake_store *store, int64_t before, size_t pieces, char id[WAKE_ID_SIZE],
    int64_t *ret_blanked, struct wake_error *err)
{
	char from[WAKE_ID_SIZE], end[WAKE_ID_SIZE];
	int64_t total = 0, blanked = 0;
	int status = WAKE_OK;

	memcpy(from, *id ? id : NIL, sizeof(from));
	for (size_t piece = 0; piece < pieces && strcmp(from, BEYOND) != 0; piece++) {
		status = find_end(store, from, end, err);
		if (status == WAKE_OK)
			status = blank(store, from, end, before, &blanked, err);
		if (status != WAKE_OK)
			return status;
		total += blanked;
		memcpy(from, end, sizeof(from));
	}
	(void)snprintf(id, WAKE_ID_SIZE, "%s", strcmp(from, BEYOND) == 0 ? "" : from);
	*ret_blanked = total;
	return WAKE_OK;
}

/* ---- kept contents ----------------------------------------------------------------------------- */

static int has_expired(struct wake_store *store, const char *repository, int64_t last, int64_t before,
    bool *ret_has, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository), WAKE_TIME(last), WAKE_TIME(before) };
	wake_auto_rows struct wake_rows *rows = NULL;
	int status =
	    wake_store_query(store, WAKE_SQL_TRIM_KEPT_EXPIRED, values, WAKE_COUNT(values), &rows, err);

	if (status == WAKE_OK)
		status = wake_rows_next(rows, err);
	*ret_has = status == 1;
	return status < 0 ? status : WAKE_OK;
}

/* A page of them. id: of the last state. 1: there may be more. */
static int read_trees(struct wake_store *store, const char *repository, int64_t before, char id[WAKE_ID_SIZE],
    struct wake_str *trees, struct wake_error *err)
{
	const struct wake_value values[] = { WAKE_TEXT(repository), WAKE_TIME(before), WAKE_TEXT(id),
		WAKE_INT(STATES_PAGE) };
	wake_auto_rows struct wake_rows *rows = NULL;
	size_t count = 0;
	int status =
	    wake_store_query(store, WAKE_SQL_TRIM_KEPT_TREES, values, WAKE_COUNT(values), &rows, err);

	while (status >= 0 && (status = wake_rows_next(rows, err)) == 1) {
		for (size_t column = 1; column <= 2; column++) {
			const char *tree = wake_rows_text(rows, column);

			if (tree)
				wake_str_appendf(trees, "%s\n", tree);
		}
		(void)snprintf(id, WAKE_ID_SIZE, "%s", wake_rows_text(rows, 0));
		count++;
	}
	if (status == 0)
		status = wake_str_check(trees, err);
	return status < 0 ? status : count == STATES_PAGE;
}

static int trim_repository(struct wake_store *store, const struct wake_paths *paths, const char *repository,
    int64_t before, struct wake_error *err)
{
	wake_auto_str struct wake_str trees = WAKE_STR(TREES_MAX);
	char id[WAKE_ID_SIZE] = NIL;
	int status;

	do
		status = read_trees(store, repository, before, id, &trees, err);
	while (status == 1);
	return status == WAKE_OK ? wake_kept_trim(paths, repository, wake_str_text(&trees), err) : status;
}

/* "ID.git" */
static bool read_repository(const char *name, char ret_id[WAKE_ID_SIZE])
{
	if (strlen(name) != WAKE_ID_SIZE - 1 + strlen(".git") || strcmp(name + WAKE_ID_SIZE - 1, ".git") != 0)
		return false;
	(void)snprintf(ret_id, WAKE_ID_SIZE, "%.*s", WAKE_ID_SIZE - 1, name);
	return wake_id_is_uuid(ret_id);
}

int wake_trim_kept(struct wake_store *store, const struct wake_paths *paths, int64_t last, int64_t before,
    int64_t *ret_repositories, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL;
	char repository[WAKE_ID_SIZE];
	int64_t trimmed = 0;
	int status = wake_fs_join(paths->state, "kept", &dir, err);

	if (status == WAKE_OK && wake_fs_is_dir(dir))
		status = wake_fs_list(dir, REPOSITORIES_MAX, &names, err);
	for (size_t i = 0; i < names.count && status == WAKE_OK; i++) {
		bool expired = false;

		if (read_repository(names.items[i], repository))
			status = has_expired(store, repository, last, before, &expired, err);
		if (status == WAKE_OK && expired)
			status = trim_repository(store, paths, repository, before, err);
		trimmed += expired && status == WAKE_OK;
	}
	if (status == WAKE_OK)
		*ret_repositories = trimmed;
	return status;
}

/* ---- when -------------------------------------------------------------------------------------- */

/* STATE/trimmed, a word a line: when it was through last, up to when contents were removed, and the id of the
 * event that the ledger is through to ("-": it is through). */
struct stamp {
	int64_t at, kept_before;
	char id[WAKE_ID_SIZE];
};

/* One that cannot be read is as none: everything is gone through once more. */
static int read_stamp(const char *path, struct stamp *ret_stamp, struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	char at[WAKE_TIME_SIZE], kept[WAKE_TIME_SIZE], id[WAKE_ID_SIZE];
	struct stamp stamp = { 0 };
	struct wake_error ignored;
	size_t len;
	int status = wake_fs_read(path, STAMP_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);

	*ret_stamp = stamp;
	if (status == WAKE_NOTFOUND || status == WAKE_INVALID)
		return WAKE_OK;
	if (status != WAKE_OK)
		return status;
	if (sscanf(text, "%27s %27s %36s", at, kept, id) != 3 ||
	    wake_time_parse(at, &stamp.at, &ignored) < 0 ||
	    wake_time_parse(kept, &stamp.kept_before, &ignored) < 0)
		return WAKE_OK;
	if (wake_id_is_uuid(id))
		memcpy(stamp.id, id, sizeof(id));
	*ret_stamp = stamp;
	return WAKE_OK;
}

static int write_stamp(const char *path, const struct stamp *stamp, struct wake_error *err)
{
	char at[WAKE_TIME_SIZE], kept[WAKE_TIME_SIZE], text[STAMP_MAX];

	wake_time_format(stamp->at, at);
	wake_time_format(stamp->kept_before, kept);
	(void)snprintf(text, sizeof(text), "%s\n%s\n%s\n", at, kept, *stamp->id ? stamp->id : "-");
	return wake_fs_replace(path, text, strlen(text), 0600, WAKE_FS_PLAIN, err);
}

/* Before when, by a setting in days; 0: never. */
static int64_t before_of(const struct wake_config *config, enum wake_setting setting, int64_t now)
{
	int64_t days = wake_config_number(config, setting);

	return days > 0 && days < now / DAY ? now - days * DAY : 0;
}

static int trim_both(struct wake_store *store, const struct wake_paths *paths, bool all,
    const struct wake_config *config, struct stamp *stamp, struct wake_trimmed *trimmed,
    struct wake_error *err)
{
	int64_t now = wake_clock_now();
	int64_t payloads = before_of(config, WAKE_SETTING_PAYLOAD_DAYS, now);
	int64_t kept = before_of(config, WAKE_SETTING_KEEP_DAYS, now);
	int status = WAKE_OK;

	if (payloads)
		status = wake_trim_payloads(
		    store, payloads, all ? SIZE_MAX : PIECES_A_TURN, stamp->id, &trimmed->payloads, err);
	else
		*stamp->id = '\0';
	trimmed->more = *stamp->id != '\0';
	if (status != WAKE_OK || trimmed->more)
		return status;
	/* A longer time than before: nothing new is too old. */
	if (kept > stamp->kept_before) {
		status = wake_trim_kept(store, paths, stamp->kept_before, kept, &trimmed->repositories, err);
		if (status == WAKE_OK)
			stamp->kept_before = kept;
	}
	stamp->at = now;
	return status;
}

static bool is_due(const struct stamp *stamp)
{
	int64_t now = wake_clock_now();

	/* A clock that was set back must not put it off for long. */
	return *stamp->id || now - stamp->at >= DAY || now < stamp->at;
}

/* By the settings; or, whatever they say, where runs are purged. */
static int has_task(
    struct wake_store *store, const struct wake_config *config, bool *ret_has, struct wake_error *err)
{
	int64_t now = wake_clock_now();

	*ret_has = before_of(config, WAKE_SETTING_PAYLOAD_DAYS, now) != 0 ||
	           before_of(config, WAKE_SETTING_KEEP_DAYS, now) != 0;
	return *ret_has ? WAKE_OK : wake_purge_is_any(store, ret_has, err);
}

int wake_trim(struct wake_store *store, const struct wake_paths *paths, bool all,
    struct wake_trimmed *ret_trimmed, struct wake_error *err)
{
	wake_auto_config struct wake_config config = { 0 };
	wake_auto_free char *path = NULL;
	struct wake_trimmed trimmed = { 0 };
	struct stamp stamp;
	int64_t purged = 0;
	bool has = false;
	int status = wake_config_load(paths->config, &config, err);

	*ret_trimmed = trimmed;
	if (status == WAKE_OK)
		status = has_task(store, &config, &has, err);
	if (status != WAKE_OK || !has)
		return status;
	status = wake_fs_join(paths->state, "trimmed", &path, err);
	if (status == WAKE_OK)
		status = read_stamp(path, &stamp, err);
	if (status != WAKE_OK || !(all || is_due(&stamp)))
		return status;
	if (all)
		*stamp.id = '\0';
	status = trim_both(store, paths, all, &config, &stamp, &trimmed, err);
	/* Another machine may have recorded a purge, and has not what is kept here. */
	if (status == WAKE_OK)
		status = wake_purge_kept(store, paths, &purged, err);
	if (status == WAKE_OK)
		status = write_stamp(path, &stamp, err);
	trimmed.repositories += purged;
	if (status == WAKE_OK)
		*ret_trimmed = trimmed;
	return status;
}
