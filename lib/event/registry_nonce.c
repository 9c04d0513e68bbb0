/* SPDX-License-Identifier: MIT */
/* Minting and inheriting nonces. */
#include "event/registry_nonce.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/cursor.h"
#include "event/registry_place.h"
#include "event/registry_refs.h"

#define NONCE_MAX 64 /* bytes of a nonce file */
#define FILES_MAX 100000
#define PREFIX "nonce-"

int wake_registry_nonce_name(const char *git_dir, char **ret_name, struct wake_error *err)
{
	struct wake_fs_identity identity;
	int ret = wake_fs_identify(git_dir, &identity, err);

	if (ret < 0)
		return ret;
	return wake_str_format(ret_name, err, PREFIX "%" PRIu64 "-%" PRId64, identity.inode, identity.born);
}

static int read_file(const char *path, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_fs_read(path, NONCE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);

	if (ret < 0)
		return ret;
	text[strcspn(text, "\n")] = '\0';
	if (!wake_id_is_uuid(text) || strpbrk(text, "ABCDEF"))
		return wake_fail(err, WAKE_CORRUPT,
		    "'%s' is damaged; remove it, and the worktree counts as a new one", path);
	memcpy(ret_id, text, WAKE_ID_SIZE);
	return WAKE_OK;
}

int wake_registry_nonce_read(const char *git_dir, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_free char *name = NULL;
	wake_auto_free char *path = NULL;
	int ret = wake_registry_nonce_name(git_dir, &name, err);

	if (ret == WAKE_OK)
		ret = wake_str_format(&path, err, "%s/runwake/%s", git_dir, name);
	return ret == WAKE_OK ? read_file(path, ret_id, err) : ret;
}

