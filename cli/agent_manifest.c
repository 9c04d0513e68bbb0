/* SPDX-License-Identifier: MIT */
/* Remembering what was done to an agent's settings. */
#include "cli/agent_manifest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"

#define DIRECTORY "agents"
#define VERSION 1
#define MANIFEST_MAX ((size_t)4 * 1024 * 1024) /* bytes */
#define SHOWN_MAX ((size_t)64 * 1024)          /* bytes of the path, for people */

static int path_of(const struct wake_paths *paths, const char *file, char **ret_path, struct wake_error *err)
{
	char id[WAKE_ID_SIZE];

	wake_id_v5(file, strlen(file), id);
	return wake_str_format(ret_path, err, "%s/" DIRECTORY "/%s.json", paths->state, id);
}

int wake_agent_manifest_directory(
    const struct wake_paths *paths, char **ret_directory, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	int ret = wake_fs_join(paths->state, DIRECTORY, &directory, err);

	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(directory, err);
	if (ret == WAKE_OK) {
		*ret_directory = directory;
		directory = NULL; /* the caller's now */
	}
	return ret;
}

void wake_agent_manifest_sum(const char *text, size_t len, char ret_sum[WAKE_SHA256_SIZE])
{
	struct wake_sha256 sha256;

	wake_sha256_init(&sha256);
	wake_sha256_add(&sha256, text, len);
	wake_sha256_text(&sha256, ret_sum);
}

static bool take_sum(const json_t *document, const char *key, char ret_sum[WAKE_SHA256_SIZE])
{
	const char *sum = wake_json_string(document, key);
	size_t len = sum ? strlen(sum) : 0;

	if (!sum || (len != 0 && len != WAKE_SHA256_SIZE - 1))
		return false;
	memcpy(ret_sum, sum, len + 1);
	return true;
}

/* WAKE_INVALID: not as we write it. */
static int take_pieces(const json_t *list, struct wake_text_change *change, struct wake_error *err)
{
	const json_t *item;
	size_t i;
	int ret = WAKE_OK;

	json_array_foreach(list, i, item)
	{
		const json_t *text = json_object_get(item, "text");
		int64_t at = wake_json_int(item, "at", -1);

		if (ret < 0)
			return ret;
		if (at < 0 || at > (int64_t)WAKE_CLAUDE_SETTINGS_MAX || !json_is_string(text))
			return wake_fail(err, WAKE_INVALID, "no piece");
		ret = wake_text_change_add(
		    change, (size_t)at, 0, json_string_value(text), json_string_length(text), err);
	}
	return ret;
}

static void take_made(const json_t *made, struct wake_agent_manifest *manifest)
{
	const json_t *events = json_object_get(made, "events"), *event;
	size_t n;

	manifest->made.hooks = wake_json_true(made, "hooks");
	manifest->made_file = wake_json_true(made, "file");
	manifest->made_directories = wake_json_int(made, "directories", 0);
	json_array_foreach(events, n, event)
	{
		for (size_t i = 0; i < WAKE_CLAUDE_EVENTS && json_is_string(event); i++) {
			if (strcmp(json_string_value(event), wake_claude_events[i]) == 0)
				manifest->made.events[i] = true;
		}
	}
}

static int take(const json_t *document, struct wake_agent_manifest *manifest, struct wake_error *err)
{
	if (wake_json_int(document, "version", 0) != VERSION || !take_sum(document, "left", manifest->left) ||
	    !take_sum(document, "original", manifest->original))
		return wake_fail(err, WAKE_INVALID, "no manifest of ours");
	take_made(json_object_get(document, "made"), manifest);
	manifest->is_there = true;
	return take_pieces(json_object_get(document, "pieces"), &manifest->change, err);
}

int wake_agent_manifest_read(const struct wake_paths *paths, const char *file,
    struct wake_agent_manifest *ret_manifest, struct wake_error *err)
{
	wake_auto_agent_manifest struct wake_agent_manifest manifest = { 0 };
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	wake_auto_json json_t *document = NULL;
	size_t len = 0;
	int ret = path_of(paths, file, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, MANIFEST_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, &text, &len, err);
	if (ret == WAKE_OK)
		ret = wake_json_parse(text, len, &document, err);
	if (ret == WAKE_OK)
		ret = take(document, &manifest, err);
	if (ret == WAKE_OK) {
		*ret_manifest = manifest;
		manifest = (struct wake_agent_manifest){ 0 }; /* the caller's now */
	} else if (ret == WAKE_NOTFOUND || ret == WAKE_INVALID) {
		*ret_manifest = (struct wake_agent_manifest){ 0 };
		ret = WAKE_OK;
	}
	return ret;
}

static json_t *pieces_of(const struct wake_text_change *change)
{
	wake_auto_json json_t *list = json_array();

	for (size_t i = 0; i < change->count; i++) {
		json_t *piece = json_pack(
		    "{s:I, s:s}", "at", (json_int_t)change->pieces[i].at, "text", change->pieces[i].text);

		if (json_array_append_new(list, piece) < 0)
			return NULL;
	}
	return json_incref(list);
}

static json_t *made_of(const struct wake_agent_manifest *manifest)
{
	wake_auto_json json_t *events = json_array();

	for (size_t i = 0; i < WAKE_CLAUDE_EVENTS; i++) {
		if (manifest->made.events[i] &&
		    json_array_append_new(events, json_string(wake_claude_events[i])) < 0)
			return NULL;
	}
	return json_pack("{s:I, s:b, s:b, s:O}", "directories", (json_int_t)manifest->made_directories,
	    "file", manifest->made_file, "hooks", manifest->made.hooks, "events", events);
}

static json_t *document_of(const char *file, const struct wake_agent_manifest *manifest)
{
	wake_auto_str struct wake_str shown = WAKE_STR(4 * SHOWN_MAX);

	wake_text_append_stored(&shown, file, strlen(file), SHOWN_MAX);
	return json_pack("{s:i, s:s, s:s, s:s, s:o, s:o}", "version", VERSION, "file", wake_str_text(&shown),
	    "left", manifest->left, "original", manifest->original, "pieces", pieces_of(&manifest->change),
	    "made", made_of(manifest));
}

int wake_agent_manifest_write(const struct wake_paths *paths, const char *file,
    const struct wake_agent_manifest *manifest, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(MANIFEST_MAX);
	wake_auto_json json_t *document = document_of(file, manifest);
	wake_auto_free char *path = NULL;
	int ret = document ? wake_json_append(&text, document, err) : wake_fail_nomem(err);

	if (ret == WAKE_OK)
		ret = path_of(paths, file, &path, err);
	return ret < 0 ? ret : wake_fs_replace(path, text.data, text.len, 0600, WAKE_FS_SYNC, err);
}

int wake_agent_manifest_remove(const struct wake_paths *paths, const char *file, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = path_of(paths, file, &path, err);

	if (ret == WAKE_OK && unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
		ret = wake_fail_errno(err, "remove '%s'", path);
	return ret;
}

void wake_agent_manifest_release(struct wake_agent_manifest *manifest)
{
	wake_text_change_release(&manifest->change);
	*manifest = (struct wake_agent_manifest){ 0 };
}
