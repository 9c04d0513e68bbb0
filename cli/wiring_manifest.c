/* SPDX-License-Identifier: MIT */
/* Remembering where our hooks are. */
#include "cli/wiring_manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/wiring.h"

#define NAME "runwake/installed"
#define TITLE "runwake-installed 1\n"
#define MANIFEST_MAX (1024 * 1024) /* bytes */

static const char hex[] = "0123456789ABCDEF";

static void append_path(struct wake_str *out, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c > ' ' && c < 0x7f && c != '%')
			wake_str_append_char(out, *path);
		else
			wake_str_appendf(out, "%%%02X", c);
	}
}

/* Undoes append_path, in place. */
static bool decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		const char *high, *low;

		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		high = text[1] ? strchr(hex, text[1]) : NULL;
		low = high && text[2] ? strchr(hex, text[2]) : NULL;
		if (!low || (high == hex && low == hex)) /* a NUL is in no path */
			return false;
		*to++ = (char)((high - hex) * 16 + (low - hex));
		text += 2;
	}
	*to = '\0';
	return true;
}

bool wake_manifest_has(const struct wake_manifest *manifest, const char *directory)
{
	for (size_t i = 0; i < manifest->count; i++) {
		if (strcmp(manifest->rows[i].directory, directory) == 0)
			return true;
	}
	return false;
}

int wake_manifest_add(
    struct wake_manifest *manifest, const char *directory, bool made, struct wake_error *err)
{
	struct wake_manifest_row *rows;
	int ret;

	for (size_t i = 0; i < manifest->count; i++) {
		if (strcmp(manifest->rows[i].directory, directory) != 0)
			continue;
		manifest->rows[i].made |= made;
		return WAKE_OK;
	}
	rows = realloc(manifest->rows, (manifest->count + 1) * sizeof(*rows));
	if (!rows)
		return wake_fail_nomem(err);
	manifest->rows = rows;
	rows[manifest->count] = (struct wake_manifest_row){ .made = made };
	ret = wake_str_copy(directory, &rows[manifest->count].directory, err);
	manifest->count += ret == WAKE_OK;
	return ret;
}

static int read_row(
    struct wake_manifest *manifest, const char *common_dir, char *path, bool made, struct wake_error *err)
{
	wake_auto_free char *directory = NULL;
	int ret;

	if (!decode(path) || !path[0])
		return wake_fail(err, WAKE_CORRUPT, "'%s/" NAME "' is damaged: install again", common_dir);
	ret = wake_fs_join(common_dir, path, &directory, err);
	return ret < 0 ? ret : wake_manifest_add(manifest, directory, made, err);
}

static int read_lines(
    struct wake_manifest *manifest, const char *common_dir, char *text, struct wake_error *err)
{
	char *rest = text, *line;
	int ret = WAKE_OK;

	while (ret == WAKE_OK && (line = strsep(&rest, "\n"))) {
		if (strncmp(line, "directory ", 10) == 0)
			ret = read_row(manifest, common_dir, line + 10, false, err);
		else if (strncmp(line, "made ", 5) == 0)
			ret = read_row(manifest, common_dir, line + 5, true, err);
	}
	return ret;
}

static int read_text(const char *common_dir, char **ret_text, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	size_t len = 0;
	int ret = wake_fs_join(common_dir, NAME, &path, err);

	return ret < 0 ? ret : wake_fs_read(path, MANIFEST_MAX, WAKE_FS_NOFOLLOW, ret_text, &len, err);
}

int wake_manifest_read(const char *common_dir, struct wake_manifest *ret_manifest, struct wake_error *err)
{
	wake_auto_manifest struct wake_manifest manifest = { 0 };
	wake_auto_free char *text = NULL;
	int ret = read_text(common_dir, &text, err);

	if (ret == WAKE_OK)
		ret = read_lines(&manifest, common_dir, text, err);
	if (ret == WAKE_NOTFOUND)
		ret = WAKE_OK;
	if (ret == WAKE_OK) {
		*ret_manifest = manifest;
		manifest = (struct wake_manifest){ 0 }; /* the caller's now */
	}
	return ret;
}

static int append_hooks(struct wake_str *out, const char *directory, struct wake_error *err)
{
	for (size_t i = 0; i < WAKE_WIRING_HOOKS; i++) {
		wake_auto_slot struct wake_slot slot = { 0 };
		int ret = wake_slot_look(directory, wake_wiring_names[i], &slot, err);

		if (ret < 0)
			return ret;
		if (wake_slot_is_ours(&slot))
			wake_str_appendf(out, "hook %s %s%s\n", slot.name,
			    slot.state == WAKE_SLOT_LINK ? "link" : "shim",
			    slot.has_chained ? " chained" : "");
	}
	return WAKE_OK;
}

static int append_rows(struct wake_str *out, const char *common_dir, const struct wake_manifest *manifest,
    struct wake_error *err)
{
	size_t len = strlen(common_dir);
	int ret = WAKE_OK;

	wake_str_append(out, TITLE);
	for (size_t i = 0; ret == WAKE_OK && i < manifest->count; i++) {
		const struct wake_manifest_row *row = &manifest->rows[i];
		bool inside = strncmp(row->directory, common_dir, len) == 0 && row->directory[len] == '/';

		wake_str_append(out, row->made ? "made " : "directory ");
		append_path(out, inside ? row->directory + len + 1 : row->directory);
		wake_str_append_char(out, '\n');
		ret = append_hooks(out, row->directory, err);
	}
	return ret < 0 ? ret : wake_str_check(out, err);
}

int wake_manifest_write(const char *common_dir, const struct wake_manifest *manifest, struct wake_error *err)
{
	wake_auto_str struct wake_str text = WAKE_STR(MANIFEST_MAX);
	wake_auto_free char *path = NULL;
	wake_auto_free char *old = NULL;
	struct wake_error ignored = { 0 };
	int ret = append_rows(&text, common_dir, manifest, err);

	if (ret == WAKE_OK)
		ret = wake_fs_join(common_dir, NAME, &path, err);
	if (ret < 0)
		return ret;
	if (read_text(common_dir, &old, &ignored) == WAKE_OK && strcmp(old, text.data) == 0)
		return WAKE_OK;
	return wake_fs_replace(path, text.data, text.len, 0644, WAKE_FS_PLAIN, err);
}

int wake_manifest_remove(const char *common_dir, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	int ret = wake_fs_join(common_dir, NAME, &path, err);

	if (ret == WAKE_OK && unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
		ret = wake_fail_errno(err, "remove '%s'", path);
	return ret;
}

void wake_manifest_release(struct wake_manifest *manifest)
{
	for (size_t i = 0; i < manifest->count; i++)
		free(manifest->rows[i].directory);
	free(manifest->rows);
	*manifest = (struct wake_manifest){ 0 };
}
