/* SPDX-License-Identifier: MIT */
/* STATE/repositories/: where the registered repositories are. */
#include "event/registry.h"

#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"

#define NOTE_MAX (256 * 1024) /* bytes of a note */
#define NOTES_MAX 100000

static int note_path(const struct wake_paths *paths, const char *id, char **ret_path, struct wake_error *err)
{
	return wake_str_format(ret_path, err, "%s/repositories/%s.json", paths->state, id);
}

static void append_hex(struct wake_str *out, const char *bytes)
{
	for (; *bytes; bytes++)
		wake_str_appendf(out, "%02x", (unsigned)(unsigned char)*bytes);
}

/* A path is bytes, JSON is UTF-8: a path that is not goes in hexadecimal. */
static int format_note(const char *id, const char *common_dir, struct wake_str *out, struct wake_error *err)
{
	wake_auto_json json_t *note = json_object();
	wake_auto_str struct wake_str hex = WAKE_STR(out->max);
	bool is_text = wake_text_is_utf8(common_dir, strlen(common_dir));
	int ret = wake_json_set_int(note, "version", 1, err);

	if (!is_text)
		append_hex(&hex, common_dir);
	if (ret == WAKE_OK)
		ret = wake_str_check(&hex, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(note, "repository_id", id, err);
	if (ret == WAKE_OK)
		ret = is_text ? wake_json_set_string(note, "common_dir", common_dir, err)
			      : wake_json_set_string(note, "common_dir_hex", wake_str_text(&hex), err);
	if (ret == WAKE_OK)
		ret = wake_json_append(out, note, err);
	wake_str_append_char(out, '\n');
	return ret == WAKE_OK ? wake_str_check(out, err) : ret;
}

int wake_registry_note(const struct wake_paths *paths, const struct wake_worktree *worktree,
    const struct wake_identity *identity, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(NOTE_MAX);
	wake_auto_free char *path = NULL;
	wake_auto_free char *dir = NULL;
	wake_auto_free char *old = NULL;
	size_t old_len = 0;
	int ret = format_note(identity->repository_id, worktree->common_dir, &text, err);

	if (ret == WAKE_OK)
		ret = note_path(paths, identity->repository_id, &path, err);
	if (ret < 0)
		return ret;
	if (wake_fs_read(path, NOTE_MAX, WAKE_FS_NOFOLLOW, &old, &old_len, err) == WAKE_OK &&
	    old_len == text.len && memcmp(old, text.data, old_len) == 0)
		return WAKE_OK;
	ret = wake_fs_join(paths->state, "repositories", &dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(dir, err);
	return ret == WAKE_OK ? wake_fs_replace(path, text.data, text.len, 0600, WAKE_FS_PLAIN, err) : ret;
}

void wake_registry_unnote(const struct wake_paths *paths, const char *repository_id)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (note_path(paths, repository_id, &path, &ignored) == WAKE_OK)
		(void)unlink(path);
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_hex(const char *hex, struct wake_str *out)
{
	for (; hex[0]; hex += 2) {
		int high = hex_value(hex[0]), low = high < 0 ? -1 : hex_value(hex[1]);

		if (low < 0 || (high == 0 && low == 0))
			return WAKE_INVALID;
		wake_str_append_char(out, (char)(high << 4 | low));
	}
	return WAKE_OK;
}

/* WAKE_INVALID: not as we write them. */
static int read_note(const char *path, struct wake_registered *ret_one, struct wake_error *err)
{
	wake_auto_str struct wake_str bytes = WAKE_STR(NOTE_MAX);
	wake_auto_free char *text = NULL;
	wake_auto_json json_t *note = NULL;
	const char *id, *dir, *hex;
	size_t len = 0;
	int ret = wake_fs_read(path, NOTE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);

	if (ret == WAKE_OK)
		ret = wake_json_parse(text, len, &note, err);
	if (ret < 0)
		return ret;
	id = wake_json_string(note, "repository_id");
	dir = wake_json_string(note, "common_dir");
	hex = wake_json_string(note, "common_dir_hex");
	if (!dir && hex && parse_hex(hex, &bytes) == WAKE_OK && !bytes.failed)
		dir = wake_str_text(&bytes);
	if (!id || !wake_id_is_uuid(id) || !dir || dir[0] != '/')
		return wake_fail(err, WAKE_INVALID, "'%s' is damaged", path);
	memcpy(ret_one->repository_id, id, WAKE_ID_SIZE);
	return wake_str_copy(dir, &ret_one->common_dir, err);
}

void wake_registered_list_release(struct wake_registered_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].common_dir);
	free(list->items);
	*list = (struct wake_registered_list){ 0 };
}

static int read_notes(const char *dir, const struct wake_fs_names *names, struct wake_registered_list *list,
    struct wake_error *err)
{
	for (size_t i = 0; i < names->count; i++) {
		wake_auto_free char *path = NULL;
		int ret = wake_fs_join(dir, names->items[i], &path, err);

		if (ret == WAKE_OK)
			ret = read_note(path, &list->items[list->count], err);
		if (ret == WAKE_OK)
			list->count++;
		else if (ret != WAKE_NOTFOUND && ret != WAKE_INVALID) /* one bad file hides no others */
			return ret;
	}
	return WAKE_OK;
}

int wake_registry_list(const struct wake_paths *paths, struct wake_registered_list *ret_list,
    struct wake_error *err)
{
	WAKE_CLEANUP(wake_registered_list_release) struct wake_registered_list list = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL;
	int ret = wake_fs_join(paths->state, "repositories", &dir, err);

	if (ret < 0)
		return ret;
	ret = wake_fs_list(dir, NOTES_MAX, &names, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	list.items = calloc(names.count + 1, sizeof(*list.items));
	if (!list.items)
		return wake_fail_nomem(err);
	ret = read_notes(dir, &names, &list, err);
	if (ret < 0)
		return ret;
	*ret_list = list;
	list = (struct wake_registered_list){ 0 }; /* the caller's now */
	return WAKE_OK;
}
