/* SPDX-License-Identifier: MIT */
/* One line in COMMON_DIR/info/exclude. */
#include "cli/exclude.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/str.h"

#define EXCLUDE_MAX ((size_t)4 * 1024 * 1024) /* bytes; git itself reads the whole file at each command */
#define NEW_MODE 0644

struct exclude {
	char *path;	/* owned; symbolic links followed, for people keep such files elsewhere */
	char *text;	/* owned; "" if the file is missing */
	size_t len;
	mode_t mode;
};

static void exclude_release(struct exclude *exclude)
{
	free(exclude->path);
	free(exclude->text);
}

static int read_exclude(const char *common_dir, struct exclude *exclude, struct wake_error *err)
{
	wake_auto_free char *named = NULL;
	wake_auto_free char *info = NULL;
	struct stat st;
	int ret = wake_fs_join(common_dir, "info/exclude", &named, err);

	exclude->mode = NEW_MODE;
	if (ret == WAKE_OK)
		ret = wake_fs_read(named, EXCLUDE_MAX, WAKE_FS_PLAIN, &exclude->text, &exclude->len, err);
	if (ret == WAKE_OK && stat(named, &st) == 0)
		exclude->mode = st.st_mode & 07777;
	if (ret == WAKE_OK)
		return wake_fs_resolve(named, &exclude->path, err);
	if (ret != WAKE_NOTFOUND)
		return ret;
	ret = wake_fs_join(common_dir, "info", &info, err);
	if (ret == WAKE_OK && mkdir(info, 0755) < 0 && errno != EEXIST)
		ret = wake_fail_errno(err, "make '%s'", info);
	if (ret == WAKE_OK)
		ret = wake_str_copy("", &exclude->text, err);
	exclude->path = named;
	named = NULL; /* exclude's now */
	return ret;
}

static bool is_ours(const char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	return len == strlen(WAKE_EXCLUDE_LINE) && memcmp(line, WAKE_EXCLUDE_LINE, len) == 0;
}

/* Appends every line that is not ours; tells whether one was. */
static bool append_others(const struct exclude *exclude, struct wake_str *out)
{
	const char *at = exclude->text, *end = exclude->text + exclude->len;
	bool found = false;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;

		if (is_ours(at, (size_t)((newline ? newline : end) - at)))
			found = true;
		else
			wake_str_append_bytes(out, at, (size_t)(next - at));
		at = next;
	}
	return found;
}

static int replace(const struct exclude *exclude, const struct wake_str *text, struct wake_error *err)
{
	int ret = wake_str_check(text, err);

	if (ret == WAKE_OK)
		ret = wake_fs_replace(
		    exclude->path, wake_str_text(text), text->len, exclude->mode, WAKE_FS_PLAIN, err);
	return ret;
}

int wake_exclude_add(const char *common_dir, struct wake_error *err)
{
	WAKE_CLEANUP(exclude_release) struct exclude exclude = { 0 };
	wake_auto_str struct wake_str text = WAKE_STR(EXCLUDE_MAX + 256);
	int ret = read_exclude(common_dir, &exclude, err);

	if (ret < 0)
		return ret;
	if (append_others(&exclude, &text))
		return WAKE_OK;
	if (text.len > 0 && text.data[text.len - 1] != '\n')
		wake_str_append_char(&text, '\n');
	wake_str_append(&text, WAKE_EXCLUDE_LINE "\n");
	return replace(&exclude, &text, err);
}

int wake_exclude_remove(const char *common_dir, struct wake_error *err)
{
	WAKE_CLEANUP(exclude_release) struct exclude exclude = { 0 };
	wake_auto_str struct wake_str text = WAKE_STR(EXCLUDE_MAX + 256);
	int ret = read_exclude(common_dir, &exclude, err);

	if (ret < 0 || !append_others(&exclude, &text))
		return ret;
	return replace(&exclude, &text, err);
}
