/* SPDX-License-Identifier: MIT */
/* STATE/remote/ID.json. */
#include "event/remote_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "event/marker.h"

#define ENTRY_MAX                                                                                            \
	((size_t)2 * 1024 * 1024) /* bytes of the file: a task of 256 KiB with all its escapes fits */
#define ENTRY_VERSION 1
#define SUFFIX ".json"

static const char *const phases[] = { "asking", "answered", "tracked", "given-up" };

void wake_remote_entry_id(const char *url, const char *run_id, char ret_id[WAKE_ID_SIZE])
{
	wake_auto_str struct wake_str name = WAKE_STR(64 * 1024);

	wake_str_appendf(&name, "remote run %s %s", url, run_id);
	wake_id_v5(wake_str_text(&name), name.len, ret_id);
}

int wake_remote_entries_dir(const struct wake_paths *paths, char **ret_dir, struct wake_error *err)
{
	return wake_fs_join(paths->state, "remote", ret_dir, err);
}

static int locate(const struct wake_paths *paths, const char *id, char **ret_path, struct wake_error *err)
{
	if (!wake_id_is_uuid(id))
		return wake_fail(err, WAKE_INVALID, "'%.40s' is no id of a remote run's entry", id);
	return wake_str_format(ret_path, err, "%s/remote/%s" SUFFIX, paths->state, id);
}

