/* SPDX-License-Identifier: MIT */
/* Lines that cannot be applied: SPOOL/quarantine/ID.line holds the reason, a newline, and the line's bytes as
 * they came. ID is derived from those bytes, so a recorder that is killed and begins again keeps each line
 * once. Events of a later version are appended to newer-vN and come back when N can be read. */
#include "event/spool_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define NEWER_MAX 999999 /* a later version than that is no version */

/* The version of a line that only a later program can read; 0 if that is not what is wrong with it,
 * WAKE_NOMEM if there is no memory to find out. */
static int64_t newer_version_of(const char *line, size_t len)
{
	int64_t version;

	if (!wake_spool_is_intact(line, len))
		return 0;
	line += WAKE_SPOOL_PREFIX;
	len -= WAKE_SPOOL_PREFIX;
	version = wake_event_version(line, len);
	if (version == 0) /* twice, for the same reason as in wake_spool_parse */
		version = wake_event_version(line, len);
	return version == WAKE_NOMEM || (version > WAKE_EVENT_VERSION && version <= NEWER_MAX) ? version : 0;
}

/* The leading newline ends what a recorder killed here before may have left; empty lines say nothing. */
static int append_newer(const char *path, const char *line, size_t len, struct wake_error *err)
{
	wake_auto_str struct wake_str whole = WAKE_STR(WAKE_SPOOL_LINE_MAX + 2);
	wake_auto_close int fd = -1;
	int ret;

	wake_str_append_char(&whole, '\n');
	wake_str_append_bytes(&whole, line, len);
	wake_str_append_char(&whole, '\n');
	ret = wake_str_check(&whole, err);
	if (ret < 0)
		return ret;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", path);
	ret = wake_fs_write_all(fd, whole.data, whole.len, err);
	if (ret == WAKE_OK && fdatasync(fd) < 0)
		ret = wake_fail_errno(err, "sync");
	return ret < 0 ? wake_error_prefix(err, "write '%s'", path) : WAKE_OK;
}

static int create_line(
    const char *path, const char *line, size_t len, const char *reason, struct wake_error *err)
{
	wake_auto_str struct wake_str whole = WAKE_STR(WAKE_ERROR_TEXT_SIZE * 4 + len + 1);
	int ret;

	wake_text_append_shown(&whole, reason, strlen(reason), false);
	wake_str_append_char(&whole, '\n');
	wake_str_append_bytes(&whole, line, len);
	ret = wake_str_check(&whole, err);
	if (ret == WAKE_OK)
		ret = wake_fs_create(path, whole.data, whole.len, 0600, WAKE_FS_SYNC, err);
	return ret == WAKE_EXISTS ? WAKE_OK : ret;
}

static int try_set_aside(
    const char *spool, const char *line, size_t len, const char *reason, struct wake_error *err)
{
	int64_t newer = newer_version_of(line, len);
	wake_auto_free char *path = NULL;
	char id[WAKE_ID_SIZE];
	int ret;

	if (newer < 0)
		return wake_fail_nomem(err);
	if (newer > 0) {
		ret = wake_str_format(&path, err, "%s/quarantine/" WAKE_SPOOL_NEWER "%" PRId64, spool, newer);
		return ret == WAKE_OK ? append_newer(path, line, len, err) : ret;
	}
	wake_id_v5(line, len, id);
	ret = wake_str_format(&path, err, "%s/quarantine/%s.line", spool, id);
	return ret == WAKE_OK ? create_line(path, line, len, reason, err) : ret;
}

int wake_spool_set_aside(
    const char *spool, const char *line, size_t len, const char *reason, struct wake_error *err)
{
	int ret = try_set_aside(spool, line, len, reason, err);

	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = wake_spool_make_dirs(spool, err);
	return ret == WAKE_OK ? try_set_aside(spool, line, len, reason, err) : ret;
}

int wake_spool_set_file_aside(const char *spool, const char *name, struct wake_error *err)
{
	wake_auto_free char *from = NULL;
	wake_auto_free char *to = NULL;
	char id[WAKE_ID_SIZE];
	int ret = wake_spool_make_dirs(spool, err);

	wake_id_v7(id);
	if (ret == WAKE_OK)
		ret = wake_str_format(&from, err, "%s/work/%s", spool, name);
	if (ret == WAKE_OK)
		ret = wake_str_format(&to, err, "%s/quarantine/%s.file", spool, id);
	if (ret == WAKE_OK && rename(from, to) < 0 && errno != ENOENT)
		ret = wake_fail_errno(err, "rename '%s'", from);
	return ret;
}

static int readmit_version(const char *spool, int version, struct wake_error *err)
{
	wake_auto_free char *from = NULL;
	wake_auto_free char *to = NULL;
	char id[WAKE_ID_SIZE];
	int ret = wake_str_format(&from, err, "%s/quarantine/" WAKE_SPOOL_NEWER "%d", spool, version);

	wake_id_v7(id);
	if (ret == WAKE_OK)
		ret = wake_str_format(&to, err, "%s/work/%s", spool, id);
	if (ret == WAKE_OK && rename(from, to) < 0 && errno != ENOENT)
		ret = wake_fail_errno(err, "rename '%s'", from);
	return ret;
}

int wake_spool_readmit(const char *spool, struct wake_error *err)
{
	int ret = WAKE_OK;

	for (int version = 1; version <= WAKE_EVENT_VERSION && ret == WAKE_OK; version++)
		ret = readmit_version(spool, version, err);
	return ret;
}
