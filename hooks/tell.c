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
#define UNIQUE_MIN 12 /* hex digits and hyphens in a row: part of an id or a hash */

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

/* Names of files that are new each time do not make a problem a new one. */
static void make_key(const char *text, struct wake_str *key)
{
	while (*text) {
		size_t run = strspn(text, "0123456789abcdef-");

		if (run >= UNIQUE_MIN)
			wake_str_append_char(key, '#');
		else
			wake_str_append_bytes(key, text, run ? run : 1);
		text += run ? run : 1;
	}
}

static bool was_told(const char *path, const struct wake_str *key)
{
	wake_auto_free char *told = NULL;
	struct wake_error err = { 0 };
	struct stat st;
	size_t len = 0;

	if (stat(path, &st) < 0 || st.st_mtime + SILENT_SECONDS < time(NULL))
		return false;
	return wake_fs_read(path, WAKE_ERROR_TEXT_SIZE, WAKE_FS_NOFOLLOW, &told, &len, &err) == WAKE_OK &&
	       len == key->len && memcmp(told, key->data, len) == 0;
}

void wake_tell_once(const char *common_dir, const char *text)
{
	wake_auto_str struct wake_str key = WAKE_STR(WAKE_ERROR_TEXT_SIZE);
	wake_auto_free char *path = NULL;
	struct wake_error err = { 0 };
	int ret;

	make_key(text, &key);
	ret = wake_str_check(&key, &err);
	if (ret == WAKE_OK && common_dir)
		ret = wake_fs_join(common_dir, WAKE_HOOK_TOLD, &path, &err);
	if (ret == WAKE_OK && path && was_told(path, &key))
		return;
	wake_tell("runwake: %s (git is not affected; see runwake doctor)", text);
	if (ret == WAKE_OK && path && wake_fs_replace(path, key.data, key.len, 0644, WAKE_FS_PLAIN, &err) < 0)
		return; /* where even this cannot be written, it is told each time */
}
