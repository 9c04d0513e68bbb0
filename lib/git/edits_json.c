/* SPDX-License-Identifier: MIT */
/* A state's entries as JSON, and back. */
#include <string.h>

#include "event/event.h"
#include "git/edits_inside.h"
#include "git/sha1.h"

static const char *const kept_words[] = { "yes", "size", "name", "run", "off", "kind" };

static const char *kept_word(const char *text)
{
	for (size_t i = 0; text && i < WAKE_COUNT(kept_words); i++) {
		if (strcmp(text, kept_words[i]) == 0)
			return kept_words[i];
	}
	return NULL;
}

static int set_path(json_t *object, const char *key, const char *path, struct wake_error *err)
{
	wake_auto_json json_t *list = json_array();
	int ret;

	if (!path)
		return wake_json_set(object, key, json_null(), err);
	if (!list)
		return wake_fail_nomem(err);
	ret = wake_event_add_path(list, path, err);
	return ret < 0 ? ret : wake_json_set(object, key, json_incref(json_array_get(list, 0)), err);
}

static int set_members(const struct wake_edit *edit, json_t *object, struct wake_error *err)
{
	const char status[2] = { edit->status, '\0' };
	int ret = set_path(object, "path", edit->path, err);

	if (ret == WAKE_OK)
		ret = set_path(object, "old_path", edit->old_path, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "status", status, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "added", edit->added, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "removed", edit->removed, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_bool(object, "binary", edit->binary, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "old_id", edit->old_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(object, "new_id", edit->new_id, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "old_mode", edit->old_mode, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_int(object, "new_mode", edit->new_mode, err);
	return ret < 0 ? ret : wake_json_set_string(object, "kept", edit->kept ? edit->kept : "off", err);
}

int wake_edit_write(const struct wake_edit *edit, json_t *files, struct wake_error *err)
{
	wake_auto_json json_t *object = json_object();
	int ret;

	if (!object)
		return wake_fail_nomem(err);
	ret = set_members(edit, object, err);
	if (ret < 0)
		return ret;
	return json_array_append(files, object) < 0 ? wake_fail_nomem(err) : WAKE_OK;
}

static int fail_state(struct wake_error *err)
{
	return wake_fail(err, WAKE_CORRUPT, "the recorded state of a worktree is malformed");
}

static int copy_hash(const json_t *object, const char *key, char hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	const char *text = wake_json_string(object, key);

	if (!text || (*text && (!wake_hash_is_valid(text) || strlen(text) != GIT_OID_HEXSZ)))
		return fail_state(err);
	(void)snprintf(hash, WAKE_HASH_SIZE, "%s", text);
	return WAKE_OK;
}

static int read_path(const json_t *object, const char *key, struct wake_str *path, struct wake_error *err)
{
	const char *text = wake_json_string(object, key);

	wake_str_clear(path);
	return text ? wake_event_read_path(text, path, err) : WAKE_OK;
}

static int read_one(const json_t *object, struct wake_edit_list *list, struct wake_error *err)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_EVENT_PATH_MAX),
	                              old_path = WAKE_STR(WAKE_EVENT_PATH_MAX);
	const char *status = wake_json_string(object, "status");
	struct wake_edit *edit;
	int ret = read_path(object, "path", &path, err);

	if (ret == WAKE_OK)
		ret = read_path(object, "old_path", &old_path, err);
	if (ret < 0)
		return ret;
	if (path.len == 0 || !status || !*status || status[1])
		return fail_state(err);
	ret =
	    wake_edit_list_add(list, path.data, old_path.len > 0 ? old_path.data : NULL, *status, &edit, err);
	if (ret == WAKE_OK)
		ret = copy_hash(object, "old_id", edit->old_id, err);
	if (ret == WAKE_OK)
		ret = copy_hash(object, "new_id", edit->new_id, err);
	if (ret < 0)
		return ret;
	edit->added = wake_json_int(object, "added", 0);
	edit->removed = wake_json_int(object, "removed", 0);
	edit->binary = wake_json_true(object, "binary");
	edit->old_mode = (unsigned)wake_json_int(object, "old_mode", 0);
	edit->new_mode = (unsigned)wake_json_int(object, "new_mode", 0);
	edit->kept = kept_word(wake_json_string(object, "kept"));
	edit->counted = true;
	return edit->kept ? WAKE_OK : fail_state(err);
}

int wake_edit_list_read(const json_t *files, struct wake_edit_list *ret_list, struct wake_error *err)
{
	wake_auto_edit_list struct wake_edit_list list = { 0 };
	int ret = WAKE_OK;

	if (!json_is_array(files))
		return fail_state(err);
	for (size_t i = 0; i < json_array_size(files) && ret == WAKE_OK; i++)
		ret = read_one(json_array_get(files, i), &list, err);
	if (ret < 0)
		return ret == WAKE_NOMEM ? ret : fail_state(err);
	wake_edit_list_sort(&list);
	*ret_list = list;
	list = (struct wake_edit_list){ 0 }; /* the caller's now */
	return WAKE_OK;
}

bool wake_edit_is_same(const struct wake_edit *left, const struct wake_edit *right)
{
	const char *left_old = left->old_path ? left->old_path : "",
	           *right_old = right->old_path ? right->old_path : "";

	return strcmp(left->path, right->path) == 0 && strcmp(left_old, right_old) == 0 &&
	       left->status == right->status && left->binary == right->binary &&
	       left->added == right->added && left->removed == right->removed &&
	       left->old_mode == right->old_mode && left->new_mode == right->new_mode &&
	       strcmp(left->old_id, right->old_id) == 0 && strcmp(left->new_id, right->new_id) == 0;
}

int wake_edit_list_name(const struct wake_edit_list *list, const char *head, char ret_name[WAKE_HASH_SIZE],
    struct wake_error *err)
{
	unsigned char digest[WAKE_SHA1_BYTES];
	struct wake_sha1 sha1;

	wake_sha1_init(&sha1);
	wake_sha1_add(&sha1, head, strlen(head) + 1);
	for (size_t i = 0; i < list->count; i++) {
		const struct wake_edit *edit = &list->items[i];
		const char *old_path = edit->old_path ? edit->old_path : "";
		wake_auto_free char *rest = NULL;
		int ret = wake_str_format(&rest, err, "%c%d %lld %lld %o %o %s %s", edit->status,
		    edit->binary, (long long)edit->added, (long long)edit->removed, edit->old_mode,
		    edit->new_mode, edit->old_id, edit->new_id);

		if (ret < 0)
			return ret;
		wake_sha1_add(&sha1, edit->path, strlen(edit->path) + 1);
		wake_sha1_add(&sha1, old_path, strlen(old_path) + 1);
		wake_sha1_add(&sha1, rest, strlen(rest) + 1);
	}
	wake_sha1_end(&sha1, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(ret_name + 2 * i, 3, "%02x", digest[i]);
	return WAKE_OK;
}
