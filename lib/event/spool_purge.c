/* SPDX-License-Identifier: MIT */
/* What was set aside and names a run: a purge takes it too. */
#include "event/spool_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 1000000
#define FILE_MAX ((size_t)256 * 1024 * 1024) /* bytes */

/* A line of newer-vN stays where it does not name the run. Returns how many do. */
static size_t keep_lines(const char *text, size_t len, const char *name, struct wake_str *kept)
{
	size_t at = 0, named = 0, name_len = strlen(name);

	while (at < len) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t line = newline ? (size_t)(newline - text) - at + 1 : len - at;

		if (memmem(text + at, line, name, name_len))
			named++;
		else
			wake_str_append_bytes(kept, text + at, line);
		at += line;
	}
	return named;
}

static int purge_file(
    const char *path, bool by_line, const char *name, bool remove, size_t *count, struct wake_error *err)
{
	wake_auto_str struct wake_str kept = WAKE_STR(FILE_MAX);
	wake_auto_free char *text = NULL;
	size_t len = 0, named = 0;
	int status = wake_fs_read(path, FILE_MAX, WAKE_FS_NOFOLLOW, &text, &len, err);

	if (status == WAKE_NOTFOUND)
		return WAKE_OK;
	if (status != WAKE_OK)
		return status;
	if (by_line)
		named = keep_lines(text, len, name, &kept);
	else
		named = memmem(text, len, name, strlen(name)) != NULL;
	*count += named;
	if (named == 0 || !remove)
		return WAKE_OK;
	if (!by_line || kept.len == 0)
		return unlink(path) < 0 && errno != ENOENT ? wake_fail_errno(err, "remove '%s'", path)
		                                           : WAKE_OK;
	status = wake_str_check(&kept, err);
	return status == WAKE_OK ? wake_fs_replace(path, kept.data, kept.len, 0600, WAKE_FS_SYNC, err)
	                         : status;
}

int wake_spool_purge(
    const char *spool, const char *run_id, bool remove, size_t *ret_count, struct wake_error *err)
{
	wake_auto_names struct wake_fs_names names = { 0 };
	wake_auto_free char *dir = NULL, *name = NULL;
	size_t count = 0;
	int status = wake_fs_join(spool, "quarantine", &dir, err);

	/* Run ids hold nothing that JSON escapes. */
	if (status == WAKE_OK)
		status = wake_str_format(&name, err, "\"%s\"", run_id);
	if (status == WAKE_OK && wake_fs_is_dir(dir))
		status = wake_fs_list(dir, FILES_MAX, &names, err);
	for (size_t i = 0; status == WAKE_OK && i < names.count; i++) {
		bool by_line = strncmp(names.items[i], WAKE_SPOOL_NEWER, strlen(WAKE_SPOOL_NEWER)) == 0;
		wake_auto_free char *path = NULL;

		status = wake_fs_join(dir, names.items[i], &path, err);
		if (status == WAKE_OK)
			status = purge_file(path, by_line, name, remove, &count, err);
	}
	if (status == WAKE_OK)
		*ret_count = count;
	return status;
}