int wake_remote_entry_write(
    const struct wake_paths *paths, struct wake_remote_entry *entry, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(ENTRY_MAX);
	wake_auto_free char *dir = NULL;
	wake_auto_free char *path = NULL;
	int ret = locate(paths, entry->id, &path, err);

	if (ret == WAKE_OK)
		ret = wake_json_set_int(entry->json, "version", ENTRY_VERSION, err);
	if (ret == WAKE_OK)
		ret = wake_json_set_string(entry->json, "phase", phases[entry->phase], err);
	if (ret == WAKE_OK)
		ret = wake_json_append(&text, entry->json, err);
	if (ret == WAKE_OK)
		ret = wake_remote_entries_dir(paths, &dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(dir, err);
	return ret == WAKE_OK ? wake_fs_replace(path, text.data, text.len, 0600, WAKE_FS_SYNC, err) : ret;
}

static int parse(const char *text, size_t len, struct wake_remote_entry *entry, struct wake_error *err)
{
	const char *phase, *run_id;
	size_t i = 0;
	int ret = wake_json_parse(text, len, &entry->json, err);

	if (ret < 0)
		return ret;
	phase = wake_json_string(entry->json, "phase");
	run_id = wake_json_string(entry->json, "run_id");
	while (phase && i < WAKE_COUNT(phases) && strcmp(phase, phases[i]) != 0)
		i++;
	if (!phase || i == WAKE_COUNT(phases) || !wake_json_string(entry->json, "url") ||
	    wake_json_int(entry->json, "version", 0) != ENTRY_VERSION)
		return wake_fail(err, WAKE_INVALID, "it is no remote run's entry");
	entry->phase = (enum wake_remote_phase)i;
	if (run_id)
		return wake_run_id_check(run_id, err);
	return i == WAKE_REMOTE_ANSWERED || i == WAKE_REMOTE_TRACKED
	           ? wake_fail(err, WAKE_INVALID, "it names no run")
	           : WAKE_OK;
}

int wake_remote_entry_read(const struct wake_paths *paths, const char *id,
    struct wake_remote_entry *ret_entry, struct wake_error *err)
{
	wake_auto_remote_entry struct wake_remote_entry entry = { 0 };
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = locate(paths, id, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, ENTRY_MAX, WAKE_FS_NOFOLLOW | WAKE_FS_OWN, &text, &len, err);
	if (ret == WAKE_OK)
		ret = parse(text, len, &entry, err);
	if (ret == WAKE_INVALID) {
		(void)wake_error_prefix(err, "'%s'", path ? path : id);
		return err->code = WAKE_CORRUPT;
	}
	if (ret < 0)
		return ret;
	memcpy(entry.id, id, sizeof(entry.id));
	*ret_entry = entry;
	entry = (struct wake_remote_entry){ 0 }; /* the caller's now */
	return WAKE_OK;
}

int wake_remote_entry_remove(const struct wake_paths *paths, const char *id, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = locate(paths, id, &path, err);

	if (ret == WAKE_OK && unlink(path) < 0 && errno != ENOENT)
		ret = wake_fail_errno(err, "remove '%s'", path);
	return ret;
}

void wake_remote_entry_release(struct wake_remote_entry *entry)
{
	json_decref(entry->json);
	*entry = (struct wake_remote_entry){ 0 };
}

const char *wake_remote_entry_text(const struct wake_remote_entry *entry, const char *key)
{
	return wake_json_string(entry->json, key);
}

int64_t wake_remote_entry_time(const struct wake_remote_entry *entry, const char *key)
{
	const char *text = wake_json_string(entry->json, key);
	struct wake_error ignored;
	int64_t at = 0;

	return text && wake_time_parse(text, &at, &ignored) == WAKE_OK ? at : 0;
}

int wake_remote_entry_set_time(
    struct wake_remote_entry *entry, const char *key, int64_t at, struct wake_error *err)
{
	char text[WAKE_TIME_SIZE];

	wake_time_format(at, text);
	return wake_json_set_string(entry->json, key, text, err);
}

/* ---- all of them ---- */

/* "ID.json" */
static bool is_entry(const char *name, char ret_id[WAKE_ID_SIZE])
{
	if (strlen(name) != WAKE_ID_SIZE - 1 + strlen(SUFFIX) || strcmp(name + WAKE_ID_SIZE - 1, SUFFIX) != 0)
		return false;
	memcpy(ret_id, name, WAKE_ID_SIZE - 1);
	ret_id[WAKE_ID_SIZE - 1] = '\0';
	return wake_id_is_uuid(ret_id);
}

/* One that goes while we read is none of the list, and nothing that was skipped. */
static int add_entry(const struct wake_paths *paths, const char *id, struct wake_remote_entries *entries,
    struct wake_error *err)
{
	struct wake_remote_entry entry = { 0 };
	int ret = entries->count < WAKE_REMOTE_ENTRIES_MAX ? wake_remote_entry_read(paths, id, &entry, err)
	                                                   : WAKE_INVALID;

	if (ret == WAKE_NOMEM)
		return ret;
	if (ret == WAKE_OK)
		entries->items[entries->count++] = entry;
	else
		entries->skipped += ret != WAKE_NOTFOUND;
	return WAKE_OK;
}

int wake_remote_entries_list(
    const struct wake_paths *paths, struct wake_remote_entries *ret_entries, struct wake_error *err)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL;
	char id[WAKE_ID_SIZE];
	int ret = wake_remote_entries_dir(paths, &dir, err);

	if (ret == WAKE_OK)
		ret = wake_fs_list(dir, 2 * WAKE_REMOTE_ENTRIES_MAX, &names, err);
	if (ret < 0 && ret != WAKE_NOTFOUND)
		return ret;
	entries.items = calloc(names.count + 1, sizeof(*entries.items));
	if (!entries.items)
		return wake_fail_nomem(err);
	for (size_t i = 0; i < names.count; i++) {
		if (is_entry(names.items[i], id) && add_entry(paths, id, &entries, err) == WAKE_NOMEM)
			return WAKE_NOMEM;
	}
	*ret_entries = entries;
	entries = (struct wake_remote_entries){ 0 }; /* the caller's now */
	return WAKE_OK;
}

void wake_remote_entries_release(struct wake_remote_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		wake_remote_entry_release(&entries->items[i]);
	free(entries->items);
	*entries = (struct wake_remote_entries){ 0 };
}

bool wake_remote_entries_wait(const struct wake_paths *paths)
{
	wake_auto_remote_entries struct wake_remote_entries entries = { 0 };
	struct wake_error ignored;

	if (wake_remote_entries_list(paths, &entries, &ignored) < 0)
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		if (entries.items[i].phase != WAKE_REMOTE_GIVEN_UP)
			return true;
	}
	return false;
}
