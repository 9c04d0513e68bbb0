/* SPDX-License-Identifier: MIT */
/* A hook's one line to a person. */
#include "hooks/tell.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "hooks/contract.h"

#define LINE_MAX_BYTES 4096
#define SILENT_SECONDS 3600

void wake_tell(const char *fmt, ...)
{
	wake_auto_str struct wake_str raw = WAKE_STR(LINE_MAX_BYTES);
	wake_auto_str struct wake_str line = WAKE_STR(4 * LINE_MAX_BYTES);
	struct wake_error err = { 0 };
	va_list args;

	va_start(args, fmt);
	wake_str_vappendf(&raw, fmt, args);
	va_end(args);
	wake_text_append_shown(&line, wake_str_text(&raw), raw.len, false);
	wake_str_append_char(&line, '\n');
	if (wake_str_check(&line, &err) == WAKE_OK && write(STDERR_FILENO, line.data, line.len) < 0)
		return; /* nobody listens */
}

static bool was_told(const char *path, const char *text)
{
	wake_auto_free char *told = NULL;
	struct wake_error err = { 0 };
	struct stat st;
	size_t len = 0;

	if (stat(path, &st) < 0 || st.st_mtime + SILENT_SECONDS < time(NULL))
		return false;
	return wake_fs_read(path, WAKE_ERROR_TEXT_SIZE, WAKE_FS_NOFOLLOW, &told, &len, &err) == WAKE_OK &&
	       len == strlen(text) && memcmp(told, text, len) == 0;
}

void wake_tell_once(const char *common_dir, const char *text)
{
	wake_auto_free char *path = NULL;
	struct wake_error err = { 0 };

	if (common_dir && wake_fs_join(common_dir, WAKE_HOOK_TOLD, &path, &err) == WAKE_OK) {
		if (was_told(path, text))
			return;
		/* Where even this cannot be written, it is told each time. */
		if (wake_fs_replace(path, text, strlen(text), 0644, WAKE_FS_PLAIN, &err) < 0)
			err.code = WAKE_OK;
	}
	wake_tell("runwake: %s (git is not affected; see runwake doctor)", text);
}