int wake_registry_nonce_write(const char *git_dir, const char *dir, const char *id, struct wake_error *err)
{
	wake_auto_free char *name = NULL;
	wake_auto_free char *path = NULL;
	char text[WAKE_ID_SIZE + 1];
	int ret = wake_registry_nonce_name(git_dir, &name, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(dir, name, &path, err);
	(void)snprintf(text, sizeof(text), "%s\n", id);
	return ret == WAKE_OK ? wake_registry_file_create(path, text, WAKE_ID_SIZE, err) : ret;
}

/* A file of ours that says nothing, because it is not there or damaged. (Where we could not read it, we do
 * not know.) */
static bool says_nothing(int code)
{
	return code == WAKE_NOTFOUND || code == WAKE_CORRUPT || code == WAKE_INVALID;
}

/* The latest nonce of another inode: minted ids sort by time, so of several (a copy of a copy) the
 * greatest. "": none. */
static int find_foreign(const char *dir, char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	int ret = wake_fs_list(dir, FILES_MAX, &names, err);

	ret_id[0] = '\0';
	for (size_t i = 0; ret == WAKE_OK && i < names.count; i++) {
		wake_auto_free char *path = NULL;
		char id[WAKE_ID_SIZE] = "";

		if (strncmp(names.items[i], PREFIX, strlen(PREFIX)) != 0)
			continue;
		ret = wake_fs_join(dir, names.items[i], &path, err);
		if (ret == WAKE_OK)
			ret = read_file(path, id, err);
		if (ret == WAKE_OK && strcmp(id, ret_id) > 0)
			memcpy(ret_id, id, WAKE_ID_SIZE);
		if (says_nothing(ret))
			ret = WAKE_OK;
	}
	return ret;
}

/* kind: of place. ret_index stays 0 where there is none, or nothing of it is left in the log. */
static int find_place(const char *dir, const char *kind, const struct wake_reflog *log, const char *original,
    size_t *ret_index, struct wake_error *err)
{
	struct wake_registry_place place = { .count = 0 };
	int ret = wake_registry_place_read(dir, kind, original, &place, err);

	if (ret == WAKE_OK)
		*ret_index = wake_registry_place_find(log, &place, original, "HEAD");
	return says_nothing(ret) ? WAKE_OK : ret;
}

static int find_cursor(const struct wake_paths *paths, const struct wake_reflog *log, const char *original,
    size_t *ret_index, struct wake_error *err)
{
	struct wake_registry_place place = { .count = 0 };
	struct wake_cursor cursor;
	int ret = wake_cursor_load(paths, original, &cursor, err);

	if (ret == WAKE_OK && cursor.last_id[0]) {
		wake_registry_place_add(&place, cursor.last_id);
		*ret_index = wake_registry_place_find(log, &place, original, "HEAD");
	}
	return says_nothing(ret) ? WAKE_OK : ret;
}

/* How far the original's log was recorded, as far as this copy of it tells: the place that was kept in the
 * directory before it was copied; else the original's cursor (which may have moved on since, to a line that
 * both made in the same second); else its baseline. */
static int find_recorded(const struct wake_paths *paths, const char *dir, const struct wake_reflog *log,
    const char *original, size_t *ret_index, struct wake_error *err)
{
	int ret;

	*ret_index = 0;
	ret = find_place(dir, WAKE_REGISTRY_SEEN, log, original, ret_index, err);
	if (ret == WAKE_OK && *ret_index == 0)
		ret = find_cursor(paths, log, original, ret_index, err);
	if (ret == WAKE_OK && *ret_index == 0)
		ret = find_place(dir, WAKE_REGISTRY_BASELINE, log, original, ret_index, err);
	return ret;
}

static int inherit(const struct wake_paths *paths, const char *git_dir, const char *dir, const char *original,
    const char *id, bool is_common, struct wake_error *err)
{
	wake_auto_reflog struct wake_reflog *log = NULL;
	wake_auto_free char *path = NULL;
	struct wake_registry_place place;
	size_t recorded = 0;
	int ret = wake_fs_join(git_dir, "logs/HEAD", &path, err);

	if (ret == WAKE_OK)
		ret = wake_reflog_read(path, &log, err);
	if (ret == WAKE_OK)
		ret = find_recorded(paths, dir, log, original, &recorded, err);
	if (ret < 0)
		return ret;
	place = wake_registry_place_before(log, recorded, id, "HEAD");
	ret = wake_registry_place_write(dir, WAKE_REGISTRY_BASELINE, id, &place, err);
	return ret == WAKE_OK && is_common ? wake_registry_refs_write(dir, id, git_dir, err) : ret;
}

/* Two at once: the second finds the first one's nonce, and takes its own baseline back. */
static void forget(const char *dir, const char *id)
{
	static const char *const kinds[] = { "baseline", "refs", "seen" };

	for (size_t i = 0; i < WAKE_COUNT(kinds); i++) {
		wake_auto_free char *path = NULL;
		struct wake_error ignored;

		if (wake_str_format(&path, &ignored, "%s/%s-%s", dir, kinds[i], id) == WAKE_OK)
			(void)unlink(path);
	}
}

static int mint(const struct wake_paths *paths, const char *git_dir, bool is_common,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	const struct wake_registry_place nothing = { .count = 0 };
	wake_auto_free char *dir = NULL;
	char original[WAKE_ID_SIZE], id[WAKE_ID_SIZE];
	int ret = wake_registry_dir(git_dir, &dir, err);

	if (ret == WAKE_OK)
		ret = wake_registry_make_dir(dir, err);
	if (ret == WAKE_OK)
		ret = find_foreign(dir, original, err);
	if (ret < 0)
		return ret;
	wake_id_v7(id);
	if (original[0])
		ret = inherit(paths, git_dir, dir, original, id, is_common, err);
	if (ret == WAKE_OK)
		ret = wake_registry_place_write(dir, WAKE_REGISTRY_SEEN, id, &nothing, err);
	if (ret == WAKE_OK)
		ret = wake_registry_nonce_write(git_dir, dir, id, err);
	if (ret == WAKE_EXISTS) {
		forget(dir, id);
		return wake_registry_nonce_read(git_dir, ret_id, err);
	}
	if (ret == WAKE_OK)
		ret = wake_registry_make_log(git_dir, err);
	if (ret == WAKE_OK)
		memcpy(ret_id, id, WAKE_ID_SIZE);
	return ret;
}

int wake_registry_nonce_identify(const struct wake_paths *paths, const char *git_dir, bool is_common,
    char ret_id[WAKE_ID_SIZE], struct wake_error *err)
{
	int ret = wake_registry_nonce_read(git_dir, ret_id, err);

	return ret == WAKE_NOTFOUND ? mint(paths, git_dir, is_common, ret_id, err) : ret;
}
