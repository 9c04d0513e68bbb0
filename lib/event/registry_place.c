/* SPDX-License-Identifier: MIT */
/* Places in logs. */
#include "event/registry_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/str.h"
#include "event/registry_file.h"

#define FILE_MAX (WAKE_REGISTRY_PLACE_LINES * WAKE_ID_SIZE)
#define STAMP_MAX ((INT64_C(1) << 48) - 1)

void wake_registry_place_add(struct wake_registry_place *place, const char *id)
{
	if (place->count == WAKE_REGISTRY_PLACE_LINES) {
		memmove(place->ids[0], place->ids[1], sizeof(place->ids) - sizeof(place->ids[0]));
		place->count--;
	}
	memcpy(place->ids[place->count++], id, WAKE_ID_SIZE);
}

struct wake_registry_place wake_registry_place_before(
    const struct wake_reflog *log, size_t index, const char *nonce, const char *log_name)
{
	struct wake_registry_place place = { .count = 0 };
	size_t first = index > WAKE_REGISTRY_PLACE_LINES ? index - WAKE_REGISTRY_PLACE_LINES : 0;

	for (size_t i = first; i < index; i++) {
		char id[WAKE_ID_SIZE];

		wake_reflog_line_id(wake_reflog_line(log, i), nonce, log_name, id);
		wake_registry_place_add(&place, id);
	}
	return place;
}

/* The milliseconds in a version 8 id's first 48 bits. */
static int64_t stamp_of(const char *id)
{
	char digits[13];

	memcpy(digits, id, 8);
	memcpy(digits + 8, id + 9, 4);
	digits[12] = '\0';
	return (int64_t)strtoull(digits, NULL, 16);
}

static int64_t stamp_of_line(const struct wake_reflog_line *line)
{
	int64_t stamp = line->time * 1000;

	return stamp < 0 ? 0 : stamp > STAMP_MAX ? STAMP_MAX : stamp;
}

/* Most lines are ruled out by their time: a hash is taken only where that agrees. */
static bool is_among(const struct wake_reflog_line *line, const struct wake_registry_place *place,
    const int64_t *stamps, const char *nonce, const char *log_name)
{
	int64_t stamp = stamp_of_line(line);
	char id[WAKE_ID_SIZE] = "";

	for (size_t i = 0; i < place->count; i++) {
		if (stamps[i] != stamp)
			continue;
		if (!id[0])
			wake_reflog_line_id(line, nonce, log_name, id);
		if (strcmp(id, place->ids[i]) == 0)
			return true;
	}
	return false;
}

size_t wake_registry_place_find(const struct wake_reflog *log, const struct wake_registry_place *place,
    const char *nonce, const char *log_name)
{
	int64_t stamps[WAKE_REGISTRY_PLACE_LINES];

	for (size_t i = 0; i < place->count; i++)
		stamps[i] = stamp_of(place->ids[i]);
	for (size_t i = wake_reflog_count(log); i > 0; i--) {
		if (is_among(wake_reflog_line(log, i - 1), place, stamps, nonce, log_name))
			return i;
	}
	return 0;
}

static int path_of(
    const char *dir, const char *kind, const char *nonce, char **ret_path, struct wake_error *err)
{
	return wake_str_format(ret_path, err, "%s/%s-%s", dir, kind, nonce);
}

int wake_registry_place_read(const char *dir, const char *kind, const char *nonce,
    struct wake_registry_place *ret_place, struct wake_error *err)
{
	struct wake_registry_place place = { .count = 0 };
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = path_of(dir, kind, nonce, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, FILE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret < 0)
		return ret;
	for (char *at = text; at < text + len; at += WAKE_ID_SIZE) {
		if ((size_t)(text + len - at) < WAKE_ID_SIZE || at[WAKE_ID_SIZE - 1] != '\n')
			return wake_fail(err, WAKE_CORRUPT,
			    "'%s' is damaged; remove it, and its log is recorded anew", path);
		at[WAKE_ID_SIZE - 1] = '\0';
		if (!wake_id_is_uuid(at))
			return wake_fail(err, WAKE_CORRUPT,
			    "'%s' is damaged; remove it, and its log is recorded anew", path);
		wake_registry_place_add(&place, at);
	}
	*ret_place = place;
	return WAKE_OK;
}

typedef int (*write_file)(const char *path, const void *data, size_t len, struct wake_error *err);

static int write_place(const char *dir, const char *kind, const char *nonce,
    const struct wake_registry_place *place, write_file write_it, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(FILE_MAX);
	wake_auto_free char *path = NULL;
	int ret = path_of(dir, kind, nonce, &path, err);

	for (size_t i = 0; i < place->count; i++) {
		wake_str_append(&text, place->ids[i]);
		wake_str_append_char(&text, '\n');
	}
	if (ret == WAKE_OK)
		ret = wake_str_check(&text, err);
	return ret == WAKE_OK ? write_it(path, wake_str_text(&text), text.len, err) : ret;
}

int wake_registry_place_write(const char *dir, const char *kind, const char *nonce,
    const struct wake_registry_place *place, struct wake_error *err)
{
	return write_place(dir, kind, nonce, place, wake_registry_file_replace, err);
}

int wake_registry_place_rewrite(const char *dir, const char *kind, const char *nonce,
    const struct wake_registry_place *place, struct wake_error *err)
{
	return write_place(dir, kind, nonce, place, wake_registry_file_rewrite, err);
}
