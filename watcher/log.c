/* SPDX-License-Identifier: MIT */
/* The watcher's log. */
#include "watcher/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096
#define ERASE_LINE "\r\033[K"

struct wake_log {
	char *path, *older; /* owned; NULL: stderr */
	int fd;
	off_t size;
	bool is_terminal;
	bool replaces; /* the last line on the terminal is one that gives way */
};

static int open_file(struct wake_log *log, struct wake_error *err)
{
	struct stat st;

	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (log->fd < 0 || fstat(log->fd, &st) < 0)
		return wake_fail_errno(err, "open '%s'", log->path);
	if (!S_ISREG(st.st_mode))
		return wake_fail(err, WAKE_INVALID, "'%s' is not a regular file", log->path);
	log->size = st.st_size;
	return WAKE_OK;
}

int wake_log_new(const char *path, struct wake_log **ret_log, struct wake_error *err)
{
	struct wake_log *log = calloc(1, sizeof(*log));
	int ret = WAKE_OK;

	if (!log)
		return wake_fail_nomem(err);
	log->fd = STDERR_FILENO;
	log->is_terminal = !path && isatty(STDERR_FILENO);
	if (path) {
		log->fd = -1;
		ret = wake_str_copy(path, &log->path, err);
		if (ret == WAKE_OK)
			ret = wake_str_format(&log->older, err, "%s.1", path);
		if (ret == WAKE_OK)
			ret = open_file(log, err);
	}
	if (ret < 0) {
		wake_log_free(log);
		return ret;
	}
	*ret_log = log;
	return WAKE_OK;
}

void wake_log_free(struct wake_log *log)
{
	if (!log)
		return;
	if (log->path)
		wake_scope_close(&log->fd);
	free(log->path);
	free(log->older);
	free(log);
}

/* One that cannot be renamed is emptied instead: the bound counts more than old lines. */
static void rotate(struct wake_log *log)
{
	struct wake_error ignored;

	if (rename(log->path, log->older) < 0)
		(void)unlink(log->path);
	wake_scope_close(&log->fd);
	log->fd = -1;
	(void)!open_file(log, &ignored);
}

static void write_line(struct wake_log *log, const struct wake_str *line)
{
	struct wake_error ignored;

	if (log->path && log->size + (off_t)line->len > WAKE_LOG_MAX)
		rotate(log);
	if (log->fd < 0 || wake_fs_write_all(log->fd, line->data, line->len, &ignored) < 0)
		return;
	log->size += (off_t)line->len;
}

WAKE_PRINTF(3, 0)
static void say(struct wake_log *log, bool gives_way, const char *fmt, va_list args)
{
	wake_auto_str struct wake_str text = WAKE_STR(LINE_MAX_BYTES);
	wake_auto_str struct wake_str line = WAKE_STR(8 * LINE_MAX_BYTES);
	char time[WAKE_TIME_SIZE];

	wake_str_vappendf(&text, fmt, args);
	if (log->replaces)
		wake_str_append(&line, ERASE_LINE);
	if (log->path) {
		wake_time_format(wake_clock_now(), time);
		wake_str_append(&line, time);
		wake_str_append_char(&line, ' ');
	} else {
		wake_str_append(&line, "runwake-watcher: ");
	}
	wake_text_append_shown(&line, wake_str_text(&text), text.len, false);
	log->replaces = gives_way && log->is_terminal;
	if (!log->replaces)
		wake_str_append_char(&line, '\n');
	if (!line.failed)
		write_line(log, &line);
}

void wake_log_say(struct wake_log *log, const char *fmt, ...)
{
	va_list args;

	if (!log)
		return;
	va_start(args, fmt);
	say(log, false, fmt, args);
	va_end(args);
}

void wake_log_show(struct wake_log *log, const char *fmt, ...)
{
	va_list args;

	if (!log)
		return;
	va_start(args, fmt);
	say(log, true, fmt, args);
	va_end(args);
}

bool wake_log_is_seen(const struct wake_log *log)
{
	return log && !log->path;
}

bool wake_log_is_terminal(const struct wake_log *log)
{
	return log && log->is_terminal;
}
