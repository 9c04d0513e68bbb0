/* SPDX-License-Identifier: MIT */
/* Reading and writing cursors. */
#include "event/cursor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "event/spool_parts.h"

#define CURSOR_SIZE 512 /* bytes of a worktree's cursor, exactly: text, its CRC-32, and newlines up to here */
#define SUM_FORMAT "sum %08" PRIx32 "\n"
#define SUM_SIZE 13 /* bytes: "sum 01234567\n" */
#define HEADER "runwake cursor 3\n"

int wake_cursor_path(
    const struct wake_paths *paths, const char *name, char **ret_path, struct wake_error *err)
{
	return wake_str_format(ret_path, err, "%s/cursors/%s", paths->spool, name);
}

void wake_cursor_append_mark(struct wake_str *out, const struct wake_reflog_mark *mark)
{
	wake_str_appendf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64,
	    mark->inode, mark->end, mark->line, mark->ordinal, mark->peak, mark->peak_from);
}

static bool parse_number(const char **text, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	if (**text < '0' || **text > '9')
		return false;
	*ret_number = strtoull(*text, &end, 10);
	*text = end + (*end == ' ');
	return errno == 0;
}

static bool parse_signed(const char **text, int64_t *ret_number)
{
	bool negative = **text == '-';
	uint64_t number;

	*text += negative;
	if (!parse_number(text, &number) || number > INT64_MAX)
		return false;
	*ret_number = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

bool wake_cursor_parse_mark(const char **text, struct wake_reflog_mark *ret_mark)
{
	struct wake_reflog_mark mark;

	if (!parse_number(text, &mark.inode) || !parse_number(text, &mark.end) ||
	    !parse_number(text, &mark.line) || !parse_number(text, &mark.ordinal) ||
	    !parse_signed(text, &mark.peak) || !parse_number(text, &mark.peak_from))
		return false;
	if (mark.line > mark.end || mark.peak_from > mark.end)
		return false;
	*ret_mark = mark;
	return true;
}

/* The line "KEY VALUE\n" at *text: value into ret_value, "-" as "". */
static bool parse_word(const char **text, const char *key, char *ret_value, size_t size)
{
	size_t key_len = strlen(key), len;

	if (strncmp(*text, key, key_len) != 0 || (*text)[key_len] != ' ')
		return false;
	*text += key_len + 1;
	len = strcspn(*text, "\n");
	if (len == 0 || len >= size || (*text)[len] != '\n')
		return false;
	memcpy(ret_value, *text, len);
	ret_value[len] = '\0';
	if (strcmp(ret_value, "-") == 0)
		ret_value[0] = '\0';
	*text += len + 1;
	return true;
}

/* The cursor is written in place, so a reader may meet half of it: the sum tells. */
static bool is_whole(const char *text, size_t len)
{
	char sum[SUM_SIZE + 1];
	const char *at = strstr(text, "\nsum ");

	if (len != CURSOR_SIZE || !at)
		return false;
	(void)snprintf(sum, sizeof(sum), SUM_FORMAT, wake_spool_crc(text, (size_t)(at + 1 - text)));
	return strncmp(at + 1, sum, SUM_SIZE) == 0;
}

static bool parse_cursor(const char *text, struct wake_cursor *ret_cursor)
{
	struct wake_cursor cursor = { 0 };
	char at[24], mark[160];
	const char *number = at, *numbers = mark;

	if (strncmp(text, HEADER, strlen(HEADER)) != 0)
		return false;
	text += strlen(HEADER);
	if (!parse_word(&text, "boot", cursor.boot_id, sizeof(cursor.boot_id)) ||
	    !parse_word(&text, "at", at, sizeof(at)) || !parse_word(&text, "mark", mark, sizeof(mark)) ||
	    !parse_word(&text, "last", cursor.last_id, sizeof(cursor.last_id)) ||
	    !parse_word(&text, "new", cursor.last_new, sizeof(cursor.last_new)) ||
	    !parse_word(&text, "implied", cursor.implied, sizeof(cursor.implied)))
		return false;
	if (!parse_signed(&number, &cursor.at) || !wake_cursor_parse_mark(&numbers, &cursor.mark))
		return false;
	if (cursor.last_id[0] && !wake_id_is_uuid(cursor.last_id))
		return false;
	*ret_cursor = cursor;
	return true;
}

int wake_cursor_load(const struct wake_paths *paths, const char *name, struct wake_cursor *ret_cursor,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *text = NULL;
	size_t len = 0;
	int ret = wake_cursor_path(paths, name, &path, err);

	if (ret == WAKE_OK)
		ret = wake_fs_read(path, CURSOR_SIZE, WAKE_FS_NOFOLLOW, &text, &len, err);
	if (ret == WAKE_OK && (!is_whole(text, len) || !parse_cursor(text, ret_cursor)))
		return wake_fail(err, WAKE_NOTFOUND, "cursor '%s' is damaged", path);
	return ret == WAKE_INVALID ? wake_fail(err, WAKE_NOTFOUND, "cursor '%s' is damaged", path) : ret;
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

/* CURSOR_SIZE bytes: a shorter text leaves no tail of a longer one. */
static void format_cursor(const struct wake_cursor *cursor, struct wake_str *out)
{
	wake_str_append(out, HEADER);
	wake_str_appendf(out, "boot %s\nat %" PRId64 "\nmark ", or_dash(cursor->boot_id), cursor->at);
	wake_cursor_append_mark(out, &cursor->mark);
	wake_str_appendf(out, "\nlast %s\nnew %s\nimplied %s\n", or_dash(cursor->last_id), or_dash(cursor->last_new),
	    or_dash(cursor->implied));
	wake_str_appendf(out, SUM_FORMAT, wake_spool_crc(wake_str_text(out), out->len));
	while (!out->failed && out->len < CURSOR_SIZE)
		wake_str_append_char(out, '\n');
}

/* In place where there is one already: replacing it by rename makes ext4 write the new file out at once
 * (auto_da_alloc), which was two thirds of a hook's time. */
static bool overwrite(const char *path, const struct wake_str *text)
{
	wake_auto_close int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && pwrite(fd, text->data, text->len, 0) == (ssize_t)text->len;
}

int wake_cursor_write(const struct wake_paths *paths, const char *name, const struct wake_str *text,
    struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *dir = NULL;
	int ret = wake_str_check(text, err);

	if (ret == WAKE_OK)
		ret = wake_cursor_path(paths, name, &path, err);
	if (ret == WAKE_OK)
		ret = wake_fs_replace(path, wake_str_text(text), text->len, 0600, WAKE_FS_PLAIN, err);
	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = wake_fs_join(paths->spool, "cursors", &dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_make_dirs(dir, err);
	if (ret == WAKE_OK)
		ret = wake_fs_replace(path, wake_str_text(text), text->len, 0600, WAKE_FS_PLAIN, err);
	return ret;
}

/* Did another witness, since before was loaded, get further in the same file? Where nobody saved anything
 * meanwhile, a smaller offset is right: the inode number is that of an older file which is gone. */
static bool is_behind(const struct wake_cursor *cursor, const struct wake_cursor *before,
    const struct wake_cursor *stored)
{
	if (before && before->at == stored->at && before->mark.end == stored->mark.end)
		return false;
	return cursor->mark.inode == stored->mark.inode && strcmp(cursor->boot_id, stored->boot_id) == 0 &&
	       stored->mark.end > cursor->mark.end;
}

int wake_cursor_save(const struct wake_paths *paths, const char *name, const struct wake_cursor *cursor,
    const struct wake_cursor *before, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(CURSOR_SIZE);
	wake_auto_free char *path = NULL;
	struct wake_cursor stored;
	struct wake_error ignored;
	int ret;

	if (wake_cursor_load(paths, name, &stored, &ignored) == WAKE_OK && is_behind(cursor, before, &stored))
		return WAKE_OK;
	format_cursor(cursor, &text);
	ret = wake_str_check(&text, err);
	if (ret == WAKE_OK)
		ret = wake_cursor_path(paths, name, &path, err);
	if (ret != WAKE_OK || overwrite(path, &text))
		return ret;
	return wake_cursor_write(paths, name, &text, err);
}

void wake_cursor_remove(const struct wake_paths *paths, const char *name)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;

	if (wake_cursor_path(paths, name, &path, &ignored) == WAKE_OK)
		(void)unlink(path);
}
